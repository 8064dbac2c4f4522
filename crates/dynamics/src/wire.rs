//! The rows as F&O sends them, and the fields asked for. Unknown members are ignored, unknown
//! enum members stay text, and a row that cannot be read spoils only itself.

mod lenient;
mod rows;

pub(crate) use rows::*;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// One row type: where it comes from and what is asked for.
pub(crate) trait Row: DeserializeOwned {
    const SET: &'static str;
    const SELECT: &'static [&'static str];
}

/// A row of an order's document: knows its order.
pub(crate) trait OrderRow: Row {
    /// Property that holds the order number.
    const ORDER: &'static str;
    fn order(&self) -> &str;
}

/// One page of a set.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<Result<T, BadRow>>,
    /// Address of the next page.
    pub(crate) next: Option<String>,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRow {
    /// Its order number, where at least that can be read.
    pub(crate) order: Option<String>,
    /// Which place of the row is wrong; never a value.
    pub(crate) why: String,
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct NumberOnly {
    #[serde(
        alias = "SalesOrderNumber",
        alias = "SalesId",
        alias = "OutboundShipmentOrderRequestId"
    )]
    order: String,
}

/// Reads a page; the error says in words what is wrong with its outer form.
pub(crate) fn page<T: Row>(body: &[u8]) -> Result<Page<T>, String> {
    let text = std::str::from_utf8(body).map_err(|_| format!("{}: not UTF-8", T::SET))?;
    let raw: RawPage<'_> = serde_json::from_str(text)
        .map_err(|error| format!("{}: not a page of rows ({})", T::SET, place(&error)))?;
    let rows = raw.value.into_iter().map(|row| one(row)).collect();
    Ok(Page { rows, next: raw.next.filter(|link| !link.is_empty()) })
}

fn one<T: Row>(row: &RawValue) -> Result<T, BadRow> {
    serde_json::from_str(row.get()).map_err(|error| BadRow {
        order: serde_json::from_str::<NumberOnly>(row.get()).ok().map(|any| any.order),
        why: format!("a row of {} cannot be read ({})", T::SET, place(&error)),
    })
}

/// Where in the text, without the text: serde's own message can quote values.
fn place(error: &serde_json::Error) -> String {
    format!("{:?} at column {}", error.classify(), error.column())
}

#[cfg(test)]
mod tests;
