//! Lists of ShipBob that no order needs – bills, returns – and that cannot be read now: they are left alone for a while.
//! Orders go on: a token without the right to read them, or a list that does not answer, is nobody else's trouble.

use crate::error::{EngineError, Result};
use crate::limits::LOOK_AGAIN;
use crate::parts::Engine;
use crate::troubles::Kind;
use domain::operation::{Flow, System};
use domain::time::{Span, Timestamp};
use shipbob::CallError;

/// A token that may not read a list is tried again after this.
const REFUSED_AGAIN: Span = Span::minutes(15);

/// A list that no order needs.
pub(crate) struct Aside {
    /// Whose run asks for it.
    pub(crate) flow: Flow,
    /// What the trail calls it.
    pub(crate) what: &'static str,
    /// What reading it needs.
    pub(crate) needs: &'static str,
}

impl Engine {
    /// When the list may be asked for again; the trouble is noted.
    pub(crate) fn rest_aside(&self, list: &Aside, error: CallError) -> Result<Timestamp> {
        let now = self.now();
        Ok(match error {
            CallError::Crashed => return Err(EngineError::Crashed),
            CallError::GateClosed { until } => until,
            CallError::Throttled { .. } => self.rest(System::ShipBob, error.into())?,
            CallError::NoAccess { why, .. } => {
                let why = format!("{why}. {}. Orders are not concerned", list.needs);
                tracing::warn!(list = list.what, why, "aside.no_access");
                self.troubled(Kind::NoAccess, list.what, &why);
                self.flow_failed(list.flow, &why);
                now + REFUSED_AGAIN
            }
            CallError::Unavailable { why }
            | CallError::Refused { why, .. }
            | CallError::Malformed { why } => {
                tracing::info!(list = list.what, why, "aside.away");
                self.troubled(Kind::Away, list.what, &why);
                self.flow_failed(list.flow, &format!("{} gave no usable answer: {why}", list.what));
                now + LOOK_AGAIN
            }
        })
    }
}
