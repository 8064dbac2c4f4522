//! The Entra token endpoint and the check of its tokens. A token carries its own claims and a seal, so nothing has
//! to be remembered: audience, application, end of life.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::assertion;
use super::refusal::Refusal;
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::calendar::SECOND;
use crate::world::chance::Chance;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};

/// Seconds a token lives.
const LIFETIME: i64 = 3_599;

/// What a client must know. The values open nothing but a simulation.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) secret: String,
    /// Known to Entra, but no row in F&O's table of applications.
    pub(crate) unmapped_client: String,
}

impl Registration {
    pub(crate) fn of(chance: Chance) -> Self {
        let guid = |what: &str| {
            uuid::Uuid::from_bytes(chance.bytes::<16>("registration", what)).to_string()
        };
        Self {
            tenant: guid("tenant"),
            client: guid("client"),
            secret: format!("twin-{}", chance.hex("registration", "secret", 24)),
            unmapped_client: guid("unmapped client"),
        }
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) fn token(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let registration = world.dynamics.registration.clone();
    let mut parts = request.path.trim_matches('/').split('/');
    let tenant = parts.next().unwrap_or_default();
    let route: Vec<&str> = parts.collect();
    if request.method != http::Method::POST || route != ["oauth2", "v2.0", "token"] {
        return TwinResponse::html(404, "404 - File or directory not found.");
    }
    let body = String::from_utf8_lossy(&request.body);
    let field = |name: &str| {
        let found =
            body.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        found.map(|(_, value)| decode(value)).unwrap_or_default()
    };
    let form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form || field("grant_type") != "client_credentials" {
        return refusal(
            world,
            400,
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type.",
        );
    }
    if tenant != registration.tenant || world.broken(Break::TenantUnknown) {
        let text = format!("Tenant '{tenant}' not found.");
        return refusal(world, 400, "invalid_request", 90_002, &text);
    }
    let client = field("client_id");
    let known = client == registration.client || client == registration.unmapped_client;
    if !known || world.broken(Break::AppUnknown) {
        let text =
            format!("Application with identifier '{client}' was not found in the directory.");
        return refusal(world, 400, "unauthorized_client", 700_016, &text);
    }
    if let Err((code, text)) = proved(world, request, &client, field) {
        return refusal(world, 401, "invalid_client", code, &text);
    }
    let scope = field("scope");
    let Some(audience) = scope.strip_suffix("/.default") else {
        return refusal(
            world,
            400,
            "invalid_scope",
            70_011,
            "The provided value for the input parameter 'scope' is not valid.",
        );
    };
    if world.broken(Break::ConsentMissing) {
        let text = "The user or administrator has not consented to use the application.";
        return refusal(world, 400, "invalid_grant", 65_001, text);
    }
    if !is_known(world, audience) || world.broken(Break::HostUnknown) {
        let text = format!("The resource principal named {audience} was not found in the tenant.");
        return refusal(world, 400, "invalid_resource", 500_011, &text);
    }
    let expires = world.now.saturating_add(LIFETIME * SECOND);
    let body = json!({
        "token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME,
        "access_token": seal(entrance(world), &json!({"aud": audience, "appid": client, "exp": expires})),
    });
    TwinResponse::json(200, &body).with("cache-control", "no-store, no-cache")
}

/// The client proves itself with the registered secret or certificate; else Entra's code and words.
fn proved(
    world: &mut World,
    request: &TwinRequest,
    client: &str,
    field: impl Fn(&str) -> String,
) -> Result<(), (u32, String)> {
    if world.broken(Break::SecretExpired) {
        let text = format!("The provided client secret keys for app '{client}' are expired.");
        return Err((7_000_222, text));
    }
    if field("client_assertion_type") == assertion::KIND {
        let checked = assertion::check(world, &field("client_assertion"), client, &request.path);
        return checked.map_err(|(code, text)| (code, text.to_owned()));
    }
    let known = field("client_secret") == world.dynamics.registration.secret;
    if !known || world.broken(Break::SecretWrong) {
        let text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.";
        return Err((7_000_215, text.to_owned()));
    }
    Ok(())
}

fn refusal(world: &World, status: u16, error: &str, code: u32, text: &str) -> TwinResponse {
    let trace = uuid::Uuid::from_bytes(world.chance.bytes::<16>("trace", text)).to_string();
    let at = crate::world::calendar::second_z(world.server_clock()).replace('T', " ");
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {trace}\r\nTimestamp: {at}"),
        "error_codes": [code], "timestamp": at, "trace_id": trace, "correlation_id": trace,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    TwinResponse::json(status, &body)
}

/// Environments the tenant knows: the configured one, this machine, and a second sandbox.
fn is_known(world: &World, audience: &str) -> bool {
    let host = host_of(audience);
    audience == world.config.dynamics_url
        || is_loopback(host)
        || audience == "https://other.sandbox.operations.dynamics.com"
}

fn host_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, host)| host)
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// Seals tokens: the same for every legal entity of the environment.
fn entrance(world: &World) -> Chance {
    Chance::new(world.config.entrance())
}

fn seal(chance: Chance, claims: &Value) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let mark = chance.hex("token", &claims, 32);
    format!("{head}.{claims}.{mark}")
}

/// Who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A mapped application.
    User,
    /// A valid token of an application F&O does not know.
    Stranger,
}

/// Checks the bearer token of a request to F&O.
pub(crate) fn caller(world: &World, request: &TwinRequest) -> Result<Caller, Refusal> {
    let token = request.bearer().ok_or(Refusal::Unauthorized)?;
    if world.broken(Break::TokenRefused) {
        return Err(Refusal::Unauthorized);
    }
    let mut parts = token.split('.').skip(1);
    let (Some(claims), Some(mark)) = (parts.next(), parts.next()) else {
        return Err(Refusal::Unauthorized);
    };
    if entrance(world).hex("token", claims, 32) != mark {
        return Err(Refusal::Unauthorized);
    }
    let bytes = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Refusal::Unauthorized)?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|_| Refusal::Unauthorized)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    let audience = text("aud");
    let here =
        audience == world.config.dynamics_url || request.header("host") == Some(host_of(audience));
    // A late effect was admitted when its request arrived.
    if !here || (world.now >= expires && !request.late) {
        return Err(Refusal::Unauthorized);
    }
    if text("appid") == world.dynamics.registration.client && !world.broken(Break::AppUnmapped) {
        Ok(Caller::User)
    } else {
        Ok(Caller::Stranger)
    }
}

/// `https://host` for links in replies.
pub(crate) fn base(world: &World, request: &TwinRequest) -> String {
    match request.header("host") {
        Some(host) if is_loopback(host) => format!("http://{host}"),
        Some(host) => format!("https://{host}"),
        None => world.config.dynamics_url.clone(),
    }
}
