use serde_json::Value;

use crate::client::{Client, NS, config, token, token_with};

#[tokio::test]
async fn without_cross_company_nothing_of_usmf_is_seen() {
    let client = Client::standard().await;
    let filter = "$filter=dataAreaId eq 'usmf'&$top=1";
    assert!(client.get(&format!("/data/SalesTableBiEntities?{filter}")).await.rows().is_empty());
    assert_eq!(
        client
            .get(&format!("/data/SalesTableBiEntities?cross-company=true&{filter}"))
            .await
            .rows()
            .len(),
        1
    );
    let number = client.ordinary();
    let key = format!("/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{number}')");
    assert_eq!(client.get(&key).await.status, 404);
    assert_eq!(client.get(&format!("{key}?cross-company=true")).await.status, 200);
}

#[tokio::test]
async fn without_a_company_filter_another_company_with_the_same_numbers_is_seen_too() {
    let client = Client::standard().await;
    let first = client.twins.truth().orders[0].order_number.replace('\'', "''");
    let rows = client
        .get(&format!(
            "/data/SalesOrderHeadersV2?cross-company=true&$filter=SalesOrderNumber eq '{first}'"
        ))
        .await
        .rows();
    let companies: Vec<&str> = rows.iter().filter_map(|row| row["dataAreaId"].as_str()).collect();
    assert_eq!(companies, ["usmf", "demf"]);
}

#[tokio::test]
async fn the_change_feed_is_read_by_keyset_without_gap_or_double() {
    let client =
        Client::new(twins::TwinConfig { orders: 700, release_span_secs: 0, ..config("standard") })
            .await;
    client.twins.advance(client.twins.now() + 600_000_000);
    let mut seen = Vec::new();
    let mut after: Option<(String, i64)> = None;
    loop {
        let keyset = after.as_ref().map_or_else(String::new, |(stamp, key)| {
            format!(" and (SysModifiedDateTime gt {stamp} or (SysModifiedDateTime eq {stamp} and SourceKey gt {key}))")
        });
        let rows = client.get(&format!(
            "/data/SalesTableBiEntities?cross-company=true&$select=SalesId,SysModifiedDateTime,SourceKey&$orderby=SysModifiedDateTime,SourceKey&$top=97&$filter=dataAreaId eq 'usmf' and SalesType eq {NS}.SalesType'Sales'{keyset}"
        )).await.rows();
        let Some(last) = rows.last() else { break };
        after = Some((
            last["SysModifiedDateTime"].as_str().expect("stamp").to_owned(),
            last["SourceKey"].as_i64().expect("key"),
        ));
        seen.extend(rows.iter().map(|row| row["SalesId"].as_str().expect("number").to_owned()));
    }
    let unique: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len());
    let not_sales = ["journal", "return-order"];
    let expected = client
        .twins
        .truth()
        .orders
        .iter()
        .filter(|order| !not_sales.contains(&order.category.as_str()))
        .count();
    assert_eq!(seen.len(), expected);
}

#[tokio::test]
async fn what_f_and_o_does_not_translate_is_refused() {
    let client = Client::standard().await;
    let refused = [
        "SalesOrderNumber in ('a','b')",
        "startswith(SalesOrderNumber,'SO')",
        "contains(SalesOrderName,'x')",
        "SalesOrderNumber gt 'SO-000001'",
        "SalesOrderStatus eq 'Backorder'",
        "SalesOrderStatus eq Microsoft.Dynamics.DataEntities.SalesStatus'Open'",
        "SalesOrderStatus eq Microsoft.Dynamics.DataEntities.NoYes'Yes'",
        "SalesOrderStatus gt Microsoft.Dynamics.DataEntities.SalesStatus'Backorder'",
        "FormattedDelveryAddress eq 'x'",
        "OrderCreationDateTime gt '2026-01-01T00:00:00Z'",
        "(SalesOrderNumber eq 'x'",
        "SalesOrderNumber eq 'x' SalesOrderNumber",
        "NoSuchField eq 'x'",
    ];
    for filter in refused {
        let reply = client
            .get(&format!("/data/SalesOrderHeadersV2?cross-company=true&$filter={filter}"))
            .await;
        assert_eq!(reply.status, 400, "{filter}");
    }
    let unknown =
        client.get("/data/SalesOrderHeadersV2?cross-company=true&$select=ModifiedDateTime").await;
    assert_eq!((unknown.status, unknown.body.len()), (400, 0));
    for option in [
        "$expand=Nothing",
        "$expand=SalesOrderLines($expand=SalesOrderHeaderV2)",
        "$search=x",
        "$orderby=Nope",
    ] {
        assert_eq!(
            client.get(&format!("/data/SalesOrderHeadersV2?{option}")).await.status,
            400,
            "{option}"
        );
    }
    let lost = client.get("/data/SalesOrderLinesV2").await;
    assert_eq!(lost.status, 404);
    assert!(
        lost.json()["Message"].as_str().expect("message").starts_with("No HTTP resource was found")
    );
}

