//! Arguments of what an operator asks of a running connector.

use super::OneArgs;
use clap::{Args, Subcommand, ValueEnum};

/// What every command of a person carries.
#[derive(Args)]
pub struct Asking {
    #[command(flatten)]
    pub config: OneArgs,
    /// Your name, for the trail.
    #[arg(long, default_value = "operator")]
    pub who: String,
    /// Why, for the trail. No personal data.
    #[arg(long, default_value = "")]
    pub why: String,
    /// Do not wait until it is carried out.
    #[arg(long)]
    pub no_wait: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A flow of this version.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowName {
    /// Dynamics → ShipBob.
    Orders,
    /// ShipBob → Dynamics.
    Fulfilment,
    /// Released products → ShipBob.
    Products,
    /// Stock of ShipBob → Dynamics.
    Inventory,
    /// What ShipBob charges → Dynamics.
    Billing,
    /// Returns and receiving orders of ShipBob.
    Returns,
}

/// `pause`, `resume`, `run-now`.
#[derive(Args)]
pub struct FlowArgs {
    #[command(flatten)]
    pub asking: Asking,
    /// Only this flow; the whole connection when it is not given.
    #[arg(long, value_enum)]
    pub flow: Option<FlowName>,
}

/// `erase`.
#[derive(Args)]
pub struct EraseArgs {
    #[command(flatten)]
    pub asking: Asking,
    /// The sales order.
    #[arg(long, value_name = "NUMBER")]
    pub order: String,
}

/// `holds …`.
#[derive(Subcommand)]
pub enum HoldsCommand {
    /// List what waits for a person, by cause.
    List {
        #[command(flatten)]
        config: OneArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Try all of them again.
    Retry(HoldsArgs),
    /// Keep all of them from ShipBob; needs --why.
    Skip(HoldsArgs),
    /// Send all of them although released before the cut-off.
    Release(HoldsArgs),
    /// All of them were settled elsewhere; needs --why.
    Dismiss(HoldsArgs),
    /// Read all of them again from both systems.
    Look(HoldsArgs),
}

/// Which holds.
#[derive(Args)]
pub struct HoldsArgs {
    #[command(flatten)]
    pub asking: Asking,
    /// Every open hold of this cause.
    #[arg(long, required_unless_present = "hold", conflicts_with = "hold")]
    pub cause: Option<String>,
    /// One group of holds, as `cause|field|value`.
    #[arg(long)]
    pub hold: Option<String>,
}

/// `backfill …`.
#[derive(Subcommand)]
pub enum BackfillCommand {
    /// Look at old sales orders; the cut-off decides what may go out.
    Orders(BackfillArgs),
}

/// Which orders.
#[derive(Args)]
pub struct BackfillArgs {
    #[command(flatten)]
    pub asking: Asking,
    /// Orders that changed at or after this day or moment (UTC).
    #[arg(long, required_unless_present = "keys", conflicts_with = "keys")]
    pub from: Option<String>,
    /// … and not later than this; now when not given.
    #[arg(long, conflicts_with = "keys")]
    pub to: Option<String>,
    /// A file with one sales order number a line.
    #[arg(long, value_name = "FILE")]
    pub keys: Option<std::path::PathBuf>,
}

/// `reconcile`.
#[derive(Args)]
pub struct ReconcileArgs {
    #[command(flatten)]
    pub asking: Asking,
    /// Which day, like 2026-11-24.
    #[arg(long, required_unless_present = "verify", conflicts_with = "verify")]
    pub day: Option<String>,
    /// Show the certificate that is kept; ask nobody.
    #[arg(long, requires = "day")]
    pub kept: bool,
    /// Check a certificate (JSON) against the trail.
    #[arg(long, value_name = "FILE")]
    pub verify: Option<std::path::PathBuf>,
}
