//! The world of the token proofs, the steps at which it is disturbed, and how it is lived.

use domain::time::Span;
use proofs::{Blow, Ordeal, Scene, Setup, Stall, Step, Steps, Turn, Verdict, is_write};
use store::TrailFilter;
use twins::{Fate, Tenant, TwinConfig};

/// A warehouse week takes some hours: several refreshes.
const PACE: u32 = 40;

/// One disturbance.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    step: Step,
    blow: Blow,
    /// Before the first refresh.
    connecting: bool,
}

const COMMIT_BLOWS: [Blow; 3] = [Blow::CrashBefore, Blow::CrashAfter, Blow::Error];
const SEND_BLOWS: [Blow; 6] = [
    Blow::CrashBefore,
    Blow::CrashAfter,
    Blow::Error,
    Blow::ReplyLost,
    Blow::Late(Span::seconds(3)),
    Blow::Late(Span::seconds(50)),
];

impl Case {
    pub(crate) fn connecting(&self) -> bool {
        self.connecting
    }

    /// The request arrives after we asked again: the twin sees a spent token, and nobody is harmed.
    pub(crate) fn late(&self) -> bool {
        matches!(self.blow, Blow::Late(_))
    }

    /// ShipBob replaced the token, and the new one never reached our database.
    pub(crate) fn costs_a_reconnect(&self) -> bool {
        match (self.step.name(), self.blow) {
            ("token.keep", Blow::CrashBefore) => true,
            ("shipbob.token", Blow::CrashAfter | Blow::ReplyLost) => true,
            // Asked again after 30 s: by then the first one had arrived.
            ("shipbob.token", Blow::Late(by)) => by < Span::seconds(30),
            _ => false,
        }
    }
}

/// Every way to fail at every step of the connect and of the first two refreshes.
pub(crate) fn cases(steps: &[Step]) -> Vec<Case> {
    let mut all = Vec::new();
    let mut marks = 0;
    for step in steps {
        let name = step.name();
        if !(name.starts_with("token.") || name.starts_with("connect.") || name == "shipbob.token")
        {
            continue;
        }
        marks += u32::from(name == "token.mark");
        if marks > 2 {
            break;
        }
        let blows = match step {
            Step::Commit(..) => &COMMIT_BLOWS[..],
            Step::Send(..) => &SEND_BLOWS[..],
        };
        let connecting = marks == 0;
        all.extend(blows.iter().map(|blow| Case { step: *step, blow: *blow, connecting }));
    }
    all
}

/// How often the twins recorded an effect.
pub(crate) fn count(verdict: &Verdict, effect: &str) -> usize {
    verdict.ledger.of(effect).count()
}

/// The first moment of the world, to be lived many times.
pub(crate) async fn told(tenant: &str) -> Scene {
    let cast = vec![("ordinary", Fate::Plain), ("ordinary", Fate::Split)];
    let config = TwinConfig {
        seed: 11,
        orders: 2,
        cast,
        pace: PACE,
        oauth: true,
        tenant: Tenant::named(tenant).expect("a tenant profile"),
        ..TwinConfig::default()
    };
    let setup = Setup { config, webhooks: true, shipbob_per_minute: Some(150) };
    let mut scene = Scene::new(setup).await;
    let schedule = &mut scene.settings.schedule;
    schedule.dynamics_poll = Span::minutes(10);
    schedule.shipbob_poll = Span::minutes(15);
    schedule.watch = Span::minutes(20);
    scene
}

/// Lives the world to its end, disturbed once or not at all: the verdict, what the trail says
/// happened outside orders, and the steps.
///
/// # Errors
/// What stopped it, in words.
pub(crate) async fn lived(
    tale: &Scene,
    case: Option<Case>,
) -> Result<(Verdict, Vec<String>, Vec<Step>), String> {
    let scene = tale.again(tale.setup.clone());
    let choose = Box::new(move |life: u32, step: Step| {
        let case = case.as_ref().filter(|_| life == 1)?;
        (step == case.step).then_some(case.blow)
    });
    let steps = Steps::new(scene.world.clock(), choose);
    // Long enough for three refreshes after the last thing that happens to an order.
    let ordeal = Ordeal::new(scene, steps, Span::hours(3), Span::days(4));
    let (verdict, store) = ordeal.run().await?;
    let told = whats(&store).await;
    store.close().await;
    Ok((verdict, told, ordeal.steps.seen()))
}

/// A process stands still in its first refresh for longer than the lease, before or after ShipBob
/// answered; another one takes over.
///
/// # Errors
/// What stopped it, in words.
pub(crate) async fn frozen(
    tale: &Scene,
    write: u64,
    after: bool,
) -> Result<(Verdict, Vec<String>, Vec<Turn>), String> {
    let scene = tale.again(tale.setup.clone());
    let steps = Steps::new(scene.world.clock(), Box::new(|_, _| None));
    let mut ordeal = Ordeal::new(scene, steps, Span::hours(3), Span::days(4));
    ordeal.stall = Some(Stall { write, after, length: Span::minutes(40) });
    let (verdict, store) = ordeal.run().await?;
    let told = whats(&store).await;
    store.close().await;
    Ok((verdict, told, ordeal.turns()))
}

/// Which write to a remote, from 1, the first refresh is.
pub(crate) fn first_refresh(steps: &[Step]) -> u64 {
    let sends = steps.iter().filter(|step| matches!(step, Step::Send(..)));
    let writes: Vec<&str> = sends.map(|step| step.name()).filter(|name| is_write(name)).collect();
    let tokens = writes.iter().zip(1..).filter(|(name, _)| **name == "shipbob.token");
    // The first token call is the exchange of the code.
    tokens.map(|(_, nth)| nth).nth(1).expect("hours need refreshes")
}

/// The stable words of every trail entry that is about no order.
pub(crate) async fn whats(store: &store::Store) -> Vec<String> {
    let mut reader = store.read().await.expect("a database that answers");
    let filter = TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 10_000).await.expect("a trail");
    rows.into_iter().filter(|row| row.entry.subject.is_none()).map(|row| row.entry.what).collect()
}
