//! Made-up worlds for the gallery and the tests: every page has something awkward to show.

mod checkup;
mod finance;
mod flows;
mod inbound;
mod order;
mod overview;
mod products;
mod reconcile;
mod settings;
mod stock;

use crate::access::AccessToken;
use crate::books::{Books, BooksError, Read};
use crate::command::Command;
use crate::connect::{CameBack, Connector};
use crate::hooks::{Accept, WebhookIntake};
use crate::live::LiveEvent;
use crate::model::{
    At, ChainReport, Checkup, ConnectionFacts, CredentialLine, Days, FinanceFacts, FlowFacts,
    Found, HoldGroup, InboundFacts, InboundQuery, InvoiceFacts, OrderCosts, OrderFacts,
    OrderFilter, OrderState, OrdersPage, OverviewFacts, ProductsPage, StockFacts, StockQuery,
    TrailPage, TrailQuery,
};
use crate::state::{ConsoleState, Place};
use crate::status::{EngineSnapshot, EngineStatus};
use bytes::Bytes;
use domain::reconcile::Sealed;
use domain::settings_change::Asked;
use domain::time::{Span, Timestamp};
use futures::future::{BoxFuture, ready};
use http::HeaderMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// The access token of every sample.
pub const TOKEN: &str = "sample";

/// The time at which every sample stands still: 2026-11-23T09:41:07Z.
pub const NOW: Timestamp = Timestamp(1_795_426_867_000_000);

/// So many minutes before [`NOW`].
pub(crate) fn ago(minutes: i64) -> At {
    At(NOW - Span::minutes(minutes))
}

/// One made-up order: `SO-000697` half shipped, `SO-000640` held, `SO-000600` erased.
pub fn order_facts(number: &str) -> Option<OrderFacts> {
    order::facts(number)
}

/// Which world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// A working morning with a few holds.
    Busy,
    /// Everything has arrived.
    Calm,
    /// Nothing has happened yet and no cut-off is set.
    New,
    /// ShipBob refuses our credentials.
    Refused,
    /// A busy morning on which a person stopped the stock and ShipBob refuses the billing.
    Paused,
    /// The database does not answer.
    Down,
}

/// Answers like the store and the engine would, from made-up data.
pub struct Sample {
    world: World,
    commands: Mutex<Vec<Command>>,
    changes: Mutex<Vec<Asked>>,
}

impl Sample {
    /// One world.
    pub fn new(world: World) -> Self {
        Self { world, commands: Mutex::default(), changes: Mutex::default() }
    }

    /// Commands asked so far.
    pub fn commands(&self) -> Vec<Command> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes of settings asked so far.
    pub fn changes(&self) -> Vec<Asked> {
        self.changes_asked().clone()
    }

    fn changes_asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T: Send + 'static>(&self, value: T) -> Read<'_, T> {
        let result = if self.world == World::Down {
            Err(BooksError::Unavailable("the disk is full".to_owned()))
        } else {
            Ok(value)
        };
        Box::pin(ready(result))
    }
}

/// A console over a sample.
pub fn state(sample: Arc<Sample>) -> ConsoleState {
    let counter = AtomicU8::new(1);
    ConsoleState {
        place: Place {
            id: "default".to_owned(),
            organisation: "default".to_owned(),
            ..Place::default()
        },
        books: Arc::<Sample>::clone(&sample),
        access: AccessToken::new(TOKEN),
        webhook: Arc::<Sample>::clone(&sample),
        connect: Some(Arc::<Sample>::clone(&sample)),
        settings: Arc::<Sample>::clone(&sample),
        status: sample,
        metrics: Arc::new(|| {
            "# TYPE orders_released_total counter\norders_released_total 412\n".to_owned()
        }),
        now: Arc::new(|| NOW),
        random: Arc::new(move || [counter.fetch_add(1, Ordering::Relaxed); 32]),
        live: broadcast::Sender::<LiveEvent>::new(16),
        zone: jiff::tz::TimeZone::UTC,
        https: false,
        open_metrics: false,
    }
}

