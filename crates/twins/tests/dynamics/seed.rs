use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::{Client, config};
use twins::{Outcome, Twins};

#[tokio::test]
async fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let projection = |seed: u64| {
        Twins::new(twins::TwinConfig { seed, ..config("standard") }).projection().sha256()
    };
    assert_eq!(projection(7), projection(7));
    assert_ne!(projection(7), projection(8));
}

#[tokio::test]
async fn a_smaller_world_is_a_prefix_of_a_larger_one() {
    let truth = |orders: u32| {
        Twins::new(twins::TwinConfig { orders, pasted: 0, ..config("standard") }).truth().orders
    };
    assert_eq!(truth(40)[..], truth(300)[..40]);
}

#[tokio::test]
async fn every_kind_of_hold_and_of_ignored_order_occurs_in_three_hundred() {
    let truth = Twins::new(config("standard")).truth();
    let causes: BTreeSet<&str> = truth
        .orders
        .iter()
        .filter_map(|order| match &order.outcome {
            Outcome::Held(cause) | Outcome::Ignored(cause) => Some(cause.as_str()),
            Outcome::Sent => None,
        })
        .collect();
    for cause in [
        "method-unmapped",
        "sku-unknown",
        "unit-unknown",
        "stopped",
        "credit-hold",
        "before-cut-off",
        "other-warehouse",
    ] {
        assert!(causes.contains(cause), "{cause} is missing");
    }
    assert!(truth.orders.iter().any(|order| order.racing));
    assert_eq!(truth.orders.iter().filter(|order| order.category == "pasted").count(), 3);
}

#[tokio::test]
async fn awkward_orders_are_awkward_in_the_rows() {
    let client = Client::standard().await;
    let line = |row: &Value, field: &str| row["SalesOrderLines"][0][field].clone();
    let umlauts = client.header(&client.of_category("umlauts")).await;
    assert!(umlauts["DeliveryAddressName"].as_str().expect("name").contains('ü'));
    assert_eq!(umlauts["DeliveryModeCode"], "INTL");
    let streets = client.header(&client.of_category("two-line-street")).await;
    assert!(streets["DeliveryAddressStreet"].as_str().expect("street").contains('\n'));
    let territory = client.header(&client.of_category("puerto-rico")).await;
    assert_eq!(
        (
            &territory["DeliveryAddressCountryRegionId"],
            &territory["DeliveryAddressCountryRegionISOCode"]
        ),
        (&"PRI".into(), &"PR".into())
    );
    assert_eq!(
        line(&client.header(&client.of_category("box-unit")).await, "SalesUnitSymbol"),
        "box"
    );
    assert_eq!(
        client.header(&client.of_category("fraction")).await["SalesOrderLines"][0]["OrderedSalesQuantity"],
        1.5
    );
    let many = client.header(&client.of_category("many-lines")).await;
    assert!(many["SalesOrderLines"].as_array().expect("lines").len() > 10);
    let direct = client.bi("SalesLineBiEntities", &client.of_category("direct-delivery")).await;
    assert!(direct.iter().any(|line| line["DeliveryType"] == "DropShip"));
    let full = client.bi("SalesLineBiEntities", &client.of_category("fully-delivered")).await;
    assert!(full.iter().all(|line| line["RemainSalesPhysical"] == 0));
    let partly = client.of_category("partly-delivered");
    let slip = client.bi("CustPackingSlipTransBiEntities", &partly).await;
    assert_eq!(
        (slip[0]["PackingSlipId"].as_str(), slip[0]["Qty"].as_i64()),
        (Some(format!("{partly}_1").as_str()), Some(2))
    );
    let lots: BTreeSet<String> = many["SalesOrderLines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            line["ItemNumber"].to_string()
                + &line["ProductColorId"].to_string()
                + &line["ProductSizeId"].to_string()
        })
        .collect();
    assert_eq!(lots.len(), many["SalesOrderLines"].as_array().expect("lines").len());
}

#[tokio::test]
async fn a_running_stream_brings_new_orders() {
    let twins = Twins::new(twins::TwinConfig {
        orders: 10,
        pasted: 0,
        stream_forever: true,
        ..config("standard")
    });
    twins.advance(twins.now() + 60_000_000);
    assert!(twins.truth().orders.len() > 15);
}
