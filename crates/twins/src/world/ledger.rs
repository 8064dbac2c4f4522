//! The ledger: every effect a twin accepted, append-only, and what was asked of it.
//!
//! Invariants are asked of the ledger and of the projection, never of the connector's own tables.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::fo::RELEASED_MORE;

/// Which twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// The token endpoint.
    Entra,
    /// F&O.
    Dynamics,
    /// ShipBob.
    ShipBob,
    /// ShipBob's auth host.
    ShipBobAuth,
}

/// One accepted effect.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// World micros.
    pub at: i64,
    pub system: System,
    /// `order created`, `note written`, `slip posted`, … (constants in [`effect`]).
    pub effect: &'static str,
    /// Business key: reference id, sales order number, …
    pub key: String,
    pub detail: Value,
}

/// Names of effects.
pub mod effect {
    /// ShipBob; key = reference_id; detail `{order_number, channel_id, line, order_id, centre}`.
    pub const ORDER_CREATED: &str = "order created";
    /// ShipBob: one shipment cancelled; key = reference_id; detail `{order_number, shipment, by}`.
    pub const SHIPMENT_CANCELLED: &str = "shipment cancelled";
    /// ShipBob: all shipments cancelled; key = reference_id; detail `{order_number, by}`.
    pub const ORDER_CANCELLED: &str = "order cancelled";
    /// ShipBob: moved to another centre before the pick; key = reference_id; detail `{order_number, shipment, from, to}`.
    pub const SHIPMENT_MOVED: &str = "shipment moved";
    /// ShipBob; key = reference_id; detail `{order_number, shipment}`.
    pub const SHIPMENT_PICKED: &str = "shipment picked";
    /// ShipBob: goods left; key = reference_id; detail `{order_number, shipment, lines: [{external_line_id, sku, quantity}]}`.
    pub const SHIPMENT_SHIPPED: &str = "shipment shipped";
    /// ShipBob; key = reference_id; detail `{shipment, uploaded}`.
    pub const TRACKING_ACKNOWLEDGED: &str = "tracking acknowledged";
    /// ShipBob; key = reference_id; detail `{order_number, shipment}`.
    pub const ADDRESS_UPDATED: &str = "address updated";
    /// ShipBob; key = reference_id; detail `{order_number, shipment, changed}`: items with another quantity.
    pub const LINES_UPDATED: &str = "lines updated";
    /// ShipBob; key = reference_id; detail `{order_number, shipment, method}`.
    pub const METHOD_UPDATED: &str = "method updated";
    /// ShipBob; key = SKU; a product made from an order line.
    pub const PRODUCT_AUTO_CREATED: &str = "product auto-created";
    /// ShipBob; key = SKU; a variant made through the API; detail `{product, variant}`.
    pub const PRODUCT_CREATED: &str = "product created";
    /// ShipBob; key = SKU; a variant changed through the API; detail: the fields that were said.
    pub const PRODUCT_UPDATED: &str = "product updated";
    /// ShipBob; key = SKU; a person or the warehouse changed it; detail `{act}`.
    pub const PRODUCT_TOUCHED: &str = "product touched";
    /// ShipBob; key = method name.
    pub const METHOD_AUTO_CREATED: &str = "method auto-created";
    /// ShipBob; key = what it is a return of; detail `{id, story}`.
    pub const RETURN_ANNOUNCED: &str = "return announced";
    /// ShipBob; key = what it is a return of.
    pub const RETURN_COMPLETED: &str = "return completed";
    /// ShipBob; key = the receiving order; detail `{id, story}`.
    pub const RECEIVING_ANNOUNCED: &str = "receiving announced";
    /// F&O; key = sales order; detail `{return}`: the customer's own call recorded a return.
    pub const RETURN_RECORDED: &str = "return recorded";
    /// F&O; key = SKU; detail `{warehouse, quantity, as_of}`: the customer's own call was told what is available.
    pub const AVAILABLE_TOLD: &str = "available told";
    /// ShipBob; key = subscription id.
    pub const SUBSCRIPTION_CREATED: &str = "subscription created";
    /// ShipBob; key = subscription id.
    pub const SUBSCRIPTION_DELETED: &str = "subscription deleted";
    /// ShipBob; key = subscription id.
    pub const SUBSCRIPTION_DISABLED: &str = "subscription disabled";
    /// ShipBob; key = webhook-id; detail `{topic, attempt}`.
    pub const WEBHOOK_SENT: &str = "webhook sent";
    /// ShipBob; key = webhook-id.
    pub const WEBHOOK_ACKNOWLEDGED: &str = "webhook acknowledged";
    /// ShipBob; key = webhook-id; detail `{status}`.
    pub const WEBHOOK_FAILED: &str = "webhook failed";
    /// ShipBob; key = webhook-id.
    pub const WEBHOOK_LOST: &str = "webhook lost";
    /// ShipBob; key = webhook-id; detail `{micros}`: first sent this much later.
    pub const WEBHOOK_DELAYED: &str = "webhook delayed";
    /// ShipBob's auth host; key = name of the integration. A merchant pressed Approve.
    pub const APP_INSTALLED: &str = "app installed";
    /// ShipBob's auth host; key = name of the integration.
    pub const TOKEN_REFRESHED: &str = "token refreshed";
    /// ShipBob's auth host; key = name of the integration: a spent refresh token came again.
    pub const REFRESH_REUSED: &str = "refresh token reused";
    /// F&O; key = sales order; detail `{document_id, description, new: bool}`. Insert.
    pub const NOTE_WRITTEN: &str = "note written";
    /// F&O; key = sales order; detail `{document_id, description}`. Update.
    pub const NOTE_PATCHED: &str = "note patched";
    /// F&O; key = sales order; detail `{document_id, description}`.
    pub const NOTE_DELETED: &str = "note deleted";
    /// F&O; key = sales order; detail `{line, quantity}`.
    pub const DELIVER_NOW_SET: &str = "deliver-now set";
    /// F&O; key = sales order; detail `{carrier, service}`.
    pub const CARRIER_SET: &str = "carrier set";
    /// F&O; key = sales order; detail `{slip, number}`.
    pub const TRACKING_INSERTED: &str = "tracking inserted";
    /// F&O; key = sales order; detail `{slip, by: batch|hand, lines: [{line, sku, each}]}`, `each` an integer.
    pub const SLIP_POSTED: &str = "slip posted";
    /// F&O; key = sales order; detail `{request, version, lines}`: a request, or a new version of one.
    pub const REQUEST_MADE: &str = "shipment request made";
    /// F&O; key = sales order; detail `{request, version}`.
    pub const REQUEST_CANCELLED: &str = "shipment request cancelled";
    /// F&O; key = sales order; detail `{request, status}`.
    pub const REQUEST_ANSWERED: &str = "shipment request answered";
    /// F&O; key = sales order; detail `{update, origin, lines}`: committed.
    pub const UPDATE_RECEIVED: &str = "shipment update received";
    /// F&O; key = sales order; detail `{update}`.
    pub const UPDATE_ACCEPTED: &str = "shipment update accepted";
    /// F&O; key = sales order; detail `{update, why}`.
    pub const UPDATE_FAILED: &str = "shipment update failed";
    /// F&O; key = sales order; detail `{slip, lines}`: the customer's own call posted a slip.
    pub const CALL_CARRIED_OUT: &str = "custom call carried out";
    /// ShipBob: goods moved that are not ours; key = SKU; detail `{centre, how, pieces}`.
    pub const STOCK_MOVED: &str = "stock moved";
    /// F&O; key = SKU; detail `{warehouse, pieces}`: a receipt was registered.
    pub const STOCK_REGISTERED: &str = "stock registered";
    /// F&O; key = description; detail `{journal, description}`.
    pub const JOURNAL_MADE: &str = "journal made";
    /// F&O; key = description; detail `{journal, line, warehouse, sku, counted, adjustment}`.
    pub const JOURNAL_LINE: &str = "journal line written";
    /// F&O; key = description; detail `{journal, by: job|hand, lines}`.
    pub const JOURNAL_POSTED: &str = "journal posted";
    /// F&O; key = adjustment id; detail `{adjustment, warehouse, sku, quantity}`.
    pub const ADJUSTMENT_SENT: &str = "adjustment sent";
    /// F&O; key = adjustment id; detail `{warehouse, sku, pieces}`.
    pub const ADJUSTMENT_POSTED: &str = "adjustment posted";
    /// F&O; key = sales order; detail `{line, code, amount, currency, text, new, bills_customer}`.
    pub const CHARGE_WRITTEN: &str = "charge written";
    /// F&O; key = blob; detail `{execution}`.
    pub const IMPORT_STARTED: &str = "import started";
    /// F&O; key = blob: an import was asked for while another one was executing.
    pub const IMPORT_OVERLAPPED: &str = "import overlapped";
    /// F&O; key = sales order; detail free.
    pub const CLERK_ACTED: &str = "clerk acted";
}

