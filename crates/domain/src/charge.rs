//! Charges of a sales order in F&O: what the costs ShipBob bills become there where a person asked for it, and what one
//! looks like. Settings, the write and what is read back; no decision is made here.

mod import;

pub use import::{
    ENDLESS, FORGOTTEN, FORGOTTEN_AFTER, ImportState, Next, Sent, execution, forgotten, next,
};

use crate::custom_call::ChargeCall;
use crate::ids::{SalesOrderNumber, ShipmentId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Begins the subject of the charges of an order: they are serial among themselves, not with its other writes, because
/// an import takes minutes.
pub const CHARGE_SUBJECT: &str = "charge:";
/// Name of the entity in the customer's data project.
pub const ENTITY: &str = "Sales order header charges V2";
/// The only posting method that bills nobody.
const LEDGER: &str = "LedgerAccount";
/// What a description may be made of.
pub const FIELDS: [&str; 3] = ["order", "shipment", "code"];
/// Longest fixed part of a description, so that the whole stays well below what F&O keeps.
const WORDS: usize = 30;

/// Whether a charge may be in another currency than its order. No document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderCurrency {
    /// It must be that of the order; else it is held.
    #[default]
    Same,
    /// Proven to be taken.
    Any,
}

/// What becomes of a shipment for which more was given back than charged. No document says whether F&O takes a negative
/// charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Negative {
    /// It is held.
    #[default]
    Hold,
    /// Proven to be taken.
    Write,
}

/// `[connection.billing.charges]`: how costs become charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Charges {
    /// Charge code of every fee that is not named in `codes`; empty = such a fee is held.
    pub code: String,
    /// Fee as ShipBob names it → charge code.
    pub codes: BTreeMap<String, String>,
    /// Charge category; only `Fixed` is known to work.
    pub category: String,
    /// Accounting currency of the legal entity: a cost in another one is held.
    pub currency: String,
    /// Currency of the sales order.
    pub order_currency: OrderCurrency,
    /// Amounts below zero.
    pub negative: Negative,
    /// First line number that is ours on every order.
    pub first_line: i64,
    /// Last one.
    pub last_line: i64,
    /// Text of a charge: words, and fields in braces.
    pub description: String,
    /// `WillInvoiceProcessingKeepCharge`.
    pub keep: bool,
    /// Decimals of the currency; an amount with more is held, nothing is rounded.
    pub decimals: u32,
    /// How packages are made.
    pub package: Package,
    /// The customer's call that writes one charge; asked only where `write_back` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<ChargeCall>,
}

impl Default for Charges {
    fn default() -> Self {
        Self {
            code: String::new(),
            codes: BTreeMap::new(),
            category: "Fixed".to_owned(),
            currency: String::new(),
            order_currency: OrderCurrency::Same,
            negative: Negative::Hold,
            first_line: 0,
            last_line: 0,
            description: "ShipBob {shipment}".to_owned(),
            keep: false,
            decimals: 2,
            package: Package::default(),
            call: None,
        }
    }
}

/// `[connection.billing.charges.package]`: the customer's data project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Package {
    /// Name of the data project (definition group) that imports sales order header charges.
    pub definition_group: String,
    /// `Manifest.xml` of a package that F&O exported from that project, as it is.
    pub manifest: String,
    /// `PackageHeader.xml` of the same package.
    pub header: String,
    /// Name of the data file inside the package, as the manifest names it.
    pub file: String,
    /// Charges of one package.
    pub rows: usize,
    /// Seconds between two looks at an import.
    pub poll_seconds: i64,
    /// An import that has not ended after so many minutes is a person's business.
    pub deadline_minutes: i64,
}

impl Default for Package {
    fn default() -> Self {
        Self {
            definition_group: String::new(),
            manifest: String::new(),
            header: String::new(),
            file: format!("{ENTITY}.csv"),
            rows: 500,
            poll_seconds: 15,
            deadline_minutes: 60,
        }
    }
}

