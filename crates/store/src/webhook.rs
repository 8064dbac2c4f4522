//! Webhook subscriptions. The unguessable part of the URL selects the subscription and with it
//! the tenant and the signing secrets, which lie in the vault under the names kept here.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, scoped, statements, values};
use domain::ids::{ConnectionId, OrganisationId, Scope};
use domain::time::Timestamp;

statements! {
    whole WEBHOOK_BY_TOKEN = "SELECT id, organisation_id, connection_id, path_token, remote_id, \
        secret_current, secret_previous, created_at, enabled, last_seen_at \
        FROM webhook_subscription WHERE path_token = $1",
        why "the path token is what names the tenant";
    tenant WEBHOOK_ALL = "SELECT id, organisation_id, connection_id, path_token, remote_id, \
        secret_current, secret_previous, created_at, enabled, last_seen_at \
        FROM webhook_subscription WHERE organisation_id = $1 AND connection_id = $2 ORDER BY id";
    tenant WEBHOOK_PUT = "INSERT INTO webhook_subscription (organisation_id, connection_id, \
        path_token, remote_id, secret_current, secret_previous, created_at, enabled) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE) RETURNING id";
    tenant WEBHOOK_ENABLED = "UPDATE webhook_subscription SET enabled = $4 \
        WHERE organisation_id = $1 AND connection_id = $2 AND id = $3";
    tenant WEBHOOK_SEEN = "UPDATE webhook_subscription SET last_seen_at = $4 \
        WHERE organisation_id = $1 AND connection_id = $2 AND id = $3 \
        AND (last_seen_at IS NULL OR last_seen_at < $4)";
    tenant WEBHOOK_REMOTE = "UPDATE webhook_subscription SET remote_id = $4 \
        WHERE organisation_id = $1 AND connection_id = $2 AND id = $3";
    tenant WEBHOOK_ROTATE = "UPDATE webhook_subscription SET secret_previous = secret_current, \
        secret_current = $4 WHERE organisation_id = $1 AND connection_id = $2 AND id = $3";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// `secret_current` of the row that holds the address for business events of F&O: nothing signs
/// them, so there is no secret of that name, and under `/hooks/` its token opens nothing.
pub const BUSINESS_EVENTS: &str = "business-events";

/// A subscription to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// The unguessable part of its URL.
    pub path_token: String,
    /// Its id at the remote, once known.
    pub remote_id: Option<String>,
    /// Name of the signing secret in the vault.
    pub secret_current: String,
    /// Name of the one before it.
    pub secret_previous: Option<String>,
}

/// A stored subscription.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSubscription {
    /// Names the row.
    pub id: i64,
    /// Whose it is.
    pub scope: Scope,
    /// The unguessable part of its URL.
    pub path_token: String,
    /// Its id at the remote, once known.
    pub remote_id: Option<String>,
    /// Name of the signing secret in the vault.
    pub secret_current: String,
    /// Name of the one before it.
    pub secret_previous: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// False while nothing is accepted under it.
    pub enabled: bool,
    /// When the last signal came in under it.
    pub last_seen_at: Option<Timestamp>,
}

crate::gate::shown! {
    NewWebhook: remote_id, secret_current, secret_previous;
    WebhookSubscription: id, scope, remote_id, secret_current, secret_previous, created_at,
        enabled, last_seen_at;
}

fn subscription(row: &Row) -> Result<WebhookSubscription> {
    Ok(WebhookSubscription {
        id: row.int("id")?,
        scope: Scope {
            organisation: OrganisationId::new(row.text("organisation_id")?),
            connection: ConnectionId::new(row.text("connection_id")?),
        },
        path_token: row.text("path_token")?,
        remote_id: row.text_opt("remote_id")?,
        secret_current: row.text("secret_current")?,
        secret_previous: row.text_opt("secret_previous")?,
        created_at: row.time("created_at")?,
        enabled: row.flag("enabled")?,
        last_seen_at: row.time_opt("last_seen_at")?,
    })
}

impl Reader {
    /// The subscription behind a URL.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhook_by_token(
        &mut self,
        path_token: &str,
    ) -> Result<Option<WebhookSubscription>> {
        let row = self.maybe(&WEBHOOK_BY_TOKEN, values![path_token]).await?;
        row.as_ref().map(subscription).transpose()
    }

    /// Subscriptions of a connection.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhooks(&mut self, scope: &Scope) -> Result<Vec<WebhookSubscription>> {
        self.all(&WEBHOOK_ALL, scoped![scope]).await?.iter().map(subscription).collect()
    }
}

impl Txn {
    /// Stores a subscription, enabled, and returns its id.
    ///
    /// # Errors
    /// `Conflict` when the path token is taken, `Refused` when the connection does not exist.
    pub async fn webhook_put(
        &mut self,
        scope: &Scope,
        new: &NewWebhook,
        at: Timestamp,
    ) -> Result<i64> {
        let values = scoped![
            scope;
            new.path_token.as_str(),
            new.remote_id.as_deref(),
            new.secret_current.as_str(),
            new.secret_previous.as_deref(),
            at
        ];
        self.one(&WEBHOOK_PUT, values).await?.int("id")
    }

    /// Accepts or refuses signals under a subscription.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhook_enabled(&mut self, scope: &Scope, id: i64, enabled: bool) -> Result<()> {
        self.run(&WEBHOOK_ENABLED, scoped![scope; id, enabled]).await.map(|_| ())
    }

    /// Remembers the latest signal.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhook_seen(&mut self, scope: &Scope, id: i64, at: Timestamp) -> Result<()> {
        self.run(&WEBHOOK_SEEN, scoped![scope; id, at]).await.map(|_| ())
    }

    /// Remembers the id at the remote.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhook_remote(&mut self, scope: &Scope, id: i64, remote_id: &str) -> Result<()> {
        self.run(&WEBHOOK_REMOTE, scoped![scope; id, remote_id]).await.map(|_| ())
    }

    /// Makes another secret the current one; the current one becomes the previous one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn webhook_rotate(&mut self, scope: &Scope, id: i64, secret: &str) -> Result<()> {
        self.run(&WEBHOOK_ROTATE, scoped![scope; id, secret]).await.map(|_| ())
    }
}
