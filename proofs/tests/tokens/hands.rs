//! People and second processes around the tokens.

use app::rig::{Rig, RigError, World, browser, scope};
use base64::Engine as _;
use domain::time::{Span, Timestamp};
use engine::{
    Answer, Command, ConnectError, EngineError, Target, Verb, credentials_changed, secret,
};
use proofs::{Faults, Life, Scene, Setup};
use shipbob::oauth::ComeBack;
use store::{NewSecret, NewSignal, Secret, SecretSystem, Store};
use twins::{LedgerSnapshot, effect};

use crate::cases::whats;
use crate::known_to_all;

/// How long a silent owner is left alone.
const LEASE: Span = Span::minutes(10);
/// Nothing is looked at more often.
const GRAIN: Span = Span::seconds(20);

async fn process(scene: &Scene, holder: &str) -> Life {
    let options = |options: &mut engine::Options| {
        options.exclusive = false;
        options.lease = LEASE;
        holder.clone_into(&mut options.holder);
    };
    scene.start_as(Faults::default(), options).await
}

/// One process does what it can; when it learns that it lost the cell it stands by.
async fn act(life: &Life) -> Timestamp {
    match life.rig.settle_moment().await {
        Ok((_, next)) => next,
        Err(RigError::Engine(EngineError::Lost)) => {
            life.rig.engine.stand_again();
            life.rig.world.now() + GRAIN
        }
        #[expect(clippy::panic, reason = "this is how a proof fails")]
        Err(error) => panic!("{error}"),
    }
}

fn forward(world: &World, next: Timestamp) {
    let twin = world.twins.next_event().map(Timestamp);
    world.advance(twin.map_or(next, |t| t.min(next)).max(world.now() + GRAIN));
}

/// Two processes; each stands still for a while once, longer than the lease.
pub(crate) async fn race(scene: &Scene, span: Span) -> LedgerSnapshot {
    let (one, two) = (process(scene, "one").await, process(scene, "two").await);
    let world = scene.world.clone();
    let began = world.now();
    let mut owners = Vec::new();
    while world.now().since(began) < span {
        let minute = world.now().since(began).as_seconds() / 60;
        let mut next = world.now() + Span::minutes(1);
        // The first stands still when its second refresh is due, the second much later.
        if !(85..110).contains(&minute) {
            next = next.min(act(&one).await);
        }
        if !(280..300).contains(&minute) {
            next = next.min(act(&two).await);
        }
        let both = (one.rig.engine.lease().is_some(), two.rig.engine.lease().is_some());
        if owners.last() != Some(&both) {
            owners.push(both);
        }
        forward(&world, next);
    }
    assert!(owners.contains(&(false, true)), "the cell never changed hands: {owners:?}");
    let ledger = world.twins.ledger();
    one.stop().await;
    two.stop().await;
    ledger
}

async fn until(rig: &Rig, enough: impl Fn(&World) -> bool) {
    while !enough(&rig.world) {
        let (_, next) = rig.settle_moment().await.expect("a life without faults");
        forward(&rig.world, next);
    }
}

