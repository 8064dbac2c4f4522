//! Scenarios and harness shared by the proofs.
