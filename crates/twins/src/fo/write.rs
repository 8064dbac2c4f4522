//! Writes: what may be created, changed or deleted, checked member by member before anything is touched.

use serde_json::{Map, Value as Json, json};

use super::db::{Database, Undo};
use super::filter::Literal;
use super::meta::{Edit, EntitySet, Row, Source, etag_of};
use super::read::{self, Scope};
use super::refusal::Refusal;
use super::value::Ty;
use super::{adjust, documents, external, orders, stock};
use crate::world::tenant::Tenant;

/// One accepted effect, for the ledger.
pub(crate) struct Effect {
    pub(crate) name: &'static str,
    /// Sales order number.
    pub(crate) key: String,
    pub(crate) detail: Json,
    /// The order to look at for the packing-slip batch.
    pub(crate) order: u32,
}

/// What a writer works with.
pub(crate) struct Desk<'a> {
    pub(crate) db: &'a mut Database,
    pub(crate) tenant: &'a Tenant,
    pub(crate) scope: Scope<'a>,
    /// Company of this environment whose documents may be written.
    pub(crate) company: &'static str,
    /// World time, for locks.
    pub(crate) now: i64,
    /// The server's clock, for stamps.
    pub(crate) clock: i64,
    /// How to take back what was done, latest last. Filled only when `keep_undo`.
    pub(crate) undo: Vec<Undo>,
    pub(crate) keep_undo: bool,
    pub(crate) effects: Vec<Effect>,
}