async fn ask(store: &Store, verb: Verb, at: Timestamp) {
    let command = Command {
        verb,
        target: Target::Connection,
        hold: None,
        why: None,
        who: "Mara".to_owned(),
        at,
        request_id: "a-pause".to_owned(),
    };
    let signal = NewSignal {
        source: "operator".to_owned(),
        target_kind: "connection".to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator:{}", at.0),
        body: serde_json::to_vec(&command).ok(),
        received_at: at,
        flagged: false,
    };
    let mut txn = store.begin("console.command").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

/// Connected, then paused for all that time.
pub(crate) async fn paused(scene: &Scene, span: Span) -> LedgerSnapshot {
    let scene = scene.again(scene.setup.clone());
    let life = scene.start().await;
    let world = scene.world.clone();
    until(&life.rig, |w| w.twins.ledger().of(effect::APP_INSTALLED).count() == 1).await;
    ask(&life.store, Verb::Pause, world.now()).await;
    let end = world.now() + span;
    until(&life.rig, |w| w.now() >= end).await;
    assert!(life.rig.engine.paused());
    life.stop().await;
    world.twins.ledger()
}

/// What the engine says of ShipBob.
fn trouble(life: &Life) -> Option<String> {
    let status = life.rig.engine.status();
    let status = status.lock().expect("no panic while locked");
    status.shipbob.reconnect.as_ref().map(|(_, why)| why.clone())
}

/// The merchant throws the app out; nobody reconnects for hours; then somebody does.
pub(crate) async fn removed(scene: &Scene) {
    let scene = scene.again(scene.setup.clone());
    let life = scene.start().await;
    let (world, engine) = (scene.world.clone(), &life.rig.engine);
    assert_eq!(engine.step().await.map(|_| ()).ok(), Some(()));
    let first = trouble(&life).expect("nobody has connected yet");
    assert!(first.contains("Connect ShipBob"), "{first}");
    until(&life.rig, |w| w.twins.ledger().of(effect::ORDER_CREATED).count() >= 1).await;
    assert_eq!(trouble(&life), None);
    world.twins.remove_apps();
    let alone = world.now() + Span::hours(3);
    while world.now() < alone {
        // Without the person: the engine alone.
        let step = engine.step().await.expect("a step");
        if !step.worked {
            forward(&world, step.next);
        }
    }
    let why = trouble(&life).expect("a person must know");
    assert!(why.contains("Reconnect ShipBob"), "{why}");
    assert!(whats(&life.store).await.iter().any(|what| what == "reconnect needed"));
    assert_eq!(
        world.twins.ledger().of(effect::REFRESH_REUSED).count(),
        0,
        "asked once, then quiet"
    );
    life.run(Span::days(3)).await.expect("it goes on in the same process");
    assert_eq!(trouble(&life), None);
    life.stop().await;
    let verdict = scene.verdict().await;
    assert_eq!(verdict.faults(), Vec::<String>::new());
    assert_eq!(verdict.ledger.of(effect::APP_INSTALLED).count(), 2);
}

async fn seal(store: &Store, name: &str, instead_of: &str, value: &str, at: Timestamp) {
    let system = SecretSystem::Dynamics;
    let new = NewSecret { system, name, expires_at: None, set_by: "Mara" };
    let mut txn = store.begin("credentials.keep").await.expect("a transaction");
    let sealed = Secret::new(value.to_owned());
    txn.secret_put(&scope(), &new, &sealed, at).await.expect("sealed");
    txn.secret_remove(&scope(), system, instead_of).await.expect("removed");
    credentials_changed(&mut txn, &scope(), at).await.expect("said");
    txn.commit().await.expect("a commit");
}

/// A wrong secret stops Dynamics; the certificate heals it; the world ends as it should.
pub(crate) async fn certificate() {
    let standard = base64::engine::general_purpose::STANDARD;
    let der = standard.decode(known_to_all::CERTIFICATE.concat()).expect("base64");
    let mut setup = Setup::new(12, 12);
    setup.config.entra_certificate = Some(der);
    let scene = Scene::new(setup).await;
    let life = scene.start().await;
    let world = scene.world.clone();
    let (right, wrong) = (secret::CERTIFICATE, secret::CLIENT_SECRET);
    seal(&life.store, wrong, right, "not the secret", world.now()).await;
    let later = world.now() + Span::minutes(5);
    until(&life.rig, |w| w.now() >= later).await;
    let refused = {
        let status = life.rig.engine.status();
        let status = status.lock().expect("no panic while locked");
        status.dynamics.trouble.clone().unwrap_or_default()
    };
    assert!(refused.contains("AADSTS7000215"), "{refused}");
    seal(&life.store, right, wrong, &known_to_all::pem(), world.now()).await;
    life.run(Span::days(30)).await.expect("it goes on in the same process");
    life.stop().await;
    scene.assert(&scene.verdict().await);
}

/// Answers with a wrong state, of an older begin, sent twice, too late, or without a code.
pub(crate) async fn strangers(scene: &Scene) {
    let scene = scene.again(scene.setup.clone());
    let life = scene.start().await;
    let (world, network) = (scene.world.clone(), scene.world.network());
    let connect = life.rig.connect().expect("an app");
    let press = async |url: &str| browser::press(&network, url).await.expect("an answer");
    let older = connect.begin("Mara", ComeBack::Form).await.expect("a begin");
    let newer = connect.begin("Mara", ComeBack::Query).await.expect("a begin");
    let stranger = connect.come_back(&press(&older).await).await;
    assert!(matches!(stranger, Err(ConnectError::Stranger)), "an older begin");
    let good = press(&newer).await;
    let guessed =
        Answer { state: "guess".to_owned(), code: good.code.clone(), ..Answer::default() };
    assert!(matches!(connect.come_back(&guessed).await, Err(ConnectError::Stranger)));
    connect.come_back(&good).await.expect("the newest begin");
    assert!(matches!(connect.come_back(&good).await, Err(ConnectError::Stranger)), "used up");
    life.rig.engine.step().await.expect("a step");
    assert_eq!(connect.grants().await.ok().flatten(), Some(1), "exchanged once");
    let slow = press(&connect.begin("Mara", ComeBack::Form).await.expect("a begin")).await;
    world.advance(world.now() + Span::minutes(11));
    assert!(matches!(connect.come_back(&slow).await, Err(ConnectError::TooOld)));
    let begun = connect.begin("Mara", ComeBack::Form).await.expect("a begin");
    let state = browser::answer_of(&begun).state;
    let denied = Answer { state, error: "access_denied".to_owned(), ..Answer::default() };
    assert!(matches!(connect.come_back(&denied).await, Err(ConnectError::Denied(_))));
    // In time here, but nobody owned the cell for two minutes: the code is worth nothing by then.
    let late = press(&connect.begin("Mara", ComeBack::Form).await.expect("a begin")).await;
    connect.come_back(&late).await.expect("in time");
    world.advance(world.now() + Span::minutes(3));
    life.rig.engine.step().await.expect("a step");
    assert!(whats(&life.store).await.iter().any(|what| what == "connect failed"));
    life.stop().await;
}
