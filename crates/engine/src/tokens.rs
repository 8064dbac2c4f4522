//! Credentials while we run: replaced ones are taken up, and the tokens of the ShipBob app are
//! refreshed every hour, paused or not.
//!
//! One hand only: nothing but this step, under the fence, calls the token address. A marker is
//! committed before the call and the new pair is committed before it is used (I5). What cannot be
//! helped is said: when the process dies between ShipBob's answer and our commit, the new refresh
//! token is gone. The next owner finds the marker, tries the old token once - without the answer
//! nobody knows whether it is spent - and if ShipBob refuses it, a person must connect again.

use crate::error::{EngineError, Result};
use crate::limits::{LOOK_AGAIN, REFRESH_EARLY, REFUSED_AGAIN};
use crate::parts::Engine;
use crate::trail;
use crate::troubles::Kind;
use crate::vaulted::{AccessState, Code, Pair, Reconnect, revision, secret};
use domain::doctor::Entrance;
use domain::operation::System;
use domain::time::{Span, Timestamp};
use dynamics::{Certificate, ClientSecret, Credential};
use shipbob::Token;
use shipbob::oauth::{App, DEADLINE, Grant, GrantError};
use store::{Secret, SecretSystem, TrailEntry};

/// The vault is looked at so often for what other processes put there.
const LOOK_EVERY: Span = Span::seconds(1);

const NOT_YET: &str = "ShipBob has not been connected yet: press Connect ShipBob on the page System, or run `ml-connector connect shipbob`";
const REMOVED: &str = "ShipBob does not accept our refresh token any more (the app was removed there, or nothing ran for 30 days): press Reconnect ShipBob on the page System. Nothing is lost meanwhile";

/// What is remembered of the app's access while the process lives.
#[derive(Default)]
pub(crate) struct Access {
    /// The revision of the credentials in use; none = not looked yet.
    pub(crate) revision: Option<String>,
    /// When that was looked at, and how many commits of ours had ended then.
    looked: Option<(Timestamp, u64)>,
    /// Calls may be made until then.
    until: Timestamp,
    /// The next refresh.
    due: Option<Timestamp>,
    /// When the present token was granted or loaded.
    taken: Timestamp,
    pub(crate) code_waits: bool,
    /// The auth host asked for quiet until then.
    quiet: Timestamp,
    /// Granted, but the database did not answer: not used before it is kept.
    pub(crate) unkept: Option<Unkept>,
}

/// A pair on its way into the database.
#[derive(Clone)]
pub(crate) struct Unkept {
    pub(crate) pair: Pair,
    /// Replaces the pair of this generation and no other.
    pub(crate) base: i64,
    pub(crate) state: AccessState,
    pub(crate) entry: Option<TrailEntry>,
}

/// An entry of the trail that is about no order.
pub(crate) fn said(at: Timestamp, who: &str, what: &str, why: String) -> TrailEntry {
    TrailEntry { subject: None, ..trail::entry(at, who, what, "", why) }
}

impl Engine {
    /// Another process may have changed everything: look again.
    pub(crate) fn forget_credentials(&self) {
        self.remember().access = Access::default();
    }

    /// ShipBob cannot be called: no token, or one that has ended.
    pub(crate) fn shipbob_shut(&self, now: Timestamp) -> bool {
        self.app.is_some() && now >= self.remember().access.until
    }

    /// When the token is refreshed next.
    pub(crate) fn token_due(&self) -> Option<Timestamp> {
        let memory = self.remember();
        let waits = memory.access.code_waits.then_some(memory.access.quiet);
        memory.access.due.map(|due| due.max(memory.access.quiet)).or(waits)
    }

    /// ShipBob refused the token before its end: refreshed at once, though not again and again.
    pub(crate) fn token_doubted(&self, now: Timestamp) {
        let mut memory = self.remember();
        let access = &mut memory.access;
        if access.due.is_some() && now.since(access.taken) > REFUSED_AGAIN {
            access.due = Some(now);
        }
    }

    /// Takes up what was replaced, exchanges a waiting code, refreshes what ends soon.
    pub async fn keep_credentials(&self) -> Result<bool> {
        let worked = self.look_for_others().await?;
        let Some(app) = self.app.clone() else { return Ok(worked) };
        if self.remember().access.unkept.is_some() {
            return self.keep_pair().await;
        }
        let now = self.now();
        if !self.may_call(now, DEADLINE) {
            return Ok(worked);
        }
        if now < self.remember().access.quiet {
            return Ok(worked);
        }
        if self.remember().access.code_waits {
            return self.exchange(&app).await;
        }
        let due = self.remember().access.due;
        if due.is_some_and(|due| now >= due) {
            return self.refresh(&app).await;
        }
        Ok(worked)
    }

