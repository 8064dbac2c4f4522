//! Several connections of one installation: legal entities of an environment, each with its world, over one database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::rig::{Fleet, Run, World, prepare_all};
use app::wiring::twin_settings;
use domain::settings::Settings;
use domain::time::Span;
use engine::Options;
use store::{Durability, FaultPoint, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use transport::Transport;
use twins::{Estate, TwinConfig};

use crate::scene::LIFE;
use crate::{Setup, Verdict};

/// How far before the start of a world its cut-off lies.
const CUT_OFF: Span = Span::hours(6);

/// Worlds behind the same doors and the database of the installation that connects them.
pub struct Several {
    /// One per connection.
    pub connections: Vec<(World, Settings)>,
    /// What they were made from.
    pub setup: Setup,
    store: Store,
    keys: KeyRing,
    file: PathBuf,
    replay: String,
    _folder: tempfile::TempDir,
}

/// Opens a database file, perhaps with fault points.
pub(crate) async fn opened(
    file: &Path,
    keys: &KeyRing,
    faults: Option<Arc<dyn FaultPoint>>,
) -> Store {
    let url = format!("sqlite://{}", file.display());
    let url = StoreUrl::parse(&url).expect("an address");
    let mut options = StoreOptions::new(url, keys.clone());
    options.durability = Durability::Relaxed;
    if let Some(faults) = faults {
        options.faults = faults;
    }
    Store::open(options).await.expect("a database that opens")
}

impl Several {
    /// Legal entities of one environment over a number of ShipBob accounts, made from one setup.
    pub async fn new(setup: Setup, entities: u32, accounts: u32) -> Self {
        let configs = Estate::configs(&setup.config, entities, accounts);
        let more = format!(" --entities {entities} --accounts {accounts}");
        Self::of(setup, configs, &more).await
    }

    /// Worlds as given.
    pub async fn of(setup: Setup, configs: Vec<TwinConfig>, more: &str) -> Self {
        let settled = |world: World| {
            let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF);
            (world, settings)
        };
        let connections: Vec<(World, Settings)> =
            World::several(configs).into_iter().map(settled).collect();
        let folder = tempfile::tempdir().expect("a folder for the database");
        let file = folder.path().join("connector.db");
        let keys = KeyRing::new(MasterKey::generate().expect("random bytes"));
        let store = opened(&file, &keys, None).await;
        let pairs: Vec<(&World, &Settings)> = connections.iter().map(|(w, s)| (w, s)).collect();
        prepare_all(&store, &pairs).await.expect("an empty database");
        let replay = format!("{}{more}", setup.replay());
        Self { connections, setup, store, keys, file, replay, _folder: folder }
    }

    /// Opens the database once more, with fault points: the one of a life that may die.
    pub async fn open(&self, faults: Arc<dyn FaultPoint>) -> Store {
        opened(&self.file, &self.keys, Some(faults)).await
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Both systems of all connections.
    pub fn network(&self) -> Arc<dyn Transport> {
        let (world, _) = self.connections.first().expect("a connection");
        Arc::new(world.network())
    }

    /// Starts a life of all connections.
    pub fn start(
        &self,
        network: &Arc<dyn Transport>,
        change: impl Fn(usize, &mut Options),
    ) -> Fleet {
        self.start_on(&self.store, network, change)
    }

    /// Starts a life of all connections on a database opened for it.
    pub fn start_on(
        &self,
        store: &Store,
        network: &Arc<dyn Transport>,
        change: impl Fn(usize, &mut Options),
    ) -> Fleet {
        let per_minute = self.setup.shipbob_per_minute;
        Fleet::start(&self.connections, store, network, per_minute, change).expect("a connection")
    }

    /// One undisturbed life from start to quiet.
    pub async fn live(&self) -> Run {
        let fleet = self.start(&self.network(), |_, _| {});
        let run = fleet.run_to_quiet(LIFE).await;
        fleet.stop();
        run.unwrap_or_else(|error| self.fail(&error.to_string()))
    }

    /// What came of each connection.
    pub async fn verdicts(&self) -> Vec<Verdict> {
        let mut all = Vec::new();
        for (world, _) in &self.connections {
            all.push(Verdict::read_in(&world.twins, &self.store, &world.scope).await);
        }
        all
    }

    /// Lives once and asserts that everything is as each world intended.
    pub async fn proven(&self) -> Vec<Verdict> {
        self.live().await;
        let verdicts = self.verdicts().await;
        for (nth, verdict) in verdicts.iter().enumerate() {
            self.assert(nth, verdict);
        }
        verdicts
    }

    /// Asserts that everything is as one world intended.
    pub fn assert(&self, nth: usize, verdict: &Verdict) {
        let faults = verdict.faults();
        if !faults.is_empty() {
            let lines = faults.join("\n  ");
            self.fail(&format!("connection {nth}: {} fault(s):\n  {lines}", faults.len()));
        }
    }

    /// Asserts that two right runs of the same worlds cannot be told apart.
    pub fn assert_same(&self, wanted: &[Verdict], found: &[Verdict]) {
        assert_eq!(wanted.len(), found.len());
        for (nth, (wanted, found)) in wanted.iter().zip(found).enumerate() {
            if wanted.sha() != found.sha() {
                let lines = found.unlike(wanted).join("\n  ");
                self.fail(&format!("connection {nth}: another projection:\n  {lines}"));
            }
        }
    }

    fn fail(&self, words: &str) -> ! {
        #[expect(clippy::panic, reason = "this is how a proof fails")]
        {
            panic!("{words}\nreplay: {}", self.replay)
        }
    }
}
