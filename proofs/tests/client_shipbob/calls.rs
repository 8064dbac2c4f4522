//! Every call once, and the answers of the strict server.

use super::{Pair, config, order, pair, references, tenant};
use domain::ids::ShipBobOrderId;
use domain::time::{Span, Timestamp};
use domain::warehouse::{ShipmentStatus, WarehouseOrder};
use shipbob::{CallError, CancelReply, CreateReply, Failure};
use std::collections::BTreeSet;
use std::sync::Arc;
use transport::gate::NoLimit;
use twins::TwinConfig;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

async fn created(pair: &Pair, reference: &str) -> WarehouseOrder {
    match pair.client.create_order(&order(reference)).await {
        CreateReply::Created(order) => *order,
        other => panic!("{reference}: {other:?}"),
    }
}

fn pass(pair: &Pair, micros: i64) {
    pair.twins.advance(pair.twins.now() + micros);
}

#[tokio::test]
async fn the_probe_finds_one_write_channel_and_the_mapped_centres_and_methods() {
    let pair = pair(config());
    let reference = pair.client.probe().await.expect("a reference");
    let writing: Vec<i64> =
        reference.channels.iter().filter(|c| c.writes()).map(|c| c.id.0).collect();
    assert_eq!(writing, [pair.twins.credentials().channel_id]);
    assert_eq!(reference.channels.len(), 3);
    for row in pair.twins.mapping().warehouses {
        assert!(
            reference
                .centres
                .iter()
                .any(|(id, name)| id.0 == row.centre_id && name == row.centre_name)
        );
    }
    for (_, method) in pair.twins.mapping().modes {
        assert!(reference.methods.contains(method), "{method}");
    }
}

#[tokio::test]
async fn a_created_order_reads_back_as_it_was_sent() {
    let pair = pair(config());
    let wanted = order("usmf-SO/1'é-1-1");
    let made = match pair.client.create_order(&wanted).await {
        CreateReply::Created(order) => *order,
        other => panic!("{other:?}"),
    };
    let by_reference = pair.client.find_by_reference(std::slice::from_ref(&wanted.reference)).await;
    assert_eq!(by_reference, Ok(vec![made.clone()]));
    assert_eq!(pair.client.orders(&[made.id, ShipBobOrderId(1)]).await, Ok(vec![made.clone()]));
    assert_eq!(made.recipient, wanted.recipient);
    assert_eq!((&made.reference, &made.method), (&wanted.reference, &wanted.method));
    assert_eq!(made.number, wanted.order_number);
    assert_eq!(made.channel, Some(pair.client.channel()));
    assert_eq!((made.products[0].sku.as_str(), made.products[0].quantity), ("A0001", 2));
    assert_eq!(made.products[0].external_line_id, Some(1));
    assert!(!made.shipments.is_empty());
}

#[tokio::test]
async fn a_duplicate_reference_is_named_in_both_bodies() {
    for name in ["standard", "duplicate-body-b"] {
        let pair = pair(tenant(name));
        created(&pair, "usmf-X-1-1-1").await;
        let again = pair.client.create_order(&order("usmf-X-1-1-1")).await;
        assert!(matches!(again, CreateReply::Duplicate { sure: true, .. }), "{name}: {again:?}");
        assert!(pair.twins.ledger().created_more_than_once().is_empty());
    }
}

#[tokio::test]
async fn a_business_rule_is_not_called_a_sure_duplicate() {
    let pair = pair(config());
    let mut wrong = order("usmf-X-1-1-1");
    wrong.centre = Some(domain::ids::CentreId(999));
    let reply = pair.client.create_order(&wrong).await;
    assert!(
        matches!(&reply, CreateReply::Duplicate { sure: false, why } if why.contains("999")),
        "{reply:?}"
    );
    let mut wrong = order("usmf-X-2-1-1");
    wrong.recipient.city = String::new();
    let reply = pair.client.create_order(&wrong).await;
    assert!(matches!(&reply, CreateReply::Refused { status: 400, .. }), "{reply:?}");
    assert_eq!(pair.client.find_by_reference(&references(0..3)).await, Ok(vec![]));
}

#[tokio::test]
async fn a_wrong_token_and_a_missing_scope_are_told_apart() {
    let pair = pair(config());
    let stranger = super::client(&pair.twins, Arc::new(NoLimit), Some("not the token"));
    let reply = stranger.create_order(&order("usmf-X-1-1-1")).await;
    assert!(
        matches!(reply, CreateReply::Failed(Failure::NoAccess { status: 401, .. })),
        "{reply:?}"
    );
    assert!(matches!(stranger.probe().await, Err(CallError::NoAccess { status: 401, .. })));
    let poor = TwinConfig { shipbob_scopes: Some(vec!["products_read".to_owned()]), ..config() };
    let pair = super::pair(poor);
    let reply = pair.client.create_order(&order("usmf-X-1-1-1")).await;
    assert!(
        matches!(reply, CreateReply::Failed(Failure::NoAccess { status: 403, .. })),
        "{reply:?}"
    );
    let error = pair.client.orders(&[ShipBobOrderId(1)]).await.expect_err("no scope");
    assert!(error.to_string().contains("missing scope"), "{error}");
}

