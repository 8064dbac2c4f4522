//! What is planted is found, exactly.

use super::{asked, days, items, kept, reconciled, well_formed, writes, wrong};
use app::rig::scope;
use app::stock::twin_inventory;
use domain::backfill::{self, Wish};
use domain::reconcile::Grade;
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use proofs::{LIFE, Scene, Setup};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

#[tokio::test]
async fn planted_damage_is_found_exactly() {
    let scene = Scene::new(Setup::new(9, 80)).await;
    let from = scene.world.now();
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    let written = scene.world.twins.written_orders();
    let four: Vec<&String> = written.iter().take(4).collect();
    let [a, b, c, d] = four[..] else { panic!("the world is too small: {written:?}") };
    planted(&scene, life, from, [a, b, c, d]).await;
}

async fn planted(
    scene: &Scene,
    life: proofs::Life,
    from: domain::time::Timestamp,
    of: [&String; 4],
) {
    let [no_record, no_observation, no_note, no_slip] = of;
    // Our own tables lose two rows …
    let mut txn = life.store.begin("test.damage").await.unwrap();
    for (kind, key) in [("kept", no_record), ("fo.order", no_observation)] {
        let gone =
            txn.observations_remove(&scope(), kind, std::slice::from_ref(key)).await.unwrap();
        assert_eq!(gone, 1, "{kind} of {key}");
    }
    txn.commit().await.unwrap();
    // … a clerk deletes a note, and a slip loses its lines.
    assert!(scene.world.twins.delete_note(no_note).is_some());
    assert!(scene.world.twins.empty_slip(no_slip) > 0);
    scene.world.advance(scene.world.now() + Span::days(2));
    let before = writes(scene);
    let all = reconciled(&life, &days(scene, from)).await;
    assert_eq!(writes(scene), before, "a reconciliation wrote something");
    all.iter().for_each(|s| well_formed(&s.certificate));
    let told =
        |e: &str, cause: &str, order: &str| (e.to_owned(), cause.to_owned(), order.to_owned());
    let mut expected = BTreeSet::from([
        told("orders", "record-lost", no_record),
        told("orders", "observation-lost", no_observation),
        told("notes", "note-gone", no_note),
    ]);
    let slip = items(&all).into_iter().find(|(e, i)| *e == "slips" && i.order == *no_slip);
    let (_, slip) = slip.expect("the slip that lost its lines");
    println!("slip: {slip:?}");
    assert!(slip.amount > Decimal::ZERO);
    if slip.grade == Grade::Wrong {
        expected.insert(told("slips", &slip.cause, no_slip));
    }
    let texts: Vec<String> = all.iter().map(|s| s.certificate.text()).collect();
    assert_eq!(wrong(&all), expected, "{}\n{}", texts.join("\n\n"), scene.setup.replay());
    // Nothing but what was planted waits or differs.
    let touched: BTreeSet<&str> = items(&all)
        .into_iter()
        .filter(|(e, _)| *e == "slips")
        .map(|(_, i)| i.order.as_str())
        .collect();
    println!("slips that wait: {touched:?}");
    life.stop().await;
}

/// A number that somebody deletes from a slip is found, whichever way the order was released.
#[tokio::test]
async fn a_tracking_number_that_vanished_is_found() {
    for setup in [Setup::new(9, 24), Setup::new(9, 24).external()] {
        let scene = Scene::new(setup).await;
        let from = scene.world.now();
        let life = scene.start().await;
        life.run(LIFE).await.expect("a life that becomes quiet");
        let written = scene.world.twins.written_orders();
        let order = written.iter().find(|n| scene.world.twins.delete_tracking(n).is_some());
        let order = order.expect("a number on a slip");
        let subject = scene.world.twins.requests_of(order).into_iter().next();
        let subject = subject.map_or_else(|| order.clone(), |id| format!("request:{id}"));
        let all = reconciled(&life, &days(&scene, from)).await;
        all.iter().for_each(|s| well_formed(&s.certificate));
        let expected =
            BTreeSet::from([("tracking".to_owned(), "tracking-gone".to_owned(), subject)]);
        let texts: Vec<String> = all.iter().map(|s| s.certificate.text()).collect();
        assert_eq!(wrong(&all), expected, "{}\n{}", texts.join("\n\n"), scene.setup.replay());
        life.stop().await;
    }
}

/// A tenant that has sold without us: the order that a backfill did not name is lost to our tables, whatever our
/// cursors say.
#[tokio::test]
async fn an_order_that_our_tables_have_lost_is_found() {
    let mut scene = Scene::new(Setup::new(91, 60).unlimited()).await;
    let day = scene.world.now().date();
    scene.world.advance(scene.world.now() + Span::days(100));
    scene.settings.cut_off = Some(scene.world.now());
    let numbers: Vec<String> =
        scene.world.twins.truth().orders.iter().map(|o| o.order_number.clone()).collect();
    let life = scene.start().await;
    let poll = scene.world.now() + Span::minutes(20);
    life.until(|world| world.now() >= poll).await.expect("polls");
    let before = writes(&scene);
    let all = reconciled(&life, std::slice::from_ref(&day)).await;
    all.iter().for_each(|s| well_formed(&s.certificate));
    let lost: BTreeSet<String> = wrong(&all).into_iter().map(|(_, _, order)| order).collect();
    println!("{}", all[0].certificate.sentence());
    assert!(lost.len() > 20, "{lost:?}");
    assert!(wrong(&all).iter().all(|(e, cause, _)| e == "orders" && cause == "order-lost"));
    // All of them but one are named to a backfill.
    let missing = lost.iter().next().cloned().unwrap();
    let keys = numbers.into_iter().filter(|n| *n != missing).collect();
    let wish = Wish::Keys(keys);
    let asked_for = backfill::Asked {
        who: "Mara".to_owned(),
        why: String::new(),
        at: scene.world.now(),
        id: "all but one".to_owned(),
        wish,
    };
    let signal = store::NewSignal {
        source: engine::SOURCE.to_owned(),
        target_kind: backfill::TARGET.to_owned(),
        target_key: String::new(),
        dedupe_key: "backfill".to_owned(),
        body: Some(serde_json::to_vec(&asked_for).unwrap()),
        received_at: scene.world.now(),
        flagged: false,
    };
    let mut txn = life.store.begin("test.ask").await.unwrap();
    txn.inbox_add_many(&scope(), vec![signal]).await.unwrap();
    txn.commit().await.unwrap();
    let quiet = scene.world.now() + Span::hours(1);
    life.until(|world| world.now() >= quiet).await.expect("a backfill");
    let all = reconciled(&life, &[day]).await;
    let found: Vec<_> = wrong(&all).into_iter().collect();
    println!("{}", all[0].certificate.sentence());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].2, missing);
    let held = items(&all).into_iter().filter(|(_, i)| i.cause == "before-cut-off").count();
    assert!(held > 20, "the others are held by the cut-off: {held}");
    assert_eq!(writes(&scene), before, "something was written");
    life.stop().await;
}

