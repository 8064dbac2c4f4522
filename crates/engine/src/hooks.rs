//! Our subscription at ShipBob: made once, looked at every hour, mended when ShipBob disabled it.
//!
//! We choose the signing secret and store it before ShipBob learns it: a reply lost on the way
//! costs nothing, the subscription is found again by its address.

use crate::error::Result;
use crate::parts::Engine;
use crate::trail;
use domain::operation::{Lane, System};
use domain::time::Span;
use shipbob::Subscription;
use shipbob::webhook::{RECEIVING_TOPICS, RETURN_TOPICS, TOPICS, WANTED_TOPICS, WebhookSecret};
use store::{NewSecret, NewWebhook, Secret, SecretSystem, WebhookSubscription};

const LOOK: Span = Span::hours(1);
const SECRET: &str = "signing";

impl Engine {
    /// Looks at the subscription when that is due; false when there was nothing to do.
    pub(crate) async fn keep_hooks(&self) -> Result<bool> {
        let Some(base) = self.options.public_url.clone() else { return Ok(false) };
        let now = self.now();
        if now < self.remember().hooks_due {
            return Ok(false);
        }
        let mine = self.own_hook().await?;
        let url = format!("{}/hooks/{}", base.trim_end_matches('/'), mine.path_token);
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(false);
        }
        let there = match self.shipbob.subscriptions().await {
            Ok(list) => list.into_iter().find(|s| s.url == url),
            Err(error) => return self.hooks_later(error),
        };
        self.good(System::ShipBob);
        let (needed, wanted) = self.topics();
        // A list that names no topics says nothing about them.
        let whole = |have: &[String]| {
            have.is_empty() || needed.iter().all(|topic| have.iter().any(|one| one == topic))
        };
        if let Some(Subscription { id, enabled: true, topics, .. }) = &there
            && whole(topics)
        {
            if mine.remote_id.as_ref() != Some(id) {
                self.name_hook(&mine, id, "The webhook subscription at ShipBob was found again.")
                    .await?;
            }
            self.remember().hooks_due = now + LOOK;
            return Ok(true);
        }
        if let Some(old) = there {
            if !self.may_read(System::ShipBob, Lane::Background) {
                return Ok(false);
            }
            if let Err(error) = self.shipbob.unsubscribe(&old.id).await {
                return self.hooks_later(error);
            }
        }
        self.subscribe(&mine, &url, (&needed, &wanted)).await
    }

    /// Topics that are needed, and those that help where ShipBob takes them.
    fn topics(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let (mut needed, mut wanted) = (TOPICS.to_vec(), WANTED_TOPICS.to_vec());
        if let Some(returns) = &self.settings().returns {
            needed.extend(RETURN_TOPICS);
            if returns.receiving {
                wanted.extend(RECEIVING_TOPICS);
            }
        }
        (needed, wanted)
    }

    async fn subscribe(
        &self,
        mine: &WebhookSubscription,
        url: &str,
        (needed, wanted): (&[&str], &[&str]),
    ) -> Result<bool> {
        let mut reader = self.store.read().await?;
        let name = &mine.secret_current;
        let secret = reader.secret(&self.scope, SecretSystem::Webhook, name).await?;
        drop(reader);
        let Some(secret) = secret.and_then(|(s, _)| WebhookSecret::parse(s.expose()).ok()) else {
            tracing::error!(name, "webhook.secret_missing");
            self.remember().hooks_due = self.now() + LOOK;
            return Ok(false);
        };
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(false);
        }
        match self.shipbob.subscribe(url, needed, wanted, &secret).await {
            Ok(id) => {
                self.good(System::ShipBob);
                self.name_hook(mine, &id, "Webhooks were subscribed at ShipBob.").await?;
                self.remember().hooks_due = self.now() + LOOK;
                Ok(true)
            }
            Err(error) => self.hooks_later(error),
        }
    }

    fn hooks_later(&self, error: shipbob::CallError) -> Result<bool> {
        let until = self.rest(System::ShipBob, error.into())?;
        self.remember().hooks_due = until;
        Ok(false)
    }

    /// Our row and secret, made when there are none.
    async fn own_hook(&self) -> Result<WebhookSubscription> {
        let known = self.store.read().await?.webhooks(&self.scope).await?;
        if let Some(mine) = known.into_iter().find(|row| row.secret_current == SECRET) {
            return Ok(mine);
        }
        let now = self.now();
        let path_token: String =
            store::random::<24>()?.iter().map(|b| format!("{b:02x}")).collect();
        let secret = WebhookSecret::from_random(store::random::<24>()?);
        let mut work = self.begin("hooks.make").await?;
        let name = NewSecret {
            system: SecretSystem::Webhook,
            name: SECRET,
            expires_at: None,
            set_by: trail::ENGINE,
        };
        let text = Secret::new(secret.expose().to_string());
        work.txn.secret_put(&self.scope, &name, &text, now).await?;
        let new = NewWebhook {
            path_token,
            remote_id: None,
            secret_current: SECRET.to_owned(),
            secret_previous: None,
        };
        work.txn.webhook_put(&self.scope, &new, now).await?;
        let made = work.txn.webhooks(&self.scope).await?;
        work.commit().await?;
        made.into_iter().find(|row| row.secret_current == SECRET).ok_or_else(|| {
            crate::EngineError::Inconsistent("the webhook just stored is not there".to_owned())
        })
    }

    async fn name_hook(&self, mine: &WebhookSubscription, id: &str, why: &str) -> Result<()> {
        let now = self.now();
        let mut work = self.begin("hooks.name").await?;
        work.txn.webhook_remote(&self.scope, mine.id, id).await?;
        let entry = trail::entry(now, trail::ENGINE, "webhooks", "", why.to_owned());
        let entry = store::TrailEntry { subject: None, ..entry };
        work.txn.trail_append(&self.scope, vec![entry]).await?;
        work.commit().await
    }
}