    /// Takes up what another hand - the console, a command line, another node - put into the vault.
    async fn look_for_others(&self) -> Result<bool> {
        let (now, changes) = (self.now(), self.store.changes());
        let fresh = |(at, seen): (Timestamp, u64)| seen == changes && now.since(at) < LOOK_EVERY;
        let known = |access: &Access| access.revision.is_some() && access.looked.is_some_and(fresh);
        if known(&self.remember().access) {
            return Ok(false);
        }
        let mut reader = self.store.read().await?;
        let revision = revision(&mut reader, &self.scope).await?;
        drop(reader);
        self.remember().access.looked = Some((now, changes));
        if self.remember().access.revision.as_ref() == Some(&revision) {
            return Ok(false);
        }
        self.take_up().await?;
        self.remember().access.revision = Some(revision);
        Ok(true)
    }

    /// Uses what lies in the vault; what does not lie there stays as it was given at start.
    async fn take_up(&self) -> Result<()> {
        let scope = &self.scope;
        let mut reader = self.store.read().await?;
        let fo = SecretSystem::Dynamics;
        let certificate = reader.secret(scope, fo, secret::CERTIFICATE).await?;
        let client_secret = reader.secret(scope, fo, secret::CLIENT_SECRET).await?;
        let token = reader.secret(scope, SecretSystem::ShipBob, secret::TOKEN).await?;
        let billing = reader.secret(scope, SecretSystem::ShipBob, secret::BILLING).await?;
        drop(reader);
        self.remember().billing =
            billing.map(|(token, _)| self.shipbob.beside(Token::new(token.expose())));
        if let Some((pem, _)) = certificate {
            match Certificate::from_pem(pem.expose()) {
                Ok(certificate) => self.dynamics.prove_with(certificate.into()).await,
                Err(why) => self.troubled(Kind::NoAccess, "Dynamics", &why.to_string()),
            }
        } else if let Some((text, _)) = client_secret {
            let proof: Credential = ClientSecret::new(text.expose()).into();
            self.dynamics.prove_with(proof).await;
        }
        if self.app.is_some() {
            return self.take_up_pair().await;
        }
        if let Some((token, _)) = token {
            self.shipbob.use_token(Token::new(token.expose()));
        }
        Ok(())
    }

