//! `GET order`: filters, order, pages.

use std::collections::BTreeSet;

use serde_json::Value;

use super::query::Query;
use super::route::wanted_channel;
use super::state::Order;
use super::{errors, render};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};

const PARAMETERS: &[&str] = &[
    "Page",
    "Limit",
    "IDs",
    "ReferenceIds",
    "StartDate",
    "EndDate",
    "SortOrder",
    "HasTracking",
    "LastUpdateStartDate",
    "LastUpdateEndDate",
    "IsTrackingUploaded",
    "LastTrackingUpdateStartDate",
    "LastTrackingUpdateEndDate",
];

/// A range of moments, both ends included; `None` = open.
#[derive(Clone, Copy, Default)]
struct Range {
    from: Option<i64>,
    to: Option<i64>,
}

impl Range {
    fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    fn holds(self, at: i64) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at <= to)
    }
}

struct Filter {
    ids: Option<Vec<i64>>,
    references: Option<Vec<String>>,
    created: Range,
    updated: Range,
    tracked: Range,
    has_tracking: Option<bool>,
    uploaded: Option<bool>,
    channel: Option<i64>,
    /// Orders created, or listed by an update, after this moment are not in the list yet.
    seen_until: i64,
}

fn parse(world: &World, request: &TwinRequest, query: &Query) -> Result<Filter, TwinResponse> {
    let skew = world.config.tenant.skew_micros();
    let range = |from: &str, to: &str| -> Result<Range, TwinResponse> {
        let back = |at: Option<i64>| at.map(|at| at.saturating_sub(skew));
        Ok(Range { from: back(query.moment(from)?), to: back(query.moment(to)?) })
    };
    Ok(Filter {
        ids: query.numbers("IDs")?,
        references: query.list("ReferenceIds")?,
        created: range("StartDate", "EndDate")?,
        updated: range("LastUpdateStartDate", "LastUpdateEndDate")?,
        tracked: range("LastTrackingUpdateStartDate", "LastTrackingUpdateEndDate")?,
        has_tracking: query.flag("HasTracking")?,
        uploaded: query.flag("IsTrackingUploaded")?,
        channel: wanted_channel(request),
        seen_until: world.now.saturating_sub(request.lag_micros),
    })
}

impl Filter {
    fn holds(&self, world: &World, order: &Order) -> bool {
        let state = &world.shipbob;
        let by_update = !self.updated.is_open();
        self.channel.is_none_or(|channel| channel == order.channel)
            && order.created_at <= self.seen_until
            && (!by_update || order.updated_at <= self.seen_until)
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&order.id))
            && self.references.as_ref().is_none_or(|all| all.contains(&order.reference_id))
            && self.created.holds(order.created_at)
            && self.updated.holds(order.updated_at)
            && (self.tracked.is_open()
                || state
                    .shipments_of(order)
                    .any(|one| one.tracking_at.is_some_and(|at| self.tracked.holds(at))))
            && self.has_tracking.is_none_or(|wanted| {
                let numbered = |one: &super::state::Shipment| {
                    one.tracking.as_ref().is_some_and(|tracking| tracking.number.is_some())
                };
                wanted == state.shipments_of(order).any(numbered)
            })
            && self
                .uploaded
                .is_none_or(|wanted| wanted == state.shipments_of(order).all(|one| one.uploaded))
    }

    /// The smallest set of orders that can match.
    fn candidates(&self, world: &World) -> Vec<usize> {
        let state = &world.shipbob;
        if let Some(ids) = &self.ids {
            let found: BTreeSet<usize> =
                ids.iter().filter_map(|id| state.order_index(*id)).collect();
            return found.into_iter().collect();
        }
        if let Some(references) = &self.references {
            let of = |reference: &String| state.by_reference.get(reference).cloned();
            let found: BTreeSet<usize> = references.iter().filter_map(of).flatten().collect();
            return found.into_iter().collect();
        }
        if !self.updated.is_open() {
            let from = (self.updated.from.unwrap_or(i64::MIN), 0);
            let to = (self.updated.to.unwrap_or(i64::MAX), usize::MAX);
            if from > to {
                return Vec::new();
            }
            let mut found: Vec<usize> =
                state.by_update.range(from..=to).map(|(_, index)| *index).collect();
            found.sort_unstable();
            return found;
        }
        (0..state.orders.len()).collect()
    }
}

/// `GET order`.
pub(super) fn orders(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn listed(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    let query = Query::parse(request, PARAMETERS, &[])?;
    let page = usize::try_from(query.whole("Page", 1, 1_000_000)?.unwrap_or(1)).unwrap_or(1);
    let limit = usize::try_from(query.whole("Limit", 1, 250)?.unwrap_or(50)).unwrap_or(50);
    let newest = match query.raw("SortOrder") {
        None | Some("Newest") => true,
        Some("Oldest") => false,
        Some(other) => {
            let message = format!("The value '{other}' is not valid.");
            return Err(errors::map(400, "SortOrder", &message));
        }
    };
    let filter = parse(world, request, &query)?;
    if world.config.tenant.tracking_500 && filter.has_tracking == Some(true) {
        return Err(errors::database());
    }
    let mut found: Vec<&Order> = filter
        .candidates(world)
        .into_iter()
        .filter_map(|index| world.shipbob.orders.get(index))
        .filter(|order| filter.holds(world, order))
        .collect();
    if newest {
        found.reverse();
    }
    let total = found.len();
    let skipped = page.saturating_sub(1).saturating_mul(limit);
    let shown: Vec<Value> = found
        .into_iter()
        .skip(skipped)
        .take(limit)
        .map(|order| render::order(world, order))
        .collect();
    let reply = TwinResponse::json(200, &Value::Array(shown));
    if world.config.tenant.paging_headers_missing {
        return Ok(reply);
    }
    let pages = total.div_ceil(limit);
    let reply = reply
        .with("total-count", total.to_string())
        .with("total-pages", pages.to_string())
        .with("page-number", page.to_string())
        .with("page-size", limit.to_string());
    Ok(if page < pages { reply.with("next-page", (page + 1).to_string()) } else { reply })
}
