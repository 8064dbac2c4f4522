//! Tier 3: one custom call that posts what left, described by configuration – an entity action or a custom service
//! of the customer, a body made from a fixed list of fields, a test of success, and a look-up that tells whether the
//! effect is there already. No scripts: a template can only name fields.

mod available;
mod charge;
mod returned;
mod template;

pub use available::{
    AVAILABLE_FIELDS, AVAILABLE_LINE_FIELDS, AVAILABLE_SUBJECT, Available, AvailableLine,
    MOST_ROWS, TellAvailable,
};
pub use charge::{CHARGE_FIELDS, ChargeCall};
pub use returned::{RETURN_FIELDS, RETURN_LINE_FIELDS, ReturnFields};
pub use template::{CallFields, CallLine, FIELDS, LINE_FIELDS};

use crate::ids::{SalesOrderNumber, ShipmentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallKind {
    /// `/api/services/{Group}/{Service}/{Operation}`.
    Service,
    /// `/data/{Set}/Microsoft.Dynamics.DataEntities.{Action}`, an action of an entity set.
    Action,
}

/// The only method F&O takes either by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CallMethod {
    /// `POST`.
    #[default]
    #[serde(rename = "POST")]
    Post,
}

/// When an answer means that it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Success {
    /// HTTP statuses.
    pub status: BTreeSet<u16>,
    /// JSON pointer (RFC 6901) into the answer; none = the status alone decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The value it must lead to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<serde_json::Value>,
}

/// The read that tells whether the effect is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookUp {
    /// Entity set.
    pub set: String,
    /// OData filter; fields stand in it as `'{field}'`.
    pub filter: String,
    /// Member of a row that must have a value; none = any row is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// That value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<serde_json::Value>,
}

/// The call as a person described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomCall {
    /// What is called.
    pub kind: CallKind,
    /// Path below the F&O host.
    pub path: String,
    /// How.
    #[serde(default)]
    pub method: CallMethod,
    /// JSON text of the body; fields stand in it as `"{field}"`.
    pub body: String,
    /// The test of success.
    pub success: Success,
    /// The look-up.
    pub look_up: LookUp,
    /// The call itself refuses a second one for the same shipment: then even a process that was frozen while it
    /// called cannot do harm.
    #[serde(default)]
    pub refuses_duplicates: bool,
    /// Name of the entity in `/metadata/PublicEntities`, for actions; the doctor asks there whether it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
}

/// A call as it goes out, every field of its description filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyCall {
    /// What is called.
    pub kind: CallKind,
    /// Path below the F&O host.
    pub path: String,
    /// JSON text.
    pub body: String,
    /// The test of success.
    pub success: Success,
}

/// One call, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentCall {
    /// The order.
    pub order: SalesOrderNumber,
    /// The shipment whose goods it tells.
    pub shipment: ShipmentId,
    /// What is called.
    pub kind: CallKind,
    /// Path below the F&O host.
    pub path: String,
    /// JSON text.
    pub body: String,
    /// The test of success.
    pub success: Success,
    /// The look-up, its filter filled in.
    pub look_up: LookUp,
    /// See [`CustomCall::refuses_duplicates`].
    pub refuses_duplicates: bool,
    /// The return it records, when it is one of a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<i64>,
}

const NAMESPACE: &str = "Microsoft.Dynamics.DataEntities.";

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Only below the F&O host, and only where the two kinds of calls live: the token goes with it.
fn check_path(kind: CallKind, path: &str) -> Result<(), String> {
    match kind {
        CallKind::Service => {
            let rest = path.strip_prefix("/api/services/");
            let parts: Vec<&str> = rest.map(|r| r.split('/').collect()).unwrap_or_default();
            if parts.len() == 3 && parts.iter().all(|p| is_name(p)) {
                return Ok(());
            }
            Err("must be /api/services/GROUP/SERVICE/OPERATION".to_owned())
        }
        CallKind::Action => {
            let rest = path.strip_prefix("/data/");
            let parts = rest.and_then(|r| r.split_once('/'));
            let action =
                parts.and_then(|(set, call)| is_name(set).then_some(call)?.strip_prefix(NAMESPACE));
            if action.is_some_and(is_name) {
                return Ok(());
            }
            Err(format!("must be /data/SET/{NAMESPACE}ACTION"))
        }
    }
}

impl CustomCall {
    /// What is wrong with the description; empty when it can be used.
    pub fn problems(&self) -> Vec<String> {
        let found = self.problems_in(&template::SHIPPED);
        found.into_iter().map(|why| format!("custom_call.{why}")).collect()
    }

