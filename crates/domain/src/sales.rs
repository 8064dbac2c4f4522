//! What F&O says of a sales order, freed of its wire form. Quantities are in the sales unit of
//! their line unless a name says otherwise.

use crate::ids::{Company, LotId, PackingSlipId, SalesOrderNumber, WarehouseId};
use crate::settings::Profile;
use crate::time::Timestamp;
use crate::whs::WarehouseRelease;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// F&O `SalesStatus`; a member we do not know survives as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SalesStatus {
    /// Open order.
    Backorder,
    /// Packing slips posted for everything.
    Delivered,
    /// Invoices posted for everything.
    Invoiced,
    /// Cancelled.
    Canceled,
    /// Anything else, as written.
    Other(String),
}

/// F&O `DocumentStatus`: the highest document posted for the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentStatus {
    /// No document yet.
    None,
    /// Order confirmation.
    Confirmation,
    /// Picking list.
    PickingList,
    /// Packing slip.
    PackingSlip,
    /// Invoice.
    Invoice,
    /// Anything else, as written.
    Other(String),
}

/// Where goods go. Streets keep their line feeds; the planner cuts them to ShipBob's two lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    /// Recipient's name.
    pub name: String,
    /// Street, possibly several lines separated by LF.
    pub street: String,
    /// City.
    pub city: String,
    /// State or province as the customer writes it.
    pub state: String,
    /// Postal code.
    pub zip: String,
    /// F&O country id, three letters in standard data.
    pub country: String,
    /// ISO 3166-1 alpha-2 where F&O gives it.
    pub country_iso: String,
    /// Key of the address in F&O, to tell two addresses apart when their text is equal.
    pub location_id: String,
}

/// One sales order with everything we read of it in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesOrder {
    /// Order number.
    pub number: SalesOrderNumber,
    /// Legal entity.
    pub company: Company,
    /// Header status.
    pub status: SalesStatus,
    /// Highest document posted.
    pub document_status: DocumentStatus,
    /// `SalesType`; only `Sales` is shipped.
    pub sales_type: String,
    /// Stopped by a person ("do not process").
    pub stopped: bool,
    /// On credit hold.
    pub credit_hold: bool,
    /// When the header last changed, by F&O's clock.
    pub modified: Timestamp,
    /// When the order was created, by F&O's clock.
    pub created: Timestamp,
    /// Etag of the header entity, for conditional writes.
    pub etag: String,
    /// Ship-to of the header.
    pub address: Address,
    /// E-mail of the order.
    pub email: String,
    /// Phone of the order.
    pub phone: String,
    /// Header delivery mode.
    pub delivery_mode: String,
    /// Pool, the flag the packing-slip batch may select on.
    pub pool: String,
    /// Origin code.
    pub origin: String,
    /// Customer's reference.
    pub customer_reference: String,
    /// Currency of prices.
    pub currency: String,
    /// Carrier on the order.
    pub carrier: String,
    /// Carrier service on the order.
    pub carrier_service: String,
    /// Lines in order of their sequence number.
    pub lines: Vec<SalesLine>,
    /// Packing slips posted so far. Must be read after the lines: a slip posted between the two
    /// reads then shows here and not in `remaining`, which the planner notices; the other way
    /// round it would look like a reduced line.
    pub slips: Vec<PackingSlip>,
    /// Internal notes of the order whose description starts with ours.
    pub notes: Vec<Note>,
    /// Tracking rows on packing slips.
    pub tracking: Vec<SlipTracking>,
    /// What was released to warehouses with warehouse management; read only where one is mapped, after the slips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse_release: Option<WarehouseRelease>,
    /// Profiles whose filter does not select the order.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub left_out: BTreeSet<Profile>,
}

/// One line of a sales order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesLine {
    /// Stable key.
    pub lot: LotId,
    /// `LineCreationSequenceNumber`: stable and unique inside the order.
    pub sequence: i32,
    /// Item number with its variant dimensions joined by `-`.
    pub sku: String,
    /// Item number alone.
    pub item: String,
    /// Text of the line.
    pub name: String,
    /// Sales unit symbol.
    pub unit: String,
    /// Ordered, in sales unit.
    pub ordered: Decimal,
    /// Still to deliver, in sales unit.
    pub remaining: Decimal,
    /// Quantity the packing-slip batch would post, in sales unit.
    pub deliver_now: Decimal,
    /// Unit price in the order's currency.
    pub price: Decimal,
    /// Line status.
    pub status: SalesStatus,
    /// Blocked by a person.
    pub blocked: bool,
    /// The product is kept in stock.
    pub stocked: bool,
    /// Shipped by the vendor, not from a warehouse.
    pub direct_delivery: bool,
    /// Warehouse the line ships from.
    pub warehouse: WarehouseId,
    /// Delivery mode of the line.
    pub delivery_mode: String,
    /// Ship-to of the line.
    pub address: Address,
    /// When the line last changed, by F&O's clock.
    pub modified: Timestamp,
    /// Etag of the line entity, for conditional writes.
    pub etag: String,
}

impl SalesOrder {
    /// Posted on packing slips for a line so far, in sales unit.
    pub fn slipped(&self, lot: &LotId) -> Decimal {
        self.slips.iter().map(|s| s.quantity(lot)).fold(Decimal::ZERO, Decimal::saturating_add)
    }
}

/// One posted packing slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackingSlip {
    /// Number.
    pub id: PackingSlipId,
    /// `DeliveryDate` exactly as F&O wrote it: it is part of the key of its tracking rows.
    pub delivery_date: String,
    /// When the slip was written, by F&O's clock.
    pub created: Timestamp,
    /// Quantities per line, in sales unit.
    pub lines: Vec<(LotId, Decimal)>,
}

impl PackingSlip {
    /// What it posted of a line, in sales unit.
    pub fn quantity(&self, lot: &LotId) -> Decimal {
        let own = self.lines.iter().filter(|(l, _)| l == lot);
        own.map(|(_, q)| *q).fold(Decimal::ZERO, Decimal::saturating_add)
    }
}

/// One note on a sales order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Key of the document in F&O.
    pub document_id: String,
    /// `AttachmentDescription`: carries our key of the shipment.
    pub description: String,
    /// The text a person reads.
    pub text: String,
    /// Etag for conditional writes.
    pub etag: String,
}

/// One tracking number on a packing slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipTracking {
    /// The slip.
    pub slip: PackingSlipId,
    /// The number.
    pub number: String,
}

/// A sales order as one read saw it: there, or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRead {
    /// Which order was asked for.
    pub number: SalesOrderNumber,
    /// `None` when F&O has no such order (deleted, or never there).
    pub order: Option<SalesOrder>,
    /// When we began to read, by our clock.
    pub read_began: Timestamp,
}
