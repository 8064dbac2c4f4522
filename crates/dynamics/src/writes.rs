//! The writes of the profiles *plain* and *external*: one change set per operation, at most 100 per `$batch`.

use crate::batch::Item;
use crate::client::{self, Dynamics, Turn};
use crate::interpret::{self, Expect, OnExists};
use crate::limits;
use crate::odata::{self, Literal};
use crate::reply::WriteReply;
use domain::ids::SalesOrderNumber;
use domain::operation::{DeliverNow, Operation};
use domain::stock::{NewAdjustments, NewJournal, NewLines};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;

/// Why a custom call is no part of a batch.
const ALONE: &str = "a custom call is sent by itself";

const HEADERS: &str = "SalesOrderHeadersV2";
const LINES: &str = "SalesOrderLines";
const NOTES: &str = "SalesOrderHeaderDocumentAttachmentsV2";
const TRACKING: &str = "PackingSlipTrackingInformation";

/// One operation as F&O gets it.
#[derive(Debug)]
struct Wanted {
    items: Vec<Item>,
    expected: Vec<Expect>,
    on_exists: OnExists,
}

impl Wanted {
    fn of(parts: Vec<(Item, Expect)>, on_exists: OnExists) -> Self {
        let (items, expected) = parts.into_iter().unzip();
        Self { items, expected, on_exists }
    }
}

impl Dynamics {
    /// Sends writes, at most 100 per `$batch`; one reply per operation, in their order. Each
    /// operation is one transaction of its own: one that fails does not touch the others.
    pub async fn write(&self, now: Timestamp, operations: &[Operation]) -> Vec<WriteReply> {
        let mut turn = self.turn();
        let mut replies = Vec::with_capacity(operations.len());
        for group in operations.chunks(limits::WRITES_PER_BATCH) {
            replies.extend(self.write_group(&mut turn, now, group).await);
        }
        replies
    }

    async fn write_group(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        operations: &[Operation],
    ) -> Vec<WriteReply> {
        let mut wanted = Vec::new();
        // What can be told without sending; the others are filled in below.
        let told: Vec<Option<WriteReply>> = operations
            .iter()
            .map(|operation| match self.wanted(operation) {
                Ok(one) if one.items.is_empty() => Some(WriteReply::AlreadyDone),
                Ok(one) => {
                    wanted.push(one);
                    None
                }
                Err(why) => Some(WriteReply::Refused { why }),
            })
            .collect();
        let mut sent = self.send_writes(turn, now, wanted).await.into_iter();
        told.into_iter()
            .map(|reply| {
                reply.or_else(|| sent.next()).unwrap_or_else(|| WriteReply::InDoubt {
                    why: "F&O did not answer this part of the batch".to_owned(),
                })
            })
            .collect()
    }

