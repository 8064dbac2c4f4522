//! Fates: what the warehouse (or the clerk) will do to one order. Decided by seed and order, never by time.

use serde::Serialize;

use super::chance::Chance;

/// What becomes of one sales order once it reaches ShipBob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// One shipment, on time, delivered.
    Plain,
    /// Two shipments, the second a day later.
    Split,
    /// Leaves another centre than asked.
    ElsewhereCentre,
    /// Two shipments at the same moment from the same centre.
    TwoParcels,
    /// Half of the first line is never shipped.
    ShortNeverRest,
    /// The first line with enough quantity is short by a little (10 of 12).
    TenOfTwelve,
    /// Exception `OutOfStock`, later resolved.
    OutOfStockResolved,
    /// Exception `OutOfStock` for ever.
    OutOfStockStays,
    /// On hold for an invalid address, later resolved in the dashboard.
    InvalidAddressResolved,
    /// On hold for ever.
    OnHoldStays,
    /// Cancelled in the ShipBob dashboard, with webhook.
    DashboardCancelled,
    /// Cancelled in the ShipBob dashboard, without webhook.
    DashboardCancelledSilently,
    /// Carrier exception, then delivered.
    DeliveryException,
    /// Carrier exception, goods go back.
    ReturnedToSender,
    /// Label without number; the number comes hours later.
    TrackingLate,
    /// The number is replaced after it was read (acknowledged, or three days later).
    TrackingChanged,
    /// Lost by the carrier and shipped again as a new shipment.
    Reshipped,
    /// The invoice amount comes hours after the label, before delivery.
    InvoiceLate,
    /// The invoice amount never comes.
    InvoiceNever,
    /// Bulk-cleared by the warehouse.
    CleanSweeped,
    /// Carries a status detail nobody has documented.
    UnknownDetail,
    /// The clerk cancels in F&O and the warehouse does not pick until it is cancelled at ShipBob.
    CancelEarly,
    /// The clerk cancels in F&O only after ShipBob has picked.
    CancelLate,
    /// The clerk cancels in F&O around the time of picking: either way is right, never both.
    CancelRace,
    /// The clerk changes the order in F&O and the warehouse does not pick before it was told.
    EditEarly,
    /// The clerk changes the order in F&O only after ShipBob has picked.
    EditLate,
    /// The clerk changes the order in F&O around the time of picking: the change is in, or a person is
    /// told, never both.
    EditRace,
}

/// Fates that only go with a category that says what is changed.
pub(crate) const EDITS: [Fate; 3] = [Fate::EditEarly, Fate::EditLate, Fate::EditRace];

/// Weights of fates among orders beyond the forced prefix.
const WEIGHTS: &[(u32, Fate)] = &[
    (700, Fate::Plain),
    (25, Fate::Split),
    (15, Fate::ElsewhereCentre),
    (20, Fate::TwoParcels),
    (12, Fate::ShortNeverRest),
    (12, Fate::TenOfTwelve),
    (20, Fate::OutOfStockResolved),
    (8, Fate::OutOfStockStays),
    (15, Fate::InvalidAddressResolved),
    (8, Fate::OnHoldStays),
    (12, Fate::DashboardCancelled),
    (8, Fate::DashboardCancelledSilently),
    (15, Fate::DeliveryException),
    (10, Fate::ReturnedToSender),
    (15, Fate::TrackingLate),
    (12, Fate::TrackingChanged),
    (10, Fate::Reshipped),
    (20, Fate::InvoiceLate),
    (10, Fate::InvoiceNever),
    (5, Fate::CleanSweeped),
    (10, Fate::UnknownDetail),
    (15, Fate::CancelEarly),
    (12, Fate::CancelLate),
    (11, Fate::CancelRace),
];

impl Fate {
    /// Every fate there is.
    pub fn all() -> impl Iterator<Item = Fate> {
        WEIGHTS.iter().map(|(_, fate)| *fate).chain(EDITS)
    }

    /// The fate of the `nth` (0-based) order that may have any fate. Every third of the first ones is dealt
    /// from the list, so that every fate occurs within the first `3 * 24`; the rest is weighted chance.
    pub(crate) fn for_eligible(chance: Chance, nth: usize, order_number: &str) -> Fate {
        if nth.is_multiple_of(3)
            && let Some((_, fate)) = WEIGHTS.get(nth / 3)
        {
            return *fate;
        }
        chance.weighted("fate", order_number, WEIGHTS).copied().unwrap_or(Fate::Plain)
    }

    /// The outcome may differ between two right runs.
    #[must_use]
    pub fn is_racing(self) -> bool {
        matches!(self, Fate::CancelRace | Fate::EditRace)
    }
}
