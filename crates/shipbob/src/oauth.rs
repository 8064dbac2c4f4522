//! The app a merchant lets in (authorization code flow): the address to open, the exchange of the
//! code, and the refresh. One try each, no memory: who may refresh, and what is durable before it
//! is used, is the engine's business.

use crate::config::Token;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::{Span, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use transport::gate::server_wait;
use transport::{Method, Request, Response, Transport, TransportError};
use zeroize::Zeroizing;

/// Longest time a token call may take.
pub const DEADLINE: Span = Span::seconds(30);
/// How long a code may be exchanged after the merchant pressed Approve.
pub const CODE_LIFE: Span = Span::minutes(2);
/// What this version needs: orders, products, webhooks, and a refresh token.
pub const SCOPES: &str = "offline_access openid channels_read orders_read orders_write \
                          products_read locations_read webhooks_read webhooks_write";

/// Label of token calls.
const LABEL: &str = "shipbob.token";
/// Longest token taken.
const TOKEN_CHARS: usize = 16 * 1024;
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The app as it is registered under Integrations → OAuth Apps.
#[derive(Clone)]
pub struct AppConfig {
    /// Scheme and host, such as `https://auth.shipbob.com`.
    pub auth: String,
    /// Client id.
    pub client_id: String,
    /// Its secret; wiped when dropped.
    pub client_secret: Zeroizing<String>,
    /// One of the registered addresses, letter by letter.
    pub redirect_uri: String,
    /// Names the channel the merchant gets.
    pub integration_name: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// Send PKCE. Whether ShipBob enforces it is not documented; it is known to take it.
    pub pkce: bool,
    /// `User-Agent`.
    pub user_agent: String,
}

/// The app and the way to the auth host. Cheap to clone.
#[derive(Clone)]
pub struct App {
    transport: Arc<dyn Transport>,
    config: Arc<AppConfig>,
}

/// How the browser comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComeBack {
    /// With a form: nothing secret stands in an address.
    Form,
    /// With a query, so that a person can copy the address.
    Query,
}

/// What one attempt to connect is recognised by.
pub struct Marks<'a> {
    /// Comes back with the code.
    pub state: &'a str,
    /// Comes back inside the id token.
    pub nonce: &'a str,
    /// Proves at the exchange that we began it.
    pub verifier: &'a str,
}

/// What ShipBob granted. It has no `Debug`.
pub struct Grant {
    /// For calls.
    pub access: Token,
    /// For the next grant; none = the old one stays.
    pub refresh: Option<Zeroizing<String>>,
    /// How long `access` works.
    pub life: Span,
    /// Scopes as ShipBob says them.
    pub scope: String,
    /// `nonce` of the id token, when there is one.
    pub nonce: Option<String>,
}

