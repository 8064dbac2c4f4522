//! ShipBob's auth host: the page on which a merchant approves an app, and the token endpoint.
//!
//! Codes live two minutes and work once, access tokens an hour, refresh tokens thirty days and one
//! use. A refresh token that comes again is refused and stands in the ledger; in tenant
//! `refresh-grace` the one before still works for a minute.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::consent::{self, Asked};
use crate::world::World;
use crate::world::calendar::{MINUTE, SECOND};
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};
use crate::world::ledger::{System, effect};

/// How long a code works.
const CODE_LIFE: i64 = 2 * MINUTE;
/// Seconds an access token works.
const ACCESS_SECONDS: i64 = 3_600;
/// How long a refresh token works.
const REFRESH_LIFE: i64 = 30 * 24 * 60 * MINUTE;
/// How long the token before still works in tenant `refresh-grace`.
const GRACE: i64 = MINUTE;
/// Channels of apps that are installed beside ours count up from here.
const FIRST_APP_CHANNEL: i64 = 318_310;

/// One app a merchant let in, under the name it was given.
struct Install {
    name: String,
    channel: i64,
    scopes: BTreeSet<String>,
    /// The merchant threw it out again.
    removed: bool,
}

struct Code {
    install: usize,
    asked: Asked,
    until: i64,
    used: bool,
}

struct Refresh {
    install: usize,
    scope: String,
    until: i64,
    /// When it was exchanged for the next one.
    spent: Option<i64>,
}

struct Access {
    install: usize,
    until: i64,
}

/// Everything the auth host knows.
pub(crate) struct Desk {
    pub(super) client: String,
    secret: String,
    url: String,
    chance: Chance,
    installs: Vec<Install>,
    codes: BTreeMap<String, Code>,
    refreshes: BTreeMap<String, Refresh>,
    accesses: BTreeMap<String, Access>,
    made: u64,
    /// The first apps installed take the channels of the connector: the merchant has no others.
    ours: Vec<i64>,
}

/// Who calls the API, and what it may do.
pub(super) struct Caller {
    pub(super) channel: i64,
    pub(super) scopes: BTreeSet<String>,
}

impl Desk {
    pub(super) fn new(config: &TwinConfig) -> Self {
        let chance = Chance::new(config.seed);
        Self {
            client: format!("app-{}", chance.hex("oauth", "client", 16)),
            secret: format!("twin-{}", chance.hex("oauth", "secret", 32)),
            url: config.shipbob_auth_url.clone(),
            chance,
            installs: Vec::new(),
            codes: BTreeMap::new(),
            refreshes: BTreeMap::new(),
            accesses: BTreeMap::new(),
            made: 0,
            ours: if config.oauth { vec![config.channel] } else { Vec::new() },
        }
    }

    /// Another legal entity sells through this account.
    pub(super) fn join(&mut self, config: &TwinConfig) {
        if config.oauth {
            self.ours.push(config.channel);
        }
    }

    /// Client id and secret of the app.
    pub(super) fn app(&self) -> (String, String) {
        (self.client.clone(), self.secret.clone())
    }

    /// The app behind an access token; a `late` request was admitted when it arrived.
    pub(super) fn caller(&self, token: &str, now: i64, late: bool) -> Option<Caller> {
        let access = self.accesses.get(token)?;
        let install = self.installs.get(access.install)?;
        let good = late || (now < access.until && !install.removed);
        good.then(|| Caller { channel: install.channel, scopes: install.scopes.clone() })
    }

    /// Channels of installed apps: id, name, scopes.
    pub(super) fn channels(&self) -> impl Iterator<Item = (i64, &str, &BTreeSet<String>)> {
        let there = self.installs.iter().filter(|install| !install.removed);
        there.map(|install| (install.channel, install.name.as_str(), &install.scopes))
    }

    /// The merchant throws every app out: nothing they hold works any longer.
    pub(super) fn remove_all(&mut self) {
        for install in &mut self.installs {
            install.removed = true;
        }
    }

    fn install(&mut self, name: &str, scopes: BTreeSet<String>) -> usize {
        if let Some(at) = self.installs.iter().position(|install| install.name == name) {
            if let Some(install) = self.installs.get_mut(at) {
                install.scopes = scopes;
                install.removed = false;
            }
            return at;
        }
        let nth = i64::try_from(self.installs.len()).unwrap_or(0);
        let ours = self.ours.get(self.installs.len()).copied();
        let channel = ours.unwrap_or(FIRST_APP_CHANNEL + nth);
        self.installs.push(Install { name: name.to_owned(), channel, scopes, removed: false });
        self.installs.len() - 1
    }

    fn secret_text(&mut self, what: &str) -> String {
        self.made += 1;
        self.chance.hex(what, &self.made.to_string(), 48)
    }

    fn jwt(&mut self, claims: &Value) -> String {
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        let mark = self.secret_text("oauth jwt");
        format!("{head}.{}.{mark}", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }
}

/// Name of the endpoint in counters and faults.
pub(crate) fn endpoint(request: &TwinRequest) -> &'static str {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/connect/authorize" | "/connect/integrate") => "GET authorize",
        ("POST", "/connect/authorize" | "/connect/integrate") => "POST authorize",
        ("POST", "/connect/token") => "POST connect/token",
        _ => "unknown",
    }
}

/// Answers one request to the auth host.
pub(crate) fn handle(world: &mut World, request: &TwinRequest) -> TwinResponse {
    match endpoint(request) {
        "GET authorize" => match consent::asked(&world.shipbob.auth, request) {
            Ok(asked) => consent::page(&asked, request),
            Err(refusal) => refusal,
        },
        "POST authorize" => match consent::asked(&world.shipbob.auth, request) {
            Ok(asked) => decide(world, request, asked),
            Err(refusal) => refusal,
        },
        "POST connect/token" => token(world, request),
        _ => TwinResponse::html(404, "Not Found"),
    }
}

