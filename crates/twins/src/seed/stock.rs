//! Stock at the first moment, and what will happen to it besides our orders: one story per SKU and centre, keyed, so
//! that it depends on nothing else.

use super::catalogue::{ITEMS, Kind};
use crate::world::chance::Chance;

/// Warehouse, site and centre that hold the same goods.
pub(crate) const PLACES: &[(&str, &str, i64)] = &[("SB01", "1", 1), ("SB02", "2", 2)];

/// What happens to one SKU in one centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// Nothing but our orders.
    Quiet,
    /// A web shop sells from the same shelf.
    OtherChannel,
    /// A receipt is stowed; F&O registers it later.
    Registered,
    /// A receipt is stowed; nobody registers it in F&O.
    Unregistered,
    /// Goods go to the other centre.
    Transfer,
    /// Pieces are lost or found.
    Adjusted,
}

const STORIES: &[(u32, Story)] = &[
    (40, Story::Quiet),
    (15, Story::OtherChannel),
    (8, Story::Registered),
    (10, Story::Unregistered),
    (7, Story::Transfer),
    (20, Story::Adjusted),
];

fn key(sku: &str, centre: i64) -> String {
    format!("{sku}@{centre}")
}

/// The story of a SKU in a centre.
pub(crate) fn story(chance: Chance, sku: &str, centre: i64) -> Story {
    let chosen = chance.weighted("stock story", &key(sku, centre), STORIES).copied();
    chosen.unwrap_or(Story::Quiet)
}

/// Pieces on the shelf at the first moment.
pub(crate) fn initial(chance: Chance, sku: &str, centre: i64) -> i64 {
    chance.between("stock initial", &key(sku, centre), 4_000, 9_000)
}

/// Pieces F&O has more than the shelf at the first moment. Only where the story tells no more than what the history
/// shows: no document could tell the two apart.
pub(crate) fn difference(chance: Chance, sku: &str, centre: i64) -> i64 {
    let key = key(sku, centre);
    let plain = matches!(story_of(chance, &key), Story::Quiet | Story::Adjusted);
    if plain && chance.per_mille("stock differs", &key, 350) {
        let off = chance.between("stock off", &key, 1, 9);
        return if chance.per_mille("stock under", &key, 500) { -off } else { off };
    }
    0
}

fn story_of(chance: Chance, key: &str) -> Story {
    chance.weighted("stock story", key, STORIES).copied().unwrap_or(Story::Quiet)
}

/// SKUs both systems keep on a shelf.
pub(crate) fn shelved() -> impl Iterator<Item = String> {
    ITEMS.iter().filter(|item| item.kind == Kind::Goods).map(super::catalogue::Item::sku)
}
