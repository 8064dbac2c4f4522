//! Changes of shipments that ShipBob has not picked yet: one call changes one thing of one shipment.

use crate::ids::{ReferenceId, ShipBobOrderId, ShipmentId};
use crate::operation::CreateLine;
use crate::plan::Kept;
use crate::time::Timestamp;
use crate::warehouse::{Recipient, Shipment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One change of one shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentEdit {
    /// The ShipBob order it belongs to.
    pub order: ShipBobOrderId,
    /// Our key of that order.
    pub reference: ReferenceId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// With it no shipment of the order lacks the change: from then on it is what we sent.
    pub whole: bool,
    /// What it is to be.
    pub change: Change,
}

/// What a shipment is to be. Absolute: making it twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// `PUT shipment/{id}:updateAddress`.
    Address(Recipient),
    /// `POST shipment/{id}:updateLineItems`: the full list.
    Lines {
        /// Everything the shipment is to hold.
        items: Vec<EditItem>,
        /// The same as lines of the order.
        lines: Vec<CreateLine>,
    },
    /// `PUT shipment:bulkUpdateShippingService`.
    Method {
        /// Name as ShipBob lists it.
        method: String,
        /// The id that stands for it in this call.
        service: i64,
    },
}

/// One physical item of a full list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditItem {
    /// ShipBob's id of it.
    pub inventory_id: i64,
    /// Our SKU; the call is not made when ShipBob names another one.
    pub sku: String,
    /// Eaches, at least 1.
    pub quantity: i64,
}

impl Change {
    /// Stable word for keys.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Lines { .. } => "lines",
            Self::Method { .. } => "method",
        }
    }
}

impl ShipmentEdit {
    /// The shipment, as read, is what this change makes of it.
    pub fn shows(&self, shipment: &Shipment) -> bool {
        match &self.change {
            Change::Address(wanted) => {
                shipment.recipient.as_ref().is_some_and(|shown| shown.alike(wanted))
            }
            Change::Method { method, .. } => shipment.method == *method,
            Change::Lines { items, .. } => {
                let held = shipment.products.iter().flat_map(|p| &p.items);
                let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
                for item in held {
                    let sum = sums.entry(item.inventory_id).or_default();
                    *sum = sum.saturating_add(item.quantity);
                }
                sums.len() == items.len()
                    && items.iter().all(|i| sums.get(&i.inventory_id) == Some(&i.quantity))
            }
        }
    }
}

/// What we made of a shipment since its order was created.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Edited {
    /// Recipient sent last, where we changed it.
    pub recipient: Option<Recipient>,
    /// Method sent last, where we changed it.
    pub method: Option<String>,
    /// Quantities were changed: what the order carries is what we sent, not what it was created with.
    pub lines: bool,
    /// How often each thing was changed, by [`Change::word`]: a change back is a new write.
    pub times: BTreeMap<String, u32>,
    /// The last time.
    pub at: Timestamp,
}

impl Kept {
    /// A change took effect: what we sent follows, so that our own write is nobody's edit.
    pub fn edited(&mut self, edit: &ShipmentEdit, at: Timestamp) {
        let known = self.edited.entry(edit.shipment.0).or_default();
        let times = known.times.entry(edit.change.word().to_owned()).or_default();
        *times = times.saturating_add(1);
        known.at = known.at.max(at);
        match &edit.change {
            Change::Address(recipient) => known.recipient = Some(recipient.clone()),
            Change::Method { method, .. } => known.method = Some(method.clone()),
            Change::Lines { .. } => known.lines = true,
        }
        let sent = self.sent.get_mut(edit.reference.as_str()).filter(|_| edit.whole);
        if let Some(sent) = sent {
            match &edit.change {
                Change::Address(recipient) => sent.recipient = recipient.clone(),
                Change::Method { method, .. } => sent.method.clone_from(method),
                Change::Lines { lines, .. } => sent.lines.clone_from(lines),
            }
        }
    }
}
