use super::*;
use rust_decimal::Decimal;
use std::str::FromStr;

fn line(body: &str) -> Result<LineBi, BadRow> {
    page::<LineBi>(format!("{{\"value\":[{body}]}}").as_bytes()).unwrap().rows.remove(0)
}

#[test]
fn decimals_keep_the_digits_as_written() {
    for (written, meant) in [
        ("12.5", "12.5"),
        ("0.1000000000000000055", "0.1000000000000000055"),
        ("1.0000000000", "1"),
        ("\"3.25\"", "3.25"),
        ("-4", "-4"),
        ("1.5e2", "150"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
    ] {
        let row = line(&format!("{{\"SalesQty\":{written}}}")).unwrap();
        assert_eq!(row.ordered, Some(Decimal::from_str(meant).unwrap()), "{written}");
    }
    assert_eq!(line("{\"SalesQty\":null}").unwrap().ordered, None);
    assert_eq!(line("{}").unwrap().ordered, None);
    for wrong in ["\"ten\"", "[1]", "{}", "true", "99999999999999999999999999999999"] {
        assert!(line(&format!("{{\"SalesQty\":{wrong}}}")).is_err(), "{wrong}");
    }
}

#[test]
fn yes_and_no_come_in_several_forms_and_other_words_say_nothing() {
    for (written, meant) in [
        ("\"Yes\"", Some(true)),
        ("\"no\"", Some(false)),
        ("true", Some(true)),
        ("\"Maybe\"", None),
        ("null", None),
    ] {
        assert_eq!(
            line(&format!("{{\"Blocked\":{written}}}")).unwrap().blocked,
            meant,
            "{written}"
        );
    }
}

#[test]
fn unknown_members_are_ignored_and_null_text_is_empty() {
    let row = line(r#"{"@odata.etag":"W/\"x\"","SalesId":null,"NewInThisRelease":{"a":[1]},"InventTransId":7}"#).unwrap();
    assert_eq!((row.etag.as_str(), row.order.as_str(), row.lot.as_str()), ("W/\"x\"", "", "7"));
}

#[test]
fn a_bad_row_spoils_only_itself_and_its_error_quotes_nothing() {
    let body =
        br#"{"value":[{"SalesId":"SO-1","SalesQty":"Jane Doe"},{"SalesId":"SO-2","SalesQty":1}]}"#;
    let page = page::<LineBi>(body).unwrap();
    let bad = page.rows[0].as_ref().unwrap_err();
    assert_eq!(bad.order.as_deref(), Some("SO-1"));
    assert!(!bad.why.contains("Jane"), "{}", bad.why);
    assert_eq!(page.rows[1].as_ref().unwrap().order, "SO-2");
}

#[test]
fn a_body_that_is_no_page_is_an_error() {
    for body in ["", "<html>", "{}", "[]", "{\"value\":{}}", "{\"value\":[1,", "null"] {
        assert!(page::<LineBi>(body.as_bytes()).is_err(), "{body}");
    }
    assert!(page::<LineBi>(&[0xff, 0xfe]).is_err());
}

#[test]
fn every_order_row_asks_for_its_order_number() {
    fn check<T: OrderRow>() {
        assert!(T::SELECT.contains(&T::ORDER), "{}", T::SET);
    }
    check::<Header>();
    check::<Line>();
    check::<TableBi>();
    check::<LineBi>();
    check::<Slip>();
    check::<SlipLine>();
    check::<NoteRow>();
    check::<Tracking>();
}
