//! Master data: companies, warehouses, carriers, modes, units, countries, products. Nothing here ever changes.

use std::ops::Range;

use rust_decimal::Decimal;

use super::products as more;
use super::value::Cell;
use crate::seed::catalogue::{ITEMS, Item, Kind};

const CARRIERS: &[(&str, &str, &str, &str)] = &[
    ("UPS", "United Parcel Service", "UPSN", "https://www.ups.com/track?tracknum="),
    (
        "USPS",
        "United States Postal Service",
        "USPS",
        "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    ),
    ("FEDEX", "FedEx", "FDEG", "https://www.fedex.com/fedextrack/?trknbr="),
    ("DHL", "DHL Express", "DHLC", "https://www.dhl.com/track?id="),
];

/// Carrier, service, name, the delivery mode it belongs to.
const SERVICES: &[(&str, &str, &str, &str)] = &[
    ("UPS", "GROUND", "UPS Ground", "STD"),
    ("UPS", "2DAY", "UPS 2nd Day Air", "2DAY"),
    ("USPS", "GRNDADV", "USPS Ground Advantage", "STD"),
    ("FEDEX", "HOME", "FedEx Home Delivery", "STD"),
    ("DHL", "EXPRESS", "DHL Express Worldwide", "INTL"),
];

const MODES: &[(&str, &str)] = &[
    ("STD", "Standard"),
    ("EXP", "Expedited"),
    ("2DAY", "Two days"),
    ("INTL", "International"),
    ("EXP2", "Courier, before ten"),
];

const POOLS: &[(&str, &str)] = &[("SHIPBOB", "Shipped by ShipBob"), ("MANUAL", "Handled by hand")];
const ORIGINS: &[(&str, &str)] =
    &[("Web", "Web shop"), ("Phone", "Call centre"), ("SHIPBOB", "ShipBob")];
const DOCUMENT_TYPES: &[&str] = &["Note", "File", "URL"];

/// Three letters, ISO-2, currency.
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("USA", "US", "USD"),
    ("CAN", "CA", "CAD"),
    ("DEU", "DE", "EUR"),
    ("GBR", "GB", "GBP"),
    ("SWE", "SE", "SEK"),
    ("PRI", "PR", "USD"),
    ("XKX", "XK", "EUR"),
    ("FRA", "FR", "EUR"),
];

const STATES: &[(&str, &str, &str)] = &[
    ("USA", "OR", "Oregon"),
    ("USA", "TX", "Texas"),
    ("USA", "WI", "Wisconsin"),
    ("USA", "ID", "Idaho"),
    ("USA", "GA", "Georgia"),
    ("USA", "MN", "Minnesota"),
    ("USA", "NY", "New York"),
    ("CAN", "ON", "Ontario"),
    ("PRI", "PR", "Puerto Rico"),
];

/// Symbol, class, decimals, description.
const UNITS: &[(&str, &str, i64, &str)] = &[
    ("ea", "Quantity", 0, "Each"),
    ("pcs", "Quantity", 0, "Pieces"),
    ("box", "Quantity", 2, "Box"),
    ("dz", "Quantity", 2, "Dozen"),
    ("pal", "Quantity", 2, "Pallet"),
    ("kg", "Mass", 3, "Kilogram"),
    ("lbs", "Mass", 3, "Pound"),
    ("tin", "Mass", 3, "Tin of 250 g"),
    ("nil", "Mass", 3, "A unit nobody finished"),
];

/// True for a carrier of the company.
pub(crate) fn is_carrier(id: &str) -> bool {
    CARRIERS.iter().any(|(carrier, ..)| carrier.eq_ignore_ascii_case(id))
}

/// The delivery mode of a carrier's service; `None` when the carrier has no such service.
pub(crate) fn service_mode(carrier: &str, service: &str) -> Option<&'static str> {
    let found = SERVICES
        .iter()
        .find(|(of, id, ..)| of.eq_ignore_ascii_case(carrier) && id.eq_ignore_ascii_case(service));
    found.map(|(_, _, _, mode)| *mode)
}

/// True for a sales order pool.
pub(crate) fn is_pool(id: &str) -> bool {
    POOLS.iter().any(|(pool, _)| pool.eq_ignore_ascii_case(id))
}

/// True for a sales origin.
pub(crate) fn is_origin(id: &str) -> bool {
    ORIGINS.iter().any(|(origin, _)| origin.eq_ignore_ascii_case(id))
}

/// True for a delivery mode.
pub(crate) fn is_mode(id: &str) -> bool {
    MODES.iter().any(|(mode, _)| mode.eq_ignore_ascii_case(id))
}

/// True for an active document type.
pub(crate) fn is_document_type(id: &str) -> bool {
    DOCUMENT_TYPES.iter().any(|kind| kind.eq_ignore_ascii_case(id))
}

type Rows = Vec<Vec<Cell>>;

fn t(text: &str) -> Cell {
    Cell::text(text)
}

fn texts(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|text| t(text)).collect()
}

/// All master tables of `company`, in the order of their [`super::meta::Source::Plain`] numbers.
pub(crate) fn tables(company: &str, external: bool, managed: bool, skus: Range<u32>) -> Vec<Rows> {
    vec![
        legal_entities(company),
        companies(company),
        warehouses(company, external, managed),
        sites(company),
        modes(company),
        carriers(company),
        services(company),
        COUNTRIES.iter().map(|(id, iso, currency)| texts(&[id, iso, currency])).collect(),
        STATES.iter().map(|(country, state, name)| texts(&[country, state, name])).collect(),
        units(),
        conversions(),
        product_conversions(),
        POOLS.iter().map(|(id, name)| texts(&[company, id, name])).collect(),
        ORIGINS
            .iter()
            .map(|(id, name)| vec![t(company), t(id), t(name), Cell::Enum("NotSpecified")])
            .collect(),
        [products(company), more::distinct(company, skus.clone())].concat(),
        more::dimensions(skus.clone()),
        more::barcodes(company, skus.clone()),
        more::masters(company, skus),
    ]
}

