//! Writes: each one, repeated, refused, and in company.

use crate::rig::Rig;
use domain::ids::SalesOrderNumber;
use domain::operation::{DeliverNow, Operation};
use domain::sales::SalesOrder;
use domain::time::Span;
use dynamics::{ChangeCursors, WriteReply};
use rust_decimal::Decimal;
use twins::effect;

const GUID: &str = "6fa459ea-ee8a-5ca4-894e-db77e160355e";

pub(crate) fn note(
    order: &SalesOrder,
    text: &str,
    existing: Option<(String, String)>,
) -> Operation {
    Operation::WriteNote {
        order: order.number.clone(),
        description: "ShipBob shipment 901".to_owned(),
        text: text.to_owned(),
        existing,
        document_id: GUID.to_owned(),
    }
}

/// Target for the first line, zero for the others; the batch's pool where it is not set yet.
pub(crate) fn deliver_now(order: &SalesOrder, first: Decimal) -> Operation {
    let lines = order.lines.iter().enumerate().map(|(n, line)| DeliverNow {
        lot: line.lot.clone(),
        quantity: if n == 0 { first } else { Decimal::ZERO },
        etag: line.etag.clone(),
    });
    let pool = (order.pool != "SHIPBOB").then(|| ("SHIPBOB".to_owned(), order.etag.clone()));
    Operation::SetDeliverNow { order: order.number.clone(), lines: lines.collect(), pool }
}

pub(crate) fn carrier(order: &SalesOrder, carrier: &str, service: &str) -> Operation {
    Operation::SetCarrier {
        order: order.number.clone(),
        carrier: carrier.to_owned(),
        service: service.to_owned(),
        etag: order.etag.clone(),
    }
}

async fn write(rig: &Rig, operation: Operation) -> WriteReply {
    rig.dynamics.write(rig.now(), &[operation]).await.remove(0)
}

async fn ordinary(rig: &Rig) -> SalesOrder {
    rig.order(&rig.number_of("ordinary")).await
}

#[tokio::test]
async fn a_note_is_written_read_back_and_restated_in_place() {
    for (tenant, kept) in [("standard", true), ("note-id-assigned", false)] {
        let rig = Rig::tenant(tenant, 60);
        rig.pass(Span::seconds(1));
        let order = ordinary(&rig).await;
        let text = "Carrier \"UPS\" Größe 5'\nTracking 1Z";
        assert_eq!(write(&rig, note(&order, text, None)).await, WriteReply::Done);
        let found = rig.order(&order.number).await.notes.remove(0);
        assert_eq!(
            (found.text.as_str(), found.description.as_str()),
            (text, "ShipBob shipment 901")
        );
        assert_eq!(found.document_id.to_lowercase() == GUID, kept);
        let known = Some((found.document_id.clone(), found.etag.clone()));
        assert_eq!(write(&rig, note(&order, "restated", known.clone())).await, WriteReply::Done);
        let notes = rig.order(&order.number).await.notes;
        assert_eq!((notes.len(), notes[0].text.as_str()), (1, "restated"));
        let stale = write(&rig, note(&order, "late", known)).await;
        assert!(matches!(stale, WriteReply::Stale { .. }), "{stale:?}");
        if kept {
            let again = write(&rig, note(&order, "again", None)).await;
            assert!(matches!(again, WriteReply::Stale { .. }), "the id is taken: {again:?}");
        }
        assert_eq!(rig.twins.ledger().of(effect::NOTE_WRITTEN).count(), 1);
    }
}

#[tokio::test]
async fn quantities_and_pool_are_set_on_their_etags_in_one_transaction() {
    let rig = Rig::new(60);
    rig.pass(Span::seconds(1));
    let order = ordinary(&rig).await;
    let zero = deliver_now(&order, Decimal::ZERO);
    assert_eq!(write(&rig, zero.clone()).await, WriteReply::Done);
    let after = rig.order(&order.number).await;
    assert_eq!(after.pool, "SHIPBOB");
    assert!(after.lines.iter().all(|line| line.deliver_now.is_zero()));
    let stale = write(&rig, zero).await;
    assert!(matches!(stale, WriteReply::Stale { .. }), "{stale:?}");
    let much = after.lines[0].remaining + Decimal::ONE;
    let refused = write(&rig, deliver_now(&after, much)).await;
    let WriteReply::Refused { why } = refused else { panic!("{refused:?}") };
    assert!(!why.is_empty() && !why.contains("Infolog"), "{why}");
    let unchanged = rig.order(&order.number).await;
    assert_eq!(unchanged.lines, after.lines, "nothing of a refused change set stays");
}

