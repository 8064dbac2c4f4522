//! Row types. `SELECT` names exactly the members read here; a test keeps the two together.

use super::lenient::{decimal, flag, number, text, whole};
use super::{OrderRow, Row};
use rust_decimal::Decimal;
use serde::Deserialize;

macro_rules! row {
    (
        $(#[$doc:meta])*
        $name:ident from $set:literal $(of $order:literal)? {
            $($field:ident : $kind:ty = $wire:literal with $with:literal),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name {
            /// For conditional writes.
            #[serde(rename = "@odata.etag", deserialize_with = "text")]
            #[cfg_attr(not(test), allow(dead_code, reason = "read-only sets have one too"))]
            pub(crate) etag: String,
            $(
                #[serde(rename = $wire, deserialize_with = $with)]
                pub(crate) $field: $kind,
            )*
        }

        impl Row for $name {
            const SET: &'static str = $set;
            const SELECT: &'static [&'static str] = &[$($wire),*];
        }

        $(
            impl OrderRow for $name {
                const ORDER: &'static str = $order;
                fn order(&self) -> &str {
                    &self.order
                }
            }
        )?
    };
}

// Behind the macro, which they use.
mod masters;
mod products;

pub(crate) use masters::*;
pub(crate) use products::*;

row!(
    /// Order header as users see it.
    Header from "SalesOrderHeadersV2" of "SalesOrderNumber" {
        order: String = "SalesOrderNumber" with "text",
        created: String = "OrderCreationDateTime" with "text",
        stopped: Option<bool> = "IsSalesProcessingStopped" with "flag",
        mode: String = "DeliveryModeCode" with "text",
        pool: String = "SalesOrderPoolId" with "text",
        origin: String = "SalesOrderOriginCode" with "text",
        customer_reference: String = "CustomersOrderReference" with "text",
        currency: String = "CurrencyCode" with "text",
        carrier: String = "ShippingCarrierId" with "text",
        carrier_service: String = "ShippingCarrierServiceId" with "text",
        email: String = "Email" with "text",
        name: String = "DeliveryAddressName" with "text",
        street: String = "DeliveryAddressStreet" with "text",
        street_number: String = "DeliveryAddressStreetNumber" with "text",
        complement: String = "DeliveryBuildingCompliment" with "text",
        post_box: String = "DeliveryAddressPostBox" with "text",
        city: String = "DeliveryAddressCity" with "text",
        state: String = "DeliveryAddressStateId" with "text",
        zip: String = "DeliveryAddressZipCode" with "text",
        country: String = "DeliveryAddressCountryRegionId" with "text",
        country_iso: String = "DeliveryAddressCountryRegionISOCode" with "text",
        location: String = "DeliveryAddressLocationId" with "text",
    }
);

row!(
    /// Order line as users see it.
    Line from "SalesOrderLines" of "SalesOrderNumber" {
        order: String = "SalesOrderNumber" with "text",
        lot: String = "InventoryLotId" with "text",
        sequence: Option<i64> = "LineCreationSequenceNumber" with "whole",
        item: String = "ItemNumber" with "text",
        color: String = "ProductColorId" with "text",
        size: String = "ProductSizeId" with "text",
        style: String = "ProductStyleId" with "text",
        configuration: String = "ProductConfigurationId" with "text",
        version: String = "ProductVersionId" with "text",
        description: String = "LineDescription" with "text",
        unit: String = "SalesUnitSymbol" with "text",
        price: Option<Decimal> = "SalesPrice" with "decimal",
        price_quantity: Option<Decimal> = "SalesPriceQuantity" with "decimal",
        stopped: Option<bool> = "IsLineStopped" with "flag",
        warehouse: String = "ShippingWarehouseId" with "text",
        mode: String = "DeliveryModeCode" with "text",
        name: String = "DeliveryAddressName" with "text",
        street: String = "DeliveryAddressStreet" with "text",
        street_number: String = "DeliveryAddressStreetNumber" with "text",
        complement: String = "DeliveryBuildingCompliment" with "text",
        post_box: String = "DeliveryAddressPostBox" with "text",
        city: String = "DeliveryAddressCity" with "text",
        state: String = "DeliveryAddressStateId" with "text",
        zip: String = "DeliveryAddressZipCode" with "text",
        country: String = "DeliveryAddressCountryRegionId" with "text",
        country_iso: String = "DeliveryAddressCountryRegionISOCode" with "text",
        location: String = "DeliveryAddressLocationId" with "text",
    }
);

row!(
    /// Order header, raw table.
    TableBi from "SalesTableBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        status: String = "SalesStatus" with "text",
        document_status: String = "DocumentStatus" with "text",
        sales_type: String = "SalesType" with "text",
        stopped: Option<bool> = "MCROrderStopped" with "flag",
        credit_hold: Option<bool> = "CredManInCreditControl" with "flag",
        phone: String = "Phone" with "text",
        created: String = "CreatedOn" with "text",
        modified: String = "SysModifiedDateTime" with "text",
    }
);

