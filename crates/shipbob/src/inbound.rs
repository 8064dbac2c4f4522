//! Returns and receiving orders, a page at a time. Returns are read in all channels: goods of every channel come back to the
//! same shelf. Of a return neither the customer's name nor photographs nor instructions are read.

mod wire;

use crate::client::ShipBob;
use crate::interpret::{self, Entries};
use crate::query::Url;
use crate::reply::CallError;
use crate::send::{Channel, Turn};
use crate::wire::Scalar;
use domain::ids::{CentreId, ShipmentId};
use domain::inbound::{Receiving, ReceivingLine, Return, ReturnLine, Taken};
use domain::operation::Lane;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use transport::{Method, Response};
use wire::{Place, WireLine, WireQuantity, WireReceiving, WireReturn};

/// Entries asked for per page. The most the vendor takes is not documented.
const PAGE: &str = "100";
/// Ids in one request.
pub const INBOUND_IDS: usize = 100;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// Made in that time.
    Created(Timestamp, Timestamp),
    /// Done in that time.
    Completed(Timestamp, Timestamp),
    /// These, at most [`INBOUND_IDS`].
    Ids(&'a [i64]),
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundPage<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// Entries that could not be: without an id, or of another shape.
    pub unreadable: u32,
    /// There is another page.
    pub more: bool,
}

impl ShipBob {
    /// A page (from 1) of returns.
    ///
    /// # Errors
    /// What ShipBob answered instead.
    pub async fn returns(
        &self,
        which: Inbound<'_>,
        page: u32,
    ) -> Result<InboundPage<Return>, CallError> {
        // Oldest first: what is made while we page comes behind.
        let url = self
            .url("return")
            .with("Limit", PAGE)
            .with("SortOrder", "Asc")
            .with("Cursor", &page.to_string());
        let names = ["StartDate", "EndDate", "Ids"];
        let url = asked(url, which, names);
        let request = self.request(Method::Get, url, Channel::None, "returns");
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        read(&reply, returned, |entries| {
            let next = entries.next.as_deref().is_some_and(|next| !next.trim().is_empty());
            next && !entries.items.is_empty()
        })
    }

    /// A page (from 1) of receiving orders.
    ///
    /// # Errors
    /// What ShipBob answered instead.
    pub async fn receiving(
        &self,
        which: Inbound<'_>,
        page: u32,
    ) -> Result<InboundPage<Receiving>, CallError> {
        let url = self.url("receiving").with("Limit", PAGE).with("Page", &page.to_string());
        let url = asked(url, which, ["InsertStartDate", "InsertEndDate", "IDs"]);
        let request = self.request(Method::Get, url, Channel::None, "receiving");
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        read(&reply, received, |entries| more(&reply, page, entries.items.len()))
    }
}

fn asked(url: Url, which: Inbound<'_>, [from_name, to_name, ids_name]: [&str; 3]) -> Url {
    let at = Timestamp::to_rfc3339_seconds;
    match which {
        Inbound::Created(from, to) => url.with(from_name, &at(from)).with(to_name, &at(to)),
        Inbound::Completed(from, to) => {
            url.with("CompletedStartDate", &at(from)).with("CompletedEndDate", &at(to))
        }
        Inbound::Ids(ids) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            url.with(ids_name, &ids.join(","))
        }
    }
}

