//! One world, one database, and the lives of the connector in them.

use app::rig::{Rig, RigError, Run, Start, World, prepare};
use app::wiring::twin_settings;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use engine::{EngineError, Options};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{FaultPoint, KeyRing, MasterKey, Store};
use transport::Transport;
use twins::{FaultLevel, Tenant, TwinConfig, replay_line};

use crate::several::opened;
use crate::verdict::Verdict;

/// How far before the start of a world its cut-off lies: orders *before the cut-off* of the seed are older.
const CUT_OFF: Span = Span::hours(6);
/// A database that did not answer is asked again after this.
const AGAIN: Span = Span::seconds(1);
/// Longest life of a world: the slowest fate takes a week, heavy faults a little more.
pub const LIFE: Span = Span::days(30);

/// What a scene is made from. Two scenes of one setup differ in nothing.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The world.
    pub config: TwinConfig,
    /// Webhooks are subscribed and delivered.
    pub webhooks: bool,
    /// Calls a minute our own gate lets through to ShipBob; none = no limit.
    pub shipbob_per_minute: Option<u32>,
}

impl Setup {
    /// A clean world in which a warehouse day takes an hour.
    pub fn new(seed: u64, orders: u32) -> Self {
        let config = TwinConfig { seed, orders, pace: 20, ..TwinConfig::default() };
        Self { config, webhooks: true, shipbob_per_minute: Some(150) }
    }

    /// In which the merchant lets the connector in as an app; there is no token for ever.
    pub fn oauth(mut self) -> Self {
        self.config.oauth = true;
        self
    }

    /// In a tenant profile of the twins.
    pub fn tenant(mut self, name: &str) -> Self {
        self.config.tenant = Tenant::named(name).expect("a tenant profile");
        self
    }

    /// With disturbances.
    pub fn faults(mut self, level: FaultLevel) -> Self {
        self.config.faults = level;
        self
    }

    /// With externally managed warehouses.
    pub fn external(mut self) -> Self {
        self.config.external = true;
        self
    }

    /// With the first warehouse spread over several centres, of which ShipBob chooses.
    pub fn network(mut self) -> Self {
        self.config.network = true;
        self
    }

    /// With warehouse management inside F&O, and a call of the customer that posts packing slips.
    pub fn whs(mut self) -> Self {
        self.config.whs = true;
        self.config.tier3 = true;
        self
    }

    /// With warehouse management inside F&O, and nobody who posts packing slips.
    pub fn whs_without_call(mut self) -> Self {
        self.config.whs = true;
        self
    }

    /// With products beyond the usual ones; the products flow is on.
    pub fn skus(mut self, skus: u32) -> Self {
        self.config.skus = skus;
        self
    }

    /// With ShipBob's billing, and the flow that reads it.
    pub fn billing(mut self) -> Self {
        self.config.billing = true;
        self
    }

    /// With returns and receiving orders, which are read, noted and recorded.
    pub fn returns(mut self) -> Self {
        self.config.returns = true;
        self
    }

    /// At another pace; 1 = real durations.
    pub fn pace(mut self, pace: u32) -> Self {
        self.config.pace = pace;
        self
    }

    /// With orders typed into ShipBob by hand before the start.
    pub fn pasted(mut self, orders: u32) -> Self {
        self.config.pasted = orders;
        self
    }

    /// With releases spread over a time from the start.
    pub fn released_over(mut self, span: Span) -> Self {
        self.config.release_span_secs = span.0 / Span::seconds(1).0;
        self
    }

    /// Without webhooks: polls only.
    pub fn polls_only(mut self) -> Self {
        self.webhooks = false;
        self
    }

    /// Without any rate limit on either side.
    pub fn unlimited(mut self) -> Self {
        self.config.shipbob_per_minute = None;
        self.shipbob_per_minute = None;
        self
    }

    /// One line that starts the same world again.
    pub fn replay(&self) -> String {
        let hooks = if self.webhooks { "" } else { " (without webhooks)" };
        format!("{}{hooks}", replay_line(&self.config))
    }
}

/// Fault points of one life.
#[derive(Default)]
pub struct Faults {
    /// Asked at every commit.
    pub store: Option<Arc<dyn FaultPoint>>,
    /// The network instead of the plain one; usually a `transport::Faulty` around [`World::network`].
    pub network: Option<Arc<dyn Transport>>,
}

/// A world and the database of its connector, which survive every crash.
pub struct Scene {
    /// Both twins and the clock.
    pub world: World,
    /// What it was made from.
    pub setup: Setup,
    /// What a person decided.
    pub settings: Settings,
    keys: KeyRing,
    file: PathBuf,
    /// The database as it was at the first moment.
    pristine: Vec<u8>,
    _folder: tempfile::TempDir,
}

/// One life of the connector, from start to stop or crash.
pub struct Life {
    /// Engine and webhook intake.
    pub rig: Rig,
    /// Its database, open.
    pub store: Store,
}

