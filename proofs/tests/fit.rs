//! The fit report against planted worlds.
//!
//! Goal: of a world that is ready it is a clean *go*; of one with planted problems it finds exactly those – cause, number
//! and keys – alone and mixed, on several seeds. It writes nothing and keeps both systems' limits. Method: the twins say
//! what they planted; the report is made by the same clients, gates and planners as in service, on a virtual clock.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a test: it stops at the first wrong answer"
)]

#[path = "fit/released.rs"]
mod released;
#[path = "fit/stock.rs"]
mod stock;

use app::rig::World;
use app::survey;
use app::wiring::twin_settings;
use domain::fit::{Answer, Fate, KINDS, Report, Weight};
use domain::settings::Settings;
use domain::time::Span;
use engine::survey::Bounds;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use transport::Transport;
use twins::{Plant, System, TwinConfig};

/// Each planted kind, and the finding it must be; a second one where the flow products is on.
const EXPECTED: &[(&str, &str)] = &[
    ("address-no-postal-code", "postcode-missing"),
    ("address-no-city", "city-missing"),
    ("address-no-street", "street-missing"),
    ("address-no-state", "state-missing"),
    ("recipient-empty", "name-missing"),
    ("address-too-long", "address-too-long"),
    ("address-country-unknown", "country-unknown"),
    ("method-unmapped", "method-unmapped"),
    ("warehouse-unmapped", "warehouse-unmapped"),
    ("line-not-stocked", "line-not-stocked"),
    ("line-direct-delivery", "line-direct-delivery"),
    ("line-blocked", "line-blocked"),
    ("line-catch-weight", "line-catch-weight"),
    ("order-credit-hold", "order-credit-hold"),
    ("order-stopped", "order-stopped"),
    ("quantity-fraction-of-each", "quantity-fraction"),
    ("unit-unknown", "unit-unknown"),
    ("conversion-missing", "unit-unknown"),
    ("conversion-zero", "unit-unknown"),
    ("price-currency-not-usd-abroad", "customs-value-missing"),
    ("before-cut-off", "before-cut-off"),
    ("duplicate-at-shipbob-number", "duplicate-number"),
    ("duplicate-at-shipbob-recipient", "duplicate-recipient"),
    ("sku-missing", "sku-unknown"),
    ("sku-case-collision", "sku-case"),
    ("sku-double", "sku-clash"),
    ("sku-twice-at-shipbob", "sku-twice"),
    ("sku-inactive", "sku-inactive"),
    ("weight-zero", "measure-missing"),
    ("weight-negative", "measure-negative"),
    ("weight-huge", "measure-unbelievable"),
    ("weight-unit-unknown", "measure-unit-unknown"),
    ("weight-conversion-zero", "measure-unit-unknown"),
    ("conversion-cyclic", "measure-unit-cyclic"),
    ("barcode-double", "barcode-clash"),
    ("tariff-code-bad", "tariff-code"),
    ("origin-unmapped", "origin-unmapped"),
    ("kit-without-components", "kit-component"),
    ("stock-short-at-shipbob", "stock-short-at-shipbob"),
    ("stock-extra-at-shipbob", "stock-extra-at-shipbob"),
    ("stock-negative", "stock-negative"),
    ("stock-not-in-dynamics", "stock-not-in-dynamics"),
    ("carrier-unmapped", "carrier-unmapped"),
    ("carrier-not-in-dynamics", "carrier-not-in-dynamics"),
    ("request-shipped", NOTHING),
    ("request-delivered", NOTHING),
    ("request-cancelled", NOTHING),
    ("request-answered", "request-answered"),
    ("request-update-refused", "request-update-open"),
    ("request-failed", "request-status-unknown"),
    ("request-without-order", "request-without-order"),
];

/// It needs nothing.
const NOTHING: &str = "";

/// Before the cut-off of a world.
const CUT_OFF: Span = Span::hours(6);

/// Keys, and the orders of each.
type Places = BTreeMap<String, BTreeSet<String>>;

struct Looked {
    world: World,
    settings: Settings,
    report: Report,
}

fn config(seed: u64, plants: &[(&str, u32)], products: bool) -> TwinConfig {
    let named = |(name, n): &(&str, u32)| {
        (Plant::named(name).unwrap_or_else(|| panic!("no plant {name}")), *n)
    };
    TwinConfig {
        seed,
        orders: 12,
        skus: u32::from(products),
        plants: Some(plants.iter().map(named).collect()),
        ..TwinConfig::default()
    }
}

