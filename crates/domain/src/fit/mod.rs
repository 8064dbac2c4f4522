//! Would this work for us? From what both live systems show to a go or no-go, with an ordered list of fixes. Pure: the
//! reads are made by `engine::survey`.
//!
//! There is no second rule set. What an order or a product would become is said by the planners that run in service
//! ([`plan_order`](crate::flows::plan_order), [`plan_product`](crate::flows::products::plan_product)), what a shelf would
//! show by [`inventory::compare`](crate::flows::inventory::compare). Here their answers are sorted by cause.
//!
//! Not to be taken for `engine::fit`, which says whether settings can be used at all; its sentences are facts here.

mod budget;
mod duplicates;
mod facts;
mod fate;
mod kinds;
mod mapping;
mod orders;
mod products;
mod requests;
mod stock;

pub use budget::{CallRow, Calls, SHIPBOB_PER_DAY};
pub use facts::{Facts, Limit, Shelves, Unread};
pub use fate::{Fate, OrderLook};
pub use kinds::{KINDS, Kind, Weight};
pub use products::{skus_asked, skus_coming};
pub use stock::ShelfLook;

use crate::settings::Settings;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer eligible orders than this share going by themselves is a no-go: so many would wait for people that nothing is won.
const LEAST_PERCENT: usize = 90;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing is in the way.
    Go,
    /// It can go live; what is listed waits for a person until it is mended.
    GoWithHolds,
    /// It must not go live as it is.
    NoGo,
}

impl Answer {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::GoWithHolds => "Go, with holds",
            Self::NoGo => "No-go",
        }
    }
}

/// One thing with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Order number, SKU, mode, … by the kind; never a name or an address.
    pub key: String,
    /// What is wrong there, in one sentence.
    pub what: String,
    /// Orders it concerns, where the key is none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub orders: BTreeSet<String>,
}

/// Everything with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name, such as `postcode-missing`: the cause of the hold where there is one.
    pub id: String,
    /// How much it weighs.
    pub weight: Weight,
    /// What it is, in a few words.
    pub title: String,
    /// What to do.
    pub fix: String,
    /// What to write into the configuration, where that can be said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<String>,
    /// Where.
    pub places: Vec<Place>,
}

impl Finding {
    /// Orders it concerns.
    pub fn orders(&self) -> usize {
        self.places.iter().flat_map(|p| &p.orders).collect::<BTreeSet<_>>().len()
    }
}

/// One line of the list of fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Id of the finding.
    pub id: String,
    /// How much it weighs.
    pub weight: Weight,
    /// What it is, in a few words.
    pub title: String,
    /// What to do.
    pub fix: String,
    /// In how many places.
    pub places: usize,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When it was made.
    pub at: Timestamp,
    /// How far back orders were looked at, in days.
    pub days: i64,
    /// Go or not.
    pub answer: Answer,
    /// Why, in one sentence.
    pub sentence: String,
    /// What to do, in this order.
    pub fixes: Vec<Fix>,
    /// What was found, in the order of the fixes, then what is only to be known.
    pub findings: Vec<Finding>,
    /// Orders that are to be shipped, and what each would become.
    pub orders: Vec<OrderLook>,
    /// Orders that are not, by reason.
    pub other_orders: BTreeMap<String, usize>,
    /// Products looked at.
    pub products: usize,
    /// Shelves that differ.
    pub shelves: Vec<ShelfLook>,
    /// Shelves compared.
    pub shelves_compared: usize,
    /// ShipBob orders of all channels looked at for duplicates.
    pub shipbob_orders: usize,
    /// Expected calls.
    pub calls: Calls,
    /// What was not looked at, or not all of it.
    pub limits: Vec<Limit>,
}

impl Report {
    /// Orders of one fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.orders.iter().filter(|o| o.fate == fate).count()
    }

    /// The finding of that id.
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.findings.iter().find(|f| f.id == id)
    }
}

/// Collects places by cause.
#[derive(Default)]
struct Book {
    found: BTreeMap<String, Entry>,
}

#[derive(Default)]
struct Entry {
    /// Weighs less than its kind, for a reason the place names.
    light: bool,
    title: String,
    fix: String,
    write: BTreeSet<String>,
    places: BTreeMap<String, Place>,
}

impl Book {
    /// A place of a kind of the table.
    fn put(&mut self, id: &str, key: &str, what: String) -> &mut Place {
        self.of(id).places.entry(key.to_owned()).or_insert_with(|| Place {
            key: key.to_owned(),
            what,
            orders: BTreeSet::new(),
        })
    }

    fn of(&mut self, id: &str) -> &mut Entry {
        self.found.entry(id.to_owned()).or_default()
    }

    /// The words of a planner, for causes the table does not know.
    fn words(&mut self, id: &str, title: &str, fix: &str) {
        let entry = self.of(id);
        if entry.title.is_empty() {
            title.clone_into(&mut entry.title);
            fix.clone_into(&mut entry.fix);
        }
    }

    fn write(&mut self, id: &str, line: String) {
        self.of(id).write.insert(line);
    }

