//! The binary `ml-connector`: CLI, configuration, wiring, telemetry.

fn main() {}
