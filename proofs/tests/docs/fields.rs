//! The field tables of the pages. Target fields, types and limits come from `contracts/`; what stands here is where a value
//! comes from and what becomes of it, and the tests hold every row against the wire and the contracts.

#[path = "fields/billing.rs"]
mod billing;
#[path = "fields/fulfilment.rs"]
mod fulfilment;
#[path = "fields/inventory.rs"]
mod inventory;
#[path = "fields/orders.rs"]
mod orders;
#[path = "fields/products.rs"]
mod products;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// One page with a table.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// One field that is written.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Label of the ShipBob call, or set of F&O.
    pub(crate) call: &'static str,
    /// Path inside the body.
    pub(crate) to: &'static str,
    /// `Set.Property` or `Object.field` where the value comes from; other words where we make it.
    pub(crate) from: &'static str,
    /// What becomes of it.
    pub(crate) how: &'static str,
    /// Holds when it cannot be made.
    pub(crate) holds: &'static [&'static str],
    /// Not in every world of the test.
    pub(crate) rare: bool,
}

const fn row(
    call: &'static str,
    to: &'static str,
    from: &'static str,
    how: &'static str,
    holds: &'static [&'static str],
) -> Field {
    Field { call, to, from, how, holds, rare: false }
}

const fn rare(field: Field) -> Field {
    Field { rare: true, ..field }
}

/// Pages with a table.
pub(crate) const PAGES: &[Page] = &[
    Page { name: "orders", fields: orders::ORDERS },
    Page { name: "fulfilment", fields: fulfilment::FULFILMENT },
    Page { name: "products", fields: products::PRODUCTS },
    Page { name: "inventory", fields: inventory::INVENTORY },
    Page { name: "billing", fields: billing::BILLING },
];

/// The file of a data package; its fields are columns.
pub(crate) const PACKAGE: &str = "charges file of a data package";

/// Where a ShipBob call begins in the contract.
fn object_of(call: &str) -> Option<&'static str> {
    Some(match call {
        "create-order" => "OrderCreate",
        "update-address" => "ShipmentAddressSent",
        "update-lines" => "LineItemsSent",
        "update-method" => "ServiceSent",
        "ack-tracking" => "TrackingUploadSent",
        "create-product" => "ProductSent",
        "add-variants" => "VariantSent",
        "update-product" => "ProductPatchSent",
        _ => return None,
    })
}

/// Both contracts.
pub(crate) struct Book {
    sets: Table,
    objects: Table,
    /// Of the file of a data package.
    columns: BTreeSet<String>,
}

impl Book {
    pub(crate) fn read(root: &Path) -> Self {
        let contract = |name: &str| -> Table {
            let text = fs::read_to_string(root.join("contracts").join(name)).expect("a contract");
            text.parse().expect("TOML")
        };
        let table = |all: &Table, key: &str| {
            all.get(key).and_then(Value::as_table).cloned().expect("a table")
        };
        let (fo, sb) = (contract("dynamics.toml"), contract("shipbob.toml"));
        let paths = fo.get("path").and_then(Value::as_array).into_iter().flatten();
        let columns = paths.filter_map(|p| p.get("columns")?.as_array()).flatten();
        let columns = columns.filter_map(|c| c.as_str().map(str::to_owned)).collect();
        Self { sets: table(&fo, "set"), objects: table(&sb, "object"), columns }
    }

    fn property(&self, set: &str, name: &str) -> Option<&str> {
        self.sets.get(set)?.get("properties")?.get(name)?.as_str()
    }

    fn field(&self, object: &str, name: &str) -> Option<&str> {
        self.objects.get(object)?.get("fields")?.get(name)?.as_str()
    }

    /// Type and limit of a target, as its contract says.
    pub(crate) fn kind(&self, field: &Field) -> Option<String> {
        if field.call == PACKAGE {
            return self.columns.contains(field.to).then(|| "column".to_owned());
        }
        let Some(mut object) = object_of(field.call).map(str::to_owned) else {
            return self.property(field.call, field.to).map(str::to_owned);
        };
        let mut kind = String::new();
        // The body of some calls is a list.
        for part in field.to.trim_start_matches("[].").split('.') {
            kind = self.field(&object, part.trim_end_matches("[]"))?.to_owned();
            let inner = kind.split(' ').next().unwrap_or_default();
            object = inner.trim_matches(['[', ']']).to_owned();
        }
        Some(kind)
    }

    /// `Set.Property` of F&O or `Object.field` of ShipBob.
    pub(crate) fn knows_source(&self, source: &str) -> bool {
        let Some((of, name)) = source.split_once('.') else { return false };
        self.property(of, name).is_some() || self.field(of, name).is_some()
    }
}

pub(crate) fn table(page: &Page, book: &Book) -> String {
    let mut calls: BTreeMap<usize, (&str, Vec<&Field>)> = BTreeMap::new();
    for field in page.fields {
        let at = calls.values().position(|(call, _)| *call == field.call);
        let at = at.unwrap_or(calls.len());
        calls.entry(at).or_insert((field.call, Vec::new())).1.push(field);
    }
    let mut out = String::new();
    for (call, fields) in calls.values() {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n**{call}**\n\n| field | type, limit | from | conversion | when it cannot be made |\n|---|---|---|---|---|\n"
        );
        for f in fields {
            let kind = book.kind(f).unwrap_or_default();
            let holds: Vec<String> = f.holds.iter().map(|h| format!("`{h}`")).collect();
            let holds = if holds.is_empty() { "–".to_owned() } else { holds.join(" ") };
            let from: Vec<String> = f
                .from
                .split(", ")
                .map(|s| if s.contains('.') { format!("`{s}`") } else { s.to_owned() })
                .collect();
            let _ = writeln!(
                out,
                "| `{}` | {kind} | {} | {} | {holds} |",
                f.to,
                from.join(", "),
                f.how
            );
        }
    }
    out.push('\n');
    out
}