impl Books for Sample {
    fn connection(&self) -> Read<'_, ConnectionFacts> {
        self.answer(ConnectionFacts {
            name: "Contoso US".to_owned(),
            company: "usmf".to_owned(),
            channel: 104_233,
            cut_off: (self.world != World::New).then(|| ago(60 * 24 * 19)),
            paused: false,
            pauses: flows::pauses(self.world),
            settings_version: if self.world == World::New { 1 } else { 12 },
        })
    }

    fn credentials(&self) -> Read<'_, Vec<CredentialLine>> {
        let line = |system: &str, name: &str, set_at, set_by: &str, expires_at| CredentialLine {
            system: system.to_owned(),
            name: name.to_owned(),
            set_at,
            set_by: set_by.to_owned(),
            expires_at,
        };
        let ends = At(NOW + Span::minutes(43));
        self.answer(vec![
            line("dynamics", "client_secret", ago(60 * 24 * 19), "configuration", None),
            line("shipbob", "oauth", ago(17), "Mara Weiß", Some(ends)),
            line("webhook", "signing", ago(60 * 24 * 19), "ml-connector", None),
        ])
    }

    fn held(&self) -> Read<'_, i64> {
        self.answer(overview::facts(self.world, 24).counters.held)
    }

    fn overview(&self, window_hours: i64, _: Timestamp) -> Read<'_, OverviewFacts> {
        self.answer(overview::facts(self.world, window_hours))
    }

    fn flows(&self, _: Timestamp) -> Read<'_, Vec<FlowFacts>> {
        self.answer(overview::facts(self.world, 24).flows)
    }

    fn orders(
        &self,
        filter: OrderFilter,
        after: Option<String>,
        _: i64,
        _: Timestamp,
    ) -> Read<'_, OrdersPage> {
        let rows = if after.is_some() || self.world == World::New {
            Vec::new()
        } else {
            order::rows(filter)
        };
        let next =
            (filter == OrderFilter::All && !rows.is_empty()).then(|| "1~SO-000655".to_owned());
        self.answer(OrdersPage { rows, next })
    }

    fn order(&self, number: &str) -> Read<'_, Option<OrderFacts>> {
        self.answer(order::facts(number))
    }

    fn products(&self, begins: &str, _: Option<String>, _: i64) -> Read<'_, ProductsPage> {
        let rows = if self.world == World::New { Vec::new() } else { products::rows() };
        let begins = begins.to_lowercase();
        let rows = rows.into_iter().filter(|r| r.key.to_lowercase().starts_with(&begins));
        let (rows, next) = (rows.collect(), begins.is_empty().then(|| "ts100-red-s".to_owned()));
        self.answer(ProductsPage { rows, next })
    }

    fn holds(&self, per_group: i64) -> Read<'_, Vec<HoldGroup>> {
        let mut groups = overview::facts(self.world, 24).needs;
        for group in &mut groups {
            group.orders.truncate(usize::try_from(per_group).unwrap_or_default());
        }
        self.answer(groups)
    }

    fn search(&self, number: &str, _: i64) -> Read<'_, Vec<Found>> {
        let found = |number: &str, kind: &str, order: &str| Found {
            number: number.to_owned(),
            kind: kind.to_owned(),
            order: order.to_owned(),
            state: OrderState::Shipped,
            sentence: "1 of 2 parcels are shipped.".to_owned(),
        };
        let all = vec![
            found("SO-000697", "order", "SO-000697"),
            found("SO-000698", "order", "SO-000698"),
            found("1Z999AA10123456784", "tracking", "SO-000697"),
            found("318450211", "ShipBob order", "SO-000697"),
        ];
        let wanted = number.to_uppercase();
        self.answer(all.into_iter().filter(|f| f.number.starts_with(&wanted)).collect())
    }

    fn trail(&self, query: TrailQuery) -> Read<'_, TrailPage> {
        let mut rows = overview::trail();
        rows.retain(|row| query.subject.is_none() || row.subject == query.subject);
        let next = query.before.is_none().then_some(8_812);
        self.answer(TrailPage { rows, next })
    }

    fn finance(&self, _: usize, _: Timestamp) -> Read<'_, FinanceFacts> {
        let some = matches!(self.world, World::Busy | World::Paused);
        self.answer(if some { finance::facts() } else { FinanceFacts::default() })
    }

    fn inbound(&self, query: InboundQuery) -> Read<'_, InboundFacts> {
        let some = matches!(self.world, World::Busy | World::Paused);
        self.answer(if some { inbound::facts(&query) } else { InboundFacts::default() })
    }

    fn invoice(&self, id: i64) -> Read<'_, Option<InvoiceFacts>> {
        self.answer(finance::invoice(id))
    }

    fn costs(&self, number: &str, _: Timestamp) -> Read<'_, OrderCosts> {
        self.answer(finance::costs(number))
    }

    fn verify_trail(&self) -> Read<'_, ChainReport> {
        self.answer(ChainReport {
            entries: 8_841,
            erased: 3,
            archived_seq: None,
            head_seq: 8_841,
            head_hash: "9f3c6a0d27be41c89f3c6a0d27be41c89f3c6a0d27be41c89f3c6a0d27be41c8"
                .to_owned(),
            broken: None,
        })
    }

    fn stock(&self, query: StockQuery) -> Read<'_, StockFacts> {
        self.answer(stock::facts(self.world, &query))
    }

    fn reconciled(&self, _: Timestamp) -> Read<'_, Days> {
        self.answer(reconcile::days(self.world))
    }

    fn certificate(&self, day: &str) -> Read<'_, Option<Sealed>> {
        self.answer(reconcile::day(self.world, day))
    }

    fn ask_day(&self, _: domain::reconcile::Asked, _: Timestamp) -> Read<'_, u64> {
        self.answer(1)
    }

    fn checkup(&self) -> Read<'_, Checkup> {
        self.answer(if self.world == World::New { Checkup::default() } else { checkup::of() })
    }

    fn command(&self, commands: Vec<Command>) -> Read<'_, u64> {
        let mut kept = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.len();
        for command in commands {
            if !kept.iter().any(|known| known.dedupe_key() == command.dedupe_key()) {
                kept.push(command);
            }
        }
        let new = kept.len() - before;
        self.answer(u64::try_from(new).unwrap_or_default())
    }

    fn alive(&self) -> Read<'_, ()> {
        self.answer(())
    }
}

