//! Enumerations of the service metadata: names and members as published.

use crate::fo::value::EnumType;

/// `DocuRestriction`.
pub(crate) static DOCU_RESTRICTION: EnumType =
    EnumType { name: "DocuRestriction", members: &[("Internal", 0), ("External", 1)] };

/// `DocumentStatus`.
pub(crate) static DOCUMENT_STATUS: EnumType = EnumType {
    name: "DocumentStatus",
    members: &[
        ("None", 0),
        ("Quotation", 1),
        ("PurchaseOrder", 2),
        ("Confirmation", 3),
        ("PickingList", 4),
        ("PackingSlip", 5),
        ("ReceiptsList", 6),
        ("Invoice", 7),
        ("ApproveJournal", 8),
        ("ProjectInvoice", 9),
        ("ProjectPackingSlip", 10),
        ("CRMQuotation", 11),
        ("Lost", 12),
        ("Cancelled", 13),
        ("FreeTextInvoice", 14),
        ("RFQ", 15),
        ("RFQAccept", 16),
        ("RFQReject", 17),
        ("PurchReq", 18),
        ("RFQReSend", 19),
        ("ConfirmationRequest", 30),
        ("InvoiceRegistration_IN", 219),
        ("BillOfEntry_IN", 220),
        ("ShippingBill_IN", 221),
        ("Invoice4Paym_RU", 101),
        ("Facture_RU", 102),
        ("FreeTextInvoice4Paym_RU", 105),
        ("DeliverySlip_BR", 150),
        ("PlSAD", 103),
        ("DeliverySlipProject_BR", 222),
        ("Note", 24),
        ("ProjectPickingList", 25),
        ("ITMGoodsInTransitReceive", 26),
        ("RevRecRevenueCancelation", 22),
        ("RevRecDeferredRevenueInvoice", 23),
    ],
};

/// `EcoResProductType`.
pub(crate) static ECO_RES_PRODUCT_TYPE: EnumType =
    EnumType { name: "EcoResProductType", members: &[("Item", 1), ("Service", 2)] };

/// `EcoResPhysicalDimensionType`.
pub(crate) static ECO_RES_PHYSICAL_DIMENSION_TYPE: EnumType = EnumType {
    name: "EcoResPhysicalDimensionType",
    members: &[("Storage", 0), ("Packing", 1), ("NestedPacking", 2)],
};

/// `InventLocationType`.
pub(crate) static INVENT_LOCATION_TYPE: EnumType = EnumType {
    name: "InventLocationType",
    members: &[
        ("Standard", 0),
        ("Quarantine", 1),
        ("Transit", 2),
        ("GoodsInRoute_RU", 101),
        ("ITMGIT", 10),
        ("ITMUnder", 11),
    ],
};

/// `ItemReservation`.
pub(crate) static ITEM_RESERVATION: EnumType = EnumType {
    name: "ItemReservation",
    members: &[("None", 0), ("Automatic", 1), ("Explosion", 2)],
};

/// `MarkupCategory`.
pub(crate) static MARKUP_CATEGORY: EnumType = EnumType {
    name: "MarkupCategory",
    members: &[
        ("Fixed", 0),
        ("Pcs", 1),
        ("Percent", 2),
        ("InterCompanyPercent", 3),
        ("External", 4),
        ("Proportional", 5),
        ("UnitSpecific", 6),
        ("UnitSpecificMatch", 7),
    ],
};

/// `MarkupType`.
pub(crate) static MARKUP_TYPE: EnumType =
    EnumType { name: "MarkupType", members: &[("Item", 0), ("LedgerAccount", 1), ("CustVend", 2)] };

/// `NoYes`.
pub(crate) static NO_YES: EnumType = EnumType { name: "NoYes", members: &[("No", 0), ("Yes", 1)] };

/// `ReturnStatusHeader`.
pub(crate) static RETURN_STATUS_HEADER: EnumType = EnumType {
    name: "ReturnStatusHeader",
    members: &[("None", 0), ("Created", 1), ("Open", 2), ("Canceled", 4), ("Closed", 3)],
};

/// `SalesOrderProcessingStatus`.
pub(crate) static SALES_ORDER_PROCESSING_STATUS: EnumType = EnumType {
    name: "SalesOrderProcessingStatus",
    members: &[
        ("Active", 0),
        ("Confirmed", 1),
        ("Picked", 2),
        ("PartiallyDelivered", 3),
        ("Delivered", 4),
        ("Invoiced", 5),
        ("PartiallyInvoiced", 6),
        ("Canceled", 7),
        ("DeliveredPartiallyInvoiced", 8),
    ],
};

