//! Orders ShipBob would ship twice: typed in by hand, or brought by another channel.

use super::orders::Wish;
use super::{Book, Facts};
use crate::address::{self, Countries};
use crate::ids::ShipBobOrderId;
use crate::settings::Settings;
use crate::warehouse::{Recipient, WarehouseOrder};
use std::collections::{BTreeMap, BTreeSet};

/// ShipBob's orders of others, by number and by what is in them.
struct Others<'a> {
    numbers: BTreeMap<String, Vec<&'a WarehouseOrder>>,
    goods: BTreeMap<BTreeSet<String>, Vec<&'a WarehouseOrder>>,
}

pub(super) fn look(book: &mut Book, facts: &Facts, settings: &Settings, wishes: &[Wish<'_>]) {
    let others = others(facts, wishes);
    for wish in wishes {
        let number = wish.number.as_str();
        let early = settings.cut_off.is_some_and(|at| wish.order.created < at);
        let by_number = numbers(wish).into_iter().find_map(|n| others.numbers.get(&n));
        let found = match by_number {
            Some(found) => Some(("duplicate-number", "has its number", found.clone())),
            None => {
                let found = others.like(wish, settings);
                let some = !found.is_empty();
                some.then_some(("duplicate-recipient", "has its recipient and SKUs", found))
            }
        };
        let Some((id, words, found)) = found else { continue };
        let ids: BTreeSet<ShipBobOrderId> = found.iter().map(|o| o.id).collect();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let channels: BTreeSet<i64> = found.iter().filter_map(|o| o.channel).map(|c| c.0).collect();
        let channels: Vec<String> = channels.iter().map(ToString::to_string).collect();
        let what = format!(
            "ShipBob order {} (channel {}) {words}.",
            ids.join(", "),
            if channels.is_empty() { "not said".to_owned() } else { channels.join(", ") },
        );
        let light = book.of(id).places.is_empty() || book.of(id).light;
        book.put(id, number, what);
        // What lies before the cut-off is not sent by itself.
        book.of(id).light = light && early;
    }
}

/// The order's own number and the customer's; of a request its id, too.
fn numbers(wish: &Wish<'_>) -> Vec<String> {
    wish.names.iter().filter(|n| !n.is_empty()).map(|n| n.to_lowercase()).collect()
}

fn others<'a>(facts: &'a Facts, wishes: &[Wish<'_>]) -> Others<'a> {
    let ours: BTreeSet<ShipBobOrderId> =
        wishes.iter().flat_map(|w| &w.facts.warehouse).map(|seen| seen.order.id).collect();
    let mut found = Others { numbers: BTreeMap::new(), goods: BTreeMap::new() };
    for one in &facts.warehouse {
        if ours.contains(&one.id) || one.cancelled() {
            continue;
        }
        let names: BTreeSet<String> =
            [one.number.trim(), one.reference.as_str()].iter().map(|n| n.to_lowercase()).collect();
        for name in names.into_iter().filter(|n| !n.is_empty()) {
            found.numbers.entry(name).or_default().push(one);
        }
        let skus: BTreeSet<String> = one.products.iter().map(|p| p.sku.to_lowercase()).collect();
        if !skus.is_empty() {
            found.goods.entry(skus).or_default().push(one);
        }
    }
    found
}

impl<'a> Others<'a> {
    /// Orders with the same goods for the same person.
    fn like(&self, wish: &Wish<'_>, settings: &Settings) -> Vec<&'a WarehouseOrder> {
        let mut found: Vec<&'a WarehouseOrder> = Vec::new();
        for (recipient, skus) in parcels(wish, settings) {
            let same = self.goods.get(&skus).into_iter().flatten();
            found.extend(same.filter(|o| o.recipient.same_person(&recipient)));
        }
        found
    }
}

/// What would go to whom; of an order that is held, everything to its own address.
fn parcels(wish: &Wish<'_>, settings: &Settings) -> Vec<(Recipient, BTreeSet<String>)> {
    if !wish.creates.is_empty() {
        let one = |c: &crate::operation::CreateOrder| {
            let skus = c.lines.iter().map(|l| l.sku.to_lowercase()).collect();
            (c.recipient.clone(), skus)
        };
        return wish.creates.iter().map(one).collect();
    }
    let order = wish.order.as_ref();
    let countries = Countries { settings: &settings.countries, dynamics: &wish.facts.countries };
    let to = address::recipient(&order.address, &order.email, &order.phone, &countries);
    let ours = order.lines.iter().filter(|l| settings.warehouse(&l.warehouse).is_some());
    let skus: BTreeSet<String> = ours.map(|l| l.sku.to_lowercase()).collect();
    to.into_iter().map(|to| (to, skus.clone())).collect()
}
