//! The F&O twin against our book and the vendor's metadata.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::book::{DYNAMICS, read, table, text, texts};
use crate::none;
use crate::twin::Pair;
use crate::vendor::Metadata;

/// Set → property → type in our words.
type Sets = BTreeMap<String, BTreeMap<String, String>>;

fn our_word(edm: &str) -> String {
    let bare = edm.strip_prefix("Microsoft.Dynamics.DataEntities.").or(edm.strip_prefix("Edm."));
    match (edm, bare) {
        ("Edm.DateTimeOffset", _) => "datetime".to_owned(),
        (_, Some(bare)) if edm.starts_with("Edm.") => bare.to_lowercase(),
        (_, bare) => bare.unwrap_or(edm).to_owned(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

async fn entities(pair: &Pair) -> Vec<Value> {
    let reply = pair.fo("GET", "/metadata/PublicEntities", &[], "").await;
    assert_eq!(reply.status, 200);
    list(&reply.body["value"]).to_vec()
}

fn served(entities: &[Value]) -> Sets {
    let name = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let properties = |entity: &Value| {
        list(&entity["Properties"])
            .iter()
            .map(|p| (name(&p["Name"]), our_word(p["TypeName"].as_str().unwrap_or_default())))
            .collect()
    };
    entities.iter().map(|e| (name(&e["EntitySetName"]), properties(e))).collect()
}

#[tokio::test]
async fn every_fo_property_we_rely_on_is_served_with_its_type() {
    let pair = Pair::start().await;
    let served = served(&entities(&pair).await);
    let fo = read(DYNAMICS);
    let mut faults = Vec::new();
    for (set, _) in table(&fo, "set") {
        let Some(theirs) = served.get(set) else {
            faults.push(format!("the twin has no {set}"));
            continue;
        };
        for (property, of) in table(&fo, &format!("set.{set}.properties")) {
            if theirs.get(property).map(String::as_str) != of.as_str() {
                faults.push(format!("{set}.{property} is {of}, twin: {:?}", theirs.get(property)));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn every_fo_property_the_twin_serves_is_the_vendors() {
    let pair = Pair::start().await;
    let entities = entities(&pair).await;
    let Some(vendor) = Metadata::read() else { return };
    let mut faults = Vec::new();
    for (set, properties) in served(&entities) {
        if !vendor.has(&set) {
            faults.push(format!("no set {set}"));
        }
        for (property, of) in properties {
            if vendor.property(&set, &property).as_ref() != Some(&of) {
                let theirs = vendor.property(&set, &property);
                faults.push(format!("{set}.{property}: twin {of}, vendor {theirs:?}"));
            }
        }
    }
    for entity in &entities {
        let set = entity["EntitySetName"].as_str().unwrap_or_default();
        let keys: BTreeSet<String> = list(&entity["Properties"])
            .iter()
            .filter(|p| p["IsKey"] == true)
            .filter_map(|p| Some(p["Name"].as_str()?.to_owned()))
            .collect();
        if keys != vendor.keys(set) {
            faults.push(format!("{set}: key {keys:?}, vendor {:?}", vendor.keys(set)));
        }
        if vendor.read_only(set) && entity["IsReadOnly"] != true {
            faults.push(format!("{set}: the twin lets it be written"));
        }
        for navigation in list(&entity["NavigationProperties"]) {
            let name = navigation["Name"].as_str().unwrap_or_default();
            if !vendor.navigates(set, name) {
                faults.push(format!("{set}: no navigation {name}"));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn the_twin_describes_itself_the_same_way_twice() {
    let pair = Pair::start().await;
    let sets = served(&entities(&pair).await);
    let edmx = pair.fo("GET", "/data/$metadata", &[], "").await.body;
    let edmx = edmx.as_str().unwrap_or_default();
    let listed: BTreeSet<String> = pair
        .fo_rows("/data")
        .await
        .iter()
        .filter_map(|row| Some(row["name"].as_str()?.to_owned()))
        .collect();
    let mut faults = Vec::new();
    for (set, properties) in &sets {
        if !listed.contains(set) || !edmx.contains(&format!("EntitySet Name=\"{set}\"")) {
            faults.push(format!("{set} is not listed everywhere"));
        }
        for property in properties.keys() {
            if !edmx.contains(&format!("Property Name=\"{property}\"")) {
                faults.push(format!("$metadata lacks {set}.{property}"));
            }
        }
    }
    let fo = read(DYNAMICS);
    for (name, _) in table(&fo, "enum") {
        for (member, value) in table(&fo, &format!("enum.{name}.members")) {
            if !edmx.contains(&format!("Member Name=\"{member}\" Value=\"{value}\"")) {
                faults.push(format!("$metadata lacks {name}.{member} = {value}"));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn every_member_of_a_row_is_a_property_of_its_set() {
    let mut pair = Pair::start().await;
    pair.pass(86_400_000_000);
    pair.log_in().await;
    let mut faults = Vec::new();
    for (set, properties) in served(&entities(&pair).await) {
        for row in pair.fo_rows(&format!("/data/{set}?cross-company=true&$top=20")).await {
            for member in row.as_object().into_iter().flatten().map(|(member, _)| member) {
                if member != "@odata.etag" && !properties.contains_key(member) {
                    faults.push(format!("{set}: {member}"));
                }
            }
            if row["@odata.etag"].as_str().is_none_or(|etag| !etag.starts_with("W/\"")) {
                faults.push(format!("{set}: a row without etag"));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn the_twin_refuses_every_query_the_book_calls_refused() {
    let pair = Pair::start().await;
    let company = "/data/SalesOrderHeadersV2?cross-company=true&";
    for query in [
        "$filter=SalesOrderNumber in ('SO-000001','SO-000002')",
        "$filter=startswith(SalesOrderNumber,'SO')",
        "$filter=contains(SalesOrderNumber,'SO')",
        "$filter=SalesOrderNumber gt 'SO-000001'",
        "$filter=SalesOrderStatus eq 'Backorder'",
        "$filter=SalesOrderStatus eq Microsoft.Dynamics.DataEntities.SalesStatus'Open'",
        "$filter=NoSuchProperty eq 'x'",
        "$select=NoSuchProperty",
        "$expand=SalesOrderLines($expand=SalesOrderHeaderV2)",
    ] {
        let reply =
            pair.fo("GET", &format!("{company}{}", query.replace(' ', "%20")), &[], "").await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
    }
    let good =
        "$filter=SalesOrderStatus%20eq%20Microsoft.Dynamics.DataEntities.SalesStatus'Backorder'";
    assert!(!pair.fo_rows(&format!("{company}{good}&$top=3")).await.is_empty());
    assert!(pair.fo_rows("/data/SalesOrderHeadersV2").await.is_empty(), "without cross-company");
    let unknown = pair.fo("GET", "/data/NoSuchSet", &[], "").await;
    assert!(unknown.status == 404 && unknown.body["Message"].is_string(), "{}", unknown.body);
}

#[tokio::test]
async fn the_twin_answers_writes_as_the_book_says() {
    let pair = Pair::start().await;
    let fo = read(DYNAMICS);
    let open =
        "$filter=SalesOrderStatus%20eq%20Microsoft.Dynamics.DataEntities.SalesStatus'Backorder'";
    let rows = pair.fo_rows(&format!("/data/SalesOrderHeadersV2?cross-company=true&{open}")).await;
    let order = rows.first().unwrap_or(&Value::Null)["SalesOrderNumber"].clone();
    let set = "/data/SalesOrderHeaderDocumentAttachmentsV2";
    let note = json!({
        "dataAreaId": "usmf", "SalesOrderNumber": order, "DocumentAttachmentTypeCode": "Note",
        "AccessRestriction": "Internal", "AttachmentDescription": "contract", "Notes": "one",
        "DocumentId": "7a6b0f3e-52cf-5d0f-9a53-0c1f6f0a7b11",
    });
    let made = pair.fo("POST", &format!("{set}?cross-company=true"), &[], &note.to_string()).await;
    assert_eq!(i64::from(made.status), status(&fo, "create"), "{}", made.body);
    let id = made.body["DocumentId"].as_str().unwrap_or_default();
    let key = format!("{set}(dataAreaId='usmf',DocumentId={id})?cross-company=true");
    let etag = made.body["@odata.etag"].as_str().unwrap_or_default().to_owned();
    let patch = |text: &str| json!({ "Notes": text }).to_string();
    let first = pair.fo("PATCH", &key, &[("if-match", &etag)], &patch("two")).await;
    assert_eq!(i64::from(first.status), status(&fo, "patch"), "{}", first.body);
    let stale = pair.fo("PATCH", &key, &[("if-match", &etag)], &patch("three")).await;
    let expected = table(&fo, "write").get("stale").and_then(toml::Value::as_integer);
    assert_eq!(Some(i64::from(stale.status)), expected, "{}", stale.body);
    let twice = pair.fo("POST", &format!("{set}?cross-company=true"), &[], &note.to_string()).await;
    let inner = twice.body["error"]["innererror"]["message"].as_str().unwrap_or_default();
    assert!(inner.contains(text(&fo, "error_text.duplicate")), "{} {}", twice.status, twice.body);
    let wrong =
        pair.fo("POST", &format!("{set}?cross-company=true"), &[], r#"{"Nothing":"x"}"#).await;
    assert_eq!(wrong.status, 400, "an unknown property: {}", wrong.body);
}

fn status(fo: &toml::Table, write: &str) -> i64 {
    let write = table(fo, &format!("write.{write}"));
    write.get("status").and_then(toml::Value::as_integer).unwrap_or_default()
}

#[tokio::test]
async fn the_twin_writes_only_what_may_be_written() {
    let pair = Pair::start().await;
    let fo = read(DYNAMICS);
    for (set, body) in table(&fo, "set") {
        let body = body.as_table().unwrap_or_else(|| panic!("set.{set} is no table"));
        if texts(body, "access").contains("create") {
            continue;
        }
        let reply = pair
            .fo("POST", &format!("/data/{set}?cross-company=true"), &[], r#"{"dataAreaId":"usmf"}"#)
            .await;
        assert!((400..=405).contains(&reply.status), "POST {set}: {}", reply.status);
    }
}
