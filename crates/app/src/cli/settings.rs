//! Arguments of `settings …`.

use super::{Asking, OneArgs};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `settings …`.
#[derive(Subcommand)]
pub enum SettingsCommand {
    /// Print the document in force, or that of another version.
    Show(SettingsShow),
    /// List the versions: who made them, when and why.
    History(SettingsList),
    /// What differs between two versions, or between the version in force and a file.
    Diff(SettingsDiff),
    /// Read a document and say what is wrong with it, with line and column.
    Check(SettingsFile),
    /// Show which open orders would be planned differently under a document; writes nothing.
    Preview(SettingsFile),
    /// Make a document (or the settings of a configuration file) the next version; needs --why.
    Apply(SettingsApply),
    /// Make the document of an older version the next one; needs --why.
    Rollback(SettingsBack),
    /// Write the version in force as one file for another installation, without secrets.
    Export(SettingsExport),
    /// Take over a file of `export` whose `[environment]` is confirmed; needs --why.
    Import(SettingsApply),
}

/// `settings show`.
#[derive(Args)]
pub struct SettingsShow {
    #[command(flatten)]
    pub config: OneArgs,
    /// Which; the one in force when not given.
    #[arg(long, value_name = "NUMBER")]
    pub version: Option<i64>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `settings history`.
#[derive(Args)]
pub struct SettingsList {
    #[command(flatten)]
    pub config: OneArgs,
    /// How many.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `settings diff`.
#[derive(Args)]
pub struct SettingsDiff {
    #[command(flatten)]
    pub config: OneArgs,
    /// From this version; the one before --to when not given.
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<i64>,
    /// To this version; the one in force when not given.
    #[arg(long, value_name = "NUMBER", conflicts_with = "file")]
    pub to: Option<i64>,
    /// From the version in force to this document or configuration file.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `settings check`, `settings preview`.
#[derive(Args)]
pub struct SettingsFile {
    #[command(flatten)]
    pub config: OneArgs,
    /// A document, or a whole configuration file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `settings apply`, `settings import`.
#[derive(Args)]
pub struct SettingsApply {
    #[command(flatten)]
    pub asking: Asking,
    /// A document or a whole configuration file; for `import` a file of `export`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The version it was made from: refused when another one is in force; the present one when
    /// not given.
    #[arg(long, value_name = "NUMBER")]
    pub based_on: Option<i64>,
    /// Check and preview only.
    #[arg(long)]
    pub dry_run: bool,
}

/// `settings rollback`.
#[derive(Args)]
pub struct SettingsBack {
    #[command(flatten)]
    pub asking: Asking,
    /// The version whose document is put back.
    #[arg(value_name = "VERSION")]
    pub version: i64,
}

/// `settings export`.
#[derive(Args)]
pub struct SettingsExport {
    #[command(flatten)]
    pub config: OneArgs,
    /// Write it there; standard output when not given.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
