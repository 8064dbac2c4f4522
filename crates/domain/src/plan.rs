//! Facts in, plan out. Both are plain data: facts are stored with the plan, so that a decision can
//! be replayed bit for bit.

use crate::disposition::HoldReason;
use crate::edit::Edited;
use crate::flows::billing::{ShipmentCost, Transaction};
use crate::ids::{CentreId, LotId, ReferenceId, RequestId, SalesOrderNumber, ShipBobOrderId};
use crate::inbound::Return;
use crate::operation::{CreateOrder, Flow, Operation};
use crate::reference_data::{Capabilities, SkuFact, UnitConversion};
use crate::request::RequestRead;
use crate::sales::OrderRead;
use crate::time::Timestamp;
use crate::warehouse::WarehouseOrder;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One ShipBob order as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOrder {
    /// The order.
    pub order: WarehouseOrder,
    /// When we began to read, by our clock.
    pub read_began: Timestamp,
}

/// A request that was taken back, and whose goods may leave all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rival {
    /// Which.
    pub request: RequestId,
    /// ShipBob has picked it: it ships.
    pub picked: bool,
}

/// State of a delivery as the planner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waiting to be sent.
    Ready,
    /// Being sent.
    InFlight,
    /// Nobody knows yet.
    InDoubt,
    /// Took effect.
    Done,
    /// Waits for a person.
    Held,
    /// The remote says never.
    Refused,
    /// Taken back before it was sent.
    Withdrawn,
    /// Replaced by a newer wish before it was sent.
    Superseded,
}

impl DeliveryState {
    /// Something may still happen.
    pub fn open(self) -> bool {
        matches!(self, Self::Ready | Self::InFlight | Self::InDoubt)
    }
}

/// A delivery of this subject, past or present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDelivery {
    /// Business key.
    pub key: String,
    /// State.
    pub state: DeliveryState,
    /// When it reached that state, by our clock.
    pub since: Timestamp,
    /// Why it is held or refused, if it is.
    pub hold: Option<HoldReason>,
}

/// What people decided about this subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Decisions {
    /// Ticked to be sent although released before the cut-off.
    pub release: Option<Timestamp>,
    /// Skipped, with the reason given: nothing is sent to ShipBob.
    pub skip: Option<String>,
    /// "Try again": holds of deliveries older than this are to be tried anew.
    pub retry: Option<Timestamp>,
    /// Holds a person has dealt with elsewhere: see [`HoldReason::identity`].
    pub dismissed: BTreeSet<String>,
}

/// What this connection keeps of a subject beyond the observations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Bodies of creates that took effect, by reference, with every edit that did: what we sent last
    /// is what edits are judged by.
    pub sent: BTreeMap<String, CreateOrder>,
    /// Delivered per line (sales unit) before we first sent it.
    pub baseline: BTreeMap<String, Decimal>,
    /// References whose absence at ShipBob was proved, and when that read began.
    pub absent: BTreeMap<String, Timestamp>,
    /// References we asked ShipBob to cancel ourselves.
    pub cancelled_by_us: BTreeMap<String, Timestamp>,
    /// Latest read that saw the order not released.
    pub last_unreleased: Option<Timestamp>,
    /// Shipments whose tracking we acknowledged at ShipBob.
    pub acknowledged: BTreeMap<i64, Timestamp>,
    /// What we changed of shipments, by ShipBob's id.
    #[serde(default)]
    pub edited: BTreeMap<i64, Edited>,
    /// Fields that changed too late, by reference: a person is told even after the goods have left.
    #[serde(default)]
    pub too_late: BTreeMap<String, BTreeSet<String>>,
    /// Writes F&O refuses because somebody else is at the record, by key, and since when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub in_hands: BTreeMap<String, Timestamp>,
}

