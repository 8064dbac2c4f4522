//! Orders and shipments.

use crate::client::ShipBob;
use crate::query::{Url, lists};
use crate::reply::{Acknowledged, CallError, CancelReply, CreateReply, PollPage};
use crate::send::{Channel, Turn};
use crate::{convert, interpret, wire};
use domain::ids::{ReferenceId, ShipBobOrderId, ShipmentId};
use domain::operation::{CreateOrder, Lane};
use domain::time::{Span, Timestamp};
use domain::warehouse::WarehouseOrder;
use std::collections::BTreeMap;
use transport::Method;

/// Ids or references per look-up request; longer lists are cut into several requests.
pub const ID_LIMIT: usize = 100;

/// Shipments per acknowledgement request; longer lists are cut into several requests.
pub const ACK_LIMIT: usize = 250;

const PAGE: &str = "250";

impl ShipBob {
    /// Creates an order. One try: look the reference up before any other.
    pub async fn create_order(&self, order: &CreateOrder) -> CreateReply {
        let body = match serde_json::to_vec(&convert::new_order(order)) {
            Ok(body) => body,
            Err(e) => {
                self.unused();
                return CreateReply::Refused { status: 0, why: format!("not sent: {e}") };
            }
        };
        let request = self
            .request(Method::Post, self.url("order"), Channel::Ours, "create-order")
            .body("application/json", body);
        interpret::create(order, self.exchange(request).await)
    }

    /// Cancels every shipment of an order that is not picked yet.
    pub async fn cancel_order(&self, order: ShipBobOrderId) -> CancelReply {
        let url = self.url(&format!("order/{order}:cancel"));
        let request = self.request(Method::Post, url, Channel::None, "cancel-order");
        interpret::cancel(order, self.exchange(request).await)
    }

    /// Orders of our channel with these references, each once. A reference without an order is
    /// simply not in the answer; an entry that cannot be read is an error, never an absence.
    pub async fn find_by_reference(
        &self,
        references: &[ReferenceId],
    ) -> Result<Vec<WarehouseOrder>, CallError> {
        let base = self.url("order").with("Limit", PAGE);
        let values = references.iter().map(ReferenceId::as_str);
        let urls = lists(&base, "ReferenceIds", "", values, ID_LIMIT);
        self.lookup(urls, "find-by-reference", |order| {
            references.iter().any(|r| r.same_as(order.reference.as_str()))
        })
        .await
    }

    /// Orders of our channel with these ids, each once; unknown ids and other channels' orders are
    /// simply not in the answer.
    pub async fn orders(&self, ids: &[ShipBobOrderId]) -> Result<Vec<WarehouseOrder>, CallError> {
        let base = self.url("order").with("Limit", PAGE);
        let values: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let urls = lists(&base, "IDs", "", values.iter().map(String::as_str), ID_LIMIT);
        self.lookup(urls, "read-orders", |order| ids.contains(&order.id)).await
    }

    async fn lookup(
        &self,
        urls: Vec<Url>,
        label: &'static str,
        wanted: impl Fn(&WarehouseOrder) -> bool,
    ) -> Result<Vec<WarehouseOrder>, CallError> {
        if urls.is_empty() {
            self.unused();
        }
        let mut turn = Turn::new(Lane::Fulfilment);
        let mut found = BTreeMap::new();
        for url in urls {
            let mut page = 1;
            loop {
                let url = if page == 1 {
                    url.clone()
                } else {
                    url.clone().with("Page", &page.to_string())
                };
                let request = self.request(Method::Get, url, Channel::Ours, label);
                let reply = self.ask(&mut turn, request).await?;
                let entries = interpret::entries(&reply)?;
                let (orders, bad) = interpret::each(&entries.items, convert::order);
                if bad > 0 {
                    return Err(CallError::Malformed {
                        why: format!(
                            "{label}: {bad} of {} orders cannot be read",
                            entries.items.len()
                        ),
                    });
                }
                let before = found.len();
                found.extend(orders.into_iter().filter(&wanted).map(|o| (o.id, o)));
                // A page that brings nothing new ends the list whatever its headers say.
                if found.len() == before || !interpret::more(&reply, page, entries.items.len()) {
                    break;
                }
                page += 1;
            }
        }
        Ok(found.into_values().collect())
    }

    /// One page (from 1) of the orders of our channel whose last update lies in `from..=to`. Keep
    /// `to` fixed while paging.
    pub async fn poll_orders(
        &self,
        from: Timestamp,
        to: Timestamp,
        page: u32,
    ) -> Result<PollPage, CallError> {
        self.updated_orders((Channel::Ours, "poll-orders"), from, to, page).await
    }

    /// As [`Self::poll_orders`], of all channels of the merchant: who sees what others ship.
    pub async fn poll_all_channels(
        &self,
        from: Timestamp,
        to: Timestamp,
        page: u32,
    ) -> Result<PollPage, CallError> {
        self.updated_orders((Channel::None, "poll-all-channels"), from, to, page).await
    }

    async fn updated_orders(
        &self,
        (channel, label): (Channel, &'static str),
        from: Timestamp,
        to: Timestamp,
        page: u32,
    ) -> Result<PollPage, CallError> {
        // The end is rounded up and the start down to whole seconds, so that nothing falls between.
        let to = to + Span(999_999);
        let url = self
            .url("order")
            .with("LastUpdateStartDate", &from.to_rfc3339_seconds())
            .with("LastUpdateEndDate", &to.to_rfc3339_seconds())
            .with("SortOrder", "Oldest")
            .with("Limit", PAGE)
            .with("Page", &page.max(1).to_string());
        let request = self.request(Method::Get, url, channel, label);
        let reply = self.ask(&mut Turn::new(Lane::Background), request).await?;
        let entries = interpret::entries(&reply)?;
        let (orders, unreadable) = interpret::each(&entries.items, convert::order);
        Ok(PollPage {
            orders,
            unreadable,
            more: interpret::more(&reply, page.max(1), entries.items.len()),
            server_date: reply.server_date(),
        })
    }

    /// Marks the tracking of shipments as taken over. Harmless to repeat. One result per shipment,
    /// in order.
    pub async fn ack_tracking(
        &self,
        shipments: &[ShipmentId],
    ) -> Result<Vec<Acknowledged>, CallError> {
        if shipments.is_empty() {
            self.unused();
        }
        let mut turn = Turn::new(Lane::Background);
        let mut results = Vec::with_capacity(shipments.len());
        for chunk in shipments.chunks(ACK_LIMIT) {
            let body = wire::TrackingUpload { shipment_ids: chunk, is_tracking_uploaded: true };
            let body = serde_json::to_vec(&body).unwrap_or_default();
            let url = self.url("shipment:batchUpdateTrackingUpload");
            let request = self
                .request(Method::Post, url, Channel::None, "ack-tracking")
                .body("application/json", body);
            let reply = self.ask(&mut turn, request).await?;
            results.extend(interpret::acknowledged(chunk, &reply)?);
        }
        Ok(results)
    }
}
