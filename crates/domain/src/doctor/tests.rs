use super::*;
use crate::ids::{CentreId, ChannelId, Company, WarehouseId};
use crate::mapping::Mapping;
use crate::reference_data::{ChannelInfo, WarehouseInfo};
use crate::settings::{CarrierMap, Profile, Schedule, Settings, WarehouseMap};
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp(1_795_424_400_000_000);

pub(super) fn settings() -> Settings {
    Settings {
        version: 1,
        company: Company::new("usmf"),
        channel: ChannelId(7),
        cut_off: Some(NOW),
        released_when: BTreeSet::from(["Confirmation".to_owned()]),
        filters: crate::order_filter::OrderFilters::default(),
        warehouses: vec![WarehouseMap {
            warehouse: WarehouseId::new("SB01"),
            mapping: Mapping::Pinned(CentreId(1)),
            profile: Profile::Plain,
        }],
        methods: BTreeMap::from([("STD".to_owned(), "Standard".to_owned())]),
        carriers: vec![CarrierMap {
            shipbob_carrier: "UPS".to_owned(),
            shipbob_service: "Ground".to_owned(),
            carrier: "UPS".to_owned(),
            service: "GROUND".to_owned(),
        }],
        each_units: BTreeSet::from(["ea".to_owned()]),
        countries: BTreeMap::new(),
        home_countries: BTreeSet::new(),
        batch_pool: Some("SHIPBOB".to_owned()),
        write_carrier: true,
        products: None,
        external: crate::settings::External::default(),
        whs: crate::whs::Whs::default(),
        custom_call: None,
        inventory: None,
        shipping_service_id: crate::settings::ServiceIdSpace::Unknown,
        billing: None,
        returns: None,
        reconcile: None,
        schedule: Schedule::default(),
        settle: crate::operation::Settle::default(),
    }
}

fn entity(property: &str) -> Option<Entity> {
    let properties = BTreeMap::from([(
        property.to_owned(),
        Property { kind: "Edm.String".to_owned(), edit: Some(true) },
    )]);
    Some(Entity { read_only: Some(false), properties, actions: BTreeSet::new() })
}

fn ready() -> Facts {
    let mut header = entity("SalesOrderPoolId").unwrap_or_default();
    header.properties.insert(
        "ShippingCarrierId".to_owned(),
        Property { kind: "Edm.String".to_owned(), edit: Some(true) },
    );
    let words = |all: &[&str]| Some(all.iter().map(|w| (*w).to_owned()).collect());
    let dynamics = DynamicsFacts {
        charge_codes: None,
        refused_filters: Some(Vec::new()),
        token: TokenAnswer::Granted,
        door: Access::Good,
        clock: Some((NOW, NOW)),
        sets: SETS.iter().map(|(set, _)| ((*set).to_owned(), Access::Good)).collect(),
        companies: words(&["usmf"]),
        warehouses: Some(vec![WarehouseInfo {
            id: WarehouseId::new("SB01"),
            site: "1".to_owned(),
            advanced: false,
            external: false,
        }]),
        modes: words(&["STD"]),
        pools: words(&["SHIPBOB"]),
        services: Some(BTreeSet::from([("UPS".to_owned(), "GROUND".to_owned())])),
        entities: BTreeMap::from([
            ("SalesOrderHeadersV2".to_owned(), Some(header)),
            ("SalesOrderLines".to_owned(), entity("SalesDeliverNow")),
            ("SalesOrderHeaderDocumentAttachmentsV2".to_owned(), entity("Notes")),
            ("PackingSlipTrackingInformation".to_owned(), entity("TrackingNumber")),
        ]),
        queue: Some(BatchQueue::default()),
        call: None,
    };
    let scopes =
        ["channels_read", "orders_read", "products_read", "locations_read", "webhooks_read"];
    let shipbob = ShipBobFacts {
        scopes: scopes.iter().map(|s| ((*s).to_owned(), Access::Good)).collect(),
        clock: Some((NOW, NOW)),
        channels: Some(vec![ChannelInfo {
            id: ChannelId(7),
            name: "ours".to_owned(),
            scopes: BTreeSet::from(["orders_write".to_owned(), "webhooks_write".to_owned()]),
        }]),
        centres: Some(vec![(CentreId(1), "Cicero".to_owned())]),
        closed_centres: BTreeMap::new(),
        methods: words(&["Standard"]),
        hooks: Some(Vec::new()),
        remaining: Some(140),
    };
    let setup = Setup {
        dynamics_url: "https://x.sandbox.operations.dynamics.com".to_owned(),
        shipbob_url: "https://sandbox-api.shipbob.com".to_owned(),
        shipbob_version: "2026-01".to_owned(),
        entrance: Entrance::Token,
        public_url: Some("https://connector.example".to_owned()),
        topics: vec!["order.shipped".to_owned()],
        accepted: BTreeSet::new(),
    };
    Facts { dynamics, shipbob, setup }
}

