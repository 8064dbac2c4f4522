//! Products beyond the usual items: one table of awkward ones, repeated as often as the world wants. F&O's rows,
//! ShipBob's first catalogue, and what a right connector makes of each are derived from it.
//!
//! Expected ounces and inches are calculated here by plain decimal division, on purpose not in the connector's way.

use std::ops::Range;

use rust_decimal::{Decimal, RoundingStrategy};

/// Kinds in one round of the table.
const ROUND: u32 = 40;

/// What is special about a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkuKind {
    /// Weight and sides in these units.
    Usual(&'static str, &'static str),
    SixteenDigits,
    ZeroWeight,
    NegativeWeight,
    HugeWeight,
    UnknownUnit,
    /// A unit only F&O's conversions explain.
    Tin,
    /// A unit whose conversion is zero.
    NilUnit,
    /// A unit whose mapping runs in a circle.
    Cyclic,
    /// Only the item master knows weight and sides.
    FromMaster,
    Service,
    CatchWeight,
    NotStocked,
    /// Shares its barcode with the next product.
    BarcodeFirst,
    BarcodeSecond,
    /// Three variants of one item.
    Master,
    /// ShipBob has it in other letter case.
    OtherCase,
    /// ShipBob has it, equal.
    Exists,
    /// ShipBob has it without weight and sides.
    ExistsBare,
    /// ShipBob has it with another weight.
    ExistsOther,
    /// The warehouse measures and locks its sides.
    Locked,
    /// A person renames it at ShipBob.
    Renamed,
    /// A person makes it inactive at ShipBob.
    Discontinued,
    /// A person merges it into another at ShipBob.
    Merged,
    /// Its weight changes in F&O.
    Heavier,
    /// Two items that come to one SKU.
    ClashFirst,
    ClashSecond,
    BadTariff,
    Customs,
    /// A kit to be made a bundle.
    Kit,
    /// With a barcode of its own and umlauts.
    Coded,
}

const TABLE: [SkuKind; 40] = {
    use SkuKind as K;
    [
        K::Usual("g", "cm"),
        K::Usual("kg", "mm"),
        K::Usual("lb", "in"),
        K::Usual("oz", "ft"),
        K::Usual("lbs", "m"),
        K::Usual("KG", "Cm"),
        K::Usual("g", "in"),
        K::Usual("oz", "cm"),
        K::Usual("kg", "m"),
        K::Usual("lb", "mm"),
        K::SixteenDigits,
        K::ZeroWeight,
        K::NegativeWeight,
        K::HugeWeight,
        K::UnknownUnit,
        K::Tin,
        K::NilUnit,
        K::Cyclic,
        K::FromMaster,
        K::Service,
        K::CatchWeight,
        K::NotStocked,
        K::BarcodeFirst,
        K::BarcodeSecond,
        K::Master,
        K::OtherCase,
        K::Exists,
        K::ExistsBare,
        K::ExistsOther,
        K::Locked,
        K::Renamed,
        K::Discontinued,
        K::Merged,
        K::Heavier,
        K::ClashFirst,
        K::ClashSecond,
        K::BadTariff,
        K::Customs,
        K::Kit,
        K::Coded,
    ]
};

/// Components of every kit of the table.
pub(crate) const KIT_PARTS: [(&str, u32); 2] = [("A0003", 1), ("A0004", 2)];
/// Hundredths of an ounce ShipBob has where it has another weight.
const OTHER_OUNCES: i64 = 99_900;

/// One product of F&O.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) index: u32,
    pub(crate) kind: SkuKind,
    /// Where the table ends in this world.
    end: u32,
}

/// The products at these places of the endless table.
pub(crate) fn specs(places: Range<u32>) -> impl Iterator<Item = Spec> {
    let end = places.end;
    places.filter_map(move |index| {
        let kind = *TABLE.get(usize::try_from(index % ROUND).ok()?)?;
        Some(Spec { index, kind, end })
    })
}

impl Spec {
    /// F&O item number.
    pub(crate) fn item(&self) -> String {
        match self.kind {
            // Comes to the SKU the one before it has with its colour.
            SkuKind::ClashSecond => format!("P{:05}-Red", self.index),
            SkuKind::ClashFirst => format!("P{:05}", self.index + 1),
            _ => format!("P{:05}", self.index + 1),
        }
    }

