use super::*;
use crate::testing::{NOW, Rig, infolog, json, part, rows, run};
use proptest::prelude::*;

const OVERLAP: Span = Span::minutes(5);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn row(order: &str, stamp: &str, key: i64) -> String {
    format!(
        r#"{{"SalesId":"{order}","SysModifiedDateTime":"{stamp}","CreatedOn":"{stamp}","SourceKey":{key},"SysRecVersion":4}}"#
    )
}

fn page(all: &[String]) -> String {
    part(200, &rows(&all.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn look(rig: &Rig, cursors: &ChangeCursors) -> Result<Changes, CallError> {
    run(rig.dynamics.changes(NOW, cursors, OVERLAP))
}

#[test]
fn one_batch_asks_all_three_sets_by_keyset() {
    let rig = Rig::batches(vec![page(&[]), page(&[]), page(&[])]);
    let found = look(&rig, &ChangeCursors::start(at("2026-01-31T10:00:00Z"))).unwrap();
    assert!(found.rows.is_empty() && !found.more && found.trouble.is_empty());
    let body = &rig.bodies("dynamics.changes")[0];
    assert!(body.contains(
        "GET https://env.operations.dynamics.com/data/SalesTableBiEntities?cross-company=true\
         &$filter=dataAreaId%20eq%20'usmf'%20and%20(SysModifiedDateTime%20gt%202026-01-31T10:00:00Z%20or%20\
         (SysModifiedDateTime%20eq%202026-01-31T10:00:00Z%20and%20SourceKey%20gt%200))\
         &$select=SalesId,SysModifiedDateTime,SourceKey,SysRecVersion&$orderby=SysModifiedDateTime,SourceKey&$top=3 HTTP/1.1"
    ), "{body}");
    assert!(
        body.contains("CustPackingSlipJourBiEntities")
            && body.contains("$orderby=CreatedOn,SourceKey")
    );
    rig.assert_balanced(1);
}

#[test]
fn each_cursor_advances_on_its_own_and_a_full_page_asks_for_more() {
    let full: Vec<String> = (1..=3).map(|n| row("SO-1", "2026-01-31T11:00:00Z", n)).collect();
    let rig = Rig::batches(vec![page(&full), page(&full[..1]), part(500, &infolog("x"))]);
    let start = ChangeCursors::start(at("2026-01-31T10:00:00Z"));
    let found = look(&rig, &start).unwrap();
    assert!(found.more);
    assert_eq!(found.rows.len(), 4);
    assert_eq!(found.rows[0].version, format!("4@{}", at("2026-01-31T11:00:00Z").0));
    assert!(found.cursors.orders.in_sweep() && !found.cursors.lines.in_sweep());
    assert_eq!(found.cursors.slips, start.slips);
    assert!(matches!(found.trouble[..], [(ChangeSet::Slips, CallError::Unavailable { .. })]));
    assert_eq!(found.cursors.orders.position(OVERLAP), (at("2026-01-31T11:00:00Z"), 3));
    assert_eq!(found.cursors.lines.position(OVERLAP), (at("2026-01-31T10:55:00Z"), 0));
}

#[test]
fn an_error_of_all_sets_is_the_error_of_the_call() {
    let rig = Rig::batches(vec![part(403, ""), part(403, ""), part(403, "")]);
    assert!(matches!(look(&rig, &ChangeCursors::start(NOW)), Err(CallError::NoAccess { .. })));
    let rig = Rig::new(|_| Ok(json(429, "")));
    assert!(matches!(look(&rig, &ChangeCursors::start(NOW)), Err(CallError::Throttled { .. })));
}

#[test]
fn a_page_that_would_lose_rows_does_not_move_the_cursor() {
    let t = "2026-01-31T11:00:00Z";
    let same: Vec<String> = (1..=3).map(|n| row("SO-1", "2026-01-31T10:00:00Z", n)).collect();
    let start = ChangeCursors::start(at("2026-01-31T10:00:00Z"));
    let mut after = start;
    after.orders.at = Some((at("2026-01-31T10:00:00Z"), 3));
    for (cursors, rows) in [
        (after, same),
        (start, vec![row("SO-1", t, 1), row("SO-2", "2026-01-31T10:59:59Z", 2)]),
        (start, vec![row("SO-1", "", 1)]),
        (start, vec![row("", t, 1)]),
        (
            start,
            vec![r#"{"SalesId":"SO-1","SysModifiedDateTime":"2026-01-31T11:00:00Z"}"#.to_owned()],
        ),
        (start, vec!["7".to_owned()]),
    ] {
        let rig = Rig::batches(vec![page(&rows), page(&[]), page(&[])]);
        let found = look(&rig, &cursors).unwrap();
        assert!(
            matches!(found.trouble[..], [(ChangeSet::Orders, CallError::Malformed { .. })]),
            "{rows:?}"
        );
        assert_eq!(found.cursors.orders, cursors.orders);
    }
}

#[test]
fn a_next_link_on_a_short_page_means_more() {
    let body = format!(
        r#"{{"value":[{}],"@odata.nextLink":"https://x"}}"#,
        row("SO-1", "2026-01-31T11:00:00Z", 1)
    );
    let rig = Rig::batches(vec![part(200, &body), page(&[]), page(&[])]);
    assert!(look(&rig, &ChangeCursors::start(Timestamp(0))).unwrap().more);
}

#[test]
fn cursors_survive_storage() {
    let mut cursors = ChangeCursors::start(NOW);
    cursors.lines.advance(NOW, OVERLAP, Some((NOW, i64::MAX)), true);
    cursors.slips.advance(NOW, OVERLAP, None, false);
    let text = serde_json::to_string(&cursors).unwrap();
    assert_eq!(serde_json::from_str::<ChangeCursors>(&text).unwrap(), cursors);
}

/// A table whose rows appear up to the overlap after their stamp, stamps in whole seconds.
#[derive(Debug, Clone)]
struct Written {
    stamp: i64,
    key: i64,
    visible: i64,
}

/// Reads pages until the end; each page takes some time, in which rows appear.
fn sweep(
    cursor: &mut SetCursor,
    table: &[Written],
    now: &mut i64,
    top: usize,
    page_takes: i64,
) -> (Vec<i64>, usize) {
    let second = |s: i64| Timestamp(s * 1_000_000);
    let mut keys = Vec::new();
    let mut read = 0;
    loop {
        let (stamp, key) = cursor.position(OVERLAP);
        let mut page: Vec<&Written> = table
            .iter()
            .filter(|w| w.visible <= *now && (second(w.stamp), w.key) > (stamp, key))
            .collect();
        page.sort_by_key(|w| (w.stamp, w.key));
        page.truncate(top);
        read += page.len();
        keys.extend(page.iter().map(|w| w.key));
        let last = page.last().map(|w| (second(w.stamp), w.key));
        cursor.advance(second(*now), OVERLAP, last, page.len() == top);
        if !cursor.in_sweep() {
            return (keys, read);
        }
        *now += page_takes;
    }
}

proptest! {
    #[test]
    fn no_row_is_ever_passed_and_a_quiet_table_costs_nothing(
        raw in prop::collection::vec((0_i64..5_000, 0_i64..300), 0..60),
        polls in prop::collection::vec(1_i64..900, 1..40),
        top in 1_usize..7,
        page_takes in 0_i64..90,
    ) {
        let table: Vec<Written> = raw
            .iter()
            .enumerate()
            .map(|(n, (stamp, delay))| Written { stamp: *stamp, key: 1_000 + n as i64, visible: stamp + delay })
            .collect();
        let mut cursor = SetCursor::start(Timestamp(-1));
        let mut seen = std::collections::BTreeSet::new();
        let mut now = 0;
        for wait in polls {
            now += wait;
            seen.extend(sweep(&mut cursor, &table, &mut now, top, page_takes).0);
        }
        now = now.max(10_000);
        for _ in 0..3 {
            now += 1_000;
            seen.extend(sweep(&mut cursor, &table, &mut now, top, page_takes).0);
        }
        prop_assert_eq!(seen.len(), table.len());
        prop_assert_eq!(sweep(&mut cursor, &table, &mut now, top, page_takes).1, 0);
    }
}

#[test]
fn a_set_at_its_end_waits_for_the_others_and_a_set_in_trouble_does_not_stop_them() {
    let t = "2026-01-31T11:00:00Z";
    let full: Vec<String> = (1..=3).map(|n| row("SO-1", t, n)).collect();
    let rig = Rig::batches(vec![page(&full), page(&full[..1]), page(&[])]);
    let found = look(&rig, &ChangeCursors::start(Timestamp(0))).unwrap();
    assert!(found.more);
    let next = Rig::batches(vec![page(&[row("SO-1", t, 4)])]);
    let second = look(&next, &found.cursors).unwrap();
    assert!(!second.more);
    assert_eq!(next.bodies("dynamics.changes")[0].matches("GET ").count(), 1);
    let all = Rig::batches(vec![page(&[]), page(&[]), page(&[])]);
    look(&all, &second.cursors).unwrap();
    assert_eq!(all.bodies("dynamics.changes")[0].matches("GET ").count(), 3);
    let broken = Rig::batches(vec![part(500, "")]);
    let trouble = look(&broken, &found.cursors).unwrap();
    assert!(!trouble.more && trouble.trouble.len() == 1 && trouble.cursors.orders.in_sweep());
    let all = Rig::batches(vec![page(&[]), page(&[]), page(&[])]);
    look(&all, &trouble.cursors).unwrap();
    assert_eq!(all.bodies("dynamics.changes")[0].matches("GET ").count(), 3);
}
