//! The client: configuration, token, one `$batch` or metadata read at a time.

use crate::batch::{self, Batch, Item};
use crate::interpret::Failure;
use crate::limits;
use crate::reply::CallError;
use crate::token::{Credential, Quiet, Tokens};
use bytes::Bytes;
use domain::ids::Company;
use domain::operation::Lane;
use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use transport::gate::Limiter;
use transport::{Method, Request, Response, Transport, TransportError};

/// Where F&O is and who we are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `https://host` of the environment, without a trailing slash.
    pub base: String,
    /// The whole token URL of Entra; never derived from `base`.
    pub authority: String,
    /// Application (client) id.
    pub client_id: String,
    /// `https://host/.default`.
    pub scope: String,
    /// Legal entity.
    pub company: Company,
    /// Rows per page of changed rows, 1 to 10,000; 1,000 is usual.
    pub page: u32,
    /// `User-Agent`.
    pub user_agent: String,
}

/// One F&O environment and legal entity. Share it behind an `Arc`: the token is cached inside.
///
/// Permission of the gate: the caller asks the [`Limiter`] before each call of a method; that
/// permission covers the first request of the call. The client tells the limiter how every
/// request ended and asks it itself before further ones.
pub struct Dynamics {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) config: Config,
    tokens: Tokens,
    /// This environment answered that it has no `PackingSlipTrackingInformation`.
    pub(crate) no_tracking_set: AtomicBool,
}

impl Dynamics {
    /// A client. Nothing is sent yet.
    pub fn new(
        transport: Arc<dyn Transport>,
        limiter: Arc<dyn Limiter>,
        mut config: Config,
        credential: impl Into<Credential>,
    ) -> Self {
        config.base = config.base.trim_end_matches('/').to_owned();
        config.page = config.page.clamp(1, limits::SERVER_PAGE);
        let tokens = Tokens::new(
            config.authority.clone(),
            config.client_id.clone(),
            config.scope.clone(),
            credential.into(),
        );
        let no_tracking_set = AtomicBool::new(false);
        Self { transport, limiter, config, tokens, no_tracking_set }
    }

    /// Shares what Entra asks for with the other clients of its application.
    #[must_use]
    pub fn listening(mut self, quiet: Quiet) -> Self {
        self.tokens.listen(quiet);
        self
    }

    /// Proves itself to Entra with another credential from now on.
    pub async fn prove_with(&self, credential: Credential) {
        self.tokens.prove_with(credential).await;
    }

    /// Asks Entra for a token with the credential in force, and forgets it: proves that it works.
    ///
    /// # Errors
    /// What Entra answered, with the fix.
    pub async fn check_credential(&self, now: Timestamp) -> Result<(), CallError> {
        let bearer = self.tokens.bearer(&*self.transport, now).await?;
        self.tokens.forget(&bearer).await;
        Ok(())
    }

    /// Begins a call for which the caller has the permission of the gate.
    pub(crate) fn turn(&self) -> Turn {
        Turn { limiter: Arc::clone(&self.limiter), permitted: true }
    }

    /// A call for which nobody has asked the gate yet.
    pub(crate) fn asking_turn(&self) -> Turn {
        Turn { limiter: Arc::clone(&self.limiter), permitted: false }
    }

    /// Does Entra give us a token now?
    pub(crate) async fn fresh_token(&self, now: Timestamp) -> Result<(), CallError> {
        self.tokens.probe(&*self.transport, now).await
    }

    /// Sends one `$batch`.
    pub(crate) async fn batch(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        label: &'static str,
        body: Bytes,
    ) -> Result<Batch, Failure> {
        let url = format!("{}/data/$batch", self.config.base);
        let request = Request::new(Method::Post, url, label)
            .header("odata-version", "4.0")
            .header("odata-maxversion", "4.0")
            // Without it a server may stop at the first part that fails.
            .header("prefer", "odata.continue-on-error")
            .body(batch::CONTENT_TYPE, body);
        let reply = self.send(turn, now, request).await?;
        if !matches!(reply.status, 200 | 202) {
            return Err(Failure::Reply(reply));
        }
        match reply.header("content-type").and_then(|kind| batch::read(kind, &reply.body)) {
            Some(batch) => Ok(batch),
            None => Err(Failure::Reply(reply)),
        }
    }

    /// Reads one JSON document.
    pub(crate) async fn get(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        label: &'static str,
        url: String,
    ) -> Result<Response, Failure> {
        let request = Request::new(Method::Get, url, label)
            .header("accept", "application/json;odata.metadata=minimal")
            .header("odata-version", "4.0")
            .header("odata-maxversion", "4.0");
        self.send(turn, now, request).await
    }

    /// Sends with a token; a 401 costs one new token and one more try. That is safe for writes
    /// too: a request whose token is not accepted is not carried out.
    pub(crate) async fn send(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        request: Request,
    ) -> Result<Response, Failure> {
        let request =
            request.header("user-agent", self.config.user_agent.clone()).deadline(limits::DEADLINE);
        let (reply, bearer) = self.send_once(turn, now, request.clone()).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        self.tokens.forget(&bearer).await;
        let (reply, bearer) = self.send_once(turn, now, request).await?;
        if reply.status == 401 {
            self.tokens.forget(&bearer).await;
        }
        Ok(reply)
    }

    async fn send_once(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        request: Request,
    ) -> Result<(Response, String), Failure> {
        let bearer = self.tokens.bearer(&*self.transport, now).await.map_err(Failure::Before)?;
        turn.ask().map_err(Failure::Before)?;
        let label = request.label;
        let outcome = self.transport.send(request.header("authorization", bearer.clone())).await;
        turn.answered(&outcome);
        match &outcome {
            Ok(reply) => tracing::debug!(label, status = reply.status, "F&O answered"),
            Err(error) => tracing::debug!(label, %error, "F&O did not answer"),
        }
        Ok((outcome.map_err(Failure::Transport)?, bearer))
    }
}

/// The permissions of one call. Each one given is answered exactly once, also when the call is
/// dropped half-way.
pub(crate) struct Turn {
    limiter: Arc<dyn Limiter>,
    permitted: bool,
}

impl Turn {
    /// Permission for the next request of this call.
    pub(crate) fn ask(&mut self) -> Result<(), CallError> {
        if !self.permitted {
            self.limiter
                .may_send(Lane::Fulfilment)
                .map_err(|until| CallError::GateClosed { until })?;
            self.permitted = true;
        }
        Ok(())
    }

    /// How the permitted request ended.
    pub(crate) fn answered(&mut self, outcome: &Result<Response, TransportError>) {
        self.permitted = false;
        self.limiter.finished(outcome);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.permitted {
            let why = "the call ended without a request".to_owned();
            self.limiter.finished(&Err(TransportError::NotSent { why }));
        }
    }
}

/// Body of a `$batch` of reads.
pub(crate) fn reads(urls: &[String]) -> Bytes {
    batch::write(urls.iter().map(String::as_str), std::iter::empty())
}

/// Body of a `$batch` of change sets.
pub(crate) fn changes(sets: &[Vec<Item>]) -> Bytes {
    batch::write(std::iter::empty(), sets.iter().map(Vec::as_slice))
}

#[cfg(test)]
mod tests;
