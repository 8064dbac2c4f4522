//! `reference_id`: made from the sales order alone, read back exactly.

use domain::ids::{Company, ReferenceId, SalesOrderNumber};
use domain::reference::{Parts, make, parse};
use proptest::prelude::*;

fn reference(order: &str, sequence: i32, k: u32) -> String {
    make(&"USMF".into(), &order.into(), sequence, k).as_str().to_owned()
}

#[test]
fn a_reference_reads_like_the_order() {
    assert_eq!(reference("SO-000123", 1, 1), "usmf-SO-000123-1-1");
    assert_eq!(reference("000697", 12, 3), "usmf-000697-12-3");
}

#[test]
fn characters_that_would_break_a_list_or_an_address_are_written_out() {
    assert_eq!(reference("O'Brien/1", 1, 1), "usmf-O'Brien/1-1-1");
    assert_eq!(reference("A,B C~D&E", 1, 1), "usmf-A~2cB~20C~7eD~26E-1-1");
    assert!(
        !reference("a:b;c?d#e%f\"g\\h\n😀", 1, 1).contains([',', ' ', ':', '?', '#', '%', '\n'])
    );
}

#[test]
fn only_the_form_we_make_ourselves_is_ours() {
    let company = Company::from("usmf");
    for text in [
        "",
        "usmf",
        "usmf-",
        "usmf-A",
        "usmf-A-1",
        "usmf--1-1",
        "usmf-A-1-0",
        "usmf-A-01-1",
        "usmf-A-1-01",
        "usmf-A-+1-1",
        "usmf-A-1-1 ",
        "USMF-A-1-1",
        "other-A-1-1",
        "usmf-A~2-1-1",
        "usmf-A~zz-1-1",
        "usmf-A~C3-1-1",
        "usmf-A~41-1-1",
        "usmf-A-1-4294967296",
        "man-17",
        "usmf-A-~0-1",
        "usmf-A-~-1-1",
        "usmf-A-99999999999-1",
    ] {
        assert_eq!(parse(&company, &ReferenceId::new(text)), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_made_is_read_back(
        order in "\\PC{1,40}",
        sequence in any::<i32>(),
        k in 1..=u32::MAX,
    ) {
        let company = Company::from("usmf");
        let number = SalesOrderNumber::new(order);
        let made = make(&company, &number, sequence, k);
        let parts = Parts { company: company.clone(), order: number, sequence, k };
        prop_assert_eq!(parse(&company, &made), Some(parts));
    }

    #[test]
    fn two_orders_never_share_a_reference(
        a in ("[A-C~-]{1,4}", -3..4_i32, 1..4_u32),
        b in ("[A-C~-]{1,4}", -3..4_i32, 1..4_u32),
    ) {
        let same = reference(&a.0, a.1, a.2) == reference(&b.0, b.1, b.2);
        prop_assert_eq!(same, a == b);
    }

    #[test]
    fn parsing_never_panics(text in ".{0,60}") {
        let _ = parse(&"usmf".into(), &ReferenceId::new(format!("usmf-{text}")));
        let _ = parse(&"usmf".into(), &ReferenceId::new(text));
    }
}
