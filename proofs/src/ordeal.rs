//! A scene lived through one life after the other, until nobody has anything left to do.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::rig::{RigError, World};
use domain::ids::Scope;
use domain::operation::System;
use domain::time::{Span, Timestamp};
use engine::{Command, Engine, EngineError, Options, Target, Verb};
use store::{NewSignal, StoreError};
use transport::{Faulty, InProcess, Transport};

use crate::stall::{Drowsy, Sleeper};
use crate::{Faults, Life, Scene, Stall, Steps, Verdict};

/// How long a killed connector stays away.
pub(crate) const DOWN: Span = Span::seconds(20);
/// A database that did not answer is asked again after this.
pub(crate) const AGAIN: Span = Span::seconds(1);
/// Nothing is looked at more often than this: what happens within it, happens at once.
pub(crate) const GRAIN: Span = Span::seconds(2);
/// Passes an engine may need for what happens at one moment.
pub(crate) const AT_ONCE: u32 = 300;
/// How long a silent owner is left alone where two processes share a database.
const LEASE: Span = Span::minutes(20);

/// What a person asks for, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Not before.
    pub at: Timestamp,
    /// What.
    pub verb: Verb,
    /// About what.
    pub target: Target,
}

/// What happened to processes, beside the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// A second process took the cell over while the first stood still.
    TakenOver,
    /// The first woke up, and its reply was refused by the fence.
    ZombieRefused,
    /// The first woke up before anybody took over.
    WokeInTime,
}

/// A scene with numbered steps.
pub struct Ordeal {
    /// World and database.
    pub scene: Scene,
    /// What happens at which step.
    pub steps: Arc<Steps>,
    /// Both sides must have been silent for this long before it is over.
    pub patience: Span,
    /// It must be over after this.
    pub limit: Span,
    /// What people do, in order of time.
    pub acts: Vec<Act>,
    /// The first process stands still once; a second one waits for the cell.
    pub stall: Option<Stall>,
    turns: Mutex<Vec<Turn>>,
    passes: AtomicU64,
}

type Moment<'a> = Pin<Box<dyn Future<Output = Result<Timestamp, RigError>> + 'a>>;

enum End {
    Quiet,
    Succeeded(Box<Life>),
}

impl Ordeal {
    /// An ordeal without people and second processes.
    pub fn new(scene: Scene, steps: Steps, patience: Span, limit: Span) -> Self {
        let steps = Arc::new(steps);
        let (acts, stall) = (Vec::new(), None);
        let (turns, passes) = (Mutex::default(), AtomicU64::new(0));
        Self { scene, steps, patience, limit, acts, stall, turns, passes }
    }

    /// What happened to processes, in order.
    pub fn turns(&self) -> Vec<Turn> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Passes of the engine, a measure of work.
    pub fn passes(&self) -> u64 {
        self.passes.load(Ordering::SeqCst)
    }

