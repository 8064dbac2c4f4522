//! `twins`: the simulated systems on loopback ports, driven by the wall clock.

use super::{say, world};
use crate::cli::{Auth, TwinsArgs};
use crate::clockwork::{self, pause};
use crate::run::asked_to_stop;
use anyhow::{Context, bail};
use base64::Engine as _;
use domain::time::{Span, Timestamp};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use transport::{HttpOptions, HttpTransport, Method, Request, Transport};
use twins::{Break, Estate, OutgoingWebhook, Plant, Twins};

/// How often the wall clock moves the world.
const TICK: Span = Span::millis(20);

pub(crate) async fn run(args: TwinsArgs) -> anyhow::Result<ExitCode> {
    if listed(&args) {
        return Ok(ExitCode::SUCCESS);
    }
    let mut config = world(&args.world, 600)?;
    config.plants = plants(&args)?;
    for name in &args.breaks {
        config.breaks.push(Break::named(name).with_context(|| {
            format!("nothing that can be broken is called \"{name}\": see `twins --list-breaks`")
        })?);
    }
    config.start_micros = args.start.unwrap_or(clockwork::now().0);
    config.stream_forever = args.stream;
    let ports = [0, 1, 2, 3, 4].map(|n| args.port.saturating_add(n));
    let [control, entra, dynamics, shipbob, auth] = ports.map(|p| format!("http://127.0.0.1:{p}"));
    config.dynamics_url.clone_from(&dynamics);
    config.shipbob_auth_url.clone_from(&auth);
    config.oauth = args.auth == Auth::Oauth;
    let start = config.start_micros;
    let mut replay = twins::replay_line(&config);
    let configs = if args.world.entities > 1 {
        let (entities, accounts) = (args.world.entities, args.world.accounts);
        replay.push_str(&format!(" --entities {entities} --accounts {accounts}"));
        Estate::configs(&config, entities, accounts)
    } else {
        vec![config]
    };
    let twins = Estate::new(configs);
    if let Some(path) = &args.write_config {
        let text = configuration(&twins, &args, start, [&entra, &dynamics, &shipbob]);
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        say(&format!("Configuration for serve: {}", path.display()));
    }
    let routers = [
        twins.control(),
        twins.entra(),
        twins.dynamics(&dynamics),
        twins.shipbob(),
        twins.shipbob_auth(),
    ];
    let mut servers = Vec::new();
    for (port, router) in ports.into_iter().zip(routers) {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("port {port} is taken: choose another with --port"))?;
        servers.push(async move { axum::serve(listener, router).await });
    }
    say(&format!("Control  {control}/_twin/status"));
    say(&format!("Entra    {entra}"));
    say(&format!("Dynamics {dynamics}/data"));
    say(&format!("ShipBob  {shipbob}/2026-01"));
    say(&format!("Auth     {auth}/connect/authorize"));
    say(&format!("Again:   {replay}"));
    tokio::select! {
        served = futures::future::try_join_all(servers) => drop(served?),
        result = live(twins) => result?,
        () = asked_to_stop() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the list that was asked for; false when none was.
fn listed(args: &TwinsArgs) -> bool {
    if args.list_tenants {
        for (name, words) in twins::tenants() {
            say(&format!("{name:<34} {words}"));
        }
    }
    if args.list_breaks {
        for (name, words) in twins::breaks() {
            say(&format!("{name:<26} {words}"));
        }
    }
    if args.list_plants {
        for (name, words) in twins::plants() {
            say(&format!("{name:<32} {words}"));
        }
    }
    args.list_tenants || args.list_breaks || args.list_plants
}

/// `KIND=N` (`KIND` alone is one of it); none where nothing was asked for.
fn plants(args: &TwinsArgs) -> anyhow::Result<Option<Vec<(Plant, u32)>>> {
    if args.plant.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for one in args.plant.iter().filter(|one| *one != "none") {
        let (name, n) = one.split_once('=').unwrap_or((one, "1"));
        let kind = Plant::named(name).with_context(|| {
            format!("nothing that can be planted is called \"{name}\": see `twins --list-plants`")
        })?;
        let n = n.parse().ok().filter(|n| *n <= 1_000);
        let n = n.with_context(|| format!("--plant {one}: say {name}=N with N from 0 to 1000"))?;
        if kind.needs_external() && args.world.profile != "external" {
            bail!("--plant {name} is about shipment order requests: add --profile external");
        }
        found.push((kind, n));
    }
    Ok(Some(found))
}

/// Moves the world with the wall clock and sends its webhooks.
async fn live(twins: Estate) -> anyhow::Result<()> {
    let http: Arc<dyn Transport> =
        Arc::new(HttpTransport::new(&HttpOptions::new("ShipBob-twin-webhooks"))?);
    let tasks = tokio_util::task::TaskTracker::new();
    loop {
        twins.advance(clockwork::now().0);
        for (one, hook) in twins.take_webhooks() {
            tasks.spawn(send(one, Arc::clone(&http), hook));
        }
        pause(TICK).await;
    }
}

async fn send(twins: Twins, http: Arc<dyn Transport>, hook: OutgoingWebhook) {
    let mut request =
        Request::new(Method::Post, hook.url.clone(), "twins.webhook").deadline(Span::seconds(15));
    request.headers = hook.headers.clone();
    request.body = hook.body.clone().into();
    let status = http.send(request).await.ok().map(|reply| reply.status);
    twins.webhook_result(hook.attempt_id, status);
}

/// A configuration for `serve` that fits these worlds. The secrets open nothing but a simulation.
fn configuration(estate: &Estate, args: &TwinsArgs, start: i64, hosts: [&str; 3]) -> String {
    let key = store::random::<32>().unwrap_or([7; 32]);
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    let listen = &args.serve_listen;
    let mut out = format!(
        "# Written by `ml-connector twins`. The secrets open nothing but a simulation.\n\
         [server]\nlisten = \"{listen}\"\npublic_url = \"http://{listen}\"\naccess_token = \"twins\"\n\n\
         [store]\nurl = \"{}\"\nmaster_key = \"{key}\"\n\n",
        args.serve_store,
    );
    let several = estate.entities().len() > 1;
    for one in estate.entities() {
        out.push_str(&connection(one, args, start, hosts, several));
    }
    out
}

fn connection(
    twins: &Twins,
    args: &TwinsArgs,
    start: i64,
    [entra, dynamics, shipbob]: [&str; 3],
    several: bool,
) -> String {
    let at = twins.credentials();
    let map = twins.mapping();
    let cut_off = (Timestamp(start) - crate::rig::CUT_OFF_BEFORE).to_rfc3339();
    let per_minute = match args.world.shipbob_per_minute.as_str() {
        "unlimited" => "0",
        n => n,
    };
    let (head, name, account) = if several {
        let name = format!("Twins {}", map.company.to_uppercase());
        ("[[connection]]", name, format!("account = \"account {}\"\n", at.account))
    } else {
        ("[connection]", "Twins".to_owned(), String::new())
    };
    let token = format!("token = \"{}\"\n", at.pat);
    // Channels of one account are told apart by it.
    let named = format!("integration_name = \"F&O connector {}\"\n", map.company);
    let named = if several { named } else { String::new() };
    let app = format!(
        "\n[connection.shipbob.oauth]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nauth_url = \"{}\"\n{named}",
        at.app_id, at.app_secret, at.shipbob_auth_url
    );
    let (token, app) = match args.auth {
        Auth::Token => (token, String::new()),
        Auth::Oauth => (String::new(), app),
    };
    let mut out = format!(
        "{head}\nname = \"{name}\"\ncompany = \"{}\"\nchannel = {}\ncut_off = \"{cut_off}\"\n\
         each_units = [\"ea\", \"pcs\"]\nhome_countries = [\"US\"]\nbatch_pool = \"{}\"\n\n\
         [connection.dynamics]\nurl = \"{dynamics}\"\n\
         authority = \"{entra}/{}/oauth2/v2.0/token\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\n\
         [connection.shipbob]\nurl = \"{shipbob}\"\n{account}{token}calls_per_minute = {per_minute}\n{app}\n\
         [connection.schedule]\ndynamics_poll = 2\nshipbob_poll = 10\nwatch = 60\n\n",
        map.company, map.channel_id, map.pool, at.tenant_id, at.client_id, at.client_secret,
    );
    // Writing to a String cannot fail.
    let profile = match (&map.whs, map.external) {
        (Some(_), _) => "whs",
        (None, true) => "external",
        (None, false) => "plain",
    };
    if let Some(whs) = &map.whs {
        out.push_str(&managed(whs));
    }
    for w in &map.warehouses {
        let centres = match w.network.as_slice() {
            [] => format!("centre = {}", w.centre_id),
            network => format!("centres = {network:?}"),
        };
        let _ = writeln!(
            out,
            "[[connection.warehouses]]\nwarehouse = \"{}\"\n{centres}\nprofile = \"{profile}\"\n",
            w.warehouse
        );
    }
    for c in &map.carriers {
        let _ = writeln!(
            out,
            "[[connection.carriers]]\nshipbob_carrier = \"{}\"\nshipbob_service = \"{}\"\ncarrier = \"{}\"\nservice = \"{}\"\n",
            c.shipbob_carrier, c.shipbob_service, c.dynamics_carrier, c.dynamics_service
        );
    }
    if map.billing {
        out.push_str("[connection.billing]\nevery_minutes = 10\n\n");
    }
    if map.returns {
        out.push_str("[connection.returns]\nevery_minutes = 10\nnote = true\n\n");
    }
    if let Some(products) = map.products.as_ref().filter(|_| !args.plant.is_empty()) {
        out.push_str(&products_section(products));
    }
    out.push_str(&methods_section(&map.modes));
    out
}

/// Delivery modes and shipping methods, as in the configuration file.
fn methods_section(modes: &[(&str, &str)]) -> String {
    let mut out = "[connection.methods]\n".to_owned();
    for (mode, method) in modes {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\"{mode}\" = \"{method}\"");
    }
    out.push('\n');
    out
}

