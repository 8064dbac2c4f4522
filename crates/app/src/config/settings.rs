//! From the file to the settings in the words of `domain`.

use super::{CarrierConfig, Config, ConfigError, ConnectionConfig, WarehouseConfig, invalid};
use domain::ids::{CentreId, ChannelId, Company, WarehouseId};
use domain::mapping::Mapping;
use domain::operation::Settle;
use domain::settings::{CarrierMap, Schedule, Settings, WarehouseMap};
use domain::time::{Span, Timestamp};

impl Config {
    /// The settings in the words of `domain`.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        self.connection.settings()
    }
}

impl ConnectionConfig {
    /// The settings in the words of `domain`.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let c = self;
        let cut_off = match c.cut_off.trim() {
            "" => None,
            text => Some(Timestamp::parse(text).ok_or_else(|| {
                invalid("connection.cut_off", "must be like 2026-11-23T09:00:00Z")
            })?),
        };
        let s = &c.schedule;
        Ok(Settings {
            version: 1,
            company: Company::new(c.company.to_lowercase()),
            channel: ChannelId(c.channel),
            cut_off,
            released_when: c.released_when.clone(),
            filters: c.filters.clone(),
            warehouses: c
                .warehouses
                .iter()
                .enumerate()
                .map(|(n, w)| {
                    Ok(WarehouseMap {
                        warehouse: WarehouseId::new(w.warehouse.as_str()),
                        mapping: mapping(n, w)?,
                        profile: w.profile,
                    })
                })
                .collect::<Result<_, ConfigError>>()?,
            methods: c.methods.clone(),
            carriers: c.carriers.iter().map(carrier).collect(),
            each_units: c.each_units.iter().map(|u| u.to_lowercase()).collect(),
            countries: c
                .countries
                .iter()
                .map(|(k, v)| (k.to_uppercase(), v.to_uppercase()))
                .collect(),
            home_countries: c.home_countries.iter().map(|h| h.to_uppercase()).collect(),
            batch_pool: Some(c.batch_pool.clone()).filter(|p| !p.is_empty()),
            write_carrier: c.write_carrier,
            external: c.external.clone(),
            whs: c.whs.clone(),
            custom_call: c.custom_call.clone(),
            inventory: c.inventory.as_ref().map(super::inventory::InventoryConfig::settings),
            products: c.products.clone(),
            shipping_service_id: c.shipping_service_id,
            billing: c.billing.clone(),
            returns: c.returns.clone(),
            reconcile: c.reconcile.clone(),
            schedule: Schedule {
                dynamics_poll: Span::seconds(s.dynamics_poll),
                shipbob_poll: Span::seconds(s.shipbob_poll),
                watch: Span::seconds(s.watch),
                overlap: Span::seconds(s.overlap),
                not_slipped_after: Span::seconds(s.not_slipped_after),
                drift: Span::seconds(s.drift),
                flows: s.flows.clone(),
                ..Schedule::default()
            },
            settle: Settle {
                shipbob: Span::seconds(s.shipbob_settle),
                dynamics: Span::seconds(s.dynamics_settle),
            },
        })
    }
}

fn carrier(one: &CarrierConfig) -> CarrierMap {
    CarrierMap {
        shipbob_carrier: one.shipbob_carrier.clone(),
        shipbob_service: one.shipbob_service.clone(),
        carrier: one.carrier.clone(),
        service: one.service.clone(),
    }
}

/// One centre, or a set; never both, never a guess.
fn mapping(n: usize, warehouse: &WarehouseConfig) -> Result<Mapping, ConfigError> {
    let wrong =
        |key: &str, why: String| Err(invalid(&format!("connection.warehouses[{n}].{key}"), why));
    let name = &warehouse.warehouse;
    match (warehouse.centre, &warehouse.centres) {
        (Some(centre), None) => Ok(Mapping::Pinned(CentreId(centre))),
        (None, Some(centres)) => {
            let twice = centres
                .iter()
                .enumerate()
                .find(|(at, one)| centres.iter().take(*at).any(|before| before == *one));
            if let Some((_, twice)) = twice {
                return wrong("centres", format!("names centre {twice} twice: name it once"));
            }
            if centres.is_empty() {
                return wrong(
                    "centres",
                    format!(
                        "is empty: name the centres ShipBob may ship {name} from, or give centre"
                    ),
                );
            }
            Ok(Mapping::Network(centres.iter().copied().map(CentreId).collect()))
        }
        (Some(_), Some(_)) => wrong(
            "centres",
            format!(
                "stands beside centre: warehouse {name} is either pinned to one centre or a set of which ShipBob chooses"
            ),
        ),
        (None, None) => wrong(
            "centre",
            format!(
                "is missing: give warehouse {name} either centre = 1, or centres = [1, 3] where ShipBob chooses"
            ),
        ),
    }
}
