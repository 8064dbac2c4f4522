//! A client and its twin.

use domain::ids::{Company, SalesOrderNumber};
use domain::sales::SalesOrder;
use domain::time::{Span, Timestamp};
use dynamics::{ChangeCursors, ClientSecret, Config, Dynamics};
use std::collections::BTreeSet;
use std::sync::Arc;
use transport::InProcess;
use transport::gate::NoLimit;
use twins::{Tenant, TwinConfig, Twins};

pub(crate) const OVERLAP: Span = Span::minutes(5);

pub(crate) struct Rig {
    pub(crate) twins: Twins,
    pub(crate) dynamics: Dynamics,
}

impl Rig {
    pub(crate) fn new(orders: u32) -> Self {
        Self::with(TwinConfig { orders, ..TwinConfig::default() }, 1_000)
    }

    pub(crate) fn tenant(name: &str, orders: u32) -> Self {
        let tenant = Tenant::named(name).expect("a tenant profile of the twins");
        Self::with(TwinConfig { orders, tenant, ..TwinConfig::default() }, 1_000)
    }

    pub(crate) fn with(config: TwinConfig, page: u32) -> Self {
        let twins = Twins::new(config);
        let known = twins.credentials();
        let host = |url: &str| url.trim_start_matches("https://").to_owned();
        let transport = InProcess::new()
            .route(&host(&known.login_url), twins.entra())
            .route(&host(&known.dynamics_url), twins.dynamics());
        let config = Config {
            authority: format!("{}/{}/oauth2/v2.0/token", known.login_url, known.tenant_id),
            client_id: known.client_id,
            scope: format!("{}/.default", known.dynamics_url),
            base: known.dynamics_url,
            company: Company::new(known.company),
            page,
            user_agent: "ml-connector-proofs".to_owned(),
        };
        let secret = ClientSecret::new(known.client_secret);
        let dynamics = Dynamics::new(Arc::new(transport), Arc::new(NoLimit), config, secret);
        Self { twins, dynamics }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.twins.now())
    }

    /// Lets the world go on for a while, with nobody taking webhooks.
    pub(crate) fn pass(&self, span: Span) {
        self.twins.advance(self.twins.now() + span.0);
    }

    /// Every order number of the seed.
    pub(crate) fn numbers(&self) -> Vec<SalesOrderNumber> {
        let truth = self.twins.truth();
        truth.orders.iter().map(|o| SalesOrderNumber::new(o.order_number.clone())).collect()
    }

    /// The first order of a category.
    pub(crate) fn number_of(&self, category: &str) -> SalesOrderNumber {
        let truth = self.twins.truth();
        let found = truth.orders.iter().find(|o| o.category == category);
        SalesOrderNumber::new(found.expect("a category of the seed").order_number.clone())
    }

    pub(crate) async fn order(&self, number: &SalesOrderNumber) -> SalesOrder {
        let mut reads = self
            .dynamics
            .read_orders(self.now(), std::slice::from_ref(number))
            .await
            .expect("a read");
        assert!(reads.unread.is_empty(), "{:?}", reads.unread);
        reads.read.remove(0).order.expect("the order is there")
    }

    /// Reads all changes there are now; returns the orders seen in headers and lines, and in slips.
    pub(crate) async fn sweep(&self, cursors: &mut ChangeCursors) -> Seen {
        let mut seen = Seen::default();
        loop {
            let found = self.dynamics.changes(self.now(), cursors, OVERLAP).await.expect("changes");
            assert!(found.trouble.is_empty(), "{:?}", found.trouble);
            *cursors = found.cursors;
            seen.calls += 1;
            seen.rows += found.rows.len();
            for row in found.rows {
                match row.set {
                    dynamics::ChangeSet::Slips => seen.slips.insert(row.order.as_str().to_owned()),
                    _ => seen.orders.insert(row.order.as_str().to_owned()),
                };
            }
            if !found.more {
                return seen;
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) orders: BTreeSet<String>,
    pub(crate) slips: BTreeSet<String>,
    pub(crate) rows: usize,
    pub(crate) calls: usize,
}
