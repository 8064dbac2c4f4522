//! `GET invoices`, `GET invoices/{id}/transactions`, `POST transactions:query`, `GET transaction-fees`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Line, decimal, invoice_id, invoice_index};
use crate::shipbob::errors;
use crate::shipbob::query::Query;
use crate::shipbob::strict::{self, Field, Kind, optional};
use crate::world::World;
use crate::world::calendar::{self, DAY};
use crate::world::exchange::{TwinRequest, TwinResponse};

const TYPES: &[&str] = &["Charge", "Refund", "Credit", "Payment", "BalanceAdjustment"];
const REFERENCES: &[&str] = &["Shipment", "Return", "WRO", "URO"];

const FILTER: &[Field] = &[
    optional("from_date", Kind::Moment),
    optional("to_date", Kind::Moment),
    optional("invoiced_status", Kind::Flag),
    optional("invoice_ids", Kind::Texts { min: 0 }),
    optional("reference_ids", Kind::Texts { min: 0 }),
    optional("reference_types", Kind::Texts { min: 0 }),
    optional("transaction_fees", Kind::Texts { min: 0 }),
    optional("transaction_types", Kind::Texts { min: 0 }),
    optional("page_size", Kind::Whole { min: 1, max: 1_000 }),
    optional("sort_order", Kind::Literal(&["Ascending", "Descending"])),
];

/// Names of fees that occur here; the vendor's list has some eighty more.
const FEES: &[&str] = &[
    "Shipping",
    "Per Pick Fee",
    "Shipping Charge Correction",
    "International Duties",
    "Warehousing Fee",
    "WRO Receiving Fee",
    "Others",
    "Additonal Import Tax",
];

fn bad(detail: &str) -> TwinResponse {
    errors::problem(400, "Bad Request", detail)
}

/// Opaque: what was asked for, and how many entries were shown. Given one, the vendor ignores the filter.
fn token(asked: &Value, shown: usize) -> String {
    URL_SAFE_NO_PAD.encode(json!({"asked": asked, "shown": shown}).to_string())
}

fn opened(text: &str) -> Option<(Value, usize)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    let shown = usize::try_from(value.get("shown")?.as_u64()?).ok()?;
    Some((value.get("asked")?.clone(), shown))
}

/// A page, a little shorter than asked, so that "short page" never means "last page".
fn page(all: Vec<Value>, asked: &Value, shown: usize) -> TwinResponse {
    let size = asked.get("page_size").and_then(Value::as_u64).unwrap_or(100);
    let take = usize::try_from(size).unwrap_or(100).saturating_sub(shown % 3).max(1);
    let total = all.len();
    let items: Vec<Value> = all.into_iter().skip(shown).take(take).collect();
    let after = shown.saturating_add(items.len());
    let next = (after < total && !items.is_empty()).then(|| token(asked, after));
    let body = json!({
        "items": items,
        "first": Value::Null,
        "last": Value::Null,
        "next": next,
        "prev": Value::Null,
    });
    TwinResponse::json(200, &body)
}

fn date(world: &World, at: i64) -> String {
    let skewed = at.saturating_add(world.config.tenant.skew_micros());
    calendar::second_z(skewed).chars().take(10).collect()
}

/// Hundredths as a JSON number.
fn amount(cents: i64) -> Value {
    serde_json::from_str(&decimal(cents)).unwrap_or(Value::Null)
}

fn shown(world: &World, line: &Line) -> Value {
    let invoice = line.invoice.and_then(|index| {
        let one = world.shipbob.books.invoices.get(index)?;
        Some((invoice_id(index), date(world, one.dated_at), one.kind))
    });
    json!({
        "transaction_id": line.id,
        "amount": amount(written(world, line)),
        "currency_code": line.currency,
        "charge_date": date(world, line.charged_at),
        "invoiced_status": invoice.is_some(),
        "invoice_id": invoice.as_ref().map(|i| i.0),
        "invoice_date": invoice.as_ref().map(|i| i.1.clone()),
        "invoice_type": invoice.as_ref().map_or(line.invoice_type, |i| i.2),
        "transaction_fee": line.fee,
        "transaction_type": line.kind,
        "reference_id": line.reference,
        "reference_type": line.reference_type,
        "fulfillment_center": line.centre,
        "taxes": taxes(line),
        "additional_details": {
            "TrackingId": line.tracking,
            "Comment": "",
        },
    })
}

/// The vendor does not say which sign a refund has.
fn written(world: &World, line: &Line) -> i64 {
    let lowers = matches!(line.kind, "Refund" | "Credit");
    if lowers && world.config.tenant.refunds_positive { line.cents.abs() } else { line.cents }
}

/// Part of the amount.
fn taxes(line: &Line) -> Value {
    if line.currency != "CAD" {
        return json!([]);
    }
    json!([{"tax_type": "GST/HST Tax", "tax_rate": 5.0, "tax_amount": amount(line.cents * 5 / 105)}])
}

fn texts(asked: &Value, name: &str) -> Vec<String> {
    let list = asked.get(name).and_then(Value::as_array);
    let texts = list.map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    texts.unwrap_or_default()
}

