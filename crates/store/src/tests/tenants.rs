//! I16: nothing of one organisation is visible or writable from another, even where all other
//! keys are equal.

use super::*;
use crate::testkit::other_scope;

#[tokio::test]
async fn another_organisation_sees_and_changes_nothing() {
    for (_db, store) in stores().await {
        let (ours, theirs) = (scope(), other_scope());
        seed(&store, &theirs).await.unwrap();
        let mut txn = store.begin("fill").await.unwrap();
        let key = texts(&["SO-1"]);
        txn.subjects_mark(&ours, key.clone(), 1, t(1)).await.unwrap();
        let ids =
            txn.deliveries_put(&ours, vec![delivery("SO-1", 1, 0, "k", 1)], t(1)).await.unwrap();
        let hold = NewHold {
            subject: "SO-1".to_owned(),
            flow: "orders".to_owned(),
            cause: "c".to_owned(),
            field: "f".to_owned(),
            reason: "r".to_owned(),
            fix: "x".to_owned(),
            value: String::new(),
        };
        txn.holds_reconcile(&ours, vec![], vec![hold.clone()], "planner", t(1)).await.unwrap();
        txn.commit().await.unwrap();

        let mut txn = store.begin("look").await.unwrap();
        assert!(txn.subjects_take(&theirs, t(9), 10).await.unwrap().is_empty());
        assert!(txn.deliveries_of(&theirs, "SO-1").await.unwrap().is_empty());
        assert!(txn.holds_open(&theirs, &key).await.unwrap().is_empty());
        let id = vec![ids["k"]];
        let gone = txn.deliveries_retire(&theirs, id, Retired::Withdrawn, t(9)).await.unwrap();
        assert!(gone.is_empty());
        let changes = txn
            .holds_reconcile(
                &theirs,
                vec![("SO-1".to_owned(), "orders".to_owned())],
                vec![],
                "x",
                t(9),
            )
            .await
            .unwrap();
        assert_eq!(changes, HoldChanges::default());
        // The same keys can exist on both sides.
        let both = txn.deliveries_put(&theirs, vec![delivery("SO-1", 1, 0, "k", 1)], t(1)).await;
        assert_eq!(both.unwrap().len(), 1);
        txn.commit().await.unwrap();
        assert_eq!(claim(&store, &theirs, Fence(1), 5).await.len(), 1);
        assert_eq!(claim(&store, &ours, Fence(1), 5).await.len(), 1);
        let mut read = store.read().await.unwrap();
        assert_eq!(read.holds_open(&ours, &key).await.unwrap().len(), 1);
    }
}
