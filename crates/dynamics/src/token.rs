//! The access token: one per client, cached, fetched by one caller while the others wait.

use crate::assertion::{self, Certificate};
use crate::limits;
use crate::reply::{CallError, clip};
use bytes::Bytes;
use domain::time::{Span, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use tokio::sync::Mutex;
use transport::gate::{DEFAULT_WAIT, server_wait};
use transport::{Method, Request, Response, Transport, TransportError};
use zeroize::Zeroize;

/// Secret of the Entra application. Never printed; wiped when dropped.
pub struct ClientSecret(String);

impl ClientSecret {
    /// Wraps the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }
}

impl Drop for ClientSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// How the application proves itself to Entra.
#[derive(Clone)]
pub enum Credential {
    /// With a secret.
    Secret(Arc<ClientSecret>),
    /// With the key of a registered certificate.
    Certificate(Arc<Certificate>),
}

impl From<ClientSecret> for Credential {
    fn from(secret: ClientSecret) -> Self {
        Self::Secret(Arc::new(secret))
    }
}

impl From<Certificate> for Credential {
    fn from(certificate: Certificate) -> Self {
        Self::Certificate(Arc::new(certificate))
    }
}

struct Token {
    bearer: String,
    renew: Timestamp,
    expires: Timestamp,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.bearer.zeroize();
    }
}

/// The token of one client.
pub(crate) struct Tokens {
    authority: String,
    client_id: String,
    scope: String,
    cached: Mutex<Cached>,
    quiet: Quiet,
}

/// Entra asked to be left alone until then. The clients of one application share it, although each
/// has a token of its own.
#[derive(Debug, Clone, Default)]
pub struct Quiet(Arc<std::sync::Mutex<Option<Timestamp>>>);

impl Quiet {
    fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|until| now < *until)
    }

    fn keep(&self, until: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = (*kept).max(Some(until));
    }
}

struct Cached {
    credential: Credential,
    /// Assertions made, so that no two are the same.
    made: u64,
    token: Option<Token>,
}

impl Cached {
    /// Renewal is early on purpose: until it runs out the old one still works.
    fn usable(&self, now: Timestamp) -> Option<String> {
        self.token.as_ref().filter(|token| now < token.expires).map(|token| token.bearer.clone())
    }
}

impl Tokens {
    pub(crate) fn new(
        authority: String,
        client_id: String,
        scope: String,
        credential: Credential,
    ) -> Self {
        let cached = Cached { credential, made: 0, token: None };
        let quiet = Quiet::default();
        Self { authority, client_id, scope, cached: Mutex::new(cached), quiet }
    }

    /// Hears what Entra asked of the others that share this.
    pub(crate) fn listen(&mut self, quiet: Quiet) {
        self.quiet = quiet;
    }

    /// Proves itself with another credential from now on; the token of the old one is forgotten.
    pub(crate) async fn prove_with(&self, credential: Credential) {
        let mut cached = self.cached.lock().await;
        cached.credential = credential;
        cached.token = None;
    }

    /// Value of the `Authorization` header. Callers wait for each other: one fetch serves all.
    pub(crate) async fn bearer(
        &self,
        transport: &dyn Transport,
        now: Timestamp,
    ) -> Result<String, CallError> {
        let mut cached = self.cached.lock().await;
        if let Some(token) = cached.token.as_ref().filter(|token| now < token.renew) {
            return Ok(token.bearer.clone());
        }
        if let Some(until) = self.quiet.until(now) {
            let after = Some(until.since(now));
            return cached.usable(now).ok_or(CallError::Throttled { after });
        }
        cached.made += 1;
        match self.fetch(transport, now, &cached).await {
            Ok(token) => {
                let bearer = token.bearer.clone();
                cached.token = Some(token);
                Ok(bearer)
            }
            Err(error) => {
                if let CallError::Throttled { after } = &error {
                    self.quiet.keep(now + after.unwrap_or(DEFAULT_WAIT));
                }
                let passes =
                    matches!(error, CallError::Unavailable { .. } | CallError::Throttled { .. });
                cached.usable(now).filter(|_| passes).ok_or(error)
            }
        }
    }

    /// Asks Entra for a token and throws it away: what is cached says nothing about today.
    pub(crate) async fn probe(
        &self,
        transport: &dyn Transport,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let mut cached = self.cached.lock().await;
        if let Some(until) = self.quiet.until(now) {
            return Err(CallError::Throttled { after: Some(until.since(now)) });
        }
        cached.made += 1;
        let answer = self.fetch(transport, now, &cached).await.map(drop);
        if let Err(CallError::Throttled { after }) = &answer {
            self.quiet.keep(now + after.unwrap_or(DEFAULT_WAIT));
        }
        answer
    }

