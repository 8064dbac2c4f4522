//! One order as its page and the API tell it: both systems' line of progress, lines × parcels, and
//! one timeline of everything that happened. Pure: facts in, view out.

mod lines;
mod steps;
mod timeline;

#[cfg(test)]
mod tests;

pub use lines::{LineView, ParcelView};
pub use steps::Step;
pub(crate) use timeline::is_person;
pub use timeline::{Event, Side};

use crate::model::{
    At, DecisionLine, DeliveryLine, ErasureLine, HoldLine, OrderFacts, OrderRow, OrderState,
    PendingCommand, PlanLine,
};
use crate::status::WarehouseLine;
use serde::Serialize;

/// Who receives the goods, as Dynamics says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecipientView {
    /// Name.
    pub name: String,
    /// Lines of the address, without the name.
    pub address: Vec<String>,
    /// City and country in one.
    pub place: String,
    /// E-mail.
    pub email: String,
    /// Phone.
    pub phone: String,
}

/// What a person may do now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct May {
    /// Try again.
    pub retry: bool,
    /// Leave it out.
    pub skip: bool,
    /// Send it although released before the cut-off.
    pub release: bool,
}

/// One order, told.
#[derive(Debug, Clone, Serialize)]
pub struct OrderView {
    /// Its row.
    pub row: OrderRow,
    /// Recipient; none when erased or never read.
    pub recipient: Option<RecipientView>,
    /// Progress in Dynamics.
    pub dynamics: Vec<Step>,
    /// Progress at ShipBob.
    pub shipbob: Vec<Step>,
    /// Ordered lines.
    pub lines: Vec<LineView>,
    /// Parcels, oldest first.
    pub parcels: Vec<ParcelView>,
    /// Everything that happened, newest first.
    pub timeline: Vec<Event>,
    /// Open holds.
    pub holds: Vec<HoldLine>,
    /// Healed or skipped holds.
    pub healed: Vec<HoldLine>,
    /// Commands under way.
    pub pending: Vec<PendingCommand>,
    /// Commands carried out.
    pub decisions: Vec<DecisionLine>,
    /// Decisions of the planner.
    pub plans: Vec<PlanLine>,
    /// Writes.
    pub writes: Vec<DeliveryLine>,
    /// Facts by name: references, delivery mode, warehouse.
    pub details: Vec<(String, String)>,
    /// What a person may do now.
    pub may: May,
    /// When Dynamics was last read.
    pub dynamics_read: Option<At>,
    /// When ShipBob was last read.
    pub shipbob_read: Option<At>,
    /// Personal data was erased on request.
    pub erased: bool,
    /// Personal data is to be erased once the work is over.
    pub erasure: Option<ErasureLine>,
}

impl OrderView {
    /// Tells the order.
    pub fn new(facts: OrderFacts) -> Self {
        let (lines, parcels) = lines::build(&facts);
        let timeline = timeline::build(&facts);
        let recipient = recipient(&facts);
        let details = details(&facts);
        let may = may(&facts);
        let (dynamics, shipbob) = (steps::dynamics(&facts), steps::shipbob(&facts));
        let (healed, holds) = facts.holds.into_iter().partition(|hold| hold.closed.is_some());
        Self {
            row: facts.row,
            recipient,
            dynamics,
            shipbob,
            lines,
            parcels,
            timeline,
            holds,
            healed,
            pending: facts.pending,
            decisions: facts.decisions,
            plans: facts.plans,
            writes: facts.deliveries,
            details,
            may,
            dynamics_read: facts.sales.as_ref().map(|read| At(read.read_began)),
            shipbob_read: facts.warehouse.iter().map(|seen| At(seen.read_began)).max(),
            erased: facts.erased,
            erasure: facts.erasure,
        }
    }
}

