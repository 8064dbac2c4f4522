use super::*;
use crate::testing::{NOW, Reply, Rig, batch, infolog, part, rows, run};
use transport::{Request, TransportError};

const HEADER: &str = r#"{"@odata.etag":"W/\"h\"","SalesOrderNumber":"#;
const ROUTE: &str = r#"{"Message":"No HTTP resource was found that matches the request URI 'x'."}"#;

fn header(number: &str) -> String {
    format!(
        r#"{HEADER}"{number}","OrderCreationDateTime":"2026-01-01T00:00:00Z","IsSalesProcessingStopped":"No"}}"#
    )
}

fn table(number: &str) -> String {
    format!(
        r#"{{"SalesId":"{number}","SalesStatus":"Backorder","DocumentStatus":"Confirmation","SalesType":"Sales",
        "MCROrderStopped":"No","CredManInCreditControl":"No","SysModifiedDateTime":"2026-01-02T00:00:00Z"}}"#
    )
}

fn urls(request: &Request) -> Vec<String> {
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    body.lines()
        .filter_map(|line| line.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1").map(str::to_owned))
        .collect()
}

/// An environment with these orders; `odd` may answer a part in its own way.
fn environment(
    orders: &'static [&'static str],
    odd: impl Fn(&str) -> Option<String> + Send + 'static,
) -> impl FnMut(&Request) -> Reply + Send {
    move |request| {
        let parts: Vec<String> = urls(request)
            .iter()
            .map(|url| {
                odd(url).unwrap_or_else(|| {
                    let any = url.contains("$top=1");
                    let asked = orders.iter().filter(|n| any || url.contains(&format!("'{n}'")));
                    let found: Vec<String> = if url.contains("/SalesOrderHeadersV2?") {
                        asked.map(|n| header(n)).collect()
                    } else if url.contains("/SalesTableBiEntities?") {
                        asked.map(|n| table(n)).collect()
                    } else {
                        Vec::new()
                    };
                    part(200, &rows(&found.iter().map(String::as_str).collect::<Vec<_>>()))
                })
            })
            .collect();
        Ok(batch(&parts))
    }
}

fn numbers(all: &[&str]) -> Vec<SalesOrderNumber> {
    all.iter().map(|n| SalesOrderNumber::new(*n)).collect()
}

fn read(rig: &Rig, all: &[&str]) -> Result<OrderReads, CallError> {
    run(rig.dynamics.read_orders(NOW, &numbers(all)))
}

