//! The shape of the tree: how long a file may be, what it may be called, and that it tells nothing of one machine.
#![expect(clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};

const TARGET_LINES: usize = 400;
const MOST_LINES: usize = 700;
const COUNTED: [&str; 4] = ["rs", "html", "css", "js"];
/// Names that say nothing about what a file owns.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "common", "helpers", "manager"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("workspace folder")
}

/// Every file of the checkout but what is built, kept by git or ignored by it.
fn files() -> Vec<PathBuf> {
    let root = root();
    let (mut out, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("folder") {
            let path = entry.expect("entry").path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let built = folder == root && (name.starts_with("target") || name.ends_with("-data"));
            if name == ".git" || name == "node_modules" || built {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let mut long = Vec::new();
    for path in files() {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if COUNTED.contains(&extension) {
            let lines = std::fs::read_to_string(&path).expect("text").lines().count();
            long.push((lines, shown(&path)));
        }
    }
    long.retain(|(lines, _)| *lines > TARGET_LINES);
    long.sort_by(|a, b| b.cmp(a));
    for (lines, path) in &long {
        println!("over the target of {TARGET_LINES}: {lines:>4} {path}");
    }
    long.retain(|(lines, _)| *lines > MOST_LINES);
    assert!(long.is_empty(), "over {MOST_LINES} lines; split by what they own: {long:#?}");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let mut faults = Vec::new();
    for path in files() {
        let stem = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        let folder = path.parent().and_then(Path::file_name).and_then(|n| n.to_str());
        if EMPTY_NAMES.contains(&stem) || folder.is_some_and(|f| EMPTY_NAMES.contains(&f)) {
            faults.push(shown(&path));
        }
    }
    assert!(faults.is_empty(), "say what it owns: {faults:#?}");
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let mut marks = vec![concat!("/ro", "ot/").to_owned(), concat!("/ho", "me/").to_owned()];
    marks.push(concat!("/Us", "ers/").to_owned());
    marks.push(format!("{}/", root().display()));
    let mut faults = Vec::new();
    for path in files() {
        // what is not text is no place to look
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                faults.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
