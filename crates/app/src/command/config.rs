//! `config check`, `config reference`, `config key`.

use super::say;
use crate::cli::ConfigCommand;
use crate::config::{Installation, REFERENCE};
use base64::Engine as _;
use std::process::ExitCode;

pub(crate) fn run(command: ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Reference => say(REFERENCE.trim_end()),
        ConfigCommand::Key => {
            let key = store::random::<32>()?;
            say(&base64::engine::general_purpose::STANDARD.encode(key));
        }
        ConfigCommand::Check(args) => {
            let whole = Installation::load(&args.config)?;
            for config in &whole.connections {
                let settings = config.settings()?;
                store::MasterKey::from_base64(config.store.master_key.expose())?;
                let name = if whole.connections.len() > 1 {
                    format!("{} ({})", args.config.display(), config.connection.name)
                } else {
                    args.config.display().to_string()
                };
                say(&format!(
                    "{name} is good: company {}, channel {}, {} warehouse(s), {} method(s), {} carrier(s), cut-off {}.",
                    settings.company,
                    settings.channel,
                    settings.warehouses.len(),
                    settings.methods.len(),
                    settings.carriers.len(),
                    settings
                        .cut_off
                        .map_or("not set (nothing is sent)".to_owned(), |t| t.to_string()),
                ));
                if settings.has_whs() && settings.custom_call.is_none() {
                    say(
                        "Note: for warehouses with profile whs F&O posts no packing slip by itself; what left stands in the note. See [connection.custom_call].",
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
