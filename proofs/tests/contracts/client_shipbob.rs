//! Everything the client says to ShipBob and reads of it against our book, and our book against the client.

use std::collections::{BTreeMap, BTreeSet};

use domain::edit::{Change, EditItem, ShipmentEdit};
use domain::ids::{CentreId, ReferenceId};
use domain::operation::{CreateLine, CreateOrder};
use domain::product::{CreateProduct, Customs, NewVariant, Values, VariantChange};
use domain::time::Timestamp;
use domain::warehouse::Recipient;
use rust_decimal::Decimal;
use serde_json::Value;
use shipbob::webhook::WebhookSecret;
use toml::Table;

use crate::book::{SHIPBOB, fields, read, root, table, tables, text, texts};
use crate::client::{Client, Said};
use crate::none;

const DAY: i64 = 86_400_000_000;

fn order(n: u32) -> CreateOrder {
    let recipient = Recipient {
        name: "Ana Example".to_owned(),
        company: "Example".to_owned(),
        address1: "1 Main Street".to_owned(),
        address2: "Floor 2".to_owned(),
        city: "Boise".to_owned(),
        state: "ID".to_owned(),
        zip: "83702".to_owned(),
        country: "US".to_owned(),
        email: "ana@example.com".to_owned(),
        phone: "555-0100".to_owned(),
    };
    CreateOrder {
        reference: ReferenceId::new(format!("usmf-SO-{n:06}-1-1")),
        order_number: format!("SO-{n:06}"),
        recipient,
        method: "Standard".to_owned(),
        centre: Some(CentreId(1)),
        choice: std::collections::BTreeSet::new(),
        kits: std::collections::BTreeMap::new(),
        purchase_date: Some("2026-11-23T09:00:00Z".to_owned()),
        lines: vec![CreateLine {
            sku: "A0001".to_owned(),
            name: "Coffee".to_owned(),
            quantity: 2,
            external_line_id: 1,
            unit_price: Some(rust_decimal::Decimal::ONE),
        }],
    }
}

/// Every call of the client once, with data that makes it say all it can.
async fn talk(client: &Client) {
    let sb = &client.shipbob;
    sb.probe().await.unwrap_or_else(|e| panic!("probe: {e:?}"));
    sb.examine(client.now(), &|_| {}).await;
    let live = sb.live_contract(&shipbob::contract(), &|_| {}).await;
    assert!(live.unread.is_empty(), "{:?}", live.unread);
    sb.products(&["A0001".to_owned(), "A0002".to_owned()])
        .await
        .unwrap_or_else(|e| panic!("products: {e:?}"));
    products(client).await;
    let secret = WebhookSecret::from_random([7; 24]);
    let url = "https://example.com/hook";
    let hook = sb.subscribe(url, &["order.shipped"], &["order.shipment.delivered"], &secret).await;
    let hook = hook.unwrap_or_else(|e| panic!("subscribe: {e:?}"));
    sb.subscriptions().await.unwrap_or_else(|e| panic!("subscriptions: {e:?}"));
    sb.unsubscribe(&hook).await.unwrap_or_else(|e| panic!("unsubscribe: {e:?}"));
    let references: Vec<ReferenceId> = (1..=9).map(|n| order(n).reference).collect();
    for n in 1..=9 {
        sb.create_order(&order(n)).await;
    }
    client.pass(DAY);
    let found = sb.find_by_reference(&references).await;
    let found = found.unwrap_or_else(|e| panic!("find_by_reference: {e:?}"));
    assert_eq!(found.len(), 9, "every create succeeded");
    let ids: Vec<_> = found.iter().map(|o| o.id).collect();
    sb.orders(&ids).await.unwrap_or_else(|e| panic!("orders: {e:?}"));
    sb.cancel_order(ids[0]).await;
    edit(client).await;
    client.pass(3 * DAY);
    let (from, to) = (Timestamp(client.twins.now() - 9 * DAY), client.now());
    let page = sb.poll_orders(from, to, 1).await.unwrap_or_else(|e| panic!("poll_orders: {e:?}"));
    let all = sb.poll_all_channels(from, to, 1).await;
    let all = all.unwrap_or_else(|e| panic!("poll_all_channels: {e:?}"));
    assert!(all.orders.len() >= page.orders.len(), "fewer orders in all channels than in ours");
    let shipments: Vec<_> = page.orders.iter().flat_map(|o| &o.shipments).map(|s| s.id).collect();
    assert!(!shipments.is_empty(), "nothing was shipped");
    sb.ack_tracking(&shipments).await.unwrap_or_else(|e| panic!("ack_tracking: {e:?}"));
    let billed = sb.transactions(from, to, None).await;
    let billed = billed.unwrap_or_else(|e| panic!("transactions: {e:?}"));
    assert!(!billed.items.is_empty() && billed.unreadable == 0, "nothing was charged");
    let invoices = sb.invoices(from, to, None).await;
    let invoices = invoices.unwrap_or_else(|e| panic!("invoices: {e:?}"));
    let id = invoices.items[0].id;
    sb.transactions_of(id, None).await.unwrap_or_else(|e| panic!("transactions_of: {e:?}"));
    inbound(client, from, to).await;
}

