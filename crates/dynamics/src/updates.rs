//! The writes of profile *external*: answers to shipment order requests, and shipment updates.

use crate::batch::Item;
use crate::client::Dynamics;
use crate::interpret::Expect;
use crate::odata::{self, Literal, NAMESPACE};
use crate::writes::{json, number};
use domain::ids::RequestId;
use domain::operation::{UpdateLine, UpdateShipment};
use serde::Serialize;
use serde_json::value::RawValue;

const ANSWERS: &str = "OutboundShipmentOrderRequestStatus";
const UPDATES: &str = "OutboundShipmentOrderUpdates";
const LINES: &str = "OutboundShipmentOrderLineUpdates";
const DIMENSIONS: &str = "OutboundShipmentOrderLineInventDimUpdates";

type Parts = Vec<(Item, Expect)>;

impl Dynamics {
    pub(crate) fn answer_request(
        &self,
        request: &RequestId,
        status: &str,
        message: &str,
        etag: &str,
    ) -> Result<(Item, Expect), String> {
        let key = [("OutboundShipmentOrderRequestId", Literal::text(request.as_str()))];
        self.patch(ANSWERS, &key, etag, &Answer { status, message })
    }

    /// Header, lines, dimensions, and last the commit: one transaction.
    pub(crate) fn update_shipment(&self, update: &UpdateShipment) -> Result<Parts, String> {
        let company = self.config.company.as_str();
        let (id, origin) = (update.update.as_str(), update.origin.as_str());
        let key = Key { company, update: id, origin };
        let mut parts = vec![self.insert(
            UPDATES,
            &Header {
                key,
                slip: &update.slip,
                date: format!("{}T12:00:00Z", update.shipped.date()),
                shipped: update.shipped.to_rfc3339_seconds(),
                transport: update.transport.as_deref(),
            },
        )?];
        for line in &update.lines {
            parts.push(self.insert(LINES, &Line::of(key, line)?)?);
        }
        for line in &update.lines {
            parts.push(self.insert(DIMENSIONS, &Dimension::of(key, line)?)?);
        }
        parts.push(self.commit(update)?);
        Ok(parts)
    }

    fn commit(&self, update: &UpdateShipment) -> Result<(Item, Expect), String> {
        let key = [
            ("dataAreaId", Literal::text(self.config.company.as_str())),
            ("OutboundShipmentOrderUpdateId", Literal::text(&update.update)),
            ("OutboundShipmentOrderOriginId", Literal::text(&update.origin)),
        ];
        let row = odata::row_url(&self.config.base, UPDATES, &key);
        if !update.complete {
            // The row was made in this change set: nobody else can have changed it.
            let body = json(&Status { status: "Received" })?;
            return Ok((Item { method: "PATCH", url: row, etag: None, body }, Expect::Patch));
        }
        let url = match row.split_once('?') {
            Some((row, query)) => format!("{row}/{NAMESPACE}.Complete?{query}"),
            None => format!("{row}/{NAMESPACE}.Complete"),
        };
        Ok((Item { method: "POST", url, etag: None, body: String::new() }, Expect::Action))
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "RequestStatus")]
    status: &'a str,
    #[serde(rename = "ResponseMessage")]
    message: &'a str,
}

#[derive(Serialize)]
struct Status<'a> {
    #[serde(rename = "ProcessingStatus")]
    status: &'a str,
}

#[derive(Serialize, Clone, Copy)]
struct Key<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "OutboundShipmentOrderUpdateId")]
    update: &'a str,
    #[serde(rename = "OutboundShipmentOrderOriginId")]
    origin: &'a str,
}

#[derive(Serialize)]
struct Header<'a> {
    #[serde(flatten)]
    key: Key<'a>,
    #[serde(rename = "PackingSlipNumber")]
    slip: &'a str,
    #[serde(rename = "PackingSlipDocumentDate")]
    date: String,
    #[serde(rename = "ActualShippingDateTime")]
    shipped: String,
    #[serde(rename = "TransportationId", skip_serializing_if = "Option::is_none")]
    transport: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "OutboundShipmentOrderUpdateId")]
    update: &'a str,
    #[serde(rename = "OutboundShipmentOrderOriginId")]
    origin: &'a str,
    #[serde(rename = "OrderLineNumber")]
    number: i32,
    #[serde(rename = "OrderedQuantity")]
    ordered: Box<RawValue>,
    #[serde(rename = "OrderedUnitSymbol")]
    unit: &'a str,
    #[serde(rename = "TotalPickedQuantity")]
    picked: Box<RawValue>,
    #[serde(rename = "TotalShippedQuantity")]
    shipped: Box<RawValue>,
    #[serde(rename = "RemainingQuantity")]
    remaining: Box<RawValue>,
}

impl<'a> Line<'a> {
    fn of(key: Key<'a>, line: &'a UpdateLine) -> Result<Self, String> {
        Ok(Self {
            company: key.company,
            update: key.update,
            origin: key.origin,
            number: line.number,
            ordered: number(line.ordered)?,
            unit: &line.unit,
            picked: number(line.total)?,
            shipped: number(line.total)?,
            remaining: number(line.ordered.saturating_sub(line.total))?,
        })
    }
}

#[derive(Serialize)]
struct Dimension<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "OutboundShipmentOrderUpdateId")]
    update: &'a str,
    #[serde(rename = "OutboundShipmentOrderOriginId")]
    origin: &'a str,
    #[serde(rename = "OrderLineNumber")]
    number: i32,
    #[serde(rename = "ShippedQuantity")]
    shipped: Box<RawValue>,
    #[serde(rename = "PickedQuantity")]
    picked: Box<RawValue>,
    #[serde(rename = "UnitSymbol")]
    unit: &'a str,
}

impl<'a> Dimension<'a> {
    fn of(key: Key<'a>, line: &'a UpdateLine) -> Result<Self, String> {
        Ok(Self {
            company: key.company,
            update: key.update,
            origin: key.origin,
            number: line.number,
            shipped: number(line.shipped)?,
            picked: number(line.shipped)?,
            unit: &line.unit,
        })
    }
}
