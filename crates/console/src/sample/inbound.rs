//! Made-up returns and receiving orders.

use super::ago;
use crate::model::{InboundFacts, InboundLine, InboundQuery, ReceivingRow, ReturnRow};
use domain::ids::{CentreId, ShipmentId};
use domain::inbound::{Kind, Return, ReturnLine, Taken};

/// One return of an order.
pub(super) fn one() -> Return {
    let taken = |action: &str, pieces, reason: &str| Taken {
        action: action.to_owned(),
        pieces,
        reason: reason.to_owned(),
    };
    Return {
        id: 2_610_004,
        reference: "RMA-00412".to_owned(),
        status: "Completed".to_owned(),
        kind: "Regular".to_owned(),
        channel: "F&O connector".to_owned(),
        centre: Some(CentreId(1)),
        centre_name: "Cicero (IL)".to_owned(),
        shipment: Some(ShipmentId(991_201)),
        shipment_tracking: String::new(),
        tracking: "92055901755477000000000000".to_owned(),
        created: ago(30 * 60).0,
        arrived: Some(ago(9 * 60).0),
        completed: Some(ago(4 * 60).0),
        cancelled: None,
        lines: vec![ReturnLine {
            inventory: 9_000_001,
            sku: "A0001".to_owned(),
            announced: 2,
            asked: "Restock".to_owned(),
            taken: vec![taken("Restock", 1, ""), taken("Dispose", 1, "Damaged")],
        }],
    }
}

pub(super) fn facts(query: &InboundQuery) -> InboundFacts {
    let mut facts = InboundFacts { read: true, ..InboundFacts::default() };
    let line = |done: &str, stocked, history| InboundLine {
        sku: "A0001".to_owned(),
        announced: 2,
        done: done.to_owned(),
        stocked,
        history,
    };
    match query.kind {
        Kind::Return => {
            let told = one();
            facts.returns.push(ReturnRow {
                id: told.id,
                reference: told.reference,
                state: "completed".to_owned(),
                closed: true,
                order: Some("SO-000697".to_owned()),
                channel: told.channel,
                by_carrier: false,
                centre: "1, Cicero (IL)".to_owned(),
                tracking: told.tracking,
                created: ago(30 * 60),
                completed: Some(ago(4 * 60)),
                lines: vec![line("1 restock, 1 dispose (Damaged)", 1, Some(1))],
            });
        }
        Kind::Receiving => facts.receiving.push(ReceivingRow {
            id: 871_003,
            purchase_order: "PO-4003".to_owned(),
            state: "processing".to_owned(),
            closed: false,
            centre: "2, Moreno Valley (CA)".to_owned(),
            created: ago(80 * 60),
            expected: Some(ago(10 * 60)),
            completed: None,
            lines: vec![line("2 received, 2 stowed", 2, Some(1))],
        }),
    }
    facts
}
