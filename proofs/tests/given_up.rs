//! A create that arrives after everybody has stopped waiting for it: a process stood still with its bytes unsent, longer
//! than *settle*. Meanwhile a clerk has changed the order, so that another body is wanted under the same reference.
//!
//! Goal: what then stands at ShipBob is known to be ours and is brought to what F&O wants, without a person.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

use domain::time::Span;
use proofs::{Blow, Choose, Ordeal, Scene, Setup, Step, Steps};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Store, TrailFilter};
use twins::Fate;

/// A clerk's change is seen before ShipBob is asked what is new there.
const POLL: Span = Span::minutes(4);

/// One order, made smaller by a clerk before the warehouse picks it.
fn setup() -> Setup {
    let mut setup = Setup::new(5, 1);
    setup.config.cast = vec![("quantity-reduced", Fate::EditEarly)];
    setup
}

/// The first create arrives this late, and nobody hears of it; the next ones before `first_out` do not get out of the
/// house.
fn first_create_late(by: Span, first_out: u32) -> Choose {
    let creates = AtomicU32::new(0);
    Box::new(move |_, step| match step {
        Step::Send(_, "create-order") => match creates.fetch_add(1, Ordering::SeqCst) {
            0 => Some(Blow::Late(by)),
            n if n + 1 < first_out => Some(Blow::Error),
            _ => None,
        },
        _ => None,
    })
}

async fn told(store: &Store) -> String {
    let mut reader = store.read().await.expect("a database that answers");
    let rows = reader
        .trail(&app::rig::scope(), &TrailFilter::default(), None, 500)
        .await
        .expect("a trail");
    let words = |row: &store::TrailRow| {
        let (at, one) = (row.entry.at.to_rfc3339(), &row.entry);
        format!("{at} {}: {}", one.what, one.why.as_deref().unwrap_or_default())
    };
    rows.iter().rev().map(words).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_create_that_was_given_up_and_arrives_all_the_same_is_adopted_and_changed() {
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    let first = Scene::new(setup()).await;
    let wanted = first.again(setup()).proven().await;
    for (first_out, poll) in [(12, None), (200, Some(POLL))] {
        for late in (60..120).step_by(8) {
            let mut scene = first.again(setup());
            if let Some(poll) = poll {
                scene.setup.webhooks = false;
                scene.settings.schedule.shipbob_poll = poll;
            }
            let choose = first_create_late(Span::seconds(late), first_out);
            let steps = Steps::new(scene.world.clock(), choose);
            let ordeal = Ordeal::new(scene, steps, Span::minutes(40), Span::days(12));
            let (verdict, store) = ordeal.run().await.expect("a life that ends");
            let words = told(&store).await;
            store.close().await;
            let end = if words.contains("is what was sent before") {
                "found by a look-up"
            } else if words.contains(" withdrawn: ") {
                "seen by a poll"
            } else {
                "still wanted as it was sent"
            };
            *ends.entry(end).or_default() += 1;
            let what = format!("{late} s late, create {first_out} gets out: {words}");
            assert!(verdict.faults().is_empty(), "{:?}\n{what}", verdict.faults());
            assert!(verdict.holds.is_empty(), "a person is asked: {:?}\n{what}", verdict.holds);
            assert_eq!(verdict.sha(), wanted.sha(), "{what}");
        }
    }
    println!("{ends:?}");
    assert_eq!(ends.len(), 3, "a way was never gone: {ends:?}");
}
