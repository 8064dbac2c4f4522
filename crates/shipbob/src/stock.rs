//! Stock: levels per fulfilment centre and the history of their changes, a page at a time.

use crate::client::ShipBob;
use crate::interpret;
use crate::query::cursor;
use crate::reference::readable;
use crate::reply::CallError;
use crate::send::{Channel, Turn};
use crate::wire::Scalar;
use domain::ids::CentreId;
use domain::operation::Lane;
use domain::stock::{EventKind, Level, Lot, StockEvent};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use transport::Method;

/// One page of levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelPage {
    /// SKUs with their centres.
    pub levels: Vec<Level>,
    /// Where the next page is.
    pub next: Option<PageMark>,
}

/// Where a list goes on: the parameter and its value, as ShipBob wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageMark {
    /// `cursor`, in either case.
    pub name: String,
    /// Opaque.
    pub value: String,
}

/// One page of lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotPage {
    /// Lots with their centres.
    pub lots: Vec<Lot>,
    /// Where the next page is.
    pub next: Option<PageMark>,
}

/// One page of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// Changes of the shelves of this facility.
    pub events: Vec<StockEvent>,
    /// The greatest audit id of the page.
    pub last: Option<i64>,
    /// There is more.
    pub more: bool,
}

impl ShipBob {
    /// Levels per centre, one page. The caller has the permission of the gate.
    ///
    /// # Errors
    /// What ShipBob answered; an entry that cannot be read is `Malformed`: half a stock is none.
    pub async fn levels(&self, after: Option<&PageMark>) -> Result<LevelPage, CallError> {
        let url = self.url("inventory-level/locations").with("PageSize", "250");
        let url = match after {
            Some(mark) => url.with_token(&mark.name, &mark.value),
            None => url,
        };
        let request = self.request(Method::Get, url, Channel::None, "levels");
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        let entries = interpret::entries(&reply)?;
        let (items, bad) = interpret::each(&entries.items, levels_of);
        let levels = readable(items, bad, "levels")?.into_iter().flatten().collect();
        let next = entries.next.as_deref().and_then(cursor);
        let next = next.map(|(name, value)| PageMark { name, value });
        if next.is_some() && next.as_ref() == after {
            let why = "levels: the next link repeats".to_owned();
            return Err(CallError::Malformed { why });
        }
        Ok(LevelPage { levels, next })
    }

    /// Lots per centre, one page. The caller has the permission of the gate.
    ///
    /// # Errors
    /// What ShipBob answered; an entry that cannot be read is `Malformed`: no lot is dropped.
    pub async fn lots(&self, after: Option<&PageMark>) -> Result<LotPage, CallError> {
        let url = self.url("inventory-level/lots").with("PageSize", "250");
        let url = match after {
            Some(mark) => url.with_token(&mark.name, &mark.value),
            None => url,
        };
        let request = self.request(Method::Get, url, Channel::None, "lots");
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        let entries = interpret::entries(&reply)?;
        let (items, bad) = interpret::each(&entries.items, lots_of);
        let lots = readable(items, bad, "lots")?.into_iter().flatten().collect();
        let next = entries.next.as_deref().and_then(cursor);
        let next = next.map(|(name, value)| PageMark { name, value });
        if next.is_some() && next.as_ref() == after {
            let why = "lots: the next link repeats".to_owned();
            return Err(CallError::Malformed { why });
        }
        Ok(LotPage { lots, next })
    }

