//! A whole file: one connection (`[connection]`) or several (`[[connection]]`), whose they are, and
//! what they may not have in common.

use super::{
    Config, ConfigError, ConnectionConfig, Hidden, MAX_BYTES, RetentionConfig, Server, StoreConfig,
    environment, fill, invalid,
};
use crate::wiring;
use domain::cells::{Tie, cells, conflicts};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::path::Path;

/// More are a mistake, or more than one process should own.
const MOST: usize = 200;
/// Organisation of connections that name none, and id of an only connection.
const DEFAULT: &str = "default";
/// Longest id.
const ID_LENGTH: usize = 40;

/// A whole file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    server: Server,
    store: StoreConfig,
    #[serde(default)]
    retention: RetentionConfig,
    #[serde(default)]
    access: Vec<AccessConfig>,
    connection: Connections,
}

/// `[[access]]`: a token that opens one organisation only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessConfig {
    /// The organisation it opens.
    pub organisation: String,
    /// People of it log in with this.
    pub token: Hidden,
}

/// One table or an array of tables.
struct Connections(Vec<ConnectionConfig>);

impl<'de> Deserialize<'de> for Connections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Connections;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[connection] or [[connection]]")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Connections, A::Error> {
                let one = ConnectionConfig::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Connections(vec![one]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Connections, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Connections)
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// Everything one file configures.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The file as each connection sees it; at least one.
    pub connections: Vec<Config>,
    /// Tokens of single organisations.
    pub access: Vec<AccessConfig>,
}