    async fn send_writes(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        wanted: Vec<Wanted>,
    ) -> Vec<WriteReply> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let (sets, expected): (Vec<_>, Vec<_>) =
            wanted.into_iter().map(|one| (one.items, (one.expected, one.on_exists))).unzip();
        match self.batch(turn, now, "dynamics.write", client::changes(&sets)).await {
            Ok(batch) => interpret::write_parts(&batch, &expected, now),
            Err(failure) => {
                let reply = interpret::write_failure(failure, now);
                vec![reply; expected.len()]
            }
        }
    }

    fn wanted(&self, operation: &Operation) -> Result<Wanted, String> {
        match operation {
            Operation::WriteNote { order, description, text, existing, document_id } => {
                self.noted(order, (description, text, document_id), existing.as_ref())
            }
            Operation::SetDeliverNow { order, lines, pool } => {
                self.offered(order, lines, pool.as_ref())
            }
            Operation::SetCarrier { order, carrier, service, etag } => {
                let key = [("SalesOrderNumber", Literal::text(order.as_str()))];
                let part = self.patch(HEADERS, &key, etag, &Carrier { carrier, service });
                part.map(|part| Wanted::of(vec![part], OnExists::ReadAgain))
            }
            Operation::AddTracking { order, slip, delivery_date, number, url } => {
                let part = self.insert(
                    TRACKING,
                    &NewTracking {
                        company: self.config.company.as_str(),
                        order: order.as_str(),
                        slip: slip.as_str(),
                        delivery_date,
                        number,
                        url: Some(url.as_str()).filter(|url| !url.is_empty()),
                    },
                )?;
                Ok(Wanted::of(vec![part], OnExists::AlreadyDone))
            }
            Operation::AnswerRequest { request, status, message, etag } => {
                let part = self.answer_request(request, status, message, etag)?;
                Ok(Wanted::of(vec![part], OnExists::ReadAgain))
            }
            Operation::UpdateShipment(update) => {
                Ok(Wanted::of(self.update_shipment(update)?, OnExists::ReadAgain))
            }
            Operation::CustomCall(_) | Operation::TellAvailable(_) => Err(ALONE.to_owned()),
            Operation::CreateJournal(new) => self.headed(new),
            Operation::WriteJournalLines(new) => self.counted(new),
            Operation::AdjustStock(new) => self.adjusted(new),
            Operation::WriteCharge(_) => Err("charges are sent as a package".to_owned()),
            Operation::CreateOrder(_)
            | Operation::CancelOrder { .. }
            | Operation::EditShipment(_)
            | Operation::CreateProduct(_)
            | Operation::AddVariants { .. }
            | Operation::UpdateProduct { .. }
            | Operation::AckTracking { .. } => Err("this is not a write to F&O".to_owned()),
        }
    }

    /// A note: patched by document id and etag, or inserted.
    fn noted(
        &self,
        order: &SalesOrderNumber,
        (description, text, document_id): (&str, &str, &str),
        existing: Option<&(String, String)>,
    ) -> Result<Wanted, String> {
        let part = match existing {
            Some((id, etag)) => {
                let key = [("DocumentId", guid(id)?)];
                self.patch(NOTES, &key, etag, &NoteText { notes: text })
            }
            None => self.insert(
                NOTES,
                &NewNote {
                    company: self.config.company.as_str(),
                    order: order.as_str(),
                    kind: "Note",
                    restriction: "Internal",
                    description,
                    notes: text,
                    document_id: Some(document_id).filter(|id| !id.is_empty()),
                },
            ),
        };
        part.map(|part| Wanted::of(vec![part], OnExists::ReadAgain))
    }

    /// What the batch is offered: pool of the header, quantities of the lines.
    fn offered(
        &self,
        order: &SalesOrderNumber,
        lines: &[DeliverNow],
        pool: Option<&(String, String)>,
    ) -> Result<Wanted, String> {
        let mut parts = Vec::new();
        // The header first: writing a line may move the header's etag, not the reverse.
        if let Some((pool, etag)) = pool {
            let key = [("SalesOrderNumber", Literal::text(order.as_str()))];
            parts.push(self.patch(HEADERS, &key, etag, &Pool { pool })?);
        }
        for line in lines {
            parts.push(self.deliver_now(line)?);
        }
        Ok(Wanted::of(parts, OnExists::ReadAgain))
    }

    fn counted(&self, new: &NewLines) -> Result<Wanted, String> {
        Ok(Wanted::of(self.new_lines(new)?, OnExists::AlreadyDone))
    }

    fn headed(&self, new: &NewJournal) -> Result<Wanted, String> {
        self.new_journal(new).map(|part| Wanted::of(vec![part], OnExists::ReadAgain))
    }

    fn adjusted(&self, new: &NewAdjustments) -> Result<Wanted, String> {
        Ok(Wanted::of(self.adjustments(new)?, OnExists::ReadAgain))
    }

    fn deliver_now(&self, line: &DeliverNow) -> Result<(Item, Expect), String> {
        let key = [("InventoryLotId", Literal::text(line.lot.as_str()))];
        self.patch(LINES, &key, &line.etag, &Quantity { deliver_now: number(line.quantity)? })
    }

    pub(crate) fn insert(
        &self,
        set: &str,
        body: &impl Serialize,
    ) -> Result<(Item, Expect), String> {
        let url = odata::set_url(&self.config.base, set);
        Ok((Item { method: "POST", url, etag: None, body: json(body)? }, Expect::Insert))
    }

    /// A conditional change. Without an etag it would overwrite what nobody has read.
    pub(crate) fn patch(
        &self,
        set: &str,
        key: &[(&str, Literal)],
        etag: &str,
        body: &impl Serialize,
    ) -> Result<(Item, Expect), String> {
        let usable = !etag.is_empty() && etag.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if !usable {
            return Err(format!(
                "{set} was read without a usable etag, so it cannot be changed safely"
            ));
        }
        let mut whole = vec![("dataAreaId", Literal::text(self.config.company.as_str()))];
        whole.extend(key.iter().cloned());
        let url = odata::row_url(&self.config.base, set, &whole);
        let item = Item { method: "PATCH", url, etag: Some(etag.to_owned()), body: json(body)? };
        Ok((item, Expect::Patch))
    }
}

pub(crate) fn json(body: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(body).map_err(|_| "the write cannot be put into JSON".to_owned())
}

/// A JSON number with exactly the digits of the decimal.
pub(crate) fn number(value: Decimal) -> Result<Box<RawValue>, String> {
    RawValue::from_string(value.normalize().to_string())
        .map_err(|_| "the quantity cannot be put into JSON".to_owned())
}

fn guid(text: &str) -> Result<Literal, String> {
    let id = text.trim_matches(['{', '}']);
    uuid::Uuid::parse_str(id)
        .map(|id| Literal::Guid(id.to_string()))
        .map_err(|_| "the note's DocumentId is not a GUID".to_owned())
}

#[derive(Serialize)]
struct NewNote<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "SalesOrderNumber")]
    order: &'a str,
    #[serde(rename = "DocumentAttachmentTypeCode")]
    kind: &'a str,
    #[serde(rename = "AccessRestriction")]
    restriction: &'a str,
    #[serde(rename = "AttachmentDescription")]
    description: &'a str,
    #[serde(rename = "Notes")]
    notes: &'a str,
    #[serde(rename = "DocumentId", skip_serializing_if = "Option::is_none")]
    document_id: Option<&'a str>,
}

#[derive(Serialize)]
struct NoteText<'a> {
    #[serde(rename = "Notes")]
    notes: &'a str,
}

#[derive(Serialize)]
struct Quantity {
    #[serde(rename = "SalesDeliverNow")]
    deliver_now: Box<RawValue>,
}

#[derive(Serialize)]
struct Pool<'a> {
    #[serde(rename = "SalesOrderPoolId")]
    pool: &'a str,
}

#[derive(Serialize)]
struct Carrier<'a> {
    #[serde(rename = "ShippingCarrierId")]
    carrier: &'a str,
    #[serde(rename = "ShippingCarrierServiceId")]
    service: &'a str,
}

#[derive(Serialize)]
struct NewTracking<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "SalesOrderNumber")]
    order: &'a str,
    #[serde(rename = "PackingSlipNumber")]
    slip: &'a str,
    #[serde(rename = "DeliveryDate")]
    delivery_date: &'a str,
    #[serde(rename = "TrackingNumber")]
    number: &'a str,
    #[serde(rename = "TrackingURL", skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[cfg(test)]
mod tests;