#[tokio::test]
async fn a_tenant_that_does_not_let_us_write_says_so_in_words() {
    let rig = Rig::tenant("deliver-now-read-only", 60);
    rig.pass(Span::seconds(1));
    let reply = write(&rig, deliver_now(&ordinary(&rig).await, Decimal::ZERO)).await;
    assert!(
        matches!(&reply, WriteReply::Refused { why } if why.contains("SalesDeliverNow")),
        "{reply:?}"
    );
    let rig = Rig::tenant("pool-read-only", 60);
    rig.pass(Span::seconds(1));
    let order = ordinary(&rig).await;
    let reply = write(&rig, deliver_now(&order, Decimal::ZERO)).await;
    if order.pool != "SHIPBOB" {
        assert!(
            matches!(&reply, WriteReply::Refused { why } if why.contains("SalesOrderPoolId")),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_carrier_is_set_where_it_exists() {
    let rig = Rig::new(60);
    rig.pass(Span::seconds(1));
    let order = ordinary(&rig).await;
    assert_eq!(write(&rig, carrier(&order, "UPS", "GROUND")).await, WriteReply::Done);
    let after = rig.order(&order.number).await;
    assert_eq!((after.carrier.as_str(), after.carrier_service.as_str()), ("UPS", "GROUND"));
    let stale = write(&rig, carrier(&order, "UPS", "GROUND")).await;
    assert!(matches!(stale, WriteReply::Stale { .. }), "{stale:?}");
    let unknown = write(&rig, carrier(&after, "NOBODY", "NOWHERE")).await;
    assert!(matches!(unknown, WriteReply::Refused { .. }), "{unknown:?}");
    let gone = Operation::SetCarrier {
        order: SalesOrderNumber::new("SO-NOT-THERE"),
        carrier: "UPS".to_owned(),
        service: "GROUND".to_owned(),
        etag: after.etag,
    };
    let gone = write(&rig, gone).await;
    assert!(matches!(gone, WriteReply::Stale { .. }), "{gone:?}");
}

#[tokio::test]
async fn a_slip_is_seen_and_takes_its_tracking_number_once() {
    for tenant in ["standard", "tracking-read-only"] {
        let rig = Rig::tenant(tenant, 60);
        rig.pass(Span::seconds(1));
        let mut cursors = ChangeCursors::start(rig.now() - Span::days(30));
        rig.sweep(&mut cursors).await;
        let order = ordinary(&rig).await;
        let quantity = order.lines[0].remaining;
        assert_eq!(write(&rig, deliver_now(&order, quantity)).await, WriteReply::Done);
        rig.pass(Span::minutes(25));
        let seen = rig.sweep(&mut cursors).await;
        assert!(seen.slips.contains(order.number.as_str()), "{seen:?}");
        let after = rig.order(&order.number).await;
        let slip = &after.slips[0];
        assert_eq!(slip.lines, [(after.lines[0].lot.clone(), quantity)]);
        assert_eq!(after.lines[0].remaining, Decimal::ZERO);
        let tracking = Operation::AddTracking {
            order: order.number.clone(),
            slip: slip.id.clone(),
            delivery_date: slip.delivery_date.clone(),
            number: "1Z999AA10123456784".to_owned(),
            url: "https://t.example/1Z".to_owned(),
        };
        let first = write(&rig, tracking.clone()).await;
        if tenant == "tracking-read-only" {
            assert!(
                matches!(first, WriteReply::Refused { .. } | WriteReply::NoAccess { .. }),
                "{first:?}"
            );
            continue;
        }
        assert_eq!(first, WriteReply::Done);
        assert_eq!(write(&rig, tracking).await, WriteReply::AlreadyDone);
        let rows = rig.order(&order.number).await.tracking;
        assert_eq!((rows.len(), rows[0].number.as_str()), (1, "1Z999AA10123456784"));
        assert_eq!(rows[0].slip, slip.id);
    }
}

#[tokio::test]
async fn one_bad_write_in_a_batch_does_not_touch_the_others() {
    let rig = Rig::new(300);
    rig.pass(Span::seconds(1));
    let reads = rig.dynamics.read_orders(rig.now(), &rig.numbers()).await.expect("a read");
    let orders: Vec<SalesOrder> = reads.read.into_iter().filter_map(|r| r.order).collect();
    let operations: Vec<Operation> = orders
        .iter()
        .take(100)
        .enumerate()
        .map(|(n, order)| match n % 5 {
            0 => carrier(order, "NOBODY", "NOWHERE"),
            _ => Operation::WriteNote {
                order: order.number.clone(),
                description: format!("ShipBob shipment {n}"),
                text: "text".to_owned(),
                existing: None,
                document_id: String::new(),
            },
        })
        .collect();
    let replies = rig.dynamics.write(rig.now(), &operations).await;
    for (n, reply) in replies.iter().enumerate() {
        match n % 5 {
            0 => assert!(matches!(reply, WriteReply::Refused { .. }), "{n}: {reply:?}"),
            _ => assert_eq!(*reply, WriteReply::Done, "{n}"),
        }
    }
    let ledger = rig.twins.ledger();
    assert_eq!(ledger.of(effect::NOTE_WRITTEN).count(), 80);
    assert_eq!(ledger.of(effect::CARRIER_SET).count(), 0);
}

#[tokio::test]
async fn a_tenant_that_ignores_etags_still_answers_in_known_shapes() {
    let rig = Rig::tenant("etag-ignored", 60);
    rig.pass(Span::seconds(1));
    let order = ordinary(&rig).await;
    let zero = deliver_now(&order, Decimal::ZERO);
    assert_eq!(write(&rig, zero.clone()).await, WriteReply::Done);
    assert_eq!(write(&rig, zero).await, WriteReply::Done);
}
