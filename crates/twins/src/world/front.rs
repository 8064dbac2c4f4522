//! The front both twins stand behind: axum on one side, synchronous handlers on the other, faults between.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::exchange::{ReplyBody, TwinRequest, TwinResponse};
use super::faults::{Fault, Look};
use super::ledger::System;
use super::{Event, Shared, World, calendar};
use crate::{fo, shipbob};

/// Largest request body either twin takes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Which router a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Entra,
    Dynamics,
    ShipBob,
    ShipBobAuth,
    Control,
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    door: Door,
}

/// A router that answers every path of one system.
pub(crate) fn router(shared: Arc<Shared>, door: Door) -> Router {
    Router::new().fallback(serve).with_state(Front { shared, door })
}

async fn serve(State(front): State<Front>, request: Request) -> Response {
    match taken(request).await {
        Ok(request) => respond(front.shared.lock().answer(front.door, request)),
        Err(refusal) => respond(refusal),
    }
}

/// The whole request, or why it is not taken.
pub(super) async fn taken(request: Request) -> Result<TwinRequest, TwinResponse> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return Err(TwinResponse::html(413, "413 Request Entity Too Large"));
    };
    Ok(TwinRequest {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        lag_micros: 0,
        late: false,
    })
}

pub(super) fn respond(reply: TwinResponse) -> Response {
    let body = match reply.body {
        ReplyBody::Whole(bytes) => Body::from(bytes),
        ReplyBody::Aborted => {
            let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Body::from_stream(futures::stream::once(async move { Err::<Bytes, _>(broken) }))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

impl World {
    /// Answers one request, disturbed or not, and counts it.
    pub(crate) fn answer(&mut self, door: Door, mut request: TwinRequest) -> TwinResponse {
        let system = match door {
            Door::Control => return super::control::handle(self, &request),
            Door::Entra => System::Entra,
            Door::Dynamics => System::Dynamics,
            Door::ShipBob => System::ShipBob,
            Door::ShipBobAuth => System::ShipBobAuth,
        };
        let endpoint: std::borrow::Cow<'static, str> = match system {
            System::Entra => "POST token".into(),
            System::Dynamics => fo::endpoint(&request),
            System::ShipBob => shipbob::endpoint(&request).into(),
            System::ShipBobAuth => shipbob::auth_endpoint(&request).into(),
        };
        // A page in somebody's browser is not a call of the connector: it is not disturbed.
        if matches!(&*endpoint, "GET authorize" | "POST authorize") {
            return self.dispatch(system, &request);
        }
        self.ledger.arrive(self.now, system);
        let look = Look {
            system,
            endpoint: &endpoint,
            is_write: request.method != Method::GET,
            target: &format!("{}?{}", request.path, request.query),
            body: &request.body,
        };
        let fault = self.faults.decide(self.chance, &look);
        let reply = match fault {
            None => self.dispatch(system, &request),
            Some(fault) => self.disturbed(system, &mut request, fault),
        };
        let kind = fault.map(|fault| fault.kind());
        self.ledger.count(system, &endpoint, reply.status, reply.body_len(), kind);
        reply.with("date", calendar::http_date(self.shown_clock(system)))
    }

    /// The twin itself.
    pub(crate) fn dispatch(&mut self, system: System, request: &TwinRequest) -> TwinResponse {
        if let Some(reply) = self.broken_door(system) {
            return reply;
        }
        match system {
            System::Entra => fo::token(self, request),
            System::Dynamics => fo::handle(self, request),
            System::ShipBob => shipbob::handle(self, request),
            System::ShipBobAuth => shipbob::auth(self, request),
        }
    }

    fn disturbed(
        &mut self,
        system: System,
        request: &mut TwinRequest,
        fault: Fault,
    ) -> TwinResponse {
        match fault {
            Fault::Throttle { seconds } => self.throttle(system, seconds),
            Fault::Failure { status, html } => failure(system, status, html),
            Fault::CutBody => cut(self.dispatch(system, request)),
            Fault::LoseReply => lost(self.dispatch(system, request)),
            Fault::Late { micros, abort } => {
                // Nobody hears the reply of a late read: it would only keep the world from becoming quiet.
                if changes_something(request) {
                    let later = TwinRequest { late: true, ..request.clone() };
                    let late = Event::Late { system, request: Box::new(later) };
                    self.schedule_in(micros, late);
                }
                if abort {
                    return lost(TwinResponse::empty(200));
                }
                failure(system, 504, true)
            }
            Fault::Lag { micros } => {
                request.lag_micros = micros;
                self.dispatch(system, request)
            }
            Fault::Unauthorized => {
                TwinResponse::empty(401).with("www-authenticate", "Bearer error=\"invalid_token\"")
            }
        }
    }

    /// A 429 in the words of that system; a served time is remembered.
    pub(crate) fn throttle(&mut self, system: System, seconds: Option<u32>) -> TwinResponse {
        if let Some(seconds) = seconds {
            self.ledger.told_to_wait(self.now, system, i64::from(seconds));
        }
        match system {
            System::ShipBob => {
                let again = seconds.map_or_else(
                    || "Rate limit is exceeded.".to_owned(),
                    |seconds| format!("Rate limit is exceeded. Try again in {seconds} seconds."),
                );
                let body = json!({"statusCode": 429, "message": again});
                let reply = TwinResponse::json(429, &body).with("x-remaining-calls", "0");
                match seconds {
                    Some(seconds) => reply.with("x-retry-after", seconds.to_string()),
                    None => reply,
                }
            }
            System::Dynamics | System::Entra | System::ShipBobAuth => {
                let text = "This request could not be processed at this time due to system experiencing high resource utilization.";
                let body = json!({"error": {"code": "", "message": text}});
                let reply = TwinResponse::json(429, &body);
                match seconds {
                    Some(seconds) => reply.with("retry-after", seconds.to_string()),
                    None => reply,
                }
            }
        }
    }
}

/// False for a read, and for a `$batch` of reads.
fn changes_something(request: &TwinRequest) -> bool {
    if !request.path.ends_with("/$batch") {
        return request.method != Method::GET;
    }
    let inner = ["POST ", "PATCH ", "PUT ", "DELETE "];
    request
        .body
        .split(|byte| *byte == b'\n')
        .any(|line| inner.iter().any(|verb| line.starts_with(verb.as_bytes())))
}

fn failure(system: System, status: u16, html: bool) -> TwinResponse {
    let title = match status {
        502 => "502 Bad Gateway",
        503 => "503 Service Unavailable",
        504 => "504 Gateway Time-out",
        _ => "500 Internal Server Error",
    };
    if html {
        return TwinResponse::html(status, title);
    }
    let body = match system {
        System::ShipBob => {
            json!({"": ["An unexpected database error occurred. Please try again later"]})
        }
        System::Dynamics | System::Entra | System::ShipBobAuth => {
            json!({"error": {"code": "", "message": "An error has occurred."}})
        }
    };
    TwinResponse::json(status, &body)
}

/// The first half of the body, correctly framed.
fn cut(mut reply: TwinResponse) -> TwinResponse {
    if let ReplyBody::Whole(bytes) = &mut reply.body {
        if bytes.is_empty() {
            reply.body = ReplyBody::Aborted;
        } else {
            bytes.truncate(bytes.len() / 2);
        }
    }
    reply
}

fn lost(mut reply: TwinResponse) -> TwinResponse {
    reply.body = ReplyBody::Aborted;
    reply
}
