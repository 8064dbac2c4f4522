use super::*;
use crate::testing;

#[test]
fn the_reason_is_taken_from_the_infolog_without_filler() {
    let body = testing::infolog(
        "Warning: Inventory dimension Site is mandatory and must consequently be specified.; \
         Info: validateWrite failed on data source 'SalesLine (SalesLine)'; Error: Update has been canceled..",
    );
    let error = read(body.as_bytes()).unwrap();
    assert_eq!(error.kind, Kind::Data);
    assert_eq!(
        error.words,
        "Inventory dimension Site is mandatory and must consequently be specified"
    );
}

#[test]
fn technical_phrases_decide_and_other_words_do_not() {
    for (words, kind) in [
        ("Error: Cannot create a record in Tracking. The record already exists.", Kind::Exists),
        (
            "Cannot edit a record in Sales orders (SalesTable). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.",
            Kind::Conflict,
        ),
        ("Transaction was chosen as the deadlock victim", Kind::Locked),
        ("the record is locked by another user", Kind::Locked),
        ("Die Menge darf nicht negativ sein", Kind::Data),
    ] {
        assert_eq!(read(testing::infolog(words).as_bytes()).unwrap().kind, kind, "{words}");
    }
}

#[test]
fn an_error_without_inner_reason_is_bare() {
    let error = read(br#"{"error":{"code":"","message":"An error has occurred."}}"#).unwrap();
    assert_eq!((error.kind, error.words.as_str()), (Kind::Bare, "An error has occurred."));
}

#[test]
fn an_unknown_route_is_not_a_missing_row() {
    let body = r#"{"Message":"No HTTP resource was found that matches the request URI 'https://h/data/Foo'.","MessageDetail":"x"}"#;
    let error = read(body.as_bytes()).unwrap();
    assert_eq!(error.kind, Kind::NoRoute);
    assert!(!error.words.contains("https"));
}

#[test]
fn other_shapes_are_not_taken_for_errors() {
    for body in [
        "",
        "<html>",
        "{}",
        "[1]",
        "\"text\"",
        "{\"value\":[]}",
        "{\"error\":\"x\"}",
        "{\"error\":{\"innererror\":",
    ] {
        assert_eq!(read(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn long_words_are_cut_and_stay_on_one_line() {
    let error = read(testing::infolog(&"ä\r\n".repeat(2_000)).as_bytes()).unwrap();
    assert!(error.words.chars().count() <= crate::limits::WHY_CHARS + 1);
    assert!(!error.words.contains(['\r', '\n']));
}
