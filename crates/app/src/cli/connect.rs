//! Arguments of `connect`.

use super::OneArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `connect …`.
#[derive(Subcommand)]
pub enum ConnectCommand {
    /// ShipBob: prints the address to open and takes the address the browser ends at.
    Shipbob(ConnectShipBob),
    /// Dynamics: takes a client secret (standard input) or a certificate, and seals it in the
    /// vault once Entra has accepted it.
    Dynamics(ConnectDynamics),
}

/// `connect shipbob`.
#[derive(Args)]
pub struct ConnectShipBob {
    #[command(flatten)]
    pub config: OneArgs,
    /// Your name, for the trail.
    #[arg(long, default_value = "operator")]
    pub who: String,
    /// Seal a personal access token (read from standard input) instead.
    #[arg(long, conflicts_with = "billing")]
    pub token: bool,
    /// Seal a personal access token for billing (read from standard input).
    #[arg(long)]
    pub billing: bool,
}

/// `connect dynamics`.
#[derive(Args)]
pub struct ConnectDynamics {
    #[command(flatten)]
    pub config: OneArgs,
    /// Your name, for the record beside the secret.
    #[arg(long, default_value = "operator")]
    pub who: String,
    /// PEM file with certificate and private key; without it the secret is read from standard
    /// input.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
}
