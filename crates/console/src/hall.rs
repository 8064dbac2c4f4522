//! Several connections behind one door. Each has rooms of its own; the hall decides which rooms a
//! request is for: the address (`?connection=`), else the page it comes from, else the cookie, else
//! the first one the person may see. What a person may not see is not there.
//!
//! Forms carry a proof that is bound to their connection ([`crate::access`]): one drawn for another
//! connection changes nothing.

use crate::access::Reach;
use crate::guard;
use crate::pages::error::bare;
use crate::state::{App, ConsoleState, Entrance, Inner};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use tower::ServiceExt;

/// Name of the cookie and of the query parameter.
const PARAMETER: &str = "connection";
const COOKIE: &str = "ml-connection";
/// The header programs may use instead of the parameter.
const HEADER: &str = "x-connection";
/// Read of all connections: the same in every room.
const LIST: &str = "/api/v1/connections";
/// What has no connection, or finds it by itself.
const OPEN: [&str; 7] = [
    "/assets/",
    "/hooks/",
    "/events/",
    "/health",
    "/metrics",
    "/login",
    "/connect/shipbob/callback",
];
/// Pages whose address is completed, so that it can be kept, shared and read again.
const PAGES: [&str; 8] =
    ["/orders", "/holds", "/trail", "/search", "/system", "/doctor", "/products", "/stock"];

#[derive(Clone)]
struct Hall {
    rooms: Arc<[(App, Router)]>,
}

/// The console of an installation: as one router, whatever the number of connections.
pub fn hall(states: Vec<ConsoleState>) -> Router {
    let house: Arc<[ConsoleState]> = states.into();
    let entrance: Arc<Entrance> = Arc::default();
    let mut rooms: Vec<(App, Router)> = Vec::with_capacity(house.len());
    for state in house.iter() {
        let (house, entrance) = (Arc::clone(&house), Arc::clone(&entrance));
        let app = Arc::new(Inner::new(state.clone(), house, entrance));
        rooms.push((Arc::clone(&app), crate::rooms(app)));
    }
    match rooms.len() {
        0 => Router::new(),
        1 => rooms.pop().map(|(_, router)| router).unwrap_or_default(),
        _ => Router::new().fallback(enter).with_state(Hall { rooms: rooms.into() }),
    }
}

async fn enter(State(hall): State<Hall>, request: Request) -> Response {
    let Some((first, lobby)) = hall.rooms.first() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = request.uri().path();
    if OPEN.iter().any(|open| path.starts_with(open)) || path == "/api/openapi.json" {
        return into(lobby, request).await;
    }
    let program = guard::bearer(request.headers()).map(str::to_owned);
    let reach = match &program {
        // A wrong token is told, and counted, at the door of the lobby.
        Some(token) => first.given.access.opens(token),
        None => guard::reach(first, request.headers()),
    };
    let Some(reach) = reach else { return into(lobby, request).await };
    let mine: Vec<&(App, Router)> =
        hall.rooms.iter().filter(|(app, _)| reach.covers(&app.given.place.organisation)).collect();
    let of = |id: &str| mine.iter().find(|(app, _)| app.given.place.id == id).copied();
    let asked = asked(&request);
    let chosen = match &asked {
        Some(id) => match of(id) {
            Some(room) => Some(room),
            None => return no_such(program.is_some()),
        },
        None if request.uri().path() == LIST => mine.first().copied(),
        None if program.is_some() && mine.len() > 1 => return which(&mine),
        None => remembered(&request).and_then(|id| of(&id)).or(mine.first().copied()),
    };
    let Some((app, router)) = chosen else { return no_such(program.is_some()) };
    let id = app.given.place.id.clone();
    if asked.is_none() && mine.len() > 1 && is_page(&request) {
        return complete(&request, &id);
    }
    let known = guard::cookie(request.headers(), COOKIE).as_deref() == Some(id.as_str());
    let mut reply = into(router, request).await;
    if !known && program.is_none() {
        let secure = if app.given.https { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            reply.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    reply
}

async fn into(router: &Router, request: Request) -> Response {
    match router.clone().oneshot(request).await {
        Ok(reply) => reply,
        Err(never) => match never {},
    }
}

fn parameter(query: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == PARAMETER).map(|(_, id)| id.to_owned())
}

/// The connection a request names itself.
fn asked(request: &Request) -> Option<String> {
    let header = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    parameter(request.uri().query().unwrap_or_default()).or(header.map(str::to_owned))
}

/// The connection of the page it comes from, else the one looked at last.
fn remembered(request: &Request) -> Option<String> {
    let from = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let from = from.and_then(|address| address.split_once('?')).map(|(_, query)| query);
    from.and_then(parameter).or_else(|| guard::cookie(request.headers(), COOKIE))
}

fn is_page(request: &Request) -> bool {
    let path = request.uri().path();
    let page = |known: &&str| {
        path.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    request.method() == Method::GET && (path == "/" || PAGES.iter().any(page))
}

fn complete(request: &Request, id: &str) -> Response {
    let path = request.uri().path();
    let to = match request.uri().query().filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{query}&{PARAMETER}={id}"),
        None => format!("{path}?{PARAMETER}={id}"),
    };
    Redirect::to(&to).into_response()
}

fn no_such(program: bool) -> Response {
    if program {
        let why = "there is no such connection, or this token does not open it";
        return crate::api::problem(StatusCode::NOT_FOUND, "no-such-connection", why);
    }
    bare(
        StatusCode::NOT_FOUND,
        "There is no such connection",
        "Orders go on as before.",
        "Go to the overview: it lists the connections you may see.",
    )
}

fn which(mine: &[&(App, Router)]) -> Response {
    let ids: Vec<&str> = mine.iter().map(|(app, _)| app.given.place.id.as_str()).collect();
    let why = format!(
        "say which connection is meant, with ?{PARAMETER}= or the header {HEADER}: {}",
        ids.join(", ")
    );
    crate::api::problem(StatusCode::BAD_REQUEST, "which-connection", &why)
}

/// The connections within a reach: id, name, and whether it is the one shown.
pub(crate) fn neighbours(app: &Inner, reach: &Reach) -> Vec<(String, String, bool)> {
    let here = &app.given.place.id;
    app.within(reach)
        .map(|one| (one.place.id.clone(), one.place.name.clone(), one.place.id == *here))
        .collect()
}
