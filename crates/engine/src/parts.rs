//! What an engine is made of, and the one way to open a transaction.

use crate::error::{EngineError, Result};
use crate::owner::CellOwner;
use crate::settings::{InForce, Reading};
use crate::status::Status;
use crate::tokens::Access;
use crate::troubles::Troubles;
use domain::ids::Scope;
use domain::operation::System;
use domain::reference_data::{DynamicsReference, ShipBobReference};
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use dynamics::Dynamics;
use shipbob::ShipBob;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Cell, Fence, Store, Txn};
use transport::gate::{Clock, Limiter};

/// What differs between a service, a demo and a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Name of this process, unique among those that share the database.
    pub holder: String,
    /// How long a silent owner is left alone before its cell is taken.
    pub lease: Span,
    /// Another process cannot be alive on this database (an exclusive file lock is held): take the
    /// cell at once.
    pub exclusive: bool,
    /// Where ShipBob reaches us; none = no webhooks, polls only.
    pub public_url: Option<String>,
    /// What the doctor is told of the configuration.
    pub setup: domain::doctor::Setup,
    /// How long closed things are kept; none = for ever, nothing is deleted.
    pub retention: Option<domain::retention::Retention>,
    /// Longest time a ShipBob call may take.
    pub shipbob_deadline: Span,
    /// Longest time an F&O call may take.
    pub dynamics_deadline: Span,
}

impl Options {
    /// The defaults for a process called `holder`.
    pub fn new(holder: &str) -> Self {
        Self {
            holder: holder.to_owned(),
            lease: crate::limits::LEASE,
            exclusive: false,
            public_url: None,
            setup: domain::doctor::Setup::default(),
            retention: None,
            shipbob_deadline: Span::seconds(30),
            dynamics_deadline: Span::seconds(120),
        }
    }
}

/// Everything an engine is wired from.
pub struct Parts {
    /// Whose rows.
    pub scope: Scope,
    /// Where everything is kept.
    pub store: Store,
    /// The F&O client.
    pub dynamics: Dynamics,
    /// The ShipBob client.
    pub shipbob: ShipBob,
    /// The app a merchant lets in; none = the client has a personal access token.
    pub app: Option<shipbob::oauth::App>,
    /// Asked before every first F&O call of an operation.
    pub dynamics_gate: Arc<dyn Limiter>,
    /// Asked before every first ShipBob call of an operation.
    pub shipbob_gate: Arc<dyn Limiter>,
    /// What a person decided.
    pub settings: Settings,
    /// Reads a settings document.
    pub read_document: Reading,
    /// The only clock.
    pub clock: Clock,
    /// Switches.
    pub options: Options,
}

/// Works for one connection, while its cell is owned by this process.
pub struct Engine {
    pub(crate) scope: Scope,
    pub(crate) cell: Cell,
    pub(crate) store: Store,
    pub(crate) dynamics: Arc<Dynamics>,
    pub(crate) shipbob: ShipBob,
    pub(crate) app: Option<shipbob::oauth::App>,
    pub(crate) dynamics_gate: Arc<dyn Limiter>,
    pub(crate) shipbob_gate: Arc<dyn Limiter>,
    pub(crate) options: Options,
    pub(crate) memory: Mutex<Memory>,
    pub(crate) owner: Arc<CellOwner>,
    pub(crate) read_document: Reading,
    settings: InForce,
    clock: Clock,
    status: Arc<Mutex<Status>>,
    /// One transaction of ours at a time: documents are read, changed and written inside it.
    turn: tokio::sync::Mutex<()>,
}

