//! The data management package API: a place for a package, its upload, the import, and what became of it.
//!
//! Of these only the import changes F&O. An upload that is lost has no effect: it is made again. An import without a
//! clear answer may have begun; its execution id tells, and the charges themselves do.

use crate::client::Dynamics;
use crate::infolog;
use crate::interpret::{self, Failure};
use crate::limits;
use crate::odata::NAMESPACE;
use crate::reply::{CallError, clip};
use bytes::Bytes;
use domain::charge::ImportState;
use domain::time::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use transport::gate::server_wait;
use transport::{Method, Request, Response, TransportError};

/// Errors of one import that are kept.
const ERRORS: usize = 200;

/// What became of the call that starts an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportReply {
    /// F&O runs it under this execution id.
    Accepted(String),
    /// F&O understood and says no; nothing runs.
    Refused {
        /// F&O's words.
        why: String,
    },
    /// No right; nothing runs.
    NoAccess {
        /// HTTP status.
        status: u16,
        /// What to do.
        why: String,
    },
    /// Not now; nothing runs.
    Later {
        /// How long the server wants us to wait, where it says so.
        after: Option<Span>,
        /// For the trail.
        why: String,
    },
    /// It may run.
    InDoubt {
        /// For the trail.
        why: String,
    },
    /// A fault point said stop; proofs only.
    Crashed,
}

#[derive(Deserialize)]
struct Answer {
    value: Value,
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "BlobUrl")]
    url: String,
}

impl Dynamics {
    /// A place to upload a package of that name to. The address lets anybody write there: it is never logged.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn write_url(&self, now: Timestamp, name: &str) -> Result<String, CallError> {
        let body = json!({ "uniqueFileName": name });
        let text = self.asked(now, "dynamics.write-url", "GetAzureWriteUrl", &body).await?;
        let place: Place = serde_json::from_str(&text)
            .map_err(|_| malformed("GetAzureWriteUrl gave no address to write to"))?;
        let scheme = self.config.base.split("://").next().unwrap_or("https");
        if place.url.split("://").next() != Some(scheme) {
            return Err(malformed("GetAzureWriteUrl gave an address with another scheme"));
        }
        Ok(place.url)
    }

    /// Uploads a package. Without our token: the address is permission enough, and its host may be another one. It asks the
    /// gate of F&O all the same: no document says whether the two share a limit, and what either asks us to wait holds for
    /// both.
    ///
    /// # Errors
    /// It may not be there: it is uploaded again, to a new place.
    pub async fn upload(&self, now: Timestamp, url: &str, zip: Bytes) -> Result<(), CallError> {
        let request = Request::new(Method::Put, url.to_owned(), "dynamics.upload")
            .header("x-ms-blob-type", "BlockBlob")
            .body("application/zip", zip)
            .deadline(limits::DEADLINE);
        let mut turn = self.asking_turn();
        turn.ask()?;
        let outcome = self.transport.send(request).await;
        turn.answered(&outcome);
        match outcome {
            Ok(reply) if (200..300).contains(&reply.status) => Ok(()),
            Ok(reply) if reply.status == 429 => {
                Err(CallError::Throttled { after: server_wait(&reply, now) })
            }
            Ok(reply) => Err(CallError::Unavailable {
                why: format!("the upload of the package was answered with status {}", reply.status),
            }),
            Err(TransportError::Crashed) => Err(CallError::Crashed),
            // The error names no address.
            Err(_) => {
                Err(CallError::Unavailable { why: "the upload of the package was lost".to_owned() })
            }
        }
    }

    /// Starts the import of an uploaded package.
    pub async fn import(
        &self,
        now: Timestamp,
        url: &str,
        group: &str,
        execution: &str,
    ) -> ImportReply {
        let body = json!({
            "packageUrl": url,
            "definitionGroupId": group,
            "executionId": execution,
            "execute": true,
            "overwrite": true,
            "legalEntityId": self.config.company.as_str(),
        });
        let reply = match self.act(now, "dynamics.import", "ImportFromPackage", &body).await {
            Ok(reply) => reply,
            Err(failure) => return not_answered(failure, now),
        };
        if reply.status == 200
            && let Some(id) = value(&reply).and_then(|v| v.as_str().map(str::to_owned))
            && !id.trim().is_empty()
        {
            return ImportReply::Accepted(id.trim().to_owned());
        }
        judged(&reply, now)
    }

    /// How an import stands.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn import_state(
        &self,
        now: Timestamp,
        execution: &str,
    ) -> Result<ImportState, CallError> {
        let body = json!({ "executionId": execution });
        let label = "dynamics.import-state";
        let asked = self.asked(now, label, "GetExecutionSummaryStatus", &body).await;
        let word = match asked {
            Ok(word) => word,
            // An execution it does not know may also be refused.
            Err(CallError::Refused { .. }) => return Ok(ImportState::Unknown),
            Err(error) => return Err(error),
        };
        Ok(match word.trim().to_ascii_lowercase().as_str() {
            "succeeded" => ImportState::Succeeded,
            "partiallysucceeded" => ImportState::Partly,
            "failed" | "canceled" => ImportState::Failed,
            "notrun" | "executing" => ImportState::Running,
            // An unknown word is no end.
            _ => ImportState::Unknown,
        })
    }

    /// What F&O says of the rows an import did not take. The shape is not documented: whatever text is there.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn import_errors(
        &self,
        now: Timestamp,
        execution: &str,
    ) -> Result<Vec<String>, CallError> {
        let body = json!({ "executionId": execution });
        let text = self.asked(now, "dynamics.import-errors", "GetExecutionErrors", &body).await?;
        let list: Vec<String> = match serde_json::from_str::<Value>(&text) {
            Ok(Value::Array(items)) => items.iter().map(words).collect(),
            Ok(other) => vec![words(&other)],
            Err(_) => text.lines().map(str::to_owned).collect(),
        };
        let said = list.iter().map(|one| clip(one)).filter(|one| !one.is_empty());
        Ok(said.take(ERRORS).collect())
    }

    async fn asked(
        &self,
        now: Timestamp,
        label: &'static str,
        action: &str,
        body: &Value,
    ) -> Result<String, CallError> {
        let reply = self
            .act(now, label, action, body)
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        if reply.status != 200 {
            return Err(interpret::read_error(&reply, now));
        }
        match value(&reply) {
            Some(Value::String(text)) => Ok(text),
            Some(Value::Null) => Ok(String::new()),
            Some(other) => Ok(other.to_string()),
            None => Err(malformed(&format!("{action} was answered without a value"))),
        }
    }

    async fn act(
        &self,
        now: Timestamp,
        label: &'static str,
        action: &str,
        body: &Value,
    ) -> Result<Response, Failure> {
        let base = &self.config.base;
        let url = format!("{base}/data/DataManagementDefinitionGroups/{NAMESPACE}.{action}");
        let request = Request::new(Method::Post, url, label)
            .header("accept", "application/json;odata.metadata=minimal")
            .header("odata-version", "4.0")
            .header("odata-maxversion", "4.0")
            .body("application/json", body.to_string());
        let mut turn = self.asking_turn();
        self.send(&mut turn, now, request).await
    }
}

