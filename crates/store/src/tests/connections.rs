//! Connections, settings and webhook subscriptions.

use super::*;

#[tokio::test]
async fn settings_are_versions_and_a_lost_race_is_a_conflict() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("settings").await.unwrap();
        assert!(txn.settings(&scope).await.unwrap().is_none());
        let who = ("mara", "first");
        assert_eq!(txn.settings_put(&scope, 0, "{}", who, t(1)).await.unwrap(), 1);
        assert_eq!(txn.settings_put(&scope, 1, "{\"a\":1}", who, t(2)).await.unwrap(), 2);
        let lost = txn.settings_put(&scope, 1, "{\"b\":1}", who, t(3)).await;
        assert!(matches!(lost, Err(StoreError::Conflict(_))));
        assert_eq!(txn.settings(&scope).await.unwrap().unwrap().document, "{\"a\":1}");
        assert_eq!(txn.settings_version(&scope, 1).await.unwrap().unwrap().document, "{}");
        assert_eq!(txn.settings_history(&scope, 10).await.unwrap().len(), 2);
        let first = txn.settings_version(&scope, 1).await.unwrap().unwrap();
        assert_eq!((first.text, first.origin), (None, SettingsOrigin::File));
        txn.settings_text(&scope, 1, "a = 1").await.unwrap();
        txn.settings_text(&scope, 1, "a = 2").await.unwrap();
        let first = txn.settings_version(&scope, 1).await.unwrap().unwrap();
        assert_eq!(first.text.as_deref(), Some("a = 1"), "a version is never edited");
        let origin = SettingsOrigin::Person;
        let new =
            NewSettings { document: "{}", text: Some("b = 1"), origin, who: "mara", reason: "b" };
        assert_eq!(txn.settings_change(&scope, 2, &new, t(4)).await.unwrap(), 3);
        let lost = txn.settings_change(&scope, 2, &new, t(5)).await;
        assert!(matches!(lost, Err(StoreError::Conflict(_))));
        let last = txn.settings(&scope).await.unwrap().unwrap();
        assert_eq!((last.text.as_deref(), last.origin), (Some("b = 1"), SettingsOrigin::Person));
        txn.connection_cut_off(&scope, Some(t(7))).await.unwrap();
        txn.connection_paused(&scope, true).await.unwrap();
        let row = txn.connection(&scope).await.unwrap().unwrap();
        assert_eq!((row.cut_off, row.paused, row.settings_version), (Some(t(7)), true, 3));
        assert_eq!(txn.connections().await.unwrap(), [row]);
        let nobody = testkit::other_scope();
        let refused = txn.connection_paused(&nobody, true).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))));
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_webhook_is_found_by_its_token_and_rotates_its_secret() {
    for (_db, store) in stores().await {
        let scope = scope();
        let new = NewWebhook {
            path_token: "unguessable".to_owned(),
            remote_id: None,
            secret_current: "one".to_owned(),
            secret_previous: None,
        };
        let mut txn = store.begin("hook").await.unwrap();
        let id = txn.webhook_put(&scope, &new, t(1)).await.unwrap();
        txn.webhook_remote(&scope, id, "77").await.unwrap();
        txn.webhook_rotate(&scope, id, "two").await.unwrap();
        txn.webhook_seen(&scope, id, t(9)).await.unwrap();
        txn.webhook_seen(&scope, id, t(8)).await.unwrap();
        txn.webhook_enabled(&scope, id, false).await.unwrap();
        txn.commit().await.unwrap();
        let mut txn = store.begin("twice").await.unwrap();
        assert!(matches!(txn.webhook_put(&scope, &new, t(2)).await, Err(StoreError::Conflict(_))));
        txn.rollback().await.unwrap();
        let mut read = store.read().await.unwrap();
        let hook = read.webhook_by_token("unguessable").await.unwrap().unwrap();
        assert_eq!((hook.scope.clone(), hook.remote_id.as_deref()), (scope.clone(), Some("77")));
        assert_eq!(
            (hook.secret_current.as_str(), hook.secret_previous.as_deref()),
            ("two", Some("one"))
        );
        assert_eq!((hook.enabled, hook.last_seen_at), (false, Some(t(9))));
        assert!(read.webhook_by_token("guess").await.unwrap().is_none());
        assert_eq!(read.webhooks(&scope).await.unwrap(), [hook]);
    }
}
