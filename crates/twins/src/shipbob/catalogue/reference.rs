//! What an account has besides products: channels, shipping methods, fulfilment centres.

use serde_json::{Value, json};

use super::{FIRST_METHOD, Method, cursor, next_cursor};
use crate::shipbob::errors;
use crate::shipbob::query::Query;
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::mapping::{DEFAULT_CHANNEL, OTHER_CHANNEL};

/// Id, name, region, time zone, state code and city of each centre.
const CENTRES: &[(i64, &str, &str, &str, &str)] = &[
    (1, "Cicero (IL)", "Central Standard Time", "IL", "Cicero"),
    (2, "Moreno Valley (CA)", "Pacific Standard Time", "CA", "Moreno Valley"),
    (3, "Bethlehem (PA)", "Eastern Standard Time", "PA", "Bethlehem"),
];

/// The channel a personal access token makes.
const OURS: (&str, &str) = ("F&O connector", "SMA");

/// Channels that are not ours.
const CHANNELS: &[(i64, &str, &str)] =
    &[(DEFAULT_CHANNEL, "ShipBob Default", "ShipBob"), (OTHER_CHANNEL, "Web shop", "Shopify")];

pub(in crate::shipbob) fn is_channel(world: &World, id: i64) -> bool {
    CHANNELS.iter().any(|(known, _, _)| *known == id)
        || world.shipbob.channels().any(|known| known == id)
}

pub(in crate::shipbob) fn channel_name(world: &World, id: i64) -> &'static str {
    if world.shipbob.channels().any(|known| known == id) {
        return OURS.0;
    }
    CHANNELS.iter().find(|(known, _, _)| *known == id).map_or("", |(_, name, _)| name)
}

pub(in crate::shipbob) fn is_location(id: i64) -> bool {
    CENTRES.iter().any(|centre| centre.0 == id)
}

pub(in crate::shipbob) fn location_name(id: i64) -> &'static str {
    CENTRES.iter().find(|centre| centre.0 == id).map_or("", |centre| centre.1)
}

/// `GET channel`. Scopes of our channel come as one text, of the others as several.
pub(in crate::shipbob) fn channels(world: &World, request: &TwinRequest) -> TwinResponse {
    let query = match Query::parse(request, &["RecordsPerPage", "Cursor"], &[]) {
        Ok(query) => query,
        Err(refusal) => return refusal,
    };
    let per_page = match query.whole("RecordsPerPage", 1, 250) {
        Ok(per_page) => usize::try_from(per_page.unwrap_or(50)).unwrap_or(50),
        Err(refusal) => return refusal,
    };
    let Some(start) = cursor(&query) else {
        return errors::map(400, "Cursor", "The cursor is not valid.");
    };
    let all = listed_channels(world);
    let total = all.len();
    let items: Vec<Value> = all.into_iter().skip(start).take(per_page).collect();
    let next = next_cursor(start, items.len(), total);
    let next = next.map(|cursor| {
        format!("https://sandbox-api.shipbob.com/2026-01/channel?RecordsPerPage={per_page}&Cursor={cursor}")
    });
    TwinResponse::json(200, &json!({"items": items, "next": next, "prev": Value::Null}))
}

/// The merchant's channels: the built-in ones, and one per installed app.
fn listed_channels(world: &World) -> Vec<Value> {
    let shown = |(id, name, application): &(i64, &str, &str)| {
        let scopes = if world.shipbob.channels().any(|own| own == *id) {
            let all =
                ["orders_read", "orders_write", "products_read", "webhooks_read", "webhooks_write"];
            let there = |scope: &&str| {
                let closed = *scope == "orders_write" && world.broken(Break::NoWriteChannel);
                !closed && world.shipbob.scopes.contains(*scope)
            };
            let there: Vec<&str> = all.into_iter().filter(there).collect();
            json!([there.join(" ")])
        } else {
            json!(["orders_read", "products_read"])
        };
        json!({"id": id, "name": name, "application_name": application, "scopes": scopes})
    };
    let apps = world.shipbob.auth.channels().map(|(id, name, scopes)| {
        let name_of_app = "F&O connector";
        json!({"id": id, "name": name, "application_name": name_of_app, "scopes": scopes})
    });
    // Without a personal access token its channel is not there.
    let gone = world.config.oauth || world.broken(Break::ChannelGone);
    let mut rows = CHANNELS.to_vec();
    if !gone {
        let own = world.shipbob.channels().map(|id| (id, OURS.0, OURS.1));
        rows.splice(1..1, own.collect::<Vec<_>>());
    }
    rows.iter().map(shown).chain(apps).collect()
}

/// `GET shipping-method`: a bare array without headers.
pub(in crate::shipbob) fn methods(world: &World, request: &TwinRequest) -> TwinResponse {
    let paged = Query::parse(request, &["Page", "Limit"], &[])
        .and_then(|query| Ok((query.whole("Page", 0, 10_000)?, query.whole("Limit", 1, 250)?)));
    let (page, limit) = match paged {
        Ok((page, limit)) => (page.unwrap_or(1).max(1) - 1, limit.unwrap_or(50)),
        Err(refusal) => return refusal,
    };
    let skip = usize::try_from(page.saturating_mul(limit)).unwrap_or(0);
    let all = world.shipbob.catalogue.methods.iter().enumerate();
    let shown = |(index, method): (usize, &Method)| {
        json!({
            "id": FIRST_METHOD + i64::try_from(index).unwrap_or(0),
            "name": method.name,
            "active": !(method.name == "Expedited" && world.broken(Break::MethodMissing)),
            "default": !method.auto_created,
            "service_level": {"id": method.level, "name": method.level_name},
        })
    };
    let take = usize::try_from(limit).unwrap_or(50);
    let methods: Vec<Value> = all.skip(skip).take(take).map(shown).collect();
    TwinResponse::json(200, &Value::Array(methods))
}

/// `GET location`.
pub(in crate::shipbob) fn locations(world: &World, request: &TwinRequest) -> TwinResponse {
    let parameters = ["IncludeInactive", "ReceivingEnabled", "AccessGranted"];
    let flags = Query::parse(request, &parameters, &[])
        .and_then(|query| parameters.iter().try_for_each(|name| query.flag(name).map(|_| ())));
    if let Err(refusal) = flags {
        return refusal;
    }
    let shown = |(id, name, zone, state, city): &(i64, &str, &str, &str, &str)| {
        json!({
            "id": id,
            "name": name,
            "abbreviation": format!("{city} ({state})"),
            "timezone": zone,
            "region": {"id": 1, "name": "United States"},
            "is_active": !(*id == 1 && world.broken(Break::CentreInactive)),
            "is_receiving_enabled": true,
            "is_shipping_enabled": true,
            "access_granted": !(*id == 1 && world.broken(Break::CentreClosed)),
            "attributes": [],
            "services": [],
        })
    };
    TwinResponse::json(200, &Value::Array(CENTRES.iter().map(shown).collect()))
}

/// `GET fulfillment-center`.
pub(in crate::shipbob) fn centres() -> TwinResponse {
    let shown = |(id, name, zone, state, city): &(i64, &str, &str, &str, &str)| {
        json!({
            "id": id,
            "name": name,
            "address1": "5900 W Ogden Ave",
            "address2": "Suite 100",
            "city": city,
            "state": state,
            "zip_code": "60804",
            "country": "USA",
            "phone_number": "555-555-5555",
            "email": Value::Null,
            "timezone": zone,
        })
    };
    TwinResponse::json(200, &Value::Array(CENTRES.iter().map(shown).collect()))
}
