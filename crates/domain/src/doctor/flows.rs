//! Lines about the flows a company switches on: sets and scopes beyond those of orders, and settings that decide whether a
//! flow can work. Without its section nothing of a flow is asked or judged.

use super::Book;
use super::facts::{DynamicsFacts, ShipBobFacts};
use super::{dynamics, shipbob};
use crate::product_settings::MeasureSource;
use crate::settings::Settings;
use crate::stock::Mode;

/// Sets the flows read, each with what for.
pub fn sets(settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    if settings.products.is_some() || settings.inventory.is_some() {
        found.push(("CDSReleasedDistinctProducts", "to know the released products"));
    }
    if settings.products.is_some() {
        found.push(("PhysicalProductDimensionDetails", "for weights and sizes with their units"));
        found.push(("ProductNumberIdentifiedBarcodes", "for barcodes"));
        found.push(("ReleasedProductsV2", "for customs data, and weights in one unit"));
    }
    if let Some(inventory) = &settings.inventory {
        found.push(("WarehousesOnHandV2", "to compare stock"));
        if inventory.mode == Mode::CountingJournal {
            found.push(("InventoryCountingJournalHeaders", "to find our counting journals"));
            found.push(("InventoryCountingJournalLines", "to find what they hold"));
        }
    }
    found
}

/// Scopes the flows read with, each with what for.
pub fn scopes(settings: &Settings) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    if settings.inventory.is_some() {
        found.push(("inventory_read", "to compare stock"));
    }
    if let Some(returns) = &settings.returns {
        found.push(("returns_read", "to read returns"));
        if returns.receiving {
            found.push(("receiving_read", "to read receiving orders"));
        }
    }
    found
}

pub(super) fn judge_dynamics(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    for (set, what) in sets(settings) {
        dynamics::read(book, facts, set, what);
    }
}

pub(super) fn judge_shipbob(
    book: &mut Book,
    facts: &ShipBobFacts,
    settings: &Settings,
    inside: bool,
) {
    for (scope, what) in scopes(settings) {
        shipbob::read_scope(book, facts, inside, scope, what);
    }
    if settings.products.is_some() {
        products_write(book, facts, settings);
    }
    if settings.billing.is_some() {
        book.by_hand(
            "sb.scope.billing_read",
            "Scope billing_read",
            "billing may have a token of its own; the trail says once an hour when it may not read bills.",
        );
    }
}

/// Nothing is written to find out: the channel names what it may do.
fn products_write(book: &mut Book, facts: &ShipBobFacts, settings: &Settings) {
    let (id, about) = ("sb.scope.products_write", "Scope products_write");
    let Some(channel) = facts.channel(settings.channel) else { return book.skip(id, about) };
    if channel.scopes.contains("products_write") {
        return book.pass(id, about, "there, to make and change products");
    }
    if channel.scopes.iter().any(|scope| scope.starts_with("products_")) {
        return book.fail(
            id,
            about,
            "the channel has other product scopes, not this one",
            "Use a token (or an app) whose scopes include products_write, or leave [connection.products] out.",
        );
    }
    book.by_hand(
        id,
        about,
        "the channel's scopes name none for products; the first product that is made shows it.",
    );
}

/// Whether weights have a unit wherever they may come from.
pub(super) fn judge_units(book: &mut Book, settings: &Settings) {
    let Some(products) = &settings.products else { return };
    let (id, about) = ("our.products.units", "Units of weights and sizes");
    let weight = products.master_weight_unit.trim();
    match products.measures {
        MeasureSource::Dimensions => {
            book.pass(id, about, "from the physical dimensions, which carry their units");
        }
        _ if weight.is_empty() => book.warn(
            id,
            about,
            "the item master's bare numbers are not used: an item without physical dimensions is made without a weight",
            "Set connection.products.master_weight_unit (and master_length_unit) to the unit the company enters, or enter physical dimensions.",
        ),
        _ => book.pass(id, about, format!("the item master's weights are {weight}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Access, Verdict};
    use crate::ids::{ChannelId, Company};
    use crate::product_settings::Products;
    use crate::reference_data::ChannelInfo;
    use std::collections::BTreeSet;

    fn facts(scopes: &[&str]) -> ShipBobFacts {
        let channel = ChannelInfo {
            id: ChannelId(7),
            name: "ours".to_owned(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<_>>(),
        };
        ShipBobFacts { channels: Some(vec![channel]), ..ShipBobFacts::default() }
    }

    fn settings() -> Settings {
        let mut settings = crate::doctor::tests::settings();
        settings.company = Company::new("usmf");
        settings.products = Some(Products::default());
        settings
    }

    fn verdict(facts: &ShipBobFacts, settings: &Settings, id: &str) -> Option<Verdict> {
        let mut book = Book { found: Vec::new() };
        judge_shipbob(&mut book, facts, settings, true);
        judge_units(&mut book, settings);
        book.found.into_iter().find(|f| f.id == id).map(|f| f.verdict)
    }

    #[test]
    fn a_channel_that_may_not_write_products_fails_and_one_that_says_nothing_is_looked_at_by_hand()
    {
        let id = "sb.scope.products_write";
        assert_eq!(verdict(&facts(&["products_write"]), &settings(), id), Some(Verdict::Pass));
        assert_eq!(verdict(&facts(&["products_read"]), &settings(), id), Some(Verdict::Fail));
        assert_eq!(verdict(&facts(&["orders_write"]), &settings(), id), Some(Verdict::ByHand));
        let off = Settings { products: None, ..settings() };
        assert_eq!(verdict(&facts(&["products_read"]), &off, id), None, "off is not judged");
    }

    #[test]
    fn bare_weights_without_a_unit_are_told() {
        let id = "our.products.units";
        assert_eq!(verdict(&facts(&[]), &settings(), id), Some(Verdict::Warn));
        let mut with = settings();
        with.products =
            Some(Products { master_weight_unit: "kg".to_owned(), ..Products::default() });
        assert_eq!(verdict(&facts(&[]), &with, id), Some(Verdict::Pass));
    }

    #[test]
    fn a_missing_scope_of_a_flow_that_is_on_fails() {
        let mut on = settings();
        on.returns = Some(crate::inbound::Returns::default());
        let mut seen = facts(&[]);
        seen.scopes.insert("returns_read".to_owned(), Access::Denied { status: 403 });
        seen.scopes.insert("receiving_read".to_owned(), Access::Good);
        assert_eq!(verdict(&seen, &on, "sb.scope.returns_read"), Some(Verdict::Fail));
        assert_eq!(verdict(&seen, &on, "sb.scope.receiving_read"), Some(Verdict::Pass));
        assert_eq!(verdict(&seen, &settings(), "sb.scope.returns_read"), None);
    }
}
