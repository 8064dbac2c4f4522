//! The same random history on both databases must leave the same rows and give the same answers.
//! Ids are left out of the comparison: PostgreSQL spends numbers on refused rows too.

use super::*;
use std::fmt::Write as _;

/// A small linear congruential generator: the seed is the whole reproduction.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from(self.0 >> 33).unwrap() % sides
    }

    fn subject(&mut self) -> String {
        format!("S{}", self.roll(6))
    }
}

struct World {
    store: Store,
    dice: Dice,
    plan: i64,
    log: String,
}

impl World {
    /// One random unit of work; what it returned goes to the log.
    async fn step(&mut self, n: i64) {
        let mut txn = self.store.begin("step").await.unwrap();
        let said = match self.dice.roll(10) {
            kind @ 0..=2 => other_work(&mut txn, &mut self.dice, n, kind).await,
            3 => observe(&mut txn, &mut self.dice, n).await,
            4 => retire(&mut txn, &mut self.dice, n).await,
            kind => {
                self.plan += 1;
                delivery_work(&mut txn, &mut self.dice, n, kind, self.plan).await
            }
        };
        // Every fifth unit of work is given up: it must leave no trace on either database.
        if self.dice.roll(5) == 0 {
            txn.rollback().await.unwrap();
        } else {
            txn.commit().await.unwrap();
        }
        writeln!(self.log, "{n} {said}").unwrap();
    }

    async fn dump(&mut self) -> String {
        let scope = scope();
        let all = texts(&["S0", "S1", "S2", "S3", "S4", "S5"]);
        let mut read = self.store.read().await.unwrap();
        let mut lines = Vec::new();
        for row in read.subjects(&scope, &all).await.unwrap() {
            lines.push(format!("{row:?}"));
        }
        for d in read.deliveries_of_many(&scope, &all).await.unwrap() {
            let tries: Vec<_> = read.attempts_of(&scope, &[d.id]).await.unwrap();
            let tries: Vec<_> = tries.iter().map(|a| (a.number, a.ended_at, a.status)).collect();
            lines.push(format!("{} {:?} {tries:?}", keys(std::slice::from_ref(&d)), d.updated_at));
        }
        for h in read.holds_open(&scope, &all).await.unwrap() {
            lines.push(format!(
                "{} {} {} {} {:?}",
                h.subject, h.cause, h.value, h.reason, h.opened_at
            ));
        }
        for o in read.observations_of_kind(&scope, "fo.order", "", 100).await.unwrap() {
            lines.push(format!("{o:?}"));
        }
        lines.push(format!("{:?}", read.due(&scope).await.unwrap()));
        lines.sort_unstable();
        lines.join("\n")
    }
}

async fn other_work(txn: &mut Txn, dice: &mut Dice, n: i64, kind: i64) -> String {
    let (scope, at) = (scope(), t(n));
    match kind {
        0 => {
            let keys = vec![dice.subject(), dice.subject()];
            let lane = dice.roll(3);
            format!("{:?}", txn.subjects_mark(&scope, keys, lane, at).await)
        }
        1 => {
            let mut taken = txn.subjects_take(&scope, at, 3).await.unwrap();
            taken.truncate(2);
            let update = |row: &SubjectRow| SubjectUpdate {
                key: row.key.clone(),
                seen_marks: row.marks,
                plan_at: Some(at + Span::seconds(5)),
                status: "sending".to_owned(),
                milestones: Milestones { released_at: Some(at), ..Milestones::default() },
                ..SubjectUpdate::default()
            };
            let updates = taken.iter().map(update).collect();
            txn.subjects_update(&scope, updates, at).await.unwrap();
            format!("{taken:?}")
        }
        _ => {
            let (subject, other) = (dice.subject(), dice.subject());
            let hold = NewHold {
                subject: subject.clone(),
                flow: "orders".to_owned(),
                cause: format!("c{}", dice.roll(2)),
                field: String::new(),
                reason: format!("r{}", dice.roll(2)),
                fix: "x".to_owned(),
                value: format!("v{}", dice.roll(2)),
            };
            let planned = [subject, other].map(|s| (s, "orders".to_owned())).to_vec();
            let changes = txn.holds_reconcile(&scope, planned, vec![hold], "p", at).await.unwrap();
            let mut closed: Vec<_> =
                changes.closed.iter().map(|h| (&h.subject, &h.value)).collect();
            closed.sort_unstable();
            format!("{:?} {closed:?}", changes.opened)
        }
    }
}

