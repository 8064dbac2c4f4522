use proptest::prelude::*;
use serde_json::Value as Json;

use super::batch::{self, Part};
use super::refusal::Refusal;
use super::value::{EMPTY_DATE, Value, like, noon};
use super::{address, auth, filter, query, sets};
use crate::world::Shared;
use crate::world::config::TwinConfig;
use crate::world::exchange::{ReplyBody, TwinRequest};
use crate::world::ledger::System;

fn json(value: Value<'_>) -> String {
    let mut out = Vec::new();
    value.write_json(&mut out);
    String::from_utf8(out).expect("text")
}

#[test]
fn moments_are_written_as_the_calendar_has_them() {
    assert_eq!(json(Value::Time(EMPTY_DATE)), "\"1900-01-01T12:00:00Z\"");
    assert_eq!(json(Value::Time(951_782_400_000_000)), "\"2000-02-29T00:00:00Z\"");
    assert_eq!(json(Value::Time(noon(1_795_424_400_999_999))), "\"2026-11-23T12:00:00Z\"");
    assert_eq!(json(Value::Dec("2.500".parse().expect("decimal"))), "2.5");
    assert_eq!(json(Value::Str("a\"b\n")), r#""a\"b\n""#);
}

#[test]
fn wildcards_match_anything_or_nothing() {
    assert!(
        like("so-*1", "SO-0001") && like("*", "") && like("*b*", "abc") && like("a*c*e", "abcde")
    );
    assert!(
        !like("a*", "ba") && !like("*ab", "abc") && !like("abc", "ab") && !like("a*b*c", "acb")
    );
}

#[test]
fn the_sets_agree_with_the_vendor_contract_where_it_is_at_hand() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contracts/d365fo-entities.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!(
            "NOT CHECKED: the vendor contract is not here; the tables of the F&O twin stand unproved"
        );
        return;
    };
    let contract: Json = serde_json::from_str(&text).expect("the contract is JSON");
    let all = contract["entities"].as_array().expect("entities");
    for set in sets::SETS {
        let entity = all.iter().find(|entity| entity["entity_set"] == set.name).expect(set.name);
        let keys: Vec<&str> =
            entity["keys"].as_array().expect("keys").iter().filter_map(Json::as_str).collect();
        assert_eq!(keys, set.keys, "{}", set.name);
        if let Some(name) = entity["entity_type"].as_str() {
            assert_eq!(name, set.entity);
        }
        let properties = entity["properties"].as_array().expect("properties");
        for property in set.properties {
            let found = properties.iter().find(|known| known["name"] == property.name);
            let found = found.unwrap_or_else(|| panic!("{} has no {}", set.name, property.name));
            assert_eq!(found["type"], property.ty.edm(), "{}.{}", set.name, property.name);
        }
        let navigation = entity["navigation"].as_array().expect("navigation");
        for mine in set.navigation {
            assert!(navigation.iter().any(|known| known["name"] == mine.name), "{}", mine.name);
        }
    }
}

#[test]
fn table_properties_are_named_once() {
    for set in sets::SETS {
        let names: std::collections::BTreeSet<&str> =
            set.properties.iter().map(|property| property.name).collect();
        assert_eq!(names.len(), set.properties.len(), "{}", set.name);
        assert!(set.keys.iter().all(|key| names.contains(key)), "{}", set.name);
    }
}

fn request(method: http::Method, target: &str, token: Option<&str>, body: &str) -> TwinRequest {
    let mut headers = http::HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse().expect("header"));
    } else {
        headers
            .insert("content-type", "application/x-www-form-urlencoded".parse().expect("header"));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    TwinRequest {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.to_owned().into(),
        lag_micros: 0,
        late: false,
    }
}

