//! Webhook subscriptions. There is no update and no enable call: delete and subscribe again.

use crate::client::ShipBob;
use crate::query::escaped;
use crate::reference::readable;
use crate::reply::{CallError, Subscription};
use crate::send::{Channel, Turn};
use crate::webhook::WebhookSecret;
use crate::{interpret, wire};
use domain::operation::Lane;
use transport::Method;

impl ShipBob {
    /// All subscriptions of the account, also other tools'.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, CallError> {
        let mut turn = Turn::new(Lane::Background);
        let url = self.url("webhook").with("RecordsPerPage", "250");
        self.cursor_pages(&mut turn, url, "webhooks", |entries| {
            let (found, bad) = interpret::each(&entries.items, subscription);
            readable(found, bad, "webhooks")
        })
        .await
    }

    /// Subscribes `url` to topics, signed with our own secret; returns ShipBob's id. When ShipBob
    /// refuses one of the `wanted` topics, the `needed` ones are subscribed alone. A lost reply may
    /// leave a subscription behind: list them before trying again.
    pub async fn subscribe(
        &self,
        url: &str,
        needed: &[&str],
        wanted: &[&str],
        secret: &WebhookSecret,
    ) -> Result<String, CallError> {
        let mut turn = Turn::new(Lane::Background);
        let all: Vec<&str> = needed.iter().chain(wanted).copied().collect();
        match self.subscribe_to(&mut turn, url, &all, secret).await {
            Err(CallError::Refused { status: 400 | 422, .. }) if !wanted.is_empty() => {
                self.subscribe_to(&mut turn, url, needed, secret).await
            }
            result => result,
        }
    }

    async fn subscribe_to(
        &self,
        turn: &mut Turn,
        url: &str,
        topics: &[&str],
        secret: &WebhookSecret,
    ) -> Result<String, CallError> {
        let text = secret.expose();
        let body = wire::NewWebhook { url, topics, description: "ml-connector", secret: &text };
        let request = self
            .request(Method::Post, self.url("webhook"), Channel::None, "subscribe")
            .body("application/json", serde_json::to_vec(&body).unwrap_or_default());
        let reply = self.ask(turn, request).await?;
        let malformed = |why: String| CallError::Malformed { why };
        let made: wire::Webhook = interpret::parse(&reply.body).map_err(malformed)?;
        made.id
            .text()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| malformed("a subscription without an id".to_owned()))
    }

    /// Removes a subscription; one that is not there counts as removed.
    pub async fn unsubscribe(&self, id: &str) -> Result<(), CallError> {
        let mut turn = Turn::new(Lane::Background);
        let url = self.url(&format!("webhook/{}", escaped(id)));
        let request = self.request(Method::Delete, url, Channel::None, "unsubscribe");
        match self.ask(&mut turn, request).await {
            Ok(_) | Err(CallError::Refused { status: 404 | 410, .. }) => Ok(()),
            Err(e) => Err(e),
        }
    }
}

fn subscription(wire: wire::Webhook) -> Option<Subscription> {
    Some(Subscription {
        id: wire.id.text()?,
        url: wire.url.or_empty(),
        topics: wire.topics.into_iter().filter_map(wire::Scalar::text).collect(),
        // A list that does not say so is not taken for a disabled subscription.
        enabled: wire.enabled.flag().unwrap_or(true),
    })
}
