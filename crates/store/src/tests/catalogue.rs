//! What can be said about all statements and both schemas at once.

use super::*;
use crate::gate::{Dialect, Pools, Reach};
use crate::statements::registered;
use sqlx::{Executor as _, Row as _, SqlSafeStr as _, Statement as _};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Goal: a misspelt table or column is found without running the statement.
/// Method: let both databases prepare every registered text.
#[tokio::test]
async fn every_statement_prepares_on_both_databases() {
    let mut names = HashSet::new();
    for stmt in registered() {
        assert!(names.insert(stmt.name), "two statements are called {}", stmt.name);
    }
    for (db, store) in stores().await {
        for stmt in registered() {
            match &store.shared.pools {
                Pools::Sqlite { write, .. } => {
                    let text = stmt.text(Dialect::Sqlite);
                    let prepared =
                        write.acquire().await.unwrap().prepare(text.into_sql_str()).await;
                    prepared.map(drop).unwrap_or_else(|e| panic!("{} {}: {e}", db.name, stmt.name));
                }
                Pools::Postgres(pool) => {
                    let text = stmt.text(Dialect::Postgres);
                    let prepared = pool.acquire().await.unwrap().prepare(text.into_sql_str()).await;
                    let prepared =
                        prepared.unwrap_or_else(|e| panic!("{} {}: {e}", db.name, stmt.name));
                    let _ = prepared.parameters();
                }
            }
        }
    }
}

/// Goal: no row of one organisation is visible from another (I16).
/// Method: a statement that is not for the whole installation must name its organisation.
#[test]
fn every_tenant_statement_names_its_organisation() {
    for stmt in registered() {
        match stmt.reach {
            Reach::Tenant => {
                for text in [Some(stmt.sql), stmt.pg].into_iter().flatten() {
                    assert!(text.contains("organisation_id"), "{} names no tenant", stmt.name);
                    let bound = text.contains("organisation_id = $1") || text.contains("($1");
                    assert!(bound, "{} does not bind the tenant as $1", stmt.name);
                }
            }
            Reach::Whole(why) => assert!(why.len() > 10, "{} needs a reason", stmt.name),
        }
    }
}

type Columns = BTreeMap<(String, String), (String, bool)>;
type Keys = BTreeSet<(String, String)>;

async fn sqlite_schema(pool: &sqlx::SqlitePool) -> (Columns, Keys) {
    let (mut columns, mut keys) = (Columns::new(), Keys::new());
    let tables = sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")
        .fetch_all(pool).await.unwrap();
    for table in tables.iter().map(|row| row.get::<String, _>(0)) {
        for row in sqlx::query("SELECT name, type, \"notnull\" FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(pool)
            .await
            .unwrap()
        {
            let kind = match row.get::<String, _>(1).as_str() {
                "INTEGER" => "number",
                "TEXT" => "text",
                "BLOB" => "bytes",
                other => panic!("{table} has a column of type {other}"),
            };
            columns.insert((table.clone(), row.get(0)), (kind.to_owned(), row.get(2)));
        }
        for row in sqlx::query("SELECT name FROM pragma_index_list($1) WHERE \"unique\"")
            .bind(&table)
            .fetch_all(pool)
            .await
            .unwrap()
        {
            let index: String = row.get(0);
            let parts = sqlx::query("SELECT name FROM pragma_index_info($1) ORDER BY seqno")
                .bind(index)
                .fetch_all(pool)
                .await
                .unwrap();
            let parts: Vec<String> = parts.iter().map(|row| row.get(0)).collect();
            keys.insert((table.clone(), parts.join(",")));
        }
    }
    (columns, keys)
}

async fn postgres_schema(pool: &sqlx::PgPool) -> (Columns, Keys) {
    let (mut columns, mut keys) = (Columns::new(), Keys::new());
    let rows = sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'NO' \
         FROM information_schema.columns WHERE table_schema = 'public' \
         AND table_name NOT LIKE '\\_%'",
    );
    for row in rows.fetch_all(pool).await.unwrap() {
        let kind = match row.get::<String, _>(2).as_str() {
            "bigint" | "boolean" => "number",
            "text" => "text",
            "bytea" => "bytes",
            other => panic!("a column has type {other}"),
        };
        columns.insert((row.get(0), row.get(1)), (kind.to_owned(), row.get(3)));
    }
    let rows = sqlx::query(
        "SELECT t.relname::text, string_agg(a.attname::text, ',' ORDER BY k.place) \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public' \
         CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attribute, place) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attribute \
         WHERE i.indisunique AND t.relname NOT LIKE '\\_%' GROUP BY t.relname, i.indexrelid",
    );
    for row in rows.fetch_all(pool).await.unwrap() {
        let parts: String = row.get(1);
        // SQLite lists no index for a single integer key: it is the row itself.
        if parts != "id" {
            keys.insert((row.get(0), parts));
        }
    }
    (columns, keys)
}