async fn look(config: TwinConfig) -> Looked {
    let world = World::new(config);
    let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF);
    // Slow commits of releases are over.
    world.advance(world.now() + Span::minutes(5));
    let report = fit(&world, &settings, &Bounds::of(30)).await;
    Looked { world, settings, report }
}

async fn fit(world: &World, settings: &Settings, bounds: &Bounds) -> Report {
    let network: Arc<dyn Transport> = Arc::new(world.network());
    let clock = world.clock();
    let turned = world.clone();
    let wait = move |span: Span| -> BoxFuture<'static, ()> {
        let world = turned.clone();
        Box::pin(async move { world.advance(world.now() + span) })
    };
    let remotes = world.remotes(Some(150));
    survey::fit(&network, &remotes, settings, &clock, bounds, (&wait, &|_| {})).await
}

/// Kinds that keep an order, or a line of it, from being released at all: no request says anything of it.
const NOT_REQUESTED: [&str; 6] = [
    "line-not-stocked",
    "line-direct-delivery",
    "line-blocked",
    "order-credit-hold",
    "order-stopped",
    "warehouse-unmapped",
];

/// What the report calls an order: by its request where it ships by one.
fn named(world: &World, kind: &str, number: &str) -> String {
    let mut requests = world.twins.requests_of(number);
    match requests.pop() {
        Some(request) if !NOT_REQUESTED.contains(&kind) => {
            assert_eq!(requests, [""; 0], "an ordinary order is one request");
            format!("{request} of {number}")
        }
        _ => number.to_owned(),
    }
}

/// What must be found of what was planted.
fn expected(world: &World, products: bool) -> BTreeMap<String, Places> {
    let mut all: BTreeMap<String, Places> = BTreeMap::new();
    for mut one in world.twins.planted() {
        one.key = named(world, one.kind, &one.key);
        one.order = one.order.map(|number| named(world, one.kind, &number));
        let found = EXPECTED.iter().find(|(kind, _)| *kind == one.kind);
        let (_, id) = found.unwrap_or_else(|| panic!("{} is not expected here", one.kind));
        // With the flow products on what is missing is made.
        let id = if *id == "sku-unknown" && products { "sku-to-create" } else { id };
        if id != NOTHING {
            let orders = all.entry(id.to_owned()).or_default().entry(one.key.clone()).or_default();
            orders.extend(one.order.clone().filter(|_| tells_orders(id)));
        }
    }
    all
}

/// Kinds whose keys are no orders, and that name the orders they concern.
fn tells_orders(id: &str) -> bool {
    let of_value = ["method-unmapped", "warehouse-unmapped", "country-unknown"];
    of_value.contains(&id) || ["sku-unknown", "sku-case", "sku-inactive"].contains(&id)
}

fn found(report: &Report) -> BTreeMap<String, Places> {
    let places = |f: &domain::fit::Finding| {
        f.places.iter().map(|p| (p.key.clone(), p.orders.clone())).collect()
    };
    report.findings.iter().map(|f| (f.id.clone(), places(f))).collect()
}

/// What is wrong with a report of a planted world; empty when it is right.
fn faults(looked: &Looked) -> Vec<String> {
    let planted = looked.world.twins.planted();
    let products = looked.settings.products.is_some();
    let (wanted, found) = (expected(&looked.world, products), found(&looked.report));
    let mut faults = Vec::new();
    if wanted != found {
        faults.push(format!("found {found:?} instead of {wanted:?}"));
    }
    for finding in &looked.report.findings {
        if finding.fix.is_empty() || finding.places.iter().any(|p| p.what.is_empty()) {
            faults.push(format!("{} does not say what is wrong or what to do", finding.id));
        }
    }
    let named: BTreeSet<&str> =
        planted.iter().flat_map(|p| [Some(&*p.key), p.order.as_deref()]).flatten().collect();
    let of = |number: &str| number.rsplit(' ').next().unwrap_or_default().to_owned();
    for order in looked.report.orders.iter().filter(|o| !named.contains(of(&o.number).as_str())) {
        if order.fate != Fate::Sent {
            faults.push(format!("{} is fine and {}", order.number, order.fate.words()));
        }
    }
    for finding in looked.report.findings.iter().filter(|f| f.id.starts_with("duplicate-")) {
        let told = |number: &str| {
            let mut rows = looked.report.orders.iter();
            rows.any(|o| o.number == number && o.causes.contains(&finding.id))
        };
        let untold = finding.places.iter().filter(|p| !told(&p.key));
        faults
            .extend(untold.map(|p| format!("the row of {} is silent about {}", p.key, finding.id)));
    }
    let heavy = |w| looked.report.findings.iter().any(|f| f.weight == w);
    let answer = looked.report.answer;
    if (answer == Answer::Go) == (heavy(Weight::Blocks) || heavy(Weight::Waits)) {
        faults.push(format!("the answer is {answer:?}"));
    }
    if heavy(Weight::Blocks) && answer != Answer::NoGo {
        faults.push(format!("something blocks, and the answer is {answer:?}"));
    }
    faults.extend(touched(&looked.world));
    faults
}