#[tokio::test]
async fn wildcards_stand_in_the_value_and_letter_case_does_not_matter() {
    let client = Client::standard().await;
    let rows = client.get("/data/SalesOrderHeadersV2?cross-company=true&$select=SalesOrderNumber&$filter=dataAreaId eq 'USMF' and SalesOrderNumber eq 'so-00000*'").await.rows();
    assert!((5..=9).contains(&rows.len()), "{}", rows.len());
    let number = client.ordinary().to_lowercase();
    let rows = client.get(&format!("/data/SalesOrderHeadersV2?cross-company=true&$filter=dataAreaId eq 'usmf' and SalesOrderNumber eq '{number}'")).await.rows();
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn keys_with_quotes_and_slashes_are_found_by_filter_and_by_key() {
    let client = Client::new(twins::TwinConfig { orders: 900, ..config("standard") }).await;
    let number = client
        .twins
        .truth()
        .orders
        .iter()
        .map(|order| order.order_number.clone())
        .find(|number| number.starts_with("O'Brien/"))
        .expect("an odd number");
    assert_eq!(client.header(&number).await["SalesOrderNumber"], number.as_str());
    let key = number.replace('\'', "''").replace('/', "%2F");
    let reply = client.get(&format!("/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{key}')?cross-company=true")).await;
    assert_eq!(reply.json()["SalesOrderNumber"], number.as_str());
}

#[tokio::test]
async fn paging_follows_the_preferred_size_by_offset() {
    let client = Client::standard().await;
    let mut target = "/data/CDSReleasedDistinctProducts?cross-company=true&$select=ProductNumber,ItemNumber&$count=true".to_owned();
    let mut numbers = Vec::new();
    let mut pages = 0;
    loop {
        let reply =
            client.send("GET", &target, &[("prefer", "odata.maxpagesize=7")], Vec::new()).await;
        numbers.extend(reply.rows());
        pages += 1;
        let Some(next) = reply.json()["@odata.nextLink"].as_str().map(str::to_owned) else { break };
        assert!(next.contains("$skip="));
        target = next.split_once(".com").expect("host").1.to_owned();
    }
    assert_eq!(pages, numbers.len().div_ceil(7));
    let count = client.get("/data/CDSReleasedDistinctProducts/$count?cross-company=true").await;
    assert_eq!(count.text(), numbers.len().to_string());
}

#[tokio::test]
async fn lines_come_expanded_with_selected_fields_only() {
    let client = Client::standard().await;
    let number = client.of_category("two-addresses");
    let rows = client.get(&format!(
        "/data/SalesOrderHeadersV2?cross-company=true&$filter=dataAreaId eq 'usmf' and SalesOrderNumber eq '{number}'&$select=SalesOrderNumber,DeliveryAddressStreet&$expand=SalesOrderLines($select=InventoryLotId,ItemNumber,DeliveryAddressStreet)"
    )).await.rows();
    let lines = rows[0]["SalesOrderLines"].as_array().expect("lines");
    assert_eq!(lines.len(), 2);
    assert_ne!(lines[0]["DeliveryAddressStreet"], lines[1]["DeliveryAddressStreet"]);
    let names: Vec<&String> = lines[0].as_object().expect("object").keys().collect();
    assert_eq!(names, ["@odata.etag", "DeliveryAddressStreet", "InventoryLotId", "ItemNumber"]);
    assert!(rows[0]["@odata.etag"].as_str().expect("etag").starts_with("W/\""));
}

#[tokio::test]
async fn values_look_as_f_and_o_writes_them() {
    let client = Client::standard().await;
    let row = client.header(&client.ordinary()).await;
    assert_eq!(row["ShippingCarrierId"], "");
    assert_eq!(row["ConfirmedShippingDate"], "1900-01-01T12:00:00Z");
    assert!(row["RequestedShippingDate"].as_str().expect("date").ends_with("T12:00:00Z"));
    assert_eq!(row["IsSalesProcessingStopped"], "No");
    assert!(row["SalesOrderLines"][0]["OrderedSalesQuantity"].is_number());
}

#[tokio::test]
async fn the_token_endpoint_names_the_reason_of_every_refusal() {
    let client = Client::standard().await;
    let credentials = client.twins.credentials();
    let scope = format!("{}/.default", credentials.dynamics_url);
    let wrong = token_with(&client.twins, &credentials.client_id, "wrong", &scope).await;
    assert_eq!((wrong.status, wrong.json()["error_codes"][0].as_i64()), (401, Some(7_000_215)));
    assert!(!wrong.text().contains(&credentials.client_secret));
    let stranger = token(&client.twins, "nobody", &scope).await;
    assert_eq!(stranger.json()["error_codes"][0], 700_016);
    let elsewhere =
        token(&client.twins, &credentials.client_id, "https://nowhere.example.com/.default").await;
    assert_eq!(elsewhere.json()["error_codes"][0], 500_011);
}

#[tokio::test]
async fn a_token_is_good_for_an_hour_and_for_one_environment() {
    let client = Client::standard().await;
    let target = "/data/LegalEntities?$top=1&$select=LegalEntityId";
    assert_eq!(client.get(target).await.status, 200);
    let credentials = client.twins.credentials();
    let scope = format!("{}/.default", credentials.dynamics_url);
    let first = token(&client.twins, &credentials.client_id, &scope).await.json();
    let client = client.with_token(first["access_token"].as_str().expect("token"));
    assert_eq!(client.get(target).await.status, 200);
    client.twins.advance(client.twins.now() + 3_600 * 1_000_000);
    assert_eq!(client.get(target).await.status, 401);
    let other = token(
        &client.twins,
        &client.twins.credentials().client_id,
        "https://other.sandbox.operations.dynamics.com/.default",
    )
    .await;
    let other: Value = other.json();
    let client = client.with_token(other["access_token"].as_str().expect("token"));
    assert_eq!(client.get(target).await.status, 401);
    assert_eq!(client.with_token("forged.token.x").get(target).await.status, 401);
}

#[tokio::test]
async fn an_audience_on_this_machine_is_right_where_it_is_called() {
    let client = Client::standard().await;
    let id = client.twins.credentials().client_id;
    let local = token(&client.twins, &id, "http://127.0.0.1:8101/.default").await.json();
    let client = client.with_token(local["access_token"].as_str().expect("token"));
    let target = "/data/LegalEntities?$top=1";
    assert_eq!(client.get(target).await.status, 401);
    assert_eq!(client.with_host("127.0.0.1:8101").get(target).await.status, 200);
}

#[tokio::test]
async fn metadata_tells_what_may_be_edited() {
    let client = Client::new(config("deliver-now-read-only")).await;
    let entity = client.get("/metadata/PublicEntities('SalesOrderLine')").await.json();
    let edit = |name: &str| {
        let all = entity["Properties"].as_array().expect("properties");
        all.iter().find(|property| property["Name"] == name).expect("property")["AllowEdit"].clone()
    };
    assert_eq!(entity["EntitySetName"], "SalesOrderLines");
    assert_eq!((edit("SalesDeliverNow"), edit("OrderLineReference")), (false.into(), true.into()));
    let text = client.get("/data/$metadata").await.text();
    assert!(text.contains("<EntitySet Name=\"PackingSlipTrackingInformation\""));
    let tenant = Client::new(config("tracking-read-only")).await;
    assert_eq!(
        tenant.get("/metadata/PublicEntities('PackingSlipTrackingInformation')").await.json()["IsReadOnly"],
        true
    );
}
