//! External inventory adjustments, and the two periodic tasks that make journals of them and post those. The set says
//! nothing about either: what was posted is seen in the stock and nowhere else.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::json;

use super::documents::Made;
use super::life::LifeEvent;
use super::refusal::Refusal;
use super::stock::{
    ADJUSTMENTS, AVAILABLE, BLOCKED, change, dec_at, dimensions, made, number, refuse, row_of,
    str_at, t,
};
use super::value::Cell;
use super::write::{Desk, Effect, Member, Members, exists, not_found, text};
use crate::seed::catalogue::sku;
use crate::world::calendar::MINUTE;
use crate::world::ledger::{System, effect};
use crate::world::{Event, World};

const ENTITY: &str = "WHSExternalInventoryAdjustmentEntity";
/// Each task runs this often; what the first makes, the second posts when it runs next. Not paced.
const EVERY: i64 = 20 * MINUTE;
/// Places of the tables of warehouses and units.
const WAREHOUSES: usize = 2;
const UNITS: usize = 9;
/// Cells of a warehouse.
const EXTERNALLY_MANAGED: usize = 6;
const SYSTEM: usize = 7;

/// Cells of an adjustment; the last one is ours: in a journal, posted.
mod cell {
    pub(super) const ID: usize = 3;
    pub(super) const ITEM: usize = 4;
    pub(super) const WAREHOUSE: usize = 10;
    pub(super) const QUANTITY: usize = 11;
    pub(super) const STATE: usize = 14;
}

const NEW: i64 = 0;
const IN_JOURNAL: i64 = 1;
const POSTED: i64 = 2;

fn state(row: &[Cell]) -> i64 {
    match row.get(cell::STATE) {
        Some(Cell::Int(state)) => *state,
        _ => NEW,
    }
}

/// What the related tables say about the system, the warehouse, the unit and the status.
fn related(desk: &Desk<'_>, field: impl Fn(&str) -> String) -> Result<(), Refusal> {
    let warehouse = field("WarehouseId");
    let row =
        desk.db.plain.get(WAREHOUSES).and_then(|rows| {
            rows.iter().find(|row| str_at(row, 1).eq_ignore_ascii_case(&warehouse))
        });
    let row = row.ok_or_else(|| not_found(ENTITY, &warehouse, "Warehouse", "Warehouses"))?;
    let system = field("ExternalSystemId");
    if str_at(row, SYSTEM).is_empty() || !str_at(row, SYSTEM).eq_ignore_ascii_case(&system) {
        let table = "External warehouse management systems";
        return Err(not_found(ENTITY, &system, "External system", table));
    }
    if !matches!(row.get(EXTERNALLY_MANAGED), Some(Cell::Enum("Yes"))) {
        return Err(refuse(ENTITY, &format!("Warehouse {warehouse} is not externally managed.")));
    }
    let unit = field("QuantityUnitId");
    let known = desk
        .db
        .plain
        .get(UNITS)
        .is_some_and(|rows| rows.iter().any(|row| str_at(row, 0).eq_ignore_ascii_case(&unit)));
    if !known {
        return Err(not_found(ENTITY, &unit, "Quantity unit", "Units"));
    }
    let status = field("InventoryStatusId");
    if !status.is_empty() && ![AVAILABLE, BLOCKED].contains(&status.as_str()) {
        return Err(not_found(ENTITY, &status, "Inventory status", "Inventory statuses"));
    }
    Ok(())
}

