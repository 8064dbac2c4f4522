//! Notes on orders and tracking numbers on slips.

use serde_json::json;
use uuid::Uuid;

use super::db::Undo;
use super::masters;
use super::refusal::Refusal;
use super::rows::{Note, Tracking};
use super::value::noon;
use super::write::{Desk, Member, Members, exists, not_found, text, time};
use crate::world::ledger::effect;

const NOTE: &str = "SalesOrderHeaderDocumentAttachmentV2Entity";
const TRACKING: &str = "SalesPackingSlipTrackingInformationEntity";

/// Longest description of an attachment.
const MAX_DESCRIPTION: usize = 60;

/// What a create made.
pub(crate) enum Made {
    Note(Uuid),
    /// (order, record id).
    Tracking(u32, i64),
    /// (update, line of it).
    Update(String, Option<i64>),
    /// (table, row).
    Plain(usize, usize),
}

/// The order a document belongs to; the body's company decides where it is looked for.
fn order_of(desk: &Desk<'_>, entity: &'static str, members: &Members) -> Result<u32, Refusal> {
    let number = text(members, "SalesOrderNumber").unwrap_or_default();
    let company = text(members, "dataAreaId").unwrap_or(desk.scope.default_company);
    let found = desk.db.find(number).filter(|_| company.eq_ignore_ascii_case(desk.company));
    found.ok_or_else(|| not_found(entity, number, "Sales order", "Sales orders"))
}

/// `POST SalesOrderHeaderDocumentAttachmentsV2`.
pub(crate) fn create_note(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let order = order_of(desk, NOTE, members)?;
    let kind = text(members, "DocumentAttachmentTypeCode").unwrap_or_default();
    if !masters::is_document_type(kind) {
        return Err(not_found(NOTE, kind, "Type", "Document types"));
    }
    let given = members.iter().find_map(|(name, member)| match member {
        Member::Guid(id) if *name == "DocumentId" && !id.is_nil() => Some(*id),
        _ => None,
    });
    check_description(members)?;
    let rec_id = desk.db.rec_id();
    let assigned = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("note {rec_id}").as_bytes());
    let id = given.filter(|_| !desk.tenant.note_id_assigned).unwrap_or(assigned);
    if desk.db.note(id).is_some() {
        return Err(exists(NOTE, "Document references", "DocuRef"));
    }
    let sales_id = desk.db.order(order).map(|order| order.number.clone()).unwrap_or_default();
    let field = |name: &str| text(members, name).unwrap_or_default().to_owned();
    let note = Note {
        company: desk.company,
        id,
        rec_id,
        rec_version: 1,
        order,
        sales_id,
        description: field("AttachmentDescription"),
        text: field("Notes"),
        kind: kind.to_owned(),
        restriction: restriction(members).unwrap_or("Internal"),
        file_name: field("FileName"),
        file_type: field("FileType"),
    };
    let detail =
        json!({"document_id": id.to_string(), "description": note.description, "new": true});
    desk.db.insert_note(note);
    if desk.keep_undo {
        desk.undo.push(Undo::NoteInserted(rec_id));
    }
    desk.effect(effect::NOTE_WRITTEN, order, detail);
    Ok(Made::Note(id))
}

fn restriction(members: &Members) -> Option<&'static str> {
    members.iter().find_map(|(name, member)| match member {
        Member::Enum(member) if *name == "AccessRestriction" => Some(*member),
        _ => None,
    })
}

fn check_description(members: &Members) -> Result<(), Refusal> {
    let long = text(members, "AttachmentDescription")
        .is_some_and(|text| text.chars().count() > MAX_DESCRIPTION);
    if long {
        let text = format!(
            "Error: The text in field 'Description' is longer than {MAX_DESCRIPTION} characters.; Error: Update has been canceled."
        );
        return Err(Refusal::Infolog { entity: NOTE, text });
    }
    Ok(())
}

