use crate::client::Client;

const CRLF: &str = "\r\n";

fn get_part(url: &str) -> String {
    [
        "--batch_a",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        &format!("GET {url} HTTP/1.1"),
        "Accept: application/json",
        "",
        "",
        "",
    ]
    .join(CRLF)
}

fn change_set(name: &str, operations: &[(&str, String, &str)]) -> String {
    let mut out = vec![
        "--batch_a".to_owned(),
        format!("Content-Type: multipart/mixed; boundary={name}"),
        String::new(),
    ];
    for (id, (method, url, body)) in (1..).zip(operations) {
        out.extend([
            format!("--{name}"),
            "Content-Type: application/http".to_owned(),
            "Content-Transfer-Encoding: binary".to_owned(),
            format!("Content-ID: {id}"),
            String::new(),
            format!("{method} {url} HTTP/1.1"),
            "Content-Type: application/json".to_owned(),
            "If-Match: *".to_owned(),
            String::new(),
            (*body).to_owned(),
        ]);
    }
    out.push(format!("--{name}--"));
    out.push(String::new());
    out.join(CRLF)
}

fn close(parts: &[String]) -> String {
    format!("{}--batch_a--{CRLF}", parts.concat())
}

fn statuses(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 "))
        .map(|line| line.get(..3).unwrap_or(""))
        .collect()
}

async fn lots(client: &Client, number: &str) -> Vec<String> {
    let row = client.header(number).await;
    let lines = row["SalesOrderLines"].as_array().expect("lines").clone();
    lines.iter().map(|line| line["InventoryLotId"].as_str().expect("lot").to_owned()).collect()
}

fn line_url(lot: &str) -> String {
    format!("/data/SalesOrderLines(dataAreaId='usmf',InventoryLotId='{lot}')?cross-company=true")
}

#[tokio::test]
async fn reads_and_change_sets_are_answered_part_by_part() {
    let client = Client::standard().await;
    let number = client.of_category("two-warehouses");
    let lots = lots(&client, &number).await;
    let note = format!(
        r#"{{"dataAreaId":"usmf","SalesOrderNumber":"{number}","DocumentAttachmentTypeCode":"Note","Notes":"x"}}"#
    );
    let body = close(&[
        get_part(&format!(
            "{}/data/SalesOrderHeadersV2?cross-company=true&$filter=SalesOrderNumber%20eq%20'{number}'",
            client.twins.credentials().dynamics_url
        )),
        change_set(
            "changeset_1",
            &[
                ("PATCH", line_url(&lots[0]), r#"{"SalesDeliverNow":0}"#),
                ("PATCH", line_url(&lots[1]), r#"{"SalesDeliverNow":0}"#),
            ],
        ),
        get_part("/data/Nothing"),
        change_set(
            "changeset_2",
            &[("POST", "/data/SalesOrderHeaderDocumentAttachmentsV2".to_owned(), &note)],
        ),
    ]);
    let reply = client.batch(&body).await;
    assert_eq!(reply.status, 200);
    assert!(reply.content_type.starts_with("multipart/mixed; boundary=batchresponse_"));
    assert_eq!(statuses(&reply.text()), ["200", "204", "204", "404", "201"]);
    assert!(reply.text().contains("Content-ID: 2"));
}

#[tokio::test]
async fn one_bad_line_takes_its_change_set_back_and_no_other() {
    let client = Client::standard().await;
    let number = client.of_category("two-warehouses");
    let lots = lots(&client, &number).await;
    let before = client.bi("SalesLineBiEntities", &number).await;
    let other = client.of_category("two-modes");
    let body = close(&[
        change_set(
            "changeset_1",
            &[
                ("PATCH", line_url(&lots[0]), r#"{"SalesDeliverNow":0}"#),
                ("PATCH", line_url(&lots[1]), r#"{"SalesDeliverNow":99999}"#),
            ],
        ),
        change_set(
            "changeset_2",
            &[(
                "PATCH",
                format!(
                    "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{other}')?cross-company=true"
                ),
                r#"{"ShippingCarrierId":"UPS"}"#,
            )],
        ),
    ]);
    let reply = client.batch(&body).await;
    let text = reply.text();
    assert_eq!(statuses(&text), ["500", "204"]);
    assert!(text.contains("Infolog:"));
    assert_eq!(client.bi("SalesLineBiEntities", &number).await, before);
    let since = format!(
        "SysModifiedDateTime ge {}",
        before[0]["SysModifiedDateTime"].as_str().expect("stamp")
    );
    let feed = client.get(&format!("/data/SalesLineBiEntities?cross-company=true&$filter=dataAreaId eq 'usmf' and SalesId eq '{number}' and {since}")).await.rows();
    assert_eq!(feed, before);
    let ledger = client.twins.ledger();
    assert_eq!(ledger.of(twins::effect::CARRIER_SET).count(), 1);
    assert_eq!(ledger.of(twins::effect::DELIVER_NOW_SET).count(), 0);
}

#[tokio::test]
async fn a_malformed_batch_is_refused_as_a_whole() {
    let client = Client::standard().await;
    for body in [
        "",
        "--batch_a\r\nContent-Type: application/json\r\n\r\n{}\r\n--batch_a--\r\n",
        "--batch_a\r\n",
    ] {
        assert_eq!(client.batch(body).await.status, 400, "{body:?}");
    }
    let set = change_set("changeset_1", &[("GET", "/data/LegalEntities".to_owned(), "")]);
    assert_eq!(client.batch(&close(&[set])).await.status, 400);
    let unencoded = get_part("/data/LegalEntities?$filter=LegalEntityId eq 'dat'");
    assert_eq!(client.batch(&close(&[unencoded])).await.status, 400);
    let json = client
        .send("POST", "/data/$batch", &[("content-type", "application/json")], b"{}".to_vec())
        .await;
    assert_eq!(json.status, 400);
}

#[tokio::test]
async fn a_long_filter_passes_inside_a_batch_but_not_in_an_address() {
    let client = Client::standard().await;
    let numbers: Vec<String> = client
        .twins
        .truth()
        .orders
        .iter()
        .take(250)
        .map(|order| {
            format!(
                "SalesOrderNumber%20eq%20'{}'",
                crate::client::encode(
                    &order.order_number.replace('\'', "''").replace(['/', '&'], "*")
                )
            )
        })
        .collect();
    let target = format!(
        "/data/SalesOrderHeadersV2?cross-company=true&$select=SalesOrderNumber&$filter={}",
        numbers.join("%20or%20")
    );
    assert!(target.len() > 8_192);
    let direct = client.get(&target).await;
    assert_eq!((direct.status, direct.content_type.as_str()), (404, "text/html"));
    let reply = client.batch(&close(&[get_part(&target)])).await;
    assert_eq!(statuses(&reply.text()), ["200"]);
    assert!(reply.text().matches("\"SalesOrderNumber\"").count() >= 240);
}
