//! Strict checking of request bodies against tables: unknown property, wrong type, wrong literal, too long.

use serde_json::{Map, Value};

use super::errors::Faults;
use crate::world::calendar;

/// What a property may hold.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Length in characters.
    Text {
        min: usize,
        max: usize,
    },
    Whole {
        min: i64,
        max: i64,
    },
    Number,
    Flag,
    /// RFC 3339.
    Moment,
    Literal(&'static [&'static str]),
    Object(&'static [Field]),
    /// At least `min` objects.
    Objects {
        min: usize,
        of: &'static [Field],
    },
    /// At least `min` whole numbers.
    Wholes {
        min: usize,
    },
    /// At least `min` texts.
    Texts {
        min: usize,
    },
    /// Checked elsewhere.
    Any,
}

/// One property of a body.
#[derive(Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    required: bool,
    nullable: bool,
    kind: Kind,
}

/// A property that must be there and not null.
pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, nullable: false, kind }
}

/// A property that may be absent or null.
pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: true, kind }
}

/// A property that may be absent but not null.
pub(super) const fn absent_or(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: false, kind }
}

/// 32-bit integers.
pub(super) const I32: Kind = Kind::Whole { min: i32::MIN as i64, max: i32::MAX as i64 };
/// Text of any length.
pub(super) const TEXT: Kind = Kind::Text { min: 0, max: 100_000 };
/// Text that is not empty.
pub(super) const FILLED: Kind = Kind::Text { min: 1, max: 100_000 };

fn fault(faults: &mut Faults, path: &str, message: String) {
    faults.entry(path.to_owned()).or_default().push(message);
}

fn child(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Checks an object against its table.
pub(super) fn check(body: &Map<String, Value>, fields: &[Field], path: &str, faults: &mut Faults) {
    for name in body.keys() {
        if !fields.iter().any(|field| field.name == name) {
            let message = format!("Could not find member '{name}' on object.");
            fault(faults, &child(path, name), message);
        }
    }
    for field in fields {
        let path = || child(path, field.name);
        match body.get(field.name) {
            None if field.required => {
                fault(faults, &path(), format!("The {} field is required.", field.name));
            }
            None => {}
            Some(Value::Null) if field.nullable => {}
            Some(value) if fits(value, field.kind) => {}
            Some(value) => check_value(value, field, &path(), faults),
        }
    }
}

/// The quick yes for plain values; everything else is looked at closely.
fn fits(value: &Value, kind: Kind) -> bool {
    match (value, kind) {
        (Value::String(text), Kind::Text { min, max }) => text.len() >= min && text.len() <= max,
        (Value::Number(number), Kind::Whole { min, max }) => {
            number.as_i64().is_some_and(|number| (min..=max).contains(&number))
        }
        (Value::Number(_), Kind::Number) | (Value::Bool(_), Kind::Flag) | (_, Kind::Any) => true,
        _ => false,
    }
}

fn check_value(value: &Value, field: &Field, path: &str, faults: &mut Faults) {
    let name = field.name;
    let wrong = |faults: &mut Faults, wanted: &str| {
        let message = format!("Error converting value for '{name}': {wanted} expected.");
        fault(faults, path, message);
    };
    match (field.kind, value) {
        (Kind::Text { min, max }, Value::String(text)) => {
            let length = text.chars().count();
            if length < min || length > max {
                let message =
                    format!("The field {name} must have between {min} and {max} characters.");
                fault(faults, path, message);
            }
        }
        (Kind::Whole { min, max }, Value::Number(number)) if number.as_i64().is_some() => {
            let message = format!("The field {name} must be between {min} and {max}.");
            fault(faults, path, message);
        }
        (Kind::Moment, Value::String(text)) if calendar::parse(text).is_some() => {}
        (Kind::Moment, _) => wrong(faults, "a date-time"),
        (Kind::Literal(literals), Value::String(text)) if literals.contains(&text.as_str()) => {}
        (Kind::Literal(literals), _) => wrong(faults, &format!("one of {}", literals.join(", "))),
        (Kind::Object(fields), Value::Object(object)) => check(object, fields, path, faults),
        (Kind::Objects { min, of }, Value::Array(items)) => {
            at_least(items.len(), min, name, path, faults);
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                match item {
                    Value::Object(object) => check(object, of, &path, faults),
                    _ => fault(faults, &path, "an object is expected.".to_owned()),
                }
            }
        }
        (Kind::Wholes { min }, Value::Array(items)) if items.iter().all(Value::is_i64) => {
            at_least(items.len(), min, name, path, faults);
        }
        (Kind::Wholes { .. }, _) => wrong(faults, "a list of whole numbers"),
        (Kind::Texts { min }, Value::Array(items)) if items.iter().all(Value::is_string) => {
            at_least(items.len(), min, name, path, faults);
        }
        (Kind::Texts { .. }, _) => wrong(faults, "a list of texts"),
        _ => wrong(faults, "another type"),
    }
}

fn at_least(len: usize, min: usize, name: &str, path: &str, faults: &mut Faults) {
    if len < min {
        fault(faults, path, format!("The field {name} must have at least {min} items."));
    }
}

/// Parses a JSON object; `Err` holds the faults to answer with 400.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Faults> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => {
            Err(Faults::from([(String::new(), vec!["A JSON object is expected.".to_owned()])]))
        }
        Err(error) => Err(Faults::from([(String::new(), vec![format!("Invalid JSON: {error}")])])),
    }
}
