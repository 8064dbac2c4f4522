//! From the file to the settings in the words of `domain`.

use super::{Config, ConfigError, invalid};
use domain::ids::{CentreId, ChannelId, Company, WarehouseId};
use domain::operation::Settle;
use domain::settings::{CarrierMap, Schedule, Settings, WarehouseMap};
use domain::time::{Span, Timestamp};

impl Config {
    /// The settings in the words of `domain`.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let c = &self.connection;
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
            warehouses: c
                .warehouses
                .iter()
                .map(|w| WarehouseMap {
                    warehouse: WarehouseId::new(w.warehouse.as_str()),
                    centre: CentreId(w.centre),
                    profile: w.profile,
                })
                .collect(),
            methods: c.methods.clone(),
            carriers: c
                .carriers
                .iter()
                .map(|m| CarrierMap {
                    shipbob_carrier: m.shipbob_carrier.clone(),
                    shipbob_service: m.shipbob_service.clone(),
                    carrier: m.carrier.clone(),
                    service: m.service.clone(),
                })
                .collect(),
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
            shipping_service_id: c.shipping_service_id,
            billing: c.billing.clone(),
            schedule: Schedule {
                dynamics_poll: Span::seconds(s.dynamics_poll),
                shipbob_poll: Span::seconds(s.shipbob_poll),
                watch: Span::seconds(s.watch),
                overlap: Span::seconds(s.overlap),
                not_slipped_after: Span::seconds(s.not_slipped_after),
                drift: Span::seconds(s.drift),
                ..Schedule::default()
            },
            settle: Settle {
                shipbob: Span::seconds(s.shipbob_settle),
                dynamics: Span::seconds(s.dynamics_settle),
            },
        })
    }
}