/// What is only worth remembering while the process lives.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) fo: Option<Arc<DynamicsReference>>,
    pub(crate) sb: Option<Arc<ShipBobReference>>,
    pub(crate) reference_due: Timestamp,
    pub(crate) dynamics_poll_due: Timestamp,
    pub(crate) shipbob_poll_due: Timestamp,
    /// When F&O's products are read next; [`Timestamp::MIN`] before the first look at the cursor.
    pub(crate) products_due: Timestamp,
    /// The products were read whole at least once, or cannot be read.
    pub(crate) products_known: bool,
    pub(crate) billing_due: Timestamp,
    /// A look at ShipBob's billing that is not finished.
    pub(crate) sweep: Option<crate::billing::Sweep>,
    /// Packages of charges.
    pub(crate) charges: crate::charges::ChargeMemory,
    /// The account with its token for billing, once the vault holds one.
    pub(crate) billing: Option<ShipBob>,
    pub(crate) inbound_due: Timestamp,
    /// A look at returns and receiving orders that is not finished.
    pub(crate) inbound: Option<crate::inbound::Look>,
    /// Reads of the products that failed in a row.
    pub(crate) products_failed: u32,
    pub(crate) dynamics_rest: Timestamp,
    pub(crate) shipbob_rest: Timestamp,
    /// Reads for webhooks lately: when, and how many orders.
    pub(crate) collected: VecDeque<(Timestamp, usize)>,
    /// Orders of lines, by lot in lower case: released quantities name lines only.
    pub(crate) lots: HashMap<String, String>,
    /// When a gate that was found closed opens again.
    pub(crate) gate_opens: Timestamp,
    /// Server clock minus ours, from the last reply that carried a date.
    pub(crate) shipbob_skew: Span,
    /// Digest of the last plan per subject: an unchanged plan is not stored again.
    pub(crate) plans: HashMap<String, u64>,
    pub(crate) hooks_due: Timestamp,
    /// What is due, how many commits had ended when it was asked, and when that was.
    pub(crate) due: Option<(u64, Timestamp, store::read::Due)>,
    /// A person asked for a run of the doctor.
    pub(crate) doctor_asked: bool,
    /// When both contracts are compared next; none = not known since the start.
    pub(crate) drift_due: Option<Timestamp>,
    /// The address for business events stands in the database.
    pub(crate) events_made: bool,
    /// Credentials in use.
    pub(crate) access: Access,
    /// Systems of which a claimed write could not be recorded: the database did not answer.
    pub(crate) stranded: Vec<System>,
    /// Waits the servers asked for that are not kept yet.
    pub(crate) waits: Vec<(System, Timestamp)>,
    /// The fence under which what the last owner left was dealt with.
    pub(crate) inherited: Option<Fence>,
    /// What went wrong outside any order, for the trail.
    pub(crate) troubles: Troubles,
    /// Wanted erasures of personal data.
    pub(crate) erasures: crate::erasure::Waiting,
    /// The backfill under way.
    pub(crate) backfill: crate::backfill::Under,
    /// Days to be reconciled.
    pub(crate) reconcile: crate::reconcile::Desk,
    /// Forgetting what is old.
    pub(crate) retention: crate::retention::Round,
    /// The doctor or the comparison is under way.
    pub(crate) examining: bool,
    /// What is paused was read since it was last changed.
    pub(crate) pauses_known: bool,
    /// What people have stopped, in full.
    pub(crate) pauses: domain::pause::Pauses,
    pub(crate) paused: bool,
    /// Comparing stock.
    pub(crate) stock: crate::stock::StockMemory,
    /// The settings do not fit: nothing is planned.
    pub(crate) unfit: bool,
    /// Where a timetable of the polls goes on was read from the database.
    pub(crate) polls_known: bool,
    /// What went wrong in flows that no order needs.
    pub(crate) flow_troubles: crate::flows::FlowTroubles,
    /// Flows a person wants to run now, quiet hours or not.
    pub(crate) run_now: Vec<domain::operation::Flow>,
    /// Which settings are in force was read since they were last changed.
    pub(crate) settings_known: bool,
}

/// One transaction with the fence checked.
pub(crate) struct Work<'a> {
    _turn: tokio::sync::MutexGuard<'a, ()>,
    pub(crate) txn: Txn,
    pub(crate) fence: Fence,
}

impl Work<'_> {
    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.txn.commit().await?)
    }
}

impl Engine {
    /// Wires an engine; it owns nothing yet and writes nothing until [`Engine::own`] says so.
    pub fn new(parts: Parts) -> Self {
        let cell = Cell::of(&parts.scope);
        let status = Arc::new(Mutex::new(Status::default()));
        Self {
            owner: CellOwner::new(vec![cell.clone()]),
            cell,
            memory: Mutex::new(Memory::default()),
            settings: Mutex::new(Arc::new(parts.settings)),
            read_document: parts.read_document,
            turn: tokio::sync::Mutex::new(()),
            status,
            scope: parts.scope,
            store: parts.store,
            dynamics: Arc::new(parts.dynamics),
            shipbob: parts.shipbob,
            app: parts.app,
            dynamics_gate: parts.dynamics_gate,
            shipbob_gate: parts.shipbob_gate,
            clock: parts.clock,
            options: parts.options,
        }
    }

    /// Shares the ownership of a cell with the engines of its other connections.
    #[must_use]
    pub fn within(mut self, owner: Arc<CellOwner>) -> Self {
        self.owner = owner;
        self
    }

    /// Whose rows it works on.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Our clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other settings in force.
    pub(crate) fn use_settings(&self, new: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    }

    /// The same parts with other settings and an empty memory.
    pub(crate) fn beside(&self, settings: Arc<Settings>) -> Self {
        Self {
            owner: Arc::clone(&self.owner),
            cell: self.cell.clone(),
            memory: Mutex::new(Memory::default()),
            settings: Mutex::new(settings),
            read_document: self.read_document,
            turn: tokio::sync::Mutex::new(()),
            status: Arc::default(),
            scope: self.scope.clone(),
            store: self.store.clone(),
            dynamics: Arc::clone(&self.dynamics),
            shipbob: self.shipbob.clone(),
            app: self.app.clone(),
            dynamics_gate: Arc::clone(&self.dynamics_gate),
            shipbob_gate: Arc::clone(&self.shipbob_gate),
            clock: Arc::clone(&self.clock),
            options: self.options.clone(),
        }
    }

    /// What the engine knows of itself, for the console.
    pub fn status(&self) -> Arc<Mutex<Status>> {
        Arc::clone(&self.status)
    }

    pub(crate) fn remember(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Opens a transaction that fails when another process owns the cell.
    pub(crate) async fn begin(&self, name: &'static str) -> Result<Work<'_>> {
        let fence = self.fence().ok_or(EngineError::Lost)?;
        let turn = self.turn.lock().await;
        let mut txn = self.store.begin(name).await?;
        txn.guard(&self.cell, fence).await?;
        Ok(Work { _turn: turn, txn, fence })
    }
}
