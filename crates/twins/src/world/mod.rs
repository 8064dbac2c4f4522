//! The world both twins live in: clock, keyed chance, events to come, faults, ledger, seed.
//!
//! Owns time and order. Knows neither F&O nor ShipBob rules; it calls the two twins and the clerk.

pub(crate) mod breaks;
pub(crate) mod calendar;
pub(crate) mod chance;
pub(crate) mod config;
mod control;
pub(crate) mod estate;
pub(crate) mod exchange;
pub(crate) mod fate;
pub(crate) mod faults;
pub(crate) mod front;
pub(crate) mod ledger;
pub(crate) mod mapping;
pub(crate) mod plant;
pub(crate) mod projection;
pub(crate) mod queue;
pub(crate) mod stock;
pub(crate) mod tenant;
pub(crate) mod truth;

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chance::Chance;
use config::TwinConfig;
use exchange::TwinRequest;
use faults::FaultDesk;
use ledger::{Ledger, System};
use projection::Projection;
use queue::{EventKey, EventQueue};
use truth::Truth;

use crate::seed::SeedWorld;
use crate::{clerk, fo, seed, shipbob};

/// Everything that can happen by itself.
pub(crate) enum Event {
    ShipBob(shipbob::LifeEvent),
    Dynamics(fo::LifeEvent),
    Clerk(clerk::ClerkEvent),
    /// A request whose effect was delayed by a fault.
    Late {
        system: System,
        request: Box<TwinRequest>,
    },
}

/// What ShipBob tells the rest of the world. The clerk listens, so that actions which must not race
/// are conditioned on what happened, never on time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// ShipBob accepted an order of our channel. Picking is planned for `picks_at` (world micros).
    Accepted { order_number: String, reference: String, picks_at: i64 },
    /// The first shipment of the order was picked: it can no longer be cancelled.
    Picked { order_number: String, reference: String },
    /// The first shipment of the order left the warehouse.
    Shipped { order_number: String, reference: String },
    /// The whole order was cancelled at ShipBob.
    Cancelled { order_number: String, reference: String },
}

/// All state of one pair of twins. Handlers lock it, act, unlock; the lock is never held across an await.
pub(crate) struct World {
    pub(crate) config: TwinConfig,
    /// World time, micros. Only `advance` moves it.
    pub(crate) now: i64,
    pub(crate) chance: Chance,
    pub(crate) faults: FaultDesk,
    pub(crate) ledger: Ledger,
    pub(crate) queue: EventQueue,
    pub(crate) seed: SeedWorld,
    pub(crate) shipbob: shipbob::State,
    pub(crate) dynamics: fo::State,
    /// What was planted.
    pub(crate) planted: Vec<plant::Planted>,
}

/// The world behind its lock.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// The world whose ShipBob account this one sells through; none = it has one of its own.
    host: Option<Arc<Shared>>,
}

impl Shared {
    pub(crate) fn new(config: TwinConfig) -> Self {
        Self { world: Mutex::new(World::new(config)), host: None }
    }

    /// A world that sells through the ShipBob account of `host`, which has one of its own.
    pub(crate) fn guest(config: TwinConfig, host: &Arc<Shared>) -> Self {
        host.lock().shipbob.join(&config);
        Self { world: Mutex::new(World::new(config)), host: Some(Arc::clone(host)) }
    }

    pub(crate) fn lock(&self) -> Visit<'_> {
        // A panicking handler must not silence the world for everybody else. The host is always
        // locked first.
        let mut host = self
            .host
            .as_ref()
            .map(|host| host.world.lock().unwrap_or_else(PoisonError::into_inner));
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = &mut host {
            std::mem::swap(&mut host.shipbob, &mut world.shipbob);
        }
        Visit { world, host }
    }
}

/// A world while somebody works on it. The account it shares is there for so long.
pub(crate) struct Visit<'a> {
    world: MutexGuard<'a, World>,
    host: Option<MutexGuard<'a, World>>,
}

impl Deref for Visit<'_> {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Visit<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if let Some(host) = &mut self.host {
            std::mem::swap(&mut host.shipbob, &mut self.world.shipbob);
        }
    }
}