fn read<W: DeserializeOwned, T>(
    reply: &Response,
    convert: impl Fn(W) -> Option<T>,
    more: impl Fn(&Entries<'_>) -> bool,
) -> Result<InboundPage<T>, CallError> {
    let entries = interpret::entries(reply)?;
    let (items, unreadable) = interpret::each(&entries.items, convert);
    Ok(InboundPage { items, unreadable, more: more(&entries) })
}

/// Without paging headers only an empty page ends the list: how long a page may be is not documented.
fn more(reply: &Response, page: u32, entries: usize) -> bool {
    let told = ["total-pages", "next-page"].iter().any(|name| reply.header(name).is_some());
    if told { interpret::more(reply, page, entries) } else { entries > 0 }
}

fn stamp(text: Scalar) -> Option<Timestamp> {
    Timestamp::parse(&text.text()?)
}

fn trimmed(text: Scalar) -> String {
    text.or_empty().trim().to_owned()
}

fn centre(wire: Option<Place>) -> (Option<CentreId>, String) {
    let wire = wire.unwrap_or_default();
    (wire.id.whole().filter(|id| *id > 0).map(CentreId), trimmed(wire.name))
}

fn returned(wire: WireReturn) -> Option<Return> {
    let (centre, centre_name) = centre(wire.fulfillment_center);
    Some(Return {
        id: wire.id.whole().filter(|id| *id > 0)?,
        reference: trimmed(wire.reference_id),
        status: wire.status.or_empty().split_whitespace().collect(),
        kind: wire.return_type.or_empty().split_whitespace().collect(),
        channel: trimmed(wire.channel.unwrap_or_default().name),
        centre,
        centre_name,
        shipment: wire.original_shipment_id.whole().filter(|id| *id > 0).map(ShipmentId),
        shipment_tracking: trimmed(wire.shipment_tracking_number),
        tracking: trimmed(wire.tracking_number),
        created: stamp(wire.insert_date).unwrap_or(Timestamp(0)),
        arrived: stamp(wire.arrived_date),
        completed: stamp(wire.completed_date),
        cancelled: stamp(wire.cancelled_date),
        lines: wire.inventory.unwrap_or_default().into_iter().map(return_line).collect(),
    })
}

fn return_line(wire: WireLine) -> ReturnLine {
    let taken = wire.action_taken.unwrap_or_default().into_iter().map(|one| Taken {
        action: trimmed(one.action),
        pieces: one.quantity_processed.whole().unwrap_or(0),
        reason: trimmed(one.action_reason),
    });
    ReturnLine {
        inventory: wire.id.whole().unwrap_or(0),
        sku: trimmed(wire.sku),
        announced: wire.quantity.whole().unwrap_or(0),
        asked: wire.action_requested.map(|asked| trimmed(asked.action)).unwrap_or_default(),
        taken: taken.collect(),
    }
}

fn received(wire: WireReceiving) -> Option<Receiving> {
    let (centre, centre_name) = centre(wire.fulfillment_center);
    let history = wire.status_history.unwrap_or_default();
    let done = history.into_iter().filter(|one| one.status.clone().or_empty() == "Completed");
    Some(Receiving {
        id: wire.id.whole().filter(|id| *id > 0)?,
        purchase_order: trimmed(wire.purchase_order_number),
        status: wire.status.or_empty().split_whitespace().collect(),
        centre,
        centre_name,
        created: stamp(wire.insert_date).unwrap_or(Timestamp(0)),
        expected: stamp(wire.expected_arrival_date),
        completed: done.filter_map(|one| stamp(one.timestamp)).max(),
        lines: wire
            .inventory_quantities
            .unwrap_or_default()
            .into_iter()
            .map(received_line)
            .collect(),
    })
}

fn received_line(wire: WireQuantity) -> ReceivingLine {
    ReceivingLine {
        inventory: wire.inventory_id.whole().unwrap_or(0),
        sku: trimmed(wire.sku),
        expected: wire.expected_quantity.whole().unwrap_or(0),
        received: wire.received_quantity.whole().unwrap_or(0),
        stowed: wire.stowed_quantity.whole().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_is_read_without_its_person_and_whichever_way_its_status_is_written() {
        let body = r#"{"id":"77","status":"Awaiting Arrival","return_type":"ReturnToSender","customer_name":"Jane Doe",
            "original_shipment_id":null,"shipment_tracking_number":"1Z9","channel":null,
            "fulfillment_center":{"id":1,"name":"Cicero (IL)"},"insert_date":"2026-11-23T10:00:00.1234567+00:00",
            "inventory":[{"id":9,"sku":"A","quantity":2,"action_requested":{"action":"Restock","instructions":"call Jane"},
              "action_taken":[{"action":"Dispose","quantity_processed":1,"action_reason":"Damaged","image_url":"https://x"}]},
              {"sku":null,"action_taken":null}]}"#;
        let one = returned(serde_json::from_str(body).expect("JSON")).expect("a return");
        assert_eq!((one.id, one.status.as_str(), one.shipment), (77, "AwaitingArrival", None));
        assert_eq!(one.tie().as_deref(), Some("tracking 1z9"));
        assert_eq!(one.lines[0].pieces("Dispose"), 1);
        assert_eq!(one.lines[0].restocked(), 0, "asked is not done");
        assert!(!format!("{one:?}").contains("Jane"), "nobody's name is kept");
        assert_eq!(
            returned(serde_json::from_str(r#"{"status":"Completed"}"#).expect("JSON")),
            None
        );
    }

    #[test]
    fn only_what_is_stowed_is_stock_and_the_day_it_was_done_is_in_its_history() {
        let body = r#"{"id":5,"status":"Completed","insert_date":"2026-11-20T10:00:00Z",
            "inventory_quantities":[{"inventory_id":1,"sku":"A","expected_quantity":5,"received_quantity":5,"stowed_quantity":4}],
            "status_history":[{"id":1,"status":"Awaiting","timestamp":"2026-11-20T10:00:00Z"},
              {"id":3,"status":"Completed","timestamp":"2026-11-22T10:00:00Z"}]}"#;
        let one = received(serde_json::from_str(body).expect("JSON")).expect("a receiving order");
        assert_eq!((one.lines[0].stowed, one.is_open()), (4, false));
        assert_eq!(one.completed, Timestamp::parse("2026-11-22T10:00:00Z"));
    }
}
