//! A remote's own words, fit for logs, trail and pages: short, and without personal data.

use domain::warehouse::Recipient;
use serde_json::Value;

/// Longest text kept, in characters.
const LONGEST: usize = 300;

/// What an error body says, whichever of the vendor's shapes it has.
pub(crate) fn of_body(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(20_000)).unwrap_or(body));
    let text = text.trim();
    if text.is_empty() {
        return "no body".to_owned();
    }
    if text.starts_with('<') {
        return format!("an HTML page of {} bytes", body.len());
    }
    let mut found = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => collect(&value, "", &mut found, 0),
        Err(_) => found.push(text.to_owned()),
    }
    clean(&found.join("; "))
}

/// Only what is written for people is taken; `stackTrace`, ids and types are not.
fn collect(value: &Value, field: &str, found: &mut Vec<String>, depth: u8) {
    const SILENT: [&str; 8] = [
        "type",
        "$type",
        "status",
        "statuscode",
        "status_code",
        "instance",
        "stacktrace",
        "traceid",
    ];
    if depth > 4 || found.len() >= 5 {
        return;
    }
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text)
            if ["", "message", "detail", "title", "value", "errors", "error"].contains(&field) =>
        {
            if !found.contains(text) {
                found.push(text.clone());
            }
        }
        Value::String(text) => found.push(format!("{field}: {text}")),
        Value::Array(values) => {
            for value in values {
                collect(value, field, found, depth + 1);
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                if !SILENT.contains(&name.to_ascii_lowercase().as_str()) {
                    collect(value, name, found, depth + 1);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Drops mail addresses and control characters, and cuts.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split_whitespace().map(|w| if w.contains('@') { "…" } else { w });
    let mut out = String::new();
    for (n, word) in words.enumerate() {
        if n > 0 {
            out.push(' ');
        }
        out.extend(word.chars().filter(|c| !c.is_control()));
    }
    if out.chars().count() > LONGEST {
        out = out.chars().take(LONGEST).chain("…".chars()).collect();
    }
    out
}

/// Takes the values of a recipient out of a text that may repeat them.
pub(crate) fn without(text: &str, person: &Recipient) -> String {
    let mut text = text.to_owned();
    for value in [
        &person.name,
        &person.company,
        &person.address1,
        &person.address2,
        &person.city,
        &person.zip,
        &person.email,
        &person.phone,
    ] {
        if value.trim().chars().count() >= 3 {
            text = text.replace(value.trim(), "…");
        }
    }
    text
}
