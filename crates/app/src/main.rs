//! The binary `ml-connector`.

use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let cli = app::cli::Cli::parse();
    app::telemetry::start(cli.verbose, cli.json_logs);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the runtime cannot start");
            return ExitCode::from(70);
        }
    };
    let code = runtime.block_on(app::cli::run(cli));
    // What is still running was told to stop; it is not waited for for ever.
    runtime.shutdown_timeout(Duration::from_secs(5));
    code
}
