//! The flows as the database shows them: every process and every node tells the same.

use super::super::BooksError;
use super::StoreBooks;
use crate::model::{At, FlowFacts, Measure, Waiting};
use domain::flows::inventory::{Journal, JournalState};
use domain::operation::{Flow, Lane};
use domain::pause::flow_of;
use domain::stock::{JOURNALS, REPORT, StockReport};
use domain::time::{Span, Timestamp};
use store::read::Waits;
use store::{CursorRow, Observation, Reader};

/// Invoices older than this are past every claim: they wait for nobody.
const INVOICES: Span = Span::days(90);
/// Open journals looked at.
const MANY: usize = 100;

/// Lanes by their number.
const LANES: [Lane; 7] = [
    Lane::Cancel,
    Lane::Fulfilment,
    Lane::Orders,
    Lane::Background,
    Lane::Products,
    Lane::Stock,
    Lane::Charges,
];

impl StoreBooks {
    pub(super) async fn read_flows(&self, now: Timestamp) -> Result<Vec<FlowFacts>, BooksError> {
        let mut reader = self.reader().await?;
        let (sends, _) = reader.sends(&self.scope).await?;
        self.flows_of(&mut reader, &sends, now).await
    }

    /// All flows; `sends` are the deliveries by lane.
    pub(super) async fn flows_of(
        &self,
        reader: &mut Reader,
        sends: &[(i64, Waits)],
        now: Timestamp,
    ) -> Result<Vec<FlowFacts>, BooksError> {
        let waits = reader.flow_waits(&self.scope, now - INVOICES).await?;
        let cursors = reader.cursors(&self.scope).await?;
        let report = reader.observations(&self.scope, REPORT, &[String::new()]).await?;
        let journals = reader.observations_of_kind(&self.scope, JOURNALS, "", MANY).await?;
        let proposed = proposed(&journals)?;
        let moved = |name: &str| moved(&cursors, name);
        let of = |flow| {
            let (last_run, measures) = match flow {
                Flow::Orders => (moved("fo.changes"), Vec::new()),
                Flow::Fulfilment => (moved("sb.orders"), Vec::new()),
                Flow::Products => {
                    let held = ("item waits for a person", "items wait for a person");
                    (moved("fo.products"), vec![Measure::some(waits.items, held, "/holds")])
                }
                Flow::Inventory => {
                    let journals = ("journal to approve", "journals to approve");
                    let shelves = ("shelf differs", "shelves differ");
                    let both = vec![
                        Measure::some(proposed, journals, "/stock"),
                        Measure::some(waits.shelves, shelves, "/stock"),
                    ];
                    (compared(&report)?, both)
                }
                Flow::Billing => {
                    let differ = ("invoice differs", "invoices differ");
                    (moved("sb.billing"), vec![Measure::some(waits.invoices, differ, "/finance")])
                }
                Flow::Returns => {
                    let returns = ("return is open", "returns are open");
                    let came = ("receiving order is open", "receiving orders are open");
                    let both = vec![
                        Measure::some(waits.returns, returns, "/returns"),
                        Measure::some(waits.receiving, came, "/returns?kind=receiving"),
                    ];
                    (moved("sb.inbound"), both)
                }
            };
            let waits = measures.into_iter().flatten().collect();
            Ok(FlowFacts { flow, to_write: to_write(sends, flow), waits, last_run })
        };
        Flow::ALL.into_iter().map(of).collect()
    }
}

/// Writes of a flow: those of its lanes.
pub(super) fn to_write(sends: &[(i64, Waits)], flow: Flow) -> Waiting {
    let of_flow = sends.iter().filter(|(number, _)| {
        LANES.into_iter().any(|lane| lane as i64 == *number && flow_of(lane) == flow)
    });
    of_flow.fold(Waiting::default(), |sum, (_, waits)| Waiting {
        count: sum.count + waits.count,
        oldest: [sum.oldest, waits.oldest.map(At)].into_iter().flatten().min(),
    })
}

/// A cursor moves at the end of every run, changed or not.
fn moved(cursors: &[CursorRow], name: &str) -> Option<At> {
    cursors.iter().find(|cursor| cursor.name == name).map(|cursor| At(cursor.at))
}

fn compared(report: &[Observation]) -> Result<Option<At>, BooksError> {
    let Some(body) = report.first().and_then(|row| row.body.as_deref()) else { return Ok(None) };
    let report: StockReport =
        serde_json::from_slice(body).map_err(|error| broken(REPORT, &error))?;
    Ok(Some(At(report.at)))
}

fn proposed(journals: &[Observation]) -> Result<i64, BooksError> {
    let mut count = 0;
    for body in journals.iter().filter_map(|row| row.body.as_deref()) {
        let journal: Journal =
            serde_json::from_slice(body).map_err(|error| broken(JOURNALS, &error))?;
        count += i64::from(journal.state == JournalState::Proposed);
    }
    Ok(count)
}

fn broken(what: &str, error: &serde_json::Error) -> BooksError {
    BooksError::Broken(format!("{what}: {:?}", error.classify()))
}
