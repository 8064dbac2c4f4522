//! The binary `ml-connector`.

fn main() {}
