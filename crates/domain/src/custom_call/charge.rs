//! The call that writes one charge on an order: the whole amount of its line, so that a second one is the same. It is looked
//! for among the charges of the order, and needs no look-up of its own.

use super::template::{self, Filled, Values, Vocabulary};
use super::{CallKind, CallMethod, ReadyCall, Success, check_path};
use crate::charge::NewCharge;
use crate::ids::Company;
use serde::{Deserialize, Serialize};

/// Fields of a charge.
pub const CHARGE_FIELDS: [&str; 10] = [
    "company",
    "order",
    "shipment",
    "line",
    "code",
    "amount",
    "currency",
    "description",
    "reference",
    "keep",
];

/// What the charge is found again by, beside its legal entity.
const NEEDED: [&str; 5] = ["order", "code", "amount", "currency", "description"];

const WORDS: Vocabulary =
    Vocabulary { fields: &CHARGE_FIELDS, line_fields: &[], identities: &[], identity: "" };

/// `[connection.billing.charges.call]`: the customer's call that writes one charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeCall {
    /// What is called.
    pub kind: CallKind,
    /// Path below the F&O host.
    pub path: String,
    /// How.
    #[serde(default)]
    pub method: CallMethod,
    /// JSON text of the body; fields stand in it as `"{field}"`.
    pub body: String,
    /// The test of success.
    pub success: Success,
}

struct Told<'t> {
    company: &'t Company,
    new: &'t NewCharge,
}

impl Values for Told<'_> {
    fn field(&self, name: &str) -> Option<Filled> {
        let new = self.new;
        let text = |text: &str| Some(Filled::Text(text.to_owned()));
        match name {
            "company" => text(self.company.as_str()),
            "order" => text(new.order.as_str()),
            "shipment" => text(&new.shipment.to_string()),
            "line" => Some(Filled::Number(new.line.to_string())),
            "code" => text(&new.code),
            "amount" => Some(Filled::Number(new.amount.normalize().to_string())),
            "currency" => text(&new.currency),
            "description" => text(&new.description),
            "reference" => text(&format!("SB{}-{}", new.shipment, new.code)),
            "keep" => text(if new.keep { "Yes" } else { "No" }),
            _ => None,
        }
    }

    fn line_field(&self, _name: &str, _line: usize) -> Option<Filled> {
        None
    }

    fn lines(&self) -> usize {
        0
    }
}

impl ChargeCall {
    /// What is wrong with the description; empty when it can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found: Vec<String> = check_path(self.kind, &self.path)
            .err()
            .into_iter()
            .map(|why| format!("path {why}"))
            .collect();
        let body = template::body_problems(&self.body, &WORDS);
        found.extend(body.into_iter().map(|why| format!("body {why}")));
        let named: Vec<String> = template::names(&self.body).collect();
        for field in NEEDED.into_iter().filter(|field| !named.iter().any(|name| name == field)) {
            found.push(format!("body does not name {{{field}}}: the charge is found again by it"));
        }
        found.extend(self.success.problems());
        found.into_iter().map(|why| format!("billing.charges.call.{why}")).collect()
    }

    /// The call for this charge. None where the template cannot be filled, which [`Self::problems`] would have said.
    pub fn fill(&self, company: &Company, new: &NewCharge) -> Option<ReadyCall> {
        Some(ReadyCall {
            kind: self.kind,
            path: self.path.clone(),
            body: template::body(&self.body, &Told { company, new })?,
            success: self.success.clone(),
        })
    }
}
