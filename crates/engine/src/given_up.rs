//! Creates that went out and were given up since. A process that stood still may send its bytes long after its
//! successor has proved that nothing arrived; meanwhile a clerk may have changed the order, so that another body is
//! wanted under the same reference. What then stands at ShipBob is ours: it is adopted and brought to what is wanted.

use crate::courier::{Claimed, Effect, Outcome};
use crate::error::Result;
use crate::kept::decode;
use crate::parts::Engine;
use domain::ids::{ChannelId, ReferenceId, Scope};
use domain::kit::unfold;
use domain::operation::{CreateOrder, Operation, create_prefix};
use domain::plan::{DeliveryState, Kept, KnownDelivery, SeenOrder};
use domain::time::Timestamp;
use domain::warehouse::WarehouseOrder;
use std::collections::{BTreeMap, HashMap};
use store::{Delivery, Reader};

/// A create that is neither done nor under way, and was tried at least once.
fn given_up(row: &Delivery) -> bool {
    use DeliveryState::{Done, InDoubt, InFlight};
    row.attempt > 0 && !matches!(row.state, Done | InFlight | InDoubt)
}

fn body_of(row: &Delivery) -> Result<Option<CreateOrder>> {
    let Some(body) = row.body.as_deref() else { return Ok(None) };
    match decode::<Operation>("delivery", &row.business_key, body)? {
        Operation::CreateOrder(create) => Ok(Some(create)),
        _ => Ok(None),
    }
}

/// Bodies given up under references that ShipBob shows and nobody remembers to have sent, by subject.
pub(crate) async fn of_strangers(
    reader: &mut Reader,
    scope: &Scope,
    warehouse: &HashMap<String, Vec<SeenOrder>>,
    kept: &HashMap<String, Kept>,
    deliveries: &HashMap<String, Vec<KnownDelivery>>,
) -> Result<HashMap<String, Vec<CreateOrder>>> {
    let mut keys = Vec::new();
    for (subject, orders) in warehouse {
        let known = |r: &ReferenceId| {
            kept.get(subject).is_some_and(|kept| kept.sent.contains_key(r.as_str()))
        };
        for order in orders.iter().map(|o| &o.order).filter(|o| !known(&o.reference)) {
            let prefix = create_prefix(&order.reference);
            let own = deliveries.get(subject).into_iter().flatten();
            keys.extend(own.filter(|d| d.key.starts_with(&prefix)).map(|d| d.key.clone()));
        }
    }
    let mut found: HashMap<String, Vec<CreateOrder>> = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let mut rows = reader.deliveries_by_key(scope, &keys).await?;
    rows.sort_by_key(|row| row.id);
    for row in rows.iter().filter(|row| given_up(row)) {
        if let Some(body) = body_of(row)? {
            found.entry(row.subject.clone()).or_default().push(body);
        }
    }
    Ok(found)
}

impl Engine {
    /// Earlier bodies of creates in doubt under whose references something else was found, by delivery.
    pub(crate) async fn earlier_bodies(
        &self,
        mine: &[Claimed],
        found: &BTreeMap<ReferenceId, WarehouseOrder>,
        channel: ChannelId,
    ) -> Result<HashMap<i64, CreateOrder>> {
        let mut bodies = HashMap::new();
        for c in mine {
            let Operation::CreateOrder(create) = &c.operation else { continue };
            let Some(order) = found.get(&create.reference) else { continue };
            if unfold(create).differs(order, channel).is_none() {
                continue;
            }
            let mut reader = self.store.read().await?;
            let rows = reader.deliveries_of(&self.scope, &c.row.subject).await?;
            let prefix = create_prefix(&create.reference);
            let earlier = |row: &&Delivery| {
                row.id != c.row.id && row.business_key.starts_with(&prefix) && given_up(row)
            };
            for row in rows.iter().filter(earlier) {
                let Some(body) = body_of(row)? else { continue };
                if unfold(&body).differs(order, channel).is_none() {
                    bodies.insert(c.row.id, body);
                }
            }
        }
        Ok(bodies)
    }
}

/// What stands there is what was sent before: planned anew from it.
pub(crate) fn adopted(
    c: &Claimed,
    order: &WarehouseOrder,
    body: &CreateOrder,
    began: Timestamp,
) -> Outcome {
    let words = format!("ShipBob order {} is what was sent before; planned anew.", order.id);
    Outcome::withdrawn(c, &words).effect(Effect::Created {
        order: Box::new(order.clone()),
        sent: Box::new(body.clone()),
        read_began: began,
    })
}
