//! The script of a shipment: which steps its fate makes it take, and how long each waits for the one before.
//!
//! Pure: a function of fate and keys. Conditioned steps (`AwaitCancel`, `AwaitAck`) wait long and unpaced; what
//! they wait for cuts them short, so their length never decides an outcome.

use std::collections::VecDeque;

use crate::world::calendar::{DAY, HOUR, MINUTE};
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::fate::Fate;

/// Something that happens to a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// ImportReview is over: allocated.
    Allocate,
    /// Allocated in two shipments; the second follows later or at once.
    Divide {
        later: bool,
    },
    /// Allocated at another centre than asked.
    MoveElsewhere,
    /// Moved to another centre of the network before the pick.
    Reroute,
    Except(Trouble),
    Hold(Trouble),
    /// Trouble is over.
    Clear,
    /// Waits for our cancel; reaching it means nobody cancelled.
    AwaitCancel,
    /// Waits for an update call or a cancel.
    AwaitEdit,
    Pick,
    /// Picked, with less than ordered.
    PickShort {
        little: bool,
    },
    Pack,
    /// Label and number.
    Label,
    /// Label without number.
    LabelBare,
    Number,
    Complete,
    Invoice,
    InTransit,
    OddDetail,
    DeliveryException,
    SendBack,
    /// Lost by the carrier; a new shipment follows.
    Reship,
    /// Waits for the acknowledgement of the number.
    AwaitAck,
    Renumber,
    OutForDelivery,
    Deliver,
    DashboardCancel {
        silent: bool,
    },
    Sweep,
}

/// Why a shipment is in Exception or OnHold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    OutOfStock,
    UnknownSku,
    InvalidAddress,
    PaymentDeclined,
    Manual,
    Packaging,
}

/// How long a conditioned step waits at most. Not paced.
const PATIENCE: i64 = DAY;

/// How long after its acknowledgement a number is replaced: long enough for everything that follows from the
/// first one (notes, slips) to be written. Not paced.
const AFTERWARDS: i64 = 2 * HOUR;

/// Draws the delays of one shipment.
#[derive(Clone, Copy)]
pub(super) struct Author<'a> {
    pub(super) chance: Chance,
    pub(super) config: &'a TwinConfig,
    /// `reference/ordinal`.
    pub(super) key: &'a str,
}

type Script = VecDeque<(i64, Step)>;

impl Author<'_> {
    fn delay(self, what: &str, low: i64, high: i64) -> i64 {
        self.config.paced(self.chance.between(what, self.key, low, high))
    }

    fn push(self, script: &mut Script, low: i64, high: i64, step: Step) {
        let what = format!("{step:?}");
        script.push_back((self.delay(&what, low, high), step));
    }

    /// The whole life of a first shipment.
    pub(super) fn whole(self, fate: Fate) -> Script {
        let mut script = Script::new();
        let allocate = match fate {
            Fate::Split => Step::Divide { later: true },
            Fate::TwoParcels => Step::Divide { later: false },
            Fate::ElsewhereCentre => Step::MoveElsewhere,
            _ => Step::Allocate,
        };
        self.push(&mut script, MINUTE, 5 * MINUTE, allocate);
        match fate {
            Fate::OutOfStockResolved | Fate::OutOfStockStays => {
                self.push(&mut script, 0, 10 * MINUTE, Step::Except(Trouble::OutOfStock));
            }
            Fate::InvalidAddressResolved => {
                self.push(&mut script, 0, 10 * MINUTE, Step::Hold(Trouble::InvalidAddress));
            }
            Fate::OnHoldStays => {
                let choices = [
                    Trouble::PaymentDeclined,
                    Trouble::Manual,
                    Trouble::Packaging,
                    Trouble::InvalidAddress,
                ];
                let trouble = self.chance.choose("hold", self.key, &choices);
                let step = Step::Hold(trouble.copied().unwrap_or(Trouble::Manual));
                self.push(&mut script, 0, 10 * MINUTE, step);
            }
            Fate::DashboardCancelled | Fate::DashboardCancelledSilently => {
                let silent = fate == Fate::DashboardCancelledSilently;
                self.push(&mut script, 10 * MINUTE, 30 * MINUTE, Step::DashboardCancel { silent });
                return script;
            }
            Fate::CleanSweeped => {
                self.push(&mut script, 2 * HOUR, 8 * HOUR, Step::Sweep);
                return script;
            }
            Fate::CancelEarly => script.push_back((PATIENCE, Step::AwaitCancel)),
            Fate::EditEarly => script.push_back((PATIENCE, Step::AwaitEdit)),
            _ => {}
        }
        match fate {
            Fate::OutOfStockStays | Fate::OnHoldStays => return script,
            Fate::OutOfStockResolved | Fate::InvalidAddressResolved => {
                self.push(&mut script, 2 * HOUR, 8 * HOUR, Step::Clear);
            }
            _ => {}
        }
        self.add_from_pick(fate, &mut script);
        script
    }

    /// The life from picking on: of second and later shipments, and after trouble is over.
    pub(super) fn add_from_pick(self, fate: Fate, script: &mut Script) {
        let pick = match fate {
            Fate::ShortNeverRest => Step::PickShort { little: false },
            Fate::TenOfTwelve => Step::PickShort { little: true },
            _ => Step::Pick,
        };
        self.push(script, 30 * MINUTE, 120 * MINUTE, pick);
        self.push(script, 5 * MINUTE, 20 * MINUTE, Step::Pack);
        let bare = fate == Fate::TrackingLate;
        let label = if bare { Step::LabelBare } else { Step::Label };
        self.push(script, 5 * MINUTE, 15 * MINUTE, label);
        self.push(script, 10 * MINUTE, 60 * MINUTE, Step::Complete);
        if !matches!(fate, Fate::InvoiceLate | Fate::InvoiceNever) {
            self.push(script, 5 * MINUTE, 30 * MINUTE, Step::Invoice);
        }
        if bare {
            self.push(script, 2 * HOUR, 6 * HOUR, Step::Number);
        }
        if fate == Fate::TrackingChanged {
            script.push_back((PATIENCE, Step::AwaitAck));
            script.push_back((AFTERWARDS, Step::Renumber));
        }
        self.push(script, 2 * HOUR, 12 * HOUR, Step::InTransit);
        self.add_carriage(fate, script);
    }

    fn add_carriage(self, fate: Fate, script: &mut Script) {
        match fate {
            Fate::InvoiceLate => self.push(script, 4 * HOUR, 10 * HOUR, Step::Invoice),
            Fate::UnknownDetail => self.push(script, 2 * HOUR, 6 * HOUR, Step::OddDetail),
            Fate::DeliveryException => {
                self.push(script, 12 * HOUR, 24 * HOUR, Step::DeliveryException);
            }
            Fate::ReturnedToSender => {
                self.push(script, 24 * HOUR, 48 * HOUR, Step::SendBack);
                return;
            }
            Fate::Reshipped => {
                self.push(script, 24 * HOUR, 48 * HOUR, Step::Reship);
                return;
            }
            _ => {}
        }
        self.push(script, 18 * HOUR, 48 * HOUR, Step::OutForDelivery);
        self.push(script, 2 * HOUR, 8 * HOUR, Step::Deliver);
    }
}

/// When picking is planned, counted from the start of the script.
pub(super) fn until_pick(script: &Script) -> i64 {
    let mut sum: i64 = 0;
    for (delay, step) in script {
        sum = sum.saturating_add(*delay);
        if matches!(step, Step::Pick | Step::PickShort { .. }) {
            break;
        }
    }
    sum
}
