//! Packing slips, tracking numbers and notes.

use rust_decimal::Decimal;

use super::{EMPTY, enums};
use crate::fo::meta::{Get, Property, fixed, initial, open};
use crate::fo::value::{Ty, Value};

/// Properties of `CustPackingSlipJourBiEntities`.
pub(crate) static SLIP_JOUR: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Slip(|s| Value::Str(s.company))),
    fixed("SourceDocumentHeader", Ty::Int64, Get::Slip(|s| Value::Int(s.rec_id + 20_000_000))),
    fixed("PackingSlipId", Ty::Str, Get::Slip(|s| Value::Str(&s.id))),
    fixed("SalesId", Ty::Str, Get::Slip(|s| Value::Str(&s.sales_id))),
    fixed("DeliveryDate", Ty::Time, Get::Slip(|s| Value::Time(s.date))),
    fixed("DocumentDate", Ty::Time, Get::Slip(|s| Value::Time(s.date))),
    fixed("inventLocationId", Ty::Str, Get::Slip(|s| Value::Str(s.warehouse))),
    fixed(
        "Qty",
        Ty::Dec,
        Get::Slip(|s| Value::Dec(s.lines.iter().map(|line| line.quantity).sum())),
    ),
    fixed("ShipCarrierId", Ty::Str, Get::Slip(|s| Value::Str(&s.carrier))),
    fixed("CreatedOn", Ty::Time, Get::Slip(|s| Value::Time(s.created))),
    fixed("SourceKey", Ty::Int64, Get::Slip(|s| Value::Int(s.rec_id))),
    fixed("SysRecVersion", Ty::Int32, Get::Fixed(Value::Int(1))),
    fixed("DeliveryName", Ty::Str, Get::Slip(|s| Value::Str(&s.delivery_name))),
    fixed("DlvMode", Ty::Str, Get::Slip(|s| Value::Str(&s.mode))),
    fixed("OrderAccount", Ty::Str, Get::Slip(|s| Value::Str(&s.account))),
    fixed("InvoiceAccount", Ty::Str, Get::Slip(|s| Value::Str(&s.account))),
    fixed("SalesType", Ty::Enum(&enums::SALES_TYPE), Get::Fixed(Value::Enum("Sales"))),
    fixed("SysDataAreaId", Ty::Str, Get::Slip(|s| Value::Str(s.company))),
    fixed("InternalPackingSlipId", Ty::Str, Get::Slip(|s| Value::Str(&s.id))),
    fixed("LedgerVoucher", Ty::Str, EMPTY),
    fixed("CustomerRef", Ty::Str, EMPTY),
    fixed("BillOfLadingId", Ty::Str, EMPTY),
];

/// Properties of `CustPackingSlipTransBiEntities`.
pub(crate) static SLIP_TRANS: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::SlipLine(|s, _| Value::Str(s.company))),
    fixed("SourceDocumentLine", Ty::Int64, Get::SlipLine(|_, l| Value::Int(l.rec_id + 40_000_000))),
    fixed("PackingSlipId", Ty::Str, Get::SlipLine(|s, _| Value::Str(&s.id))),
    fixed("SalesId", Ty::Str, Get::SlipLine(|s, _| Value::Str(&s.sales_id))),
    fixed("OrigSalesId", Ty::Str, Get::SlipLine(|s, _| Value::Str(&s.sales_id))),
    fixed("InventTransId", Ty::Str, Get::SlipLine(|_, l| Value::Str(&l.lot))),
    fixed("ItemId", Ty::Str, Get::SlipLine(|_, l| Value::Str(l.item))),
    fixed("Qty", Ty::Dec, Get::SlipLine(|_, l| Value::Dec(l.quantity))),
    fixed("Ordered", Ty::Dec, Get::SlipLine(|_, l| Value::Dec(l.ordered))),
    fixed("Remain", Ty::Dec, Get::SlipLine(|_, l| Value::Dec(l.remain))),
    fixed("SalesUnit", Ty::Str, Get::SlipLine(|_, l| Value::Str(l.unit))),
    fixed("inventQty", Ty::Dec, Get::SlipLine(|_, l| Value::Dec(l.quantity * l.factor))),
    fixed("CreatedOn", Ty::Time, Get::SlipLine(|s, _| Value::Time(s.created))),
    fixed("DeliveryDate", Ty::Time, Get::SlipLine(|s, _| Value::Time(s.date))),
    fixed("LineNum", Ty::Dec, Get::SlipLine(|_, l| Value::Dec(Decimal::from(l.seq)))),
    fixed("Name", Ty::Str, Get::SlipLine(|_, l| Value::Str(&l.text))),
    fixed("SourceKey", Ty::Int64, Get::SlipLine(|_, l| Value::Int(l.rec_id))),
    fixed("SysRecVersion", Ty::Int32, Get::Fixed(Value::Int(1))),
    fixed("SysDataAreaId", Ty::Str, Get::SlipLine(|s, _| Value::Str(s.company))),
    fixed("StockedProduct", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("Yes"))),
    fixed("DeliveryType", Ty::Enum(&enums::TRADE_LINE_DLV_TYPE), Get::Fixed(Value::Enum("None"))),
];

/// Properties of `PackingSlipTrackingInformation`.
pub(crate) static TRACKING: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Tracking(|t| Value::Str(t.company))),
    initial("SalesOrderNumber", Ty::Str, Get::Tracking(|t| Value::Str(&t.sales_id))),
    initial("PackingSlipNumber", Ty::Str, Get::Tracking(|t| Value::Str(&t.slip))),
    initial("DeliveryDate", Ty::Time, Get::Tracking(|t| Value::Time(t.date))),
    initial("TrackingNumber", Ty::Str, Get::Tracking(|t| Value::Str(&t.number))),
    open("TrackingURL", Ty::Str, Get::Tracking(|t| Value::Str(&t.url))),
];

/// Properties of `SalesOrderHeaderDocumentAttachmentsV2`.
pub(crate) static NOTES: &[Property] = &[
    initial("dataAreaId", Ty::Str, Get::Note(|n| Value::Str(n.company))),
    initial("DocumentId", Ty::Guid, Get::Note(|n| Value::Guid(n.id))),
    initial("SalesOrderNumber", Ty::Str, Get::Note(|n| Value::Str(&n.sales_id))),
    open(
        "AccessRestriction",
        Ty::Enum(&enums::DOCU_RESTRICTION),
        Get::Note(|n| Value::Enum(n.restriction)),
    ),
    fixed("Attachment", Ty::Binary, EMPTY),
    open("AttachmentDescription", Ty::Str, Get::Note(|n| Value::Str(&n.description))),
    initial("DocumentAttachmentTypeCode", Ty::Str, Get::Note(|n| Value::Str(&n.kind))),
    open("FileName", Ty::Str, Get::Note(|n| Value::Str(&n.file_name))),
    open("FileType", Ty::Str, Get::Note(|n| Value::Str(&n.file_type))),
    fixed("IsDefaultAttachment", Ty::Enum(&enums::NO_YES), Get::Fixed(Value::Enum("No"))),
    open("Notes", Ty::Str, Get::Note(|n| Value::Str(&n.text))),
];
