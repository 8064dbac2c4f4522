//! What the answers of an examination mean: metadata as told, and how a call ended.

use crate::batch::Batch;
use crate::interpret::{self, Failure};
use crate::reply::CallError;
use crate::token::code_in;
use crate::wire::{self, Row};
use domain::doctor::{Access, Entity, Property, TokenAnswer};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use transport::Response;

/// One public entity as told.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    #[serde(rename = "IsReadOnly")]
    pub(super) read_only: Value,
    #[serde(rename = "Properties")]
    pub(super) properties: Vec<ToldProperty>,
    #[serde(rename = "Actions")]
    pub(super) actions: Vec<Named>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ToldProperty {
    #[serde(rename = "Name")]
    pub(super) name: String,
    #[serde(rename = "TypeName")]
    pub(super) type_name: Value,
    #[serde(rename = "DataType")]
    pub(super) data_type: Value,
    #[serde(rename = "AllowEdit")]
    pub(super) edit: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    #[serde(rename = "Name")]
    pub(super) name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ToldEnum {
    #[serde(rename = "Members")]
    pub(super) members: Vec<Named>,
}

/// Some text of the answer is this name.
pub(super) fn names_it(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text == name,
        Value::Array(items) => items.iter().any(|item| names_it(item, name)),
        Value::Object(members) => members.values().any(|item| names_it(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn entity(told: Told) -> Entity {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let property = |p: ToldProperty| {
        let kind = format!("{}|{}", word(&p.type_name), word(&p.data_type));
        (p.name, Property { kind, edit: crate::metadata::flag(&p.edit) })
    };
    Entity {
        read_only: crate::metadata::flag(&told.read_only),
        properties: told.properties.into_iter().map(property).collect(),
        actions: told.actions.into_iter().map(|a| a.name).filter(|n| !n.is_empty()).collect(),
    }
}

pub(super) fn token_answer(answer: Result<(), CallError>) -> TokenAnswer {
    match answer {
        Ok(()) => TokenAnswer::Granted,
        Err(CallError::NoAccess { why, .. }) => TokenAnswer::Denied { code: code_in(&why), why },
        Err(CallError::Throttled { .. }) => TokenAnswer::Throttled,
        Err(other) => TokenAnswer::Away { why: other.to_string() },
    }
}

pub(super) fn access(reply: &Response) -> Access {
    let status = reply.status;
    match status {
        200 => Access::Good,
        401 | 403 => Access::Denied { status },
        400 | 404 => Access::Absent { status },
        429 => Access::Throttled,
        _ if reply.is_json() => Access::Failed { status },
        _ => Access::Away { why: format!("{status} without JSON") },
    }
}

pub(super) fn failed(failure: Failure, now: Timestamp) -> Access {
    match failure {
        // A batch that is refused as a whole: unless a success in an odd shape.
        Failure::Reply(reply) if reply.status != 200 => access(&reply),
        other => match interpret::read_failure(other, now) {
            CallError::GateClosed { .. } => Access::OwnLimit,
            CallError::Throttled { .. } => Access::Throttled,
            CallError::NoAccess { status, .. } => Access::Denied { status },
            error => Access::Away { why: error.to_string() },
        },
    }
}

/// The answer to one read of a batch, and its body when it is good.
pub(super) fn part(batch: &Batch, n: usize) -> (Access, Option<&[u8]>) {
    match batch.parts.get(n) {
        Some(crate::batch::Part::Single(inner)) => match access(&inner.to_response()) {
            Access::Good => (Access::Good, Some(&inner.body)),
            other => (other, None),
        },
        _ => (Access::Away { why: "the reply was cut".to_owned() }, None),
    }
}

/// All rows of a page that can be read; none when it is no page.
pub(super) fn rows<T: Row>(body: &[u8]) -> Option<Vec<T>> {
    let page = wire::page::<T>(body).ok()?;
    Some(page.rows.into_iter().filter_map(Result::ok).collect())
}

pub(super) fn texts<T: Row, U: Ord>(body: Option<&[u8]>, one: fn(T) -> U) -> Option<BTreeSet<U>> {
    body.and_then(rows).map(|all: Vec<T>| all.into_iter().map(one).collect())
}
