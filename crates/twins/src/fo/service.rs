//! From a request to a reply: routing, rights, batches, and the ledger of what was accepted.

use serde_json::json;

use super::address::{self, Target};
use super::auth::{self, Caller};
use super::batch::{self, Answer, Operation, Part, Writer};
use super::read::{self, Scope};
use super::refusal::Refusal;
use super::write::{Desk, Effect};
use super::{
    DEFAULT_COMPANY, adjust, broken, dmf, edmx, external, life, query, services, sets, stock,
};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::System;

const JSON: &str = "application/json; odata.metadata=minimal; odata.streaming=true";

/// `/data/…` and `/metadata/…`.
pub(crate) fn handle(world: &mut World, request: &TwinRequest) -> TwinResponse {
    match route(world, request) {
        Ok(reply) => reply.with("odata-version", "4.0"),
        Err(refusal) => refusal.reply(),
    }
}

fn route(world: &mut World, request: &TwinRequest) -> Result<TwinResponse, Refusal> {
    if let Some(answer) = dmf::upload(world, request) {
        return Ok(answer);
    }
    let caller = auth::caller(world, request)?;
    let base = auth::base(world, request);
    if let Some(answer) = dmf::route(world, caller, request, &base) {
        return answer;
    }
    if let Some(answer) = services::route(world, caller, request) {
        return answer;
    }
    if let Some(path) = request.path.strip_prefix("/metadata") {
        return edmx::public(world, path);
    }
    let Some(path) = request.path.strip_prefix("/data") else {
        return Err(Refusal::NoRoute(format!("{base}{}", request.path)));
    };
    let target = address::parse(path)?;
    if matches!(target, Target::Metadata) {
        // Even an application without a user in F&O may read it.
        return Ok(TwinResponse::bytes(200, "application/xml", edmx::document()));
    }
    if caller == Caller::Stranger {
        return Err(Refusal::Forbidden);
    }
    match target {
        Target::Service => Ok(TwinResponse::bytes(200, JSON, edmx::service(&base))),
        Target::Batch => run_batch(world, request, &base),
        _ => {
            let operation = Operation {
                method: request.method.as_str(),
                path: &request.path,
                query: &request.query,
                content_id: None,
                if_match: request.header("if-match"),
                prefer: request.header("prefer"),
                body: &request.body,
            };
            let answer = single(world, &operation, &base, request.lag_micros, true)?;
            Ok(reply(answer))
        }
    }
}

fn reply(answer: Answer) -> TwinResponse {
    match answer.status {
        204 => TwinResponse::empty(204),
        status if answer.plain_text => TwinResponse::bytes(status, "text/plain", answer.body),
        status => TwinResponse::bytes(status, JSON, answer.body),
    }
}

/// One operation outside change sets. `limited`: it came over the wire, not inside a batch.
fn single(
    world: &mut World,
    operation: &Operation<'_>,
    base: &str,
    lag: i64,
    limited: bool,
) -> Result<Answer, Refusal> {
    if operation.method == "GET" {
        return get(world, operation, base, lag, limited);
    }
    let mut answers = change_set(world, std::slice::from_ref(operation), base)?;
    answers.pop().ok_or(Refusal::Method)
}

fn get(
    world: &World,
    operation: &Operation<'_>,
    base: &str,
    lag: i64,
    limited: bool,
) -> Result<Answer, Refusal> {
    let horizon = if lag > 0 { world.server_clock().saturating_sub(lag) } else { i64::MAX };
    let scope = Scope {
        default_company: DEFAULT_COMPANY,
        base,
        page: page_size(operation.prefer),
        horizon,
    };
    let path = operation
        .path
        .strip_prefix("/data")
        .ok_or_else(|| Refusal::NoRoute(operation.path.to_owned()))?;
    let db = &world.dynamics.db;
    let target = address::parse(path)?;
    if let Target::Set(set) | Target::Count(set) | Target::Row(set, _) = &target {
        broken::check(&world.config, set, operation.query)?;
    }
    let (body, plain_text) = match target {
        Target::Set(set) => {
            let query = query::parse(set, operation.query, limited)?;
            (read::collection(db, set, &query, operation.query, scope), false)
        }
        Target::Count(set) => {
            let query = query::parse(set, operation.query, limited)?;
            (read::count(db, set, &query, scope), true)
        }
        Target::Row(set, key) => {
            let query = query::parse(set, operation.query, limited)?;
            (read::by_key(db, set, &key, &query, scope)?, false)
        }
        Target::Service | Target::Metadata | Target::Batch | Target::Complete(..) => {
            return Err(Refusal::Method);
        }
    };
    Ok(Answer { status: 200, body, plain_text })
}

