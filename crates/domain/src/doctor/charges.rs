//! Lines about charges on orders: whether the codes of the settings exist, and whether one could bill the consumer.

use super::Book;
use super::facts::{Access, DynamicsFacts};
use crate::charge::{ChargeCode, Charges, unfit};
use crate::custom_call::ChargeCall;

pub(super) fn judge(
    book: &mut Book,
    facts: &DynamicsFacts,
    charges: &Charges,
    call: Option<&ChargeCall>,
) {
    let (id, about) = ("fo.charge-codes", "Charge codes");
    let Some(seen) = &facts.charge_codes else { return book.skip(id, about) };
    match seen {
        Ok(codes) => {
            let wrong: Vec<String> = charges
                .all_codes()
                .iter()
                .filter_map(|code| unfit(code, ChargeCode::of(codes, code)))
                .collect();
            if wrong.is_empty() {
                let all = charges.all_codes().join(", ");
                return book.pass(id, about, format!("{all} post to the ledger on both sides"));
            }
            book.fail(
                id,
                about,
                wrong.join(" "),
                "Give the charge code LedgerAccount on the debit and on the credit side, or name another one under \
                 [connection.billing.charges]: until then nothing is charged under it.",
            );
        }
        Err(Access::Denied { status }) => book.fail(
            id,
            about,
            format!("SalesCharge is denied ({status})"),
            "Let the user of the application read charge codes: without them nothing is charged.",
        ),
        Err(_) => book.skip(id, about),
    }
    if let Some(call) = call {
        let text = format!(
            "the user of the application may call {}, and it sets the whole amount of a charge (never adds to it); \
             nothing is called to find out.",
            call.path
        );
        return book.by_hand("fo.charge-call", "Call for charges", &text);
    }
    book.by_hand(
        "fo.data-project",
        "Data project for charges",
        "the user of the application may run imports (data management) of the project named in \
         [connection.billing.charges.package]; nothing is imported to find out.",
    );
}
