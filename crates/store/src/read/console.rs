//! What the rooms of the console show: lists of orders, what waits and since when, holds grouped
//! by what would heal them, orders by any number. Sentences and colours are the console's.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, scoped, statements};
use crate::limits::page;
use crate::link::{NumberEntry, normal_number};
use crate::subject::SubjectRow;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::HashMap;

/// On the way to ShipBob and nobody asked; the words are the planner's for orders that never go.
macro_rules! to_shipbob {
    () => {
        "released_at > 0 AND accepted_at IS NULL AND cancelled_at IS NULL AND NOT held \
         AND status NOT IN ('skipped', 'ignored', 'waiting')"
    };
}

/// Everything left, tracking not yet in F&O, and nobody asked.
macro_rules! to_dynamics {
    () => {
        "shipped_at > 0 AND written_at IS NULL AND cancelled_at IS NULL AND NOT held \
         AND status IN ('shipped', 'delivered')"
    };
}

/// A page of keys by (first seen, key), going down from `($3, $4)`.
macro_rules! newest {
    ($condition:expr) => {
        concat!(
            "SELECT key FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
             AND (seen_at, key) < ($3, $4) AND ",
            $condition,
            " ORDER BY seen_at DESC, key DESC LIMIT $5"
        )
    };
}

/// The same, going up from `($3, $4)`.
macro_rules! oldest {
    ($condition:expr) => {
        concat!(
            "SELECT key FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
             AND (seen_at, key) > ($3, $4) AND ",
            $condition,
            " ORDER BY seen_at, key LIMIT $5"
        )
    };
}

