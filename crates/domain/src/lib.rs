//! Pure decisions: ids, units, flows (facts to plan), dispositions. No IO, no clock, no random,
//! no async.
#![warn(missing_docs)]

pub mod ids;
pub mod time;
