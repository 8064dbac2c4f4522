//! Several worlds behind the same doors: legal entities of one or more F&O environments, selling
//! through one or more ShipBob accounts.
//!
//! Each legal entity keeps a world of its own - database, people, ledger - and the doors decide
//! whose a request is: at F&O by the `dataAreaId` it names, at ShipBob by its token. A request that
//! names no legal entity, or two, is refused: the real system would answer with rows of both.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::json;

use super::config::TwinConfig;
use super::exchange::{TwinRequest, TwinResponse, decode};
use super::front::{Door, respond, taken};
use super::{Shared, World};
use crate::{OutgoingWebhook, Twins, fo, shipbob};

/// Worlds that share doors and a clock. Cheap to clone.
#[derive(Clone)]
pub struct Estate {
    entities: Arc<[Twins]>,
}

impl std::fmt::Debug for Estate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Estate").field("entities", &self.entities.len()).finish()
    }
}

#[derive(Clone)]
struct Hall {
    entities: Arc<[Twins]>,
    door: Door,
    /// Only legal entities of this environment.
    environment: Option<String>,
}

impl Estate {
    /// One world per configuration. Those with one `account` share a ShipBob account, those with
    /// one `dynamics_url` an environment.
    #[must_use]
    pub fn new(configs: Vec<TwinConfig>) -> Self {
        let mut hosts: Vec<(u32, Arc<Shared>)> = Vec::new();
        let mut entities = Vec::with_capacity(configs.len());
        for config in configs {
            let account = config.account;
            let host = hosts.iter().find(|(known, _)| *known == account).map(|(_, host)| host);
            let shared = match host {
                Some(host) => Arc::new(Shared::guest(config, host)),
                None => {
                    let shared = Arc::new(Shared::new(config));
                    hosts.push((account, Arc::clone(&shared)));
                    shared
                }
            };
            entities.push(Twins { shared });
        }
        Self { entities: entities.into() }
    }

    /// `entities` legal entities of one environment over `accounts` ShipBob accounts, made from
    /// `base`: each has orders of its own under the same numbers.
    #[must_use]
    pub fn configs(base: &TwinConfig, entities: u32, accounts: u32) -> Vec<TwinConfig> {
        const NAMES: [&str; 4] = ["usmf", "gbsi", "frrt", "inmf"];
        let accounts = accounts.clamp(1, entities.max(1));
        (0..entities.max(1))
            .map(|nth| {
                let at = usize::try_from(nth).unwrap_or(0);
                let name = NAMES.get(at).map_or_else(|| format!("c{nth:03}"), |n| (*n).to_owned());
                let account = nth % accounts;
                let channel = base.channel + 1_000 * i64::from(account) + 50 * i64::from(nth);
                TwinConfig {
                    seed: base.seed.wrapping_add(u64::from(nth) * 1_000_003),
                    environment: Some(base.entrance()),
                    company: if nth == 0 { base.company.clone() } else { name },
                    channel,
                    account,
                    // Pasted by hand is what the first legal entity of an account has.
                    pasted: if nth < accounts { base.pasted } else { 0 },
                    ..base.clone()
                }
            })
            .collect()
    }

    /// The worlds, one per legal entity.
    #[must_use]
    pub fn entities(&self) -> &[Twins] {
        &self.entities
    }

    fn door(&self, door: Door, environment: Option<String>) -> Router {
        let hall = Hall { entities: Arc::clone(&self.entities), door, environment };
        Router::new().fallback(serve).with_state(hall)
    }

    /// The token endpoint.
    pub fn entra(&self) -> Router {
        self.door(Door::Entra, None)
    }

    /// The environment at this address.
    pub fn dynamics(&self, url: &str) -> Router {
        self.door(Door::Dynamics, Some(url.to_owned()))
    }

    /// ShipBob, all accounts.
    pub fn shipbob(&self) -> Router {
        self.door(Door::ShipBob, None)
    }

    /// ShipBob's auth host.
    pub fn shipbob_auth(&self) -> Router {
        self.door(Door::ShipBobAuth, None)
    }

    /// The control API: of the one world, or `/{legal entity}/_twin/…` of each.
    pub fn control(&self) -> Router {
        self.door(Door::Control, None)
    }

    /// Addresses of the environments, each once.
    #[must_use]
    pub fn environments(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for one in self.entities.iter() {
            let url = one.shared.lock().config.dynamics_url.clone();
            if !all.contains(&url) {
                all.push(url);
            }
        }
        all
    }

    /// Runs all events due up to `to_micros`, in order over all worlds.
    pub fn advance(&self, to_micros: i64) {
        if let [only] = &*self.entities {
            return only.advance(to_micros);
        }
        loop {
            let due = self.entities.iter().filter_map(|one| {
                let at = one.shared.lock().queue.next_at()?;
                (at <= to_micros).then_some((at, one))
            });
            let Some((at, one)) = due.min_by_key(|(at, _)| *at) else { break };
            one.advance(at);
        }
        for one in self.entities.iter() {
            one.advance(to_micros);
        }
    }

    /// When the next thing happens by itself in any world.
    #[must_use]
    pub fn next_event(&self) -> Option<i64> {
        self.entities.iter().filter_map(Twins::next_event).min()
    }

