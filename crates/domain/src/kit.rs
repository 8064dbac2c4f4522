//! Kits sent as their components: one F&O item, several products of a ShipBob order.
//!
//! The planner never sees it. On the way out a kit line becomes one line per component under the same
//! `external_line_id`; on the way in the components of such a line become the kit again, as if ShipBob kept it as a
//! bundle: then kits are counted as those are, shipped = the least any component allows, the rest a partial kit.
//!
//! A shipment does not say which line a piece belongs to. Pieces that were also ordered by themselves are taken first,
//! by what left first; the rest belongs to the kits. When everything has left, both are right.

use crate::operation::{CreateLine, CreateOrder};
use crate::reference_data::SkuFact;
use crate::sales::SalesLine;
use crate::settings::Settings;
use crate::warehouse::{CatalogueItem, Shipment, ShippedItem, ShippedProduct, WarehouseOrder};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Component SKU → pieces in one kit.
pub type Recipe = BTreeMap<String, i64>;

/// The kit a line is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// Its SKU, as F&O names it.
    pub sku: String,
    /// What one is made of.
    pub recipe: Recipe,
}

/// The create as ShipBob is told. A component has no customs value: nobody says how the price of a kit is divided.
pub fn unfold(create: &CreateOrder) -> Cow<'_, CreateOrder> {
    if create.kits.is_empty() {
        return Cow::Borrowed(create);
    }
    let mut lines = Vec::with_capacity(create.lines.len());
    for line in &create.lines {
        let Some(recipe) = create.kits.get(&line.sku) else {
            lines.push(line.clone());
            continue;
        };
        lines.extend(recipe.iter().map(|(sku, pieces)| CreateLine {
            sku: sku.clone(),
            name: sku.clone(),
            quantity: line.quantity.saturating_mul(*pieces),
            external_line_id: line.external_line_id,
            unit_price: None,
        }));
    }
    Cow::Owned(CreateOrder { lines, ..create.clone() })
}

/// Kits by line. What we sent says it; where that is forgotten, the lines of F&O and the settings.
pub fn kits_of(
    sent: Option<&CreateOrder>,
    lines: &[SalesLine],
    settings: &Settings,
) -> BTreeMap<i32, Kit> {
    let kit = |sku: &str, recipe: Recipe| Kit { sku: sku.to_owned(), recipe };
    match sent {
        Some(sent) => sent_kits(sent),
        None => lines
            .iter()
            .filter_map(|l| Some((l.sequence, kit(&l.sku, settings.recipe(&l.sku)?))))
            .collect(),
    }
}

/// Kits by line, of what we sent.
pub fn sent_kits(sent: &CreateOrder) -> BTreeMap<i32, Kit> {
    let of = |line: &CreateLine| {
        let recipe = sent.kits.get(&line.sku)?.clone();
        Some((line.external_line_id, Kit { sku: line.sku.clone(), recipe }))
    };
    sent.lines.iter().filter_map(of).collect()
}

/// Pieces of one component that belong to kits: (kit, pieces), in the order of the lines.
type Rooms = BTreeMap<String, Vec<(String, i64)>>;

/// The order with its kits as one product each. A line whose components do not make whole kits stays as it is: somebody
/// changed it, and a person looks.
pub fn fold(order: &mut WarehouseOrder, kits: &BTreeMap<i32, Kit>) {
    let mut rooms = Rooms::new();
    for (line, kit) in kits {
        let Some(kits) = whole(order, *line, &kit.recipe) else { continue };
        let first = order.products.iter().position(|p| p.external_line_id == Some(*line));
        let mut at = 0;
        order.products.retain_mut(|product| {
            let keep = product.external_line_id != Some(*line) || Some(at) == first;
            if Some(at) == first {
                product.sku.clone_from(&kit.sku);
                product.quantity = kits;
            }
            at += 1;
            keep
        });
        for (sku, pieces) in &kit.recipe {
            let room = rooms.entry(sku.to_lowercase()).or_default();
            room.push((kit.sku.clone(), kits.saturating_mul(*pieces)));
        }
    }
    if rooms.is_empty() {
        return;
    }
    let mut singles: BTreeMap<String, i64> = BTreeMap::new();
    for product in &order.products {
        let of = singles.entry(product.sku.to_lowercase()).or_default();
        *of = of.saturating_add(product.quantity.max(0));
    }
    let mut alive: Vec<&mut Shipment> = order.shipments.iter_mut().filter(|s| !s.dead()).collect();
    alive.sort_by_key(|s| (!s.left(), s.fulfilled.unwrap_or(s.created), s.id));
    for shipment in alive {
        gather(&mut shipment.products, &mut rooms, &mut singles);
    }
}