row!(
    /// Order line, raw table: what is left to deliver.
    LineBi from "SalesLineBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        lot: String = "InventTransId" with "text",
        ordered: Option<Decimal> = "SalesQty" with "decimal",
        remaining: Option<Decimal> = "RemainSalesPhysical" with "decimal",
        deliver_now: Option<Decimal> = "SalesDeliverNow" with "decimal",
        status: String = "SalesStatus" with "text",
        blocked: Option<bool> = "Blocked" with "flag",
        stocked: Option<bool> = "StockedProduct" with "flag",
        delivery_type: String = "DeliveryType" with "text",
        modified: String = "SysModifiedDateTime" with "text",
    }
);

row!(
    /// Release of an order to its warehouse.
    ReleaseBi from "SalesTableBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        status: String = "ReleaseStatus" with "text",
    }
);

row!(
    /// Both units of an order line.
    UnitsBi from "SalesLineBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        lot: String = "InventTransId" with "text",
        ordered: Option<Decimal> = "SalesQty" with "decimal",
        ordered_inventory: Option<Decimal> = "QtyOrdered" with "decimal",
    }
);

row!(
    /// Quantity released to the warehouse. The row names its line, not its order.
    ReleasedBi from "WHSSalesLineBiEntities" of "InventTransId" {
        order: String = "InventTransId" with "text",
        quantity: Option<Decimal> = "ReleasedQty" with "decimal",
    }
);

row!(
    /// Position of a changed released quantity; `order` is its line.
    ReleasedChange from "WHSSalesLineBiEntities" {
        order: String = "InventTransId" with "text",
        stamp: String = "SysModifiedDateTime" with "text",
        key: Option<i64> = "SourceKey" with "whole",
        version: String = "SysRecVersion" with "text",
    }
);

row!(
    /// The order of a line.
    LotOrder from "SalesLineBiEntities" of "InventTransId" {
        order: String = "InventTransId" with "text",
        sales_order: String = "SalesId" with "text",
    }
);

row!(
    /// Packing slip.
    Slip from "CustPackingSlipJourBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        id: String = "PackingSlipId" with "text",
        delivery_date: String = "DeliveryDate" with "text",
        created: String = "CreatedOn" with "text",
    }
);

row!(
    /// Packing slip line.
    SlipLine from "CustPackingSlipTransBiEntities" of "SalesId" {
        order: String = "SalesId" with "text",
        slip: String = "PackingSlipId" with "text",
        lot: String = "InventTransId" with "text",
        quantity: Option<Decimal> = "Qty" with "decimal",
        key: Option<i64> = "SourceDocumentLine" with "whole",
    }
);

row!(
    /// Note on an order.
    NoteRow from "SalesOrderHeaderDocumentAttachmentsV2" of "SalesOrderNumber" {
        order: String = "SalesOrderNumber" with "text",
        document_id: String = "DocumentId" with "text",
        description: String = "AttachmentDescription" with "text",
        text: String = "Notes" with "text",
    }
);