    fn note(&self, turn: Turn) {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).push(turn);
    }

    /// Lives until all is quiet; a life that dies is followed by the next one. Also hands out the last life's
    /// database, still open.
    ///
    /// # Errors
    /// What stopped it, in words.
    pub async fn run(&self) -> Result<(Verdict, store::Store), String> {
        let began = self.scene.world.now();
        let mut acts: VecDeque<Act> = self.acts.iter().cloned().collect();
        let sleeper = self.stall.map(|stall| Arc::new(Sleeper::new(stall)));
        let mut life = self.begin(sleeper.clone()).await;
        loop {
            match self.until_quiet(&life, sleeper.as_deref(), &mut acts, began).await {
                Ok(End::Quiet) => {
                    let verdict = Verdict::read(&self.scene.world.twins, &life.store).await;
                    let store = life.store.clone();
                    life.rig.stop();
                    return Ok((verdict, store));
                }
                Ok(End::Succeeded(second)) => {
                    life.stop().await;
                    life = *second;
                }
                Err(error) if died(&error) => {
                    life.stop().await;
                    be_away(&[&self.scene.world], &self.steps, DOWN).await;
                    life = self.begin(None).await;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The next life, with fault points at both gates.
    async fn begin(&self, sleeper: Option<Arc<Sleeper>>) -> Life {
        let nth = self.steps.begin_life();
        let inner: InProcess = self.scene.world.network();
        let faulty = Faulty::new(inner, Arc::clone(&self.steps));
        let network: Arc<dyn Transport> = match sleeper {
            Some(sleeper) => Arc::new(Drowsy { inner: faulty, sleeper }),
            None => Arc::new(faulty),
        };
        let store: Arc<dyn store::FaultPoint> = Arc::clone(&self.steps) as _;
        let faults = Faults { store: Some(store), network: Some(network) };
        self.scene.start_as(faults, |options| self.shared(options, &format!("life-{nth}"))).await
    }

    fn shared(&self, options: &mut Options, holder: &str) {
        if self.stall.is_some() {
            options.exclusive = false;
            options.lease = LEASE;
            options.holder = holder.to_owned();
        }
    }

    async fn until_quiet(
        &self,
        life: &Life,
        sleeper: Option<&Sleeper>,
        acts: &mut VecDeque<Act>,
        began: Timestamp,
    ) -> Result<End, RigError> {
        let world = &self.scene.world;
        let mut quiet_since: Option<Timestamp> = None;
        loop {
            self.act(life, acts).await;
            let mut moment: Moment<'_> = Box::pin(self.moment(life));
            let slept = async {
                match sleeper {
                    Some(sleeper) if !sleeper.slept() => sleeper.stopped().await,
                    _ => std::future::pending().await,
                }
            };
            let next = tokio::select! {
                biased;
                next = &mut moment => Some(next?),
                () = slept => None,
            };
            let Some(next) = next else {
                let Some(sleeper) = sleeper else { continue };
                match self.stand_still(life, moment, sleeper).await? {
                    Some(second) => return Ok(End::Succeeded(Box::new(second))),
                    None => continue,
                }
            };
            let now = world.now();
            let still = world.twins.next_event().is_none()
                && self.steps.next_held().is_none()
                && acts.is_empty();
            if still && life.rig.engine.quiet().await? && life.rig.engine.lease().is_some() {
                if now.since(*quiet_since.get_or_insert(now)) > self.patience {
                    return Ok(End::Quiet);
                }
            } else {
                quiet_since = None;
            }
            if now.since(began) > self.limit {
                let what = life.rig.engine.open_work().await?;
                let what = format!("{what}; the twins' next: {}", world.twins.next_event_words());
                return Err(RigError::NotQuiet { days: self.limit.0 / Span::days(1).0, what });
            }
            let next = acts.front().map_or(next, |act| next.min(act.at));
            world.advance(self.next(next).max(now + GRAIN));
        }
    }

    /// Everything that can happen at this moment, one thing after the other, so that steps have the same numbers in
    /// every run. Returns when to come again.
    async fn moment(&self, life: &Life) -> Result<Timestamp, RigError> {
        self.steps.release_held(&self.scene.world.network()).await;
        match self.settle(life).await {
            Err(error) if unavailable(&error) => Ok(self.scene.world.now() + AGAIN),
            other => other,
        }
    }

    async fn settle(&self, life: &Life) -> Result<Timestamp, RigError> {
        let engine = &life.rig.engine;
        for _ in 0..AT_ONCE {
            self.passes.fetch_add(1, Ordering::SeqCst);
            let mut worked = life.rig.deliver_webhooks().await;
            if engine.lease().is_none() {
                let step = engine.step().await?;
                if !step.worked && !worked {
                    return Ok(step.next);
                }
                continue;
            }
            worked |= pass(engine).await?;
            worked |= life.rig.person().await?;
            if !worked {
                return Ok(engine.next_due().await?);
            }
        }
        let what = format!("works without end at one moment; {}", engine.open_work().await?);
        Err(RigError::NotQuiet { days: 0, what })
    }

    /// The first process stands still in the middle of `frozen`; a second one looks on, takes over when the lease is
    /// up, and works until the first wakes. The second, when the cell is its own at the end.
    async fn stand_still(
        &self,
        life: &Life,
        frozen: Moment<'_>,
        sleeper: &Sleeper,
    ) -> Result<Option<Life>, RigError> {
        let world = &self.scene.world;
        let faults = Faults::default();
        let second = self.scene.start_as(faults, |options| self.shared(options, "second")).await;
        let awake = world.now() + sleeper.length();
        while world.now() < awake {
            let next = self.moment(&second).await?.min(awake);
            world.advance(self.next(next).max(world.now() + Span(1)));
        }
        let taken = second.rig.engine.lease().is_some();
        if taken {
            self.note(Turn::TakenOver);
        }
        sleeper.wake();
        let mut woke = frozen.await;
        // A first that has not noticed yet does so at its next beat at the latest.
        for _ in 0..100 {
            match woke {
                Err(RigError::Engine(EngineError::Lost)) if taken => {
                    self.note(Turn::ZombieRefused);
                    return Ok(Some(second));
                }
                Err(error) if died(&error) && taken => return Ok(Some(second)),
                Err(error) => {
                    second.stop().await;
                    return Err(error);
                }
                Ok(_) if !taken => {
                    self.note(Turn::WokeInTime);
                    second.stop().await;
                    return Ok(None);
                }
                Ok(_) => {}
            }
            let next = self.moment(&second).await?;
            world.advance(self.next(next).max(world.now() + Span(1)));
            woke = self.moment(life).await;
        }
        let what = "the first owner never noticed that it had lost the cell".to_owned();
        Err(RigError::NotQuiet { days: 0, what })
    }

    async fn act(&self, life: &Life, acts: &mut VecDeque<Act>) {
        let now = self.scene.world.now();
        while acts.front().is_some_and(|act| act.at <= now) {
            let Some(act) = acts.front() else { return };
            // A person whose click failed clicks again.
            if asked(&life.store, &app::rig::scope(), act, now, acts.len()).await.is_err() {
                return;
            }
            acts.pop_front();
        }
    }

    fn next(&self, at: Timestamp) -> Timestamp {
        first_of(&self.scene.world, &self.steps, at)
    }
}

/// Puts a command of a person into the inbox, as the console does.
pub(crate) async fn asked(
    store: &store::Store,
    scope: &Scope,
    act: &Act,
    now: Timestamp,
    nth: usize,
) -> Result<(), StoreError> {
    let request_id = format!("act-{nth}");
    let why = matches!(act.verb, Verb::Skip | Verb::Erase).then(|| "asked by the proof".to_owned());
    let command = Command {
        verb: act.verb,
        target: act.target.clone(),
        hold: None,
        why,
        who: "Mara".to_owned(),
        at: now,
        request_id: request_id.clone(),
    };
    let (kind, key) = match &act.target {
        Target::Order(key) => ("order", key.as_str()),
        Target::Flow(key) => ("flow", key.as_str()),
        Target::Connection => ("connection", ""),
    };
    let signal = NewSignal {
        source: "operator".to_owned(),
        target_kind: kind.to_owned(),
        target_key: key.to_owned(),
        dedupe_key: format!("operator:{request_id}"),
        body: serde_json::to_vec(&command).ok(),
        received_at: now,
        flagged: false,
    };
    let mut txn = store.begin("console.command").await?;
    txn.inbox_add_many(scope, vec![signal]).await?;
    txn.commit().await
}

/// One pass of an engine, one thing after the other, so that steps have the same numbers in every run.
pub(crate) async fn pass(engine: &Engine) -> Result<bool, EngineError> {
    engine.own().await?;
    let mut worked = engine.decide().await?;
    worked |= engine.deliver(System::ShipBob).await?;
    worked |= engine.deliver(System::Dynamics).await?;
    worked |= engine.examine().await?;
    Ok(worked)
}

/// Nobody is at home: webhooks find no ear, requests on their way arrive.
pub(crate) async fn be_away(worlds: &[&World], steps: &Steps, span: Span) {
    let Some(first) = worlds.first() else { return };
    let until = first.now() + span;
    loop {
        for world in worlds {
            for hook in world.twins.take_webhooks() {
                world.twins.webhook_result(hook.attempt_id, None);
            }
        }
        steps.release_held(&first.network()).await;
        if first.now() >= until {
            return;
        }
        let next = first_of(first, steps, until);
        first.advance(next.max(first.now() + Span(1)));
    }
}

/// The first thing that happens, at `at` the latest.
pub(crate) fn first_of(world: &World, steps: &Steps, at: Timestamp) -> Timestamp {
    [world.next_event(), steps.next_held()].into_iter().flatten().fold(at, Timestamp::min)
}

pub(crate) fn died(error: &RigError) -> bool {
    matches!(error, RigError::Engine(EngineError::Crashed) | RigError::Store(StoreError::Crashed))
}

pub(crate) fn unavailable(error: &RigError) -> bool {
    matches!(
        error,
        RigError::Engine(EngineError::Unavailable(_)) | RigError::Store(StoreError::Unavailable(_))
    )
}
