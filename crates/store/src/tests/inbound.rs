//! Returns and receiving orders.

use super::*;
use std::collections::BTreeSet;

fn row(kind: &str, id: i64, tie: &str, open: bool, words: &str) -> InboundRow {
    InboundRow {
        kind: kind.to_owned(),
        id,
        tie: tie.to_owned(),
        open,
        created: t(id),
        words: words.to_owned(),
        body: format!("{{\"id\":{id}}}"),
        changed: t(9),
    }
}

fn shelf(kind: &str, id: i64, sku: &str, pieces: i64) -> InboundShelf {
    InboundShelf { sku: sku.to_owned(), centre: 1, kind: kind.to_owned(), id, pieces, at: t(id) }
}

#[tokio::test]
async fn what_came_in_is_kept_once_per_id_and_found_by_tie_words_and_shelf() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("inbound").await.unwrap();
        let rows = (1..=150).map(|id| {
            let open = id % 2 == 0;
            let one = row("return", id, &format!("shipment {id}"), open, &format!("rma-{id} a_b"));
            (one, vec![shelf("return", id, "A", 1)])
        });
        txn.inbound_put(&scope, rows.collect(), t(9)).await.unwrap();
        let other = row("receiving", 7, "", true, "po-7");
        txn.inbound_put(&scope, vec![(other, Vec::new())], t(9)).await.unwrap();
        // What changed replaces what was: a shelf it no longer touches is gone.
        let again = row("return", 7, "shipment 7", false, "rma-7 changed");
        let shelves = vec![shelf("return", 7, "B", 4)];
        txn.inbound_put(&scope, vec![(again, shelves)], t(10)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.inbound(&scope, "return", &[7, 999]).await.unwrap();
        assert_eq!((found.len(), found[0].words.as_str()), (1, "rma-7 changed"));
        let ties = BTreeSet::from(["shipment 7".to_owned(), String::new()]);
        assert_eq!(read.inbound_tied(&scope, &ties).await.unwrap().len(), 1, "no tie ties nothing");
        let open = read.inbound_open(&scope, "return", t(100), 100, 500).await.unwrap();
        assert_eq!(open.first(), Some(&102));
        assert_eq!(open.len(), 25);
        let page = read.inbound_page(&scope, "return", "", i64::MAX, 2).await.unwrap();
        assert_eq!(page.iter().map(|r| r.id).collect::<Vec<_>>(), [150, 149]);
        let found = read.inbound_page(&scope, "return", "RMA-14", i64::MAX, 50).await.unwrap();
        assert_eq!(found.len(), 11);
        let odd = read.inbound_page(&scope, "return", "a%b", i64::MAX, 50).await.unwrap();
        assert!(odd.is_empty(), "what a person types is no pattern");
        assert_eq!(read.inbound_of_sku(&scope, "B", t(0), 9).await.unwrap()[0].pieces, 4);
        let of_a = read.inbound_of_sku(&scope, "A", t(0), 500).await.unwrap();
        assert!(of_a.iter().all(|one| one.id != 7));
        assert_eq!(of_a.len(), 149);
    }
}

#[tokio::test]
async fn the_history_of_a_shelf_is_summed_within_its_time() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("inbound").await.unwrap();
        let event = |id: i64, kind: &str, at: i64| StockEventRow {
            sku: "A".to_owned(),
            centre: 1,
            id,
            kind: kind.to_owned(),
            at: t(at),
            pieces: 2,
            order: None,
        };
        let events = vec![
            event(1, "stowed", 5),
            event(2, "stowed", 6),
            event(3, "stowed", 50),
            event(4, "restocked", 6),
        ];
        txn.stock_events_put(&scope, events).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let asked = BTreeSet::from([
            ("A".to_owned(), 1, "stowed", t(5), t(10)),
            ("B".to_owned(), 1, "stowed", t(5), t(10)),
        ]);
        let found = read.inbound_moved(&scope, &asked).await.unwrap();
        assert_eq!(found, [("A".to_owned(), 1, 4)]);
    }
}
