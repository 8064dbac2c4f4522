//! Stock at the first moment, and what will happen to it besides our orders: one story per SKU and centre, keyed, so
//! that it depends on nothing else.

use super::catalogue::{ITEMS, Kind};
use crate::world::chance::Chance;
use crate::world::mapping::NETWORK;

/// Warehouse, site and centre that hold the same goods.
pub(crate) const PLACES: &[(&str, &str, i64)] = &[("SB01", "1", 1), ("SB02", "2", 2)];

/// Where SKUs lie: a warehouse that ShipBob spreads over several centres lies in all of them.
pub(crate) fn places(network: bool) -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    let spread = PLACES.first().map(|(warehouse, site, _)| (*warehouse, *site));
    let more = NETWORK.iter().filter(move |_| network);
    let more = more.filter(|centre| PLACES.iter().all(|(.., known)| known != *centre));
    let more = more.filter_map(move |centre| spread.map(|(id, site)| (id, site, *centre)));
    PLACES.iter().copied().chain(more)
}

/// The warehouse to which a centre belongs.
pub(crate) fn warehouse_of(centre: i64, network: bool) -> Option<&'static str> {
    places(network).find(|(.., at)| *at == centre).map(|(id, ..)| id)
}

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

/// The same in a centre that shares its warehouse with others: nothing happens there that could not be told from what
/// happens in the first one, since F&O keeps one figure for both. Goods may go to the first.
pub(crate) fn story_inside(chance: Chance, sku: &str, centre: i64) -> Story {
    match chance.per_mille("stock moved inside", &key(sku, centre), 300) {
        true => Story::Transfer,
        false => Story::Quiet,
    }
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

/// Pieces of a SKU that F&O keeps as blocked, where it keeps inventory statuses.
pub(crate) fn blocked(chance: Chance, sku: &str, warehouse: &str) -> i64 {
    let key = format!("{sku}@{warehouse}");
    if chance.per_mille("stock blocked", &key, 300) {
        chance.between("stock blocked pieces", &key, 1, 40)
    } else {
        0
    }
}

/// SKUs both systems keep on a shelf.
pub(crate) fn shelved() -> impl Iterator<Item = String> {
    ITEMS.iter().filter(|item| item.kind == Kind::Goods).map(super::catalogue::Item::sku)
}
