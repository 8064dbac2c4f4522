//! Somebody leaves an order open on the screen and goes home.

use super::{clean, setup, told, unharmed};
use domain::time::Span;
use proofs::{Life, Scene};
use twins::{Twins, effect};

const CAUSE: &str = "open-in-dynamics";

/// Orders told to be open, with what a person reads.
async fn held(life: &Life) -> Vec<(String, String)> {
    let truth = life.rig.world.twins.truth();
    let numbers: Vec<String> = truth.orders.iter().map(|o| o.order_number.clone()).collect();
    let mut reader = life.store.read().await.expect("a database that answers");
    let holds = reader.holds_open(&app::rig::scope(), &numbers).await.expect("holds");
    let own = holds.into_iter().filter(|hold| hold.cause == CAUSE);
    own.map(|hold| (hold.subject, hold.reason)).collect()
}

#[tokio::test]
async fn an_order_left_open_for_hours_is_told_stops_nobody_and_heals_by_itself() {
    let clean = clean().await;
    let scene = Scene::new(setup()).await;
    let life = scene.start().await;
    let orders = scene.world.twins.truth().orders;
    let mut plain = orders.into_iter().filter(|o| o.category == "ordinary" && !o.racing);
    let number = plain.next().expect("an ordinary order").order_number;
    let made = |twins: &Twins| {
        twins.ledger().of(effect::ORDER_CREATED).any(|one| one.key.contains(number.as_str()))
    };
    life.until(|world| made(&world.twins)).await.expect("a life");
    let since = scene.world.now();
    assert!(scene.world.twins.leave_open(&number, (since + Span::hours(5)).0));
    life.until(|world| world.now() >= since + Span::minutes(110)).await.expect("a life");
    assert_eq!(held(&life).await, Vec::new(), "nobody is asked at once");
    life.until(|world| world.now() >= since + Span::minutes(130)).await.expect("a life");
    let holds = held(&life).await;
    assert_eq!(holds.len(), 1, "{holds:?}");
    assert!(holds[0].0 == number && holds[0].1.contains(&number), "{holds:?}");
    let set = scene.world.twins.ledger().of(effect::DELIVER_NOW_SET).cloned().collect::<Vec<_>>();
    let (own, others): (Vec<_>, Vec<_>) =
        set.into_iter().filter(|one| one.at > since.0).partition(|one| one.key == number);
    assert!(own.is_empty(), "the order is open: {own:?}");
    assert!(others.len() > 5, "it stops nobody");
    life.run(super::LIFE).await.expect("a quiet world");
    assert_eq!(held(&life).await, Vec::new(), "it closes when the write goes through");
    life.stop().await;
    told(&unharmed(&scene, &clean).await, "has been open in Dynamics since");
}
