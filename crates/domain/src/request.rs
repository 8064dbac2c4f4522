//! What F&O says of a shipment order request: the release of one shipment of an externally managed
//! warehouse. Its id is the identity of everything that follows; quantities are in the unit of the
//! line.

use crate::address::clean;
use crate::ids::{Company, RequestId, SalesOrderNumber, WarehouseId};
use crate::sales::{Address, DocumentStatus, OrderRead, SalesLine, SalesOrder, SalesStatus};
use crate::settings::Profile;
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What tells the subject of a request from that of a sales order, which has its number alone.
const SUBJECT: &str = "request:";

/// The subject of a request.
pub fn subject(id: &RequestId) -> String {
    format!("{SUBJECT}{id}")
}

/// The request a subject is about; none when it is a sales order.
pub fn id_of(subject: &str) -> Option<&str> {
    subject.strip_prefix(SUBJECT)
}

/// F&O `WHSEWShipmentOrderRequestStatus`; a member we do not know survives as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestStatus {
    /// Being written.
    Draft,
    /// Sent, and not yet answered.
    Sent,
    /// Answered: received.
    Received,
    /// Answered: accepted.
    Accepted,
    /// Failed.
    Failed,
    /// Cancelled: nothing is to be shipped.
    Cancelled,
    /// Anything else, as written.
    Other(String),
}

impl RequestStatus {
    /// From F&O's word.
    pub fn named(text: &str) -> Self {
        match text {
            "Draft" => Self::Draft,
            "Sent" => Self::Sent,
            "Received" => Self::Received,
            "Accepted" => Self::Accepted,
            "Failed" => Self::Failed,
            "Cancelled" => Self::Cancelled,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// F&O `WHSEWShipmentOrderUpdateStatus`; a member we do not know survives as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateStatus {
    /// Being written: not yet committed.
    Receiving,
    /// Committed; the message processor takes it.
    Received,
    /// The order lines are picked.
    Accepted,
    /// The message processor refused it.
    Failed,
    /// Cancelled by a person.
    Cancelled,
    /// Anything else, as written.
    Other(String),
}

impl UpdateStatus {
    /// From F&O's word.
    pub fn named(text: &str) -> Self {
        match text {
            "Receiving" => Self::Receiving,
            "Received" => Self::Received,
            "Accepted" => Self::Accepted,
            "Failed" => Self::Failed,
            "Cancelled" => Self::Cancelled,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A field of the request that may carry the sales order number. Which one does is UNKNOWN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderNumberField {
    /// `ConsigneeReference` of the request.
    ConsigneeReference,
    /// `ConsigneeReference` of its lines.
    LineConsigneeReference,
    /// `ConsigneePurchaseOrderId` of the request.
    ConsigneePurchaseOrderId,
}

/// One request with its lines and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentRequest {
    /// Request id.
    pub id: RequestId,
    /// `OutboundShipmentOrderOriginId`: echoed in every update.
    pub origin: String,
    /// Grows when F&O says the same request anew.
    pub version: i64,
    /// Warehouse it ships from.
    pub warehouse: WarehouseId,
    /// What was answered so far.
    pub status: RequestStatus,
    /// Etag of the answer, for conditional writes.
    pub etag: String,
    /// Ship-to.
    pub address: Address,
    /// E-mail of the recipient.
    pub email: String,
    /// Phone of the recipient.
    pub phone: String,
    /// Delivery mode.
    pub delivery_mode: String,
    /// What stands in the fields that may carry the sales order number.
    pub references: Vec<(OrderNumberField, String)>,
    /// Lines by number.
    pub lines: Vec<RequestLine>,
    /// Updates with its origin id, ours and others.
    pub updates: Vec<ShipmentUpdate>,
    /// The filter of the profile does not select it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
}

/// One line of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// `OrderLineNumber`.
    pub number: i32,
    /// Item number with its variant dimensions joined by `-`.
    pub sku: String,
    /// Item number alone.
    pub item: String,
    /// Text of the line.
    pub name: String,
    /// Unit symbol.
    pub unit: String,
    /// Ordered, in that unit.
    pub ordered: Decimal,
}

/// One update as F&O has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentUpdate {
    /// `OutboundShipmentOrderUpdateId`.
    pub id: String,
    /// How far the message processor got.
    pub status: UpdateStatus,
    /// `PackingSlipNumber` it proposes.
    pub slip: String,
}

/// A request as one read saw it: there, or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRead {
    /// Which request was asked for.
    pub id: RequestId,
    /// `None` when F&O has no such request.
    pub request: Option<ShipmentRequest>,
    /// When we began to read, by our clock.
    pub read_began: Timestamp,
}

impl ShipmentRequest {
    /// Numbers the request may belong to, in the order of `fields`; each once.
    pub fn candidates(&self, fields: &[OrderNumberField]) -> Vec<SalesOrderNumber> {
        let mut found: Vec<SalesOrderNumber> = Vec::new();
        for field in fields {
            let texts = self.references.iter().filter(|(f, _)| f == field).map(|(_, t)| t.trim());
            for text in texts.filter(|t| !t.is_empty()) {
                if !found.iter().any(|n| n.same_as(text)) {
                    found.push(SalesOrderNumber::new(text));
                }
            }
        }
        found
    }

