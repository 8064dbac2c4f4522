//! The arrows of the house: who may use whom, and who may use which crate of the outside world.
//!
//! Goal: a dependency that turns an arrow round does not pass. Method: read the manifests through `cargo metadata` and
//! hold them against the tables below. Development dependencies count like the others.
#![expect(clippy::expect_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{MetadataCommand, Package};

/// Our crates, and the crates of ours each may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("transport", &["domain"]),
    ("dynamics", &["domain", "transport"]),
    ("shipbob", &["domain", "transport"]),
    ("store", &["domain"]),
    ("engine", &["domain", "transport", "dynamics", "shipbob", "store"]),
    ("console", &["domain", "store", "engine"]),
    ("twins", &[]),
    (
        "ml-connector",
        &["domain", "transport", "dynamics", "shipbob", "store", "engine", "console", "twins"],
    ),
    (
        "proofs",
        &[
            "domain",
            "transport",
            "dynamics",
            "shipbob",
            "store",
            "engine",
            "console",
            "twins",
            "ml-connector",
        ],
    ),
];

/// Crates of others that only some of ours may use: what speaks to the world has one owner.
const OWNED: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("reqwest", &["transport"]),
    ("rustls", &["transport", "ml-connector"]),
    ("axum", &["transport", "console", "twins", "ml-connector", "proofs"]),
    ("askama", &["console"]),
    ("getrandom", &["store"]),
    ("ring", &["dynamics"]),
    ("rustls-webpki", &["dynamics", "twins"]),
    ("clap", &["ml-connector"]),
    ("tracing-subscriber", &["ml-connector"]),
    ("metrics-exporter-prometheus", &["ml-connector"]),
    ("stateright", &["proofs"]),
    ("cargo_metadata", &["proofs"]),
];

/// What `domain` may not use: no IO, no async, no random.
const NOT_IN_DOMAIN: &[&str] =
    &["tokio", "futures", "http", "bytes", "url", "tempfile", "getrandom", "rand", "tracing"];

fn packages() -> Vec<Package> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
    metadata.expect("cargo metadata").packages
}

fn uses(package: &Package) -> BTreeSet<String> {
    package.dependencies.iter().map(|d| d.name.clone()).collect()
}

#[test]
fn our_crates_use_each_other_only_along_the_arrows() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut faults = Vec::new();
    for package in packages() {
        let name = package.name.as_str();
        let Some(may) = allowed.get(name) else {
            faults.push(format!("{name}: a new crate; give it a place in ARROWS"));
            continue;
        };
        for used in uses(&package).iter().filter(|used| allowed.contains_key(used.as_str())) {
            if !may.contains(&used.as_str()) && used != name {
                faults.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(faults.is_empty(), "against the arrows: {faults:#?}");
}

#[test]
fn what_speaks_to_the_world_has_one_owner() {
    let owned: BTreeMap<&str, &[&str]> = OWNED.iter().copied().collect();
    let mut faults = Vec::new();
    for package in packages() {
        for used in uses(&package) {
            if owned.get(used.as_str()).is_some_and(|who| !who.contains(&package.name.as_str())) {
                faults.push(format!("{} uses {used}", package.name));
            }
            if package.name == "domain" && NOT_IN_DOMAIN.contains(&used.as_str()) {
                faults.push(format!("domain is pure and uses {used}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_crate_keeps_the_lints_and_the_versions_of_the_workspace() {
    let mut faults = Vec::new();
    for package in packages() {
        let text = std::fs::read_to_string(&package.manifest_path).expect("manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let inherits = |table: Option<&toml::Value>| {
            table.and_then(|t| t.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        if !inherits(manifest.get("lints")) {
            faults.push(format!("{}: [lints] workspace = true is missing", package.name));
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let rows = manifest.get(section).and_then(toml::Value::as_table);
            for (name, body) in rows.into_iter().flatten() {
                if !inherits(Some(body)) {
                    faults.push(format!("{}: {name} names its own version", package.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
