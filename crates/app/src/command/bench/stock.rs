//! Stock of a large company, compared: both systems are stood in for by pages made on the spot, so that what is measured
//! is the connector and its database, and nothing has to be kept in memory on their side.

use super::{Bed, Figure, memory_mb};
use crate::clockwork::Stopwatch;
use crate::rig::{Rig, Start};
use domain::ids::{CentreId, WarehouseId};
use domain::mapping::Mapping;
use domain::settings::{Profile, WarehouseMap};
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use futures::future::BoxFuture;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use transport::{Request, Response, Transport, TransportError};
use twins::TwinConfig;

/// Rows of one page of F&O.
const FO_ROWS: u64 = 10_000;
/// One shelf in so many differs by a piece.
const DIFFERS: u64 = 50;

/// Both systems: stock is made up, everything else is the twins'.
struct Shelves<T> {
    rest: T,
    skus: u64,
    centres: u64,
    calls: AtomicU64,
}

impl<T: Transport> Shelves<T> {
    fn items(&self, base: &str, from: u64) -> String {
        let to = (from + FO_ROWS).min(self.skus);
        let mut rows = String::new();
        for n in from..to {
            let comma = if n == from { "" } else { "," };
            let _ = write!(
                rows,
                r#"{comma}{{"ProductNumber":"P{n:06}","ItemNumber":"P{n:06}","ProductColorId":"","ProductSizeId":"","ProductStyleId":"","ProductConfigurationId":"","ProductVersionId":"","InventoryUnitSymbol":"ea","IsStockedProduct":"Yes"}}"#
            );
        }
        page(base, &rows, (to < self.skus).then(|| format!("CDSReleasedDistinctProducts?at={to}")))
    }

    fn on_hand(&self, base: &str, warehouse: u64, from: u64) -> String {
        let to = (from + FO_ROWS).min(self.skus);
        let mut rows = String::new();
        for n in from..to {
            let comma = if n == from { "" } else { "," };
            let pieces = pieces(n) + u64::from((n + warehouse).is_multiple_of(DIFFERS));
            let _ = write!(
                rows,
                r#"{comma}{{"ItemNumber":"P{n:06}","ProductColorId":"","ProductSizeId":"","ProductStyleId":"","ProductConfigurationId":"","ProductVersionId":"","OnHandQuantity":{pieces},"AvailableOnHandQuantity":{pieces}}}"#
            );
        }
        let next = format!("WarehousesOnHandV2?at={to}&of='{}'", name(warehouse));
        page(base, &rows, (to < self.skus).then_some(next))
    }

