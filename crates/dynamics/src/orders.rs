//! Whole orders, read by number: one `$batch` per 500.

use crate::batch::Batch;
use crate::client::{self, Dynamics, Turn};
use crate::convert::{self, Bundle};
use crate::interpret;
use crate::limits;
use crate::odata::{self, Filter, Literal, Query};
use crate::reply::CallError;
use crate::wire::{
    self, AnyOrder, BadRow, Header, Line, LineBi, NoteRow, OrderRow, Row, Slip, SlipLine, TableBi,
    Tracking,
};
use domain::ids::SalesOrderNumber;
use domain::sales::OrderRead;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// Start of `AttachmentDescription` of our notes, as F&O's wildcard.
const OUR_NOTES: &str = "ShipBob*";

/// F&O numbers have at most 20 characters; this leaves room and keeps a URL in its limit.
const NUMBER_CHARS: usize = 60;

/// What a read by number brought. Every number asked for is in exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderReads {
    /// Told for sure: the order, or that F&O has none.
    pub read: Vec<OrderRead>,
    /// Could not be told this time, and why: ask again. One bad order never stops the others.
    pub unread: Vec<(SalesOrderNumber, String)>,
}

/// A set read for orders, in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Header,
    Line,
    Note,
    Tracking,
    Slip,
    SlipLine,
    TableBi,
    LineBi,
}

/// Sets with etags first: what changes after them makes a conditional write fail.
const KINDS: [Kind; 8] = [
    Kind::Header,
    Kind::Line,
    Kind::Note,
    Kind::Tracking,
    Kind::Slip,
    Kind::SlipLine,
    Kind::TableBi,
    Kind::LineBi,
];

/// Why a group of orders was not read.
enum Stop {
    /// The reply or one of its pages is too large: ask for fewer.
    TooMuch,
    Error(CallError),
}

impl Dynamics {
    /// Reads orders with everything that belongs to them, one `$batch` per 500. Numbers are
    /// compared without regard to letter case. A part that fails makes the whole call fail: there
    /// is never half an order.
    pub async fn read_orders(
        &self,
        now: Timestamp,
        numbers: &[SalesOrderNumber],
    ) -> Result<OrderReads, CallError> {
        let mut found = OrderReads::default();
        let mut wanted: Vec<(String, SalesOrderNumber)> = Vec::new();
        for number in numbers {
            let text = number.as_str();
            if text.is_empty() || text.chars().count() > NUMBER_CHARS || text.contains('*') {
                found.unread.push((number.clone(), "not a sales order number".to_owned()));
            } else {
                wanted.push((text.to_lowercase(), number.clone()));
            }
        }
        wanted.sort();
        wanted.dedup_by(|a, b| a.0 == b.0);
        let mut turn = self.turn();
        // Begins with full batches; a group whose reply is too large comes back as two halves.
        let mut groups: Vec<(&[(String, SalesOrderNumber)], u32)> =
            wanted.chunks(limits::ORDERS_PER_BATCH).rev().map(|group| (group, 0)).collect();
        while let Some((group, halvings)) = groups.pop() {
            match self.read_group(&mut turn, now, group).await {
                Ok(reads) => {
                    found.read.extend(reads.read);
                    found.unread.extend(reads.unread);
                }
                Err(Stop::Error(error)) => return Err(error),
                Err(Stop::TooMuch) if group.len() > 1 && halvings < limits::HALVINGS => {
                    let (left, right) = group.split_at(group.len() / 2);
                    groups.push((right, halvings + 1));
                    groups.push((left, halvings + 1));
                }
                Err(Stop::TooMuch) => {
                    let why = "the order is larger than one page of F&O";
                    found.unread.extend(group.iter().map(|(_, n)| (n.clone(), why.to_owned())));
                }
            }
        }
        Ok(found)
    }

    async fn read_group(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        group: &[(String, SalesOrderNumber)],
    ) -> Result<OrderReads, Stop> {
        let numbers: Vec<String> = group.iter().map(|(_, n)| n.as_str().to_owned()).collect();
        let parts = self.parts(&numbers);
        let urls: Vec<String> = parts.iter().map(|(_, url)| url.clone()).collect();
        let batch = self
            .batch(turn, now, "dynamics.read-orders", client::reads(&urls))
            .await
            .map_err(|failure| stop(failure, now))?;
        let mut bundles = Bundles::new(group);
        for (n, (kind, _)) in parts.iter().enumerate() {
            self.take(&mut bundles, *kind, &batch, n, now)?;
        }
        let mut reads = OrderReads::default();
        let mut seen = false;
        for (key, number) in group {
            let bundle = bundles.of.remove(key).unwrap_or_default();
            match convert::order(bundle, &self.config.company) {
                Ok(order) => {
                    seen |= order.is_some();
                    reads.read.push(OrderRead { number: number.clone(), order, read_began: now });
                }
                Err(why) => {
                    seen = true;
                    reads.unread.push((number.clone(), why));
                }
            }
        }
        if !seen && !group.is_empty() {
            self.company_is_visible(turn, now).await.map_err(Stop::Error)?;
        }
        Ok(reads)
    }

