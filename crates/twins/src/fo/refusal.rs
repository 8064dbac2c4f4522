//! How F&O says no: the shapes of its error bodies. Knows nothing of why.

use serde_json::json;

use crate::world::exchange::TwinResponse;

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token is missing, expired, forged or for another environment.
    Unauthorized,
    /// The token is right, but its application is no user of F&O, or may not do this.
    Forbidden,
    /// The query cannot be understood.
    Query(String),
    /// A property that does not exist was asked for: 400 without a body.
    UnknownField,
    /// An operator F&O does not translate.
    NotQueryable,
    /// No such route or set.
    NoRoute(String),
    /// No such row.
    NoRow,
    /// The body is no JSON, or a value has the wrong type or enumeration member.
    Invocation,
    /// A property that does not exist was written.
    UnknownMember(String),
    /// A write X++ refused; the text is the Infolog after `Infolog: `.
    Infolog { entity: &'static str, text: String },
    /// Somebody else has or had the record.
    Conflict { table: &'static str, key: String },
    /// `If-Match` names another version.
    Precondition,
    /// The address is longer than the front end takes.
    TooLong,
    /// The verb does not fit the address.
    Method,
    /// The batch request itself is malformed.
    Batch(String),
}

const WRITE_EXCEPTION: &str =
    "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException";

impl Refusal {
    /// The HTTP status of a single request; validation failures become 500 inside a batch.
    pub(crate) fn status(&self, in_batch: bool) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NoRoute(_) | Self::NoRow | Self::TooLong => 404,
            Self::Method => 405,
            Self::Precondition => 412,
            Self::Infolog { .. }
            | Self::Conflict { .. }
            | Self::Invocation
            | Self::UnknownMember(_)
                if in_batch =>
            {
                500
            }
            _ => 400,
        }
    }

    /// The body, empty where F&O sends none.
    pub(crate) fn body(&self) -> Vec<u8> {
        let inner = |message: &str, kind: &str| {
            let body = json!({"error": {"code": "", "message": "An error has occurred.", "innererror": {
                "message": message, "type": kind,
                "stacktrace": "   at Microsoft.Dynamics.Platform.Integration.Services.OData.Update.UpdateProcessor.SaveChanges()",
            }}});
            body.to_string().into_bytes()
        };
        match self {
            Self::Unauthorized
            | Self::UnknownField
            | Self::Precondition
            | Self::Method
            | Self::TooLong => Vec::new(),
            Self::Forbidden => {
                json!({"error": {"code": "", "message": "Forbidden"}}).to_string().into_bytes()
            }
            Self::Query(text) => inner(text, "Microsoft.OData.ODataException"),
            Self::NotQueryable => inner(
                "The type System.String for the query operator is not Queryable!",
                "System.NotSupportedException",
            ),
            Self::NoRoute(uri) => {
                let text = format!(
                    "No HTTP resource was found that matches the request URI '{uri}'. No route data was found for this request."
                );
                json!({"Message": text}).to_string().into_bytes()
            }
            Self::NoRow => {
                inner("No resources were found when selecting for update.", WRITE_EXCEPTION)
            }
            Self::Invocation => inner(
                "Exception has been thrown by the target of an invocation.",
                "System.Reflection.TargetInvocationException",
            ),
            Self::UnknownMember(name) => inner(
                &format!("The property '{name}' does not exist on type or is not declared."),
                "Microsoft.OData.ODataException",
            ),
            Self::Infolog { entity, text } => inner(
                &format!("Write failed for table row of type '{entity}'. Infolog: {text}."),
                WRITE_EXCEPTION,
            ),
            Self::Conflict { table, key } => inner(
                &format!(
                    "Cannot edit a record in {table} ({key}). An update conflict occurred due to another user process deleting the record or changing one or more fields in the record."
                ),
                WRITE_EXCEPTION,
            ),
            Self::Batch(text) => {
                json!({"error": {"code": "", "message": text}}).to_string().into_bytes()
            }
        }
    }

    /// The reply to a single request.
    pub(crate) fn reply(&self) -> TwinResponse {
        if *self == Self::TooLong {
            return TwinResponse::html(404, "404 - File or directory not found.");
        }
        let (status, body) = (self.status(false), self.body());
        if body.is_empty() {
            return TwinResponse::empty(status);
        }
        TwinResponse::bytes(status, "application/json; odata.metadata=minimal", body)
    }
}
