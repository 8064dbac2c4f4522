//! The words of a call that records a completed return, and what they stand for.

use super::template::{Filled, Values, Vocabulary};
use crate::ids::{Company, SalesOrderNumber, ShipmentId};
use crate::inbound::{Return, ReturnLine};

/// Fields of a return.
pub const RETURN_FIELDS: [&str; 11] = [
    "company",
    "order",
    "shipment",
    "return",
    "reference",
    "status",
    "type",
    "centre",
    "tracking",
    "completed_date",
    "completed_at",
];

/// Fields of one of its lines; they stand inside a list of one element.
pub const RETURN_LINE_FIELDS: [&str; 8] = [
    "line.number",
    "line.sku",
    "line.announced",
    "line.asked",
    "line.restocked",
    "line.quarantined",
    "line.disposed",
    "line.reason",
];

/// Of a return.
pub(super) const RETURNED: Vocabulary = Vocabulary {
    fields: &RETURN_FIELDS,
    line_fields: &RETURN_LINE_FIELDS,
    identities: &["return"],
    identity: "must name the return by {return}: else two returns of one order look the same",
};

/// Values of one return.
#[derive(Debug, Clone)]
pub struct ReturnFields<'r> {
    /// Legal entity.
    pub company: Company,
    /// Sales order.
    pub order: SalesOrderNumber,
    /// The shipment it came from.
    pub shipment: ShipmentId,
    /// The return.
    pub of: &'r Return,
}

impl Values for ReturnFields<'_> {
    fn field(&self, name: &str) -> Option<Filled> {
        let one = self.of;
        let text = |text: &str| Some(Filled::Text(text.to_owned()));
        let completed = one.completed.unwrap_or(one.created);
        match name {
            "company" => text(self.company.as_str()),
            "order" => text(self.order.as_str()),
            "shipment" => text(&self.shipment.to_string()),
            "return" => text(&one.id.to_string()),
            "reference" => text(&one.reference),
            "status" => text(&one.status),
            "type" => text(&one.kind),
            "centre" => text(&one.centre.map(|c| c.to_string()).unwrap_or_default()),
            "tracking" => text(&one.tracking),
            "completed_date" => text(&completed.date()),
            "completed_at" => text(&completed.to_rfc3339_seconds()),
            _ => None,
        }
    }

    fn line_field(&self, name: &str, at: usize) -> Option<Filled> {
        let line: &ReturnLine = self.of.lines.get(at)?;
        let text = |text: &str| Some(Filled::Text(text.to_owned()));
        let number = |n: i64| Some(Filled::Number(n.to_string()));
        match name.strip_prefix("line.")? {
            "number" => number(i64::try_from(at).ok()?.saturating_add(1)),
            "sku" => text(&line.sku),
            "announced" => number(line.announced),
            "asked" => text(&line.asked),
            "restocked" => number(line.restocked()),
            "quarantined" => number(line.pieces("Quarantine")),
            "disposed" => number(line.pieces("Dispose")),
            "reason" => {
                let reasons = line.taken.iter().map(|t| t.reason.trim()).filter(|r| !r.is_empty());
                text(&reasons.collect::<Vec<_>>().join("; "))
            }
            _ => None,
        }
    }

    fn lines(&self) -> usize {
        self.of.lines.len()
    }
}
