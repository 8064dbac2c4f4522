//! The mapping a demo or a proof configures: plain tables, no types of the connector.

use super::tenant::Tenant;

/// F&O warehouse ↔ ShipBob centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarehouseRow {
    pub warehouse: &'static str,
    pub site: &'static str,
    pub centre_id: i64,
    pub centre_name: &'static str,
    /// The centres ShipBob chooses from; empty = always `centre_id`.
    pub network: Vec<i64>,
}

/// Unit of one item: how many each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    pub unit: &'static str,
    /// `None`: only the conversions of the item say.
    pub each: Option<u32>,
}

/// ShipBob carrier and service ↔ F&O carrier and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarrierRow {
    /// As `tracking.carrier` says it.
    pub shipbob_carrier: &'static str,
    /// As `tracking.carrier_service` says it.
    pub shipbob_service: &'static str,
    pub dynamics_carrier: &'static str,
    pub dynamics_service: &'static str,
}

const fn carrier(
    shipbob: (&'static str, &'static str),
    dynamics: (&'static str, &'static str),
) -> CarrierRow {
    CarrierRow {
        shipbob_carrier: shipbob.0,
        shipbob_service: shipbob.1,
        dynamics_carrier: dynamics.0,
        dynamics_service: dynamics.1,
    }
}

/// Everything mapped between the two twins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub company: String,
    pub warehouses: Vec<WarehouseRow>,
    /// F&O delivery mode → ShipBob shipping method.
    pub modes: Vec<(&'static str, &'static str)>,
    pub carriers: Vec<CarrierRow>,
    pub units: Vec<UnitRow>,
    /// The pool that marks orders for the customer's packing-slip batch.
    pub pool: &'static str,
    /// The ShipBob channel we write.
    pub channel_id: i64,
    /// The warehouses are externally managed.
    pub external: bool,
    /// Which ids name a shipping service in an update: `unknown`, `method-id` or `service-level-id`.
    pub service_ids: &'static str,
}

/// The built-in channel nobody may write.
pub(crate) const DEFAULT_CHANNEL: i64 = 318_300;
/// The channel of our application.
pub(crate) const WRITE_CHANNEL: i64 = 318_301;
/// Another application's channel (a web shop).
pub(crate) const OTHER_CHANNEL: i64 = 318_302;

/// The centres over which the stock of the first warehouse is spread where ShipBob chooses. The others ship only what
/// asks for them.
pub(crate) const NETWORK: [i64; 2] = [1, 3];

impl Mapping {
    /// With the first warehouse as a network; the second stays pinned, as a real connection may mix both.
    pub(crate) fn networked(mut self, network: bool) -> Mapping {
        if let Some(first) = self.warehouses.first_mut().filter(|_| network) {
            first.network = NETWORK.to_vec();
        }
        self
    }

    /// As somebody would set it up who has tried the tenant.
    pub(crate) fn in_tenant(company: &str, external: bool, tenant: &Tenant) -> Mapping {
        let service_ids = if tenant.service_is_method_id {
            "method-id"
        } else if tenant.service_is_level_id {
            "service-level-id"
        } else {
            "unknown"
        };
        Mapping { service_ids, ..Mapping::of(company, external) }
    }

    pub(crate) fn of(company: &str, external: bool) -> Mapping {
        Mapping {
            company: company.to_owned(),
            warehouses: vec![
                WarehouseRow {
                    warehouse: "SB01",
                    site: "1",
                    centre_id: 1,
                    centre_name: "Cicero (IL)",
                    network: Vec::new(),
                },
                WarehouseRow {
                    warehouse: "SB02",
                    site: "2",
                    centre_id: 2,
                    centre_name: "Moreno Valley (CA)",
                    network: Vec::new(),
                },
            ],
            modes: vec![
                ("STD", "Standard"),
                ("EXP", "Expedited"),
                ("2DAY", "2-Day"),
                ("INTL", "International Standard"),
            ],
            carriers: vec![
                carrier(("UPS", "Ground"), ("UPS", "GROUND")),
                carrier(("UPS", "2nd Day Air"), ("UPS", "2DAY")),
                carrier(("USPS", "Ground Advantage"), ("USPS", "GRNDADV")),
                carrier(("FedEx", "Home Delivery"), ("FEDEX", "HOME")),
                carrier(("DHL", "Express"), ("DHL", "EXPRESS")),
            ],
            units: vec![
                UnitRow { unit: "ea", each: Some(1) },
                UnitRow { unit: "pcs", each: Some(1) },
                UnitRow { unit: "dz", each: Some(12) },
                UnitRow { unit: "box", each: None },
            ],
            pool: "SHIPBOB",
            channel_id: WRITE_CHANNEL,
            external,
            service_ids: "unknown",
        }
    }
}
