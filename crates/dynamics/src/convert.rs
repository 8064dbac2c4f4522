//! Rows of eight sets become one sales order. The sets are not read at one instant: sets that
//! carry etags are read first, so that anything newer than them makes a conditional write fail;
//! where two sets say the same, the one read later counts.

use crate::wire::{Header, Line, LineBi, NoteRow, Slip, SlipLine, TableBi, Tracking};
use domain::ids::{Company, LotId, PackingSlipId, SalesOrderNumber, WarehouseId};
use domain::sales::{
    Address, DocumentStatus, Note, PackingSlip, SalesLine, SalesOrder, SalesStatus, SlipTracking,
};
use domain::time::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Decimal places of a unit price; the price of one piece of a price per 1,000 needs them.
const PRICE_PLACES: u32 = 6;

/// Everything read of one order.
#[derive(Default)]
pub(crate) struct Bundle {
    pub(crate) headers: Vec<Header>,
    pub(crate) lines: Vec<Line>,
    pub(crate) tables: Vec<TableBi>,
    pub(crate) line_bis: Vec<LineBi>,
    pub(crate) slips: Vec<Slip>,
    pub(crate) slip_lines: Vec<SlipLine>,
    pub(crate) notes: Vec<NoteRow>,
    pub(crate) tracking: Vec<Tracking>,
    /// A row of this order could not be read.
    pub(crate) broken: Option<String>,
}

/// One order, gone, or why it cannot be told now.
pub(crate) fn order(bundle: Bundle, company: &Company) -> Result<Option<SalesOrder>, String> {
    if let Some(why) = bundle.broken {
        return Err(why);
    }
    if bundle.headers.len() > 1 || bundle.tables.len() > 1 {
        return Err("F&O returned two orders with this number".to_owned());
    }
    let mut headers = bundle.headers;
    let mut tables = bundle.tables;
    let (header, table) = match (headers.pop(), tables.pop()) {
        (None, None) => return Ok(None),
        (Some(header), Some(table)) => (header, table),
        // Not an order for customers: the header entity may hide it, the raw table does not.
        (None, Some(table)) if table.sales_type != "Sales" => {
            (Header { order: table.order.clone(), ..Header::default() }, table)
        }
        _ => return Err("the order was created or deleted while it was read".to_owned()),
    };
    let lines = lines(bundle.lines, &bundle.line_bis)?;
    let slips = slips(bundle.slips, bundle.slip_lines)?;
    let modified = stamp(&table.modified, "SysModifiedDateTime")?;
    let created = stamp(&header.created, "OrderCreationDateTime")
        .or_else(|_| stamp(&table.created, "CreatedOn"))?;
    Ok(Some(SalesOrder {
        number: SalesOrderNumber::new(header.order.clone()),
        company: company.clone(),
        status: status(&table.status),
        document_status: document_status(&table.document_status),
        sales_type: table.sales_type,
        stopped: header.stopped.unwrap_or(false) || table.stopped.unwrap_or(true),
        credit_hold: table.credit_hold.unwrap_or(true),
        modified,
        created,
        address: address(Place::of_header(&header)),
        etag: header.etag,
        email: header.email,
        phone: table.phone,
        delivery_mode: header.mode,
        pool: header.pool,
        origin: header.origin,
        customer_reference: header.customer_reference,
        currency: header.currency,
        carrier: header.carrier,
        carrier_service: header.carrier_service,
        lines,
        slips,
        notes: notes(bundle.notes),
        tracking: tracking(bundle.tracking),
        warehouse_release: None,
        left_out: std::collections::BTreeSet::new(),
    }))
}

