//! Master data: sets without a life of their own. Cells stand in the order of these tables.

use super::enums;
use crate::fo::meta::{Get, Property, fixed};
use crate::fo::value::Ty;

/// Properties of `LegalEntities`.
pub(crate) static LEGAL_ENTITIES: &[Property] = &[
    fixed("LegalEntityId", Ty::Str, Get::Cell),
    fixed("Name", Ty::Str, Get::Cell),
    fixed("NameAlias", Ty::Str, Get::Cell),
    fixed("LanguageId", Ty::Str, Get::Cell),
    fixed("AddressCountryRegionId", Ty::Str, Get::Cell),
    fixed("AddressCountryRegionISOCode", Ty::Str, Get::Cell),
    fixed("AddressCity", Ty::Str, Get::Cell),
    fixed("AddressStreet", Ty::Str, Get::Cell),
    fixed("AddressZipCode", Ty::Str, Get::Cell),
    fixed("AddressState", Ty::Str, Get::Cell),
    fixed("CompanyName", Ty::Str, Get::Cell),
];

/// Properties of `Companies`.
pub(crate) static COMPANIES: &[Property] = &[
    fixed("DataArea", Ty::Str, Get::Cell),
    fixed("Name", Ty::Str, Get::Cell),
    fixed("KnownAs", Ty::Str, Get::Cell),
    fixed("LanguageId", Ty::Str, Get::Cell),
];

/// Properties of `Warehouses`.
pub(crate) static WAREHOUSES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("WarehouseId", Ty::Str, Get::Cell),
    fixed("WarehouseName", Ty::Str, Get::Cell),
    fixed("OperationalSiteId", Ty::Str, Get::Cell),
    fixed("WarehouseType", Ty::Enum(&enums::INVENT_LOCATION_TYPE), Get::Cell),
    fixed("AreAdvancedWarehouseManagementProcessesEnabled", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("IsWarehouseExternallyManaged", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("ExternalWarehouseManagementSystemId", Ty::Str, Get::Cell),
    fixed("ExternalWarehouseId", Ty::Str, Get::Cell),
    fixed("TransitWarehouseId", Ty::Str, Get::Cell),
    fixed("QuarantineWarehouseId", Ty::Str, Get::Cell),
    fixed("WarehouseSpecificDefaultInventoryStatusId", Ty::Str, Get::Cell),
    fixed("PrimaryAddressCity", Ty::Str, Get::Cell),
    fixed("PrimaryAddressStateId", Ty::Str, Get::Cell),
    fixed("PrimaryAddressZipCode", Ty::Str, Get::Cell),
    fixed("PrimaryAddressCountryRegionId", Ty::Str, Get::Cell),
    fixed("PrimaryAddressStreet", Ty::Str, Get::Cell),
];

/// Properties of `OperationalSitesV2`.
pub(crate) static OPERATIONAL_SITES_V2: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("SiteId", Ty::Str, Get::Cell),
    fixed("SiteName", Ty::Str, Get::Cell),
    fixed("PrimaryAddressCity", Ty::Str, Get::Cell),
    fixed("PrimaryAddressCountryRegionId", Ty::Str, Get::Cell),
];

/// Properties of `DeliveryModesV2`.
pub(crate) static DELIVERY_MODES_V2: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ModeCode", Ty::Str, Get::Cell),
    fixed("ModeDescription", Ty::Str, Get::Cell),
    fixed("ModeDisplayOrder", Ty::Int32, Get::Cell),
];

/// Properties of `ShippingCarriers`.
pub(crate) static SHIPPING_CARRIERS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("CarrierId", Ty::Str, Get::Cell),
    fixed("CarrierName", Ty::Str, Get::Cell),
    fixed("StandardCarrierAlphaCode", Ty::Str, Get::Cell),
    fixed("ShippingCarrierTrackingURL", Ty::Str, Get::Cell),
    fixed("IsShippingCarrierActive", Ty::Enum(&enums::NO_YES), Get::Cell),
];

