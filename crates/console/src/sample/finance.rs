//! A made-up week of ShipBob's billing: one invoice that balances, one that does not.

use super::ago;
use crate::model::{At, ChargeLine, CostLine, FinanceFacts, InvoiceFacts, InvoiceLine, OrderCosts};
use domain::time::Span;

fn line(id: i64, difference: &str) -> InvoiceLine {
    let balanced = difference == "0";
    InvoiceLine {
        id,
        date: "2026-11-22".to_owned(),
        kind: "Shipping".to_owned(),
        amount: "4711.05".to_owned(),
        currency: "USD".to_owned(),
        lines: 612,
        balanced: Some(balanced),
        sum: if balanced { "4711.05" } else { "4698.15" }.to_owned(),
        difference: difference.to_owned(),
        why: if balanced {
            String::new()
        } else {
            "ShipBob's list and its total do not agree; it is read again every day.".to_owned()
        },
    }
}

fn charge(id: &str, amount: &str, fee: &str, order: Option<&str>) -> ChargeLine {
    ChargeLine {
        id: id.to_owned(),
        date: "2026-11-20".to_owned(),
        amount: amount.to_owned(),
        currency: "USD".to_owned(),
        fee: fee.to_owned(),
        kind: if amount.starts_with('-') { "Refund" } else { "Charge" }.to_owned(),
        tie: "shipment",
        reference: "391000007".to_owned(),
        order: order.map(str::to_owned),
        invoice: Some(7_410_003),
    }
}

fn cost(closed: &str) -> CostLine {
    CostLine {
        order: "SO-000697".to_owned(),
        shipment: 391_000_007,
        billed: "-1.2 USD + 3 CAD".to_owned(),
        told: "8.45 USD".to_owned(),
        findings: vec!["charged in CAD".to_owned(), "more USD given back than charged".to_owned()],
        claim_until: Some(At(ago(60).0 + Span::days(80))),
        claimable: true,
        charges: vec![format!(
            "SBCOST -1.2 USD: {}",
            if closed.is_empty() { "held" } else { "too late" }
        )],
        closed: closed.to_owned(),
        since: ago(60 * 24),
    }
}

pub(super) fn facts() -> FinanceFacts {
    FinanceFacts {
        invoices: vec![line(7_410_004, "12.9"), line(7_410_003, "0")],
        findings: vec![cost("")],
        closed: vec![cost("invoiced")],
        unmatched: vec![charge("01KB2F0C", "6.1", "Per Pick Fee", None)],
    }
}

pub(super) fn invoice(id: i64) -> Option<InvoiceFacts> {
    (id == 7_410_003).then(|| InvoiceFacts {
        invoice: line(id, "0"),
        tied: vec![("shipment", "4611.05".to_owned()), ("storage", "100".to_owned())],
        charges: vec![
            charge("01KB2F0A", "8.45", "Shipping", Some("SO-000697")),
            charge("01KB2F0B", "-9.65", "Shipping", Some("SO-000697")),
            charge("01KB2F0C", "6.1", "<b>Per Pick & Fee", None),
        ],
    })
}

pub(super) fn costs(number: &str) -> OrderCosts {
    if number != "SO-000697" {
        return OrderCosts::default();
    }
    let charges = vec![
        charge("01KB2F0A", "8.45", "Shipping", Some(number)),
        charge("01KB2F0B", "-9.65", "Shipping", Some(number)),
    ];
    OrderCosts { shipments: vec![cost("")], charges }
}
