//! Templates: JSON text and OData filters in which `{field}` stands for a value. What is not in the two lists below
//! is refused when the configuration is checked.

use crate::ids::{Company, ReferenceId, SalesOrderNumber, ShipmentId, WarehouseId};
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

/// Fields of a shipment.
pub const FIELDS: [&str; 12] = [
    "company",
    "order",
    "shipment",
    "slip",
    "reference",
    "warehouse",
    "carrier",
    "service",
    "tracking",
    "url",
    "ship_date",
    "shipped_at",
];

/// Fields of a line; they stand inside a list of one element, which is repeated for every line.
pub const LINE_FIELDS: [&str; 8] = [
    "line.number",
    "line.lot",
    "line.item",
    "line.sku",
    "line.quantity",
    "line.unit",
    "line.pieces",
    "line.warehouse",
];

/// What names the shipment in a look-up: without one of them two shipments of an order are one.
const IDENTITIES: [&str; 2] = ["shipment", "slip"];

/// Values of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFields {
    /// Legal entity.
    pub company: Company,
    /// Sales order.
    pub order: SalesOrderNumber,
    /// ShipBob's shipment.
    pub shipment: ShipmentId,
    /// Our key of the ShipBob order.
    pub reference: ReferenceId,
    /// F&O warehouse its lines are booked in.
    pub warehouse: WarehouseId,
    /// Carrier as ShipBob names it.
    pub carrier: String,
    /// Service as ShipBob names it.
    pub service: String,
    /// Tracking number; empty while there is none.
    pub tracking: String,
    /// Its link.
    pub url: String,
    /// When the goods left.
    pub shipped: Timestamp,
}

impl CallFields {
    /// Values that no shipment has: to ask whether a look-up can be asked.
    pub fn of_nothing(company: &Company) -> Self {
        Self {
            company: company.clone(),
            order: "-".into(),
            shipment: ShipmentId(0),
            reference: "-".into(),
            warehouse: "-".into(),
            carrier: String::new(),
            service: String::new(),
            tracking: String::new(),
            url: String::new(),
            shipped: Timestamp(0),
        }
    }
}

/// Values of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// `LineCreationSequenceNumber`.
    pub number: i32,
    /// `InventTransId`.
    pub lot: String,
    /// Item number.
    pub item: String,
    /// Item number with its dimensions.
    pub sku: String,
    /// What left, in sales unit.
    pub quantity: Decimal,
    /// Sales unit.
    pub unit: String,
    /// What left, in pieces.
    pub pieces: i64,
    /// Warehouse of the line.
    pub warehouse: String,
}

pub(super) enum Filled {
    Text(String),
    /// Exact digits.
    Number(String),
}

/// The words a template may use.
pub(super) struct Vocabulary {
    pub(super) fields: &'static [&'static str],
    pub(super) line_fields: &'static [&'static str],
    /// What tells two effects apart in a look-up; one of them must be named.
    pub(super) identities: &'static [&'static str],
    /// How a person is told so.
    pub(super) identity: &'static str,
}

/// Of a shipment that left.
pub(super) const SHIPPED: Vocabulary = Vocabulary {
    fields: &FIELDS,
    line_fields: &LINE_FIELDS,
    identities: &IDENTITIES,
    identity: "must name the shipment by {shipment} or {slip}: else two shipments of one order look the same",
};

/// What the words stand for.
pub(super) trait Values {
    /// A field of the whole.
    fn field(&self, name: &str) -> Option<Filled>;
    /// A field of one line; its name begins with `line.`.
    fn line_field(&self, name: &str, line: usize) -> Option<Filled>;
    /// How many lines there are.
    fn lines(&self) -> usize;
}

/// The values of one shipment.
pub(super) struct Shipped<'s> {
    pub(super) fields: &'s CallFields,
    pub(super) lines: &'s [CallLine],
}

impl Values for Shipped<'_> {
    fn field(&self, name: &str) -> Option<Filled> {
        value(name, self.fields, None)
    }

    fn line_field(&self, name: &str, line: usize) -> Option<Filled> {
        value(name, self.fields, Some(self.lines.get(line)?))
    }

    fn lines(&self) -> usize {
        self.lines.len()
    }
}

impl Filled {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }
}

