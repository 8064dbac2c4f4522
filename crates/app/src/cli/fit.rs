//! The command line of the fit report.

use super::OneArgs;
use clap::Args;
use std::path::PathBuf;

/// `fit`.
#[derive(Args)]
pub struct FitArgs {
    #[command(flatten)]
    pub config: OneArgs,
    /// How far back orders are looked at, in days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=365))]
    pub days: i64,
    /// Print JSON: everything, with stable ids.
    #[arg(long)]
    pub json: bool,
    /// Write a page for a browser or a printer, too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}
