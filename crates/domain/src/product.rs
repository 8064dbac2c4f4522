//! Products of both systems, freed of their wire forms, and what the planner may see of one.
//!
//! One F&O item with all its variants is one subject: it becomes one ShipBob product with variants.

use crate::plan::{Decisions, KnownDelivery};
use crate::reference_data::UnitConversion;
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Subjects of products begin so; no sales order number does.
const PREFIX: &str = "product:";

/// Kind of the observations that hold a [`ProductState`], by key in lower case.
pub const STATE: &str = "product.state";

/// The subject of an item. Letter case does not count in F&O, so it does not here.
pub fn subject(item: &str) -> String {
    format!("{PREFIX}{}", item.trim().to_lowercase())
}

/// The item of a subject, in lower case; none when the subject is no product.
pub fn item_of(subject: &str) -> Option<&str> {
    subject.strip_prefix(PREFIX)
}

/// Dimensions of one distinct product or one quantity of it, with their units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Physical {
    /// `DimensionType`: Storage, Packing, NestedPacking.
    pub kind: String,
    /// Which quantity it describes, as a unit symbol.
    pub of_unit: String,
    /// Depth, width, height.
    pub sides: [Decimal; 3],
    /// Unit of the sides.
    pub length_unit: String,
    /// Weight.
    pub weight: Decimal,
    /// Unit of the weight.
    pub mass_unit: String,
}

/// One barcode of a distinct product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Barcode {
    /// The code.
    pub code: String,
    /// Unit symbol it stands for.
    pub of_unit: String,
    /// How many of that unit.
    pub quantity: Decimal,
    /// Scanned by default.
    pub default: bool,
}

/// One distinct product: an item, or one variant of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Released {
    /// `ProductNumber`.
    pub number: String,
    /// `ItemNumber`.
    pub item: String,
    /// Item and variant dimensions joined by `-`: how sales order lines name it.
    pub key: String,
    /// Item and the variant dimensions that are set, for other ways to join them.
    pub parts: Vec<String>,
    /// Name.
    pub name: String,
    /// Inventory unit.
    pub unit: String,
    /// Kept in stock; none when F&O does not say.
    pub stocked: Option<bool>,
    /// Sold by weight of the piece; none when F&O does not say.
    pub catch_weight: Option<bool>,
    /// `ProductType` is Service.
    pub service: bool,
    /// Physical dimensions.
    pub physical: Vec<Physical>,
    /// Barcodes.
    pub barcodes: Vec<Barcode>,
}

/// What the item master says for all its variants. Bare numbers, without units.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Master {
    /// `ProductSearchName`.
    pub search_name: String,
    /// `NetProductWeight`.
    pub net: Decimal,
    /// `TareProductWeight`.
    pub tare: Decimal,
    /// Depth, width, height, gross.
    pub sides: [Decimal; 3],
    /// Tariff code for exports.
    pub tariff: String,
    /// F&O country id of the origin.
    pub origin: String,
    /// Text for customs.
    pub customs: String,
    /// Sold by weight of the piece.
    pub catch_weight: Option<bool>,
}

/// One item with its variants, as one read of the whole feed saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Item {
    /// `ItemNumber` as F&O writes it.
    pub item: String,
    /// Variants, by key.
    pub released: Vec<Released>,
    /// The master row, where there is one.
    pub master: Option<Master>,
    /// SKUs of ours that other items have, too (in lower case), and the item that has them.
    #[serde(default)]
    pub sku_clashes: BTreeMap<String, String>,
    /// Barcodes of ours that other products have, too, and the product that has them.
    #[serde(default)]
    pub barcode_clashes: BTreeMap<String, String>,
    /// Reads of the whole feed in a row that did not show the item. One may be a row that moved
    /// between two pages.
    #[serde(default)]
    pub missed: u32,
}

/// Customs data of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customs {
    /// Text.
    pub description: String,
    /// Tariff code, 6 to 10 digits.
    pub tariff: String,
    /// ISO alpha-2.
    pub origin: String,
}

impl Customs {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.description.is_empty() && self.tariff.is_empty() && self.origin.is_empty()
    }
}

/// One variant as ShipBob shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenVariant {
    /// Product it belongs to.
    pub product: i64,
    /// Name of that product.
    pub product_name: String,
    /// Its own id.
    pub variant: i64,
    /// SKU exactly as written.
    pub sku: String,
    /// Name.
    pub name: String,
    /// May be ordered.
    pub active: bool,
    /// A bundle of other variants.
    pub bundle: bool,
    /// Its inventory.
    pub inventory: Option<i64>,
    /// Weight, where it is given in ounces.
    pub ounces: Option<Decimal>,
    /// Length, width, height, where they are given in inches.
    pub inches: Option<[Decimal; 3]>,
    /// Measured by the warehouse: not ours to change.
    pub locked: bool,
    /// Barcodes.
    pub barcodes: Vec<String>,
    /// Customs data.
    pub customs: Customs,
    /// Ids of variants that were merged into it.
    pub merged: Vec<i64>,
}

