//! Reference data: companies, warehouses, modes, carriers, countries, units.

use super::super::Row;
use super::super::lenient::{decimal, flag, text};
use rust_decimal::Decimal;
use serde::Deserialize;

row!(
    /// Legal entity.
    LegalEntity from "LegalEntities" {
        id: String = "LegalEntityId" with "text",
    }
);

row!(
    /// Warehouse.
    Warehouse from "Warehouses" {
        id: String = "WarehouseId" with "text",
        site: String = "OperationalSiteId" with "text",
        advanced: Option<bool> = "AreAdvancedWarehouseManagementProcessesEnabled" with "flag",
        external: Option<bool> = "IsWarehouseExternallyManaged" with "flag",
    }
);

row!(
    /// Delivery mode.
    Mode from "DeliveryModesV2" {
        code: String = "ModeCode" with "text",
    }
);

row!(
    /// Sales order pool.
    Pool from "SalesOrderPools" {
        id: String = "PoolId" with "text",
    }
);

row!(
    /// Carrier service.
    CarrierService from "ShippingCarrierServices" {
        carrier: String = "ShippingCarrierId" with "text",
        service: String = "ServiceId" with "text",
    }
);

row!(
    /// Country.
    Country from "AddressCountryRegions" {
        id: String = "CountryRegion" with "text",
        iso: String = "ISOcode" with "text",
    }
);

row!(
    /// Conversion between two units, for every product.
    Conversion from "UnitOfMeasureConversions" {
        from: String = "FromUnitSymbol" with "text",
        to: String = "ToUnitSymbol" with "text",
        factor: Option<Decimal> = "Factor" with "decimal",
        numerator: Option<Decimal> = "Numerator" with "decimal",
        denominator: Option<Decimal> = "Denominator" with "decimal",
        inner_offset: Option<Decimal> = "InnerOffset" with "decimal",
        outer_offset: Option<Decimal> = "OuterOffset" with "decimal",
    }
);

row!(
    /// Conversion between two units of one product.
    ProductConversion from "ProductUnitOfMeasureConversions" {
        product: String = "ProductNumber" with "text",
        from: String = "FromUnitSymbol" with "text",
        to: String = "ToUnitSymbol" with "text",
        factor: Option<Decimal> = "Factor" with "decimal",
        numerator: Option<Decimal> = "Numerator" with "decimal",
        denominator: Option<Decimal> = "Denominator" with "decimal",
        inner_offset: Option<Decimal> = "InnerOffset" with "decimal",
        outer_offset: Option<Decimal> = "OuterOffset" with "decimal",
    }
);
