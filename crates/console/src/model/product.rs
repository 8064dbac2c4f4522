//! Products as their page and the API show them.

use super::At;
use domain::product::ProductState;
use serde::Serialize;

/// One SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductRow {
    /// Item and variant dimensions, as sales order lines name it.
    pub key: String,
    /// SKU at ShipBob; none while there is none.
    pub sku: Option<String>,
    /// F&O item.
    pub item: String,
    /// Name.
    pub name: String,
    /// Stable word: `at-shipbob`, `coming`, `held`, `excluded`, `gone`, `skipped`.
    pub state: String,
    /// Weight in ounces.
    pub ounces: Option<String>,
    /// Length x width x height in inches.
    pub inches: Option<String>,
    /// What a person has to mend.
    pub hold: Option<String>,
    /// When it was last compared with ShipBob.
    pub compared: Option<At>,
}

impl ProductRow {
    /// The state in words.
    pub fn label(&self) -> &'static str {
        match (self.state.as_str(), self.hold.is_some()) {
            ("at-shipbob", true) => "At ShipBob, incomplete",
            ("at-shipbob", false) => "At ShipBob",
            ("coming", _) => "On its way",
            ("held", _) => "Held",
            ("excluded", _) => "Not for ShipBob",
            ("gone", _) => "Gone from Dynamics",
            ("skipped", _) => "Skipped",
            _ => "Not looked at yet",
        }
    }
}

impl From<ProductState> for ProductRow {
    fn from(s: ProductState) -> Self {
        let size = |sides: [rust_decimal::Decimal; 3]| sides.map(|s| s.to_string()).join(" x ");
        Self {
            key: s.key,
            sku: Some(s.sku).filter(|sku| !sku.is_empty()),
            item: s.item,
            name: s.name,
            state: s.state,
            ounces: s.ounces.map(|o| o.to_string()),
            inches: s.inches.map(size),
            hold: s.hold,
            compared: s.compared.map(At),
        }
    }
}

/// A page of SKUs, by key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ProductsPage {
    /// Rows.
    pub rows: Vec<ProductRow>,
    /// Where the next page begins.
    pub next: Option<String>,
}
