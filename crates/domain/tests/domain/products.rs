//! Products: facts in, plan out.

use crate::support::{at, settings as orders_only};
use domain::disposition::HoldReason;
use domain::flows::products::{ProductPlan, items, plan_product};
use domain::operation::Operation;
use domain::plan::{Decisions, DeliveryState, KnownDelivery, Need};
use domain::product::{
    Barcode, Catalogue, Customs, Item, Master, Physical, ProductFacts, ProductKept, Released,
    SeenVariant, Values, subject,
};
use domain::product_settings::{KitMode, PersonChange, Products};
use domain::settings::Settings;
use domain::time::Span;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn settings(change: impl FnOnce(&mut Products)) -> Settings {
    let mut products = Products::default();
    change(&mut products);
    Settings { products: Some(products), ..orders_only() }
}

fn released(item: &str, colour: &str) -> Released {
    let parts = [item, colour].into_iter().filter(|p| !p.is_empty()).map(str::to_owned);
    let parts: Vec<String> = parts.collect();
    Released {
        number: parts.join(":"),
        item: item.to_owned(),
        key: parts.join("-"),
        name: parts.join(" "),
        parts,
        unit: "ea".to_owned(),
        stocked: Some(true),
        catch_weight: Some(false),
        service: false,
        physical: vec![Physical {
            kind: "Packing".to_owned(),
            of_unit: "EA".to_owned(),
            sides: [dec("2.54"), dec("5.08"), dec("7.62")],
            length_unit: "cm".to_owned(),
            weight: dec("1"),
            mass_unit: "lb".to_owned(),
        }],
        barcodes: Vec::new(),
    }
}

fn only(rows: Vec<Released>, settings: &Settings) -> Item {
    let found = items(rows, BTreeMap::new(), settings);
    found.into_values().next().expect("an item")
}

/// ShipBob was asked a minute ago and showed this.
fn facts(item: Item, shown: Vec<SeenVariant>) -> ProductFacts {
    let asked: Vec<String> = item.released.iter().map(|r| r.key.clone()).collect();
    let mut kept = ProductKept::default();
    let seen = Catalogue { variants: shown, asked, read_began: at(59) };
    kept.saw(&seen);
    ProductFacts {
        now: at(60),
        subject: subject(&item.item),
        item: Some(item),
        catalogue: Some(seen),
        conversions: Vec::new(),
        countries: BTreeMap::new(),
        deliveries: Vec::new(),
        kept,
        decisions: Decisions::default(),
    }
}

fn seen(sku: &str, ounces: &str) -> SeenVariant {
    SeenVariant {
        product: 7,
        product_name: sku.replace('-', " "),
        variant: 70,
        sku: sku.to_owned(),
        name: sku.replace('-', " "),
        active: true,
        bundle: false,
        inventory: Some(700),
        ounces: Some(dec(ounces)).filter(|o| !o.is_zero()),
        inches: Some([dec("3"), dec("1"), dec("2")]),
        locked: false,
        barcodes: Vec::new(),
        customs: Customs::default(),
        merged: Vec::new(),
    }
}

fn causes(plan: &ProductPlan) -> Vec<String> {
    plan.plan.holds.iter().map(|h| h.reason.cause.clone()).collect()
}

fn operations(plan: &ProductPlan) -> Vec<&Operation> {
    plan.plan.deliveries.iter().map(|d| &d.operation).collect()
}

#[test]
fn an_unknown_item_is_made_with_ounces_and_inches_and_its_variants_together() {
    let settings = settings(|_| {});
    let item = only(vec![released("TEE", "Red"), released("TEE", "Blue")], &settings);
    let plan = plan_product(&facts(item, Vec::new()), &settings);
    let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
    assert_eq!(
        new.variants.iter().map(|v| v.sku.as_str()).collect::<Vec<_>>(),
        ["TEE-Blue", "TEE-Red"]
    );
    assert_eq!(new.variants[0].values.ounces, Some(dec("16")));
    assert_eq!(new.variants[0].values.inches, Some([dec("1"), dec("2"), dec("3")]));
    assert_eq!(plan.plan.status, "coming");
}

