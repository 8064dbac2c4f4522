//! Reads: reference data, changes, whole orders.

use crate::rig::Rig;
use domain::ids::SalesOrderNumber;
use domain::sales::{DocumentStatus, SalesStatus};
use domain::time::{Span, Timestamp};
use dynamics::{CallError, ChangeCursors};
use rust_decimal::Decimal;
use twins::{System, TwinConfig};

#[tokio::test]
async fn the_probe_reads_the_reference_data_and_the_rights_of_the_environment() {
    let rig = Rig::new(20);
    let found = rig.dynamics.probe(rig.now()).await.expect("a probe");
    assert!(found.companies.contains("usmf"));
    let warehouse =
        |id: &str| found.warehouses.iter().find(|w| w.id.same_as(id)).expect("a warehouse");
    assert!(!warehouse("SB01").advanced && !warehouse("SB01").external);
    assert!(warehouse("WH01").advanced && warehouse("EX01").external);
    assert!(found.modes.contains("STD") && found.modes.contains("EXP2"));
    assert!(found.pools.contains("SHIPBOB"));
    assert!(found.carrier_services.contains(&("UPS".to_owned(), "GROUND".to_owned())));
    assert_eq!(found.countries.get("USA").map(String::as_str), Some("US"));
    let dozen = found
        .conversions
        .iter()
        .find(|c| c.from == "dz" && c.to == "ea" && c.product.is_empty())
        .expect("dozen to each");
    assert_eq!(dozen.numerator / dozen.denominator, Decimal::from(12));
    assert!(found.conversions.iter().any(|c| c.from == "box" && !c.product.is_empty()));
    let may = &found.capabilities;
    assert_eq!((may.tracking_insert, may.deliver_now_edit), (Some(true), Some(true)));
    assert_eq!(
        (may.pool_edit, may.carrier_edit, may.note_write),
        (Some(true), Some(true), Some(true))
    );
}

#[tokio::test]
async fn what_a_tenant_cannot_do_is_told_by_the_probe() {
    let ask = async |tenant: &str| {
        let rig = Rig::tenant(tenant, 5);
        rig.dynamics.probe(rig.now()).await.expect("a probe").capabilities
    };
    assert_eq!(ask("tracking-read-only").await.tracking_insert, Some(false));
    assert_eq!(ask("deliver-now-read-only").await.deliver_now_edit, Some(false));
    assert_eq!(ask("pool-read-only").await.pool_edit, Some(false));
}

#[tokio::test]
async fn every_order_of_the_seed_comes_back_whole_with_one_call() {
    let rig = Rig::new(300);
    rig.pass(Span::seconds(1));
    let numbers = rig.numbers();
    let before = rig.twins.ledger().requests(System::Dynamics);
    let reads = rig.dynamics.read_orders(rig.now(), &numbers).await.expect("a read");
    assert_eq!(rig.twins.ledger().requests(System::Dynamics) - before, 1);
    assert!(reads.unread.is_empty(), "{:?}", reads.unread);
    assert_eq!(reads.read.len(), numbers.len());
    for read in &reads.read {
        let order = read.order.as_ref().unwrap_or_else(|| panic!("{} is missing", read.number));
        assert!(order.company.same_as("usmf"));
        assert!(!order.lines.is_empty() && !order.etag.is_empty(), "{}", read.number);
        assert!(order.lines.iter().all(|l| !l.etag.is_empty() && !l.sku.is_empty()));
        assert!(order.lines.windows(2).all(|w| w[0].sequence < w[1].sequence));
        // Numbers are shared with another company: its lines must not be among ours.
        assert!(order.lines.iter().all(|l| !l.lot.as_str().starts_with("DE-")));
    }
}