statements! {
    // Other flows have subjects, too; none of them is an order.
    tenant ORDERS_ALL = newest!("seen_at > 0 AND key NOT LIKE 'product:%'");
    tenant ORDERS_RELEASED = newest!("released_at IS NOT NULL AND status <> 'ignored'");
    tenant ORDERS_IN_SHIPBOB = newest!("accepted_at IS NOT NULL AND shipped_at IS NULL \
        AND cancelled_at IS NULL");
    tenant ORDERS_WRITTEN = newest!("written_at IS NOT NULL AND delivered_at IS NULL");
    tenant ORDERS_DELIVERED = newest!("delivered_at IS NOT NULL");
    tenant ORDERS_CANCELLED = newest!("cancelled_at IS NOT NULL");
    tenant ORDERS_HELD = oldest!("held AND key NOT LIKE 'product:%'");
    tenant ORDERS_WAITING = oldest!(to_shipbob!());
    tenant ORDERS_SHIPPED = oldest!("shipped_at > 0 AND written_at IS NULL \
        AND cancelled_at IS NULL");
    tenant ORDERS_LATE = oldest!(concat!("((released_at < $6 AND ", to_shipbob!(),
        ") OR (shipped_at < $6 AND ", to_dynamics!(), "))"));
    tenant CONSOLE_WAITING = concat!("SELECT \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 AND ",
        to_shipbob!(), ") AS to_shipbob, \
        (SELECT MIN(released_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND ", to_shipbob!(), ") AS to_shipbob_oldest, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND released_at < $3 AND ", to_shipbob!(), ") AS to_shipbob_late, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 AND ",
        to_dynamics!(), ") AS to_dynamics, \
        (SELECT MIN(shipped_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND ", to_dynamics!(), ") AS to_dynamics_oldest, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND shipped_at < $3 AND ", to_dynamics!(), ") AS to_dynamics_late, \
        (SELECT MIN(opened_at) FROM hold WHERE organisation_id = $1 AND connection_id = $2 \
        AND closed_at IS NULL) AS held_oldest");
    tenant CONSOLE_HELD = "SELECT COUNT(*) AS held FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND held AND seen_at > 0";
    // A stage passed since then was written since then, so the index on updated_at finds it.
    tenant CONSOLE_COHORT = "SELECT COUNT(*) AS released, COUNT(accepted_at) AS accepted, \
        COUNT(shipped_at) AS shipped, COUNT(written_at) AS written, \
        COUNT(delivered_at) AS delivered, COUNT(cancelled_at) AS cancelled FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND updated_at >= $3 \
        AND released_at >= $3 AND status <> 'ignored'";
    tenant CONSOLE_HOURS = "SELECT 'released' AS stage, released_at / 3600000000 AS hour, \
        COUNT(*) AS orders FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND updated_at >= $3 AND released_at >= $3 AND status <> 'ignored' \
        GROUP BY released_at / 3600000000 \
        UNION ALL SELECT 'accepted', accepted_at / 3600000000, COUNT(*) FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND updated_at >= $3 \
        AND accepted_at >= $3 GROUP BY accepted_at / 3600000000 \
        UNION ALL SELECT 'shipped', shipped_at / 3600000000, COUNT(*) FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND updated_at >= $3 \
        AND shipped_at >= $3 GROUP BY shipped_at / 3600000000";
    tenant CONSOLE_SENDS = "SELECT lane, COUNT(*) AS deliveries, MIN(created_at) AS oldest \
        FROM delivery WHERE organisation_id = $1 AND connection_id = $2 AND state = 'ready' \
        GROUP BY lane \
        UNION ALL SELECT lane, COUNT(*), MIN(created_at) FROM delivery \
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'in_flight' \
        GROUP BY lane \
        UNION ALL SELECT -1, COUNT(*), MIN(updated_at) FROM delivery \
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'in_doubt'";
    tenant CONSOLE_ANY = "SELECT key FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND released_at IS NOT NULL LIMIT 1";
    tenant HOLD_GROUPS = "SELECT flow, cause, field, value, MIN(reason) AS reason, \
        MIN(fix) AS fix, COUNT(DISTINCT subject) AS subjects, MIN(opened_at) AS oldest FROM hold \
        WHERE organisation_id = $1 AND connection_id = $2 AND closed_at IS NULL \
        GROUP BY flow, cause, field, value ORDER BY oldest, cause, field, value LIMIT $3";
    tenant HOLD_GROUP_SUBJECTS = "SELECT flow, cause, field, value, subject, opened_at FROM \
        (SELECT flow, cause, field, value, subject, opened_at, ROW_NUMBER() OVER \
        (PARTITION BY flow, cause, field, value ORDER BY opened_at, id) AS place FROM hold \
        WHERE organisation_id = $1 AND connection_id = $2 AND closed_at IS NULL) AS ranked \
        WHERE place <= $3 ORDER BY opened_at, subject LIMIT $4";
    tenant NUMBER_FIND = "SELECT number, kind, subject FROM number WHERE organisation_id = $1 \
        AND connection_id = $2 AND number_normal >= $3 AND number_normal < $4 \
        ORDER BY number_normal, kind, subject LIMIT $5";
    tenant SIGNALS_OF = "SELECT dedupe_key, received_at FROM inbox WHERE organisation_id = $1 \
        AND connection_id = $2 AND done_at IS NULL AND source = $3 AND target_kind = $4 \
        AND target_key = $5 ORDER BY id LIMIT 50";
}

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderList {
    /// All, newest first.
    All,
    /// Released, and something on it ships from ShipBob; newest first.
    Released,
    /// In ShipBob, nothing left yet; newest first.
    InShipBob,
    /// Tracking in F&O, not delivered; newest first.
    Written,
    /// Delivered; newest first.
    Delivered,
    /// Cancelled; newest first.
    Cancelled,
    /// Waiting for a person; oldest first.
    Held,
    /// On the way to ShipBob, nobody asked; oldest first.
    Waiting,
    /// Something left, tracking not complete in F&O; oldest first.
    Shipped,
    /// On the way to either side since before this moment, nobody asked; oldest first.
    Late(Timestamp),
}

/// How many wait, and since when the oldest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    /// How many.
    pub count: i64,
    /// Since when.
    pub oldest: Option<Timestamp>,
}

/// One hour of the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HourRow {
    /// Hours since 1970.
    pub hour: i64,
    /// Orders released in it.
    pub released: i64,
    /// Orders accepted in it.
    pub accepted: i64,
    /// Orders of which the first parcel left in it.
    pub shipped: i64,
}

/// From when on an overview counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewWindow {
    /// Orders released since then are followed through the stages.
    pub since: Timestamp,
    /// Hours are told from then on.
    pub hours_since: Timestamp,
    /// What waits since before then is late.
    pub late_before: Timestamp,
}

/// The numbers of the first page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleOverview {
    /// Orders released in the window, and how many of them passed each stage so far.
    pub cohort: super::Today,
    /// Any released order was ever seen.
    pub any: bool,
    /// On the way to ShipBob, nobody asked.
    pub to_shipbob: Waits,
    /// On the way to F&O, nobody asked.
    pub to_dynamics: Waits,
    /// Of both, those that wait too long.
    pub late: i64,
    /// Orders that wait for a person; since the oldest open hold.
    pub held: Waits,
    /// Signals not yet worked off.
    pub signals: Waits,
    /// Deliveries ready or being sent, by number of the lane; a lane may come twice.
    pub sends: Vec<(i64, Waits)>,
    /// Deliveries of which nobody knows yet whether they took effect.
    pub in_doubt: Waits,
    /// Hours in which anything happened, oldest first.
    pub hours: Vec<HourRow>,
}

