//! The OData text F&O understands: typed filters, literals, keys. No string is pasted into a
//! query elsewhere. Left out on purpose, because F&O refuses or mishandles it: `in`, `has`,
//! `startswith`, `contains`, order comparisons on text, `$skip`.

use domain::time::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write as _;

/// Namespace of every entity and enum type.
pub(crate) const NAMESPACE: &str = "Microsoft.Dynamics.DataEntities";

/// What stays readable in a URL; everything else is percent-encoded.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'*')
    .remove(b':')
    .remove(b'=')
    .remove(b'$');

/// A value in a filter or key, in its F&O notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    /// Quoted, quotes doubled.
    Text(String),
    /// Bare number.
    Int(i64),
    /// Bare UTC instant.
    Instant(Timestamp),
    /// Bare GUID.
    Guid(String),
    /// Typed member: enum type, member.
    Member(&'static str, String),
}

impl Literal {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn render(&self, out: &mut String) {
        match self {
            Self::Text(text) => {
                out.push('\'');
                out.push_str(&text.replace('\'', "''"));
                out.push('\'');
            }
            Self::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Instant(at) => out.push_str(&at.to_rfc3339()),
            Self::Guid(text) => out.push_str(text),
            Self::Member(kind, member) => {
                let _ = write!(out, "{NAMESPACE}.{kind}'{}'", member.replace('\'', "''"));
            }
        }
    }
}

/// Comparison operators that are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    /// Numbers and instants only.
    Gt,
}

/// A filter expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    Is(&'static str, Op, Literal),
    All(Vec<Filter>),
    Any(Vec<Filter>),
    /// Written by a person and checked by `domain::order_filter`: it keeps to its parentheses.
    Written(String),
}

impl Filter {
    pub(crate) fn eq(field: &'static str, value: Literal) -> Self {
        Self::Is(field, Op::Eq, value)
    }

    pub(crate) fn gt(field: &'static str, value: Literal) -> Self {
        Self::Is(field, Op::Gt, value)
    }

    /// Rows strictly after a position in the order `(stamp, key)`.
    pub(crate) fn after(
        stamp: &'static str,
        key: &'static str,
        at: Timestamp,
        last_key: i64,
    ) -> Self {
        Self::Any(vec![
            Self::gt(stamp, Literal::Instant(at)),
            Self::All(vec![
                Self::eq(stamp, Literal::Instant(at)),
                Self::gt(key, Literal::Int(last_key)),
            ]),
        ])
    }

    fn render(&self, out: &mut String) {
        match self {
            Self::Is(field, op, value) => {
                out.push_str(field);
                out.push_str(match op {
                    Op::Eq => " eq ",
                    Op::Gt => " gt ",
                });
                value.render(out);
            }
            Self::All(parts) => Self::join(parts, " and ", out),
            Self::Any(parts) => Self::join(parts, " or ", out),
            Self::Written(text) => {
                out.push('(');
                out.push_str(text);
                out.push(')');
            }
        }
    }

    fn join(parts: &[Self], word: &str, out: &mut String) {
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                out.push_str(word);
            }
            let nested =
                parts.len() > 1 && matches!(part, Self::All(p) | Self::Any(p) if p.len() > 1);
            if nested {
                out.push('(');
            }
            part.render(out);
            if nested {
                out.push(')');
            }
        }
    }
}

/// One read of an entity set. `cross-company=true` and `$select` are always sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) set: &'static str,
    pub(crate) select: &'static [&'static str],
    pub(crate) filter: Option<Filter>,
    pub(crate) order_by: &'static [&'static str],
    pub(crate) top: Option<u32>,
}

impl Query {
    pub(crate) fn of(set: &'static str, select: &'static [&'static str]) -> Self {
        Self { set, select, filter: None, order_by: &[], top: None }
    }

    pub(crate) fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    pub(crate) fn order_by(mut self, fields: &'static [&'static str]) -> Self {
        self.order_by = fields;
        self
    }

    pub(crate) fn top(mut self, rows: u32) -> Self {
        self.top = Some(rows);
        self
    }

    /// The whole URL below `base` (scheme and host, no trailing slash).
    pub(crate) fn url(&self, base: &str) -> String {
        let mut url = format!("{base}/data/{}?cross-company=true", self.set);
        if let Some(filter) = &self.filter {
            let mut text = String::new();
            filter.render(&mut text);
            push(&mut url, "$filter", &text);
        }
        push(&mut url, "$select", &self.select.join(","));
        if !self.order_by.is_empty() {
            push(&mut url, "$orderby", &self.order_by.join(","));
        }
        if let Some(top) = self.top {
            push(&mut url, "$top", &top.to_string());
        }
        url
    }
}

fn push(url: &mut String, name: &str, value: &str) {
    let _ = write!(url, "&{name}={}", utf8_percent_encode(value, KEPT));
}

/// A read whose filter a person wrote (with its values filled in and quoted).
pub(crate) fn look_up_url(base: &str, set: &str, filter: &str, top: u32) -> String {
    let mut url = format!("{base}/data/{set}?cross-company=true");
    push(&mut url, "$filter", filter);
    push(&mut url, "$top", &top.to_string());
    url
}

/// URL of a set, for inserts.
pub(crate) fn set_url(base: &str, set: &str) -> String {
    format!("{base}/data/{set}?cross-company=true")
}

/// URL of one row; every part of its key must be named.
pub(crate) fn row_url(base: &str, set: &str, key: &[(&str, Literal)]) -> String {
    let mut text = String::new();
    for (n, (name, value)) in key.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(name);
        text.push('=');
        value.render(&mut text);
    }
    format!("{base}/data/{set}({})?cross-company=true", utf8_percent_encode(&text, KEPT))
}

/// Key predicate of a one-part key: `('value')`.
pub(crate) fn row_name(value: &Literal) -> String {
    let mut text = String::new();
    value.render(&mut text);
    format!("({})", utf8_percent_encode(&text, KEPT))
}

/// Splits values into groups whose `field eq 'v' or …` filter keeps the URL within `limit`
/// characters; a value too long for that still gets a group of its own. `url_of` builds the
/// query for a group.
pub(crate) fn groups<'a>(
    values: &'a [String],
    limit: usize,
    field: &'static str,
    empty_url: usize,
) -> Vec<&'a [String]> {
    let cost = |value: &String| {
        let mut text = format!("{field} eq ");
        Literal::text(value).render(&mut text);
        text.push_str(" or ");
        utf8_percent_encode(&text, KEPT).map(str::len).sum::<usize>()
    };
    let mut found = Vec::new();
    let mut rest = values;
    while !rest.is_empty() {
        let mut used = empty_url;
        let mut count = 0;
        for value in rest {
            used += cost(value);
            if used > limit && count > 0 {
                break;
            }
            count += 1;
        }
        let (group, tail) = rest.split_at(count);
        found.push(group);
        rest = tail;
    }
    found
}

#[cfg(test)]
mod tests;
