//! Customers: invented people at plausible addresses, plain and awkward.

use super::category::Category;
use crate::fo::rows::Address;
use crate::world::chance::Chance;

/// City, state, postcode, country (three letters), ISO-2.
type Place = (&'static str, &'static str, &'static str, &'static str, &'static str);

const US: &[Place] = &[
    ("Portland", "OR", "97205", "USA", "US"),
    ("Austin", "TX", "78701", "USA", "US"),
    ("Madison", "WI", "53703", "USA", "US"),
    ("Boise", "ID", "83702", "USA", "US"),
    ("Savannah", "GA", "31401", "USA", "US"),
    ("St. Paul", "MN", "55101", "USA", "US"),
    ("Coeur d'Alene", "ID", "83814", "USA", "US"),
    ("New York", "NY", "10001-2345", "USA", "US"),
];

const ABROAD: &[Place] = &[
    ("Toronto", "ON", "M5V 2T6", "CAN", "CA"),
    ("Köln", "", "50667", "DEU", "DE"),
    ("London", "", "SW1A 1AA", "GBR", "GB"),
    ("Malmö", "", "211 22", "SWE", "SE"),
];

const FIRST: &[&str] = &[
    "Ada", "Ben", "Clara", "David", "Elena", "Frank", "Grace", "Hugo", "Iris", "Jonas", "Kira",
    "Liam", "Mia",
];
const LAST: &[&str] = &[
    "Fischer", "Walker", "Moreau", "Silva", "Novak", "Berg", "Castle", "Dunn", "Ericson", "Farrow",
    "Gale", "Hart",
];
const STREETS: &[&str] =
    &["Oak Street", "Maple Avenue", "2nd Street", "Harbor Road", "Mill Lane", "Kings Court"];

/// A customer and where the goods go.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) account: String,
    pub(crate) address: Address,
    pub(crate) phone: String,
    pub(crate) email: String,
    /// The destination is outside the United States and their territories.
    pub(crate) abroad: bool,
}

fn place(place: Place, name: String, street: String) -> Address {
    let (city, state, zip, country, country_iso) = place;
    Address {
        name,
        street,
        city: city.to_owned(),
        county: String::new(),
        state: state.to_owned(),
        zip: zip.to_owned(),
        country,
        country_iso,
        location: String::new(),
    }
}

/// The customer of the order with that number.
pub(crate) fn person(chance: Chance, number: &str, category: Category) -> Person {
    let pick = |what: &str, list: &'static [&'static str]| {
        chance.choose(what, number, list).copied().unwrap_or("Kim")
    };
    let name = format!("{} {}", pick("first", FIRST), pick("last", LAST));
    let street =
        format!("{} {}", chance.between("house", number, 1, 2_400), pick("street", STREETS));
    let abroad = category == Category::Ordinary && chance.per_mille("abroad", number, 60);
    let list = if abroad { ABROAD } else { US };
    let home = chance
        .choose("place", number, list)
        .copied()
        .unwrap_or(("Portland", "OR", "97205", "USA", "US"));
    let mut address = place(home, name, street);
    let abroad = awkward(&mut address, number, category) || abroad;
    address.location = format!("L{}", chance.digits("location", number, 8));
    let account = match category {
        Category::SameName => format!("US-7{}", chance.digits("account", number, 4)),
        _ => format!("US-{}", chance.digits("account", number, 4)),
    };
    Person {
        account,
        email: format!("kunde.{}@example.com", chance.digits("mail", number, 6)),
        phone: if chance.per_mille("phone", number, 700) {
            format!("+1 503 555 {}", chance.digits("phone number", number, 4))
        } else {
            String::new()
        },
        address,
        abroad,
    }
}

/// Makes the address as awkward as the category says; true when it now lies abroad.
fn awkward(address: &mut Address, number: &str, category: Category) -> bool {
    match category {
        Category::Umlauts => {
            "Jürgen Groß-Öztürk".clone_into(&mut address.name);
            *address = place(
                ("Düsseldorf", "", "40213", "DEU", "DE"),
                address.name.clone(),
                "Königsallee 1ä".to_owned(),
            );
            return true;
        }
        Category::Apostrophe => {
            "Siobhán \"Sue\" O'Neill-D'Arcy".clone_into(&mut address.name);
            "12 King's Mews; Unit 4".clone_into(&mut address.street);
        }
        Category::Emoji => address.name.push_str(" 🎁 Gift Shop"),
        Category::LongName => {
            "The Extraordinarily Long-Named Cooperative of Independent Coffee Roasters and Bakers of the Lower Columbia"
                .clone_into(&mut address.name);
        }
        Category::TwoLineStreet => {
            address.street = format!("{}\nApt 12, 3rd floor", address.street)
        }
        Category::CompanyName => {
            address.name = format!("Contoso Retail {} GmbH & Co. KG", number.len());
        }
        Category::PuertoRico => {
            *address = place(
                ("San Juan", "PR", "00901", "PRI", "PR"),
                address.name.clone(),
                address.street.clone(),
            );
        }
        Category::Kosovo => {
            *address = place(
                ("Prishtina", "", "10000", "XKX", "XK"),
                address.name.clone(),
                "Rr. Agim Ramadani 7".to_owned(),
            );
            return true;
        }
        Category::NoPostcode => address.zip.clear(),
        Category::SameName => "Maria Garcia".clone_into(&mut address.name),
        _ => {}
    }
    false
}

/// A second address, for lines that go elsewhere.
pub(crate) fn second_address(chance: Chance, number: &str) -> Address {
    let name = format!(
        "Reception, {}",
        chance.choose("second last", number, LAST).copied().unwrap_or("Hart")
    );
    place(("Boise", "ID", "83702", "USA", "US"), name, "77 Warehouse Way".to_owned())
}