    async fn take_up_pair(&self) -> Result<()> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let pair = Pair::load(&mut reader, &self.scope).await?;
        let mut state = AccessState::load(&mut reader, &self.scope).await?;
        let code_waits = Code::load(&mut reader, &self.scope).await?.is_some();
        drop(reader);
        if state.exchanging.take().is_some() {
            let words = "A connect to ShipBob was interrupted before its answer was stored. Nothing else changed; press Connect ShipBob again.";
            let mut work = self.begin("connect.interrupted").await?;
            let entry = said(now, trail::ENGINE, "connect failed", words.to_owned());
            work.txn.trail_append(&self.scope, vec![entry]).await?;
            state.put(&mut work.txn, &self.scope, now).await?;
            work.commit().await?;
        }
        let mut memory = self.remember();
        memory.access.code_waits = code_waits;
        memory.access.quiet = state.not_before.unwrap_or_default();
        drop(memory);
        match pair {
            Some(pair) => self.use_pair(&pair, &state),
            None => {
                let lost = Reconnect { since: now, why: NOT_YET.to_owned() };
                self.note(|s| s.shipbob.reconnect = Some((lost.since, lost.why)));
            }
        }
        Ok(())
    }

    /// How we get into ShipBob, as the vault has it now.
    pub(crate) async fn entrance(&self) -> Result<Entrance> {
        if self.app.is_none() {
            return Ok(Entrance::Token);
        }
        let mut reader = self.store.read().await?;
        let pair = Pair::load(&mut reader, &self.scope).await?;
        let state = AccessState::load(&mut reader, &self.scope).await?;
        Ok(match (pair, state.reconnect) {
            (None, _) => Entrance::NotConnected,
            (Some(_), Some(lost)) => Entrance::Lost { why: lost.why },
            (Some(_), None) => Entrance::App,
        })
    }

    /// From now on calls are made with this pair: it is durable.
    fn use_pair(&self, pair: &Pair, state: &AccessState) {
        let now = self.now();
        self.shipbob.use_token(Token::new(pair.access.expose()));
        let lost = state.reconnect.clone();
        let soon = (pair.expires - REFRESH_EARLY).max(state.not_before.unwrap_or_default());
        // An interrupted refresh is cleared up at once, while the token in hand still works.
        let due = if state.under_way.is_some() || state.doubt.is_some() { now } else { soon };
        let mut memory = self.remember();
        memory.access.until = pair.expires;
        memory.access.taken = now;
        memory.access.due = lost.is_none().then_some(due);
        memory.access.quiet = state.not_before.unwrap_or_default();
        drop(memory);
        self.note(|s| s.shipbob.reconnect = lost.map(|lost| (lost.since, lost.why)));
    }

    async fn refresh(&self, app: &App) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("token.mark").await?;
        let Some(pair) = Pair::load(&mut work.txn, &self.scope).await? else {
            self.remember().access.due = None;
            return Ok(false);
        };
        let mut state = AccessState::load(&mut work.txn, &self.scope).await?;
        if let Some(began) = state.under_way {
            let words = format!(
                "A refresh of ShipBob's token begun at {began} was interrupted. If ShipBob had answered, the new token is lost: the old one is tried once more, and if it is refused ShipBob must be connected again."
            );
            let entry = said(now, trail::ENGINE, "token in doubt", words);
            work.txn.trail_append(&self.scope, vec![entry]).await?;
            state.doubt.get_or_insert(began);
        }
        state.under_way = Some(now);
        state.put(&mut work.txn, &self.scope, now).await?;
        work.commit().await?;
        let outcome = app.refresh(pair.refresh.expose()).await;
        state.under_way = None;
        match outcome {
            Ok(grant) => self.granted(&pair, state, grant).await,
            Err(GrantError::Crashed) => Err(EngineError::Crashed),
            Err(error) => self.not_granted(state, error).await,
        }
    }

    async fn granted(&self, old: &Pair, mut state: AccessState, grant: Grant) -> Result<bool> {
        let now = self.now();
        let entry = state.doubt.take().map(|since| {
            let words = format!(
                "ShipBob took the token that was in doubt since {since}; nobody has to connect again."
            );
            said(now, trail::ENGINE, "token renewed", words)
        });
        state.not_before = None;
        let refresh = grant.refresh.map(|text| Secret::new(text.as_str().to_owned()));
        let pair = Pair {
            generation: old.generation + 1,
            expires: now + grant.life,
            who: old.who.clone(),
            access: Secret::new(grant.access.expose().to_owned()),
            refresh: refresh.unwrap_or_else(|| old.refresh.clone()),
        };
        let unkept = Unkept { pair, base: old.generation, state, entry };
        self.remember().access.unkept = Some(unkept);
        self.keep_pair().await
    }

    /// Commits what was granted, then uses it. A database that does not answer is asked again:
    /// until then the pair lives in memory only and is used for nothing.
    pub(crate) async fn keep_pair(&self) -> Result<bool> {
        let Some(new) = self.remember().access.unkept.clone() else { return Ok(false) };
        let now = self.now();
        let mut work = self.begin("token.keep").await?;
        let there = Pair::load(&mut work.txn, &self.scope).await?;
        if there.map_or(0, |pair| pair.generation) != new.base {
            self.remember().access.unkept = None;
            self.remember().access.revision = None;
            return Ok(true);
        }
        new.pair.put(&mut work.txn, &self.scope, now).await?;
        new.state.put(&mut work.txn, &self.scope, now).await?;
        if let Some(entry) = new.entry {
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        work.commit().await?;
        self.remember().access.unkept = None;
        self.use_pair(&new.pair, &new.state);
        tracing::info!(generation = new.pair.generation, "token.kept");
        Ok(true)
    }

    async fn not_granted(&self, mut state: AccessState, error: GrantError) -> Result<bool> {
        let now = self.now();
        let why = error.to_string();
        let mut again = now + LOOK_AGAIN;
        let mut entry = None;
        match error {
            GrantError::Spent => {
                let why = match state.doubt.take() {
                    Some(at) => format!(
                        "the answer to a refresh at {at} was lost (the process or the network broke off between ShipBob's answer and our commit), and ShipBob does not take the old token again: press Reconnect ShipBob on the page System. Nothing else is lost"
                    ),
                    None => REMOVED.to_owned(),
                };
                let words = format!("ShipBob must be connected again: {why}.");
                entry = Some(said(now, trail::ENGINE, "reconnect needed", words));
                state.reconnect = Some(Reconnect { since: now, why });
            }
            GrantError::Throttled { after } => {
                again = now + after.unwrap_or(transport::gate::DEFAULT_WAIT);
                state.not_before = Some(again);
                self.remember().access.quiet = again;
            }
            GrantError::InDoubt { .. } => {
                if state.doubt.is_none() {
                    let words = format!(
                        "A refresh of ShipBob's token got no usable answer ({why}). It is tried again in {} s; if ShipBob had already replaced the token, it must be connected again.",
                        LOOK_AGAIN.as_seconds()
                    );
                    entry = Some(said(now, trail::ENGINE, "token in doubt", words));
                }
                state.doubt.get_or_insert(now);
            }
            GrantError::Refused { .. } => {
                self.troubled(Kind::NoAccess, "ShipBob", &why);
                self.note(|s| s.remote(System::ShipBob).refused(now, &why));
            }
            GrantError::NotSent { .. } | GrantError::Crashed => {}
        }
        tracing::warn!(why, "token.not_refreshed");
        let mut work = self.begin("token.later").await?;
        if let Some(entry) = entry {
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        state.put(&mut work.txn, &self.scope, now).await?;
        work.commit().await?;
        let lost = state.reconnect.map(|lost| (lost.since, lost.why));
        self.remember().access.due = lost.is_none().then_some(again);
        self.note(|s| s.shipbob.reconnect = lost);
        Ok(true)
    }
}
