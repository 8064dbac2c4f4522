//! Stock: both sides of a row, its verdict, and the events of its shelf.

use super::*;
use crate::{StockEventRow, StockItemRow, StockLevel, StockOnHand, StockVerdict, whole_skus};
use std::collections::BTreeSet;

fn level(sku: &str, centre: i64, on_hand: i64) -> StockLevel {
    let pieces = [on_hand, 1, on_hand - 1, 0, 0];
    StockLevel { sku: sku.to_owned(), centre, inventory_id: 7, name: "Coffee".to_owned(), pieces }
}

fn event(sku: &str, id: i64, pieces: i64) -> StockEventRow {
    let kind = "adjusted".to_owned();
    StockEventRow { sku: sku.to_owned(), centre: 1, id, kind, at: t(id), pieces, order: None }
}

#[tokio::test]
async fn a_row_holds_both_sides_and_keeps_its_verdict() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("stock").await.unwrap();
        txn.stock_levels_put(&scope, 1, vec![level("A", 1, 5), level("A", 2, 6)]).await.unwrap();
        let there = StockOnHand {
            sku: "A".to_owned(),
            centre: 1,
            physical: "8.5".to_owned(),
            available: "8".to_owned(),
        };
        txn.stock_on_hand_put(&scope, 1, vec![there]).await.unwrap();
        let item = StockItemRow {
            sku: "A".to_owned(),
            item: "{}".to_owned(),
            product: "P".to_owned(),
            unit: "ea".to_owned(),
        };
        txn.stock_items_put(&scope, 1, vec![item]).await.unwrap();
        let verdict = StockVerdict {
            sku: "A".to_owned(),
            centre: 1,
            state: "variance".to_owned(),
            variance: 3,
            judged: "{}".to_owned(),
        };
        txn.stock_judged(&scope, t(9), vec![verdict], Vec::new()).await.unwrap();
        // A later snapshot changes what is shown, not what was judged.
        txn.stock_levels_put(&scope, 2, vec![level("A", 1, 4)]).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let rows = read.stock_of(&scope, "A").await.unwrap();
        let first = rows.first().unwrap();
        assert_eq!((rows.len(), first.on_hand, first.run, first.fo_run), (2, Some(4), 2, 1));
        assert_eq!((first.physical.as_deref(), first.unit.as_deref()), (Some("8.5"), Some("ea")));
        assert_eq!(
            (first.state.as_str(), first.variance, first.judged_at),
            ("variance", 3, Some(t(9)))
        );
        let counts = read.stock_counts(&scope).await.unwrap();
        assert_eq!(counts, [("variance".to_owned(), 1, 3), ("waits".to_owned(), 1, 0)]);
        let found = read.stock_in_state(&scope, "variance", "", 10).await.unwrap();
        assert_eq!(found.len(), 1);
        let other = Scope { organisation: "other".into(), connection: scope.connection.clone() };
        assert!(read.stock_of(&other, "A").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_event_is_stored_once_and_folded_once() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("events").await.unwrap();
        txn.stock_events_put(&scope, vec![event("A", 1, -2), event("B", 2, 4)]).await.unwrap();
        txn.stock_events_put(&scope, vec![event("A", 1, -2), event("A", 3, 1)]).await.unwrap();
        let fold = vec![("A".to_owned(), 1, 1)];
        txn.stock_judged(&scope, t(9), Vec::new(), fold).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let skus = BTreeSet::from(["A".to_owned(), "B".to_owned()]);
        let open = read.stock_events_open(&scope, &skus).await.unwrap();
        let ids: BTreeSet<i64> = open.iter().map(|e| e.id).collect();
        assert_eq!(ids, BTreeSet::from([2, 3]));
        let latest = read.stock_events_latest(&scope, "A", 10).await.unwrap();
        assert_eq!(latest.iter().map(|e| e.id).collect::<Vec<_>>(), [3, 1]);
    }
}

#[tokio::test]
async fn a_page_never_cuts_a_sku() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("pages").await.unwrap();
        let all =
            ["A", "B", "C"].iter().flat_map(|sku| (1..=3).map(|c| level(sku, c, 1))).collect();
        txn.stock_levels_put(&scope, 1, all).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let page = whole_skus(read.stock_after(&scope, "", 4).await.unwrap(), 4);
        assert_eq!(page.iter().map(|row| row.sku.as_str()).collect::<Vec<_>>(), ["A", "A", "A"]);
        let rest = whole_skus(read.stock_after(&scope, "A", 10).await.unwrap(), 10);
        assert_eq!(rest.len(), 6);
    }
}
