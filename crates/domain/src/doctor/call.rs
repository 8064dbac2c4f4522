//! Lines about packing slips of warehouses with warehouse management: who posts them, and whether the customer's own call
//! is there. It is asked for, never made.

use super::Book;
use super::facts::{Access, DynamicsFacts};
use crate::custom_call::CallKind;
use crate::settings::Settings;

pub(super) fn judge(book: &mut Book, facts: &DynamicsFacts, settings: &Settings) {
    let (id, about) = ("fo.slips", "Packing slips of warehouses with warehouse management");
    let Some(call) = &settings.custom_call else {
        return book.warn(
            id,
            about,
            "F&O posts none by itself, and no custom call is configured: the note says what left",
            "Post them by hand, mark the warehouse externally managed in F&O (profile external), or describe a custom \
             service that posts them under [connection.custom_call].",
        );
    };
    book.pass(id, about, format!("F&O posts none by itself; {} does", call.path));
    let there = ("fo.call", "Custom call");
    let look_up = ("fo.call.look-up", "Look-up of the custom call");
    let Some(seen) = &facts.call else {
        book.skip(there.0, there.1);
        return book.skip(look_up.0, look_up.1);
    };
    match (&seen.described, seen.there) {
        (_, Some(true)) => book.pass(there.0, there.1, "is described by F&O; it was not made"),
        (Access::Good, Some(false)) | (Access::Absent { .. }, _) => book.fail(
            there.0,
            there.1,
            format!("F&O does not describe {}", call.path),
            "Correct connection.custom_call.path (names count letter by letter), or deploy the service.",
        ),
        (Access::Denied { status }, _) => book.fail(
            there.0,
            there.1,
            format!("denied ({status})"),
            "Give the user of the application a privilege for that service operation or entity.",
        ),
        (Access::Good, None) if call.kind == CallKind::Action => book.by_hand(
            there.0,
            there.1,
            "name its entity under connection.custom_call.entity, so that its description can be read.",
        ),
        (Access::Good, None) => {
            book.by_hand(there.0, there.1, "F&O does not say which operations the service has.");
        }
        (Access::Failed { status }, _) => book.fail(
            there.0,
            there.1,
            format!("its description was answered with {status}"),
            "Run the doctor again; if it stays, open the address in a browser as an administrator.",
        ),
        _ => book.skip(there.0, there.1),
    }
    match &seen.look_up {
        Access::Good => book.pass(look_up.0, look_up.1, format!("{} may be read", call.look_up.set)),
        Access::Denied { status } | Access::Absent { status } | Access::Failed { status } => book.fail(
            look_up.0,
            look_up.1,
            format!("{} with that filter was answered with {status}", call.look_up.set),
            "Correct [connection.custom_call.look_up], or give the user the right to read the set: without it the call \
             is never made.",
        ),
        _ => book.skip(look_up.0, look_up.1),
    }
}
