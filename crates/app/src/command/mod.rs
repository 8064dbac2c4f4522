//! What each command of the command line does.

pub(crate) mod asking;
pub(crate) mod backfill;
pub(crate) mod bench;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod credentials;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod fit;
pub(crate) mod plan;
pub(crate) mod reconcile;
pub(crate) mod replay;
pub(crate) mod returns;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod stock;
pub(crate) mod trail;
pub(crate) mod twins;

use crate::cli::{WorldArgs, WriteBack};
use ::twins::{FaultLevel, Tenant, TwinConfig};
use anyhow::{Context, bail};
use std::io::Write;

/// Prints a result. A reader that went away (`| head`) is no error.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a part of a file, with its own line ends.
pub(crate) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
}

/// Prints an error or a hint.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

impl WorldArgs {
    /// Whether stock is compared: asked for, or as one of all flows.
    pub(crate) fn stock(&self) -> bool {
        self.stock || self.skus > 0
    }

    /// Where costs are written: as asked, or in notes as one of all flows.
    pub(crate) fn billing(&self) -> Option<WriteBack> {
        self.billing.or((self.skus > 0).then_some(WriteBack::Note))
    }
}

/// A world as the command line describes it.
pub(crate) fn world(args: &WorldArgs, pace: u32) -> anyhow::Result<TwinConfig> {
    let tenant = Tenant::named(&args.tenant).with_context(|| {
        format!("no tenant profile is called \"{}\": see `twins --list-tenants`", args.tenant)
    })?;
    let faults = FaultLevel::named(&args.faults)
        .with_context(|| format!("faults are none, light or heavy, not \"{}\"", args.faults))?;
    let shipbob_per_minute = match args.shipbob_per_minute.as_str() {
        "unlimited" => None,
        text => Some(text.parse().context("--shipbob-per-minute takes a number or unlimited")?),
    };
    let (external, whs) = match args.profile.as_str() {
        "plain" => (false, false),
        "external" => (true, false),
        "whs" => (false, true),
        other => bail!("profiles are plain, external and whs, not \"{other}\""),
    };
    let network = match args.mapping.as_str() {
        "pinned" => false,
        "network" => true,
        other => bail!("mappings are pinned and network, not \"{other}\""),
    };
    if args.orders > 200_000 {
        bail!("a world has at most 200000 orders");
    }
    if args.skus > 100_000 {
        bail!("a world has at most 100000 products beyond the usual ones");
    }
    Ok(TwinConfig {
        seed: args.seed,
        orders: args.orders,
        tenant,
        faults,
        pasted: args.pasted,
        pace: args.pace.unwrap_or(pace).max(1),
        shipbob_per_minute,
        release_span_secs: args.release_span,
        external,
        network,
        whs,
        tier3: whs && !args.no_tier3,
        stock: args.stock(),
        skus: args.skus,
        billing: args.billing().is_some(),
        returns: args.returns,
        ..TwinConfig::default()
    })
}
