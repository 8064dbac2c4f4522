//! The mapping a demo or a proof configures: plain tables, no types of the connector.

use super::config::TwinConfig;
use std::ops::Range;

use super::tenant::Tenant;
use crate::seed::skus::{KIT_PARTS, SkuKind, specs};

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

/// What is special about warehouses with warehouse management, as somebody found out who has tried the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhsRow {
    /// `ReleasedQty` is told in the sales unit.
    pub released_in_sales_unit: bool,
    /// A packing slip is taken off `ReleasedQty`.
    pub released_falls: bool,
    /// The customer's own call, where there is one.
    pub call: Option<CallRow>,
}

/// The customer's own call in the words of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// `service` or `action`.
    pub kind: &'static str,
    pub path: &'static str,
    /// JSON with fields in braces.
    pub body: &'static str,
    /// Pointer into the answer and the value it must lead to.
    pub success: Option<(&'static str, bool)>,
    /// Entity set and filter of the look-up.
    pub look_up: (&'static str, &'static str),
    pub refuses_duplicates: bool,
    /// Name of the entity of an action.
    pub entity: Option<&'static str>,
}

impl WhsRow {
    /// In that tenant.
    pub(crate) fn in_tenant(tenant: &Tenant, tier3: bool) -> WhsRow {
        WhsRow {
            released_in_sales_unit: tenant.released_in_sales_unit,
            released_falls: tenant.released_falls,
            call: tier3.then(|| CallRow::in_tenant(tenant)),
        }
    }
}

impl CallRow {
    fn in_tenant(tenant: &Tenant) -> CallRow {
        let look_up = (
            "CustPackingSlipJourBiEntities",
            "dataAreaId eq '{company}' and SalesId eq '{order}' and PackingSlipId eq '{slip}'",
        );
        let refuses_duplicates = !tenant.call_posts_twice;
        if tenant.call_is_action {
            return CallRow {
                kind: "action",
                path: "/data/ContosoPackingSlips/Microsoft.Dynamics.DataEntities.post",
                body: r#"{"DataAreaId": "{company}", "SalesId": "{order}", "PackingSlipId": "{slip}", "ShipDate": "{ship_date}", "TrackingNumber": "{tracking}", "Lines": [{"InventTransId": "{line.lot}", "Qty": "{line.quantity}"}]}"#,
                success: None,
                look_up,
                refuses_duplicates,
                entity: Some("ContosoPackingSlip"),
            };
        }
        CallRow {
            kind: "service",
            path: "/api/services/ContosoFulfilment/PackingSlips/post",
            body: r#"{"_request": {"DataAreaId": "{company}", "SalesId": "{order}", "PackingSlipId": "{slip}", "ShipDate": "{ship_date}", "TrackingNumber": "{tracking}", "Lines": [{"InventTransId": "{line.lot}", "Qty": "{line.quantity}"}]}}"#,
            success: Some(("/Success", true)),
            look_up,
            refuses_duplicates,
            entity: None,
        }
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
    /// The warehouses have warehouse management inside F&O.
    pub whs: Option<WhsRow>,
    /// ShipBob's billing is simulated.
    pub billing: bool,
    /// Returns and receiving orders are simulated.
    pub returns: bool,
    /// Which ids name a shipping service in an update: `unknown`, `method-id` or `service-level-id`.
    pub service_ids: &'static str,
    /// How products are set up; none = the flow is off.
    pub products: Option<ProductRows>,
}

/// Everything a customer decides about products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRows {
    /// Unit of the item master's weights.
    pub weight_unit: &'static str,
    /// Unit of the item master's lengths.
    pub length_unit: &'static str,
    /// The customer's symbols and what they mean.
    pub symbols: Vec<(&'static str, &'static str)>,
    /// SKUs of kits, and what one is made of.
    pub kits: Vec<(String, Vec<(&'static str, u32)>)>,
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
    pub(crate) fn in_tenant(config: &TwinConfig) -> Mapping {
        let (company, external, tenant) = (&config.company, config.external, &config.tenant);
        let service_ids = if tenant.service_is_method_id {
            "method-id"
        } else if tenant.service_is_level_id {
            "service-level-id"
        } else {
            "unknown"
        };
        let channel_id = config.channel;
        Mapping { service_ids, channel_id, whs: None, ..Mapping::of(company, external) }
    }

    /// With so many products beyond the usual ones.
    pub(crate) fn with_products(self, skus: Range<u32>) -> Mapping {
        let some = !skus.is_empty();
        self.with_products_if(some, skus)
    }

    /// In a planted world.
    pub(crate) fn planted(self, on: bool, planted: &[super::plant::Planted]) -> Mapping {
        let mut mapping = self.with_products_if(on, 0..0);
        if let Some(products) = &mut mapping.products {
            products.kits.extend(super::plant::kits(planted));
        }
        mapping
    }

    fn with_products_if(self, some: bool, skus: Range<u32>) -> Mapping {
        let kits = specs(skus).filter(|spec| spec.kind == SkuKind::Kit);
        let products = ProductRows {
            weight_unit: "kg",
            length_unit: "cm",
            symbols: vec![("lbs", "lb"), ("cya", "cyb"), ("cyb", "cya")],
            kits: kits.map(|spec| (spec.sku(""), KIT_PARTS.to_vec())).collect(),
        };
        Mapping { products: some.then_some(products), ..self }
    }

    fn of(company: &str, external: bool) -> Mapping {
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
            whs: None,
            billing: false,
            returns: false,
            service_ids: "unknown",
            products: None,
        }
    }
}
