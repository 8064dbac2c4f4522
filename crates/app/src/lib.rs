//! The binary `ml-connector`: CLI, configuration, wiring, telemetry. As a library it offers the
//! wiring of twins and engine in one process, which `demo` and the proofs share.

pub mod cli;
mod clockwork;
mod command;
pub mod config;
pub mod face;
pub mod report;
pub mod rig;
mod run;
pub mod stock;
pub mod telemetry;
pub mod wiring;
