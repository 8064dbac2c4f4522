//! Settings: what is in force, what was, and an editor that checks, shows what would change, and
//! asks the owner. Works without script.

use super::act::return_to_settings;
use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::access::Person;
use crate::markup::{self, Markup};
use crate::model::{PreviewFacts, SettingsFacts, VersionFacts};
use crate::state::{App, Inner};
use crate::tone::Tone;
use askama::Template;
use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::settings_change::{Asked, Complaint, Line, WHY_LIMIT, Wish};
use serde::Deserialize;

/// Longest form: a document at its limit, every character escaped, and a little more.
pub(crate) const FORM_LIMIT: usize = 4 * 1024 * 1024;

/// The room.
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    c: Chrome,
    facts: SettingsFacts,
}

/// One version.
#[derive(Template)]
#[template(path = "settings_version.html")]
struct VersionPage {
    c: Chrome,
    facts: VersionFacts,
}

/// The editor, with what was found.
#[derive(Template)]
#[template(path = "settings_edit.html")]
struct EditPage {
    c: Chrome,
    /// The version in force when the person began.
    based_on: i64,
    document: String,
    why: String,
    complaints: Vec<Complaint>,
    preview: Option<PreviewFacts>,
    /// It was checked and nothing was found.
    good: bool,
}

/// The class of a line of a difference.
pub(crate) fn sign_class(line: &Line) -> &'static str {
    match line.sign {
        '+' => "more",
        '-' => "less",
        _ => "same",
    }
}

impl SettingsPage {
    fn origin(&self, origin: &str) -> Markup {
        match origin {
            "file" => markup::pill(Tone::Plain, "file"),
            _ => markup::pill(Tone::Ok, "person"),
        }
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let facts = app.given.settings.facts().await?;
    let c = visit.chrome("settings").await?;
    Ok(draw(&SettingsPage { c, facts }))
}

pub(crate) async fn version(
    State(app): State<App>,
    visit: Visit,
    Path(version): Path<i64>,
) -> Result<Response, PageError> {
    let Some(facts) = app.given.settings.version(version).await? else {
        return Ok(super::not_found().await);
    };
    let c = visit.chrome("settings").await?;
    Ok(draw(&VersionPage { c, facts }))
}

#[derive(Deserialize)]
pub(crate) struct From {
    /// An older version whose document is the beginning.
    from: Option<i64>,
    /// What was refused last is the beginning.
    refused: Option<String>,
}

pub(crate) async fn edit(
    State(app): State<App>,
    visit: Visit,
    Query(from): Query<From>,
) -> Result<Response, PageError> {
    let desk = &app.given.settings;
    let facts = desk.facts().await?;
    let refused = facts.outcomes.first().and_then(|one| one.document.clone());
    let document = match (from.from, from.refused) {
        (Some(version), _) => desk.version(version).await?.and_then(|one| one.document),
        (None, Some(_)) => refused,
        (None, None) => None,
    };
    let document = document.or(facts.document).unwrap_or_default();
    let c = visit.chrome("settings").await?;
    Ok(draw(&EditPage {
        c,
        based_on: facts.version,
        document,
        why: String::new(),
        complaints: Vec::new(),
        preview: None,
        good: false,
    }))
}

#[derive(Deserialize)]
pub(crate) struct Edited {
    csrf: String,
    key: String,
    based_on: i64,
    document: String,
    #[serde(default)]
    why: String,
}

pub(crate) async fn act(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    visit: Visit,
    Path(verb): Path<String>,
    Form(form): Form<Edited>,
) -> Result<Response, PageError> {
    if form.csrf != person.form_token {
        return Err(PageError::BadForm("This form is out of date"));
    }
    let desk = &app.given.settings;
    let mut complaints = desk.check(&form.document);
    let mut preview = None;
    match verb.as_str() {
        "check" => {}
        "preview" if complaints.is_empty() => match desk.preview(&form.document).await {
            Ok(found) => preview = Some(found),
            Err(found) => complaints = found,
        },
        "preview" => {}
        "apply" if complaints.is_empty() => match reason(&form.why) {
            Ok(why) => {
                let text = form.document.replace("\r\n", "\n");
                let wish = Wish::Document { text };
                let asked = asked(&app, &person, &form.key, form.based_on, why, wish)?;
                desk.ask(asked).await?;
                return Ok(return_to_settings().into_response());
            }
            Err(why) => complaints.push(Complaint::whole(why)),
        },
        "apply" => {}
        _ => return Err(PageError::BadForm("There is no such action")),
    }
    let good = complaints.is_empty() && preview.is_none();
    let c = visit.chrome("settings").await?;
    let Edited { based_on, document, why, .. } = form;
    Ok(draw(&EditPage { c, based_on, document, why, complaints, preview, good }))
}

#[derive(Deserialize)]
pub(crate) struct Back {
    csrf: String,
    key: String,
    based_on: i64,
    #[serde(default)]
    why: String,
}

/// The document of an older version becomes the next one.
pub(crate) async fn back(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(version): Path<i64>,
    Form(form): Form<Back>,
) -> Result<Response, PageError> {
    if form.csrf != person.form_token {
        return Err(PageError::BadForm("This form is out of date"));
    }
    let why = reason(&form.why).map_err(PageError::BadForm)?;
    let wish = Wish::Back { version };
    let asked = asked(&app, &person, &form.key, form.based_on, why, wish)?;
    app.given.settings.ask(asked).await?;
    Ok(return_to_settings().into_response())
}

/// A reason as it may stand in the trail.
pub(crate) fn reason(why: &str) -> Result<String, &'static str> {
    let why = why.trim();
    if why.is_empty() {
        return Err("A reason is needed: it stays in the trail");
    }
    if why.chars().count() > WHY_LIMIT {
        return Err("The reason may have 500 characters");
    }
    Ok(why.to_owned())
}

/// A wish as the owner takes it.
pub(crate) fn asked(
    app: &Inner,
    person: &Person,
    key: &str,
    based_on: i64,
    why: String,
    wish: Wish,
) -> Result<Asked, PageError> {
    let id: String = key.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    if id.len() < 8 {
        return Err(PageError::BadForm("This form is out of date"));
    }
    Ok(Asked { who: person.name.clone(), why, at: app.now(), id, based_on, wish })
}

/// The version in force as a file for another installation.
pub(crate) async fn export(State(app): State<App>) -> Result<Response, PageError> {
    use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
    match app.given.settings.export().await {
        Ok(file) => {
            let kind = (CONTENT_TYPE, "application/toml; charset=utf-8");
            let name = (CONTENT_DISPOSITION, "attachment; filename=\"settings.toml\"");
            Ok(([kind, name], file).into_response())
        }
        Err(found) => {
            let words: Vec<String> = found.iter().map(ToString::to_string).collect();
            tracing::warn!(why = words.join("; "), "settings.not_exported");
            Err(PageError::BadForm("The version in force cannot be exported; the log says why"))
        }
    }
}
