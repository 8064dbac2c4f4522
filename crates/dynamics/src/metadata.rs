//! What the environment says it lets us write (`/metadata/PublicEntities`): the answers to what
//! the documentation leaves open. An answer that is missing stays `None`; nothing is assumed.

use crate::client::{Dynamics, Turn};
use crate::interpret;
use crate::odata::{Literal, row_name};
use crate::reply::CallError;
use domain::reference_data::Capabilities;
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Public entity names to try, because the name of an entity is not always published with its set.
const HEADER: &[&str] = &["SalesOrderHeaderV2"];
const LINE: &[&str] = &["SalesOrderLine"];
const NOTE: &[&str] =
    &["SalesOrderHeaderDocumentAttachmentV2", "SalesOrderHeaderDocumentAttachmentsV2"];
const TRACKING: &[&str] =
    &["PackingSlipTrackingInformation", "SalesPackingSlipTrackingInformation"];

const UPDATE: &[&str] = &["OutboundShipmentOrderUpdate", "OutboundShipmentOrderUpdates"];

/// One public entity, as far as rights go.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entity {
    #[serde(rename = "IsReadOnly")]
    read_only: Value,
    #[serde(rename = "Properties")]
    properties: Vec<Property>,
    #[serde(rename = "Actions")]
    actions: Option<Vec<Action>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Action {
    #[serde(rename = "Name")]
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Property {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "AllowEdit")]
    edit: Value,
}

impl Entity {
    fn writable(&self) -> Option<bool> {
        flag(&self.read_only).map(|read_only| !read_only)
    }

    fn editable(&self, name: &str) -> Option<bool> {
        if self.writable() == Some(false) {
            return Some(false);
        }
        let property = self.properties.iter().find(|property| property.name == name)?;
        flag(&property.edit)
    }
}

/// Booleans are written in several ways.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" => Some(true),
            "no" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

impl Dynamics {
    pub(crate) async fn capabilities(
        &self,
        turn: &mut Turn,
        now: Timestamp,
    ) -> Result<Capabilities, CallError> {
        let header = self.entity(turn, now, HEADER).await?.unwrap_or_default();
        let line = self.entity(turn, now, LINE).await?.unwrap_or_default();
        let note = self.entity(turn, now, NOTE).await?.unwrap_or_default();
        let tracking = self.entity(turn, now, TRACKING).await?.unwrap_or_default();
        Ok(Capabilities {
            tracking_insert: tracking.writable(),
            deliver_now_edit: line.editable("SalesDeliverNow"),
            pool_edit: header.editable("SalesOrderPoolId"),
            carrier_edit: header.editable("ShippingCarrierId"),
            note_write: note.editable("Notes"),
            update_complete: None,
        })
    }

    /// Whether shipment order updates are committed by the action `Complete`; none when the
    /// environment does not say.
    pub async fn update_complete(&self, now: Timestamp) -> Result<Option<bool>, CallError> {
        let mut turn = self.turn();
        let update = self.entity(&mut turn, now, UPDATE).await?;
        Ok(update.and_then(|u| u.actions).map(|all| all.iter().any(|a| a.name == "Complete")))
    }

    /// The first entity of these names that exists; none when the environment does not say.
    async fn entity(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        names: &[&str],
    ) -> Result<Option<Entity>, CallError> {
        for name in names {
            let url = format!(
                "{}/metadata/PublicEntities{}",
                self.config.base,
                row_name(&Literal::text(name))
            );
            let reply = self
                .get(turn, now, "dynamics.metadata", url)
                .await
                .map_err(|failure| interpret::read_failure(failure, now))?;
            match reply.status {
                // A cut body is asked for again: it must not count as "does not say".
                200 => match serde_json::from_slice::<serde_json::Value>(&reply.body) {
                    Ok(value) => return Ok(serde_json::from_value(value).ok()),
                    // A page of HTML says nothing about the entity, now or later.
                    Err(_) if !reply.is_json() => return Ok(None),
                    Err(error) => {
                        let why = format!("metadata of {name} cannot be read: {error}");
                        return Err(CallError::Malformed { why });
                    }
                },
                400 | 403 | 404 => {}
                _ => return Err(interpret::read_error(&reply, now)),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
