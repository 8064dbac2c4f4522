//! Erasing personal data, during and after life.

use super::{ask, end, levels, trail, until};
use app::rig::scope;
use console::{Books, StoreBooks};
use domain::time::Span;
use engine::{Target, Verb};
use proofs::{Act, Blow, Life, Ordeal, Scene, Setup, Step, Steps, Verdict};
use twins::Fate;

const ORDERS: u32 = 16;

/// Orders without awkwardness, so that all of them close.
fn setup(seed: u64) -> Setup {
    let mut setup = Setup::new(seed, ORDERS).released_over(Span::minutes(30));
    setup.config.cast = (0..ORDERS).map(|_| ("ordinary", Fate::Plain)).collect();
    setup
}

fn numbers(verdict: &Verdict) -> Vec<String> {
    verdict.truth.orders.iter().map(|order| order.order_number.clone()).collect()
}

async fn erased(life: &Life, orders: &[String]) -> usize {
    let mut reader = life.store.read().await.expect("a reader");
    reader.erased(&scope(), orders).await.expect("an answer").len()
}

#[tokio::test]
async fn an_order_erased_after_its_life_is_still_found_and_explained_without_the_person() {
    let scene = Scene::new(setup(61)).await;
    let wanted = scene.proven().await;
    let number = numbers(&wanted).swap_remove(0);
    let life = scene.start().await;
    let books = StoreBooks::new(life.store.clone(), scope());
    let before = books.order(&number).await.expect("an answer").expect("the order");
    let order = before.sales.as_ref().and_then(|read| read.order.clone()).expect("it was read");
    let tracking = before.warehouse.iter().flat_map(|seen| &seen.order.shipments);
    let tracking = tracking.filter_map(|s| s.number()).next().expect("a number").to_owned();
    ask(&life.store, scene.world.now(), Verb::Erase, Target::Order(number.clone())).await;
    life.run(Span::days(30)).await.expect("quiet, and not planning for ever");

    let after = books.order(&number).await.expect("an answer").expect("the order is still there");
    assert!(after.erased && after.sales.is_none() && after.erasure.is_none());
    assert_eq!(after.row.state, before.row.state, "its state stays");
    let found = books.search(&tracking, 5).await.expect("an answer");
    assert_eq!(found.first().map(|f| f.order.as_str()), Some(number.as_str()));
    let told = trail(&life.store, Some(&number)).await;
    let last = told.last().expect("an entry");
    assert_eq!(last.entry.what, "personal data erased");
    assert!(last.entry.why.as_deref().is_some_and(|why| why.contains("Mara")), "{last:?}");
    let earlier = told.iter().rev().skip(1);
    assert!(earlier.clone().count() > 3 && earlier.clone().all(|row| row.erased), "{told:#?}");
    let mut reader = life.store.read().await.expect("a reader");
    let plan = reader.plans_of(&scope(), &number, 1).await.expect("plans").swap_remove(0);
    let plan = reader.plan(&scope(), plan.id).await.expect("a plan").expect("it is there");
    assert_eq!((plan.facts, plan.outcome), (None, None), "a replay says: erased");
    drop(reader);
    // Nothing of the person is left in the file, not even sealed; the other orders are untouched.
    for text in after.deliveries.iter().filter_map(|d| d.outcome.as_ref()) {
        assert!(!text.contains(&order.address.name));
    }
    let found = end(&scene, life).await;
    assert!(found.trail.erased > 0 && found.trail.broken.is_none());
    scene.assert_same(&wanted, &found);
}

#[tokio::test]
async fn an_order_erased_in_mid_life_is_erased_when_its_work_is_over() {
    for level in levels() {
        let clean = Scene::new(setup(62)).await;
        let wanted = clean.proven().await;
        let all = numbers(&wanted);
        let scene = clean.again(setup(62).faults(level.clone()));
        let life = scene.start().await;
        until(&life, scene.world.now() + Span::minutes(25)).await;
        let known = StoreBooks::new(life.store.clone(), scope());
        let mut asked = Vec::new();
        for number in &all {
            if known.order(number).await.expect("an answer").is_some() {
                ask(&life.store, scene.world.now(), Verb::Erase, Target::Order(number.clone()))
                    .await;
                asked.push(number.clone());
            }
        }
        assert!(asked.len() > 5, "too early: {} orders known", asked.len());
        life.moment().await.expect("a moment");
        let now = erased(&life, &asked).await;
        assert!(now < asked.len() / 2, "open orders keep their data: {now} of {}", asked.len());
        let waiting = known.order(&asked[0]).await.expect("an answer").expect("the order");
        println!("{level:?}: {:?}", waiting.erasure);
        life.run(Span::days(30)).await.expect("quiet");
        let gone = erased(&life, &asked).await;
        let mut waiting = Vec::new();
        for number in &asked {
            let order = known.order(number).await.expect("an answer").expect("the order");
            assert!(order.erased != order.erasure.is_some(), "either erased or waiting: {number}");
            waiting.extend(order.erasure.map(|erasure| erasure.waits));
        }
        println!("{gone} of {} erased; the others wait: {waiting:?}", asked.len());
        assert!(gone > asked.len() * 3 / 4, "what is closed is erased: {gone}");
        let found = end(&scene, life).await;
        clean.assert_same(&wanted, &found);
    }
}

#[tokio::test]
async fn a_crash_around_an_erasure_leaves_it_done_or_to_be_done() {
    for (name, blow) in [
        ("gather.commands", Blow::CrashAfter),
        ("erasure", Blow::CrashBefore),
        ("erasure", Blow::CrashAfter),
    ] {
        let mut setup = Setup::new(63, 1).pace(200);
        setup.config.cast = vec![("ordinary", Fate::Plain)];
        let scene = Scene::new(setup).await;
        let first = scene.world.twins.truth().orders.swap_remove(0).order_number;
        let choose = move |life, step| match step {
            Step::Commit(_, at) if at == name && life == 1 => Some(blow),
            _ => None,
        };
        let steps = Steps::new(scene.world.clock(), Box::new(choose));
        let mut ordeal = Ordeal::new(scene, steps, Span::minutes(16), Span::days(20));
        let at = ordeal.scene.world.now() + Span::minutes(5);
        let target = Target::Order(first.clone());
        ordeal.acts = vec![Act { at, verb: Verb::Erase, target }];
        let (verdict, store) = ordeal.run().await.expect("lives");
        assert_eq!(verdict.faults(), Vec::<String>::new(), "{name} {blow:?}");
        let keys = [first];
        let gone = store.read().await.expect("a reader").erased(&scope(), &keys).await;
        assert_eq!(gone.expect("an answer").len(), 1, "{name} {blow:?}");
        let done = trail(&store, Some(&keys[0])).await;
        let done = done.iter().filter(|row| row.entry.what == "personal data erased").count();
        assert_eq!(done, 1, "told once: {name} {blow:?}");
        store.close().await;
    }
}