/// `POST ExternalInventoryAdjustments`: a delta under the caller's own id.
pub(crate) fn create(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let field = |name: &str| text(members, name).unwrap_or_default().to_owned();
    let kind = members.iter().find_map(|(name, member)| match member {
        Member::Enum(kind) if *name == "ExternalSystemType" => Some(*kind),
        _ => None,
    });
    let kind = kind.ok_or_else(|| refuse(ENTITY, "External system type must be filled in."))?;
    let id = field("InventoryAdjustmentId");
    if id.is_empty() {
        return Err(refuse(ENTITY, "Inventory adjustment ID must be filled in."));
    }
    let system = field("ExternalSystemId");
    related(desk, field)?;
    let twice =
        desk.db.plain.get(ADJUSTMENTS).is_some_and(|rows| {
            rows.iter().any(|row| str_at(row, cell::ID).eq_ignore_ascii_case(&id))
        });
    if twice {
        let key = format!("{system}, {id}");
        return Err(exists(ENTITY, "External inventory adjustments", &key));
    }
    let (item, color, size) =
        (field("ItemNumber"), field("ProductColorId"), field("ProductSizeId"));
    let warehouse = field("WarehouseId");
    if row_of(desk.db, &warehouse, (&item, &color, &size)).is_none() {
        return Err(not_found(ENTITY, &item, "Item number", "Items"));
    }
    let quantity = number(members, "Quantity").unwrap_or_default();
    if quantity.is_zero() {
        return Err(refuse(ENTITY, "Quantity must be filled in."));
    }
    let sku = sku(&item, &color, &size);
    let row = vec![
        t(desk.company),
        Cell::Enum(kind),
        Cell::Str(system),
        Cell::Str(id.clone()),
        Cell::Str(item),
        Cell::Str(color),
        t(""),
        Cell::Str(size),
        t(""),
        t(""),
        Cell::Str(warehouse.clone()),
        Cell::Dec(quantity),
        Cell::Str(field("QuantityUnitId")),
        Cell::Str(field("InventoryStatusId")),
        Cell::Int(NEW),
    ];
    let detail = json!({
        "adjustment": id, "warehouse": warehouse, "sku": sku,
        "quantity": quantity.normalize().to_string(),
    });
    desk.effects.push(Effect { name: effect::ADJUSTMENT_SENT, key: id, detail, order: u32::MAX });
    Ok(made(desk, ADJUSTMENTS, row))
}

/// Plans the next run of the two tasks where something waits for them.
pub(crate) fn plan(world: &mut World) {
    let rows = world.dynamics.db.plain.get(ADJUSTMENTS).map(Vec::as_slice).unwrap_or_default();
    let waits = rows.iter().any(|row| state(row) != POSTED);
    if world.dynamics.book.adjusting || !waits {
        return;
    }
    world.dynamics.book.adjusting = true;
    let start = world.config.start_micros;
    let runs = (world.now - start).div_euclid(EVERY) + 1;
    world.schedule_at(start + runs * EVERY, Event::Dynamics(LifeEvent::Adjust));
}

/// *Post external inventory adjustment journals*, then *Create external inventory adjustment journals*: what is new now
/// is posted by the next run.
pub(crate) fn tasks(world: &mut World) {
    world.dynamics.book.adjusting = false;
    let leaves = world.config.tenant.adjustments_leave;
    let mut rows =
        world.dynamics.db.plain.get_mut(ADJUSTMENTS).map(std::mem::take).unwrap_or_default();
    for row in &mut rows {
        match state(row) {
            NEW => set(row, IN_JOURNAL),
            IN_JOURNAL => {
                set(row, POSTED);
                post(world, row);
            }
            _ => {}
        }
    }
    rows.retain(|row| !leaves || state(row) != POSTED);
    if let Some(table) = world.dynamics.db.plain.get_mut(ADJUSTMENTS) {
        *table = rows;
    }
    plan(world);
}

fn set(row: &mut [Cell], state: i64) {
    if let Some(cell) = row.get_mut(cell::STATE) {
        *cell = Cell::Int(state);
    }
}

fn post(world: &mut World, row: &[Cell]) {
    let by: Decimal = dec_at(row, cell::QUANTITY);
    let of = dimensions(row, cell::ITEM);
    let warehouse = str_at(row, cell::WAREHOUSE).to_owned();
    let sku = sku(of.0, of.1, of.2);
    let db = &mut world.dynamics.db;
    if let Some(place) = row_of(db, &warehouse, of) {
        change(db, place, by);
    }
    let pieces = by.to_i64().unwrap_or(0);
    *world.dynamics.book.counted.entry((warehouse.clone(), sku.clone())).or_default() += pieces;
    let id = str_at(row, cell::ID).to_owned();
    let detail = json!({"warehouse": warehouse, "sku": sku, "pieces": pieces});
    world.ledger.record(world.now, System::Dynamics, effect::ADJUSTMENT_POSTED, id, detail);
}
