//! What is wrong with a configuration as such; nobody is called.

use super::{CALLBACK, Config, ConfigError, ConnectionConfig, invalid};
use domain::time::Span;
use shipbob::oauth::AppConfig;

impl Config {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.retention.periods().map(|_| ())?;
        for (place, url) in [
            ("connection.dynamics.url", &self.connection.dynamics.url),
            ("connection.dynamics.authority", &self.connection.dynamics.authority),
            ("connection.shipbob.url", &self.connection.shipbob.url),
        ] {
            if !safe_address(url) {
                return Err(invalid(place, "must begin with https:// (http only on loopback)"));
            }
            if url.ends_with('/') {
                return Err(invalid(place, "must not end with a slash"));
            }
        }
        self.check_credentials()?;
        let deadlines = [
            ("dynamics", self.connection.dynamics.deadline_seconds, 120),
            ("shipbob", self.connection.shipbob.deadline_seconds, 30),
        ];
        for (system, seconds, most) in deadlines {
            if !(1..=most).contains(&seconds) {
                let place = format!("connection.{system}.deadline_seconds");
                return Err(invalid(&place, format!("must be between 1 and {most}")));
            }
        }
        let deadline = Span::seconds(self.connection.dynamics.deadline_seconds);
        let longest = crate::wiring::dynamics_bound(deadline).as_seconds();
        if self.connection.schedule.lease < longest + 10 {
            let why =
                format!("must be at least {}: an F&O call may take {longest} s", longest + 10);
            return Err(invalid("connection.schedule.lease", why));
        }
        if let Some(reconcile) = &self.connection.reconcile {
            engine::zone_known(&reconcile.zone)
                .map_err(|why| invalid("connection.reconcile.zone", why))?;
        }
        self.connection.check_schedule()?;
        let problems = self.settings()?.problems();
        match problems.first() {
            Some(first) => Err(invalid("connection", first.as_str())),
            None => Ok(()),
        }
    }

    fn check_credentials(&self) -> Result<(), ConfigError> {
        let (fo, sb) = (&self.connection.dynamics, &self.connection.shipbob);
        if !fo.client_secret.expose().is_empty() && !fo.certificate_file.is_empty() {
            let why = "give either client_secret or certificate_file, not both";
            return Err(invalid("connection.dynamics.certificate_file", why));
        }
        let Some(oauth) = &sb.oauth else { return Ok(()) };
        if !sb.token.expose().is_empty() {
            let why = "give either token or [connection.shipbob.oauth], not both";
            return Err(invalid("connection.shipbob.token", why));
        }
        self.app_config().map(|_| ())?;
        if !oauth.scope.split_whitespace().any(|one| one == "offline_access") {
            let why = "must hold offline_access: without it there is no refresh token and every connect ends after an hour";
            return Err(invalid("connection.shipbob.oauth.scope", why));
        }
        Ok(())
    }

    /// The app a merchant lets in, if the file has one.
    pub fn app_config(&self) -> Result<Option<AppConfig>, ConfigError> {
        let place = |key: &str| format!("connection.shipbob.oauth.{key}");
        let sb = &self.connection.shipbob;
        let Some(oauth) = &sb.oauth else { return Ok(None) };
        let its_own = match sb.url.as_str() {
            "https://api.shipbob.com" => Some("https://auth.shipbob.com"),
            "https://sandbox-api.shipbob.com" => Some("https://authstage.shipbob.com"),
            _ => None,
        };
        let auth = match (oauth.auth_url.as_str(), its_own) {
            ("", Some(own)) => own,
            ("", None) => {
                return Err(invalid(
                    &place("auth_url"),
                    "must be given: the API host is not a known one",
                ));
            }
            (given, Some(own)) if given != own => {
                let why = format!("does not belong to {}: its auth host is {own}", sb.url);
                return Err(invalid(&place("auth_url"), why));
            }
            (given, _) => given,
        };
        let public = self.server.public_url.trim_end_matches('/');
        let redirect_uri = match (oauth.redirect_url.as_str(), public) {
            ("", "") => {
                let why = "must be given when server.public_url is empty: one of the addresses registered for the app";
                return Err(invalid(&place("redirect_url"), why));
            }
            ("", public) => format!("{public}{CALLBACK}"),
            (given, _) => given.to_owned(),
        };
        for (key, url) in [("auth_url", auth), ("redirect_url", &redirect_uri)] {
            if !safe_address(url) {
                return Err(invalid(
                    &place(key),
                    "must begin with https:// (http only on loopback)",
                ));
            }
        }
        Ok(Some(AppConfig {
            auth: auth.to_owned(),
            client_id: oauth.client_id.clone(),
            client_secret: oauth.client_secret.expose().to_owned().into(),
            redirect_uri,
            integration_name: oauth.integration_name.clone(),
            scope: oauth.scope.clone(),
            pkce: oauth.pkce,
            user_agent: crate::wiring::USER_AGENT.to_owned(),
        }))
    }
}

impl ConnectionConfig {
    /// Times that cannot be meant.
    pub(super) fn check_schedule(&self) -> Result<(), ConfigError> {
        let s = &self.schedule;
        if !(0..=31 * 86_400).contains(&s.drift) {
            let why = "must be between 0 (never) and 31 days";
            return Err(invalid("connection.schedule.drift", why));
        }
        let positive = [
            ("dynamics_poll", s.dynamics_poll),
            ("shipbob_poll", s.shipbob_poll),
            ("watch", s.watch),
            ("overlap", s.overlap),
            ("shipbob_settle", s.shipbob_settle),
            ("dynamics_settle", s.dynamics_settle),
            ("not_slipped_after", s.not_slipped_after),
        ];
        for (name, seconds) in positive {
            if !(1..=31 * 86_400).contains(&seconds) {
                let place = format!("connection.schedule.{name}");
                return Err(invalid(&place, "must be between 1 second and 31 days"));
            }
        }
        Ok(())
    }
}

/// TLS, or this machine.
fn safe_address(url: &str) -> bool {
    let here = ["http://127.0.0.1", "http://[::1]"].into_iter().any(|host| {
        url.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    url.starts_with("https://") || here
}

#[cfg(test)]
mod tests {
    use super::safe_address;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in ["https://a.example", "http://127.0.0.1:8080", "http://[::1]:1/x"] {
            assert!(safe_address(good), "{good}");
        }
        for bad in ["http://a.example", "http://127.0.0.1.a.example", "http://[::1]a", "ftp://x"] {
            assert!(!safe_address(bad), "{bad}");
        }
    }
}
