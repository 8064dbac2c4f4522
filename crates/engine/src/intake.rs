//! Webhooks: verified over the raw bytes, stored, and answered only after the commit. They are
//! hints; nothing is decided here. Many are committed together: while one commit is under way, the
//! next ones gather.

use crate::gather::target;
use domain::ids::{ChannelId, Scope};
use domain::inbound::Kind;
use domain::time::{Span, Timestamp};
use shipbob::webhook::{BODY_LIMIT, Hint, WebhookSecret, hints, inbound, verify};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{NewSignal, SecretSystem, Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use transport::gate::Clock;

/// Webhooks waiting for the next commit; more are asked to come again.
const WAITING: usize = 10_000;
/// Webhooks in one commit.
const BATCH: usize = 1_000;
/// Subscriptions and secrets are read again after this.
const CACHE: Span = Span::seconds(60);
/// Older than ShipBob retries, or from the future: stored, but flagged.
const OLD: Span = Span::hours(36);
const EARLY: Span = Span::minutes(5);

/// The answer to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// Durable now (or it was before): 2xx.
    Stored,
    /// Not ShipBob's, or too large: 4xx, counted, not stored.
    Refused {
        /// HTTP status to answer.
        status: u16,
        /// Words without secrets.
        why: &'static str,
    },
    /// The database does not answer: 503, ShipBob comes again.
    Unavailable,
}

struct Subscription {
    id: i64,
    scope: Scope,
    channel: ChannelId,
    secrets: Vec<WebhookSecret>,
    read: Timestamp,
}

struct Item {
    scope: Scope,
    signals: Vec<NewSignal>,
    reply: oneshot::Sender<bool>,
}

/// Takes webhooks of all connections of the installation.
pub struct WebhookIntake {
    store: Store,
    clock: Clock,
    queue: mpsc::Sender<Item>,
    known: RwLock<HashMap<String, Arc<Subscription>>>,
    /// Hour in which a refusal was last told, by subscription and cause.
    told: Mutex<HashMap<(i64, &'static str), i64>>,
}

/// Commits what the intake collected. Runs until the intake is dropped.
pub struct Committer {
    store: Store,
    queue: mpsc::Receiver<Item>,
    wake: Arc<Notify>,
}

impl WebhookIntake {
    /// An intake and its committer, which the caller must keep running. `wake` is notified after
    /// each commit.
    pub fn new(store: Store, clock: Clock, wake: Arc<Notify>) -> (Arc<Self>, Committer) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let committer = Committer { store: store.clone(), queue: receiver, wake };
        let known = RwLock::new(HashMap::new());
        let told = Mutex::new(HashMap::new());
        (Arc::new(Self { store, clock, queue: sender, known, told }), committer)
    }

    /// Verifies one webhook and waits for its commit.
    pub async fn accept(&self, token: &str, headers: &http::HeaderMap, body: &[u8]) -> Accept {
        let outcome = self.take(token, headers, body).await;
        let name = match &outcome {
            Accept::Stored => "stored",
            Accept::Refused { .. } => "refused",
            Accept::Unavailable => "unavailable",
        };
        metrics::counter!("webhooks_total", "outcome" => name).increment(1);
        outcome
    }

    async fn take(&self, token: &str, headers: &http::HeaderMap, body: &[u8]) -> Accept {
        let now = (self.clock)();
        let subscription = match self.subscription(token, now).await {
            Ok(Some(subscription)) => subscription,
            Ok(None) => return Accept::Refused { status: 404, why: "no such webhook address" },
            Err(_) => return Accept::Unavailable,
        };
        if body.len() > BODY_LIMIT {
            let why = "the body is larger than 1 MiB";
            self.tell_refusal(&subscription, now, why);
            return Accept::Refused { status: 413, why };
        }
        let verified = match verify(&subscription.secrets, headers, body) {
            Ok(verified) => verified,
            Err(rejected) => {
                self.tell_refusal(&subscription, now, rejected.why);
                return Accept::Refused { status: 401, why: rejected.why };
            }
        };
        let age = now.since(verified.timestamp);
        let base = NewSignal {
            source: "webhook".to_owned(),
            target_kind: String::new(),
            target_key: String::new(),
            dedupe_key: format!("hook|{}|{}", subscription.id, verified.id),
            body: None,
            received_at: now,
            flagged: age > OLD || age < Span(-EARLY.0),
        };
        let signals = match inbound(&verified.topic, body) {
            Some((kind, id)) => {
                let kind = match kind {
                    Kind::Return => target::RETURN,
                    Kind::Receiving => target::RECEIVING,
                };
                vec![NewSignal { target_kind: kind.to_owned(), target_key: id.to_string(), ..base }]
            }
            None => signals(&base, hints(&verified.topic, body), subscription.channel, body),
        };
        self.store_signals(subscription.scope.clone(), signals).await
    }

