//! Slowly changing facts of the account.

use crate::client::ShipBob;
use crate::reply::CallError;
use crate::send::{Channel, Turn};
use crate::{convert, interpret, wire};
use domain::ids::CentreId;
use domain::operation::Lane;
use domain::reference_data::{ChannelInfo, ServiceIds, ShipBobReference};
use std::collections::{BTreeMap, BTreeSet};
use transport::Method;

impl ShipBob {
    /// Channels, active locations and active shipping methods.
    pub async fn probe(&self) -> Result<ShipBobReference, CallError> {
        let mut turn = Turn::new(Lane::Background);
        let channels = self.channels(&mut turn).await?;
        let centres = self.centres(&mut turn).await?;
        let services = self.methods(&mut turn).await?;
        let methods = services.keys().cloned().collect();
        Ok(ShipBobReference { channels, centres, methods, services })
    }

    async fn channels(&self, turn: &mut Turn) -> Result<Vec<ChannelInfo>, CallError> {
        let url = self.url("channel").with("RecordsPerPage", "50");
        self.cursor_pages(turn, url, "channels", |entries| {
            let (channels, bad) = interpret::each(&entries.items, convert::channel);
            readable(channels, bad, "channels")
        })
        .await
    }

    async fn centres(&self, turn: &mut Turn) -> Result<Vec<(CentreId, String)>, CallError> {
        let request = self.request(Method::Get, self.url("location"), Channel::None, "locations");
        let reply = self.ask(turn, request).await?;
        let entries = interpret::entries(&reply)?;
        let (centres, bad) = interpret::each(&entries.items, |wire: wire::Named| {
            let active = wire.is_active.flag() != Some(false);
            Some((active, CentreId(wire.id.whole()?), wire.name.or_empty()))
        });
        let centres = readable(centres, bad, "locations")?;
        Ok(centres.into_iter().filter(|(active, ..)| *active).map(|(_, id, n)| (id, n)).collect())
    }

    /// The list is small. Whether its pages count from 0 or 1 is not documented, so the first page
    /// is asked for without a number and further ones with both readings.
    async fn methods(&self, turn: &mut Turn) -> Result<BTreeMap<String, ServiceIds>, CallError> {
        let base = self.url("shipping-method").with("Limit", "250");
        let mut methods = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for page in 0..40_u32 {
            let url = match page {
                0 => base.clone(),
                n => base.clone().with("Page", &n.to_string()),
            };
            let request = self.request(Method::Get, url, Channel::None, "shipping-methods");
            let reply = self.ask(turn, request).await?;
            let entries = interpret::entries(&reply)?;
            let (page_methods, bad) = interpret::each(&entries.items, |wire: wire::Named| {
                let ids =
                    ServiceIds { method: wire.id.whole(), level: wire.service_level.id.whole() };
                Some((wire.active.flag() != Some(false), wire.name.text()?, ids))
            });
            let before = seen.len();
            for (active, name, ids) in readable(page_methods, bad, "shipping methods")? {
                seen.insert(name.clone());
                if active {
                    methods.insert(name, ids);
                }
            }
            let full = entries.items.len() >= 250;
            if !full || (page >= 2 && seen.len() == before) {
                break;
            }
        }
        Ok(methods)
    }
}

pub(crate) fn readable<T>(good: Vec<T>, bad: u32, what: &str) -> Result<Vec<T>, CallError> {
    if bad == 0 {
        Ok(good)
    } else {
        Err(CallError::Malformed { why: format!("{bad} of the {what} cannot be read") })
    }
}