/// `SalesOriginType`.
pub(crate) static SALES_ORIGIN_TYPE: EnumType = EnumType {
    name: "SalesOriginType",
    members: &[("NotSpecified", 0), ("SalesOrderIntegration", 1), ("WorkOrderIntegration", 2)],
};

/// `SalesStatus`.
pub(crate) static SALES_STATUS: EnumType = EnumType {
    name: "SalesStatus",
    members: &[("None", 0), ("Backorder", 1), ("Delivered", 2), ("Invoiced", 3), ("Canceled", 4)],
};

/// `SalesType`.
pub(crate) static SALES_TYPE: EnumType = EnumType {
    name: "SalesType",
    members: &[
        ("Journal", 0),
        ("DEL_Quotation", 1),
        ("Subscription", 2),
        ("Sales", 3),
        ("ReturnItem", 4),
        ("DEL_Blanket", 5),
        ("ItemReq", 6),
        ("Prepayment", 7),
    ],
};

/// `Timezone`.
pub(crate) static TIMEZONE: EnumType =
    EnumType { name: "Timezone", members: &[("GMTCoordinatedUniversalTime", 0)] };

/// `TradeLineDlvType`.
pub(crate) static TRADE_LINE_DLV_TYPE: EnumType =
    EnumType { name: "TradeLineDlvType", members: &[("None", 0), ("DropShip", 1)] };

/// `UnitOfMeasureClass`.
pub(crate) static UNIT_OF_MEASURE_CLASS: EnumType = EnumType {
    name: "UnitOfMeasureClass",
    members: &[
        ("Quantity", 0),
        ("Length", 1),
        ("Area", 2),
        ("LiquidVolume", 3),
        ("DryVolume", 4),
        ("Mass", 5),
        ("Time", 6),
        ("Monetary", 7),
        ("Temperature", 8),
        ("InformationEntropy", 9),
        ("Luminance", 10),
        ("Speed", 11),
        ("Acceleration", 12),
        ("Angle", 13),
        ("SolidAngle", 14),
        ("Force", 15),
        ("Pressure", 16),
        ("Torque", 17),
        ("Energy", 18),
        ("Power", 19),
        ("AngularMomentum", 20),
        ("Capacitance", 21),
        ("Density", 22),
        ("ElectricCurrent", 23),
        ("MagneticField", 24),
        ("MagneticFlux", 25),
        ("ElectricCharge", 26),
        ("ElectricDipole", 27),
        ("ElectricPotential", 28),
        ("ElectricalResistance", 29),
        ("Inductance", 30),
        ("DynamicViscosity", 31),
        ("KinematicViscosity", 32),
        ("Radioactivity", 33),
        ("Undefined", 34),
    ],
};

/// `UnitOfMeasureConversionRounding`.
pub(crate) static UNIT_OF_MEASURE_CONVERSION_ROUNDING: EnumType = EnumType {
    name: "UnitOfMeasureConversionRounding",
    members: &[("Nearest", 0), ("Up", 1), ("Down", 2)],
};

/// `UnitOfMeasureSystemOfUnits`.
pub(crate) static UNIT_OF_MEASURE_SYSTEM_OF_UNITS: EnumType = EnumType {
    name: "UnitOfMeasureSystemOfUnits",
    members: &[("None", 0), ("Metric", 1), ("US", 2)],
};

/// `WHSReleaseStatus`.
pub(crate) static WHSRELEASE_STATUS: EnumType = EnumType {
    name: "WHSReleaseStatus",
    members: &[("Open", 0), ("PartialReleased", 1), ("Released", 2)],
};

/// `WHSEWShipmentOrderRequestStatus`.
pub(crate) static WHSEW_REQUEST_STATUS: EnumType = EnumType {
    name: "WHSEWShipmentOrderRequestStatus",
    members: &[
        ("Draft", 0),
        ("Sent", 1),
        ("Received", 2),
        ("Accepted", 3),
        ("Failed", 4),
        ("Cancelled", 5),
    ],
};

/// `WHSEWShipmentOrderUpdateStatus`.
pub(crate) static WHSEW_UPDATE_STATUS: EnumType = EnumType {
    name: "WHSEWShipmentOrderUpdateStatus",
    members: &[("Receiving", 0), ("Received", 1), ("Accepted", 2), ("Failed", 3), ("Cancelled", 4)],
};

/// `WHSExternalInventoryAdjustmentExternalSystemType`.
pub(crate) static ADJUSTMENT_SYSTEM: EnumType = EnumType {
    name: "WHSExternalInventoryAdjustmentExternalSystemType",
    members: &[("ExternalWarehouse", 0)],
};
