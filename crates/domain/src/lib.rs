//! Pure decisions: ids, units, flows (facts to plan), dispositions. No IO, no clock, no random,
//! no async.
#![warn(missing_docs)]

pub mod address;
pub mod backfill;
pub mod cells;
pub mod custom_call;
pub mod disposition;
pub mod doctor;
pub mod drift;
pub mod edit;
pub mod erasure;
pub mod flows;
pub mod ids;
pub mod mapping;
pub mod measure;
pub mod operation;
pub mod pause;
pub mod plan;
pub mod product;
pub mod product_settings;
pub mod reference;
pub mod reference_data;
pub mod replay;
pub mod request;
pub mod retention;
pub mod retry;
pub mod sales;
pub mod settings;
pub mod settings_change;
pub mod stock;
pub mod time;
pub mod timetable;
pub mod units;
pub mod warehouse;
pub mod whs;
