//! Charges on orders in F&O, held against ShipBob's books: each shipment's cost stands there exactly once, or it is told
//! why it does not.

use domain::flows::billing::{ChargeState, ShipmentCost};
use domain::ids::Scope;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Reader, Store, StoreError};
use twins::{ChargeTruth, Twins, effect};

/// What charges came to. Truth are both twins' books.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Charged {
    /// Shipments whose whole cost stands on their order.
    pub shipments: usize,
    /// … that stands there in part or not at all, because the order takes no charges any more: the finance list.
    pub finance: usize,
    /// … because a person must look.
    pub held: usize,
    /// Charges in F&O.
    pub charges: usize,
    /// What is wrong.
    pub wrong: Vec<String>,
}

impl Charged {
    /// Reads both sides; none where no cost became a charge.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn of(
        twins: &Twins,
        store: &Store,
        scope: &Scope,
    ) -> Result<Option<Self>, StoreError> {
        // Net cost per shipment in the home currency, of orders of ours.
        let mut sums: BTreeMap<(String, i64), Decimal> = BTreeMap::new();
        for line in twins.billed().lines {
            if let (Some(order), Some(shipment)) = (line.order_number, line.shipment) {
                let home = line.currency == "USD";
                let sum = sums.entry((order, shipment)).or_default();
                *sum += Decimal::new(if home { line.cents } else { 0 }, 2);
            }
        }
        let mut found = Self::default();
        let charges = twins.charges();
        found.charges = charges.len();
        let mut reader = store.read().await?;
        let mut some = !charges.is_empty();
        for ((order, shipment), sum) in &sums {
            let Some(cost) = cost_of(&mut reader, twins, scope, order, *shipment).await? else {
                continue;
            };
            some |= !cost.charges.is_empty();
            found.judge(order, *shipment, *sum, &cost, &charges);
        }
        found.once(&charges);
        if twins.ledger().of(effect::IMPORT_OVERLAPPED).count() > 0 {
            found.wrong.push("an import was asked for while another one was executing".to_owned());
        }
        Ok(some.then_some(found))
    }

    fn judge(
        &mut self,
        order: &str,
        shipment: i64,
        sum: Decimal,
        cost: &ShipmentCost,
        charges: &[ChargeTruth],
    ) {
        let text = format!("ShipBob {shipment}");
        let own: Vec<&ChargeTruth> = charges.iter().filter(|c| c.text == text).collect();
        if let Some(other) = own.iter().find(|c| c.order != order) {
            self.wrong.push(format!("{shipment} of {order} is charged on {}", other.order));
        }
        for line in cost.charges.iter().filter(|line| line.state == ChargeState::Written) {
            let amount = line.amount.normalize().to_string();
            if !own.iter().any(|c| c.code == line.code && c.amount == amount) {
                self.wrong
                    .push(format!("{order}: {line:?} of {shipment} does not stand in {own:?}"));
            }
        }
        let any = |state| cost.charges.iter().any(|line| line.state == state);
        if any(ChargeState::Sending) || any(ChargeState::Waiting) {
            self.wrong
                .push(format!("{order}: the charges of {shipment} are not finished: {cost:?}"));
        } else if any(ChargeState::Held) {
            self.held += 1;
        } else if any(ChargeState::Closed) {
            self.finance += 1;
            if cost.closed.is_none() {
                self.wrong.push(format!("{order}: {shipment} is skipped silently: {cost:?}"));
            }
        } else {
            let there: Decimal = own.iter().filter_map(|c| c.amount.parse::<Decimal>().ok()).sum();
            self.shipments += 1;
            if there != sum {
                self.wrong
                    .push(format!("{order}: {shipment} cost {sum}, charged are {there}: {own:?}"));
            }
        }
    }

    /// Nothing is there twice, and nothing bills the consumer.
    fn once(&mut self, charges: &[ChargeTruth]) {
        let mut seen: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
        for one in charges {
            *seen.entry((&one.order, &one.code, &one.text)).or_default() += 1;
            if one.bills_customer {
                self.wrong.push(format!("the consumer is billed: {one:?}"));
            }
        }
        let twice = seen.into_iter().filter(|(_, n)| *n > 1);
        self.wrong.extend(twice.map(|(key, n)| format!("{key:?} is charged {n} times")));
    }

    /// One line for people.
    pub fn words(&self) -> String {
        format!(
            "{} charges; the cost of {} shipments stands on their order, {} on the finance list, {} held",
            self.charges, self.shipments, self.finance, self.held
        )
    }
}

/// What we keep of the cost of one shipment, under its order or one of its requests.
async fn cost_of(
    reader: &mut Reader,
    twins: &Twins,
    scope: &Scope,
    order: &str,
    shipment: i64,
) -> Result<Option<ShipmentCost>, StoreError> {
    let requests = twins.requests_of(order);
    let requests = requests.iter().map(|id| domain::request::subject(&id.as_str().into()));
    for subject in std::iter::once(order.to_owned()).chain(requests) {
        let rows = reader.costs_of(scope, &subject).await?;
        if let Some(row) = rows.into_iter().find(|row| row.shipment == shipment) {
            return Ok(serde_json::from_str(&row.body).ok());
        }
    }
    Ok(None)
}
