//! The world of the matrix, its cases, and how one is lived.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::time::Span;
use proofs::{Blow, Ordeal, Scene, Setup, Step, Steps, Verdict};
use twins::{Fate, TwinConfig};

/// Everything that can go wrong with goods and orders in one small world.
const CAST: &[(&str, Fate)] = &[
    ("ordinary", Fate::Plain),
    ("ordinary", Fate::Split),
    ("two-warehouses", Fate::Plain),
    ("ordinary", Fate::CancelEarly),
    ("ordinary", Fate::TrackingChanged),
    ("ordinary", Fate::InvalidAddressResolved),
    ("ordinary", Fate::ShortNeverRest),
    ("stopped-then-freed", Fate::Plain),
    ("unmapped-mode", Fate::Plain),
];

/// A warehouse day takes seven minutes: steps are what counts here, not waiting.
const PACE: u32 = 200;

/// One disturbance: at which step (commit or send, counted from 1) what happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    commit: bool,
    number: u64,
    blow: Blow,
    name: &'static str,
}

fn word(blow: Blow) -> &'static str {
    match blow {
        Blow::CrashBefore => "crash-before",
        Blow::CrashAfter => "crash-after",
        Blow::Error => "error",
        Blow::ReplyLost => "reply-lost",
        Blow::Late(by) if by <= Span::seconds(10) => "late-soon",
        Blow::Late(_) => "late",
        Blow::Repeat => "repeat",
    }
}

impl Case {
    /// The line that lives it again.
    pub(crate) fn replay(self) -> String {
        let kind = if self.commit { "commit" } else { "send" };
        let (number, blow, name) = (self.number, word(self.blow), self.name);
        format!(
            "({name}) ML_MATRIX_CASE={kind}:{number}:{blow} cargo nextest run -p proofs --test crash_matrix one_named_case"
        )
    }

    /// The case the environment names, if any.
    pub(crate) fn named() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "the one line that replays a failure")]
        let text = std::env::var("ML_MATRIX_CASE").ok()?;
        let mut parts = text.split(':');
        let commit = parts.next()? == "commit";
        let number = parts.next()?.parse().ok()?;
        let wanted = parts.next()?;
        let blows = if commit { &COMMIT_BLOWS[..] } else { &SEND_BLOWS[..] };
        let blow = *blows.iter().find(|blow| word(**blow) == wanted)?;
        Some(Self { commit, number, blow, name: "" })
    }
}

const COMMIT_BLOWS: [Blow; 3] = [Blow::CrashBefore, Blow::CrashAfter, Blow::Error];
/// ShipBob's *settle* is 60 s, F&O's 180 s: an effect that comes after three seconds is found by the first look, one
/// after 50 s by a later one.
const SEND_BLOWS: [Blow; 7] = [
    Blow::CrashBefore,
    Blow::CrashAfter,
    Blow::Error,
    Blow::ReplyLost,
    Blow::Late(Span::seconds(3)),
    Blow::Late(Span::seconds(50)),
    Blow::Repeat,
];

/// Every way to fail at every step.
pub(crate) fn all_cases(steps: &[Step]) -> Vec<Case> {
    let mut cases = Vec::new();
    for step in steps {
        let (commit, blows) = match step {
            Step::Commit(..) => (true, &COMMIT_BLOWS[..]),
            Step::Send(..) => (false, &SEND_BLOWS[..]),
        };
        let number = step.number();
        let name = step.name();
        cases.extend(blows.iter().map(|blow| Case { commit, number, blow: *blow, name }));
    }
    cases
}

/// Commits and sends.
pub(crate) fn count(steps: &[Step]) -> (usize, usize) {
    let commits = steps.iter().filter(|step| matches!(step, Step::Commit(..))).count();
    (commits, steps.len() - commits)
}

/// How often each step occurs.
pub(crate) fn names(steps: &[Step]) -> BTreeMap<&'static str, u32> {
    let mut names = BTreeMap::new();
    for step in steps {
        *names.entry(step.name()).or_default() += 1;
    }
    names
}

/// Lives the world to its end, disturbed once or not at all.
///
/// # Errors
/// What stopped it, in words.
pub(crate) async fn lived(case: Option<Case>) -> Result<(Verdict, Vec<Step>), String> {
    let config = TwinConfig {
        seed: 11,
        orders: u32::try_from(CAST.len()).unwrap_or(0),
        cast: CAST.to_vec(),
        pace: PACE,
        ..TwinConfig::default()
    };
    let setup = Setup { config, webhooks: true, shipbob_per_minute: Some(150) };
    let mut scene = Scene::new(setup).await;
    let schedule = &mut scene.settings.schedule;
    schedule.dynamics_poll = Span::minutes(4);
    schedule.shipbob_poll = Span::minutes(15);
    schedule.watch = Span::minutes(30);
    let choose = Box::new(move |life: u32, step: Step| {
        let case = case.filter(|_| life == 1)?;
        let commit = matches!(step, Step::Commit(..));
        (commit == case.commit && step.number() == case.number).then_some(case.blow)
    });
    let steps = Arc::new(Steps::new(scene.world.clock(), choose));
    let ordeal = Ordeal { scene, steps, patience: Span::minutes(20) };
    ordeal.run().await?;
    let verdict = ordeal.scene.verdict().await;
    Ok((verdict, ordeal.steps.seen()))
}
