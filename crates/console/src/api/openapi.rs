//! The description of the API, made from the table of routes.

use super::Route;
use serde_json::{Map, Value, json};

/// The OpenAPI 3.1 document.
pub(super) fn document(table: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in table {
        let entry = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = entry {
            methods.insert(route.method.to_owned(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ml-connector",
            "version": "1",
            "description": "Everything the console shows and does. Times are RFC 3339 in UTC. \
                            Actions are kept as signals and carried out by the engine: they \
                            answer 202. Name the person you act for in the header x-person."
        },
        "security": [{ "accessToken": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "accessToken": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {
                        "error": { "type": "string", "description": "stable code" },
                        "message": { "type": "string", "description": "what to do" }
                    }
                },
                "Asked": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "why": { "type": "string", "maxLength": 500, "description": "reason, kept in the trail; needed to skip and to dismiss" },
                        "hold": { "type": "string", "description": "cause|field|value" },
                        "cause": { "type": "string", "description": "instead of hold: every hold of this cause" },
                        "request_id": { "type": "string", "minLength": 8, "maxLength": 64, "description": "repeats with the same id are one request" }
                    }
                },
                "SettingsAsked": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "document": { "type": "string", "maxLength": 262_144, "description": "TOML under [connection]; to check, preview and apply" },
                        "file": { "type": "string", "description": "an exported file whose [environment] is confirmed; to import" },
                        "version": { "type": "integer", "description": "to roll back to" },
                        "based_on": { "type": "integer", "description": "the version the change was made from; refused when another one is in force" },
                        "why": { "type": "string", "maxLength": 500, "description": "reason, kept in the trail; needed to change anything" },
                        "request_id": { "type": "string", "minLength": 8, "maxLength": 64, "description": "repeats with the same id are one request" }
                    }
                },
                "Accepted": {
                    "type": "object",
                    "required": ["asked", "orders", "request_id"],
                    "properties": {
                        "asked": { "type": "string" },
                        "orders": { "type": "integer" },
                        "request_id": { "type": "string" }
                    }
                }
            }
        }
    })
}

fn operation(route: &Route) -> Value {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        )
    });
    let in_query = route.query.iter().map(|(name, what)| {
        let kind =
            if matches!(*name, "limit" | "window" | "before") { "integer" } else { "string" };
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": kind } })
    });
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let problem = |what: &str| json!({ "description": what, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let settings = route.path.starts_with("/api/v1/settings");
    let looks = route.path.ends_with("/check") || route.path.ends_with("/preview");
    let (code, good) = if route.body && !looks {
        (
            "202",
            json!({ "description": "asked", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Accepted" } } } }),
        )
    } else {
        (
            "200",
            json!({ "description": "the answer", "content": { "application/json": { "schema": { "type": "object" } } } }),
        )
    };
    let mut operation = json!({
        "summary": route.summary,
        "operationId": name(route),
        "parameters": parameters,
        "responses": {
            code: good,
            "400": problem("what is wrong with the request"),
            "401": problem("the access token is missing or wrong"),
            "404": problem("there is no such thing"),
            "503": problem("the database does not answer")
        }
    });
    if let (true, Value::Object(fields)) = (route.body, &mut operation) {
        let schema = if settings { "SettingsAsked" } else { "Asked" };
        let schema = format!("#/components/schemas/{schema}");
        fields.insert(
            "requestBody".to_owned(),
            json!({ "required": settings, "content": { "application/json": { "schema": { "$ref": schema } } } }),
        );
    }
    operation
}

fn name(route: &Route) -> String {
    let words = route.path.trim_start_matches("/api/v1/").split(['/', '{', '}', '-']);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", route.method, words.join("_"))
}