#[test]
fn a_new_variant_joins_the_product_of_its_sisters() {
    let settings = settings(|_| {});
    let item = only(vec![released("TEE", "Red"), released("TEE", "Blue")], &settings);
    let plan = plan_product(&facts(item, vec![seen("TEE-Red", "16")]), &settings);
    let [Operation::AddVariants { product: 7, variants }] = operations(&plan)[..] else {
        panic!("{plan:?}")
    };
    assert_eq!(variants[0].sku, "TEE-Blue");
}

#[test]
fn nothing_is_made_of_an_old_look_and_nothing_is_judged_without_one() {
    let settings = settings(|_| {});
    let mut facts = facts(only(vec![released("A", "")], &settings), Vec::new());
    facts.now = facts.now + Span::minutes(30);
    let plan = plan_product(&facts, &settings);
    assert_eq!(plan.plan.needs, vec![Need::Skus(vec!["A".to_owned()])]);
    facts.catalogue = None;
    assert_eq!(plan_product(&facts, &settings).plan.needs.len(), 1);
    assert!(plan.plan.deliveries.is_empty());
}

#[test]
fn a_difference_under_tolerance_another_order_of_sides_and_locked_sides_are_no_drift() {
    let settings = settings(|_| {});
    let item = only(vec![released("A", "")], &settings);
    let quiet = |shown: SeenVariant| {
        let plan = plan_product(&facts(item.clone(), vec![shown]), &settings);
        assert_eq!(operations(&plan), Vec::<&Operation>::new());
        assert_eq!(plan.plan.status, "at-shipbob");
    };
    quiet(seen("A", "16"));
    quiet(seen("A", "16.04"));
    quiet(SeenVariant {
        locked: true,
        inches: Some([dec("9"), dec("9"), dec("9")]),
        ..seen("A", "16")
    });
    quiet(SeenVariant { bundle: true, ounces: None, inches: None, ..seen("A", "0") });
}

#[test]
fn what_is_empty_at_shipbob_is_filled_in() {
    let settings = settings(|_| {});
    let item = only(vec![released("A", "")], &settings);
    let plan = plan_product(&facts(item, vec![seen("A", "0")]), &settings);
    let [Operation::UpdateProduct { product: 7, name: None, variants }] = operations(&plan)[..]
    else {
        panic!("{plan:?}")
    };
    assert_eq!(variants[0].values, Values { ounces: Some(dec("16")), ..Values::default() });
}

#[test]
fn a_value_a_person_changed_stays_unless_the_settings_say_otherwise() {
    let leave = settings(|_| {});
    let item = only(vec![released("A", "")], &leave);
    let facts = facts(item, vec![seen("A", "20")]);
    let plan = plan_product(&facts, &leave);
    assert!(plan.plan.deliveries.is_empty());
    assert!(plan.plan.reasons.iter().any(|r| r.contains("20 oz")), "{:?}", plan.plan.reasons);
    let overwrite = settings(|p| p.person_changes = PersonChange::Overwrite);
    assert_eq!(plan_product(&facts, &overwrite).plan.deliveries.len(), 1);
}

#[test]
fn a_value_we_wrote_ourselves_follows_dynamics() {
    let settings = settings(|_| {});
    let mut facts = facts(only(vec![released("A", "")], &settings), vec![seen("A", "20")]);
    let ours = Values { ounces: Some(dec("20")), ..Values::default() };
    facts.kept.wrote("A", &ours, at(1));
    assert_eq!(plan_product(&facts, &settings).plan.deliveries.len(), 1);
}

