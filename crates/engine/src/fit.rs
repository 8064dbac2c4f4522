//! Do the settings fit what both systems say of themselves? What an environment cannot do is a
//! clear error at connect time, and nothing is planned until it is mended.

use crate::timing::unknown_zones;
use domain::ids::CentreId;
use domain::reference_data::{DynamicsReference, ShipBobReference};
use domain::settings::{Profile, Settings};
use std::collections::BTreeSet;

/// What does not fit, in words; empty when all does. Closed centres are not among it: see [`closed`].
pub(crate) fn misfits(
    settings: &Settings,
    fo: &DynamicsReference,
    sb: &ShipBobReference,
) -> Vec<String> {
    let mut found = settings.problems();
    found.extend(unknown_zones(settings));
    if !fo.companies.iter().any(|c| settings.company.same_as(c)) {
        found.push(format!(
            "Dynamics shows no legal entity {}: correct connection.company, or give the service user access",
            settings.company
        ));
    }
    found.extend(fo.refused_filters.iter().map(|(profile, why)| {
        let name = domain::order_filter::name(*profile);
        format!("Dynamics refuses filters.{name} ({why}): correct it")
    }));
    for map in &settings.warehouses {
        let known = fo.warehouses.iter().find(|w| map.warehouse.same_as(w.id.as_str()));
        match (known, map.profile) {
            (None, _) => found.push(format!("Dynamics has no warehouse {}", map.warehouse)),
            (Some(w), Profile::Plain) if w.advanced || w.external => found.push(format!(
                "warehouse {} uses warehouse management or is externally managed: profile plain cannot release or slip it",
                map.warehouse
            )),
            (Some(w), Profile::External) if !(w.advanced && w.external) => found.push(format!(
                "warehouse {} is not externally managed in Dynamics: mark it so (it needs warehouse management), or map it with profile plain",
                map.warehouse
            )),
            (Some(w), Profile::Whs) if w.external => found.push(format!(
                "warehouse {} is externally managed: map it with profile external, which posts packing slips too",
                map.warehouse
            )),
            (Some(w), Profile::Whs) if !w.advanced => found.push(format!(
                "warehouse {} has no warehouse management in Dynamics: nothing is ever released to it; map it with profile plain",
                map.warehouse
            )),
            _ => {}
        }
    }
    match sb.channels.iter().find(|c| c.id == settings.channel) {
        None => found.push(format!("ShipBob shows no channel {}", settings.channel)),
        Some(c) if !c.writes() => found.push(format!(
            "channel {} ({}) is read-only: name the channel whose scopes include orders_write",
            c.id, c.name
        )),
        Some(_) => {}
    }
    if let Some(pool) = &settings.batch_pool
        && !fo.pools.iter().any(|p| p.eq_ignore_ascii_case(pool))
    {
        found.push(format!(
            "Dynamics has no sales order pool {pool}: create it, or correct batch_pool"
        ));
    }
    found
}

/// Mapped centres that are not active, in words. Settings that name one are not put in force; but
/// one that closes later stops only what it has to ship and to store.
pub(crate) fn closed(settings: &Settings, centres: &BTreeSet<CentreId>) -> Vec<String> {
    let all = settings.warehouses.iter().flat_map(|map| {
        let of = map.mapping.centres().filter(|centre| centres.contains(centre));
        of.map(|centre| {
            format!(
                "ShipBob has no active fulfilment centre {centre} (warehouse {})",
                map.warehouse
            )
        })
    });
    all.collect()
}

/// What keeps new settings from being put in force: what does not fit, and closed centres that are
/// not mapped already.
pub(crate) fn refusals(
    new: &Settings,
    current: &Settings,
    fo: &DynamicsReference,
    sb: &ShipBobReference,
) -> Vec<String> {
    let mut found = misfits(new, fo, sb);
    found.extend(closed(new, &sb.closed_anew(new, current)));
    found
}
