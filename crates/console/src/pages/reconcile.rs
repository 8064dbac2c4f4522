//! Days held against each other: the list, one day with its equations, and its certificate.

use super::act::return_to_page;
use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::access::Person;
use crate::markup::{self, Markup};
use crate::model::{At, Days};
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use domain::reconcile::{Asked, Certificate, Equation, Grade, Sealed};
use serde::Deserialize;

/// The list.
#[derive(Template)]
#[template(path = "reconcile.html")]
pub(crate) struct DaysPage {
    pub(crate) c: Chrome,
    pub(crate) days: Days,
    pub(crate) yesterday: String,
}

impl DaysPage {
    fn pill(&self, clean: &bool, wrong: &usize) -> Markup {
        match (clean, wrong) {
            (true, _) => markup::pill(Tone::Ok, "Agrees"),
            (false, 0) => markup::pill(Tone::Wait, "Incomplete"),
            (false, _) => markup::pill(Tone::Attention, "Needs a look"),
        }
    }
}

/// One day.
#[derive(Template)]
#[template(path = "reconciled.html")]
pub(crate) struct DayPage {
    pub(crate) c: Chrome,
    pub(crate) day: String,
    pub(crate) sealed: Option<Sealed>,
}

impl DayPage {
    fn pill(&self, grade: &Grade) -> Markup {
        let (tone, word) = match grade {
            Grade::Wrong => (Tone::Attention, "Needs a look"),
            Grade::Held => (Tone::Attention, "Held"),
            Grade::Waits => (Tone::Wait, "On its way"),
            Grade::Explained => (Tone::Ok, "Explained"),
        };
        markup::pill(tone, word)
    }

    fn title(&self, equation: &Equation) -> &'static str {
        match equation.name.as_str() {
            "orders" => "Orders: released = accepted",
            "notes" => "Parcels: labelled = noted",
            "slips" => "Goods: shipped = on packing slips",
            "tracking" => "Tracking numbers on packing slips",
            "stock" => "Stock: ShipBob = Dynamics",
            _ => "Charges = invoice",
        }
    }

    fn when(&self, at: &domain::time::Timestamp) -> Markup {
        self.c.when(&At(*at))
    }

    fn order_path(&self, order: &str) -> String {
        format!("/orders/{}", markup::encoded(order))
    }

    /// A SKU of the stock equation has a page of its own.
    fn sku_path(&self, equation: &Equation, key: &str) -> Option<String> {
        let (sku, _) = key.split_once(" in centre ")?;
        (equation.name == "stock").then(|| markup::stock_path(sku))
    }

    fn number(&self, n: &rust_decimal::Decimal) -> String {
        n.normalize().to_string()
    }

    fn signed(&self, n: impl std::borrow::Borrow<rust_decimal::Decimal>) -> String {
        let n = n.borrow();
        match n.is_zero() {
            true => "0".to_owned(),
            false if n.is_sign_negative() => format!("−{}", n.abs().normalize()),
            false => format!("+{}", n.normalize()),
        }
    }

    fn wrong(&self, certificate: &Certificate) -> bool {
        !certificate.clean()
    }
}

pub(crate) async fn list(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let now = app.now();
    let days = app.given.books.reconciled(now).await?;
    let yesterday = (now - domain::time::Span::days(1)).date();
    let c = visit.chrome("reconcile").await?;
    Ok(draw(&DaysPage { c, days, yesterday }))
}

pub(crate) async fn day(
    State(app): State<App>,
    visit: Visit,
    Path(day): Path<String>,
) -> Result<Response, PageError> {
    let day = given(&day)?;
    let sealed = app.given.books.certificate(&day).await?;
    let c = visit.chrome("reconcile").await?;
    Ok(draw(&DayPage { c, day, sealed }))
}

/// The certificate as a file: `2026-11-24.json` or `2026-11-24.txt`.
pub(crate) async fn file(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let no = PageError::BadForm("A certificate is called like 2026-11-24.json or 2026-11-24.txt");
    let Some((day, kind)) = name.rsplit_once('.') else { return Err(no) };
    let day = given(day)?;
    let Some(sealed) = app.given.books.certificate(&day).await? else {
        return Err(PageError::BadForm("That day was not reconciled yet"));
    };
    let (body, of) = match kind {
        "json" => (serde_json::to_string_pretty(&sealed).unwrap_or_default(), "application/json"),
        "txt" => (sealed.certificate.text(), "text/plain; charset=utf-8"),
        _ => return Err(no),
    };
    let told = format!("attachment; filename=\"reconcile-{day}.{kind}\"");
    Ok(([(CONTENT_TYPE, of.to_owned()), (CONTENT_DISPOSITION, told)], body).into_response())
}

/// The form that asks for a day.
#[derive(Deserialize)]
pub(crate) struct Form1 {
    csrf: String,
    key: String,
    back: Option<String>,
    day: String,
}

pub(crate) async fn ask(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Form(form): Form<Form1>,
) -> Result<Redirect, PageError> {
    if form.csrf != person.form_token {
        return Err(PageError::BadForm("This form is out of date"));
    }
    let day = given(&form.day)?;
    let asked = asked(&person, day, &form.key);
    app.given.books.ask_day(asked, app.now()).await?;
    Ok(return_to_page(form.back.as_deref(), "reconcile"))
}

/// What is kept of the wish of a person.
pub(crate) fn asked(person: &Person, day: String, request_id: &str) -> Asked {
    let request_id: String =
        request_id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    Asked { who: person.name.clone(), why: String::new(), day, request_id }
}

/// A day as it is written, or a word on how to write one.
pub(crate) fn given(text: &str) -> Result<String, PageError> {
    let date: jiff::civil::Date =
        text.trim().parse().map_err(|_| PageError::BadForm("A day is written like 2026-11-24"))?;
    Ok(date.to_string())
}