row!(
    /// Tracking number on a packing slip.
    Tracking from "PackingSlipTrackingInformation" of "SalesOrderNumber" {
        order: String = "SalesOrderNumber" with "text",
        slip: String = "PackingSlipNumber" with "text",
        number: String = "TrackingNumber" with "text",
    }
);

row!(
    /// Answer to a shipment order request.
    Answer from "OutboundShipmentOrderRequestStatus" of "OutboundShipmentOrderRequestId" {
        order: String = "OutboundShipmentOrderRequestId" with "text",
        status: String = "RequestStatus" with "text",
    }
);

row!(
    /// Shipment order request.
    Request from "OutboundShipmentOrderRequests" of "OutboundShipmentOrderRequestId" {
        order: String = "OutboundShipmentOrderRequestId" with "text",
        origin: String = "OutboundShipmentOrderOriginId" with "text",
        request_version: Option<i64> = "RequestVersion" with "whole",
        warehouse: String = "ShipFromWarehouseId" with "text",
        mode: String = "DlvModeId" with "text",
        reference: String = "ConsigneeReference" with "text",
        purchase_order: String = "ConsigneePurchaseOrderId" with "text",
        email: String = "ConsigneeContactEmail" with "text",
        phone: String = "ConsigneeContactPhone" with "text",
        name: String = "ConsigneeName" with "text",
        street: String = "ConsigneeStreet" with "text",
        street_number: String = "ConsigneeStreetNumber" with "text",
        complement: String = "ConsigneeBuildingCompliment" with "text",
        post_box: String = "ConsigneePostBox" with "text",
        city: String = "ConsigneeCity" with "text",
        state: String = "ConsigneeState" with "text",
        zip: String = "ConsigneeZipCode" with "text",
        country: String = "ConsigneeCountryRegionId" with "text",
        receiver_name: String = "ReceiverName" with "text",
        receiver_street: String = "ReceiverStreet" with "text",
        receiver_street_number: String = "ReceiverStreetNumber" with "text",
        receiver_complement: String = "ReceiverBuildingCompliment" with "text",
        receiver_post_box: String = "ReceiverPostBox" with "text",
        receiver_city: String = "ReceiverCity" with "text",
        receiver_state: String = "ReceiverState" with "text",
        receiver_zip: String = "ReceiverZipCode" with "text",
        receiver_country: String = "ReceiverCountryRegionId" with "text",
    }
);

row!(
    /// Line of a shipment order request.
    RequestLine from "OutboundShipmentOrderLineRequests" of "OutboundShipmentOrderRequestId" {
        order: String = "OutboundShipmentOrderRequestId" with "text",
        number: Option<i64> = "OrderLineNumber" with "whole",
        item: String = "ItemNumber" with "text",
        color: String = "ProductColorId" with "text",
        size: String = "ProductSizeId" with "text",
        style: String = "ProductStyleId" with "text",
        configuration: String = "ProductConfigurationId" with "text",
        version: String = "ProductVersionId" with "text",
        description: String = "ItemDescription" with "text",
        ordered: Option<Decimal> = "OrderedQuantity" with "decimal",
        unit: String = "OrderedUnitSymbol" with "text",
        reference: String = "ConsigneeReference" with "text",
    }
);

row!(
    /// Shipment order update, found by the origin of its request.
    Update from "OutboundShipmentOrderUpdates" of "OutboundShipmentOrderOriginId" {
        order: String = "OutboundShipmentOrderOriginId" with "text",
        id: String = "OutboundShipmentOrderUpdateId" with "text",
        status: String = "ProcessingStatus" with "text",
        slip: String = "PackingSlipNumber" with "text",
    }
);

row!(
    /// Position of a changed order.
    TableChange from "SalesTableBiEntities" {
        order: String = "SalesId" with "text",
        stamp: String = "SysModifiedDateTime" with "text",
        key: Option<i64> = "SourceKey" with "whole",
        version: String = "SysRecVersion" with "text",
    }
);

row!(
    /// Position of a changed line.
    LineChange from "SalesLineBiEntities" {
        order: String = "SalesId" with "text",
        stamp: String = "SysModifiedDateTime" with "text",
        key: Option<i64> = "SourceKey" with "whole",
        version: String = "SysRecVersion" with "text",
    }
);

