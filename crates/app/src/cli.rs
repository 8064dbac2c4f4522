//! The command line.

mod connect;
mod fit;
mod operations;
mod settings;
mod trail;

pub use connect::{ConnectCommand, ConnectDynamics, ConnectShipBob};
pub use fit::FitArgs;
pub use operations::{
    Asking, BackfillArgs, BackfillCommand, EraseArgs, FlowArgs, FlowName, HoldsArgs, HoldsCommand,
    ReconcileArgs,
};

pub use settings::{
    SettingsApply, SettingsBack, SettingsCommand, SettingsDiff, SettingsExport, SettingsFile,
    SettingsList, SettingsShow,
};
pub use trail::{TrailCommand, TrailShow};

use crate::command;
use crate::config::{Config, ConfigError, Installation};
use clap::{Args, Parser, Subcommand};
use console::command::Verb;
use std::path::PathBuf;
use std::process::ExitCode;

/// Keeps Dynamics 365 F&O and ShipBob in step.
#[derive(Parser)]
#[command(name = "ml-connector", version, about, max_term_width = 100)]
pub struct Cli {
    /// More words in the log; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Log in JSON.
    #[arg(long, global = true)]
    pub json_logs: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the whole thing on simulated systems: no account, no network.
    Demo(DemoArgs),
    /// Serve the simulated Dynamics and ShipBob on loopback ports.
    Twins(TwinsArgs),
    /// Run the connector.
    Serve(ConfigArgs),
    /// Show what would be written for orders now, per field; writes nothing.
    Plan(PlanArgs),
    /// Probe both real systems with the given credentials, say what to mend; writes nothing.
    Doctor(DoctorArgs),
    /// Would this work for us? Reads both real systems, says what every order would become and what to mend; writes nothing.
    Fit(FitArgs),
    /// Hold what both live systems say of themselves against the contracts of this build.
    Drift(DriftArgs),
    /// Ask both systems for a day and hold them against each other; write nothing to either.
    Reconcile(ReconcileArgs),
    /// Let the connector into ShipBob or Dynamics, from a shell.
    #[command(subcommand)]
    Connect(ConnectCommand),
    /// Stop a flow, or the whole connection; nothing is lost.
    Pause(FlowArgs),
    /// Let it go on.
    Resume(FlowArgs),
    /// Look at both systems now.
    RunNow(FlowArgs),
    /// Erase the personal data of an order, as soon as nothing of it is open.
    Erase(EraseArgs),
    /// What waits for a person, and what to do about many at once.
    #[command(subcommand)]
    Holds(HoldsCommand),
    /// Seed history: look at old orders without sending anything that the cut-off holds back.
    #[command(subcommand)]
    Backfill(BackfillCommand),
    /// Returns and receiving orders of ShipBob, as last read.
    Returns(ReturnsArgs),
    /// Stock: what differs and why, and counting journals with their approval.
    #[command(subcommand)]
    Stock(StockCommand),
    /// The settings of a connection as versions: show, check, preview, apply, put back, carry over.
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Read the audit trail.
    #[command(subcommand)]
    Trail(TrailCommand),
    /// Check or explain the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Measure against the budgets of the design.
    Bench(BenchArgs),
}

