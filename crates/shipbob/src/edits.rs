//! Changes of shipments that are not picked yet.

use crate::client::ShipBob;
use crate::edited::{Form, edited};
use crate::interpret;
use crate::reply::{CallError, EditReply, Failure};
use crate::send::{Channel, Turn};
use crate::wire;
use domain::edit::{Change, EditItem, ShipmentEdit};
use domain::ids::ShipmentId;
use domain::operation::Lane;
use domain::time::Span;
use domain::warehouse::Recipient;
use serde::Serialize;
use std::collections::BTreeMap;
use transport::{Method, Request};

/// A change of quantities is two requests within the time the caller allows for one call.
const HALF: Span = Span::seconds(15);

impl ShipBob {
    /// Makes one change of one shipment. One try: read the shipment before any other.
    pub async fn edit_shipment(&self, edit: &ShipmentEdit) -> EditReply {
        match &edit.change {
            Change::Address(recipient) => self.update_address(edit.shipment, recipient).await,
            Change::Method { service, .. } => self.update_method(edit.shipment, *service).await,
            Change::Lines { items, .. } => self.update_lines(edit.shipment, items).await,
        }
    }

    async fn update_address(&self, shipment: ShipmentId, to: &Recipient) -> EditReply {
        let body = wire::NewShipmentAddress {
            recipient_name: &to.name,
            company_name: &to.company,
            street_address1: &to.address1,
            street_address2: &to.address2,
            city: &to.city,
            state: &to.state,
            zip_code: &to.zip,
            country_code: &to.country,
            email: &to.email,
            phone_number: &to.phone,
        };
        let path = format!("shipment/{shipment}:updateAddress");
        let request = self.edit_request(Method::Put, &path, "update-address", &body);
        edited(shipment, Form::One, Some(to), self.exchange(request).await)
    }

    async fn update_method(&self, shipment: ShipmentId, service: i64) -> EditReply {
        let body = wire::NewService {
            shipment_ids: &[shipment],
            requested_shipping_service_id: service,
            reason: "Changed in Dynamics",
        };
        let path = "shipment:bulkUpdateShippingService";
        let request = self.edit_request(Method::Put, path, "update-method", &body);
        edited(shipment, Form::Many, None, self.exchange(request).await)
    }

    /// Only quantities of what the shipment holds are changed; a shipment that holds anything else
    /// than `items` says, or a lot somebody chose, is refused here.
    async fn update_lines(&self, shipment: ShipmentId, items: &[EditItem]) -> EditReply {
        let url = self.url(&format!("shipment/{shipment}:getLineItems"));
        let request = self.request(Method::Get, url, Channel::None, "line-items").deadline(HALF);
        let held = match self.ask(&mut Turn::new(Lane::Cancel), request).await {
            Ok(reply) => interpret::entries(&reply).map(|entries| {
                let all = entries.items.len();
                let (held, bad) = interpret::each(&entries.items, held);
                (held, bad == 0 && all > 0)
            }),
            Err(error) => Err(error),
        };
        let held = match held {
            Ok((held, true)) => held,
            Ok((_, false)) => return refusal("its items cannot be read"),
            Err(error) => return unread(error),
        };
        match compare(items, &held) {
            Held::Wanted => return EditReply::Done,
            Held::Otherwise(why) => return refusal(why),
            Held::Changeable => {}
        }
        if let Err(until) = self.inner.limiter.may_send(Lane::Cancel) {
            return EditReply::GateClosed { until };
        }
        let item = |i: &EditItem| wire::NewLineItem {
            inventory_id: i.inventory_id,
            quantity: i.quantity,
            is_manually_assigned_lot: false,
        };
        let body = wire::NewLineItems { items: items.iter().map(item).collect() };
        let path = format!("shipment/{shipment}:updateLineItems");
        let request = self.edit_request(Method::Post, &path, "update-lines", &body).deadline(HALF);
        edited(shipment, Form::One, None, self.exchange(request).await)
    }

    fn edit_request(
        &self,
        method: Method,
        path: &str,
        label: &'static str,
        body: &impl Serialize,
    ) -> Request {
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.request(method, self.url(path), Channel::None, label).body("application/json", body)
    }
}

fn refusal(why: &str) -> EditReply {
    EditReply::Refused { why: format!("not sent: {why}") }
}

/// The read before the write has no answer: nothing happened.
fn unread(error: CallError) -> EditReply {
    match error {
        CallError::NoAccess { status, why } => EditReply::Failed(Failure::NoAccess { status, why }),
        CallError::Throttled { after } => EditReply::Failed(Failure::Throttled { after }),
        CallError::GateClosed { until } => EditReply::GateClosed { until },
        CallError::Crashed => EditReply::Failed(Failure::Crashed),
        error @ CallError::Refused { .. } => EditReply::Refused { why: error.to_string() },
        error @ (CallError::Unavailable { .. } | CallError::Malformed { .. }) => {
            EditReply::Failed(Failure::Later { why: error.to_string() })
        }
    }
}

/// One item as ShipBob holds it.
struct HeldItem {
    inventory_id: i64,
    quantity: i64,
    sku: Option<String>,
    lot_chosen: bool,
}

fn held(wire: wire::LineItem) -> Option<HeldItem> {
    let lot = wire.lot.selection_method.text();
    Some(HeldItem {
        inventory_id: wire.inventory_id.whole()?,
        quantity: wire.quantity.whole()?,
        sku: wire.product_variant.sku.text().filter(|s| !s.is_empty()),
        lot_chosen: lot.is_some_and(|m| m != "ShipbobChooses"),
    })
}

enum Held {
    Wanted,
    Changeable,
    Otherwise(&'static str),
}

fn compare(items: &[EditItem], held: &[HeldItem]) -> Held {
    let wanted: BTreeMap<i64, &EditItem> = items.iter().map(|i| (i.inventory_id, i)).collect();
    let mut seen: BTreeMap<i64, i64> = BTreeMap::new();
    for item in held {
        let Some(want) = wanted.get(&item.inventory_id) else {
            return Held::Otherwise("the shipment holds an item we do not know");
        };
        if item.sku.as_ref().is_some_and(|sku| !sku.eq_ignore_ascii_case(&want.sku)) {
            return Held::Otherwise("the shipment holds another product");
        }
        if item.lot_chosen {
            return Held::Otherwise("somebody chose the lot of an item");
        }
        if seen.insert(item.inventory_id, item.quantity).is_some() {
            return Held::Otherwise("the shipment holds an item twice");
        }
    }
    if seen.len() != wanted.len() {
        return Held::Otherwise("the shipment does not hold all items");
    }
    let same = wanted.iter().all(|(id, want)| seen.get(id) == Some(&want.quantity));
    if same { Held::Wanted } else { Held::Changeable }
}
