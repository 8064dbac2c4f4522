//! The rows of the F&O database that change: orders, lines, slips, tracking, notes.
//! Rows know their derived fields; they know nothing of OData.

use rust_decimal::Decimal;
use uuid::Uuid;

/// A postal address as F&O keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// Recipient.
    pub(crate) name: String,
    /// May hold several lines, separated by LF.
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) county: String,
    pub(crate) state: String,
    pub(crate) zip: String,
    /// Three letters.
    pub(crate) country: &'static str,
    /// ISO-2.
    pub(crate) country_iso: &'static str,
    pub(crate) location: String,
}

/// One row of the order table.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Place in the seed; the key of everything the world intends.
    pub(crate) index: u32,
    pub(crate) company: &'static str,
    pub(crate) number: String,
    pub(crate) rec_id: i64,
    pub(crate) rec_version: i64,
    /// `SysModifiedDateTime`, whole seconds in micros.
    pub(crate) stamp: i64,
    pub(crate) created: i64,
    pub(crate) deleted: bool,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) delivery: Address,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) reference: String,
    pub(crate) requisition: String,
    pub(crate) mode: String,
    pub(crate) terms: &'static str,
    pub(crate) carrier: String,
    pub(crate) service: String,
    pub(crate) pool: String,
    pub(crate) origin: String,
    pub(crate) site: &'static str,
    pub(crate) warehouse: &'static str,
    pub(crate) sales_type: &'static str,
    pub(crate) document: &'static str,
    pub(crate) stopped: bool,
    pub(crate) credit_hold: bool,
    pub(crate) ship_date: i64,
    pub(crate) currency: &'static str,
    pub(crate) lines: Vec<Line>,
    /// Its ShipBob warehouses have warehouse management inside F&O.
    pub(crate) managed: bool,
    /// `ReleaseStatus`.
    pub(crate) release: &'static str,
    /// Slips posted so far.
    pub(crate) slips: u32,
    /// Picked by the external warehouse, and not yet on a slip.
    pub(crate) picked: Vec<Picked>,
    /// Somebody has the order open until then.
    pub(crate) locked_until: i64,
    /// How often the packing-slip batch still lacks stock for it.
    pub(crate) stock_lacks: u8,
}

/// What one accepted shipment update picked.
#[derive(Clone, Debug)]
pub(crate) struct Picked {
    /// The packing slip number it proposed.
    pub(crate) slip: String,
    /// (line, quantity).
    pub(crate) lines: Vec<(i32, Decimal)>,
}

/// One row of the order line table.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) seq: i32,
    /// `InventoryLotId` = `InventTransId`.
    pub(crate) lot: String,
    pub(crate) rec_id: i64,
    pub(crate) rec_version: i64,
    pub(crate) stamp: i64,
    pub(crate) created: i64,
    pub(crate) item: &'static str,
    pub(crate) color: &'static str,
    pub(crate) size: &'static str,
    pub(crate) text: String,
    /// Ordered, in the sales unit.
    pub(crate) quantity: Decimal,
    pub(crate) unit: &'static str,
    /// Eaches in one sales unit.
    pub(crate) factor: Decimal,
    pub(crate) price: Decimal,
    /// Still to deliver, sales unit.
    pub(crate) remain: Decimal,
    pub(crate) deliver_now: Decimal,
    pub(crate) status: &'static str,
    pub(crate) site: &'static str,
    pub(crate) warehouse: &'static str,
    pub(crate) mode: String,
    /// The line's own address; `None` = the header's.
    pub(crate) delivery: Option<Address>,
    pub(crate) blocked: bool,
    pub(crate) stopped: bool,
    pub(crate) stocked: bool,
    /// Direct delivery from a vendor.
    pub(crate) direct: bool,
    pub(crate) reference: String,
    /// Its row of the warehouse table; `None` until it is first released.
    pub(crate) released: Option<Released>,
}

/// One row of the warehouse's table of order lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Released {
    /// Everything ever released, sales unit.
    pub(crate) quantity: Decimal,
    /// `ReleasedQty` as this tenant tells it.
    pub(crate) shown: Decimal,
    pub(crate) rec_id: i64,
    pub(crate) rec_version: i64,
    pub(crate) stamp: i64,
    pub(crate) created: i64,
}

