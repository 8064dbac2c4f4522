//! `/_twin/…`: the small control API for scripts and separate processes. Never disturbed, never counted.

use serde::Serialize;
use serde_json::{Value, json};

use super::World;
use super::config::FaultLevel;
use super::exchange::TwinRequest;
use super::exchange::TwinResponse;
use super::mapping::Mapping;

fn shown(value: &impl Serialize) -> TwinResponse {
    match serde_json::to_value(value) {
        Ok(value) => TwinResponse::json(200, &value),
        Err(error) => TwinResponse::json(500, &json!({"error": error.to_string()})),
    }
}

pub(crate) fn handle(world: &mut World, request: &TwinRequest) -> TwinResponse {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_twin/ledger") => shown(&world.ledger.snapshot()),
        ("GET", "/_twin/projection") => shown(&world.projection()),
        ("GET", "/_twin/projection/sha256") => {
            TwinResponse::json(200, &json!({"sha256": world.projection().sha256()}))
        }
        ("GET", "/_twin/broken") => TwinResponse::json(200, &broken(world)),
        ("GET", "/_twin/truth") => shown(&world.truth()),
        ("GET", "/_twin/status") => TwinResponse::json(200, &status(world)),
        ("POST", "/_twin/faults") => set_faults(world, request),
        ("POST", "/_twin/uninstall") => {
            crate::shipbob::remove_apps(world);
            TwinResponse::json(200, &json!({"installed": 0}))
        }
        _ => TwinResponse::json(
            404,
            &json!({"error": "use GET /_twin/ledger, /_twin/projection, /_twin/projection/sha256, /_twin/broken, /_twin/truth, /_twin/status POST /_twin/uninstall or POST /_twin/faults {\"level\": \"none\"|\"light\"|\"heavy\"}"}),
        ),
    }
}

/// What must never happen, as the ledger tells it: empty lists in a right run.
fn broken(world: &World) -> Value {
    let ledger = world.ledger.snapshot();
    json!({
        "created_more_than_once": ledger.created_more_than_once(),
        "alive_twice": ledger.alive_twice(),
        "duplicate_notes": ledger.duplicate_notes(),
        "slips_over_shipped": ledger.slips_over_shipped(),
        "cancelled_and_shipped": ledger.cancelled_and_shipped(),
        "undercut": ledger.undercut,
    })
}

fn status(world: &World) -> Value {
    let next = world.next_event();
    let mapping = Mapping::in_tenant(&world.config);
    json!({
        "now": world.now,
        "quiet": next.is_none(),
        "next_event": next,
        "events": world.queue.len(),
        "ledger_entries": world.ledger.len(),
        "faults": world.faults.level(),
        "tenant": world.config.tenant.name,
        "replay": super::config::replay_line(&world.config),
        "shipbob": world.shipbob.counts(),
        "channel_id": mapping.channel_id,
    })
}

fn set_faults(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let level = body.get("level").and_then(Value::as_str).and_then(FaultLevel::named);
    let Some(level) = level else {
        return TwinResponse::json(
            400,
            &json!({"error": "send {\"level\": \"none\"}, \"light\" or \"heavy\""}),
        );
    };
    world.faults.set(level);
    TwinResponse::json(200, &json!({"level": world.faults.level()}))
}
