//! Products, with sizes, weights and barcodes.

use super::super::Row;
use super::super::lenient::{flag, number, text};
use rust_decimal::Decimal;
use serde::Deserialize;

row!(
    /// Released distinct product: an item, or one variant of it.
    Distinct from "CDSReleasedDistinctProducts" {
        number: String = "ProductNumber" with "text",
        item: String = "ItemNumber" with "text",
        name: String = "ProductName" with "text",
        color: String = "ProductColorId" with "text",
        size: String = "ProductSizeId" with "text",
        style: String = "ProductStyleId" with "text",
        configuration: String = "ProductConfigurationId" with "text",
        version: String = "ProductVersionId" with "text",
        unit: String = "InventoryUnitSymbol" with "text",
        stocked: Option<bool> = "IsStockedProduct" with "flag",
        catch_weight: Option<bool> = "IsCatchWeightProduct" with "flag",
        kind: String = "ProductType" with "text",
    }
);

row!(
    /// Dimensions of a product, with their units.
    Dimensions from "PhysicalProductDimensionDetails" {
        number: String = "ProductNumber" with "text",
        kind: String = "DimensionType" with "text",
        of_unit: String = "PhysicalUnitSymbol" with "text",
        depth: Option<Decimal> = "PhysicalDepth" with "number",
        width: Option<Decimal> = "PhysicalWidth" with "number",
        height: Option<Decimal> = "PhysicalHeight" with "number",
        weight: Option<Decimal> = "PhysicalWeight" with "number",
        length_unit: String = "LengthUnitSymbol" with "text",
        mass_unit: String = "MassUnitSymbol" with "text",
    }
);

row!(
    /// Barcode of a product.
    Code from "ProductNumberIdentifiedBarcodes" {
        number: String = "ProductNumber" with "text",
        code: String = "Barcode" with "text",
        of_unit: String = "ProductQuantityUnitSymbol" with "text",
        quantity: Option<Decimal> = "ProductQuantity" with "number",
        default: Option<bool> = "IsDefaultScannedBarcode" with "flag",
    }
);

row!(
    /// Item master.
    ItemMaster from "ReleasedProductsV2" {
        item: String = "ItemNumber" with "text",
        search_name: String = "ProductSearchName" with "text",
        net: Option<Decimal> = "NetProductWeight" with "number",
        tare: Option<Decimal> = "TareProductWeight" with "number",
        depth: Option<Decimal> = "GrossDepth" with "number",
        width: Option<Decimal> = "GrossProductWidth" with "number",
        height: Option<Decimal> = "GrossProductHeight" with "number",
        tariff: String = "CustomsExportTariffCode" with "text",
        origin: String = "OriginCountryRegionId" with "text",
        customs: String = "CustomsDescription" with "text",
        catch_weight: Option<bool> = "IsCatchWeightProduct" with "flag",
    }
);
