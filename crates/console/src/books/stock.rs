//! Stock out of the store.

use super::{BooksError, StoreBooks};
use crate::model::{
    At, CameIn, StockFacts, StockJournal, StockLine, StockLot, StockMove, StockQuery,
};
use domain::flows::inventory::{Journal, JournalState, Judged, TELLING, Telling};
use domain::stock::{JOURNALS, JournalKind, REPORT, StockReport};
use domain::time::Timestamp;
use store::{Observation, StockRow, whole_skus};

/// Rows of one page.
const ROWS: usize = 100;
/// Moves shown of one SKU.
const MOVES: usize = 100;
/// Open journals shown.
const MANY: usize = 100;

impl StoreBooks {
    pub(super) async fn read_stock(&self, query: StockQuery) -> Result<StockFacts, BooksError> {
        let mut reader = self.reader().await?;
        let mut facts = StockFacts::default();
        let report = reader.observations(&self.scope, REPORT, &[String::new()]).await?;
        if let Some(report) = first::<StockReport>(report)? {
            facts.compared = Some(At(report.at));
            facts.states = report.states;
            facts.elsewhere = report.elsewhere;
        }
        let telling = reader.observations(&self.scope, TELLING, &[String::new()]).await?;
        facts.told = first::<Telling>(telling)?.map(|telling| telling.sentence());
        for row in reader.observations_of_kind(&self.scope, JOURNALS, "", MANY).await? {
            let Some(body) = row.body else { continue };
            let journal: Journal = serde_json::from_slice(&body).map_err(|error| broken(&error))?;
            facts.journals.push(shown(journal));
        }
        let rows = match &query.sku {
            Some(sku) => {
                let moves = reader.stock_events_latest(&self.scope, sku, MOVES).await?;
                facts.moves = moves
                    .into_iter()
                    .map(|e| StockMove {
                        at: At(e.at),
                        centre: e.centre,
                        what: e.kind,
                        pieces: e.pieces,
                        order: e.order,
                    })
                    .collect();
                let lots = reader.stock_lots_of(&self.scope, sku).await?;
                facts.lots = lots
                    .into_iter()
                    .map(|lot| StockLot {
                        centre: lot.centre,
                        lot: lot.lot,
                        expires: lot.expires,
                        on_hand: lot.on_hand,
                        committed: lot.committed,
                        fulfillable: lot.fulfillable,
                    })
                    .collect();
                let since = Timestamp(0);
                let came = reader.inbound_of_sku(&self.scope, sku, since, MOVES).await?;
                facts.came_in = came
                    .into_iter()
                    .map(|one| CameIn {
                        at: At(one.at),
                        centre: one.centre,
                        kind: one.kind,
                        id: one.id,
                        pieces: one.pieces,
                    })
                    .collect();
                reader.stock_of(&self.scope, sku).await?
            }
            None => {
                let found =
                    reader.stock_in_state(&self.scope, &query.state, &query.after, ROWS).await?;
                let full = found.len() == ROWS;
                let found = whole_skus(found, ROWS);
                facts.next = found.last().filter(|_| full).map(|row| row.sku.clone());
                found
            }
        };
        facts.lines = rows.into_iter().map(line).collect();
        Ok(facts)
    }
}

/// The document of a kind that has one.
fn first<T: serde::de::DeserializeOwned>(rows: Vec<Observation>) -> Result<Option<T>, BooksError> {
    let body = rows.into_iter().next().and_then(|row| row.body);
    body.map(|body| serde_json::from_slice(&body)).transpose().map_err(|error| broken(&error))
}

fn broken(error: &serde_json::Error) -> BooksError {
    BooksError::Broken(format!("stock: {error}"))
}

fn line(row: StockRow) -> StockLine {
    let judged: Option<Judged> = serde_json::from_str(&row.judged).ok();
    let causes = judged.iter().flat_map(|j| &j.causes);
    StockLine {
        causes: causes.map(|(cause, pieces)| (cause.words().to_owned(), *pieces)).collect(),
        in_all: judged.as_ref().and_then(|j| j.on_hand),
        difference: judged.as_ref().map_or(0, |j| j.difference),
        sku: row.sku,
        name: row.name,
        centre: row.centre,
        on_hand: row.on_hand,
        committed: row.committed,
        fulfillable: row.fulfillable,
        awaiting: row.awaiting,
        physical: row.physical,
        available: row.available,
        state: row.state,
        variance: row.variance,
        at: row.judged_at.map(At),
    }
}

fn shown(journal: Journal) -> StockJournal {
    let adjusts = journal.kind == JournalKind::Adjustments;
    let words = if adjusts { "Stock adjustments" } else { "Counting journal" };
    StockJournal {
        kind: words.to_owned(),
        droppable: journal.state == JournalState::Approved
            || (adjusts && journal.state == JournalState::Written),
        warehouse: journal.warehouse.as_str().to_owned(),
        state: journal.state.word().to_owned(),
        ask: journal.ask,
        number: journal.number,
        at: At(journal.at),
        lines: journal
            .lines
            .into_iter()
            .map(|l| (l.sku, l.physical.to_string(), l.counted.to_string()))
            .collect(),
        token: journal.token,
    }
}
