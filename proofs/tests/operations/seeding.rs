//! Backfill: history is seeded, nothing is shipped for it.

use super::trail;
use app::rig::{World, scope};
use domain::backfill::{Asked, Backfill, KEPT, Stage, TARGET, Wish};
use domain::time::{Span, Timestamp};
use engine::SOURCE;
use proofs::{Life, Scene, Setup};
use store::{NewSignal, Store, read::OrderList};
use twins::{FaultLevel, effect};

const ORDERS: u32 = 400;

/// A tenant that has sold for a while without us: its orders were released a hundred days before the cut-off, long
/// before the first poll looks.
async fn old_tenant(level: FaultLevel) -> Scene {
    let mut scene = Scene::new(Setup::new(91, ORDERS).unlimited().faults(level)).await;
    scene.world.advance(scene.world.now() + Span::days(100));
    scene.settings.cut_off = Some(scene.world.now());
    scene
}

async fn backfill(store: &Store, now: Timestamp, id: &str, wish: Wish) {
    let (who, why) = ("Mara".to_owned(), "go live".to_owned());
    let asked = Asked { who, why, at: now, id: id.to_owned(), wish };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: TARGET.to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator:backfill:{id}"),
        body: Some(serde_json::to_vec(&asked).expect("a wish")),
        received_at: now,
        flagged: false,
    };
    let mut txn = store.begin("test.ask").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

async fn kept(store: &Store) -> Option<Backfill> {
    let mut reader = store.read().await.expect("a reader");
    let rows = reader.observations(&scope(), KEPT, &[String::new()]).await.expect("rows");
    let body = rows.into_iter().next()?.body?;
    Some(serde_json::from_slice(&body).expect("a state"))
}

async fn known(store: &Store) -> usize {
    let mut reader = store.read().await.expect("a reader");
    reader.order_list(&scope(), OrderList::All, None, 10_000).await.expect("orders").len()
}

/// Nothing left, nothing was written.
fn nothing_moved(world: &World) {
    let ledger = world.twins.ledger();
    for kind in [
        effect::ORDER_CREATED,
        effect::SHIPMENT_SHIPPED,
        effect::NOTE_WRITTEN,
        effect::DELIVER_NOW_SET,
        effect::CARRIER_SET,
    ] {
        assert_eq!(ledger.of(kind).count(), 0, "{kind}");
    }
}

async fn seeded(life: &Life) {
    for _ in 0..20_000 {
        let done = kept(&life.store).await.is_some_and(|one| one.stage == Stage::Done);
        if done && life.rig.engine.quiet().await.expect("an answer") {
            return;
        }
        life.moment().await.expect("a moment");
    }
    let state = kept(&life.store).await;
    assert!(state.is_none_or(|one| one.stage == Stage::Done), "the backfill never ends");
}

#[tokio::test]
async fn a_year_of_old_orders_is_seeded_and_ships_nothing() {
    for level in [FaultLevel::None, FaultLevel::Heavy] {
        let scene = old_tenant(level.clone()).await;
        let life = scene.start().await;
        let poll = scene.world.now() + Span::minutes(20);
        life.until(|world| world.now() >= poll).await.expect("polls");
        let before = known(&life.store).await;
        let now = scene.world.now();
        let wish = Wish::Range { from: now - Span::days(365), to: now };
        backfill(&life.store, now, "year", wish).await;
        seeded(&life).await;
        let state = kept(&life.store).await.expect("a state");
        let after = known(&life.store).await;
        println!("{level:?}: {before} known before, {after} after; {}", state.sentence());
        assert!(before < 20, "the first poll does not look that far back: {before}");
        assert!(after >= ORDERS as usize * 9 / 10, "{after} of {ORDERS} orders are known");
        nothing_moved(&scene.world);
        let told: Vec<String> =
            trail(&life.store, None).await.into_iter().map(|r| r.entry.what).collect();
        assert!(told.iter().any(|what| what == "asked for a backfill"));
        assert!(told.iter().any(|what| what == "backfill finished"));
        life.stop().await;
    }
}

#[tokio::test]
async fn named_orders_are_seeded_and_a_restart_goes_on_where_it_stopped() {
    let scene = old_tenant(FaultLevel::None).await;
    let mut keys: Vec<String> =
        scene.world.twins.truth().orders.iter().map(|o| o.order_number.clone()).collect();
    keys.push("NO-SUCH-ORDER".to_owned());
    let life = scene.start().await;
    backfill(&life.store, scene.world.now(), "named", Wish::Keys(keys)).await;
    // A second one waits for its turn: it is refused, and says so.
    let wish = Wish::Keys(vec!["SO-1".to_owned()]);
    backfill(&life.store, scene.world.now(), "other", wish).await;
    let mut parts = 0;
    while parts == 0 {
        life.rig.engine.step().await.expect("a step");
        parts = kept(&life.store).await.map_or(0, |one| one.part.0);
    }
    life.stop().await;
    let life = scene.start().await;
    seeded(&life).await;
    let state = kept(&life.store).await.expect("a state");
    println!("stopped after part {parts} of {}: {}", state.part.1, state.sentence());
    assert_eq!((state.id.as_str(), state.orders), ("named", u64::from(ORDERS)));
    assert_eq!(state.unknown, (1, vec!["NO-SUCH-ORDER".to_owned()]));
    let told = trail(&life.store, None).await;
    assert!(told.iter().any(|row| row.entry.what == "backfill refused"));
    nothing_moved(&scene.world);
    life.stop().await;
}
