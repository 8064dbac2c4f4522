//! What a webhook points at. No per-topic schema is published, so any of the shapes seen in the
//! field is taken: an order (it has `shipments`), a shipment (it has `order_id`), either of them in
//! a `data` wrapper, or several in an array.

use super::BODY_LIMIT;
use domain::ids::{ChannelId, ReferenceId, ShipBobOrderId, ShipmentId};
use serde_json::{Map, Value};

/// Most hints taken from one webhook.
const LIMIT: usize = 1_000;

/// One record to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The order to read.
    pub order: ShipBobOrderId,
    /// The shipment it is about; `None` when it is about the whole order.
    pub shipment: Option<ShipmentId>,
    /// Our key, where the body holds the order's.
    pub reference: Option<ReferenceId>,
    /// Its channel, where the body says so; other channels' events arrive too.
    pub channel: Option<ChannelId>,
}

/// Reads the ids out of a verified body. Topics that are not about orders give no hints; a body of
/// an order topic without ids is an error in words.
pub fn hints(topic: &str, body: &[u8]) -> Result<Vec<Hint>, String> {
    if body.len() > BODY_LIMIT {
        return Err("the body is larger than 1 MiB".to_owned());
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|e| format!("the body is not JSON (line {}, column {})", e.line(), e.column()))?;
    let mut found = Vec::new();
    collect(&value, &mut found, 0);
    if found.is_empty() && (topic.is_empty() || topic.starts_with("order")) {
        return Err("the body holds neither an order id nor a shipment's order id".to_owned());
    }
    Ok(found)
}

fn collect(value: &Value, found: &mut Vec<Hint>, depth: u8) {
    if depth > 3 || found.len() >= LIMIT {
        return;
    }
    match value {
        Value::Array(values) => {
            for value in values {
                collect(value, found, depth + 1);
            }
        }
        Value::Object(map) => match hint(map) {
            Some(hint) => {
                if !found.contains(&hint) {
                    found.push(hint);
                }
            }
            None => {
                if let Some(inner) = map.get("data") {
                    collect(inner, found, depth + 1);
                }
            }
        },
        _ => {}
    }
}

fn hint(map: &Map<String, Value>) -> Option<Hint> {
    let channel = map.get("channel").and_then(|c| number(c.get("id"))).map(ChannelId);
    if map.contains_key("shipments") {
        let order = ShipBobOrderId(number(map.get("id"))?);
        let reference = map
            .get("reference_id")
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(ReferenceId::from);
        return Some(Hint { order, shipment: None, reference, channel });
    }
    let order = ShipBobOrderId(number(map.get("order_id"))?);
    let shipment = number(map.get("id")).map(ShipmentId);
    // A shipment's own reference is not known to be the order's, so it is not taken for it.
    Some(Hint { order, shipment, reference: None, channel })
}

/// A positive id, as a number or as text.
fn number(value: Option<&Value>) -> Option<i64> {
    let id = match value? {
        Value::Number(n) => n.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    id.filter(|id| *id > 0)
}