    /// Changes of the shelves of one facility after an audit id, oldest first.
    ///
    /// # Errors
    /// What ShipBob answered.
    pub async fn stock_history(
        &self,
        facility: CentreId,
        from: Timestamp,
        after: Option<i64>,
    ) -> Result<HistoryPage, CallError> {
        let body = NewQuery {
            facility_id: facility.0,
            start_date: from.to_rfc3339_seconds(),
            cursor: after,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let url = self.url("inventory/history:query");
        // The cursor is read from either place: nobody documents which one counts.
        let url = match after {
            Some(id) => url.with("cursor", &id.to_string()),
            None => url,
        };
        let request = self
            .request(Method::Post, url, Channel::None, "stock-history")
            .body("application/json", body);
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        let malformed = |why: String| CallError::Malformed { why: format!("history: {why}") };
        let page: Page<'_> = interpret::parse(&reply.body).map_err(malformed)?;
        let data = page.data.ok_or_else(|| malformed("a page without data".to_owned()))?;
        let (read, bad) = interpret::each(&data, |event: Event| {
            Some((event.id.whole()?, sides(&event, facility)?))
        });
        let read = readable(read, bad, "inventory events")?;
        let last = read.iter().map(|(id, _)| *id).max();
        let more = page.next.text().is_some_and(|next| !next.trim().is_empty());
        let more = more && last.is_some() && last != after;
        let events = read.into_iter().filter_map(|(_, event)| event).collect();
        Ok(HistoryPage { events, last, more })
    }
}

fn levels_of(item: Item) -> Option<Vec<Level>> {
    let (inventory_id, sku) = (item.inventory_id.whole()?, item.sku.or_empty());
    let name = item.name.or_empty();
    let level = |one: Place| {
        Some(Level {
            inventory_id,
            sku: sku.clone(),
            name: name.clone(),
            centre: CentreId(one.location_id.whole()?),
            on_hand: one.on_hand_quantity.whole()?,
            committed: one.committed_quantity.whole().unwrap_or(0),
            fulfillable: one.fulfillable_quantity.whole().unwrap_or(0),
            awaiting: one.awaiting_quantity.whole().unwrap_or(0),
            transfer: one.internal_transfer_quantity.whole().unwrap_or(0),
        })
    };
    // Without a SKU nothing in F&O can be meant.
    if sku.is_empty() {
        return Some(Vec::new());
    }
    item.locations.into_iter().map(level).collect()
}

/// Lots by centre. What is in no lot, or in one without a number and a date, is no lot.
fn lots_of(item: LotItem) -> Option<Vec<Lot>> {
    let sku = item.sku.or_empty();
    let mut all = Vec::new();
    for lot in item.lots {
        let (number, date) = (lot.lot_number.or_empty(), lot.lot_date.or_empty());
        if sku.is_empty() || (number.is_empty() && date.is_empty()) {
            continue;
        }
        for place in lot.locations {
            all.push(Lot {
                sku: sku.clone(),
                centre: CentreId(place.location_id.whole()?),
                number: number.clone(),
                date: date.clone(),
                on_hand: place.on_hand_quantity.whole()?,
                committed: place.committed_quantity.whole().unwrap_or(0),
                fulfillable: place.fulfillable_quantity.whole().unwrap_or(0),
            });
        }
    }
    Some(all)
}

/// What the event did to the shelves of one facility. `Some(None)`: nothing.
fn sides(event: &Event, facility: CentreId) -> Option<Option<StockEvent>> {
    let at = Timestamp::parse(&event.event_datetime.clone().text()?)?;
    let id = event.id.whole()?;
    let of = |side: &Side| match side.facility_id.whole() {
        Some(here) if here == facility.0 => side.quantity_change.whole(),
        _ => Some(0),
    };
    let down = event.decrement.as_ref().map_or(Some(0), of)?;
    let up = event.increment.as_ref().map_or(Some(0), of)?;
    // The sign is documented, and checked all the same: a decrement never adds.
    let pieces = up.saturating_abs().saturating_sub(down.saturating_abs());
    let sides = [&event.decrement, &event.increment];
    let sku = sides.into_iter().flatten().find_map(|s| s.sku.clone().text());
    let Some(sku) = sku.filter(|sku| !sku.is_empty() && pieces != 0) else { return Some(None) };
    let kind = EventKind::named(&event.event_category.clone().or_empty());
    let order = event.shipbob_order_id.whole();
    Some(Some(StockEvent { id, centre: facility, sku, kind, at, pieces, order }))
}

#[derive(Serialize)]
struct NewQuery {
    facility_id: i64,
    start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    inventory_id: Scalar,
    sku: Scalar,
    name: Scalar,
    locations: Vec<Place>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LotItem {
    sku: Scalar,
    lots: Vec<LotShown>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LotShown {
    lot_number: Scalar,
    lot_date: Scalar,
    locations: Vec<Place>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Place {
    location_id: Scalar,
    on_hand_quantity: Scalar,
    committed_quantity: Scalar,
    fulfillable_quantity: Scalar,
    awaiting_quantity: Scalar,
    internal_transfer_quantity: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    data: Option<Vec<&'a RawValue>>,
    next: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "inventory_audit_event_id")]
    id: Scalar,
    event_category: Scalar,
    event_datetime: Scalar,
    shipbob_order_id: Scalar,
    decrement: Option<Side>,
    increment: Option<Side>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Side {
    facility_id: Scalar,
    quantity_change: Scalar,
    sku: Scalar,
}
