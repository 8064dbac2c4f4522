//! Bad input and faults, by name.
//!
//! Goal: none of them loses, doubles or blocks anything, and each leaves a trail entry. Method: a small world is lived
//! through with one kind of trouble; what stands in both systems at the end must be what stands there without it.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

#[path = "bad_input/in_hands.rs"]
mod in_hands;
#[path = "bad_input/network.rs"]
mod network;
#[path = "bad_input/storage.rs"]
mod storage;
#[path = "bad_input/webhooks.rs"]
mod webhooks;

use domain::time::Span;
use proofs::{Scene, Setup, Verdict};
use store::{TrailFilter, TrailRow};

const LIFE: Span = Span::days(30);

fn setup() -> Setup {
    Setup::new(51, 24)
}

async fn clean() -> Verdict {
    Scene::new(setup()).await.proven().await
}

/// Everything as intended, and nothing to be seen of the trouble but in the trail.
async fn unharmed(scene: &Scene, clean: &Verdict) -> Vec<TrailRow> {
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
    scene.assert_same(clean, &verdict);
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    let filter = TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 5_000).await.expect("a trail");
    drop(reader);
    store.close().await;
    rows
}

/// Some entry of the trail says so.
fn told(trail: &[TrailRow], words: &str) {
    let found =
        trail.iter().any(|row| row.entry.why.as_deref().unwrap_or_default().contains(words));
    let whats: std::collections::BTreeSet<&str> =
        trail.iter().map(|r| r.entry.what.as_str()).collect();
    assert!(found, "no trail entry says {words:?}; there are {whats:?}");
}
