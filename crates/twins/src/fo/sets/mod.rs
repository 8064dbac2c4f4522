//! The entity sets this twin has, as tables: names, keys, property names and types of the service metadata.
//! An unknown set, property or enumeration member is refused on the strength of these tables alone.

pub(crate) mod charges;
pub(crate) mod documents;
pub(crate) mod enums;
pub(crate) mod external;
pub(crate) mod masters;
pub(crate) mod orders;
pub(crate) mod raw;
pub(crate) mod stock;

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::meta::{EntitySet, Get, Navigation, READ_ONLY, Rights, Source};
use super::value::{EMPTY_DATE, Value};

const EMPTY: Get = Get::Fixed(Value::Str(""));
const ZERO: Get = Get::Fixed(Value::Dec(Decimal::ZERO));
const NOUGHT: Get = Get::Fixed(Value::Int(0));
const NO_DATE: Get = Get::Fixed(Value::Time(EMPTY_DATE));

const UPDATE_ONLY: Rights = Rights { create: false, update: true, delete: false };
const INSERT_ONLY: Rights = Rights { create: true, update: false, delete: false };
const INSERT_AND_UPDATE: Rights = Rights { create: true, update: true, delete: false };
const ALL: Rights = Rights { create: true, update: true, delete: true };

static BY_NAME: LazyLock<HashMap<&'static str, &'static EntitySet>> =
    LazyLock::new(|| SETS.iter().map(|set| (set.name, set)).collect());

/// The set of that case-sensitive name.
pub(crate) fn named(name: &str) -> Option<&'static EntitySet> {
    BY_NAME.get(name).copied()
}

