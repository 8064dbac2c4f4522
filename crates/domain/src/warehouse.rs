//! What ShipBob says of orders and shipments, freed of its wire form. Quantities are eaches.

use crate::ids::{CentreId, ChannelId, ReferenceId, ShipBobOrderId, ShipmentId};
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A ShipBob order with its shipments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarehouseOrder {
    /// ShipBob's id.
    pub id: ShipBobOrderId,
    /// `reference_id`.
    pub reference: ReferenceId,
    /// `order_number`, shown to people at ShipBob.
    pub number: String,
    /// Channel the order belongs to; absent on some reads.
    pub channel: Option<ChannelId>,
    /// Order status as written (`ImportReview`, `Processing`, …).
    pub status: String,
    /// When ShipBob created it.
    pub created: Timestamp,
    /// Who receives it.
    pub recipient: Recipient,
    /// `shipping_method` as written.
    pub method: String,
    /// Ordered products.
    pub products: Vec<WarehouseLine>,
    /// Shipments, oldest id first.
    pub shipments: Vec<Shipment>,
}

impl WarehouseOrder {
    /// The order's version: the newest change of any of its shipments.
    pub fn last_update(&self) -> Timestamp {
        self.shipments.iter().filter_map(|s| s.last_update).fold(self.created, Timestamp::max)
    }

    /// True when ShipBob has shipped nothing of this order and never will.
    pub fn cancelled(&self) -> bool {
        nothing_comes(&self.status, self.shipments.iter())
    }
}

/// Cancelled as a whole: by its own status, or because all its shipments are. An order of which a
/// parcel has left is not, whatever its status says.
pub(crate) fn nothing_comes<'a>(
    status: &str,
    shipments: impl Iterator<Item = &'a Shipment> + Clone,
) -> bool {
    let all = shipments.clone().all(|s| s.status == ShipmentStatus::Cancelled);
    let named = ["Cancelled", "Canceled"].iter().any(|c| status.eq_ignore_ascii_case(c));
    (named && !shipments.clone().any(Shipment::left)) || (all && shipments.count() > 0)
}

/// Recipient and address in ShipBob's form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recipient {
    /// Name, 1 to 300 characters.
    pub name: String,
    /// Company, where the name holds one.
    pub company: String,
    /// First line.
    pub address1: String,
    /// Second line.
    pub address2: String,
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// Postal code.
    pub zip: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// E-mail.
    pub email: String,
    /// Phone, at most 50 characters.
    pub phone: String,
}

impl Recipient {
    /// ShipBob may tidy an address; name, postal code and country tell people apart.
    pub fn same_person(&self, other: &Self) -> bool {
        let plain = |s: &str| {
            let kept = s.chars().filter(|c| c.is_alphanumeric());
            kept.flat_map(char::to_lowercase).collect::<String>()
        };
        plain(&self.name) == plain(&other.name)
            && plain(&self.zip) == plain(&other.zip)
            && plain(&self.country) == plain(&other.country)
    }

    /// The same but for letter case, spaces and punctuation: ShipBob may tidy an address.
    pub fn alike(&self, other: &Self) -> bool {
        let parts = |r: &Self| {
            [
                &r.name,
                &r.company,
                &r.address1,
                &r.address2,
                &r.city,
                &r.state,
                &r.zip,
                &r.country,
                &r.email,
                &r.phone,
            ]
            .map(|text| {
                let plain = text.chars().filter(|c| c.is_alphanumeric());
                plain.flat_map(char::to_lowercase).collect::<String>()
            })
        };
        parts(self) == parts(other)
    }
}

/// One ordered product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarehouseLine {
    /// `reference_id` of the product: our SKU.
    pub sku: String,
    /// Eaches.
    pub quantity: i64,
    /// `external_line_id`: the F&O line sequence number.
    pub external_line_id: Option<i32>,
}

/// `status` of a shipment; a value we do not know survives as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShipmentStatus {
    /// Just imported.
    ImportReview,
    /// Being fulfilled.
    Processing,
    /// Label and tracking exist.
    LabeledCreated,
    /// Left ShipBob; not yet delivered.
    Completed,
    /// Cannot be fulfilled.
    Exception,
    /// Blocked though stock exists.
    OnHold,
    /// Cancelled.
    Cancelled,
    /// Cleared in bulk; meaning not documented, a person looks.
    CleanSweeped,
    /// Anything else, as written.
    Other(String),
}

