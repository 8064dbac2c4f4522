//! The raw-table views (BI sets) of orders and lines.

use rust_decimal::Decimal;

use super::{EMPTY, NO_DATE, NOUGHT, ZERO, enums};
use crate::fo::meta::{Get, Property, fixed};
use crate::fo::value::{Ty, Value, yes_no};

/// Properties of `SalesTableBiEntities`.
pub(crate) static TABLE_BI: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Order(|o| Value::Str(o.company))),
    fixed("SalesId", Ty::Str, Get::Order(|o| Value::Str(&o.number))),
    fixed("SysModifiedDateTime", Ty::Time, Get::Order(|o| Value::Time(o.stamp))),
    fixed("SourceKey", Ty::Int64, Get::Order(|o| Value::Int(o.rec_id))),
    fixed("SysRecVersion", Ty::Int32, Get::Order(|o| Value::Int(o.rec_version))),
    fixed("CreatedOn", Ty::Time, Get::Order(|o| Value::Time(o.created))),
    fixed("SysModifiedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
    fixed("SysCreatedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
    fixed("SysDataAreaId", Ty::Str, Get::Order(|o| Value::Str(o.company))),
    fixed(
        "ReleaseStatus",
        Ty::Enum(&enums::WHSRELEASE_STATUS),
        Get::Order(|o| Value::Enum(o.release)),
    ),
    fixed("SalesStatus", Ty::Enum(&enums::SALES_STATUS), Get::Order(|o| Value::Enum(o.status()))),
    fixed(
        "DocumentStatus",
        Ty::Enum(&enums::DOCUMENT_STATUS),
        Get::Order(|o| Value::Enum(o.document)),
    ),
    fixed("SalesType", Ty::Enum(&enums::SALES_TYPE), Get::Order(|o| Value::Enum(o.sales_type))),
    fixed(
        "MCROrderStopped",
        Ty::Enum(&enums::NO_YES),
        Get::Order(|o| Value::Enum(yes_no(o.stopped))),
    ),
    fixed(
        "CredManInCreditControl",
        Ty::Enum(&enums::NO_YES),
        Get::Order(|o| Value::Enum(yes_no(o.credit_hold))),
    ),
    fixed("CredManExcludeSalesOrder", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed("CredManRejected", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed(
        "CredManReleasedFromCreditControl",
        Ty::Enum(&enums::NO_YES),
        Get::Fixed(Value::Enum("No")),
    ),
    fixed("InventSiteId", Ty::Str, Get::Order(|o| Value::Str(o.site))),
    fixed("InventLocationId", Ty::Str, Get::Order(|o| Value::Str(o.warehouse))),
    fixed("DlvMode", Ty::Str, Get::Order(|o| Value::Str(&o.mode))),
    fixed("DlvTerm", Ty::Str, Get::Order(|o| Value::Str(o.terms))),
    fixed("ShipCarrierId", Ty::Str, Get::Order(|o| Value::Str(&o.carrier))),
    fixed("SalesOriginId", Ty::Str, Get::Order(|o| Value::Str(&o.origin))),
    fixed("SalesPoolId", Ty::Str, Get::Order(|o| Value::Str(&o.pool))),
    fixed("CustAccount", Ty::Str, Get::Order(|o| Value::Str(&o.account))),
    fixed("InvoiceAccount", Ty::Str, Get::Order(|o| Value::Str(&o.account))),
    fixed("CustomerRef", Ty::Str, Get::Order(|o| Value::Str(&o.reference))),
    fixed("PurchOrderFormNum", Ty::Str, Get::Order(|o| Value::Str(&o.requisition))),
    fixed("DeliveryName", Ty::Str, Get::Order(|o| Value::Str(&o.delivery.name))),
    fixed("SalesName", Ty::Str, Get::Order(|o| Value::Str(&o.name))),
    fixed("Phone", Ty::Str, Get::Order(|o| Value::Str(&o.phone))),
    fixed("Email", Ty::Str, Get::Order(|o| Value::Str(&o.email))),
    fixed("ShippingDateRequested", Ty::Time, Get::Order(|o| Value::Time(o.ship_date))),
    fixed("ReceiptDateRequested", Ty::Time, Get::Order(|o| Value::Time(o.ship_date))),
    fixed("ShippingDateConfirmed", Ty::Time, NO_DATE),
    fixed("ReceiptDateConfirmed", Ty::Time, NO_DATE),
    fixed("ReturnItemNum", Ty::Str, EMPTY),
    fixed(
        "ReturnStatus",
        Ty::Enum(&enums::RETURN_STATUS_HEADER),
        Get::Order(|o| Value::Enum(if o.sales_type == "ReturnItem" { "Open" } else { "None" })),
    ),
    fixed("Reservation", Ty::Enum(&enums::ITEM_RESERVATION), Get::Fixed(Value::Enum("Automatic"))),
    fixed("CurrencyCode", Ty::Str, Get::Order(|o| Value::Str(o.currency))),
    fixed("LanguageId", Ty::Str, Get::Fixed(Value::Str("en-us"))),
    fixed("CustGroup", Ty::Str, Get::Fixed(Value::Str("10"))),
    fixed("OneTimeCustomer", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed("ProjId", Ty::Str, EMPTY),
    fixed("QuotationId", Ty::Str, EMPTY),
    fixed("SalesGroup", Ty::Str, EMPTY),
    fixed("Deadline", Ty::Time, NO_DATE),
    fixed("DeliveryDate", Ty::Time, NO_DATE),
];

/// Properties of `SalesLineBiEntities`.
pub(crate) static LINE_BI: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Line(|o, _| Value::Str(o.company))),
    fixed("SalesId", Ty::Str, Get::Line(|o, _| Value::Str(&o.number))),
    fixed("LineCreationSequenceNumber", Ty::Int32, Get::Line(|_, l| Value::Int(i64::from(l.seq)))),
    fixed("InventTransId", Ty::Str, Get::Line(|_, l| Value::Str(&l.lot))),
    fixed("ItemId", Ty::Str, Get::Line(|_, l| Value::Str(l.item))),
    fixed("InventDimId", Ty::Str, Get::Line(|_, l| Value::Str(&l.lot))),
    fixed("LineNum", Ty::Dec, Get::Line(|_, l| Value::Dec(Decimal::from(l.seq)))),
    fixed("SalesQty", Ty::Dec, Get::Line(|_, l| Value::Dec(l.quantity))),
    fixed("QtyOrdered", Ty::Dec, Get::Line(|_, l| Value::Dec(l.inventory_quantity()))),
    fixed("RemainSalesPhysical", Ty::Dec, Get::Line(|_, l| Value::Dec(l.remain))),
    fixed("RemainInventPhysical", Ty::Dec, Get::Line(|_, l| Value::Dec(l.remain * l.factor))),
    fixed(
        "RemainSalesFinancial",
        Ty::Dec,
        Get::Line(|_, l| {
            Value::Dec(if l.status == "Invoiced" { Decimal::ZERO } else { l.quantity - l.remain })
        }),
    ),
    fixed("SalesDeliverNow", Ty::Dec, Get::Line(|_, l| Value::Dec(l.deliver_now))),
    fixed("InventDeliverNow", Ty::Dec, Get::Line(|_, l| Value::Dec(l.deliver_now * l.factor))),
    fixed("SalesUnit", Ty::Str, Get::Line(|_, l| Value::Str(l.unit))),
    fixed("SalesStatus", Ty::Enum(&enums::SALES_STATUS), Get::Line(|_, l| Value::Enum(l.status))),
    fixed("SalesType", Ty::Enum(&enums::SALES_TYPE), Get::Line(|o, _| Value::Enum(o.sales_type))),
    fixed("Blocked", Ty::Enum(&enums::NO_YES), Get::Line(|_, l| Value::Enum(yes_no(l.blocked)))),
    fixed(
        "StockedProduct",
        Ty::Enum(&enums::NO_YES),
        Get::Line(|_, l| Value::Enum(yes_no(l.stocked))),
    ),
    fixed(
        "DeliveryType",
        Ty::Enum(&enums::TRADE_LINE_DLV_TYPE),
        Get::Line(|_, l| Value::Enum(if l.direct { "DropShip" } else { "None" })),
    ),
    fixed("Complete", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed("SysModifiedDateTime", Ty::Time, Get::Line(|_, l| Value::Time(l.stamp))),
    fixed("SourceKey", Ty::Int64, Get::Line(|_, l| Value::Int(l.rec_id))),
    fixed("SysRecVersion", Ty::Int32, Get::Line(|_, l| Value::Int(l.rec_version))),
    fixed("CreatedOn", Ty::Time, Get::Line(|_, l| Value::Time(l.created))),
    fixed("SysDataAreaId", Ty::Str, Get::Line(|o, _| Value::Str(o.company))),
    fixed("SysModifiedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
    fixed("SysCreatedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
    fixed("Name", Ty::Str, Get::Line(|_, l| Value::Str(&l.text))),
    fixed("CustAccount", Ty::Str, Get::Line(|o, _| Value::Str(&o.account))),
    fixed("CustomerRef", Ty::Str, Get::Line(|o, _| Value::Str(&o.reference))),
    fixed("DeliveryName", Ty::Str, Get::Line(|o, l| Value::Str(&o.address_of(l).name))),
    fixed("DlvMode", Ty::Str, Get::Line(|_, l| Value::Str(&l.mode))),
    fixed("DlvTerm", Ty::Str, Get::Line(|o, _| Value::Str(o.terms))),
    fixed("CurrencyCode", Ty::Str, Get::Line(|o, _| Value::Str(o.currency))),
    fixed("SalesPrice", Ty::Dec, Get::Line(|_, l| Value::Dec(l.price))),
    fixed("LineAmount", Ty::Dec, Get::Line(|_, l| Value::Dec(l.amount()))),
    fixed("ShipCarrierId", Ty::Str, Get::Line(|o, _| Value::Str(&o.carrier))),
    fixed("ShippingDateRequested", Ty::Time, Get::Line(|o, _| Value::Time(o.ship_date))),
    fixed("ReceiptDateRequested", Ty::Time, Get::Line(|o, _| Value::Time(o.ship_date))),
    fixed("ShippingDateConfirmed", Ty::Time, NO_DATE),
    fixed("ReceiptDateConfirmed", Ty::Time, NO_DATE),
    fixed("OverDeliveryPct", Ty::Dec, ZERO),
    fixed("UnderDeliveryPct", Ty::Dec, ZERO),
    fixed("ExternalItemId", Ty::Str, EMPTY),
    fixed("Reservation", Ty::Enum(&enums::ITEM_RESERVATION), Get::Fixed(Value::Enum("Automatic"))),
    fixed("Scrap", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed("BarCode", Ty::Str, EMPTY),
    fixed("CustomerLineNum", Ty::Int32, NOUGHT),
];

/// The row of a line in the warehouse's table; rows without one are never visited.
fn row<T: Default>(line: &crate::fo::rows::Line, get: fn(&crate::fo::rows::Released) -> T) -> T {
    line.released.as_ref().map(get).unwrap_or_default()
}

/// Properties of `WHSSalesLineBiEntities`.
pub(crate) static RELEASED_BI: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Line(|o, _| Value::Str(o.company))),
    fixed("InventTransId", Ty::Str, Get::Line(|_, l| Value::Str(&l.lot))),
    fixed("ReleasedQty", Ty::Dec, Get::Line(|_, l| Value::Dec(row(l, |r| r.shown)))),
    fixed("QtyLeftToLoad", Ty::Dec, ZERO),
    fixed("OnWave", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    fixed("OnWaveQty", Ty::Dec, ZERO),
    fixed("PackingQty", Ty::Dec, ZERO),
    fixed("SysModifiedDateTime", Ty::Time, Get::Line(|_, l| Value::Time(row(l, |r| r.stamp)))),
    fixed("SourceKey", Ty::Int64, Get::Line(|_, l| Value::Int(row(l, |r| r.rec_id)))),
    fixed("SysRecVersion", Ty::Int32, Get::Line(|_, l| Value::Int(row(l, |r| r.rec_version)))),
    fixed("CreatedOn", Ty::Time, Get::Line(|_, l| Value::Time(row(l, |r| r.created)))),
    fixed("SysDataAreaId", Ty::Str, Get::Line(|o, _| Value::Str(o.company))),
    fixed("SysModifiedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
    fixed("SysCreatedBy", Ty::Str, Get::Fixed(Value::Str("Admin"))),
];
