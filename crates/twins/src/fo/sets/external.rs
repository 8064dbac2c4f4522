//! Externally managed warehouses: requests out, answers and updates back.

use super::{EMPTY, NO_DATE, enums};
use crate::fo::meta::{Get, Property, fixed, initial, open};
use crate::fo::value::{Ty, Value};

/// Properties of `OutboundShipmentOrderRequests`.
pub(crate) static REQUESTS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Request(|r| Value::Str(r.company))),
    fixed("OutboundShipmentOrderRequestId", Ty::Str, Get::Request(|r| Value::Str(&r.id))),
    fixed("OutboundShipmentOrderOriginId", Ty::Str, Get::Request(|r| Value::Str(&r.origin))),
    fixed("RequestVersion", Ty::Int32, Get::Request(|r| Value::Int(r.version))),
    fixed("ShipFromWarehouseId", Ty::Str, Get::Request(|r| Value::Str(r.warehouse))),
    fixed("DlvModeId", Ty::Str, Get::Request(|r| Value::Str(&r.mode))),
    fixed("DlvTermId", Ty::Str, Get::Request(|r| Value::Str(r.terms))),
    fixed("ConsigneeAccountNumber", Ty::Str, Get::Request(|r| Value::Str(&r.account))),
    fixed("ConsigneeReference", Ty::Str, Get::Request(|r| Value::Str(&r.reference))),
    fixed("ConsigneePurchaseOrderId", Ty::Str, Get::Request(|r| Value::Str(&r.purchase_order))),
    fixed("ConsigneeContactEmail", Ty::Str, Get::Request(|r| Value::Str(&r.email))),
    fixed("ConsigneeContactPhone", Ty::Str, Get::Request(|r| Value::Str(&r.phone))),
    fixed("ConsigneeContactName", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.name))),
    fixed("ConsigneeName", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.name))),
    fixed("ConsigneeStreet", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.street))),
    fixed("ConsigneeStreetNumber", Ty::Str, EMPTY),
    fixed("ConsigneeBuildingCompliment", Ty::Str, EMPTY),
    fixed("ConsigneePostBox", Ty::Str, EMPTY),
    fixed("ConsigneeCity", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.city))),
    fixed("ConsigneeCounty", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.county))),
    fixed("ConsigneeState", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.state))),
    fixed("ConsigneeZipCode", Ty::Str, Get::Request(|r| Value::Str(&r.consignee.zip))),
    fixed("ConsigneeCountryRegionId", Ty::Str, Get::Request(|r| Value::Str(r.consignee.country))),
    fixed("ReceiverName", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.name))),
    fixed("ReceiverStreet", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.street))),
    fixed("ReceiverStreetNumber", Ty::Str, EMPTY),
    fixed("ReceiverBuildingCompliment", Ty::Str, EMPTY),
    fixed("ReceiverPostBox", Ty::Str, EMPTY),
    fixed("ReceiverCity", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.city))),
    fixed("ReceiverCounty", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.county))),
    fixed("ReceiverState", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.state))),
    fixed("ReceiverZipCode", Ty::Str, Get::Request(|r| Value::Str(&r.receiver.zip))),
    fixed("ReceiverCountryRegionId", Ty::Str, Get::Request(|r| Value::Str(r.receiver.country))),
];

/// Properties of `OutboundShipmentOrderLineRequests`.
pub(crate) static REQUEST_LINES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::RequestLine(|r, _| Value::Str(r.company))),
    fixed("OutboundShipmentOrderRequestId", Ty::Str, Get::RequestLine(|r, _| Value::Str(&r.id))),
    fixed("OrderLineNumber", Ty::Int64, Get::RequestLine(|_, l| Value::Int(l.number))),
    fixed("ItemNumber", Ty::Str, Get::RequestLine(|_, l| Value::Str(l.item))),
    fixed("ProductColorId", Ty::Str, Get::RequestLine(|_, l| Value::Str(l.color))),
    fixed("ProductSizeId", Ty::Str, Get::RequestLine(|_, l| Value::Str(l.size))),
    fixed("ProductStyleId", Ty::Str, EMPTY),
    fixed("ProductConfigurationId", Ty::Str, EMPTY),
    fixed("ProductVersionId", Ty::Str, EMPTY),
    fixed("ItemDescription", Ty::Str, Get::RequestLine(|_, l| Value::Str(&l.text))),
    fixed("OrderedQuantity", Ty::Dec, Get::RequestLine(|_, l| Value::Dec(l.quantity))),
    fixed("OrderedUnitSymbol", Ty::Str, Get::RequestLine(|_, l| Value::Str(l.unit))),
    fixed("ConsigneeReference", Ty::Str, Get::RequestLine(|r, _| Value::Str(&r.line_reference))),
];

