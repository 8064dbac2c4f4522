//! From one installation to another: one file without secrets and host names. What is bound to an
//! environment stands in a section of its own and is taken over only when a person has said so.

use domain::settings_change::Complaint;
use domain::time::Timestamp;
use toml::{Table, Value};

/// Keys of `[connection]` that are bound to an environment.
const BOUND: [&str; 5] = ["company", "channel", "cut_off", "methods", "shipping_service_id"];
/// The section they stand in.
const SECTION: &str = "environment";
/// Says that a person has looked at all of them.
const CONFIRMED: &str = "confirmed";
/// Centres, by warehouse.
const CENTRES: &str = "centres";

/// The file of a version.
///
/// # Errors
/// In words, when the document cannot be told apart from its environment.
pub fn export(document: &str, name: &str, version: i64, at: Timestamp) -> Result<String, String> {
    let mut whole: Table = document.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
    if let Some(place) = address(&Value::Table(whole.clone()), "") {
        return Err(format!(
            "{place} holds an address: a promoted file carries none; take it out first"
        ));
    }
    let Some(Value::Table(connection)) = whole.get_mut("connection") else {
        return Err("the document has no [connection]".to_owned());
    };
    let mut bound = Table::new();
    for key in BOUND {
        if let Some(value) = connection.remove(key) {
            bound.insert(key.to_owned(), value);
        }
    }
    let mut centres = Table::new();
    for warehouse in warehouses(connection) {
        let name = warehouse.get("warehouse").and_then(Value::as_str).unwrap_or_default();
        let name = name.to_owned();
        let one = warehouse.remove("centre").or_else(|| warehouse.remove("centres"));
        if let Some(one) = one {
            centres.insert(name, one);
        }
    }
    bound.insert(CENTRES.to_owned(), Value::Table(centres));
    bound.insert(CONFIRMED.to_owned(), Value::Boolean(false));
    let environment = Table::from_iter([(SECTION.to_owned(), Value::Table(bound))]);
    let text = |table: &Table| toml::to_string_pretty(table).map_err(|e| e.to_string());
    Ok(format!(
        "# Settings of \"{name}\", version {version}, exported {}.\n\
         # No secrets, no addresses. Take it over with `ml-connector settings import FILE`.\n\n\
         # Bound to the environment it comes from. Correct every value for the environment it goes\n\
         # to, then write confirmed = true; nothing is taken over before.\n{}\n{}",
        at.to_rfc3339_seconds(),
        text(&environment)?,
        text(&whole)?
    ))
}

/// The document a promoted file makes here.
///
/// # Errors
/// What is missing, wrong, or not confirmed.
pub fn import(file: &str) -> Result<String, Vec<Complaint>> {
    let mut whole: Table = file.parse().map_err(|e: toml::de::Error| {
        let why = e.message().to_owned();
        vec![e.span().map_or_else(
            || Complaint::whole(why.as_str()),
            |span| Complaint::at(file, span.start, why.as_str()),
        )]
    })?;
    let Some(Value::Table(mut bound)) = whole.remove(SECTION) else {
        let why = "[environment] is missing: this is not a file of `settings export`; a plain document is applied with `settings apply`";
        return Err(vec![Complaint::whole(why)]);
    };
    if bound.remove(CONFIRMED) != Some(Value::Boolean(true)) {
        let mut found = vec![Complaint::of_key(
            file,
            CONFIRMED,
            "is not true: look at every value of [environment] first; it comes from another environment",
        )];
        found.extend(listed(&bound).into_iter().map(Complaint::whole));
        return Err(found);
    }
    let Some(Value::Table(connection)) = whole.get_mut("connection") else {
        return Err(vec![Complaint::whole("[connection] is missing")]);
    };
    let mut found = Vec::new();
    let mut centres = match bound.remove(CENTRES) {
        Some(Value::Table(centres)) => centres,
        _ => Table::new(),
    };
    for warehouse in warehouses(connection) {
        let name = warehouse.get("warehouse").and_then(Value::as_str).unwrap_or_default();
        let name = name.to_owned();
        if warehouse.contains_key("centre") || warehouse.contains_key("centres") {
            let why = format!("the centre of warehouse {name} belongs under [environment.centres]");
            found.push(Complaint::whole(why));
        }
        match centres.remove(&name) {
            Some(Value::Array(many)) => {
                warehouse.insert("centres".to_owned(), Value::Array(many));
            }
            Some(one) => {
                warehouse.insert("centre".to_owned(), one);
            }
            None => found.push(Complaint::whole(format!(
                "[environment.centres] says nothing of warehouse {name}"
            ))),
        }
    }
    let strange = centres.keys().map(|name| {
        format!("[environment.centres] names {name}, which is no warehouse of [connection]")
    });
    found.extend(strange.map(Complaint::whole));
    for (key, value) in bound {
        if !BOUND.contains(&key.as_str()) {
            found.push(Complaint::of_key(file, &key, "is not known in [environment]"));
        } else if connection.insert(key.clone(), value).is_some() {
            found.push(Complaint::whole(format!(
                "{key} stands in [connection] and in [environment]: it belongs into the second"
            )));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    toml::to_string_pretty(&whole).map_err(|e| vec![Complaint::whole(e.to_string())])
}

/// Everything bound to an environment, a line each.
fn listed(bound: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in bound {
        match value {
            Value::Table(table) => {
                found.extend(table.iter().map(|(name, one)| format!("{key}.{name} = {one}")));
            }
            one => found.push(format!("{key} = {one}")),
        }
    }
    found
}

fn warehouses(connection: &mut Table) -> impl Iterator<Item = &mut Table> {
    let all = connection.get_mut("warehouses").and_then(Value::as_array_mut);
    all.into_iter().flatten().filter_map(Value::as_table_mut)
}

/// Where an address of a host stands, if anywhere.
fn address(value: &Value, place: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains("://").then(|| place.to_owned()),
        Value::Array(all) => all.iter().find_map(|one| address(one, place)),
        Value::Table(all) => all.iter().find_map(|(key, one)| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            address(one, &place)
        }),
        _ => None,
    }
}
