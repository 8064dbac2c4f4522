//! Everything that happens: intake, gather, plan, courier, schedule. Thin step(now) functions.