#[test]
fn a_write_that_may_not_show_yet_is_not_judged_and_looked_at_again() {
    let settings = settings(|_| {});
    let mut facts = facts(only(vec![released("A", "")], &settings), vec![seen("A", "20")]);
    facts.kept.wrote("A", &Values { ounces: Some(dec("16")), ..Values::default() }, at(59));
    let plan = plan_product(&facts, &settings);
    assert!(plan.plan.deliveries.is_empty() && plan.plan.holds.is_empty());
    let again = plan.plan.plan_at.expect("another look");
    assert!(again > at(60) && again <= at(62), "{again}");
}

#[test]
fn a_write_that_does_not_stick_is_a_hold_and_is_not_repeated() {
    let settings = settings(|_| {});
    let mut facts = facts(only(vec![released("A", "")], &settings), vec![seen("A", "0")]);
    let wish = plan_product(&facts, &settings).plan.deliveries.remove(0);
    let since = at(1);
    let done = KnownDelivery { key: wish.key, state: DeliveryState::Done, since, hold: None };
    facts.deliveries.push(done);
    facts.kept.wrote("A", &Values { ounces: Some(dec("16")), ..Values::default() }, since);
    let plan = plan_product(&facts, &settings);
    assert!(plan.plan.deliveries.is_empty());
    assert_eq!(causes(&plan), ["value-not-kept"]);
}

