//! `doctor`: probes both systems with the credentials of the file. Writes nothing, and reads the vault only for what the file does not give.

use super::credentials::known;
use super::serve::accepted;
use super::{complain, say};
use crate::cli::DoctorArgs;
use crate::clockwork;
use crate::config::Config;
use crate::wiring;
use domain::doctor::{Report, Verdict};
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use dynamics::Dynamics;
use futures::future::BoxFuture;
use shipbob::ShipBob;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use transport::{HttpOptions, HttpTransport, Request, Response, Transport, TransportError};

/// Everything must be over by then: a doctor who is slower is not asked twice.
const PATIENCE: Span = Span::seconds(28);
/// One call may take so long; both systems are asked at the same time.
const CALL: Span = Span::seconds(12);

pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let config = args.config.one()?;
    let remotes = known(&config).await?;
    let public = wiring::setup(&remotes, None);
    let clients = clients(&config, remotes, Some(PATIENCE))?;
    let public_url = Some(config.server.public_url.clone()).filter(|url| !url.is_empty());
    let mut setup = domain::doctor::Setup { public_url, ..public };
    setup.accepted = accepted(&config).into_iter().chain(args.accept).collect();
    let now = clockwork::now();
    let report = engine::doctor::examine(
        &clients.dynamics,
        &clients.shipbob,
        &clients.settings,
        &setup,
        now,
        &|what| complain(&format!("… {what}")),
    )
    .await;
    if args.json {
        say(&serde_json::to_string_pretty(&serde_json::json!({
            "ready": report.ready(),
            "sentence": report.sentence(),
            "at": report.at.to_rfc3339_seconds(),
            "findings": report.findings,
        }))?);
    } else {
        say(&text(&report));
    }
    Ok(if report.ready() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What a probe talks with.
pub(crate) struct Clients {
    pub(crate) dynamics: Dynamics,
    pub(crate) shipbob: ShipBob,
    pub(crate) settings: Settings,
}

/// Clients of a configuration; with `patience` all calls end in that time.
pub(crate) fn clients(
    config: &Config,
    remotes: wiring::Remotes,
    patience: Option<Span>,
) -> anyhow::Result<Clients> {
    let http = HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?;
    let transport: Arc<dyn Transport> = match patience {
        Some(span) => Arc::new(Hurry { inner: http, ends: clockwork::now() + span }),
        None => Arc::new(http),
    };
    let settings = config.settings()?;
    // A handful of calls: if others have used up the budget, ShipBob's own answer is to be seen.
    let remotes = wiring::Remotes { shipbob_per_minute: None, ..remotes };
    let (dynamics, shipbob) = wiring::clients(&transport, &remotes, &settings, &clockwork::wall());
    Ok(Clients { dynamics, shipbob, settings })
}

/// Cuts every call so that all are over at a moment.
struct Hurry {
    inner: HttpTransport,
    ends: Timestamp,
}

impl Transport for Hurry {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let left = self.ends.since(clockwork::now());
        if left.0 <= 0 {
            let why = "the time for all probes is over".to_owned();
            return Box::pin(async { Err(TransportError::NotSent { why }) });
        }
        request.deadline = request.deadline.min(CALL).min(left);
        self.inner.send(request)
    }
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    for f in &report.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<8} {:<46} {}: {}", f.verdict.word(), f.id, f.about, f.seen);
        if matches!(f.verdict, Verdict::Fail | Verdict::Warn | Verdict::ByHand) {
            let _ = writeln!(out, "         what to do: {}", f.fix);
        }
    }
    out.push_str(&report.sentence());
    out
}
