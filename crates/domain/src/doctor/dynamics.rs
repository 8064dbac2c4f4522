//! Lines about F&O.

use super::entra::{inside, token, user};
use super::facts::{Access, DynamicsFacts, Setup};
use super::{Book, Verdict};
use crate::order_filter;
use crate::settings::{Profile, Settings};
use crate::time::Timestamp;

/// Entity sets used, and what for.
pub const SETS: [(&str, &str); 16] = [
    ("LegalEntities", "to find the company"),
    ("Warehouses", "for the warehouses and their profile"),
    ("DeliveryModesV2", "to map shipping methods"),
    ("SalesOrderPools", "for the pool of the packing-slip batch"),
    ("ShippingCarrierServices", "to write carrier and service"),
    ("AddressCountryRegions", "to send countries as two letters"),
    ("UnitOfMeasureConversions", "to send pieces"),
    ("ProductUnitOfMeasureConversions", "to send pieces"),
    ("SalesOrderHeadersV2", "to read orders"),
    ("SalesOrderLines", "to read orders"),
    ("SalesTableBiEntities", "to see what was released or changed"),
    ("SalesLineBiEntities", "to see what was released or changed"),
    ("CustPackingSlipJourBiEntities", "to see what was slipped"),
    ("CustPackingSlipTransBiEntities", "to see what was slipped"),
    ("SalesOrderHeaderDocumentAttachmentsV2", "to write one note per shipment"),
    ("PackingSlipTrackingInformation", "to write tracking numbers"),
];

/// Sets read besides where a warehouse is externally managed, and what for.
pub const EXTERNAL_SETS: [(&str, &str); 4] = [
    ("OutboundShipmentOrderRequests", "to see what was released"),
    ("OutboundShipmentOrderLineRequests", "to see what was released"),
    ("OutboundShipmentOrderRequestStatus", "to answer requests"),
    ("OutboundShipmentOrderUpdates", "to see whether an update was accepted"),
];

/// Sets read besides where a warehouse has warehouse management inside F&O, and what for.
pub const WHS_SETS: [(&str, &str); 1] =
    [("WHSSalesLineBiEntities", "to see what was released to the warehouse")];

pub(super) fn judge(
    book: &mut Book,
    facts: &DynamicsFacts,
    settings: &Settings,
    setup: &Setup,
    now: Timestamp,
) {
    token(book, facts, setup);
    user(book, facts);
    book.clock("fo.clock", "Clock of F&O", facts.clock);
    company(book, facts, settings);
    let external = settings.warehouses.iter().any(|map| map.profile == Profile::External);
    let besides = EXTERNAL_SETS.iter().filter(|_| external);
    let whs = WHS_SETS.iter().filter(|_| settings.has_whs());
    for (set, what) in SETS.iter().chain(besides).chain(whs) {
        read(book, facts, set, what);
    }
    writes(book, facts, settings);
    for map in &settings.warehouses {
        warehouse(book, facts, map);
    }
    filters(book, facts, settings);
    mapped(book, facts, settings);
    if needs_batch(settings) {
        batch(book, facts, settings, now);
    }
    if settings.has_whs() {
        super::call::judge(book, facts, settings);
    }
    book.by_hand(
        "fo.rights",
        "Right to write",
        "metadata tells what the environment allows, not what the user's role allows; that role must \
         change SalesOrderHeadersV2 and SalesOrderLines, and create and change notes and tracking. \
         The first write of each kind shows it, as a hold.",
    );
    book.by_hand(
        "fo.note-type",
        "Document type Note",
        "the document type Note must be active in the company.",
    );
}

fn company(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    let (id, about) = ("fo.company", "Legal entity");
    let Some(seen) = &facts.companies else { return book.skip(id, about) };
    let company = settings.company.as_str();
    if seen.iter().any(|c| c.eq_ignore_ascii_case(company)) {
        return book.pass(id, about, format!("{company} is shown"));
    }
    let list: Vec<&str> = seen.iter().map(String::as_str).take(20).collect();
    book.fail(
        id,
        about,
        format!("{company} is not shown to this user (shown: {})", list.join(", ")),
        "Correct connection.company, or give the user of the application access to that company.",
    );
}

pub(super) fn read(book: &mut Book, facts: &DynamicsFacts, set: &str, what: &str) {
    let id = format!("fo.read.{set}");
    let about = format!("Read {set}");
    if !inside(facts) {
        return book.skip(&id, &about);
    }
    match facts.sets.get(set).unwrap_or(&Access::NotAsked) {
        Access::Good => book.pass(&id, &about, format!("may be read, {what}")),
        Access::Denied { status } => book.fail(
            &id,
            &about,
            format!("denied ({status}); needed {what}"),
            "Give the user of the application a role (or a duty with a privilege) that may read \
             this entity.",
        ),
        Access::Absent { status } => book.fail(
            &id,
            &about,
            format!("{status}: the set, or a field we ask for, does not exist; needed {what}"),
            "Check the F&O version and whether the entity is public; `ml-connector drift` names \
             the field.",
        ),
        Access::Failed { status } => book.fail(
            &id,
            &about,
            format!("answered {status}; needed {what}"),
            "Run the doctor again; if it stays, open the set in a browser as an administrator and \
             read the error.",
        ),
        Access::Throttled | Access::Away { .. } | Access::OwnLimit | Access::NotAsked => {
            book.skip(&id, &about);
        }
    }
}

