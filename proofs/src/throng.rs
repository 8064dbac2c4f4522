//! Several connections of one installation, lived through one life after the other: what kills the process kills them
//! all.

use std::collections::VecDeque;
use std::sync::Arc;

use app::rig::{Fleet, RigError, World};
use domain::time::{Span, Timestamp};
use store::Store;
use transport::{Faulty, Transport};

use crate::ordeal::{
    AGAIN, AT_ONCE, DOWN, GRAIN, asked, be_away, died, first_of, pass, unavailable,
};
use crate::{Act, Several, Steps, Verdict};

/// Connections with numbered steps.
pub struct Throng {
    /// Worlds and database.
    pub several: Several,
    /// What happens at which step.
    pub steps: Arc<Steps>,
    /// All sides must have been silent for this long before it is over.
    pub patience: Span,
    /// It must be over after this.
    pub limit: Span,
    /// What people do, with the connection they do it to, in order of time.
    pub acts: Vec<(usize, Act)>,
}

impl Throng {
    /// Lives until all is quiet; a life that dies is followed by the next one. Also hands out the last life's
    /// database, still open.
    ///
    /// # Errors
    /// What stopped it, in words.
    pub async fn run(&self) -> Result<(Vec<Verdict>, Store), String> {
        let mut acts: VecDeque<(usize, Act)> = self.acts.iter().cloned().collect();
        let (first, _) = self.several.connections.first().ok_or("no connection")?;
        let began = first.now();
        loop {
            self.steps.begin_life();
            let faults: Arc<dyn store::FaultPoint> = Arc::clone(&self.steps) as _;
            let store = self.several.open(faults).await;
            let network: Arc<dyn Transport> =
                Arc::new(Faulty::new(first.network(), Arc::clone(&self.steps)));
            let webhooks = self.several.setup.webhooks;
            let fleet = self.several.start_on(&store, &network, |_, options| {
                if !webhooks {
                    options.public_url = None;
                }
            });
            let ended = self.until_quiet(&fleet, &store, &mut acts, began).await;
            fleet.stop();
            match ended {
                Ok(()) => return Ok((self.verdicts(&store).await, store)),
                Err(error) if died(&error) => {
                    store.close().await;
                    let worlds: Vec<&World> =
                        self.several.connections.iter().map(|(world, _)| world).collect();
                    be_away(&worlds, &self.steps, DOWN).await;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    async fn verdicts(&self, store: &Store) -> Vec<Verdict> {
        let mut all = Vec::new();
        for (world, _) in &self.several.connections {
            all.push(Verdict::read_in(&world.twins, store, &world.scope).await);
        }
        all
    }

    async fn until_quiet(
        &self,
        fleet: &Fleet,
        store: &Store,
        acts: &mut VecDeque<(usize, Act)>,
        began: Timestamp,
    ) -> Result<(), RigError> {
        let Some((world, _)) = self.several.connections.first() else { return Ok(()) };
        let mut quiet_since: Option<Timestamp> = None;
        loop {
            self.act(store, acts, world.now()).await;
            let next = self.moment(fleet, world).await?;
            let now = world.now();
            let mut quiet =
                world.next_event().is_none() && self.steps.next_held().is_none() && acts.is_empty();
            for one in &fleet.wired {
                quiet = quiet && one.engine.quiet().await? && one.engine.lease().is_some();
            }
            if !quiet {
                quiet_since = None;
            } else if now.since(*quiet_since.get_or_insert(now)) > self.patience {
                return Ok(());
            }
            if now.since(began) > self.limit {
                let mut open = Vec::new();
                for one in &fleet.wired {
                    open.push(format!("{}: {}", one.name, one.engine.open_work().await?));
                }
                let days = self.limit.0 / Span::days(1).0;
                return Err(RigError::NotQuiet { days, what: open.join("; ") });
            }
            let next = acts.front().map_or(next, |(_, act)| next.min(act.at));
            world.advance(first_of(world, &self.steps, next).max(now + GRAIN));
        }
    }

    /// Everything that can happen at this moment. Returns when to come again.
    async fn moment(&self, fleet: &Fleet, world: &World) -> Result<Timestamp, RigError> {
        self.steps.release_held(&world.network()).await;
        match self.settle(fleet).await {
            Err(error) if unavailable(&error) => Ok(world.now() + AGAIN),
            other => other,
        }
    }

    async fn settle(&self, fleet: &Fleet) -> Result<Timestamp, RigError> {
        for _ in 0..AT_ONCE {
            let mut worked = fleet.deliver_webhooks().await;
            let mut next = Timestamp(i64::MAX);
            for one in &fleet.wired {
                if one.engine.lease().is_none() {
                    let step = one.engine.step().await?;
                    worked |= step.worked;
                    next = next.min(step.next);
                } else {
                    worked |= pass(&one.engine).await?;
                    next = next.min(one.engine.next_due().await?);
                }
            }
            worked |= fleet.people().await?;
            if !worked {
                return Ok(next);
            }
        }
        let what = "some connection works without end at one moment".to_owned();
        Err(RigError::NotQuiet { days: 0, what })
    }

    async fn act(&self, store: &Store, acts: &mut VecDeque<(usize, Act)>, now: Timestamp) {
        while let Some((nth, act)) = acts.front().filter(|(_, act)| act.at <= now) {
            let Some((world, _)) = self.several.connections.get(*nth) else { return };
            if asked(store, &world.scope, act, now, acts.len()).await.is_err() {
                return;
            }
            acts.pop_front();
        }
    }
}
