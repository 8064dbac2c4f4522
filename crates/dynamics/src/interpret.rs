//! From replies to what they mean. Pure: the same reply always means the same.
//!
//! The rule for writes: only a known success is done; only a known refusal, from a reply that is
//! complete, proves that nothing happened; everything else is in doubt.

use crate::batch::{Batch, Inner, Part};
use crate::infolog::{self, Kind};
use crate::reply::{CallError, WriteReply};
use domain::time::Timestamp;
use transport::{Response, TransportError, gate::server_wait};

/// Why there is no batch reply to look into.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing was sent to F&O.
    Before(CallError),
    /// No reply.
    Transport(TransportError),
    /// A reply, but not a batch.
    Reply(Response),
}

/// A write inside a change set, as its reply is judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// 201 with the row, or 204.
    Insert,
    /// 204, or 200 with the row.
    Patch,
    /// 204, or 200 with whatever it returns.
    Action,
}

/// What "the record already exists" means for a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnExists {
    /// The key contains the whole effect.
    AlreadyDone,
    /// The key says nothing about the content: read it and plan again.
    ReadAgain,
}

const ROLE: &str = "check that the application is registered in F&O (Microsoft Entra applications) \
    and that its user's roles may read and write sales orders";

/// A reply that is not the success a read hoped for.
pub(crate) fn read_error(reply: &Response, now: Timestamp) -> CallError {
    let status = reply.status;
    let error = if is_html(reply) { None } else { infolog::read(&reply.body) };
    match status {
        401 => CallError::NoAccess {
            status,
            why: format!(
                "F&O did not accept the token: check the environment URL and tenant; {ROLE}"
            ),
        },
        403 => CallError::NoAccess { status, why: format!("F&O denies access: {ROLE}") },
        429 => CallError::Throttled { after: server_wait(reply, now) },
        408 | 500.. => CallError::Unavailable { why: said(status, error.map(|e| e.words)) },
        200..=299 => {
            CallError::Malformed { why: format!("status {status} in a form that is not known") }
        }
        _ => CallError::Refused { status, why: said(status, error.map(|e| e.words)) },
    }
}

fn said(status: u16, words: Option<String>) -> String {
    match words.filter(|w| !w.is_empty()) {
        Some(words) => words,
        None => format!("status {status} without a reason"),
    }
}

fn is_html(reply: &Response) -> bool {
    reply.header("content-type").is_some_and(|t| t.to_ascii_lowercase().contains("html"))
}

/// The reply to one read inside a batch, as the JSON it should be.
pub(crate) fn read_part(part: Option<&Part>, now: Timestamp) -> Result<&Inner, CallError> {
    let why = match part {
        Some(Part::Single(inner)) if inner.status == 200 => return Ok(inner),
        Some(Part::Single(inner)) => return Err(read_error(&inner.to_response(), now)),
        Some(Part::ChangeSet(..) | Part::Unknown) => "a part of the reply has an unknown form",
        None => "the reply was cut: a part is missing",
    };
    Err(CallError::Unavailable { why: why.to_owned() })
}

/// No batch reply: what it means for reads.
pub(crate) fn read_failure(failure: Failure, now: Timestamp) -> CallError {
    match failure {
        Failure::Before(error) => error,
        Failure::Reply(reply) => read_error(&reply, now),
        Failure::Transport(TransportError::NotSent { why } | TransportError::Lost { why }) => {
            CallError::Unavailable { why }
        }
        Failure::Transport(TransportError::TooLarge { limit }) => CallError::Malformed {
            why: format!("the reply is larger than {limit} bytes: ask for less at once"),
        },
        Failure::Transport(TransportError::Crashed) => CallError::Crashed,
    }
}

/// No batch reply: what it means for every write of the batch.
pub(crate) fn write_failure(failure: Failure, now: Timestamp) -> WriteReply {
    let reply = match failure {
        Failure::Before(error) => return before(error, now),
        Failure::Transport(TransportError::NotSent { why }) => return WriteReply::Later { why },
        Failure::Transport(TransportError::Lost { why }) => return WriteReply::InDoubt { why },
        Failure::Transport(TransportError::TooLarge { limit }) => {
            return doubt(&format!("the reply is larger than {limit} bytes"));
        }
        Failure::Transport(TransportError::Crashed) => return WriteReply::Crashed,
        Failure::Reply(reply) => reply,
    };
    let status = reply.status;
    match read_error(&reply, now) {
        CallError::NoAccess { status, why } => WriteReply::NoAccess { status, why },
        CallError::Throttled { after } => WriteReply::Throttled { after },
        // Only F&O itself can refuse; a page in HTML is from something in between.
        CallError::Refused { why, .. }
            if infolog::read(&reply.body).is_some() && !is_html(&reply) =>
        {
            WriteReply::Refused { why }
        }
        _ => doubt(&format!("status {status} instead of a batch reply")),
    }
}

