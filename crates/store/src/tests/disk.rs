//! Ends without goodbye, full and read-only disks, input no database takes.

use super::*;
use crate::gate::Pools;

#[tokio::test]
async fn what_was_committed_survives_an_end_without_close() {
    for (db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("kept").await.unwrap();
        txn.cursor_put(&scope, "kept", "1", t(1)).await.unwrap();
        txn.commit().await.unwrap();
        let mut txn = store.begin("lost").await.unwrap();
        txn.cursor_put(&scope, "lost", "1", t(1)).await.unwrap();
        drop(txn);
        drop(store);
        let store = db.open_with(|options| options.durability = Durability::Full).await;
        let mut read = store.read().await.unwrap();
        assert!(read.cursor(&scope, "kept").await.unwrap().is_some());
        assert!(read.cursor(&scope, "lost").await.unwrap().is_none());
        drop(read);
        store.close().await;
    }
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_heals() {
    let db = testkit::sqlite();
    let store = db.open().await;
    seed(&store, &scope()).await.unwrap();
    let Pools::Sqlite { write, .. } = &store.shared.pools else { unreachable!() };
    sqlx::query("PRAGMA max_page_count = 1").execute(write).await.unwrap();
    let fill = async || {
        let mut txn = store.begin("fill").await?;
        let marks = (0..2_000).map(|n| format!("a rather long subject key {n}")).collect();
        txn.subjects_mark(&scope(), marks, 1, t(1)).await?;
        txn.commit().await
    };
    let full = fill().await.unwrap_err();
    assert!(full.is_transient(), "{full}");
    assert!(full.to_string().contains("disk is full"), "{full}");
    sqlx::query("PRAGMA max_page_count = 1000000").execute(write).await.unwrap();
    fill().await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_the_database_ended_by_itself_blocks_nobody() {
    let db = testkit::sqlite();
    let store = db.open().await;
    seed(&store, &scope()).await.unwrap();
    let Pools::Sqlite { write, .. } = &store.shared.pools else { unreachable!() };
    let mut ended = write.begin_with("BEGIN IMMEDIATE").await.unwrap();
    // What SQLite does when the disk is full in the middle of a transaction.
    sqlx::query("ROLLBACK").execute(&mut *ended).await.unwrap();
    drop(ended);
    let mut txn = store.begin("next").await.unwrap();
    txn.cursor_put(&scope(), "kept", "1", t(1)).await.unwrap();
    txn.commit().await.unwrap();
    assert!(store.read().await.unwrap().cursor(&scope(), "kept").await.unwrap().is_some());
}

#[tokio::test]
async fn a_read_only_database_is_unavailable() {
    let db = testkit::sqlite();
    let store = db.open().await;
    seed(&store, &scope()).await.unwrap();
    let Pools::Sqlite { write, .. } = &store.shared.pools else { unreachable!() };
    sqlx::query("PRAGMA query_only = ON").execute(write).await.unwrap();
    let error = store.begin("write").await.map(drop).unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("read-only")), "{error}");
}

#[tokio::test]
async fn a_file_locked_by_another_process_is_unavailable_and_heals() {
    let db = testkit::sqlite();
    let (ours, theirs) = (db.open().await, db.open().await);
    let Pools::Sqlite { write, .. } = &ours.shared.pools else { unreachable!() };
    sqlx::query("PRAGMA busy_timeout = 20").execute(write).await.unwrap();
    let lock = theirs.begin("lock").await.unwrap();
    let error = ours.begin("blocked").await.map(drop).unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("locked")), "{error}");
    lock.rollback().await.unwrap();
    ours.begin("free").await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(dir.path().join("no/such/folder/data.db"));
    let error = Store::open(StoreOptions::new(url, testkit::keys())).await.map(drop).unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("path")), "{error}");
}

#[tokio::test]
async fn impossible_input_is_refused_before_the_database() {
    for (_db, store) in stores().await {
        let mut txn = store.begin("nul").await.unwrap();
        let nul = txn.cursor_put(&scope(), "c", "a\0b", t(1)).await;
        assert!(matches!(nul, Err(StoreError::Refused(why)) if why.contains("NUL")));
        let orphan = Secret::new("x".to_owned());
        let new = NewSecret {
            system: SecretSystem::ShipBob,
            name: "pat",
            expires_at: None,
            set_by: "mara",
        };
        let refused = txn.secret_put(&testkit::other_scope(), &new, &orphan, t(1)).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "there is no such connection");
    }
    for bad in ["mysql://x", "sqlite::memory:", "sqlite:", "postgres://h:notaport/x"] {
        assert!(matches!(StoreUrl::parse(bad), Err(StoreError::Refused(_))), "{bad}");
    }
    let url = StoreUrl::parse("postgres://u:hunter2@db.example:5433/ml").unwrap();
    assert_eq!(format!("{url:?}"), "postgres://db.example:5433/ml");
    assert!(MasterKey::from_base64("c2hvcnQ=").is_err());
    let key = MasterKey::generate().unwrap();
    assert_eq!(MasterKey::from_base64(key.to_base64().expose()).unwrap().id(), key.id());
}
