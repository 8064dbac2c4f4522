//! One flow against lists that are made up on the spot, page by page: what is measured is the connector and its database, and
//! nothing has to be kept in memory on the side of the remotes.

use super::{Bed, Figure, memory_mb};
use crate::clockwork::Stopwatch;
use crate::rig::{Rig, Start};
use domain::ids::Scope;
use domain::settings::Settings;
use domain::time::Span;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use tempfile::TempDir;
use transport::{Request, Response, Transport, TransportError};
use twins::TwinConfig;

/// Lists that are made up.
pub(super) trait Pages: Send + Sync + 'static {
    /// The page behind an address; none = the twins answer.
    fn made_up(&self, url: &str) -> Option<String>;
    /// What becomes of an answer of the twins; none = it stays.
    fn with_more(&self, _body: &str) -> Option<String> {
        None
    }
}

/// Both systems: some lists are made up, everything else is the twins'.
struct Stream<P, T> {
    pages: P,
    rest: T,
    calls: AtomicU64,
}

impl<P: Pages, T: Transport> Transport for Stream<P, T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(body) = self.pages.made_up(&request.url) {
            let mut response = Response::new(200, body);
            let json = http::HeaderValue::from_static("application/json");
            response.headers.insert(http::header::CONTENT_TYPE, json);
            return Box::pin(async move { Ok(response) });
        }
        Box::pin(async move {
            let mut response = self.rest.send(request).await?;
            let text = std::str::from_utf8(&response.body).ok();
            if let Some(body) = text.and_then(|body| self.pages.with_more(body)) {
                response.body = body.into();
            }
            Ok(response)
        })
    }
}

/// What one stream took.
pub(super) struct Streamed {
    cpu: f64,
    wall: f64,
    before: f64,
    peak: f64,
    calls: u64,
    /// Virtual time.
    pub(super) took: Span,
    pub(super) store: Store,
    pub(super) scope: Scope,
    _dir: TempDir,
}

impl Streamed {
    /// Lives with `pages` until all is quiet.
    pub(super) async fn through(
        pages: impl Pages,
        change: impl FnOnce(&mut Settings),
        limit: Span,
    ) -> anyhow::Result<Self> {
        let config =
            TwinConfig { seed: 7, orders: 0, shipbob_per_minute: None, ..TwinConfig::default() };
        let Bed { world, rig: first, store, _dir } = Bed::make(config, false).await?;
        let mut settings = (*first.engine.settings()).clone();
        first.stop();
        change(&mut settings);
        let stream = Arc::new(Stream { pages, rest: world.network(), calls: AtomicU64::new(0) });
        let start = Start {
            store: store.clone(),
            network: Arc::clone(&stream) as Arc<dyn Transport>,
            settings,
            webhooks: false,
            shipbob_per_minute: None,
        };
        let (before, cpu, watch) = (memory_mb(), cpu_seconds(), Stopwatch::start());
        let rig = Rig::start(&world, start);
        let run = rig.run_to_quiet(limit).await?;
        let (cpu, wall, peak) = (cpu_seconds() - cpu, watch.seconds(), peak_mb());
        rig.stop();
        let (calls, scope) = (stream.calls.load(Ordering::Relaxed), world.scope.clone());
        Ok(Self { cpu, wall, before, peak, calls, took: run.took, store, scope, _dir })
    }

    /// Time, memory, calls.
    pub(super) fn figures(&self, what: &str, calls: &str) -> Vec<Figure> {
        vec![
            Figure::new(
                format!(
                    "{what}: CPU ({:.0} s on the clock, {} virtual minutes)",
                    self.wall,
                    self.took.as_seconds() / 60
                ),
                format!("{:.0} s", self.cpu),
                "< 60 s CPU",
            ),
            Figure::new(
                format!("largest memory of the process by then (before: {:.0} MB)", self.before),
                format!("{:.0} MB", self.peak),
                "< 300 MB",
            ),
            Figure::new(format!("calls to both systems{calls}"), self.calls.to_string(), ""),
        ]
    }
}

/// Seconds of CPU this process has used.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Largest resident memory of this process so far, in MB.
fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kb = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