fn before(error: CallError, now: Timestamp) -> WriteReply {
    match error {
        CallError::NoAccess { status, why } => WriteReply::NoAccess { status, why },
        CallError::Throttled { after } => WriteReply::Throttled { after },
        CallError::GateClosed { until } => WriteReply::Throttled { after: Some(until.since(now)) },
        CallError::Crashed => WriteReply::Crashed,
        CallError::Unavailable { why }
        | CallError::Malformed { why }
        | CallError::Refused { why, .. } => WriteReply::Later { why: format!("no token: {why}") },
    }
}

fn doubt(why: &str) -> WriteReply {
    WriteReply::InDoubt { why: why.to_owned() }
}

/// One reply per change set of a batch, in order.
pub(crate) fn write_parts(
    batch: &Batch,
    wanted: &[(Vec<Expect>, OnExists)],
    now: Timestamp,
) -> Vec<WriteReply> {
    let aligned = batch.parts.len() <= wanted.len()
        && (!batch.complete || batch.parts.len() == wanted.len() || stopped_early(batch));
    wanted
        .iter()
        .enumerate()
        .map(|(n, (expected, on_exists))| match batch.parts.get(n) {
            Some(part) if aligned => change_set(part, expected, *on_exists, now),
            Some(_) => doubt("the reply has another number of parts than the request"),
            None if batch.complete => doubt("F&O did not answer this part of the batch"),
            None => doubt("the reply was cut before this part"),
        })
        .collect()
}

/// A server may stop at the first failed part; then the parts before it still stand in order.
fn stopped_early(batch: &Batch) -> bool {
    matches!(batch.parts.last(), Some(Part::Single(inner)) if inner.status >= 400)
}

fn change_set(part: &Part, expected: &[Expect], on_exists: OnExists, now: Timestamp) -> WriteReply {
    match part {
        Part::Unknown => doubt("a part of the reply has an unknown form"),
        Part::Single(inner) => failed(inner, on_exists, now),
        Part::ChangeSet(_, false) => doubt("the reply was cut inside a change set"),
        Part::ChangeSet(replies, true) => {
            // A change set is one transaction: one failure stands for all.
            if let Some(bad) = replies.iter().find(|r| !(200..300).contains(&r.status)) {
                return failed(bad, on_exists, now);
            }
            if replies.len() != expected.len() {
                return doubt("the change set has another number of replies than writes");
            }
            if replies.iter().zip(expected).all(|(reply, expect)| known_success(reply, *expect)) {
                WriteReply::Done
            } else {
                doubt("a success in a shape that is not known")
            }
        }
    }
}

fn known_success(reply: &Inner, expect: Expect) -> bool {
    let is_row = || {
        serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok_and(|row| row.is_object())
    };
    match (expect, reply.status) {
        (Expect::Insert | Expect::Patch, 204) => reply.body.trim_ascii().is_empty(),
        (Expect::Action, 200 | 204) => true,
        (Expect::Insert, 201) | (Expect::Patch, 200) => is_row(),
        _ => false,
    }
}

/// A change set that F&O did not carry out, or a reply that cannot be understood.
fn failed(inner: &Inner, on_exists: OnExists, now: Timestamp) -> WriteReply {
    let reply = inner.to_response();
    let status = reply.status;
    let error = if is_html(&reply) { None } else { infolog::read(&reply.body) };
    match status {
        401 | 403 | 429 => match read_error(&reply, now) {
            CallError::Throttled { after } => return WriteReply::Throttled { after },
            CallError::NoAccess { status, why } => return WriteReply::NoAccess { status, why },
            _ => {}
        },
        412 => {
            return WriteReply::Stale { why: "the record changed since it was read".to_owned() };
        }
        _ => {}
    }
    match error {
        Some(error) => refused(status, error.kind, error.words, on_exists),
        // A missing row is told without a body as well.
        None if status == 404 && !is_html(&reply) => {
            WriteReply::Stale { why: "the record is not there any more".to_owned() }
        }
        None if (400..408).contains(&status) && !is_html(&reply) => {
            WriteReply::Refused { why: said(status, None) }
        }
        None => doubt(&format!("status {status} without a reason we know")),
    }
}

fn refused(status: u16, kind: Kind, words: String, on_exists: OnExists) -> WriteReply {
    match (kind, on_exists) {
        (Kind::Exists, OnExists::AlreadyDone) => WriteReply::AlreadyDone,
        (Kind::Exists, OnExists::ReadAgain) | (Kind::Conflict, _) => {
            WriteReply::Stale { why: words }
        }
        (Kind::Locked, _) => WriteReply::Locked { why: words },
        (Kind::NoRoute, _) => WriteReply::Refused {
            why: format!("this F&O environment does not have the entity set: {words}"),
        },
        (Kind::Data | Kind::Bare, _) if status == 404 => WriteReply::Stale { why: words },
        (Kind::Data, _) => WriteReply::Refused { why: words },
        (Kind::Bare, _) if (400..408).contains(&status) => {
            WriteReply::Refused { why: said(status, Some(words)) }
        }
        (Kind::Bare, _) => WriteReply::InDoubt { why: said(status, Some(words)) },
    }
}

#[cfg(test)]
mod tests;
