//! Arguments of `trail`.

use super::OneArgs;
use clap::{Args, Subcommand};

/// `trail …`.
#[derive(Subcommand)]
pub enum TrailCommand {
    /// Show the latest entries.
    Show(TrailShow),
    /// Verify the hash chain; exit code 1 when it is broken.
    Verify {
        #[command(flatten)]
        config: OneArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write everything to standard output.
    Export {
        #[command(flatten)]
        config: OneArgs,
        /// `jsonl` or `csv`.
        #[arg(long, default_value = "jsonl")]
        format: String,
    },
}

/// `trail show`.
#[derive(Args)]
pub struct TrailShow {
    #[command(flatten)]
    pub config: OneArgs,
    /// Only this sales order.
    #[arg(long)]
    pub order: Option<String>,
    /// How many entries.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