/// Why there is no grant. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// `invalid_grant`: the code or refresh token is spent, expired or revoked.
    #[error("ShipBob does not accept it any more (invalid_grant)")]
    Spent,
    /// The app itself is refused: a person must mend client id, secret or scopes.
    #[error("ShipBob refuses the app: {why}")]
    Refused {
        /// What ShipBob said, and what to do.
        why: String,
    },
    /// 429.
    #[error("ShipBob's auth host asks us to wait")]
    Throttled {
        /// Its wait, where it says one.
        after: Option<Span>,
    },
    /// The request never left: nothing was spent.
    #[error("ShipBob's auth host cannot be reached: {why}")]
    NotSent {
        /// The cause in words.
        why: String,
    },
    /// No usable answer: what we sent may be spent.
    #[error("ShipBob's auth host gave no usable answer: {why}")]
    InDoubt {
        /// The cause in words.
        why: String,
    },
    /// A fault point stopped the process (proofs only).
    #[error("stopped by a fault point")]
    Crashed,
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// What the authorize address shows of the verifier (S256).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl App {
    /// An app; nothing is sent yet.
    pub fn new(transport: Arc<dyn Transport>, mut config: AppConfig) -> Self {
        config.auth = config.auth.trim_end_matches('/').to_owned();
        Self { transport, config: Arc::new(config) }
    }

    /// The address a person opens to let us in.
    pub fn authorize_url(&self, marks: &Marks<'_>, back: ComeBack) -> String {
        let c = &self.config;
        let mode = match back {
            ComeBack::Form => "form_post",
            ComeBack::Query => "query",
        };
        let mut pairs = vec![
            ("client_id", c.client_id.as_str()),
            ("redirect_uri", &c.redirect_uri),
            ("response_type", "code"),
            ("response_mode", mode),
            ("scope", &c.scope),
            ("state", marks.state),
            ("nonce", marks.nonce),
            ("integration_name", &c.integration_name),
        ];
        let challenge = challenge(marks.verifier);
        if c.pkce {
            pairs.push(("code_challenge", &challenge));
            pairs.push(("code_challenge_method", "S256"));
        }
        format!("{}/connect/authorize?{}", c.auth, form(&pairs))
    }

    /// Exchanges a code. The caller has made sure that it is not older than [`CODE_LIFE`].
    ///
    /// # Errors
    /// Why there is no grant.
    pub async fn exchange(&self, code: &str, verifier: &str) -> Result<Grant, GrantError> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.config.redirect_uri),
        ];
        if self.config.pkce {
            pairs.push(("code_verifier", verifier));
        }
        self.ask(pairs).await
    }

    /// Exchanges a refresh token for the next pair.
    ///
    /// # Errors
    /// Why there is no grant.
    pub async fn refresh(&self, refresh: &str) -> Result<Grant, GrantError> {
        self.ask(vec![("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
    }

    async fn ask(&self, mut pairs: Vec<(&str, &str)>) -> Result<Grant, GrantError> {
        let c = &self.config;
        // In the body: ShipBob does not take them as Basic.
        pairs.push(("client_id", &c.client_id));
        pairs.push(("client_secret", c.client_secret.as_str()));
        let request = Request::new(Method::Post, format!("{}/connect/token", c.auth), LABEL)
            .header("accept", "application/json")
            .header("user-agent", c.user_agent.clone())
            .body("application/x-www-form-urlencoded", form(&pairs))
            .deadline(DEADLINE);
        let reply = self.transport.send(request).await.map_err(|error| match error {
            TransportError::Crashed => GrantError::Crashed,
            TransportError::NotSent { why } => GrantError::NotSent { why },
            other => GrantError::InDoubt { why: other.to_string() },
        })?;
        interpret(&reply)
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let all: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    all.join("&")
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
}

fn interpret(reply: &Response) -> Result<Grant, GrantError> {
    let status = reply.status;
    let doubt = |why: &str| GrantError::InDoubt { why: format!("{status}: {why}") };
    match status {
        200 => granted(&reply.body).ok_or_else(|| doubt("an answer without a usable token")),
        429 => Err(GrantError::Throttled { after: server_wait(reply, Timestamp::MIN) }),
        400 | 401 | 403 => {
            let Ok(denied) = serde_json::from_slice::<Denied>(&reply.body) else {
                return Err(doubt("not an answer of the token address"));
            };
            Err(denied_for(&denied.error))
        }
        404 | 405 => Err(GrantError::Refused {
            why: format!("the token address answered {status}: check oauth.auth_url"),
        }),
        _ => Err(doubt("no answer of the token address")),
    }
}

fn denied_for(error: &str) -> GrantError {
    let fix = match error {
        "invalid_grant" => return GrantError::Spent,
        "invalid_client" => "check client id and client secret of the OAuth app",
        "unauthorized_client" => "the app may not use this kind of grant: ask ShipBob",
        "invalid_scope" => "the app may not have one of these scopes: shorten oauth.scope",
        _ => "check the OAuth app at ShipBob",
    };
    // Only our own words and a short code: whatever else the answer holds stays out.
    let code: String =
        error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    GrantError::Refused { why: format!("{code}: {fix}") }
}

fn granted(body: &[u8]) -> Option<Grant> {
    let granted: Granted = serde_json::from_slice(body).ok()?;
    let usable = |text: &str| {
        !text.is_empty() && text.len() <= TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let seconds = granted.expires_in.unwrap_or(3_600);
    if !usable(&granted.access_token) || seconds <= 0 {
        return None;
    }
    let refresh = match granted.refresh_token {
        Some(text) if text.is_empty() => None,
        Some(text) if !usable(&text) => return None,
        other => other,
    };
    Some(Grant {
        access: Token::new(&granted.access_token),
        refresh: refresh.map(Zeroizing::new),
        life: Span::seconds(seconds.min(24 * 3_600)),
        scope: granted.scope.unwrap_or_default(),
        nonce: granted.id_token.as_deref().and_then(nonce_of),
    })
}

/// The nonce of an id token. It came straight from the token address over TLS, so its signature
/// need not be checked (OpenID Connect Core 3.1.3.7); the nonce ties it to our question.
fn nonce_of(jwt: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    Some(claims.get("nonce")?.as_str()?.to_owned())
}