/// Properties of `OutboundShipmentOrderRequestStatus`.
pub(crate) static REQUEST_STATUS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Request(|r| Value::Str(r.company))),
    fixed("OutboundShipmentOrderRequestId", Ty::Str, Get::Request(|r| Value::Str(&r.id))),
    open(
        "RequestStatus",
        Ty::Enum(&enums::WHSEW_REQUEST_STATUS),
        Get::Request(|r| Value::Enum(r.status)),
    ),
    open("ResponseMessage", Ty::Str, Get::Request(|r| Value::Str(&r.message))),
];

/// Properties of `OutboundShipmentOrderUpdates`.
pub(crate) static UPDATES: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Update(|u| Value::Str(u.company))),
    initial("OutboundShipmentOrderUpdateId", Ty::Str, Get::Update(|u| Value::Str(&u.id))),
    initial("OutboundShipmentOrderOriginId", Ty::Str, Get::Update(|u| Value::Str(&u.origin))),
    initial("PackingSlipNumber", Ty::Str, Get::Update(|u| Value::Str(&u.slip))),
    initial("PackingSlipDocumentDate", Ty::Time, Get::Update(|u| Value::Time(u.date))),
    initial("ActualShippingDateTime", Ty::Time, Get::Update(|u| Value::Time(u.shipped))),
    initial("PlannedShippingDateTime", Ty::Time, NO_DATE),
    initial("PlannedDeliveryDateTime", Ty::Time, NO_DATE),
    initial("TransportationId", Ty::Str, Get::Update(|u| Value::Str(&u.transport))),
    open(
        "ProcessingStatus",
        Ty::Enum(&enums::WHSEW_UPDATE_STATUS),
        Get::Update(|u| Value::Enum(u.status)),
    ),
];

/// Properties of `OutboundShipmentOrderLineUpdates`.
pub(crate) static LINE_UPDATES: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::UpdateLine(|u, _| Value::Str(u.company))),
    initial("OutboundShipmentOrderUpdateId", Ty::Str, Get::UpdateLine(|u, _| Value::Str(&u.id))),
    initial(
        "OutboundShipmentOrderOriginId",
        Ty::Str,
        Get::UpdateLine(|u, _| Value::Str(&u.origin)),
    ),
    initial("OrderLineNumber", Ty::Int64, Get::UpdateLine(|_, l| Value::Int(l.number))),
    initial("OrderedQuantity", Ty::Dec, Get::UpdateLine(|_, l| Value::Dec(l.ordered))),
    initial("OrderedUnitSymbol", Ty::Str, Get::UpdateLine(|_, l| Value::Str(&l.unit))),
    initial("TotalPickedQuantity", Ty::Dec, Get::UpdateLine(|_, l| Value::Dec(l.picked))),
    initial("TotalShippedQuantity", Ty::Dec, Get::UpdateLine(|_, l| Value::Dec(l.shipped))),
    initial("RemainingQuantity", Ty::Dec, Get::UpdateLine(|_, l| Value::Dec(l.remaining))),
];

/// Properties of `OutboundShipmentOrderLineInventDimUpdates`.
pub(crate) static DIMENSION_UPDATES: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::UpdateLine(|u, _| Value::Str(u.company))),
    initial("OutboundShipmentOrderUpdateId", Ty::Str, Get::UpdateLine(|u, _| Value::Str(&u.id))),
    initial(
        "OutboundShipmentOrderOriginId",
        Ty::Str,
        Get::UpdateLine(|u, _| Value::Str(&u.origin)),
    ),
    initial("OrderLineNumber", Ty::Int64, Get::UpdateLine(|_, l| Value::Int(l.number))),
    initial(
        "ShippedQuantity",
        Ty::Dec,
        Get::UpdateLine(|_, l| Value::Dec(l.dimension.unwrap_or_default())),
    ),
    initial(
        "PickedQuantity",
        Ty::Dec,
        Get::UpdateLine(|_, l| Value::Dec(l.dimension.unwrap_or_default())),
    ),
    initial("UnitSymbol", Ty::Str, Get::UpdateLine(|_, l| Value::Str(&l.unit))),
    initial("OrderedInventoryStatusId", Ty::Str, EMPTY),
    initial("InventoryOwnerId", Ty::Str, EMPTY),
];