/// What ShipBob shows for the SKUs of one item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// Variants whose SKU, or a SKU merged into them, is one of ours, letter case left aside.
    pub variants: Vec<SeenVariant>,
    /// SKUs that were asked for.
    pub asked: Vec<String>,
    /// When we began to read.
    pub read_began: Timestamp,
}

/// What we want of one variant. What F&O does not say stays out: it is never cleared at ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Values {
    /// Name of the variant; left out of an update that does not concern it.
    #[serde(default)]
    pub name: Option<String>,
    /// Ounces.
    #[serde(default)]
    pub ounces: Option<Decimal>,
    /// Length, width, height in inches.
    #[serde(default)]
    pub inches: Option<[Decimal; 3]>,
    /// Barcode of one piece.
    #[serde(default)]
    pub barcode: Option<String>,
    /// Customs data.
    #[serde(default)]
    pub customs: Option<Customs>,
}

/// One variant to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVariant {
    /// SKU.
    pub sku: String,
    /// The rest.
    pub values: Values,
    /// Components of a bundle: ShipBob variant and pieces.
    #[serde(default)]
    pub components: Vec<(i64, u32)>,
}

/// One variant to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantChange {
    /// Its id.
    pub variant: i64,
    /// Its SKU, to look it up.
    pub sku: String,
    /// New values; what is none stays.
    pub values: Values,
}

/// Body of a product create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateProduct {
    /// Name.
    pub name: String,
    /// Made of other variants.
    pub bundle: bool,
    /// At least one.
    pub variants: Vec<NewVariant>,
}

/// A variant we made, or saw with its SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// ShipBob product.
    pub product: i64,
    /// ShipBob variant.
    pub variant: i64,
    /// When ShipBob confirmed that it made it for us; [`Timestamp::MIN`] when it was there before.
    pub at: Timestamp,
}

/// What we wrote last of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Written {
    /// Every value we ever wrote, the newest of each.
    pub values: Values,
    /// When the last write was confirmed.
    pub at: Timestamp,
}

/// What we keep of one item, by SKU.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProductKept {
    /// Variants we made.
    #[serde(default)]
    pub made: BTreeMap<String, Made>,
    /// What we wrote.
    #[serde(default)]
    pub written: BTreeMap<String, Written>,
}

impl ProductKept {
    /// Remembers which variants have our SKUs: one that loses its SKU is never made a second time.
    pub fn saw(&mut self, seen: &Catalogue) {
        for v in seen.variants.iter().filter(|v| seen.asked.contains(&v.sku)) {
            let at = self.made.get(&v.sku).map_or(Timestamp::MIN, |m| m.at);
            let made = Made { product: v.product, variant: v.variant, at };
            self.made.insert(v.sku.clone(), made);
        }
    }

    /// Remembers values that took effect.
    pub fn wrote(&mut self, sku: &str, values: &Values, at: Timestamp) {
        let of = self.written.entry(sku.to_owned()).or_default();
        of.at = at;
        let Values { name, ounces, inches, barcode, customs } = values.clone();
        let kept = &mut of.values;
        kept.name = name.or(kept.name.take());
        kept.ounces = ounces.or(kept.ounces);
        kept.inches = inches.or(kept.inches);
        kept.barcode = barcode.or(kept.barcode.take());
        kept.customs = customs.or(kept.customs.take());
    }
}

/// Everything the planner may see of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFacts {
    /// Our clock.
    pub now: Timestamp,
    /// Subject.
    pub subject: String,
    /// F&O's side; none when the feed never showed it.
    pub item: Option<Item>,
    /// ShipBob's side; none when never asked.
    pub catalogue: Option<Catalogue>,
    /// General unit conversions of F&O for symbols of this item.
    pub conversions: Vec<UnitConversion>,
    /// F&O country id of the origin → ISO alpha-2.
    pub countries: BTreeMap<String, String>,
    /// Deliveries of this subject.
    pub deliveries: Vec<KnownDelivery>,
    /// What we keep.
    pub kept: ProductKept,
    /// What people decided.
    pub decisions: Decisions,
}

/// One SKU as lists show it and as orders ask for it. Kept under the key sales order lines use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductState {
    /// Name sales order lines use: item and variant dimensions.
    pub key: String,
    /// SKU at ShipBob; empty while there is none.
    pub sku: String,
    /// F&O item.
    pub item: String,
    /// Name.
    pub name: String,
    /// In one stable word: `at-shipbob`, `coming`, `held`, `excluded`, `gone`.
    pub state: String,
    /// Weight sent, in ounces.
    pub ounces: Option<Decimal>,
    /// Length, width, height sent, in inches.
    pub inches: Option<[Decimal; 3]>,
    /// What a person has to mend, in one sentence.
    pub hold: Option<String>,
    /// When ShipBob was last compared.
    pub compared: Option<Timestamp>,
}

impl ProductState {
    /// Orders may wait for it instead of asking a person.
    pub fn comes(&self) -> bool {
        self.state == "coming"
    }
}