/// Every way returns and receiving orders are asked for.
async fn inbound(client: &Client, from: Timestamp, to: Timestamp) {
    use shipbob::Inbound;
    for which in [Inbound::Created(from, to), Inbound::Completed(from, to), Inbound::Ids(&[1, 2])] {
        let found = client.shipbob.returns(which, 1).await;
        assert_eq!(found.unwrap_or_else(|e| panic!("returns: {e:?}")).unreadable, 0);
        let found = client.shipbob.receiving(which, 1).await;
        assert_eq!(found.unwrap_or_else(|e| panic!("receiving: {e:?}")).unreadable, 0);
    }
}

/// Every write of products.
async fn products(client: &Client) {
    let sb = &client.shipbob;
    let values = Values {
        name: Some("Product".to_owned()),
        ounces: Some(Decimal::new(1_250, 2)),
        inches: Some([Decimal::ONE, Decimal::TWO, Decimal::TEN]),
        barcode: Some("4000000000001".to_owned()),
        customs: Some(Customs {
            description: "Tableware".to_owned(),
            tariff: "691200".to_owned(),
            origin: "DE".to_owned(),
        }),
    };
    let variant = |sku: &str, components| NewVariant {
        sku: sku.to_owned(),
        values: values.clone(),
        components,
    };
    let product = |name: &str, variants: Vec<NewVariant>| CreateProduct {
        name: name.to_owned(),
        bundle: variants.iter().any(|v| !v.components.is_empty()),
        variants,
    };
    let done = |reply| match reply {
        shipbob::ProductReply::Done(variants) => variants,
        other => panic!("{other:?}"),
    };
    let made = done(sb.create_product(&product("Tee", vec![variant("TEE-1", Vec::new())])).await);
    let one = made[0].clone();
    let kit = product("Kit", vec![variant("TEE-KIT", vec![(one.variant, 2)])]);
    done(sb.create_product(&kit).await);
    done(sb.add_variants(one.product, &[variant("TEE-2", Vec::new())]).await);
    let change = VariantChange { variant: one.variant, sku: one.sku, values: values.clone() };
    done(sb.update_product(one.product, Some("Tee, new"), &[change]).await);
    let found = sb.catalogue(&["TEE-1".to_owned(), "tee-2".to_owned()]).await;
    assert_eq!(found.unwrap_or_else(|e| panic!("{e:?}")).len(), 2);
}

