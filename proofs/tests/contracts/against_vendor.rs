//! Our books against the vendors' documents: every set, property, key, enum member, call, parameter, field, length and
//! status.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::book::{self, DYNAMICS, Field, SHIPBOB, fields, read, table, tables, text, texts};
use crate::none;
use crate::vendor::{self, Metadata, OpenApi};

const PLAIN: [&str; 8] =
    ["string", "decimal", "int32", "int64", "number", "bool", "datetime", "guid"];

#[test]
fn every_fact_names_its_source_and_its_day() {
    none(&book::faults(&read(DYNAMICS)));
    none(&book::faults(&read(SHIPBOB)));
}

#[test]
fn every_type_a_contract_names_is_explained_in_it() {
    let mut faults = Vec::new();
    let fo = read(DYNAMICS);
    for (set, _) in table(&fo, "set") {
        for (property, of) in table(&fo, &format!("set.{set}.properties")) {
            let of = of.as_str().unwrap_or_default();
            if !PLAIN.contains(&of) && table(&fo, &format!("enum.{of}")).is_empty() {
                faults.push(format!("{set}.{property}: {of}"));
            }
        }
    }
    let sb = read(SHIPBOB);
    let known = |of: &str| {
        let ours = table(&sb, "object").contains_key(of) || table(&sb, "enum").contains_key(of);
        ours || PLAIN.contains(&of)
    };
    for (object, _) in table(&sb, "object") {
        for (name, field) in fields(&sb, object) {
            if !known(&field.of) {
                faults.push(format!("{object}.{name}: {}", field.of));
            }
        }
    }
    for call in tables(&sb, "call") {
        for of in
            ["request", "response"].map(|key| text(call, key)).iter().filter(|t| !t.is_empty())
        {
            if !known(&Field::parse(of).of) {
                faults.push(format!("{}: {of}", text(call, "name")));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_vendor_says_of_fo_what_we_rely_on() {
    let Some(vendor) = Metadata::read() else { return };
    none(&fo_faults(&vendor, &read(DYNAMICS)));
}

fn fo_faults(vendor: &Metadata, fo: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    for (set, body) in table(fo, "set") {
        let body = body.as_table().unwrap_or_else(|| panic!("set.{set} is no table"));
        if !vendor.has(set) {
            faults.push(format!("no set {set}"));
            continue;
        }
        if texts(body, "key") != vendor.keys(set) {
            faults.push(format!("{set}: key {:?}", vendor.keys(set)));
        }
        if vendor.read_only(set) && texts(body, "access").len() > 1 {
            faults.push(format!("{set} is read-only"));
        }
        for (name, _) in table(body, "navigation") {
            if !vendor.navigates(set, name) {
                faults.push(format!("{set} has no navigation {name}"));
            }
        }
        for (name, of) in table(body, "properties") {
            let theirs = vendor.property(set, name);
            if theirs.as_deref() != of.as_str() {
                faults.push(format!("{set}.{name}: we say {of}, they say {theirs:?}"));
            }
        }
    }
    for (name, body) in table(fo, "enum") {
        let body = body.as_table().unwrap_or_else(|| panic!("enum.{name} is no table"));
        if vendor.spelling(name) != Some(text(body, "spelling")) {
            faults.push(format!("enum {name}: spelling is {:?}", vendor.spelling(name)));
        }
        for (member, value) in table(body, "members") {
            if vendor.member(name, member) != value.as_integer() {
                faults.push(format!("{name}.{member}: {:?}", vendor.member(name, member)));
            }
        }
    }
    faults
}

#[test]
fn the_vendor_says_of_shipbob_calls_what_we_rely_on() {
    let documents = [
        OpenApi::read("shipbob-2026-01.constraints.openapi.json"),
        OpenApi::read("shipbob-2026-01.openapi.json"),
    ];
    let sb = read(SHIPBOB);
    let mut faults = Vec::new();
    for vendor in documents.iter().flatten() {
        for call in tables(&sb, "call") {
            call_faults(vendor, &sb, call, &mut faults);
        }
    }
    none(&faults);
}

fn call_faults(vendor: &OpenApi, sb: &Table, call: &Table, faults: &mut Vec<String>) {
    let (name, path, method) = (text(call, "name"), text(call, "path"), text(call, "method"));
    if vendor.call(path, method).is_none() {
        faults.push(format!("{name}: no {method} {path}"));
        return;
    }
    let headers = vendor.parameters(path, method, "header");
    let channel = match headers.get("shipbob_channel_id") {
        Some(true) => "required",
        Some(false) => "optional",
        None => "none",
    };
    if channel != text(call, "channel") {
        faults.push(format!("{name}: the channel header is {channel}"));
    }
    let query = vendor.parameters(path, method, "query");
    let asked: BTreeSet<String> =
        texts(call, "query").union(&texts(call, "query_further")).cloned().collect();
    for parameter in asked.difference(&texts(call, "query_undeclared")) {
        if !query.contains_key(parameter) {
            faults.push(format!("{name}: no query parameter {parameter}"));
        }
    }
    let statuses = vendor.statuses(path, method);
    let listed = |key| call.get(key).and_then(Value::as_array).into_iter().flatten();
    let success: Vec<i64> = listed("success").filter_map(Value::as_integer).collect();
    if !success.iter().any(|s| statuses.contains(s)) {
        faults.push(format!("{name}: success is {statuses:?}"));
    }
    for status in listed("errors").filter_map(Value::as_integer) {
        if !statuses.contains(&status) {
            faults.push(format!("{name}: {status} is not declared"));
        }
    }
    let schema = |of: &str| text(sb, &format!("object.{of}.schema")).to_owned();
    let request = text(call, "request");
    if vendor.request(path, method).unwrap_or_default() != schema(request) {
        faults.push(format!("{name}: takes {:?}", vendor.request(path, method)));
    }
    let ours = Field::parse(text(call, "response"));
    let theirs = success.iter().find_map(|s| vendor.response(path, method, *s));
    if !ours.of.is_empty() && theirs != Some((schema(&ours.of), ours.list)) {
        faults.push(format!("{name}: answers {theirs:?}"));
    }
}

#[test]
fn the_vendor_says_of_shipbob_objects_what_we_rely_on() {
    let Some(vendor) = OpenApi::read("shipbob-2026-01.constraints.openapi.json") else { return };
    none(&object_faults(&vendor, &read(SHIPBOB)));
}

fn object_faults(vendor: &OpenApi, sb: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    for (object, body) in table(sb, "object") {
        let body = body.as_table().unwrap_or_else(|| panic!("object.{object} is no table"));
        let sent = body.get("sent").and_then(Value::as_bool).unwrap_or(false);
        let theirs = vendor.properties(text(body, "schema"));
        let ours = fields(sb, object);
        for (name, field) in &ours {
            match theirs.get(name) {
                Some(property) => {
                    field_faults(
                        sb,
                        &format!("{object}.{name}"),
                        field,
                        property,
                        sent,
                        &mut faults,
                    );
                }
                None => faults.push(format!("{object}: no field {name}")),
            }
        }
        for (name, _) in theirs.iter().filter(|(_, p)| sent && p.required) {
            if !ours.contains_key(name) {
                faults.push(format!("{object}: {name} is required and we do not send it"));
            }
        }
    }
    for (name, body) in table(sb, "enum") {
        let body = body.as_table().unwrap_or_else(|| panic!("enum.{name} is no table"));
        if texts(body, "members") != vendor.members(text(body, "schema")) {
            faults.push(format!("enum {name}: {:?}", vendor.members(text(body, "schema"))));
        }
    }
    faults
}

fn field_faults(
    sb: &Table,
    at: &str,
    ours: &Field,
    theirs: &vendor::Property,
    sent: bool,
    faults: &mut Vec<String>,
) {
    let of = |kind: &str| text(sb, &format!("{kind}.{}.schema", ours.of)).to_owned();
    let schema = [of("object"), of("enum")].into_iter().find(|s| !s.is_empty());
    if schema.unwrap_or_else(|| ours.of.clone()) != theirs.of || ours.list != theirs.list {
        faults.push(format!("{at}: is {} (list: {})", theirs.of, theirs.list));
    }
    if sent && ours.required != theirs.required {
        faults.push(format!("{at}: required is {}", theirs.required));
    }
    let looser = |ours: Option<i64>, theirs: Option<i64>| theirs.is_some() && ours != theirs;
    if sent && (looser(ours.min, theirs.min) || looser(ours.max, theirs.max)) {
        faults.push(format!("{at}: from {:?} to {:?}", theirs.min, theirs.max));
    }
}

#[test]
fn a_wrong_fact_is_found() {
    let Some(fo) = Metadata::read() else { return };
    let Some(sb) = OpenApi::read("shipbob-2026-01.constraints.openapi.json") else { return };
    for (from, to) in [
        ("SalesDeliverNow = \"decimal\"", "SalesDeliverNow = \"string\""),
        ("SourceKey = \"int64\"", "SourceKeys = \"int64\""),
        ("[set.SalesOrderLines]", "[set.SalesOrderLinesV2]"),
        ("Backorder = 1", "Backorder = 2"),
        ("\"InventoryLotId\"]", "\"LineNumber\"]"),
    ] {
        let wrong = changed(DYNAMICS, from, to);
        assert!(!fo_faults(&fo, &wrong).is_empty(), "not found: {from} → {to}");
    }
    for (from, to) in [
        ("string 1..300 required", "string 1..400 required"),
        ("tracking_number = \"string\"", "trackingNumber = \"string\""),
        ("status = \"ShipmentStatus\"", "status = \"OrderStatus\""),
        ("\"CleanSweeped\"", "\"CleanSwept\""),
        ("shipping_method = \"string 1.. required\"\n", ""),
    ] {
        let wrong = changed(SHIPBOB, from, to);
        assert!(!object_faults(&sb, &wrong).is_empty(), "not found: {from} → {to}");
    }
}

fn changed(name: &str, from: &str, to: &str) -> Table {
    let text = book::source(name);
    assert!(text.contains(from), "{name} no longer has {from}");
    text.replacen(from, to, 1).parse().unwrap_or_else(|e| panic!("{from} → {to}: {e}"))
}

#[test]
fn the_vendor_says_of_webhooks_what_we_rely_on() {
    let Some(folder) = vendor::folder() else { return };
    let path = folder.join("shipbob-webhooks.asyncapi.yml");
    let theirs =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let sb = read(SHIPBOB);
    let ours: BTreeSet<String> = texts(&sb, "webhook.topics");
    let accepted = texts(&sb, "enum.Topic.members");
    assert!(ours.is_subset(&accepted), "a topic that creating a subscription does not list");
    let mut faults = Vec::new();
    for topic in &ours {
        if !theirs.contains(&format!("\n  {topic}:\n")) {
            faults.push(format!("no channel {topic}"));
        }
    }
    for (_, header) in table(&sb, "webhook.headers") {
        if !theirs.contains(&format!("`{}`", header.as_str().unwrap_or_default())) {
            faults.push(format!("no header {header}"));
        }
    }
    if !theirs.contains("immediate, 5s, 5m, 30m, 2h, 5h, 10h, 10h") {
        faults.push("the retry schedule is another one".to_owned());
    }
    none(&faults);
}
