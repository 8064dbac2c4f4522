//! Addresses of calls. ShipBob wants commas and colons of query values unescaped, and does not
//! decode the colon of an action; everything else is percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest URL sent; no limit is documented, 2 kB is safe everywhere.
const URL_LIMIT: usize = 1_900;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const VALUE: &AsciiSet = &ESCAPED.remove(b',').remove(b':');

/// A URL under construction.
#[derive(Clone)]
pub(crate) struct Url {
    text: String,
    asked: bool,
}

impl Url {
    /// `{base}/{version}/{path}`; `path` holds only our own words and numbers.
    pub(crate) fn new(base: &str, version: &str, path: &str) -> Self {
        let text = format!("{}/{version}/{path}", base.trim_end_matches('/'));
        Self { text, asked: false }
    }

    /// Adds `name=value`.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.text.extend(utf8_percent_encode(value, VALUE));
        self
    }

    /// Adds `name=value` for a value that came as an opaque token.
    pub(crate) fn with_token(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.text.extend(utf8_percent_encode(value, ESCAPED));
        self
    }

    fn name(&mut self, name: &str) {
        self.text.push(if self.asked { '&' } else { '?' });
        self.asked = true;
        self.text.push_str(name);
        self.text.push('=');
    }

    pub(crate) fn text(self) -> String {
        self.text
    }
}

/// One value of a comma list: a comma inside it must not separate.
pub(crate) fn escaped(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

/// Cuts values into lists of at most `most`, each short enough for one URL. A value with a comma
/// cannot stand in a list and gets one of its own. Repeated values are asked for once.
pub(crate) fn lists<'a>(
    base: &Url,
    name: &str,
    prefix: &str,
    values: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<Url> {
    let mut start = base.clone();
    start.name(name);
    let mut seen = std::collections::BTreeSet::new();
    let mut urls = Vec::new();
    let mut current = String::new();
    let mut count = 0;
    let list = |values: &str| Url { text: format!("{}{prefix}{values}", start.text), asked: true };
    for value in values {
        if value.is_empty() || !seen.insert(value) {
            continue;
        }
        let next = escaped(value);
        if value.contains(',') {
            urls.push(Url { text: format!("{}{next}", start.text), asked: true });
            continue;
        }
        let length = start.text.len() + prefix.len() + current.len() + next.len() + 1;
        if count > 0 && (count >= most || length > URL_LIMIT) {
            urls.push(list(&current));
            current.clear();
            count = 0;
        }
        if count > 0 {
            current.push(',');
        }
        current.push_str(&next);
        count += 1;
    }
    if count > 0 {
        urls.push(list(&current));
    }
    urls
}

/// The parameter and cursor in a `next` link. It is a path without the version, an absolute URL, or
/// a bare token; the parameter is written with either case.
pub(crate) fn cursor(next: &str) -> Option<(String, String)> {
    let next = next.trim();
    if next.is_empty() {
        return None;
    }
    let Some((_, query)) = next.split_once('?') else {
        return Some(("Cursor".to_owned(), next.to_owned()));
    };
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name.eq_ignore_ascii_case("cursor"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(_, value)| !value.is_empty())
}
