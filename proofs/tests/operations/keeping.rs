//! What is old goes, what is open stays, and nobody outside can see it.

use super::trail;
use app::rig::scope;
use domain::retention::Retention;
use domain::time::Span;
use proofs::{Faults, Scene, Setup, Verdict};
use store::TrailFilter;

fn shortest() -> Retention {
    let days = |n| Some(Span::days(n));
    Retention {
        signals: days(7),
        plans: days(7),
        holds: days(30),
        attempts: days(30),
        personal: days(30),
        trail: days(365),
    }
}

#[tokio::test]
async fn after_two_years_what_is_closed_is_gone_and_what_is_open_is_not() {
    let scene = Scene::new(Setup::new(71, 40)).await;
    let wanted = scene.proven().await;
    let counted = trail(&scene.open(None).await, None).await.len();
    // A year and a bit, most of it slept through: what counts is the age of the rows.
    scene.world.advance(scene.world.now() + Span::days(400));
    let keep = |options: &mut engine::Options| options.retention = Some(shortest());
    let life = scene.start_as(Faults::default(), keep).await;
    life.run(Span::days(3)).await.expect("quiet");
    let until = scene.world.now() + Span::hours(30);
    life.until(|world| world.now() >= until).await.expect("a night");

    let mut reader = life.store.read().await.expect("a reader");
    let report = reader.trail_verify(&scope()).await.expect("a trail");
    assert_eq!(report.broken, None, "the chain goes on from its archived head");
    let filter = TrailFilter::default();
    let rows = reader.trail(&scope(), &filter, None, 10_000).await.expect("a trail");
    let told: Vec<&str> = rows.iter().map(|row| row.entry.what.as_str()).collect();
    assert!(told.contains(&"retention"), "{told:?}");
    let all: Vec<String> = wanted.truth.orders.iter().map(|o| o.order_number.clone()).collect();
    let gone = reader.erased(&scope(), &all).await.expect("an answer");
    let held: Vec<&String> = wanted.holds.keys().collect();
    println!(
        "{counted} entries before, {} after, archived {:?}; {} of {} orders without personal data, {} held",
        rows.len(),
        report.archived,
        gone.len(),
        all.len(),
        held.len()
    );
    assert!(gone.len() > all.len() / 2, "closed orders lose their personal data");
    assert!(held.iter().all(|order| !gone.contains(*order)), "open work keeps everything");
    drop(reader);
    let found = Verdict::read(&scene.world.twins, &life.store).await;
    life.stop().await;
    scene.assert_same(&wanted, &found);
    let still = wanted.holds.keys().all(|order| found.holds.contains_key(order));
    assert!(still, "what waited for a person still waits");
}
