//! Tier 3: the customer's own call, as the configuration describes it, and the look-up that tells whether its effect is
//! there already.
//!
//! Done is only what passes the configured test. A refusal is never taken for "nothing happened": X++ answers exceptions
//! with 500, and what was done before is refused as a duplicate; the look-up decides.

use crate::client::{self, Dynamics};
use crate::infolog;
use crate::interpret::{self, Failure};
use crate::odata;
use crate::reply::{CallError, WriteReply, clip};
use domain::custom_call::{CallKind, LookUp, ReadyCall, ShipmentCall, Success, TellAvailable};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use transport::{Method, Request, Response};

/// Rows of a look-up that are looked at.
const ROWS: u32 = 50;

impl Dynamics {
    /// Makes one call. `InDoubt` and `Refused` both mean: look it up.
    pub async fn custom_call(&self, now: Timestamp, call: &ShipmentCall) -> WriteReply {
        self.called(now, call.kind, (&call.path, &call.body), &call.success).await
    }

    /// Tells available quantities. `InDoubt` means: tell the newest ones when it has settled.
    pub async fn tell_available(&self, now: Timestamp, tell: &TellAvailable) -> WriteReply {
        let call = &tell.call;
        self.called(now, call.kind, (&call.path, &call.body), &call.success).await
    }

    /// Writes one charge. `InDoubt` and `Refused` both mean: look for it among the charges of its order.
    pub async fn write_charge(&self, now: Timestamp, call: &ReadyCall) -> WriteReply {
        self.called(now, call.kind, (&call.path, &call.body), &call.success).await
    }

    async fn called(
        &self,
        now: Timestamp,
        kind: CallKind,
        (path, body): (&str, &str),
        success: &Success,
    ) -> WriteReply {
        let query = match kind {
            CallKind::Service => "",
            CallKind::Action => "?cross-company=true",
        };
        let url = format!("{}{path}{query}", self.config.base);
        let request = Request::new(Method::Post, url, "dynamics.call")
            .header("accept", "application/json")
            .body("application/json", body.to_owned());
        let mut turn = self.asking_turn();
        match self.send(&mut turn, now, request).await {
            Ok(reply) => judge(success, &reply, now),
            Err(failure) => interpret::write_failure(failure, now),
        }
    }

    /// For each look-up, whether a row tells that the effect is there. One `$batch`.
    ///
    /// # Errors
    /// Nobody could be asked; the inner ones are answers to single look-ups.
    pub async fn look_up(
        &self,
        now: Timestamp,
        looks: &[&LookUp],
    ) -> Result<Vec<Result<bool, CallError>>, CallError> {
        if looks.is_empty() {
            return Ok(Vec::new());
        }
        let urls: Vec<String> = looks
            .iter()
            .map(|look| odata::look_up_url(&self.config.base, &look.set, &look.filter, ROWS))
            .collect();
        let mut turn = self.asking_turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.look-up", client::reads(&urls))
            .await
            .map_err(|failure: Failure| interpret::read_failure(failure, now))?;
        let told = looks.iter().enumerate().map(|(n, look)| {
            let inner = interpret::read_part(batch.parts.get(n), now)?;
            let page: Rows = serde_json::from_slice(&inner.body).map_err(|_| {
                CallError::Malformed { why: "a look-up brought no rows".to_owned() }
            })?;
            Ok(page.value.iter().any(|row| look.tells(row)))
        });
        Ok(told.collect())
    }
}

#[derive(Deserialize)]
struct Rows {
    value: Vec<Value>,
}

fn judge(success: &Success, reply: &Response, now: Timestamp) -> WriteReply {
    let status = reply.status;
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let cut = reply.is_json() && body.is_none() && !reply.body.trim_ascii().is_empty();
    if cut {
        return WriteReply::InDoubt { why: format!("status {status} with a body that was cut") };
    }
    if success.says_done(status, body.as_ref()) {
        return WriteReply::Done;
    }
    let why = words(status, reply, body.as_ref());
    match status {
        401 | 403 => WriteReply::NoAccess { status, why },
        429 => WriteReply::Throttled { after: transport::gate::server_wait(reply, now) },
        // The service was reached and says no in its own words.
        200..=299 if body.is_some() => WriteReply::Refused { why },
        400..=499 if status != 408 && body.is_some() => WriteReply::Refused { why },
        404 | 405 if reply.body.trim_ascii().is_empty() => WriteReply::Refused { why },
        _ => WriteReply::InDoubt { why },
    }
}

/// What a person should read of an answer that is no success.
fn words(status: u16, reply: &Response, body: Option<&Value>) -> String {
    if let Some(error) = infolog::read(&reply.body).filter(|e| !e.words.is_empty()) {
        return format!("{status}: {}", error.words);
    }
    let said = body.and_then(|b| {
        let names = ["Message", "message", "ErrorMessage", "InfoMessage", "ExceptionMessage"];
        names.iter().find_map(|name| b.get(name)?.as_str().map(str::to_owned))
    });
    match said.filter(|s| !s.trim().is_empty()) {
        Some(said) => format!("{status}: {}", clip(&said)),
        None => format!("{status} without the success that is configured"),
    }
}

#[cfg(test)]
mod tests;