/// The packing slip number we propose for a shipment.
pub(crate) fn slip(shipment: ShipmentId) -> String {
    format!("SB{shipment}")
}

fn value(name: &str, fields: &CallFields, line: Option<&CallLine>) -> Option<Filled> {
    let text = |text: &str| Some(Filled::Text(text.to_owned()));
    if let Some(rest) = name.strip_prefix("line.") {
        let line = line?;
        return match rest {
            "number" => Some(Filled::Number(line.number.to_string())),
            "lot" => text(&line.lot),
            "item" => text(&line.item),
            "sku" => text(&line.sku),
            "quantity" => Some(Filled::Number(line.quantity.normalize().to_string())),
            "unit" => text(&line.unit),
            "pieces" => Some(Filled::Number(line.pieces.to_string())),
            "warehouse" => text(&line.warehouse),
            _ => None,
        };
    }
    match name {
        "company" => text(fields.company.as_str()),
        "order" => text(fields.order.as_str()),
        "shipment" => text(&fields.shipment.to_string()),
        "slip" => text(&slip(fields.shipment)),
        "reference" => text(fields.reference.as_str()),
        "warehouse" => text(fields.warehouse.as_str()),
        "carrier" => text(&fields.carrier),
        "service" => text(&fields.service),
        "tracking" => text(&fields.tracking),
        "url" => text(&fields.url),
        "ship_date" => text(&fields.shipped.date()),
        "shipped_at" => text(&fields.shipped.to_rfc3339_seconds()),
        _ => None,
    }
}

/// One piece of a template.
enum Piece<'t> {
    Words(&'t str),
    Field(&'t str),
    /// A brace that opens no field.
    Stray,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            found.push(Piece::Words(before));
        }
        match after.split_once('}') {
            Some((name, tail)) => {
                found.push(Piece::Field(name));
                rest = tail;
            }
            None => {
                found.push(Piece::Stray);
                rest = after;
            }
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Words(rest));
    }
    found
}

/// Names of the fields in the texts of a body.
pub(super) fn names(body: &str) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        collect(&value, &mut found);
    }
    found.into_iter()
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(pieces(text).into_iter().filter_map(|p| match p {
            Piece::Field(name) => Some(name.to_owned()),
            Piece::Words(_) | Piece::Stray => None,
        })),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn of_a_line(value: &Value) -> bool {
    let mut found = Vec::new();
    collect(value, &mut found);
    found.iter().any(|name| name.starts_with("line."))
}

/// What is wrong with a body, in words that follow "custom_call.body".
pub(super) fn body_problems(body: &str, words: &Vocabulary) -> Vec<String> {
    let value: Value = match serde_json::from_str(body) {
        Ok(value @ Value::Object(_)) => value,
        Ok(_) => return vec!["must be a JSON object".to_owned()],
        Err(error) => return vec![format!("is not JSON: {error}")],
    };
    let mut found = Vec::new();
    check(&value, false, words, &mut found);
    if !body.contains("{company}") {
        found.push(
            "does not name the legal entity by {company}: what is not told runs in the default company of the user"
                .to_owned(),
        );
    }
    if !words.line_fields.is_empty() && !of_a_line(&value) {
        let [one, two] = ["line.sku", words.line_fields.last().copied().unwrap_or_default()];
        found.push(format!(
            "names no line: goods cannot be told without a list such as [ {{ \"a\": \"{{{one}}}\", \"b\": \"{{{two}}}\" }} ]"
        ));
    }
    found
}