/// A posted packing slip.
#[derive(Clone, Debug)]
pub(crate) struct Slip {
    pub(crate) company: &'static str,
    pub(crate) rec_id: i64,
    pub(crate) id: String,
    pub(crate) order: u32,
    pub(crate) sales_id: String,
    pub(crate) created: i64,
    /// Noon UTC.
    pub(crate) date: i64,
    pub(crate) warehouse: &'static str,
    pub(crate) carrier: String,
    pub(crate) mode: String,
    pub(crate) delivery_name: String,
    pub(crate) account: String,
    pub(crate) lines: Vec<SlipLine>,
}

/// One line of a posted packing slip.
#[derive(Clone, Debug)]
pub(crate) struct SlipLine {
    pub(crate) rec_id: i64,
    pub(crate) seq: i32,
    pub(crate) lot: String,
    pub(crate) item: &'static str,
    pub(crate) text: String,
    pub(crate) quantity: Decimal,
    pub(crate) ordered: Decimal,
    pub(crate) remain: Decimal,
    pub(crate) unit: &'static str,
    pub(crate) factor: Decimal,
}

/// A tracking number on a slip.
#[derive(Clone, Debug)]
pub(crate) struct Tracking {
    pub(crate) company: &'static str,
    pub(crate) rec_id: i64,
    pub(crate) order: u32,
    pub(crate) sales_id: String,
    pub(crate) slip: String,
    pub(crate) date: i64,
    pub(crate) number: String,
    pub(crate) url: String,
}

/// A note on an order.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) company: &'static str,
    pub(crate) id: Uuid,
    pub(crate) rec_id: i64,
    pub(crate) rec_version: i64,
    pub(crate) order: u32,
    pub(crate) sales_id: String,
    pub(crate) description: String,
    pub(crate) text: String,
    pub(crate) kind: String,
    pub(crate) restriction: &'static str,
    pub(crate) file_name: String,
    pub(crate) file_type: String,
}

impl Order {
    /// `SalesStatus`: the least advanced of the lines that are not cancelled.
    pub(crate) fn status(&self) -> &'static str {
        let mut live = self
            .lines
            .iter()
            .map(|line| line.status)
            .filter(|status| *status != "Canceled")
            .peekable();
        if live.peek().is_none() {
            return if self.lines.is_empty() { "Backorder" } else { "Canceled" };
        }
        if live.clone().any(|status| status == "Backorder") {
            "Backorder"
        } else if live.all(|status| status == "Invoiced") {
            "Invoiced"
        } else {
            "Delivered"
        }
    }

    /// `SalesOrderProcessingStatus`, the finer state of the header entity.
    pub(crate) fn processing(&self) -> &'static str {
        match self.status() {
            "Canceled" => "Canceled",
            "Invoiced" => "Invoiced",
            "Delivered" => "Delivered",
            _ if self.slips > 0 => "PartiallyDelivered",
            _ => match self.document {
                "Confirmation" => "Confirmed",
                "PickingList" => "Picked",
                _ => "Active",
            },
        }
    }

    /// The address of a line: its own or the header's.
    pub(crate) fn address_of<'a>(&'a self, line: &'a Line) -> &'a Address {
        line.delivery.as_ref().unwrap_or(&self.delivery)
    }

    /// Σ line amounts.
    pub(crate) fn total(&self) -> Decimal {
        self.lines.iter().map(Line::amount).sum()
    }

    /// The etag of the header: record version and id of the order table, then of its address.
    pub(crate) fn etag(&self) -> String {
        etag(&[(self.rec_version, self.rec_id), (0, self.rec_id + 7)])
    }
}

impl Line {
    /// Ordered quantity in the inventory unit.
    pub(crate) fn inventory_quantity(&self) -> Decimal {
        self.quantity * self.factor
    }

    pub(crate) fn amount(&self) -> Decimal {
        self.quantity * self.price
    }

    pub(crate) fn etag(&self) -> String {
        etag(&[(self.rec_version, self.rec_id)])
    }
}

impl Note {
    pub(crate) fn etag(&self) -> String {
        etag(&[(self.rec_version, self.rec_id)])
    }
}

/// `W/"base64('recVersion,recId;…')"`.
pub(crate) fn etag(pairs: &[(i64, i64)]) -> String {
    use base64::Engine as _;
    let mut text = String::from("'");
    for (index, (version, id)) in pairs.iter().enumerate() {
        if index > 0 {
            text.push(';');
        }
        text.push_str(&version.to_string());
        text.push(',');
        text.push_str(&id.to_string());
    }
    text.push('\'');
    format!("W/\"{}\"", base64::engine::general_purpose::STANDARD.encode(text))
}
