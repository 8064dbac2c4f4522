//! A database that is locked, or a disk that is full.

use crate::{LIFE, clean, setup, told, unharmed};
use proofs::{Disturbed, Faults, Scene, StoreFault};
use std::sync::Arc;
use store::FaultAction;

async fn bears(choose: StoreFault) {
    let clean = clean().await;
    let scene = Scene::new(setup()).await;
    let faults = Arc::new(Disturbed::new(choose));
    let life =
        scene.start_with(Faults { store: Some(Arc::clone(&faults) as _), network: None }).await;
    let run = life.run(LIFE).await;
    life.stop().await;
    assert!(run.is_ok(), "{run:?}; replay: {}", scene.setup.replay());
    assert!(faults.hits().len() > 10, "it was disturbed: {:?}", faults.hits());
    told(&unharmed(&scene, &clean).await, "The database did not answer");
}

#[tokio::test]
async fn a_database_that_is_locked_now_and_then_does_no_harm() {
    // Scattered: a rhythm could fall on the same commit for ever. One day it is over, or there would be no quiet.
    bears(|step| match (step.number.wrapping_mul(2_654_435_761) >> 16) & 3 {
        0 if step.number < 500 => FaultAction::Error,
        _ => FaultAction::Proceed,
    })
    .await;
}

#[tokio::test]
async fn a_disk_that_is_full_for_a_while_does_no_harm() {
    bears(|step| {
        let full = (30..60).contains(&step.number) || (100..130).contains(&step.number);
        if full { FaultAction::Error } else { FaultAction::Proceed }
    })
    .await;
}

#[tokio::test]
async fn outcomes_that_cannot_be_recorded_are_looked_up() {
    bears(|step| match step.name {
        "courier.record" if step.number % 3 == 0 => FaultAction::Error,
        _ => FaultAction::Proceed,
    })
    .await;
}
