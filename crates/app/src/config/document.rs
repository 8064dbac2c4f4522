//! The settings of one connection as a document: the part of `[connection]` that a person decides,
//! without names, addresses and secrets. Same keys, same checks as the file.

use super::{ConfigError, ConnectionConfig};
use domain::settings::Settings;
use domain::settings_change::{Complaint, DOCUMENT_LIMIT};
use domain::time::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

/// Keys of `[connection]` that are no settings: they say where the connection is and who it is, and
/// stand in the configuration file only.
const OF_THE_FILE: [&str; 7] =
    ["name", "id", "organisation", "override_pairing", "accepted", "dynamics", "shipbob"];

/// What the schema asks for and a document does not have.
const ELSEWHERE: &str = "\n[connection.dynamics]\nurl = \"https://file.invalid\"\nauthority = \"https://file.invalid\"\nclient_id = \"\"\n[connection.shipbob]\nurl = \"https://file.invalid\"\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    connection: ConnectionConfig,
}

/// Reads a document as bytes came: from a file, a form or a program.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn read_bytes(bytes: &[u8]) -> Result<Settings, Vec<Complaint>> {
    if bytes.len() > DOCUMENT_LIMIT {
        return Err(vec![Complaint::whole(format!(
            "the document has {} bytes; {DOCUMENT_LIMIT} are the most",
            bytes.len()
        ))]);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let good = String::from_utf8_lossy(good);
            let why = "this is no UTF-8: save the document in UTF-8";
            Err(vec![Complaint::at(&good, good.len(), why)])
        }
    }
}

/// Reads a document.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn read(text: &str) -> Result<Settings, Vec<Complaint>> {
    if text.len() > DOCUMENT_LIMIT {
        return read_bytes(text.as_bytes());
    }
    if let Some(at) = text.find('\0') {
        return Err(vec![Complaint::at(text, at, "a nul byte stands here: take it out")]);
    }
    if let Some(at) = text.find(char::REPLACEMENT_CHARACTER) {
        let why = "a character that could not be read stands here: save the document in UTF-8";
        return Err(vec![Complaint::at(text, at, why)]);
    }
    structure(text)?;
    let whole = format!("{text}{ELSEWHERE}");
    let connection = match toml::from_str::<Whole>(&whole) {
        Ok(whole) => whole.connection,
        Err(error) => return Err(vec![told(text, &error)]),
    };
    connection.check_schedule().map_err(|error| vec![placed(text, &error)])?;
    let settings = connection.settings().map_err(|error| vec![placed(text, &error)])?;
    let problems = settings.problems();
    if problems.is_empty() {
        return Ok(settings);
    }
    Err(problems.into_iter().map(Complaint::whole).collect())
}

/// As the engine reads it: what is wrong, in words.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn reading(text: &str) -> Result<Settings, Vec<String>> {
    read(text).map_err(|found| found.iter().map(ToString::to_string).collect())
}

