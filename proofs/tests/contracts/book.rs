//! Our own contracts, read: `contracts/dynamics.toml` and `contracts/shipbob.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What we rely on at F&O.
pub(crate) const DYNAMICS: &str = "dynamics.toml";
/// What we rely on at ShipBob.
pub(crate) const SHIPBOB: &str = "shipbob.toml";

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of one contract.
pub(crate) fn source(name: &str) -> String {
    let path = root().join("contracts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Reads one contract. Panics with the place when it is not TOML.
pub(crate) fn read(name: &str) -> Table {
    source(name).parse::<Table>().unwrap_or_else(|e| panic!("contracts/{name}: {e}"))
}

/// The table at a dotted path; empty when there is none.
pub(crate) fn table<'a>(book: &'a Table, path: &str) -> &'a Table {
    static NONE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
    path.split('.').try_fold(book, |at, key| at.get(key).and_then(Value::as_table)).unwrap_or(&NONE)
}

/// The list of tables under `key`.
pub(crate) fn tables<'a>(book: &'a Table, key: &str) -> Vec<&'a Table> {
    let rows = book.get(key).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_table).collect()
}

/// The text at a dotted path; empty when there is none.
pub(crate) fn text<'a>(book: &'a Table, path: &str) -> &'a str {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let table = if parent.is_empty() { book } else { table(book, parent) };
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a list at a dotted path.
pub(crate) fn texts(book: &Table, path: &str) -> BTreeSet<String> {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let table = if parent.is_empty() { book } else { table(book, parent) };
    let rows = table.get(key).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A field of an object: `"[Shipment] 1..250 required"`.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    /// The type without list brackets.
    pub(crate) of: String,
    pub(crate) list: bool,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) required: bool,
}

impl Field {
    pub(crate) fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let word = words.next().unwrap_or_default();
        let inner = word.strip_prefix('[').and_then(|w| w.strip_suffix(']'));
        let mut field = Self {
            of: inner.unwrap_or(word).to_owned(),
            list: inner.is_some(),
            min: None,
            max: None,
            required: false,
        };
        for word in words {
            if word == "required" {
                field.required = true;
            } else if let Some((min, max)) = word.split_once("..") {
                field.min = min.parse().ok();
                field.max = max.parse().ok();
            } else {
                panic!("not a field: {text:?}");
            }
        }
        field
    }
}

/// The fields of a ShipBob object of ours.
pub(crate) fn fields(book: &Table, object: &str) -> BTreeMap<String, Field> {
    let fields = table(book, &format!("object.{object}.fields"));
    assert!(!fields.is_empty(), "contracts/shipbob.toml has no object {object}");
    let rows = fields.iter().filter_map(|(k, v)| Some((k.clone(), Field::parse(v.as_str()?))));
    rows.collect()
}

/// What is wrong with the form of a book: a table without source or date, an unknown source.
pub(crate) fn faults(book: &Table) -> Vec<String> {
    let known: BTreeSet<&str> = table(book, "source").keys().map(String::as_str).collect();
    let mut out = Vec::new();
    for (key, value) in book.iter().filter(|(key, _)| *key != "source") {
        walk(value, key, false, &known, &mut out);
    }
    out
}

fn walk(value: &Value, at: &str, covered: bool, known: &BTreeSet<&str>, out: &mut Vec<String>) {
    match value {
        Value::Array(rows) if rows.iter().all(Value::is_table) => {
            for (i, row) in rows.iter().enumerate() {
                walk(row, &format!("{at}[{i}]"), covered, known, out);
            }
        }
        Value::Table(table) => {
            let own = table.contains_key("source") && table.contains_key("date");
            let holds_facts = table.values().any(|v| !v.is_table());
            if holds_facts && !own && !covered {
                out.push(format!("{at}: no source and date"));
            }
            for source in text(table, "source").split(", ").filter(|s| !s.is_empty()) {
                if !known.contains(source) {
                    out.push(format!("{at}: source {source} is not explained in [source]"));
                }
            }
            for (key, value) in table {
                walk(value, &format!("{at}.{key}"), own || covered, known, out);
            }
        }
        _ => {}
    }
}
