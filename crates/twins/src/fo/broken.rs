//! What a broken environment looks like in F&O's database and metadata.

use serde_json::{Value, json};

use super::db::Database;
use super::meta::EntitySet;
use super::refusal::Refusal;
use super::value::{self, Cell};
use crate::seed::SeedWorld;
use crate::seed::orders::build;
use crate::world::breaks::Break;
use crate::world::calendar::DAY;
use crate::world::config::TwinConfig;

/// The property that `field-gone` takes away.
const GONE: (&str, &str) = ("SalesOrderHeadersV2", "CustomersOrderReference");
/// The property whose type `type-changed` changes.
const CHANGED: (&str, &str) = ("SalesOrderLines", "SalesPrice");

type Table = Vec<Vec<Cell>>;

fn is(row: &[Cell], place: usize, text: &str) -> bool {
    matches!(row.get(place), Some(Cell::Str(found)) if found == text)
}

/// Changes the master tables, in the order of their numbers.
pub(super) fn spoil(config: &TwinConfig, tables: &mut [Table]) {
    let mut drop_rows = |table: usize, gone: &dyn Fn(&[Cell]) -> bool| {
        if let Some(rows) = tables.get_mut(table) {
            rows.retain(|row| !gone(row));
        }
    };
    for one in &config.breaks {
        match one {
            Break::CompanyHidden => drop_rows(0, &|row| is(row, 0, &config.company)),
            Break::WarehouseMissing => drop_rows(2, &|row| is(row, 1, "SB01")),
            Break::ModeMissing => drop_rows(4, &|row| is(row, 1, "EXP")),
            Break::CarrierMissing => drop_rows(6, &|row| is(row, 1, "DHL")),
            Break::PoolMissing => drop_rows(12, &|row| is(row, 1, "SHIPBOB")),
            _ => {}
        }
    }
    let advanced = config.breaks.contains(&Break::WarehouseAdvanced);
    let external = config.breaks.contains(&Break::WarehouseExternal);
    if config.breaks.contains(&Break::WarehouseUnmanaged) {
        let rows = tables.get_mut(2).into_iter().flatten();
        for row in rows.filter(|row| is(row, 1, "SB01")) {
            if let Some(cell) = row.get_mut(5) {
                *cell = Cell::yes(false);
            }
        }
    }
    let rows = tables.get_mut(2).into_iter().flatten();
    for row in rows.filter(|row| is(row, 1, "SB01") && (advanced || external)) {
        for (place, on) in [(5, true), (6, external)] {
            if let Some(cell) = row.get_mut(place) {
                *cell = Cell::yes(on);
            }
        }
    }
}

/// An order of our company that went into the pool three days ago and that no batch took.
pub(super) fn leave_waiting(db: &mut Database, config: &TwinConfig, seed: &SeedWorld) {
    if !config.breaks.contains(&Break::NoBatch) {
        return;
    }
    let Some((meant, index)) = seed.all().iter().zip(0_u32..).next() else { return };
    let mut order = build(seed, meant, index);
    let stamp = value::whole_second(config.start_micros - 3 * DAY);
    order.number = "SO-WAITS".to_owned();
    order.rec_id += 2 * super::RUNTIME_REC_IDS;
    order.stamp = stamp;
    order.pool = "SHIPBOB".to_owned();
    order.document = "Confirmation";
    order.sales_type = "Sales";
    for line in &mut order.lines {
        line.rec_id += 2 * super::RUNTIME_REC_IDS;
        line.lot = format!("WAITS-{}", line.lot);
        line.stamp = stamp;
        line.status = "Backorder";
        line.remain = line.quantity;
        line.deliver_now = line.quantity;
    }
    db.insert_foreign(order);
}

/// Refuses what the role may not read, the set that is not there, the field that is gone.
pub(super) fn check(config: &TwinConfig, set: &EntitySet, query: &str) -> Result<(), Refusal> {
    for one in &config.breaks {
        match one {
            Break::NoRight(name) if *name == set.name => return Err(Refusal::Forbidden),
            Break::NoSet(name) if *name == set.name => {
                return Err(Refusal::NoRoute(format!("/data/{}", set.name)));
            }
            Break::FieldGone if set.name == GONE.0 && query.contains(GONE.1) => {
                return Err(Refusal::UnknownField);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Changes what `/metadata/PublicEntities` tells of one property; none when it is gone.
pub(super) fn property(
    config: &TwinConfig,
    set: &EntitySet,
    name: &str,
    told: Value,
) -> Option<Value> {
    let broken = |one: Break| config.breaks.contains(&one);
    let mut told = told;
    if (set.name, name) == GONE && broken(Break::FieldGone) {
        return None;
    }
    if let (CHANGED, true, Value::Object(members)) =
        ((set.name, name), broken(Break::TypeChanged), &mut told)
    {
        members.insert("TypeName".to_owned(), json!("Edm.String"));
        members.insert("DataType".to_owned(), json!("String"));
    }
    Some(told)
}