    fn levels(&self, from: u64) -> String {
        let to = (from + 250).min(self.skus);
        let mut items = String::new();
        for n in from..to {
            let comma = if n == from { "" } else { "," };
            let _ = write!(
                items,
                r#"{comma}{{"inventory_id":{},"name":"Product {n}","sku":"P{n:06}","locations":["#,
                n + 1
            );
            for centre in 1..=self.centres {
                let comma = if centre == 1 { "" } else { "," };
                let on_hand = pieces(n);
                let _ = write!(
                    items,
                    r#"{comma}{{"location_id":{centre},"name":"Centre {centre}","on_hand_quantity":{on_hand},"committed_quantity":0,"fulfillable_quantity":{on_hand},"awaiting_quantity":0,"internal_transfer_quantity":0}}"#
                );
            }
            items.push_str("]}");
        }
        let next = match to < self.skus {
            true => format!("\"/inventory-level/locations?cursor={to}&PageSize=250\""),
            false => "null".to_owned(),
        };
        format!(r#"{{"items":[{items}],"next":{next}}}"#)
    }

    fn made_up(&self, url: &str) -> Option<String> {
        let at = number_after(url, "at=").unwrap_or(0);
        let base = url.split("/data/").next().unwrap_or_default();
        if url.contains("CDSReleasedDistinctProducts") {
            return Some(self.items(base, at));
        }
        if url.contains("WarehousesOnHandV2") {
            let of = (1..=self.centres).find(|n| url.contains(&format!("%27{}%27", name(*n))));
            let of = of
                .or_else(|| (1..=self.centres).find(|n| url.contains(&format!("'{}'", name(*n)))));
            return Some(self.on_hand(base, of?, at));
        }
        if url.contains("inventory-level/locations") {
            return Some(self.levels(number_after(url, "cursor=").unwrap_or(0)));
        }
        if url.contains("inventory/history") {
            return Some(r#"{"data":[],"next":null}"#.to_owned());
        }
        url.ends_with("/location").then(|| {
            let of = |n| format!(r#"{{"id":{n},"name":"Centre {n}","is_active":true}}"#);
            let all: Vec<String> = (1..=self.centres).map(of).collect();
            format!("[{}]", all.join(","))
        })
    }

    /// The twins know two warehouses: the others are copies of the second.
    fn with_warehouses(&self, body: &str) -> Option<String> {
        let place = body.find("\"WarehouseId\":\"SB02\"")?;
        let start = body.get(..place)?.rfind('{')?;
        let end = place + body.get(place..)?.find('}')? + 1;
        let row = body.get(start..end)?;
        let more = (1..=self.centres).map(|n| row.replace("SB02", &name(n)));
        let more = more.collect::<Vec<_>>().join(",");
        Some(format!("{},{more}{}", body.get(..end)?, body.get(end..)?))
    }
}

fn name(warehouse: u64) -> String {
    format!("W{warehouse:03}")
}

fn pieces(sku: u64) -> u64 {
    sku % 97 + 1
}

fn number_after(url: &str, key: &str) -> Option<u64> {
    let from = url.find(key)? + key.len();
    let digits: String = url.get(from..)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn page(base: &str, rows: &str, next: Option<String>) -> String {
    match next {
        Some(next) => format!(r#"{{"value":[{rows}],"@odata.nextLink":"{base}/data/{next}"}}"#),
        None => format!(r#"{{"value":[{rows}]}}"#),
    }
}

impl<T: Transport> Transport for Shelves<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(body) = self.made_up(&request.url) {
            let mut response = Response::new(200, body);
            let json = http::HeaderValue::from_static("application/json");
            response.headers.insert(http::header::CONTENT_TYPE, json);
            return Box::pin(async move { Ok(response) });
        }
        Box::pin(async move {
            let mut response = self.rest.send(request).await?;
            let more = std::str::from_utf8(&response.body).ok();
            if let Some(body) = more.and_then(|body| self.with_warehouses(body)) {
                response.body = body.into();
            }
            Ok(response)
        })
    }
}

/// Seconds of CPU this process has used.
pub(super) fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Largest resident memory of this process so far, in MB.
pub(super) fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kb = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

/// One whole comparison: every page read, stored, judged, and journals drafted.
pub(super) async fn stock(skus: u32, centres: u32) -> anyhow::Result<Vec<Figure>> {
    let config =
        TwinConfig { seed: 7, orders: 0, shipbob_per_minute: None, ..TwinConfig::default() };
    let bed = Bed::make(config, false).await?;
    let mut settings = (*bed.rig.engine.settings()).clone();
    let super::Bed { world, rig: first, store, _dir } = bed;
    first.stop();
    settings.warehouses = (1..=u64::from(centres))
        .map(|n| WarehouseMap {
            warehouse: WarehouseId::new(name(n)),
            mapping: Mapping::Pinned(CentreId(i64::try_from(n).unwrap_or(0))),
            profile: Profile::Plain,
        })
        .collect();
    settings.inventory = Some(Inventory {
        mode: Mode::CountingJournal,
        journal: "SBCount".to_owned(),
        ..Inventory::default()
    });
    let shelves = Arc::new(Shelves {
        rest: world.network(),
        skus: u64::from(skus),
        centres: u64::from(centres),
        calls: AtomicU64::new(0),
    });
    let start = Start {
        store: store.clone(),
        network: Arc::clone(&shelves) as Arc<dyn Transport>,
        settings,
        webhooks: false,
        shipbob_per_minute: None,
    };
    let (before, cpu, watch) = (memory_mb(), cpu_seconds(), Stopwatch::start());
    let rig = Rig::start(&world, start);
    let run = rig.run_to_quiet(Span::hours(12)).await?;
    let (cpu, wall, peak) = (cpu_seconds() - cpu, watch.seconds(), peak_mb());
    rig.stop();
    let counts = store.read().await?.stock_counts(&world.scope).await?;
    let shelves_seen: i64 = counts.iter().map(|(_, n, _)| n).sum();
    let states: Vec<String> = counts.iter().map(|(state, n, _)| format!("{n} {state}")).collect();
    Ok(vec![
        Figure::new(
            format!(
                "{skus} SKUs in {centres} centres read, compared, drafted: CPU ({wall:.0} s on the clock, {} virtual minutes)",
                run.took.as_seconds() / 60
            ),
            format!("{cpu:.0} s"),
            "< 60 s CPU",
        ),
        Figure::new(
            format!("largest memory of the process by then (before: {before:.0} MB)"),
            format!("{peak:.0} MB"),
            "< 300 MB",
        ),
        Figure::new(
            format!("calls to both systems ({shelves_seen} shelves: {})", states.join(", ")),
            shelves.calls.load(Ordering::Relaxed).to_string(),
            "",
        ),
    ])
}