/// `POST transactions:query`.
pub(in crate::shipbob) fn query(world: &World, request: &TwinRequest) -> TwinResponse {
    let query = match Query::parse(request, &["Cursor"], &[]) {
        Ok(query) => query,
        Err(reply) => return reply,
    };
    let (asked, from) = match query.text("Cursor") {
        Some(cursor) => match opened(&cursor) {
            Some(opened) => opened,
            None => return bad("The cursor is not valid."),
        },
        None => {
            let Ok(body) = strict::object(&request.body) else {
                return bad("The request body is not a JSON object.");
            };
            let mut faults = errors::Faults::new();
            strict::check(&body, FILTER, "", &mut faults);
            if let Some((field, messages)) = faults.first_key_value() {
                return bad(&format!("{field}: {}", messages.join(" ")));
            }
            (Value::Object(body), 0)
        }
    };
    let known = |name: &str, words: &[&str]| {
        texts(&asked, name).iter().all(|word| words.contains(&word.as_str()))
    };
    if !known("transaction_types", TYPES) || !known("reference_types", REFERENCES) {
        return bad("A filter has a value that is not known.");
    }
    page(found(world, &asked), &asked, from)
}

fn found(world: &World, asked: &Value) -> Vec<Value> {
    let moment = |name: &str| asked.get(name).and_then(Value::as_str).and_then(calendar::parse);
    let now = world.server_clock();
    // The charge date is a day: the window is cut to days.
    let from = moment("from_date").unwrap_or(now - 7 * DAY).div_euclid(DAY);
    let to = moment("to_date").unwrap_or(now).div_euclid(DAY);
    let status = asked.get("invoiced_status").and_then(Value::as_bool);
    let (invoices, references) = (texts(asked, "invoice_ids"), texts(asked, "reference_ids"));
    let (kinds, fees) = (texts(asked, "reference_types"), texts(asked, "transaction_fees"));
    let types = texts(asked, "transaction_types");
    let among = |list: &[String], text: &str| list.is_empty() || list.iter().any(|t| t == text);
    let skew = world.config.tenant.skew_micros();
    let mut lines: Vec<&Line> = world
        .shipbob
        .books
        .lines
        .iter()
        .filter(|l| (from..=to).contains(&l.charged_at.saturating_add(skew).div_euclid(DAY)))
        .filter(|l| status.is_none_or(|billed| billed == l.invoice.is_some()))
        .filter(|l| {
            let id = l.invoice.map(|i| invoice_id(i).to_string()).unwrap_or_default();
            among(&invoices, &id) && among(&references, &l.reference)
        })
        .filter(|l| among(&kinds, l.reference_type) && among(&fees, l.fee) && among(&types, l.kind))
        .collect();
    lines.sort_by(|a, b| (a.charged_at, &a.id).cmp(&(b.charged_at, &b.id)));
    if asked.get("sort_order").and_then(Value::as_str) != Some("Ascending") {
        lines.reverse();
    }
    lines.into_iter().map(|line| shown(world, line)).collect()
}

/// `GET invoices`.
pub(in crate::shipbob) fn invoices(world: &World, request: &TwinRequest) -> TwinResponse {
    match invoices_asked(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn invoices_asked(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    const NAMES: &[&str] = &["FromDate", "ToDate", "PageSize", "SortOrder", "Cursor"];
    let query = Query::parse(request, NAMES, &["InvoiceTypes"])?;
    let (asked, from) = match query.text("Cursor") {
        Some(cursor) => opened(&cursor).ok_or_else(|| bad("The cursor is not valid."))?,
        None => {
            let now = world.server_clock();
            let asked = json!({
                "from": query.moment("FromDate")?.unwrap_or(now - 30 * DAY),
                "to": query.moment("ToDate")?.unwrap_or(now),
                "page_size": query.whole("PageSize", 1, 1_000)?.unwrap_or(100),
                "ascending": query.text("SortOrder").as_deref() == Some("Ascending"),
            });
            (asked, 0)
        }
    };
    let bound = |name: &str| asked.get(name).and_then(Value::as_i64).unwrap_or(0).div_euclid(DAY);
    let skew = world.config.tenant.skew_micros();
    let books = &world.shipbob.books;
    let mut all: Vec<Value> = books
        .invoices
        .iter()
        .enumerate()
        .filter(|(_, one)| {
            let day = one.dated_at.saturating_add(skew).div_euclid(DAY);
            (bound("from")..=bound("to")).contains(&day)
        })
        .map(|(index, one)| {
            json!({
                "invoice_id": invoice_id(index),
                "invoice_date": date(world, one.dated_at),
                "invoice_type": one.kind,
                "amount": amount(books.total(index)),
                "currency_code": one.currency,
                "running_balance": amount(one.running),
            })
        })
        .collect();
    if asked.get("ascending").and_then(Value::as_bool) != Some(true) {
        all.reverse();
    }
    Ok(page(all, &asked, from))
}

/// `GET invoices/{id}/transactions`.
pub(in crate::shipbob) fn of_invoice(
    world: &World,
    request: &TwinRequest,
    id: i64,
) -> TwinResponse {
    let query = match Query::parse(request, &["PageSize", "SortOrder", "Cursor"], &[]) {
        Ok(query) => query,
        Err(reply) => return reply,
    };
    let books = &world.shipbob.books;
    let Some(index) = invoice_index(id).filter(|index| *index < books.invoices.len()) else {
        return errors::problem(404, "Not Found", &format!("Invoice {id} was not found"));
    };
    let (asked, from) = match query.text("Cursor") {
        Some(cursor) => match opened(&cursor) {
            Some(opened) => opened,
            None => return bad("The cursor is not valid."),
        },
        None => match query.whole("PageSize", 1, 1_000) {
            Ok(size) => (json!({"page_size": size.unwrap_or(100)}), 0),
            Err(reply) => return reply,
        },
    };
    let all = books.lines.iter().filter(|l| l.invoice == Some(index));
    page(all.map(|line| shown(world, line)).collect(), &asked, from)
}

/// `GET transaction-fees`.
pub(in crate::shipbob) fn fees() -> TwinResponse {
    TwinResponse::json(200, &json!({ "fee_list": FEES }))
}
