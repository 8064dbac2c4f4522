//! Fault points: what a crash or an error at a commit leaves behind.

use super::*;
use std::sync::{Arc, Mutex};

struct At(u64, FaultAction, Mutex<Vec<StorePoint>>);

impl FaultPoint for At {
    fn hit(&self, step: &StorePoint) -> FaultAction {
        self.2.lock().unwrap().push(*step);
        if step.number == self.0 { self.1 } else { FaultAction::Proceed }
    }
}

async fn put(store: &Store, value: &str) -> Result<()> {
    let mut txn = store.begin("put").await?;
    txn.cursor_put(&scope(), "c", value, t(1)).await?;
    txn.commit().await
}

async fn got(store: &Store) -> Option<String> {
    let mut read = store.read().await.unwrap();
    read.cursor(&scope(), "c").await.unwrap().map(|(value, _)| value)
}

#[tokio::test]
async fn a_fault_point_keeps_or_loses_exactly_its_own_commit() {
    for (db, _store) in stores().await {
        for (action, kept) in [
            (FaultAction::Proceed, "3"),
            (FaultAction::CrashBefore, "1"),
            (FaultAction::CrashAfter, "2"),
            (FaultAction::Error, "3"),
        ] {
            let fault = Arc::new(At(2, action, Mutex::default()));
            let store = db.open_with(|options| options.faults = fault.clone()).await;
            put(&store, "1").await.unwrap();
            let second = put(&store, "2").await;
            let third = put(&store, "3").await;
            match action {
                FaultAction::Proceed => assert!(second.is_ok() && third.is_ok()),
                FaultAction::Error => {
                    assert!(second.unwrap_err().is_transient());
                    assert!(third.is_ok());
                }
                FaultAction::CrashBefore | FaultAction::CrashAfter => {
                    assert!(matches!(second, Err(StoreError::Crashed)));
                    assert!(matches!(third, Err(StoreError::Crashed)), "a dead store stays dead");
                    assert!(matches!(store.read().await, Err(StoreError::Crashed)));
                }
            }
            let reopened = db.open().await;
            assert_eq!(got(&reopened).await.as_deref(), Some(kept), "{action:?} on {}", db.name);
            let steps = fault.2.lock().unwrap().clone();
            assert!(steps.iter().map(|s| s.number).eq(1..=store.steps()));
            assert!(steps.iter().all(|s| s.name == "put"));
        }
    }
}