fn troubled(facts: &Facts) -> Vec<(String, Verdict)> {
    let report = judge(facts, &settings(), NOW);
    let bad = |f: &Finding| matches!(f.verdict, Verdict::Fail | Verdict::Warn);
    report.findings.into_iter().filter(bad).map(|f| (f.id, f.verdict)).collect()
}

fn only(facts: &Facts, id: &str) {
    assert_eq!(troubled(facts), [(id.to_owned(), Verdict::Fail)]);
    let report = judge(facts, &settings(), NOW);
    let fails = report.findings.iter().find(|f| f.id == id);
    assert!(fails.is_some_and(|f| !f.fix.is_empty()), "no fix is named for {id}");
    assert!(!report.ready());
}

#[test]
fn a_ready_tenant_has_no_line_that_fails_or_warns() {
    let report = judge(&ready(), &settings(), NOW);
    assert_eq!(troubled(&ready()), []);
    assert_eq!(report.count(Verdict::Skipped), 0, "{report:#?}");
    assert!(report.ready());
}

#[test]
fn every_code_of_entra_blames_one_line_and_leaves_the_rest_unjudged() {
    let cases = [
        (7_000_215, "fo.secret"),
        (7_000_222, "fo.secret"),
        (90_002, "fo.tenant"),
        (700_016, "fo.application"),
        (65_001, "fo.application"),
        (500_011, "fo.host"),
        (50_001, "fo.host"),
    ];
    for (code, id) in cases {
        let mut facts = ready();
        let why = "Entra refused".to_owned();
        facts.dynamics = DynamicsFacts {
            token: TokenAnswer::Denied { code: Some(code), why },
            ..DynamicsFacts::default()
        };
        only(&facts, id);
    }
}

#[test]
fn everything_denied_is_a_missing_user_and_one_set_denied_a_missing_role() {
    let mut facts = ready();
    for access in facts.dynamics.sets.values_mut() {
        *access = Access::Denied { status: 403 };
    }
    (facts.dynamics.companies, facts.dynamics.warehouses) = (None, None);
    (facts.dynamics.modes, facts.dynamics.pools) = (None, None);
    (facts.dynamics.services, facts.dynamics.queue) = (None, None);
    only(&facts, "fo.user");
    let mut facts = ready();
    let denied = Access::Denied { status: 403 };
    facts.dynamics.sets.insert("SalesLineBiEntities".to_owned(), denied);
    only(&facts, "fo.read.SalesLineBiEntities");
}

#[test]
fn a_batch_that_takes_nothing_for_a_day_fails_and_otherwise_is_checked_by_hand() {
    let mut facts = ready();
    let at = |ago| Some(BatchQueue { orders: vec!["SO-1".to_owned()], oldest: Some(NOW - ago) });
    facts.dynamics.queue = at(Span::hours(23));
    assert_eq!(troubled(&facts), []);
    facts.dynamics.queue = at(Span::hours(25));
    only(&facts, "fo.batch");
    let report = judge(&ready(), &settings(), NOW);
    let line = report.findings.iter().find(|f| f.id == "fo.batch");
    assert!(line.is_some_and(|f| f.verdict == Verdict::ByHand
        && f.seen.contains("check it by hand")
        && !f.fix.is_empty()));
}

