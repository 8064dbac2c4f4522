//! ShipBob → F&O: what left, by whom, under which number; and what a person must look at.

mod call;
mod carrier;
mod deliver;
mod holds;
mod in_hands;
mod notes;
mod tracking;

pub(super) use holds::{left_elsewhere, short_shipped};
pub use in_hands::TOLD_AFTER;
pub(super) use in_hands::tell as tell_in_hands;
pub(super) use notes::{
    Wanted, described, keep as keep_note, note_of, note_read_only, numbers_of,
    write as write_notes, written,
};
pub(super) use tracking::{acknowledge, add_numbers, slips_of_shipments};

use super::draft::Draft;
use super::view::View;
use crate::plan::Need;

pub(super) fn plan(draft: &mut Draft<'_>, view: &View<'_>) {
    if !watch_goods(draft, view) {
        return;
    }
    let Some(order) = view.order else { return };
    notes::write(draft, view, order);
    deliver::set_quantities(draft, view, order);
    call::send(draft, view, order);
    carrier::set(draft, view, order);
    tracking::add(draft, view, order);
    tracking::acknowledge(draft, view);
    deliver::not_slipped(draft, view, order);
    call::not_slipped(draft, view, order);
}

/// What a person must look at; false while goods cannot be counted yet.
pub(super) fn watch_goods(draft: &mut Draft<'_>, view: &View<'_>) -> bool {
    for one in &view.ours {
        holds::shipments(draft, view, one);
    }
    if !view.unread.is_empty() {
        // Kits and single products cannot be told apart: quantities wait, nothing is guessed.
        draft.need(Need::Skus(view.unread.iter().cloned().collect()));
        return false;
    }
    for one in &view.ours {
        holds::goods(draft, view, one);
    }
    true
}
