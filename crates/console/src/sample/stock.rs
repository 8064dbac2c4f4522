//! Made-up stock: one shelf that agrees, one that is explained, one that waits for a person.

use super::{World, ago};
use crate::model::{StockFacts, StockJournal, StockLine, StockLot, StockMove, StockQuery};

fn line(sku: &str, centre: i64, on_hand: i64, physical: i64, variance: i64) -> StockLine {
    let explained = physical - on_hand - variance;
    let causes = vec![("left the shelf, not yet deducted in Dynamics".to_owned(), explained)];
    StockLine {
        sku: sku.to_owned(),
        name: "Coffee beans, dark roast 1 lb".to_owned(),
        centre,
        on_hand: Some(on_hand),
        committed: 4,
        fulfillable: on_hand - 4,
        awaiting: 120,
        physical: Some(physical.to_string()),
        available: Some((physical - 4).to_string()),
        state: if variance == 0 { "explained" } else { "variance" }.to_owned(),
        in_all: None,
        difference: physical - on_hand,
        causes: causes.into_iter().filter(|(_, pieces)| *pieces != 0).collect(),
        variance,
        at: Some(ago(460)),
    }
}

/// One world.
pub(super) fn facts(world: World, query: &StockQuery) -> StockFacts {
    if world == World::New {
        return StockFacts::default();
    }
    let token = "ShipBob SB01 2026-11-23 b0 1795399200".to_owned();
    let lines = match &query.sku {
        Some(sku) if sku != "A0001" => Vec::new(),
        _ => vec![line("A0001", 1, 412, 424, 7), line("A0001", 2, 96, 96, 0)],
    };
    let moves = vec![
        StockMove { at: ago(700), centre: 1, what: "adjusted".to_owned(), pieces: -7, order: None },
        StockMove {
            at: ago(740),
            centre: 1,
            what: "picked".to_owned(),
            pieces: -5,
            order: Some(301_000_017),
        },
    ];
    StockFacts {
        compared: Some(ago(460)),
        states: vec![("even".to_owned(), 61, 0), ("variance".to_owned(), 1, 7)],
        elsewhere: 12,
        told: None,
        journals: vec![StockJournal {
            token,
            kind: "Counting journal".to_owned(),
            droppable: false,
            warehouse: "SB01".to_owned(),
            state: "proposed".to_owned(),
            ask: "the first count of this warehouse".to_owned(),
            number: None,
            at: ago(460),
            lines: vec![("A0001".to_owned(), "424".to_owned(), "417".to_owned())],
        }],
        came_in: Vec::new(),
        moves: if query.sku.is_some() && !lines.is_empty() { moves } else { Vec::new() },
        lots: match query.sku.as_deref() {
            Some("A0001") => vec![StockLot {
                centre: 1,
                lot: "L2026-11".to_owned(),
                expires: "2027-09-30T00:00:00Z".to_owned(),
                on_hand: 412,
                committed: 4,
                fulfillable: 408,
            }],
            _ => Vec::new(),
        },
        lines,
        next: None,
    }
}
