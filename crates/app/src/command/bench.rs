//! `bench`: figures against the budgets of the design.

use crate::cli::BenchArgs;
use std::process::ExitCode;

pub(crate) async fn run(_args: BenchArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