/// How many kits the components of a line make; none when they make no whole number of them.
fn whole(order: &WarehouseOrder, line: i32, recipe: &Recipe) -> Option<i64> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for product in order.products.iter().filter(|p| p.external_line_id == Some(line)) {
        let of = sums.entry(product.sku.to_lowercase()).or_default();
        *of = of.checked_add(product.quantity)?;
    }
    if sums.len() != recipe.len() {
        return None;
    }
    let mut kits = None;
    for (sku, pieces) in recipe {
        let have = *sums.get(&sku.to_lowercase())?;
        let made =
            have.checked_div(*pieces).filter(|n| *n > 0 && n.checked_mul(*pieces) == Some(have))?;
        if *kits.get_or_insert(made) != made {
            return None;
        }
    }
    kits
}

fn gather(
    products: &mut Vec<ShippedProduct>,
    rooms: &mut Rooms,
    singles: &mut BTreeMap<String, i64>,
) {
    let mut out: Vec<ShippedProduct> = Vec::new();
    let mut add = |sku: &str, inventory_id: i64, quantity: i64| {
        if quantity <= 0 {
            return;
        }
        let item = ShippedItem { inventory_id, quantity };
        match out.iter_mut().find(|p| p.sku == sku) {
            Some(product) => product.items.push(item),
            None => out.push(ShippedProduct { sku: sku.to_owned(), items: vec![item] }),
        }
    };
    let mut kept = Vec::new();
    for product in products.drain(..) {
        let key = product.sku.to_lowercase();
        let Some(room) = rooms.get_mut(&key) else {
            kept.push(product);
            continue;
        };
        let single = singles.entry(key).or_default();
        for item in &product.items {
            let mut left = item.quantity.max(0);
            let own = left.min(*single);
            *single -= own;
            left -= own;
            add(&product.sku, item.inventory_id, own);
            for (kit, free) in room.iter_mut() {
                let take = left.min(*free);
                *free -= take;
                left -= take;
                add(kit, item.inventory_id, take);
            }
            // More than anybody ordered.
            add(&product.sku, item.inventory_id, left);
        }
        if product.items.is_empty() {
            kept.push(product);
        }
    }
    kept.extend(out);
    *products = kept;
}

/// What ShipBob's catalogue says of a kit: as of a bundle, from its components. None while one of them was not read.
pub fn fact(sku: &str, recipe: &Recipe, of: impl Fn(&str) -> Option<SkuFact>) -> Option<SkuFact> {
    let mut item = CatalogueItem {
        sku: sku.to_owned(),
        active: true,
        bundle: true,
        inventory_id: None,
        components: Vec::new(),
    };
    let mut whole = SkuFact {
        exact: None,
        case_variants: Vec::new(),
        coming: false,
        part: None,
        read_began: crate::time::Timestamp(i64::MAX),
    };
    let mut lacks: Vec<(&String, bool)> = Vec::new();
    let mut off = None;
    for (part, pieces) in recipe {
        let fact = of(part)?;
        whole.read_began = whole.read_began.min(fact.read_began);
        match fact.exact.filter(|e| !e.bundle) {
            Some(exact) => {
                if !exact.active {
                    off = Some(part);
                }
                // Without an inventory id its pieces cannot be told in a shipment: such a kit is not counted.
                item.components.push((exact.inventory_id.unwrap_or(0), *pieces));
            }
            None => lacks.push((part, fact.coming)),
        }
    }
    item.active = off.is_none();
    if item.components.iter().any(|(id, _)| *id == 0) {
        item.components.clear();
    }
    let missing = lacks.iter().find(|(_, coming)| !coming).or(lacks.first());
    whole.part = missing.map(|(part, _)| *part).or(off).cloned();
    // All that lacks must be on its way.
    whole.coming = !lacks.is_empty() && lacks.iter().all(|(_, coming)| *coming);
    whole.exact = lacks.is_empty().then_some(item);
    Some(whole)
}