/// The answer to a write.
pub(crate) struct Written {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Members of a body, typed.
pub(crate) type Members = Vec<(&'static str, Member)>;

/// A typed value of a body.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    Text(String),
    Number(rust_decimal::Decimal),
    Time(i64),
    Guid(uuid::Uuid),
    Enum(&'static str),
}

const UPDATED: Written = Written { status: 204, body: Vec::new() };

impl Desk<'_> {
    /// `POST /data/Set`.
    pub(crate) fn create(
        &mut self,
        set: &'static EntitySet,
        body: &[u8],
    ) -> Result<Written, Refusal> {
        self.may(set, set.rights.create && !self.closed(set), "create")?;
        let members = members(set, body, false)?;
        let row = match set.source {
            Source::Notes => documents::create_note(self, &members)?,
            Source::Tracking => documents::create_tracking(self, &members)?,
            Source::Updates => external::create_update(self, &members)?,
            Source::UpdateLines => external::create_line(self, &members)?,
            Source::UpdateDimensions => external::create_dimension(self, &members)?,
            Source::Plain(stock::HEADERS) => stock::create_header(self, &members)?,
            Source::Plain(stock::LINES) => stock::create_line(self, &members)?,
            Source::Plain(stock::ADJUSTMENTS) => adjust::create(self, &members)?,
            _ => return Err(Refusal::Forbidden),
        };
        let mut out = Vec::with_capacity(512);
        let context = format!(
            "{{\"@odata.context\":\"{}/data/$metadata#{}/$entity\",",
            self.scope.base, set.name
        );
        out.extend_from_slice(context.as_bytes());
        let mut body = Vec::with_capacity(512);
        if let Some(row) = self.row(row) {
            read::write_row(&mut body, self.db, set, row, None, None);
        }
        out.extend_from_slice(body.get(1..).unwrap_or(b"}"));
        Ok(Written { status: 201, body: out })
    }

    /// `PATCH /data/Set(key)`.
    pub(crate) fn update(
        &mut self,
        set: &'static EntitySet,
        key: &[(usize, Literal)],
        cross_company: bool,
        if_match: Option<&str>,
        body: &[u8],
    ) -> Result<Written, Refusal> {
        self.may(set, set.rights.update && !self.closed(set), "update")?;
        let members = members(set, body, true)?;
        let row = read::find(self.db, set, key, cross_company, self.scope).ok_or(Refusal::NoRow)?;
        self.matches(row, if_match)?;
        match row {
            Row::Order(order) => {
                let index = self.own(order.index, order.company)?;
                orders::update_header(self, index, &members)?;
            }
            Row::Line(order, line) => {
                let seq = line.seq;
                let index = self.own(order.index, order.company)?;
                orders::update_line(self, index, seq, &members)?;
            }
            Row::Note(note) => {
                let id = note.id;
                documents::update_note(self, id, &members)?;
            }
            Row::Tracking(tracking) => {
                let rec_id = tracking.rec_id;
                documents::update_tracking(self, rec_id, &members);
            }
            Row::Request(request) => {
                let id = request.id.clone();
                external::answer(self, &id, &members)?;
            }
            Row::Update(update) => {
                let id = update.id.clone();
                external::set_status(self, &id, &members)?;
            }
            Row::Slip(_)
            | Row::SlipLine(..)
            | Row::RequestLine(..)
            | Row::UpdateLine(..)
            | Row::Plain(_) => return Err(Refusal::Forbidden),
        }
        Ok(UPDATED)
    }

    /// `POST /data/Set(key)/Microsoft.Dynamics.DataEntities.Complete`.
    pub(crate) fn complete(
        &mut self,
        set: &'static EntitySet,
        key: &[(usize, Literal)],
        cross_company: bool,
    ) -> Result<Written, Refusal> {
        match read::find(self.db, set, key, cross_company, self.scope).ok_or(Refusal::NoRow)? {
            Row::Update(update) if set.source == Source::Updates => {
                let id = update.id.clone();
                external::complete(self, &id)?;
                Ok(UPDATED)
            }
            _ => Err(Refusal::NoRoute(format!("/data/{}", set.name))),
        }
    }

    /// `DELETE /data/Set(key)`.
    pub(crate) fn delete(
        &mut self,
        set: &'static EntitySet,
        key: &[(usize, Literal)],
        cross_company: bool,
        if_match: Option<&str>,
    ) -> Result<Written, Refusal> {
        self.may(set, set.rights.delete && !self.closed(set), "delete")?;
        let row = read::find(self.db, set, key, cross_company, self.scope).ok_or(Refusal::NoRow)?;
        self.matches(row, if_match)?;
        match row {
            Row::Note(note) => {
                let note = note.clone();
                documents::delete_note(self, note);
                Ok(UPDATED)
            }
            _ => Err(Refusal::Forbidden),
        }
    }

    /// Takes everything back, latest first.
    pub(crate) fn roll_back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            self.db.undo(undo);
        }
        self.effects.clear();
    }

    /// Remembers an order before it is changed.
    pub(crate) fn remember(&mut self, index: u32) {
        if self.keep_undo
            && let Some(order) = self.db.order(index)
        {
            self.undo.push(Undo::Order(Box::new(order.clone())));
        }
    }

    pub(crate) fn effect(&mut self, name: &'static str, order: u32, detail: Json) {
        let key = self.db.order(order).map(|order| order.number.clone()).unwrap_or_default();
        self.effects.push(Effect { name, key, detail, order });
    }

    /// Somebody has the order open: the database refuses, for a while.
    pub(crate) fn unlocked(&self, index: u32) -> Result<(), Refusal> {
        match self.db.order(index) {
            Some(order) if order.locked_until > self.now => {
                Err(Refusal::Conflict { table: "Sales orders", key: "SalesTable".to_owned() })
            }
            Some(_) => Ok(()),
            None => Err(Refusal::NoRow),
        }
    }

    fn own(&self, index: u32, company: &str) -> Result<u32, Refusal> {
        if company == self.company { Ok(index) } else { Err(Refusal::Forbidden) }
    }

    /// Tenants can close a set that is open elsewhere.
    fn closed(&self, set: &EntitySet) -> bool {
        match set.source {
            Source::Tracking => self.tenant.tracking_read_only,
            Source::Notes => self.tenant.note_read_only,
            _ => false,
        }
    }

    fn may(&self, set: &EntitySet, may: bool, what: &str) -> Result<(), Refusal> {
        if may {
            return Ok(());
        }
        if set.read_only || self.closed(set) {
            let text = format!(
                "Error: The data entity '{}' is read-only: {what} is not supported",
                set.entity
            );
            return Err(Refusal::Infolog { entity: set.entity, text });
        }
        Err(Refusal::Forbidden)
    }

    fn matches(&self, row: Row<'_>, if_match: Option<&str>) -> Result<(), Refusal> {
        match if_match.map(str::trim) {
            None | Some("*") => Ok(()),
            Some(_) if self.tenant.etag_ignored => Ok(()),
            Some(etag) if etag == etag_of(row) => Ok(()),
            Some(_) => Err(Refusal::Precondition),
        }
    }

    fn row(&self, made: documents::Made) -> Option<Row<'_>> {
        match made {
            documents::Made::Note(id) => self.db.note(id).map(Row::Note),
            documents::Made::Tracking(order, rec_id) => self
                .db
                .tracking_of(order)
                .find(|tracking| tracking.rec_id == rec_id)
                .map(Row::Tracking),
            documents::Made::Plain(table, row) => {
                self.db.plain.get(table)?.get(row).map(|cells| Row::Plain(cells))
            }
            documents::Made::Update(id, None) => self.db.update(&id).map(Row::Update),
            documents::Made::Update(id, Some(number)) => self.db.update(&id).and_then(|update| {
                let line = update.lines.iter().find(|line| line.number == number)?;
                Some(Row::UpdateLine(update, line))
            }),
        }
    }
}

