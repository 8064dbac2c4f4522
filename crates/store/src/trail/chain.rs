//! What is hashed, and in which form. Every part is length-prefixed or tagged, so that no two
//! different entries give the same bytes. A change here needs a new chain version.

use super::TrailEntry;
use domain::ids::Scope;
use sha2::{Digest as _, Sha256};

pub(super) const HASH_BYTES: usize = 32;
pub(super) const SALT_BYTES: usize = 16;
pub(super) const GENESIS: [u8; HASH_BYTES] = [0; HASH_BYTES];
const VERSION: &[u8] = b"ml-connector trail 1";

/// Binds the contents an erasure may remove.
pub(super) fn commitment(salt: &[u8], entry: &TrailEntry) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(VERSION);
    part(&mut hasher, salt);
    for text in [&entry.before, &entry.after, &entry.why] {
        optional(&mut hasher, text.as_deref());
    }
    hasher.finalize().to_vec()
}

/// Binds everything else, the contents through their commitment, and the entry before.
pub(super) fn hash(
    scope: &Scope,
    seq: i64,
    entry: &TrailEntry,
    commitment: &[u8],
    prev: &[u8],
) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(VERSION);
    part(&mut hasher, scope.organisation.as_str().as_bytes());
    part(&mut hasher, scope.connection.as_str().as_bytes());
    for number in [seq, entry.at.0, entry.settings_version] {
        hasher.update(number.to_be_bytes());
    }
    part(&mut hasher, entry.who.as_bytes());
    part(&mut hasher, entry.what.as_bytes());
    optional(&mut hasher, entry.subject.as_deref());
    optional(&mut hasher, entry.request_id.as_deref());
    part(&mut hasher, commitment);
    part(&mut hasher, prev);
    hasher.finalize().to_vec()
}

fn part(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn optional(hasher: &mut Sha256, text: Option<&str>) {
    match text {
        Some(text) => {
            hasher.update([1]);
            part(hasher, text.as_bytes());
        }
        None => hasher.update([0]),
    }
}