    /// What is in the way of an order besides its holds stands with it, too.
    fn name_causes(&self, orders: &mut [OrderLook]) {
        for id in ["duplicate-number", "duplicate-recipient", "before-cut-off"] {
            let Some(entry) = self.found.get(id) else { continue };
            for order in orders.iter_mut().filter(|o| entry.places.contains_key(&o.number)) {
                order.causes.insert(id.to_owned());
            }
        }
    }

    fn findings(self) -> Vec<Finding> {
        let with_places = self.found.into_iter().filter(|(_, e)| !e.places.is_empty());
        let mut all: Vec<Finding> = with_places.map(|(id, entry)| finding(id, entry)).collect();
        let size = |f: &Finding| f.orders().max(f.places.len());
        all.sort_by(|a, b| (a.weight, size(b), &a.id).cmp(&(b.weight, size(a), &b.id)));
        all
    }
}

fn finding(id: String, entry: Entry) -> Finding {
    let kind = KINDS.iter().find(|k| k.id == id);
    let weight = match kind.map_or(Weight::Waits, |k| k.weight) {
        Weight::Blocks if entry.light => Weight::Waits,
        other => other,
    };
    Finding {
        weight,
        title: kind.map_or(entry.title, |k| k.title.to_owned()),
        fix: kind.map_or(entry.fix, |k| k.fix.to_owned()),
        write: entry.write.into_iter().collect(),
        places: entry.places.into_values().collect(),
        id,
    }
}

/// Judges everything. Total: whatever was read has an answer.
pub fn judge(facts: &Facts, settings: &Settings) -> Report {
    let mut book = Book::default();
    for one in &facts.misfits {
        book.put("settings-misfit", one, one.clone());
    }
    for one in &facts.unread {
        book.put("not-read", &one.what, one.why.clone());
    }
    if settings.cut_off.is_none() {
        let what = "connection.cut_off is not set: nothing would be sent.".to_owned();
        book.put("cut-off-missing", "connection.cut_off", what);
    }
    let products = products::look(&mut book, facts, settings);
    let mut orders = orders::look(&mut book, facts, settings);
    duplicates::look(&mut book, facts, settings, &orders.wishes);
    mapping::look(&mut book, facts, settings, &orders.seen);
    book.name_causes(&mut orders.looks);
    let shelves = stock::look(&mut book, facts, settings);
    let calls = budget::look(&mut book, facts, settings, &orders, products.read);
    let findings = book.findings();
    let (answer, sentence) = answer(&findings, &orders.looks, facts);
    Report {
        at: facts.now,
        days: facts.days,
        answer,
        sentence,
        fixes: fixes(&findings),
        findings,
        other_orders: orders.others,
        orders: orders.looks,
        products: products.read,
        shelves_compared: shelves.compared,
        shelves: shelves.differ,
        shipbob_orders: facts.warehouse.len(),
        calls,
        limits: facts.limits.clone(),
    }
}

fn fixes(findings: &[Finding]) -> Vec<Fix> {
    let to_do = findings.iter().filter(|f| f.weight != Weight::Note);
    let fix = |f: &Finding| Fix {
        id: f.id.clone(),
        weight: f.weight,
        title: f.title.clone(),
        fix: f.fix.clone(),
        places: f.places.len(),
    };
    to_do.map(fix).collect()
}

fn answer(findings: &[Finding], orders: &[OrderLook], facts: &Facts) -> (Answer, String) {
    let of = |weight| findings.iter().filter(|f| f.weight == weight).count();
    let (blocks, waits) = (of(Weight::Blocks), of(Weight::Waits));
    let count = |fate: Fate| orders.iter().filter(|o| o.fate == fate).count();
    // What a person decides about is nothing that data could mend.
    let persons = count(Fate::Person);
    let all = orders.len() - persons - count(Fate::NotJudged);
    let go = all - count(Fate::Held);
    let days = facts.days;
    let asked = format!("a person is to decide about {persons} request(s)");
    let orders = match (all, persons) {
        (0, 0) => format!("no order of the last {days} days is to be shipped by ShipBob"),
        (0, _) => format!("{asked}, and nothing else is to be shipped"),
        (_, 0) => format!("{go} of {all} order(s) of the last {days} days would go by themselves"),
        _ => format!(
            "{go} of {all} order(s) of the last {days} days would go by themselves, and {asked}"
        ),
    };
    if blocks > 0 {
        return (
            Answer::NoGo,
            format!("No-go: {blocks} thing(s) to mend before anything is sent; {orders}."),
        );
    }
    if go * 100 < all * LEAST_PERCENT {
        let why = format!("No-go: {orders}, fewer than {LEAST_PERCENT} %.");
        return (Answer::NoGo, why);
    }
    if waits > 0 {
        let why = format!("Go, with holds: {orders}; {waits} cause(s) wait for a person.");
        return (Answer::GoWithHolds, why);
    }
    (Answer::Go, format!("Go: {orders}, and nothing is in the way."))
}