async fn observe(txn: &mut Txn, dice: &mut Dice, n: i64) -> String {
    let (scope, at) = (scope(), t(n));
    let reading = Observation {
        kind: "fo.order".to_owned(),
        key: dice.subject(),
        person: None,
        version: n.to_string(),
        stamp: t(dice.roll(50)),
        read_began: at,
        body: Some(Vec::new()),
    };
    format!("{:?}", txn.observations_put(&scope, vec![reading]).await.unwrap())
}

async fn retire(txn: &mut Txn, dice: &mut Dice, n: i64) -> String {
    let (scope, at) = (scope(), t(n));
    let wanted = vec![format!("k{}", dice.roll(20)), format!("k{}", dice.roll(20))];
    let found = txn.deliveries_by_key(&scope, &wanted).await.unwrap();
    let ids: Vec<i64> = found.iter().map(|d| d.id).collect();
    let gone = if dice.roll(2) == 0 {
        txn.deliveries_retire(&scope, ids, Retired::Superseded, at).await.unwrap()
    } else {
        txn.deliveries_reopen(&scope, ids, at, at).await.unwrap()
    };
    format!("{} of {}", gone.len(), found.len())
}

async fn delivery_work(txn: &mut Txn, dice: &mut Dice, n: i64, kind: i64, plan: i64) -> String {
    let (scope, fence, at) = (scope(), Fence(1), t(n));
    match kind {
        5 | 6 => {
            let (subject, key) = (dice.subject(), format!("k{}", dice.roll(20)));
            let one = delivery(&subject, plan, 0, &key, dice.roll(2));
            let queued = txn.deliveries_put(&scope, vec![one], at).await.unwrap();
            format!("{:?}", queued.keys().collect::<Vec<_>>())
        }
        7 => {
            let when = (at, at + Span::seconds(3));
            let claimed = txn.deliveries_claim(&scope, fence, when, ALL_LANES, 2).await.unwrap();
            keys(&claimed)
        }
        _ => {
            let due = [
                Next::Done,
                Next::Held,
                Next::Refused,
                Next::Withdrawn,
                Next::Later { not_before: t(n + 2), counts: dice.roll(2) == 0 },
                Next::InDoubt { look_at: t(n + 1), until: t(n + 9) },
            ];
            let next = due[usize::try_from(dice.roll(6)).unwrap()];
            let known = texts(&["S0", "S1", "S2", "S3", "S4", "S5"]);
            let mut open = txn.deliveries_open(&scope, &known).await.unwrap();
            open.retain(|d| matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt));
            open.sort_by(|a, b| a.business_key.cmp(&b.business_key));
            open.truncate(1);
            let outcomes = open.iter().map(|d| finish(d, next)).collect();
            txn.deliveries_finish(&scope, fence, outcomes, at).await.unwrap();
            keys(&open)
        }
    }
}

fn keys(deliveries: &[Delivery]) -> String {
    let line = |d: &Delivery| {
        format!(
            "{}:{}:{:?}:{}/{}:{:?}",
            d.subject, d.business_key, d.state, d.attempts, d.attempt, d.not_before
        )
    };
    deliveries.iter().map(line).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_random_history_ends_alike_on_both_databases() {
    for seed in [1, 7, 2026] {
        let mut ends: Vec<(String, String)> = Vec::new();
        for (_db, store) in stores().await {
            let mut world = World { store, dice: Dice(seed), plan: 0, log: String::new() };
            for n in 0..150 {
                world.step(n).await;
            }
            let dump = world.dump().await;
            assert!(dump.lines().count() > 10, "the history did nothing");
            ends.push((world.log, dump));
        }
        for pair in ends.windows(2) {
            let answers = pair[0].0.lines().zip(pair[1].0.lines());
            let rows = pair[0].1.lines().zip(pair[1].1.lines());
            for (one, other) in answers.chain(rows) {
                assert_eq!(one, other, "seed {seed}");
            }
            assert_eq!(pair[0].1.lines().count(), pair[1].1.lines().count(), "seed {seed}");
        }
    }
}