impl Installation {
    /// Reads a file, with `${NAME}` replaced from the environment.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable =
            |why: String| ConfigError::Unreadable { file: path.display().to_string(), why };
        let size = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(unreadable(format!("{size} bytes are more than a configuration has")));
        }
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        let mut read = Self::parse(&text, &environment)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for connection in &mut read.connections {
            super::package::read_files(&mut connection.connection, folder)?;
        }
        Ok(read)
    }

    /// Reads text; `environment` answers `${NAME}`.
    pub fn parse(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut value: toml::Value = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |s| text.get(..s.start).unwrap_or("").lines().count());
            invalid(&format!("line {line}"), e.message())
        })?;
        fill(&mut value, "", environment)?;
        let file: File = serde_path_to_error::deserialize(value)
            .map_err(|e| invalid(&e.path().to_string(), e.inner().message()))?;
        let several = file.connection.0.len() > 1;
        let connections = file.connection.0.into_iter().map(|connection| {
            let id = match connection.id.as_str() {
                "" if several => slug(&connection.name),
                "" => DEFAULT.to_owned(),
                given => given.to_owned(),
            };
            let organisation = match slug(&connection.organisation) {
                none if none.is_empty() => DEFAULT.to_owned(),
                given => given,
            };
            let scope = wiring::scope(&organisation, &id);
            Config {
                server: file.server.clone(),
                store: file.store.clone(),
                retention: file.retention.clone(),
                connection,
                scope,
            }
        });
        let whole = Self { connections: connections.collect(), access: file.access };
        whole.check()?;
        Ok(whole)
    }

    /// The connection of that name or id; without one, the only connection there is.
    pub fn one(&self, name: Option<&str>) -> Result<Config, ConfigError> {
        let names = || {
            let all: Vec<&str> =
                self.connections.iter().map(|c| c.connection.name.as_str()).collect();
            all.join("\", \"")
        };
        match (name, self.connections.as_slice()) {
            (None, [only]) => Ok(only.clone()),
            (None, _) => {
                Err(invalid("--connection", format!("say which one is meant: \"{}\"", names())))
            }
            (Some(name), all) => {
                let is = |c: &&Config| {
                    c.connection.name.eq_ignore_ascii_case(name)
                        || c.scope.connection.as_str() == name
                };
                all.iter().find(is).cloned().ok_or_else(|| {
                    let why =
                        format!("no connection is called \"{name}\"; there is \"{}\"", names());
                    invalid("--connection", why)
                })
            }
        }
    }

    /// What every connection is tied to others by, in the order of the file.
    pub fn ties(&self) -> Vec<Tie> {
        let mut ties: Vec<Tie> = Vec::new();
        for (at, config) in self.connections.iter().enumerate() {
            let (c, sb) = (&config.connection, &config.connection.shipbob);
            // Nobody is asked for a name where one token shows that the account is the same.
            let same_token = |other: &&Config| {
                let theirs = &other.connection.shipbob;
                theirs.url == sb.url
                    && !sb.token.expose().is_empty()
                    && theirs.token.expose() == sb.token.expose()
            };
            let earlier = self.connections.iter().take(at).position(|other| same_token(&other));
            let known = earlier.and_then(|n| ties.get(n)).map(|tie| tie.account.clone());
            let account = match (sb.account.as_str(), known) {
                ("", Some(known)) => known,
                ("", None) => format!("account of {}", c.name),
                (given, _) => given.to_owned(),
            };
            ties.push(Tie {
                name: c.name.clone(),
                id: config.scope.connection.as_str().to_owned(),
                organisation: config.scope.organisation.as_str().to_owned(),
                environment: c.dynamics.url.clone(),
                company: c.company.clone(),
                shipbob: sb.url.clone(),
                account,
                channel: c.channel,
                warehouses: c.warehouses.iter().map(|w| w.warehouse.to_uppercase()).collect(),
                pairing_allowed: c.override_pairing,
            });
        }
        ties
    }

    /// Places of the connections that belong together.
    pub fn cells(&self) -> Vec<Vec<usize>> {
        cells(&self.ties())
    }

    /// The organisations, each once, in the order of the file.
    pub fn organisations(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for config in &self.connections {
            let name = config.scope.organisation.as_str();
            if !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
        all
    }

    fn check(&self) -> Result<(), ConfigError> {
        let several = self.connections.len() > 1;
        if self.connections.is_empty() || self.connections.len() > MOST {
            let why = format!("a file has between 1 and {MOST} connections");
            return Err(invalid("connection", why));
        }
        for config in &self.connections {
            let name = &config.connection.name;
            let named = |error| match error {
                ConfigError::Invalid { place, why } if several => ConfigError::Invalid {
                    place: place.replacen("connection", &format!("connection \"{name}\""), 1),
                    why,
                },
                other => other,
            };
            config.check().and_then(|()| check_names(config)).map_err(named)?;
        }
        if let Some((at, key, why)) = conflicts(&self.ties()).into_iter().next() {
            let name = self.connections.get(at).map_or("", |c| c.connection.name.as_str());
            let place = if several {
                format!("connection \"{name}\".{key}")
            } else {
                format!("connection.{key}")
            };
            return Err(invalid(&place, why));
        }
        self.check_limits()?;
        self.check_access()
    }

    /// One account has one limit.
    fn check_limits(&self) -> Result<(), ConfigError> {
        let ties = self.ties();
        let all = || ties.iter().zip(&self.connections);
        for (at, (tie, config)) in all().enumerate() {
            let limit = config.connection.shipbob.calls_per_minute;
            let other = all().take(at).find(|(known, other)| {
                (&known.shipbob, &known.account) == (&tie.shipbob, &tie.account)
                    && other.connection.shipbob.calls_per_minute != limit
            });
            if let Some((known, _)) = other {
                let place = format!("connection \"{}\".shipbob.calls_per_minute", tie.name);
                let why = format!("differs from \"{}\", which uses the same account", known.name);
                return Err(invalid(&place, why));
            }
        }
        Ok(())
    }

    fn check_access(&self) -> Result<(), ConfigError> {
        let organisations = self.organisations();
        let given = self.connections.first().map(|c| &c.server.access_token);
        if organisations.len() > 1 && given.is_some_and(|token| !token.expose().is_empty()) {
            let why = "would open every organisation: leave it out and give each one its own token in [[access]]";
            return Err(invalid("server.access_token", why));
        }
        for (at, one) in self.access.iter().enumerate() {
            let place = format!("access[{at}]");
            if !organisations.contains(&slug(&one.organisation)) {
                let why = format!("no connection belongs to organisation \"{}\"", one.organisation);
                return Err(invalid(&format!("{place}.organisation"), why));
            }
            if one.token.expose().is_empty() {
                return Err(invalid(&format!("{place}.token"), "must not be empty"));
            }
            let taken = |other: &AccessConfig| {
                other.token.expose() == one.token.expose()
                    && slug(&other.organisation) != slug(&one.organisation)
            };
            if self.access.iter().take(at).any(taken) {
                let why = "opens another organisation already: every organisation needs its own";
                return Err(invalid(&format!("{place}.token"), why));
            }
        }
        Ok(())
    }
}

fn check_names(config: &Config) -> Result<(), ConfigError> {
    let name = &config.connection.name;
    if name.trim().is_empty() || name.chars().count() > 60 {
        return Err(invalid("connection.name", "must have between 1 and 60 characters"));
    }
    let id = config.scope.connection.as_str();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > ID_LENGTH || !id.chars().all(plain) {
        let why = format!(
            "must have 1 to {ID_LENGTH} of a-z, 0-9 and \"-\": rows are kept under it, so it never changes"
        );
        return Err(invalid("connection.id", why));
    }
    Ok(())
}

/// A name as an id: small letters, digits, and dashes for the rest.
pub(crate) fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.trim().to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').chars().take(ID_LENGTH).collect()
}
