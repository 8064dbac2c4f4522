//! Sealing, rotation and erasure.

use super::*;
use crate::gate::Pools;
use sqlx::Row as _;

const DYNAMICS: NewSecret<'static> = NewSecret {
    system: SecretSystem::Dynamics,
    name: "client_secret",
    expires_at: None,
    set_by: "mara",
};

fn order(key: &str, body: &str) -> Observation {
    Observation {
        kind: "fo.order".to_owned(),
        key: key.to_owned(),
        person: Some(key.to_owned()),
        version: "1".to_owned(),
        stamp: t(1),
        read_began: t(1),
        body: Some(body.as_bytes().to_vec()),
    }
}

async fn raw(store: &Store, sql: &'static str) -> Vec<Vec<u8>> {
    match &store.shared.pools {
        Pools::Sqlite { write, .. } => {
            let rows = sqlx::query(sql).fetch_all(write).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
        Pools::Postgres(pool) => {
            let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }
}

async fn alter(store: &Store, sql: &'static str) {
    match &store.shared.pools {
        Pools::Sqlite { write, .. } => drop(sqlx::query(sql).execute(write).await.unwrap()),
        Pools::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
    }
}

#[tokio::test]
async fn a_secret_is_sealed_bound_to_its_place_and_survives_rotation() {
    for (db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("secret").await.unwrap();
        let secret = Secret::new("hunter2".to_owned());
        txn.secret_put(&scope, &DYNAMICS, &secret, t(1)).await.unwrap();
        let other = NewSecret { name: "other", expires_at: Some(t(9)), ..DYNAMICS };
        txn.secret_put(&scope, &other, &Secret::new("o".to_owned()), t(1)).await.unwrap();
        txn.observations_put(&scope, vec![order("SO-1", "Ada")]).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let got = read.secret(&scope, SecretSystem::Dynamics, "client_secret").await.unwrap();
        assert_eq!(got.map(|(s, _)| s.expose().to_owned()).as_deref(), Some("hunter2"));
        assert_eq!(read.secret_list(&scope).await.unwrap().len(), 2);
        for bytes in raw(&store, "SELECT sealed FROM secret").await {
            assert!(!bytes.windows(7).any(|w| w == b"hunter2"), "{}", db.name);
        }
        drop(read);

        // Rotation: a new current key, the old one only for unwrapping, then without it.
        let new = MasterKey::from_bytes([9; 32]);
        let both_keys = KeyRing::new(new.clone()).with_older(MasterKey::from_bytes([7; 32]));
        let rotated = db.open_with(|options| options.keys = both_keys).await;
        let mut txn = rotated.begin("rotate").await.unwrap();
        assert_eq!(txn.keys_rewrap(100).await.unwrap(), 3, "two secrets and a person");
        assert_eq!(txn.keys_rewrap(100).await.unwrap(), 0);
        txn.commit().await.unwrap();
        let alone = db.open_with(|options| options.keys = KeyRing::new(new)).await;
        let mut read = alone.read().await.unwrap();
        let got = read.secret(&scope, SecretSystem::Dynamics, "client_secret").await.unwrap();
        assert_eq!(got.map(|(s, _)| s.expose().to_owned()).as_deref(), Some("hunter2"));
        let seen = read.observations(&scope, "fo.order", &texts(&["SO-1"])).await.unwrap();
        assert_eq!(seen[0].body.as_deref(), Some(b"Ada".as_slice()));
        let mut old = store.read().await.unwrap();
        let refused = old.secret(&scope, SecretSystem::Dynamics, "client_secret").await;
        assert!(matches!(refused, Err(StoreError::Refused(_))));

        // A value copied to another row does not open.
        alter(
            &alone,
            "UPDATE secret SET sealed = (SELECT s.sealed FROM secret s WHERE s.name = 'other'), \
             wrapped_dek = (SELECT s.wrapped_dek FROM secret s WHERE s.name = 'other') \
             WHERE name = 'client_secret'",
        )
        .await;
        let moved = read.secret(&scope, SecretSystem::Dynamics, "client_secret").await;
        assert!(matches!(moved, Err(StoreError::Inconsistent { .. })));
        drop(read);
        let mut txn = alone.begin("remove").await.unwrap();
        let system = SecretSystem::Dynamics;
        assert!(txn.secret_remove(&scope, system, "client_secret").await.unwrap());
        assert!(!txn.secret_remove(&scope, system, "client_secret").await.unwrap());
        assert!(txn.secret(&scope, system, "client_secret").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_erased_person_leaves_nothing_readable_and_the_trail_still_verifies() {
    for (_db, store) in stores().await {
        let scope = scope();
        let (name, keep) = ("Jürgen O'Neill", "Ada");
        let mut txn = store.begin("seal").await.unwrap();
        let readings = vec![order("SO-1", name), order("SO-2", keep)];
        txn.observations_put(&scope, readings).await.unwrap();
        let plan = |subject: &str| NewPlan {
            subject: subject.to_owned(),
            made_at: t(1),
            settings_version: 1,
            facts: name.as_bytes().to_vec(),
            outcome: name.to_owned(),
        };
        let ids = txn.plans_put(&scope, vec![plan("SO-1"), plan("SO-2")]).await.unwrap();
        txn.deliveries_put(&scope, vec![delivery("SO-1", 1, 0, "k1", 0)], t(1)).await.unwrap();
        let entry = |subject: &str| TrailEntry {
            at: t(1),
            who: "orders".to_owned(),
            what: "sent".to_owned(),
            subject: Some(subject.to_owned()),
            after: Some(name.to_owned()),
            ..TrailEntry::default()
        };
        txn.trail_append(&scope, vec![entry("SO-1"), entry("SO-2")]).await.unwrap();
        txn.commit().await.unwrap();
        for table in ["SELECT body FROM observation", "SELECT body FROM facts"] {
            for bytes in raw(&store, table).await {
                assert!(!String::from_utf8_lossy(&bytes).contains("rgen"));
            }
        }

        let mut txn = store.begin("erase").await.unwrap();
        assert!(txn.person_erase(&scope, "SO-1", t(2)).await.unwrap());
        txn.commit().await.unwrap();
        let mut txn = store.begin("erase").await.unwrap();
        assert!(!txn.person_erase(&scope, "SO-1", t(2)).await.unwrap());
        // A late reading of the same subject is kept without its body.
        let late = Observation { stamp: t(5), ..order("SO-1", name) };
        txn.observations_put(&scope, vec![late]).await.unwrap();
        txn.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let keys = texts(&["SO-1", "SO-2"]);
        let mut seen = read.observations(&scope, "fo.order", &keys).await.unwrap();
        seen.sort_by(|a, b| a.key.cmp(&b.key));
        assert_eq!(seen[0].body, None);
        assert_eq!(seen[1].body.as_deref(), Some(keep.as_bytes()));
        let gone = read.plan(&scope, ids[0]).await.unwrap().unwrap();
        assert_eq!((gone.facts, gone.outcome), (None, None));
        let kept = read.plan(&scope, ids[1]).await.unwrap().unwrap();
        assert_eq!(kept.outcome.as_deref(), Some(name));
        assert_eq!(read.deliveries_of(&scope, "SO-1").await.unwrap()[0].body, None);
        let report = read.trail_verify(&scope).await.unwrap();
        assert_eq!((report.entries, report.erased, report.broken), (2, 1, None));
    }
}

#[tokio::test]
async fn a_key_made_by_a_rolled_back_transaction_is_never_used() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("lost").await.unwrap();
        txn.observations_put(&scope, vec![order("SO-1", "x")]).await.unwrap();
        txn.rollback().await.unwrap();
        let mut txn = store.begin("kept").await.unwrap();
        txn.observations_put(&scope, vec![order("SO-1", "y")]).await.unwrap();
        txn.commit().await.unwrap();
        // Another process, with nothing in memory, must be able to open it.
        let fresh = _db.open().await;
        let mut read = fresh.read().await.unwrap();
        let seen = read.observations(&scope, "fo.order", &texts(&["SO-1"])).await.unwrap();
        assert_eq!(seen[0].body.as_deref(), Some(b"y".as_slice()));
    }
}

#[tokio::test]
async fn an_altered_trail_names_its_first_broken_entry() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("trail").await.unwrap();
        let entry = |n: i64| TrailEntry {
            at: t(n),
            who: "orders".to_owned(),
            what: if n % 2 == 0 { "sent" } else { "held" }.to_owned(),
            subject: Some(format!("SO-{n}")),
            before: None,
            after: Some(format!("{{\"n\":{n}}}")),
            why: Some("because".to_owned()),
            settings_version: 3,
            request_id: Some("r".to_owned()),
        };
        let first = txn.trail_append(&scope, (1..=100).map(entry).collect()).await.unwrap();
        let last = txn.trail_append(&scope, (101..=150).map(entry).collect()).await.unwrap();
        assert_eq!((first, last), (100, 150));
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let good = read.trail_verify(&scope).await.unwrap();
        assert_eq!((good.entries, good.head_seq, good.broken.clone()), (150, 150, None));
        assert_eq!(good.head_hash.len(), 64);

        let all = TrailFilter::default();
        let page = read.trail(&scope, &all, None, 3).await.unwrap();
        assert_eq!(page.iter().map(|row| row.seq).collect::<Vec<_>>(), [150, 149, 148]);
        let page = read.trail(&scope, &all, Some(148), 1).await.unwrap();
        assert_eq!((page[0].seq, &page[0].entry), (147, &entry(147)));
        let filter = TrailFilter {
            subject: Some("SO-7".to_owned()),
            what: Some("held".to_owned()),
            who: Some("orders".to_owned()),
            from: Some(t(0)),
            until: Some(t(200)),
        };
        assert_eq!(read.trail(&scope, &filter, None, 10).await.unwrap().len(), 1);
        let none = TrailFilter { what: Some("sent".to_owned()), ..filter };
        assert!(read.trail(&scope, &none, None, 10).await.unwrap().is_empty());

        alter(&store, "UPDATE trail SET after = '{\"n\":08}' WHERE seq = 80").await;
        let bad = read.trail_verify(&scope).await.unwrap();
        assert_eq!(bad.broken, Some((80, "its contents were altered".to_owned())));
        alter(&store, "UPDATE trail SET after = NULL, why = NULL, salt = NULL WHERE seq = 70")
            .await;
        let bad = read.trail_verify(&scope).await.unwrap();
        assert_eq!(bad.broken.unwrap().0, 70, "contents removed without an erasure");
        alter(&store, "UPDATE trail SET who = 'nobody' WHERE seq = 60").await;
        assert_eq!(read.trail_verify(&scope).await.unwrap().broken.unwrap().0, 60);
        alter(&store, "DELETE FROM trail WHERE seq = 50").await;
        let bad = read.trail_verify(&scope).await.unwrap();
        assert_eq!(bad.broken, Some((50, "an entry is missing".to_owned())));
    }
}
