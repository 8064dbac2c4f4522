//! Counting journals: headers and lines by API, and the customer's job that posts them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::json;

use super::{
    HEADERS, LINES, ON_HAND, change, dec_at, dimensions, made, number, on_hand, refuse, row_of,
    str_at, t,
};
use crate::fo::documents::Made;
use crate::fo::life::LifeEvent;
use crate::fo::refusal::Refusal;
use crate::fo::value::{Cell, EMPTY_DATE};
use crate::fo::write::{Desk, Effect, Member, Members, exists, not_found, text, time};
use crate::seed::catalogue::sku;
use crate::world::calendar::MINUTE;
use crate::world::ledger::{System, effect};
use crate::world::{Event, World};

const HEADER: &str = "InventoryCountingJournalHeaderEntity";
const LINE: &str = "InventoryCountingJournalLineEntity";
/// The customer's job posts journals of this name.
const JOURNAL_NAME: &str = "SBCount";
const JOURNAL_NAMES: [&str; 2] = [JOURNAL_NAME, "ICnt"];
/// It runs this often, and leaves alone what changed within half of it. Not paced: a person waits no shorter.
const POST_EVERY: i64 = 30 * MINUTE;

/// Cells of a header.
mod header {
    pub(super) const NUMBER: usize = 1;
    pub(super) const NAME: usize = 2;
    pub(super) const DESCRIPTION: usize = 3;
    pub(super) const SITE: usize = 4;
    pub(super) const WAREHOUSE: usize = 5;
    pub(super) const POSTED: usize = 6;
    pub(super) const POSTED_AT: usize = 7;
}

/// Cells of a line.
mod line {
    pub(super) const NUMBER: usize = 1;
    pub(super) const ITEM: usize = 3;
    pub(super) const WAREHOUSE: usize = 10;
    pub(super) const ADJUSTMENT: usize = 14;
}

fn yes(members: &Members, name: &str) -> bool {
    members.iter().any(|(found, member)| *found == name && matches!(member, Member::Enum("Yes")))
}

/// `POST InventoryCountingJournalHeaders`: F&O gives the number.
pub(crate) fn create_header(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let field = |name: &str| text(members, name).unwrap_or_default().to_owned();
    let name = field("JournalNameId");
    if !JOURNAL_NAMES.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(not_found(HEADER, &name, "Name", "Inventory journal names"));
    }
    let description = field("Description");
    if description.chars().count() > 60 {
        return Err(refuse(
            HEADER,
            "The text in field 'Description' is longer than 60 characters.",
        ));
    }
    let count = desk.db.plain.get(HEADERS).map_or(0, Vec::len);
    let number = format!("{:08}", count + 321);
    let row = vec![
        t(desk.company),
        t(&number),
        Cell::Str(name),
        t(&description),
        Cell::Str(field("DefaultInventorySiteId")),
        Cell::Str(field("DefaultWarehouseId")),
        Cell::yes(false),
        Cell::Time(EMPTY_DATE),
    ];
    let detail = json!({"journal": number, "description": description});
    desk.effects.push(Effect {
        name: effect::JOURNAL_MADE,
        key: description,
        detail,
        order: u32::MAX,
    });
    Ok(made(desk, HEADERS, row))
}

/// Site, warehouse and description of a line: its own, else those of its journal, which must be open.
fn place_of(
    desk: &Desk<'_>,
    journal: &str,
    members: &Members,
) -> Result<(String, String, String), Refusal> {
    let field = |name: &str| text(members, name).unwrap_or_default();
    let head = desk.db.plain.get(HEADERS).and_then(|rows| {
        rows.iter().find(|row| str_at(row, header::NUMBER).eq_ignore_ascii_case(journal))
    });
    let head =
        head.ok_or_else(|| not_found(LINE, journal, "Journal", "Inventory journal table"))?;
    if matches!(head.get(header::POSTED), Some(Cell::Enum("Yes"))) {
        return Err(refuse(LINE, &format!("Journal {journal} is already posted.")));
    }
    let or_default = |name: &str, place: usize| match field(name) {
        "" => str_at(head, place).to_owned(),
        given => given.to_owned(),
    };
    let site = or_default("InventorySiteId", header::SITE);
    let warehouse = or_default("WarehouseId", header::WAREHOUSE);
    let description = str_at(head, header::DESCRIPTION).to_owned();
    Ok((site, warehouse, description))
}