/// Everything the survey asked was a read, within the limits.
fn touched(world: &World) -> Vec<String> {
    let ledger = world.twins.ledger();
    let mut faults = Vec::new();
    for (system, all) in &ledger.endpoints {
        for name in all.keys().filter(|name| !name.starts_with("GET ")) {
            let reads = name.ends_with("$batch") || name.contains("token");
            if !reads {
                faults.push(format!("{system:?} was asked {name}"));
            }
        }
        if ledger.throttled(*system) > 0 || ledger.undercut.get(system).copied().unwrap_or(0) > 0 {
            faults.push(format!("{system:?} had to slow us down"));
        }
    }
    faults
}

#[tokio::test]
async fn a_world_that_is_ready_is_a_clean_go() {
    for products in [false, true] {
        for seed in 1..=3 {
            let looked = look(config(seed, &[], products)).await;
            assert_eq!(faults(&looked), [""; 0], "seed {seed}, products {products}");
            assert_eq!(looked.report.answer, Answer::Go);
            assert_eq!(looked.report.fixes, []);
            assert_eq!(looked.report.count(Fate::Sent), looked.report.orders.len());
            assert!(looked.report.orders.len() >= 12, "{:?}", looked.report.other_orders);
            assert!(looked.report.shelves_compared > 40 && looked.report.shelves.is_empty());
        }
    }
}

#[tokio::test]
async fn the_ledgers_are_as_before_and_few_calls_were_made() {
    let world = World::new(config(4, &[], true));
    let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF);
    world.advance(world.now() + Span::minutes(5));
    let before = world.twins.ledger();
    fit(&world, &settings, &Bounds::of(30)).await;
    let after = world.twins.ledger();
    assert_eq!(before.entries.len(), after.entries.len(), "the survey changed something");
    assert_eq!(touched(&world), [""; 0]);
    let asked = |system| after.requests(system) - before.requests(system);
    let (fo, sb) = (asked(System::Dynamics), asked(System::ShipBob));
    println!("{fo} calls to F&O (parts of a batch counted), {sb} to ShipBob");
    assert!(sb <= 15, "{sb} calls to ShipBob for a dozen orders");
}