/// What can be told before the schema is asked: it is TOML, it has `[connection]` and nothing
/// beside, nothing of it belongs to the file.
fn structure(text: &str) -> Result<(), Vec<Complaint>> {
    let table = DeTable::parse(text).map_err(|error| vec![told(text, &error)])?;
    let mut found = Vec::new();
    let mut connection = None;
    for (key, value) in table.get_ref() {
        let at = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("connection", DeValue::Table(table)) => connection = Some(table),
            ("connection", _) => {
                let why = "settings have one [connection]: they belong to one connection";
                found.push(Complaint::at(text, at, why));
            }
            (other, _) => found.push(Complaint::at(
                text,
                at,
                format!("{other} is not part of the settings of a connection: everything stands under [connection]"),
            )),
        }
    }
    let Some(connection) = connection else {
        if found.is_empty() {
            found.push(Complaint::whole("[connection] is missing: everything stands under it"));
        }
        return Err(found);
    };
    for (key, value) in connection {
        let (at, key) = (key.span().start, key.get_ref().as_ref());
        if OF_THE_FILE.contains(&key) {
            let why = format!(
                "{key} is no setting: it says where or who the connection is, and stands in the configuration file only"
            );
            found.push(Complaint::at(text, at, why));
        }
        if let ("schedule", DeValue::Table(schedule)) = (key, value.get_ref())
            && let Some((lease, _)) = schedule.iter().find(|(key, _)| key.get_ref() == "lease")
        {
            let why = "lease belongs to the process: it stands in the configuration file only";
            found.push(Complaint::at(text, lease.span().start, why));
        }
        unfilled(text, value.get_ref(), value.span().start, &mut found);
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// A document is never filled from the environment: whoever edits it would read the environment of
/// the server.
fn unfilled(text: &str, value: &DeValue<'_>, at: usize, found: &mut Vec<Complaint>) {
    match value {
        DeValue::String(one) if one.starts_with("${") && one.ends_with('}') => {
            let why = "settings are not filled from the environment: write the value; secrets stand in the configuration file only";
            found.push(Complaint::at(text, at, why));
        }
        DeValue::Array(all) => {
            all.iter().for_each(|one| unfilled(text, one.get_ref(), one.span().start, found));
        }
        DeValue::Table(all) => {
            all.iter().for_each(|(_, one)| unfilled(text, one.get_ref(), one.span().start, found));
        }
        _ => {}
    }
}

fn told(text: &str, error: &toml::de::Error) -> Complaint {
    match error.span() {
        // What follows the document is ours: the document itself is not finished.
        Some(span) if span.start >= text.len() && !text.is_empty() => {
            let why = format!("{} (write [connection] with its header)", error.message());
            Complaint::at(text, text.len(), why)
        }
        Some(span) => Complaint::at(text, span.start, error.message()),
        None => Complaint::whole(error.message()),
    }
}

fn placed(text: &str, error: &ConfigError) -> Complaint {
    match error {
        ConfigError::Invalid { place, why } => Complaint::of_key(text, place, why.as_str()),
        ConfigError::Unreadable { why, .. } => Complaint::whole(why.as_str()),
    }
}

/// The document of these settings, every key spelled out; none where it would not be read as the
/// same settings.
pub fn write(settings: &Settings) -> Option<String> {
    let text = written(settings)?;
    let same = |read: Settings| Settings { version: settings.version, ..read } == *settings;
    read(&text).is_ok_and(same).then_some(text)
}

fn written(settings: &Settings) -> Option<String> {
    let Value::Object(mut all) = serde_json::to_value(settings).ok()? else { return None };
    all.remove("version");
    let cut_off = settings.cut_off.map(Timestamp::to_rfc3339).unwrap_or_default();
    all.insert("cut_off".to_owned(), json!(cut_off));
    all.insert("batch_pool".to_owned(), json!(settings.batch_pool.clone().unwrap_or_default()));
    if let (Some(inventory), Some(Value::Object(table))) =
        (&settings.inventory, all.get_mut("inventory"))
    {
        let minutes = inventory.nightly.as_seconds() / 60;
        let nightly = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        table.insert("nightly".to_owned(), json!(nightly));
    }
    if let Some(Value::Object(schedule)) = all.get_mut("schedule") {
        seconds(schedule);
        for kept in ["collect", "reference"] {
            schedule.remove(kept);
        }
        let settle = settings.settle;
        schedule.insert("shipbob_settle".to_owned(), json!(settle.shipbob.as_seconds()));
        schedule.insert("dynamics_settle".to_owned(), json!(settle.dynamics.as_seconds()));
    }
    all.remove("settle");
    let mut whole = Value::Object(Map::from_iter([("connection".to_owned(), Value::Object(all))]));
    without_nulls(&mut whole);
    let table = toml::Table::try_from(&whole).ok()?;
    toml::to_string_pretty(&table).ok()
}

/// Lengths of time are seconds in a document.
fn seconds(schedule: &mut Map<String, Value>) {
    for value in schedule.values_mut() {
        if let Some(micros) = value.as_i64() {
            *value = json!(Span(micros).as_seconds());
        }
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, one| !one.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