/// `Prefer: odata.maxpagesize=N`.
fn page_size(prefer: Option<&str>) -> Option<usize> {
    prefer?.split([',', ';']).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("odata.maxpagesize")
            .then(|| value.trim().parse().ok())
            .flatten()
    })
}

/// Runs writes as one transaction: all or nothing.
fn change_set(
    world: &mut World,
    operations: &[Operation<'_>],
    base: &str,
) -> Result<Vec<Answer>, Refusal> {
    let clock = world.server_clock();
    let World { dynamics, config, seed, now, .. } = world;
    let mut desk = Desk {
        db: &mut dynamics.db,
        tenant: &config.tenant,
        scope: Scope { default_company: DEFAULT_COMPANY, base, page: None, horizon: i64::MAX },
        company: seed.company,
        now: *now,
        clock,
        undo: Vec::new(),
        keep_undo: operations.len() > 1,
        effects: Vec::new(),
    };
    let mut answers = Vec::with_capacity(operations.len());
    for operation in operations {
        match write(&mut desk, operation) {
            Ok(answer) => answers.push(answer),
            Err(refusal) => {
                desk.roll_back();
                return Err(refusal);
            }
        }
    }
    let effects = desk.effects;
    commit(world, effects);
    Ok(answers)
}

fn write(desk: &mut Desk<'_>, operation: &Operation<'_>) -> Result<Answer, Refusal> {
    let path = operation
        .path
        .strip_prefix("/data")
        .ok_or_else(|| Refusal::NoRoute(operation.path.to_owned()))?;
    let target = address::parse(path)?;
    let written = match (operation.method, target) {
        ("POST", Target::Set(set)) => desk.create(set, operation.body)?,
        ("POST", Target::Complete(set, key)) => {
            let query = query::parse(set, operation.query, false)?;
            desk.complete(set, &key, query.cross_company)?
        }
        ("PATCH", Target::Row(set, key)) => {
            let query = query::parse(set, operation.query, false)?;
            desk.update(set, &key, query.cross_company, operation.if_match, operation.body)?
        }
        ("DELETE", Target::Row(set, key)) => {
            let query = query::parse(set, operation.query, false)?;
            desk.delete(set, &key, query.cross_company, operation.if_match)?
        }
        _ => return Err(Refusal::Method),
    };
    Ok(Answer { status: written.status, body: written.body, plain_text: false })
}

fn commit(world: &mut World, effects: Vec<Effect>) {
    for effect in effects {
        world.ledger.record(world.now, System::Dynamics, effect.name, effect.key, effect.detail);
        life::reconsider(world, effect.order);
    }
    external::reconsider_processor(world);
    stock::plan_posting(world);
    adjust::plan(world);
}

fn run_batch(
    world: &mut World,
    request: &TwinRequest,
    base: &str,
) -> Result<TwinResponse, Refusal> {
    if request.method != http::Method::POST {
        return Err(Refusal::Method);
    }
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = batch::boundary(kind).ok_or_else(|| {
        Refusal::Batch(format!(
            "The content type '{kind}' is not supported: send multipart/mixed with a boundary."
        ))
    })?;
    let parts = batch::parse(&request.body, boundary)?;
    let mark = world.chance.hex("batch", boundary, 32);
    let mut writer = Writer::new(&mark);
    for part in &parts {
        match part {
            Part::Single(operation) => {
                let answer = match single(world, operation, base, request.lag_micros, false) {
                    Ok(answer) => answer,
                    Err(refusal) => refused(&refusal),
                };
                writer.single(&answer);
            }
            Part::ChangeSet(operations) => match change_set(world, operations, base) {
                Ok(answers) => {
                    let ids = operations.iter().map(|operation| operation.content_id);
                    let pairs: Vec<_> = ids.zip(answers).collect();
                    writer.change_set(&pairs);
                }
                Err(refusal) => writer.single(&refused(&refusal)),
            },
        }
    }
    let content_type = writer.content_type();
    Ok(TwinResponse::bytes(200, &content_type, writer.finish()))
}

fn refused(refusal: &Refusal) -> Answer {
    Answer { status: refusal.status(true), body: refusal.body(), plain_text: false }
}

/// Names of all sets, for the service document.
pub(crate) fn set_names() -> impl Iterator<Item = &'static str> {
    sets::SETS.iter().map(|set| set.name)
}

/// Body of the service document.
pub(crate) fn service_document(base: &str) -> serde_json::Value {
    let sets: Vec<_> =
        set_names().map(|name| json!({"name": name, "kind": "EntitySet", "url": name})).collect();
    json!({"@odata.context": format!("{base}/data/$metadata"), "value": sets})
}
