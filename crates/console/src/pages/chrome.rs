//! What every room has around it: navigation, search, who is here, and the clock.

use super::error::PageError;
use crate::access::Person;
use crate::assets::Assets;
use crate::clock::Clock;
use crate::markup::Markup;
use crate::model::{At, ConnectionFacts};
use crate::state::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Chrome {
    pub(crate) clock: Clock,
    pub(crate) assets: Assets,
    pub(crate) theme: &'static str,
    pub(crate) room: &'static str,
    pub(crate) connection: ConnectionFacts,
    pub(crate) held: i64,
    pub(crate) person: String,
    pub(crate) csrf: String,
    /// New for every drawing: a form sent twice asks once.
    pub(crate) key: String,
    pub(crate) flash: Option<String>,
    pub(crate) version: String,
    /// Address of this page, for forms that come back to it.
    pub(crate) back: String,
    /// Order whose changes concern this page; empty = all.
    pub(crate) live_on: String,
    /// The connections this person may see (id, name, is it this one), where there are several.
    pub(crate) neighbours: Vec<(String, String, bool)>,
}

impl Chrome {
    /// For the navigation: is this the room we are in?
    pub(crate) fn here(&self, room: &str) -> Markup {
        Markup::raw(if self.room == room { " aria-current=\"page\"" } else { "" })
    }

    /// Address of this room in another connection.
    pub(crate) fn room_path(&self) -> &'static str {
        match self.room {
            "orders" => "/orders",
            "holds" => "/holds",
            "trail" => "/trail",
            "system" => "/system",
            "settings" => "/settings",
            _ => "/",
        }
    }

    pub(crate) fn when(&self, at: &At) -> Markup {
        self.clock.when(at)
    }

    pub(crate) fn hour(&self, at: &At) -> Markup {
        self.clock.hour(at)
    }

    pub(crate) fn maybe(&self, at: &Option<At>) -> Markup {
        self.clock.maybe(at)
    }

    pub(crate) fn ago(&self, at: &At) -> Markup {
        self.clock.ago(at)
    }

    pub(crate) fn until(&self, at: &At) -> Markup {
        self.clock.until(at)
    }

    /// The word on the button that changes the theme, and the theme it sets.
    pub(crate) fn next_theme(&self) -> (&'static str, &'static str) {
        match self.theme {
            "auto" => ("dark", "Theme: as the system. Change to dark"),
            "dark" => ("light", "Theme: dark. Change to light"),
            _ => ("auto", "Theme: light. Change to the system's"),
        }
    }
}

/// One request of a person for a page.
pub(crate) struct Visit {
    app: App,
    person: Person,
    theme: &'static str,
    flash: Option<String>,
    back: String,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Some(person) = parts.extensions.get::<Person>().cloned() else {
            return Err(Redirect::to("/login").into_response());
        };
        let query = parts.uri.query().unwrap_or_default();
        let kept: Vec<&str> =
            query.split('&').filter(|p| !p.is_empty() && !p.starts_with("done=")).collect();
        let path = parts.uri.path();
        let back =
            if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
        Ok(Self {
            app: App::clone(app),
            person,
            theme: theme(crate::guard::cookie(&parts.headers, "ml-theme").as_deref()),
            flash: query.split('&').find_map(|p| p.strip_prefix("done=")).and_then(flash),
            back,
        })
    }
}

/// Words that confirm what was just asked; only from our own list, never from the address.
fn flash(done: &str) -> Option<String> {
    if done == "connect" {
        return Some(
            "ShipBob let us in. The engine fetches its tokens; this page shows it when done."
                .to_owned(),
        );
    }
    if done == "reconcile" {
        return Some(
            "Asked for that day. The engine asks both systems; this page shows it when done."
                .to_owned(),
        );
    }
    if done == "settings" {
        return Some(
            "Asked for other settings. The owner holds them against both systems; this page shows what came of it."
                .to_owned(),
        );
    }
    let (verb, count) = done.split_once('-').map_or((done, None), |(count, verb)| {
        count.parse::<u32>().map_or((done, None), |n| (verb, Some(n)))
    });
    let verb = crate::command::Verb::parse(verb)?;
    let of = match count {
        None => String::new(),
        Some(1) => " for 1 order".to_owned(),
        Some(n) => format!(" for {n} orders"),
    };
    Some(format!("{}{of}. The engine carries it out; this page shows it when done.", verb.asked()))
}

/// The number alone, whether or not the product's name stands before it.
fn version(told: &str) -> String {
    told.trim_start_matches("ml-connector").trim_start_matches(['/', ' ']).to_owned()
}

/// The theme of a cookie.
pub(crate) fn theme(cookie: Option<&str>) -> &'static str {
    match cookie {
        Some("dark") => "dark",
        Some("light") => "light",
        _ => "auto",
    }
}

impl Visit {
    /// What this person may see.
    pub(crate) fn reach(&self) -> &crate::access::Reach {
        &self.person.reach
    }

    /// Reads what the frame shows.
    pub(crate) async fn chrome(&self, room: &'static str) -> Result<Chrome, PageError> {
        let books = &self.app.given.books;
        let (connection, held) = futures::try_join!(books.connection(), books.held())?;
        Ok(Chrome {
            clock: self.app.clock(),
            assets: Assets::addresses(),
            theme: self.theme,
            room,
            connection,
            held,
            person: self.person.name.clone(),
            csrf: self.person.form_token.clone(),
            key: self.app.random_hex().chars().take(24).collect(),
            flash: self.flash.clone(),
            version: version(&self.app.given.status.snapshot().version),
            back: self.back.clone(),
            live_on: String::new(),
            neighbours: crate::hall::neighbours(&self.app, &self.person.reach),
        })
    }
}
