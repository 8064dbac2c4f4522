//! Pages for a file or a printer: one document with its style inside, no script, nothing from elsewhere.

use crate::markup::{self, Markup};
use crate::tone::Tone;
use askama::Template;
use domain::fit::{Answer, Fate, Finding, OrderLook, Place, Report, SHIPBOB_PER_DAY, Weight};
use std::borrow::Borrow;
use std::collections::BTreeSet;

/// Places listed for one finding, orders for one place; the JSON has all of them.
const PLACES: usize = 40;
const ORDERS: usize = 12;
/// Orders and shelves listed.
const ROWS: usize = 400;

/// The fit report.
#[derive(Template)]
#[template(path = "fit.html")]
struct FitPage<'a> {
    report: &'a Report,
    /// Name of the connection.
    name: &'a str,
    style: Markup,
    print: Markup,
    mark: Markup,
}

/// The fit report of a connection as one HTML document.
///
/// # Errors
/// The template cannot be drawn.
pub fn fit_page(report: &Report, name: &str) -> Result<String, std::fmt::Error> {
    let page = FitPage {
        report,
        name,
        style: Markup::raw(include_str!("../assets/console.css")),
        print: Markup::raw(include_str!("../assets/printed.css")),
        mark: Markup::raw(include_str!("../assets/mark.svg")),
    };
    page.render().map_err(|_| std::fmt::Error)
}

impl FitPage<'_> {
    fn tone(&self) -> Tone {
        match self.report.answer {
            Answer::Go => Tone::Ok,
            Answer::GoWithHolds => Tone::Attention,
            Answer::NoGo => Tone::Failed,
        }
    }

    /// The sentence without the answer, which stands above it.
    fn why(&self) -> &str {
        let sentence = self.report.sentence.as_str();
        sentence.split_once(": ").map_or(sentence, |(_, why)| why)
    }

    fn icon(&self) -> Markup {
        markup::icon(self.tone().icon())
    }

    fn weight(&self, weight: &Weight) -> Markup {
        match weight {
            Weight::Blocks => markup::pill(Tone::Failed, "Blocks"),
            Weight::Waits => markup::pill(Tone::Attention, "Waits"),
            Weight::Note => markup::pill(Tone::Plain, "Note"),
        }
    }

    fn fate(&self, order: &OrderLook) -> Markup {
        let tone = match order.fate {
            Fate::Sent if order.causes.is_empty() => Tone::Ok,
            Fate::Sent => Tone::Attention,
            Fate::WaitsForSku | Fate::AtShipbob => Tone::Wait,
            Fate::Held | Fate::Person => Tone::Attention,
            Fate::NotJudged => Tone::Plain,
        };
        markup::pill(tone, order.fate.words())
    }

    fn fates(&self) -> Vec<(&'static str, usize)> {
        let counted = Fate::ALL.into_iter().map(|fate| (fate.words(), self.report.count(fate)));
        counted.filter(|(_, n)| *n > 0).collect()
    }

    fn places<'f>(&self, finding: &'f Finding) -> &'f [Place] {
        finding.places.get(..PLACES).unwrap_or(&finding.places)
    }

    fn more_places(&self, finding: &Finding) -> usize {
        finding.places.len().saturating_sub(PLACES)
    }

    fn orders_of(&self, place: &Place) -> String {
        let shown: Vec<&str> = place.orders.iter().take(ORDERS).map(String::as_str).collect();
        let more = place.orders.len().saturating_sub(ORDERS);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{rest}", shown.join(", "))
    }

    fn causes(&self, causes: &BTreeSet<String>) -> String {
        causes.iter().cloned().collect::<Vec<_>>().join(", ")
    }

    /// What does not go by itself first: of many orders only some are listed.
    fn orders(&self) -> Vec<&OrderLook> {
        let mut all: Vec<&OrderLook> = self.report.orders.iter().collect();
        all.sort_by_key(|o| o.fate == Fate::Sent && o.causes.is_empty());
        all.truncate(ROWS);
        all
    }

    fn more_orders(&self) -> usize {
        self.report.orders.len().saturating_sub(ROWS)
    }

    fn shelves(&self) -> &[domain::fit::ShelfLook] {
        self.report.shelves.get(..ROWS).unwrap_or(&self.report.shelves)
    }

    fn more_shelves(&self) -> usize {
        self.report.shelves.len().saturating_sub(ROWS)
    }

    fn count(&self, n: impl Borrow<usize>) -> String {
        crate::clock::grouped(i64::try_from(*n.borrow()).unwrap_or(i64::MAX))
    }

    fn calls(&self, system: &str) -> String {
        crate::clock::grouped(self.report.calls.per_day(system))
    }

    fn budget(&self) -> String {
        crate::clock::grouped(SHIPBOB_PER_DAY)
    }

    fn dynamics(&self, shelf: &domain::fit::ShelfLook) -> String {
        let Some(pieces) = shelf.dynamics.map(|n| n.normalize()) else { return "–".to_owned() };
        match i64::try_from(pieces) {
            Ok(whole) if pieces.is_integer() => crate::clock::grouped(whole),
            _ => pieces.to_string(),
        }
    }

    fn state<'s>(&self, shelf: &'s domain::fit::ShelfLook) -> &'s str {
        match shelf.state.as_str() {
            "variance" => "differs",
            "negative" => "less than nothing at ShipBob",
            "unit" => "unit without conversion",
            "not-at-shipbob" => "not kept at ShipBob",
            "not-in-dynamics" => "not in Dynamics",
            other => other,
        }
    }

    /// None where both cannot be told in pieces.
    fn difference(&self, shelf: &domain::fit::ShelfLook) -> String {
        match shelf.state.as_str() {
            "variance" | "negative" => format!("{:+}", shelf.difference),
            _ => "–".to_owned(),
        }
    }

    fn shipbob(&self, shelf: &domain::fit::ShelfLook) -> String {
        shelf.shipbob.map_or_else(|| "–".to_owned(), crate::clock::grouped)
    }
}
