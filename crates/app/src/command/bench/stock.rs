//! Stock of a large company, read, compared and drafted.

use super::Figure;
use super::stream::{Pages, Streamed};
use domain::ids::{CentreId, WarehouseId};
use domain::mapping::Mapping;
use domain::settings::{Profile, Settings, WarehouseMap};
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use std::fmt::Write as _;

/// Rows of one page of F&O.
const FO_ROWS: u64 = 10_000;
/// One shelf in so many differs by a piece.
const DIFFERS: u64 = 50;

/// Stock of both systems.
struct Shelves {
    skus: u64,
    centres: u64,
}

impl Shelves {
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
}

impl Pages for Shelves {
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
    fn with_more(&self, body: &str) -> Option<String> {
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

/// One whole comparison: every page read, stored, judged, and journals drafted.
pub(super) async fn stock(skus: u32, centres: u32) -> anyhow::Result<Vec<Figure>> {
    let shelves = Shelves { skus: u64::from(skus), centres: u64::from(centres) };
    let maps = (1..=u64::from(centres)).map(|n| WarehouseMap {
        warehouse: WarehouseId::new(name(n)),
        mapping: Mapping::Pinned(CentreId(i64::try_from(n).unwrap_or(0))),
        profile: Profile::Plain,
    });
    let change = |settings: &mut Settings| {
        settings.warehouses = maps.collect();
        settings.inventory = Some(Inventory {
            mode: Mode::CountingJournal,
            journal: "SBCount".to_owned(),
            ..Inventory::default()
        });
    };
    let streamed = Streamed::through(shelves, change, Span::hours(12)).await?;
    let counts = streamed.store.read().await?.stock_counts(&streamed.scope).await?;
    let seen: i64 = counts.iter().map(|(_, n, _)| n).sum();
    let states: Vec<String> = counts.iter().map(|(state, n, _)| format!("{n} {state}")).collect();
    let what = format!("{skus} SKUs in {centres} centres read, compared, drafted");
    Ok(streamed.figures(&what, &format!(" ({seen} shelves: {})", states.join(", "))))
}