    /// It is this sales order that was released: it carries every item of the request.
    pub fn belongs_to(&self, order: &SalesOrder) -> bool {
        let has = |l: &RequestLine| {
            let mut lines = order.lines.iter();
            lines.any(|o| o.sku == l.sku && o.warehouse.same_as(self.warehouse.as_str()))
        };
        !self.lines.is_empty() && self.lines.iter().all(has)
    }

    /// Nothing of it is left to deliver by its sales order: whoever shipped it, the slips are posted.
    pub fn delivered_by(&self, order: &SalesOrder) -> bool {
        let over = |l: &RequestLine| {
            let mut booked = order
                .lines
                .iter()
                .filter(|o| o.sku == l.sku && o.warehouse.same_as(self.warehouse.as_str()))
                .peekable();
            booked.peek().is_some() && booked.all(|o| o.remaining <= Decimal::ZERO)
        };
        !self.lines.is_empty() && self.lines.iter().all(over)
    }

    /// The update that F&O accepted, if any.
    pub fn accepted(&self) -> Option<&ShipmentUpdate> {
        self.updates.iter().find(|u| u.status == UpdateStatus::Accepted)
    }

    /// The request in the form in which everything that is to be shipped is planned. Prices and the
    /// date of the order come from the sales order, where that is known.
    /// `whole`: one update tells everything, so that nothing is left to deliver after it.
    pub fn as_order(
        &self,
        company: &Company,
        owner: Option<&SalesOrder>,
        whole: bool,
    ) -> SalesOrder {
        let cancelled = self.status == RequestStatus::Cancelled;
        let status = if cancelled { SalesStatus::Canceled } else { SalesStatus::Backorder };
        let line = |l: &RequestLine| {
            let mut line = self.as_line(l, &status, owner);
            // What F&O has picked is not to be shipped again.
            if cancelled || (whole && self.accepted().is_some()) {
                line.remaining = Decimal::ZERO;
            }
            line
        };
        SalesOrder {
            number: SalesOrderNumber::new(subject(&self.id)),
            company: company.clone(),
            document_status: DocumentStatus::None,
            sales_type: "Sales".to_owned(),
            stopped: false,
            credit_hold: false,
            modified: Timestamp::MIN,
            created: owner.map_or(Timestamp::MIN, |o| o.created),
            etag: String::new(),
            address: self.address.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            delivery_mode: self.delivery_mode.clone(),
            pool: String::new(),
            origin: String::new(),
            customer_reference: owner.map(|o| o.customer_reference.clone()).unwrap_or_default(),
            currency: owner.map(|o| o.currency.clone()).unwrap_or_default(),
            carrier: String::new(),
            carrier_service: String::new(),
            lines: self.lines.iter().map(line).collect(),
            slips: Vec::new(),
            notes: owner.map(|o| o.notes.clone()).unwrap_or_default(),
            tracking: Vec::new(),
            warehouse_release: None,
            left_out: self.left_out.then_some(Profile::External).into_iter().collect(),
            status: status.clone(),
        }
    }

    fn as_line(
        &self,
        l: &RequestLine,
        status: &SalesStatus,
        owner: Option<&SalesOrder>,
    ) -> SalesLine {
        let booked = owner.and_then(|o| {
            let mut lines = o.lines.iter();
            lines.find(|b| b.sku == l.sku && b.unit.eq_ignore_ascii_case(&l.unit))
        });
        SalesLine {
            lot: crate::ids::LotId::new(format!("{}/{}", self.id, l.number)),
            sequence: l.number,
            sku: l.sku.clone(),
            item: l.item.clone(),
            name: if clean(&l.name).is_empty() { l.sku.clone() } else { l.name.clone() },
            unit: l.unit.clone(),
            ordered: l.ordered,
            remaining: l.ordered,
            deliver_now: Decimal::ZERO,
            price: booked.map(|b| b.price).unwrap_or_default(),
            status: status.clone(),
            blocked: false,
            stocked: true,
            direct_delivery: false,
            warehouse: self.warehouse.clone(),
            delivery_mode: self.delivery_mode.clone(),
            address: self.address.clone(),
            modified: Timestamp::MIN,
            etag: String::new(),
        }
    }
}

/// The sales order a request belongs to, among those that were read for it.
pub fn owner<'r>(
    request: &ShipmentRequest,
    fields: &[OrderNumberField],
    read: impl Fn(&SalesOrderNumber) -> Option<&'r OrderRead>,
) -> Option<&'r OrderRead> {
    let candidates = request.candidates(fields);
    let mut reads = candidates.iter().filter_map(read);
    reads.find(|r| r.order.as_ref().is_some_and(|o| request.belongs_to(o)))
}
