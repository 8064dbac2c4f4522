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
fn products_are_off_until_their_section_is_there() {
    assert!(parse(REFERENCE).unwrap().settings().unwrap().products.is_none());
    let from = REFERENCE.find("# [connection.products]").unwrap();
    let to = REFERENCE.find("\n[connection.methods]").unwrap();
    let section: Vec<String> =
        REFERENCE[from..to].lines().map(|line| line.trim_start_matches("# ").to_owned()).collect();
    let text = REFERENCE.replace(&REFERENCE[from..to], &section.join("\n"));
    let settings = parse(&text).unwrap().settings().unwrap();
    assert_eq!(settings.problems(), Vec::<String>::new());
    let products = settings.products.unwrap();
    assert_eq!(products.tolerance_ounces.to_string(), "0.05");
    assert_eq!(products.kits["KIT01"]["A0004"], 2);
    let wrong = text.replace("lbs = \"lb\"", "lbs = \"lb\"\n").replace("\"kg\"", "\"stone\"");
    let problems = parse(&wrong).map(|c| c.settings().unwrap().problems().join(" "));
    assert!(problems.unwrap_or_else(|why| why).contains("master_weight_unit"));
}

#[test]
fn a_lease_shorter_than_the_longest_call_is_refused() {
    let text = REFERENCE.replace("lease = 330", "lease = 100");
    assert!(parse(&text).unwrap_err().contains("lease"));
}

#[test]
fn a_period_that_is_too_short_is_refused_with_its_least() {
    let text = REFERENCE.replace("signals = 30", "signals = 1");
    let why = parse(&text).unwrap_err();
    assert!(why.contains("retention.signals") && why.contains("at least 7 days"), "{why}");
    let text = REFERENCE.replace("trail = 0", "trail = 364");
    assert!(parse(&text).unwrap_err().contains("retention.trail"));
    let forever = parse(&REFERENCE.replace("plans = 90", "plans = 0")).unwrap();
    assert_eq!(forever.retention.periods().unwrap().plans, None);
}

#[test]
fn secrets_never_show_in_debug_output() {
    let shown = format!("{:?}", parse(REFERENCE).unwrap());
    assert!(!shown.contains("value-of-"), "{shown}");
}

/// The reference with an app instead of the token.
fn with_app(more: &str) -> String {
    let text = REFERENCE.replace("# certificate", "#certificate");
    let text = text.replace("token = \"${ML_SHIPBOB_TOKEN}\"", "# no token =");
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
    let both = with_app(redirect).replace("# no token =", "token = \"t\" #");
    assert!(parse(&both).unwrap_err().contains("either token or"));
}

#[test]
fn a_secret_and_a_certificate_together_are_refused() {
    let text = REFERENCE.replace("# certificate_file", "certificate_file");
    assert!(parse(&text).unwrap_err().contains("either client_secret or certificate_file"));
}

/// The reference with its custom call taken out of the comments, and a warehouse it is for.
fn with_call() -> String {
    let (mark, end) = ("# [connection.custom_call] ", "\n[connection.methods]");
    let Some((before, rest)) = REFERENCE.split_once(mark) else { return String::new() };
    let Some((call, after)) = rest.split_once(end) else { return String::new() };
    let call = format!("{mark}{call}");
    let call: Vec<&str> =
        call.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
    let text = format!("{before}{}{end}{after}", call.join("\n"));
    text.replace("profile = \"plain\"", "profile = \"whs\"")
}

#[test]
fn the_custom_call_of_the_reference_can_be_used() {
    let settings = parse(&with_call()).unwrap().settings().unwrap();
    let call = settings.custom_call.unwrap();
    assert_eq!(call.path, "/api/services/GROUP/SERVICE/OPERATION");
    assert_eq!(call.success.pointer.as_deref(), Some("/Success"));
    assert!(settings.warehouses.iter().all(|w| w.profile == domain::settings::Profile::Whs));
}

