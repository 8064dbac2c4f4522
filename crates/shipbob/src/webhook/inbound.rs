//! Webhooks of returns and receiving orders: a hint which one to look at.

use domain::inbound::Kind;
use serde_json::Value;

/// Topics of returns, all in the vendor's contract of 2026-01.
pub const RETURN_TOPICS: [&str; 3] = ["return.created", "return.updated", "return.completed"];

/// Topics of receiving orders; `POST 2026-01/webhook` may refuse them.
pub const RECEIVING_TOPICS: [&str; 3] = ["wro.created", "wro.updated", "wro.completed"];

/// What a webhook of such a topic names; none for other topics. An id that cannot be read is 0: something came in.
pub fn inbound(topic: &str, body: &[u8]) -> Option<(Kind, i64)> {
    let kind = match topic.split_once('.')?.0 {
        "return" => Kind::Return,
        "wro" => Kind::Receiving,
        _ => return None,
    };
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let inner = value.get("data").filter(|data| data.is_object()).unwrap_or(&value);
    // A box of a receiving order names it besides its own id.
    let id = inner.get("wro_id").or_else(|| inner.get("id"));
    let id = match id {
        Some(Value::Number(n)) => n.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    Some((kind, id.filter(|id| *id > 0).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_says_what_it_is_and_the_body_which() {
        assert_eq!(inbound("return.updated", br#"{"id":7}"#), Some((Kind::Return, 7)));
        assert_eq!(inbound("wro.created", br#"{"data":{"id":"8"}}"#), Some((Kind::Receiving, 8)));
        assert_eq!(inbound("return.completed", b"<html>"), Some((Kind::Return, 0)));
        assert_eq!(inbound("order.shipped", br#"{"id":7}"#), None);
    }
}