/// Reads and checks a body: every member exists, is writable and has the right type.
fn members(set: &EntitySet, body: &[u8], update: bool) -> Result<Members, Refusal> {
    let object: Map<String, Json> =
        serde_json::from_slice(body).map_err(|_| Refusal::Invocation)?;
    let mut members = Members::with_capacity(object.len());
    for (name, value) in object {
        if name.starts_with('@') || name.contains("@odata.") {
            continue;
        }
        if set.navigation.iter().any(|navigation| navigation.name == name) {
            return Err(Refusal::Query(format!(
                "Cannot apply PATCH to navigation property '{name}' on entity type '{}'.",
                set.entity
            )));
        }
        let place = set.property(&name).ok_or(Refusal::UnknownMember(name))?;
        let Some(property) = set.properties.get(place) else { return Err(Refusal::Invocation) };
        let allowed = match property.edit {
            Edit::Yes => true,
            Edit::Create => !update,
            Edit::No => false,
        };
        if !allowed {
            return Err(not_editable(set, property.name));
        }
        members.push((property.name, typed(property.ty, &value).ok_or(Refusal::Invocation)?));
    }
    Ok(members)
}

/// A field that may not be edited.
pub(crate) fn not_editable(set: &EntitySet, name: &str) -> Refusal {
    let text = format!(
        "Warning: Field '{name}' does not allow edit.; Error: validateField failed on field '{name}'; Error: Update has been canceled."
    );
    Refusal::Infolog { entity: set.entity, text }
}

fn typed(ty: Ty, value: &Json) -> Option<Member> {
    Some(match (ty, value) {
        (Ty::Str, Json::String(text)) => Member::Text(text.clone()),
        (Ty::Str, Json::Null) => Member::Text(String::new()),
        (Ty::Dec | Ty::Int32 | Ty::Int64, Json::Number(number)) => {
            let text = number.to_string();
            Member::Number(
                text.parse().or_else(|_| rust_decimal::Decimal::from_scientific(&text)).ok()?,
            )
        }
        (Ty::Time, Json::String(text)) => {
            Member::Time(text.parse::<jiff::Timestamp>().ok()?.as_microsecond())
        }
        (Ty::Guid, Json::String(text)) => Member::Guid(text.parse().ok()?),
        (Ty::Enum(of), Json::String(text)) => Member::Enum(of.member(text)?),
        _ => return None,
    })
}

/// The text of a member.
pub(crate) fn text<'m>(members: &'m Members, name: &str) -> Option<&'m str> {
    members.iter().find(|(found, _)| *found == name).and_then(|(_, member)| match member {
        Member::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The moment of a member.
pub(crate) fn time(members: &Members, name: &str) -> Option<i64> {
    members.iter().find(|(found, _)| *found == name).and_then(|(_, member)| match member {
        Member::Time(micros) => Some(*micros),
        _ => None,
    })
}

/// Infolog of a value that a related table lacks.
pub(crate) fn not_found(entity: &'static str, value: &str, field: &str, table: &str) -> Refusal {
    let text = format!(
        "Warning: The value '{value}' in field '{field}' is not found in the related table '{table}'.; Error: validateField failed on field '{field}'; Error: Update has been canceled."
    );
    Refusal::Infolog { entity, text }
}

/// Infolog of a duplicate key.
pub(crate) fn exists(entity: &'static str, table: &str, key: &str) -> Refusal {
    let text = format!(
        "Error: Cannot create a record in {table} ({key}). The record already exists.; Error: Update has been canceled."
    );
    Refusal::Infolog { entity, text }
}

/// Detail of an effect on one order line.
pub(crate) fn line_detail(seq: i32, quantity: rust_decimal::Decimal) -> Json {
    json!({"line": seq, "quantity": quantity.normalize().to_string()})
}
