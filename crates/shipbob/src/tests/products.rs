use super::{client, json, lost, not_sent};
use crate::{Failure, ProductReply};
use domain::product::{CreateProduct, NewVariant, Values, VariantChange};
use rust_decimal::Decimal;
use transport::Method;

const MADE: &str = r#"{"id":7,"name":"Tee","type":"Regular","variants":[{"id":70,"name":"Tee","sku":"TEE",
    "status":"Active","inventory":{"inventory_id":700},"weight":{"weight":12.5,"unit":"oz"},
    "dimension":{"length":3,"width":2.0,"height":1.25,"unit":"in","is_locked":true},
    "barcodes":[{"value":"4000"}],"customs":null,"merge_children":null,"new":1}]}"#;

fn tee() -> CreateProduct {
    let values = Values {
        name: Some("Tee".to_owned()),
        ounces: Some(Decimal::new(1_250, 2)),
        inches: Some([Decimal::new(300, 2), Decimal::TWO, Decimal::new(125, 2)]),
        ..Values::default()
    };
    let variants = vec![NewVariant { sku: "TEE".to_owned(), values, components: Vec::new() }];
    CreateProduct { name: "Tee".to_owned(), bundle: false, variants }
}

#[tokio::test]
async fn every_reply_to_a_create_has_one_meaning() {
    let duplicate = r#"{"ReferenceId":["Cannot insert duplicate reference id: TEE"]}"#;
    let other = MADE.replace("\"TEE\"", "\"TEA\"");
    for (reply, meaning) in [
        (json(201, MADE), "done"),
        (json(201, &other), "in doubt"),
        (json(201, "{}"), "in doubt"),
        (json(201, ""), "in doubt"),
        (json(422, duplicate), "duplicate"),
        (json(422, r#"{"":["no"]}"#), "maybe"),
        (json(400, r#"{"Name":["required"]}"#), "refused"),
        (json(401, ""), "no access"),
        (json(403, ""), "no access"),
        (json(404, ""), "gone"),
        (json(429, ""), "throttled"),
        (json(500, "<html>"), "in doubt"),
        (lost(), "in doubt"),
        (not_sent(), "later"),
    ] {
        let words = format!("{reply:?}");
        let (shipbob, _) = client(vec![reply]);
        let found = match shipbob.create_product(&tee()).await {
            ProductReply::Done(_) => "done",
            ProductReply::Duplicate { sure: true, .. } => "duplicate",
            ProductReply::Duplicate { .. } => "maybe",
            ProductReply::Gone => "gone",
            ProductReply::Refused { .. } => "refused",
            ProductReply::Failed(Failure::NoAccess { .. }) => "no access",
            ProductReply::Failed(Failure::Throttled { .. }) => "throttled",
            ProductReply::Failed(Failure::Later { .. }) => "later",
            ProductReply::Failed(Failure::InDoubt { .. }) => "in doubt",
            ProductReply::Failed(Failure::Crashed) => "crashed",
        };
        assert_eq!(found, meaning, "{words}");
    }
}

#[tokio::test]
async fn a_create_says_numbers_with_their_digits_and_nothing_that_is_not_known() {
    let (shipbob, script) = client(vec![json(201, MADE)]);
    let ProductReply::Done(made) = shipbob.create_product(&tee()).await else { panic!("not done") };
    let seen = script.seen.lock().expect("unpoisoned");
    assert_eq!(seen[0].method, Method::Post);
    assert_eq!(
        String::from_utf8_lossy(&seen[0].body),
        r#"{"name":"Tee","type_id":1,"variants":[{"sku":"TEE","name":"Tee","weight":12.50,"dimension":{"length":3.00,"width":2,"height":1.25}}]}"#
    );
    assert_eq!((made[0].product, made[0].variant, made[0].inventory), (7, 70, Some(700)));
    assert_eq!(made[0].ounces, Some(Decimal::new(125, 1)));
    assert!(made[0].locked && made[0].active && !made[0].bundle);
}

#[tokio::test]
async fn a_patch_names_only_what_changes() {
    let (shipbob, script) = client(vec![json(200, MADE)]);
    let values = Values { ounces: Some(Decimal::TEN), ..Values::default() };
    let change = VariantChange { variant: 70, sku: "TEE".to_owned(), values };
    let reply = shipbob.update_product(7, None, &[change]).await;
    assert!(matches!(reply, ProductReply::Done(_)));
    let seen = script.seen.lock().expect("unpoisoned");
    assert_eq!(seen[0].method, Method::Patch);
    let body = String::from_utf8_lossy(&seen[0].body).into_owned();
    assert_eq!(body, r#"{"variants":[{"id":70,"weight":10}]}"#);
}

#[tokio::test]
async fn the_catalogue_is_read_in_pages_of_250_and_keeps_what_differs_in_letter_case() {
    let page = |sku: &str, next: &str| {
        let item = MADE.replace("\"TEE\"", &format!("\"{sku}\""));
        json(200, &format!(r#"{{"items":[{item}],"next":{next}}}"#))
    };
    let pages = vec![page("tee", "\"/Product?cursor=abc&PageSize=250\""), page("TEA", "null")];
    let (shipbob, script) = client(pages);
    let found = shipbob.catalogue(&["TEE".to_owned()]).await.expect("two pages");
    assert_eq!(found.iter().map(|v| v.sku.as_str()).collect::<Vec<_>>(), ["tee"]);
    let urls = script.urls();
    assert!(urls[0].contains("PageSize=250") && urls[0].contains("SKU=any:TEE"), "{urls:?}");
    assert!(urls[1].contains("cursor=abc"), "{urls:?}");
}
