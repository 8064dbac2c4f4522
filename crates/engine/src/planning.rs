//! Dirty subjects to plans: facts, needs, plan, one transaction.

use crate::error::Result;
use crate::kept::encode;
use crate::limits::{NEED_ROUNDS, SUBJECTS};
use crate::needs::Needs;
use crate::parts::Engine;
use domain::flows::plan_order;
use domain::plan::{Kept, KnownDelivery, OrderFacts, Plan};
use domain::product::{self, ProductFacts, ProductState};
use store::SubjectRow;

/// One subject with its facts and plan, ready to be stored.
pub(crate) struct Planned {
    pub(crate) row: SubjectRow,
    pub(crate) facts: Facts,
    pub(crate) plan: Plan,
    /// SKUs as lists show them.
    pub(crate) states: Vec<ProductState>,
}

impl Planned {
    fn order(row: SubjectRow, facts: OrderFacts, plan: Plan) -> Self {
        Self { row, facts: Facts::Order(Box::new(facts)), plan, states: Vec::new() }
    }
}

/// What a plan was made from.
pub(crate) enum Facts {
    Order(Box<OrderFacts>),
    Product(Box<ProductFacts>),
}

impl Facts {
    pub(crate) fn deliveries(&self) -> &[KnownDelivery] {
        match self {
            Self::Order(facts) => &facts.deliveries,
            Self::Product(facts) => &facts.deliveries,
        }
    }

    /// The facts of an order; none of anything else.
    pub(crate) fn order(&self) -> Option<&OrderFacts> {
        match self {
            Self::Order(facts) => Some(facts),
            Self::Product(_) => None,
        }
    }

    /// What is kept of an order; none of anything else.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        match self {
            Self::Order(facts) => Some(&facts.kept),
            Self::Product(_) => None,
        }
    }

    pub(crate) fn encoded(&self) -> Result<Vec<u8>> {
        match self {
            Self::Order(facts) => encode(facts),
            Self::Product(facts) => encode(facts),
        }
    }
}

impl Engine {
    /// Plans what is dirty or due; false when there was nothing.
    pub(crate) async fn plan(&self) -> Result<bool> {
        let idle = self.remember().paused || self.remember().unfit;
        if idle || !(self.due().await?.dirty.is_some() || self.is_due(|due| due.timer).await?) {
            return Ok(false);
        }
        let rows =
            self.store.read().await?.subjects_take(&self.scope, self.now(), SUBJECTS).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let rows = self.without_erased(rows).await?;
        if rows.is_empty() {
            return Ok(true);
        }
        let (items, orders): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|r| product::item_of(&r.key).is_some());
        let Some(mut planned) = self.plan_rows(orders).await? else { return Ok(false) };
        if !items.is_empty() {
            let Some(more) = self.plan_items(items).await? else { return Ok(false) };
            planned.extend(more);
        }
        self.persist(planned).await?;
        Ok(true)
    }

    async fn plan_rows(&self, mut rows: Vec<SubjectRow>) -> Result<Option<Vec<Planned>>> {
        let mut planned = Vec::with_capacity(rows.len());
        for round in 0..=NEED_ROUNDS {
            let keys: Vec<String> = rows.iter().map(|r| r.key.clone()).collect();
            let Some(facts) = self.facts(&keys).await? else { return Ok(None) };
            let settings = self.settings();
            let mut needs = Needs::default();
            let mut open = Vec::new();
            for (row, facts) in rows.into_iter().zip(facts) {
                let plan = plan_order(&facts, &settings);
                if plan.needs.is_empty() {
                    planned.push(Planned::order(row, facts, plan));
                } else {
                    needs.add(&row.key, &plan.needs);
                    open.push(Planned::order(row, facts, plan));
                }
            }
            if open.is_empty() {
                break;
            }
            // A store of what was read marks the subject again: what is planned below clears only
            // the mark it has seen.
            if round == NEED_ROUNDS || !self.fulfil(needs).await? {
                planned.extend(open);
                break;
            }
            let keys: Vec<String> = open.iter().map(|p| p.row.key.clone()).collect();
            rows = self.store.read().await?.subjects(&self.scope, &keys).await?;
        }
        Ok(Some(planned))
    }

    /// What would be written for these orders now, without writing anything.
    pub async fn dry_run(&self, subjects: &[String]) -> Result<Vec<(OrderFacts, Plan)>> {
        let settings = self.settings();
        let facts = self.facts(subjects).await?.unwrap_or_default();
        Ok(facts
            .into_iter()
            .map(|f| {
                let plan = plan_order(&f, &settings);
                (f, plan)
            })
            .collect())
    }
}
