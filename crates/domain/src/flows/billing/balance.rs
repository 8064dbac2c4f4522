//! The proof that the transactions of an invoice add up to it, in its currency.

use super::transaction::{Invoice, Tie, Transaction};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One transaction that stands in the way of a balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which.
    pub id: String,
    /// Its fee.
    pub fee: String,
    /// Its value.
    pub amount: Decimal,
    /// Its currency.
    pub currency: String,
}

/// An invoice held against its transactions. `sum` is always the sum of `tied`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Balance {
    /// Transactions on it.
    pub lines: usize,
    /// Per tie, in the currency of the invoice.
    pub tied: BTreeMap<Tie, Decimal>,
    /// Of all transactions in the currency of the invoice.
    pub sum: Decimal,
    /// What the invoice has beyond `sum`; zero when it balances.
    pub difference: Decimal,
    /// Transactions in another currency, itemised: they are not in `sum`.
    pub foreign: Vec<Line>,
    /// The difference is exactly the taxes, counted the other way.
    pub taxes_explain_it: bool,
}

impl Balance {
    /// Every transaction is in the invoice's currency, and they add up to it.
    pub fn balanced(&self) -> bool {
        self.difference.is_zero() && self.foreign.is_empty()
    }
}

/// Holds an invoice against all transactions that stand on it; others are left alone.
pub fn balance(invoice: &Invoice, all: &[Transaction], taxes_on_top: bool) -> Balance {
    let own: BTreeMap<&str, &Transaction> =
        all.iter().filter(|t| t.invoice == Some(invoice.id)).map(|t| (t.id.as_str(), t)).collect();
    let mut found = Balance { lines: own.len(), ..Balance::default() };
    for one in own.values() {
        let amount = one.value(taxes_on_top);
        if one.currency == invoice.currency {
            let tied = found.tied.entry(one.tie()).or_default();
            *tied = tied.saturating_add(amount);
            found.sum = found.sum.saturating_add(amount);
        } else {
            found.foreign.push(Line {
                id: one.id.clone(),
                fee: one.fee.clone(),
                amount,
                currency: one.currency.clone(),
            });
        }
    }
    let home = || own.values().filter(|t| t.currency == invoice.currency);
    // An invoice of credits alone may be written as what is given, not as what is owed.
    let given =
        invoice.amount.is_sign_positive() && home().count() > 0 && home().all(|t| t.lowers());
    let told = if given { -invoice.amount } else { invoice.amount };
    found.difference = told.saturating_sub(found.sum);
    let other = home().fold(Decimal::ZERO, |sum, t| sum.saturating_add(t.value(!taxes_on_top)));
    found.taxes_explain_it = !found.difference.is_zero() && told == other;
    found
}
