//! Charge codes and charges. Cells stand in the order of these tables.

use super::enums;
use crate::fo::meta::{Get, Property, fixed};
use crate::fo::value::Ty;

/// Properties of `SalesCharge`.
pub(crate) static CODES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("ChargeCode", Ty::Str, Get::Cell),
    fixed("ChargeDescription", Ty::Str, Get::Cell),
    fixed("DebitPostingMethod", Ty::Enum(&enums::MARKUP_TYPE), Get::Cell),
    fixed("CreditPostingMethod", Ty::Enum(&enums::MARKUP_TYPE), Get::Cell),
];

/// Properties of `MarkupTransBiEntities`.
pub(crate) static CHARGES: &[Property] = &[
    fixed("dataAreaId", Ty::Str, Get::Cell),
    fixed("TransRecId", Ty::Int64, Get::Cell),
    fixed("TransTableId", Ty::Int32, Get::Cell),
    fixed("LineNum", Ty::Dec, Get::Cell),
    fixed("MarkupCode", Ty::Str, Get::Cell),
    fixed("MarkupCategory", Ty::Enum(&enums::MARKUP_CATEGORY), Get::Cell),
    fixed("Value", Ty::Dec, Get::Cell),
    fixed("CurrencyCode", Ty::Str, Get::Cell),
    fixed("Txt", Ty::Str, Get::Cell),
    fixed("Keep", Ty::Enum(&enums::NO_YES), Get::Cell),
];
