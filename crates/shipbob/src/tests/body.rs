use super::wanted;
use crate::convert;
use serde_json::{Value, json};

fn body() -> Value {
    serde_json::to_value(convert::new_order(&wanted())).expect("a body")
}

#[test]
fn a_create_says_exactly_what_the_contract_names() {
    assert_eq!(
        body(),
        json!({
            "reference_id": "usmf-SO-1-1-1",
            "order_number": "SO-1",
            "type": "DTC",
            "shipping_method": "Standard",
            "location_id": 1,
            "purchase_date": "2026-11-23T09:00:00Z",
            "recipient": {
                "name": "Zoë O'Brien",
                "email": "zoe@example.org",
                "address": {
                    "address1": "12 Rue de la Paix", "city": "Paris", "zip_code": "75002",
                    "country": "FR",
                },
            },
            "products": [{
                "reference_id": "A-1", "name": "Lamp", "quantity": 3, "external_line_id": 7,
                "unit_price": 12.10,
            }],
        })
    );
}

#[test]
fn a_price_is_written_with_its_own_digits() {
    let mut order = wanted();
    order.lines[0].unit_price = Some("0.1000000000000000055".parse().expect("a decimal"));
    let text = serde_json::to_string(&convert::new_order(&order)).expect("a body");
    assert!(text.contains("\"unit_price\":0.1000000000000000055"), "{text}");
}

#[test]
fn nothing_financial_but_the_customs_value_is_sent() {
    let mut order = wanted();
    order.lines[0].unit_price = None;
    let text = serde_json::to_string(&convert::new_order(&order)).expect("a body");
    for word in ["price", "financial", "amount", "total", "tax", "currency"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn an_order_of_a_network_names_no_centre_and_none_of_its_set() {
    let mut order = wanted();
    order.centre = None;
    order.choice = [domain::ids::CentreId(731), domain::ids::CentreId(733)].into();
    let text = serde_json::to_string(&convert::new_order(&order)).expect("a body");
    for word in ["location", "centre", "choice", "731", "733"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}
