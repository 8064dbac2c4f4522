//! The configuration file: what is right is read, what is wrong is named with its place.

use app::config::{Config, REFERENCE};
use domain::ids::CentreId;
use domain::mapping::Mapping;
use std::collections::BTreeSet;

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

/// The reference with other centres for its one warehouse.
fn with_centres(lines: &str) -> String {
    let other = |line: &'static str| {
        if line.starts_with("centre = 1 ") { lines.to_owned() } else { line.to_owned() }
    };
    REFERENCE.lines().map(other).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_warehouse_is_pinned_to_a_centre_or_spread_over_a_set() {
    let mapping = |text: &str| {
        let settings = parse(text).unwrap().settings().unwrap();
        settings.warehouses[0].mapping.clone()
    };
    assert_eq!(mapping(REFERENCE), Mapping::Pinned(CentreId(1)));
    let set = BTreeSet::from([CentreId(1), CentreId(3)]);
    assert_eq!(mapping(&with_centres("centres = [3, 1]")), Mapping::Network(set));
}

#[test]
fn centres_that_cannot_be_meant_are_refused_with_their_place() {
    for (lines, place, words) in [
        ("centre = 1\ncentres = [1, 3]", "warehouses[0].centres", "either pinned"),
        ("", "warehouses[0].centre", "centres = [1, 3]"),
        ("centres = []", "warehouses[0].centres", "is empty"),
        ("centres = [1, 3, 1]", "warehouses[0].centres", "centre 1 twice"),
        ("centres = [\"1\"]", "warehouses[0].centres", "invalid type"),
    ] {
        let why = parse(&with_centres(lines)).unwrap_err();
        assert!(why.contains(place) && why.contains(words), "{lines:?}: {why}");
    }
}

#[test]
fn a_centre_of_two_warehouses_is_refused() {
    let text = with_centres("centres = [1, 3]").replace(
        "[connection.methods]",
        "[[connection.warehouses]]\nwarehouse = \"SB02\"\ncentre = 3\nprofile = \"plain\"\n\n[connection.methods]",
    );
    let why = parse(&text).unwrap_err();
    assert!(why.contains("centre 3 is mapped to two warehouses, SB01 and SB02"), "{why}");
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

/// The reference with an app instead of the token.
fn with_app(more: &str) -> String {
    let text = REFERENCE.replace("# certificate", "#certificate");
    let text = text.replace("token = \"${ML_SHIPBOB_TOKEN}\"", "# token =");
    let app = format!(
        "[connection.shipbob.oauth]\nclient_id = \"app\"\nclient_secret = \"${{ML_SHIPBOB_APP_SECRET}}\"\n{more}\n[[connection.warehouses]]"
    );
    text.replacen("[[connection.warehouses]]", &app, 1)
}

#[test]
fn an_app_takes_the_auth_host_of_its_api_and_our_callback() {
    let text = with_app("").replace("public_url = \"\"", "public_url = \"https://here.example/\"");
    let config = parse(&text).unwrap();
    let app = config.app_config().unwrap().unwrap();
    assert_eq!(app.auth, "https://auth.shipbob.com");
    assert_eq!(app.redirect_uri, "https://here.example/connect/shipbob/callback");
    assert!(app.pkce && app.scope.contains("offline_access"));
    assert!(!format!("{config:?}").contains("value-of-"));
}

#[test]
fn an_app_that_cannot_work_is_named_with_its_place() {
    let redirect = "redirect_url = \"https://here.example/back\"";
    let why = |more: &str| parse(&with_app(more)).unwrap_err();
    assert!(why("").contains("oauth.redirect_url"));
    assert!(why("redirect_url = \"http://here.example/back\"").contains("https://"));
    let other = format!("{redirect}\nauth_url = \"https://authstage.shipbob.com\"");
    assert!(why(&other).contains("does not belong to https://api.shipbob.com"));
    assert!(why(&format!("{redirect}\nscope = \"orders_read\"")).contains("offline_access"));
    let both = with_app(redirect).replace("# token =", "token = \"t\" #");
    assert!(parse(&both).unwrap_err().contains("either token or"));
}

#[test]
fn a_secret_and_a_certificate_together_are_refused() {
    let text = REFERENCE.replace("# certificate_file", "certificate_file");
    assert!(parse(&text).unwrap_err().contains("either client_secret or certificate_file"));
}
