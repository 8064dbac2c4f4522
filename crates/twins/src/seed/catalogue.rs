//! Items: one table for both systems. F&O's products and ShipBob's catalogue are derived from it.

/// One item, or one variant of an item.
#[derive(Debug)]
pub(crate) struct Item {
    /// F&O item number.
    pub(crate) number: &'static str,
    pub(crate) color: &'static str,
    pub(crate) size: &'static str,
    pub(crate) name: &'static str,
    /// Unit it is usually sold in.
    pub(crate) unit: &'static str,
    /// Pieces in one `box` of it; 0 = never sold in boxes.
    pub(crate) box_of: u32,
    /// Cents per piece.
    pub(crate) cents: i64,
    /// Hundredths of an ounce.
    pub(crate) ounces_100: i64,
    pub(crate) kind: Kind,
}

/// What an item is, as far as shipping cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Stocked, known to ShipBob by its SKU.
    Goods,
    /// A kit: one item in F&O, at ShipBob a bundle of these (SKU, pieces).
    Kit(&'static [(&'static str, u32)]),
    /// A service: never shipped.
    Service,
    /// Stocked in F&O, unknown to ShipBob.
    Unknown,
    /// Known to ShipBob under this SKU, which differs in letter case only.
    OtherCase(&'static str),
}

/// One entry of ShipBob's catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShipBobItem {
    pub(crate) sku: String,
    pub(crate) name: &'static str,
    /// Hundredths of an ounce.
    pub(crate) ounces_100: i64,
    /// Components (SKU, pieces); empty for ordinary goods.
    pub(crate) bundle: Vec<(&'static str, u32)>,
}

const fn goods(number: &'static str, name: &'static str, cents: i64, ounces_100: i64) -> Item {
    Item {
        number,
        color: "",
        size: "",
        name,
        unit: "ea",
        box_of: 0,
        cents,
        ounces_100,
        kind: Kind::Goods,
    }
}

const fn variant(
    number: &'static str,
    color: &'static str,
    size: &'static str,
    name: &'static str,
    cents: i64,
) -> Item {
    Item {
        number,
        color,
        size,
        name,
        unit: "pcs",
        box_of: 0,
        cents,
        ounces_100: 640,
        kind: Kind::Goods,
    }
}

const fn boxed(number: &'static str, name: &'static str, box_of: u32, cents: i64) -> Item {
    Item {
        number,
        color: "",
        size: "",
        name,
        unit: "box",
        box_of,
        cents,
        ounces_100: 210,
        kind: Kind::Goods,
    }
}

const fn odd(
    number: &'static str,
    name: &'static str,
    unit: &'static str,
    cents: i64,
    kind: Kind,
) -> Item {
    Item { number, color: "", size: "", name, unit, box_of: 0, cents, ounces_100: 300, kind }
}

/// Every item of the company.
pub(crate) static ITEMS: &[Item] = &[
    goods("A0001", "Coffee beans, dark roast 1 lb", 1_450, 1_660),
    goods("A0002", "Coffee beans, light roast 1 lb", 1_450, 1_660),
    goods("A0003", "Pour-over dripper", 2_400, 1_120),
    goods("A0004", "Paper filters, 100", 650, 720),
    goods("A0005", "Hand grinder", 5_900, 2_250),
    goods("A0006", "Kettle, gooseneck", 7_900, 3_980),
    goods("A0007", "Scale 0.1 g", 3_500, 1_490),
    goods("A0008", "Mug \"Früh & Spät\"", 1_200, 1_380),
    goods("A0009", "Travel press", 4_100, 1_540),
    goods("A0010", "Gift card sleeve", 150, 0),
    goods("A0011", "Milk frother", 2_650, 930),
    goods("A0012", "Descaler 250 ml", 990, 980),
    goods("A0013", "Barista towel", 780, 350),
    goods("A0014", "Storage tin", 1_340, 1_010),
    goods("A0015", "Spoon, cupping", 1_100, 180),
    goods("A0016", "Server 600 ml", 2_900, 1_260),
    variant("TS100", "Red", "S", "T-shirt, red, S", 1_900),
    variant("TS100", "Red", "M", "T-shirt, red, M", 1_900),
    variant("TS100", "Blue", "M", "T-shirt, blue, M", 1_900),
    variant("TS100", "Blue", "XL", "T-shirt, blue, XL", 2_100),
    variant("CAP20", "Black", "", "Cap, black", 1_600),
    boxed("B0012", "Sparkling cold brew 8 oz", 12, 290),
    boxed("B0006", "Oat drink 1 l", 6, 340),
    odd("D0001", "Stroopwafel", "dz", 110, Kind::Goods),
    odd("P0001", "Green coffee, sack", "pal", 19_900, Kind::Goods),
    odd(
        "KIT01",
        "Starter set (dripper, filters, beans)",
        "ea",
        4_200,
        Kind::Kit(&[("A0003", 1), ("A0004", 2), ("A0001", 1)]),
    ),
    odd("SVC-GIFT", "Gift wrapping", "ea", 400, Kind::Service),
    odd("NEW-0001", "Seasonal blend, not yet at ShipBob", "ea", 1_650, Kind::Unknown),
    odd("mix-case-1", "Sampler", "ea", 1_150, Kind::OtherCase("MIX-CASE-1")),
];

impl Item {
    /// The SKU the connector makes of it: item number and the variant dimensions that are set, joined by `-`.
    pub(crate) fn sku(&self) -> String {
        sku(self.number, self.color, self.size)
    }

    /// False for services.
    pub(crate) fn stocked(&self) -> bool {
        self.kind != Kind::Service
    }

    /// Key of the product in F&O's flat list.
    pub(crate) fn product_number(&self) -> String {
        if self.color.is_empty() && self.size.is_empty() {
            return self.number.to_owned();
        }
        // Variants are numbered master : configuration : size : color : style, as F&O prints them.
        format!("{} : : {} : {} :", self.number, self.size, self.color)
    }

    /// Pieces in one `unit` of it; `None` where no conversion exists.
    pub(crate) fn pieces(&self, unit: &str) -> Option<u32> {
        match unit {
            "ea" | "pcs" => Some(1),
            "dz" => Some(12),
            "box" if self.box_of > 0 => Some(self.box_of),
            _ => None,
        }
    }
}

/// Item number, colour and size joined by `-`, empty parts left out.
pub(crate) fn sku(number: &str, color: &str, size: &str) -> String {
    let mut sku = number.to_owned();
    for part in [color, size] {
        if !part.is_empty() {
            sku.push('-');
            sku.push_str(part);
        }
    }
    sku
}

/// The item with that number (the first of its variants).
pub(crate) fn item(number: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.number == number)
}

/// Items an ordinary order may hold.
pub(crate) fn ordinary() -> Vec<&'static Item> {
    let plain = |item: &&Item| item.kind == Kind::Goods && matches!(item.unit, "ea" | "pcs");
    ITEMS.iter().filter(plain).collect()
}

/// What ShipBob knows of all this.
pub(crate) fn shipbob_items() -> Vec<ShipBobItem> {
    let known = ITEMS.iter().filter_map(|item| {
        let (sku, bundle) = match item.kind {
            Kind::Goods => (item.sku(), Vec::new()),
            Kind::Kit(parts) => (item.sku(), parts.to_vec()),
            Kind::OtherCase(sku) => (sku.to_owned(), Vec::new()),
            Kind::Service | Kind::Unknown => return None,
        };
        Some(ShipBobItem { sku, name: item.name, ounces_100: item.ounces_100, bundle })
    });
    known.collect()
}