#[test]
fn what_is_wrong_with_a_custom_call_is_named_by_config_check() {
    let bad = |from: &str, to: &str| {
        let text = with_call().replace(from, to);
        assert!(text != with_call(), "{from} is not in the reference");
        parse(&text).unwrap_err()
    };
    let unknown = bad("\"{order}\", \"PackingSlipId\"", "\"{customer}\", \"PackingSlipId\"");
    assert!(unknown.contains("custom_call.body") && unknown.contains("{customer}"), "{unknown}");
    let host = bad("/api/services/GROUP", "https://evil.example/api/services/GROUP");
    assert!(host.contains("custom_call.path"), "{host}");
    let method = bad("method = \"POST\"\n# JSON", "method = \"DELETE\"\n# JSON");
    assert!(method.contains("connection.custom_call.method"), "{method}");
    let filter = bad("PackingSlipId eq '{slip}'", "PackingSlipId eq 'x'");
    assert!(filter.contains("custom_call.look_up.filter"), "{filter}");
    let nobody = bad("profile = \"whs\"", "profile = \"plain\"");
    assert!(nobody.contains("no warehouse has profile whs"), "{nobody}");
    let unit = bad("released_quantity_in = \"inventory\"", "released_quantity_in = \"pallets\"");
    assert!(unit.contains("connection.whs.released_quantity_in"), "{unit}");
    let status = bad("[\"PartialReleased\", \"Released\"]", "[\"Open\"]");
    assert!(status.contains("whs.released_when"), "{status}");
}

#[test]
fn charges_need_their_data_project_and_an_unknown_key_is_named() {
    let text = format!(
        "{REFERENCE}\n[connection.billing]\nwrite_back = \"package\"\n[connection.billing.charges]\ncod = \"X\"\n"
    );
    let error = parse(&text).unwrap_err().to_string();
    assert!(error.contains("cod"), "{error}");
    let said = match parse(&text.replace("cod =", "code =")) {
        Ok(config) => config.settings().unwrap().problems().join("\n"),
        Err(error) => error.to_string(),
    };
    // The first problem is told: one after the other.
    assert!(said.contains("billing.charges.currency"), "{said}");
}

#[test]
fn the_call_for_charges_of_the_reference_can_be_used() {
    let text = with_call().replace("write_back = \"note\"", "write_back = \"call\"");
    let settings = parse(&text).unwrap().settings().unwrap();
    let call = settings.charge_call().expect("charges are written by a call");
    assert_eq!(call.success.pointer.as_deref(), Some("/Success"));
    let document = app::config::document::write(&settings).expect("a document");
    assert_eq!(app::config::document::read(&document).unwrap(), settings);
    let bad = parse(&text.replace("\"Amount\": \"{amount}\"", "\"Amount\": \"{sum}\""));
    let said = bad.map(|c| c.settings().unwrap().problems().join("\n")).unwrap_or_else(|e| e);
    assert!(said.contains("billing.charges.call.body") && said.contains("{sum}"), "{said}");
    assert!(parse(&with_call()).unwrap().settings().unwrap().charge_call().is_none(), "opt-in");
}

#[test]
fn a_timetable_that_cannot_be_kept_is_refused_with_its_flow() {
    let with =
        |lines: &str| parse(&format!("{REFERENCE}\n[connection.schedule.flows.orders]\n{lines}\n"));
    let good = "cron = \"*/5 * * * *\"\nzone = \"Europe/Berlin\"\nquiet = [\"22:00-05:30\"]";
    let settings = with(good).unwrap().settings().unwrap();
    assert_eq!(settings.schedule.flows.all().count(), 1);
    let document = app::config::document::write(&settings).expect("a document");
    assert_eq!(app::config::document::read(&document).unwrap(), settings);
    for (lines, words) in [
        ("cron = \"daily\"", "schedule.flows.orders: cron \"daily\""),
        ("cron = \"* * * * *\"\nevery = 5", "not both"),
        ("quiet = [\"22-5\"]", "22:00-05:30"),
        ("quiet = [\"00:00-12:00\", \"12:00-00:00\"]", "whole day"),
        ("crn = \"* * * * *\"", "crn"),
    ] {
        let why = with(lines).unwrap_err();
        assert!(why.contains(words), "{lines}: {why}");
    }
    assert!(parse(REFERENCE).unwrap().settings().unwrap().schedule.flows.is_empty());
}
