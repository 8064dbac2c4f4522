//! Damage that proofs plant: what no rule of either system allows, or what people do without a trace.
//! It is not in the ledger.

use crate::{Twins, shipbob};

impl Twins {
    /// Somebody deletes the first note on an order; its description, when there was one.
    pub fn delete_note(&self, order_number: &str) -> Option<String> {
        let mut world = self.shared.lock();
        let db = &mut world.dynamics.db;
        let index = db.find(order_number)?;
        let (rec_id, description) =
            db.notes_of(index).next().map(|note| (note.rec_id, note.description.clone()))?;
        db.remove_note(rec_id);
        Some(description)
    }

    /// Somebody deletes the first tracking number on a packing slip of an order; the number.
    pub fn delete_tracking(&self, order_number: &str) -> Option<String> {
        let mut world = self.shared.lock();
        let db = &mut world.dynamics.db;
        let index = db.find(order_number)?;
        let (rec_id, number) =
            db.tracking_of(index).next().map(|one| (one.rec_id, one.number.clone()))?;
        db.remove_tracking(rec_id);
        Some(number)
    }

    /// The first packing slip of an order loses its lines; how many there were.
    pub fn empty_slip(&self, order_number: &str) -> usize {
        let mut world = self.shared.lock();
        let db = &mut world.dynamics.db;
        let Some(index) = db.find(order_number) else { return 0 };
        let mut lost = 0;
        db.change_slip(index, |slip| lost = std::mem::take(&mut slip.lines).len());
        lost
    }

    /// An invoice is printed with so many hundredths more than stand on it.
    pub fn misprint_invoice(&self, id: i64, cents: i64) -> bool {
        shipbob::misprint(&mut self.shared.lock(), id, cents)
    }

    /// Sales orders that have a note and a packing slip.
    pub fn written_orders(&self) -> Vec<String> {
        let world = self.shared.lock();
        let db = &world.dynamics.db;
        let written = db.orders().iter().filter(|order| {
            let slipped = db.slips_of(order.index).any(|slip| !slip.lines.is_empty());
            slipped && db.notes_of(order.index).next().is_some()
        });
        written.map(|order| order.number.clone()).collect()
    }
}
