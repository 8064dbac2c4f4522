//! Stock in worlds of the twins: a person who answers proposals, and the comparison of what we say with what is true.

use crate::rig::{RigError, Run, World};
use domain::custom_call::{Available, CallKind, CallMethod, Success};
use domain::flows::inventory::{Cause, Journal, JournalState, Judged};
use domain::ids::Scope;
use domain::stock::{Inventory, JOURNAL_SUBJECT, JOURNALS, Mode};
use domain::time::Timestamp;
use engine::{Command, SOURCE, Target, Verb};
use std::collections::{BTreeMap, BTreeSet};
use store::{NewSignal, StockRow, Store, StoreError, whole_skus};
use twins::{StockTruth, Twins};

/// Rows read at once.
const ROWS: usize = 1_000;
/// Nights after which a variance that does not go away is a fault.
const NIGHTS: u32 = 6;
/// Journals read at once.
const MANY: usize = 500;

/// Settings of the flow that fit the twins.
#[must_use]
pub fn twin_inventory() -> Inventory {
    Inventory {
        mode: Mode::CountingJournal,
        threshold: 5,
        journal: "SBCount".to_owned(),
        ..Inventory::default()
    }
}

/// Settings of the flow that fit externally managed warehouses of the twins.
#[must_use]
pub fn twin_adjustments() -> Inventory {
    Inventory {
        mode: Mode::ExternalAdjustments,
        threshold: 5,
        external_system: "EXTWMS".to_owned(),
        inventory_status: "Available".to_owned(),
        adjustments_stay: true,
        ..Inventory::default()
    }
}

/// The call by which the twins' F&O is told available quantities.
#[must_use]
pub fn twin_available() -> Available {
    Available {
        kind: CallKind::Service,
        path: "/api/services/ContosoFulfilment/Availability/set".to_owned(),
        method: CallMethod::Post,
        body: r#"{"_request": {"DataAreaId": "{company}", "AsOf": "{as_of}", "Lines": [{"Sku": "{line.sku}",
            "Warehouse": "{line.warehouse}", "Qty": "{line.quantity}"}]}}"#
            .to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: Some("/Success".to_owned()),
            equals: Some(serde_json::Value::Bool(true)),
        },
        rows: 8,
        all_days: 7,
    }
}

/// Every row of stock, in order.
///
/// # Errors
/// As every read.
pub async fn rows(store: &Store, scope: &Scope) -> Result<Vec<StockRow>, StoreError> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = store.read().await?.stock_after(scope, &after, ROWS).await?;
        let page = whole_skus(page, ROWS);
        let Some(last) = page.last() else { return Ok(all) };
        after.clone_from(&last.sku);
        all.extend(page);
    }
}

/// Journals that are not closed.
///
/// # Errors
/// As every read.
pub async fn journals(store: &Store, scope: &Scope) -> Result<Vec<Journal>, StoreError> {
    let rows = store.read().await?.observations_of_kind(scope, JOURNALS, "", MANY).await?;
    let bodies = rows.into_iter().filter_map(|row| row.body);
    Ok(bodies.filter_map(|body| serde_json::from_slice(&body).ok()).collect())
}

/// The comparison of one row, once there was one.
#[must_use]
pub fn judged(row: &StockRow) -> Option<Judged> {
    serde_json::from_str(&row.judged).ok()
}

/// Appends a command of a person about stock.
///
/// # Errors
/// As every write.
pub async fn say(
    store: &Store,
    scope: &Scope,
    verb: Verb,
    target: Target,
    who: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = match &target {
        Target::Order(key) | Target::Flow(key) => key.clone(),
        Target::Connection => String::new(),
    };
    let request_id = format!("{verb:?}:{key}:{}", at.0);
    let command = Command {
        verb,
        target,
        hold: None,
        why: None,
        who: who.to_owned(),
        at,
        request_id: request_id.clone(),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "command".to_owned(),
        target_key: key,
        dedupe_key: format!("operator:{request_id}"),
        body: serde_json::to_vec(&command).ok(),
        received_at: at,
        flagged: false,
    };
    let mut txn = store.begin("stock.command").await?;
    txn.inbox_add_many(scope, vec![signal]).await?;
    txn.commit().await
}

/// Asks for a comparison now.
///
/// # Errors
/// As every write.
pub async fn ask(store: &Store, scope: &Scope, who: &str, at: Timestamp) -> Result<(), StoreError> {
    say(store, scope, Verb::RunNow, Target::Flow("inventory".to_owned()), who, at).await
}

/// Says yes to every proposal; how many there were.
///
/// # Errors
/// As every write.
pub async fn approve_all(
    store: &Store,
    scope: &Scope,
    who: &str,
    at: Timestamp,
) -> Result<usize, StoreError> {
    let open = journals(store, scope).await?;
    let asked: Vec<&Journal> = open.iter().filter(|j| j.state == JournalState::Proposed).collect();
    for journal in &asked {
        let target = Target::Order(format!("{JOURNAL_SUBJECT}{}", journal.token));
        say(store, scope, Verb::Release, target, who, at).await?;
    }
    Ok(asked.len())
}

/// Pieces nobody can explain. A shelf ShipBob shows with less than nothing is named for a person: what was shipped from
/// it was never stowed.
fn unexplained(row: &StockRow) -> i64 {
    if row.state == "negative" { 0 } else { row.variance.abs() }
}