    /// Colours it is released in; one empty one for an item without variants.
    pub(crate) fn colours(&self) -> &'static [&'static str] {
        match self.kind {
            SkuKind::Master => &["Blue", "Green", "Red"],
            SkuKind::ClashFirst => &["Red"],
            _ => &[""],
        }
    }

    pub(crate) fn sku(&self, colour: &str) -> String {
        super::catalogue::sku(&self.item(), colour, "")
    }

    pub(crate) fn number(&self, colour: &str) -> String {
        if colour.is_empty() { self.item() } else { format!("{} : : : {colour} :", self.item()) }
    }

    pub(crate) fn name(&self, colour: &str) -> String {
        let n = self.index + 1;
        match self.kind {
            SkuKind::Coded => format!("Kännchen \"Süß & Heiß\" {n}"),
            _ if colour.is_empty() => format!("Product {n}"),
            _ => format!("Product {n}, {colour}"),
        }
    }

    /// Weight as F&O has it at first (`later`: after the change of mind) and its unit; none without such a row.
    pub(crate) fn weight(&self, later: bool) -> Option<(Decimal, &'static str)> {
        let n = i64::from(self.index % 977);
        let usual = |unit: &str| match unit.to_ascii_lowercase().as_str() {
            "g" => Decimal::new(50 * 100 + n * 1_237, 2),
            "kg" => Decimal::new(250 + n * 7, 3),
            _ => Decimal::new(125 + n * 3, 2),
        };
        Some(match self.kind {
            SkuKind::Usual(unit, _) => (usual(unit), unit),
            SkuKind::SixteenDigits => {
                (Decimal::from_i128_with_scale(1_234_567_890_123_456_789, 16), "g")
            }
            SkuKind::ZeroWeight => (Decimal::ZERO, "kg"),
            SkuKind::NegativeWeight => (Decimal::new(-5, 1), "kg"),
            SkuKind::HugeWeight => (Decimal::from(1_000_000_000), "g"),
            SkuKind::UnknownUnit => (Decimal::ONE, "stone"),
            SkuKind::Tin => (Decimal::from(2), "tin"),
            SkuKind::NilUnit => (Decimal::from(2), "nil"),
            SkuKind::Cyclic => (Decimal::from(2), "cya"),
            SkuKind::FromMaster => return None,
            SkuKind::Heavier if later => (Decimal::new(1_500, 3), "kg"),
            _ => (usual("g"), "g"),
        })
    }

    /// Depth, width, height and their unit.
    pub(crate) fn sides(&self) -> Option<([Decimal; 3], &'static str)> {
        let n = i64::from(self.index % 97);
        let unit = match self.kind {
            SkuKind::Usual(_, unit) => unit,
            SkuKind::FromMaster => return None,
            _ => "cm",
        };
        let tenths = |one: i64| match unit.to_ascii_lowercase().as_str() {
            "m" => Decimal::new(one + n, 3),
            "ft" => Decimal::new(one + n, 2),
            "mm" => Decimal::from(one + n),
            _ => Decimal::new(one + n, 1),
        };
        Some(([tenths(125), tenths(80), tenths(33)], unit))
    }

    /// Net, tare (kg) and sides (cm) of the item master.
    pub(crate) fn master(&self) -> (Decimal, Decimal, [Decimal; 3]) {
        match self.kind {
            SkuKind::FromMaster => (
                Decimal::new(800, 3),
                Decimal::new(55, 3),
                [Decimal::from(30), Decimal::from(20), Decimal::from(10)],
            ),
            _ => (Decimal::ZERO, Decimal::ZERO, [Decimal::ZERO; 3]),
        }
    }

    /// Tariff code, origin, text for customs.
    pub(crate) fn customs(&self) -> (&'static str, &'static str, &'static str) {
        match self.kind {
            SkuKind::BadTariff => ("12AB", "", ""),
            SkuKind::Customs => ("6912.00.23", "DEU", "Tableware of ceramic"),
            _ => ("", "", ""),
        }
    }

    pub(crate) fn barcode(&self) -> Option<String> {
        let code = |n: u32| Some(format!("40{n:011}"));
        match self.kind {
            SkuKind::BarcodeFirst | SkuKind::Coded => code(self.index),
            SkuKind::BarcodeSecond => code(self.index - 1),
            _ => None,
        }
    }

    /// The other one of a pair is in this world, too.
    fn paired(&self) -> bool {
        match self.kind {
            SkuKind::BarcodeFirst | SkuKind::ClashFirst => self.index + 1 < self.end,
            _ => true,
        }
    }

    /// Hundredths of an ounce, of an inch, that ShipBob has before the world begins; none when it does not know it.
    pub(crate) fn before(&self) -> Option<(String, i64, Option<[i64; 3]>)> {
        let sku = self.sku("");
        match self.kind {
            SkuKind::OtherCase => Some((sku.to_lowercase(), self.ounces()?, self.inches())),
            SkuKind::Exists => Some((sku, self.ounces()?, self.inches())),
            SkuKind::ExistsBare => Some((sku, 0, None)),
            SkuKind::ExistsOther => Some((sku, OTHER_OUNCES, self.inches())),
            _ => None,
        }
    }

    /// Hundredths of an ounce a right connector sends in the end.
    fn ounces(&self) -> Option<i64> {
        let (value, grams) = match (self.kind, self.weight(true)) {
            (SkuKind::FromMaster, _) => {
                let (net, tare, _) = self.master();
                (net + tare, Decimal::from(1_000))
            }
            (_, Some((value, unit))) => (value, grams_of(unit)?),
            _ => return None,
        };
        let ounces = value * grams / Decimal::new(28_349_523_125, 9);
        let believable = value > Decimal::ZERO && ounces < Decimal::from(70_000);
        believable.then(|| hundredths(ounces))
    }

    /// Hundredths of an inch.
    fn inches(&self) -> Option<[i64; 3]> {
        let (sides, millimetres) = match self.sides() {
            Some((sides, unit)) => (sides, millimetres_of(unit)?),
            None => (self.master().2, Decimal::from(10)),
        };
        Some(sides.map(|side| hundredths(side * millimetres / Decimal::new(254, 1))))
    }

    /// What a right connector makes of it, per variant.
    pub(crate) fn truth(&self) -> Vec<crate::world::truth::ProductTruth> {
        use SkuKind as K;
        let held = match self.kind {
            K::ZeroWeight => Some("measure-missing"),
            K::NegativeWeight => Some("measure-negative"),
            K::HugeWeight => Some("measure-unbelievable"),
            K::UnknownUnit | K::NilUnit => Some("measure-unit-unknown"),
            K::Cyclic => Some("measure-unit-cyclic"),
            K::BarcodeFirst | K::BarcodeSecond if self.paired() => Some("barcode-clash"),
            K::ClashFirst | K::ClashSecond if self.paired() => Some("sku-clash"),
            K::OtherCase => Some("sku-case"),
            K::Discontinued => Some("sku-inactive"),
            K::Merged => Some("sku-gone"),
            K::BadTariff => Some("tariff-code"),
            _ => None,
        };
        let clash = matches!(self.kind, K::ClashFirst | K::ClashSecond) && self.paired();
        let none = clash
            || matches!(self.kind, K::Service | K::CatchWeight | K::NotStocked | K::OtherCase);
        let kit = self.kind == K::Kit;
        let made = !none && self.before().is_none();
        let one = |colour: &&str| crate::world::truth::ProductTruth {
            sku: self.sku(colour),
            item: self.item(),
            made: u32::from(made),
            ounces_100: match self.kind {
                K::ExistsOther => Some(OTHER_OUNCES),
                _ if none || kit => None,
                _ => self.ounces(),
            },
            // What a warehouse measured is its own.
            inches_100: self.inches().filter(|_| !none && !kit && self.kind != K::Locked),
            held: held.map(str::to_owned),
        };
        self.colours().iter().map(one).collect()
    }
}

fn hundredths(value: Decimal) -> i64 {
    let cut = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from((cut * Decimal::from(100)).trunc()).unwrap_or(0).max(1)
}

fn grams_of(unit: &str) -> Option<Decimal> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "g" => Decimal::ONE,
        "kg" => Decimal::from(1_000),
        "oz" => Decimal::new(28_349_523_125, 9),
        "lb" | "lbs" => Decimal::new(45_359_237, 5),
        "tin" => Decimal::from(250),
        _ => return None,
    })
}

fn millimetres_of(unit: &str) -> Option<Decimal> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "mm" => Decimal::ONE,
        "cm" => Decimal::from(10),
        "m" => Decimal::from(1_000),
        "in" => Decimal::new(254, 1),
        "ft" => Decimal::new(3_048, 1),
        _ => return None,
    })
}