#[test]
fn an_unknown_writability_is_by_hand_and_a_read_only_one_fails_unless_accepted() {
    let mut facts = ready();
    facts.dynamics.entities.insert("PackingSlipTrackingInformation".to_owned(), None);
    assert_eq!(troubled(&facts), []);
    let closed = Entity { read_only: Some(true), ..Entity::default() };
    facts.dynamics.entities.insert("PackingSlipTrackingInformation".to_owned(), Some(closed));
    only(&facts, "fo.write.tracking");
    facts.setup.accepted.insert("fo.write.tracking".to_owned());
    assert_eq!(troubled(&facts), [("fo.write.tracking".to_owned(), Verdict::Warn)]);
    assert!(judge(&facts, &settings(), NOW).ready());
}

#[test]
fn a_five_hundred_of_one_scope_only_blames_that_scope() {
    let mut facts = ready();
    facts.shipbob.scopes.insert("orders_read".to_owned(), Access::Failed { status: 500 });
    only(&facts, "sb.scope.orders_read");
}

#[test]
fn an_end_of_support_warns_two_months_ahead_and_never_fails() {
    let facts = ready();
    let warns = |day: &str| {
        let now = Timestamp::parse(day).unwrap_or(NOW);
        let report = judge(&facts, &settings(), now);
        let line = report.findings.into_iter().find(|f| f.id == "sb.version");
        line.map(|f| f.verdict)
    };
    assert_eq!(warns("2026-11-30T00:00:00Z"), Some(Verdict::Pass));
    assert_eq!(warns("2026-12-15T00:00:00Z"), Some(Verdict::Warn));
    assert_eq!(warns("2027-03-01T00:00:00Z"), Some(Verdict::Warn));
}

#[test]
fn a_disabled_subscription_fails_unless_another_of_ours_lives() {
    let hook = |url: &str, enabled| Hook {
        url: url.to_owned(),
        topics: BTreeSet::from(["order.shipped".to_owned()]),
        enabled,
        named: true,
    };
    let mut facts = ready();
    facts.shipbob.hooks = Some(vec![hook("https://connector.example/hooks/a", false)]);
    only(&facts, "sb.webhook");
    facts.shipbob.hooks = Some(vec![
        hook("https://old.example/hooks/b", false),
        hook("https://connector.example/hooks/a", true),
    ]);
    assert_eq!(troubled(&facts), []);
}

#[test]
fn a_channel_that_names_no_webhook_scope_at_all_proves_nothing_about_them() {
    let mut facts = ready();
    let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    for channel in facts.shipbob.channels.iter_mut().flatten() {
        channel.scopes = scopes(&["orders_write"]);
    }
    assert_eq!(troubled(&facts), []);
    for channel in facts.shipbob.channels.iter_mut().flatten() {
        channel.scopes = scopes(&["orders_write", "webhooks_read"]);
    }
    only(&facts, "sb.scope.webhooks_write");
}

#[test]
fn our_own_closed_gate_blames_nobody_but_a_token_refused_before_it_is_still_named() {
    let mut facts = ready();
    for access in facts.shipbob.scopes.values_mut() {
        *access = Access::OwnLimit;
    }
    assert_eq!(troubled(&facts), []);
    let denied = Access::Denied { status: 401 };
    facts.shipbob.scopes.insert("channels_read".to_owned(), denied);
    (facts.shipbob.channels, facts.shipbob.centres) = (None, None);
    (facts.shipbob.methods, facts.shipbob.hooks) = (None, None);
    only(&facts, "sb.token");
}

fn said_of_token(facts: &Facts) -> (String, String) {
    let report = judge(facts, &settings(), NOW);
    let line = report.findings.into_iter().find(|f| f.id == "sb.token").unwrap();
    (line.seen, line.fix)
}

