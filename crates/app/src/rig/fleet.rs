//! Several connections of one installation in one process, on one virtual clock.

use super::{PATIENCE, RigError, Run, World, deliver_webhooks, person};
use crate::cells::{self, Wire, Wired};
use domain::cells::Tie;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use engine::{Engine, EngineError, Options, WebhookIntake};
use std::sync::Arc;
use store::{NewConnection, Store, StoreError};
use tokio::sync::Notify;
use transport::Transport;

/// Writes what `serve` would have written at its first start: an organisation and its connections.
pub async fn prepare_all(
    store: &Store,
    connections: &[(&World, &Settings)],
) -> Result<(), StoreError> {
    let mut txn = store.begin("rig.prepare").await?;
    for (world, settings) in connections {
        let (scope, at) = (&world.scope, world.now());
        txn.organisation_put(&scope.organisation, "Demo", at).await?;
        let company = settings.company.as_str();
        let new = NewConnection {
            name: format!("Contoso {}", company.to_uppercase()),
            company: company.to_owned(),
            channel_id: settings.channel.0,
        };
        txn.connection_put(scope, &new, at).await?;
        txn.connection_cut_off(scope, settings.cut_off).await?;
        super::first_version(&mut txn, scope, settings, at).await?;
    }
    txn.commit().await
}

/// One life of an installation: from start to stop or crash.
pub struct Fleet {
    /// The connections, in the order given.
    pub wired: Vec<Wired>,
    worlds: Vec<World>,
    intake: Arc<WebhookIntake>,
    committer: tokio::task::JoinHandle<()>,
}

/// Passes of all engines that may be needed for what happens at one moment.
const ROUNDS: u32 = 2_000;

/// What ties a connection of the twins to others.
fn tie(world: &World, settings: &Settings) -> Tie {
    let at = world.twins.credentials();
    Tie {
        name: format!("Contoso {}", settings.company.as_str().to_uppercase()),
        id: world.scope.connection.as_str().to_owned(),
        organisation: world.scope.organisation.as_str().to_owned(),
        environment: at.dynamics_url,
        company: at.company,
        shipbob: at.shipbob_url,
        account: format!("account {}", at.account),
        channel: at.channel_id,
        warehouses: Vec::new(),
        pairing_allowed: false,
    }
}

impl Fleet {
    /// Wires the connections as `serve` and `demo` do.
    pub fn wire(
        connections: &[(World, Settings)],
        store: &Store,
        network: &Arc<dyn Transport>,
        shipbob_per_minute: Option<u32>,
        options: impl Fn(usize) -> Options,
    ) -> Vec<Wired> {
        let Some((first, _)) = connections.first() else { return Vec::new() };
        let wires = connections.iter().enumerate().map(|(nth, (world, settings))| Wire {
            tie: tie(world, settings),
            remotes: world.remotes(shipbob_per_minute),
            settings: settings.clone(),
            options: options(nth),
        });
        cells::wire(store, network, &first.clock(), wires.collect())
    }

    /// Starts a life of all connections.
    pub fn start(
        connections: &[(World, Settings)],
        store: &Store,
        network: &Arc<dyn Transport>,
        shipbob_per_minute: Option<u32>,
        change: impl Fn(usize, &mut Options),
    ) -> Option<Self> {
        let (first, _) = connections.first()?;
        let options = |nth: usize| {
            let mut options = Options::new("rig");
            options.exclusive = true;
            options.lease = Span::hours(2);
            options.public_url = Some("https://connector.example".to_owned());
            change(nth, &mut options);
            options
        };
        let wired = Self::wire(connections, store, network, shipbob_per_minute, options);
        let wake = Arc::new(Notify::new());
        let (intake, committer) = WebhookIntake::new(store.clone(), first.clock(), wake);
        #[expect(clippy::disallowed_methods, reason = "the rig supervises its own committer")]
        let committer = tokio::spawn(committer.run());
        let worlds = connections.iter().map(|(world, _)| world.clone()).collect();
        Some(Self { wired, worlds, intake, committer })
    }

