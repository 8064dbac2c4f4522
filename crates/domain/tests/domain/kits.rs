//! Kits sent as components: nothing is lost or made on the way out and back, and a kit counts only when it is whole.

use crate::support::{World, at, build, causes};
use domain::ids::{ChannelId, ReferenceId, ShipBobOrderId};
use domain::kit::{Kit, Recipe, fact, fold, sent_kits, unfold};
use domain::operation::{CreateLine, CreateOrder, Operation};
use domain::product_settings::{KitMode, Products};
use domain::reference_data::SkuFact;
use domain::warehouse::{
    Recipient, Shipment, ShipmentStatus, ShippedItem, ShippedProduct, WarehouseLine, WarehouseOrder,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn recipe(parts: &[(&str, i64)]) -> Recipe {
    parts.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect()
}

fn create(lines: &[(&str, i64, i32)], kits: &[(&str, Recipe)]) -> CreateOrder {
    CreateOrder {
        reference: ReferenceId::new("usmf-SO-1-1-1"),
        order_number: "SO-1".to_owned(),
        recipient: Recipient::default(),
        method: "Standard".to_owned(),
        centre: None,
        choice: Default::default(),
        kits: kits.iter().map(|(sku, r)| ((*sku).to_owned(), r.clone())).collect(),
        purchase_date: None,
        lines: lines
            .iter()
            .map(|(sku, quantity, line)| CreateLine {
                sku: (*sku).to_owned(),
                name: (*sku).to_owned(),
                quantity: *quantity,
                external_line_id: *line,
                unit_price: Some(rust_decimal::Decimal::ONE),
            })
            .collect(),
    }
}

/// As ShipBob would show what it was told, its goods in these parcels: SKU and pieces.
fn shown(told: &CreateOrder, parcels: &[Vec<(String, i64)>], left: usize) -> WarehouseOrder {
    let shipment = |(n, goods): (usize, &Vec<(String, i64)>)| {
        let n64 = i64::try_from(n).unwrap();
        let mut one: Shipment = build::parcel(n64 + 100, n64 + 2, Vec::new());
        one.status = if n < left { ShipmentStatus::Completed } else { ShipmentStatus::Processing };
        one.products = goods
            .iter()
            .map(|(sku, n)| ShippedProduct {
                sku: sku.clone(),
                items: vec![ShippedItem { inventory_id: inventory(sku), quantity: *n }],
            })
            .collect();
        one
    };
    WarehouseOrder {
        id: ShipBobOrderId(1),
        reference: told.reference.clone(),
        number: String::new(),
        channel: Some(ChannelId(1)),
        status: "Processing".to_owned(),
        created: at(1),
        recipient: Recipient::default(),
        method: String::new(),
        products: told
            .lines
            .iter()
            .map(|l| WarehouseLine {
                sku: l.sku.clone(),
                quantity: l.quantity,
                external_line_id: Some(l.external_line_id),
            })
            .collect(),
        shipments: parcels.iter().enumerate().map(shipment).collect(),
    }
}

fn inventory(sku: &str) -> i64 {
    sku.bytes().map(i64::from).sum()
}

fn pieces(order: &WarehouseOrder) -> BTreeMap<i64, i64> {
    let mut sums = BTreeMap::new();
    for item in order.shipments.iter().flat_map(|s| &s.products).flat_map(|p| &p.items) {
        *sums.entry(item.inventory_id).or_default() += item.quantity;
    }
    sums
}

/// Whole kits in the parcels that left.
fn whole(order: &WarehouseOrder, kit: &str, recipe: &Recipe) -> i64 {
    let left = order.shipments.iter().filter(|s| s.left());
    let own = left.flat_map(|s| &s.products).filter(|p| p.sku == kit).flat_map(|p| &p.items);
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    own.for_each(|item| *sums.entry(item.inventory_id).or_default() += item.quantity);
    let of = |(sku, n): (&String, &i64)| sums.get(&inventory(sku)).copied().unwrap_or(0) / n;
    recipe.iter().map(of).min().unwrap_or(0)
}

#[test]
fn a_kit_goes_out_as_its_components_and_comes_back_as_a_kit() {
    let kit = recipe(&[("DRIP", 1), ("FILTER", 2)]);
    let sent = create(&[("KIT", 3, 1), ("FILTER", 5, 2)], &[("KIT", kit)]);
    let told = unfold(&sent);
    let lines: Vec<(&str, i64, i32, bool)> = told
        .lines
        .iter()
        .map(|l| (l.sku.as_str(), l.quantity, l.external_line_id, l.unit_price.is_some()))
        .collect();
    // The price of a kit is nobody's price of a component.
    assert_eq!(lines, [("DRIP", 3, 1, false), ("FILTER", 6, 1, false), ("FILTER", 5, 2, true)]);
    let mut order = shown(&told, &[], 0);
    fold(&mut order, &sent_kits(&sent));
    let lines: Vec<(&str, i64)> =
        order.products.iter().map(|p| (p.sku.as_str(), p.quantity)).collect();
    assert_eq!(lines, [("KIT", 3), ("FILTER", 5)]);
}

#[test]
fn components_somebody_changed_at_shipbob_stay_as_they_are() {
    let kits =
        BTreeMap::from([(1, Kit { sku: "KIT".to_owned(), recipe: recipe(&[("A", 1), ("B", 2)]) })]);
    for lines in [vec![("A", 3, 1), ("B", 5, 1)], vec![("A", 3, 1)], vec![("A", 3, 1), ("B", 6, 2)]]
    {
        let mut order = shown(&create(&lines, &[]), &[], 0);
        let before = order.clone();
        fold(&mut order, &kits);
        assert_eq!(order, before);
    }
}

#[test]
fn a_kit_is_known_when_all_its_components_are_and_names_the_one_that_lacks() {
    let kit = recipe(&[("A", 1), ("B", 2)]);
    let known = |sku: &str| Some(build::catalogue(sku));
    let whole = fact("KIT", &kit, known).unwrap();
    assert!(whole.exact.as_ref().is_some_and(|e| e.bundle && e.components.len() == 2));
    let without = |coming: bool| {
        fact("KIT", &kit, |sku| {
            let fact = build::catalogue(sku);
            Some(if sku == "B" { SkuFact { exact: None, coming, ..fact } } else { fact })
        })
        .unwrap()
    };
    assert_eq!((without(false).part.as_deref(), without(false).coming), (Some("B"), false));
    assert!(without(true).coming && without(true).exact.is_none());
    assert!(fact("KIT", &kit, |sku| known(sku).filter(|_| sku == "A")).is_none(), "not read yet");
}

#[test]
fn an_order_with_a_component_shipbob_lacks_is_held_and_says_which() {
    let mut w = World::of(2);
    let sku = w.order().lines[0].sku.clone();
    w.settings.products = Some(Products {
        kit_mode: KitMode::Components,
        kits: BTreeMap::from([(sku.clone(), BTreeMap::from([("PART-1".to_owned(), 2)]))]),
        ..Products::default()
    });
    let lacks = SkuFact { exact: None, part: Some("PART-1".to_owned()), ..build::catalogue(&sku) };
    let whole = fact(&sku, &recipe(&[("PART-1", 2)]), |s| Some(build::catalogue(s))).unwrap();
    w.catalogue.insert(sku.clone(), lacks);
    let plan = w.run();
    assert_eq!(causes(&plan), ["kit-component"]);
    assert!(plan.holds[0].reason.reason.contains("PART-1"));
    w.catalogue.insert(sku.clone(), whole);
    w.facts.skus.clear();
    w.run();
    let sent = w.ledger.iter().find_map(|o| match o {
        Operation::CreateOrder(create) => Some(create.clone()),
        _ => None,
    });
    let sent = sent.expect("it goes by itself");
    assert_eq!(sent.kits.get(&sku), Some(&recipe(&[("PART-1", 2)])));
    assert_eq!(unfold(&sent).lines[0].quantity, sent.lines[0].quantity * 2);
}

#[test]
fn recipes_nobody_can_send_are_refused() {
    let kits = |parts: &[(&str, u32)]| parts.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect();
    let products = |kits| Products { kit_mode: KitMode::Components, kits, ..Products::default() };
    for (parts, word) in [
        (&[("KIT", 1)][..], "contains itself"),
        (&[("INNER", 1)][..], "contains the kit"),
        (&[("A", 20_000)][..], "more than"),
        (&[("A", 1), ("a", 1)][..], "letter case"),
        (&[("A", 0)][..], "none of one"),
    ] {
        let inner = ("INNER".to_owned(), kits(&[("X", 1)]));
        let all = BTreeMap::from([("KIT".to_owned(), kits(parts)), inner]);
        let found = products(all).problems().join(" ");
        assert!(found.contains(word), "{word}: {found}");
    }
}

proptest! {
    /// However the pieces are spread over parcels, and whichever of them have left: every piece stays, nothing is in two
    /// products, kits that left are never more than were ordered nor than any component allows, and when all has left
    /// they are exactly what was ordered.
    #[test]
    fn folding_conserves(
        kits in 1_i64..6,
        single in 0_i64..5,
        each in proptest::collection::vec(1_i64..4, 1..4),
        cuts in proptest::collection::vec(0_usize..4, 60),
        left in 0_usize..5,
    ) {
        let parts: Vec<(String, i64)> =
            each.iter().enumerate().map(|(n, pieces)| (format!("P{n}"), *pieces)).collect();
        let recipe: Recipe = parts.iter().cloned().collect();
        let mut lines = vec![("KIT", kits, 1)];
        if single > 0 {
            lines.push(("P0", single, 2));
        }
        let sent = create(&lines, &[("KIT", recipe.clone())]);
        let told = unfold(&sent);
        let mut parcels: Vec<Vec<(String, i64)>> = vec![Vec::new(); 4];
        let mut cut = cuts.iter().copied().cycle();
        for line in &told.lines {
            for _ in 0..line.quantity {
                let parcel = &mut parcels[cut.next().unwrap()];
                match parcel.iter_mut().find(|(sku, _)| *sku == line.sku) {
                    Some((_, n)) => *n += 1,
                    None => parcel.push((line.sku.clone(), 1)),
                }
            }
        }
        let raw = shown(&told, &parcels, left);
        let mut order = raw.clone();
        fold(&mut order, &sent_kits(&sent));
        prop_assert_eq!(pieces(&raw), pieces(&order), "every piece stays");
        let ordered: i64 = order.products.iter().filter(|p| p.sku == "KIT").map(|p| p.quantity).sum();
        prop_assert_eq!(ordered, kits);
        let gone = whole(&order, "KIT", &recipe);
        prop_assert!(gone <= kits);
        for (sku, n) in &recipe {
            let out: i64 = raw
                .shipments
                .iter()
                .filter(|s| s.left())
                .flat_map(|s| &s.products)
                .filter(|p| p.sku == *sku)
                .flat_map(|p| &p.items)
                .map(|i| i.quantity)
                .sum();
            prop_assert!(gone * n <= out, "more kits than {sku} allows");
        }
        if left >= 4 {
            prop_assert_eq!(gone, kits, "all has left");
        }
        let mut again = order.clone();
        fold(&mut again, &sent_kits(&sent));
        prop_assert_eq!(again, order, "once folded it stays");
    }
}