/// Everything the planner may see of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// Our clock.
    pub now: Timestamp,
    /// Which order.
    pub number: SalesOrderNumber,
    /// F&O's side; none when never read. Of a request: its sales order, where that is known.
    pub sales: Option<OrderRead>,
    /// The request this is about, when it is one of an externally managed warehouse.
    #[serde(default)]
    pub request: Option<RequestRead>,
    /// Requests of the same sales order that were cancelled while ShipBob still has their goods.
    #[serde(default)]
    pub rivals: Vec<Rival>,
    /// ShipBob's side: every order with one of our references, lowest reference first.
    pub warehouse: Vec<SeenOrder>,
    /// Catalogue entries of the SKUs asked for so far.
    pub skus: BTreeMap<String, SkuFact>,
    /// Unit conversions that concern the order's items.
    pub conversions: Vec<UnitConversion>,
    /// F&O country ids of the order → ISO alpha-2.
    pub countries: BTreeMap<String, String>,
    /// What the environment lets us write.
    pub capabilities: Capabilities,
    /// (carrier, service) pairs of the settings that exist in F&O.
    pub carrier_services: Vec<(String, String)>,
    /// Shipping methods ShipBob knows.
    pub methods: Vec<String>,
    /// Method → the id an update call takes for it; empty while nobody knows which id that is.
    #[serde(default)]
    pub services: BTreeMap<String, i64>,
    /// Mapped centres ShipBob does not show as active.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed: BTreeSet<CentreId>,
    /// Deliveries of this subject.
    pub deliveries: Vec<KnownDelivery>,
    /// What ShipBob charged for its shipments, where the flow billing is on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Transaction>,
    /// Bodies of creates that went out and were given up since: one may have arrived all the same, long
    /// after we stopped waiting for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<CreateOrder>,
    /// Returns of its shipments, where they are read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<Return>,
    /// Charge codes the settings name, as F&O has them; read only where charges are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charge_codes: Vec<crate::charge::ChargeCode>,
    /// What we keep.
    pub kept: Kept,
    /// What people decided.
    pub decisions: Decisions,
}

/// Something to read before a decision can be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Need {
    /// The F&O order (of a request: the request and its order), read again.
    Sales,
    /// Look these references up at ShipBob.
    References(Vec<ReferenceId>),
    /// Read these ShipBob orders again.
    Orders(Vec<ShipBobOrderId>),
    /// Catalogue entries.
    Skus(Vec<String>),
}

/// One intended write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDelivery {
    /// Business key: planning twice creates nothing twice.
    pub key: String,
    /// The write.
    pub operation: Operation,
    /// Reads older than this instant may not be the base of the write any more (re-read first).
    pub fresh_until: Option<Timestamp>,
    /// Why, for the trail.
    pub why: String,
}

/// A hold the plan wants open; holds it does not name are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedHold {
    /// Flow it stops.
    pub flow: Flow,
    /// What, why, how to fix.
    pub reason: HoldReason,
}

/// Milestones of an order; once set they are never undone by an older fact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Milestones {
    /// Released in F&O.
    pub released: Option<Timestamp>,
    /// Accepted by ShipBob.
    pub accepted: Option<Timestamp>,
    /// First parcel left.
    pub shipped: Option<Timestamp>,
    /// Tracking of everything that left stands in F&O.
    pub written: Option<Timestamp>,
    /// Everything delivered.
    pub delivered: Option<Timestamp>,
    /// Cancelled on both sides.
    pub cancelled: Option<Timestamp>,
}

/// Changes to what we keep of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptChange {
    /// Remember what had been delivered before we first sent the line. Replaces what was
    /// remembered before: until the line is really sent, goods may still be delivered by hand.
    Baseline {
        /// Line.
        lot: LotId,
        /// Delivered, in sales unit.
        delivered: Decimal,
    },
    /// Remember that a field was changed after the pick.
    TooLate {
        /// Our key of the ShipBob order.
        reference: ReferenceId,
        /// Which field.
        field: String,
    },
    /// Remember that this body took effect although nobody saw it do so.
    Sent(Box<CreateOrder>),
    /// The write of this key is not in anybody's way any more.
    OutOfHands(String),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Reads to make first; when not empty nothing else of the plan that depends on them is set.
    pub needs: Vec<Need>,
    /// Everything wanted now, in order. Unsent deliveries that are no longer named are withdrawn
    /// (not while there are needs).
    pub deliveries: Vec<PlannedDelivery>,
    /// Holds wanted open.
    pub holds: Vec<PlannedHold>,
    /// Things to remember.
    pub kept: Vec<KeptChange>,
    /// ShipBob orders that belong to this subject.
    pub links: Vec<(ReferenceId, ShipBobOrderId)>,
    /// State in one word, for lists and filters.
    pub status: String,
    /// State in one sentence, for people.
    pub sentence: String,
    /// Milestones.
    pub milestones: Milestones,
    /// Plan again at this time even if nothing changes.
    pub plan_at: Option<Timestamp>,
    /// Open on either side: keep on the watch list.
    pub watch: bool,
    /// Numbers a person may search by.
    pub numbers: Vec<(String, String)>,
    /// What its shipments cost, as far as ShipBob has charged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<ShipmentCost>,
    /// Why things are as they are.
    pub reasons: Vec<String>,
}
