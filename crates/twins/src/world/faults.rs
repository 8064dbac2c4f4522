//! Disturbances: which request is disturbed, and how. Shared by both twins through `front`.
//!
//! Decided by (seed, request counter), so they depend on the order of requests; the projection must not.
//! At most 4 disturbances in a row per endpoint, so that progress is always possible.

use std::collections::BTreeMap;

use super::calendar::SECOND;
use super::chance::Chance;
use super::config::FaultLevel;
use super::ledger::System;

/// Disturbances in a row that one endpoint may suffer.
const MAX_RUN: u32 = 4;

/// Longest an effect may appear after the reply, list lag included: 60 s at ShipBob, 180 s at F&O.
const MAX_LAG: i64 = 20 * SECOND;
const MAX_LATE_SHIPBOB: i64 = 40 * SECOND;
const MAX_LATE_DYNAMICS: i64 = 160 * SECOND;

/// What is done to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429, with or without a time; no effect.
    Throttle {
        /// Seconds to wait as the vendor says it; `None` = no header.
        seconds: Option<u32>,
    },
    /// A server error; no effect.
    Failure {
        status: u16,
        /// HTML instead of JSON.
        html: bool,
    },
    /// The effect happens; the body ends in the middle.
    CutBody,
    /// The effect happens; the reply is lost.
    LoseReply,
    /// No effect now; 504 (or a lost reply) now, the effect `micros` later.
    Late {
        micros: i64,
        /// The connection breaks instead of a 504.
        abort: bool,
    },
    /// Lists answer as they were `micros` ago.
    Lag { micros: i64 },
    /// 401 although the token is right.
    Unauthorized,
}

impl Fault {
    /// The word in the ledger's counters.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Throttle { .. } => "throttled",
            Fault::Failure { .. } => "failed",
            Fault::CutBody => "body cut",
            Fault::LoseReply => "reply lost",
            Fault::Late { .. } => "late",
            Fault::Lag { .. } => "list lag",
            Fault::Unauthorized => "unauthorized",
        }
    }
}

/// What is done to one webhook message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookFault {
    /// Never sent.
    Lose,
    /// Sent twice, with the same `webhook-id`.
    Duplicate,
    /// First sent this much later; later messages overtake it.
    Delay { micros: i64 },
}

/// Selects requests for a scripted fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestMatcher {
    pub system: System,
    /// Contained in the endpoint's name as the ledger counts it (`POST order`); empty = any.
    pub endpoint: String,
    /// Contained in path, query or body; empty = any.
    pub content: String,
}

impl RequestMatcher {
    /// Requests to endpoints of `system` whose name contains `endpoint`.
    #[must_use]
    pub fn endpoint(system: System, endpoint: &str) -> Self {
        Self { system, endpoint: endpoint.to_owned(), content: String::new() }
    }

    fn selects(&self, look: &Look<'_>) -> bool {
        self.system == look.system
            && look.endpoint.contains(&self.endpoint)
            && (self.content.is_empty()
                || look.target.contains(&self.content)
                || contains(look.body, self.content.as_bytes()))
    }
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len().max(1)).any(|window| window == part)
}

/// Faults at exactly named requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan {
    /// (which requests, the how-manieth of them counted from 1, what).
    pub requests: Vec<(RequestMatcher, u32, Fault)>,
    /// (topic, the how-manieth message of it counted from 1, what).
    pub webhooks: Vec<(String, u32, WebhookFault)>,
}

impl FaultPlan {
    /// Injects each fault exactly once: at the `nth` request (from 1) its matcher selects.
    #[must_use]
    pub fn scripted(requests: Vec<(RequestMatcher, u32, Fault)>) -> Self {
        Self { requests, webhooks: Vec::new() }
    }
}

/// A request as the desk sees it.
pub(crate) struct Look<'a> {
    pub(crate) system: System,
    pub(crate) endpoint: &'a str,
    pub(crate) is_write: bool,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
}

/// Decides about every request and every webhook message.
pub(crate) struct FaultDesk {
    level: FaultLevel,
    requests: u64,
    runs: BTreeMap<(System, String), u32>,
    matched: Vec<u32>,
    topics: BTreeMap<String, u32>,
}

#[derive(Clone, Copy)]
enum Kind {
    ThrottleTimed,
    ThrottleBare,
    FailJson,
    FailHtml,
    Cut,
    Lose,
    Late,
    Lag,
    Unauthorized,
}

const READ_KINDS: &[(u32, Kind)] = &[
    (3, Kind::ThrottleTimed),
    (1, Kind::ThrottleBare),
    (2, Kind::FailJson),
    (2, Kind::FailHtml),
    (2, Kind::Cut),
    (1, Kind::Lose),
    (4, Kind::Lag),
    (1, Kind::Unauthorized),
];

