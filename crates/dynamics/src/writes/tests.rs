use super::*;
use crate::testing::{NOW, Rig, batch, change_set, html, infolog, part, run};
use domain::ids::{LotId, PackingSlipId, SalesOrderNumber, ShipmentId};
use proptest::prelude::*;

const ETAG: &str = "W/\"abc==\"";
const GUID: &str = "6fa459ea-ee8a-5ca4-894e-db77e160355e";

fn note(existing: Option<(&str, &str)>) -> Operation {
    Operation::WriteNote {
        order: SalesOrderNumber::new("O'Brien/1"),
        description: "ShipBob shipment 901".to_owned(),
        text: "Carrier \"UPS\"\nTracking 1Z".to_owned(),
        existing: existing.map(|(id, etag)| (id.to_owned(), etag.to_owned())),
        document_id: GUID.to_owned(),
    }
}

fn tracking() -> Operation {
    Operation::AddTracking {
        order: SalesOrderNumber::new("SO-1"),
        slip: PackingSlipId::new("SO-1_1"),
        delivery_date: "2026-01-31T12:00:00Z".to_owned(),
        number: "1Z".to_owned(),
        url: String::new(),
    }
}

fn carrier() -> Operation {
    Operation::SetCarrier {
        order: SalesOrderNumber::new("SO-1"),
        carrier: "UPS".to_owned(),
        service: "GROUND".to_owned(),
        etag: ETAG.to_owned(),
    }
}

fn deliver_now(lines: &[(&str, Decimal, &str)], pool: Option<(&str, &str)>) -> Operation {
    Operation::SetDeliverNow {
        order: SalesOrderNumber::new("SO-1"),
        lines: lines
            .iter()
            .map(|(lot, quantity, etag)| DeliverNow {
                lot: LotId::new(*lot),
                quantity: *quantity,
                etag: (*etag).to_owned(),
            })
            .collect(),
        pool: pool.map(|(pool, etag)| (pool.to_owned(), etag.to_owned())),
    }
}

fn done() -> String {
    change_set(&[part(204, "")])
}

fn write(rig: &Rig, operations: &[Operation]) -> Vec<WriteReply> {
    run(rig.dynamics.write(NOW, operations))
}

fn sent(operation: Operation, parts: usize) -> String {
    let rig = Rig::batches(vec![change_set(&vec![part(204, ""); parts])]);
    assert_eq!(write(&rig, &[operation]), [WriteReply::Done]);
    rig.bodies("dynamics.write").remove(0)
}

#[test]
fn a_new_note_is_inserted_with_its_own_id() {
    let body = sent(note(None), 1);
    assert!(body.contains("POST https://env.operations.dynamics.com/data/SalesOrderHeaderDocumentAttachmentsV2?cross-company=true HTTP/1.1\r\n"));
    assert!(body.contains(&format!(
        r#"{{"dataAreaId":"usmf","SalesOrderNumber":"O'Brien/1","DocumentAttachmentTypeCode":"Note","AccessRestriction":"Internal","AttachmentDescription":"ShipBob shipment 901","Notes":"Carrier \"UPS\"\nTracking 1Z","DocumentId":"{GUID}"}}"#
    )), "{body}");
    assert!(!body.contains("If-Match"));
}

#[test]
fn a_known_note_is_changed_on_its_etag() {
    let body = sent(note(Some((&format!("{{{}}}", GUID.to_uppercase()), ETAG))), 1);
    assert!(body.contains(&format!(
        "PATCH https://env.operations.dynamics.com/data/SalesOrderHeaderDocumentAttachmentsV2(dataAreaId='usmf',DocumentId={GUID})?cross-company=true HTTP/1.1\r\n"
    )), "{body}");
    assert!(body.contains("If-Match: W/\"abc==\"\r\n"));
    assert!(body.contains("{\"Notes\":\"Carrier"));
}

#[test]
fn quantities_are_written_as_numbers_with_the_pool_first_in_one_change_set() {
    let lines = [("L'1", Decimal::new(2_500, 3), "W/\"1\""), ("L2", Decimal::ZERO, "W/\"2\"")];
    let body = sent(deliver_now(&lines, Some(("SHIPBOB", "W/\"0\""))), 3);
    let pool = body.find("SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='SO-1')").unwrap();
    let first = body.find("SalesOrderLines(dataAreaId='usmf',InventoryLotId='L''1')").unwrap();
    assert!(pool < first);
    assert!(body.contains("{\"SalesOrderPoolId\":\"SHIPBOB\"}"));
    assert!(body.contains("{\"SalesDeliverNow\":2.5}") && body.contains("{\"SalesDeliverNow\":0}"));
    assert_eq!(body.matches("boundary=changeset").count(), 1);
    assert_eq!(body.matches("If-Match: ").count(), 3);
}