impl OrderView {
    /// Says of each warehouse on the order where its goods may leave from.
    #[must_use]
    pub fn with_warehouses(mut self, mapped: &[WarehouseLine]) -> Self {
        let named = self.details.iter().find(|(name, _)| name == "Warehouse");
        let ours = |line: &&WarehouseLine| {
            named.is_some_and(|(_, all)| {
                all.split(", ").any(|one| one.eq_ignore_ascii_case(&line.warehouse))
            })
        };
        let told = mapped.iter().filter(ours);
        let told: Vec<_> = told.map(|l| (format!("Leaves {}", l.warehouse), l.words())).collect();
        self.details.extend(told);
        self
    }
}

fn recipient(facts: &OrderFacts) -> Option<RecipientView> {
    let order = facts.sales.as_ref()?.order.as_ref()?;
    let a = &order.address;
    let country = if a.country_iso.is_empty() { &a.country } else { &a.country_iso };
    let mut address: Vec<String> = a.street.lines().map(str::to_owned).collect();
    address.push(join(&[&a.zip, &a.city, &a.state], " "));
    address.push(country.clone());
    address.retain(|line| !line.trim().is_empty());
    Some(RecipientView {
        name: a.name.clone(),
        address,
        place: join(&[&a.city, country], " "),
        email: order.email.clone(),
        phone: order.phone.clone(),
    })
}

fn join(parts: &[&String], with: &str) -> String {
    let full: Vec<&str> =
        parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
    full.join(with)
}

fn details(facts: &OrderFacts) -> Vec<(String, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    if let Some(order) = facts.sales.as_ref().and_then(|read| read.order.as_ref()) {
        found.push(("Customer reference", order.customer_reference.clone()));
        found.push(("Delivery mode", order.delivery_mode.clone()));
        let mut warehouses: Vec<&str> = order.lines.iter().map(|l| l.warehouse.as_str()).collect();
        warehouses.sort_unstable();
        warehouses.dedup();
        found.push(("Warehouse", warehouses.join(", ")));
        found.push(("Carrier", join(&[&order.carrier, &order.carrier_service], " ")));
        if let Some(release) = &order.warehouse_release {
            found.push(("Release to the warehouse", release.status.clone()));
        }
    }
    found.extend(releases(facts));
    for seen in &facts.warehouse {
        found.push(("ShipBob order", seen.order.id.to_string()));
        found.push(("ShipBob reference", seen.order.reference.as_str().to_owned()));
        found.push(("Shipping method", seen.order.method.clone()));
    }
    let named = found.into_iter().filter(|(_, value)| !value.is_empty());
    named.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What went out with each release of an order of a warehouse with warehouse management, k by k.
fn releases(facts: &OrderFacts) -> Vec<(&'static str, String)> {
    let order = facts.sales.as_ref().and_then(|read| read.order.as_ref());
    let Some(order) = order.filter(|order| order.warehouse_release.is_some()) else {
        return Vec::new();
    };
    let one = |seen: &domain::plan::SeenOrder| {
        let sent = &seen.order;
        let k = domain::reference::parse(&order.company, &sent.reference)?.k;
        let pieces = sent.products.iter().map(|p| p.quantity).fold(0, i64::saturating_add);
        let gone = if sent.cancelled() { ", cancelled" } else { "" };
        Some(("Release sent", format!("{k}: {pieces} piece(s) in ShipBob order {}{gone}", sent.id)))
    };
    facts.warehouse.iter().filter_map(one).collect()
}

fn may(facts: &OrderFacts) -> May {
    let open = facts.holds.iter().any(|hold| hold.closed.is_none());
    let sent = facts.row.accepted.is_some();
    let over = matches!(facts.row.state, OrderState::Cancelled | OrderState::Skipped);
    May {
        retry: open || matches!(facts.row.state, OrderState::Waiting | OrderState::Skipped),
        skip: !sent && !over,
        release: facts
            .holds
            .iter()
            .any(|hold| hold.closed.is_none() && hold.cause == "before-cut-off"),
    }
}
