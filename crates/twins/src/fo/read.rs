//! Reads: a collection, a row by key, a count. Finds rows through the indexes, asks the filter, sorts, pages, writes JSON.

use std::cmp::Ordering;

use super::db::{Access, Database};
use super::filter::{Expr, Literal, Op};
use super::meta::{EntitySet, Row, Source, company, etag_of};
use super::query::{Expand, Query};
use super::refusal::Refusal;
use super::value::{write_display, write_text};

/// Most rows of one reply.
const PAGE: usize = 10_000;

/// What a read is allowed to see, and how its reply names itself.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Company of the service user: all a query without `cross-company` sees.
    pub(crate) default_company: &'a str,
    /// `https://host`, for links.
    pub(crate) base: &'a str,
    /// `odata.maxpagesize`, where preferred.
    pub(crate) page: Option<usize>,
    /// Rows stamped later than this are not yet visible in the change feeds (list lag); normally the far future.
    pub(crate) horizon: i64,
}

/// One page of rows.
struct Page<'a> {
    rows: Vec<Row<'a>>,
    more: bool,
    count: Option<usize>,
}

/// `GET /data/Set`.
pub(crate) fn collection(
    db: &Database,
    set: &EntitySet,
    query: &Query,
    raw: &str,
    scope: Scope<'_>,
) -> Vec<u8> {
    let size = scope.page.unwrap_or(PAGE).clamp(1, PAGE);
    let wanted = query.top.unwrap_or(usize::MAX);
    let page = page(db, set, query, scope, wanted.min(size));
    let mut out = Vec::with_capacity(256 + page.rows.len() * 512);
    write_display(
        &mut out,
        format_args!("{{\"@odata.context\":\"{}/data/$metadata#{}\"", scope.base, set.name),
    );
    if let Some(count) = page.count {
        write_display(&mut out, format_args!(",\"@odata.count\":{count}"));
    }
    out.extend_from_slice(b",\"value\":[");
    for (index, row) in page.rows.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_row(&mut out, db, set, *row, query.select.as_deref(), query.expand.as_ref());
    }
    out.push(b']');
    if page.more && wanted > size {
        out.extend_from_slice(b",\"@odata.nextLink\":");
        write_text(&mut out, &next_link(set, query, raw, scope, size));
    }
    out.push(b'}');
    out
}

/// `GET /data/Set/$count`.
pub(crate) fn count(db: &Database, set: &EntitySet, query: &Query, scope: Scope<'_>) -> Vec<u8> {
    let mut rows = 0_usize;
    visit(db, set, query, scope, &mut |_| {
        rows += 1;
        true
    });
    rows.to_string().into_bytes()
}

/// `GET /data/Set(key)`: the whole body, or no such row.
pub(crate) fn by_key(
    db: &Database,
    set: &EntitySet,
    key: &[(usize, Literal)],
    query: &Query,
    scope: Scope<'_>,
) -> Result<Vec<u8>, Refusal> {
    let row = find(db, set, key, query.cross_company, scope).ok_or(Refusal::NoRow)?;
    let mut out = Vec::with_capacity(1_024);
    let mut body = Vec::with_capacity(1_024);
    write_row(&mut body, db, set, row, query.select.as_deref(), query.expand.as_ref());
    write_display(
        &mut out,
        format_args!(
            "{{\"@odata.context\":\"{}/data/$metadata#{}/$entity\",",
            scope.base, set.name
        ),
    );
    out.extend_from_slice(body.get(1..).unwrap_or_default());
    Ok(out)
}

/// The row of a key.
pub(crate) fn find<'a>(
    db: &'a Database,
    set: &EntitySet,
    key: &[(usize, Literal)],
    cross_company: bool,
    scope: Scope<'_>,
) -> Option<Row<'a>> {
    let compare = |(place, literal): &(usize, Literal)| Expr::Compare {
        place: *place,
        op: Op::Eq,
        literal: literal.clone(),
    };
    let filter = Expr::And(key.iter().map(compare).collect());
    let access = db.access(set, Some(&filter));
    let mut found = None;
    db.visit(set, &access, &mut |row| {
        let mine = cross_company || company(set, row).is_none_or(|of| of == scope.default_company);
        if mine && filter.matches(set, row) {
            found = Some(row);
        }
        found.is_none()
    });
    found
}

fn visit<'a>(
    db: &'a Database,
    set: &EntitySet,
    query: &Query,
    scope: Scope<'_>,
    keep: &mut dyn FnMut(Row<'a>) -> bool,
) {
    let access = db.access(set, query.filter.as_ref());
    visit_access(db, set, query, scope, &access, keep);
}

fn visit_access<'a>(
    db: &'a Database,
    set: &EntitySet,
    query: &Query,
    scope: Scope<'_>,
    access: &Access,
    keep: &mut dyn FnMut(Row<'a>) -> bool,
) {
    db.visit(set, access, &mut |row| {
        let mine =
            query.cross_company || company(set, row).is_none_or(|of| of == scope.default_company);
        let visible = mine && !hidden(set, row, scope.horizon);
        if visible && query.filter.as_ref().is_none_or(|filter| filter.matches(set, row)) {
            return keep(row);
        }
        true
    });
}

