//! What F&O was told is available.

use super::*;

#[tokio::test]
async fn what_was_told_is_kept_per_shelf_and_replaced() {
    for (_db, store) in stores().await {
        let scope = scope();
        let key = |sku: &str, centre: i64| (sku.to_owned(), centre);
        let mut txn = store.begin("told").await.unwrap();
        let all = (1..=300).map(|n| (key(&format!("A{n:04}"), n % 3), n.to_string()));
        txn.stock_told_put(&scope, all.collect()).await.unwrap();
        let again =
            Told::from([(key("A0002", 2), String::new()), (key("A0002", 7), "5".to_owned())]);
        txn.stock_told_put(&scope, again).await.unwrap();
        txn.stock_told_put(&scope, Told::new()).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.stock_told(&scope, "A0001", "A0003").await.unwrap();
        let wanted = Told::from([
            (key("A0002", 2), String::new()),
            (key("A0002", 7), "5".to_owned()),
            (key("A0003", 0), "3".to_owned()),
        ]);
        assert_eq!(found, wanted);
        assert_eq!(read.stock_told(&scope, "", "Z").await.unwrap().len(), 301);
        assert!(read.stock_told(&scope, "Z", "A").await.unwrap().is_empty());
    }
}
