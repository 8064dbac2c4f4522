//! A year's charges of a large merchant in one sweep: ShipBob's lists are made up on the spot, so that what is measured
//! is the connector and its database.

use super::stock::{cpu_seconds, peak_mb};
use super::{Bed, Figure, memory_mb};
use crate::clockwork::Stopwatch;
use crate::rig::{Rig, Start};
use domain::settings::Billing;
use domain::time::Span;
use futures::future::BoxFuture;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use transport::{Request, Response, Transport, TransportError};
use twins::TwinConfig;

/// Entries of one page, as the vendor gives at most.
const PAGE: u64 = 1_000;
/// Transactions on one invoice.
const ON_INVOICE: u64 = 1_000;

/// ShipBob's billing; everything else is the twins'.
struct Books<T> {
    rest: T,
    transactions: u64,
    calls: AtomicU64,
}

impl<T: Transport> Books<T> {
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

impl<T: Transport> Transport for Books<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(body) = self.made_up(&request.url) else { return self.rest.send(request) };
        let mut response = Response::new(200, body);
        let json = http::HeaderValue::from_static("application/json");
        response.headers.insert(http::header::CONTENT_TYPE, json);
        Box::pin(async move { Ok(response) })
    }
}

/// One whole sweep: every transaction kept, every invoice read and balanced.
pub(super) async fn billing(transactions: u32) -> anyhow::Result<Vec<Figure>> {
    let config =
        TwinConfig { seed: 7, orders: 0, shipbob_per_minute: None, ..TwinConfig::default() };
    let Bed { world, rig: first, store, _dir } = Bed::make(config, false).await?;
    let mut settings = (*first.engine.settings()).clone();
    first.stop();
    settings.billing = Some(Billing::default());
    let books = Arc::new(Books {
        rest: world.network(),
        transactions: u64::from(transactions),
        calls: AtomicU64::new(0),
    });
    let start = Start {
        store: store.clone(),
        network: Arc::clone(&books) as Arc<dyn Transport>,
        settings,
        webhooks: false,
        shipbob_per_minute: None,
    };
    let (before, cpu, watch) = (memory_mb(), cpu_seconds(), Stopwatch::start());
    let rig = Rig::start(&world, start);
    rig.run_to_quiet(Span::hours(3)).await?;
    let (cpu, wall, peak) = (cpu_seconds() - cpu, watch.seconds(), peak_mb());
    rig.stop();
    Ok(vec![
        Figure::new(
            format!(
                "{transactions} transactions read, kept, balanced: CPU ({wall:.0} s on the clock)"
            ),
            format!("{cpu:.0} s"),
            "< 60 s CPU",
        ),
        Figure::new(
            format!("largest memory of the process by then (before: {before:.0} MB)"),
            format!("{peak:.0} MB"),
            "< 300 MB",
        ),
        Figure::new("calls to both systems", books.calls.load(Ordering::Relaxed).to_string(), ""),
    ])
}
