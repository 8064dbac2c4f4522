//! What a reply means: pure functions from status, headers and body to what is known.

use crate::reply::{Acknowledged, CallError, CancelReply, CreateReply, Failure};
use crate::{convert, wire, words};
use domain::ids::{ShipBobOrderId, ShipmentId};
use domain::operation::CreateOrder;
use domain::time::{Span, Timestamp};
use domain::warehouse::WarehouseOrder;
use serde::Deserialize;
use serde_json::value::RawValue;
use transport::gate::{Outcome, server_wait};
use transport::{Response, TransportError};

/// Sorts out everything that is not a 2xx reply of a read.
pub(crate) fn read(outcome: Outcome) -> Result<Response, CallError> {
    let reply = match outcome {
        Ok(reply) if reply.is_success() => return Ok(reply),
        Ok(reply) => reply,
        Err(TransportError::Crashed) => return Err(CallError::Crashed),
        Err(e @ TransportError::TooLarge { .. }) => {
            return Err(CallError::Malformed { why: e.to_string() });
        }
        Err(e) => return Err(CallError::Unavailable { why: e.to_string() }),
    };
    Err(match reply.status {
        401 | 403 => CallError::NoAccess { status: reply.status, why: no_access(&reply) },
        429 => CallError::Throttled { after: wait(&reply) },
        408 | 425 | 500.. => CallError::Unavailable { why: said(&reply) },
        status => CallError::Refused { status, why: refused(&reply) },
    })
}

pub(crate) fn wait(reply: &Response) -> Option<Span> {
    server_wait(reply, Timestamp::MIN)
}

pub(crate) fn no_access(reply: &Response) -> String {
    let advice = if reply.status == 401 {
        "the token is missing, wrong or revoked: enter a valid personal access token, or connect \
         the app again"
    } else {
        "the token lacks a permission: create a new one as the account's root user (an old token \
         does not gain newer scopes)"
    };
    format!("{advice} ({})", said(reply))
}

pub(crate) fn refused(reply: &Response) -> String {
    match reply.status {
        300..400 => format!("{}: a redirect; check the base address", reply.status),
        404 => format!("{} (check the base address and the version)", said(reply)),
        _ => said(reply),
    }
}

pub(crate) fn said(reply: &Response) -> String {
    let hint = if reply.status == 500 { " (500 may also mean a missing scope)" } else { "" };
    format!("{}: {}{hint}", reply.status, words::of_body(&reply.body))
}

/// The reply of a write, or what is known without one.
pub(crate) fn arrived(outcome: Outcome) -> Result<Response, Failure> {
    outcome.map_err(|error| match error {
        TransportError::Crashed => Failure::Crashed,
        e @ TransportError::NotSent { .. } => Failure::Later { why: e.to_string() },
        e => Failure::InDoubt { why: e.to_string() },
    })
}

/// What is known after `POST order`.
pub(crate) fn create(order: &CreateOrder, outcome: Outcome) -> CreateReply {
    let safe = |text: String| words::without(&text, &order.recipient);
    let reply = match arrived(outcome) {
        Ok(reply) => reply,
        Err(failure) => return CreateReply::Failed(failure),
    };
    match reply.status {
        200..300 => match created(order, &reply) {
            Ok(order) => CreateReply::Created(Box::new(order)),
            Err(why) => CreateReply::Failed(Failure::InDoubt { why: safe(why) }),
        },
        401 | 403 => CreateReply::Failed(Failure::NoAccess {
            status: reply.status,
            why: safe(no_access(&reply)),
        }),
        429 => CreateReply::Failed(Failure::Throttled { after: wait(&reply) }),
        409 | 422 => {
            let why = safe(said(&reply));
            CreateReply::Duplicate { sure: names_a_duplicate(&why), why }
        }
        408 | 425 => CreateReply::Failed(Failure::InDoubt { why: safe(said(&reply)) }),
        400..500 => CreateReply::Refused { status: reply.status, why: safe(refused(&reply)) },
        _ => CreateReply::Failed(Failure::InDoubt { why: safe(said(&reply)) }),
    }
}

/// The text of 2026-01 is not documented; older versions say "Cannot insert order with existing
/// ReferenceId".
pub(crate) fn names_a_duplicate(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["existing", "already", "duplicate", "unique"].iter().any(|w| words.contains(w))
}

fn created(asked: &CreateOrder, reply: &Response) -> Result<WarehouseOrder, String> {
    let order = parse::<wire::Order>(&reply.body)
        .map_err(|e| format!("{}: {e}", reply.status))
        .map(convert::order)?
        .ok_or_else(|| format!("{}: an order without an id", reply.status))?;
    if order.reference != asked.reference {
        return Err(format!(
            "{}: the reply names another reference than {}",
            reply.status, asked.reference
        ));
    }
    Ok(order)
}

/// What is known after `POST order/{id}:cancel`.
pub(crate) fn cancel(order: ShipBobOrderId, outcome: Outcome) -> CancelReply {
    let reply = match arrived(outcome) {
        Ok(reply) => reply,
        Err(failure) => return CancelReply::Failed(failure),
    };
    match reply.status {
        200..300 => cancelled(order, &reply),
        401 | 403 => {
            CancelReply::Failed(Failure::NoAccess { status: reply.status, why: no_access(&reply) })
        }
        404 => CancelReply::Gone,
        429 => CancelReply::Failed(Failure::Throttled { after: wait(&reply) }),
        409 | 422 => CancelReply::TooLate { why: said(&reply) },
        408 | 425 => CancelReply::Failed(Failure::InDoubt { why: said(&reply) }),
        400..500 => CancelReply::Refused { status: reply.status, why: said(&reply) },
        _ => CancelReply::Failed(Failure::InDoubt { why: said(&reply) }),
    }
}

