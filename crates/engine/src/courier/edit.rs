//! Changes of shipments: what a reply or a look comes to.

use super::{Claimed, Effect, Outcome, later};
use crate::parts::Engine;
use crate::resolve::still_open;
use domain::edit::ShipmentEdit;
use domain::operation::System;
use domain::time::Timestamp;
use domain::warehouse::WarehouseOrder;
use shipbob::EditReply;

/// ShipBob said no in words that do not prove that nothing happened; its words follow.
const UNSURE: &str = "unsure:";

impl Engine {
    /// None when a fault point said stop.
    pub(super) fn edited(
        &self,
        c: &Claimed,
        edit: &ShipmentEdit,
        reply: EditReply,
    ) -> Option<Outcome> {
        let now = self.now();
        Some(match reply {
            EditReply::Done => {
                self.good(System::ShipBob);
                Outcome::done(c, "changed at ShipBob.")
                    .effect(Effect::Edited(Box::new(edit.clone())))
            }
            EditReply::Refused { why } => {
                self.good(System::ShipBob);
                refused(c, edit, &why)
            }
            EditReply::Unsure { why } => {
                let words = format!("ShipBob could not do it ({why}); looked up.");
                Outcome::in_doubt(c, now, now + c.row.settle, &words)
                    .remembering(&format!("{UNSURE}{why}"))
            }
            EditReply::Failed(failure) => return self.failed(c, failure),
            EditReply::GateClosed { until } => {
                self.remember().gate_opens = until;
                let wait = until.since(now);
                later(c, now, Some(wait), false, "its turn comes later")
            }
        })
    }
}

/// Nothing happened: the planner reads the order again and finds another way.
fn refused(c: &Claimed, edit: &ShipmentEdit, why: &str) -> Outcome {
    Outcome::refused(c, &format!("ShipBob does not take it: {why}"))
        .effect(Effect::LookAtOrder(edit.order))
}

/// A change nobody knows the fate of, and the order as it was read.
pub(crate) fn judge_edit(
    c: &Claimed,
    began: Timestamp,
    order: &WarehouseOrder,
    edit: &ShipmentEdit,
) -> Outcome {
    let shown = order.shipments.iter().find(|s| s.id == edit.shipment);
    if shown.is_some_and(|s| edit.shows(s)) {
        return Outcome::done(c, "found changed at ShipBob, not repeated.")
            .effect(Effect::Edited(Box::new(edit.clone())));
    }
    let memory = c.row.outcome.clone().unwrap_or_default();
    let over = began >= c.row.doubt_until.unwrap_or(began);
    match memory.strip_prefix(UNSURE).filter(|_| over) {
        Some(why) => refused(c, edit, why),
        None => still_open(c, began).remembering(&memory),
    }
}