/// Open holds that one action would heal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldGroupRow {
    /// Which flow is held.
    pub flow: String,
    /// Stable word.
    pub cause: String,
    /// Field at fault.
    pub field: String,
    /// Value at fault; empty when there is none.
    pub value: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub fix: String,
    /// How many subjects.
    pub count: i64,
    /// Since when the oldest is held.
    pub oldest: Timestamp,
    /// The oldest subjects, and since when each is held.
    pub subjects: Vec<(String, Timestamp)>,
}

/// Most groups of holds told at once.
const GROUPS: usize = 200;

impl Reader {
    /// A page of orders after the place given (first seen, key) of the page before.
    ///
    /// # Errors
    /// As every statement.
    pub async fn order_list(
        &mut self,
        scope: &Scope,
        list: OrderList,
        after: Option<(Timestamp, String)>,
        limit: usize,
    ) -> Result<Vec<SubjectRow>> {
        let (stmt, descending): (&'static Stmt, bool) = match list {
            OrderList::All => (&ORDERS_ALL, true),
            OrderList::Released => (&ORDERS_RELEASED, true),
            OrderList::InShipBob => (&ORDERS_IN_SHIPBOB, true),
            OrderList::Written => (&ORDERS_WRITTEN, true),
            OrderList::Delivered => (&ORDERS_DELIVERED, true),
            OrderList::Cancelled => (&ORDERS_CANCELLED, true),
            OrderList::Held => (&ORDERS_HELD, false),
            OrderList::Waiting => (&ORDERS_WAITING, false),
            OrderList::Shipped => (&ORDERS_SHIPPED, false),
            OrderList::Late(_) => (&ORDERS_LATE, false),
        };
        let (from, key) = after.unwrap_or_else(|| {
            (if descending { Timestamp(i64::MAX) } else { Timestamp(0) }, String::new())
        });
        let mut values = scoped![scope; from, key, page(limit)];
        if let OrderList::Late(before) = list {
            values.push(before.into());
        }
        let rows = self.all(stmt, values).await?;
        let keys: Vec<String> = rows.iter().map(|row| row.text("key")).collect::<Result<_>>()?;
        let mut found: HashMap<String, SubjectRow> = self
            .subjects(scope, &keys)
            .await?
            .into_iter()
            .map(|subject| (subject.key.clone(), subject))
            .collect();
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }

    /// How many subjects wait for a person.
    ///
    /// # Errors
    /// As every statement.
    pub async fn held_count(&mut self, scope: &Scope) -> Result<i64> {
        self.one(&CONSOLE_HELD, scoped![scope]).await?.int("held")
    }

    /// The numbers of the first page.
    ///
    /// # Errors
    /// As every statement.
    pub async fn console_overview(
        &mut self,
        scope: &Scope,
        window: OverviewWindow,
    ) -> Result<ConsoleOverview> {
        let waiting = self.one(&CONSOLE_WAITING, scoped![scope; window.late_before]).await?;
        let cohort = self.one(&CONSOLE_COHORT, scoped![scope; window.since]).await?;
        let any = self.maybe(&CONSOLE_ANY, scoped![scope]).await?.is_some();
        let (signals, oldest_signal) = self.inbox_waiting(scope).await?;
        let (sends, in_doubt) = self.sends(scope).await?;
        let waits = |row: &Row, count: &'static str, oldest: &'static str| -> Result<Waits> {
            Ok(Waits { count: row.int(count)?, oldest: row.time_opt(oldest)? })
        };
        Ok(ConsoleOverview {
            cohort: super::Today {
                released: cohort.int("released")?,
                accepted: cohort.int("accepted")?,
                shipped: cohort.int("shipped")?,
                written: cohort.int("written")?,
                delivered: cohort.int("delivered")?,
                cancelled: cohort.int("cancelled")?,
            },
            any,
            to_shipbob: waits(&waiting, "to_shipbob", "to_shipbob_oldest")?,
            to_dynamics: waits(&waiting, "to_dynamics", "to_dynamics_oldest")?,
            late: waiting.int("to_shipbob_late")? + waiting.int("to_dynamics_late")?,
            held: Waits {
                count: self.held_count(scope).await?,
                oldest: waiting.time_opt("held_oldest")?,
            },
            signals: Waits { count: signals, oldest: oldest_signal },
            sends,
            in_doubt,
            hours: self.hours(scope, window.hours_since).await?,
        })
    }