fn cancelled(asked: ShipBobOrderId, reply: &Response) -> CancelReply {
    let doubt = |why: &str| {
        CancelReply::Failed(Failure::InDoubt { why: format!("{}: {why}", reply.status) })
    };
    let wire = match parse::<wire::Cancelled>(&reply.body) {
        Ok(wire) => wire,
        Err(e) => return doubt(&e),
    };
    if wire.order_id.whole().is_some_and(|id| id != asked.0) {
        return doubt("the reply names another order");
    }
    let mut done = Vec::new();
    let mut kept = Vec::new();
    for result in wire.canceled_shipment_results {
        let Some(id) = result.shipment_id.whole().map(ShipmentId) else {
            return doubt("a result without a shipment");
        };
        match result.is_success.flag() {
            Some(true) => done.push(id),
            Some(false) => kept.push((id, words::clean(&result.reason.or_empty()))),
            None => return doubt("a result that does not say whether it succeeded"),
        }
    }
    let status = wire.status.or_empty();
    match (status.as_str(), done.is_empty(), kept.is_empty()) {
        ("Success", _, true) => CancelReply::Cancelled,
        ("Failure", true, _) => {
            let reasons: Vec<String> = kept.into_iter().map(|(_, why)| why).collect();
            let why =
                if reasons.is_empty() { "no reason given".to_owned() } else { reasons.join("; ") };
            CancelReply::TooLate { why }
        }
        ("Success" | "PartialSuccess" | "Failure", false, false) => {
            CancelReply::Partly { cancelled: done, kept }
        }
        _ => doubt("the status and the results of the shipments do not agree"),
    }
}

/// One JSON value, or words about why it is none.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    // serde_json's own words name a line, a column and types, never a value of the body; except for
    // "invalid value/type: string "…"", which is why only the category is told.
    serde_json::from_slice(body).map_err(|e| match e.classify() {
        serde_json::error::Category::Eof => format!("the JSON breaks off at byte {}", e.column()),
        serde_json::error::Category::Data => {
            format!("a JSON shape that is not known (line {}, column {})", e.line(), e.column())
        }
        _ if body.first() == Some(&b'<') => words::of_body(body),
        _ if body.is_empty() => "no body".to_owned(),
        _ => "not JSON".to_owned(),
    })
}

/// Entries of a list reply, each still unread, and its `next`.
pub(crate) struct Entries<'a> {
    pub(crate) items: Vec<&'a RawValue>,
    pub(crate) next: Option<String>,
}

/// A bare array, or an object with `items` and `next`.
pub(crate) fn entries(reply: &Response) -> Result<Entries<'_>, CallError> {
    let malformed = |why: String| CallError::Malformed { why: format!("{}: {why}", reply.status) };
    let body = reply.body.trim_ascii_start();
    if body.first() == Some(&b'[') {
        let items = parse(body).map_err(malformed)?;
        return Ok(Entries { items, next: None });
    }
    let page: wire::Page<'_> = parse(body).map_err(malformed)?;
    let items = page.items.ok_or_else(|| malformed("a page without items".to_owned()))?;
    Ok(Entries { items, next: page.next.text() })
}

/// Reads entries one by one; what cannot be read is counted.
pub(crate) fn each<'a, W, T>(
    items: &[&'a RawValue],
    convert: impl Fn(W) -> Option<T>,
) -> (Vec<T>, u32)
where
    W: Deserialize<'a>,
{
    let mut good = Vec::with_capacity(items.len());
    let mut bad = 0;
    for item in items {
        match serde_json::from_str::<W>(item.get()).ok().and_then(&convert) {
            Some(one) => good.push(one),
            None => bad += 1,
        }
    }
    (good, bad)
}

/// Whether an offset-paged list has another page. The paging headers are not in the vendor's
/// contract; without them a page that is full for any plausible page size may have a successor.
pub(crate) fn more(reply: &Response, page: u32, entries: usize) -> bool {
    let number = |name: &str| reply.header(name).and_then(|v| v.trim().parse::<u64>().ok());
    if entries == 0 {
        return false;
    }
    if let Some(total) = number("total-pages") {
        return u64::from(page) < total;
    }
    if let Some(next) = reply.header("next-page") {
        return !next.trim().is_empty();
    }
    entries.is_multiple_of(50)
}

/// Results of `batchUpdateTrackingUpload`, one per shipment asked for.
pub(crate) fn acknowledged(
    asked: &[ShipmentId],
    reply: &Response,
) -> Result<Vec<Acknowledged>, CallError> {
    let malformed = |why: String| CallError::Malformed { why: format!("{}: {why}", reply.status) };
    let wire: wire::Bulk = parse(&reply.body).map_err(malformed)?;
    let results =
        wire.results.ok_or_else(|| malformed("no results for the shipments".to_owned()))?;
    let mut said: std::collections::BTreeMap<i64, Result<(), String>> = results
        .into_iter()
        .filter_map(|r| {
            let id = r.shipment_id.whole()?;
            let result = match r.is_success.flag() {
                Some(true) => Ok(()),
                _ => Err(words::clean(&format!(
                    "{} {}",
                    r.error.code.or_empty(),
                    r.error.message.or_empty()
                ))),
            };
            Some((id, result))
        })
        .collect();
    let silent = || Err("ShipBob's reply does not mention the shipment".to_owned());
    Ok(asked.iter().map(|id| (*id, said.remove(&id.0).unwrap_or_else(silent))).collect())
}
