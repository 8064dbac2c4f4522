//! Everything said to Dynamics 365 Finance & Operations.
