//! A year's charges of a large merchant in one sweep.

use super::Figure;
use super::stream::{Pages, Streamed};
use domain::settings::Billing;
use domain::time::Span;
use std::fmt::Write as _;

/// Entries of one page, as the vendor gives at most.
const PAGE: u64 = 1_000;
/// Transactions on one invoice.
const ON_INVOICE: u64 = 1_000;

/// ShipBob's billing.
struct Books {
    transactions: u64,
}

impl Books {
    fn charges(&self, from: u64, to: u64, end: u64) -> String {
        let mut items = String::new();
        for n in from..to {
            let comma = if n == from { "" } else { "," };
            let invoice = n / ON_INVOICE + 1;
            let _ = write!(
                items,
                r#"{comma}{{"transaction_id":"T{n:09}","amount":1.25,"currency_code":"USD","charge_date":"2026-11-20","invoice_id":{invoice},"invoice_type":"Shipping","transaction_fee":"Shipping","transaction_type":"Charge","reference_id":"{}","reference_type":"Shipment","fulfillment_center":"Cicero (IL)","taxes":[],"additional_details":{{"TrackingId":"1Z{n:09}"}}}}"#,
                900_000_000 + n
            );
        }
        list(&items, (to < end).then_some(to))
    }
}

impl Pages for Books {
    fn made_up(&self, url: &str) -> Option<String> {
        let at = url.find("Cursor=").and_then(|place| url.get(place + 7..)?.parse::<u64>().ok());
        if url.contains("transactions:query") {
            let from = at.unwrap_or(0);
            return Some(self.charges(
                from,
                (from + PAGE).min(self.transactions),
                self.transactions,
            ));
        }
        let (_, of) = url.split_once("/invoices")?;
        if let Some(invoice) = of.strip_prefix('/').and_then(|rest| rest.split('/').next()) {
            let first = (invoice.parse::<u64>().ok()?.max(1) - 1) * ON_INVOICE;
            let end = (first + ON_INVOICE).min(self.transactions);
            return Some(self.charges(at.unwrap_or(first), end, end));
        }
        let all = self.transactions.div_ceil(ON_INVOICE);
        let from = at.unwrap_or(0);
        let to = (from + PAGE).min(all);
        let mut items = String::new();
        for n in from..to {
            let comma = if n == from { "" } else { "," };
            let hundredths = ON_INVOICE.min(self.transactions - n * ON_INVOICE) * 125;
            let _ = write!(
                items,
                r#"{comma}{{"invoice_id":{},"invoice_date":"2026-11-22","invoice_type":"Shipping","amount":{}.{:02},"currency_code":"USD"}}"#,
                n + 1,
                hundredths / 100,
                hundredths % 100
            );
        }
        Some(list(&items, (to < all).then_some(to)))
    }
}

fn list(items: &str, next: Option<u64>) -> String {
    let next = next.map_or("null".to_owned(), |next| format!("\"/billing?Cursor={next}\""));
    format!(r#"{{"items":[{items}],"next":{next}}}"#)
}

/// One whole sweep: every transaction kept, every invoice read and balanced.
pub(super) async fn billing(transactions: u32) -> anyhow::Result<Vec<Figure>> {
    let books = Books { transactions: u64::from(transactions) };
    let streamed = Streamed::through(
        books,
        |settings| settings.billing = Some(Billing::default()),
        Span::hours(3),
    );
    let what = format!("{transactions} transactions read, kept, balanced");
    Ok(streamed.await?.figures(&what, ""))
}
