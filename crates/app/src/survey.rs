//! The fit report of one connection, by whoever has a transport and a clock: the command `fit`, and the proofs.

use crate::wiring;
use domain::fit::{Report, judge};
use domain::settings::Settings;
use domain::time::Span;
use engine::survey::{Bounds, Surveyor, survey};
use futures::future::BoxFuture;
use std::sync::Arc;
use transport::Transport;
use transport::gate::Clock;

/// Waits.
pub type Wait<'a> = &'a (dyn Fn(Span) -> BoxFuture<'static, ()> + Send + Sync);
/// Hears what is done next.
pub type Step<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Reads both systems behind gates of its own, and judges.
pub async fn fit(
    transport: &Arc<dyn Transport>,
    remotes: &wiring::Remotes,
    settings: &Settings,
    clock: &Clock,
    bounds: &Bounds,
    (wait, step): (Wait<'_>, Step<'_>),
) -> Report {
    let gates = wiring::gates(remotes, clock);
    let (dynamics, shipbob) = wiring::clients_of(&gates, transport, remotes, settings);
    let by = Surveyor {
        dynamics: &dynamics,
        shipbob: &shipbob,
        dynamics_gate: gates.dynamics.clone(),
        shipbob_gate: gates.shipbob.clone(),
        clock: Arc::clone(clock),
        wait,
        step,
    };
    let facts = survey(&by, settings, bounds).await;
    judge(&facts, settings)
}