#[test]
fn an_app_nobody_let_in_is_told_to_connect_and_not_to_mend_a_token() {
    let mut facts = ready();
    for access in facts.shipbob.scopes.values_mut() {
        *access = Access::Denied { status: 401 };
    }
    (facts.shipbob.channels, facts.shipbob.centres) = (None, None);
    (facts.shipbob.methods, facts.shipbob.hooks) = (None, None);
    only(&facts, "sb.token");
    let (seen, fix) = said_of_token(&facts);
    assert!(seen.contains("401") && fix.contains("personal access token"), "{seen}: {fix}");
    assert!(!fix.contains("Connect ShipBob"), "there is no app: {fix}");

    facts.setup.entrance = Entrance::NotConnected;
    only(&facts, "sb.token");
    let (seen, fix) = said_of_token(&facts);
    assert!(seen.contains("not connected yet") && !seen.contains("401"), "{seen}");
    assert!(fix.contains("Connect ShipBob") && fix.contains("ml-connector connect shipbob"));

    facts.setup.entrance = Entrance::App;
    only(&facts, "sb.token");
    assert!(said_of_token(&facts).0.contains("401"), "it has a token, and that is refused");
}

#[test]
fn an_app_that_was_removed_fails_its_line_while_its_last_token_still_works() {
    let mut facts = ready();
    facts.setup.entrance = Entrance::Lost { why: "the app was removed there".to_owned() };
    only(&facts, "sb.token");
    let (seen, _) = said_of_token(&facts);
    assert!(seen.contains("not connected any more: the app was removed there"), "{seen}");
    let report = judge(&facts, &settings(), NOW);
    assert_eq!(report.count(Verdict::Skipped), 0, "what it opens is still judged: {report:#?}");
}

#[test]
fn a_budget_used_up_while_we_look_warns_and_one_used_up_before_fails() {
    let mut facts = ready();
    facts.shipbob.scopes.insert("webhooks_read".to_owned(), Access::Throttled);
    facts.shipbob.hooks = None;
    assert_eq!(troubled(&facts), [("sb.rate".to_owned(), Verdict::Warn)]);
    facts.shipbob = ShipBobFacts::default();
    facts.shipbob.scopes.insert("channels_read".to_owned(), Access::Throttled);
    only(&facts, "sb.rate");
}

#[test]
fn a_clock_ten_minutes_off_and_a_mixed_pair_of_systems_fail() {
    let mut facts = ready();
    facts.dynamics.clock = Some((NOW + Span::minutes(10), NOW));
    only(&facts, "fo.clock");
    let mut facts = ready();
    facts.setup.shipbob_url = "https://api.shipbob.com".to_owned();
    only(&facts, "our.pairing");
}

#[test]
fn every_centre_of_a_network_must_be_open_and_a_person_asks_what_shipbob_chooses_from() {
    let spread = |centres: &[i64]| {
        let mut settings = settings();
        let centres = centres.iter().copied().map(CentreId).collect();
        settings.warehouses[0].mapping = Mapping::Network(centres);
        settings
    };
    let mut facts = ready();
    facts.shipbob.centres = Some(vec![
        (CentreId(1), "Cicero".to_owned()),
        (CentreId(2), "Moreno Valley".to_owned()),
        (CentreId(3), "Bethlehem".to_owned()),
    ]);
    facts.shipbob.closed_centres = BTreeMap::from([(CentreId(3), "nothing ships from it")]);
    let line = |settings: &Settings, id: &str| {
        let report = judge(&facts, settings, NOW);
        report.findings.into_iter().find(|f| f.id == id).map(|f| (f.verdict, f.seen, f.fix))
    };
    let both = spread(&[1, 3, 9]);
    assert_eq!(line(&both, "sb.centre.1").unwrap().0, Verdict::Pass);
    let closed = line(&both, "sb.centre.3").unwrap();
    assert!(closed.0 == Verdict::Fail && closed.1.contains("nothing ships"), "{closed:?}");
    assert_eq!(line(&both, "sb.centre.9").unwrap().0, Verdict::Fail);
    let choice = line(&both, "sb.choice.SB01").unwrap();
    assert!(choice.0 == Verdict::ByHand && choice.2.contains("Moreno Valley (2)"), "{choice:?}");
    assert!(!choice.2.contains("Bethlehem"), "nothing ships from there: {choice:?}");
    let all = line(&spread(&[1, 2]), "sb.choice.SB01").unwrap();
    assert_eq!(all.0, Verdict::Pass, "ShipBob has no other choice");
    assert_eq!(line(&settings(), "sb.choice.SB01"), None, "pinned: ShipBob has none");
}
