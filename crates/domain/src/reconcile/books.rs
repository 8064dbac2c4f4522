//! Stock = stock with explained difference; charges = invoice.

use super::{Equation, Grade, Item};
use crate::flows::billing::{Invoice, Transaction, balance};
use crate::flows::inventory::{Judged, State};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// One shelf as the comparison of the day left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfSeen {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// Pieces at ShipBob.
    pub on_hand: i64,
    /// What the comparison came to.
    pub judged: Judged,
}

/// Items kept while shelves are added; what is beyond is summed up.
const HELD_ITEMS: usize = 10 * super::MOST_ITEMS;

/// Adds shelves, page by page. What has a cause is summed up per cause, what has none is told shelf
/// by shelf.
#[derive(Debug, Clone)]
pub struct Shelves {
    sum: Equation,
    causes: BTreeMap<&'static str, (u64, i64)>,
    apart: BTreeMap<&'static str, u64>,
}

impl Default for Shelves {
    fn default() -> Self {
        let sum = Equation::new("stock", "pieces", "on hand at ShipBob", "physical in Dynamics");
        Self { sum, causes: BTreeMap::new(), apart: BTreeMap::new() }
    }
}

impl Shelves {
    /// One more shelf.
    pub fn add(&mut self, shelf: &ShelfSeen) {
        let Judged { state, difference, causes, variance, .. } = &shelf.judged;
        if let State::Waits
        | State::Closed
        | State::NotAtShipbob
        | State::NotInDynamics
        | State::Unit = state
        {
            *self.apart.entry(state.word()).or_default() += 1;
            return;
        }
        let on_hand = Decimal::from(shelf.on_hand);
        self.sum.left += on_hand;
        self.sum.right += on_hand + Decimal::from(*difference);
        for (cause, pieces) in causes {
            let entry = self.causes.entry(cause.words()).or_default();
            *entry = (entry.0 + 1, entry.1.saturating_add(*pieces));
        }
        if *variance == 0 && *state != State::Negative {
            return;
        }
        let item = unexplained(shelf);
        if self.sum.items.len() < HELD_ITEMS {
            self.sum.items.push(item);
        } else {
            self.sum.sum_up(1, item.amount);
        }
    }

    /// The equation, `told` saying when it was compared.
    pub fn equation(mut self, told: &str) -> Equation {
        for (words, (shelves, pieces)) in self.causes {
            let (key, amount) = (format!("{shelves} shelf(s)"), -Decimal::from(pieces));
            self.sum.items.push(item(Grade::Explained, "cause", key, amount, words.to_owned()));
        }
        for (state, shelves) in self.apart {
            let words = format!("{shelves} shelf(s) could not be compared: {state}.");
            let key = format!("{shelves} shelf(s)");
            self.sum.items.push(item(Grade::Explained, state, key, Decimal::ZERO, words));
        }
        self.sum.right_is.push_str(told);
        self.sum.sorted()
    }
}

fn unexplained(shelf: &ShelfSeen) -> Item {
    let (judged, key) = (&shelf.judged, format!("{} in centre {}", shelf.sku, shelf.centre));
    let amount = -Decimal::from(judged.variance);
    let pieces = judged.variance.abs();
    match judged.state {
        State::Counted => {
            let words =
                format!("{pieces} piece(s) stand in a counting journal that is not posted.");
            item(Grade::Waits, "counted", key, amount, words)
        }
        State::Negative => {
            let words = "ShipBob shows less than nothing.".to_owned();
            let fix = "Ask ShipBob to correct the shelf.".to_owned();
            Item { fix, ..item(Grade::Wrong, "negative", key, amount, words) }
        }
        _ => {
            let more = if judged.variance > 0 { "Dynamics" } else { "ShipBob" };
            let words = format!("{more} has {pieces} piece(s) more, and nothing explains it.");
            let fix =
                "Open the SKU under Stock; count it, or approve its counting journal.".to_owned();
            Item { fix, ..item(Grade::Wrong, "variance", key, amount, words) }
        }
    }
}