    /// What is wrong with it as the record of a return.
    pub fn record_problems(&self) -> Vec<String> {
        self.problems_in(&returned::RETURNED)
    }

    fn problems_in(&self, words: &template::Vocabulary) -> Vec<String> {
        let mut found = Vec::new();
        let mut wrong = |place: &str, why: String| {
            found.push(format!("{place} {why}"));
        };
        if let Err(why) = check_path(self.kind, &self.path) {
            wrong("path", why);
        }
        for why in template::body_problems(&self.body, words) {
            wrong("body", why);
        }
        found.extend(self.success.problems());
        let mut wrong = |place: &str, why: String| {
            found.push(format!("{place} {why}"));
        };
        if !is_name(&self.look_up.set) {
            wrong("look_up.set", "must be the name of an entity set".to_owned());
        }
        for why in template::filter_problems(&self.look_up.filter, words) {
            wrong("look_up.filter", why);
        }
        match (&self.look_up.field, &self.look_up.equals) {
            (Some(field), Some(_)) if !is_name(field) => {
                wrong("look_up.field", "must be the name of a member".to_owned());
            }
            (Some(_), Some(_)) | (None, None) => {}
            _ => wrong("look_up", "needs field and equals together, or neither".to_owned()),
        }
        if self.entity.as_deref().is_some_and(|e| !is_name(e)) {
            wrong("entity", "must be the name of a public entity".to_owned());
        }
        found
    }

    /// The body names the tracking number: the call waits until there is one.
    pub fn needs_tracking(&self) -> bool {
        template::names(&self.body).any(|name| name == "tracking")
    }

    /// The call for one shipment. None where the template cannot be filled, which [`Self::problems`] would have said.
    pub fn fill(&self, fields: &CallFields, lines: &[CallLine]) -> Option<ShipmentCall> {
        let values = template::Shipped { fields, lines };
        self.filled(&fields.order, fields.shipment, None, &values)
    }

    /// The call that records one return. None as of [`Self::fill`].
    pub fn record(&self, fields: &ReturnFields<'_>) -> Option<ShipmentCall> {
        self.filled(&fields.order, fields.shipment, Some(fields.of.id), fields)
    }

    fn filled(
        &self,
        order: &SalesOrderNumber,
        shipment: ShipmentId,
        returned: Option<i64>,
        values: &dyn template::Values,
    ) -> Option<ShipmentCall> {
        Some(ShipmentCall {
            order: order.clone(),
            shipment,
            kind: self.kind,
            path: self.path.clone(),
            body: template::body(&self.body, values)?,
            success: self.success.clone(),
            look_up: LookUp {
                filter: template::filter(&self.look_up.filter, values)?,
                ..self.look_up.clone()
            },
            refuses_duplicates: self.refuses_duplicates,
            returned,
        })
    }
}

impl Success {
    /// What is wrong with the test.
    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.status.is_empty() || self.status.iter().any(|s| !(200..300).contains(s)) {
            found.push("success.status must hold one or more of 200 to 299".to_owned());
        }
        match (&self.pointer, &self.equals) {
            (Some(pointer), Some(_)) if !pointer.starts_with('/') => {
                found.push("success.pointer must begin with a slash (a JSON pointer)".to_owned())
            }
            (Some(_), Some(_)) | (None, None) => {}
            _ => found.push("success needs pointer and equals together, or neither".to_owned()),
        }
        found
    }

    /// The answer says that it was done.
    pub fn says_done(&self, status: u16, body: Option<&serde_json::Value>) -> bool {
        if !self.status.contains(&status) {
            return false;
        }
        match (&self.pointer, &self.equals) {
            (Some(pointer), Some(wanted)) => {
                body.and_then(|b| b.pointer(pointer)).is_some_and(|value| value == wanted)
            }
            _ => true,
        }
    }
}

impl LookUp {
    /// The filter with its values. None where it cannot be filled, which [`CustomCall::problems`] would have said.
    pub fn filled(&self, fields: &CallFields) -> Option<String> {
        template::filter(&self.filter, &template::Shipped { fields, lines: &[] })
    }

    /// A row that tells that the effect is there.
    pub fn tells(&self, row: &serde_json::Value) -> bool {
        match (&self.field, &self.equals) {
            (Some(field), Some(wanted)) => row.get(field).is_some_and(|value| value == wanted),
            _ => row.is_object(),
        }
    }
}

#[cfg(test)]
mod tests;