/// Somebody types an order into our channel.
#[tokio::test]
async fn an_order_typed_into_shipbob_by_hand_is_found() {
    let scene = Scene::new(Setup::new(12, 20)).await;
    let from = scene.world.now();
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    let remotes = scene.world.remotes(None);
    let network: std::sync::Arc<dyn transport::Transport> =
        std::sync::Arc::new(scene.world.network());
    let (_, client) =
        app::wiring::clients(&network, &remotes, &scene.settings, &scene.world.clock());
    let number = scene.world.twins.written_orders().into_iter().next().expect("an order");
    let mut reader = life.store.read().await.unwrap();
    let rows = reader.observations(&scope(), "kept", &[number]).await.unwrap();
    drop(reader);
    let body = rows.into_iter().next().and_then(|r| r.body).expect("what we sent");
    let sent: domain::plan::Kept = serde_json::from_slice(&body).unwrap();
    let mut order = sent.sent.into_values().next().expect("an order");
    order.reference = domain::ids::ReferenceId::new("typed-4711");
    let reply = client.create_order(&order).await;
    assert!(matches!(reply, shipbob::CreateReply::Created(..)), "{reply:?}");
    life.run(LIFE).await.expect("a life that becomes quiet");
    let all = reconciled(&life, &days(&scene, from)).await;
    all.iter().for_each(|s| well_formed(&s.certificate));
    let found: BTreeSet<_> = items(&all)
        .into_iter()
        .filter(|(_, i)| i.grade == Grade::Wrong)
        .map(|(e, i)| (e, i.cause.as_str(), i.key.contains("typed-4711"), i.amount))
        .collect();
    assert_eq!(found, BTreeSet::from([("orders", "typed-by-hand", true, -Decimal::ONE)]));
    life.stop().await;
}

/// An invoice with a wrong sum.
#[tokio::test]
async fn an_invoice_that_does_not_add_up_is_found() {
    let scene = Scene::new(Setup::new(31, 40).billing()).await;
    let from = scene.world.now();
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    let all = reconciled(&life, &days(&scene, from)).await;
    assert_eq!(wrong(&all), BTreeSet::new());
    let charged = all.iter().flat_map(|s| &s.certificate.equations).filter(|e| e.name == "charges");
    let sum: Decimal = charged.map(|e| e.left).sum();
    assert!(!sum.is_zero(), "no invoice was looked at");
    let bad = scene.world.twins.billed().invoices.last().expect("an invoice").id;
    assert!(scene.world.twins.misprint_invoice(bad, 777));
    let all = reconciled(&life, &days(&scene, from)).await;
    let found: Vec<_> = items(&all).into_iter().filter(|(_, i)| i.grade == Grade::Wrong).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    let (equation, item) = found[0];
    assert_eq!((equation, item.cause.as_str()), ("charges", "invoice-sum"));
    assert!(item.key.contains(&bad.to_string()) && item.amount == Decimal::new(777, 2), "{item:?}");
    life.stop().await;
}

/// Every shelf with a difference nobody can explain, to the piece; the others not at all.
#[tokio::test]
async fn every_unexplained_piece_of_stock_is_found() {
    let mut setup = Setup::new(7, 40);
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    let inventory = Inventory { mode: Mode::Report, ..twin_inventory() };
    scene.settings.inventory = Some(inventory);
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    // The next night everything is compared once more.
    let night = scene.world.now() + Span::days(2);
    life.until(|world| world.now() >= night).await.expect("two nights");
    let day = (scene.world.now() - Span::days(1)).date();
    let all = reconciled(&life, &[day]).await;
    all.iter().for_each(|s| well_formed(&s.certificate));
    let off: BTreeSet<(String, Decimal)> = scene
        .world
        .twins
        .stock()
        .into_iter()
        .filter(|t| t.variance != 0)
        .map(|t| (format!("{} in centre {}", t.sku, t.centre), -Decimal::from(t.variance)))
        .collect();
    let found: BTreeSet<(String, Decimal)> = items(&all)
        .into_iter()
        .filter(|(e, i)| *e == "stock" && i.cause == "variance")
        .map(|(_, i)| (i.key.clone(), i.amount))
        .collect();
    println!("{} shelves are off", off.len());
    assert!(!off.is_empty());
    assert_eq!(found, off, "{}", all[0].certificate.text());
    assert_eq!(asked(&life.store).await, 0);
    assert!(kept(&life.store, "1999-01-01").await.is_none());
    life.stop().await;
}
