//! From an F&O address to a ShipBob recipient, or to a hold that says which field is wrong.
//!
//! Nothing is cut and nothing is guessed: ShipBob accepts almost any address at once and puts the
//! shipment on hold later, so what can be known to be wrong is held here.

use crate::disposition::HoldReason;
use crate::sales::Address;
use crate::warehouse::Recipient;
use std::collections::BTreeMap;

/// ShipBob's limit for names; lines have none published, so the same is used for them.
const MAX_TEXT: usize = 300;
/// ShipBob's limit for phone numbers.
const MAX_PHONE: usize = 50;

/// Countries and territories without postal codes (Universal Postal Union).
const WITHOUT_POSTCODE: &[&str] = &[
    "AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BS", "BW", "BZ", "CD", "CF", "CG", "CI", "CK",
    "CM", "DJ", "DM", "ER", "FJ", "GA", "GD", "GH", "GM", "GN", "GQ", "GY", "HK", "JM", "KI", "KM",
    "KN", "KP", "LC", "ML", "MO", "MR", "MW", "NR", "NU", "QA", "RW", "SB", "SC", "SL", "SR", "ST",
    "SY", "TG", "TK", "TL", "TO", "TV", "UG", "VU", "YE", "ZW",
];

/// Countries in which no parcel travels without a state or province.
const WITH_STATE: &[&str] = &["AU", "CA", "US"];

/// Where the ISO code of an F&O country comes from.
pub struct Countries<'a> {
    /// The person's own table; it wins.
    pub settings: &'a BTreeMap<String, String>,
    /// F&O's table.
    pub dynamics: &'a BTreeMap<String, String>,
}

impl Countries<'_> {
    fn iso(&self, address: &Address) -> Option<String> {
        let id = address.country.trim();
        let in_table = |table: &BTreeMap<String, String>| {
            table.iter().find(|(k, _)| k.eq_ignore_ascii_case(id)).map(|(_, iso)| iso.clone())
        };
        let given =
            [in_table(self.settings), Some(address.country_iso.clone()), in_table(self.dynamics)];
        given
            .into_iter()
            .flatten()
            .map(|c| c.trim().to_uppercase())
            .find(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase()))
    }
}

/// The recipient to send, or what a person must mend first.
pub fn recipient(
    address: &Address,
    email: &str,
    phone: &str,
    countries: &Countries<'_>,
) -> Result<Recipient, HoldReason> {
    let Some(country) = countries.iso(address) else {
        return Err(HoldReason::new(
            "country-unknown",
            "country",
            &address.country,
            "The country of the delivery address has no ISO code in Dynamics.",
            "Set the ISO code of the country in Dynamics, or add it under [connection.countries] in the configuration.",
        ));
    };
    let (address1, address2) = street_lines(&address.street);
    let recipient = Recipient {
        name: clean(&address.name),
        company: String::new(),
        address1,
        address2,
        city: clean(&address.city),
        state: clean(&address.state),
        zip: clean(&address.zip),
        country,
        email: clean(email),
        phone: clean(phone),
    };
    check(&recipient)?;
    Ok(recipient)
}

fn check(r: &Recipient) -> Result<(), HoldReason> {
    let missing = |cause: &str, field: &str, what: &str| {
        Err(HoldReason::new(
            cause,
            field,
            &r.country,
            &format!("The delivery address has no {what}."),
            &format!("Add the {what} to the delivery address of the order in Dynamics."),
        ))
    };
    if r.name.is_empty() {
        return missing("name-missing", "name", "recipient name");
    }
    if r.address1.is_empty() {
        return missing("street-missing", "street", "street");
    }
    if r.city.is_empty() {
        return missing("city-missing", "city", "city");
    }
    if r.zip.is_empty() && !WITHOUT_POSTCODE.contains(&r.country.as_str()) {
        return missing("postcode-missing", "zip", "postal code");
    }
    if r.state.is_empty() && WITH_STATE.contains(&r.country.as_str()) {
        return missing("state-missing", "state", "state or province");
    }
    let long = [
        ("name", &r.name, MAX_TEXT),
        ("street", &r.address1, MAX_TEXT),
        ("street", &r.address2, MAX_TEXT),
        ("city", &r.city, MAX_TEXT),
        ("state", &r.state, MAX_TEXT),
        ("postal code", &r.zip, MAX_TEXT),
        ("e-mail", &r.email, MAX_TEXT),
        ("phone", &r.phone, MAX_PHONE),
    ];
    match long.iter().find(|(_, text, limit)| text.chars().count() > *limit) {
        None => Ok(()),
        Some((field, _, limit)) => Err(HoldReason::new(
            "address-too-long",
            field,
            "",
            &format!("The {field} is longer than the {limit} characters ShipBob takes."),
            &format!("Shorten the {field} on the order in Dynamics."),
        )),
    }
}

/// First line, and all further lines joined: F&O allows any number, ShipBob two.
fn street_lines(street: &str) -> (String, String) {
    let mut lines = street.split(['\n', '\r']).map(clean).filter(|l| !l.is_empty());
    let first = lines.next().unwrap_or_default();
    (first, lines.collect::<Vec<_>>().join(", "))
}

/// White space folded, control characters gone, nothing else touched.
pub(crate) fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
