//! From an F&O address to a ShipBob recipient, or to a hold that names the field.

use crate::support::{World, address, hold};
use domain::address::{Countries, recipient};
use domain::sales::Address;
use domain::warehouse::Recipient;
use std::collections::BTreeMap;

type Change = fn(&mut Address);
type Fill = fn(&mut Address, String);

fn made(address: &Address) -> Recipient {
    let none = BTreeMap::new();
    let countries = Countries { settings: &none, dynamics: &none };
    recipient(address, "jane@example.org", "+1 555 0100", &countries).expect("a good address")
}

/// Cause, field and value of the hold an address ends in.
fn refused(change: impl Fn(&mut Address)) -> (String, String, String) {
    let mut bad = address();
    change(&mut bad);
    let none = BTreeMap::new();
    let countries = Countries { settings: &none, dynamics: &none };
    let hold = recipient(&bad, "", "", &countries).expect_err("a bad address");
    (hold.cause, hold.field, hold.value)
}

fn abroad(country: &str, iso: &str) -> Address {
    Address { country: country.into(), country_iso: iso.into(), state: String::new(), ..address() }
}

#[test]
fn a_street_of_two_lines_fills_both_lines_of_shipbob() {
    let made = made(&Address { street: "Rear building\nMain Street 1".into(), ..address() });
    assert_eq!(
        (made.address1.as_str(), made.address2.as_str()),
        ("Rear building", "Main Street 1")
    );
}

#[test]
fn a_street_of_four_lines_loses_nothing() {
    let made =
        made(&Address { street: "c/o X\r\n\r\nMain 1\nFloor 3\n Door 7 ".into(), ..address() });
    assert_eq!(made.address1, "c/o X");
    assert_eq!(made.address2, "Main 1, Floor 3, Door 7");
}

#[test]
fn a_name_of_sixty_characters_and_more_is_not_cut() {
    for length in [60, 61, 300] {
        let name = "é".repeat(length);
        assert_eq!(made(&Address { name: name.clone(), ..address() }).name, name);
    }
    let long = refused(|a| a.name = "x".repeat(301));
    assert_eq!((long.0.as_str(), long.1.as_str()), ("address-too-long", "name"));
}

#[test]
fn umlauts_apostrophes_and_emoji_arrive_as_they_are() {
    for name in ["Jürgen Großmann", "Conan O'Brien \"Co\"", "Zoë 😀🚚", "渡辺"] {
        assert_eq!(made(&Address { name: name.into(), ..address() }).name, name);
    }
}

#[test]
fn white_space_is_folded_and_control_characters_vanish() {
    let made = made(&Address { name: "\u{0}Jane\t \u{7}Doe\u{a0} ".into(), ..address() });
    assert_eq!(made.name, "Jane Doe");
}

#[test]
fn a_missing_field_is_a_hold_that_names_it() {
    let table: [(&str, &str, Change); 5] = [
        ("name-missing", "name", |a| a.name = " \n".into()),
        ("street-missing", "street", |a| a.street = "\n \r\n".into()),
        ("city-missing", "city", |a| a.city = String::new()),
        ("postcode-missing", "zip", |a| a.zip = String::new()),
        ("state-missing", "state", |a| a.state = String::new()),
    ];
    for (cause, field, change) in table {
        let (found, named, _) = refused(change);
        assert_eq!((found.as_str(), named.as_str()), (cause, field));
    }
}

#[test]
fn a_postcode_is_not_asked_for_where_there_is_none() {
    let hong_kong = Address { zip: String::new(), ..abroad("HKG", "HK") };
    assert_eq!(made(&hong_kong).country, "HK");
    assert_eq!(
        refused(|a| *a = Address { zip: String::new(), ..abroad("DEU", "DE") }).0,
        "postcode-missing"
    );
}

#[test]
fn a_state_is_asked_for_only_where_parcels_need_one() {
    assert_eq!(made(&abroad("DEU", "de")).country, "DE");
    for (country, iso) in [("CAN", "CA"), ("AUS", "AU")] {
        assert_eq!(refused(|a| *a = abroad(country, iso)).0, "state-missing");
    }
}

#[test]
fn a_territory_is_sent_under_its_own_code() {
    assert_eq!(made(&abroad("PRI", "PR")).country, "PR");
    assert_eq!(made(&Address { state: "PR".into(), ..address() }).country, "US");
}

#[test]
fn kosovo_goes_when_f_and_o_gives_a_code_and_waits_when_it_does_not() {
    assert_eq!(made(&abroad("XKX", "XK")).country, "XK");
    let held = refused(|a| *a = abroad("XKX", ""));
    assert_eq!(held, ("country-unknown".into(), "country".into(), "XKX".into()));
}

#[test]
fn the_persons_table_wins_over_the_address_and_the_address_over_f_and_os_table() {
    let table = |iso: &str| BTreeMap::from([("xkx".to_owned(), iso.to_owned())]);
    let (settings, dynamics) = (table("RS"), table("AL"));
    let country = |settings: &BTreeMap<String, String>, iso: &str| {
        let countries = Countries { settings, dynamics: &dynamics };
        recipient(&abroad("XKX", iso), "", "", &countries).expect("known").country
    };
    assert_eq!(country(&settings, "XK"), "RS");
    assert_eq!(country(&BTreeMap::new(), "XK"), "XK");
    assert_eq!(country(&BTreeMap::new(), ""), "AL");
}

#[test]
fn a_code_of_three_letters_is_no_iso_code() {
    for iso in ["USA", "U", "1A", "Ü"] {
        assert_eq!(refused(|a| *a = abroad("ZZZ", iso)).0, "country-unknown", "{iso}");
    }
}

#[test]
fn every_field_has_a_limit() {
    let long = || "x".repeat(301);
    let table: [(&str, Fill); 4] = [
        ("street", |a, x| a.street = x),
        ("city", |a, x| a.city = x),
        ("state", |a, x| a.state = x),
        ("postal code", |a, x| a.zip = x),
    ];
    for (field, change) in table {
        assert_eq!(refused(|a| change(a, long())).1, field);
    }
    let none = BTreeMap::new();
    let countries = Countries { settings: &none, dynamics: &none };
    let phone = recipient(&address(), "", &"5".repeat(51), &countries).expect_err("too long");
    assert_eq!(phone.field, "phone");
}

#[test]
fn a_hold_never_carries_the_name_or_the_street() {
    let mut w = World::of(1);
    w.order().address.zip = String::new();
    w.order().address.name = "Very Secret".into();
    let plan = w.run();
    let text = format!("{:?}", hold(&plan, "postcode-missing"));
    assert!(!text.contains("Secret") && !text.contains("Main Street"), "{text}");
}
