//! What an entity set is: its properties, keys, navigation and rights. The tables are in `sets`.

use super::external::{Request, RequestLine, Update, UpdateLine};
use super::rows::{Line, Note, Order, Slip, SlipLine, Tracking};
use super::value::{Cell, Ty, Value};

/// One row of any set, borrowed from the database.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Order(&'a Order),
    Line(&'a Order, &'a Line),
    Slip(&'a Slip),
    SlipLine(&'a Slip, &'a SlipLine),
    Tracking(&'a Tracking),
    Note(&'a Note),
    Request(&'a Request),
    RequestLine(&'a Request, &'a RequestLine),
    Update(&'a Update),
    UpdateLine(&'a Update, &'a UpdateLine),
    Plain(&'a [Cell]),
}

/// How the value of a property is found in its row.
#[derive(Clone, Copy)]
pub(crate) enum Get {
    Order(for<'a> fn(&'a Order) -> Value<'a>),
    Line(for<'a> fn(&'a Order, &'a Line) -> Value<'a>),
    Slip(for<'a> fn(&'a Slip) -> Value<'a>),
    SlipLine(for<'a> fn(&'a Slip, &'a SlipLine) -> Value<'a>),
    Tracking(for<'a> fn(&'a Tracking) -> Value<'a>),
    Note(for<'a> fn(&'a Note) -> Value<'a>),
    Request(for<'a> fn(&'a Request) -> Value<'a>),
    RequestLine(for<'a> fn(&'a Request, &'a RequestLine) -> Value<'a>),
    Update(for<'a> fn(&'a Update) -> Value<'a>),
    UpdateLine(for<'a> fn(&'a Update, &'a UpdateLine) -> Value<'a>),
    /// The cell at the property's own place.
    Cell,
    /// The same for every row.
    Fixed(Value<'static>),
}

/// What a client may do with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Key or system field.
    No,
    /// On create only.
    Create,
    /// On create and later.
    Yes,
}

/// One property of a set.
#[derive(Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) ty: Ty,
    pub(crate) edit: Edit,
    /// Virtual fields can be neither filtered nor sorted.
    pub(crate) virtual_field: bool,
    pub(crate) get: Get,
}

/// A property nobody can write.
pub(crate) const fn fixed(name: &'static str, ty: Ty, get: Get) -> Property {
    Property { name, ty, edit: Edit::No, virtual_field: false, get }
}

/// A property that can be written on create and later.
pub(crate) const fn open(name: &'static str, ty: Ty, get: Get) -> Property {
    Property { name, ty, edit: Edit::Yes, virtual_field: false, get }
}

/// A property that can be written on create only.
pub(crate) const fn initial(name: &'static str, ty: Ty, get: Get) -> Property {
    Property { name, ty, edit: Edit::Create, virtual_field: false, get }
}

/// A computed property without a column.
pub(crate) const fn computed(name: &'static str, ty: Ty, get: Get) -> Property {
    Property { name, ty, edit: Edit::No, virtual_field: true, get }
}

/// Which table the rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Orders,
    Lines,
    /// Lines with a row in the warehouse's table.
    Released,
    Slips,
    SlipLines,
    Tracking,
    Notes,
    Requests,
    RequestLines,
    Updates,
    UpdateLines,
    UpdateDimensions,
    /// A table without a life; the number is its place in [`super::db::Database::plain`].
    Plain(usize),
}

/// A navigation property that can be expanded.
#[derive(Debug)]
pub(crate) struct Navigation {
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
}

/// Which writes a set accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) delete: bool,
}

/// Nothing may be written.
pub(crate) const READ_ONLY: Rights = Rights { create: false, update: false, delete: false };

/// One entity set.
pub(crate) struct EntitySet {
    pub(crate) name: &'static str,
    /// Name of the entity type in the metadata.
    pub(crate) entity: &'static str,
    pub(crate) keys: &'static [&'static str],
    pub(crate) properties: &'static [Property],
    pub(crate) navigation: &'static [Navigation],
    pub(crate) source: Source,
    pub(crate) rights: Rights,
    /// Declared read-only in the application, as `/metadata/PublicEntities` reports it.
    pub(crate) read_only: bool,
}

impl EntitySet {
    /// The place of a property by its case-sensitive name.
    pub(crate) fn property(&self, name: &str) -> Option<usize> {
        self.properties.iter().position(|property| property.name == name)
    }

    /// True when rows belong to a company.
    pub(crate) fn has_company(&self) -> bool {
        self.keys.contains(&"dataAreaId")
    }

    /// The value of the property at `place`.
    pub(crate) fn value<'a>(&self, row: Row<'a>, place: usize) -> Value<'a> {
        let Some(property) = self.properties.get(place) else { return Value::Str("") };
        match (property.get, row) {
            (Get::Order(get), Row::Order(order)) => get(order),
            (Get::Line(get), Row::Line(order, line)) => get(order, line),
            (Get::Slip(get), Row::Slip(slip)) => get(slip),
            (Get::SlipLine(get), Row::SlipLine(slip, line)) => get(slip, line),
            (Get::Tracking(get), Row::Tracking(tracking)) => get(tracking),
            (Get::Note(get), Row::Note(note)) => get(note),
            (Get::Request(get), Row::Request(request)) => get(request),
            (Get::RequestLine(get), Row::RequestLine(request, line)) => get(request, line),
            (Get::Update(get), Row::Update(update)) => get(update),
            (Get::UpdateLine(get), Row::UpdateLine(update, line)) => get(update, line),
            (Get::Cell, Row::Plain(cells)) => cells.get(place).map_or(Value::Str(""), Cell::value),
            (Get::Fixed(value), _) => value,
            // A table row of one kind asked for another kind's property: the tables below never do that.
            _ => Value::Str(""),
        }
    }
}

/// The company of a row, lower case; `None` for rows shared by all companies.
pub(crate) fn company<'a>(set: &EntitySet, row: Row<'a>) -> Option<&'a str> {
    match row {
        Row::Order(order) | Row::Line(order, _) => Some(order.company),
        Row::Slip(slip) | Row::SlipLine(slip, _) => Some(slip.company),
        Row::Tracking(tracking) => Some(tracking.company),
        Row::Note(note) => Some(note.company),
        Row::Request(request) | Row::RequestLine(request, _) => Some(request.company),
        Row::Update(update) | Row::UpdateLine(update, _) => Some(update.company),
        Row::Plain(cells) if set.has_company() => match cells.first() {
            Some(Cell::Str(company)) => Some(company),
            _ => None,
        },
        Row::Plain(_) => None,
    }
}

/// The etag of a row.
pub(crate) fn etag_of(row: Row<'_>) -> String {
    match row {
        Row::Order(order) => order.etag(),
        Row::Line(_, line) => line.etag(),
        Row::Slip(slip) => super::rows::etag(&[(1, slip.rec_id)]),
        Row::SlipLine(_, line) => super::rows::etag(&[(1, line.rec_id)]),
        Row::Tracking(tracking) => super::rows::etag(&[(1, tracking.rec_id)]),
        Row::Note(note) => note.etag(),
        Row::Request(request) => request.etag(),
        Row::RequestLine(_, line) => super::rows::etag(&[(1, line.rec_id)]),
        Row::Update(update) => update.etag(),
        Row::UpdateLine(_, line) => super::rows::etag(&[(1, line.rec_id)]),
        Row::Plain(cells) => {
            super::rows::etag(&[(1, i64::try_from(cells.len()).unwrap_or(0) + 5_637_144_576)])
        }
    }
}
