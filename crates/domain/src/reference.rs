//! `reference_id`: our unique key of a ShipBob order, made from the sales order alone so that it
//! can be made again after a crash, a restore or a new installation.
//!
//! `{company}-{order}-{lowest line sequence of the group}-{k}`, k = 1, 2, …; a negative sequence
//! (never seen, but its field is signed) is written with `~` for its sign.
//!
//! A shipment order request is one ShipBob order: `{company}-{request id}-r-{k}`.

use crate::ids::{Company, ReferenceId, RequestId, SalesOrderNumber};
use crate::request;

/// ShipBob takes 1 to 300 characters.
pub const MAX_CHARS: usize = 300;

/// The parts of one of our references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Legal entity, lower case.
    pub company: Company,
    /// The subject: a sales order, or a request.
    pub order: SalesOrderNumber,
    /// Lowest line sequence of the group; 0 for a request, which is a group of its own.
    pub sequence: i32,
    /// Counts the orders made for the group.
    pub k: u32,
}

/// Makes a reference. Characters that would break a comma list or a URL are written as `~xx`.
pub fn make(company: &Company, order: &SalesOrderNumber, sequence: i32, k: u32) -> ReferenceId {
    let mut text = company.as_str().to_lowercase();
    text.push('-');
    let request = request::id_of(order.as_str());
    for c in request.unwrap_or(order.as_str()).chars() {
        if c.is_alphanumeric() || "-_./'".contains(c) {
            text.push(c);
        } else {
            for byte in c.to_string().bytes() {
                text.push_str(&format!("~{byte:02x}"));
            }
        }
    }
    if request.is_some() {
        text.push_str(&format!("-r-{k}"));
        return ReferenceId::new(text);
    }
    let sign = if sequence < 0 { "~" } else { "" };
    text.push_str(&format!("-{sign}{}-{k}", sequence.unsigned_abs()));
    ReferenceId::new(text)
}

/// Reads a reference back; none when it is not one of ours for this company.
pub fn parse(company: &Company, reference: &ReferenceId) -> Option<Parts> {
    let text = reference.as_str();
    let prefix = format!("{}-", company.as_str().to_lowercase());
    let rest = text.strip_prefix(&prefix)?;
    let (rest, k) = rest.rsplit_once('-')?;
    let (order, sequence) = rest.rsplit_once('-')?;
    let k: u32 = k.parse().ok().filter(|k| *k > 0)?;
    let (order, sequence) = match sequence {
        "r" => (request::subject(&RequestId::new(decode(order)?)), 0),
        number => (decode(order)?, signed(number)?),
    };
    let order = SalesOrderNumber::new(order);
    let parts = Parts { company: company.clone(), order, sequence, k };
    // Only the form we would make ourselves is ours: "+1" or "01" would be somebody else's.
    (make(company, &parts.order, sequence, k) == *reference).then_some(parts)
}

fn signed(text: &str) -> Option<i32> {
    match text.strip_prefix('~') {
        Some(negative) => format!("-{negative}").parse().ok(),
        None => text.parse().ok(),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(b) = rest.next() {
        if b == b'~' {
            let pair = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).ok().filter(|s| !s.is_empty())
}