/// `PATCH SalesOrderHeaderDocumentAttachmentsV2(…)`.
pub(crate) fn update_note(desk: &mut Desk<'_>, id: Uuid, members: &Members) -> Result<(), Refusal> {
    check_description(members)?;
    let before = desk.db.note(id).cloned().ok_or(Refusal::NoRow)?;
    let order = before.order;
    if desk.keep_undo {
        desk.undo.push(Undo::NoteChanged(Box::new(before)));
    }
    let Some(note) = desk.db.note_mut(id) else { return Err(Refusal::NoRow) };
    let fields = [
        ("AttachmentDescription", &mut note.description),
        ("Notes", &mut note.text),
        ("FileName", &mut note.file_name),
        ("FileType", &mut note.file_type),
    ];
    for (name, field) in fields {
        if let Some(value) = text(members, name) {
            value.clone_into(field);
        }
    }
    if let Some(restriction) = restriction(members) {
        note.restriction = restriction;
    }
    note.rec_version += 1;
    let detail = json!({"document_id": id.to_string(), "description": note.description});
    desk.effect(effect::NOTE_PATCHED, order, detail);
    Ok(())
}

/// `DELETE SalesOrderHeaderDocumentAttachmentsV2(…)`.
pub(crate) fn delete_note(desk: &mut Desk<'_>, note: Note) {
    desk.db.remove_note(note.rec_id);
    let detail = json!({"document_id": note.id.to_string(), "description": note.description});
    let order = note.order;
    if desk.keep_undo {
        desk.undo.push(Undo::NoteDeleted(Box::new(note)));
    }
    desk.effect(effect::NOTE_DELETED, order, detail);
}

/// `POST PackingSlipTrackingInformation`.
pub(crate) fn create_tracking(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let order = order_of(desk, TRACKING, members)?;
    let field = |name: &str| text(members, name).unwrap_or_default();
    let (slip, number) = (field("PackingSlipNumber"), field("TrackingNumber"));
    let date = time(members, "DeliveryDate").map(noon);
    let found = desk
        .db
        .slips_of(order)
        .find(|posted| posted.id.eq_ignore_ascii_case(slip) && Some(posted.date) == date);
    let Some(posted) = found else {
        return Err(not_found(TRACKING, slip, "Packing slip", "Customer packing slip journal"));
    };
    if number.is_empty() {
        let text = "Warning: Field 'Tracking number' must be filled in.; Error: validateWrite failed on data source 'CustPackingSlipTrackingInformation'; Error: Update has been canceled.".to_owned();
        return Err(Refusal::Infolog { entity: TRACKING, text });
    }
    let (slip, date, sales_id) = (posted.id.clone(), posted.date, posted.sales_id.clone());
    let twice = desk
        .db
        .tracking_of(order)
        .any(|known| known.slip == slip && known.number.eq_ignore_ascii_case(number));
    if twice {
        return Err(exists(
            TRACKING,
            "Packing slip tracking information",
            "CustPackingSlipTrackingInformation",
        ));
    }
    let rec_id = desk.db.rec_id();
    let detail = json!({"slip": slip, "number": number});
    desk.db.insert_tracking(Tracking {
        company: desk.company,
        rec_id,
        order,
        sales_id,
        slip,
        date,
        number: number.to_owned(),
        url: field("TrackingURL").to_owned(),
    });
    if desk.keep_undo {
        desk.undo.push(Undo::TrackingInserted(rec_id));
    }
    desk.effect(effect::TRACKING_INSERTED, order, detail);
    Ok(Made::Tracking(order, rec_id))
}

/// `PATCH PackingSlipTrackingInformation(…)`: only the URL is no key.
pub(crate) fn update_tracking(desk: &mut Desk<'_>, rec_id: i64, members: &Members) {
    let Some(url) = text(members, "TrackingURL") else { return };
    let Some(tracking) = desk.db.tracking_mut(rec_id) else { return };
    let before = tracking.clone();
    url.clone_into(&mut tracking.url);
    if desk.keep_undo {
        desk.undo.push(Undo::TrackingChanged(Box::new(before)));
    }
}
