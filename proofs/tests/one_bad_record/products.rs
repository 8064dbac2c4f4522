//! Products: units, conversions, weights, decimals, barcodes, SKUs, and what people do at ShipBob.

use app::wiring::twin_settings;
use domain::flows::products::{items, plan_product};
use domain::plan::Decisions;
use domain::product::{
    Barcode, Catalogue, Customs, Physical, ProductFacts, ProductKept, Released, SeenVariant,
    subject,
};
use domain::product_settings::Products;
use domain::reference_data::UnitConversion;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use twins::{TwinConfig, Twins};

fn dec(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn now() -> Timestamp {
    Timestamp(1_795_000_000_000_000)
}

fn settings() -> Settings {
    let twins = Twins::new(TwinConfig { orders: 0, ..TwinConfig::default() });
    let symbols = [("a", "b"), ("b", "a")].map(|(from, to)| (from.to_owned(), to.to_owned()));
    let products = Products { symbols: BTreeMap::from(symbols), ..Products::default() };
    Settings { products: Some(products), ..twin_settings(&twins.mapping(), now()) }
}

fn released(item: &str) -> Released {
    Released {
        number: item.to_owned(),
        item: item.to_owned(),
        key: item.to_owned(),
        name: format!("Product {item}"),
        parts: vec![item.to_owned()],
        unit: "ea".to_owned(),
        stocked: Some(true),
        catch_weight: Some(false),
        service: false,
        physical: vec![Physical {
            kind: "Packing".to_owned(),
            of_unit: "ea".to_owned(),
            sides: [dec("2.54"), dec("5.08"), dec("7.62")],
            length_unit: "cm".to_owned(),
            weight: dec("1"),
            mass_unit: "lb".to_owned(),
        }],
        barcodes: Vec::new(),
    }
}

fn shown(sku: &str) -> SeenVariant {
    SeenVariant {
        product: 7,
        product_name: format!("Product {sku}"),
        variant: 70,
        sku: sku.to_owned(),
        name: format!("Product {sku}"),
        active: true,
        bundle: false,
        inventory: Some(700),
        ounces: Some(dec("16")),
        inches: Some([dec("3"), dec("2"), dec("1")]),
        locked: false,
        barcodes: Vec::new(),
        customs: Customs::default(),
        merged: Vec::new(),
    }
}

/// What every item of a batch comes to: its causes, and all it wishes as JSON.
type Fate = BTreeMap<String, (Vec<String>, String)>;

fn fates(rows: Vec<Released>, there: &[SeenVariant], conversions: &[UnitConversion]) -> Fate {
    let settings = settings();
    let all = items(rows, BTreeMap::new(), &settings);
    let planned = all.into_iter().map(|(name, item)| {
        let asked: Vec<String> = item.released.iter().map(|r| r.key.clone()).collect();
        let own = |v: &&SeenVariant| asked.iter().any(|a| a.eq_ignore_ascii_case(&v.sku));
        let began = now() - Span::minutes(1);
        let seen = Catalogue {
            variants: there.iter().filter(own).cloned().collect(),
            asked: asked.clone(),
            read_began: began,
        };
        let mut kept = ProductKept::default();
        kept.saw(&seen);
        let facts = ProductFacts {
            now: now(),
            subject: subject(&item.item),
            item: Some(item),
            catalogue: Some(seen),
            conversions: conversions.to_vec(),
            countries: BTreeMap::new(),
            deliveries: Vec::new(),
            kept,
            decisions: Decisions::default(),
        };
        let plan = plan_product(&facts, &settings).plan;
        let causes = plan.holds.iter().map(|h| h.reason.cause.clone()).collect();
        for hold in &plan.holds {
            let reason = &hold.reason;
            assert!(
                !reason.field.is_empty() && !reason.reason.is_empty() && !reason.fix.is_empty()
            );
        }
        (name, (causes, serde_json::to_string(&plan.deliveries).expect("JSON")))
    });
    planned.collect()
}

fn good() -> Vec<Released> {
    ["G1", "G2", "G3"].map(released).to_vec()
}

/// The good ones end as without the bad ones; the bad ones end with exactly these causes.
fn stops_nothing(
    kind: &str,
    bad: Vec<Released>,
    there: &[SeenVariant],
    conversions: &[UnitConversion],
    causes: &[&str],
) {
    let alone = fates(good(), there, conversions);
    assert!(alone.values().all(|(c, w)| c.is_empty() && w.contains("CreateProduct")));
    let names: Vec<String> = bad.iter().map(|b| b.item.clone()).collect();
    let mut rows = good();
    rows.splice(1..1, bad);
    let with = fates(rows, there, conversions);
    for (name, fate) in &alone {
        assert_eq!(with.get(name), Some(fate), "{kind}: {name} fares otherwise");
    }
    for (name, (found, _)) in with.iter().filter(|(name, _)| !alone.contains_key(*name)) {
        assert_eq!(found, causes, "{kind}: {name}");
    }
    let bad = with.keys().filter(|name| !alone.contains_key(*name)).count();
    assert!(bad > 0, "{kind}: {names:?} vanished without a word");
}

fn spoilt(spoil: impl FnOnce(&mut Physical)) -> Vec<Released> {
    let mut row = released("BAD");
    spoil(row.physical.first_mut().expect("one"));
    vec![row]
}

fn conversion(from: &str, to: &str, factor: &str) -> UnitConversion {
    UnitConversion {
        product: String::new(),
        from: from.to_owned(),
        to: to.to_owned(),
        numerator: dec(factor),
        denominator: Decimal::ONE,
        has_offset: false,
    }
}

#[test]
fn unit_symbols_in_odd_case_are_read() {
    for symbol in ["LB", "Lb", "lB"] {
        let bad = spoilt(|p| symbol.clone_into(&mut p.mass_unit));
        stops_nothing("odd case", bad, &[], &[], &[]);
    }
}

#[test]
fn a_conversion_that_is_missing_cyclic_or_zero_is_named() {
    let of = |unit: &str| spoilt(|p| unit.clone_into(&mut p.mass_unit));
    stops_nothing("missing", of("stone"), &[], &[], &["measure-unit-unknown"]);
    stops_nothing("cyclic", of("A"), &[], &[], &["measure-unit-cyclic"]);
    let zero = [conversion("stone", "kg", "0")];
    stops_nothing("zero", of("stone"), &[], &zero, &["measure-unit-unusable"]);
}

#[test]
fn weights_of_nothing_below_nothing_and_of_a_billion_are_named() {
    for (weight, cause) in [
        ("0", "measure-missing"),
        ("-1", "measure-negative"),
        ("1000000000", "measure-unbelievable"),
    ] {
        stops_nothing("weight", spoilt(|p| p.weight = dec(weight)), &[], &[], &[cause]);
    }
}

#[test]
fn decimals_with_sixteen_digits_are_taken_exactly() {
    let bad = spoilt(|p| p.weight = dec("1.0000000000000001"));
    stops_nothing("digits", bad, &[], &[], &[]);
    let bad = spoilt(|p| p.weight = dec("0.0000000000000001"));
    stops_nothing("digits", bad, &[], &[], &[]);
}

#[test]
fn a_barcode_of_two_items_is_sent_for_neither() {
    let coded = |item: &str| Released {
        barcodes: vec![Barcode {
            code: "4000417025005".to_owned(),
            of_unit: "ea".to_owned(),
            quantity: Decimal::ONE,
            default: true,
        }],
        ..released(item)
    };
    stops_nothing("barcode", vec![coded("B1"), coded("B2")], &[], &[], &["barcode-clash"]);
}

#[test]
fn skus_that_differ_in_case_only_are_never_two_products() {
    let clash = vec![released("Tee"), released("TEE")];
    let with = fates([good(), clash].concat(), &[], &[]);
    let alone = fates(good(), &[], &[]);
    for (name, fate) in &alone {
        assert_eq!(with.get(name), Some(fate));
    }
    let made: usize = with
        .iter()
        .filter(|(name, _)| !alone.contains_key(*name))
        .map(|(_, (_, wishes))| wishes.matches("CreateProduct").count())
        .sum();
    assert!(made <= 1, "two products: {with:#?}");
    stops_nothing("case at ShipBob", vec![released("Cap")], &[shown("CAP")], &[], &["sku-case"]);
}

#[test]
fn what_was_renamed_discontinued_or_merged_at_shipbob_is_never_made_again() {
    let inactive = SeenVariant { active: false, ..shown("OLD") };
    stops_nothing("discontinued", vec![released("OLD")], &[inactive], &[], &["sku-inactive"]);
    let renamed = SeenVariant {
        name: "A person's name".to_owned(),
        product_name: "Other".to_owned(),
        ..shown("OLD")
    };
    let with = fates([good(), vec![released("OLD")]].concat(), &[renamed], &[]);
    let alone = fates(good(), &[], &[]);
    let fate = with.iter().find(|(name, _)| !alone.contains_key(*name)).map(|(_, fate)| fate);
    let fate = fate.expect("it is there");
    assert!(!fate.1.contains("CreateProduct"), "{fate:?}");
    let twice = [shown("OLD"), SeenVariant { variant: 71, ..shown("OLD") }];
    stops_nothing("doubled", vec![released("OLD")], &twice, &[], &["sku-twice"]);
}