/// One entry of `status_details`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDetail {
    /// Documented id, a hint only.
    pub id: Option<i64>,
    /// Name to match on.
    pub name: String,
    /// Sentence for people.
    pub description: String,
}

/// Carrier data of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tracking {
    /// Carrier as ShipBob names it.
    pub carrier: String,
    /// Service as ShipBob names it.
    pub service: String,
    /// Number; empty while there is none.
    pub number: String,
    /// Link for people.
    pub url: String,
}

/// One shipment: one parcel with its own tracking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// ShipBob's id.
    pub id: ShipmentId,
    /// Status.
    pub status: ShipmentStatus,
    /// Details; several may be present.
    pub details: Vec<StatusDetail>,
    /// Where it ships from.
    pub centre: Option<CentreId>,
    /// What ShipBob calls that centre; may be empty.
    #[serde(default)]
    pub centre_name: String,
    /// When ShipBob created it.
    pub created: Timestamp,
    /// Last change.
    pub last_update: Option<Timestamp>,
    /// When picked, packed and labelled.
    pub fulfilled: Option<Timestamp>,
    /// When delivered, where ShipBob says so.
    pub delivered: Option<Timestamp>,
    /// Tracking, where a label exists.
    pub tracking: Option<Tracking>,
    /// What is inside.
    pub products: Vec<ShippedProduct>,
    /// Shipping cost, where known.
    pub invoice_amount: Option<Decimal>,
    /// Its currency.
    pub invoice_currency: String,
    /// The "uploaded" flag at ShipBob; shared by all tools of the merchant, never our truth.
    pub tracking_uploaded: bool,
    /// Who receives this parcel, where ShipBob says so; the order may still show an older one.
    #[serde(default)]
    pub recipient: Option<Recipient>,
    /// `ship_option`: the method of this parcel as written.
    #[serde(default)]
    pub method: String,
}

impl Shipment {
    /// The goods have left ShipBob.
    pub fn left(&self) -> bool {
        self.status == ShipmentStatus::Completed
    }

    /// A label exists, or more.
    pub fn labelled(&self) -> bool {
        matches!(self.status, ShipmentStatus::LabeledCreated | ShipmentStatus::Completed)
    }

    /// Nothing will come of this shipment any more.
    pub fn dead(&self) -> bool {
        matches!(self.status, ShipmentStatus::Cancelled | ShipmentStatus::CleanSweeped)
    }

    /// Has a detail of that name.
    pub fn detail(&self, name: &str) -> bool {
        self.details.iter().any(|d| d.name.eq_ignore_ascii_case(name))
    }

    /// The carrier says the consumer has it.
    pub fn is_delivered(&self) -> bool {
        self.delivered.is_some() || (self.left() && self.detail("Delivered"))
    }

    /// Picked or later: a cancel or an edit comes too late.
    pub fn picked(&self) -> bool {
        self.labelled() || ["Picked", "Packed", "Labeled"].iter().any(|n| self.detail(n))
    }

    /// Tracking number, when there is one.
    pub fn number(&self) -> Option<&str> {
        self.tracking.as_ref().map(|t| t.number.trim()).filter(|n| !n.is_empty())
    }
}

/// One product inside a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedProduct {
    /// `reference_id`, else `sku`: our SKU of the order line (a bundle keeps its own here).
    pub sku: String,
    /// Physical items inside: name or SKU of the component, and eaches.
    pub items: Vec<ShippedItem>,
}

/// One physical item inside a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedItem {
    /// Inventory id.
    pub inventory_id: i64,
    /// Eaches.
    pub quantity: i64,
}

/// A catalogue entry at ShipBob, as far as orders need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueItem {
    /// SKU exactly as ShipBob writes it.
    pub sku: String,
    /// Active variants only may be ordered.
    pub active: bool,
    /// Components when this is a bundle: SKU or inventory id and eaches per bundle.
    pub bundle: bool,
    /// Inventory id, when it has stock of its own.
    pub inventory_id: Option<i64>,
    /// Components of a bundle: (inventory id, eaches per bundle), where ShipBob says so.
    pub components: Vec<(i64, i64)>,
}