#[test]
fn carrier_and_tracking_are_written_as_documented() {
    let body = sent(carrier(), 1);
    assert!(
        body.contains("{\"ShippingCarrierId\":\"UPS\",\"ShippingCarrierServiceId\":\"GROUND\"}")
    );
    let body = sent(tracking(), 1);
    assert!(body.contains(
        r#"{"dataAreaId":"usmf","SalesOrderNumber":"SO-1","PackingSlipNumber":"SO-1_1","DeliveryDate":"2026-01-31T12:00:00Z","TrackingNumber":"1Z"}"#
    ), "{body}");
}

#[test]
fn every_operation_gets_its_own_reply_in_order() {
    let exists = part(500, &infolog("Error: The record already exists."));
    let rig = Rig::batches(vec![done(), exists, part(412, "")]);
    let foreign = Operation::AckTracking { shipment: ShipmentId(1) };
    let nothing = deliver_now(&[], None);
    let replies = write(&rig, &[carrier(), foreign, tracking(), nothing, carrier()]);
    assert_eq!(replies[0], WriteReply::Done);
    assert!(matches!(replies[1], WriteReply::Refused { .. }));
    assert_eq!(replies[2], WriteReply::AlreadyDone);
    assert_eq!(replies[3], WriteReply::AlreadyDone);
    assert!(matches!(replies[4], WriteReply::Stale { .. }));
    rig.assert_balanced(1);
}

#[test]
fn a_change_without_a_usable_etag_is_refused_without_sending() {
    let rig = Rig::new(|_| panic!("nothing may be sent"));
    for operation in [
        note(Some((GUID, ""))),
        note(Some((GUID, "W/\"a\r\nX-Evil: 1\""))),
        note(Some(("not-a-guid", ETAG))),
        deliver_now(&[("L1", Decimal::ONE, ETAG), ("L2", Decimal::ONE, "")], None),
    ] {
        let replies = write(&rig, &[operation]);
        assert!(matches!(replies[..], [WriteReply::Refused { .. }]), "{replies:?}");
    }
}

#[test]
fn more_than_a_hundred_writes_go_in_several_batches() {
    let rig = Rig::new(|request| {
        let sets = String::from_utf8_lossy(&request.body).matches("boundary=changeset").count();
        assert!(sets <= limits::WRITES_PER_BATCH);
        Ok(batch(&vec![done(); sets]))
    });
    let replies = write(&rig, &vec![carrier(); 250]);
    assert_eq!(replies, vec![WriteReply::Done; 250]);
    assert_eq!(rig.labels().iter().filter(|l| **l == "dynamics.write").count(), 3);
    rig.assert_balanced(1);
}

#[test]
fn a_lost_batch_leaves_every_write_in_doubt_and_a_second_batch_is_still_told() {
    let mut n = 0;
    let rig = Rig::new(move |_| {
        n += 1;
        if n == 1 { Ok(html(504)) } else { Ok(batch(&[done()])) }
    });
    let replies = write(&rig, &vec![carrier(); 101]);
    assert!(replies[..100].iter().all(|r| matches!(r, WriteReply::InDoubt { .. })));
    assert_eq!(replies[100], WriteReply::Done);
}

proptest! {
    #[test]
    fn a_decimal_goes_out_with_exactly_its_digits(units in any::<i64>(), scale in 0_u32..10) {
        let value = Decimal::new(units, scale);
        let text = number(value).unwrap();
        let back: Box<RawValue> = serde_json::from_str(text.get()).unwrap();
        prop_assert_eq!(Decimal::from_str_exact(back.get()).unwrap(), value);
    }

    #[test]
    fn no_text_of_ours_can_leave_its_json_or_its_part(text in "\\PC{0,60}", also in "(\r\n|--batch_mlc|--changeset_mlc_1|\"){0,6}") {
        let mut operation = note(None);
        if let Operation::WriteNote { text: t, .. } = &mut operation {
            *t = format!("{text}{also}");
        }
        let rig = Rig::batches(vec![done()]);
        prop_assert_eq!(write(&rig, &[operation]), vec![WriteReply::Done]);
        let body = rig.bodies("dynamics.write").remove(0);
        prop_assert_eq!(body.lines().filter(|l| l.starts_with("--")).count(), 4);
    }
}
