use super::*;
use crate::testing;
use bytes::Bytes;
use proptest::prelude::*;

const KIND: &str = "multipart/mixed; boundary=batchresponse_1";

fn inner(part: &Part) -> &Inner {
    match part {
        Part::Single(inner) => inner,
        other => panic!("not a single reply: {other:?}"),
    }
}

#[test]
fn a_batch_of_reads_is_written_as_documented() {
    let body = write(["https://h/data/S?cross-company=true"], std::iter::empty());
    assert_eq!(
        std::str::from_utf8(&body).unwrap(),
        "--batch_mlc\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
         GET https://h/data/S?cross-company=true HTTP/1.1\r\nAccept: application/json;odata.metadata=minimal\r\n\r\n\r\n\
         --batch_mlc--\r\n"
    );
}

#[test]
fn a_change_set_holds_its_writes_with_content_ids_and_etags() {
    let items = [
        Item {
            method: "PATCH",
            url: "https://h/1".to_owned(),
            etag: Some("W/\"x\"".to_owned()),
            body: "{}".to_owned(),
        },
        Item {
            method: "POST",
            url: "https://h/2".to_owned(),
            etag: None,
            body: "{\"a\":1}".to_owned(),
        },
    ];
    let body = write(std::iter::empty(), [items.as_slice()]);
    assert_eq!(
        std::str::from_utf8(&body).unwrap(),
        "--batch_mlc\r\nContent-Type: multipart/mixed; boundary=changeset_mlc_1\r\n\r\n\
         --changeset_mlc_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n\
         PATCH https://h/1 HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\nIf-Match: W/\"x\"\r\n\r\n{}\r\n\
         --changeset_mlc_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 2\r\n\r\n\
         POST https://h/2 HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n{\"a\":1}\r\n\
         --changeset_mlc_1--\r\n--batch_mlc--\r\n"
    );
}

#[test]
fn a_reply_with_a_change_set_and_a_failed_one_is_read_part_by_part() {
    let reply = testing::batch(&[
        testing::change_set(&[testing::part(204, ""), testing::part(201, "{\"a\":1}")]),
        testing::part(500, "{\"error\":{}}"),
    ]);
    let batch = read(KIND, &reply.body).unwrap();
    assert!(batch.complete);
    let Part::ChangeSet(replies, true) = &batch.parts[0] else { panic!("{:?}", batch.parts[0]) };
    assert_eq!(replies.iter().map(|r| r.status).collect::<Vec<_>>(), [204, 201]);
    assert_eq!(&replies[1].body[..], b"{\"a\":1}");
    assert_eq!(inner(&batch.parts[1]).status, 500);
}

#[test]
fn bare_line_feeds_and_odd_header_case_are_tolerated() {
    let body = Bytes::from_static(
        b"preamble\n--b 1\nCONTENT-TYPE: application/http\n\nHTTP/1.1 200 OK\nX-A: b\n\n{\"value\":[]}\n--b 1--",
    );
    let batch = read("Multipart/Mixed; charset=utf-8; Boundary=\"b 1\"", &body).unwrap();
    assert!(batch.complete);
    assert_eq!(&inner(&batch.parts[0]).body[..], b"{\"value\":[]}");
    assert_eq!(inner(&batch.parts[0]).headers, [("x-a".to_owned(), "b".to_owned())]);
}

#[test]
fn something_that_is_no_multipart_is_told_apart() {
    let body = Bytes::from_static(b"<html></html>");
    assert!(read("text/html", &body).is_none());
    assert!(read("multipart/mixed", &body).is_none());
    let empty = read(KIND, &Bytes::new()).unwrap();
    assert!(empty.parts.is_empty() && !empty.complete);
}

#[test]
fn a_part_that_is_no_http_reply_is_unknown_and_keeps_its_place() {
    let reply = testing::batch(&[
        "Content-Type: text/plain\r\n\r\nhello".to_owned(),
        "Content-Type: application/http\r\n\r\nHTTP/1.1 abc\r\n\r\n".to_owned(),
        testing::part(200, "{}"),
    ]);
    let batch = read(KIND, &reply.body).unwrap();
    assert_eq!(batch.parts[0], Part::Unknown);
    assert_eq!(batch.parts[1], Part::Unknown);
    assert_eq!(inner(&batch.parts[2]).status, 200);
}

#[test]
fn a_reply_cut_anywhere_yields_a_prefix_and_never_looks_complete() {
    let whole = testing::batch(&[
        testing::part(200, "{\"value\":[1]}"),
        testing::change_set(&[testing::part(204, ""), testing::part(201, "{}")]),
        testing::part(404, ""),
    ])
    .body;
    let all = read(KIND, &whole).unwrap();
    assert_eq!(all.parts.len(), 3);
    // The very last line break is not needed.
    for cut in 0..whole.len() - 2 {
        let batch = read(KIND, &whole.slice(..cut)).unwrap();
        assert!(!batch.complete, "cut at {cut}");
        assert_eq!(batch.parts[..], all.parts[..batch.parts.len()], "cut at {cut}");
    }
}

fn any_part() -> impl Strategy<Value = (String, Part)> {
    let single = (100_u16..600, "[a-zA-Z0-9 {}\":,\\[\\]é]{0,60}");
    let one = single.prop_map(|(status, body)| {
        let text = testing::part_with(status, &[("X-Head", "v")], &body);
        let headers = vec![("x-head".to_owned(), "v".to_owned())];
        (text, Inner { status, headers, body: Bytes::from(body) })
    });
    prop_oneof![
        one.clone().prop_map(|(text, inner)| (text, Part::Single(inner))),
        prop::collection::vec(one, 0..4).prop_map(|all| {
            let (texts, replies): (Vec<_>, Vec<_>) = all.into_iter().unzip();
            (testing::change_set(&texts), Part::ChangeSet(replies, true))
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(parts in prop::collection::vec(any_part(), 0..6)) {
        let (texts, expected): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let batch = read(KIND, &testing::batch(&texts).body).unwrap();
        prop_assert!(batch.complete);
        prop_assert_eq!(batch.parts, expected);
    }

    #[test]
    fn garbage_is_never_a_panic(body in prop::collection::vec(any::<u8>(), 0..300), kind in "\\PC{0,40}") {
        let body = Bytes::from(body);
        let _ = read(&kind, &body);
        let _ = read("multipart/mixed; boundary=x", &body);
    }
}
