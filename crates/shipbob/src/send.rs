//! One request out, its outcome back, and the gate told. No retries.

use crate::client::ShipBob;
use crate::interpret::{self, Entries};
use crate::query::{Url, cursor};
use crate::reply::CallError;
use domain::operation::Lane;
use domain::time::Span;
use std::collections::BTreeSet;
use transport::gate::Outcome;
use transport::{Method, Request, Response, TransportError};

/// Longest time a call may take.
const DEADLINE: Span = Span::seconds(30);

/// Most pages followed in one call; more is a paging bug of the vendor.
const PAGES: usize = 400;

/// Whether the orders of our channel only are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Send `shipbob_channel_id`.
    Ours,
    /// The header is not declared for this call, or all channels are meant.
    None,
}

/// The requests of one call: the first was permitted by the caller, the others ask the gate.
pub(crate) struct Turn {
    lane: Lane,
    first: bool,
}

impl Turn {
    pub(crate) fn new(lane: Lane) -> Self {
        Self { lane, first: true }
    }
}

impl ShipBob {
    pub(crate) fn request(
        &self,
        method: Method,
        url: Url,
        channel: Channel,
        label: &'static str,
    ) -> Request {
        let config = &self.inner.config;
        let request = Request::new(method, url.text(), label)
            .deadline(DEADLINE)
            .header("authorization", self.authorization())
            .header("accept", "application/json")
            .header("user-agent", config.user_agent.clone());
        match channel {
            Channel::Ours => request.header("shipbob_channel_id", config.channel.to_string()),
            Channel::None => request,
        }
    }

    /// Sends and tells the gate.
    pub(crate) async fn exchange(&self, request: Request) -> Outcome {
        let label = request.label;
        let outcome = self.inner.transport.send(request).await;
        self.inner.limiter.finished(&outcome);
        match &outcome {
            Ok(reply) => tracing::debug!(label, status = reply.status, "shipbob answered"),
            Err(e) => tracing::debug!(label, error = %e, "shipbob did not answer"),
        }
        outcome
    }

    /// A read, or a write that may be repeated at will.
    pub(crate) async fn ask(
        &self,
        turn: &mut Turn,
        request: Request,
    ) -> Result<Response, CallError> {
        if !std::mem::take(&mut turn.first) {
            let closed = |until| CallError::GateClosed { until };
            self.inner.limiter.may_send(turn.lane).map_err(closed)?;
        }
        interpret::read(self.exchange(request).await)
    }

    /// Gives the caller's permission back: the call needs no request.
    pub(crate) fn unused(&self) {
        self.inner
            .limiter
            .finished(&Err(TransportError::NotSent { why: "nothing to ask for".to_owned() }));
    }

    /// All pages of a cursor-paged list. A cursor seen before ends it.
    pub(crate) async fn cursor_pages<T>(
        &self,
        turn: &mut Turn,
        url: Url,
        label: &'static str,
        mut take: impl FnMut(&Entries<'_>) -> Result<Vec<T>, CallError>,
    ) -> Result<Vec<T>, CallError> {
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        let mut page = url.clone();
        for _ in 0..PAGES {
            let request = self.request(Method::Get, page, Channel::None, label);
            let reply = self.ask(turn, request).await?;
            let entries = interpret::entries(&reply)?;
            all.extend(take(&entries)?);
            let next = entries.next.as_deref().and_then(cursor);
            let Some((name, next)) = next else { return Ok(all) };
            if !seen.insert(next.clone()) {
                return Err(CallError::Malformed {
                    why: format!("{label}: the next link repeats after {} pages", seen.len()),
                });
            }
            page = url.clone().with_token(&name, &next);
        }
        Err(CallError::Malformed { why: format!("{label}: more than {PAGES} pages") })
    }
}
