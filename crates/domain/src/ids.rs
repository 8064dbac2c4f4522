//! Names of things in both systems, each its own type so that they cannot be mixed up.
//!
//! Text ids of F&O are compared without regard to letter case (its database is case-insensitive)
//! but are printed as received; ShipBob ids are 64-bit numbers everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it was received.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            /// The text as it was received.
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// Equality the way F&O compares keys: letter case does not count.
            pub fn same_as(&self, other: &str) -> bool {
                self.0.to_lowercase() == other.to_lowercase()
            }
            /// True when nothing was given.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id!(
    /// One tenant of the installation.
    OrganisationId
);
text_id!(
    /// One F&O environment and legal entity tied to one ShipBob channel.
    ConnectionId
);
text_id!(
    /// F&O legal entity (`dataAreaId`), lower case as F&O returns it.
    Company
);
text_id!(
    /// F&O sales order number.
    SalesOrderNumber
);
text_id!(
    /// F&O inventory lot id: the stable key of a sales order line.
    LotId
);
text_id!(
    /// F&O shipment order request: the release of one shipment of an externally managed warehouse.
    RequestId
);
text_id!(
    /// F&O warehouse.
    WarehouseId
);
text_id!(
    /// Stock keeping unit as ShipBob knows it.
    Sku
);
text_id!(
    /// `reference_id` of a ShipBob order: our unique, immutable key for it.
    ReferenceId
);
text_id!(
    /// F&O packing slip number.
    PackingSlipId
);

number_id!(
    /// ShipBob order id.
    ShipBobOrderId
);
number_id!(
    /// ShipBob shipment id.
    ShipmentId
);
number_id!(
    /// ShipBob location (fulfilment centre) id.
    CentreId
);
number_id!(
    /// ShipBob channel id.
    ChannelId
);

/// Whose rows a statement may touch. Every tenant statement takes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The tenant.
    pub organisation: OrganisationId,
    /// The connection inside the tenant.
    pub connection: ConnectionId,
}