    /// What happens next by itself, for messages.
    #[must_use]
    pub fn next_event_words(&self) -> String {
        let all: Vec<String> = self.entities.iter().map(Twins::next_event_words).collect();
        all.join("; ")
    }

    /// Webhooks due now, each with the world to answer.
    #[must_use]
    pub fn take_webhooks(&self) -> Vec<(Twins, OutgoingWebhook)> {
        let of = |one: &Twins| {
            let one = one.clone();
            one.take_webhooks().into_iter().map(move |hook| (one.clone(), hook)).collect::<Vec<_>>()
        };
        self.entities.iter().flat_map(of).collect()
    }
}

async fn serve(State(hall): State<Hall>, request: Request) -> Response {
    match taken(request).await {
        Ok(request) => respond(hall.answer(request)),
        Err(refusal) => respond(refusal),
    }
}

impl Hall {
    fn answer(&self, mut request: TwinRequest) -> TwinResponse {
        let here: Vec<&Twins> = self.entities.iter().filter(|one| self.is_here(one)).collect();
        let Some(first) = here.first() else { return TwinResponse::empty(404) };
        let chosen = match self.door {
            _ if here.len() == 1 => Ok(*first),
            Door::Entra => Ok(find(&here, |world| fo::is_client(world, &request)).unwrap_or(first)),
            Door::Dynamics => by_company(&here, &request),
            Door::ShipBob => {
                let own = |world: &World| {
                    shipbob::channel_of(world, &request) == Some(world.config.channel)
                };
                Ok(find(&here, own).unwrap_or(first))
            }
            Door::ShipBobAuth => {
                Ok(find(&here, |world| shipbob::is_app(world, &request)).unwrap_or(first))
            }
            Door::Control => {
                let path = request.path.trim_start_matches('/').to_owned();
                let (name, rest) = path.split_once('/').unwrap_or_default();
                match find(&here, |world| world.config.company == name) {
                    Some(one) => {
                        request.path = format!("/{rest}");
                        Ok(one)
                    }
                    None => Ok(*first),
                }
            }
        };
        match chosen {
            Ok(one) => one.shared.lock().answer(self.door, request),
            Err(refusal) => refusal,
        }
    }

    fn is_here(&self, one: &Twins) -> bool {
        let url = &one.shared.lock().config.dynamics_url;
        self.environment.as_ref().is_none_or(|wanted| wanted == url)
    }
}

fn find<'a>(here: &[&'a Twins], is: impl Fn(&World) -> bool) -> Option<&'a Twins> {
    here.iter().copied().find(|one| is(&one.shared.lock()))
}

/// The legal entity a request to F&O is about.
fn by_company<'a>(here: &[&'a Twins], request: &TwinRequest) -> Result<&'a Twins, TwinResponse> {
    let text =
        format!("{}?{}\n{}", request.path, request.query, String::from_utf8_lossy(&request.body));
    let mut named: Vec<String> = companies(&decode(&text));
    named.sort();
    named.dedup();
    let first = here.first().copied().ok_or_else(|| TwinResponse::empty(404));
    match named.as_slice() {
        _ if reads_all(&decode(&text), request) => {
            Err(refused("The request reads a set of every legal entity (no dataAreaId)."))
        }
        [] => first,
        [one] => find(here, |world| world.config.company == *one).map_or(first, Ok),
        _ => Err(refused("The request names two legal entities (dataAreaId).")),
    }
}

fn refused(why: &str) -> TwinResponse {
    let text = format!("{why} This environment has several: their rows would be mixed.");
    TwinResponse::json(400, &json!({"error": {"code": "", "message": text}}))
}

/// Some read of a set that each legal entity has for itself names none.
fn reads_all(text: &str, request: &TwinRequest) -> bool {
    let whole = format!("GET {}?{}", request.path, decode(&request.query));
    let alone = if request.method == http::Method::GET { whole.as_str() } else { "" };
    text.lines().chain([alone]).filter(|line| line.starts_with("GET ")).any(|line| {
        let sets = line.split("/data/").skip(1);
        let per_company = sets.map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            rest.get(..end).is_some_and(fo::per_company)
        });
        per_company.into_iter().any(|one| one) && companies(line).is_empty()
    })
}

/// Every value `dataAreaId` is compared with or set to.
fn companies(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("ataAreaId").skip(1) {
        let rest = rest.trim_start_matches(['"', ' ']);
        let rest = rest.strip_prefix("eq ").or_else(|| rest.strip_prefix(['=', ':']));
        let Some(rest) = rest.map(|rest| rest.trim_start_matches(' ')) else { continue };
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else { continue };
        let value = rest.trim_start_matches(quote).split(quote).next().unwrap_or_default();
        found.push(value.to_lowercase());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::companies;

    #[test]
    fn the_legal_entity_is_found_wherever_it_is_named() {
        for text in [
            "/data/X?$filter=dataAreaId eq 'usmf' and A eq 1&$select=dataAreaId,A",
            "/data/X(dataAreaId='USMF',A='b')",
            r#"{"dataAreaId":"usmf","A":1}"#,
            r#"{"dataAreaId" : "usmf"}"#,
        ] {
            assert_eq!(companies(text), ["usmf"], "{text}");
        }
        assert!(companies("/data/X?$select=dataAreaId,A").is_empty());
    }
}