row!(
    /// Position of a new packing slip.
    SlipChange from "CustPackingSlipJourBiEntities" {
        order: String = "SalesId" with "text",
        stamp: String = "CreatedOn" with "text",
        key: Option<i64> = "SourceKey" with "whole",
        version: String = "SysRecVersion" with "text",
    }
);

row!(
    /// Any order of the company: proof that the company can be seen at all.
    AnyOrder from "SalesTableBiEntities" {
        order: String = "SalesId" with "text",
    }
);

row!(
    /// An order that a filter selects.
    SelectedOrder from "SalesOrderHeadersV2" of "SalesOrderNumber" {
        order: String = "SalesOrderNumber" with "text",
    }
);

row!(
    /// A request that a filter selects.
    SelectedRequest from "OutboundShipmentOrderRequests" of "OutboundShipmentOrderRequestId" {
        order: String = "OutboundShipmentOrderRequestId" with "text",
    }
);

row!(
    /// Record of an order, and whether it is still open.
    RecordBi from "SalesTableBiEntities" {
        order: String = "SalesId" with "text",
        record: Option<i64> = "SourceKey" with "whole",
        status: String = "SalesStatus" with "text",
        document_status: String = "DocumentStatus" with "text",
    }
);

row!(
    /// Charge of a document; the row names its record.
    ChargeRow from "MarkupTransBiEntities" {
        record: Option<i64> = "TransRecId" with "whole",
        line: Option<Decimal> = "LineNum" with "number",
        code: String = "MarkupCode" with "text",
        amount: Option<Decimal> = "Value" with "number",
        currency: String = "CurrencyCode" with "text",
        text: String = "Txt" with "text",
    }
);

row!(
    /// Charge code and what it posts.
    ChargeCodeRow from "SalesCharge" {
        code: String = "ChargeCode" with "text",
        debit: String = "DebitPostingMethod" with "text",
        credit: String = "CreditPostingMethod" with "text",
    }
);

row!(
    /// On hand of one product in one warehouse.
    OnHandRow from "WarehousesOnHandV2" {
        item: String = "ItemNumber" with "text",
        color: String = "ProductColorId" with "text",
        size: String = "ProductSizeId" with "text",
        style: String = "ProductStyleId" with "text",
        configuration: String = "ProductConfigurationId" with "text",
        version: String = "ProductVersionId" with "text",
        physical: Option<Decimal> = "OnHandQuantity" with "decimal",
        available: Option<Decimal> = "AvailableOnHandQuantity" with "decimal",
    }
);

row!(
    /// On hand of one product in one inventory status of one warehouse.
    StatusOnHandRow from "WarehouseInventoryStatusesOnHandV2" {
        item: String = "ItemNumber" with "text",
        color: String = "ProductColorId" with "text",
        size: String = "ProductSizeId" with "text",
        style: String = "ProductStyleId" with "text",
        configuration: String = "ProductConfigurationId" with "text",
        version: String = "ProductVersionId" with "text",
        status: String = "InventoryStatusId" with "text",
        physical: Option<Decimal> = "OnHandQuantity" with "decimal",
        available: Option<Decimal> = "AvailableOnHandQuantity" with "decimal",
    }
);

row!(
    /// An external inventory adjustment.
    AdjustmentRow from "ExternalInventoryAdjustments" {
        id: String = "InventoryAdjustmentId" with "text",
        item: String = "ItemNumber" with "text",
        warehouse: String = "WarehouseId" with "text",
        quantity: Option<Decimal> = "Quantity" with "decimal",
    }
);

row!(
    /// Header of a counting journal.
    CountHead from "InventoryCountingJournalHeaders" {
        number: String = "JournalNumber" with "text",
        description: String = "Description" with "text",
        posted: Option<bool> = "IsPosted" with "flag",
    }
);

row!(
    /// Line of a counting journal.
    CountRow from "InventoryCountingJournalLines" {
        number: Option<Decimal> = "LineNumber" with "decimal",
    }
);