impl Charges {
    /// The charge code of a fee; none = a person must name one.
    pub fn code_of(&self, fee: &str) -> Option<&str> {
        let fee = fee.trim();
        let named = self.codes.iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(fee));
        let code = named.map_or(self.code.as_str(), |(_, code)| code.as_str()).trim();
        (!code.is_empty()).then_some(code)
    }

    /// Every charge code that may be written, once.
    pub fn all_codes(&self) -> Vec<String> {
        let mut all: Vec<String> = self.codes.values().chain([&self.code]).cloned().collect();
        all.iter_mut().for_each(|code| *code = code.trim().to_owned());
        all.retain(|code| !code.is_empty());
        all.sort();
        all.dedup();
        all
    }

    /// The text of one charge. It names the shipment, so that it is found again.
    pub fn describe(&self, order: &SalesOrderNumber, shipment: ShipmentId, code: &str) -> String {
        self.description
            .replace("{order}", order.as_str())
            .replace("{shipment}", &shipment.to_string())
            .replace("{code}", code)
    }

    /// What is wrong with them as rows of a data package; empty when they can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found = self.own_problems();
        found.extend(self.package.problems());
        found
    }

    /// … and as calls of the customer's.
    pub fn problems_of_calls(&self) -> Vec<String> {
        let mut found = self.own_problems();
        match &self.call {
            Some(call) => found.extend(call.problems()),
            None => found.push(
                "billing.write_back is call: describe it under [connection.billing.charges.call]"
                    .to_owned(),
            ),
        }
        found
    }

    fn own_problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut wrong = |place: &str, why: &str| {
            found.push(format!("billing.charges.{place} {why}"));
        };
        if self.all_codes().is_empty() {
            wrong(
                "code",
                "and codes are empty: name a charge code that posts LedgerAccount on both sides",
            );
        }
        if self.category != "Fixed" {
            wrong("category", "must be Fixed: no other one is known to take an amount");
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            wrong("currency", "must be the accounting currency of the legal entity, like USD");
        }
        if self.first_line < 1 || self.last_line < self.first_line {
            wrong(
                "first_line",
                "and last_line must be a range of line numbers nobody else uses, like 900 and 999",
            );
        }
        if self.decimals > 4 {
            wrong("decimals", "must be 0 to 4");
        }
        for why in self.wrong_description() {
            wrong("description", &why);
        }
        found
    }

    fn wrong_description(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.description.contains("{shipment}") {
            found.push("must name {shipment}: charges are found again by it".to_owned());
        }
        let mut rest = self.description.clone();
        for field in FIELDS {
            rest = rest.replace(&format!("{{{field}}}"), "");
        }
        if rest.contains(['{', '}']) {
            found.push(format!(
                "uses a field that does not exist; fields are {}",
                FIELDS.join(", ")
            ));
        }
        if rest.chars().count() > WORDS || rest.chars().any(char::is_control) {
            found.push(format!(
                "must have at most {WORDS} characters beside its fields, on one line"
            ));
        }
        found
    }
}

impl Package {
    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut wrong = |place: &str, why: String| {
            found.push(format!("billing.charges.package.{place} {why}"));
        };
        if self.definition_group.trim().is_empty() {
            wrong(
                "definition_group",
                "is empty: name the data project that imports the charges".to_owned(),
            );
        }
        let xml = |text: &str| text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        let export = "give the file of a package that Dynamics exported from that data project once (manifest_file, header_file)";
        if !xml(&self.manifest) {
            wrong("manifest", format!("is no XML: {export}"));
        } else if !self.manifest.contains(ENTITY) {
            wrong("manifest", format!("does not name the entity {ENTITY}: {export}"));
        }
        if !xml(&self.header) {
            wrong("header", format!("is no XML: {export}"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        if !self.file.ends_with(".csv") || !self.file.chars().all(plain) {
            wrong("file", "must be the name of a .csv file, as the manifest names it".to_owned());
        }
        if !(1..=5_000).contains(&self.rows) {
            wrong("rows", format!("is {}: give 1 to 5000", self.rows));
        }
        if !(10..=30).contains(&self.poll_seconds) {
            wrong("poll_seconds", format!("is {}: give 10 to 30", self.poll_seconds));
        }
        if !(5..=1_440).contains(&self.deadline_minutes) {
            wrong("deadline_minutes", format!("is {}: give 5 to 1440", self.deadline_minutes));
        }
        found
    }
}

/// A charge code as F&O knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChargeCode {
    /// `ChargeCode`.
    pub code: String,
    /// `DebitPostingMethod` as written.
    pub debit: String,
    /// `CreditPostingMethod` as written.
    pub credit: String,
}

impl ChargeCode {
    /// Both sides post to the ledger: the consumer is not billed.
    pub fn bills_nobody(&self) -> bool {
        [&self.debit, &self.credit].iter().all(|side| side.eq_ignore_ascii_case(LEDGER))
    }