/// A line only the raw table has was added between the two reads, or is hidden from users: the
/// next poll brings it, if it is for us. A line the raw table lacks makes the order unreadable.
fn lines(lines: Vec<Line>, line_bis: &[LineBi]) -> Result<Vec<SalesLine>, String> {
    let raw: HashMap<String, &LineBi> =
        line_bis.iter().map(|raw| (raw.lot.to_lowercase(), raw)).collect();
    let mut found: BTreeMap<String, SalesLine> = BTreeMap::new();
    for entity in lines {
        let lot = entity.lot.to_lowercase();
        let Some(raw) = raw.get(&lot) else {
            return Err("a line was added or deleted while the order was read".to_owned());
        };
        if let Entry::Vacant(place) = found.entry(lot) {
            place.insert(line(entity, raw)?);
        }
    }
    let mut found: Vec<SalesLine> = found.into_values().collect();
    found.sort_by_key(|line| line.sequence);
    Ok(found)
}

fn line(entity: Line, raw: &LineBi) -> Result<SalesLine, String> {
    if entity.lot.is_empty() {
        return Err("a line has no InventoryLotId".to_owned());
    }
    let sequence = entity
        .sequence
        .and_then(|n| i32::try_from(n).ok())
        .ok_or("a line has no LineCreationSequenceNumber")?;
    let price = entity.price.unwrap_or_default();
    let per = entity.price_quantity.filter(|q| *q > Decimal::ONE).unwrap_or(Decimal::ONE);
    let price = price.checked_div(per).unwrap_or(price);
    Ok(SalesLine {
        sequence,
        sku: sku(&entity),
        ordered: raw.ordered.ok_or("a line has no SalesQty")?,
        remaining: raw.remaining.ok_or("a line has no RemainSalesPhysical")?,
        deliver_now: raw.deliver_now.ok_or("a line has no SalesDeliverNow")?,
        price: price
            .round_dp_with_strategy(PRICE_PLACES, RoundingStrategy::MidpointAwayFromZero)
            .normalize(),
        status: status(&raw.status),
        blocked: raw.blocked.unwrap_or(true) || entity.stopped.unwrap_or(false),
        stocked: raw.stocked.unwrap_or(false),
        direct_delivery: !matches!(raw.delivery_type.as_str(), "" | "None"),
        modified: stamp(&raw.modified, "SysModifiedDateTime")?,
        address: address(Place::of_line(&entity)),
        lot: LotId::new(entity.lot),
        item: entity.item,
        name: entity.description,
        unit: entity.unit,
        warehouse: WarehouseId::new(entity.warehouse),
        delivery_mode: entity.mode,
        etag: entity.etag,
    })
}

/// Item number and the dimensions that are set, joined by `-`.
fn sku(line: &Line) -> String {
    join_dimensions(
        &line.item,
        [&line.color, &line.size, &line.style, &line.configuration, &line.version],
    )
}

/// See [`sku`]: color, size, style, configuration, version.
pub(crate) fn join_dimensions(item: &str, dimensions: [&String; 5]) -> String {
    let mut text = item.to_owned();
    for dimension in dimensions {
        if !dimension.is_empty() {
            text.push('-');
            text.push_str(dimension);
        }
    }
    text
}

#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) name: &'a str,
    pub(crate) street: &'a str,
    pub(crate) street_number: &'a str,
    pub(crate) complement: &'a str,
    pub(crate) post_box: &'a str,
    pub(crate) city: &'a str,
    pub(crate) state: &'a str,
    pub(crate) zip: &'a str,
    pub(crate) country: &'a str,
    pub(crate) country_iso: &'a str,
    pub(crate) location: &'a str,
}

macro_rules! place {
    ($row:expr) => {
        Place {
            name: &$row.name,
            street: &$row.street,
            street_number: &$row.street_number,
            complement: &$row.complement,
            post_box: &$row.post_box,
            city: &$row.city,
            state: &$row.state,
            zip: &$row.zip,
            country: &$row.country,
            country_iso: &$row.country_iso,
            location: &$row.location,
        }
    };
}

impl<'a> Place<'a> {
    fn of_header(row: &'a Header) -> Self {
        place!(row)
    }
    fn of_line(row: &'a Line) -> Self {
        place!(row)
    }
}