/// How products are set up, as in the configuration file.
fn products_section(rows: &twins::ProductRows) -> String {
    let mut out = format!(
        "[connection.products]\nmaster_weight_unit = \"{}\"\nmaster_length_unit = \"{}\"\nkit_mode = \"bundle\"\n\n\
         [connection.products.symbols]\n",
        rows.weight_unit, rows.length_unit
    );
    // Writing to a String cannot fail.
    for (from, to) in &rows.symbols {
        let _ = writeln!(out, "{from} = \"{to}\"");
    }
    for (kit, parts) in &rows.kits {
        let _ = writeln!(out, "\n[connection.products.kits.\"{kit}\"]");
        for (sku, pieces) in parts {
            let _ = writeln!(out, "\"{sku}\" = {pieces}");
        }
    }
    out.push('\n');
    out
}

/// What is special about warehouses with warehouse management, as in the configuration file.
fn managed(whs: &twins::WhsRow) -> String {
    let unit = if whs.released_in_sales_unit { "sales" } else { "inventory" };
    let slip = if whs.released_falls { "falls" } else { "stays" };
    let mut out = format!(
        "[connection.whs]\nreleased_quantity_in = \"{unit}\"\nreleased_quantity_after_slip = \"{slip}\"\n\n"
    );
    let Some(call) = &whs.call else { return out };
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "[connection.custom_call]\nkind = \"{}\"\npath = \"{}\"\nbody = '{}'\nrefuses_duplicates = {}",
        call.kind, call.path, call.body, call.refuses_duplicates
    );
    if let Some(entity) = call.entity {
        let _ = writeln!(out, "entity = \"{entity}\"");
    }
    let _ = writeln!(out, "\n[connection.custom_call.success]\nstatus = [200]");
    if let Some((pointer, equals)) = call.success {
        let _ = writeln!(out, "pointer = \"{pointer}\"\nequals = {equals}");
    }
    let (set, filter) = call.look_up;
    let _ = writeln!(
        out,
        "\n[connection.custom_call.look_up]\nset = \"{set}\"\nfilter = \"{filter}\"\n"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::configuration;
    use crate::cli::TwinsArgs;
    use crate::config::Config;
    use clap::Parser;
    use domain::settings::Profile;
    use twins::{Estate, Plant, Tenant, TwinConfig, Twins};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: TwinsArgs,
    }

    fn written(config: TwinConfig) -> domain::settings::Settings {
        let args = Line::parse_from(["twins"]).args;
        let hosts = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"];
        let text = configuration(&Estate::new(vec![config]), &args, 0, hosts);
        let config = Config::parse(&text, &|_| None).unwrap_or_else(|e| panic!("{e}\n{text}"));
        config.settings().unwrap()
    }

    #[test]
    fn a_planted_world_has_the_file_the_rig_has() {
        let plants = vec![(Plant::named("kit-without-components").unwrap(), 2)];
        let config = TwinConfig { plants: Some(plants), ..TwinConfig::default() };
        let rig = crate::wiring::twin_settings(
            &Twins::new(config.clone()).mapping(),
            domain::time::Timestamp(0),
        );
        let args = Line::parse_from(["twins", "--plant", "kit-without-components=2"]).args;
        assert_eq!(super::plants(&args).unwrap(), config.plants);
        let hosts = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"];
        let text = configuration(&Estate::new(vec![config]), &args, 0, hosts);
        let file = Config::parse(&text, &|_| None).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let (file, rig) = (file.settings().unwrap().products.unwrap(), rig.products.unwrap());
        assert_eq!((file.kits.len(), &file.kits), (2, &rig.kits));
        assert_eq!(file.symbols, rig.symbols);
        assert_eq!(file.master_weight_unit, rig.master_weight_unit);
    }

    #[test]
    fn what_cannot_be_planted_is_refused_with_the_way_to_the_list() {
        let of = |plant: &str| super::plants(&Line::parse_from(["twins", "--plant", plant]).args);
        assert_eq!(of("none").unwrap(), Some(Vec::new()));
        assert!(of("rain=2").unwrap_err().to_string().contains("--list-plants"));
        assert!(of("weight-zero=many").unwrap_err().to_string().contains("weight-zero=N"));
        assert_eq!(super::plants(&Line::parse_from(["twins"]).args).unwrap(), None);
    }

    #[test]
    fn a_file_for_every_profile_can_be_read_and_says_what_the_rig_says() {
        let base = TwinConfig { orders: 1, ..TwinConfig::default() };
        let action = Tenant::named("whs-call-is-action").unwrap();
        for config in [
            base.clone(),
            TwinConfig { external: true, ..base.clone() },
            TwinConfig { whs: true, ..base.clone() },
            TwinConfig { whs: true, tier3: true, ..base.clone() },
            TwinConfig { whs: true, tier3: true, tenant: action, ..base.clone() },
        ] {
            let rig = crate::wiring::twin_settings(
                &Twins::new(config.clone()).mapping(),
                domain::time::Timestamp(0),
            );
            let file = written(config.clone());
            assert_eq!(file.warehouses, rig.warehouses);
            assert_eq!((&file.whs, &file.custom_call), (&rig.whs, &rig.custom_call));
            assert_eq!(file.has_whs(), config.whs);
            assert_eq!(file.custom_call.is_some(), config.tier3);
            let external = file.warehouses.iter().any(|w| w.profile == Profile::External);
            assert_eq!(external, config.external);
        }
    }
}
