//! What belongs to an order: slips, tracking numbers, notes, requests and updates.

use super::super::external::{Request, Update};
use super::super::rows::{Note, Slip, Tracking};
use super::Database;
use uuid::Uuid;

impl Database {
    pub(crate) fn insert_slip(&mut self, slip: Slip) {
        self.by_slip.insert(slip.id.to_lowercase(), slip.order);
        self.slips_of.entry(slip.order).or_default().push(self.slips.len());
        self.slips.push(slip);
    }

    pub(crate) fn slips_of(&self, index: u32) -> impl Iterator<Item = &Slip> {
        let places = self.slips_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.slips.get(*place))
    }

    /// Past every rule: what a proof does to a slip.
    pub(crate) fn change_slip(&mut self, index: u32, change: impl FnOnce(&mut Slip)) -> bool {
        let place = self.slips_of.get(&index).and_then(|places| places.first());
        let slip = place.and_then(|place| self.slips.get_mut(*place));
        slip.map(change).is_some()
    }

    pub(crate) fn insert_tracking(&mut self, tracking: Tracking) {
        self.tracking_of.entry(tracking.order).or_default().push(tracking.rec_id);
        self.tracking.insert(tracking.rec_id, tracking);
    }

    pub(crate) fn remove_tracking(&mut self, rec_id: i64) {
        if let Some(gone) = self.tracking.remove(&rec_id)
            && let Some(ids) = self.tracking_of.get_mut(&gone.order)
        {
            ids.retain(|id| *id != rec_id);
        }
    }

    pub(crate) fn tracking_of(&self, index: u32) -> impl Iterator<Item = &Tracking> {
        let ids = self.tracking_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.tracking.get(id))
    }

    pub(crate) fn tracking_mut(&mut self, rec_id: i64) -> Option<&mut Tracking> {
        self.tracking.get_mut(&rec_id)
    }

    pub(crate) fn insert_note(&mut self, note: Note) {
        self.by_document.insert(note.id, note.rec_id);
        self.notes_of.entry(note.order).or_default().push(note.rec_id);
        self.notes.insert(note.rec_id, note);
    }

    pub(crate) fn notes_of(&self, index: u32) -> impl Iterator<Item = &Note> {
        let ids = self.notes_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.notes.get(id))
    }

    pub(crate) fn note(&self, id: Uuid) -> Option<&Note> {
        self.notes.get(self.by_document.get(&id)?)
    }

    pub(crate) fn note_mut(&mut self, id: Uuid) -> Option<&mut Note> {
        self.notes.get_mut(self.by_document.get(&id)?)
    }

    pub(crate) fn remove_note(&mut self, rec_id: i64) {
        if let Some(note) = self.notes.remove(&rec_id) {
            self.by_document.remove(&note.id);
            if let Some(ids) = self.notes_of.get_mut(&note.order) {
                ids.retain(|id| *id != rec_id);
            }
        }
    }

    pub(crate) fn insert_request(&mut self, request: Request) {
        let key = request.id.to_lowercase();
        self.requests_of.entry(request.order).or_default().push(key.clone());
        self.by_origin.insert(request.origin.to_lowercase(), key.clone());
        self.requests.insert(key, request);
    }

    pub(crate) fn request(&self, id: &str) -> Option<&Request> {
        self.requests.get(&id.to_lowercase())
    }

    pub(crate) fn request_mut(&mut self, id: &str) -> Option<&mut Request> {
        self.requests.get_mut(&id.to_lowercase())
    }

    pub(crate) fn request_of_origin(&self, origin: &str) -> Option<&Request> {
        self.requests.get(self.by_origin.get(&origin.to_lowercase())?)
    }

    pub(crate) fn requests_of(&self, index: u32) -> impl Iterator<Item = &Request> {
        let keys = self.requests_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        keys.iter().filter_map(|key| self.requests.get(key))
    }

    pub(crate) fn insert_update(&mut self, update: Update) {
        self.updates.insert(update.id.to_lowercase(), update);
    }

    pub(crate) fn update(&self, id: &str) -> Option<&Update> {
        self.updates.get(&id.to_lowercase())
    }

    pub(crate) fn update_mut(&mut self, id: &str) -> Option<&mut Update> {
        self.updates.get_mut(&id.to_lowercase())
    }

    pub(crate) fn updates(&self) -> impl Iterator<Item = &Update> {
        self.updates.values()
    }
}