/// `POST InventoryCountingJournalLines`: the difference is computed now, from what is on hand now.
pub(crate) fn create_line(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let field = |name: &str| text(members, name).unwrap_or_default();
    let journal = field("JournalNumber");
    let (site, warehouse, description) = place_of(desk, journal, members)?;
    if site.is_empty() {
        let text = "Inventory dimension Site is mandatory and must consequently be specified.";
        return Err(refuse(LINE, text));
    }
    let nth = number(members, "LineNumber").filter(|n| *n > Decimal::ZERO);
    let nth = nth.ok_or_else(|| refuse(LINE, "Line number must be filled in."))?;
    let twice = desk.db.plain.get(LINES).is_some_and(|rows| {
        rows.iter().any(|row| {
            str_at(row, line::NUMBER).eq_ignore_ascii_case(journal) && dec_at(row, 2) == nth
        })
    });
    if twice {
        return Err(exists(LINE, "Inventory journal lines", &format!("Journal {journal}, {nth}")));
    }
    let of = (field("ItemNumber"), field("ProductColorId"), field("ProductSizeId"));
    let Some(place) = row_of(desk.db, &warehouse, of) else {
        return Err(not_found(LINE, of.0, "Item number", "Items"));
    };
    let there = desk.db.plain.get(ON_HAND).and_then(|rows| rows.get(place));
    let there = there.map_or(Decimal::ZERO, |row| dec_at(row, on_hand::PHYSICAL));
    let counted = number(members, "CountedQuantity").unwrap_or_default();
    if counted < Decimal::ZERO {
        return Err(refuse(LINE, "Counted quantity must not be negative."));
    }
    let zero = yes(members, "IsCountedQuantityZero");
    if counted.is_zero() && !zero {
        return Err(refuse(LINE, "Counted quantity must be filled in."));
    }
    let row = vec![
        t(desk.company),
        t(journal),
        Cell::Dec(nth),
        t(of.0),
        t(of.1),
        t(""),
        t(of.2),
        t(""),
        t(""),
        Cell::Str(site),
        Cell::Str(warehouse.clone()),
        Cell::Dec(counted),
        Cell::yes(zero),
        Cell::Dec(there),
        Cell::Dec(counted - there),
        Cell::Time(time(members, "CountingDate").unwrap_or(EMPTY_DATE)),
        t(field("CountingReasonCode")),
    ];
    let sku = sku(of.0, of.1, of.2);
    let detail = json!({
        "journal": journal, "line": nth.normalize().to_string(), "warehouse": warehouse, "sku": sku,
        "counted": counted.normalize().to_string(),
        "adjustment": (counted - there).normalize().to_string(),
    });
    desk.effects.push(Effect {
        name: effect::JOURNAL_LINE,
        key: description,
        detail,
        order: u32::MAX,
    });
    Ok(made(desk, LINES, row))
}

/// Plans the posting job where a journal has lines.
pub(crate) fn plan_posting(world: &mut World) {
    let journals = open_journals(world);
    for journal in journals {
        let now = world.now;
        world.dynamics.book.touched.entry(journal).or_insert(now);
    }
    if world.dynamics.book.planned || open_journals(world).is_empty() {
        return;
    }
    world.dynamics.book.planned = true;
    let start = world.config.start_micros;
    let runs = (world.now - start).div_euclid(POST_EVERY) + 1;
    let at = start + runs * POST_EVERY;
    world.schedule_at(at, Event::Dynamics(LifeEvent::PostJournals));
}

/// Journals that are not posted and have lines.
fn open_journals(world: &World) -> Vec<String> {
    let plain = &world.dynamics.db.plain;
    let (Some(heads), Some(lines)) = (plain.get(HEADERS), plain.get(LINES)) else {
        return Vec::new();
    };
    let open = |row: &&Vec<Cell>| {
        let number = str_at(row, header::NUMBER);
        matches!(row.get(header::POSTED), Some(Cell::Enum("No")))
            && str_at(row, header::NAME).eq_ignore_ascii_case(JOURNAL_NAME)
            && lines.iter().any(|line| str_at(line, line::NUMBER).eq_ignore_ascii_case(number))
    };
    heads.iter().filter(open).map(|row| str_at(row, header::NUMBER).to_owned()).collect()
}

/// The customer's job.
pub(crate) fn posting_job(world: &mut World) {
    world.dynamics.book.planned = false;
    for journal in open_journals(world) {
        let touched = world.dynamics.book.touched.get(&journal).copied().unwrap_or(world.now);
        if world.now - touched >= POST_EVERY / 2 {
            post(world, &journal, "job");
        }
    }
    plan_posting(world);
}

/// Posts a journal as it stands; false when there is nothing to post.
pub(crate) fn post(world: &mut World, journal: &str, by: &str) -> bool {
    let now = world.server_clock();
    let mine = |row: &&Vec<Cell>| str_at(row, 1).eq_ignore_ascii_case(journal);
    let db = &mut world.dynamics.db;
    let lines: Vec<Vec<Cell>> = db
        .plain
        .get(LINES)
        .map(|rows| rows.iter().filter(mine).cloned().collect())
        .unwrap_or_default();
    let Some(head) = db.plain.get_mut(HEADERS).and_then(|rows| {
        rows.iter_mut().find(|row| {
            str_at(row, header::NUMBER).eq_ignore_ascii_case(journal)
                && matches!(row.get(header::POSTED), Some(Cell::Enum("No")))
        })
    }) else {
        return false;
    };
    if lines.is_empty() {
        return false;
    }
    let key = str_at(head, header::DESCRIPTION).to_owned();
    if let Some(cell) = head.get_mut(header::POSTED) {
        *cell = Cell::yes(true);
    }
    if let Some(cell) = head.get_mut(header::POSTED_AT) {
        *cell = Cell::Time(now);
    }
    for row in &lines {
        let by = dec_at(row, line::ADJUSTMENT);
        let of = dimensions(row, line::ITEM);
        let warehouse = str_at(row, line::WAREHOUSE).to_owned();
        let sku = sku(of.0, of.1, of.2);
        if let Some(place) = row_of(db, &warehouse, of) {
            change(db, place, by);
        }
        let pieces = by.to_i64().unwrap_or(0);
        *world.dynamics.book.counted.entry((warehouse, sku)).or_default() += pieces;
    }
    let detail = json!({"journal": journal, "by": by, "lines": lines.len()});
    world.ledger.record(world.now, System::Dynamics, effect::JOURNAL_POSTED, key, detail);
    true
}

/// Numbers of journals that are not posted.
pub(crate) fn unposted(world: &World) -> Vec<String> {
    open_journals(world)
}
