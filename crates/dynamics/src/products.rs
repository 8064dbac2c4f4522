//! Released products of the company. The sets have no stamp to follow, and their keys are texts, which
//! F&O does not compare: they are read whole, page by page (next links, by offset). A row that moved
//! between two pages comes twice or not at all; the caller must not take one absence for a delete.

use crate::client::{Dynamics, Turn};
use crate::convert::join_dimensions;
use crate::interpret;
use crate::limits;
use crate::odata::Query;
use crate::reply::CallError;
use crate::wire::{self, Code, Dimensions, Distinct, ItemMaster, Row};
use domain::product::{Barcode, Master, Physical, Released};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// All four sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductFeed {
    /// Distinct products with their dimensions and barcodes.
    pub released: Vec<Released>,
    /// Item masters by item number as written.
    pub masters: BTreeMap<String, Master>,
    /// Rows that could not be read, in words without values.
    pub unreadable: Vec<String>,
}

impl Dynamics {
    /// Reads every released product of the company.
    pub async fn products(&self, now: Timestamp) -> Result<ProductFeed, CallError> {
        let mut turn = self.turn();
        let mut feed = ProductFeed::default();
        let ours = |query: Query| query.filter(self.company());
        let key = &["ProductNumber"];
        let distinct: Vec<Distinct> = self
            .read_all(
                &mut turn,
                now,
                ours(Query::of(Distinct::SET, Distinct::SELECT)).order_by(key),
                &mut feed,
            )
            .await?;
        // Of all companies: this set knows none.
        let dimensions = Query::of(Dimensions::SET, Dimensions::SELECT).order_by(key);
        let dimensions: Vec<Dimensions> =
            self.read_all(&mut turn, now, dimensions, &mut feed).await?;
        let codes = ours(Query::of(Code::SET, Code::SELECT)).order_by(key);
        let codes: Vec<Code> = self.read_all(&mut turn, now, codes, &mut feed).await?;
        let masters =
            ours(Query::of(ItemMaster::SET, ItemMaster::SELECT)).order_by(&["ItemNumber"]);
        let masters: Vec<ItemMaster> = self.read_all(&mut turn, now, masters, &mut feed).await?;
        if distinct.is_empty() {
            // None at all is as likely a company this user may not see.
            self.company_is_visible(&mut turn, now).await?;
        }
        feed.released = put_together(distinct, dimensions, codes);
        feed.masters = masters.into_iter().map(master).collect();
        Ok(feed)
    }

    async fn read_all<T: Row>(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        query: Query,
        feed: &mut ProductFeed,
    ) -> Result<Vec<T>, CallError> {
        let mut rows = Vec::new();
        let mut url = query.url(&self.config.base);
        for _ in 0..limits::MASTER_PAGES {
            let reply = self
                .get(turn, now, "dynamics.products", url)
                .await
                .map_err(|failure| interpret::read_failure(failure, now))?;
            if reply.status != 200 {
                return Err(interpret::read_error(&reply, now));
            }
            let page = wire::page::<T>(&reply.body).map_err(|why| CallError::Malformed { why })?;
            for row in page.rows {
                match row {
                    Ok(row) => rows.push(row),
                    Err(bad) => feed.unreadable.push(bad.why),
                }
            }
            match page.next {
                None => return Ok(rows),
                Some(link) => url = self.own(&link)?,
            }
        }
        let why = format!("{} has more than {} pages", T::SET, limits::MASTER_PAGES);
        Err(CallError::Malformed { why })
    }
}

fn put_together(
    distinct: Vec<Distinct>,
    dimensions: Vec<Dimensions>,
    codes: Vec<Code>,
) -> Vec<Released> {
    let mut physical: BTreeMap<String, Vec<Physical>> = BTreeMap::new();
    for d in dimensions {
        let or_zero = |n: Option<Decimal>| n.unwrap_or_default();
        physical.entry(d.number.to_lowercase()).or_default().push(Physical {
            kind: d.kind,
            of_unit: d.of_unit,
            sides: [or_zero(d.depth), or_zero(d.width), or_zero(d.height)],
            length_unit: d.length_unit,
            weight: or_zero(d.weight),
            mass_unit: d.mass_unit,
        });
    }
    let mut barcodes: BTreeMap<String, Vec<Barcode>> = BTreeMap::new();
    for c in codes {
        barcodes.entry(c.number.to_lowercase()).or_default().push(Barcode {
            code: c.code,
            of_unit: c.of_unit,
            quantity: c.quantity.unwrap_or_default(),
            default: c.default.unwrap_or(false),
        });
    }
    let of = |row: Distinct| {
        let number = row.number.to_lowercase();
        let dimensions = [&row.color, &row.size, &row.style, &row.configuration, &row.version];
        let set = dimensions.iter().filter(|d| !d.is_empty()).map(|d| (*d).clone());
        Released {
            key: join_dimensions(&row.item, dimensions),
            parts: std::iter::once(row.item.clone()).chain(set).collect(),
            physical: physical.get(&number).cloned().unwrap_or_default(),
            barcodes: barcodes.get(&number).cloned().unwrap_or_default(),
            number: row.number,
            item: row.item,
            name: row.name,
            unit: row.unit,
            stocked: row.stocked,
            catch_weight: row.catch_weight,
            service: row.kind.eq_ignore_ascii_case("Service"),
        }
    };
    distinct.into_iter().map(of).collect()
}

fn master(row: ItemMaster) -> (String, Master) {
    let or_zero = |n: Option<Decimal>| n.unwrap_or_default();
    let master = Master {
        search_name: row.search_name,
        net: or_zero(row.net),
        tare: or_zero(row.tare),
        sides: [or_zero(row.depth), or_zero(row.width), or_zero(row.height)],
        tariff: row.tariff,
        origin: row.origin,
        customs: row.customs,
        catch_weight: row.catch_weight,
    };
    (row.item, master)
}