impl World {
    fn new(mut config: TwinConfig) -> Self {
        config.tenant.close(&config.breaks);
        plant::prepare(&mut config);
        let seed = SeedWorld::build(&config);
        let mut world = Self {
            now: config.start_micros,
            chance: Chance::new(config.seed),
            faults: FaultDesk::new(config.faults.clone()),
            ledger: Ledger::default(),
            queue: EventQueue::default(),
            shipbob: shipbob::State::new(&config),
            dynamics: fo::State::new(&config, &seed),
            planted: Vec::new(),
            seed,
            config,
        };
        shipbob::start(&mut world);
        fo::start(&mut world);
        clerk::start(&mut world);
        plant::plant(&mut world);
        world
    }

    /// The servers' clock: world time, ahead of it in tenant `clock-skew`.
    pub(crate) fn server_clock(&self) -> i64 {
        self.now.saturating_add(self.config.tenant.skew_micros())
    }

    /// Schedules `event` after `micros` (not paced; pace delays of life with `config.paced`).
    pub(crate) fn schedule_in(&mut self, micros: i64, event: Event) -> EventKey {
        self.queue.schedule(self.now.saturating_add(micros.max(0)), event)
    }

    /// Schedules `event` at a moment; a moment in the past means now.
    pub(crate) fn schedule_at(&mut self, at: i64, event: Event) -> EventKey {
        self.queue.schedule(at.max(self.now), event)
    }

    /// Runs everything due up to `to`, in order, each at its own moment. Time never goes back.
    pub(crate) fn advance(&mut self, to: i64) {
        while let Some((at, event)) = self.queue.pop_due(to) {
            self.now = self.now.max(at);
            match event {
                Event::ShipBob(event) => shipbob::live(self, event),
                Event::Dynamics(event) => fo::live(self, event),
                Event::Clerk(event) => clerk::live(self, event),
                Event::Late { system, request } => {
                    // Nobody hears the reply.
                    self.dispatch(system, &request);
                }
            }
        }
        self.now = self.now.max(to);
    }

    /// When something happens next by itself: life, late effects, webhook attempts.
    pub(crate) fn next_event(&self) -> Option<i64> {
        let hooks = shipbob::next_webhook(self);
        let life = self.queue.next_at();
        [hooks, life].into_iter().flatten().min()
    }

    /// What happens next, for messages.
    pub(crate) fn next_words(&self) -> String {
        let event = match self.queue.next() {
            None => "no event".to_owned(),
            Some(Event::ShipBob(event)) => format!("{event:?}"),
            Some(Event::Dynamics(event)) => format!("{event:?}"),
            Some(Event::Clerk(event)) => format!("{event:?}"),
            Some(Event::Late { system, .. }) => format!("a late request to {system:?}"),
        };
        let (at, hook) = (self.queue.next_at(), shipbob::next_webhook(self));
        format!("{event} at {at:?}, webhooks at {hook:?}")
    }

    /// The sales order meant by a number shown at ShipBob: a client that does not know it shows the request.
    pub(crate) fn sales_order(&self, shown: &str) -> String {
        fo::sales_order(self, shown).unwrap_or_else(|| shown.to_owned())
    }

    /// Tells the clerk what happened at ShipBob.
    pub(crate) fn happened(&mut self, happening: &Happening) {
        clerk::notice(self, happening);
    }

    pub(crate) fn projection(&self) -> Projection {
        let mut projection = Projection::default();
        shipbob::project(self, &mut projection);
        fo::project(self, &mut projection);
        projection.set_apart(|order_number| {
            self.seed.fate_of(order_number).is_some_and(fate::Fate::is_racing)
        });
        projection
    }

    pub(crate) fn truth(&self) -> Truth {
        let products =
            seed::skus::specs(self.config.sku_places()).flat_map(|spec| spec.truth()).collect();
        let mut orders = self.seed.truth();
        if self.config.skus > 0 {
            // An item ShipBob does not know yet is made there.
            for order in orders.iter_mut().filter(|o| o.category == "unknown-sku") {
                order.outcome = truth::Outcome::Sent;
            }
        }
        Truth { orders, products }
    }
}