/// The merchant pressed a button.
fn decide(world: &mut World, request: &TwinRequest, mut asked: Asked) -> TwinResponse {
    if form_field(request, "decision") != "approve" {
        return consent::back(&asked, &[("error", "access_denied")]);
    }
    let typed = form_field(request, "integration_name");
    if asked.integration_name.is_empty() {
        asked.integration_name = typed;
    }
    if asked.integration_name.trim().is_empty() {
        return consent::page(&asked, request);
    }
    let scopes = asked.scope.split_whitespace().map(str::to_owned).collect();
    let now = world.now;
    let desk = &mut world.shipbob.auth;
    let install = desk.install(asked.integration_name.trim(), scopes);
    let code = desk.secret_text("oauth code").to_uppercase();
    let kept = Code { install, asked: asked.clone(), until: now + CODE_LIFE, used: false };
    desk.codes.insert(code.clone(), kept);
    let name = asked.integration_name.trim().to_owned();
    world.ledger.record(now, System::ShipBobAuth, effect::APP_INSTALLED, name, json!({}));
    consent::back(&asked, &[("code", &code), ("scope", &asked.scope)])
}

pub(super) fn form_field(request: &TwinRequest, name: &str) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let found =
        body.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    found.map(|(_, value)| decode(value)).unwrap_or_default()
}

fn refuse(error: &str) -> TwinResponse {
    TwinResponse::json(400, &json!({ "error": error }))
}

/// `POST /connect/token`.
fn token(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return refuse("invalid_request");
    }
    let (client, secret) = world.shipbob.auth.app();
    // Credentials in the body; Basic is not accepted.
    if form_field(request, "client_id") != client || form_field(request, "client_secret") != secret
    {
        return refuse("invalid_client");
    }
    match form_field(request, "grant_type").as_str() {
        "authorization_code" => by_code(world, request),
        "refresh_token" => by_refresh(world, request),
        _ => refuse("unsupported_grant_type"),
    }
}

fn by_code(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let now = world.now;
    let desk = &mut world.shipbob.auth;
    let Some(code) = desk.codes.get_mut(&form_field(request, "code")) else {
        return refuse("invalid_grant");
    };
    let verifier = form_field(request, "code_verifier");
    let challenge = code.asked.challenge.as_deref();
    let proved = challenge.is_none_or(|challenge| {
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
    });
    let right = !code.used
        && now < code.until
        && proved
        && form_field(request, "redirect_uri") == code.asked.redirect_uri;
    code.used = true;
    if !right {
        return refuse("invalid_grant");
    }
    let (install, scope) = (code.install, code.asked.scope.clone());
    let nonce = code.asked.nonce.clone();
    grant(world, install, &scope, nonce.as_deref())
}

fn by_refresh(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let now = world.now;
    let grace = if world.config.tenant.refresh_grace { GRACE } else { 0 };
    let desk = &mut world.shipbob.auth;
    let Some(refresh) = desk.refreshes.get_mut(&form_field(request, "refresh_token")) else {
        return refuse("invalid_grant");
    };
    let removed = desk.installs.get(refresh.install).is_none_or(|install| install.removed);
    let name = desk.installs.get(refresh.install).map(|install| install.name.clone());
    let name = name.unwrap_or_default();
    if now >= refresh.until || removed {
        return refuse("invalid_grant");
    }
    if let Some(spent) = refresh.spent
        && now >= spent + grace
    {
        let ledger = &mut world.ledger;
        ledger.record(now, System::ShipBobAuth, effect::REFRESH_REUSED, name, json!({}));
        return refuse("invalid_grant");
    }
    refresh.spent.get_or_insert(now);
    let (install, scope) = (refresh.install, refresh.scope.clone());
    world.ledger.record(now, System::ShipBobAuth, effect::TOKEN_REFRESHED, name, json!({}));
    grant(world, install, &scope, None)
}

/// A new pair, and an id token where one was asked for.
fn grant(world: &mut World, install: usize, scope: &str, nonce: Option<&str>) -> TwinResponse {
    let (now, at) = (world.now, world.server_clock());
    let asked_for = |what: &str| scope.split_whitespace().any(|one| one == what);
    let desk = &mut world.shipbob.auth;
    let (issuer, client) = (desk.url.clone(), desk.client.clone());
    let expires = at / SECOND + ACCESS_SECONDS;
    let access = desk.jwt(&json!({"iss": issuer, "client_id": client, "exp": expires}));
    let until = now + ACCESS_SECONDS * SECOND;
    desk.accesses.insert(access.clone(), Access { install, until });
    let mut body = json!({
        "access_token": access, "expires_in": ACCESS_SECONDS, "token_type": "Bearer",
        "scope": scope,
    });
    let mut add = |name: &str, value: String| {
        if let Some(members) = body.as_object_mut() {
            members.insert(name.to_owned(), Value::String(value));
        }
    };
    if asked_for("offline_access") {
        let refresh = desk.secret_text("oauth refresh").to_uppercase();
        let scope = scope.to_owned();
        let kept = Refresh { install, scope, until: now + REFRESH_LIFE, spent: None };
        desk.refreshes.insert(refresh.clone(), kept);
        add("refresh_token", refresh);
    }
    if asked_for("openid")
        && let Some(nonce) = nonce
    {
        let claims = json!({"iss": issuer, "aud": client, "nonce": nonce, "exp": expires});
        add("id_token", desk.jwt(&claims));
    }
    TwinResponse::json(200, &body).with("cache-control", "no-store")
}
