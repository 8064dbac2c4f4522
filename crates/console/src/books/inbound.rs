//! Returns and receiving orders out of the store, each beside what the stock history shows of it.

use super::{BooksError, StoreBooks};
use crate::model::{At, InboundFacts, InboundLine, InboundQuery, ReceivingRow, ReturnRow};
use domain::ids::CentreId;
use domain::inbound::{Kind, Receiving, Return, by_shipment, by_tracking};
use domain::plan::SeenOrder;
use domain::stock::EventKind;
use domain::time::{Span, Timestamp};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{InboundRow, Reader, normal_number};

/// Rows of one page.
const ROWS: usize = 50;
/// The history is looked at for so long after ShipBob was done.
const AFTER: Span = Span::days(2);

/// A shelf in a time: SKU, centre, kind of event, from, to.
type Shelf = (String, i64, &'static str, Timestamp, Timestamp);

fn parsed<T: DeserializeOwned>(row: &InboundRow) -> Result<T, BooksError> {
    serde_json::from_str(&row.body).map_err(|error| {
        BooksError::Broken(format!("{} {}: {:?}", row.kind, row.id, error.classify()))
    })
}

fn place(centre: Option<CentreId>, name: &str) -> String {
    match (centre, name.trim()) {
        (None, name) => name.to_owned(),
        (Some(id), "") => id.to_string(),
        (Some(id), name) => format!("{id}, {name}"),
    }
}

impl StoreBooks {
    pub(super) async fn read_inbound(
        &self,
        query: InboundQuery,
    ) -> Result<InboundFacts, BooksError> {
        let mut reader = self.reader().await?;
        let read = reader.cursor(&self.scope, "sb.inbound").await?.is_some();
        let before = query.before.unwrap_or(i64::MAX);
        let kind = query.kind.word();
        let mut rows =
            reader.inbound_page(&self.scope, kind, &query.words, before, ROWS + 1).await?;
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let next = rows.last().filter(|_| more).map(|row| row.id);
        let mut facts = InboundFacts { next, read, ..InboundFacts::default() };
        match query.kind {
            Kind::Return => {
                let all: Vec<Return> = rows.iter().map(parsed).collect::<Result<_, _>>()?;
                facts.returns = self.returns(&mut reader, all).await?;
            }
            Kind::Receiving => {
                let all: Vec<Receiving> = rows.iter().map(parsed).collect::<Result<_, _>>()?;
                facts.receiving = self.receiving(&mut reader, all).await?;
            }
        }
        Ok(facts)
    }

    /// Returns of one order's shipments, oldest first.
    pub(super) async fn returns_of(
        &self,
        reader: &mut Reader,
        warehouse: &[SeenOrder],
    ) -> Result<Vec<Return>, BooksError> {
        let shipments = || warehouse.iter().flat_map(|seen| &seen.order.shipments);
        let ties: BTreeSet<String> = shipments()
            .map(|s| by_shipment(s.id))
            .chain(shipments().filter_map(|s| s.number().and_then(by_tracking)))
            .collect();
        let rows = reader.inbound_tied(&self.scope, &ties).await?;
        let mut found: Vec<Return> = rows.iter().map(parsed).collect::<Result<_, _>>()?;
        found.sort_by_key(|one| one.id);
        Ok(found)
    }

    /// What the history shows; empty where it is not read.
    async fn history(
        &self,
        reader: &mut Reader,
        shelves: &BTreeSet<Shelf>,
    ) -> Result<Option<BTreeMap<(String, i64), i64>>, BooksError> {
        let mut sums = BTreeMap::new();
        for (sku, centre, pieces) in reader.inbound_moved(&self.scope, shelves).await? {
            let of: &mut i64 = sums.entry((sku, centre)).or_default();
            *of = of.saturating_add(pieces);
        }
        // Nothing of any of them: the flow inventory is off, or has not looked so far back.
        Ok((!sums.is_empty()).then_some(sums))
    }

    async fn returns(
        &self,
        reader: &mut Reader,
        all: Vec<Return>,
    ) -> Result<Vec<ReturnRow>, BooksError> {
        let number = |one: &Return| match one.shipment {
            Some(shipment) => ("shipment", shipment.to_string()),
            None => ("tracking", one.shipment_tracking.clone()),
        };
        let numbers: Vec<(&'static str, String)> = all.iter().map(number).collect();
        let found = reader.subjects_of_numbers(&self.scope, &numbers).await?;
        let orders: HashMap<(String, String), String> =
            found.into_iter().map(|(kind, number, order)| ((kind, number), order)).collect();
        let mut rows = Vec::with_capacity(all.len());
        for one in all {
            let mut shelves = BTreeSet::new();
            let to = one.completed.map_or(Timestamp(i64::MAX), |at| at + AFTER);
            for line in one.lines.iter().filter(|line| line.restocked() > 0) {
                if let Some(centre) = one.centre {
                    let kind = EventKind::Restocked.word();
                    shelves.insert((line.sku.clone(), centre.0, kind, one.created, to));
                }
            }
            let history = self.history(reader, &shelves).await?;
            let (kind, number) = number(&one);
            let order = orders.get(&(kind.to_owned(), normal_number(&number))).cloned();
            let centre = one.centre;
            let line = |line: &domain::inbound::ReturnLine| InboundLine {
                sku: line.sku.clone(),
                announced: line.announced,
                done: done(line),
                stocked: line.restocked(),
                history: shown(history.as_ref(), &line.sku, centre, line.restocked()),
            };
            rows.push(ReturnRow {
                id: one.id,
                state: one.state(),
                closed: !one.is_open(),
                order,
                channel: one.channel.clone(),
                by_carrier: one.kind == "ReturnToSender",
                centre: place(one.centre, &one.centre_name),
                tracking: one.tracking.clone(),
                created: At(one.created),
                completed: one.completed.map(At),
                lines: one.lines.iter().map(line).collect(),
                reference: one.reference,
            });
        }
        Ok(rows)
    }

    async fn receiving(
        &self,
        reader: &mut Reader,
        all: Vec<Receiving>,
    ) -> Result<Vec<ReceivingRow>, BooksError> {
        let mut rows = Vec::with_capacity(all.len());
        for one in all {
            let mut shelves = BTreeSet::new();
            let to = one.completed.map_or(Timestamp(i64::MAX), |at| at + AFTER);
            for line in one.lines.iter().filter(|line| line.stowed > 0) {
                if let Some(centre) = one.centre {
                    let kind = EventKind::ReceivingStow.word();
                    shelves.insert((line.sku.clone(), centre.0, kind, one.created, to));
                }
            }
            let history = self.history(reader, &shelves).await?;
            let centre = one.centre;
            let line = |line: &domain::inbound::ReceivingLine| InboundLine {
                sku: line.sku.clone(),
                announced: line.expected,
                done: format!("{} received, {} stowed", line.received, line.stowed),
                stocked: line.stowed,
                history: shown(history.as_ref(), &line.sku, centre, line.stowed),
            };
            rows.push(ReceivingRow {
                id: one.id,
                state: one.state(),
                closed: !one.is_open(),
                centre: place(one.centre, &one.centre_name),
                created: At(one.created),
                expected: one.expected.map(At),
                completed: one.completed.map(At),
                lines: one.lines.iter().map(line).collect(),
                purchase_order: one.purchase_order,
            });
        }
        Ok(rows)
    }
}

fn shown(
    history: Option<&BTreeMap<(String, i64), i64>>,
    sku: &str,
    centre: Option<CentreId>,
    stocked: i64,
) -> Option<i64> {
    let (history, centre) = (history?, centre?);
    (stocked > 0).then(|| history.get(&(sku.to_owned(), centre.0)).copied().unwrap_or(0))
}

/// What was done with the pieces of a line.
pub(crate) fn done(line: &domain::inbound::ReturnLine) -> String {
    if line.taken.is_empty() {
        return "not processed yet".to_owned();
    }
    let one = |taken: &domain::inbound::Taken| {
        let action = domain::inbound::words(&taken.action);
        match taken.reason.trim() {
            "" => format!("{} {action}", taken.pieces),
            reason => format!("{} {action} ({reason})", taken.pieces),
        }
    };
    line.taken.iter().map(one).collect::<Vec<_>>().join(", ")
}
