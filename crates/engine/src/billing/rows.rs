//! Rows of transactions, invoices and costs, and the charges of a batch of orders.

use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use domain::flows::billing::{Invoice, Tie, Transaction, told_numbers};
use domain::plan::{OrderFacts, SeenOrder};
use domain::sales::OrderRead;
use domain::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use store::{BilledRow, InvoiceRow, Reader, normal_number};

impl Engine {
    /// What ShipBob charged for these subjects: by the ids of their shipments and by every tracking
    /// number these ever had.
    pub(crate) async fn load_charges(
        &self,
        reader: &mut Reader,
        warehouse: &HashMap<String, Vec<SeenOrder>>,
        sales: &HashMap<String, OrderRead>,
    ) -> Result<HashMap<String, Vec<Transaction>>> {
        if self.settings().billing.is_none() {
            return Ok(HashMap::new());
        }
        let mut owners: BTreeMap<(&'static str, String), &str> = BTreeMap::new();
        for (subject, orders) in warehouse {
            let shipments = || orders.iter().flat_map(|o| &o.order.shipments);
            for shipment in shipments() {
                let id = normal_number(&shipment.id.to_string());
                owners.insert((Tie::Shipment.word(), id), subject);
                if let Some(number) = shipment.number() {
                    owners.insert((Tie::Order.word(), normal_number(number)), subject);
                }
            }
            let order = sales.get(subject).and_then(|read| read.order.as_ref());
            for number in order.map(told_numbers).unwrap_or_default() {
                owners.insert((Tie::Order.word(), normal_number(&number)), subject);
            }
        }
        let ties: Vec<(&'static str, String)> = owners.keys().cloned().collect();
        let rows = reader.billed_tied(&self.scope, &ties).await?;
        let mut found: HashMap<String, Vec<Transaction>> = HashMap::new();
        for row in rows {
            let tie = [Tie::Shipment, Tie::Order].into_iter().find(|tie| tie.word() == row.tie);
            let Some(tie) = tie else { continue };
            if let Some(subject) = owners.get(&(tie.word(), row.key.clone())) {
                let one = decode("transaction", &row.id, row.body.as_bytes())?;
                found.entry((*subject).to_owned()).or_default().push(one);
            }
        }
        for charges in found.values_mut() {
            charges.sort();
        }
        Ok(found)
    }
}

/// What a person searches a transaction's order by, and the number that says it.
pub(super) fn number_of(one: &Transaction) -> Option<(&'static str, String)> {
    match one.tie() {
        Tie::Shipment => Some(("shipment", one.reference.clone())),
        Tie::Order => Some(("tracking", one.tracking.clone())),
        _ => None,
    }
}

pub(super) fn billed_row(one: &Transaction) -> Result<BilledRow> {
    let tie = one.tie();
    Ok(BilledRow {
        id: one.id.clone(),
        invoice: one.invoice,
        tie: tie.word().to_owned(),
        key: if tie == Tie::Order { one.tracking.clone() } else { one.reference.clone() },
        charged: one.charged.unwrap_or(Timestamp::MIN),
        body: String::from_utf8_lossy(&encode(one)?).into_owned(),
    })
}

pub(super) fn invoice_row(one: &Invoice) -> Result<InvoiceRow> {
    Ok(InvoiceRow {
        id: one.id,
        dated: one.date.unwrap_or(Timestamp::MIN),
        body: String::from_utf8_lossy(&encode(one)?).into_owned(),
        changed: Timestamp::MIN,
        read: None,
        balanced: false,
        balance: String::new(),
    })
}

pub(super) fn transactions(rows: &[BilledRow]) -> Result<Vec<Transaction>> {
    rows.iter().map(|row| decode("transaction", &row.id, row.body.as_bytes())).collect()
}

/// The rows of costs a plan asks for.
pub(crate) fn cost_rows(subject: &str, plan: &domain::plan::Plan) -> Result<Vec<store::CostRow>> {
    plan.costs
        .iter()
        .map(|cost| {
            Ok(store::CostRow {
                shipment: cost.shipment.0,
                subject: subject.to_owned(),
                listed: !cost.findings.is_empty(),
                closed: cost.closed.map(|c| c.name().to_owned()).unwrap_or_default(),
                body: String::from_utf8_lossy(&encode(cost)?).into_owned(),
                since: Timestamp::MIN,
            })
        })
        .collect()
}

/// Transaction ids as numbers a person may search by.
pub(crate) fn searched(facts: &OrderFacts) -> impl Iterator<Item = String> + '_ {
    facts.charges.iter().map(|t| t.id.clone())
}