impl Connector for Sample {
    fn begin(&self, _: &str) -> BoxFuture<'_, Result<String, String>> {
        let url = "https://authstage.shipbob.com/connect/authorize?client_id=app&state=known";
        Box::pin(ready(Ok(url.to_owned())))
    }

    fn come_back(&self, answer: CameBack) -> BoxFuture<'_, Result<(), String>> {
        let known = answer.state == "known" && !answer.code.is_empty();
        let why = "this answer does not belong to the connect that was begun last: begin again";
        Box::pin(ready(if known { Ok(()) } else { Err(why.to_owned()) }))
    }
}

impl EngineStatus for Sample {
    fn snapshot(&self) -> EngineSnapshot {
        overview::engine(self.world)
    }
}

impl WebhookIntake for Sample {
    fn accept(&self, path_token: &str, headers: &HeaderMap, _: Bytes) -> BoxFuture<'_, Accept> {
        let refused = |status, why: &str| Accept::Refused { status, why: why.to_owned() };
        let answer = match (path_token, headers.contains_key("webhook-signature")) {
            _ if self.world == World::Down => Accept::Unavailable,
            ("known", true) => Accept::Stored,
            ("known", false) => refused(401, "the signature is missing"),
            _ => refused(404, "no such webhook address"),
        };
        Box::pin(ready(answer))
    }

    fn event(&self, path_token: &str, _: Bytes) -> BoxFuture<'_, Accept> {
        let answer = match path_token {
            _ if self.world == World::Down => Accept::Unavailable,
            "known" => Accept::Stored,
            _ => Accept::Refused { status: 404, why: "no such event address".to_owned() },
        };
        Box::pin(ready(answer))
    }
}
