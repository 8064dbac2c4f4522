//! Everything a seed decides. Two draws of one seed are equal, whatever happened in between.

use app::rig::World;
use domain::settings::Schedule;
use domain::time::{Span, Timestamp};
use engine::{Target, Verb};
use proofs::{Act, Blow, Choose, Setup, Stall, Step, is_write};
use twins::{Fate, FaultLevel, Outcome, Tenant, Truth, TwinConfig, tenants};

/// A stream of numbers from one seed (SplitMix64).
#[derive(Clone, Copy)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, what: &str) -> Self {
        let salt = what.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `0..n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What a seed means.
pub(crate) struct Drawn {
    seed: u64,
    pub(crate) config: TwinConfig,
    faults: FaultLevel,
    webhooks: bool,
    pub(crate) stall: Option<Stall>,
    /// One blow in so many steps; 0 = none.
    rarity: u64,
    /// Legal entities of one environment over ShipBob accounts; one of each is the usual world.
    pub(crate) estate: (u32, u32),
}

/// At these paces the customer's batch runs every few seconds. Where F&O offers the rest of an order for delivery again
/// after each slip, nobody could take that back before the next run; scenarios at a slower pace prove this tenant.
const TOO_FAST: &str = "deliver-now-resets-to-remainder";

/// The clerk adds a line with its whole quantity offered for delivery, on an order the batch already selects: at these
/// paces the batch posts it before anybody could see it. Scenarios at a slower pace prove it.
const TOO_FAST_FOR: &str = "line-added";

/// Categories and fates that make trouble; a few of them lead every world, the rest of it is dealt.
const TROUBLE: &[(&str, Fate)] = &[
    ("ordinary", Fate::Split),
    ("ordinary", Fate::TwoParcels),
    ("ordinary", Fate::ShortNeverRest),
    ("ordinary", Fate::OutOfStockResolved),
    ("ordinary", Fate::InvalidAddressResolved),
    ("ordinary", Fate::DashboardCancelled),
    ("ordinary", Fate::DashboardCancelledSilently),
    ("ordinary", Fate::TrackingLate),
    ("ordinary", Fate::TrackingChanged),
    ("ordinary", Fate::Reshipped),
    ("ordinary", Fate::CancelEarly),
    ("ordinary", Fate::CancelLate),
    ("ordinary", Fate::CancelRace),
    ("ordinary", Fate::CancelRace),
    ("ordinary", Fate::ReturnedToSender),
    ("two-warehouses", Fate::Plain),
    ("two-addresses", Fate::Plain),
    ("stopped-then-freed", Fate::Plain),
    ("line-cancelled", Fate::CancelEarly),
    ("deleted", Fate::CancelEarly),
    ("opened-by-clerk", Fate::Plain),
    ("slip-by-hand", Fate::Plain),
    ("deliver-now-by-hand", Fate::Plain),
    ("stock-late", Fate::Plain),
    ("before-cut-off", Fate::Plain),
    ("unmapped-mode", Fate::Plain),
    ("odd-number", Fate::Plain),
    ("kit", Fate::Plain),
    ("box-unit", Fate::TenOfTwelve),
];

fn cast(dice: &mut Dice) -> Vec<(&'static str, Fate)> {
    let n = dice.below(7);
    let mut one = || usize::try_from(dice.below(TROUBLE.len() as u64)).unwrap_or(0);
    (0..n).map(|_| TROUBLE[one()]).collect()
}

/// Whether ShipBob chooses the centre; there a tenant without other oddities may have one of a network. Drawn apart, so
/// that a seed means otherwise what it always did.
fn mapping(seed: u64, tenant: Tenant) -> (bool, Tenant) {
    let mut dice = Dice::new(seed, "mapping");
    let network = dice.one_in(3);
    let of_networks: Vec<_> =
        tenants().into_iter().filter(|(name, _)| name.starts_with("network-")).collect();
    let nth = usize::try_from(dice.below(2 * of_networks.len() as u64)).unwrap_or(0);
    let odd = of_networks.get(nth).filter(|_| network && tenant == Tenant::standard());
    let odd = odd.and_then(|(name, _)| Tenant::named(name));
    (network, odd.unwrap_or(tenant))
}

/// Draws the world of a seed and what happens in it.
pub(crate) fn drawn(seed: u64) -> Drawn {
    let mut dice = Dice::new(seed, "world");
    // Externally managed worlds have proofs of their own.
    let mut names = tenants();
    let other = ["external-", "network-", "whs-"];
    names.retain(|(name, _)| !other.iter().any(|kind| name.starts_with(kind)));
    let tenant = if dice.one_in(3) {
        Tenant::standard()
    } else {
        let nth = usize::try_from(dice.below(names.len() as u64)).unwrap_or(0);
        let name = names.get(nth).map(|(name, _)| *name).filter(|name| *name != TOO_FAST);
        name.and_then(Tenant::named).unwrap_or_else(Tenant::standard)
    };
    let (network, tenant) = mapping(seed, tenant);
    let faults = match dice.below(6) {
        0 => FaultLevel::None,
        1 | 2 => FaultLevel::Light,
        _ => FaultLevel::Heavy,
    };
    let (orders, cast) = (u32::try_from(dice.within(8, 20)).unwrap_or(8), cast(&mut dice));
    let config = TwinConfig {
        seed: seed.wrapping_mul(7_919),
        orders,
        cast,
        pace: [100, 150, 200, 300][usize::try_from(dice.below(4)).unwrap_or(0)],
        pasted: u32::try_from(dice.below(3)).unwrap_or(0),
        release_span_secs: if dice.one_in(2) { 0 } else { dice.within(10, 1_200) },
        shipbob_per_minute: [Some(150), Some(20), None]
            [usize::try_from(dice.below(3)).unwrap_or(0)],
        tenant,
        network,
        ..TwinConfig::default()
    };
    let config = warehouse_management(seed, config);
    let config = externally_managed(seed, config);
    let config = TwinConfig { oauth: Dice::new(seed, "oauth").one_in(5), ..config };
    let estate = estate(seed);
    let stall = dice.one_in(3).then(|| stall(&mut dice, &config.tenant));
    let webhooks = !dice.one_in(6);
    let rarity = [0, 60, 120, 250][usize::try_from(dice.below(4)).unwrap_or(0)];
    Drawn { seed, config, faults, webhooks, stall, rarity, estate }
}

/// Every sixth world has warehouse management inside F&O, most of them with a call of the customer that posts. A call that
/// posts twice when it comes twice is left out: the network itself repeats calls here.
fn warehouse_management(seed: u64, config: TwinConfig) -> TwinConfig {
    let mut dice = Dice::new(seed, "warehouse management");
    if !dice.one_in(6) {
        return config;
    }
    let tier3 = !dice.one_in(4);
    let names = ["whs-released-in-sales-unit", "whs-released-falls", "whs-call-is-action"];
    let nth = usize::try_from(dice.below(6)).unwrap_or(0);
    let tenant = names.get(nth).and_then(|name| Tenant::named(name));
    let tenant = tenant.unwrap_or_else(|| config.tenant.clone());
    TwinConfig { whs: true, tier3, tenant, ..config }
}

/// Every fifth of the other worlds has externally managed warehouses, half of them with an oddity of these.
fn externally_managed(seed: u64, config: TwinConfig) -> TwinConfig {
    let mut dice = Dice::new(seed, "externally managed");
    if config.whs || !dice.one_in(5) {
        return config;
    }
    let odd: Vec<_> =
        tenants().into_iter().filter(|(name, _)| name.starts_with("external-")).collect();
    let nth = usize::try_from(dice.below(2 * odd.len() as u64)).unwrap_or(0);
    let tenant = odd.get(nth).and_then(|(name, _)| Tenant::named(name));
    let tenant = tenant.unwrap_or_else(|| config.tenant.clone());
    TwinConfig { external: true, tenant, ..config }
}

/// Every eighth seed has two or three connections in one installation.
fn estate(seed: u64) -> (u32, u32) {
    let mut dice = Dice::new(seed, "estate");
    if !dice.one_in(8) {
        return (1, 1);
    }
    [(2, 1), (2, 2), (3, 2)][usize::try_from(dice.below(3)).unwrap_or(0)]
}

/// A process that stands still before its bytes have left and wakes after its lease is what the remotes must protect
/// us from. Where a tenant cannot (no unique note, no etag, references that are free again), it wakes in time.
fn stall(dice: &mut Dice, tenant: &Tenant) -> Stall {
    let protected = !(tenant.note_id_assigned || tenant.etag_ignored || tenant.reference_freed);
    let after = dice.one_in(2);
    let write = 1 + dice.below(25);
    let length = if after || protected {
        Span::minutes(dice.within(1, 60))
    } else {
        Span::seconds(dice.within(1, 20))
    };
    Stall { write, after, length }
}

impl Drawn {
    /// The world without any disturbance.
    pub(crate) fn calm(&self) -> Setup {
        let ours = self.config.shipbob_per_minute;
        Setup { config: self.config.clone(), webhooks: self.webhooks, shipbob_per_minute: ours }
    }

    /// The same world with disturbed servers.
    pub(crate) fn rough(&self) -> Setup {
        self.calm().faults(self.faults.clone())
    }

    /// Orders that are not judged, see [`TOO_FAST_FOR`].
    pub(crate) fn racing_the_batch(truth: &Truth) -> Vec<String> {
        let of = truth.orders.iter().filter(|order| order.category == TOO_FAST_FOR);
        of.map(|order| order.order_number.clone()).collect()
    }

    /// Polls rarely: webhooks must do, or not.
    pub(crate) fn schedule(&self, schedule: &mut Schedule) {
        let mut dice = Dice::new(self.seed, "schedule");
        // Only a quick poll sees a clerk's cancel before the warehouse picks.
        schedule.dynamics_poll = if dice.one_in(6) {
            Span::seconds(dice.within(3, 10))
        } else {
            Span::minutes(dice.within(2, 10))
        };
        schedule.shipbob_poll = Span::minutes(dice.within(5, 15));
        schedule.watch = Span::minutes(20);
    }

    /// Long enough for a poll of either side and a look at the watch list.
    pub(crate) fn patience(&self) -> Span {
        Span::minutes(25)
    }

    /// One line that runs this seed again, and what it means.
    pub(crate) fn replay(&self) -> String {
        format!(
            "ML_SIM_SEED={} cargo nextest run -p proofs --test simulation   # {} orders, {}{}, whs {}, external {}, oauth {}, {:?} entities and accounts, faults {}, pace {}, stall {:?}, a blow in {} steps",
            self.seed,
            self.config.orders,
            self.config.tenant.name,
            if self.config.network { ", network" } else { "" },
            self.config.whs,
            self.config.external,
            self.config.oauth,
            self.estate,
            self.faults.name(),
            self.config.pace,
            self.stall,
            self.rarity
        )
    }

    /// What happens at which step.
    pub(crate) fn blows(&self) -> Choose {
        let (seed, rarity) = (self.seed, self.rarity);
        // A disturbed server is late by itself, up to *settle*: lateness on top would be more than any remote may be.
        let calm = self.faults == FaultLevel::None;
        // Where F&O chooses the ids of notes, a call that comes twice is two notes: nobody could tell them apart before.
        let doubles = self.config.tenant.note_id_assigned;
        Box::new(move |life: u32, step: Step| {
            if rarity == 0 || life > 6 {
                return None;
            }
            let what = format!("{life}/{step:?}");
            let mut dice = Dice::new(seed, &what);
            let often = if is_write(step.name()) { rarity / 3 } else { rarity };
            if !dice.one_in(often) {
                return None;
            }
            Some(match dice.below(8) {
                0 => Blow::CrashBefore,
                1 | 2 => Blow::CrashAfter,
                3 => Blow::Error,
                4 | 5 => Blow::ReplyLost,
                6 if calm => Blow::Late(Span::seconds(dice.within(1, 50))),
                6 => Blow::ReplyLost,
                _ if doubles => Blow::ReplyLost,
                _ => Blow::Repeat,
            })
        })
    }

    /// Acts that decide what becomes of an order: some held back by the cut-off are released by hand.
    pub(crate) fn decisive(&self, world: &World) -> Vec<Act> {
        let mut dice = Dice::new(self.seed, "decisive");
        let mut acts = Vec::new();
        for order in world.twins.truth().orders {
            if order.category == "before-cut-off" && dice.one_in(2) {
                let at = world.now() + Span::minutes(dice.within(1, 40));
                acts.push(Act {
                    at,
                    verb: Verb::Release,
                    target: Target::Order(order.order_number),
                });
            }
        }
        acts.sort_by_key(|act| act.at);
        acts
    }

    /// Everything people do, the decisive acts among it.
    pub(crate) fn acts(&self, world: &World) -> Vec<Act> {
        let mut acts = self.decisive(world);
        let mut dice = Dice::new(self.seed, "acts");
        let soon = |dice: &mut Dice| world.now() + Span::seconds(dice.within(10, 5_400));
        let orders = world.twins.truth().orders;
        for _ in 0..dice.below(4) {
            let nth = usize::try_from(dice.below(orders.len() as u64)).unwrap_or(0);
            let target = Target::Order(orders[nth].order_number.clone());
            let at = soon(&mut dice);
            // There *Retry* means "send it again under a new reference": that would be another outcome.
            if !matches!(
                orders[nth].fate,
                Fate::DashboardCancelled | Fate::DashboardCancelledSilently
            ) {
                acts.push(Act { at, verb: Verb::Retry, target });
            }
        }
        for _ in 0..dice.below(3) {
            acts.push(Act { at: soon(&mut dice), verb: Verb::RunNow, target: Target::Connection });
        }
        if dice.one_in(3) {
            let at: Timestamp = soon(&mut dice);
            let until = at + Span::minutes(dice.within(1, 20));
            acts.push(Act { at, verb: Verb::Pause, target: Target::Connection });
            acts.push(Act { at: until, verb: Verb::Resume, target: Target::Connection });
        }
        // An order that is held stays unsent whether it is skipped or not.
        for order in orders.iter().filter(|order| matches!(order.outcome, Outcome::Held(_))) {
            if dice.one_in(3) {
                let target = Target::Order(order.order_number.clone());
                let at = soon(&mut dice);
                acts.push(Act { at, verb: Verb::Skip, target: target.clone() });
                if dice.one_in(2) {
                    let at = at + Span::minutes(dice.within(1, 20));
                    acts.push(Act { at, verb: Verb::Retry, target });
                }
            }
        }
        acts.sort_by_key(|act| act.at);
        acts
    }
}
