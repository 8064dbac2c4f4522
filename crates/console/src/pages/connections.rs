//! All connections a person may see: one sentence over them, and a row each.

use super::error::PageError;
use crate::access::Reach;
use crate::model::{ConnectionFacts, OverviewFacts};
use crate::sentence::{Sentence, sentence};
use crate::state::{ConsoleState, Inner};
use crate::tone::Tone;
use serde::Serialize;

/// One connection as the overview lists it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ConnectionRow {
    pub(crate) id: String,
    pub(crate) connection: ConnectionFacts,
    pub(crate) sentence: Sentence,
    /// Orders released in the window.
    pub(crate) released: i64,
    /// Orders that wait for a person.
    pub(crate) held: i64,
    /// The one whose rooms these are.
    pub(crate) here: bool,
}

/// All of them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Connections {
    pub(crate) sentence: Sentence,
    pub(crate) rows: Vec<ConnectionRow>,
}

/// Reads every connection within a reach.
pub(crate) async fn read(app: &Inner, reach: &Reach, hours: i64) -> Result<Connections, PageError> {
    let mut rows = Vec::new();
    for one in app.within(reach) {
        rows.push(row(app, one, hours).await?);
    }
    Ok(Connections { sentence: over(&rows), rows })
}

async fn row(app: &Inner, one: &ConsoleState, hours: i64) -> Result<ConnectionRow, PageError> {
    let connection = one.books.connection().await?;
    let facts: OverviewFacts = one.books.overview(hours, app.now()).await?;
    let sentence = sentence(&connection, &facts, &one.status.snapshot(), &app.clock());
    Ok(ConnectionRow {
        here: one.place.id == app.given.place.id,
        id: one.place.id.clone(),
        connection,
        sentence,
        released: facts.counters.released,
        held: facts.counters.held,
    })
}

/// The worst truth of all, and how many share it.
fn over(rows: &[ConnectionRow]) -> Sentence {
    let worst = rows.iter().max_by_key(|row| row.sentence.tone);
    let tone = worst.map_or(Tone::Plain, |row| row.sentence.tone);
    let (all, needy) = (rows.len(), rows.iter().filter(|r| r.sentence.tone >= Tone::Attention));
    let text = match (needy.count(), worst) {
        (_, None) => "There is no connection to see.".to_owned(),
        (0, _) => {
            let released: i64 = rows.iter().map(|row| row.released).sum();
            format!(
                "All {all} connections work: {} orders released, none waits for a person.",
                crate::markup::grouped(&released)
            )
        }
        (1, Some(row)) => {
            format!("1 of {all} connections needs a person: {}", of(row))
        }
        (n, Some(row)) => format!("{n} of {all} connections need a person, first {}", of(row)),
    };
    Sentence { text, tone }
}

fn of(row: &ConnectionRow) -> String {
    format!("{}. {}", row.connection.name, row.sentence.text)
}