/// Properties of `ShippingCarrierServices`.
pub(crate) static SHIPPING_CARRIER_SERVICES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ShippingCarrierId", Ty::Str, Get::Cell),
    fixed("ServiceId", Ty::Str, Get::Cell),
    fixed("ServiceName", Ty::Str, Get::Cell),
    fixed("DeliveryModeCode", Ty::Str, Get::Cell),
    fixed("ExternalShippingCarrierServiceId", Ty::Str, Get::Cell),
];

/// Properties of `AddressCountryRegions`.
pub(crate) static ADDRESS_COUNTRY_REGIONS: &[Property] = &[
    fixed("CountryRegion", Ty::Str, Get::Cell),
    fixed("ISOcode", Ty::Str, Get::Cell),
    fixed("CurrencyCode", Ty::Str, Get::Cell),
];

/// Properties of `AddressStates`.
pub(crate) static ADDRESS_STATES: &[Property] = &[
    fixed("CountryRegionId", Ty::Str, Get::Cell),
    fixed("State", Ty::Str, Get::Cell),
    fixed("Name", Ty::Str, Get::Cell),
];

/// Properties of `UnitsOfMeasure`.
pub(crate) static UNITS_OF_MEASURE: &[Property] = &[
    fixed("UnitSymbol", Ty::Str, Get::Cell),
    fixed("UnitClass", Ty::Enum(&enums::UNIT_OF_MEASURE_CLASS), Get::Cell),
    fixed("SystemOfUnits", Ty::Enum(&enums::UNIT_OF_MEASURE_SYSTEM_OF_UNITS), Get::Cell),
    fixed("DecimalPrecision", Ty::Int32, Get::Cell),
    fixed("UnitDescription", Ty::Str, Get::Cell),
];

/// Properties of `UnitOfMeasureConversions`.
pub(crate) static UNIT_OF_MEASURE_CONVERSIONS: &[Property] = &[
    fixed("FromUnitSymbol", Ty::Str, Get::Cell),
    fixed("ToUnitSymbol", Ty::Str, Get::Cell),
    fixed("Factor", Ty::Dec, Get::Cell),
    fixed("Numerator", Ty::Int32, Get::Cell),
    fixed("Denominator", Ty::Int32, Get::Cell),
    fixed("InnerOffset", Ty::Dec, Get::Cell),
    fixed("OuterOffset", Ty::Dec, Get::Cell),
    fixed("Rounding", Ty::Enum(&enums::UNIT_OF_MEASURE_CONVERSION_ROUNDING), Get::Cell),
];

/// Properties of `ProductUnitOfMeasureConversions`.
pub(crate) static PRODUCT_UNIT_OF_MEASURE_CONVERSIONS: &[Property] = &[
    fixed("FromUnitSymbol", Ty::Str, Get::Cell),
    fixed("ToUnitSymbol", Ty::Str, Get::Cell),
    fixed("ProductNumber", Ty::Str, Get::Cell),
    fixed("Factor", Ty::Dec, Get::Cell),
    fixed("Numerator", Ty::Int32, Get::Cell),
    fixed("Denominator", Ty::Int32, Get::Cell),
    fixed("InnerOffset", Ty::Dec, Get::Cell),
    fixed("OuterOffset", Ty::Dec, Get::Cell),
    fixed("Rounding", Ty::Enum(&enums::UNIT_OF_MEASURE_CONVERSION_ROUNDING), Get::Cell),
];

/// Properties of `SalesOrderPools`.
pub(crate) static SALES_ORDER_POOLS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("PoolId", Ty::Str, Get::Cell),
    fixed("PoolName", Ty::Str, Get::Cell),
];

/// Properties of `SalesOrderOriginCodes`.
pub(crate) static SALES_ORDER_ORIGIN_CODES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("OriginCode", Ty::Str, Get::Cell),
    fixed("OriginDescription", Ty::Str, Get::Cell),
    fixed("OriginType", Ty::Enum(&enums::SALES_ORIGIN_TYPE), Get::Cell),
];