/// What the ledger says of a clerk who raised a quantity.
pub(crate) const RAISED: &str = "raised a quantity";

/// Counters of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EndpointCount {
    pub requests: u64,
    /// By HTTP status as answered.
    pub statuses: BTreeMap<u16, u64>,
    /// Injected disturbances by kind.
    pub disturbed: BTreeMap<&'static str, u64>,
    pub response_bytes: u64,
}

/// The growing ledger of one world.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    endpoints: BTreeMap<System, BTreeMap<String, EndpointCount>>,
    /// Until when a system told its clients to be quiet, and when it said so.
    quiet: BTreeMap<System, (i64, i64)>,
    undercut: BTreeMap<System, u64>,
}

impl Ledger {
    /// Appends one accepted effect.
    pub(crate) fn record(
        &mut self,
        at: i64,
        system: System,
        effect: &'static str,
        key: impl Into<String>,
        detail: Value,
    ) {
        self.entries.push(Entry { at, system, effect, key: key.into(), detail });
    }

    /// Counts an answered request.
    pub(crate) fn count(
        &mut self,
        system: System,
        endpoint: &str,
        status: u16,
        bytes: usize,
        fault: Option<&'static str>,
    ) {
        let of_system = self.endpoints.entry(system).or_default();
        if !of_system.contains_key(endpoint) {
            of_system.insert(endpoint.to_owned(), EndpointCount::default());
        }
        if let Some(count) = of_system.get_mut(endpoint) {
            count.requests += 1;
            *count.statuses.entry(status).or_default() += 1;
            count.response_bytes += u64::try_from(bytes).unwrap_or(0);
            if let Some(fault) = fault {
                *count.disturbed.entry(fault).or_default() += 1;
            }
        }
    }