#[tokio::test]
async fn awkward_orders_keep_what_makes_them_awkward() {
    let rig = Rig::new(300);
    rig.pass(Span::seconds(1));
    let read = async |category: &str| rig.order(&rig.number_of(category)).await;
    assert!(read("stopped").await.stopped);
    assert!(read("credit-hold").await.credit_hold);
    assert_eq!(read("journal").await.sales_type, "Journal");
    assert!(read("two-line-street").await.address.street.contains('\n'));
    assert!(read("odd-number").await.number.as_str().contains(['\'', '/']));
    assert!(read("direct-delivery").await.lines.iter().any(|l| l.direct_delivery));
    assert!(read("service-line").await.lines.iter().any(|l| !l.stocked));
    assert!(read("blocked-line").await.lines.iter().any(|l| l.blocked));
    assert!(read("fraction").await.lines.iter().any(|l| l.ordered == Decimal::new(15, 1)));
    assert!(read("negative-line").await.lines.iter().any(|l| l.ordered < Decimal::ZERO));
    assert!(read("partly-delivered").await.lines.iter().any(|l| l.remaining < l.ordered));
    let full = read("fully-delivered").await;
    assert!(
        full.status != SalesStatus::Backorder || full.lines.iter().all(|l| l.remaining.is_zero())
    );
    let lines = read("two-addresses").await.lines;
    assert!(lines.windows(2).any(|w| w[0].address != w[1].address));
    let lines = read("two-warehouses").await.lines;
    assert!(lines.windows(2).any(|w| w[0].warehouse != w[1].warehouse));
    assert!(matches!(
        read("ordinary").await.document_status,
        DocumentStatus::Confirmation | DocumentStatus::PickingList | DocumentStatus::None
    ));
}

#[tokio::test]
async fn an_order_that_is_not_there_is_told_and_a_company_that_is_not_visible_is_not_taken_for_it()
{
    let rig = Rig::new(10);
    let number = SalesOrderNumber::new("SO-NOT-THERE");
    let reads = rig.dynamics.read_orders(rig.now(), &[number]).await.expect("a read");
    assert_eq!(reads.read[0].order, None);
    let blind = Rig::new(0);
    let number = SalesOrderNumber::new("SO-000001");
    let error = blind.dynamics.read_orders(blind.now(), &[number]).await;
    assert!(matches!(error, Err(CallError::NoAccess { .. })), "{error:?}");
}

#[tokio::test]
async fn a_sweep_in_small_pages_sees_every_released_order_and_a_quiet_environment_costs_nothing() {
    let config = TwinConfig { orders: 120, release_span_secs: 1_800, ..TwinConfig::default() };
    let rig = Rig::with(config, 17);
    let mut cursors = ChangeCursors::start(Timestamp(rig.twins.now() - Span::days(30).0));
    let mut seen = std::collections::BTreeSet::new();
    // Rows commit up to minutes late: polls in between must not lose them.
    for _ in 0..80 {
        rig.pass(Span::seconds(31));
        let found = rig.sweep(&mut cursors).await;
        seen.extend(found.orders);
        // What is stored is what the next process starts from.
        let text = serde_json::to_string(&cursors).expect("JSON");
        cursors = serde_json::from_str(&text).expect("JSON");
    }
    let mut missing = Vec::new();
    for number in rig.numbers() {
        let order = rig.order(&number).await;
        if order.document_status != DocumentStatus::None && !seen.contains(number.as_str()) {
            missing.push(number);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert!(seen.len() > 100);
}

#[tokio::test]
async fn the_stamps_of_a_server_with_a_wrong_clock_do_not_disturb_the_cursor() {
    let rig = Rig::tenant("clock-skew", 40);
    let mut cursors = ChangeCursors::start(Timestamp(rig.twins.now() - Span::days(30).0));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        rig.pass(Span::seconds(60));
        seen.extend(rig.sweep(&mut cursors).await.orders);
    }
    assert!(rig.numbers().iter().filter(|n| seen.contains(n.as_str())).count() >= 35);
}

#[tokio::test]
async fn a_token_outlives_neither_its_time_nor_a_refusal() {
    let rig = Rig::new(5);
    let numbers = rig.numbers();
    let tokens = || rig.twins.ledger().requests(System::Entra);
    for _ in 0..3 {
        rig.dynamics.read_orders(rig.now(), &numbers).await.expect("a read");
    }
    assert_eq!(tokens(), 1);
    rig.pass(Span::hours(2));
    rig.dynamics.read_orders(rig.now(), &numbers).await.expect("a read");
    assert_eq!(tokens(), 2);
}
