//! What is not mapped, and what to write into the configuration.

use super::orders::Seen;
use super::{Book, Facts};
use crate::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn look(book: &mut Book, facts: &Facts, settings: &Settings, seen: &Seen) {
    methods(book, facts);
    countries(book);
    warehouses(book, facts, settings, seen);
    if settings.write_carrier {
        carriers(book, facts, settings);
    }
}

/// Letters and digits only, in lower case: `2-Day` and `2DAY` are alike.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The one that is alike, or begins alike; none where several are.
fn alike<'a>(wanted: &str, all: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(wanted);
    let all: Vec<&str> = all.collect();
    let one = |fits: &dyn Fn(&str) -> bool| {
        let mut found = all.iter().copied().filter(|name| fits(&plain(name)));
        found.next().filter(|_| found.next().is_none())
    };
    if wanted.len() < 3 {
        return one(&|name| name == wanted);
    }
    one(&|name| name == wanted)
        .or_else(|| one(&|name| name.starts_with(&wanted) || wanted.starts_with(name)))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn keys(book: &mut Book, id: &str) -> Vec<String> {
    book.found.get(id).map(|e| e.places.keys().cloned().collect()).unwrap_or_default()
}

fn methods(book: &mut Book, facts: &Facts) {
    let names = || facts.shipbob.methods.iter().map(String::as_str);
    let all = names().collect::<Vec<_>>().join(", ");
    for mode in keys(book, "method-unmapped") {
        let line = match alike(&mode, names()) {
            Some(method) => {
                format!("{} = {}   # [connection.methods]", quoted(&mode), quoted(method))
            }
            None => format!("{} = \"…\"   # [connection.methods], one of {all}", quoted(&mode)),
        };
        book.write("method-unmapped", line);
    }
    for method in keys(book, "method-unknown-at-shipbob") {
        let line = format!("# [connection.methods]: not {}, but one of {all}", quoted(&method));
        book.write("method-unknown-at-shipbob", line);
    }
}

fn countries(book: &mut Book) {
    for country in keys(book, "country-unknown") {
        let two = country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic());
        let iso = if two { country.to_uppercase() } else { "…".to_owned() };
        let why = if two { "" } else { ", its two letters by ISO 3166-1" };
        let line =
            format!("{} = {}   # [connection.countries]{why}", quoted(&country), quoted(&iso));
        book.write("country-unknown", line);
    }
}

fn warehouses(book: &mut Book, facts: &Facts, settings: &Settings, seen: &Seen) {
    let mapped: BTreeSet<_> =
        settings.warehouses.iter().flat_map(|w| w.mapping.centres()).collect();
    let free = facts.shipbob.centres.iter().filter(|(id, _)| !mapped.contains(id));
    let free: Vec<String> = free.map(|(id, name)| format!("{id} {name}")).collect();
    for (warehouse, orders) in &seen.warehouses {
        let what = format!("{} order(s) have open lines there.", orders.len());
        let place = book.put("warehouse-unmapped", warehouse, what);
        place.orders.extend(orders.iter().cloned());
        let known = facts.dynamics.warehouses.iter().find(|w| w.id.same_as(warehouse));
        let profile = match known {
            Some(w) if w.external => "external",
            Some(w) if w.advanced => "whs",
            _ => "plain",
        };
        let free = if free.is_empty() { "none".to_owned() } else { free.join(", ") };
        let line = format!(
            "[[connection.warehouses]]\nwarehouse = {}\ncentre = …   # not mapped yet: {free}\nprofile = \"{profile}\"",
            quoted(warehouse)
        );
        book.write("warehouse-unmapped", line);
    }
}

fn carriers(book: &mut Book, facts: &Facts, settings: &Settings) {
    let pairs = &facts.dynamics.carrier_services;
    for map in &settings.carriers {
        if !pairs.contains(&(map.carrier.clone(), map.service.clone())) {
            let key = format!("{} / {}", map.carrier, map.service);
            let what = format!(
                "{} / {} of ShipBob is mapped to it.",
                map.shipbob_carrier, map.shipbob_service
            );
            book.put("carrier-not-in-dynamics", &key, what);
        }
    }
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let shipments = facts.warehouse.iter().flat_map(|o| &o.shipments);
    for tracking in shipments.filter_map(|s| s.tracking.as_ref()) {
        let (carrier, service) = (tracking.carrier.trim(), tracking.service.trim());
        if !carrier.is_empty() {
            *seen.entry((carrier.to_owned(), service.to_owned())).or_default() += 1;
        }
    }
    for ((carrier, service), parcels) in seen {
        let known = settings.carriers.iter().any(|m| {
            m.shipbob_carrier.trim().eq_ignore_ascii_case(&carrier)
                && m.shipbob_service.trim().eq_ignore_ascii_case(&service)
        });
        if known {
            continue;
        }
        let key = format!("{carrier} / {service}");
        book.put("carrier-unmapped", &key, format!("{parcels} parcel(s) in 60 days left with it."));
        let of = alike(
            &carrier,
            pairs.iter().map(|(c, _)| c.as_str()).collect::<BTreeSet<_>>().into_iter(),
        );
        let theirs = pairs.iter().filter(|(c, _)| of.is_none_or(|of| c == of));
        let theirs: Vec<String> = theirs.map(|(c, s)| format!("{c} {s}")).collect();
        let line = format!(
            "[[connection.carriers]]\nshipbob_carrier = {}\nshipbob_service = {}\ncarrier = {}\nservice = \"…\"   # Dynamics has {}",
            quoted(&carrier),
            quoted(&service),
            quoted(of.unwrap_or("…")),
            theirs.join(", ")
        );
        book.write("carrier-unmapped", line);
    }
}
