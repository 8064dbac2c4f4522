//! What ShipBob charged: invoices with their balance, what to claim, what finance books by hand.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::flows::{FlowNow, visited};
use crate::books::{FILED, SHOWN};
use crate::markup;
use crate::model::{ChargeLine, CostLine, FinanceFacts, InvoiceFacts, InvoiceLine};
use crate::state::App;
use crate::tone::Tone;
use crate::trail_csv::cell;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::operation::Flow;
use serde::Deserialize;

/// The page.
#[derive(Template)]
#[template(path = "finance.html")]
pub(crate) struct FinancePage {
    pub(crate) c: Chrome,
    pub(crate) facts: FinanceFacts,
    pub(crate) now: FlowNow,
}

impl FinancePage {
    pub(crate) fn pill(&self, invoice: &InvoiceLine) -> markup::Markup {
        pill(invoice)
    }

    /// There is nothing to list.
    pub(crate) fn empty(&self) -> bool {
        let facts = &self.facts;
        let costs = facts.findings.is_empty() && facts.closed.is_empty();
        facts.invoices.is_empty() && costs && facts.unmatched.is_empty()
    }

    pub(crate) fn unbalanced(&self) -> usize {
        self.facts.invoices.iter().filter(|i| i.balanced == Some(false)).count()
    }
}

/// One invoice.
#[derive(Template)]
#[template(path = "invoice.html")]
pub(crate) struct InvoicePage {
    pub(crate) c: Chrome,
    pub(crate) facts: InvoiceFacts,
}

impl InvoicePage {
    pub(crate) fn pill(&self) -> markup::Markup {
        pill(&self.facts.invoice)
    }
}

fn pill(invoice: &InvoiceLine) -> markup::Markup {
    match invoice.balanced {
        Some(true) => markup::pill(Tone::Ok, "Balances"),
        Some(false) => markup::pill(Tone::Attention, "Differs"),
        None => markup::pill(Tone::Plain, "Not added up yet"),
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let (mut c, now) = visited(&app, &visit, "finance", Flow::Billing).await?;
    c.live_on = "none".to_owned();
    let facts = app.given.books.finance(SHOWN, app.now()).await?;
    Ok(draw(&FinancePage { c, facts, now }))
}

pub(crate) async fn invoice(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let mut c = visit.chrome("finance").await?;
    c.live_on = "none".to_owned();
    match app.given.books.invoice(id).await? {
        Some(facts) => Ok(draw(&InvoicePage { c, facts })),
        None => Err(PageError::BadForm("ShipBob has named no such invoice to this connection")),
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    list: Option<String>,
    invoice: Option<i64>,
}

/// The lists as files.
pub(crate) async fn file(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let books = &app.given.books;
    let (name, csv) = if let Some(id) = asked.invoice {
        let charges = books.invoice(id).await?.map(|facts| facts.charges).unwrap_or_default();
        (format!("invoice-{id}.csv"), charges_csv(&charges))
    } else {
        let facts = books.finance(FILED, (app.given.now)()).await?;
        match asked.list.as_deref() {
            Some("closed") => ("finance-list.csv".to_owned(), costs_csv(&facts.closed)),
            Some("unmatched") => ("unmatched.csv".to_owned(), charges_csv(&facts.unmatched)),
            Some("invoices") => ("invoices.csv".to_owned(), invoices_csv(&facts.invoices)),
            _ => ("discrepancies.csv".to_owned(), costs_csv(&facts.findings)),
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, csv).into_response())
}

fn row<const N: usize>(csv: &mut String, cells: [String; N]) {
    csv.push_str(&cells.map(|value| cell(&value)).join(","));
    csv.push_str("\r\n");
}

fn costs_csv(costs: &[CostLine]) -> String {
    let mut csv =
        String::from("order,shipment,billed,told,findings,claim until,order is,charges\r\n");
    for one in costs {
        let until = one.claim_until.map(|at| at.0.date()).unwrap_or_default();
        let (told, closed) = (one.told.clone(), one.closed.clone());
        let shipment = one.shipment.to_string();
        let findings = one.findings.join("; ");
        row(
            &mut csv,
            [
                one.order.clone(),
                shipment,
                one.billed.clone(),
                told,
                findings,
                until,
                closed,
                one.charges.join("; "),
            ],
        );
    }
    csv
}

/// An amount is a number of our own: its minus sign makes no formula of it.
fn charges_csv(charges: &[ChargeLine]) -> String {
    let mut csv = String::from(
        "transaction,date,fee,kind,tied to,reference,order,invoice,currency,amount\r\n",
    );
    for one in charges {
        let cells = [
            one.id.clone(),
            one.date.clone(),
            one.fee.clone(),
            one.kind.clone(),
            one.tie.to_owned(),
            one.reference.clone(),
            one.order.clone().unwrap_or_default(),
            one.invoice.map(|id| id.to_string()).unwrap_or_default(),
            one.currency.clone(),
        ];
        csv.push_str(&cells.map(|value| cell(&value)).join(","));
        csv.push(',');
        csv.push_str(&one.amount);
        csv.push_str("\r\n");
    }
    csv
}

fn invoices_csv(invoices: &[InvoiceLine]) -> String {
    let mut csv =
        String::from("invoice,date,type,currency,transactions,balances,amount,sum,difference\r\n");
    for one in invoices {
        let balances = match one.balanced {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not added up yet",
        };
        let cells = [
            one.id.to_string(),
            one.date.clone(),
            one.kind.clone(),
            one.currency.clone(),
            one.lines.to_string(),
            balances.to_owned(),
        ];
        csv.push_str(&cells.map(|value| cell(&value)).join(","));
        csv.push_str(&format!(",{},{},{}\r\n", one.amount, one.sum, one.difference));
    }
    csv
}
