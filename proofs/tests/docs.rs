//! The pages of the flows: their field tables and lists of holds are made from the code, and a page that says
//! something else fails.
//!
//! Goal: a field that is sent and not in its table, a row that no write carries, a source or target that no contract
//! knows, a cause that no code raises: each fails here.
//! Method: whole lives are lived in twin worlds and every write is read off the wire; types and limits come from
//! `contracts/`; causes with their fixes come from the source text.
//!
//! `ML_WRITE_DOCS=1 cargo nextest run --workspace --test docs` writes the marked blocks anew.
#![expect(clippy::expect_used, clippy::panic, reason = "a proof stops at the first surprise")]

#[path = "docs/fields.rs"]
mod fields;
#[path = "docs/holds.rs"]
mod holds;
#[path = "docs/wire.rs"]
mod wire;

use fields::{Book, Field, PAGES};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const HOW: &str = "regenerate with `ML_WRITE_DOCS=1 cargo nextest run --workspace --test docs` and look at the difference";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_path_buf()
}

/// Holds the block between two marks against what the code says, or writes it.
fn block(page: &str, mark: &str, wanted: &str) {
    let path = root().join("docs/flows").join(format!("{page}.md"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (begin, end) = (format!("<!-- {mark}: generated -->\n"), format!("<!-- end of {mark} -->"));
    let (Some(from), Some(to)) = (text.find(&begin), text.find(&end)) else {
        panic!("{page}.md lacks the marks of \"{mark}\": {begin} … {end}");
    };
    let there = text.get(from + begin.len()..to).expect("the end stands behind the beginning");
    if there == wanted {
        return;
    }
    if std::env::var_os("ML_WRITE_DOCS").is_some() {
        let new = format!("{}{begin}{wanted}{}", &text[..from], &text[to..]);
        fs::write(&path, new).expect("a page that can be written");
        return;
    }
    panic!(
        "docs/flows/{page}.md, block \"{mark}\", is not what the code says: {HOW}\nwanted:\n{wanted}"
    );
}

#[test]
fn the_field_tables_are_what_the_code_says() {
    let book = Book::read(&root());
    for page in PAGES {
        block(page.name, "fields", &fields::table(page, &book));
    }
}

#[test]
fn every_field_and_its_source_stand_in_a_contract() {
    let book = Book::read(&root());
    let mut wrong = Vec::new();
    for field in PAGES.iter().flat_map(|p| p.fields) {
        if book.kind(field).is_none() {
            wrong.push(format!("{} {}: no contract knows this target", field.call, field.to));
        }
        for source in field.from.split(", ").filter(|s| s.contains('.')) {
            if !book.knows_source(source) {
                wrong.push(format!("{} {}: no contract knows {source}", field.call, field.to));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_cause_a_table_names_is_raised_somewhere() {
    let text = holds::text(&root());
    for field in PAGES.iter().flat_map(|p| p.fields) {
        for cause in field.holds {
            let raised = text.contains(&format!("\"{cause}\""));
            assert!(raised, "{} {}: no code raises {cause}", field.call, field.to);
        }
    }
}

#[test]
fn the_lists_of_holds_are_what_the_code_says() {
    let all = holds::all(&root());
    assert!(all.len() > 60, "the source text is not understood any more: {} causes", all.len());
    for page in holds::PAGES {
        block(page, "holds", &holds::table(page, &all));
    }
}

/// Every write of whole lives is in a table, and every row of a table was on the wire.
#[tokio::test]
async fn the_tables_are_what_goes_over_the_wire() {
    let seen = wire::lived().await;
    let rows: BTreeSet<(String, String)> =
        PAGES.iter().flat_map(|p| p.fields).map(|f| (f.call.to_owned(), f.to.to_owned())).collect();
    let new: Vec<_> = seen.difference(&rows).collect();
    assert!(
        new.is_empty(),
        "on the wire and in no table: {new:#?}\nadd a row to proofs/tests/docs/fields.rs, then {HOW}"
    );
    let never = |f: &&Field| !f.rare && !seen.contains(&(f.call.to_owned(), f.to.to_owned()));
    let stale: Vec<String> = PAGES
        .iter()
        .flat_map(|p| p.fields)
        .filter(never)
        .map(|f| format!("{} {}", f.call, f.to))
        .collect();
    assert!(stale.is_empty(), "in a table and never on the wire: {stale:#?}");
}
