//! The page on which a merchant lets an app in, and the way back to the app.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::auth::Desk;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What an app asked for, checked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) integration_name: String,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Form,
    Query,
    Fragment,
}

/// Where this app may be called back: registered addresses, and any port of this machine.
fn is_registered(uri: &str) -> bool {
    const PATH: &str = "/connect/shipbob/callback";
    let Some((host, path)) = uri.split_once("://").and_then(|(_, rest)| rest.split_once('/'))
    else {
        return false;
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    format!("/{path}") == PATH && matches!(name, "connector.example" | "127.0.0.1" | "localhost")
}

/// Reads the query of an authorize address.
pub(super) fn asked(desk: &Desk, request: &TwinRequest) -> Result<Asked, TwinResponse> {
    let field = |name: &str| {
        let mut pairs = request.raw_pairs();
        pairs.find(|(key, _)| *key == name).map(|(_, value)| decode(value))
    };
    let refuse = |why: &str| Err(TwinResponse::html(400, why));
    if field("client_id").as_deref() != Some(desk.client.as_str()) {
        return refuse("unauthorized_client: this application is not known");
    }
    let redirect_uri = field("redirect_uri").unwrap_or_default();
    if !is_registered(&redirect_uri) {
        return refuse("invalid_request: the redirect_uri is not registered");
    }
    let scope = field("scope").unwrap_or_default();
    if scope.split_whitespace().next().is_none() {
        return refuse("invalid_scope: a scope is needed");
    }
    if !matches!(field("response_type").as_deref(), None | Some("code" | "code id_token")) {
        return refuse("unsupported_response_type");
    }
    let mode = match field("response_mode").as_deref() {
        Some("form_post") => Mode::Form,
        Some("query") => Mode::Query,
        None | Some("fragment") => Mode::Fragment,
        Some(_) => return refuse("invalid_request: unknown response_mode"),
    };
    let challenge = field("code_challenge");
    if challenge.is_some() && field("code_challenge_method").as_deref() != Some("S256") {
        return refuse("invalid_request: code_challenge_method must be S256");
    }
    Ok(Asked {
        redirect_uri,
        scope,
        state: field("state"),
        nonce: field("nonce"),
        challenge,
        integration_name: field("integration_name").unwrap_or_default(),
        mode,
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(title: &str, body: &str) -> TwinResponse {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><main>{body}</main></body></html>\n"
    );
    TwinResponse::bytes(200, "text/html; charset=utf-8", page.into_bytes())
}

/// The page with the buttons.
pub(super) fn page(asked: &Asked, request: &TwinRequest) -> TwinResponse {
    let here = escape(&format!("{}?{}", request.path, request.query));
    let name = if asked.integration_name.is_empty() {
        "<p><label>Name of the channel <input name=\"integration_name\" required></label></p>"
            .to_owned()
    } else {
        format!("<p>It will appear as channel <b>{}</b>.</p>", escape(&asked.integration_name))
    };
    let scopes: String =
        asked.scope.split_whitespace().map(|one| format!("<li>{}</li>", escape(one))).collect();
    html(
        "ShipBob (simulated)",
        &format!(
            "<h1>Let this application use your ShipBob account?</h1><p>This is a simulation: nothing leaves your machine.</p><ul>{scopes}</ul><form method=\"post\" action=\"{here}\">{name}<button name=\"decision\" value=\"approve\">Approve</button> <button name=\"decision\" value=\"deny\">Deny</button></form>"
        ),
    )
}

/// The way back to the app, as it asked to be called.
pub(super) fn back(asked: &Asked, fields: &[(&str, &str)]) -> TwinResponse {
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    if let Some(state) = &asked.state {
        all.push(("state", state));
    }
    let uri = &asked.redirect_uri;
    if asked.mode == Mode::Form {
        let mut inputs = String::new();
        for (name, value) in all {
            // Writing to a String cannot fail.
            let _ = write!(
                inputs,
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escape(value)
            );
        }
        let uri = escape(uri);
        return html(
            "Back to the application",
            &format!(
                "<form method=\"post\" action=\"{uri}\">{inputs}<button>Continue</button></form><script>document.forms[0].submit()</script>"
            ),
        );
    }
    let encode = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let pairs: Vec<String> =
        all.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let mark = if asked.mode == Mode::Query { '?' } else { '#' };
    TwinResponse::empty(302).with("location", format!("{uri}{mark}{}", pairs.join("&")))
}
