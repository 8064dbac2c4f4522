//! Charges on sales orders in F&O; the cost line of the note stands with fulfilment.

use super::{Field, PACKAGE, row};

pub(super) const BILLING: &[Field] = &[
    row(PACKAGE, "SALESORDERNUMBER", "Order.reference_id", "read back from our reference", &[]),
    row(
        PACKAGE,
        "CHARGELINENUMBER",
        "we reserve it",
        "one of `first_line` … `last_line`, kept for good; with the order its key",
        &["charge-range-full", "charge-line-taken"],
    ),
    row(
        PACKAGE,
        "SALESCHARGECODE",
        "Transaction.transaction_fee",
        "by `codes`, else `code`; it must post *LedgerAccount* on both sides",
        &["charge-code-unmapped", "charge-code-unfit"],
    ),
    row(PACKAGE, "CHARGECATEGORY", "we say `Fixed`", "–", &[]),
    row(
        PACKAGE,
        "FIXEDCHARGEAMOUNT",
        "Transaction.amount",
        "the net sum of the shipment and code; nothing is rounded",
        &["charge-decimals", "charge-negative"],
    ),
    row(
        PACKAGE,
        "CHARGEACCOUNTINGCURRENCYCODE",
        "Transaction.currency_code",
        "must be `currency` of the settings",
        &["charge-currency", "charge-order-currency"],
    ),
    row(
        PACKAGE,
        "CHARGEDESCRIPTION",
        "Shipment.id",
        "by `description`: names the shipment, it is found again by it",
        &[],
    ),
    row(PACKAGE, "SALESTAXGROUPCODE", "–", "left empty", &[]),
    row(PACKAGE, "SALESTAXITEMGROUPCODE", "–", "left empty", &[]),
    row(PACKAGE, "WILLINVOICEPROCESSINGKEEPCHARGE", "`keep` of the settings", "`Yes` or `No`", &[]),
];
