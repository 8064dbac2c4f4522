//! The code of a person who let us in becomes the first pair of tokens: by the owner of the cell,
//! once, within two minutes.

use crate::error::{EngineError, Result};
use crate::parts::{Engine, Work};
use crate::tokens::{Unkept, said};
use crate::vaulted::{AccessState, Code, Pair, secret};
use domain::time::Span;
use shipbob::oauth::{App, CODE_LIFE, Grant, GrantError};
use store::{Secret, SecretSystem};

impl Engine {
    /// A code is exchanged once: it is taken out of the vault before the call.
    pub(crate) async fn exchange(&self, app: &App) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("connect.take").await?;
        let code = Code::load(&mut work.txn, &self.scope).await?;
        let Some(code) = code else {
            self.remember().access.code_waits = false;
            return Ok(false);
        };
        let old = Pair::load(&mut work.txn, &self.scope).await?;
        let mut state = AccessState::load(&mut work.txn, &self.scope).await?;
        work.txn.secret_remove(&self.scope, SecretSystem::ShipBob, secret::CODE).await?;
        if now.since(code.at) >= CODE_LIFE {
            let why = "it took longer than two minutes until the code could be exchanged";
            return self.not_connected(work, state, &code.who, why).await;
        }
        state.exchanging = Some(now);
        state.put(&mut work.txn, &self.scope, now).await?;
        work.commit().await?;
        self.remember().access.code_waits = false;
        let outcome = app.exchange(code.code.expose(), code.verifier.expose()).await;
        state.exchanging = None;
        // Should the outcome not be recorded, it is looked at again.
        self.remember().access.revision = None;
        let why = match outcome {
            Ok(grant) if grant.nonce.as_ref().is_some_and(|n| n != code.nonce.expose()) => {
                "the answer belongs to another login (nonce)".to_owned()
            }
            Ok(Grant { refresh: None, .. }) => {
                "ShipBob gave no refresh token: offline_access must be among the scopes".to_owned()
            }
            Ok(grant) => return self.connected(old, grant, code.who).await,
            Err(GrantError::Crashed) => return Err(EngineError::Crashed),
            Err(GrantError::Throttled { after }) => {
                let until = now + after.unwrap_or(transport::gate::DEFAULT_WAIT);
                state.not_before = Some(until);
                "ShipBob's auth host asked us to wait".to_owned()
            }
            Err(error) => error.to_string(),
        };
        let work = self.begin("connect.failed").await?;
        self.not_connected(work, state, &code.who, &why).await
    }

    async fn not_connected(
        &self,
        mut work: Work<'_>,
        state: AccessState,
        who: &str,
        why: &str,
    ) -> Result<bool> {
        let now = self.now();
        let words = format!("ShipBob was not connected: {why}. Press Connect ShipBob again.");
        let entry = said(now, who, "connect failed", words.clone());
        work.txn.trail_append(&self.scope, vec![entry]).await?;
        state.put(&mut work.txn, &self.scope, now).await?;
        work.commit().await?;
        self.remember().access.code_waits = false;
        self.note(|s| {
            if let Some((_, trouble)) = &mut s.shipbob.reconnect {
                *trouble = words;
            }
        });
        Ok(true)
    }

    async fn connected(&self, old: Option<Pair>, grant: Grant, who: String) -> Result<bool> {
        let now = self.now();
        let words =
            if old.is_some() { "ShipBob was connected again" } else { "ShipBob was connected" };
        let entry = said(now, &who, "connected", format!("{words} by {who}; work goes on."));
        let base = old.as_ref().map_or(0, |pair| pair.generation);
        let refresh = grant.refresh.map(|text| Secret::new(text.as_str().to_owned()));
        let pair = Pair {
            generation: base + 1,
            expires: now + grant.life,
            who,
            access: Secret::new(grant.access.expose().to_owned()),
            refresh: refresh.unwrap_or_else(|| Secret::new(String::new())),
        };
        let unkept = Unkept { pair, base, state: AccessState::default(), entry: Some(entry) };
        self.remember().access.unkept = Some(unkept);
        let kept = self.keep_pair().await?;
        let mut memory = self.remember();
        // Everything that waited for it may be looked at now.
        memory.reference_due = memory.reference_due.min(now + Span::seconds(1));
        memory.hooks_due = memory.hooks_due.min(now + Span::seconds(1));
        memory.shipbob_poll_due = memory.shipbob_poll_due.min(now + Span::seconds(1));
        Ok(kept)
    }
}
