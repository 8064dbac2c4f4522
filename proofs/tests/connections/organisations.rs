//! I16: nothing of one organisation is visible from another, whatever is asked and even where all other keys are equal.

use app::rig::Fleet;
use domain::ids::{OrganisationId, Scope};
use domain::time::{Span, Timestamp};
use proofs::{Setup, Several};
use std::collections::BTreeMap;
use store::read::{OrderList, OverviewWindow};
use store::{Fence, SecretSystem, Store, TrailFilter};

/// Orders of each connection.
const ORDERS: u32 = 20;

/// Every read of the store, under a scope: what it is called, and how much it shows.
async fn reads(store: &Store, scope: &Scope, known: &Known) -> BTreeMap<&'static str, usize> {
    let mut r = store.read().await.expect("a database that answers");
    let (late, most) = (Timestamp(i64::MAX), 10_000);
    let window =
        OverviewWindow { since: Timestamp(0), hours_since: Timestamp(0), late_before: known.now };
    let mut seen = BTreeMap::new();
    macro_rules! ask {
        ($($name:literal: $read:expr => |$found:ident| $size:expr;)*) => {
            $(
                let $found = $read.await.expect("an answer");
                seen.insert($name, $size);
            )*
        };
    }
    let first = known.orders.first().expect("an order").clone();
    ask! {
        "connection": r.connection(scope) => |one| usize::from(one.is_some());
        "cursors": r.cursors(scope) => |all| all.len();
        "cursor": r.cursor(scope, "fo.changes") => |one| usize::from(one.is_some());
        "subjects": r.subjects(scope, &known.orders) => |all| all.len();
        "order_list": r.order_list(scope, OrderList::All, None, most) => |all| all.len();
        "held_count": r.held_count(scope) => |n| usize::try_from(n).expect("a count");
        "hold_groups": r.hold_groups(scope, 50) => |all| all.len();
        "holds_open": r.holds_open(scope, &known.orders) => |all| all.len();
        "numbers_find": r.numbers_find(scope, &first, most) => |all| all.len();
        "observations": r.observations(scope, "fo.order", &known.orders) => |all| all.len();
        "observations_of_kind": r.observations_of_kind(scope, "sb.orders", "", most) => |all| all.len();
        "plans_of": r.plans_of(scope, &first, most) => |all| all.len();
        "plan": r.plan(scope, known.plan) => |one| usize::from(one.is_some());
        "deliveries_of": r.deliveries_of(scope, &first) => |all| all.len();
        "deliveries_of_many": r.deliveries_of_many(scope, &known.orders) => |all| all.len();
        "deliveries_known": r.deliveries_known(scope, &known.orders) => |all| all.len();
        "attempts_of": r.attempts_of(scope, &known.deliveries) => |all| all.len();
        "trail": r.trail(scope, &TrailFilter::default(), None, most) => |all| all.len();
        "trail_verify": r.trail_verify(scope) => |one| usize::try_from(one.entries).expect("a count");
        "secret_list": r.secret_list(scope) => |all| all.len();
        "secret": r.secret(scope, SecretSystem::Webhook, "signing") => |one| usize::from(one.is_some());
        "webhooks": r.webhooks(scope) => |all| all.len();
        "overview": r.overview(scope, Timestamp(0)) => |one| usize::from(format!("{one:?}") != known.empty_overview);
        "console_overview": r.console_overview(scope, window) => |one| usize::from(format!("{one:?}") != known.empty_console);
        // Quiet worlds have none of these; another organisation must not have any either.
        "deliveries_open": r.deliveries_open(scope, &known.orders) => |all| all.len();
        "deliveries_ready": r.deliveries_ready(scope, 1, late, most) => |all| all.len();
        "deliveries_in_doubt_due": r.deliveries_in_doubt_due(scope, late, most) => |all| all.len();
        "deliveries_in_flight": r.deliveries_in_flight(scope, Fence(1_000)) => |all| all.len();
        "subjects_watch_due": r.subjects_watch_due(scope, late, most) => |all| all.len();
        "inbox_take": r.inbox_take(scope, most) => |all| all.len();
        "decisions": r.decisions(scope, &known.orders) => |all| all.len();
    }
    seen
}

/// Keys that exist in the organisation that has rows.
struct Known {
    orders: Vec<String>,
    plan: i64,
    deliveries: Vec<i64>,
    now: Timestamp,
    empty_overview: String,
    empty_console: String,
}

#[tokio::test]
async fn every_read_with_the_scope_of_another_organisation_finds_nothing() {
    let scene = Several::new(Setup::new(15, ORDERS), 2, 2).await;
    scene.proven().await;
    let (world, _) = &scene.connections[0];
    let ours = &world.scope;
    let mut r = scene.store().read().await.expect("a database that answers");
    let rows = r.order_list(ours, OrderList::All, None, 1_000).await.expect("orders");
    let sent = rows
        .iter()
        .find(|row| row.milestones.accepted_at.is_some())
        .expect("an order that was sent");
    let mut orders: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    orders.retain(|key| *key != sent.key);
    orders.insert(0, sent.key.clone());
    let deliveries = r.deliveries_of(ours, &sent.key).await.expect("deliveries");
    let nobody = Scope { organisation: OrganisationId::new("nobody"), ..ours.clone() };
    let window =
        OverviewWindow { since: Timestamp(0), hours_since: Timestamp(0), late_before: world.now() };
    let known = Known {
        orders,
        plan: sent.last_plan.expect("a plan"),
        deliveries: deliveries.iter().map(|one| one.id).collect(),
        now: world.now(),
        empty_overview: format!("{:?}", r.overview(&nobody, Timestamp(0)).await.expect("a view")),
        empty_console: format!("{:?}", r.console_overview(&nobody, window).await.expect("a view")),
    };
    drop(r);
    let own = reads(scene.store(), ours, &known).await;
    let shown = own.values().filter(|n| **n > 0).count();
    assert!(shown >= 20, "the own organisation must see its rows: {own:?}");
    for organisation in ["other", "default", "demo2", ""] {
        let scope = Scope { organisation: OrganisationId::new(organisation), ..ours.clone() };
        let theirs = reads(scene.store(), &scope, &known).await;
        let seen: Vec<_> = theirs.iter().filter(|(_, n)| **n > 0).collect();
        assert!(seen.is_empty(), "organisation \"{organisation}\" sees {seen:?}");
    }
    // Neither does the other connection of the same organisation see the rows of this one.
    let (neighbour, _) = &scene.connections[1];
    let theirs = reads(scene.store(), &neighbour.scope, &known).await;
    assert_eq!(theirs["plan"] + theirs["attempts_of"], 0, "{theirs:?}");
}

/// A fleet of connections without orders costs little: what each further one keeps in memory is measured by
/// `bench idle`; here only that none of them does anything while idle but poll.
#[tokio::test]
async fn an_idle_connection_only_polls() {
    let scene = Several::new(Setup::new(16, 0), 3, 3).await;
    let fleet: Fleet = scene.start(&scene.network(), |_, _| {});
    let run = fleet.run_to_quiet(Span::days(1)).await.expect("a quiet end");
    fleet.stop();
    assert!(run.took < Span::hours(2), "{run:?}");
    for verdict in scene.verdicts().await {
        assert_eq!(verdict.open, Vec::<String>::new());
    }
}