/// Compares, approves and lets the worlds post until nothing is left to count, a few nights at most; `live` runs them
/// until they are quiet. Returns the nights.
///
/// # Errors
/// As every run.
pub async fn settle(
    worlds: &[&World],
    store: &Store,
    live: impl AsyncFn() -> Result<Run, RigError>,
) -> Result<u32, RigError> {
    for night in 1..=NIGHTS {
        for world in worlds {
            ask(store, &world.scope, "night", world.now()).await?;
        }
        live().await?;
        for world in worlds {
            approve_all(store, &world.scope, "Ada", world.now()).await?;
        }
        live().await?;
        let mut rest = false;
        for world in worlds {
            rest |= !journals(store, &world.scope).await?.is_empty();
            let rows = rows(store, &world.scope).await?;
            rest |= rows.iter().any(|row| unexplained(row) != 0 || row.state == "waits");
        }
        if !rest {
            return Ok(night);
        }
    }
    Ok(NIGHTS)
}

/// What our tables say that is not true; empty when all of it is. The world must rest.
#[must_use]
pub fn untrue(twins: &Twins, rows: &[StockRow]) -> Vec<String> {
    unlike(twins, rows).into_iter().map(|one| one.words).collect()
}

/// A shelf that our tables show otherwise than it is.
struct Unlike {
    words: String,
    /// The difference is right and explained to the piece, by other causes than the true ones.
    even_so: bool,
}

fn unlike(twins: &Twins, rows: &[StockRow]) -> Vec<Unlike> {
    let known: BTreeMap<(&str, i64), &StockRow> =
        rows.iter().map(|row| ((row.sku.as_str(), row.centre), row)).collect();
    let mut found = Vec::new();
    for truth in twins.stock() {
        let mut add = |why: &str, even_so: bool| {
            let words = format!("{} in {}: {why}", truth.sku, truth.warehouse);
            found.push(Unlike { words, even_so });
        };
        if truth.physical - truth.on_hand != truth.sum() {
            add(&format!("the twins do not add up: {truth:?}"), false);
        }
        let Some(row) = known.get(&(truth.sku.as_str(), truth.centre)) else {
            add("no row", false);
            continue;
        };
        let Some(judged) = judged(row) else {
            add("never compared", false);
            continue;
        };
        if let Some(why) = differs(&truth, row, &judged) {
            let told: i64 = judged.causes.iter().map(|(_, pieces)| pieces).sum();
            let right = truth.physical - truth.on_hand == judged.difference;
            add(&why, right && judged.variance == 0 && told == judged.difference);
        }
    }
    found
}

fn differs(truth: &StockTruth, row: &StockRow, judged: &Judged) -> Option<String> {
    let physical = row.physical.as_deref().and_then(|text| text.parse::<i64>().ok());
    // Of a warehouse in several centres the sum counts.
    let on_hand = judged.on_hand.or(row.on_hand);
    if (on_hand, physical) != (Some(truth.on_hand), Some(truth.physical)) {
        return Some(format!("shown {on_hand:?} and {physical:?}, true {truth:?}"));
    }
    let of = |cause: Cause| judged.causes.iter().filter(|(c, _)| *c == cause).map(|(_, n)| n).sum();
    let told: [i64; 6] = [
        of(Cause::LeftShelf),
        of(Cause::Kits),
        of(Cause::OtherChannels),
        of(Cause::Transfer),
        of(Cause::NotRegistered),
        judged.variance,
    ];
    let wanted = [
        truth.left,
        truth.kits,
        truth.other_channels,
        truth.transfers,
        truth.not_registered,
        truth.variance,
    ];
    (told != wanted).then(|| {
        format!(
            "left, kits, other channels, transfers, not registered, variance told {told:?}, true {wanted:?} ({})",
            row.state
        )
    })
}

/// The result of a demo in words, and what is wrong with it.
///
/// # Errors
/// As every read.
pub async fn told(
    world: &World,
    store: &Store,
    nights: u32,
) -> Result<(String, Vec<String>), StoreError> {
    let twins = &world.twins;
    let rows = rows(store, &world.scope).await?;
    let mut states: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
    let mut causes: BTreeMap<Cause, i64> = BTreeMap::new();
    for row in &rows {
        let of = states.entry(&row.state).or_default();
        of.0 += 1;
        of.1 += row.variance.abs();
        for (cause, pieces) in judged(row).into_iter().flat_map(|judged| judged.causes) {
            *causes.entry(cause).or_default() += pieces.abs();
        }
    }
    let ledger = twins.ledger();
    let posted = ledger.of(twins::effect::JOURNAL_POSTED).count();
    let lines = ledger.of(twins::effect::JOURNAL_LINE).count();
    let mut words = format!(
        "stock      {} shelves compared over {nights} night(s); {posted} counting journal(s) with {lines} line(s) posted",
        rows.len()
    );
    let adjusted = ledger.of(twins::effect::ADJUSTMENT_POSTED).count();
    if adjusted > 0 {
        words.push_str(&format!("; {adjusted} adjustment(s) posted"));
    }
    for (state, (shelves, pieces)) in states {
        words
            .push_str(&format!("\n           {shelves:>5} {state}, {pieces} piece(s) unexplained"));
    }
    for (cause, pieces) in causes {
        words.push_str(&format!("\n           {pieces:>5} piece(s) {}", cause.words()));
    }
    // A piece that came back and was lost again leaves no trace in a difference: nobody can tell such causes apart.
    let returns = twins.mapping().returns;
    let (guessed, wrong): (Vec<_>, Vec<_>) =
        unlike(twins, &rows).into_iter().partition(|one| returns && one.even_so);
    if !guessed.is_empty() {
        let shelves = guessed.len();
        words.push_str(&format!(
            "\n           {shelves:>5} explained to the piece by other causes than the true ones"
        ));
    }
    let mut problems: Vec<String> = wrong.into_iter().map(|one| one.words).collect();
    let rest: i64 = rows.iter().map(unexplained).sum();
    if rest != 0 {
        problems.push(format!("{rest} piece(s) of stock are still unexplained"));
    }
    Ok((words, problems))
}