fn writes(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    let entity = |set: &str| facts.entities.get(set);
    let edit = |set: &str, property: &str| {
        entity(set).map(|e| e.as_ref().and_then(|e| e.editable(property)))
    };
    let insert = entity("PackingSlipTrackingInformation")
        .map(|e| e.as_ref().and_then(|e| e.read_only).map(|ro| !ro));
    if needs_batch(settings) {
        deliver_now(book, edit("SalesOrderLines", "SalesDeliverNow"));
    }
    if settings.batch_pool.is_some() && needs_batch(settings) {
        writable(
            book,
            ("fo.write.pool", "Write the sales order pool"),
            edit("SalesOrderHeadersV2", "SalesOrderPoolId"),
            "Let the batch select without the pool and set batch_pool = \"\", or allow editing \
             SalesOrderPoolId of the entity.",
        );
    }
    if settings.write_carrier {
        writable(
            book,
            ("fo.write.carrier", "Write carrier and service"),
            edit("SalesOrderHeadersV2", "ShippingCarrierId"),
            "Set write_carrier = false (the note names the carrier), or allow editing \
             ShippingCarrierId of the entity.",
        );
    }
    writable(
        book,
        ("fo.write.note", "Write notes"),
        edit("SalesOrderHeaderDocumentAttachmentsV2", "Notes"),
        "The note is what customer service reads: allow editing Notes of the entity.",
    );
    writable(
        book,
        ("fo.write.tracking", "Write tracking on packing slips"),
        insert,
        "Tracking numbers then stand in the notes only. Ask your F&O partner to make the entity \
         writable, or accept it: `--accept fo.write.tracking`.",
    );
    actions(book, facts);
}

/// The batch posts what lies in warehouses without warehouse management, or was picked in external ones.
fn needs_batch(settings: &Settings) -> bool {
    settings.warehouses.is_empty() || settings.warehouses.iter().any(|m| m.profile != Profile::Whs)
}

fn deliver_now(book: &mut Book, told: Option<Option<bool>>) {
    writable(
        book,
        ("fo.write.deliver-now", "Write quantities to deliver"),
        told,
        "Without it the packing-slip batch cannot post exactly what left: post slips by hand, or \
         ask your F&O partner to allow editing SalesDeliverNow of the entity.",
    );
}

/// `None` outside: not asked; `None` inside: the environment does not say.
fn writable(book: &mut Book, (id, about): (&str, &str), told: Option<Option<bool>>, fix: &str) {
    match told {
        None => book.skip(id, about),
        Some(Some(true)) => book.pass(id, about, "the environment allows it"),
        Some(Some(false)) => book.fail(id, about, "read-only in this environment", fix),
        Some(None) => book.by_hand(
            id,
            about,
            "/metadata/PublicEntities does not say whether it may be written; watch the first write.",
        ),
    }
}

fn actions(book: &mut Book, facts: &DynamicsFacts) {
    let (id, about) = ("fo.actions", "Actions of the entities used");
    if facts.entities.is_empty() {
        return book.skip(id, about);
    }
    let names: Vec<&str> = facts
        .entities
        .values()
        .flatten()
        .flat_map(|e| e.actions.iter().map(String::as_str))
        .take(20)
        .collect();
    let seen = if names.is_empty() { "none offered".to_owned() } else { names.join(", ") };
    book.pass(id, about, format!("{seen}; profile plain needs none"));
}

fn warehouse(book: &mut Book, facts: &DynamicsFacts, map: &crate::settings::WarehouseMap) {
    let id = format!("fo.warehouse.{}", map.warehouse);
    let about = format!("Warehouse {}", map.warehouse);
    let Some(all) = &facts.warehouses else { return book.skip(&id, &about) };
    let Some(info) = all.iter().find(|w| map.warehouse.same_as(w.id.as_str())) else {
        return book.fail(
            &id,
            &about,
            format!("the company has no such warehouse ({} are shown)", all.len()),
            "Correct [[connection.warehouses]], or create the warehouse in this company.",
        );
    };
    let can = match (info.advanced, info.external) {
        (false, false) => Profile::Plain,
        (_, true) => Profile::External,
        (true, false) => Profile::Whs,
    };
    let word = |profile| match profile {
        Profile::Plain => "plain",
        Profile::External => "external",
        Profile::Whs => "WHS inside",
    };
    if can == map.profile {
        return book.pass(&id, &about, format!("can have profile {}, as configured", word(can)));
    }
    let what = match can {
        Profile::Plain => "uses no warehouse management",
        Profile::External => "is externally managed",
        Profile::Whs => "has warehouse management processes enabled",
    };
    book.fail(
        &id,
        &about,
        format!("{what}: it can have profile {}, not {}", word(can), word(map.profile)),
        "Map a warehouse of the configured profile, or change the profile. A warehouse with \
         warehouse management cannot be slipped by quantities to deliver.",
    );
}

