//! `[connection.products]`: how F&O's products become ShipBob's. Without it the flow is off.

use crate::measure::Unit;
use crate::product::Released;
use crate::time::Span;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where weights and sizes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureSource {
    /// `PhysicalProductDimensionDetails`, and where it says nothing the item master.
    #[default]
    DimensionsFirst,
    /// `PhysicalProductDimensionDetails` only.
    Dimensions,
    /// The item master only.
    Master,
}

/// How the SKU of a distinct product is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkuRule {
    /// Item number and the variant dimensions that are set, joined by `separator`.
    #[default]
    ItemAndDimensions,
    /// `ProductNumber`.
    ProductNumber,
    /// The barcode of one piece.
    Barcode,
}

/// What is done with the kits named under `kits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KitMode {
    /// Nothing: a person makes the bundle at ShipBob.
    #[default]
    Leave,
    /// A ShipBob bundle is made of their components.
    Bundle,
    /// Orders carry their components; the kit itself is not made at ShipBob.
    Components,
}

/// What happens to values at ShipBob that are not the ones we wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonChange {
    /// They stay.
    #[default]
    Leave,
    /// F&O's values are written over them.
    Overwrite,
}

/// Pieces of one component in one kit; more is a mistake.
const MOST_PIECES: u32 = 10_000;

/// The section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Products {
    /// Where weights and sizes come from.
    pub measures: MeasureSource,
    /// `DimensionType`s tried, in this order.
    pub dimension_types: Vec<String>,
    /// Unit of the bare weights of the item master; empty = they are not used.
    pub master_weight_unit: String,
    /// Unit of the bare lengths of the item master; empty = they are not used.
    pub master_length_unit: String,
    /// Symbols of the customer → `g kg lb oz mm cm m in ft`, or another symbol.
    pub symbols: BTreeMap<String, String>,
    /// How SKUs are made.
    pub sku: SkuRule,
    /// Between the parts of a SKU.
    pub separator: String,
    /// Key as sales order lines name it → SKU, where the rule does not fit.
    pub aliases: BTreeMap<String, String>,
    /// What is done with kits.
    pub kit_mode: KitMode,
    /// SKU of a kit → component SKU → pieces in one kit.
    pub kits: BTreeMap<String, BTreeMap<String, u32>>,
    /// Values somebody changed at ShipBob.
    pub person_changes: PersonChange,
    /// Smaller differences of weight are none, in ounces.
    pub tolerance_ounces: Decimal,
    /// Smaller differences of a side are none, in inches.
    pub tolerance_inches: Decimal,
    /// Seconds between two reads of F&O's products.
    pub poll_seconds: i64,
    /// Seconds between two comparisons of a product with ShipBob.
    pub compare_seconds: i64,
}

impl Default for Products {
    fn default() -> Self {
        Self {
            measures: MeasureSource::default(),
            dimension_types: vec!["Packing".to_owned(), "Storage".to_owned()],
            master_weight_unit: String::new(),
            master_length_unit: String::new(),
            symbols: BTreeMap::new(),
            sku: SkuRule::default(),
            separator: "-".to_owned(),
            aliases: BTreeMap::new(),
            kit_mode: KitMode::default(),
            kits: BTreeMap::new(),
            person_changes: PersonChange::default(),
            tolerance_ounces: Decimal::new(5, 2),
            tolerance_inches: Decimal::new(5, 2),
            poll_seconds: 3_600,
            compare_seconds: 21_600,
        }
    }
}

impl Products {
    /// Between two reads of F&O's products.
    pub fn poll(&self) -> Span {
        Span::seconds(self.poll_seconds.max(60))
    }

    /// Between two comparisons with ShipBob.
    pub fn compare(&self) -> Span {
        Span::seconds(self.compare_seconds.max(60))
    }

    /// The SKU of a distinct product; none when the rule finds none. `barcode` is its barcode.
    pub fn sku_of(&self, one: &Released, barcode: Option<&str>) -> Option<String> {
        let alias = self.aliases.iter().find(|(key, _)| key.eq_ignore_ascii_case(&one.key));
        let sku = match (alias, self.sku) {
            (Some((_, sku)), _) => sku.trim().to_owned(),
            (None, SkuRule::ItemAndDimensions) => one.parts.join(&self.separator),
            (None, SkuRule::ProductNumber) => one.number.trim().to_owned(),
            (None, SkuRule::Barcode) => barcode?.to_owned(),
        };
        (!sku.is_empty()).then_some(sku)
    }

    /// The SKU may differ from the name sales order lines use.
    pub fn renames(&self) -> bool {
        let usual = self.sku == SkuRule::ItemAndDimensions && self.separator == "-";
        !usual || !self.aliases.is_empty()
    }

    /// Components of a kit that is to be a bundle.
    pub fn kit(&self, sku: &str) -> Option<&BTreeMap<String, u32>> {
        self.kits.iter().find(|(kit, _)| kit.eq_ignore_ascii_case(sku)).map(|(_, parts)| parts)
    }

    /// Components of a kit that orders carry in its place.
    pub fn recipe(&self, sku: &str) -> Option<crate::kit::Recipe> {
        let parts = self.kit(sku).filter(|_| self.kit_mode == KitMode::Components)?;
        Some(parts.iter().map(|(part, n)| (part.clone(), i64::from(*n))).collect())
    }

    /// What is wrong with the section as such.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut say = |text: String| found.push(format!("products: {text}"));
        for (name, unit) in [
            ("master_weight_unit", &self.master_weight_unit),
            ("master_length_unit", &self.master_length_unit),
        ] {
            let known = unit.is_empty()
                || Unit::named(unit).is_some()
                || self.symbols.keys().any(|s| s.eq_ignore_ascii_case(unit));
            if !known {
                say(format!(
                    "{name} \"{unit}\" is no unit: use g kg lb oz mm cm m in ft, or map it under symbols"
                ));
            }
        }
        if self.measures == MeasureSource::Master && self.master_weight_unit.is_empty() {
            say("measures = \"master\" needs master_weight_unit: its numbers carry no unit"
                .to_owned());
        }
        if self.tolerance_ounces.is_sign_negative() || self.tolerance_inches.is_sign_negative() {
            say("a tolerance is below zero: use 0 or more".to_owned());
        }
        for (kit, parts) in &self.kits {
            if parts.is_empty() || parts.values().any(|n| *n == 0) {
                say(format!(
                    "kit {kit} has no components, or none of one: name each with its pieces"
                ));
            }
            if parts.keys().any(|part| part.eq_ignore_ascii_case(kit)) {
                say(format!("kit {kit} contains itself"));
            }
            if self.kit_mode != KitMode::Components {
                continue;
            }
            if let Some(inner) = parts.keys().find(|part| self.kit(part).is_some()) {
                say(format!("kit {kit} contains the kit {inner}: name its components instead"));
            }
            if parts.values().any(|n| *n > MOST_PIECES) {
                say(format!("kit {kit} has more than {MOST_PIECES} pieces of one component"));
            }
            let other = |part: &String| {
                parts.keys().any(|two| part != two && part.eq_ignore_ascii_case(two))
            };
            if let Some(part) = parts.keys().find(|part| other(part)) {
                say(format!("kit {kit} names component {part} twice, in other letter case"));
            }
        }
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for (key, sku) in &self.aliases {
            if let Some(other) = taken.insert(sku.to_lowercase(), key) {
                say(format!("aliases {other} and {key} lead to the same SKU {sku}: keep one"));
            }
        }
        found
    }
}