#[tokio::test]
async fn cancelling_says_what_happened() {
    let pair = pair(config());
    let made = created(&pair, "usmf-X-1-1-1").await;
    assert_eq!(pair.client.cancel_order(made.id).await, CancelReply::Cancelled);
    assert!(pair.client.orders(&[made.id]).await.expect("read")[0].cancelled());
    let again = pair.client.cancel_order(made.id).await;
    assert!(matches!(again, CancelReply::TooLate { .. }), "{again:?}");
    assert_eq!(pair.client.cancel_order(ShipBobOrderId(7)).await, CancelReply::Gone);
    let shipped = created(&pair, "usmf-X-2-1-1").await;
    pass(&pair, 2 * DAY);
    let now = pair.client.orders(&[shipped.id]).await.expect("read");
    assert!(now[0].shipments.iter().any(domain::warehouse::Shipment::left), "{now:?}");
    let late = pair.client.cancel_order(shipped.id).await;
    assert!(matches!(late, CancelReply::TooLate { .. }), "{late:?}");
}

#[tokio::test]
async fn a_life_is_read_from_label_to_delivery_and_acknowledged() {
    let pair = pair(config());
    let made = created(&pair, "usmf-X-1-1-1").await;
    pass(&pair, 6 * DAY);
    let order = &pair.client.orders(&[made.id]).await.expect("read")[0];
    let shipment = order.shipments.last().expect("a shipment");
    assert_eq!(shipment.status, ShipmentStatus::Completed, "{order:?}");
    assert!(shipment.number().is_some() && shipment.is_delivered());
    let eaches: i64 = shipment.products.iter().flat_map(|p| &p.items).map(|i| i.quantity).sum();
    assert_eq!((shipment.products[0].sku.as_str(), eaches), ("A0001", 2));
    assert!(order.last_update() > made.last_update());
    let unknown = domain::ids::ShipmentId(3);
    let results = pair.client.ack_tracking(&[shipment.id, unknown]).await.expect("results");
    assert_eq!(results[0], (shipment.id, Ok(())));
    assert!(results[1].1.is_err());
    let order = &pair.client.orders(&[made.id]).await.expect("read")[0];
    assert!(order.shipments.iter().any(|s| s.id == shipment.id && s.tracking_uploaded));
}

#[tokio::test]
async fn a_poll_window_gives_every_change_once_with_and_without_paging_headers() {
    for name in ["standard", "paging-headers-missing"] {
        let pair = pair(tenant(name));
        let from = Timestamp(pair.twins.now());
        let wanted = references(0..510);
        for reference in &wanted {
            created(&pair, reference.as_str()).await;
        }
        let to = Timestamp(pair.twins.now());
        let mut seen = BTreeSet::new();
        let mut page = 1;
        loop {
            let got = pair.client.poll_orders(from, to, page).await.expect("a page");
            assert_eq!(got.unreadable, 0);
            seen.extend(got.orders.into_iter().map(|o| o.reference));
            if !got.more {
                break;
            }
            page += 1;
        }
        assert_eq!(seen, wanted.iter().cloned().collect(), "{name}");
        let later = to + Span::seconds(2);
        let none =
            pair.client.poll_orders(later, later + Span::seconds(9), 1).await.expect("a page");
        assert!(none.orders.is_empty() && !none.more);
        let found = pair.client.find_by_reference(&wanted).await.expect("found");
        assert_eq!(found.len(), 510);
    }
}

#[tokio::test]
async fn other_channels_orders_are_not_ours() {
    let pair = pair(TwinConfig { pasted: 5, ..config() });
    let from = Timestamp(pair.twins.now() - 30 * DAY);
    let page = pair.client.poll_orders(from, Timestamp(pair.twins.now()), 1).await.expect("a page");
    assert!(page.orders.is_empty(), "{:?}", page.orders);
}

#[tokio::test]
async fn products_are_read_with_case_variants_and_recipes() {
    let pair = pair(config());
    let skus = ["A0001", "TS100-Red-S", "KIT01", "mix-case-1", "NEW-0001", "odd,sku", "A'/&?#1"];
    let items = pair.client.products(&skus.map(str::to_owned)).await.expect("items");
    let found: Vec<&str> = items.iter().map(|i| i.sku.as_str()).collect();
    assert_eq!(found, ["A0001", "KIT01", "MIX-CASE-1", "TS100-Red-S"]);
    assert!(items.iter().all(|i| i.active));
    let kit = &items[1];
    assert!(kit.bundle);
    let mut pieces: Vec<i64> = kit.components.iter().map(|(_, n)| *n).collect();
    pieces.sort_unstable();
    assert_eq!(pieces, [1, 1, 2]);
    assert!(kit.components.iter().any(|(id, _)| Some(*id) == items[0].inventory_id));
}
