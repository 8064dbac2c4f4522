//! The whole life of orders on both twins, in virtual time.
//!
//! Goal: every order of an awkward world ends as the world intended, and how the way there looked - webhooks or polls,
//! a fast or a slow warehouse, a good or a bad network - cannot be seen in what stands in both systems at the end.

use proofs::{Scene, Setup};
use twins::FaultLevel;

const ORDERS: u32 = 300;

#[tokio::test]
async fn every_order_of_a_clean_world_ends_as_the_world_intended() {
    let scene = Scene::new(Setup::new(7, ORDERS)).await;
    let verdict = scene.proven().await;
    println!("{:?}", verdict.ledger.effects());
    println!("{:#?}", verdict.ledger.endpoints);
    println!("{}", verdict.sha());
}