/// Every edit of a shipment that is not picked.
async fn edit(client: &Client) {
    let made = client.shipbob.create_order(&order(10)).await;
    let shipbob::CreateReply::Created(made) = made else { panic!("{made:?}") };
    let shipment = &made.shipments[0];
    let inventory_id = shipment.products[0].items[0].inventory_id;
    let item = EditItem { inventory_id, sku: "A0001".to_owned(), quantity: 3 };
    for change in [
        Change::Address(order(1).recipient),
        Change::Lines { items: vec![item], lines: Vec::new() },
        Change::Method { method: "Expedited".to_owned(), service: 3 },
    ] {
        let reference = made.reference.clone();
        let (order, shipment) = (made.id, shipment.id);
        let edit = ShipmentEdit { order, reference, shipment, whole: true, change };
        client.shipbob.edit_shipment(&edit).await;
    }
}

/// The call of the book a request is.
fn call<'a>(sb: &'a Table, said: &Said) -> Option<&'a Table> {
    tables(sb, "call").into_iter().find(|call| {
        let same = |ours: &str, theirs: &str| match (ours.find('{'), ours.find('}')) {
            (Some(from), Some(to)) => {
                let (head, tail) = (&ours[..from], &ours[to + 1..]);
                let inner = theirs.strip_prefix(head).and_then(|t| t.strip_suffix(tail));
                inner.is_some_and(|id| !id.is_empty() && !id.contains([':', '/']))
            }
            _ => ours == theirs,
        };
        let (ours, theirs) = (text(call, "path").split('/'), said.path.split('/'));
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.collect(), theirs.collect());
        text(call, "method") == said.method
            && ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(o, t)| same(o, t))
    })
}

/// Fields of a body that are not in the book, and required ones that are missing.
fn body_faults(
    sb: &Table,
    object: &str,
    body: &Value,
    said: &mut BTreeMap<String, BTreeSet<String>>,
    out: &mut BTreeSet<String>,
) {
    let ours = fields(sb, object);
    for (name, field) in &ours {
        if field.required && body.get(name).is_none() {
            out.insert(format!("{object}.{name} is required and was not said"));
        }
    }
    for (name, value) in body.as_object().into_iter().flatten() {
        let Some(field) = ours.get(name) else {
            out.insert(format!("{object}.{name} is not in the book"));
            continue;
        };
        said.entry(object.to_owned()).or_default().insert(name.clone());
        let children =
            if field.list { value.as_array().cloned() } else { Some(vec![value.clone()]) };
        for child in children.unwrap_or_default() {
            let members = texts(sb, &format!("enum.{}.members", field.of));
            if !members.is_empty() && child.as_str().is_none_or(|c| !members.contains(c)) {
                out.insert(format!("{object}.{name} is never {child}"));
            }
            if table(sb, "object").contains_key(&field.of) {
                body_faults(sb, &field.of, &child, said, out);
            }
        }
    }
}