    /// Of several rows the one of that code; letter case does not matter in F&O.
    pub fn of<'a>(all: &'a [Self], code: &str) -> Option<&'a Self> {
        all.iter().find(|one| one.code.eq_ignore_ascii_case(code))
    }
}

/// Why a charge code may not be used; none when it may.
pub fn unfit(code: &str, known: Option<&ChargeCode>) -> Option<String> {
    match known {
        None => Some(format!("F&O has no charge code {code}.")),
        Some(one) if one.bills_nobody() => None,
        Some(one) => Some(format!(
            "Charge code {code} posts {} / {}: it could bill the consumer what ShipBob charges you.",
            side(&one.debit),
            side(&one.credit)
        )),
    }
}

fn side(method: &str) -> &str {
    if method.is_empty() { "nothing known" } else { method }
}

/// One charge as it is to stand on its order: absolute, so that a second one is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCharge {
    /// The order.
    pub order: SalesOrderNumber,
    /// The shipment it is the cost of.
    pub shipment: ShipmentId,
    /// `ChargeLineNumber`, out of our range.
    pub line: i64,
    /// Last number of our range.
    pub last_line: i64,
    /// `SalesChargeCode`.
    pub code: String,
    /// `FixedChargeAmount`.
    pub amount: Decimal,
    /// `ChargeAccountingCurrencyCode`.
    pub currency: String,
    /// `ChargeDescription`: what it is found again by, with the code.
    pub description: String,
    /// `WillInvoiceProcessingKeepCharge`.
    pub keep: bool,
}

/// One charge as F&O shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCharge {
    /// `LineNum`, where it is a whole number.
    pub line: Option<i64>,
    /// `MarkupCode`.
    pub code: String,
    /// `Value`.
    pub amount: Option<Decimal>,
    /// `CurrencyCode`.
    pub currency: String,
    /// `Txt`.
    pub text: String,
}

impl NewCharge {
    /// It is the same charge, whatever its amount: by its text, or, where the words of it were changed in the settings, by
    /// its line number and the shipment it names.
    pub fn is(&self, seen: &SeenCharge) -> bool {
        let shipment = self.shipment.to_string();
        let mut words = seen.text.split(|c: char| !c.is_ascii_alphanumeric());
        let named = seen.line == Some(self.line) && words.any(|word| word == shipment);
        seen.code.eq_ignore_ascii_case(&self.code)
            && (seen.text.trim() == self.description.trim() || named)
    }

    /// It stands there as wanted.
    pub fn stands(&self, seen: &SeenCharge) -> bool {
        seen.code.eq_ignore_ascii_case(&self.code)
            && seen.text.trim() == self.description.trim()
            && seen.amount == Some(self.amount)
            && seen.currency.eq_ignore_ascii_case(&self.currency)
    }

    /// The line number to write it under: the one it has, else the planned one, else the next that is free. None when
    /// our range is full.
    pub fn place(&self, seen: &[SeenCharge], taken: &[i64]) -> Option<i64> {
        if let Some(own) = seen.iter().find(|one| self.is(one)) {
            return own.line;
        }
        let free =
            |line: &i64| !taken.contains(line) && !seen.iter().any(|s| s.line == Some(*line));
        (self.line..=self.last_line).find(free)
    }
}

/// What F&O says of one order whose charges are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargedOrder {
    /// Which.
    pub order: SalesOrderNumber,
    /// F&O has it, and it is neither invoiced nor cancelled.
    pub open: bool,
    /// Its charges.
    pub charges: Vec<SeenCharge>,
}

/// What was read of one order; one that was not shown is not open.
pub fn order_of(seen: &[ChargedOrder], number: &SalesOrderNumber) -> ChargedOrder {
    seen.iter().find(|one| one.order == *number).cloned().unwrap_or_else(|| ChargedOrder {
        order: number.clone(),
        open: false,
        charges: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
