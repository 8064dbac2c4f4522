//! The documents of one subject: read, changed and written inside one transaction.

use crate::error::{EngineError, Result};
use crate::trail;
use domain::ids::Scope;
use domain::plan::{Kept, SeenOrder};
use domain::sales::OrderRead;
use domain::time::Timestamp;
use domain::warehouse::Shipment;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use store::{Observation, Reader, Txn};

/// The F&O side: [`OrderRead`].
pub(crate) const SALES: &str = "fo.order";
/// A request of an externally managed warehouse: `RequestRead`.
pub(crate) const REQUEST: &str = "fo.request";
/// The ShipBob side: a list of [`SeenOrder`].
pub(crate) const WAREHOUSE: &str = "sb.orders";
/// What we keep: [`Kept`].
pub(crate) const KEPT: &str = "kept";

pub(crate) fn decode<T: DeserializeOwned>(kind: &str, key: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|e| EngineError::Inconsistent(format!("{kind} of {key} cannot be read: {e}")))
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| EngineError::Inconsistent(e.to_string()))
}

/// The documents of one kind for many subjects; erased ones are left out.
pub(crate) async fn load<T: DeserializeOwned>(
    reader: &mut Reader,
    scope: &Scope,
    kind: &str,
    keys: &[String],
) -> Result<HashMap<String, T>> {
    let mut found = HashMap::with_capacity(keys.len());
    for row in reader.observations(scope, kind, keys).await? {
        if let Some(body) = &row.body {
            found.insert(row.key.clone(), decode(kind, &row.key, body)?);
        }
    }
    Ok(found)
}

/// An observation that carries nothing personal.
pub(crate) fn plain<T: Serialize>(
    kind: &str,
    key: &str,
    at: Timestamp,
    value: &T,
) -> Result<Observation> {
    Ok(Observation {
        kind: kind.to_owned(),
        key: key.to_owned(),
        person: None,
        version: String::new(),
        stamp: at,
        read_began: at,
        body: Some(encode(value)?),
    })
}

/// An observation of a subject's document, sealed under the subject's key.
pub(crate) fn document<T: Serialize>(
    kind: &str,
    key: &str,
    at: Timestamp,
    value: &T,
) -> Result<Observation> {
    Ok(Observation {
        kind: kind.to_owned(),
        key: key.to_owned(),
        person: Some(key.to_owned()),
        version: String::new(),
        stamp: at,
        read_began: at,
        body: Some(encode(value)?),
    })
}

/// Orders seen at ShipBob, merged into what is known of each subject. An older state never wins:
/// lists lag behind writes. Returns the subjects whose document changed; that ShipBob moved a
/// shipment to another centre is told in the trail.
pub(crate) async fn merge_orders(
    txn: &mut Txn,
    scope: &Scope,
    at: Timestamp,
    seen: Vec<(String, SeenOrder)>,
) -> Result<Vec<String>> {
    let mut by_subject: HashMap<String, Vec<SeenOrder>> = HashMap::new();
    for (subject, order) in seen {
        by_subject.entry(subject).or_default().push(order);
    }
    let keys: Vec<String> = by_subject.keys().cloned().collect();
    let mut known: HashMap<String, Vec<SeenOrder>> = load(txn, scope, WAREHOUSE, &keys).await?;
    let (mut changed, mut writes, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    for (subject, orders) in by_subject {
        let mut document = known.remove(&subject).unwrap_or_default();
        let mut news = false;
        for order in orders {
            let told = moved(&document, &order);
            if merge_one(&mut document, order) {
                news = true;
                moves.extend(told.into_iter().map(|why| (subject.clone(), why)));
            }
        }
        if news {
            document.sort_by(|a, b| {
                (&a.order.reference, a.order.id).cmp(&(&b.order.reference, b.order.id))
            });
            writes.push(self::document(WAREHOUSE, &subject, at, &document)?);
            changed.push(subject);
        }
    }
    txn.observations_put(scope, writes).await?;
    if !moves.is_empty() {
        moves.sort();
        let told =
            moves.into_iter().map(|(s, why)| trail::entry(at, trail::ENGINE, "moved", &s, why));
        txn.trail_append(scope, told.collect()).await?;
    }
    changed.sort();
    Ok(changed)
}

/// What is another centre than we saw last, in words. Where ShipBob names a centre for the first time
/// nothing has moved.
fn moved(document: &[SeenOrder], new: &SeenOrder) -> Vec<String> {
    let Some(old) = document.iter().find(|o| o.order.id == new.order.id) else { return Vec::new() };
    let before = |s: &Shipment| old.order.shipments.iter().find(|o| o.id == s.id)?.centre;
    let told = new.order.shipments.iter().filter(|s| !s.dead()).filter_map(|s| {
        let (from, to) = (before(s)?, s.centre?);
        (from != to).then(|| format!("ShipBob moved shipment {} from centre {from} to {to}.", s.id))
    });
    told.collect()
}

fn merge_one(document: &mut Vec<SeenOrder>, new: SeenOrder) -> bool {
    match document.iter_mut().find(|o| o.order.id == new.order.id) {
        None => {
            document.push(new);
            true
        }
        Some(old) => {
            let newer = (new.order.last_update(), new.read_began)
                >= (old.order.last_update(), old.read_began);
            let differs = old.order != new.order;
            if newer {
                *old = new;
            }
            newer && differs
        }
    }
}

/// A change of what we keep of one subject.
pub(crate) type KeptEdit = (String, Box<dyn FnOnce(&mut Kept) + Send>);

/// Changes what we keep of many subjects.
pub(crate) async fn change_kept(
    txn: &mut Txn,
    scope: &Scope,
    at: Timestamp,
    changes: Vec<KeptEdit>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut keys: Vec<String> = changes.iter().map(|(k, _)| k.clone()).collect();
    keys.sort();
    keys.dedup();
    let mut known: HashMap<String, Kept> = load(txn, scope, KEPT, &keys).await?;
    for (key, change) in changes {
        change(known.entry(key).or_default());
    }
    let mut writes = Vec::with_capacity(known.len());
    for (key, kept) in known {
        writes.push(document(KEPT, &key, at, &kept)?);
    }
    txn.observations_put(scope, writes).await?;
    Ok(())
}

/// The F&O side as observations. Reads by key do not lag: the later begun read wins.
pub(crate) fn sales_documents(reads: &[OrderRead]) -> Result<Vec<Observation>> {
    reads.iter().map(|r| document(SALES, r.number.as_str(), r.read_began, r)).collect()
}
