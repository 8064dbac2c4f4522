//! Causes with reason and fix, out of the source text: a hold is made with `HoldReason::new(cause, field, value, reason,
//! fix)`, or its cause, reason and fix stand in a tuple beside each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages with a list.
pub(crate) const PAGES: &[&str] = &["orders", "fulfilment"];

/// One cause, as one file raises it.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) cause: String,
    pub(crate) reason: String,
    pub(crate) fix: String,
    pub(crate) file: String,
}

/// The page a file's causes belong to.
fn page_of(file: &str) -> &'static str {
    const OF: &[(&str, &str)] = &[
        ("flows/products", "products"),
        ("engine/src/products", "products"),
        ("stock", "inventory"),
        ("flows/inventory", "inventory"),
        ("billing", "billing"),
        ("charges", "billing"),
        ("flows/fulfilment", "fulfilment"),
        ("flows/external/slips", "fulfilment"),
        ("flows/external/update", "fulfilment"),
        ("courier/call", "fulfilment"),
        ("courier/dynamics", "fulfilment"),
    ];
    OF.iter().find(|(part, _)| file.contains(part)).map_or("orders", |(_, page)| page)
}

pub(crate) fn table(page: &str, all: &[Cause]) -> String {
    let mut rows: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for one in all.iter().filter(|c| page_of(&c.file) == page) {
        let row = rows.entry(&one.cause).or_insert((&one.reason, &one.fix));
        if row.1.is_empty() {
            *row = (&one.reason, &one.fix);
        }
    }
    let mut out = "| cause | what a person reads | fix |\n|---|---|---|\n".to_owned();
    for (cause, (reason, fix)) in rows {
        let or = |text: &str, none: &str| match text {
            "" => none.to_owned(),
            text => escaped(text),
        };
        let (reason, fix) = (or(reason, "the words of the system"), or(fix, "as the hold says"));
        out.push_str(&format!("| `{cause}` | {reason} | {fix} |\n"));
    }
    out
}

fn escaped(text: &str) -> String {
    let text = text.replace("\\\"", "\"").replace('|', "\\|").replace("{}", "…");
    text.replace(['{', '}'], "*")
}

/// The text of what raises holds; the fit report only sorts them.
pub(crate) fn text(root: &Path) -> String {
    let mut files = Vec::new();
    for part in ["crates/domain/src", "crates/engine/src"] {
        walk(&root.join(part), &mut files);
    }
    // The checkout itself may lie in a folder of that name.
    let sorts = |path: &Path| path.components().any(|part| part.as_os_str() == "fit");
    files.retain(|path| !sorts(path.strip_prefix(root).unwrap_or(path)));
    files.iter().map(|path| fs::read_to_string(path).expect("source text")).collect()
}

/// Every cause of the product.
pub(crate) fn all(root: &Path) -> Vec<Cause> {
    let mut files = Vec::new();
    for part in ["crates/domain/src", "crates/engine/src"] {
        walk(&root.join(part), &mut files);
    }
    files.sort();
    let mut found = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("source text");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        for raw in calls(&text) {
            let args = arguments(raw);
            let Some(cause) = args.first().and_then(|a| literal(a)) else { continue };
            let words = |n: usize| {
                let argument = args.get(n)?;
                literal(argument).or_else(|| named(&text, argument))
            };
            found.push(Cause {
                cause,
                reason: words(3).unwrap_or_default(),
                fix: words(4).unwrap_or_default(),
                file: file.clone(),
            });
        }
        if text.contains("HoldReason") {
            found.extend(tuples(&text, &file));
        }
    }
    found
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// What stands between the brackets of every `HoldReason::new(…)`.
fn calls(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, name) in text.match_indices("HoldReason::new(") {
        let rest = &text[at + name.len()..];
        if let Some(end) = closing(rest) {
            found.push(&rest[..end]);
        }
    }
    found
}

/// Where the bracket that is open at the beginning closes.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Cut at the commas of the outermost level.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped, mut from) = (0, false, false, 0);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[from..].trim());
    found
}

/// `let fix = "…"` somewhere in the file.
fn named(text: &str, argument: &str) -> Option<String> {
    let name = argument.trim_start_matches('&');
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let at = plain.then(|| text.find(&format!("let {name} =")))??;
    let (_, rest) = text.get(at..)?.split_once('=')?;
    let rest = rest.trim_start();
    rest.starts_with('"').then(|| literal(rest)).flatten()
}

/// The first string of an argument: a literal, or what `format!` begins with.
fn literal(argument: &str) -> Option<String> {
    let from = argument.find('"')? + 1;
    let mut escaped = false;
    for (at, c) in argument[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(argument[from..from + at].to_owned()),
            _ => {}
        }
    }
    None
}

/// `("some-cause", format!("…"), "…")`, and calls of a closure `missing("some-cause", …)`.
fn tuples(text: &str, file: &str) -> Vec<Cause> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("(\n").chain(text.match_indices("missing(\"")) {
        let from = at + text[at..].find('(').unwrap_or(0) + 1;
        let rest = &text[from..];
        let Some(end) = closing(rest) else { continue };
        let args = arguments(&rest[..end]);
        let Some(cause) = args.first().filter(|a| a.starts_with('"')).and_then(|a| literal(a))
        else {
            continue;
        };
        let dashed =
            cause.contains('-') && cause.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if !dashed || text[..at].ends_with("HoldReason::new") || args.len() < 3 || args.len() > 4 {
            continue;
        }
        let missing = text[..from].ends_with("missing(");
        let (reason, fix) = match missing {
            true => {
                let what = args.get(2).and_then(|a| literal(a)).unwrap_or_default();
                (
                    format!("The delivery address has no {what}."),
                    format!("Add the {what} to the delivery address of the order in Dynamics."),
                )
            }
            false => (
                args.get(1).and_then(|a| literal(a)).unwrap_or_default(),
                args.get(2).and_then(|a| literal(a)).unwrap_or_default(),
            ),
        };
        found.push(Cause { cause, reason, fix, file: file.to_owned() });
    }
    found
}
