//! The world of the matrix, its cases, and how one is lived.

use std::collections::BTreeMap;

use domain::settings::Settings;
use domain::time::Span;
use proofs::{Blow, Choose, Ordeal, Scene, Setup, Several, Step, Steps, Throng, Verdict, is_write};
use std::sync::Arc;
use twins::{Fate, TwinConfig};

/// A small world: few orders, chosen so that together they meet everything that can happen to one. Three small worlds
/// instead of one large one, because the number of cases and the length of each grow with the number of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tale {
    /// Goods leave whole, in two parts, and short; slips and numbers follow.
    Goods,
    /// Two groups, a cancel in F&O before picking, an order freed after its release.
    Changes,
    /// Externally managed: a whole life, a release taken back before picking, and a short shipment.
    External,
    /// A number replaced after it was written, a hold at ShipBob that heals, a hold of ours that stays.
    Trouble,
    /// An address and a quantity changed before the pick, an address after it.
    Edits,
    /// ShipBob chooses the centre: one order is moved before the pick, one leaves two centres, one leaves outside of the
    /// set.
    Network,
    /// Released to a warehouse in parts, taken back before picking, taken back and given again; the customer's call posts.
    Warehouse,
    /// A product of three variants made, one that exists filled in, one held, one left; an order that waits for an item
    /// ShipBob does not know yet.
    Products,
    /// Fees, corrections, weekly invoices and a line that moves to another one.
    Billing,
    /// The merchant lets the connector in as an app; a whole life follows.
    Entered,
    /// Two legal entities with the same order number share an account: one process, one database, one gate.
    Shared,
    /// Parcels that come back: noted, followed, recorded by the customer's own call; goods that suppliers send.
    Returns,
    /// … and costs become charges of their orders, by data packages: the steps of these.
    Charges,
    /// … or by a call of the customer's: only the steps of that.
    Called,
}

impl Tale {
    /// All of them.
    pub(crate) const ALL: [Self; 14] = [
        Self::Goods,
        Self::Changes,
        Self::External,
        Self::Trouble,
        Self::Edits,
        Self::Network,
        Self::Warehouse,
        Self::Products,
        Self::Billing,
        Self::Entered,
        Self::Shared,
        Self::Returns,
        Self::Charges,
        Self::Called,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Changes => "changes",
            Self::External => "external",
            Self::Trouble => "trouble",
            Self::Edits => "edits",
            Self::Network => "network",
            Self::Warehouse => "warehouse",
            Self::Products => "products",
            Self::Billing => "billing",
            Self::Entered => "entered",
            Self::Shared => "shared",
            Self::Returns => "returns",
            Self::Charges => "charges",
            Self::Called => "called",
        }
    }

    fn cast(self) -> Vec<(&'static str, Fate)> {
        match self {
            Self::Goods => vec![
                ("ordinary", Fate::Plain),
                ("ordinary", Fate::Split),
                ("ordinary", Fate::ShortNeverRest),
            ],
            Self::Changes => vec![
                ("two-warehouses", Fate::Plain),
                ("ordinary", Fate::CancelEarly),
                ("stopped-then-freed", Fate::Plain),
            ],
            Self::External => vec![
                ("ordinary", Fate::Plain),
                ("line-cancelled", Fate::CancelEarly),
                ("ordinary", Fate::ShortNeverRest),
            ],
            Self::Trouble => vec![
                ("ordinary", Fate::TrackingChanged),
                ("ordinary", Fate::InvalidAddressResolved),
                ("unmapped-mode", Fate::Plain),
            ],
            Self::Billing | Self::Charges | Self::Called => {
                vec![("ordinary", Fate::Plain), ("ordinary", Fate::Split)]
            }
            Self::Returns => vec![("ordinary", Fate::Plain); 4],
            Self::Edits => vec![
                ("address-changed", Fate::EditEarly),
                ("quantity-reduced", Fate::EditEarly),
                ("address-changed", Fate::EditLate),
            ],
            Self::Network => vec![
                ("ordinary", Fate::Plain),
                ("ordinary", Fate::Split),
                ("ordinary", Fate::ElsewhereCentre),
            ],
            Self::Warehouse => vec![
                ("released-in-parts", Fate::Plain),
                ("unreleased", Fate::CancelEarly),
                ("released-again", Fate::CancelEarly),
            ],
            Self::Products => vec![("unknown-sku", Fate::Plain)],
            Self::Entered | Self::Shared => vec![("ordinary", Fate::Plain)],
        }
    }
}