    /// A user who loses a company sees no rows and no error. Before all orders asked for are said
    /// to be gone, at least one other order of the company must be there.
    pub(crate) async fn company_is_visible(
        &self,
        turn: &mut Turn,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let url = Query::of(AnyOrder::SET, AnyOrder::SELECT)
            .filter(self.company())
            .top(1)
            .url(&self.config.base);
        let batch = self
            .batch(turn, now, "dynamics.read-orders", client::reads(&[url]))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let inner = interpret::read_part(batch.parts.first(), now)?;
        let page =
            wire::page::<AnyOrder>(&inner.body).map_err(|why| CallError::Malformed { why })?;
        let visible = page.rows.iter().flatten().any(|row| !row.order.is_empty());
        visible.then_some(()).ok_or_else(|| CallError::NoAccess {
            status: 200,
            why: format!(
                "F&O shows no sales order at all in company {}: check that the user of the \
                 application may see this company",
                self.config.company
            ),
        })
    }

    pub(crate) fn company(&self) -> Filter {
        Filter::eq("dataAreaId", Literal::text(self.config.company.as_str()))
    }

    fn parts(&self, numbers: &[String]) -> Vec<(Kind, String)> {
        let mut parts = Vec::new();
        for kind in KINDS {
            if kind == Kind::Tracking && self.no_tracking_set.load(Ordering::Relaxed) {
                continue;
            }
            let urls = match kind {
                Kind::Header => self.urls::<Header>(numbers, &[]),
                Kind::Line => self.urls::<Line>(numbers, &[]),
                Kind::Note => {
                    let ours = Filter::eq("AttachmentDescription", Literal::text(OUR_NOTES));
                    self.urls::<NoteRow>(numbers, &[ours])
                }
                Kind::Tracking => self.urls::<Tracking>(numbers, &[]),
                Kind::Slip => self.urls::<Slip>(numbers, &[]),
                Kind::SlipLine => self.urls::<SlipLine>(numbers, &[]),
                Kind::TableBi => self.urls::<TableBi>(numbers, &[]),
                Kind::LineBi => self.urls::<LineBi>(numbers, &[]),
            };
            parts.extend(urls.into_iter().map(|url| (kind, url)));
        }
        parts
    }

    pub(crate) fn urls<T: OrderRow>(&self, numbers: &[String], also: &[Filter]) -> Vec<String> {
        let query = |numbers: &[String]| {
            let any = numbers.iter().map(|n| Filter::eq(T::ORDER, Literal::text(n))).collect();
            let mut all = vec![self.company()];
            all.extend_from_slice(also);
            all.push(Filter::Any(any));
            Query::of(T::SET, T::SELECT).filter(Filter::All(all)).url(&self.config.base)
        };
        let empty = query(&[]).len();
        odata::groups(numbers, limits::URL_CHARS, T::ORDER, empty).into_iter().map(query).collect()
    }

    fn take(
        &self,
        bundles: &mut Bundles,
        kind: Kind,
        batch: &Batch,
        n: usize,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let inner = match interpret::read_part(batch.parts.get(n), now) {
            Ok(inner) => inner,
            Err(CallError::Refused { status: 404, .. }) if kind == Kind::Tracking => {
                // Known from now on, until the process starts again.
                self.no_tracking_set.store(true, Ordering::Relaxed);
                return Ok(());
            }
            Err(error) => return Err(Stop::Error(error)),
        };
        let body = &inner.body;
        match kind {
            Kind::Header => bundles.add(body, |b, row: Header| b.headers.push(row)),
            Kind::Line => bundles.add(body, |b, row: Line| b.lines.push(row)),
            Kind::Note => bundles.add(body, |b, row: NoteRow| b.notes.push(row)),
            Kind::Tracking => bundles.add(body, |b, row: Tracking| b.tracking.push(row)),
            Kind::Slip => bundles.add(body, |b, row: Slip| b.slips.push(row)),
            Kind::SlipLine => bundles.add(body, |b, row: SlipLine| b.slip_lines.push(row)),
            Kind::TableBi => bundles.add(body, |b, row: TableBi| b.tables.push(row)),
            Kind::LineBi => bundles.add(body, |b, row: LineBi| b.line_bis.push(row)),
        }
    }
}

fn stop(failure: interpret::Failure, now: Timestamp) -> Stop {
    match failure {
        interpret::Failure::Transport(transport::TransportError::TooLarge { .. }) => Stop::TooMuch,
        other => Stop::Error(interpret::read_failure(other, now)),
    }
}

/// Rows by order, keyed by the number in lower case.
struct Bundles {
    of: HashMap<String, Bundle>,
}

impl Bundles {
    fn new(group: &[(String, SalesOrderNumber)]) -> Self {
        Self { of: group.iter().map(|(key, _)| (key.clone(), Bundle::default())).collect() }
    }

    fn add<T: OrderRow>(&mut self, body: &[u8], put: impl Fn(&mut Bundle, T)) -> Result<(), Stop> {
        let page =
            wire::page::<T>(body).map_err(|why| Stop::Error(CallError::Malformed { why }))?;
        if page.next.is_some() {
            return Err(Stop::TooMuch);
        }
        for row in page.rows {
            match row {
                Ok(row) => {
                    if let Some(bundle) = self.of.get_mut(&row.order().to_lowercase()) {
                        put(bundle, row);
                    }
                }
                Err(bad) => self.spoil(bad)?,
            }
        }
        Ok(())
    }

    fn spoil(&mut self, bad: BadRow) -> Result<(), Stop> {
        let Some(order) = bad.order else {
            return Err(Stop::Error(CallError::Malformed { why: bad.why }));
        };
        if let Some(bundle) = self.of.get_mut(&order.to_lowercase()) {
            bundle.broken = Some(bad.why);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
