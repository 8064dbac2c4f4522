//! F&O and ShipBob as strict simulators with state, rules, background life, a fault plan and a ledger.
