//! Everything said to ShipBob.