#[test]
fn one_batch_reads_every_set_of_many_orders_with_short_urls() {
    let rig = Rig::new(environment(&["SO-000001"], |_| None));
    let all: Vec<String> = (0..500).map(|n| format!("SO-{n:06}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let reads = read(&rig, &all).unwrap();
    assert_eq!((reads.read.len(), reads.unread.len()), (500, 0));
    assert_eq!(reads.read.iter().filter(|r| r.order.is_some()).count(), 1);
    assert!(reads.read.iter().all(|r| r.read_began == NOW));
    assert_eq!(rig.labels(), ["dynamics.token", "dynamics.read-orders"]);
    let seen = rig.script.seen.lock().unwrap();
    let urls = urls(&seen[1]);
    assert!(urls.iter().all(|url| url.len() <= limits::URL_CHARS));
    assert!(
        urls.iter()
            .all(|url| url.contains("cross-company=true")
                && url.contains("dataAreaId%20eq%20'usmf'"))
    );
    assert!(urls.len() < 300, "{} parts", urls.len());
    drop(seen);
    rig.assert_balanced(1);
}

#[test]
fn letter_case_and_duplicates_do_not_count_and_odd_numbers_are_asked_for_safely() {
    let rig = Rig::new(environment(&[], |url| {
        url.contains("/SalesOrderHeadersV2?").then(|| part(200, &rows(&[&header("so-1")]))).or_else(
            || url.contains("/SalesTableBiEntities?").then(|| part(200, &rows(&[&table("SO-1")]))),
        )
    }));
    let reads = read(&rig, &["SO-1", "so-1", "O'Brien/1"]).unwrap();
    assert_eq!(reads.read.len(), 2);
    assert_eq!(reads.read.iter().filter(|r| r.order.is_some()).count(), 1);
    assert!(
        rig.bodies("dynamics.read-orders")[0].contains("SalesOrderNumber%20eq%20'O''Brien%2F1'")
    );
}

#[test]
fn numbers_that_cannot_be_numbers_are_not_asked_for() {
    let rig = Rig::new(|_| panic!("nothing may be sent"));
    let reads = read(&rig, &["", "*", &"x".repeat(61)]).unwrap();
    assert_eq!((reads.read.len(), reads.unread.len()), (0, 3));
}

#[test]
fn a_part_that_fails_makes_the_whole_call_fail() {
    for (answer, expected) in [
        (part(500, &infolog("x")), "Unavailable"),
        (part(503, "<html>"), "Unavailable"),
        (part(403, ""), "NoAccess"),
        (part(400, ""), "Refused"),
        (part(200, "{\"value\":"), "Malformed"),
        ("Content-Type: text/plain\r\n\r\n?".to_owned(), "Unavailable"),
    ] {
        let answer_of = answer.clone();
        let rig = Rig::new(environment(&["SO-1"], move |url| {
            url.contains("/SalesLineBiEntities?").then(|| answer_of.clone())
        }));
        let error = format!("{:?}", read(&rig, &["SO-1"]).unwrap_err());
        assert!(error.starts_with(expected), "{error} for {answer}");
    }
}

#[test]
fn a_cut_reply_is_never_half_an_order() {
    for cut in [10, 200, 600, 1_500] {
        let rig = Rig::new({
            let mut answer = environment(&["SO-1"], |_| None);
            move |request| {
                answer(request).map(|mut reply| {
                    let keep = reply.body.len().saturating_sub(cut);
                    reply.body = reply.body.slice(..keep);
                    reply
                })
            }
        });
        assert!(matches!(read(&rig, &["SO-1"]), Err(CallError::Unavailable { .. })), "cut {cut}");
    }
}

#[test]
fn an_order_that_changes_while_it_is_read_is_unread_and_the_others_are_read() {
    let rig = Rig::new(environment(&["SO-1", "SO-2"], |url| {
        url.contains("/SalesTableBiEntities?").then(|| part(200, &rows(&[&table("SO-2")])))
    }));
    let reads = read(&rig, &["SO-1", "SO-2"]).unwrap();
    assert_eq!(reads.read.len(), 1);
    assert_eq!(reads.unread[0].0.as_str(), "SO-1");
}

#[test]
fn a_row_that_cannot_be_read_spoils_only_its_order() {
    let bad = r#"{"SalesId":"SO-1","SalesQty":"many"}"#;
    let rig = Rig::new(environment(&["SO-1", "SO-2"], move |url| {
        url.contains("/SalesLineBiEntities?").then(|| part(200, &rows(&[bad])))
    }));
    let reads = read(&rig, &["SO-1", "SO-2"]).unwrap();
    assert_eq!(reads.read[0].number.as_str(), "SO-2");
    assert!(reads.unread[0].1.contains("SalesLineBiEntities"));
}

#[test]
fn a_set_that_does_not_exist_is_remembered_only_for_tracking() {
    let rig = Rig::new(environment(&["SO-1"], |url| {
        url.contains("/PackingSlipTrackingInformation?").then(|| part(404, ROUTE))
    }));
    assert_eq!(read(&rig, &["SO-1"]).unwrap().read.len(), 1);
    read(&rig, &["SO-1"]).unwrap();
    let bodies = rig.bodies("dynamics.read-orders");
    assert!(
        bodies[0].contains("PackingSlipTracking") && !bodies[1].contains("PackingSlipTracking")
    );
    let rig = Rig::new(environment(&["SO-1"], |url| {
        url.contains("/CustPackingSlipJourBiEntities?").then(|| part(404, ROUTE))
    }));
    assert!(matches!(read(&rig, &["SO-1"]), Err(CallError::Refused { status: 404, .. })));
}

#[test]
fn when_nothing_is_found_another_order_of_the_company_must_be_visible() {
    let rig = Rig::new(environment(&[], |url| {
        url.contains("$top=1").then(|| part(200, &rows(&[&table("SO-9")])))
    }));
    let reads = read(&rig, &["SO-1"]).unwrap();
    assert_eq!(reads.read[0].order, None);
    rig.assert_balanced(1);
    let blind = Rig::new(environment(&[], |_| None));
    assert!(matches!(read(&blind, &["SO-1"]), Err(CallError::NoAccess { status: 200, .. })));
}

#[test]
fn a_reply_that_is_too_large_is_asked_for_in_halves() {
    let mut answer = environment(&["SO-1", "SO-2", "SO-3", "SO-4"], |_| None);
    let rig = Rig::new(move |request| {
        let asked = urls(request)[0].matches("SalesOrderNumber%20eq").count();
        if asked > 1 { Err(TransportError::TooLarge { limit: 1 }) } else { answer(request) }
    });
    let reads = read(&rig, &["SO-1", "SO-2", "SO-3", "SO-4"]).unwrap();
    let found: Vec<&str> = reads.read.iter().map(|r| r.number.as_str()).collect();
    assert_eq!(found, ["SO-1", "SO-2", "SO-3", "SO-4"]);
    rig.assert_balanced(1);
}

#[test]
fn an_order_larger_than_a_page_is_unread_and_the_others_are_read() {
    let rig = Rig::new(environment(&["SO-1", "SO-2"], |url| {
        (url.contains("/SalesOrderLines?") && url.contains("'SO-1'"))
            .then(|| part(200, r#"{"value":[],"@odata.nextLink":"https://x"}"#))
    }));
    let reads = read(&rig, &["SO-1", "SO-2"]).unwrap();
    assert_eq!((reads.read.len(), reads.unread.len()), (1, 1));
}

#[test]
fn notes_are_asked_for_by_their_beginning_and_only_ours_come_back() {
    let note = r#"{"@odata.etag":"W/\"n\"","SalesOrderNumber":"SO-1","DocumentId":"00000000-0000-0000-0000-000000000001","AttachmentDescription":"ShipBob shipment 901","Notes":"x"}"#;
    let rig = Rig::new(environment(&["SO-1"], move |url| {
        url.contains("/SalesOrderHeaderDocumentAttachmentsV2?")
            .then(|| part(200, &rows(&[note, note])))
    }));
    let reads = read(&rig, &["SO-1"]).unwrap();
    let order = reads.read[0].order.as_ref().unwrap();
    assert_eq!(order.notes.len(), 1);
    assert_eq!(order.notes[0].etag, "W/\"n\"");
    let body = &rig.bodies("dynamics.read-orders")[0];
    assert!(body.contains("AttachmentDescription%20eq%20'ShipBob*'"));
}