#[test]
fn bad_values_are_left_out_held_and_stop_nothing_else() {
    let settings = settings(|p| {
        p.symbols =
            BTreeMap::from([("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())]);
    });
    type Spoil = fn(&mut Physical);
    let spoilt: [(&str, Spoil); 7] = [
        ("measure-missing", |p| p.weight = Decimal::ZERO),
        ("measure-negative", |p| p.weight = dec("-1")),
        ("measure-unbelievable", |p| p.weight = dec("1000000000")),
        ("measure-unit-unknown", |p| p.mass_unit = "stone".to_owned()),
        ("measure-unit-unknown", |p| p.mass_unit = String::new()),
        ("measure-unit-cyclic", |p| p.mass_unit = "A".to_owned()),
        ("measure-negative", |p| p.sides[1] = dec("-2")),
    ];
    for (cause, spoil) in spoilt {
        let mut row = released("A", "");
        spoil(&mut row.physical[0]);
        let plan = plan_product(&facts(only(vec![row], &settings), Vec::new()), &settings);
        assert_eq!(causes(&plan), [cause]);
        let HoldReason { field, reason, fix, .. } = &plan.plan.holds[0].reason;
        assert!(!field.is_empty() && !reason.is_empty() && !fix.is_empty());
        assert_eq!(plan.plan.deliveries.len(), 1, "{cause}: the product is made without it");
        let healed = only(vec![released("A", "")], &settings);
        let plan = plan_product(&facts(healed, vec![seen("A", "0")]), &settings);
        assert!(plan.plan.holds.is_empty(), "{cause} does not close by itself");
    }
}

#[test]
fn two_items_of_one_sku_are_both_held_and_neither_is_sent() {
    let settings = settings(|_| {});
    let rows = vec![released("A", "Red"), released("a-red", "")];
    let all = items(rows, BTreeMap::new(), &settings);
    assert_eq!(all.len(), 2);
    for item in all.into_values() {
        let plan = plan_product(&facts(item, Vec::new()), &settings);
        assert_eq!(causes(&plan), ["sku-clash"]);
        assert!(plan.plan.deliveries.is_empty());
    }
}

#[test]
fn a_barcode_two_products_share_is_sent_for_neither() {
    let settings = settings(|_| {});
    let coded = |item: &str| Released {
        barcodes: vec![Barcode {
            code: "4000".to_owned(),
            of_unit: "ea".to_owned(),
            quantity: Decimal::ONE,
            default: true,
        }],
        ..released(item, "")
    };
    let all = items(vec![coded("A"), coded("B")], BTreeMap::new(), &settings);
    for item in all.into_values() {
        let plan = plan_product(&facts(item, Vec::new()), &settings);
        assert_eq!(causes(&plan), ["barcode-clash"]);
        let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
        assert_eq!(new.variants[0].values.barcode, None);
    }
    let alone = only(vec![coded("A")], &settings);
    let plan = plan_product(&facts(alone, Vec::new()), &settings);
    let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
    assert_eq!(new.variants[0].values.barcode.as_deref(), Some("4000"));
}

#[test]
fn what_people_did_at_shipbob_is_a_hold_and_never_a_second_product() {
    let settings = settings(|_| {});
    let item = only(vec![released("A", "")], &settings);
    let cause = |facts: &ProductFacts| {
        let plan = plan_product(facts, &settings);
        assert!(plan.plan.deliveries.is_empty(), "{:?}", plan.plan.deliveries);
        causes(&plan)
    };
    let inactive = SeenVariant { active: false, ..seen("A", "16") };
    assert_eq!(cause(&facts(item.clone(), vec![inactive])), ["sku-inactive"]);
    assert_eq!(cause(&facts(item.clone(), vec![seen("a", "16")])), ["sku-case"]);
    let twice = vec![seen("A", "16"), SeenVariant { variant: 71, ..seen("A", "16") }];
    assert_eq!(cause(&facts(item.clone(), twice)), ["sku-twice"]);
    let mut gone = facts(item, vec![seen("A", "16")]);
    gone.catalogue.as_mut().expect("a look").variants.clear();
    assert_eq!(cause(&gone), ["sku-gone"]);
}

#[test]
fn a_variant_merged_into_another_is_a_hold_that_names_where_it_went() {
    let settings = settings(|_| {});
    let item = only(vec![released("A", "")], &settings);
    let mut merged = facts(item, vec![seen("A", "16")]);
    let own = merged.catalogue.as_ref().expect("a look").variants[0].variant;
    let into = SeenVariant { variant: 99, merged: vec![own], ..seen("OTHER", "16") };
    merged.catalogue.as_mut().expect("a look").variants = vec![into];
    let plan = plan_product(&merged, &settings);
    assert_eq!(causes(&plan), ["sku-merged"]);
    assert!(plan.plan.holds[0].reason.reason.contains("OTHER"));
    assert!(plan.plan.deliveries.is_empty(), "never made again");
}

#[test]
fn a_weight_of_sixteen_digits_is_rounded_once() {
    let settings = settings(|_| {});
    let mut row = released("A", "");
    row.physical[0].weight = dec("0.1234567890123456");
    row.physical[0].mass_unit = "Kg".to_owned();
    let plan = plan_product(&facts(only(vec![row], &settings), Vec::new()), &settings);
    let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
    assert_eq!(new.variants[0].values.ounces, Some(dec("4.35")));
}

#[test]
fn services_catch_weight_and_goods_not_stocked_are_none_of_its_business() {
    let settings = settings(|_| {});
    let spoilt: [fn(&mut Released); 3] =
        [|r| r.service = true, |r| r.catch_weight = Some(true), |r| r.stocked = Some(false)];
    for spoil in spoilt {
        let mut row = released("A", "");
        spoil(&mut row);
        let plan = plan_product(&facts(only(vec![row], &settings), Vec::new()), &settings);
        assert_eq!((plan.plan.status.as_str(), plan.plan.deliveries.len()), ("excluded", 0));
    }
}

#[test]
fn gross_is_net_and_tare_of_the_master_in_the_configured_unit_when_dimensions_say_nothing() {
    let settings = settings(|p| p.master_weight_unit = "kg".to_owned());
    let master = Master { net: dec("0.9"), tare: dec("0.1"), ..Master::default() };
    let row = Released { physical: Vec::new(), ..released("A", "") };
    let all = items(vec![row], BTreeMap::from([("a".to_owned(), master)]), &settings);
    let item = all.into_values().next().expect("an item");
    let plan = plan_product(&facts(item, Vec::new()), &settings);
    let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
    assert_eq!(new.variants[0].values.ounces, Some(dec("35.27")));
}

#[test]
fn a_kit_becomes_a_bundle_of_its_components_once_they_are_there() {
    let settings = settings(|p| {
        p.kit_mode = KitMode::Bundle;
        p.kits = BTreeMap::from([("KIT".to_owned(), BTreeMap::from([("A".to_owned(), 2)]))]);
    });
    let item = only(vec![released("KIT", "")], &settings);
    let mut facts = facts(item, vec![seen("A", "16")]);
    let seen = facts.catalogue.as_mut().expect("a look");
    seen.asked = vec!["A".to_owned(), "KIT".to_owned()];
    let plan = plan_product(&facts, &settings);
    let [Operation::CreateProduct(new)] = operations(&plan)[..] else { panic!("{plan:?}") };
    assert!(new.bundle);
    assert_eq!(new.variants[0].components, [(70, 2)]);
    facts.catalogue.as_mut().expect("a look").variants.clear();
    assert_eq!(causes(&plan_product(&facts, &settings)), ["kit-component"]);
}

#[test]
fn an_item_missed_once_may_have_moved_between_pages_and_twice_is_gone() {
    let settings = settings(|_| {});
    let mut item = only(vec![released("A", "")], &settings);
    item.missed = 1;
    assert_eq!(plan_product(&facts(item.clone(), Vec::new()), &settings).plan.deliveries.len(), 1);
    item.missed = 2;
    let plan = plan_product(&facts(item, Vec::new()), &settings);
    assert_eq!((plan.plan.status.as_str(), plan.plan.deliveries.len()), ("gone", 0));
}

fn variant_seen() -> impl Strategy<Value = SeenVariant> {
    let skus = proptest::sample::select(vec!["A-Red", "a-red", "A-Blue", "B"]);
    (skus, 0_i64..40, any::<bool>(), any::<bool>(), any::<bool>(), 70_i64..73).prop_map(
        |(sku, ounces, active, locked, bundle, variant)| SeenVariant {
            ounces: Some(Decimal::from(ounces)).filter(|o| !o.is_zero()),
            active,
            locked,
            bundle,
            variant,
            product: variant - 63,
            ..seen(sku, "1")
        },
    )
}

proptest! {
    #[test]
    fn a_plan_is_total_the_same_twice_and_never_makes_a_sku_that_is_there(
        shown in proptest::collection::vec(variant_seen(), 0..4),
        weight in proptest::sample::select(vec!["0", "-1", "1", "2.5", "1000000000"]),
        unit in proptest::sample::select(vec!["lb", "KG", "stone", "", "cm"]),
        now in 0_i64..200,
        overwrite in any::<bool>(),
    ) {
        let settings = settings(|p| {
            p.person_changes =
                if overwrite { PersonChange::Overwrite } else { PersonChange::Leave };
        });
        let mut rows = vec![released("A", "Red"), released("A", "Blue")];
        for row in &mut rows {
            row.physical[0].weight = dec(weight);
            row.physical[0].mass_unit = unit.to_owned();
        }
        let mut facts = facts(only(rows, &settings), shown.clone());
        facts.now = at(now);
        let plan = plan_product(&facts, &settings);
        prop_assert_eq!(&plan, &plan_product(&facts, &settings));
        for operation in operations(&plan) {
            let made: Vec<&str> = match operation {
                Operation::CreateProduct(new) => new.variants.iter().map(|v| v.sku.as_str()).collect(),
                Operation::AddVariants { variants, .. } => variants.iter().map(|v| v.sku.as_str()).collect(),
                _ => Vec::new(),
            };
            for sku in made {
                prop_assert!(shown.iter().all(|v| v.sku.to_lowercase() != sku.to_lowercase()));
            }
        }
        // Granted wishes are not wished again.
        for wish in plan.plan.deliveries {
            let state = DeliveryState::Done;
            facts.deliveries.push(KnownDelivery { key: wish.key, state, since: facts.now, hold: None });
        }
        prop_assert!(plan_product(&facts, &settings).plan.deliveries.is_empty());
    }
}
