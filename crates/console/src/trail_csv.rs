//! The trail as CSV (RFC 4180) for people with spreadsheets: one form for the page, and for
//! `trail export` on the command line.

use crate::model::TrailLine;

/// The first line, with its line end.
pub const HEAD: &str = "entry,at,who,order,what,before,after,why,settings,request,hash\r\n";

/// One entry as a line, with its line end.
pub fn line(line: &TrailLine) -> String {
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells = [
        line.seq.to_string(),
        line.at.to_string(),
        line.who.clone(),
        optional(&line.subject),
        line.what.clone(),
        optional(&line.before),
        optional(&line.after),
        optional(&line.why),
        line.settings_version.to_string(),
        optional(&line.request_id),
        line.hash.clone(),
    ];
    format!("{}\r\n", cells.map(|value| cell(&value)).join(","))
}

/// One cell; quoted where needed, and never a formula to the program that opens the file.
pub(crate) fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, cell, line};
    use crate::model::{At, TrailLine};
    use domain::time::Timestamp;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@x,y"), "\"'@x,y\"");
    }

    #[test]
    fn a_line_has_a_cell_for_every_head() {
        let entry = TrailLine {
            seq: 7,
            at: At(Timestamp(0)),
            who: "Mara".to_owned(),
            what: "paused".to_owned(),
            subject: None,
            before: None,
            after: None,
            why: None,
            settings_version: 1,
            request_id: None,
            hash: "ab".to_owned(),
        };
        assert_eq!(line(&entry).matches(',').count(), HEAD.matches(',').count());
    }
}
