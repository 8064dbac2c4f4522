//! The configuration file: what is right is read, what is wrong is named with its place.

use app::config::{Config, REFERENCE};

fn parse(text: &str) -> Result<Config, String> {
    let environment = |name: &str| (name != "ML_MISSING").then(|| format!("value-of-{name}"));
    Config::parse(text, &environment).map_err(|e| e.to_string())
}

#[test]
fn the_printed_reference_is_a_configuration_that_can_be_read() {
    let config = parse(REFERENCE).unwrap();
    let settings = config.settings().unwrap();
    assert_eq!(settings.problems(), Vec::<String>::new());
    assert!(settings.cut_off.is_none(), "the reference must not send anything");
    assert_eq!(config.connection.shipbob.token.expose(), "value-of-ML_SHIPBOB_TOKEN");
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    let text = REFERENCE.replace("batch_pool =", "batch_pol =");
    let why = parse(&text).unwrap_err();
    assert!(why.contains("connection") && why.contains("batch_pol"), "{why}");
}

#[test]
fn a_missing_environment_variable_is_named() {
    let text = REFERENCE.replace("${ML_SHIPBOB_TOKEN}", "${ML_MISSING}");
    let why = parse(&text).unwrap_err();
    assert!(why.contains("connection.shipbob.token") && why.contains("ML_MISSING"), "{why}");
}

#[test]
fn plain_http_is_allowed_on_loopback_only() {
    let text = REFERENCE.replace("https://api.shipbob.com", "http://api.shipbob.com");
    assert!(parse(&text).unwrap_err().contains("connection.shipbob.url"));
    let text = REFERENCE.replace("https://api.shipbob.com", "http://127.0.0.1:7703");
    assert!(parse(&text).is_ok());
}

#[test]
fn a_warehouse_mapped_twice_is_refused() {
    let text = REFERENCE.replace(
        "[connection.methods]",
        "[[connection.warehouses]]\nwarehouse = \"sb01\"\ncentre = 2\nprofile = \"plain\"\n\n[connection.methods]",
    );
    assert!(parse(&text).unwrap_err().contains("mapped twice"));
}

#[test]
fn a_lease_shorter_than_the_longest_call_is_refused() {
    let text = REFERENCE.replace("lease = 330", "lease = 100");
    assert!(parse(&text).unwrap_err().contains("lease"));
}

#[test]
fn secrets_never_show_in_debug_output() {
    let shown = format!("{:?}", parse(REFERENCE).unwrap());
    assert!(!shown.contains("value-of-"), "{shown}");
}