/// Every entity set.
#[rustfmt::skip]
pub(crate) static SETS: &[EntitySet] = &[
    EntitySet { name: "SalesOrderHeadersV2", entity: "SalesOrderHeaderV2", keys: &["dataAreaId", "SalesOrderNumber"], properties: orders::HEADERS, navigation: &[Navigation { name: "SalesOrderLines", target: "SalesOrderLines" }, Navigation { name: "SalesOrderHeaderDocumentAttachments", target: "SalesOrderHeaderDocumentAttachmentsV2" }], source: Source::Orders, rights: UPDATE_ONLY, read_only: false },
    EntitySet { name: "SalesOrderLines", entity: "SalesOrderLine", keys: &["dataAreaId", "InventoryLotId"], properties: orders::LINES, navigation: &[Navigation { name: "SalesOrderHeaderV2", target: "SalesOrderHeadersV2" }], source: Source::Lines, rights: UPDATE_ONLY, read_only: false },
    EntitySet { name: "SalesTableBiEntities", entity: "SalesTableBiEntity", keys: &["dataAreaId", "SalesId"], properties: raw::TABLE_BI, navigation: &[], source: Source::Orders, rights: READ_ONLY, read_only: true },
    EntitySet { name: "SalesLineBiEntities", entity: "SalesLineBiEntity", keys: &["dataAreaId", "SalesId", "LineCreationSequenceNumber"], properties: raw::LINE_BI, navigation: &[], source: Source::Lines, rights: READ_ONLY, read_only: true },
    EntitySet { name: "WHSSalesLineBiEntities", entity: "WHSSalesLineBiEntity", keys: &["dataAreaId", "InventTransId"], properties: raw::RELEASED_BI, navigation: &[], source: Source::Released, rights: READ_ONLY, read_only: true },
    EntitySet { name: "CustPackingSlipJourBiEntities", entity: "CustPackingSlipJourBiEntity", keys: &["dataAreaId", "SourceDocumentHeader"], properties: documents::SLIP_JOUR, navigation: &[], source: Source::Slips, rights: READ_ONLY, read_only: true },
    EntitySet { name: "CustPackingSlipTransBiEntities", entity: "CustPackingSlipTransBiEntity", keys: &["dataAreaId", "SourceDocumentLine"], properties: documents::SLIP_TRANS, navigation: &[], source: Source::SlipLines, rights: READ_ONLY, read_only: true },
    EntitySet { name: "PackingSlipTrackingInformation", entity: "PackingSlipTrackingInformation", keys: &["dataAreaId", "SalesOrderNumber", "PackingSlipNumber", "DeliveryDate", "TrackingNumber"], properties: documents::TRACKING, navigation: &[], source: Source::Tracking, rights: ALL, read_only: false },
    EntitySet { name: "SalesOrderHeaderDocumentAttachmentsV2", entity: "SalesOrderHeaderDocumentAttachmentV2", keys: &["dataAreaId", "DocumentId"], properties: documents::NOTES, navigation: &[], source: Source::Notes, rights: ALL, read_only: false },
    EntitySet { name: "LegalEntities", entity: "LegalEntity", keys: &["LegalEntityId"], properties: masters::LEGAL_ENTITIES, navigation: &[], source: Source::Plain(0), rights: READ_ONLY, read_only: false },
    EntitySet { name: "Companies", entity: "Company", keys: &["DataArea"], properties: masters::COMPANIES, navigation: &[], source: Source::Plain(1), rights: READ_ONLY, read_only: false },
    EntitySet { name: "Warehouses", entity: "Warehouse", keys: &["dataAreaId", "WarehouseId"], properties: masters::WAREHOUSES, navigation: &[], source: Source::Plain(2), rights: READ_ONLY, read_only: false },
    EntitySet { name: "OperationalSitesV2", entity: "OperationalSiteV2", keys: &["dataAreaId", "SiteId"], properties: masters::OPERATIONAL_SITES_V2, navigation: &[], source: Source::Plain(3), rights: READ_ONLY, read_only: false },
    EntitySet { name: "DeliveryModesV2", entity: "DeliveryModeV2", keys: &["dataAreaId", "ModeCode"], properties: masters::DELIVERY_MODES_V2, navigation: &[], source: Source::Plain(4), rights: READ_ONLY, read_only: false },
    EntitySet { name: "ShippingCarriers", entity: "ShippingCarrier", keys: &["dataAreaId", "CarrierId"], properties: masters::SHIPPING_CARRIERS, navigation: &[], source: Source::Plain(5), rights: READ_ONLY, read_only: false },
    EntitySet { name: "ShippingCarrierServices", entity: "ShippingCarrierService", keys: &["dataAreaId", "ShippingCarrierId", "ServiceId"], properties: masters::SHIPPING_CARRIER_SERVICES, navigation: &[], source: Source::Plain(6), rights: READ_ONLY, read_only: false },
    EntitySet { name: "AddressCountryRegions", entity: "AddressCountryRegion", keys: &["CountryRegion"], properties: masters::ADDRESS_COUNTRY_REGIONS, navigation: &[], source: Source::Plain(7), rights: READ_ONLY, read_only: false },
    EntitySet { name: "AddressStates", entity: "AddressState", keys: &["CountryRegionId", "State"], properties: masters::ADDRESS_STATES, navigation: &[], source: Source::Plain(8), rights: READ_ONLY, read_only: false },
    EntitySet { name: "UnitsOfMeasure", entity: "UnitOfMeasure", keys: &["UnitSymbol"], properties: masters::UNITS_OF_MEASURE, navigation: &[], source: Source::Plain(9), rights: READ_ONLY, read_only: false },
    EntitySet { name: "UnitOfMeasureConversions", entity: "UnitOfMeasureConversion", keys: &["FromUnitSymbol", "ToUnitSymbol"], properties: masters::UNIT_OF_MEASURE_CONVERSIONS, navigation: &[], source: Source::Plain(10), rights: READ_ONLY, read_only: false },
    EntitySet { name: "ProductUnitOfMeasureConversions", entity: "ProductUnitOfMeasureConversion", keys: &["FromUnitSymbol", "ToUnitSymbol", "ProductNumber"], properties: masters::PRODUCT_UNIT_OF_MEASURE_CONVERSIONS, navigation: &[], source: Source::Plain(11), rights: READ_ONLY, read_only: false },
    EntitySet { name: "SalesOrderPools", entity: "SalesOrderPool", keys: &["dataAreaId", "PoolId"], properties: masters::SALES_ORDER_POOLS, navigation: &[], source: Source::Plain(12), rights: READ_ONLY, read_only: false },
    EntitySet { name: "SalesOrderOriginCodes", entity: "SalesOrderOriginCode", keys: &["dataAreaId", "OriginCode"], properties: masters::SALES_ORDER_ORIGIN_CODES, navigation: &[], source: Source::Plain(13), rights: READ_ONLY, read_only: false },
    EntitySet { name: "CDSReleasedDistinctProducts", entity: "CDSReleasedDistinctProduct", keys: &["dataAreaId", "ProductNumber"], properties: masters::CDSRELEASED_DISTINCT_PRODUCTS, navigation: &[], source: Source::Plain(14), rights: READ_ONLY, read_only: false },
    EntitySet { name: "PhysicalProductDimensionDetails", entity: "PhysicalProductDimensionDetail", keys: &["ProductNumber", "DimensionType", "PhysicalUnitSymbol"], properties: masters::PHYSICAL_PRODUCT_DIMENSION_DETAILS, navigation: &[], source: Source::Plain(15), rights: READ_ONLY, read_only: false },
    EntitySet { name: "ProductNumberIdentifiedBarcodes", entity: "ProductNumberIdentifiedBarcode", keys: &["dataAreaId", "ProductNumber", "ProductQuantityUnitSymbol", "BarcodeSetupId", "Barcode"], properties: masters::PRODUCT_NUMBER_IDENTIFIED_BARCODES, navigation: &[], source: Source::Plain(16), rights: READ_ONLY, read_only: false },
    EntitySet { name: "ReleasedProductsV2", entity: "ReleasedProductV2", keys: &["dataAreaId", "ItemNumber"], properties: masters::RELEASED_PRODUCTS_V2, navigation: &[], source: Source::Plain(17), rights: READ_ONLY, read_only: false },
    EntitySet { name: "OutboundShipmentOrderRequests", entity: "OutboundShipmentOrderRequest", keys: &["dataAreaId", "OutboundShipmentOrderRequestId"], properties: external::REQUESTS, navigation: &[Navigation { name: "Lines", target: "OutboundShipmentOrderLineRequests" }], source: Source::Requests, rights: READ_ONLY, read_only: false },
    EntitySet { name: "OutboundShipmentOrderLineRequests", entity: "OutboundShipmentOrderLineRequest", keys: &["dataAreaId", "OutboundShipmentOrderRequestId", "OrderLineNumber"], properties: external::REQUEST_LINES, navigation: &[], source: Source::RequestLines, rights: READ_ONLY, read_only: false },
    EntitySet { name: "OutboundShipmentOrderRequestStatus", entity: "OutboundShipmentOrderRequestStatus", keys: &["dataAreaId", "OutboundShipmentOrderRequestId"], properties: external::REQUEST_STATUS, navigation: &[], source: Source::Requests, rights: UPDATE_ONLY, read_only: false },
    EntitySet { name: "OutboundShipmentOrderUpdates", entity: "OutboundShipmentOrderUpdate", keys: &["dataAreaId", "OutboundShipmentOrderUpdateId", "OutboundShipmentOrderOriginId"], properties: external::UPDATES, navigation: &[], source: Source::Updates, rights: INSERT_AND_UPDATE, read_only: false },
    EntitySet { name: "OutboundShipmentOrderLineUpdates", entity: "OutboundShipmentOrderLineUpdate", keys: &["dataAreaId", "OutboundShipmentOrderUpdateId", "OutboundShipmentOrderOriginId", "OrderLineNumber"], properties: external::LINE_UPDATES, navigation: &[], source: Source::UpdateLines, rights: INSERT_ONLY, read_only: false },
    EntitySet { name: "OutboundShipmentOrderLineInventDimUpdates", entity: "OutboundShipmentOrderLineInventDimUpdate", keys: &["dataAreaId", "OutboundShipmentOrderUpdateId", "OutboundShipmentOrderOriginId", "OrderLineNumber"], properties: external::DIMENSION_UPDATES, navigation: &[], source: Source::UpdateDimensions, rights: INSERT_ONLY, read_only: false },
    EntitySet { name: "WarehousesOnHandV2", entity: "WarehouseOnHandV2", keys: &["dataAreaId", "ItemNumber", "ProductColorId", "ProductConfigurationId", "ProductSizeId", "ProductStyleId", "ProductVersionId", "InventorySiteId", "InventoryWarehouseId"], properties: stock::ON_HAND, navigation: &[], source: Source::Plain(18), rights: READ_ONLY, read_only: true },
    EntitySet { name: "InventoryCountingJournalHeaders", entity: "InventoryCountingJournalHeader", keys: &["dataAreaId", "JournalNumber"], properties: stock::COUNTING_HEADERS, navigation: &[], source: Source::Plain(19), rights: INSERT_ONLY, read_only: false },
    EntitySet { name: "InventoryCountingJournalLines", entity: "InventoryCountingJournalLine", keys: &["dataAreaId", "JournalNumber", "LineNumber"], properties: stock::COUNTING_LINES, navigation: &[], source: Source::Plain(20), rights: INSERT_ONLY, read_only: false },
    EntitySet { name: "WarehouseInventoryStatusesOnHandV2", entity: "WarehouseInventoryStatusOnHandV2", keys: &["dataAreaId", "ItemNumber", "ProductColorId", "ProductConfigurationId", "ProductSizeId", "ProductStyleId", "ProductVersionId", "InventorySiteId", "InventoryWarehouseId", "InventoryStatusId"], properties: stock::BY_STATUS, navigation: &[], source: Source::Plain(21), rights: READ_ONLY, read_only: true },
    EntitySet { name: "ExternalInventoryAdjustments", entity: "ExternalInventoryAdjustment", keys: &["dataAreaId", "ExternalSystemType", "ExternalSystemId", "InventoryAdjustmentId"], properties: stock::ADJUSTMENTS, navigation: &[], source: Source::Plain(22), rights: INSERT_ONLY, read_only: false },
    EntitySet { name: "SalesCharge", entity: "SalesCharge", keys: &["dataAreaId", "ChargeCode"], properties: charges::CODES, navigation: &[], source: Source::Plain(23), rights: READ_ONLY, read_only: false },
    EntitySet { name: "MarkupTransBiEntities", entity: "MarkupTransBiEntity", keys: &["dataAreaId", "TransRecId", "TransTableId", "LineNum"], properties: charges::CHARGES, navigation: &[], source: Source::Plain(24), rights: READ_ONLY, read_only: true },
];