fn value(reply: &Response) -> Option<Value> {
    serde_json::from_slice::<Answer>(&reply.body).ok().map(|answer| answer.value)
}

fn malformed(why: &str) -> CallError {
    CallError::Malformed { why: why.to_owned() }
}

/// Every text in a value, in its order.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Object(members) => members.values().map(words).collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn not_answered(failure: Failure, now: Timestamp) -> ImportReply {
    let later = |why: String, after| ImportReply::Later { after, why };
    match failure {
        Failure::Before(CallError::NoAccess { status, why }) => {
            ImportReply::NoAccess { status, why }
        }
        Failure::Before(CallError::Throttled { after }) => later("throttled".to_owned(), after),
        Failure::Before(CallError::GateClosed { until }) => {
            later("the gate is closed".to_owned(), Some(until.since(now)))
        }
        Failure::Before(CallError::Crashed) | Failure::Transport(TransportError::Crashed) => {
            ImportReply::Crashed
        }
        Failure::Before(error) => later(format!("no token: {error}"), None),
        Failure::Transport(TransportError::NotSent { why }) => later(why, None),
        Failure::Transport(error) => ImportReply::InDoubt { why: error.to_string() },
        Failure::Reply(reply) => judged(&reply, now),
    }
}

/// An answer that is no execution id.
fn judged(reply: &Response, now: Timestamp) -> ImportReply {
    let status = reply.status;
    let said = infolog::read(&reply.body);
    match interpret::read_error(reply, now) {
        CallError::NoAccess { status, why } => ImportReply::NoAccess { status, why },
        CallError::Throttled { after } => {
            ImportReply::Later { after, why: "the rate limit is reached".to_owned() }
        }
        // Only F&O itself can refuse, in a form we know.
        CallError::Refused { why, .. } if said.is_some() => ImportReply::Refused { why },
        _ => ImportReply::InDoubt { why: format!("status {status} instead of an execution id") },
    }
}