fn legal_entities(company: &str) -> Rows {
    let row = |id: &str, name: &str, country: &str, iso: &str, city: &str| {
        texts(&[id, name, name, "en-us", country, iso, city, "1 Main Street", "98052", "", name])
    };
    vec![
        row("dat", "Company accounts data", "USA", "US", "Redmond"),
        row(company, "Contoso Coffee USA", "USA", "US", "Seattle"),
        row("demf", "Contoso Kaffee DE", "DEU", "DE", "Berlin"),
    ]
}

fn companies(company: &str) -> Rows {
    vec![
        texts(&["dat", "Company accounts data", "dat", "en-us"]),
        texts(&[company, "Contoso Coffee USA", company, "en-us"]),
        texts(&["demf", "Contoso Kaffee DE", "demf", "de"]),
    ]
}

fn warehouses(company: &str, external: bool, managed: bool) -> Rows {
    let row = |id: &str, name: &str, site: &str, whs: bool, external: bool| {
        let (system, number) = if external { ("EXTWMS", id) } else { ("", "") };
        vec![
            t(company),
            t(id),
            t(name),
            t(site),
            Cell::Enum("Standard"),
            Cell::yes(whs),
            Cell::yes(external),
            t(system),
            t(number),
            t(""),
            t(""),
            t(if whs { "Available" } else { "" }),
            t("Cicero"),
            t("IL"),
            t("60804"),
            t("USA"),
            t("5900 W Ogden Ave"),
        ]
    };
    vec![
        row("SB01", "ShipBob Cicero", "1", external || managed, external),
        row("SB02", "ShipBob Moreno Valley", "2", external || managed, external),
        row("11", "Own warehouse", "1", false, false),
        row("WH01", "Own warehouse with WMS", "1", true, false),
        row("EX01", "Externally managed warehouse", "2", true, true),
    ]
}

fn sites(company: &str) -> Rows {
    vec![
        texts(&[company, "1", "Midwest", "Cicero", "USA"]),
        texts(&[company, "2", "West", "Moreno Valley", "USA"]),
    ]
}

fn modes(company: &str) -> Rows {
    let row = |((code, name), place): (&(&str, &str), i64)| {
        vec![t(company), t(code), t(name), Cell::Int(place)]
    };
    MODES.iter().zip(1..).map(row).collect()
}

fn carriers(company: &str) -> Rows {
    let row = |(id, name, alpha, url): &(&str, &str, &str, &str)| {
        vec![t(company), t(id), t(name), t(alpha), t(url), Cell::yes(true)]
    };
    CARRIERS.iter().map(row).collect()
}

fn services(company: &str) -> Rows {
    SERVICES
        .iter()
        .map(|(carrier, id, name, mode)| texts(&[company, carrier, id, name, mode, ""]))
        .collect()
}

fn units() -> Rows {
    let row =
        |(symbol, class, decimals, text): &(&'static str, &'static str, i64, &'static str)| {
            vec![t(symbol), Cell::Enum(class), Cell::Enum("None"), Cell::Int(*decimals), t(text)]
        };
    UNITS.iter().map(row).collect()
}

/// Factor, numerator, denominator, offsets, rounding.
pub(super) fn factor(factor: i64, numerator: i64, denominator: i64) -> Vec<Cell> {
    vec![
        Cell::Dec(Decimal::from(factor)),
        Cell::Int(numerator),
        Cell::Int(denominator),
        Cell::Dec(Decimal::ZERO),
        Cell::Dec(Decimal::ZERO),
        Cell::Enum("Nearest"),
    ]
}

pub(super) fn conversion(from: &str, to: &str, product: Option<&str>, how: Vec<Cell>) -> Vec<Cell> {
    let mut row = texts(&[from, to]);
    row.extend(product.map(t));
    row.extend(how);
    row
}

fn conversions() -> Rows {
    vec![
        conversion("dz", "ea", None, factor(12, 1, 1)),
        conversion("pcs", "ea", None, factor(1, 1, 1)),
        conversion("kg", "lbs", None, factor(1, 220_462, 100_000)),
        conversion("tin", "g", None, factor(250, 1, 1)),
        conversion("nil", "g", None, factor(0, 1, 1)),
    ]
}

/// How many pieces a box holds depends on the item. One is given as a factor, one as a numerator.
fn product_conversions() -> Rows {
    let boxed = ITEMS.iter().filter(|item| item.box_of > 0);
    let row = |item: &Item| {
        let pieces = i64::from(item.box_of);
        let how = if item.box_of == 6 { factor(1, pieces, 1) } else { factor(pieces, 1, 1) };
        conversion("box", "ea", Some(&item.product_number()), how)
    };
    boxed.map(row).collect()
}

fn products(company: &str) -> Rows {
    let row = |item: &Item| {
        let number = item.product_number();
        vec![
            t(company),
            t(&number),
            t(item.number),
            t(item.name),
            t(""),
            t(item.color),
            t(item.size),
            t(""),
            t(""),
            t(""),
            t(item.unit),
            t("ea"),
            Cell::Dec(Decimal::new(item.cents, 2)),
            Cell::Dec(Decimal::new(item.cents / 2, 2)),
            Cell::yes(item.stocked()),
            Cell::yes(false),
            Cell::Enum(if item.kind == Kind::Service { "Service" } else { "Item" }),
            t("USD"),
        ]
    };
    ITEMS.iter().map(row).collect()
}
