//! What the reply to a change of a shipment means: a pure function.

use crate::interpret::{arrived, no_access, parse, said, wait};
use crate::reply::{EditReply, Failure};
use crate::wire;
use crate::words;
use domain::ids::ShipmentId;
use domain::warehouse::Recipient;
use transport::Response;
use transport::gate::Outcome;

/// How the reply is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One result.
    One,
    /// A list of results.
    Many,
}

/// Codes that are said before anything is changed.
const NOTHING_HAPPENED: [&str; 4] =
    ["INVALID_PARAMETER", "VALIDATION_ERROR", "NOT_FOUND", "CONFLICT"];

/// What is known after a change of a shipment. The words may repeat what was sent about `person`.
pub(crate) fn edited(
    shipment: ShipmentId,
    form: Form,
    person: Option<&Recipient>,
    outcome: Outcome,
) -> EditReply {
    let safe = |text: String| match person {
        Some(person) => words::without(&text, person),
        None => text,
    };
    let reply = match arrived(outcome) {
        Ok(reply) => reply,
        Err(failure) => return EditReply::Failed(failure),
    };
    match reply.status {
        200..300 => match result(shipment, form, &reply) {
            Ok(Ok(())) => EditReply::Done,
            Ok(Err(error)) => refused(reply.status, &error, safe),
            Err(why) => {
                EditReply::Failed(Failure::InDoubt { why: format!("{}: {why}", reply.status) })
            }
        },
        401 | 403 => EditReply::Failed(Failure::NoAccess {
            status: reply.status,
            why: safe(no_access(&reply)),
        }),
        429 => EditReply::Failed(Failure::Throttled { after: wait(&reply) }),
        408 | 425 => EditReply::Failed(Failure::InDoubt { why: safe(said(&reply)) }),
        400..500 => match parse::<wire::EditError>(&reply.body) {
            Ok(error) => refused(reply.status, &error, safe),
            Err(_) => EditReply::Unsure { why: safe(said(&reply)) },
        },
        _ => EditReply::Failed(Failure::InDoubt { why: safe(said(&reply)) }),
    }
}

/// Success, or the error given with it; `Err` for what is no known shape or another record.
fn result(
    shipment: ShipmentId,
    form: Form,
    reply: &Response,
) -> Result<Result<(), wire::EditError>, String> {
    let ours = |one: &wire::Edited| one.id.whole() == Some(shipment.0);
    let one = match form {
        Form::One => Some(parse::<wire::Edited>(&reply.body)?).filter(ours),
        Form::Many => {
            let all: wire::EditedMany = parse(&reply.body)?;
            all.results.into_iter().flatten().find(ours)
        }
    };
    let one = one.ok_or("the reply does not name the shipment")?;
    match one.is_success.flag() {
        Some(true) => Ok(Ok(())),
        Some(false) => Ok(Err(one.error)),
        None => Err("the reply does not say whether it succeeded".to_owned()),
    }
}

fn refused(status: u16, error: &wire::EditError, safe: impl Fn(String) -> String) -> EditReply {
    let code = error.code.clone().or_empty();
    let text = format!("{status}: {code} {}", error.message.clone().or_empty());
    let why = words::clean(&safe(text));
    if NOTHING_HAPPENED.contains(&code.as_str()) {
        EditReply::Refused { why }
    } else {
        EditReply::Unsure { why }
    }
}
