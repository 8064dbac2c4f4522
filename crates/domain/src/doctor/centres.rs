//! Lines about the fulfilment centres of one warehouse.

use super::Book;
use super::facts::ShipBobFacts;
use crate::ids::CentreId;
use crate::mapping::Mapping;
use crate::settings::WarehouseMap;

pub(super) fn judge(book: &mut Book, facts: &ShipBobFacts, map: &WarehouseMap) {
    for centre in map.mapping.centres() {
        one(book, facts, map, centre);
    }
    if let Mapping::Network(_) = &map.mapping {
        choice(book, facts, map);
    }
}

fn one(book: &mut Book, facts: &ShipBobFacts, map: &WarehouseMap, centre: CentreId) {
    let id = format!("sb.centre.{centre}");
    let about = format!("Fulfilment centre {centre}");
    let key = if map.mapping.is_network() { "centres" } else { "centre" };
    let Some(all) = &facts.centres else { return book.skip(&id, &about) };
    let known = all.iter().find(|(known, _)| *known == centre);
    match (known, facts.closed_centres.get(&centre)) {
        (Some((_, name)), None) => {
            book.pass(&id, &about, format!("{name}, active, for {}", map.warehouse));
        }
        (Some((_, name)), Some(why)) => book.fail(
            &id,
            &about,
            format!("{name} is active, but {why}"),
            &format!("Correct {key} in [[connection.warehouses]], or ask ShipBob to open it."),
        ),
        (None, _) => book.fail(
            &id,
            &about,
            format!("not among the {} active ones", all.len()),
            &format!("Correct {key} in [[connection.warehouses]], or ask ShipBob to activate it."),
        ),
    }
}

/// No call tells which centres ShipBob allocates an order to that names none, and nothing we send
/// keeps it to the set: a person asks.
fn choice(book: &mut Book, facts: &ShipBobFacts, map: &WarehouseMap) {
    let id = format!("sb.choice.{}", map.warehouse);
    let about = format!("Choice of ShipBob for {}", map.warehouse);
    let Some(all) = &facts.centres else { return book.skip(&id, &about) };
    let open = all.iter().filter(|(centre, _)| !facts.closed_centres.contains_key(centre));
    let others: Vec<String> = open
        .filter(|(centre, _)| !map.mapping.covers(*centre))
        .map(|(centre, name)| format!("{name} ({centre})"))
        .collect();
    if others.is_empty() {
        return book.pass(&id, &about, format!("nothing ships but from {}", map.mapping));
    }
    let check = format!(
        "Ask ShipBob that orders which name no centre ship from {} only, not from {}; or add those \
         to the set. What leaves from outside of it waits before its packing slip.",
        map.mapping,
        others.join(", ")
    );
    book.by_hand(&id, &about, &check);
}