    /// Queues signals for the next commit and waits for it.
    pub(crate) async fn store_signals(&self, scope: Scope, signals: Vec<NewSignal>) -> Accept {
        let (reply, stored) = oneshot::channel();
        if self.queue.try_send(Item { scope, signals, reply }).is_err() {
            return Accept::Unavailable;
        }
        match stored.await {
            Ok(true) => Accept::Stored,
            _ => Accept::Unavailable,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Row, scope and company behind an address for business events.
    pub(crate) async fn event_address(
        &self,
        token: &str,
    ) -> Result<Option<(i64, Scope, String)>, StoreError> {
        let mut reader = self.store.read().await?;
        let row = reader.webhook_by_token(token).await?;
        let Some(row) = row.filter(|row| row.secret_current == store::BUSINESS_EVENTS) else {
            return Ok(None);
        };
        let company = reader.connection(&row.scope).await?.map_or(String::new(), |c| c.company);
        Ok(Some((row.id, row.scope, company)))
    }

    /// A refused webhook is counted, not stored; that there was one is told once an hour and cause.
    fn tell_refusal(&self, subscription: &Subscription, now: Timestamp, why: &'static str) {
        let hour = now.0 / Span::hours(1).0;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() > 1_000 {
            told.clear();
        }
        if told.insert((subscription.id, why), hour) == Some(hour) {
            return;
        }
        drop(told);
        let signal = NewSignal {
            source: "webhook".to_owned(),
            target_kind: target::REFUSED.to_owned(),
            target_key: why.to_owned(),
            dedupe_key: format!("refused|{}|{why}|{hour}", subscription.id),
            body: None,
            received_at: now,
            flagged: true,
        };
        let (reply, _) = oneshot::channel();
        let item = Item { scope: subscription.scope.clone(), signals: vec![signal], reply };
        // When the queue is full, the next refusal tells it.
        let _ = self.queue.try_send(item);
    }

    async fn subscription(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Subscription>>, StoreError> {
        let cached = self.known.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        if let Some(known) = cached.filter(|k| now.since(k.read) < CACHE) {
            return Ok(Some(known));
        }
        let mut reader = self.store.read().await?;
        let Some(row) = reader.webhook_by_token(token).await? else { return Ok(None) };
        let names = [Some(row.secret_current.clone()), row.secret_previous.clone()];
        let mut secrets = Vec::new();
        for name in names.into_iter().flatten() {
            let secret = reader.secret(&row.scope, SecretSystem::Webhook, &name).await?;
            secrets.extend(secret.and_then(|(s, _)| WebhookSecret::parse(s.expose()).ok()));
        }
        let channel = reader.connection(&row.scope).await?.map_or(0, |c| c.channel_id);
        drop(reader);
        let fresh = Arc::new(Subscription {
            id: row.id,
            scope: row.scope,
            channel: ChannelId(channel),
            secrets,
            read: now,
        });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() > 1_000 {
            known.clear();
        }
        known.insert(token.to_owned(), Arc::clone(&fresh));
        Ok(Some(fresh))
    }
}

/// One signal per ShipBob order named; a body that names none is kept as one that could not be
/// read.
fn signals(
    base: &NewSignal,
    found: Result<Vec<Hint>, String>,
    channel: ChannelId,
    body: &[u8],
) -> Vec<NewSignal> {
    let mut orders: BTreeMap<i64, bool> = BTreeMap::new();
    let words = match found {
        Ok(hints) => {
            for h in hints {
                let ours = h.channel.is_none_or(|c| c == channel);
                let known = orders.entry(h.order.0).or_insert(ours);
                *known |= ours;
            }
            "names nothing to look at".to_owned()
        }
        Err(why) => why,
    };
    let mut signals: Vec<NewSignal> = orders
        .into_iter()
        .map(|(id, ours)| NewSignal {
            target_kind: if ours { target::WAREHOUSE } else { target::STRANGER }.to_owned(),
            target_key: id.to_string(),
            dedupe_key: format!("{}|{id}", base.dedupe_key),
            ..base.clone()
        })
        .collect();
    if signals.is_empty() {
        signals.push(NewSignal {
            target_kind: target::UNREADABLE.to_owned(),
            target_key: words.chars().take(200).collect(),
            ..base.clone()
        });
    }
    if let Some(first) = signals.first_mut() {
        first.body = Some(body.to_vec());
    }
    signals
}

impl Committer {
    /// Commits batches until the intake is gone.
    pub async fn run(mut self) {
        let mut items = Vec::with_capacity(BATCH);
        while self.queue.recv_many(&mut items, BATCH).await > 0 {
            let mut by_scope: HashMap<Scope, Vec<NewSignal>> = HashMap::new();
            let mut waiting = Vec::with_capacity(items.len());
            for item in items.drain(..) {
                by_scope.entry(item.scope).or_default().extend(item.signals);
                waiting.push(item.reply);
            }
            let stored = match commit(&self.store, by_scope).await {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, "webhook.not_stored");
                    false
                }
            };
            for reply in waiting {
                let _ = reply.send(stored);
            }
            self.wake.notify_one();
        }
    }
}

async fn commit(store: &Store, by_scope: HashMap<Scope, Vec<NewSignal>>) -> Result<(), StoreError> {
    let mut txn = store.begin("intake.webhooks").await?;
    for (scope, signals) in by_scope {
        txn.inbox_add_many(&scope, signals).await?;
    }
    txn.commit().await
}