/// A change feed may lag behind the tables.
fn hidden(set: &EntitySet, row: Row<'_>, horizon: i64) -> bool {
    match row {
        Row::Order(order) => set.read_only && order.stamp > horizon,
        Row::Line(_, line) if set.source == Source::Released => {
            line.released.as_ref().is_some_and(|row| row.stamp > horizon)
        }
        Row::Line(_, line) => set.read_only && line.stamp > horizon,
        Row::Slip(slip) | Row::SlipLine(slip, _) => slip.created > horizon,
        _ => false,
    }
}

/// True when `access` already yields rows in the wanted order.
fn is_natural(set: &EntitySet, order: &[(usize, bool)], access: &Access) -> bool {
    let natural: &[&[&str]] = match (set.source, access) {
        (_, Access::Orders(_)) => &[],
        (Source::Orders | Source::Lines | Source::Released, _) => {
            &[&["SysModifiedDateTime", "SourceKey"]]
        }
        (Source::Slips | Source::SlipLines, _) => &[&["CreatedOn", "SourceKey"], &["SourceKey"]],
        _ => &[],
    };
    let name = |place: usize| set.properties.get(place).map(|property| property.name);
    natural.iter().any(|names| {
        order.len() <= names.len()
            && order
                .iter()
                .zip(*names)
                .all(|((place, descending), wanted)| !descending && name(*place) == Some(wanted))
    })
}

fn page<'a>(
    db: &'a Database,
    set: &EntitySet,
    query: &Query,
    scope: Scope<'_>,
    limit: usize,
) -> Page<'a> {
    let access = db.access(set, query.filter.as_ref());
    let sorted = query.order.is_empty() || is_natural(set, &query.order, &access);
    let mut rows = Vec::new();
    let end = query.skip.saturating_add(limit);
    visit_access(db, set, query, scope, &access, &mut |row| {
        rows.push(row);
        // One row more than the page tells whether there is a next one.
        !sorted || query.count || rows.len() <= end
    });
    if !sorted {
        rows.sort_by(|a, b| compare(set, &query.order, *a, *b));
    }
    let count = query.count.then_some(rows.len());
    let more = rows.len() > end;
    let rows = rows.into_iter().skip(query.skip).take(limit).collect();
    Page { rows, more, count }
}

fn compare(set: &EntitySet, order: &[(usize, bool)], a: Row<'_>, b: Row<'_>) -> Ordering {
    for (place, descending) in order {
        let ordering = set.value(a, *place).order(&set.value(b, *place));
        let ordering = if *descending { ordering.reverse() } else { ordering };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// Offset-based, without a snapshot: rows may be skipped or doubled when the table changes in between.
fn next_link(set: &EntitySet, query: &Query, raw: &str, scope: Scope<'_>, size: usize) -> String {
    let mut link = format!("{}/data/{}?", scope.base, set.name);
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let name = crate::world::exchange::decode(pair.split('=').next().unwrap_or_default());
        if !matches!(name.as_str(), "$skip" | "$top" | "$count") {
            link.push_str(pair);
            link.push('&');
        }
    }
    link.push_str(&format!("$skip={}", query.skip + size));
    if let Some(top) = query.top {
        link.push_str(&format!("&$top={}", top.saturating_sub(size)));
    }
    link
}

/// One row as JSON, with its etag.
pub(crate) fn write_row(
    out: &mut Vec<u8>,
    db: &Database,
    set: &EntitySet,
    row: Row<'_>,
    select: Option<&[usize]>,
    expand: Option<&Expand>,
) {
    out.extend_from_slice(b"{\"@odata.etag\":");
    write_text(out, &etag_of(row));
    let mut property = |place: usize| {
        if let Some(found) = set.properties.get(place) {
            write_display(out, format_args!(",\"{}\":", found.name));
            set.value(row, place).write_json(out);
        }
    };
    match select {
        Some(places) => places.iter().for_each(|place| property(*place)),
        None => (0..set.properties.len()).for_each(&mut property),
    }
    if let Some(expand) = expand {
        write_expanded(out, db, row, expand);
    }
    out.push(b'}');
}

fn write_expanded(out: &mut Vec<u8>, db: &Database, row: Row<'_>, expand: &Expand) {
    write_display(out, format_args!(",\"{}\":", expand.name));
    let mut inner: Vec<Row<'_>> = Vec::new();
    match (row, expand.target.source) {
        (Row::Order(order), Source::Lines) => {
            inner.extend(order.lines.iter().map(|line| Row::Line(order, line)))
        }
        (Row::Order(order), Source::Notes) => inner.extend(db.notes_of(order.index).map(Row::Note)),
        (Row::Request(request), Source::RequestLines) => {
            inner.extend(request.lines.iter().map(|line| Row::RequestLine(request, line)))
        }
        (Row::Line(order, _), Source::Orders) => {
            write_row(out, db, expand.target, Row::Order(order), expand.select.as_deref(), None);
            return;
        }
        _ => {}
    }
    out.push(b'[');
    for (index, row) in inner.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_row(out, db, expand.target, row, expand.select.as_deref(), None);
    }
    out.push(b']');
}