/// A world of the twins.
#[derive(Args, Clone)]
pub struct WorldArgs {
    /// Key of every decision of the world.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Sales orders in it.
    #[arg(long, default_value_t = 300)]
    pub orders: u32,
    /// How the tenant behaves where the vendors are silent (`twins --list-tenants`).
    #[arg(long, default_value = "standard")]
    pub tenant: String,
    /// Disturbances: none, light or heavy.
    #[arg(long, default_value = "none")]
    pub faults: String,
    /// Orders already pasted into ShipBob by hand before the cut-off.
    #[arg(long, default_value_t = 0)]
    pub pasted: u32,
    /// Divides every delay of warehouse and F&O life.
    #[arg(long)]
    pub pace: Option<u32>,
    /// ShipBob calls a minute (a number, or "unlimited").
    #[arg(long, default_value = "150")]
    pub shipbob_per_minute: String,
    /// Releases are spread over this many seconds.
    #[arg(long = "release-span", default_value_t = 0)]
    pub release_span: i64,
    /// Products beyond the usual ones that F&O has released; with any, all five flows run.
    #[arg(long, default_value_t = 0)]
    pub skus: u32,
    /// How the warehouses are released and written back: plain, external or whs.
    #[arg(long, default_value = "plain")]
    pub profile: String,
    /// Legal entities of the F&O environment, each with its own connection.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4))]
    pub entities: u32,
    /// ShipBob accounts they sell through; fewer than legal entities = shared ones.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4))]
    pub accounts: u32,
    /// How the warehouses lie at ShipBob: pinned to one centre, or (SB01) a network of which it chooses.
    #[arg(long, default_value = "pinned")]
    pub mapping: String,
    /// With profile whs: nobody has a call of his own that posts packing slips (no tier 3).
    #[arg(long)]
    pub no_tier3: bool,
    /// Goods move besides the orders, and stock is compared and counted.
    #[arg(long)]
    pub stock: bool,
    /// Some of what left comes back, suppliers send goods, and both are read.
    #[arg(long)]
    pub returns: bool,
    /// ShipBob charges what left, and the flow billing is on: costs in notes, or also as charges.
    #[arg(long, value_name = "HOW", num_args = 0..=1, default_missing_value = "note")]
    pub billing: Option<WriteBack>,
}

/// Where costs are written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteBack {
    /// In the note of the shipment.
    Note,
    /// … and as charges of the order, by data packages.
    Package,
    /// … and as charges of the order, by a custom service.
    Call,
}

/// How ShipBob is entered.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// With a personal access token.
    Token,
    /// As an app a person lets in.
    Oauth,
}

/// `demo`.
#[derive(Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub world: WorldArgs,
    /// How ShipBob is entered: with a personal access token, or as an app.
    #[arg(long, value_enum, default_value_t = Auth::Token)]
    pub auth: Auth,
    /// Run to the end in virtual time, print the result and exit.
    #[arg(long)]
    pub once: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    /// Address of the console.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: String,
}

/// `twins`.
#[derive(Args)]
pub struct TwinsArgs {
    #[command(flatten)]
    pub world: WorldArgs,
    /// How the configuration of `--write-config` enters ShipBob.
    #[arg(long, value_enum, default_value_t = Auth::Token)]
    pub auth: Auth,
    /// First of five loopback ports: control, Entra, Dynamics, ShipBob, ShipBob's auth host.
    #[arg(long, default_value_t = 7700)]
    pub port: u16,
    /// World time at the start, microseconds since 1970; the wall clock when not given.
    #[arg(long)]
    pub start: Option<i64>,
    /// New orders keep coming.
    #[arg(long)]
    pub stream: bool,
    /// Write a configuration for `serve` that fits this world, then serve it.
    #[arg(long, value_name = "FILE")]
    pub write_config: Option<PathBuf>,
    /// Where `serve` will listen; goes into the configuration.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub serve_listen: String,
    /// Database for `serve`; goes into the configuration.
    #[arg(long, default_value = "sqlite://ml-connector-twins.db")]
    pub serve_store: String,
    /// List the tenant profiles and exit.
    #[arg(long)]
    pub list_tenants: bool,
    /// Break something (`twins --list-breaks`); several with commas.
    #[arg(long = "break", value_name = "KIND", value_delimiter = ',')]
    pub breaks: Vec<String>,
    /// List what can be broken and exit.
    #[arg(long)]
    pub list_breaks: bool,
    /// A world that is ready but for these problems (`twins --list-plants`), or `none` for no problem.
    #[arg(long, value_name = "KIND=N", value_delimiter = ',')]
    pub plant: Vec<String>,
    /// List what can be planted and exit.
    #[arg(long)]
    pub list_plants: bool,
}

/// Commands that need a configuration.
#[derive(Args)]
pub struct ConfigArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "ml-connector.toml")]
    pub config: PathBuf,
}

/// Commands about one connection.
#[derive(Args)]
pub struct OneArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "ml-connector.toml")]
    pub config: PathBuf,
    /// Name of the connection; not needed where there is only one.
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
}

impl OneArgs {
    /// The file as that connection sees it.
    pub fn one(&self) -> Result<Config, ConfigError> {
        Installation::load(&self.config)?.one(self.connection.as_deref())
    }
}

