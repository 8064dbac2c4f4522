//! Bodies as they are kept: compressed, and sealed under the person's key where they carry
//! personal data. First byte: 0 compressed, 1 compressed and sealed, 2 nothing left (erased).

use super::cache::PersonKey;
use super::{bind, open, seal};
use crate::error::{Result, StoreError};
use crate::gate::Reader;
use crate::limits::BODY_BYTES;
use domain::ids::Scope;
use lz4_flex::block::{compress_prepend_size, decompress_size_prepended};

const PLAIN: u8 = 0;
const SEALED: u8 = 1;
pub(super) const ERASED: u8 = 2;

/// Which column a body belongs to; part of what it is bound to.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Observation,
    Facts,
    Plan,
    Delivery,
    Inbox,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Facts => "facts",
            Self::Plan => "plan",
            Self::Delivery => "delivery",
            Self::Inbox => "inbox",
        }
    }
}

impl Reader {
    /// Packs a body for storage. The person's key must have been loaded or made before; a person
    /// who was erased keeps nothing.
    pub(crate) fn pack(
        &self,
        scope: &Scope,
        person: Option<&str>,
        purpose: Purpose,
        place: &str,
        body: &[u8],
    ) -> Result<Vec<u8>> {
        if body.len() > BODY_BYTES {
            return Err(StoreError::Refused(format!(
                "the {} of {place} has {} bytes; at most {BODY_BYTES} are kept",
                purpose.word(),
                body.len()
            )));
        }
        let packed = compress_prepend_size(body);
        let Some(person) = person else {
            return Ok(marked(PLAIN, &packed));
        };
        match self.person_key(scope, person) {
            Some(PersonKey::Key(key)) => {
                let aad = bind(&[scope.organisation.as_str(), scope.connection.as_str()], place);
                let aad = [purpose.word().as_bytes(), b":", &aad].concat();
                Ok(marked(SEALED, &seal(&key, &packed, &aad)?))
            }
            Some(PersonKey::Destroyed) => Ok(vec![ERASED]),
            None => Err(StoreError::inconsistent("pack", "person", "the key was not loaded")),
        }
    }

    /// The reverse of [`Reader::pack`]; `None` when the person was erased.
    pub(crate) fn unpack(
        &self,
        scope: &Scope,
        person: Option<&str>,
        purpose: Purpose,
        place: &str,
        bytes: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        let broken = |why: &str| StoreError::inconsistent("unpack", purpose.word(), why);
        let packed = match bytes.split_first() {
            Some((&ERASED, _)) => return Ok(None),
            Some((&PLAIN, packed)) => return inflate(packed).map(Some).map_err(broken),
            Some((&SEALED, sealed)) => sealed,
            _ => return Err(broken("has an unknown format")),
        };
        let person = person.ok_or_else(|| broken("is sealed but names no person"))?;
        match self.person_key(scope, person) {
            Some(PersonKey::Key(key)) => {
                let aad = bind(&[scope.organisation.as_str(), scope.connection.as_str()], place);
                let aad = [purpose.word().as_bytes(), b":", &aad].concat();
                let clear = open(&key, packed, &aad)
                    .ok_or_else(|| broken("does not open: it was altered or moved"))?;
                inflate(&clear).map(Some).map_err(broken)
            }
            Some(PersonKey::Destroyed) | None => Ok(None),
        }
    }
}

fn marked(mark: u8, bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(bytes.len() + 1);
    all.push(mark);
    all.extend_from_slice(bytes);
    all
}

fn inflate(packed: &[u8]) -> std::result::Result<Vec<u8>, &'static str> {
    let size = packed.first_chunk::<4>().map(|b| u32::from_le_bytes(*b) as usize);
    if size.is_none_or(|size| size > BODY_BYTES) {
        return Err("claims an impossible size");
    }
    decompress_size_prepended(packed).map_err(|_| "cannot be decompressed")
}
