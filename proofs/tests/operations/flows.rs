//! What people are told of the flows: which are on, when each was last through, and when it runs next.

use super::{ask, until};
use app::face::Pulse;
use app::rig::scope;
use console::{Books, EngineStatus, FlowSnapshot, StoreBooks};
use domain::inbound::Returns;
use domain::operation::Flow;
use domain::settings::Billing;
use domain::stock::Inventory;
use domain::time::{Span, Timestamp};
use engine::{Target, Verb};
use proofs::{Life, Scene, Setup};
use std::sync::Arc;

const ON: [Flow; 5] =
    [Flow::Orders, Flow::Fulfilment, Flow::Inventory, Flow::Billing, Flow::Returns];

fn told(life: &Life) -> Vec<FlowSnapshot> {
    let rig = &life.rig;
    Pulse::new(Arc::clone(&rig.engine), rig.gates.clone(), "proof").snapshot().flows
}

fn of(life: &Life, flow: Flow) -> FlowSnapshot {
    told(life).into_iter().find(|one| one.flow == flow).expect("a row")
}

async fn last_run(life: &Life, flow: Flow) -> Option<Timestamp> {
    let books = StoreBooks::new(life.store.clone(), scope());
    let facts = books.flows(life.rig.world.now()).await.expect("facts");
    facts.into_iter().find(|one| one.flow == flow)?.last_run.map(|at| at.0)
}

#[tokio::test]
async fn every_flow_that_is_on_tells_the_run_that_was_and_the_run_that_comes() {
    let mut setup = Setup::new(61, 6).billing().returns();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.products = None;
    scene.settings.inventory = Some(Inventory::default());
    scene.settings.billing = Some(Billing { every_minutes: 30, ..Billing::default() });
    scene.settings.returns = Some(Returns::default());
    let began = scene.world.now();
    let life = scene.start().await;
    until(&life, began + Span::minutes(40)).await;
    let flows: Vec<Flow> = told(&life).iter().map(|one| one.flow).collect();
    assert_eq!(flows, ON, "products are off, the rest is on");
    for flow in ON {
        let (now, row) = (scene.world.now(), of(&life, flow));
        assert_eq!(row.last_error, None, "{flow:?}");
        let ran = last_run(&life, flow).await.expect("it ran");
        assert!(ran >= began && ran <= now, "{flow:?} ran at {ran}");
        let next = row.next_run.expect("it runs again").0;
        assert!(next > ran, "{flow:?}: {next} is not after {ran}");
        assert!(!row.paused && !row.running && row.waits_for.is_none(), "{row:?}");
    }
    // What was promised is kept.
    for flow in [Flow::Orders, Flow::Fulfilment, Flow::Returns, Flow::Billing] {
        let next = of(&life, flow).next_run.expect("a moment").0;
        until(&life, next + Span::seconds(2)).await;
        let ran = last_run(&life, flow).await.expect("it ran");
        assert!(ran >= next, "{flow:?} was told for {next} and ran at {ran}");
    }
    ask(&life.store, scene.world.now(), Verb::Pause, Target::Flow("inventory".to_owned())).await;
    life.moment().await.expect("a moment");
    let row = of(&life, Flow::Inventory);
    assert!(row.paused && row.next_run.is_none(), "{row:?}");
    let before = last_run(&life, Flow::Billing).await.expect("it ran");
    ask(&life.store, scene.world.now(), Verb::RunNow, Target::Flow("billing".to_owned())).await;
    life.moment().await.expect("a moment");
    assert!(last_run(&life, Flow::Billing).await.expect("it ran") > before, "run now ran nothing");
    life.stop().await;
}
