//! Outcomes into rows: one transaction for a batch of them.

use super::outcome::{Effect, Outcome};
use crate::error::Result;
use crate::gather::target;
use crate::kept::{KeptEdit, change_kept, merge_orders};
use crate::parts::Engine;
use crate::persist::planned_as;
use crate::poll::signal;
use crate::products::ProductEffect;
use crate::trail;
use domain::ids::ShipBobOrderId;
use domain::operation::Lane;
use domain::plan::{Kept, SeenOrder};
use domain::stock::JOURNAL_SUBJECT;
use domain::time::Timestamp;
use std::collections::HashMap;
use store::{Finish, NewSignal, TrailEntry};

/// Everything a batch of outcomes changes.
#[derive(Default)]
struct Changes {
    finishes: Vec<Finish>,
    entries: Vec<TrailEntry>,
    subjects: Vec<String>,
    orders: Vec<(String, SeenOrder)>,
    signals: Vec<NewSignal>,
    kept: Vec<KeptEdit>,
    products: Vec<(String, ProductEffect)>,
    /// The settings each write was planned under, by delivery.
    versions: HashMap<i64, i64>,
}

impl Engine {
    /// Records outcomes with everything they entail, in one transaction.
    pub(crate) async fn record(&self, outcomes: Vec<Outcome>) -> Result<()> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let mut work = self.begin("courier.record").await?;
        let now = self.now();
        let ids: Vec<i64> = outcomes.iter().filter(|o| o.trail.is_some()).map(|o| o.id).collect();
        let versions = work.txn.deliveries_settings(&self.scope, &ids).await?;
        let mut changes = Changes { versions, ..Changes::default() };
        for outcome in outcomes {
            changes.add(now, outcome);
        }
        let Changes { finishes, entries, subjects, orders, signals, kept, products, .. } = changes;
        merge_orders(&mut work.txn, &self.scope, now, orders).await?;
        change_kept(&mut work.txn, &self.scope, now, kept).await?;
        self.keep_products(&mut work.txn, products).await?;
        work.txn.deliveries_finish(&self.scope, work.fence, finishes, now).await?;
        work.txn.inbox_add_many(&self.scope, signals).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.txn.subjects_mark(&self.scope, subjects, Lane::Fulfilment as i64, now).await?;
        work.commit().await
    }
}

impl Changes {
    fn add(&mut self, now: Timestamp, o: Outcome) {
        let (operation, outcome) = (o.operation, o.disposition);
        metrics::counter!("deliveries_total", "operation" => operation, "outcome" => outcome)
            .increment(1);
        if let Some(what) = o.trail {
            let why = o.sentence.clone();
            let settings_version = self.versions.get(&o.id).copied().unwrap_or_default();
            let subject = planned_as(&o.subject);
            let entry = trail::entry(now, trail::ENGINE, what, subject, why);
            self.entries.push(TrailEntry { settings_version, ..entry });
        }
        self.apply(now, o.id, o.attempt, planned_as(&o.subject), o.effect);
        self.finishes.push(Finish {
            id: o.id,
            attempt: o.attempt,
            next: o.next,
            disposition: o.disposition.to_owned(),
            detail: Some(o.sentence),
            status: o.status,
            outcome: o.outcome,
        });
        // A journal is no order: the stock run looks after it.
        if !o.subject.starts_with(JOURNAL_SUBJECT) {
            self.subjects.push(planned_as(&o.subject).to_owned());
        }
    }

    fn apply(&mut self, now: Timestamp, id: i64, attempt: i64, subject: &str, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Created { order, sent, read_began } => {
                let reference = sent.reference.as_str().to_owned();
                self.keep(subject, move |k| {
                    k.absent.remove(&reference);
                    k.sent.insert(reference, *sent);
                });
                self.orders.push((subject.to_owned(), SeenOrder { order: *order, read_began }));
            }
            Effect::Cancelled { reference, order } => {
                let reference = reference.as_str().to_owned();
                self.keep(subject, move |k| {
                    k.cancelled_by_us.insert(reference, now);
                });
                self.signals.push(look_again(order, now, id));
            }
            Effect::Edited(edit) => {
                let order = edit.order;
                self.keep(subject, move |k| k.edited(&edit, now));
                self.signals.push(look_again(order, now, id));
            }
            Effect::LookAtOrder(order) => self.signals.push(look_again(order, now, id)),
            Effect::Acknowledged(shipment) => self.keep(subject, move |k| {
                k.acknowledged.insert(shipment.0, now);
            }),
            Effect::Products(effect) => self.products.push((subject.to_owned(), *effect)),
            Effect::ReadSales => self.read_sales(now, id, attempt, subject),
            Effect::InHands { key, read } => {
                self.keep(subject, move |k| {
                    k.in_hands.entry(key).or_insert(now);
                });
                if read {
                    self.read_sales(now, id, attempt, subject);
                }
            }
        }
    }

    fn read_sales(&mut self, now: Timestamp, id: i64, attempt: i64, subject: &str) {
        let dedupe = format!("stale|{id}|{attempt}");
        self.signals.push(signal("courier", target::of(subject), subject, dedupe, now));
    }

    fn keep(&mut self, subject: &str, edit: impl FnOnce(&mut Kept) + Send + 'static) {
        self.kept.push((subject.to_owned(), Box::new(edit)));
    }
}

fn look_again(order: ShipBobOrderId, now: Timestamp, id: i64) -> NewSignal {
    let dedupe = format!("look|{order}|{id}|{}", now.0);
    signal("courier", target::WAREHOUSE, &order.to_string(), dedupe, now)
}
