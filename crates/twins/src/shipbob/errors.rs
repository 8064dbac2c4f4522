//! The error bodies of ShipBob, one shape per family of endpoints.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::exchange::TwinResponse;

/// Field → messages, as orders, shipments, channels and methods answer.
pub(super) type Faults = BTreeMap<String, Vec<String>>;

pub(super) fn map(status: u16, field: &str, message: &str) -> TwinResponse {
    TwinResponse::json(status, &json!({ field: [message] }))
}

pub(super) fn fields(status: u16, faults: &Faults) -> TwinResponse {
    TwinResponse::json(status, &json!(faults))
}

/// RFC 7807, as products answer 404.
pub(super) fn problem(status: u16, title: &str, detail: &str) -> TwinResponse {
    let body = json!({
        "type": "https://tools.ietf.org/html/rfc9110",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": Value::Null,
    });
    let mut reply = TwinResponse::json(status, &body);
    reply.headers = vec![("content-type", "application/problem+json".to_owned())];
    reply
}

/// `{code, message}`, as the edits of a shipment answer.
pub(super) fn coded(status: u16, code: &str, message: &str) -> TwinResponse {
    TwinResponse::json(status, &json!({"code": code, "message": message}))
}

/// A serialised ASP.NET result, as webhooks answer.
pub(super) fn aspnet(status: u16, kind: &str, message: &str) -> TwinResponse {
    let body = json!({
        "$type": format!("Microsoft.AspNetCore.Http.HttpResults.{kind}`1[[System.String]]"),
        "status_code": status,
        "value": message,
    });
    TwinResponse::json(status, &body)
}

/// What a missing permission looks like: 403 without a body.
pub(super) fn forbidden() -> TwinResponse {
    TwinResponse::empty(403)
}

/// The permanent 500 of orders.
pub(super) fn database() -> TwinResponse {
    map(500, "", "An unexpected database error occurred. Please try again later")
}

/// Part of the vendor's API this twin does not have.
pub(super) fn not_simulated(what: &str) -> TwinResponse {
    TwinResponse::text(501, &format!("this twin does not simulate {what}"))
}