fn mapped(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    let (id, about) = ("fo.pool", "Sales order pool");
    if let Some(pool) = &settings.batch_pool {
        match &facts.pools {
            None => book.skip(id, about),
            Some(all) if all.iter().any(|p| p.eq_ignore_ascii_case(pool)) => {
                book.pass(id, about, format!("{pool} exists"));
            }
            Some(_) => book.fail(
                id,
                about,
                format!("the company has no pool {pool}"),
                "Create the sales order pool, or correct batch_pool.",
            ),
        }
    }
    let (id, about) = ("fo.modes", "Delivery modes");
    match &facts.modes {
        None => book.skip(id, about),
        Some(all) => {
            let here = |mode: &str| all.iter().any(|m| m.eq_ignore_ascii_case(mode));
            let gone: Vec<&str> =
                settings.methods.keys().map(String::as_str).filter(|m| !here(m)).collect();
            if gone.is_empty() {
                book.pass(id, about, format!("all {} mapped ones exist", settings.methods.len()));
            } else {
                let seen = format!("the company has no {}", gone.join(", "));
                book.fail(id, about, seen, "Correct [connection.methods], or create the mode.");
            }
        }
    }
    let (id, about) = ("fo.carriers", "Carriers and services");
    let Some(all) = &facts.services else { return book.skip(id, about) };
    let here = |carrier: &str, service: &str| {
        all.iter().any(|(c, s)| c.eq_ignore_ascii_case(carrier) && s.eq_ignore_ascii_case(service))
    };
    let gone: Vec<String> = settings
        .carriers
        .iter()
        .filter(|c| !here(&c.carrier, &c.service))
        .map(|c| format!("{} {}", c.carrier, c.service))
        .collect();
    if gone.is_empty() {
        return book.pass(id, about, format!("all {} mapped ones exist", settings.carriers.len()));
    }
    book.fail(
        id,
        about,
        format!("the company has no {}", gone.join(", ")),
        "Correct [[connection.carriers]], or create the carrier's service in F&O.",
    );
}

const BATCH: &str = "a recurring batch job Post packing slip with quantity Deliver now and a saved \
    query on the pool (batch_pool) and the ShipBob warehouses (Sales and marketing > Sales orders > \
    Order shipping > Post packing slip; this menu path is inferred)";

/// No set shows batch jobs. What shows is work that none of them did.
fn batch(book: &mut Book, facts: &DynamicsFacts, settings: &Settings, now: Timestamp) {
    let (id, about) = ("fo.batch", "Packing-slip batch job");
    let patience = settings.schedule.not_slipped_after;
    match facts.queue.as_ref().and_then(|q| Some((q, q.oldest?))) {
        Some((queue, oldest)) if now.since(oldest).0 > patience.0 => {
            let seen = format!(
                "{} order(s) of the pool have quantities to deliver and were not slipped for more \
                 than {} h: {}",
                queue.orders.len(),
                patience.as_seconds() / 3_600,
                queue.orders.join(", ")
            );
            book.fail(id, about, seen, &format!("Set up {BATCH}, or find out why it stopped."));
        }
        _ if !inside(facts) => book.skip(id, about),
        _ => book.put(
            id,
            about,
            Verdict::ByHand,
            format!(
                "neither API shows batch jobs: check it by hand. No order has waited for it longer \
                 than {} h.",
                patience.as_seconds() / 3_600
            ),
            &format!("Set up {BATCH}."),
        ),
    }
}

fn filters(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    for (profile, filter) in settings.filters.all() {
        let name = order_filter::name(profile);
        let (id, about) = (format!("fo.filter.{name}"), format!("Filter of profile {name}"));
        let refused = |all: &Vec<(Profile, String)>| {
            all.iter().find(|(of, _)| *of == profile).map(|(_, why)| why.clone())
        };
        match facts.refused_filters.as_ref().map(refused) {
            None => book.skip(&id, &about),
            Some(None) => book.pass(&id, &about, format!("F&O takes {filter}")),
            Some(Some(why)) => book.fail(
                &id,
                &about,
                format!("F&O refuses it: {why}"),
                &format!("Correct connection.filters.{name}; names count letter by letter."),
            ),
        }
    }
}
