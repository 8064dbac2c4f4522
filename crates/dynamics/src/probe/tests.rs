use super::*;
use crate::testing::{NOW, Reply, Rig, batch, json, part, rows, run};
use transport::Request;

fn page(url: &str) -> String {
    let set = url.split("/data/").nth(1).unwrap().split('?').next().unwrap();
    match set {
        "LegalEntities" => rows(&[r#"{"LegalEntityId":"USMF"}"#, r#"{"LegalEntityId":"dat"}"#]),
        "Warehouses" => rows(&[
            r#"{"WarehouseId":"SB01","OperationalSiteId":"1","AreAdvancedWarehouseManagementProcessesEnabled":"No","IsWarehouseExternallyManaged":"No"}"#,
            r#"{"WarehouseId":"EX01","OperationalSiteId":"1","IsWarehouseExternallyManaged":"Yes"}"#,
        ]),
        "DeliveryModesV2" => rows(&[r#"{"ModeCode":"STD"}"#]),
        "SalesOrderPools" => rows(&[r#"{"PoolId":"SHIPBOB"}"#]),
        "ShippingCarrierServices" => rows(&[r#"{"ShippingCarrierId":"UPS","ServiceId":"GROUND"}"#]),
        "AddressCountryRegions" => rows(&[r#"{"CountryRegion":"USA","ISOcode":"US"}"#, r#"{"CountryRegion":"XXX","ISOcode":""}"#]),
        "UnitOfMeasureConversions" => rows(&[
            r#"{"FromUnitSymbol":"dz","ToUnitSymbol":"ea","Factor":12.0,"Numerator":1,"Denominator":1,"InnerOffset":0,"OuterOffset":0}"#,
            r#"{"FromUnitSymbol":"C","ToUnitSymbol":"F","Factor":1.8,"Numerator":1,"Denominator":1,"InnerOffset":0,"OuterOffset":32}"#,
            r#"{"FromUnitSymbol":"a","ToUnitSymbol":"b","Factor":1,"Numerator":1,"Denominator":0}"#,
        ]),
        "ProductUnitOfMeasureConversions" => {
            r#"{"value":[{"ProductNumber":"P","FromUnitSymbol":"box","ToUnitSymbol":"ea","Factor":6,"Numerator":2,"Denominator":1}],"@odata.nextLink":"https://ENV.operations.dynamics.com/data/ProductUnitOfMeasureConversions?$skip=1"}"#.to_owned()
        }
        _ => rows(&[]),
    }
}

fn environment(next: impl Fn(&str) -> Reply + Send + 'static) -> Rig {
    Rig::new(move |request: &Request| {
        if request.url.ends_with("/$batch") {
            let body = String::from_utf8(request.body.to_vec()).unwrap();
            let parts: Vec<String> = body
                .lines()
                .filter_map(|line| line.strip_prefix("GET "))
                .map(|line| part(200, &page(line)))
                .collect();
            return Ok(batch(&parts));
        }
        next(&request.url)
    })
}

fn two_pages(url: &str) -> Reply {
    match url.contains("$skip=1") {
        true => Ok(json(
            200,
            &rows(&[
                r#"{"ProductNumber":"Q","FromUnitSymbol":"box","ToUnitSymbol":"ea","Factor":4,"Numerator":1,"Denominator":1}"#,
            ]),
        )),
        false => Ok(json(404, "")),
    }
}

#[test]
fn the_reference_data_of_the_company_is_read() {
    let rig = environment(two_pages);
    let found = run(rig.dynamics.probe(NOW)).unwrap();
    assert!(found.companies.contains("usmf"));
    assert!(!found.warehouses[0].advanced && !found.warehouses[0].external);
    assert!(found.warehouses[1].advanced, "not said counts as on");
    assert!(found.modes.contains("STD") && found.pools.contains("SHIPBOB"));
    assert!(found.carrier_services.contains(&("UPS".to_owned(), "GROUND".to_owned())));
    assert_eq!(found.countries.get("USA").map(String::as_str), Some("US"));
    assert!(!found.countries.contains_key("XXX"));
    let rule = |from: &str, product: &str| {
        found.conversions.iter().find(|c| c.from == from && c.product == product)
    };
    assert_eq!(rule("dz", "").unwrap().numerator, Decimal::from(12));
    assert!(rule("C", "").unwrap().has_offset);
    assert!(rule("a", "").is_none());
    assert_eq!(rule("box", "P").unwrap().numerator, Decimal::from(12));
    assert_eq!(rule("box", "Q").unwrap().numerator, Decimal::from(4), "the second page was read");
    rig.assert_balanced(1);
}

#[test]
fn a_next_link_to_another_host_is_not_followed() {
    let rig = environment(two_pages);
    for link in [
        "https://evil.example/data/X",
        "https://env.operations.dynamics.com.evil.example/data/X",
        "https://env.operations.dynamics.com@evil.example/data/X",
        "//evil.example/data/X",
        "data/X",
        "https://env.operations.dynamics.com/metadata/X",
    ] {
        assert!(rig.dynamics.own(link).is_err(), "{link}");
    }
    assert_eq!(
        rig.dynamics.own("/data/X?$skip=1&$filter=a eq 1").unwrap(),
        "https://env.operations.dynamics.com/data/X?$skip=1&$filter=a%20eq%201"
    );
}

#[test]
fn pages_that_never_end_do_end() {
    let rig = environment(|url| match url.contains("Product") {
        true => Ok(json(
            200,
            r#"{"value":[],"@odata.nextLink":"/data/ProductUnitOfMeasureConversions?x"}"#,
        )),
        false => Ok(json(404, "")),
    });
    assert!(matches!(run(rig.dynamics.probe(NOW)), Err(CallError::Malformed { .. })));
}

#[test]
fn a_company_the_user_cannot_see_is_named() {
    let rig = Rig::new(|request: &Request| {
        let gets = String::from_utf8_lossy(&request.body).matches("GET ").count();
        Ok(batch(&vec![part(200, &rows(&[])); gets]))
    });
    let Err(CallError::NoAccess { why, .. }) = run(rig.dynamics.probe(NOW)) else { panic!() };
    assert!(why.contains("usmf"));
}

#[test]
fn a_missing_right_on_a_set_shows_at_once() {
    let rig = Rig::new(|request: &Request| {
        let body = String::from_utf8_lossy(&request.body).to_string();
        let gets = body.lines().filter(|line| line.starts_with("GET "));
        let parts: Vec<String> = gets
            .map(|line| match line.contains("SalesLineBiEntities") {
                true => part(403, ""),
                false => part(200, &rows(&[])),
            })
            .collect();
        Ok(batch(&parts))
    });
    assert!(matches!(run(rig.dynamics.probe(NOW)), Err(CallError::NoAccess { status: 403, .. })));
}