/// A warehouse day takes seven minutes: steps are what counts here, not waiting.
const PACE: u32 = 200;

/// One disturbance: at which step (commit or send, counted from 1) what happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    tale: Tale,
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
    pub(crate) fn tale(self) -> Tale {
        self.tale
    }

    /// The line that lives it again.
    pub(crate) fn replay(self) -> String {
        let kind = if self.commit { "commit" } else { "send" };
        let (number, blow, name) = (self.number, word(self.blow), self.name);
        let tale = self.tale.name();
        format!(
            "({name}) ML_MATRIX_CASE={tale}:{kind}:{number}:{blow} cargo nextest run -p proofs --test crash_matrix one_named_case"
        )
    }

    /// The case the environment names, if any.
    pub(crate) fn named() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "the one line that replays a failure")]
        let text = std::env::var("ML_MATRIX_CASE").ok()?;
        let mut parts = text.split(':');
        let tale = parts.next()?;
        let tale = Tale::ALL.into_iter().find(|one| one.name() == tale)?;
        let commit = parts.next()? == "commit";
        let number = parts.next()?.parse().ok()?;
        let wanted = parts.next()?;
        let blows = if commit { &COMMIT_BLOWS[..] } else { &SEND_BLOWS[..] };
        let blow = *blows.iter().find(|blow| word(**blow) == wanted)?;
        Some(Self { tale, commit, number, blow, name: "" })
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

/// How much of the matrix is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every second case: at each step half of the ways to fail, at the next step the other half.
    Half,
    /// Every case that can be told apart from the others.
    All,
    /// Every case.
    Full,
}

impl Extent {
    /// As the environment asks.
    pub(crate) fn asked() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the long run is asked for by hand")]
        match std::env::var("ML_MATRIX").as_deref() {
            Ok("full") => Self::Full,
            Ok("half") => Self::Half,
            _ => Self::All,
        }
    }
}

/// Every way to fail at every step.
pub(crate) fn all_cases(tale: Tale, steps: &[Step], extent: Extent) -> Vec<Case> {
    let full = extent == Extent::Full;
    let mut cases = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let (commit, blows) = match step {
            Step::Commit(..) => (true, &COMMIT_BLOWS[..]),
            Step::Send(..) => (false, &SEND_BLOWS[..]),
        };
        let number = step.number();
        let name = step.name();
        let other = match tale {
            Tale::Charges => !of_charges(name),
            Tale::Called => {
                !["dynamics.call", "dynamics.charges", "charges.called"].contains(&name)
            }
            _ => false,
        };
        if other && !full {
            continue;
        }
        let wanted = blows.iter().filter(|blow| full || place == 0 || tells(*step, **blow));
        let mine = wanted.zip(place..);
        let mine = mine.filter(|(_, nth)| extent != Extent::Half || nth % 2 == 0);
        cases.extend(mine.map(|(blow, _)| Case { tale, commit, number, blow: *blow, name }));
    }
    cases
}

/// A step charges are made of; all others are those of the tale of billing.
fn of_charges(name: &str) -> bool {
    const SENDS: [&str; 6] =
        ["write-url", "upload", "import", "import-state", "import-errors", "charges"];
    let send = name.strip_prefix("dynamics.").is_some_and(|name| SENDS.contains(&name));
    send || ["charges.", "courier.", "resolve."].iter().any(|begin| name.starts_with(begin))
}

