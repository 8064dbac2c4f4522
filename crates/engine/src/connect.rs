//! A person lets us into ShipBob: begins in a browser (or with a pasted address), comes back with
//! a code. The code is kept sealed; the owner of the cell exchanges it, so that tokens have one
//! hand only.
//!
//! The way back needs no session: browsers send none with a form of another site. What proves it
//! is `state`: 256 random bits that only a person who was let in ever got, valid once and for ten
//! minutes. A newer begin replaces an older one.

use crate::vaulted::{AccessState, Code, Flow, Pair, credentials_changed, secret};
use domain::ids::Scope;
use domain::time::{Span, Timestamp};
use shipbob::oauth::{App, CODE_LIFE, ComeBack, Marks};
use store::{Secret, SecretSystem, Store, StoreError};
use thiserror::Error;
use transport::gate::Clock;

/// How long a person may take.
pub const BEGUN_LIFE: Span = Span::minutes(10);
/// Longest code or state looked at.
const LONGEST: usize = 4_096;

/// Why a connect does not go on. Says what to do.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The state is not the one of the last begin.
    #[error(
        "this answer does not belong to the connect that was begun last: begin again and use the newest address"
    )]
    Stranger,
    /// It took longer than ten minutes.
    #[error("this connect was begun more than ten minutes ago: begin again")]
    TooOld,
    /// ShipBob says no, or the person did.
    #[error(
        "ShipBob did not let us in ({0}): begin again and press Approve as the account's root user"
    )]
    Denied(String),
    /// There is neither a code nor an error in the answer.
    #[error("the answer holds no code: copy the whole address the browser was sent to")]
    NoCode,
    /// The database does not answer.
    #[error("the database does not answer, nothing was changed: {0}")]
    Store(#[from] StoreError),
    /// Something stored cannot be read.
    #[error("{0}")]
    Broken(String),
}

impl From<crate::EngineError> for ConnectError {
    fn from(error: crate::EngineError) -> Self {
        match error {
            crate::EngineError::Unavailable(why) => Self::Store(StoreError::Unavailable(why)),
            crate::EngineError::Crashed => Self::Store(StoreError::Crashed),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// What the browser came back with.
#[derive(Default)]
pub struct Answer {
    /// As we sent it.
    pub state: String,
    /// The code.
    pub code: String,
    /// Or why there is none.
    pub error: String,
}

/// Takes people to ShipBob and back. Owns no cell and calls nobody.
#[derive(Clone)]
pub struct Connect {
    store: Store,
    scope: Scope,
    app: App,
    clock: Clock,
}

fn random() -> Result<Secret, StoreError> {
    let text: String = store::random::<32>()?.iter().map(|b| format!("{b:02x}")).collect();
    Ok(Secret::new(text))
}

/// Compares without telling by its duration where two texts differ.
fn same(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0u8, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && differ == 0
}

impl Connect {
    /// For one connection.
    pub fn new(store: Store, scope: Scope, app: App, clock: Clock) -> Self {
        Self { store, scope, app, clock }
    }

    /// How often the app was let in or refreshed; none while a code waits for its exchange.
    ///
    /// # Errors
    /// When nothing can be read.
    pub async fn grants(&self) -> Result<Option<i64>, ConnectError> {
        let mut reader = self.store.read().await?;
        if Code::load(&mut reader, &self.scope).await?.is_some() {
            return Ok(None);
        }
        let state = AccessState::load(&mut reader, &self.scope).await?;
        if state.exchanging.is_some() {
            return Ok(None);
        }
        let pair = Pair::load(&mut reader, &self.scope).await?;
        Ok(Some(pair.map_or(0, |pair| pair.generation)))
    }

    /// The address `who` is to open.
    ///
    /// # Errors
    /// When nothing can be stored.
    pub async fn begin(&self, who: &str, back: ComeBack) -> Result<String, ConnectError> {
        let at = (self.clock)();
        let flow = Flow {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            who: who.to_owned(),
            at,
        };
        let mut txn = self.store.begin("connect.begin").await?;
        flow.put(&mut txn, &self.scope, at + BEGUN_LIFE).await?;
        txn.commit().await?;
        let marks = Marks {
            state: flow.state.expose(),
            nonce: flow.nonce.expose(),
            verifier: flow.verifier.expose(),
        };
        Ok(self.app.authorize_url(&marks, back))
    }

    /// Takes the answer; the owner of the cell exchanges the code within moments.
    ///
    /// # Errors
    /// Why it does not go on.
    pub async fn come_back(&self, answer: &Answer) -> Result<(), ConnectError> {
        let now = (self.clock)();
        if answer.state.len() > LONGEST || answer.code.len() > LONGEST {
            return Err(ConnectError::Stranger);
        }
        let mut txn = self.store.begin("connect.callback").await?;
        let Some(flow) = Flow::load(&mut txn, &self.scope).await? else {
            return Err(ConnectError::Stranger);
        };
        if !same(flow.state.expose(), &answer.state) {
            return Err(ConnectError::Stranger);
        }
        txn.secret_remove(&self.scope, SecretSystem::ShipBob, secret::FLOW).await?;
        let outcome = judged(&flow, answer, now);
        if outcome.is_ok() {
            let code = Code {
                code: Secret::new(answer.code.replace('\n', "")),
                nonce: flow.nonce,
                verifier: flow.verifier,
                who: flow.who,
                at: now,
            };
            code.put(&mut txn, &self.scope, now + CODE_LIFE).await?;
            credentials_changed(&mut txn, &self.scope, now).await?;
        }
        txn.commit().await?;
        outcome
    }
}

fn judged(flow: &Flow, answer: &Answer, now: Timestamp) -> Result<(), ConnectError> {
    if now.since(flow.at) > BEGUN_LIFE {
        return Err(ConnectError::TooOld);
    }
    if !answer.error.is_empty() {
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        return Err(ConnectError::Denied(answer.error.chars().filter(plain).take(40).collect()));
    }
    if answer.code.trim().is_empty() {
        return Err(ConnectError::NoCode);
    }
    Ok(())
}
