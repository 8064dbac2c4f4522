//! Every remote write the product can make, and how each one is repeated safely. Matched
//! exhaustively everywhere, so that a new one makes the compiler list every place to touch.

mod declared;

pub use declared::{Protection, Repeat};

use crate::charge::NewCharge;
use crate::custom_call::{ShipmentCall, TellAvailable};
use crate::edit::ShipmentEdit;
use crate::ids::{
    CentreId, ChannelId, LotId, PackingSlipId, ReferenceId, RequestId, SalesOrderNumber,
    ShipBobOrderId, ShipmentId,
};
use crate::product::{CreateProduct, NewVariant, VariantChange};
use crate::time::{Span, Timestamp};
use crate::warehouse::{Recipient, WarehouseOrder};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the two systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum System {
    /// Dynamics 365 Finance & Operations.
    Dynamics,
    /// ShipBob.
    ShipBob,
}

/// The flows of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// F&O → ShipBob: released sales orders.
    Orders,
    /// F&O → ShipBob: released products.
    Products,
    /// ShipBob → F&O: tracking and states.
    Fulfilment,
    /// ShipBob → F&O: stock per fulfilment centre.
    Inventory,
    /// ShipBob → F&O: charges.
    Billing,
    /// ShipBob → us: returns, noted and recorded on request, and receiving orders.
    Returns,
}

impl Flow {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Orders,
        Self::Products,
        Self::Fulfilment,
        Self::Inventory,
        Self::Billing,
        Self::Returns,
    ];
}

/// Order in which a gate serves waiting calls: lower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// Cancels and edits: every second counts before the pick.
    Cancel = 0,
    /// Tracking and states back to F&O, and look-ups that unblock a subject.
    Fulfilment = 1,
    /// New orders.
    Orders = 2,
    /// Everything else.
    Background = 3,
    /// Products: served after orders and before everything else. Numbers are stored, so it has the
    /// next free one.
    Products = 4,
    /// Counting journals and adjustments: after everything else that F&O is told.
    Stock = 5,
    /// Charges on orders in F&O: they go as packages, one at a time, after everything else.
    Charges = 6,
}

/// One ordered product of a create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateLine {
    /// Product `reference_id`.
    pub sku: String,
    /// Required by ShipBob even for known products.
    pub name: String,
    /// Eaches, at least 1.
    pub quantity: i64,
    /// F&O line sequence number.
    pub external_line_id: i32,
    /// Customs value per each, sent abroad only.
    pub unit_price: Option<Decimal>,
}

/// Body of a ShipBob order create. It has no financial field but the customs value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrder {
    /// Our key.
    pub reference: ReferenceId,
    /// F&O order number, shown at ShipBob.
    pub order_number: String,
    /// Who receives it.
    pub recipient: Recipient,
    /// Method name as ShipBob lists it.
    pub method: String,
    /// Pinned fulfilment centre; none when the mapping is a network.
    pub centre: Option<CentreId>,
    /// The centres of a network at that time. ShipBob is not told: they say later whether the lines
    /// still belong to the same warehouse.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub choice: BTreeSet<CentreId>,
    /// Recipes of the kits among its lines that ShipBob is told as components: see [`crate::kit`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kits: BTreeMap<String, crate::kit::Recipe>,
    /// F&O creation date, RFC 3339.
    pub purchase_date: Option<String>,
    /// Lines.
    pub lines: Vec<CreateLine>,
}

/// What the keys of all creates under a reference begin with; the digest of the body follows.
pub fn create_prefix(reference: &ReferenceId) -> String {
    format!("create:{reference}:")
}

impl CreateOrder {
    /// The first thing in which an order at ShipBob is not what this body makes; none when it may be it.
    pub fn differs(&self, order: &WarehouseOrder, channel: ChannelId) -> Option<&'static str> {
        if order.channel.is_some_and(|c| c != channel) {
            return Some("channel");
        }
        let theirs = sums(order.products.iter().map(|p| (p.sku.as_str(), p.quantity)));
        let ours = sums(self.lines.iter().map(|l| (l.sku.as_str(), l.quantity)));
        if theirs != ours {
            return Some("quantities");
        }
        (!order.recipient.same_person(&self.recipient)).then_some("recipient")
    }
}

fn sums<'a>(pairs: impl Iterator<Item = (&'a str, i64)>) -> BTreeMap<&'a str, i64> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (sku, n) in pairs {
        let sum = sums.entry(sku).or_default();
        *sum = sum.saturating_add(n);
    }
    sums
}

/// One conditional quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverNow {
    /// Line key.
    pub lot: LotId,
    /// Target in sales unit.
    pub quantity: Decimal,
    /// Etag of the line the target was computed from.
    pub etag: String,
}