#[test]
fn an_unmapped_application_reads_metadata_and_nothing_else() {
    let shared = Shared::new(TwinConfig { orders: 3, ..TwinConfig::default() });
    let mut world = shared.lock();
    let auth::Registration { tenant, secret, unmapped_client, .. } =
        world.dynamics.registration.clone();
    let scope = format!("{}/.default", world.config.dynamics_url);
    let form = format!(
        "grant_type=client_credentials&client_id={unmapped_client}&client_secret={secret}&scope={scope}"
    );
    let asked = request(http::Method::POST, &format!("/{tenant}/oauth2/v2.0/token"), None, &form);
    let ReplyBody::Whole(body) = world.dispatch(System::Entra, &asked).body else {
        panic!("no body")
    };
    let body: Json = serde_json::from_slice(&body).expect("JSON");
    let token = body["access_token"].as_str().expect("token");
    let get = |target: &str| request(http::Method::GET, target, Some(token), "");
    assert_eq!(world.dispatch(System::Dynamics, &get("/data/$metadata")).status, 200);
    assert_eq!(world.dispatch(System::Dynamics, &get("/data/LegalEntities?$top=1")).status, 403);
}

#[test]
fn a_feed_that_lags_hides_what_is_fresh_and_shows_it_later() {
    let shared = Shared::new(TwinConfig { orders: 20, ..TwinConfig::default() });
    let mut world = shared.lock();
    let auth::Registration { tenant, secret, client, .. } = world.dynamics.registration.clone();
    let scope = format!("{}/.default", world.config.dynamics_url);
    let form = format!(
        "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={scope}"
    );
    let asked = request(http::Method::POST, &format!("/{tenant}/oauth2/v2.0/token"), None, &form);
    let ReplyBody::Whole(body) = world.dispatch(System::Entra, &asked).body else {
        panic!("no body")
    };
    let body: Json = serde_json::from_slice(&body).expect("JSON");
    let token = body["access_token"].as_str().expect("token").to_owned();
    let count = |world: &mut crate::world::World, lag: i64| {
        let target = "/data/SalesTableBiEntities/$count?cross-company=true";
        let mut asked = request(http::Method::GET, target, Some(&token), "");
        asked.lag_micros = lag;
        match world.dispatch(System::Dynamics, &asked).body {
            ReplyBody::Whole(body) => {
                String::from_utf8(body).expect("text").parse::<usize>().expect("number")
            }
            ReplyBody::Aborted => panic!("no body"),
        }
    };
    let all = count(&mut world, 0);
    assert!(count(&mut world, 20_000_000) < all);
}

#[test]
fn an_inner_request_keeps_its_headers_and_body() {
    let text = "--b\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\nPATCH https://x.test/data/SalesOrderLines(a='b')?cross-company=true HTTP/1.1\nIf-Match: W/\"1\"\n\n{\"a\": 1}\n--b--";
    let parts = batch::parse(text.as_bytes(), "b").expect("parts");
    let [Part::Single(operation)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((operation.method, operation.path), ("PATCH", "/data/SalesOrderLines(a='b')"));
    assert_eq!((operation.query, operation.if_match), ("cross-company=true", Some("W/\"1\"")));
    assert_eq!(operation.body, b"{\"a\": 1}");
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_fall_over(text in ".{0,200}") {
        let set = sets::named("SalesOrderHeadersV2").expect("set");
        let _ = filter::parse(set, &text);
        let _ = query::parse(set, &text, true);
        let _ = address::parse(&text);
        let _ = batch::parse(text.as_bytes(), "b");
        let _ = batch::boundary(&text);
    }

    #[test]
    fn any_text_survives_as_a_literal(text in "[^*]{0,40}") {
        let set = sets::named("SalesOrderHeadersV2").expect("set");
        let expr = filter::parse(set, &format!("SalesOrderName eq '{}'", text.replace('\'', "''"))).expect("filter");
        let place = set.property("SalesOrderName").expect("place");
        let wanted = filter::Literal::Text(text);
        prop_assert_eq!(expr.points(place), Some(vec![&wanted]));
    }

    #[test]
    fn parentheses_are_bounded(depth in 1_usize..200) {
        let set = sets::named("SalesOrderHeadersV2").expect("set");
        let text = format!("{}SalesOrderName eq 'x'{}", "(".repeat(depth), ")".repeat(depth));
        let parsed = filter::parse(set, &text);
        prop_assert_eq!(matches!(parsed, Err(Refusal::Query(_))), depth > 32);
    }
}