    /// Notes that a client arrived now, so that a served retry time that was undercut is seen.
    pub(crate) fn arrive(&mut self, now: i64, system: System) {
        if let Some((told_at, until)) = self.quiet.get(&system)
            && now > *told_at
            && now < *until
        {
            *self.undercut.entry(system).or_default() += 1;
        }
    }

    /// A 429 with a time was given at `now`.
    pub(crate) fn told_to_wait(&mut self, now: i64, system: System, seconds: i64) {
        let until = now.saturating_add(seconds.saturating_mul(super::calendar::SECOND));
        self.quiet.insert(system, (now, until));
    }

    pub(crate) fn snapshot(&self) -> LedgerSnapshot {
        LedgerSnapshot {
            entries: self.entries.clone(),
            endpoints: self.endpoints.clone(),
            undercut: self.undercut.clone(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// The ledger at one moment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LedgerSnapshot {
    /// Oldest first.
    pub entries: Vec<Entry>,
    pub endpoints: BTreeMap<System, BTreeMap<String, EndpointCount>>,
    /// Requests that came before the end of a wait the system had asked for.
    pub undercut: BTreeMap<System, u64>,
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, field: &str) -> i64 {
    value.get(field).and_then(Value::as_i64).unwrap_or_default()
}

/// The request a reference was made for (`…-r-k`); empty for one of a sales order. Line numbers of requests are not
/// those of the order.
fn request_of(reference: &str) -> &str {
    let request = reference.rsplit_once('-').and_then(|(rest, _)| rest.strip_suffix("-r"));
    request.unwrap_or_default()
}

impl LedgerSnapshot {
    /// Shipment order requests of which more than one update was accepted.
    #[must_use]
    pub fn accepted_twice(&self) -> Vec<String> {
        let origin: BTreeMap<&str, &str> = self
            .of(effect::UPDATE_RECEIVED)
            .map(|entry| (text(&entry.detail, "update"), text(&entry.detail, "origin")))
            .collect();
        let mut times = BTreeMap::<&str, u32>::new();
        for entry in self.of(effect::UPDATE_ACCEPTED) {
            let update = text(&entry.detail, "update");
            *times.entry(origin.get(update).copied().unwrap_or(update)).or_default() += 1;
        }
        times.into_iter().filter(|(_, n)| *n > 1).map(|(origin, _)| origin.to_owned()).collect()
    }

    /// Entries of one effect.
    pub fn of<'a>(&'a self, effect: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.effect == effect)
    }

    /// How often each effect was accepted.
    #[must_use]
    pub fn effects(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.effect).or_default() += 1;
        }
        counts
    }

    /// Requests answered by one system.
    #[must_use]
    pub fn requests(&self, system: System) -> u64 {
        self.endpoints.get(&system).map_or(0, |all| all.values().map(|one| one.requests).sum())
    }

    /// 429s given by one system, injected ones included.
    #[must_use]
    pub fn throttled(&self, system: System) -> u64 {
        let of = |one: &EndpointCount| one.statuses.get(&429).copied().unwrap_or(0);
        self.endpoints.get(&system).map_or(0, |all| all.values().map(of).sum())
    }

    /// References accepted more than once in one channel.
    #[must_use]
    pub fn created_more_than_once(&self) -> Vec<String> {
        let mut seen = BTreeMap::<(i64, &str), u32>::new();
        for entry in self.of(effect::ORDER_CREATED) {
            *seen.entry((number(&entry.detail, "channel_id"), &entry.key)).or_default() += 1;
        }
        let twice = seen.into_iter().filter(|(_, times)| *times > 1);
        twice.map(|((_, reference), _)| reference.to_owned()).collect()
    }

    /// SKUs made more than once through the API.
    #[must_use]
    pub fn products_made_twice(&self) -> Vec<String> {
        let mut times = BTreeMap::<&str, u32>::new();
        for entry in self.of(effect::PRODUCT_CREATED) {
            *times.entry(&entry.key).or_default() += 1;
        }
        times.into_iter().filter(|(_, n)| *n > 1).map(|(sku, _)| sku.to_owned()).collect()
    }

    /// Sales orders with two ShipBob orders alive (not cancelled) for the same first line, or one by
    /// hand and one by the connector: goods would leave twice.
    #[must_use]
    pub fn alive_twice(&self) -> Vec<String> {
        let cancelled: BTreeSet<i64> = self
            .of(effect::ORDER_CANCELLED)
            .map(|entry| number(&entry.detail, "order_id"))
            .collect();
        // What a clerk adds to a line may go out in an order of its own.
        let raised: BTreeSet<&str> = self
            .of(effect::CLERK_ACTED)
            .filter(|entry| [RAISED, RELEASED_MORE].contains(&text(&entry.detail, "act")))
            .map(|entry| entry.key.as_str())
            .collect();
        let mut alive = BTreeMap::<(&str, Option<i64>, &str), u32>::new();
        for entry in self.of(effect::ORDER_CREATED) {
            if raised.contains(text(&entry.detail, "order_number")) {
                continue;
            }
            if !cancelled.contains(&number(&entry.detail, "order_id")) {
                let line = entry.detail.get("line").and_then(Value::as_i64);
                let order = text(&entry.detail, "order_number");
                *alive.entry((order, line, request_of(&entry.key))).or_default() += 1;
            }
        }
        let by_hand: BTreeSet<&str> =
            alive.keys().filter(|(_, line, _)| line.is_none()).map(|(name, ..)| *name).collect();
        let twice = |key: &(&str, Option<i64>, &str), times: u32| {
            times > 1 || (key.1.is_some() && by_hand.contains(key.0))
        };
        let found: BTreeSet<String> = alive
            .iter()
            .filter(|(key, times)| twice(key, **times))
            .map(|((name, ..), _)| (*name).to_owned())
            .collect();
        found.into_iter().collect()
    }

    /// (sales order, description) of notes that exist twice.
    #[must_use]
    pub fn duplicate_notes(&self) -> Vec<(String, String)> {
        let mut alive = BTreeMap::<(&str, &str), i64>::new();
        for entry in &self.entries {
            let key = (entry.key.as_str(), text(&entry.detail, "description"));
            match entry.effect {
                effect::NOTE_WRITTEN => *alive.entry(key).or_default() += 1,
                effect::NOTE_DELETED => *alive.entry(key).or_default() -= 1,
                _ => {}
            }
        }
        let twice = alive.into_iter().filter(|(_, times)| *times > 1);
        twice.map(|((order, note), _)| (order.to_owned(), note.to_owned())).collect()
    }

    /// (sales order, SKU, slipped, shipped) where F&O posted more by batch than left ShipBob.
    /// Slips a clerk posted by hand do not count.
    #[must_use]
    pub fn slips_over_shipped(&self) -> Vec<(String, String, i64, i64)> {
        let mut sums = BTreeMap::<(String, String), (i64, i64)>::new();
        for entry in &self.entries {
            let lines = entry.detail.get("lines").and_then(Value::as_array);
            let lines = lines.map(Vec::as_slice).unwrap_or_default();
            match entry.effect {
                effect::SLIP_POSTED if text(&entry.detail, "by") == "batch" => {
                    for line in lines {
                        let key = (entry.key.clone(), text(line, "sku").to_owned());
                        sums.entry(key).or_default().0 += number(line, "each");
                    }
                }
                effect::SHIPMENT_SHIPPED => {
                    let order = text(&entry.detail, "order_number");
                    for line in lines {
                        let key = (order.to_owned(), text(line, "sku").to_owned());
                        sums.entry(key).or_default().1 += number(line, "quantity");
                    }
                }
                _ => {}
            }
        }
        let over = sums.into_iter().filter(|(_, (slipped, shipped))| slipped > shipped);
        over.map(|((order, sku), (slipped, shipped))| (order, sku, slipped, shipped)).collect()
    }

    /// References that were cancelled as a whole and of which a shipment left all the same.
    #[must_use]
    pub fn cancelled_and_shipped(&self) -> Vec<String> {
        let cancelled: BTreeSet<&str> =
            self.of(effect::ORDER_CANCELLED).map(|entry| entry.key.as_str()).collect();
        let both: BTreeSet<String> = self
            .of(effect::SHIPMENT_SHIPPED)
            .filter(|entry| cancelled.contains(entry.key.as_str()))
            .map(|entry| entry.key.clone())
            .collect();
        both.into_iter().collect()
    }
}
