//! Breaks: one thing each that is wrong with a tenant, so that whoever looks must find it. Unlike a
//! [`super::tenant::Tenant`] they are mistakes, and unlike a fault they stay.
//!
//! Every break answers as the vendor does by the references (Entra's codes, 401, 403 and 500, scopes,
//! channels). A world has none unless told.

use super::World;
use super::exchange::TwinResponse;
use super::ledger::System;

/// Something that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Break {
    SecretWrong,
    SecretExpired,
    TenantUnknown,
    AppUnknown,
    ConsentMissing,
    HostUnknown,
    EntraDown,
    AppUnmapped,
    TokenRefused,
    DynamicsDown,
    DynamicsThrottled,
    DynamicsClock,
    CompanyHidden,
    /// The role may not read this set.
    NoRight(&'static str),
    /// The environment does not have this set.
    NoSet(&'static str),
    WarehouseMissing,
    WarehouseAdvanced,
    WarehouseExternal,
    PoolMissing,
    ModeMissing,
    CarrierMissing,
    TrackingReadOnly,
    DeliverNowReadOnly,
    PoolReadOnly,
    CarrierReadOnly,
    NoteReadOnly,
    NoBatch,
    FieldGone,
    TypeChanged,
    MemberNew,
    ShipBobDown,
    ShipBobVersionGone,
    ShipBobTokenRevoked,
    ShipBobThrottled,
    ShipBobClock,
    /// The token lacks this scope.
    NoScope(&'static str),
    ChannelGone,
    NoWriteChannel,
    CentreInactive,
    CentreClosed,
    MethodMissing,
    SubscriptionDisabled,
    LiteralNew,
}

use Break as B;

/// Every break: name, what is wrong.
const BREAKS: &[(Break, &str, &str)] = &[
    (B::SecretWrong, "secret-wrong", "Entra: AADSTS7000215, the client secret is wrong"),
    (B::SecretExpired, "secret-expired", "Entra: AADSTS7000222, the client secret has expired"),
    (B::TenantUnknown, "tenant-unknown", "Entra: AADSTS90002, there is no such tenant"),
    (B::AppUnknown, "app-unknown", "Entra: AADSTS700016, the application is not in the tenant"),
    (B::ConsentMissing, "consent-missing", "Entra: AADSTS65001, consent is missing"),
    (B::HostUnknown, "host-unknown", "Entra: AADSTS500011, the F&O host is not in the tenant"),
    (B::EntraDown, "entra-down", "Entra answers 503"),
    (B::AppUnmapped, "app-unmapped", "F&O: 403 on all data, no user for the application"),
    (B::TokenRefused, "token-refused", "F&O: 401 to a fresh token"),
    (B::DynamicsDown, "dynamics-down", "F&O: 503 with HTML, as while servicing"),
    (B::DynamicsThrottled, "dynamics-throttled", "F&O: 429 to every call"),
    (B::DynamicsClock, "dynamics-clock", "F&O's clock is 10 minutes ahead"),
    (B::CompanyHidden, "company-hidden", "F&O: the user may not see the company"),
    (B::NoRight("LegalEntities"), "no-right-legal-entities", "F&O: 403 on LegalEntities"),
    (B::NoRight("Warehouses"), "no-right-warehouses", "F&O: 403 on Warehouses"),
    (B::NoRight("DeliveryModesV2"), "no-right-modes", "F&O: 403 on DeliveryModesV2"),
    (B::NoRight("SalesOrderPools"), "no-right-pools", "F&O: 403 on SalesOrderPools"),
    (
        B::NoRight("ShippingCarrierServices"),
        "no-right-carriers",
        "F&O: 403 on ShippingCarrierServices",
    ),
    (
        B::NoRight("AddressCountryRegions"),
        "no-right-countries",
        "F&O: 403 on AddressCountryRegions",
    ),
    (
        B::NoRight("UnitOfMeasureConversions"),
        "no-right-units",
        "F&O: 403 on UnitOfMeasureConversions",
    ),
    (
        B::NoRight("ProductUnitOfMeasureConversions"),
        "no-right-product-units",
        "F&O: 403 on ProductUnitOfMeasureConversions",
    ),
    (B::NoRight("SalesOrderHeadersV2"), "no-right-headers", "F&O: 403 on SalesOrderHeadersV2"),
    (B::NoRight("SalesOrderLines"), "no-right-lines", "F&O: 403 on SalesOrderLines"),
    (B::NoRight("SalesTableBiEntities"), "no-right-table-bi", "F&O: 403 on SalesTableBiEntities"),
    (B::NoRight("SalesLineBiEntities"), "no-right-line-bi", "F&O: 403 on SalesLineBiEntities"),
    (
        B::NoRight("CustPackingSlipJourBiEntities"),
        "no-right-slips",
        "F&O: 403 on CustPackingSlipJourBiEntities",
    ),
    (
        B::NoRight("CustPackingSlipTransBiEntities"),
        "no-right-slip-lines",
        "F&O: 403 on CustPackingSlipTransBiEntities",
    ),
    (
        B::NoRight("SalesOrderHeaderDocumentAttachmentsV2"),
        "no-right-notes",
        "F&O: 403 on SalesOrderHeaderDocumentAttachmentsV2",
    ),
    (
        B::NoRight("PackingSlipTrackingInformation"),
        "no-right-tracking",
        "F&O: 403 on PackingSlipTrackingInformation",
    ),
    (
        B::NoSet("PackingSlipTrackingInformation"),
        "no-set-tracking",
        "F&O: there is no PackingSlipTrackingInformation (404)",
    ),
    (B::WarehouseMissing, "warehouse-missing", "F&O: warehouse SB01 does not exist"),
    (
        B::WarehouseAdvanced,
        "warehouse-advanced",
        "F&O: SB01 has warehouse management processes enabled",
    ),
    (B::WarehouseExternal, "warehouse-external", "F&O: SB01 is externally managed"),
    (B::PoolMissing, "pool-missing", "F&O: pool SHIPBOB does not exist"),
    (B::ModeMissing, "mode-missing", "F&O: delivery mode EXP does not exist"),
    (B::CarrierMissing, "carrier-missing", "F&O: carrier service DHL EXPRESS does not exist"),
    (B::TrackingReadOnly, "tracking-read-only", "F&O: tracking cannot be inserted on slips"),
    (B::DeliverNowReadOnly, "deliver-now-read-only", "F&O: SalesDeliverNow cannot be edited"),
    (B::PoolReadOnly, "pool-read-only", "F&O: SalesOrderPoolId cannot be edited"),
    (B::CarrierReadOnly, "carrier-read-only", "F&O: ShippingCarrierId cannot be edited"),
    (B::NoteReadOnly, "note-read-only", "F&O: notes cannot be written"),
    (B::NoBatch, "no-batch", "F&O: no packing-slip batch runs; an order has waited for days"),
    (B::FieldGone, "field-gone", "F&O: SalesOrderHeadersV2.CustomersOrderReference is gone (400)"),
    (B::TypeChanged, "type-changed", "F&O: metadata calls SalesOrderLines.SalesPrice a text"),
    (B::MemberNew, "member-new", "F&O: DocumentStatus has a member Teleported"),
    (B::ShipBobDown, "shipbob-down", "ShipBob: 503 with HTML from the edge"),
    (B::ShipBobVersionGone, "shipbob-version-gone", "ShipBob: 404 to every call of the version"),
    (B::ShipBobTokenRevoked, "shipbob-token-revoked", "ShipBob: 401 to every call"),
    (B::ShipBobThrottled, "shipbob-throttled", "ShipBob: 429, others use up the budget"),
    (B::ShipBobClock, "shipbob-clock", "ShipBob's clock is 10 minutes ahead"),
    (B::NoScope("channels_read"), "no-scope-channels-read", "ShipBob: 403 on channels"),
    (
        B::NoScope("orders_read"),
        "no-scope-orders-read",
        "ShipBob: 500 on orders, as without orders_read",
    ),
    (B::NoScope("products_read"), "no-scope-products-read", "ShipBob: 403 on products"),
    (B::NoScope("locations_read"), "no-scope-locations-read", "ShipBob: 403 on locations"),
    (B::NoScope("webhooks_read"), "no-scope-webhooks-read", "ShipBob: 403 on reading webhooks"),
    (B::NoScope("webhooks_write"), "no-scope-webhooks-write", "ShipBob: 403 on making webhooks"),
    (B::ChannelGone, "channel-gone", "ShipBob: our channel is not there"),
    (B::NoWriteChannel, "no-write-channel", "ShipBob: no channel can write orders"),
    (B::CentreInactive, "centre-inactive", "ShipBob: centre 1 is inactive"),
    (B::CentreClosed, "centre-closed", "ShipBob: the account has no access to centre 1"),
    (B::MethodMissing, "method-missing", "ShipBob: shipping method Expedited is inactive"),
    (
        B::SubscriptionDisabled,
        "subscription-disabled",
        "ShipBob: disabled our webhook subscription",
    ),
    (B::LiteralNew, "literal-new", "ShipBob: shipments have a status Levitating"),
];

/// Every break: name and one-line description.
#[must_use]
pub fn breaks() -> Vec<(&'static str, &'static str)> {
    BREAKS.iter().map(|(_, name, words)| (*name, *words)).collect()
}

impl Break {
    /// The break of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Break> {
        BREAKS.iter().find(|(_, known, _)| *known == name).map(|(one, ..)| *one)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        BREAKS.iter().find(|(one, ..)| *one == self).map_or("", |(_, name, _)| *name)
    }
}

impl World {
    /// Is this broken here?
    pub(crate) fn broken(&self, what: Break) -> bool {
        self.config.breaks.contains(&what)
    }

    /// The answer of a system that is broken as a whole.
    pub(crate) fn broken_door(&mut self, system: System) -> Option<TwinResponse> {
        if self.config.breaks.is_empty() {
            return None;
        }
        let down = || Some(TwinResponse::html(503, "503 Service Unavailable"));
        match system {
            System::Entra if self.broken(B::EntraDown) => down(),
            System::Dynamics if self.broken(B::DynamicsDown) => down(),
            System::Dynamics if self.broken(B::DynamicsThrottled) => {
                Some(self.throttle(System::Dynamics, Some(30)))
            }
            System::ShipBob if self.broken(B::ShipBobDown) => down(),
            System::ShipBob if self.broken(B::ShipBobVersionGone) => Some(TwinResponse::empty(404)),
            System::ShipBob if self.broken(B::ShipBobTokenRevoked) => {
                Some(TwinResponse::empty(401))
            }
            System::ShipBob if self.broken(B::ShipBobThrottled) => {
                Some(self.throttle(System::ShipBob, Some(25)))
            }
            _ => None,
        }
    }

    /// The clock a system shows in its `Date` header.
    pub(crate) fn shown_clock(&self, system: System) -> i64 {
        let off = match system {
            System::Dynamics => self.broken(B::DynamicsClock),
            System::ShipBob => self.broken(B::ShipBobClock),
            System::Entra | System::ShipBobAuth => false,
        };
        let minutes = if off { 10 } else { 0 };
        self.server_clock().saturating_add(minutes * super::calendar::MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::{BREAKS, Break, breaks};

    #[test]
    fn every_break_has_a_name_of_its_own_and_is_found_by_it() {
        for (one, name, words) in BREAKS {
            assert_eq!(Break::named(name), Some(*one));
            assert_eq!(one.name(), *name);
            assert!(!words.is_empty());
        }
        assert!(breaks().len() >= 30);
    }
}
