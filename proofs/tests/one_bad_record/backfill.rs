//! Backfill and settings: a year in one call, keys nobody knows, a file with a mistake.

use domain::backfill::{Asked, Backfill, MOST_KEYS, PART, Stage, Wish};
use domain::time::{Span, Timestamp};

fn asked(wish: Wish) -> Asked {
    let at = Timestamp(1_795_000_000_000_000);
    Asked { who: "Mara".to_owned(), why: String::new(), at, id: "x".to_owned(), wish }
}

/// `proofs/tests/operations/seeding.rs` lives through one; here: it is pages, whatever its length.
#[test]
fn a_year_in_one_call_is_read_in_pages_and_begins_at_its_beginning() {
    let to = Timestamp(1_795_000_000_000_000);
    let from = to - Span::days(365);
    let (begun, parts) = Backfill::begin(asked(Wish::Range { from, to }));
    assert_eq!((begun.stage, begun.reached, begun.permille()), (Stage::Dynamics, from, 0));
    assert!(parts.is_empty(), "nothing of it is in memory");
}

#[test]
fn as_many_keys_as_are_taken_are_cut_into_parts_and_bad_ones_are_counted() {
    let keys: Vec<String> = (0..MOST_KEYS).map(|n| format!("SO-{n:06}")).collect();
    let with = keys.iter().cloned().chain(["  ".to_owned(), "SO-000001".to_owned()]).collect();
    let (mut begun, parts) = Backfill::begin(asked(Wish::Keys(with)));
    assert_eq!(parts.len(), MOST_KEYS / PART);
    assert!(parts.iter().all(|part| part.len() == PART));
    for n in 0..1_000 {
        begun.does_not_know(&format!("NO-{n}"));
    }
    assert_eq!((begun.unknown.0, begun.unknown.1.len()), (1_000, 50));
    assert!(begun.sentence().len() < 1_000, "what is told stays readable");
}

#[test]
fn a_settings_file_with_an_unknown_key_or_a_wrong_type_is_refused_with_its_place() {
    for (bad, place) in [
        ("zone = \"UTC\"\nzones = 1", "zones"),
        ("zone = 7", "zone"),
        ("after_minutes = \"soon\"", "after_minutes"),
    ] {
        let read = toml::from_str::<domain::reconcile::Reconcile>(bad);
        let error = read.expect_err(bad).to_string();
        assert!(error.contains(place), "{error}");
    }
}