fn item(grade: Grade, cause: &str, key: String, amount: Decimal, words: String) -> Item {
    Item {
        grade,
        cause: cause.to_owned(),
        order: String::new(),
        key,
        amount,
        words,
        fix: String::new(),
    }
}

/// One invoice of the day with everything ShipBob says stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSeen {
    /// The invoice.
    pub invoice: Invoice,
    /// Its transactions.
    pub lines: Vec<Transaction>,
    /// The same transactions as our own table has them.
    pub kept: Vec<Transaction>,
}

/// One equation per currency.
pub fn charges(invoices: &[InvoiceSeen], taxes_on_top: bool) -> Vec<Equation> {
    let mut of: BTreeMap<&str, Equation> = BTreeMap::new();
    for one in invoices {
        let id = one.invoice.id.to_string();
        let found = balance(&one.invoice, &one.lines, taxes_on_top);
        let currency = one.invoice.currency.as_str();
        let sum = of.entry(currency).or_insert_with(|| {
            Equation::new("charges", currency, "invoiced by ShipBob", "sum of its charges")
        });
        sum.left += found.sum.saturating_add(found.difference);
        sum.right += found.sum;
        if !found.difference.is_zero() {
            let (grade, cause, words) = match found.taxes_explain_it {
                true => (Grade::Explained, "taxes", "The difference is exactly the taxes."),
                false => (Grade::Wrong, "invoice-sum", "Its charges do not add up to the invoice."),
            };
            let mut wrong =
                item(grade, cause, format!("invoice {id}"), found.difference, words.to_owned());
            if grade == Grade::Wrong {
                "Ask ShipBob about the invoice; claims are taken for 90 days."
                    .clone_into(&mut wrong.fix);
            }
            sum.items.push(wrong);
        }
        for line in &found.foreign {
            let words =
                format!("{} {} is charged in another currency.", line.amount, line.currency);
            sum.items.push(item(
                Grade::Wrong,
                "other-currency",
                format!("invoice {id}, {}", line.id),
                Decimal::ZERO,
                words,
            ));
        }
        sum.items.extend(not_kept(one));
    }
    if of.is_empty() {
        return vec![Equation::new("charges", "none", "invoiced by ShipBob", "sum of its charges")];
    }
    of.into_values().map(Equation::sorted).collect()
}

/// What ShipBob charged and our table does not have, or has otherwise.
fn not_kept(one: &InvoiceSeen) -> Vec<Item> {
    let mut found = Vec::new();
    let kept: BTreeMap<&str, &Transaction> = one.kept.iter().map(|t| (t.id.as_str(), t)).collect();
    let ids: BTreeSet<&str> = one.lines.iter().map(|t| t.id.as_str()).collect();
    for line in &one.lines {
        let (cause, words) = match kept.get(line.id.as_str()) {
            None => ("charge-lost", "is not in this database"),
            Some(own) if own.amount != line.amount || own.currency != line.currency => {
                ("charge-differs", "has another amount in this database")
            }
            Some(_) => continue,
        };
        let key = format!("invoice {}, {}", one.invoice.id, line.id);
        found.push(item(
            Grade::Wrong,
            cause,
            key,
            Decimal::ZERO,
            format!("Charge {} {words}.", line.id),
        ));
    }
    for own in one.kept.iter().filter(|t| !ids.contains(t.id.as_str())) {
        let key = format!("invoice {}, {}", one.invoice.id, own.id);
        let words = format!("Charge {} stands on the invoice in this database only.", own.id);
        found.push(item(Grade::Wrong, "charge-elsewhere", key, Decimal::ZERO, words));
    }
    let fix = "Run the flow billing now; it reads the invoice again.";
    found.into_iter().map(|i| Item { fix: fix.to_owned(), ..i }).collect()
}
