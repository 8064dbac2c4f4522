//! The four meanings a colour may have, and which state has which.

use crate::model::OrderState;
use domain::plan::DeliveryState;
use serde::Serialize;

/// Meaning of a colour; an icon or word always stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// No meaning.
    Plain,
    /// Has arrived.
    Ok,
    /// Under way; nobody need act.
    Wait,
    /// A person should act.
    Attention,
    /// Does not work until a person acts.
    Failed,
}

impl Tone {
    /// CSS class and icon name.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Ok => "ok",
            Self::Wait => "wait",
            Self::Attention => "attention",
            Self::Failed => "failed",
        }
    }

    /// Icon name.
    pub fn icon(self) -> &'static str {
        self.class()
    }

    /// Tone of an order's state.
    pub fn of_state(state: OrderState) -> Self {
        match state {
            OrderState::Held => Self::Attention,
            OrderState::Waiting | OrderState::InShipBob | OrderState::Shipped => Self::Wait,
            OrderState::WrittenBack | OrderState::Delivered => Self::Ok,
            OrderState::NotReleased
            | OrderState::Skipped
            | OrderState::NotForUs
            | OrderState::Cancelled => Self::Plain,
        }
    }

    /// Tone of a write's state.
    pub fn of_delivery(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Done => Self::Ok,
            DeliveryState::Ready | DeliveryState::InFlight | DeliveryState::InDoubt => Self::Wait,
            DeliveryState::Held => Self::Attention,
            DeliveryState::Refused => Self::Failed,
            DeliveryState::Withdrawn | DeliveryState::Superseded => Self::Plain,
        }
    }
}