    /// Deliveries ready or being sent by lane, and those in doubt.
    ///
    /// # Errors
    /// As every statement.
    pub async fn sends(&mut self, scope: &Scope) -> Result<(Vec<(i64, Waits)>, Waits)> {
        let (mut sends, mut in_doubt) = (Vec::new(), Waits::default());
        for row in self.all(&CONSOLE_SENDS, scoped![scope]).await? {
            let waits = Waits { count: row.int("deliveries")?, oldest: row.time_opt("oldest")? };
            match row.int("lane")? {
                -1 => in_doubt = waits,
                lane => sends.push((lane, waits)),
            }
        }
        Ok((sends, in_doubt))
    }

    async fn hours(&mut self, scope: &Scope, since: Timestamp) -> Result<Vec<HourRow>> {
        let mut hours = std::collections::BTreeMap::<i64, HourRow>::new();
        for row in self.all(&CONSOLE_HOURS, scoped![scope; since]).await? {
            let hour = row.int("hour")?;
            let orders = row.int("orders")?;
            let told = hours.entry(hour).or_insert(HourRow { hour, ..HourRow::default() });
            match row.text("stage")?.as_str() {
                "released" => told.released = orders,
                "accepted" => told.accepted = orders,
                _ => told.shipped = orders,
            }
        }
        Ok(hours.into_values().collect())
    }

    /// Open holds grouped by what would heal them, oldest group first, each with its oldest
    /// `per_group` subjects; at most 200 groups.
    ///
    /// # Errors
    /// As every statement.
    pub async fn hold_groups(
        &mut self,
        scope: &Scope,
        per_group: usize,
    ) -> Result<Vec<HoldGroupRow>> {
        let mut groups = Vec::new();
        for row in self.all(&HOLD_GROUPS, scoped![scope; page(GROUPS)]).await? {
            let [flow, cause, field, value] = group_key(&row)?;
            groups.push(HoldGroupRow {
                flow,
                cause,
                field,
                value,
                reason: row.text("reason")?,
                fix: row.text("fix")?,
                count: row.int("subjects")?,
                oldest: row.time("oldest")?,
                subjects: Vec::new(),
            });
        }
        if per_group == 0 || groups.is_empty() {
            return Ok(groups);
        }
        let mut subjects: HashMap<[String; 4], Vec<(String, Timestamp)>> = HashMap::new();
        let values = scoped![scope; page(per_group), crate::limits::PAGE_ROWS];
        for row in self.all(&HOLD_GROUP_SUBJECTS, values).await? {
            let held = (row.text("subject")?, row.time("opened_at")?);
            subjects.entry(group_key(&row)?).or_default().push(held);
        }
        for group in &mut groups {
            let key = [&group.flow, &group.cause, &group.field, &group.value].map(String::clone);
            group.subjects = subjects.remove(&key).unwrap_or_default();
        }
        Ok(groups)
    }

    /// Numbers that begin like this one, letter case and punctuation aside; equal ones first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn numbers_find(
        &mut self,
        scope: &Scope,
        number: &str,
        limit: usize,
    ) -> Result<Vec<NumberEntry>> {
        let from = normal_number(number);
        if from.is_empty() {
            return Ok(Vec::new());
        }
        let below = format!("{from}\u{10FFFF}");
        let rows = self.all(&NUMBER_FIND, scoped![scope; from, below, page(limit)]).await?;
        rows.iter()
            .map(|row| {
                Ok(NumberEntry {
                    number: row.text("number")?,
                    kind: row.text("kind")?,
                    subject: row.text("subject")?,
                })
            })
            .collect()
    }

    /// Signals of one source about one target that wait to be worked off: dedupe key and arrival.
    ///
    /// # Errors
    /// As every statement.
    pub async fn signals_of(
        &mut self,
        scope: &Scope,
        source: &str,
        target_kind: &str,
        target_key: &str,
    ) -> Result<Vec<(String, Timestamp)>> {
        let rows = self.all(&SIGNALS_OF, scoped![scope; source, target_kind, target_key]).await?;
        rows.iter().map(|row| Ok((row.text("dedupe_key")?, row.time("received_at")?))).collect()
    }
}

fn group_key(row: &Row) -> Result<[String; 4]> {
    Ok([row.text("flow")?, row.text("cause")?, row.text("field")?, row.text("value")?])
}