/// One line of a shipment update, in the unit of the request's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateLine {
    /// `OrderLineNumber` of the request.
    pub number: i32,
    /// Unit of the request's line.
    pub unit: String,
    /// Ordered by the request.
    pub ordered: Decimal,
    /// Shipped with this update.
    pub shipped: Decimal,
    /// Shipped with this and all earlier updates.
    pub total: Decimal,
}

/// What left, told to the message processor of F&O.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateShipment {
    /// Which request.
    pub request: RequestId,
    /// Our deterministic id: unique at the remote.
    pub update: String,
    /// `OutboundShipmentOrderOriginId` of the request.
    pub origin: String,
    /// Packing slip number we propose.
    pub slip: String,
    /// When the goods left.
    pub shipped: Timestamp,
    /// Tracking number, where there is one that fits.
    pub transport: Option<String>,
    /// What left, per line.
    pub lines: Vec<UpdateLine>,
    /// Committed by the action `Complete`; else by setting the status.
    pub complete: bool,
}

/// One intended remote write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// `POST order`.
    CreateOrder(CreateOrder),
    /// `POST order/{id}:cancel`.
    CancelOrder {
        /// ShipBob's id.
        order: ShipBobOrderId,
        /// Our key of it.
        reference: ReferenceId,
    },
    /// A change of a shipment that is not picked yet.
    EditShipment(ShipmentEdit),
    /// `POST shipment:batchUpdateTrackingUpload`, one shipment of a batch.
    AckTracking {
        /// ShipBob's id.
        shipment: ShipmentId,
    },
    /// `POST product`.
    CreateProduct(CreateProduct),
    /// `POST product/{id}/variants`.
    AddVariants {
        /// ShipBob's product.
        product: i64,
        /// At least one.
        variants: Vec<NewVariant>,
    },
    /// `PATCH product/{id}`: only what is named changes.
    UpdateProduct {
        /// ShipBob's product.
        product: i64,
        /// New name of the product itself.
        name: Option<String>,
        /// Its variants that change.
        variants: Vec<VariantChange>,
    },
    /// Create or patch the note of one shipment.
    WriteNote {
        /// The order.
        order: SalesOrderNumber,
        /// `AttachmentDescription`: our key of the note.
        description: String,
        /// The whole text.
        text: String,
        /// Key and etag of the note when F&O already has it.
        existing: Option<(String, String)>,
        /// UUIDv5 offered as `DocumentId` on create.
        document_id: String,
    },
    /// Set quantities to deliver, and the flag the packing-slip batch selects on.
    SetDeliverNow {
        /// The order.
        order: SalesOrderNumber,
        /// Targets per line.
        lines: Vec<DeliverNow>,
        /// New pool and the header etag, when it must change.
        pool: Option<(String, String)>,
    },
    /// Carrier and service on the order header.
    SetCarrier {
        /// The order.
        order: SalesOrderNumber,
        /// F&O carrier id.
        carrier: String,
        /// F&O service id.
        service: String,
        /// Etag of the header.
        etag: String,
    },
    /// One tracking number on a packing slip.
    AddTracking {
        /// The order.
        order: SalesOrderNumber,
        /// The slip.
        slip: PackingSlipId,
        /// Its date exactly as F&O wrote it: part of the key.
        delivery_date: String,
        /// The number.
        number: String,
        /// Link for people.
        url: String,
    },
    /// Answer a shipment order request.
    AnswerRequest {
        /// The request.
        request: RequestId,
        /// `RequestStatus`.
        status: String,
        /// What people in F&O read.
        message: String,
        /// Etag of the answer so far.
        etag: String,
    },
    /// Header, lines, dimensions and commit of one shipment update, in one change set.
    UpdateShipment(UpdateShipment),
    /// The customer's own call that posts what left in one shipment.
    CustomCall(ShipmentCall),
    /// Header of a counting journal.
    CreateJournal(crate::stock::NewJournal),
    /// Lines of a counting journal, in one change set.
    WriteJournalLines(crate::stock::NewLines),
    /// External inventory adjustments, in one change set.
    AdjustStock(crate::stock::NewAdjustments),
    /// Available quantities, absolute, told by the customer's own call.
    TellAvailable(TellAvailable),
    /// One charge on an order, in a data package.
    WriteCharge(NewCharge),
}

/// The worst time an effect may still appear after our last byte, per system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle {
    /// ShipBob.
    pub shipbob: Span,
    /// F&O.
    pub dynamics: Span,
}

impl Default for Settle {
    fn default() -> Self {
        Self { shipbob: Span::seconds(60), dynamics: Span::seconds(180) }
    }
}

impl Settle {
    /// From when a look-up that finds nothing proves that nothing will appear.
    pub fn until(&self, system: System, last_byte: Timestamp) -> Timestamp {
        last_byte
            + match system {
                System::ShipBob => self.shipbob,
                System::Dynamics => self.dynamics,
            }
    }
}
