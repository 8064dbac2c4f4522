use crate::words::of_body;

#[test]
fn every_error_shape_of_the_vendor_is_put_into_words() {
    for (body, words) in [
        ("", "no body"),
        ("  ", "no body"),
        ("<html>x</html>", "an HTML page of 14 bytes"),
        (r#"{"ReferenceId":["is taken","or not"]}"#, "ReferenceId: is taken; ReferenceId: or not"),
        (r#"{"":["Cannot insert"]}"#, "Cannot insert"),
        (r#"{"errors":["one"]}"#, "one"),
        (
            r#"{"type":"https://x","title":"Not valid","status":400,"detail":"bad SKU","errors":{"Sku":["long"]}}"#,
            "bad SKU; Sku: long; Not valid",
        ),
        (r#"{"code":"NOT_FOUND","message":"no such"}"#, "code: NOT_FOUND; no such"),
        (r#"{"message":"m","stackTrace":"at X.Y()"}"#, "m"),
        (r#"{"$type":"A.B","status_code":422,"value":"Unknown topic"}"#, "Unknown topic"),
        (r#""plain words""#, "plain words"),
        ("plain words", "plain words"),
        (r#"{"a":["mail bob@example.org now"]}"#, "a: mail … now"),
        ("{\"cut\":", "{\"cut\":"),
    ] {
        assert_eq!(of_body(body.as_bytes()), words, "{body}");
    }
}

#[test]
fn words_are_short_however_long_the_body() {
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(50_000));
    assert!(of_body(long.as_bytes()).chars().count() <= 301);
    assert!(of_body("ü".repeat(50_000).as_bytes()).chars().count() <= 301);
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(of_body(deep.as_bytes()).chars().count() <= 301);
}
