//! Every stored decision can be made again.

use app::rig::scope;
use domain::replay::{replay, under};
use domain::settings::Settings;
use proofs::{Scene, Setup};
use twins::FaultLevel;

#[tokio::test]
async fn every_decision_of_a_bad_life_is_reproduced_bit_for_bit() {
    let scene = Scene::new(Setup::new(81, 40).faults(FaultLevel::Heavy)).await;
    let verdict = scene.proven().await;
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a reader");
    let row = reader.settings(&scope()).await.expect("settings").expect("they were recorded");
    let recorded: Settings = serde_json::from_str(&row.document).expect("settings");
    let mut closed = recorded.clone();
    closed.cut_off = None;
    let (mut made, mut changed) = (0, 0);
    for order in &verdict.truth.orders {
        for plan in reader.plans_of(&scope(), &order.order_number, 1_000).await.expect("plans") {
            let plan = reader.plan(&scope(), plan.id).await.expect("a plan").expect("it is there");
            assert_eq!(plan.settings_version, recorded.version);
            let (facts, outcome) = (plan.facts.expect("facts"), plan.outcome.expect("an outcome"));
            let again = replay(&facts, &outcome, &recorded).expect("it can be read");
            assert!(again.same, "{} plan {}: {:?}", order.order_number, plan.id, again.unlike);
            made += 1;
            let other = under(&facts, &closed).expect("it can be read");
            changed += usize::from(!domain::replay::difference(&again.again, &other).is_empty());
        }
    }
    drop(reader);
    store.close().await;
    println!("{made} decisions made again; {changed} of them fall otherwise without a cut-off");
    assert!(made > 150 && changed > 0, "{made} {changed}");
}
