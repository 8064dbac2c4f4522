//! What the probes of the doctor brought back, before anybody judged it.

use crate::ids::{CentreId, ChannelId};
use crate::reference_data::{ChannelInfo, WarehouseInfo};
use crate::settings::Profile;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How one call of a probe ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Access {
    /// It was not made, because an earlier one had failed.
    #[default]
    NotAsked,
    /// Answered in a shape we know.
    Good,
    /// 401 or 403.
    Denied {
        /// HTTP status.
        status: u16,
    },
    /// There is no such address, set or property.
    Absent {
        /// HTTP status.
        status: u16,
    },
    /// 429.
    Throttled,
    /// A server error in the remote's own words.
    Failed {
        /// HTTP status.
        status: u16,
    },
    /// Nobody answered in the remote's name.
    Away {
        /// The cause in words.
        why: String,
    },
    /// Our own limiter is closed; nothing was asked.
    OwnLimit,
}

/// What Entra answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TokenAnswer {
    /// Not asked.
    #[default]
    NotAsked,
    /// A token.
    Granted,
    /// Refused, with Entra's code (AADSTS…) where it names one.
    Denied {
        /// The number after AADSTS.
        code: Option<i64>,
        /// What is wrong and what to do.
        why: String,
    },
    /// 429.
    Throttled,
    /// No usable answer.
    Away {
        /// The cause in words.
        why: String,
    },
}

/// What the environment says of one of its entities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entity {
    /// Nothing can be written.
    pub read_only: Option<bool>,
    /// Properties by name.
    pub properties: BTreeMap<String, Property>,
    /// Names of its actions.
    pub actions: BTreeSet<String>,
}

/// One property of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Property {
    /// EDM type or enum, as told.
    pub kind: String,
    /// May be changed.
    pub edit: Option<bool>,
}

impl Entity {
    /// May this property be changed? `None` when the environment does not say.
    pub fn editable(&self, name: &str) -> Option<bool> {
        if self.read_only == Some(true) {
            return Some(false);
        }
        self.properties.get(name)?.edit
    }
}

/// Orders that were flagged for the packing-slip batch and that it has not taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchQueue {
    /// Their numbers, oldest first, not all of them.
    pub orders: Vec<String>,
    /// When the oldest last changed.
    pub oldest: Option<Timestamp>,
}

/// What was seen of the customer's own call, without making it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallFacts {
    /// How the question for its description ended.
    pub described: Access,
    /// The description names the operation; none = nothing was named that could be asked for.
    pub there: Option<bool>,
    /// The look-up, with values nothing has.
    pub look_up: Access,
}

/// What was seen of F&O.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DynamicsFacts {
    /// Entra.
    pub token: TokenAnswer,
    /// The first call after the token.
    pub door: Access,
    /// F&O's clock and ours at that moment.
    pub clock: Option<(Timestamp, Timestamp)>,
    /// One row of every set used.
    pub sets: BTreeMap<String, Access>,
    /// Legal entities shown, lower case.
    pub companies: Option<BTreeSet<String>>,
    /// Warehouses of the company.
    pub warehouses: Option<Vec<WarehouseInfo>>,
    /// Delivery modes.
    pub modes: Option<BTreeSet<String>>,
    /// Sales order pools.
    pub pools: Option<BTreeSet<String>>,
    /// Carrier and service.
    pub services: Option<BTreeSet<(String, String)>>,
    /// By set; none = the environment does not say.
    pub entities: BTreeMap<String, Option<Entity>>,
    /// What waits for the packing-slip batch.
    pub queue: Option<BatchQueue>,
    /// The customer's own call, where one is configured; it was not made.
    pub call: Option<CallFacts>,
    /// Filters of the settings that F&O refuses, in its words; none = it could not be asked.
    pub refused_filters: Option<Vec<(Profile, String)>>,
    /// Charge codes of the settings as F&O has them, where costs are written as charges.
    pub charge_codes: Option<Result<Vec<crate::charge::ChargeCode>, Access>>,
}

/// One webhook subscription of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it posts to.
    pub url: String,
    /// Topics.
    pub topics: BTreeSet<String>,
    /// ShipBob has not disabled it.
    pub enabled: bool,
    /// It carries the name we give ours.
    pub named: bool,
}

/// What was seen of ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShipBobFacts {
    /// By the scope we believe a call needs.
    pub scopes: BTreeMap<String, Access>,
    /// ShipBob's clock and ours at that moment.
    pub clock: Option<(Timestamp, Timestamp)>,
    /// Channels.
    pub channels: Option<Vec<ChannelInfo>>,
    /// Active centres.
    pub centres: Option<Vec<(CentreId, String)>>,
    /// Active centres nothing ships from for us, and what ShipBob says of them.
    pub closed_centres: BTreeMap<CentreId, &'static str>,
    /// Active shipping methods.
    pub methods: Option<BTreeSet<String>>,
    /// Subscriptions of the account.
    pub hooks: Option<Vec<Hook>>,
    /// Fewest remaining calls any answer named.
    pub remaining: Option<u32>,
}

/// How we get into ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Entrance {
    /// With a personal access token.
    #[default]
    Token,
    /// As an app, with a token it was given.
    App,
    /// As an app nobody has let in yet: there is no token.
    NotConnected,
    /// As an app that was let in, and must be let in again.
    Lost {
        /// What became of it, and what to do.
        why: String,
    },
}

/// What the configuration says, beside the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setup {
    /// Base URL of F&O.
    pub dynamics_url: String,
    /// Base URL of ShipBob.
    pub shipbob_url: String,
    /// Version segment of ShipBob's API.
    pub shipbob_version: String,
    /// How we get into ShipBob.
    pub entrance: Entrance,
    /// Where ShipBob reaches us; none = polls only.
    pub public_url: Option<String>,
    /// Topics we subscribe to.
    pub topics: Vec<String>,
    /// Findings that somebody accepted: they warn instead of failing.
    pub accepted: BTreeSet<String>,
}

/// Everything the doctor judges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// F&O.
    pub dynamics: DynamicsFacts,
    /// ShipBob.
    pub shipbob: ShipBobFacts,
    /// Configuration.
    pub setup: Setup,
}

impl ShipBobFacts {
    /// The channel of that id.
    pub fn channel(&self, id: ChannelId) -> Option<&ChannelInfo> {
        self.channels.as_ref()?.iter().find(|c| c.id == id)
    }
}