/// Properties of `CDSReleasedDistinctProducts`.
pub(crate) static CDSRELEASED_DISTINCT_PRODUCTS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ProductNumber", Ty::Str, Get::Cell),
    fixed("ItemNumber", Ty::Str, Get::Cell),
    fixed("ProductName", Ty::Str, Get::Cell),
    fixed("ProductDescription", Ty::Str, Get::Cell),
    fixed("ProductColorId", Ty::Str, Get::Cell),
    fixed("ProductSizeId", Ty::Str, Get::Cell),
    fixed("ProductStyleId", Ty::Str, Get::Cell),
    fixed("ProductConfigurationId", Ty::Str, Get::Cell),
    fixed("ProductVersionId", Ty::Str, Get::Cell),
    fixed("SalesUnitSymbol", Ty::Str, Get::Cell),
    fixed("InventoryUnitSymbol", Ty::Str, Get::Cell),
    fixed("SalesPrice", Ty::Dec, Get::Cell),
    fixed("UnitCost", Ty::Dec, Get::Cell),
    fixed("IsStockedProduct", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("IsCatchWeightProduct", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("ProductType", Ty::Enum(&enums::ECO_RES_PRODUCT_TYPE), Get::Cell),
    fixed("CurrencyCode", Ty::Str, Get::Cell),
];

/// Properties of `PhysicalProductDimensionDetails`.
pub(crate) static PHYSICAL_PRODUCT_DIMENSION_DETAILS: &[Property] = &[
    fixed("ProductNumber", Ty::Str, Get::Cell),
    fixed("DimensionType", Ty::Enum(&enums::ECO_RES_PHYSICAL_DIMENSION_TYPE), Get::Cell),
    fixed("PhysicalUnitSymbol", Ty::Str, Get::Cell),
    fixed("LengthUnitSymbol", Ty::Str, Get::Cell),
    fixed("MassUnitSymbol", Ty::Str, Get::Cell),
    fixed("VolumeUnitSymbol", Ty::Str, Get::Cell),
    fixed("PhysicalDepth", Ty::Dec, Get::Cell),
    fixed("PhysicalHeight", Ty::Dec, Get::Cell),
    fixed("PhysicalWidth", Ty::Dec, Get::Cell),
    fixed("PhysicalWeight", Ty::Dec, Get::Cell),
];

/// Properties of `ProductNumberIdentifiedBarcodes`.
pub(crate) static PRODUCT_NUMBER_IDENTIFIED_BARCODES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ProductNumber", Ty::Str, Get::Cell),
    fixed("ProductQuantityUnitSymbol", Ty::Str, Get::Cell),
    fixed("BarcodeSetupId", Ty::Str, Get::Cell),
    fixed("Barcode", Ty::Str, Get::Cell),
    fixed("IsDefaultDisplayedBarcode", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("IsDefaultPrintedBarcode", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("IsDefaultScannedBarcode", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("ProductDescription", Ty::Str, Get::Cell),
    fixed("ProductQuantity", Ty::Dec, Get::Cell),
];

/// Properties of `ReleasedProductsV2`, a few of 266.
pub(crate) static RELEASED_PRODUCTS_V2: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ItemNumber", Ty::Str, Get::Cell),
    fixed("ProductNumber", Ty::Str, Get::Cell),
    fixed("SearchName", Ty::Str, Get::Cell),
    fixed("ProductSearchName", Ty::Str, Get::Cell),
    fixed("NetProductWeight", Ty::Dec, Get::Cell),
    fixed("TareProductWeight", Ty::Dec, Get::Cell),
    fixed("GrossDepth", Ty::Dec, Get::Cell),
    fixed("GrossProductWidth", Ty::Dec, Get::Cell),
    fixed("GrossProductHeight", Ty::Dec, Get::Cell),
    fixed("CustomsExportTariffCode", Ty::Str, Get::Cell),
    fixed("CustomsImportTariffCode", Ty::Str, Get::Cell),
    fixed("OriginCountryRegionId", Ty::Str, Get::Cell),
    fixed("CustomsDescription", Ty::Str, Get::Cell),
    fixed("IsCatchWeightProduct", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("InventoryUnitSymbol", Ty::Str, Get::Cell),
];