pub(crate) fn address(place: Place<'_>) -> Address {
    Address {
        name: place.name.to_owned(),
        street: street(&place),
        city: place.city.to_owned(),
        state: place.state.to_owned(),
        zip: place.zip.to_owned(),
        country: place.country.to_owned(),
        country_iso: place.country_iso.to_owned(),
        location_id: place.location.to_owned(),
    }
}

/// House number, building and post box stand in fields of their own in some set-ups. They are
/// added where the street does not name them yet: a parcel without house number comes back.
fn street(place: &Place<'_>) -> String {
    let mut text = place.street.replace("\r\n", "\n");
    let number = place.street_number.trim();
    if !number.is_empty() && !text.split([' ', '\n', ',']).any(|word| word == number) {
        match text.trim_end().is_empty() {
            true => text = number.to_owned(),
            false => text = format!("{} {number}", text.trim_end()),
        }
    }
    for extra in [place.complement.trim(), place.post_box.trim()] {
        if !extra.is_empty() && !text.contains(extra) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(extra);
        }
    }
    text
}

fn slips(slips: Vec<Slip>, lines: Vec<SlipLine>) -> Result<Vec<PackingSlip>, String> {
    let mut found: Vec<PackingSlip> = Vec::new();
    for slip in slips {
        if found.iter().any(|known| known.id.same_as(&slip.id)) {
            continue;
        }
        found.push(PackingSlip {
            created: stamp(&slip.created, "CreatedOn")?,
            id: PackingSlipId::new(slip.id),
            delivery_date: slip.delivery_date,
            lines: Vec::new(),
        });
    }
    let mut seen = Vec::new();
    for line in lines {
        if line.key.is_some() && seen.contains(&line.key) {
            continue;
        }
        seen.push(line.key);
        // A slip posted between the two reads has lines and no header yet: the next poll brings it.
        if let Some(slip) = found.iter_mut().find(|slip| slip.id.same_as(&line.slip)) {
            let quantity = line.quantity.ok_or("a packing slip line has no Qty")?;
            slip.lines.push((LotId::new(line.lot), quantity));
        }
    }
    found.sort_by(|a, b| (a.created, a.id.as_str()).cmp(&(b.created, b.id.as_str())));
    Ok(found)
}

fn notes(rows: Vec<NoteRow>) -> Vec<Note> {
    let mut found: Vec<Note> = Vec::new();
    for row in rows {
        if !found.iter().any(|known| same(&known.document_id, &row.document_id)) {
            found.push(Note {
                document_id: row.document_id,
                description: row.description,
                text: row.text,
                etag: row.etag,
            });
        }
    }
    found.sort_by(|a, b| (&a.description, &a.document_id).cmp(&(&b.description, &b.document_id)));
    found
}

fn tracking(rows: Vec<Tracking>) -> Vec<SlipTracking> {
    let mut found: Vec<SlipTracking> = rows
        .into_iter()
        .map(|row| SlipTracking { slip: PackingSlipId::new(row.slip), number: row.number })
        .collect();
    found.sort_by(|a, b| (&a.slip, &a.number).cmp(&(&b.slip, &b.number)));
    found.dedup();
    found
}

fn stamp(text: &str, field: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| format!("{field} is missing or not an instant"))
}

pub(crate) fn status(text: &str) -> SalesStatus {
    match text {
        "Backorder" => SalesStatus::Backorder,
        "Delivered" => SalesStatus::Delivered,
        "Invoiced" => SalesStatus::Invoiced,
        "Canceled" => SalesStatus::Canceled,
        other => SalesStatus::Other(other.to_owned()),
    }
}

pub(crate) fn document_status(text: &str) -> DocumentStatus {
    match text {
        "None" => DocumentStatus::None,
        "Confirmation" => DocumentStatus::Confirmation,
        "PickingList" => DocumentStatus::PickingList,
        "PackingSlip" => DocumentStatus::PackingSlip,
        "Invoice" => DocumentStatus::Invoice,
        other => DocumentStatus::Other(other.to_owned()),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests;