/// Goal: the two schemas cannot drift apart. Method: ask both databases what they have.
#[tokio::test]
async fn both_schemas_have_the_same_columns_and_unique_keys() {
    let mut found = Vec::new();
    for (_db, store) in stores().await {
        found.push(match &store.shared.pools {
            Pools::Sqlite { write, .. } => sqlite_schema(write).await,
            Pools::Postgres(pool) => postgres_schema(pool).await,
        });
    }
    let (columns, keys) = found.remove(0);
    assert!(columns.len() > 100 && keys.len() > 15);
    for (table, _) in columns.keys() {
        assert!(columns.contains_key(&(table.clone(), "organisation_id".to_owned())), "{table}");
    }
    for (other_columns, other_keys) in found {
        assert_eq!(columns, other_columns);
        assert_eq!(keys, other_keys);
    }
}

/// Goal: the hot reads stay fast with a million rows. Method: the planner of SQLite names the
/// partial index it would use, and never scans a whole table.
#[tokio::test]
async fn hot_reads_use_their_indexes() {
    let db = testkit::sqlite();
    let store = db.open().await;
    let Pools::Sqlite { write, .. } = &store.shared.pools else { unreachable!() };
    let expected = [
        ("DELIVERY_CLAIM", vec!["delivery_ready", "delivery_subject"]),
        ("DELIVERY_DOUBTED", vec!["delivery_in_doubt"]),
        ("DELIVERY_FLYING", vec!["delivery_in_flight"]),
        ("DELIVERY_RECOVER", vec!["delivery_in_flight"]),
        ("INBOX_TAKE", vec!["inbox_waiting"]),
        ("SUBJECT_DIRTY", vec!["subject_dirty"]),
        ("SUBJECT_TIMER", vec!["subject_timer"]),
        ("SUBJECT_WATCH_DUE", vec!["subject_watch"]),
        ("HOLD_OPEN", vec!["hold_open"]),
        ("DUE", vec!["inbox_waiting", "subject_dirty", "subject_timer", "subject_watch"]),
        ("DUE", vec!["delivery_ready", "delivery_in_doubt", "delivery_in_flight"]),
        ("DELIVERY_FINISH", vec!["PRIMARY KEY"]),
        ("OBSERVATION_GET", vec!["kind=? AND key=?"]),
        ("OVERVIEW_SUBJECTS", vec!["subject_held", "subject_unaccepted", "subject_unwritten"]),
        ("OVERVIEW_TODAY", vec!["subject_updated"]),
        ("OVERVIEW_DELIVERIES", vec!["delivery_ready", "delivery_in_flight", "delivery_in_doubt"]),
        ("ORDERS_ALL", vec!["subject_seen"]),
        ("ORDERS_HELD", vec!["subject_held"]),
        ("CONSOLE_COHORT", vec!["subject_updated"]),
        ("CONSOLE_SENDS", vec!["delivery_ready", "delivery_in_flight"]),
        ("FLOW_WAITS", vec!["subject_held", "stock_state", "billing_invoice_dated"]),
        ("HOLD_GROUPS", vec!["INDEX hold_"]),
        ("NUMBER_FIND", vec!["number_normal>? AND number_normal<?"]),
    ];
    for (name, indexes) in expected {
        let stmt = registered().into_iter().find(|stmt| stmt.name == name).unwrap();
        let text = format!("EXPLAIN QUERY PLAN {}", stmt.sql);
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(write).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("\n");
        for index in indexes {
            assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        }
        for table in ["delivery", "subject", "observation", "hold", "inbox"] {
            let scans = plan.lines().any(|line| line.trim() == format!("SCAN {table}"));
            assert!(!scans, "{name} scans {table}:\n{plan}");
        }
    }
}

/// Goal: no statement grows with the connection by accident. Method: the planner of SQLite must
/// find rows by a key or in an index that holds open rows only.
#[tokio::test]
async fn no_statement_reads_a_whole_connection() {
    let db = testkit::sqlite();
    let store = db.open().await;
    let Pools::Sqlite { write, .. } = &store.shared.pools else { unreachable!() };
    // Statements that mean a whole connection, or tables that stay small.
    let whole = [
        "CONNECTION_ALL",
        "CURSOR_ALL",
        "SETTINGS_HISTORY",
        "SECRET_LIST",
        "WEBHOOK_ALL",
        "REWRAP_SECRETS",
        "REWRAP_PERSONS",
        "CONSOLE_ANY",
        "TRAIL_HEAD",
        // One page from the oldest end.
        "TRAIL_OLDEST",
        // The states of all shelves, out of the index.
        "STOCK_COUNTS",
    ];
    for stmt in registered().into_iter().filter(|stmt| !whole.contains(&stmt.name)) {
        let text = format!("EXPLAIN QUERY PLAN {}", stmt.sql);
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(write).await.unwrap();
        for line in rows.iter().map(|row| row.get::<String, _>("detail")) {
            // A partial index holds only open rows; everything else must be found by a key.
            let all = line.contains("(organisation_id=? AND connection_id=?)")
                && [
                    "_waiting",
                    "_dirty",
                    "_ready",
                    "_in_flight",
                    "_in_doubt",
                    "_unaccepted",
                    "_unwritten",
                    "_held",
                    "subject_open",
                    "hold_open",
                    "hold_cause",
                    "connection USING",
                ]
                .iter()
                .all(|partial| !line.contains(partial));
            assert!(!all, "{} reads a whole connection: {line}", stmt.name);
            assert!(!line.contains("AUTOMATIC"), "{} builds an index: {line}", stmt.name);
        }
    }
}
