//! Webhooks over real loopback HTTP, against a bare receiver that verifies and appends to a file
//! with group commit.

use super::{Bed, Figure, p95, ratio};
use crate::clockwork::{self, Stopwatch};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use domain::time::Span;
use engine::{Accept, WebhookIntake};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shipbob::webhook::{WebhookSecret, verify};
use std::io::Write;
use std::sync::Arc;
use store::{NewSecret, NewWebhook, Secret, SecretSystem};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::task::TaskTracker;
use transport::{HttpOptions, HttpTransport, Method, Request, Transport};
use twins::TwinConfig;

const CONNECTIONS: usize = 32;
const PER_CONNECTION: usize = 1_000;
const KEY: [u8; 24] = *b"a key for benchmarks....";

pub(super) async fn webhooks() -> anyhow::Result<Vec<Figure>> {
    let bed = Bed::make(TwinConfig { orders: 0, ..TwinConfig::default() }, false).await?;
    let token = prepare(&bed).await?;
    let (intake, committer) =
        WebhookIntake::new(bed.store.clone(), clockwork::wall(), Arc::new(Notify::new()));
    let tasks = TaskTracker::new();
    tasks.spawn(committer.run());
    let ours =
        Router::new().route("/hooks/{token}", post(take)).with_state((intake, token.clone()));
    let (rate, latency) = measure(&tasks, ours, &format!("/hooks/{token}")).await?;
    let file = tempfile::tempfile()?;
    let (sender, receiver) = mpsc::channel(10_000);
    std::thread::spawn(move || append(receiver, file));
    let bare = Router::new().route("/bare", post(bare)).with_state(sender);
    let (bare_rate, _) = measure(&tasks, bare, "/bare").await?;
    Ok(vec![
        Figure::new(
            format!(
                "webhooks verified, stored, acknowledged, {CONNECTIONS} connections, client in the same process"
            ),
            format!("{rate:.0}/s"),
            "",
        ),
        Figure::new(
            "the same client against a bare receiver (file, group commit)",
            format!("{bare_rate:.0}/s"),
            "",
        ),
        Figure::new(
            "ours / bare",
            format!("{:.0} %", rate / bare_rate.max(1.0) * 100.0),
            ">= 80 %",
        ),
        Figure::new(
            "p99-like (p95) answer time under that load",
            format!("{latency:.1} ms"),
            "< 20 ms",
        ),
    ])
}

async fn prepare(bed: &Bed) -> anyhow::Result<String> {
    let scope = crate::rig::scope();
    let now = clockwork::now();
    let mut txn = bed.store.begin("bench.hook").await?;
    let name = NewSecret {
        system: SecretSystem::Webhook,
        name: "bench",
        expires_at: None,
        set_by: "bench",
    };
    let secret = WebhookSecret::from_random(KEY).expose().to_string();
    txn.secret_put(&scope, &name, &Secret::new(secret), now).await?;
    let new = NewWebhook {
        path_token: "bench".to_owned(),
        remote_id: None,
        secret_current: "bench".to_owned(),
        secret_previous: None,
    };
    txn.webhook_put(&scope, &new, now).await?;
    txn.commit().await?;
    Ok("bench".to_owned())
}

async fn take(
    State((intake, token)): State<(Arc<WebhookIntake>, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    match intake.accept(&token, &headers, &body).await {
        Accept::Stored => StatusCode::OK,
        Accept::Refused { .. } => StatusCode::UNAUTHORIZED,
        Accept::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

type Waiting = (Bytes, oneshot::Sender<bool>);

async fn bare(
    State(queue): State<mpsc::Sender<Waiting>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let secret = [WebhookSecret::from_random(KEY)];
    if verify(&secret, &headers, &body).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let (reply, stored) = oneshot::channel();
    if queue.send((body, reply)).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match stored.await {
        Ok(true) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn append(mut queue: mpsc::Receiver<Waiting>, mut file: std::fs::File) {
    let mut batch = Vec::new();
    while queue.blocking_recv_many(&mut batch, 1_000) > 0 {
        let written = batch.iter().try_for_each(|(body, _)| file.write_all(body));
        let stored = written.is_ok() && file.sync_data().is_ok();
        for (_, reply) in batch.drain(..) {
            // A client that went away is its own affair.
            let _ = reply.send(stored);
        }
    }
}

async fn measure(tasks: &TaskTracker, router: Router, path: &str) -> anyhow::Result<(f64, f64)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}{path}", listener.local_addr()?);
    let server = tasks.spawn(async move { axum::serve(listener, router).await });
    let http: Arc<dyn Transport> = Arc::new(HttpTransport::new(&HttpOptions::new("bench"))?);
    let watch = Stopwatch::start();
    let clients: Vec<_> =
        (0..CONNECTIONS).map(|n| tasks.spawn(client(Arc::clone(&http), url.clone(), n))).collect();
    let mut latencies = Vec::new();
    for c in clients {
        latencies.extend(c.await??);
    }
    let seconds = watch.seconds();
    server.abort();
    let done = ratio(u64::try_from(latencies.len())?, 1);
    Ok((done / seconds, ratio(u64::try_from(p95(latencies).max(0))?, 1_000)))
}

async fn client(http: Arc<dyn Transport>, url: String, n: usize) -> anyhow::Result<Vec<i64>> {
    let mut latencies = Vec::with_capacity(PER_CONNECTION);
    for i in 0..PER_CONNECTION {
        let id = format!("msg_{n}_{i}_{}", url.len());
        let stamp = clockwork::now().0 / 1_000_000;
        let body = format!(
            "{{\"id\":{},\"order_id\":{},\"status\":\"Completed\",\"filler\":\"{}\"}}",
            n * 10_000 + i,
            n * 10_000 + i,
            "x".repeat(1_500)
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&KEY)?;
        mac.update(format!("{id}.{stamp}.{body}").as_bytes());
        let signature =
            base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        let request = Request::new(Method::Post, url.clone(), "bench.webhook")
            .header("webhook-id", id)
            .header("webhook-timestamp", stamp.to_string())
            .header("webhook-signature", format!("v1,{signature}"))
            .header("x-webhook-topic", "order.shipment.delivered")
            .body("application/json", body)
            .deadline(Span::seconds(15));
        let sent = clockwork::now();
        let reply = http.send(request).await.map_err(|e| anyhow::anyhow!("{e}"))?;
        anyhow::ensure!(reply.is_success(), "the receiver answered {}", reply.status);
        latencies.push(clockwork::now().since(sent).0);
    }
    Ok(latencies)
}
