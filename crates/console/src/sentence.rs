//! The first sentence of the overview: one true sentence, made from facts alone. The worst truth
//! wins; good news is only said when every order that should be there is there.

use crate::clock::{Clock, count, span_words};
use crate::command::flow_word;
use crate::model::{ConnectionFacts, OverviewFacts, PauseLine, Waiting};
use crate::status::{EngineSnapshot, SystemSnapshot, TroubleKind};
use crate::tone::Tone;
use domain::time::Span;
use serde::Serialize;

/// The sentence and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// For people.
    pub text: String,
    /// How bad it is.
    pub tone: Tone,
}

fn say(tone: Tone, text: String) -> Sentence {
    Sentence { text, tone }
}

/// Waiting no longer than this is the normal way of things.
const NORMAL: Span = Span::minutes(15);

/// Says how things stand.
pub(crate) fn sentence(
    connection: &ConnectionFacts,
    facts: &OverviewFacts,
    engine: &EngineSnapshot,
    clock: &Clock,
) -> Sentence {
    let trouble = [("ShipBob", &engine.shipbob), ("Dynamics", &engine.dynamics)];
    let wait = wait_words(facts);
    if let Some(refused) =
        trouble.iter().find_map(|(name, system)| credentials(name, system, clock))
    {
        return say(Tone::Failed, format!("{refused}; {wait}"));
    }
    if engine.owner.is_none() {
        return say(
            Tone::Failed,
            format!("Nothing is being worked on: no node owns this connection; {wait}"),
        );
    }
    if connection.paused {
        let by = connection.pauses.iter().find(|pause| pause.flow.is_none());
        let by = by.map(|pause| stopped_by(pause, clock)).unwrap_or_default();
        return say(Tone::Attention, format!("This connection is paused{by}; {wait}"));
    }
    if let Some(down) = trouble.iter().find_map(|(name, system)| unreachable(name, system, clock)) {
        return say(Tone::Attention, format!("{down}; {wait}"));
    }
    if connection.cut_off.is_none() {
        return say(
            Tone::Attention,
            "Nothing is sent to ShipBob yet: no cut-off has been set.".to_owned(),
        );
    }
    if let Some(text) = flow_paused(connection, facts, clock) {
        return say(Tone::Attention, text);
    }
    flowing(facts, clock)
}

/// The flows people stopped, and what waits for them.
fn flow_paused(
    connection: &ConnectionFacts,
    facts: &OverviewFacts,
    clock: &Clock,
) -> Option<String> {
    let stopped: Vec<_> =
        connection.pauses.iter().filter_map(|pause| Some((pause.flow?, pause))).collect();
    let told: Vec<String> = stopped
        .iter()
        .map(|(flow, pause)| format!("{}{}", flow_word(*flow), stopped_by(pause, clock)))
        .collect();
    let waiting: i64 = stopped.iter().map(|(flow, _)| facts.to_write(*flow)).sum();
    let waits = match waiting {
        0 if stopped.iter().any(|(flow, _)| facts.waits_besides(*flow)) => {
            "no write waits for it".to_owned()
        }
        0 => "nothing waits for it".to_owned(),
        1 => "1 write waits, nothing is lost".to_owned(),
        n => format!("{} wait, nothing is lost", count(n, "write")),
    };
    match told.as_slice() {
        [] => None,
        [one] => Some(format!("The flow {one} is paused; {waits}.")),
        many => Some(format!("The flows {} are paused; {waits}.", many.join(" and "))),
    }
}

/// ` (by Mara since 08:12: stocktaking)`.
fn stopped_by(pause: &PauseLine, clock: &Clock) -> String {
    if pause.who.is_empty() {
        return String::new();
    }
    let why = pause.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!(" (by {} since {}{why})", pause.who, clock.short(pause.since))
}

fn flowing(facts: &OverviewFacts, clock: &Clock) -> Sentence {
    if facts.to_shipbob.count > 0 {
        return late(&facts.to_shipbob, "released", "not in ShipBob yet", clock);
    }
    if facts.to_dynamics.count > 0 {
        return late(&facts.to_dynamics, "shipped", "not written back to Dynamics yet", clock);
    }
    if facts.held.count > 0 {
        let who = if facts.held.count == 1 { "waits" } else { "wait" };
        // Products, requests and journals are held, too.
        let orders = facts.needs.iter().all(|need| need.what() == "order");
        let what = if orders { "order" } else { "record" };
        return say(
            Tone::Attention,
            format!(
                "Everything has arrived except {} that {who} for a person.",
                count(facts.held.count, what)
            ),
        );
    }
    if !facts.seen_any {
        return say(Tone::Plain, "No released order has been seen yet.".to_owned());
    }
    say(Tone::Ok, "Everything released has arrived.".to_owned())
}

fn late(waiting: &Waiting, what: &str, where_to: &str, clock: &Clock) -> Sentence {
    let age = waiting.oldest.map_or(Span(0), |oldest| clock.now.since(oldest.0));
    let tone = if age > NORMAL { Tone::Attention } else { Tone::Wait };
    let text = if waiting.count == 1 {
        format!("1 {what} order is {where_to}; it has waited for {}.", span_words(age))
    } else {
        format!(
            "{} {what} orders are {where_to}, the oldest for {}.",
            crate::clock::grouped(waiting.count),
            span_words(age)
        )
    };
    say(tone, text)
}

fn credentials(name: &str, system: &SystemSnapshot, clock: &Clock) -> Option<String> {
    let trouble = system.trouble.as_ref()?;
    let since = clock.short(trouble.since);
    match trouble.kind {
        TroubleKind::Credentials => Some(format!("{name} refuses our credentials since {since}")),
        TroubleKind::Reconnect => {
            Some(format!("{name} must be connected by a person since {since}"))
        }
        _ => None,
    }
}

fn unreachable(name: &str, system: &SystemSnapshot, clock: &Clock) -> Option<String> {
    let trouble = system.trouble.as_ref()?;
    let what = match trouble.kind {
        TroubleKind::Unreachable => "has not answered properly",
        TroubleKind::Throttled if clock.now.since(trouble.since.0) > NORMAL => "asks us to wait",
        TroubleKind::Other => "is in trouble",
        TroubleKind::Throttled | TroubleKind::Credentials | TroubleKind::Reconnect => {
            return None;
        }
    };
    Some(format!("{name} {what} since {}", clock.short(trouble.since)))
}

fn wait_words(facts: &OverviewFacts) -> String {
    let waiting = facts.to_shipbob.count + facts.to_dynamics.count;
    match waiting {
        0 => "no order waits for it.".to_owned(),
        1 => "1 order waits, nothing is lost.".to_owned(),
        n => format!("{} wait, nothing is lost.", count(n, "order")),
    }
}
