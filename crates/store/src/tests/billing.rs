//! Transactions, invoices and costs.

use super::*;
use std::collections::BTreeSet;

fn billed(id: &str, invoice: Option<i64>, key: &str, body: &str) -> BilledRow {
    BilledRow {
        id: id.to_owned(),
        invoice,
        tie: "shipment".to_owned(),
        key: key.to_owned(),
        charged: t(5),
        body: body.to_owned(),
    }
}

fn invoice(id: i64, dated: Timestamp, body: &str) -> InvoiceRow {
    InvoiceRow {
        id,
        dated,
        body: body.to_owned(),
        changed: t(0),
        read: None,
        balanced: false,
        balance: String::new(),
    }
}

#[tokio::test]
async fn a_transaction_is_kept_once_and_moves_with_its_invoice() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("billing").await.unwrap();
        let rows = (0..150).map(|n| billed(&format!("t{n:03}"), None, &n.to_string(), "a"));
        txn.billed_put(&scope, rows.collect(), t(1)).await.unwrap();
        let again = vec![billed("t007", Some(9), "7", "b"), billed("t008", Some(9), "8", "b")];
        txn.billed_put(&scope, again, t(2)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let on = read.billed_of_invoice(&scope, 9).await.unwrap();
        assert_eq!(on.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["t007", "t008"]);
        let some = read.billed(&scope, &["t007".to_owned(), "none".to_owned()]).await.unwrap();
        assert_eq!((some.len(), some[0].body.as_str()), (1, "b"));
        let page = read.billed_page(&scope, "t147", 10).await.unwrap();
        assert_eq!(page.len(), 2);
        let tied = read.billed_tied(&scope, &[("shipment", " 7 ".to_owned())]).await.unwrap();
        assert_eq!(tied.len(), 1);
        assert_eq!(read.billed_unmatched(&scope, 1_000).await.unwrap().len(), 150);
        drop(read);
        let mut txn = store.begin("billing").await.unwrap();
        let number = NumberEntry {
            number: "7".to_owned(),
            kind: "shipment".to_owned(),
            subject: "SO-1".to_owned(),
        };
        txn.numbers_put(&scope, vec![number]).await.unwrap();
        txn.billed_put(&scope, vec![billed("t007", None, "7", "c")], t(3)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.billed_of_invoice(&scope, 9).await.unwrap().len(), 1, "it left");
        assert_eq!(read.billed_unmatched(&scope, 1_000).await.unwrap().len(), 149);
        let asked = [("shipment", "7".to_owned()), ("shipment", "8".to_owned())];
        let found = read.subjects_of_numbers(&scope, &asked).await.unwrap();
        assert_eq!(found, [("shipment".to_owned(), "7".to_owned(), "SO-1".to_owned())]);
    }
}

#[tokio::test]
async fn an_invoice_is_to_be_balanced_again_whenever_something_about_it_changed() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("billing").await.unwrap();
        let rows = vec![invoice(1, t(10), "a"), invoice(2, t(20), "a")];
        txn.invoices_put(&scope, rows, t(1)).await.unwrap();
        assert_eq!(txn.invoices_to_balance(&scope, 10).await.unwrap().len(), 2);
        for id in [1, 2] {
            txn.invoice_balance(&scope, id, true, "{}".to_owned()).await.unwrap();
        }
        assert!(txn.invoices_to_balance(&scope, 10).await.unwrap().is_empty());
        txn.invoices_touched(&scope, &BTreeSet::from([2, 77])).await.unwrap();
        txn.invoice_read(&scope, 1, t(3)).await.unwrap();
        assert_eq!(txn.invoices_to_balance(&scope, 10).await.unwrap().len(), 2);
        txn.invoices_put(&scope, vec![invoice(1, t(10), "b")], t(4)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let rows = read.invoices(&scope, &[1, 3]).await.unwrap();
        assert_eq!((rows.len(), rows[0].changed, rows[0].read), (1, t(4), Some(t(3))));
        assert!(rows[0].balanced, "what was known stays until it is added up again");
        assert_eq!(read.invoices_since(&scope, t(15), 10).await.unwrap().len(), 1);
        let page = read.invoices_page(&scope, (t(20), 2), 10).await.unwrap();
        assert_eq!(page.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
    }
}

#[tokio::test]
async fn a_cost_keeps_the_time_it_was_first_known() {
    for (_db, store) in stores().await {
        let scope = scope();
        let cost = |listed, closed: &str, body: &str| CostRow {
            shipment: 4,
            subject: "SO-1".to_owned(),
            listed,
            closed: closed.to_owned(),
            body: body.to_owned(),
            since: t(0),
        };
        let mut txn = store.begin("billing").await.unwrap();
        txn.costs_put(&scope, vec![cost(true, "", "a")], t(1)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.costs(&scope, CostList::Findings, 0, 9).await.unwrap().len(), 1);
        assert!(read.costs(&scope, CostList::Closed, 0, 9).await.unwrap().is_empty());
        drop(read);
        let mut txn = store.begin("billing").await.unwrap();
        txn.costs_put(&scope, vec![cost(false, "invoiced", "b")], t(2)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert!(read.costs(&scope, CostList::Findings, 0, 9).await.unwrap().is_empty());
        let closed = read.costs(&scope, CostList::Closed, 0, 9).await.unwrap();
        assert_eq!((closed.len(), closed[0].since, closed[0].body.as_str()), (1, t(1), "b"));
        assert_eq!(read.costs_of(&scope, "SO-1").await.unwrap().len(), 1);
    }
}