#[tokio::test]
async fn every_word_said_to_shipbob_is_in_the_book_and_the_book_has_no_other() {
    let client = Client::start();
    talk(&client).await;
    let sb = read(SHIPBOB);
    let (mut faults, mut calls, mut said_fields) =
        (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let known: BTreeSet<String> = table(&sb, "header")
        .values()
        .filter_map(|h| Some(h.get("name")?.as_str()?.to_lowercase()))
        .chain(["content-type", "accept"].map(str::to_owned))
        .collect();
    let mut queries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for said in client.said() {
        let Some(call) = call(&sb, &said) else {
            faults.insert(format!("{} {} is no call of the book", said.method, said.path));
            continue;
        };
        let name = text(call, "name");
        calls.insert(name.to_owned());
        for (header, _) in said.headers.iter().filter(|(header, _)| !known.contains(header)) {
            faults.insert(format!("{name}: header {header}"));
        }
        let channel = said.header("shipbob_channel_id").is_some();
        match (text(call, "channel"), channel) {
            ("required", false) => faults.insert(format!("{name}: no channel header")),
            ("none", true) => faults.insert(format!("{name}: a channel header nobody declares")),
            _ => false,
        };
        let query = queries.entry(name.to_owned()).or_default();
        query.extend(said.query.iter().map(|(name, _)| name.clone()));
        match (text(call, "request"), said.body.as_str()) {
            ("", "") => {}
            ("", _) => drop(faults.insert(format!("{name}: a body"))),
            (object, body) => {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                let each = body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
                for body in each {
                    body_faults(&sb, object, &body, &mut said_fields, &mut faults);
                }
            }
        }
    }
    for call in tables(&sb, "call") {
        let name = text(call, "name");
        if !calls.contains(name) {
            faults.insert(format!("{name} is in the book and nobody calls it"));
        }
        let said = queries.remove(name).unwrap_or_default();
        let further = texts(call, "query_further");
        for parameter in texts(call, "query").symmetric_difference(&said) {
            if !further.contains(parameter) {
                faults.insert(format!("{name}: {parameter} is only said or only in the book"));
            }
        }
    }
    for (object, body) in table(&sb, "object") {
        let said = said_fields.remove(object).unwrap_or_default();
        for (name, _) in fields(&sb, object) {
            if body.get("sent").is_some() && !said.contains(&name) {
                faults.insert(format!("{object}.{name} is in the book and nobody says it"));
            }
        }
    }
    none(&faults.into_iter().collect::<Vec<_>>());
}

/// The client's wire types and the objects of the book they read.
const READS: &[(&str, &[&str])] = &[
    ("Channel", &["Channel", "OrderChannel"]),
    ("Named", &["Location", "ShippingMethod", "ShipmentLocation"]),
    ("Address", &["Address"]),
    ("Recipient", &["Recipient", "ShipmentRecipient"]),
    ("OrderProduct", &["OrderProduct"]),
    ("Order", &["Order"]),
    ("Detail", &["StatusDetail"]),
    ("Tracking", &["Tracking"]),
    ("Item", &["InventoryItem"]),
    ("ShipmentProduct", &["ShipmentProduct"]),
    ("Shipment", &["Shipment"]),
    ("CancelledShipment", &["CancelledShipment"]),
    ("Cancelled", &["CancelResult"]),
    ("BulkError", &["TrackingUploadError"]),
    ("BulkResult", &["TrackingUploadItem"]),
    ("Edited", &["EditResult", "EditLinesResult", "EditBulkItem"]),
    ("EditedMany", &["EditResults"]),
    ("EditError", &["EditError"]),
    ("LineItem", &["LineItem"]),
    ("LineLot", &["LineLot"]),
    ("LineVariant", &["LineVariant"]),
    ("ServiceLevel", &["ServiceLevel"]),
    ("Bulk", &["TrackingUploadResult"]),
    ("Component", &["BundleComponent"]),
    ("Inventory", &["VariantInventory"]),
    ("Weight", &["VariantWeight"]),
    ("Dimension", &["VariantDimension"]),
    ("CodeRead", &["VariantBarcode"]),
    ("CustomsRead", &["VariantCustoms"]),
    ("MergedChild", &["MergedChild"]),
    ("Variant", &["Variant"]),
    ("Product", &["Product"]),
    ("Webhook", &["Webhook", "WebhookCreated"]),
    ("TransactionTax", &["TransactionTax"]),
    ("Transaction", &["Transaction"]),
    ("Invoice", &["Invoice"]),
    (
        "Page",
        &[
            "ChannelPage",
            "WebhookPage",
            "ProductPage",
            "TransactionPage",
            "InvoicePage",
            "ReturnPage",
        ],
    ),
    ("WireReturn", &["Return"]),
    ("Place", &["ReturnChannel", "ReturnCentre", "ReceivingCentre"]),
    ("WireLine", &["ReturnLine"]),
    ("WireAction", &["ReturnAsked", "ReturnTaken"]),
    ("WireReceiving", &["Receiving"]),
    ("WireQuantity", &["ReceivingQuantity"]),
    ("WireStatus", &["ReceivingStep"]),
];

/// Names the client also understands although no document has them; each with its reason.
const TOLERATED: &[(&str, &str)] = &[
    ("Recipient.full_name", "a shipment's recipient has it"),
    ("Transaction.additional_details", "free pairs, of which two names are read"),
    ("Product.type_id", "the sources disagree on text or number"),
    ("Variant.status_id", "the sources disagree on text or number"),
    ("BulkResult.shipment_id", "snake case beside the vendor's camel case"),
    ("BulkResult.is_success", "snake case beside the vendor's camel case"),
];

/// Wire type → the names it reads, from the client's source.
fn wire_types() -> BTreeMap<String, BTreeSet<String>> {
    let text = |file: &str| {
        let path = root().join("crates/shipbob/src").join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let source = ["wire.rs", "inbound/wire.rs"].map(text).concat();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in source.split("wire!(").skip(1) {
        let (name, rest) = part.split_once('{').unwrap_or((part, ""));
        let body = rest.split_once('}').map_or(rest, |(body, _)| body);
        let names = body.split(',').filter_map(|field| Some(field.split_once(':')?.0.trim()));
        out.insert(name.trim().to_owned(), names.map(str::to_owned).collect());
    }
    for part in source
        .split("#[derive(Default, Deserialize)]")
        .chain(source.split("#[derive(Deserialize)]"))
    {
        let Some((_, rest)) = part.split_once("pub(crate) struct ") else { continue };
        let (name, rest) = rest.split_once('{').unwrap_or((rest, ""));
        let name = name.trim().trim_end_matches("<'a>");
        if !name.chars().all(char::is_alphanumeric) || out.contains_key(name) {
            continue;
        }
        let body = rest.split_once("\n}").map_or(rest, |(body, _)| body);
        let mut names = BTreeSet::new();
        let mut renamed = false;
        for line in body.lines().map(str::trim) {
            for quoted in line.split("alias = ").skip(1).chain(line.split("rename = ").skip(1)) {
                names.insert(quoted.split('"').nth(1).unwrap_or_default().to_owned());
            }
            renamed |= line.contains("rename = ");
            if let Some(field) = line.strip_prefix("pub(crate) ")
                && !std::mem::take(&mut renamed)
            {
                names.extend(field.split_once(':').map(|(name, _)| name.to_owned()));
            }
        }
        out.insert(name.to_owned(), names);
    }
    out
}

#[test]
fn every_field_read_of_shipbob_is_in_the_book_and_the_book_has_no_other() {
    let sb = read(SHIPBOB);
    let types = wire_types();
    let mut faults = Vec::new();
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for (wire, objects) in READS {
        let Some(names) = types.get(*wire) else {
            faults.push(format!("wire type {wire} is gone: correct READS"));
            continue;
        };
        read.extend(*objects);
        let ours: BTreeSet<String> =
            objects.iter().flat_map(|object| fields(&sb, object).into_keys()).collect();
        for name in names.symmetric_difference(&ours) {
            let at = format!("{wire}.{name}");
            if !TOLERATED.iter().any(|(known, _)| *known == at) {
                faults.push(format!("{at} is only read or only in the book"));
            }
        }
    }
    let sent =
        ["NewOrder", "NewRecipient", "NewAddress", "NewProduct", "TrackingUpload", "NewWebhook"];
    for wire in types.keys().filter(|wire| !sent.contains(&wire.as_str())) {
        if !READS.iter().any(|(known, _)| known == wire) {
            faults.push(format!("wire type {wire} reads something READS does not know"));
        }
    }
    for (object, body) in table(&sb, "object") {
        if body.get("sent").is_none() && !read.contains(object.as_str()) {
            faults.push(format!("{object} is in the book and no wire type reads it"));
        }
    }
    none(&faults);
}