/// `plan`.
#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub config: OneArgs,
    /// Sales order numbers; all open ones when none is given.
    pub orders: Vec<String>,
    /// Make a stored decision of this order again, from its stored facts.
    #[arg(long, value_name = "ORDER", conflicts_with = "orders")]
    pub record: Option<String>,
    /// Which decision (number as on the page of the order); the latest when not given.
    #[arg(long, value_name = "NUMBER", requires = "record")]
    pub plan: Option<i64>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `doctor`.
#[derive(Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub config: OneArgs,
    /// A failing line you accept, by its id: it warns instead. May be repeated.
    #[arg(long, value_name = "LINE")]
    pub accept: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `drift`.
#[derive(Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub config: OneArgs,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `returns`.
#[derive(Args)]
pub struct ReturnsArgs {
    #[command(flatten)]
    pub config: OneArgs,
    /// Receiving orders instead.
    #[arg(long)]
    pub receiving: bool,
    /// Only those with this in a number, a SKU or their state.
    #[arg(long)]
    pub find: Option<String>,
    /// Print JSON, one a line.
    #[arg(long)]
    pub json: bool,
}

/// `stock …`.
#[derive(Subcommand)]
pub enum StockCommand {
    /// Shelves in one state, or of one SKU, and the counting journals that are not closed.
    Show(StockShow),
    /// Ask the running connector to compare stock now.
    Compare(StockAsk),
    /// Say yes to a proposed counting journal.
    Approve(StockAnswer),
    /// Say no to it.
    Reject(StockAnswer),
}

/// `stock show`.
#[derive(Args)]
pub struct StockShow {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// One SKU, all its centres.
    pub sku: Option<String>,
    /// Shelves in this state.
    #[arg(long, default_value = "variance")]
    pub state: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `stock compare`.
#[derive(Args)]
pub struct StockAsk {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Your name, for the trail.
    #[arg(long, default_value = "operator")]
    pub who: String,
}

/// `stock approve`, `stock reject`.
#[derive(Args)]
pub struct StockAnswer {
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Your name, for the trail.
    #[arg(long, default_value = "operator")]
    pub who: String,
    /// Token of the journal, as `stock show` prints it.
    pub token: String,
}

/// `config …`.
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Read the file and say what is wrong with it.
    Check(ConfigArgs),
    /// Print a commented reference of every key.
    Reference,
    /// Make a master key.
    Key,
}

/// `bench`.
#[derive(Args)]
pub struct BenchArgs {
    /// Only benchmarks whose name contains this.
    pub only: Option<String>,
    /// Orders in the large burst.
    #[arg(long, default_value_t = 10_000)]
    pub orders: u32,
    /// SKUs of the comparison of stock.
    #[arg(long, default_value_t = 100_000)]
    pub skus: u32,
    /// Fulfilment centres of the comparison of stock.
    #[arg(long, default_value_t = 20)]
    pub centres: u32,
    /// Transactions of the sweep over ShipBob's billing.
    #[arg(long, default_value_t = 100_000)]
    pub transactions: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs a command; errors are printed with their causes.
pub async fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Demo(args) => command::demo::run(args).await,
        Command::Twins(args) => command::twins::run(args).await,
        Command::Serve(args) => command::serve::run(&args.config).await,
        Command::Plan(args) => command::plan::run(args).await,
        Command::Doctor(args) => command::doctor::run(args).await,
        Command::Fit(args) => command::fit::run(args).await,
        Command::Drift(args) => command::drift::run(args).await,
        Command::Reconcile(args) => command::reconcile::run(args).await,
        Command::Connect(command) => command::connect::run(command).await,
        Command::Pause(args) => command::asking::flow(Verb::Pause, args).await,
        Command::Resume(args) => command::asking::flow(Verb::Resume, args).await,
        Command::RunNow(args) => command::asking::flow(Verb::RunNow, args).await,
        Command::Erase(args) => command::asking::erase(args).await,
        Command::Backfill(command) => command::backfill::run(command).await,
        Command::Holds(command) => command::asking::holds(command).await,
        Command::Stock(command) => command::stock::run(command).await,
        Command::Returns(args) => command::returns::run(args).await,
        Command::Settings(command) => command::settings::run(command).await,
        Command::Trail(command) => command::trail::run(command).await,
        Command::Config(command) => command::config::run(command),
        Command::Bench(args) => command::bench::run(args).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            command::complain(&format!("error: {error:#}"));
            ExitCode::from(1)
        }
    }
}
