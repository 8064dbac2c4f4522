//! On-hand and counting journals. Cells stand in the order of these tables.

use super::enums;
use crate::fo::meta::{Get, Property, fixed, initial};
use crate::fo::value::Ty;

/// Properties of `WarehousesOnHandV2`.
pub(crate) static ON_HAND: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ItemNumber", Ty::Str, Get::Cell),
    fixed("ProductColorId", Ty::Str, Get::Cell),
    fixed("ProductConfigurationId", Ty::Str, Get::Cell),
    fixed("ProductSizeId", Ty::Str, Get::Cell),
    fixed("ProductStyleId", Ty::Str, Get::Cell),
    fixed("ProductVersionId", Ty::Str, Get::Cell),
    fixed("InventorySiteId", Ty::Str, Get::Cell),
    fixed("InventoryWarehouseId", Ty::Str, Get::Cell),
    fixed("OnHandQuantity", Ty::Dec, Get::Cell),
    fixed("ReservedOnHandQuantity", Ty::Dec, Get::Cell),
    fixed("AvailableOnHandQuantity", Ty::Dec, Get::Cell),
    fixed("OrderedQuantity", Ty::Dec, Get::Cell),
    fixed("ReservedOrderedQuantity", Ty::Dec, Get::Cell),
    fixed("AvailableOrderedQuantity", Ty::Dec, Get::Cell),
    fixed("OnOrderQuantity", Ty::Dec, Get::Cell),
    fixed("TotalAvailableQuantity", Ty::Dec, Get::Cell),
    fixed("ProductName", Ty::Str, Get::Cell),
    fixed("AreWarehouseManagementProcessesUsed", Ty::Enum(&enums::NO_YES), Get::Cell),
];

/// Properties of `InventoryCountingJournalHeaders`.
pub(crate) static COUNTING_HEADERS: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Cell),
    fixed("JournalNumber", Ty::Str, Get::Cell),
    initial("JournalNameId", Ty::Str, Get::Cell),
    initial("Description", Ty::Str, Get::Cell),
    initial("DefaultInventorySiteId", Ty::Str, Get::Cell),
    initial("DefaultWarehouseId", Ty::Str, Get::Cell),
    fixed("IsPosted", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("PostedDateTime", Ty::Time, Get::Cell),
];

/// Properties of `InventoryCountingJournalLines`.
pub(crate) static COUNTING_LINES: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Cell),
    initial("JournalNumber", Ty::Str, Get::Cell),
    initial("LineNumber", Ty::Dec, Get::Cell),
    initial("ItemNumber", Ty::Str, Get::Cell),
    initial("ProductColorId", Ty::Str, Get::Cell),
    initial("ProductConfigurationId", Ty::Str, Get::Cell),
    initial("ProductSizeId", Ty::Str, Get::Cell),
    initial("ProductStyleId", Ty::Str, Get::Cell),
    initial("ProductVersionId", Ty::Str, Get::Cell),
    initial("InventorySiteId", Ty::Str, Get::Cell),
    initial("WarehouseId", Ty::Str, Get::Cell),
    initial("CountedQuantity", Ty::Dec, Get::Cell),
    initial("IsCountedQuantityZero", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("OnHandQuantity", Ty::Dec, Get::Cell),
    fixed("AdjustmentQuantity", Ty::Dec, Get::Cell),
    initial("CountingDate", Ty::Time, Get::Cell),
    initial("CountingReasonCode", Ty::Str, Get::Cell),
];

/// Properties of `WarehouseInventoryStatusesOnHandV2`: as [`ON_HAND`], by status.
pub(crate) static BY_STATUS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ItemNumber", Ty::Str, Get::Cell),
    fixed("ProductColorId", Ty::Str, Get::Cell),
    fixed("ProductConfigurationId", Ty::Str, Get::Cell),
    fixed("ProductSizeId", Ty::Str, Get::Cell),
    fixed("ProductStyleId", Ty::Str, Get::Cell),
    fixed("ProductVersionId", Ty::Str, Get::Cell),
    fixed("InventorySiteId", Ty::Str, Get::Cell),
    fixed("InventoryWarehouseId", Ty::Str, Get::Cell),
    fixed("OnHandQuantity", Ty::Dec, Get::Cell),
    fixed("ReservedOnHandQuantity", Ty::Dec, Get::Cell),
    fixed("AvailableOnHandQuantity", Ty::Dec, Get::Cell),
    fixed("OrderedQuantity", Ty::Dec, Get::Cell),
    fixed("ReservedOrderedQuantity", Ty::Dec, Get::Cell),
    fixed("AvailableOrderedQuantity", Ty::Dec, Get::Cell),
    fixed("OnOrderQuantity", Ty::Dec, Get::Cell),
    fixed("TotalAvailableQuantity", Ty::Dec, Get::Cell),
    fixed("ProductName", Ty::Str, Get::Cell),
    fixed("AreWarehouseManagementProcessesUsed", Ty::Enum(&enums::NO_YES), Get::Cell),
    fixed("InventoryStatusId", Ty::Str, Get::Cell),
];

/// Properties of `ExternalInventoryAdjustments`.
pub(crate) static ADJUSTMENTS: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Cell),
    initial("ExternalSystemType", Ty::Enum(&enums::ADJUSTMENT_SYSTEM), Get::Cell),
    initial("ExternalSystemId", Ty::Str, Get::Cell),
    initial("InventoryAdjustmentId", Ty::Str, Get::Cell),
    initial("ItemNumber", Ty::Str, Get::Cell),
    initial("ProductColorId", Ty::Str, Get::Cell),
    initial("ProductConfigurationId", Ty::Str, Get::Cell),
    initial("ProductSizeId", Ty::Str, Get::Cell),
    initial("ProductStyleId", Ty::Str, Get::Cell),
    initial("ProductVersionId", Ty::Str, Get::Cell),
    initial("WarehouseId", Ty::Str, Get::Cell),
    initial("Quantity", Ty::Dec, Get::Cell),
    initial("QuantityUnitId", Ty::Str, Get::Cell),
    initial("InventoryStatusId", Ty::Str, Get::Cell),
];