impl Scene {
    /// A world at its first moment, with an empty database prepared for its connection.
    pub async fn new(setup: Setup) -> Self {
        let world = World::new(setup.config.clone());
        let folder = tempfile::tempdir().expect("a folder for the database");
        let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF);
        let mut scene = Self {
            keys: KeyRing::new(MasterKey::generate().expect("random bytes")),
            file: folder.path().join("connector.db"),
            pristine: Vec::new(),
            _folder: folder,
            world,
            setup,
            settings,
        };
        let store = scene.open(None).await;
        prepare(&store, &scene.settings, scene.world.now()).await.expect("an empty database");
        store.close().await;
        scene.pristine = std::fs::read(&scene.file).expect("the database just closed");
        scene
    }

    /// Another world with the same connection: a copy of this scene's first database, which is much cheaper than
    /// making one. Both worlds must begin at the same time.
    pub fn again(&self, setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let file = folder.path().join("connector.db");
        std::fs::write(&file, &self.pristine).expect("a copy of the database");
        Self {
            world: World::new(setup.config.clone()),
            settings: self.settings.clone(),
            keys: self.keys.clone(),
            pristine: self.pristine.clone(),
            _folder: folder,
            file,
            setup,
        }
    }

    /// Where the database is.
    pub fn database(&self) -> &Path {
        &self.file
    }

    /// Opens the database, perhaps with fault points.
    pub async fn open(&self, faults: Option<Arc<dyn FaultPoint>>) -> Store {
        opened(&self.file, &self.keys, faults).await
    }

    /// Starts a life without fault points.
    pub async fn start(&self) -> Life {
        self.start_with(Faults::default()).await
    }

    /// Starts a life.
    pub async fn start_with(&self, faults: Faults) -> Life {
        self.start_as(faults, |_| {}).await
    }

    /// Starts a life with other options of the engine.
    pub async fn start_as(&self, faults: Faults, change: impl FnOnce(&mut Options)) -> Life {
        let store = self.open(faults.store).await;
        let start = Start {
            store: store.clone(),
            network: faults.network.unwrap_or_else(|| Arc::new(self.world.network())),
            settings: self.settings.clone(),
            webhooks: self.setup.webhooks,
            shipbob_per_minute: self.setup.shipbob_per_minute,
        };
        Life { rig: Rig::start_as(&self.world, start, change), store }
    }

    /// One undisturbed life from start to quiet; panics with the line that replays it.
    pub async fn live(&self) -> Run {
        let life = self.start().await;
        let run = life.run(LIFE).await;
        life.stop().await;
        run.unwrap_or_else(|error| self.fail(&error.to_string()))
    }

    /// What came of it, read from the ledgers and the database.
    pub async fn verdict(&self) -> Verdict {
        let store = self.open(None).await;
        let verdict = Verdict::read(&self.world.twins, &store).await;
        store.close().await;
        verdict
    }

    /// Lives once and asserts that everything is as the world intended.
    pub async fn proven(&self) -> Verdict {
        self.live().await;
        let verdict = self.verdict().await;
        if !verdict.faults().is_empty() {
            self.tell(&verdict).await;
        }
        self.assert(&verdict);
        verdict
    }

    /// Prints what both sides did to the first orders that are not as intended.
    async fn tell(&self, verdict: &Verdict) {
        self.story(&verdict.faults().join(" "), verdict).await;
    }

    /// Both sides of the orders these words name, for people.
    pub async fn story(&self, words: &str, verdict: &Verdict) {
        let store = self.open(None).await;
        verdict.story(words, &store, &app::rig::scope()).await;
        store.close().await;
    }

    /// Asserts that everything is as the world intended.
    pub fn assert(&self, verdict: &Verdict) {
        let faults = verdict.faults();
        if !faults.is_empty() {
            self.fail(&format!("{} fault(s):\n  {}", faults.len(), faults.join("\n  ")));
        }
    }

    /// Asserts that two right runs of one world cannot be told apart.
    pub fn assert_same(&self, wanted: &Verdict, found: &Verdict) {
        if wanted.sha() != found.sha() {
            let lines = found.unlike(wanted);
            self.fail(&format!("another projection:\n  {}", lines.join("\n  ")));
        }
    }

    fn fail(&self, words: &str) -> ! {
        #[expect(clippy::panic, reason = "this is how a proof fails")]
        {
            panic!("{words}\nreplay: {}", self.setup.replay())
        }
    }
}

impl Life {
    /// Runs until neither side has anything left to do, at most `limit` of virtual time. A database that does not
    /// answer for a moment is asked again, as the service does.
    pub async fn run(&self, limit: Span) -> Result<Run, RigError> {
        let world = &self.rig.world;
        let began = world.now();
        loop {
            let left = Span(limit.0 - world.now().since(began).0);
            match self.rig.run_to_quiet(left).await {
                Ok(run) => return Ok(Run { took: world.now().since(began), ..run }),
                Err(RigError::Engine(EngineError::Unavailable(_))) if left > Span(0) => {
                    world.advance(world.now() + AGAIN);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Everything that can happen at this moment, then the clock moves to the next one. Returns the new time.
    pub async fn moment(&self) -> Result<Timestamp, RigError> {
        let world = &self.rig.world;
        let next = match self.rig.settle_moment().await {
            Ok((_, next)) => next,
            Err(RigError::Engine(EngineError::Unavailable(_))) => world.now() + AGAIN,
            Err(error) => return Err(error),
        };
        let twin = world.twins.next_event().map(Timestamp);
        world.advance(twin.map_or(next, |t| t.min(next)).max(world.now() + Span(1)));
        Ok(world.now())
    }

    /// Lives on until `enough` says so.
    pub async fn until(&self, mut enough: impl FnMut(&World) -> bool) -> Result<(), RigError> {
        while !enough(&self.rig.world) {
            self.moment().await?;
        }
        Ok(())
    }

    /// Ends this life, as a crash would: nothing is finished, nothing is said to anybody.
    pub async fn stop(self) {
        self.rig.stop();
        self.store.close().await;
    }
}
