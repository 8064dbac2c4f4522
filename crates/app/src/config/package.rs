//! The two files of the customer's data project: their content belongs to the settings, their place does not.

use super::{ConfigError, ConnectionConfig, invalid};
use std::path::Path;

/// A manifest is a few kilobytes; anything larger is another file.
const MAX_BYTES: u64 = 256 * 1024;

/// `manifest` and `header` are XML, or the name of a file that holds it, relative to the configuration.
pub(super) fn read_files(
    connection: &mut ConnectionConfig,
    folder: &Path,
) -> Result<(), ConfigError> {
    let charges = connection.billing.as_mut().and_then(|billing| billing.charges.as_mut());
    let Some(package) = charges.map(|charges| &mut charges.package) else { return Ok(()) };
    for (name, text) in [("manifest", &mut package.manifest), ("header", &mut package.header)] {
        let given = text.trim();
        if given.is_empty() || given.starts_with('<') {
            continue;
        }
        let place = format!("connection.billing.charges.package.{name}");
        let file = folder.join(given);
        let wrong = |why: String| invalid(&place, format!("{}: {why}", file.display()));
        let size = std::fs::metadata(&file).map_err(|e| wrong(e.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(wrong(format!("{size} bytes are more than such a file has")));
        }
        let read = std::fs::read_to_string(&file).map_err(|e| wrong(e.to_string()))?;
        *text = read.trim_start_matches('\u{feff}').to_owned();
    }
    Ok(())
}