    /// Everything that can happen at this moment, without moving time. Each connection goes on by
    /// itself: one that has nothing to do does not wait for one that has.
    pub async fn settle_moment(&self) -> Result<(u64, Timestamp), RigError> {
        let mut steps = 0;
        for _ in 0..ROUNDS {
            let mut worked = self.deliver_webhooks().await;
            let mut next = Timestamp(i64::MAX);
            for one in &self.wired {
                let step = one.engine.step().await?;
                steps += 1;
                next = next.min(step.next);
                worked |= step.worked;
            }
            worked |= self.people().await?;
            if !worked {
                return Ok((steps, next));
            }
        }
        let what = "some connection works on and on without time passing".to_owned();
        Err(RigError::NotQuiet { days: 0, what })
    }

    /// Hands what ShipBob sends now to the intake; false when there was nothing.
    pub async fn deliver_webhooks(&self) -> bool {
        match self.worlds.first() {
            Some(world) => deliver_webhooks(world, &self.intake).await,
            None => false,
        }
    }

    /// Where an engine says that ShipBob must be connected, a person does it. True when something
    /// was done.
    pub async fn people(&self) -> Result<bool, RigError> {
        let mut worked = false;
        for (one, world) in self.wired.iter().zip(&self.worlds) {
            worked |= person(world, &one.engine, one.connect.as_ref()).await?;
        }
        Ok(worked)
    }

    /// Everything at this moment, then the clock moves to the next one.
    pub async fn moment(&self) -> Result<u64, RigError> {
        let Some(world) = self.worlds.first() else { return Ok(0) };
        let (steps, next) = match self.settle_moment().await {
            Err(RigError::Engine(EngineError::Unavailable(_))) => {
                (0, world.now() + Span::seconds(1))
            }
            other => other?,
        };
        let at = world.next_event().map_or(next, |event| event.min(next));
        world.advance(at.max(world.now() + Span(1)));
        Ok(steps)
    }

    /// Whether this connection has nothing left to do.
    pub async fn is_quiet(&self, engine: &Engine) -> Result<bool, RigError> {
        Ok(engine.quiet().await?)
    }

    /// Runs until nobody has anything left to do, at most `limit` of virtual time.
    pub async fn run_to_quiet(&self, limit: Span) -> Result<Run, RigError> {
        self.run_until_quiet(limit, |_| true).await
    }

    /// Runs until the connections for which `counts` says so have nothing left to do.
    pub async fn run_until_quiet(
        &self,
        limit: Span,
        counts: impl Fn(&Wired) -> bool,
    ) -> Result<Run, RigError> {
        let Some(world) = self.worlds.first() else {
            return Ok(Run { steps: 0, took: Span(0) });
        };
        let (began, mut steps) = (world.now(), 0);
        let mut quiet_since: Option<Timestamp> = None;
        loop {
            steps += self.moment().await?;
            let now = world.now();
            let mut quiet = true;
            for (one, world) in self.wired.iter().zip(&self.worlds).filter(|(w, _)| counts(w)) {
                quiet &= world.twins.next_event().is_none() && one.engine.quiet().await?;
            }
            if quiet {
                if now.since(*quiet_since.get_or_insert(now)) > PATIENCE {
                    return Ok(Run { steps, took: now.since(began) });
                }
            } else {
                quiet_since = None;
            }
            if now.since(began) > limit {
                let mut open = Vec::new();
                for one in &self.wired {
                    open.push(format!("{}: {}", one.name, one.engine.open_work().await?));
                }
                let days = limit.0 / Span::days(1).0;
                return Err(RigError::NotQuiet { days, what: open.join("; ") });
            }
        }
    }

    /// Stops this life; the worlds go on.
    pub fn stop(self) {
        self.committer.abort();
    }
}