fn check(value: &Value, in_line: bool, words: &Vocabulary, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for piece in pieces(text) {
                match piece {
                    Piece::Words(_) => {}
                    Piece::Stray => {
                        found.push(format!("has a brace that opens no field in \"{text}\""))
                    }
                    Piece::Field(name) if words.fields.contains(&name) => {}
                    Piece::Field(name) if words.line_fields.contains(&name) => {
                        if !in_line {
                            found.push(format!(
                                "uses {{{name}}} outside a list of one element, which is what is repeated per line"
                            ));
                        }
                    }
                    Piece::Field(name) => found.push(unknown(name, words)),
                }
            }
        }
        Value::Array(items) => {
            let per_line = !in_line && items.len() == 1;
            for item in items {
                check(item, in_line || (per_line && of_a_line(item)), words, found);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                if name.contains('{') {
                    found.push(format!(
                        "has a field in the member name \"{name}\": only values are filled in"
                    ));
                }
                check(item, in_line, words, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unknown(name: &str, words: &Vocabulary) -> String {
    if words.line_fields.is_empty() {
        let fields = words.fields.join(", ");
        return format!("uses {{{name}}}, which is no field; fields are {fields}");
    }
    format!(
        "uses {{{name}}}, which is no field; fields are {}, and per line {}",
        words.fields.join(", "),
        words.line_fields.join(", ")
    )
}

/// What is wrong with a filter, in words that follow "custom_call.look_up.filter".
pub(super) fn filter_problems(filter: &str, words: &Vocabulary) -> Vec<String> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut names = Vec::new();
    for piece in pieces(filter) {
        match piece {
            Piece::Words(text) => quoted ^= text.matches('\'').count() % 2 == 1,
            Piece::Stray => found.push("has a brace that opens no field".to_owned()),
            Piece::Field(name) => {
                if !words.fields.contains(&name) {
                    found.push(if name.starts_with("line.") {
                        format!("uses {{{name}}}: a look-up knows no lines")
                    } else {
                        unknown(name, words)
                    });
                } else if !quoted {
                    found.push(format!("must hold {{{name}}} inside single quotes"));
                }
                names.push(name);
            }
        }
    }
    if quoted {
        found.push("has a single quote too many or too few".to_owned());
    }
    if !names.contains(&"company") {
        found.push(
            "must name the legal entity by {company}: order numbers repeat from one to the next"
                .to_owned(),
        );
    }
    if !names.iter().any(|name| words.identities.contains(name)) {
        found.push(words.identity.to_owned());
    }
    found
}

/// The filter with its values, quotes doubled.
pub(super) fn filter(template: &str, values: &dyn Values) -> Option<String> {
    let mut out = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Field(name) => {
                out.push_str(&values.field(name)?.into_text().replace('\'', "''"));
            }
            Piece::Stray => return None,
        }
    }
    Some(out)
}

/// The body with its values.
pub(super) fn body(template: &str, values: &dyn Values) -> Option<String> {
    let template: Value = serde_json::from_str(template).ok()?;
    let mut out = String::new();
    write(&template, values, None, &mut out)?;
    Some(out)
}

fn write(value: &Value, values: &dyn Values, line: Option<usize>, out: &mut String) -> Option<()> {
    match value {
        Value::String(text) => write_text(text, values, line, out)?,
        Value::Array(items) => {
            out.push('[');
            match items.as_slice() {
                [one] if line.is_none() && of_a_line(one) => {
                    for n in 0..values.lines() {
                        if n > 0 {
                            out.push(',');
                        }
                        write(one, values, Some(n), out)?;
                    }
                }
                _ => {
                    for (n, item) in items.iter().enumerate() {
                        if n > 0 {
                            out.push(',');
                        }
                        write(item, values, line, out)?;
                    }
                }
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (n, (name, item)) in members.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(name).ok()?);
                out.push(':');
                write(item, values, line, out)?;
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
    Some(())
}

fn filled(name: &str, values: &dyn Values, line: Option<usize>) -> Option<Filled> {
    match line {
        Some(line) if name.starts_with("line.") => values.line_field(name, line),
        _ => values.field(name),
    }
}

/// A text that is one field and nothing else keeps the type of the field.
fn write_text(
    text: &str,
    values: &dyn Values,
    line: Option<usize>,
    out: &mut String,
) -> Option<()> {
    let all = pieces(text);
    if let [Piece::Field(name)] = all.as_slice() {
        match filled(name, values, line)? {
            Filled::Number(digits) => out.push_str(&digits),
            Filled::Text(words) => out.push_str(&serde_json::to_string(&words).ok()?),
        }
        return Some(());
    }
    let mut whole = String::new();
    for piece in all {
        match piece {
            Piece::Words(words) => whole.push_str(words),
            Piece::Field(name) => whole.push_str(&filled(name, values, line)?.into_text()),
            Piece::Stray => return None,
        }
    }
    out.push_str(&serde_json::to_string(&whole).ok()?);
    Some(())
}
