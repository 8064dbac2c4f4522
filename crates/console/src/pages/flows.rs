//! Flows as pages show them: a row for each that is on, a line for those that are off, and on the page of a flow how it
//! stands. What is not known is not said.

use super::chrome::{Chrome, Visit};
use super::error::PageError;
use crate::command::flow_word;
use crate::markup::{self, Markup};
use crate::model::{At, FlowFacts, Measure, PauseLine, Waiting};
use crate::state::App;
use crate::status::{EngineSnapshot, FlowSnapshot};
use domain::operation::Flow;

/// What is always the same about a flow.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    direction: &'static str,
    page: &'static str,
    /// Where the settings turn it on; none = it is always on.
    section: Option<&'static str>,
    /// What it needs besides.
    needs: &'static str,
}

/// Flows in the order of their rows.
const ORDER: [Flow; 6] =
    [Flow::Orders, Flow::Fulfilment, Flow::Products, Flow::Inventory, Flow::Billing, Flow::Returns];

const TO_SHIPBOB: &str = "Dynamics → ShipBob";
const TO_DYNAMICS: &str = "ShipBob → Dynamics";

pub(crate) fn known(flow: Flow) -> Known {
    let of =
        |name, direction, page, section, needs| Known { name, direction, page, section, needs };
    match flow {
        Flow::Orders => of("Orders", TO_SHIPBOB, "/orders", None, ""),
        Flow::Fulfilment => of("Fulfilment", TO_DYNAMICS, "/orders?state=shipped", None, ""),
        Flow::Products => {
            of("Products", TO_SHIPBOB, "/products", Some("[connection.products]"), "")
        }
        Flow::Inventory => {
            of("Inventory", TO_DYNAMICS, "/stock", Some("[connection.inventory]"), "")
        }
        Flow::Billing => {
            let needs = "The token needs the permission billing_read.";
            of("Billing", TO_DYNAMICS, "/finance", Some("[connection.billing]"), needs)
        }
        Flow::Returns => {
            let needs = "The token needs the permissions returns_read and receiving_read.";
            of("Returns", TO_DYNAMICS, "/returns", Some("[connection.returns]"), needs)
        }
    }
}

/// One flow that is on.
pub(crate) struct FlowRow {
    pub(crate) name: &'static str,
    pub(crate) word: &'static str,
    pub(crate) direction: &'static str,
    pub(crate) page: &'static str,
    pub(crate) to_write: Waiting,
    pub(crate) waits: Vec<Measure>,
    pub(crate) snapshot: FlowSnapshot,
    /// Who stopped it, or the whole connection.
    pub(crate) pause: Option<PauseLine>,
}

impl FlowRow {
    fn new(c: &Chrome, snapshot: FlowSnapshot, facts: &[FlowFacts]) -> Self {
        let flow = snapshot.flow;
        let Known { name, direction, page, .. } = known(flow);
        let found = facts.iter().find(|facts| facts.flow == flow);
        let pause = c.connection.stopped(flow).cloned();
        Self {
            name,
            word: flow_word(flow),
            direction,
            page,
            to_write: found.map(|facts| facts.to_write).unwrap_or_default(),
            waits: found.map(|facts| facts.waits.clone()).unwrap_or_default(),
            snapshot,
            pause,
        }
    }

    pub(crate) fn paused(&self) -> bool {
        self.snapshot.paused || self.pause.is_some()
    }

    /// A look would be made now: what a person stopped is not run, but orders are still read.
    pub(crate) fn may_run(&self) -> bool {
        !self.paused() || self.snapshot.next_run.is_some()
    }

    /// A person stopped the whole connection.
    pub(crate) fn all_stopped(&self) -> bool {
        self.pause.as_ref().is_some_and(|pause| pause.flow.is_none())
    }

    /// Who stopped it, since when and why.
    pub(crate) fn stopped(&self, c: &Chrome) -> Option<Markup> {
        let pause = self.pause.as_ref()?;
        let what = match pause.flow {
            Some(_) => "Paused",
            None => "The whole connection is paused",
        };
        let mut words = what.to_owned();
        if !pause.who.is_empty() {
            let (who, since) = (markup::escape(&pause.who), c.when(&pause.since));
            words.push_str(&format!(" by {who} since {since}"));
        }
        if let Some(why) = &pause.why {
            words.push_str(&format!(": {}", markup::escape(why)));
        }
        Some(Markup::built(words))
    }

    /// `now`, or in how long.
    pub(crate) fn next(&self, c: &Chrome) -> Option<Markup> {
        let at = self.snapshot.next_run?;
        Some(match at.0 <= c.clock.now {
            true => Markup::raw("now"),
            false => Markup::built(format!("in {}", c.until(&at))),
        })
    }
}

/// What the table of flows shows.
pub(crate) struct Flows {
    pub(crate) rows: Vec<FlowRow>,
    /// Names of those that are off, and the section that turns each on.
    pub(crate) off: Vec<(&'static str, &'static str)>,
}

impl Flows {
    pub(crate) fn new(c: &Chrome, facts: &[FlowFacts], engine: &EngineSnapshot) -> Self {
        let mut engine = engine.clone();
        engine.learn(facts);
        let of = |flow: Flow| engine.flows.iter().find(|on| on.flow == flow).cloned();
        let rows = ORDER.into_iter().filter_map(of).map(|on| FlowRow::new(c, on, facts)).collect();
        let off = ORDER.into_iter().filter(|flow| of(*flow).is_none());
        let off = off.filter_map(|flow| {
            let known = known(flow);
            Some((known.name, known.section?))
        });
        Self { rows, off: off.collect() }
    }
}

/// How the flow of a page stands.
pub(crate) struct FlowNow {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) needs: &'static str,
    /// None when it is off.
    pub(crate) on: Option<FlowRow>,
    /// It was gone through to its end at least once, on or off since.
    pub(crate) last_run: Option<At>,
}

impl FlowNow {
    /// Reads it.
    pub(crate) async fn read(app: &App, c: &Chrome, flow: Flow) -> Result<Self, PageError> {
        let facts = app.given.books.flows(app.now()).await?;
        let mut engine = app.given.status.snapshot();
        engine.learn(&facts);
        let found = engine.flows.iter().find(|on| on.flow == flow).cloned();
        let Known { name, section, needs, .. } = known(flow);
        Ok(Self {
            name,
            section: section.unwrap_or_default(),
            needs,
            on: found.map(|on| FlowRow::new(c, on, &facts)),
            last_run: facts.iter().find(|f| f.flow == flow).and_then(|f| f.last_run),
        })
    }

    /// It is on, and was gone through: a page with nothing on it means that there is nothing.
    pub(crate) fn was_read(&self) -> bool {
        self.on.is_some() && self.last_run.is_some()
    }
}

/// The frame of the page of a flow, and how the flow stands.
pub(crate) async fn visited(
    app: &App,
    visit: &Visit,
    room: &'static str,
    flow: Flow,
) -> Result<(Chrome, FlowNow), PageError> {
    let c = visit.chrome(room).await?;
    let now = FlowNow::read(app, &c, flow).await?;
    Ok((c, now))
}
