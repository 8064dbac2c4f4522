//! Bodies of product writes. What is none is not said: ShipBob keeps or defaults it.

use domain::product::{CreateProduct, Customs, NewVariant, Values, VariantChange};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;

/// Regular goods; OA3's numbers, which OA renders as texts.
const REGULAR: u8 = 1;
/// Made of other variants.
const BUNDLE: u8 = 2;

/// The digits of the decimal, never a float.
type Digits = Box<RawValue>;

fn digits(value: Decimal) -> Option<Digits> {
    RawValue::from_string(value.to_string()).ok()
}

#[derive(Serialize)]
pub(crate) struct ProductBody<'a> {
    name: &'a str,
    type_id: u8,
    variants: Vec<VariantBody<'a>>,
}

#[derive(Serialize)]
pub(crate) struct PatchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    variants: Vec<VariantBody<'a>>,
}

#[derive(Default, Serialize)]
pub(crate) struct VariantBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Digits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<DimensionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    barcodes: Option<[BarcodeBody<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customs: Option<CustomsBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bundle_definition: Vec<BundleBody>,
}

#[derive(Serialize)]
struct DimensionBody {
    length: Digits,
    width: Digits,
    height: Digits,
}

#[derive(Serialize)]
struct BarcodeBody<'a> {
    value: &'a str,
}

#[derive(Serialize)]
struct CustomsBody<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hs_tariff_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    country_code_of_origin: &'a str,
}

#[derive(Serialize)]
struct BundleBody {
    variant_id: i64,
    quantity: u32,
}

fn values(v: &Values) -> VariantBody<'_> {
    let sides = |[length, width, height]: [Decimal; 3]| {
        let (length, width, height) = (digits(length)?, digits(width)?, digits(height)?);
        Some(DimensionBody { length, width, height })
    };
    VariantBody {
        name: v.name.as_deref(),
        weight: v.ounces.and_then(digits),
        dimension: v.inches.and_then(sides),
        barcodes: v.barcode.as_deref().map(|value| [BarcodeBody { value }]),
        customs: v.customs.as_ref().map(customs_of),
        ..VariantBody::default()
    }
}

fn customs_of(c: &Customs) -> CustomsBody<'_> {
    CustomsBody {
        description: &c.description,
        hs_tariff_code: &c.tariff,
        country_code_of_origin: &c.origin,
    }
}

fn new_variant(new: &NewVariant) -> VariantBody<'_> {
    let part = |(variant_id, quantity): &(i64, u32)| BundleBody {
        variant_id: *variant_id,
        quantity: *quantity,
    };
    VariantBody {
        sku: Some(&new.sku),
        bundle_definition: new.components.iter().map(part).collect(),
        ..values(&new.values)
    }
}

pub(crate) fn product(new: &CreateProduct) -> ProductBody<'_> {
    ProductBody {
        name: &new.name,
        type_id: if new.bundle { BUNDLE } else { REGULAR },
        variants: new.variants.iter().map(new_variant).collect(),
    }
}

pub(crate) fn variants(new: &[NewVariant]) -> Vec<VariantBody<'_>> {
    new.iter().map(new_variant).collect()
}

pub(crate) fn patch<'a>(name: Option<&'a str>, changes: &'a [VariantChange]) -> PatchBody<'a> {
    let one = |c: &'a VariantChange| VariantBody { id: Some(c.variant), ..values(&c.values) };
    PatchBody { name, variants: changes.iter().map(one).collect() }
}