#[tokio::test]
async fn each_kind_alone_is_found_exactly() {
    let mut wrong = Vec::new();
    for (kind, _) in EXPECTED {
        for (seed, products) in [(11, false), (12, true)] {
            let external = of_requests(kind);
            let looked =
                look(TwinConfig { external, ..config(seed, &[(kind, 2)], products) }).await;
            let planted = looked.world.twins.planted();
            if !(2..=4).contains(&planted.len()) {
                wrong.push(format!("{kind}: planted {planted:?}"));
            }
            let faults = faults(&looked);
            if !faults.is_empty() {
                wrong.push(format!("{kind}, seed {seed}, products {products}: {faults:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn mixtures_are_found_exactly_on_several_seeds() {
    let mut wrong = Vec::new();
    for seed in 21..=26_u64 {
        // Every third kind, another beginning with each seed; all of them at the end.
        let begin = usize::try_from(seed % 3).expect("small");
        let step = if seed == 26 { 1 } else { 3 };
        let plants: Vec<(&str, u32)> = EXPECTED
            .iter()
            .filter(|(kind, _)| !of_requests(kind))
            .skip(if step == 1 { 0 } else { begin })
            .step_by(step)
            .zip(1_u32..)
            .map(|((kind, _), n)| (*kind, 1 + n % 3))
            .collect();
        let looked = look(config(seed, &plants, seed % 2 == 0)).await;
        let faults = faults(&looked);
        if !faults.is_empty() {
            wrong.push(format!("seed {seed}: {faults:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Only externally managed warehouses have them.
fn of_requests(kind: &str) -> bool {
    Plant::named(kind).is_some_and(Plant::needs_external)
}

fn external(config: TwinConfig) -> TwinConfig {
    TwinConfig { external: true, ..config }
}

#[test]
fn every_plant_of_the_twins_is_expected_here_and_every_finding_is_in_the_table() {
    let known: Vec<&str> = twins::plants().map(|(name, _)| name).collect();
    let expected: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, expected);
    assert!(known.len() >= 30, "the issue asks for thirty");
    let ids: BTreeSet<&str> = EXPECTED.iter().map(|(_, id)| *id).collect();
    for id in ids.into_iter().filter(|id| *id != NOTHING) {
        assert!(KINDS.iter().any(|k| k.id == id), "{id} has no row");
    }
    let unique: BTreeSet<&str> = KINDS.iter().map(|k| k.id).collect();
    assert_eq!(unique.len(), KINDS.len());
}

#[tokio::test]
async fn what_is_wrong_is_named_and_persons_are_not() {
    let plants = [("address-no-postal-code", 2), ("duplicate-at-shipbob-recipient", 2)];
    let looked = look(config(31, &plants, false)).await;
    let json = serde_json::to_string(&looked.report).expect("JSON");
    let page = console::printed::fit_page(&looked.report, "Twins").expect("a page");
    let first = ["Ada ", "Ben ", "Clara ", "David ", "Elena ", "Frank ", "Grace ", "Hugo "];
    let streets = ["Oak Street", "Maple Avenue", "2nd Street", "Harbor Road", "Mill Lane"];
    for word in first.iter().chain(&streets).chain(&["@example.com", "503 555"]) {
        assert!(!json.contains(word), "the JSON says {word}");
        assert!(!page.contains(word), "the page says {word}");
    }
    assert!(json.contains("postcode-missing") && page.contains("has no postal code"));
}

#[tokio::test]
async fn every_bound_that_is_reached_is_named() {
    let world = World::new(config(32, &[("sku-missing", 1)], true));
    let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF);
    world.advance(world.now() + Span::minutes(5));
    let bounds = Bounds { orders: 5, skus: 3, ..Bounds::of(30) };
    let report = fit(&world, &settings, &bounds).await;
    let limits: BTreeSet<&str> = report.limits.iter().map(|l| l.id).collect();
    for id in ["orders", "skus"] {
        assert!(limits.contains(id), "{id} is not in {limits:?}");
    }
    assert_eq!(report.orders.len(), 5);
    assert!(report.count(Fate::NotJudged) > 0, "SKUs that were not looked up are not judged");
}

#[tokio::test]
async fn a_system_that_cannot_be_read_is_a_no_go_that_says_so() {
    for (broken, what) in
        [("shipbob-down", "ShipBob"), ("secret-wrong", "Dynamics"), ("no-right-lines", "Dynamics")]
    {
        let breaks = vec![twins::Break::named(broken).expect("a break")];
        let looked = look(TwinConfig { breaks, ..config(33, &[], false) }).await;
        let finding = looked.report.finding("not-read");
        let finding = finding.unwrap_or_else(|| panic!("{broken}: {:#?}", looked.report));
        assert!(finding.places.iter().any(|p| p.key.starts_with(what)), "{broken}: {finding:?}");
        assert_eq!(looked.report.answer, Answer::NoGo, "{broken}");
        assert_eq!(touched(&looked.world).iter().filter(|f| f.contains("was asked")).count(), 0);
    }
}

#[tokio::test]
async fn settings_that_do_not_fit_and_duplicates_before_the_cut_off() {
    let world = World::new(config(34, &[("duplicate-at-shipbob-number", 1)], false));
    let mut settings = twin_settings(&world.twins.mapping(), world.now() + Span::hours(1));
    world.advance(world.now() + Span::minutes(5));
    let report = fit(&world, &settings, &Bounds::of(30)).await;
    let twice = report.finding("duplicate-number").expect("found");
    assert_eq!(twice.weight, Weight::Waits, "the cut-off holds it back");
    assert!(report.finding("before-cut-off").is_some_and(|f| f.places.len() >= 12));
    settings.cut_off = None;
    settings.batch_pool = Some("NOWHERE".to_owned());
    let report = fit(&world, &settings, &Bounds::of(30)).await;
    assert_eq!(report.answer, Answer::NoGo);
    let misfit = report.finding("settings-misfit").expect("found");
    assert!(misfit.places.iter().any(|p| p.what.contains("NOWHERE")));
    assert!(report.finding("cut-off-missing").is_some());
    assert_eq!(report.finding("duplicate-number").map(|f| f.weight), Some(Weight::Blocks));
}

/// The rows of the page, as they must stand there.
fn table() -> String {
    let row = |k: &domain::fit::Kind| {
        format!("| `{}` | {} | {} | {} |\n", k.id, k.weight.word(), k.title, k.fix)
    };
    KINDS.iter().map(row).collect()
}

#[test]
fn the_page_lists_every_finding_with_its_fix() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fit.md");
    let page = std::fs::read_to_string(path).expect("docs/fit.md");
    let rows: String = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(rows, table(), "docs/fit.md must hold:\n{}", table());
}
