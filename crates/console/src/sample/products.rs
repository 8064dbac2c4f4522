//! Made-up products.

use super::ago;
use crate::model::ProductRow;

fn row(key: &str, state: &str, ounces: Option<&str>, hold: Option<&str>) -> ProductRow {
    ProductRow {
        key: key.to_owned(),
        sku: Some(key.to_owned()).filter(|_| state != "excluded"),
        item: key.split('-').next().unwrap_or_default().to_owned(),
        name: format!("Product {key} \"Süß & Heiß\""),
        state: state.to_owned(),
        ounces: ounces.map(str::to_owned),
        inches: ounces.map(|_| "4.92 x 3.15 x 1.3".to_owned()),
        hold: hold.map(str::to_owned),
        compared: ounces.map(|_| ago(12)),
    }
}

pub(super) fn rows() -> Vec<ProductRow> {
    let missing = "The weight of A0010 is zero or missing (0); it is not sent.";
    vec![
        row("A0001", "at-shipbob", Some("16.6"), None),
        row("A0010", "at-shipbob", None, Some(missing)),
        row("NEW-0001", "coming", Some("3"), None),
        row("SVC-GIFT", "excluded", None, None),
        row("TS100-Red-S", "held", Some("6.4"), Some("ShipBob has ts100-red-s.")),
    ]
}
