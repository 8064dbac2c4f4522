//! Invoices and transactions: read in pages, one page a call, with the cursor handed back as it
//! came. Dates are always given: without them the vendor looks at the last seven days only.

use crate::client::ShipBob;
use crate::convert::decimal;
use crate::interpret::{self, Entries};
use crate::query::{Url, cursor};
use crate::reply::CallError;
use crate::send::{Channel, Turn};
use crate::wire::{self, Scalar};
use domain::flows::billing::{Invoice, Transaction, day};
use domain::operation::Lane;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use transport::{Method, Response};

/// Entries asked for per page: the most the vendor gives.
const PAGE: u32 = 1_000;

/// One page of a billing list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledPage<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// Entries that could not be: without an id or an amount.
    pub unreadable: u32,
    /// Asks for the next page; none on the last one.
    pub next: Option<String>,
}

#[derive(Serialize)]
struct Asked<'a> {
    from_date: &'a str,
    to_date: &'a str,
    page_size: u32,
    sort_order: &'static str,
}

impl ShipBob {
    /// A page of the transactions charged in `from..=to`, billed or not.
    ///
    /// # Errors
    /// What ShipBob answered instead.
    pub async fn transactions(
        &self,
        from: Timestamp,
        to: Timestamp,
        page: Option<&str>,
    ) -> Result<BilledPage<Transaction>, CallError> {
        let (from, to) = (from.to_rfc3339_seconds(), to.to_rfc3339_seconds());
        let asked =
            Asked { from_date: &from, to_date: &to, page_size: PAGE, sort_order: "Ascending" };
        let body = serde_json::to_vec(&asked).unwrap_or_default();
        let url = at(self.url("transactions:query"), page);
        // Read-only, though a POST: the filter goes into the body.
        let request = self
            .request(Method::Post, url, Channel::None, "billing-transactions")
            .body("application/json", body);
        read(&self.ask(&mut Turn::new(Lane::Background), request).await?, transaction)
    }

    /// A page of the transactions on one invoice.
    ///
    /// # Errors
    /// What ShipBob answered instead.
    pub async fn transactions_of(
        &self,
        invoice: i64,
        page: Option<&str>,
    ) -> Result<BilledPage<Transaction>, CallError> {
        let url = self.url(&format!("invoices/{invoice}/transactions"));
        let url = at(url.with("PageSize", &PAGE.to_string()), page);
        let request = self.request(Method::Get, url, Channel::None, "billing-invoice");
        let mut found =
            read(&self.ask(&mut Turn::new(Lane::Background), request).await?, transaction)?;
        for one in &mut found.items {
            // It stands on this invoice, whether or not the entry says so.
            one.invoice = Some(invoice);
        }
        Ok(found)
    }

    /// A page of the invoices dated in `from..=to`.
    ///
    /// # Errors
    /// What ShipBob answered instead.
    pub async fn invoices(
        &self,
        from: Timestamp,
        to: Timestamp,
        page: Option<&str>,
    ) -> Result<BilledPage<Invoice>, CallError> {
        let url = self
            .url("invoices")
            .with("FromDate", &from.to_rfc3339_seconds())
            .with("ToDate", &to.to_rfc3339_seconds())
            .with("PageSize", &PAGE.to_string())
            .with("SortOrder", "Ascending");
        let request = self.request(Method::Get, at(url, page), Channel::None, "billing-invoices");
        read(&self.ask(&mut Turn::new(Lane::Background), request).await?, invoice)
    }
}

/// The same request at a cursor.
fn at(url: Url, page: Option<&str>) -> Url {
    match page {
        Some(token) => url.with_token("Cursor", token),
        None => url,
    }
}

fn read<'a, W, T>(
    reply: &'a Response,
    convert: impl Fn(W) -> Option<T>,
) -> Result<BilledPage<T>, CallError>
where
    W: Deserialize<'a>,
{
    let entries: Entries<'a> = interpret::entries(reply)?;
    let (items, unreadable) = interpret::each(&entries.items, convert);
    let next = entries.next.as_deref().and_then(cursor).map(|(_, token)| token);
    Ok(BilledPage { items, unreadable, next })
}

fn currency(code: Scalar) -> String {
    code.or_empty().trim().to_uppercase()
}

/// Without an id it cannot be told from another one, and without an amount it is no charge. Of the
/// additional details only those are kept that name a parcel or a ticket: a comment may name people.
fn transaction(wire: wire::Transaction) -> Option<Transaction> {
    let mut details = wire.additional_details;
    let mut detail = |name: &str| details.remove(name).unwrap_or_default().or_empty();
    let taxes = wire.taxes.iter().filter_map(|t| t.tax_amount.as_deref().and_then(decimal));
    Some(Transaction {
        id: wire.transaction_id.text().filter(|id| !id.trim().is_empty())?,
        amount: wire.amount.as_deref().and_then(decimal)?,
        currency: currency(wire.currency_code),
        charged: wire.charge_date.text().as_deref().and_then(day),
        invoice: wire.invoice_id.whole().filter(|id| *id > 0),
        invoice_type: wire.invoice_type.or_empty(),
        fee: wire.transaction_fee.or_empty(),
        kind: wire.transaction_type.or_empty(),
        reference: wire.reference_id.or_empty().trim().to_owned(),
        reference_type: wire.reference_type.or_empty().trim().to_owned(),
        centre: wire.fulfillment_center.or_empty(),
        taxes: taxes
            .fold(Default::default(), |sum: rust_decimal::Decimal, t| sum.saturating_add(t)),
        tracking: detail("TrackingId").trim().to_owned(),
        ticket: detail("TicketReference").trim().to_owned(),
    })
}

fn invoice(wire: wire::Invoice) -> Option<Invoice> {
    Some(Invoice {
        id: wire.invoice_id.whole().filter(|id| *id > 0)?,
        date: wire.invoice_date.text().as_deref().and_then(day),
        kind: wire.invoice_type.or_empty(),
        amount: wire.amount.as_deref().and_then(decimal)?,
        currency: currency(wire.currency_code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(body: &str) -> Option<Transaction> {
        transaction(serde_json::from_str(body).expect("JSON"))
    }

    #[test]
    fn money_keeps_the_digits_that_were_written() {
        let one = read_one(
            r#"{"transaction_id":"01A","amount":8.10,"currency_code":"usd","charge_date":"2026-11-23",
                "invoice_id":null,"reference_id":"391","reference_type":"Shipment",
                "taxes":[{"tax_amount":0.10},{"tax_amount":0.20}],"additional_details":{"Comment":"Jane","TrackingId":"1Z9"}}"#,
        );
        let one = one.expect("a transaction");
        assert_eq!(one.amount.to_string(), "8.10");
        assert_eq!(one.taxes.to_string(), "0.30");
        assert_eq!((one.currency.as_str(), one.tracking.as_str()), ("USD", "1Z9"));
        assert_eq!((one.invoice, one.charged), (None, day("2026-11-23")));
    }

    #[test]
    fn what_has_no_id_or_no_amount_is_counted_and_never_guessed() {
        assert_eq!(read_one(r#"{"amount":1}"#), None);
        assert_eq!(read_one(r#"{"transaction_id":"01A","amount":null}"#), None);
        assert_eq!(read_one(r#"{"transaction_id":" ","amount":1}"#), None);
    }
}
