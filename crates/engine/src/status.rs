//! What the engine knows of itself: for the overview's one true sentence and the health page.

use domain::ids::CentreId;
use domain::operation::System;
use domain::time::Timestamp;
use std::collections::BTreeSet;

/// How one remote has been answering.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteStatus {
    /// Last reply of a shape we know.
    pub last_good: Option<Timestamp>,
    /// Refuses our credentials since then.
    pub refused_since: Option<Timestamp>,
    /// Does not answer since then.
    pub away_since: Option<Timestamp>,
    /// The last trouble in words, without secrets and personal data.
    pub trouble: Option<String>,
    /// A person must connect (again): since when, and why.
    pub reconnect: Option<(Timestamp, String)>,
    /// Next poll.
    pub next_poll: Option<Timestamp>,
}

/// The engine's own view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// F&O.
    pub dynamics: RemoteStatus,
    /// ShipBob.
    pub shipbob: RemoteStatus,
    /// The database does not answer since then.
    pub store_away_since: Option<Timestamp>,
    /// This process owns the cell.
    pub owner: bool,
    /// Settings that cannot be used; nothing is sent until they are mended.
    pub setting_problems: Vec<String>,
    /// Mapped centres that are not active: orders and stock of their warehouses wait.
    pub closed_centres: BTreeSet<CentreId>,
}

impl Status {
    /// The part of one system.
    pub fn remote(&mut self, system: System) -> &mut RemoteStatus {
        match system {
            System::Dynamics => &mut self.dynamics,
            System::ShipBob => &mut self.shipbob,
        }
    }
}

impl RemoteStatus {
    /// A reply of a known shape arrived.
    pub(crate) fn good(&mut self, now: Timestamp) {
        self.last_good = Some(now);
        self.refused_since = None;
        self.away_since = None;
        self.trouble = None;
    }

    pub(crate) fn refused(&mut self, now: Timestamp, why: &str) {
        self.refused_since.get_or_insert(now);
        self.trouble = Some(why.to_owned());
    }

    pub(crate) fn away(&mut self, now: Timestamp, why: &str) {
        self.away_since.get_or_insert(now);
        self.trouble = Some(why.to_owned());
    }
}