    /// Forgets a token F&O did not accept; a newer one, fetched meanwhile, stays.
    pub(crate) async fn forget(&self, bearer: &str) {
        let mut cached = self.cached.lock().await;
        if cached.token.as_ref().is_some_and(|token| token.bearer == bearer) {
            cached.token = None;
        }
    }

    async fn fetch(
        &self,
        transport: &dyn Transport,
        now: Timestamp,
        cached: &Cached,
    ) -> Result<Token, CallError> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let proof = match &cached.credential {
            Credential::Secret(secret) => format!("client_secret={}", encode(&secret.0)),
            Credential::Certificate(certificate) => {
                let jwt =
                    certificate.assertion(&self.client_id, &self.authority, now, cached.made)?;
                format!("client_assertion_type={}&client_assertion={jwt}", encode(assertion::KIND))
            }
        };
        let body = format!(
            "grant_type=client_credentials&client_id={}&{proof}&scope={}",
            encode(&self.client_id),
            encode(&self.scope),
        );
        let request = Request::new(Method::Post, self.authority.clone(), "dynamics.token")
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", Bytes::from(body))
            .deadline(limits::TOKEN_DEADLINE);
        let reply = transport.send(request).await.map_err(|error| match error {
            TransportError::Crashed => CallError::Crashed,
            other => CallError::Unavailable { why: format!("Entra: {other}") },
        })?;
        interpret(&reply, now)
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Seconds,
}

/// Version 2 sends a number, version 1 text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(i64),
    Text(String),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Denied {
    error: String,
    error_description: String,
    error_codes: Vec<i64>,
}

fn interpret(reply: &Response, now: Timestamp) -> Result<Token, CallError> {
    if reply.status == 200 {
        return granted(&reply.body, now).ok_or_else(|| CallError::Malformed {
            why: "Entra answered 200 without a usable token: check the authority URL".to_owned(),
        });
    }
    if reply.status == 429 {
        return Err(CallError::Throttled { after: server_wait(reply, now) });
    }
    let denied: Option<Denied> = serde_json::from_slice(&reply.body).ok();
    let status = reply.status;
    let busy = || CallError::Unavailable { why: format!("Entra answered {status}") };
    Err(match denied.filter(|d| !d.error.is_empty()) {
        Some(denied) if denied.error == "temporarily_unavailable" || status >= 500 => busy(),
        Some(denied) => CallError::NoAccess { status, why: why(&denied) },
        // Without Entra's own words only a wrong address explains these.
        None if matches!(status, 400 | 401 | 404 | 405) => CallError::NoAccess {
            status,
            why: format!("the token address answered {status}: check the authority URL"),
        },
        None => busy(),
    })
}

fn granted(body: &[u8], now: Timestamp) -> Option<Token> {
    let granted: Granted = serde_json::from_slice(body).ok()?;
    let seconds = match granted.expires_in {
        Seconds::Number(seconds) => seconds,
        Seconds::Text(text) => text.trim().parse().ok()?,
    };
    let token = granted.access_token;
    let usable = !token.is_empty()
        && token.len() <= limits::TOKEN_CHARS
        && token.bytes().all(|b| b.is_ascii_graphic());
    if !usable || seconds <= 0 {
        return None;
    }
    let life = Span::seconds(seconds.min(limits::TOKEN_LONGEST.as_seconds()));
    let early = Span(limits::TOKEN_EARLY.0.min(life.0 / 2));
    let expires = now + life;
    Some(Token { bearer: format!("Bearer {token}"), renew: expires - early, expires })
}

/// What is wrong and what to do. Entra's own description is left out: it can hold ids and hints
/// of the secret.
fn why(denied: &Denied) -> String {
    let code = denied.error_codes.first().copied().or_else(|| code_in(&denied.error_description));
    let fix = match code {
        Some(7_000_215) => "the client secret is wrong: enter the secret's value, not its id",
        Some(7_000_222) => "the client secret has expired: create a new one in Entra and enter it",
        Some(700_016) => "the application is not known in this tenant: check client id and tenant",
        Some(90_002) => "the tenant does not exist: check the authority URL",
        Some(500_011 | 50_001) => {
            "the F&O host is not known in this tenant: check the environment URL (scope) and tenant"
        }
        Some(65_001) => "consent is missing: an administrator must grant it to the application",
        Some(7_000_216 | 700_027) => "the client assertion was not accepted: check the certificate",
        _ => "check tenant, client id, secret and scope",
    };
    match code {
        Some(code) => format!("Entra refused the application (AADSTS{code}): {fix}"),
        None => format!("Entra refused the application ({}): {fix}", clip(&denied.error)),
    }
}

pub(crate) fn code_in(description: &str) -> Option<i64> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(12).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests;
