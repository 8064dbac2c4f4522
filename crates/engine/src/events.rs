//! Business events of F&O over HTTPS: hints to poll now, nothing more. The unguessable path is all
//! that protects them – F&O signs nothing – so nothing of a body is believed but an order number to
//! look at. `ControlNumber` is not read: order does not matter to a hint.

use crate::error::Result;
use crate::gather::target;
use crate::intake::{Accept, WebhookIntake};
use crate::parts::Engine;
use domain::time::Timestamp;
use serde::Deserialize;
use store::{BUSINESS_EVENTS, NewSignal, NewWebhook, Signal};

/// Largest event: payloads are thin by the vendor's design.
pub const EVENT_LIMIT: usize = 64 * 1024;

/// Longest id or order number taken.
const LONGEST: usize = 64;

/// The few members that matter; everything else of the envelope is ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "BusinessEventLegalEntity")]
    company: Option<String>,
    #[serde(rename = "EventId")]
    id: Option<String>,
    #[serde(rename = "SalesId")]
    order: Option<String>,
}

impl WebhookIntake {
    /// Takes one business event and waits for its commit. An event without an id – the test that
    /// F&O sends when the endpoint is made – is answered and not stored.
    pub async fn accept_event(&self, token: &str, body: &[u8]) -> Accept {
        let outcome = self.take_event(token, body).await;
        let name = match &outcome {
            Accept::Stored => "stored",
            Accept::Refused { .. } => "refused",
            Accept::Unavailable => "unavailable",
        };
        metrics::counter!("business_events_total", "outcome" => name).increment(1);
        outcome
    }

    async fn take_event(&self, token: &str, body: &[u8]) -> Accept {
        let Ok(row) = self.event_address(token).await else { return Accept::Unavailable };
        let Some((id, scope, company)) = row else {
            return Accept::Refused { status: 404, why: "no such event address" };
        };
        if body.len() > EVENT_LIMIT {
            return Accept::Refused { status: 413, why: "the body is larger than 64 KiB" };
        }
        let Ok(event) = serde_json::from_slice::<Event>(body) else {
            return Accept::Refused { status: 400, why: "the body is not a JSON object" };
        };
        let short = |text: &String| !text.is_empty() && text.len() <= LONGEST;
        let Some(event_id) = event.id.filter(short) else { return Accept::Stored };
        if event.company.is_some_and(|c| !c.is_empty() && !c.eq_ignore_ascii_case(&company)) {
            return Accept::Stored;
        }
        let signal = |kind: &str, key: &str| NewSignal {
            source: "event".to_owned(),
            target_kind: kind.to_owned(),
            target_key: key.to_owned(),
            dedupe_key: format!("event|{id}|{event_id}|{kind}"),
            body: None,
            received_at: self.now(),
            flagged: false,
        };
        let mut signals = vec![signal(target::POLL, "")];
        signals.extend(event.order.filter(short).map(|order| signal(target::SALES, &order)));
        self.store_signals(scope, signals).await
    }
}

impl Engine {
    /// Makes the address once, where F&O can reach us.
    pub(crate) async fn keep_events(&self) -> Result<bool> {
        if self.options.public_url.is_none() || self.remember().events_made {
            return Ok(false);
        }
        let known = self.store.read().await?.webhooks(&self.scope).await?;
        if !known.iter().any(|row| row.secret_current == BUSINESS_EVENTS) {
            let path_token = store::random::<24>()?.iter().map(|b| format!("{b:02x}")).collect();
            let new = NewWebhook {
                path_token,
                remote_id: None,
                secret_current: BUSINESS_EVENTS.to_owned(),
                secret_previous: None,
            };
            let now = self.now();
            let mut work = self.begin("events.make").await?;
            work.txn.webhook_put(&self.scope, &new, now).await?;
            work.commit().await?;
        }
        self.remember().events_made = true;
        Ok(true)
    }

    /// An event said that something happened: F&O is polled in the next pass.
    pub(crate) async fn poll_soon(&self, signals: Vec<Signal>) -> Result<bool> {
        self.remember().dynamics_poll_due = Timestamp::MIN;
        let mut work = self.begin("gather.events").await?;
        let ids = signals.iter().map(|s| s.id).collect();
        work.txn.inbox_done(&self.scope, ids, self.now()).await?;
        work.commit().await?;
        Ok(true)
    }
}
