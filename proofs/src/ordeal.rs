//! A scene lived through one life after the other, until nobody has anything left to do.

use std::sync::Arc;

use app::rig::RigError;
use domain::time::{Span, Timestamp};
use engine::EngineError;
use store::StoreError;
use transport::Faulty;

use crate::scene::LIFE;
use crate::{Faults, Life, Scene, Steps};

/// How long a killed connector stays away.
const DOWN: Span = Span::seconds(20);
/// A database that did not answer is asked again after this.
const AGAIN: Span = Span::seconds(1);

/// A scene with numbered steps.
pub struct Ordeal {
    /// World and database.
    pub scene: Scene,
    /// What happens at which step.
    pub steps: Arc<Steps>,
    /// Both sides must have been silent for this long before it is over.
    pub patience: Span,
}

impl Ordeal {
    /// Lives until all is quiet; a life that dies is followed by the next one.
    ///
    /// # Errors
    /// What stopped it, in words.
    pub async fn run(&self) -> Result<(), String> {
        let began = self.scene.world.now();
        let mut life = self.begin().await;
        loop {
            match self.until_quiet(&life, began).await {
                Ok(()) => {
                    life.stop().await;
                    return Ok(());
                }
                Err(error) if died(&error) => {
                    life.stop().await;
                    self.be_away(DOWN).await;
                    life = self.begin().await;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The next life, with fault points at both gates.
    pub async fn begin(&self) -> Life {
        self.steps.begin_life();
        let network = Faulty::new(self.scene.world.network(), Arc::clone(&self.steps));
        let store: Arc<dyn store::FaultPoint> = Arc::clone(&self.steps) as _;
        let faults = Faults { store: Some(store), network: Some(Arc::new(network)) };
        self.scene.start_with(faults).await
    }

    /// Nobody is at home: webhooks find no ear, requests on their way arrive.
    pub async fn be_away(&self, span: Span) {
        let world = &self.scene.world;
        let until = world.now() + span;
        loop {
            for hook in world.twins.take_webhooks() {
                world.twins.webhook_result(hook.attempt_id, None);
            }
            self.steps.release_held(&world.network()).await;
            if world.now() >= until {
                return;
            }
            world.advance(self.next(until).max(world.now() + Span(1)));
        }
    }

    async fn until_quiet(&self, life: &Life, began: Timestamp) -> Result<(), RigError> {
        let world = &self.scene.world;
        let mut quiet_since: Option<Timestamp> = None;
        loop {
            self.steps.release_held(&world.network()).await;
            let next = match life.rig.settle_moment().await {
                Ok((_, next)) => next,
                Err(error) if unavailable(&error) => world.now() + AGAIN,
                Err(error) => return Err(error),
            };
            let now = world.now();
            let still = world.twins.next_event().is_none() && self.steps.next_held().is_none();
            if still && life.rig.engine.quiet().await? {
                if now.since(*quiet_since.get_or_insert(now)) > self.patience {
                    return Ok(());
                }
            } else {
                quiet_since = None;
            }
            if now.since(began) > LIFE {
                let what = life.rig.engine.open_work().await?;
                return Err(RigError::NotQuiet { days: LIFE.0 / Span::days(1).0, what });
            }
            world.advance(self.next(next).max(now + Span(1)));
        }
    }

    /// The first thing that happens, at `at` the latest.
    fn next(&self, at: Timestamp) -> Timestamp {
        let twin = self.scene.world.twins.next_event().map(Timestamp);
        [twin, self.steps.next_held()].into_iter().flatten().fold(at, Timestamp::min)
    }
}

fn died(error: &RigError) -> bool {
    matches!(
        error,
        RigError::Engine(EngineError::Crashed) | RigError::Store(StoreError::Crashed)
    )
}

fn unavailable(error: &RigError) -> bool {
    matches!(
        error,
        RigError::Engine(EngineError::Unavailable(_)) | RigError::Store(StoreError::Unavailable(_))
    )
}