const WRITE_KINDS: &[(u32, Kind)] = &[
    (3, Kind::ThrottleTimed),
    (1, Kind::ThrottleBare),
    (2, Kind::FailJson),
    (2, Kind::FailHtml),
    (2, Kind::Cut),
    (3, Kind::Lose),
    (3, Kind::Late),
    (1, Kind::Unauthorized),
];

impl FaultDesk {
    pub(crate) fn new(level: FaultLevel) -> Self {
        let mut desk = Self {
            level: FaultLevel::None,
            requests: 0,
            runs: BTreeMap::new(),
            matched: Vec::new(),
            topics: BTreeMap::new(),
        };
        desk.set(level);
        desk
    }

    /// Changes the level from the next request on.
    pub(crate) fn set(&mut self, level: FaultLevel) {
        if let FaultLevel::Custom(plan) = &level {
            self.matched = vec![0; plan.requests.len()];
            self.topics.clear();
        }
        self.level = level;
    }

    pub(crate) fn level(&self) -> &'static str {
        self.level.name()
    }

    /// The disturbance of this request, if any.
    pub(crate) fn decide(&mut self, chance: Chance, look: &Look<'_>) -> Option<Fault> {
        self.requests += 1;
        let per_mille = match &self.level {
            FaultLevel::None => return None,
            FaultLevel::Custom(plan) => return scripted(plan, &mut self.matched, look),
            FaultLevel::Light => 30,
            FaultLevel::Heavy => 150,
        };
        let key = self.requests.to_string();
        let run = self.runs.entry((look.system, look.endpoint.to_owned())).or_default();
        if !chance.per_mille("disturb", &key, per_mille) || *run >= MAX_RUN {
            *run = 0;
            return None;
        }
        *run += 1;
        Some(choose(chance, &key, look))
    }

    /// The disturbance of the first sending of a webhook message. `key` is its business key.
    pub(crate) fn webhook(
        &mut self,
        chance: Chance,
        topic: &str,
        key: &str,
    ) -> Option<WebhookFault> {
        let per_mille = match &self.level {
            FaultLevel::None => return None,
            FaultLevel::Custom(plan) => {
                let seen = self.topics.entry(topic.to_owned()).or_default();
                *seen += 1;
                let hit = plan.webhooks.iter().find(|(of, nth, _)| of == topic && nth == seen);
                return hit.map(|(_, _, fault)| *fault);
            }
            FaultLevel::Light => 30,
            FaultLevel::Heavy => 150,
        };
        if !chance.per_mille("webhook fault", key, per_mille) {
            return None;
        }
        Some(match chance.below("webhook fault kind", key, 4) {
            0 => WebhookFault::Lose,
            1 => WebhookFault::Duplicate,
            _ => WebhookFault::Delay {
                micros: chance.between("webhook delay", key, SECOND, 1_800 * SECOND),
            },
        })
    }
}

fn scripted(plan: &FaultPlan, matched: &mut [u32], look: &Look<'_>) -> Option<Fault> {
    let mut found = None;
    for ((matcher, nth, fault), seen) in plan.requests.iter().zip(matched.iter_mut()) {
        if matcher.selects(look) {
            *seen += 1;
            if *seen == *nth && found.is_none() {
                found = Some(*fault);
            }
        }
    }
    found
}

fn choose(chance: Chance, key: &str, look: &Look<'_>) -> Fault {
    let kinds = if look.is_write { WRITE_KINDS } else { READ_KINDS };
    let kind = chance.weighted("fault", key, kinds).copied().unwrap_or(Kind::FailHtml);
    let status = *chance.choose("fault status", key, &[500, 502, 503, 504]).unwrap_or(&503);
    match kind {
        Kind::ThrottleTimed => {
            let seconds = chance.between("fault wait", key, 1, 30);
            Fault::Throttle { seconds: u32::try_from(seconds).ok() }
        }
        Kind::ThrottleBare => Fault::Throttle { seconds: None },
        Kind::FailJson => Fault::Failure { status, html: false },
        Kind::FailHtml => Fault::Failure { status, html: true },
        Kind::Cut => Fault::CutBody,
        Kind::Lose => Fault::LoseReply,
        Kind::Lag => Fault::Lag { micros: chance.between("fault lag", key, SECOND, MAX_LAG) },
        // Nothing is known of tokens that are granted after the answer.
        Kind::Late if look.system == System::ShipBobAuth => {
            Fault::Failure { status: 504, html: true }
        }
        Kind::Late => {
            let most = match look.system {
                System::ShipBob => MAX_LATE_SHIPBOB,
                System::Dynamics | System::Entra | System::ShipBobAuth => MAX_LATE_DYNAMICS,
            };
            Fault::Late {
                micros: chance.between("fault late", key, 0, most),
                abort: chance.per_mille("fault abort", key, 500),
            }
        }
        // A ShipBob token never expires: there it would be a lie.
        Kind::Unauthorized if look.system == System::Dynamics => Fault::Unauthorized,
        Kind::Unauthorized => Fault::Failure { status: 503, html: true },
    }
}