/// The case cannot be had from another one.
fn tells(step: Step, blow: Blow) -> bool {
    let changes = matches!(step, Step::Commit(..)) || is_write(step.name());
    match blow {
        Blow::CrashBefore => false,
        Blow::Error | Blow::ReplyLost => true,
        Blow::CrashAfter | Blow::Late(_) | Blow::Repeat => changes,
    }
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

/// The first moment of a tale, to be lived many times.
pub(crate) async fn told(tale: Tale) -> Scene {
    let mut scene = Scene::new(setup(tale)).await;
    if tale == Tale::Charges {
        app::wiring::write_charges(&mut scene.settings, &scene.world.twins);
    }
    if tale == Tale::Called {
        app::wiring::call_charges(&mut scene.settings, &scene.world.twins);
    }
    rarely(&mut scene.settings);
    scene
}

fn setup(tale: Tale) -> Setup {
    let cast = tale.cast();
    let config = TwinConfig {
        // With this one all three orders of the network are of SB01, and the plain one is moved before its pick.
        seed: if tale == Tale::Network { 17 } else { 11 },
        orders: u32::try_from(cast.len()).unwrap_or(0),
        cast,
        external: tale == Tale::External,
        network: tale == Tale::Network,
        whs: tale == Tale::Warehouse,
        tier3: tale == Tale::Warehouse,
        // From the item with variants on.
        skus: if tale == Tale::Products { 4 } else { 0 },
        first_sku: 24,
        billing: matches!(tale, Tale::Billing | Tale::Charges | Tale::Called),
        never_invoiced: matches!(tale, Tale::Charges | Tale::Called),
        oauth: tale == Tale::Entered,
        returns: tale == Tale::Returns,
        pace: PACE,
        ..TwinConfig::default()
    };
    Setup { config, webhooks: true, shipbob_per_minute: Some(150) }
}

/// Steps are what counts: polls are few.
fn rarely(settings: &mut Settings) {
    let schedule = &mut settings.schedule;
    schedule.dynamics_poll = Span::minutes(10);
    schedule.shipbob_poll = Span::minutes(15);
    schedule.watch = Span::minutes(20);
    if let Some(billing) = &mut settings.billing {
        billing.every_minutes = 15;
    }
    if let Some(returns) = &mut settings.returns {
        returns.every_minutes = 15;
    }
}

/// Both must have been silent for this long.
const PATIENCE: Span = Span::minutes(16);
/// It is over by then.
const LIMIT: Span = Span::hours(12);

/// The blow of a case, in the first life.
fn struck(case: Option<Case>) -> Choose {
    Box::new(move |life: u32, step: Step| {
        let case = case.filter(|_| life == 1)?;
        let commit = matches!(step, Step::Commit(..));
        (commit == case.commit && step.number() == case.number).then_some(case.blow)
    })
}

/// Lives a tale to its end, disturbed once or not at all.
///
/// # Errors
/// What stopped it, in words.
pub(crate) async fn lived(
    tale: &Scene,
    case: Option<Case>,
) -> Result<(Verdict, Vec<Step>), String> {
    let scene = tale.again(tale.setup.clone());
    let steps = Steps::new(scene.world.clock(), struck(case));
    let ordeal = Ordeal::new(scene, steps, PATIENCE, LIMIT);
    let (verdict, store) = ordeal.run().await?;
    store.close().await;
    Ok((verdict, ordeal.steps.seen()))
}

/// Lives the tale of two legal entities to its end, disturbed once or not at all.
///
/// # Errors
/// What stopped it, in words.
pub(crate) async fn lived_together(
    case: Option<Case>,
) -> Result<(Vec<Verdict>, Vec<Step>), String> {
    let mut several = Several::new(setup(Tale::Shared), 2, 1).await;
    several.connections.iter_mut().for_each(|(_, settings)| rarely(settings));
    let (world, _) = several.connections.first().ok_or("no connection")?;
    let steps = Arc::new(Steps::new(world.clock(), struck(case)));
    let throng = Throng { several, steps, patience: PATIENCE, limit: LIMIT, acts: Vec::new() };
    let (verdicts, store) = throng.run().await?;
    store.close().await;
    Ok((verdicts, throng.steps.seen()))
}
