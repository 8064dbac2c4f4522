use super::{START, reply};
use crate::Response;
use crate::gate::server_wait;
use domain::time::Span;

#[test]
fn every_documented_form_of_a_wait_is_understood() {
    for (status, name, value, seconds) in [
        (429, "x-retry-after", "25", Some(25)),
        (429, "retry-after", "25", Some(25)),
        (503, "retry-after", " 7 ", Some(7)),
        (429, "x-retry-after", "0.2", Some(1)),
        (429, "x-retry-after", "24.0", Some(24)),
        (429, "x-retry-after", "-3", None),
        (429, "x-retry-after", "soon", None),
        (429, "x-retry-after", "", None),
        (429, "x-retry-after", "99999999999999999999", None),
        (429, "x-retry-after", "99999999999", None),
        (200, "x-something", "25", None),
    ] {
        let response = reply(status, &[(name, value)]);
        assert_eq!(server_wait(&response, START), seconds.map(Span::seconds), "{name}: {value}");
    }
}

#[test]
fn a_date_is_read_against_the_servers_own_clock() {
    let response = reply(
        503,
        &[
            ("date", "Mon, 23 Nov 2026 10:00:00 GMT"),
            ("retry-after", "Mon, 23 Nov 2026 10:00:40 GMT"),
        ],
    );
    assert_eq!(server_wait(&response, START), Some(Span::seconds(40)));
    let past = reply(
        503,
        &[
            ("date", "Mon, 23 Nov 2026 10:00:00 GMT"),
            ("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"),
        ],
    );
    assert_eq!(server_wait(&past, START), Some(Span(0)));
}

#[test]
fn the_longer_of_two_waits_counts() {
    let response = reply(429, &[("x-retry-after", "5"), ("retry-after", "9")]);
    assert_eq!(server_wait(&response, START), Some(Span::seconds(9)));
}

#[test]
fn the_words_of_a_429_are_a_wait_when_no_header_is() {
    let body = r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 25 seconds."}"#;
    assert_eq!(server_wait(&Response::new(429, body), START), Some(Span::seconds(25)));
    assert_eq!(server_wait(&Response::new(500, body), START), None);
    assert_eq!(server_wait(&Response::new(429, "Try again in a while"), START), None);
    assert_eq!(server_wait(&Response::new(429, &b"in \xff seconds"[..]), START), None);
}
