//! The message processor: takes committed updates, and says no with a reason.

use rust_decimal::Decimal;
use serde_json::json;

use super::Update;
use crate::fo::db::Database;
use crate::fo::life::LifeEvent;
use crate::fo::rows::Picked;
use crate::world::calendar::MINUTE;
use crate::world::ledger::{System, effect};
use crate::world::tenant::Tenant;
use crate::world::{Event, World};

/// The automatic processing of the queue runs this often (before pace).
const EVERY: i64 = 5 * MINUTE;

/// Plans the next run where something waits.
pub(crate) fn reconsider(world: &mut World) {
    let waits = world.dynamics.db.updates().any(|update| update.status == "Received");
    if !waits || world.dynamics.processor_planned {
        return;
    }
    world.dynamics.processor_planned = true;
    let every = world.config.paced(EVERY);
    let start = world.config.start_micros;
    let runs = (world.now - start).div_euclid(every) + 1;
    world.schedule_at(start + runs * every, Event::Dynamics(LifeEvent::Processor));
}

/// One run over the queue.
pub(crate) fn run(world: &mut World) {
    world.dynamics.processor_planned = false;
    let waiting: Vec<Update> =
        world.dynamics.db.updates().filter(|u| u.status == "Received").cloned().collect();
    for update in waiting {
        take(world, &update);
    }
    reconsider(world);
}

fn take(world: &mut World, update: &Update) {
    let order = world.dynamics.db.request_of_origin(&update.origin).map(|r| r.order);
    let locked = order
        .and_then(|index| world.dynamics.db.order(index))
        .is_some_and(|order| order.locked_until > world.now);
    if locked {
        return;
    }
    let outcome = judge(&world.dynamics.db, &world.config.tenant, update);
    let (name, status, detail) = match &outcome {
        Ok(_) => (effect::UPDATE_ACCEPTED, "Accepted", json!({"update": update.id})),
        Err(why) => (effect::UPDATE_FAILED, "Failed", json!({"update": update.id, "why": why})),
    };
    if let Some(row) = world.dynamics.db.update_mut(&update.id) {
        row.status = status;
        row.rec_version += 1;
    }
    let number = order.and_then(|index| world.seed.at(index)).map(|meant| meant.number.clone());
    let key = number.unwrap_or_else(|| update.origin.clone());
    world.ledger.record(world.now, System::Dynamics, name, key, detail);
    if let (Ok(lines), Some(index)) = (outcome, order) {
        let slip = update.slip.clone();
        crate::fo::stock::deduct(world, index, &lines);
        world.dynamics.db.quietly(index, |order| order.picked.push(Picked { slip, lines }));
        crate::fo::life::reconsider(world, index);
    }
}

/// What is picked per order line, or why the update is refused.
fn judge(db: &Database, tenant: &Tenant, update: &Update) -> Result<Vec<(i32, Decimal)>, String> {
    let request = db
        .request_of_origin(&update.origin)
        .ok_or_else(|| format!("Shipment order {} does not exist.", update.origin))?;
    if request.status == "Cancelled" {
        return Err(format!("Shipment order {} has been cancelled.", update.origin));
    }
    let whole = !tenant.partial_updates;
    let earlier = db.updates().any(|u| {
        u.id != update.id && u.status == "Accepted" && u.origin.eq_ignore_ascii_case(&update.origin)
    });
    if earlier && whole {
        return Err(format!("Shipment order {} has already been processed.", update.origin));
    }
    if update.lines.is_empty() {
        return Err(format!("Update {} has no lines.", update.id));
    }
    let order = db.order(request.order).ok_or("The sales order does not exist.")?;
    let mut picked = Vec::new();
    for line in &request.lines {
        let Some(told) = update.lines.iter().find(|l| l.number == line.number) else {
            if whole {
                return Err(format!("Line {} is missing.", line.number));
            }
            continue;
        };
        let dimension =
            told.dimension.ok_or_else(|| format!("Line {} has no dimensions.", line.number))?;
        if told.unit != line.unit || told.ordered != line.quantity {
            return Err(format!("Line {} does not agree with the shipment order.", line.number));
        }
        if (whole && dimension != told.shipped)
            || told.shipped != told.picked
            || told.remaining != told.ordered - told.shipped
        {
            return Err(format!("The quantities of line {} do not agree.", line.number));
        }
        let open = order.lines.iter().find(|l| l.seq == line.seq).map(|l| l.remain);
        let open = open.unwrap_or_default();
        if (whole && dimension != open) || dimension > open {
            return Err(format!(
                "Shipped quantity {} of line {} differs from the deliver remainder {}.",
                dimension.normalize(),
                line.number,
                open.normalize()
            ));
        }
        if dimension > Decimal::ZERO {
            picked.push((line.seq, dimension));
        }
    }
    let known = |number: i64| request.lines.iter().any(|l| l.number == number);
    match update.lines.iter().find(|l| !known(l.number)) {
        Some(line) => Err(format!("Line {} does not exist.", line.number)),
        None => Ok(picked),
    }
}
