//! From a path to a handler: version, route, token, rate window, scope.

use http::Method;

use super::auth::Caller;
use super::{
    actions, address, billing, cancel, catalogue, create, errors, inbound, lines, list, products,
    render, service, simulate, stock, subscriptions,
};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::System;

/// The API version this twin speaks.
const VERSION: &str = "2026-01";
/// Longest request target taken.
const LONGEST_TARGET: usize = 8_192;

/// What is done with one shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Logs,
    Cancel,
    Address,
    Lines,
    NewLines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Channels,
    OrderCreate,
    OrderList,
    Order(i64),
    OrderCancel(i64),
    OrderShipments(i64),
    /// Under an order or not.
    Shipment(Option<i64>, i64, Part),
    BatchCancel,
    BatchUpload,
    BulkService,
    Methods,
    Products,
    Product(i64),
    ProductCreate,
    ProductVariants(i64),
    ProductPatch(i64),
    Locations,
    Centres,
    Levels,
    Lots,
    History,
    HookCreate,
    HookList,
    HookDelete,
    Simulate,
    SimulateStatus,
    Invoices,
    OfInvoice(i64),
    Transactions,
    Fees,
    Returns,
    Return(i64),
    Receivings,
    Receiving(i64),
    /// In the vendor's API, not in this twin.
    Elsewhere,
    WrongId,
    Unknown,
}

/// Endpoint name in counters and faults, and the scope it needs.
fn facts(route: Route) -> (&'static str, &'static str) {
    match route {
        Route::Channels => ("GET channel", "channels_read"),
        Route::OrderCreate => ("POST order", "orders_write"),
        Route::OrderList => ("GET order", "orders_read"),
        Route::Order(_) => ("GET order/{id}", "orders_read"),
        Route::OrderCancel(_) => ("POST order/{id}:cancel", "orders_write"),
        Route::OrderShipments(_) => ("GET order/{id}/shipment", "orders_read"),
        Route::Shipment(_, _, Part::Whole) => ("GET shipment/{id}", "orders_read"),
        Route::Shipment(_, _, Part::Logs) => ("GET shipment/{id}/timeline", "orders_read"),
        Route::Shipment(_, _, Part::Cancel) => ("POST shipment/{id}:cancel", "orders_write"),
        Route::Shipment(_, _, Part::Address) => ("PUT shipment/{id}:updateAddress", "orders_write"),
        Route::Shipment(_, _, Part::Lines) => ("GET shipment/{id}:getLineItems", "orders_read"),
        Route::Shipment(_, _, Part::NewLines) => {
            ("POST shipment/{id}:updateLineItems", "orders_write")
        }
        Route::BulkService => ("PUT shipment:bulkUpdateShippingService", "orders_write"),
        Route::BatchCancel => ("POST shipment:batchCancel", "orders_write"),
        Route::BatchUpload => ("POST shipment:batchUpdateTrackingUpload", "orders_write"),
        Route::Methods => ("GET shipping-method", "orders_read"),
        Route::Products => ("GET product", "products_read"),
        Route::Product(_) => ("GET product/{id}", "products_read"),
        Route::ProductCreate => ("POST product", "products_write"),
        Route::ProductVariants(_) => ("POST product/{id}/variants", "products_write"),
        Route::ProductPatch(_) => ("PATCH product/{id}", "products_write"),
        Route::Locations => ("GET location", "locations_read"),
        Route::Centres => ("GET fulfillment-center", "locations_read"),
        Route::Levels => ("GET inventory-level/locations", "inventory_read"),
        Route::Lots => ("GET inventory-level/lots", "inventory_read"),
        Route::History => ("POST inventory/history:query", "inventory_read"),
        Route::HookCreate => ("POST webhook", "webhooks_write"),
        Route::HookList => ("GET webhook", "webhooks_read"),
        Route::HookDelete => ("DELETE webhook/{id}", "webhooks_write"),
        Route::Simulate => ("POST simulate/shipment", "orders_write"),
        Route::SimulateStatus => ("GET simulate/status/{id}", "orders_read"),
        Route::Invoices => ("GET invoices", "billing_read"),
        Route::OfInvoice(_) => ("GET invoices/{id}/transactions", "billing_read"),
        Route::Transactions => ("POST transactions:query", "billing_read"),
        Route::Fees => ("GET transaction-fees", "billing_read"),
        Route::Returns => ("GET return", "returns_read"),
        Route::Return(_) => ("GET return/{id}", "returns_read"),
        Route::Receivings => ("GET receiving", "receiving_read"),
        Route::Receiving(_) => ("GET receiving/{id}", "receiving_read"),
        Route::Elsewhere => ("not simulated", ""),
        Route::WrongId | Route::Unknown => ("unknown", ""),
    }
}

fn route(request: &TwinRequest) -> Route {
    let Some(path) = request.path.strip_prefix('/') else { return Route::Unknown };
    let Some((VERSION, path)) = path.split_once('/') else { return Route::Unknown };
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    let rest: [Option<&str>; 4] =
        [segments.next(), segments.next(), segments.next(), segments.next()];
    let get = request.method == Method::GET;
    let post = request.method == Method::POST;
    match (first, rest) {
        ("channel", [None, ..]) if get => Route::Channels,
        ("order", [None, ..]) if get => Route::OrderList,
        ("order", [None, ..]) if post => Route::OrderCreate,
        ("order", [Some(id), None, ..]) => order(request, id),
        ("order", [Some(id), Some("shipment"), None, _]) if get => {
            id.parse().map_or(Route::WrongId, Route::OrderShipments)
        }
        ("order", [Some(order), Some("shipment"), Some(id), part]) => match order.parse() {
            Ok(order) => shipment(request, Some(order), id, part),
            Err(_) => Route::WrongId,
        },
        ("shipment", [Some(id), part, None, _]) => shipment(request, None, id, part),
        ("shipment:batchCancel", [None, ..]) if post => Route::BatchCancel,
        ("shipment:batchUpdateTrackingUpload", [None, ..]) if post => Route::BatchUpload,
        ("shipment:bulkUpdateShippingService", [None, ..]) if request.method == Method::PUT => {
            Route::BulkService
        }
        ("shipping-method", [None, ..]) if get => Route::Methods,
        ("product", rest) => product(request, rest),
        ("location", [None, ..]) if get => Route::Locations,
        ("fulfillment-center", [None, ..]) if get => Route::Centres,
        ("inventory-level", [Some("locations"), None, ..]) if get => Route::Levels,
        ("inventory-level", [Some("lots"), None, ..]) if get => Route::Lots,
        ("inventory", [Some("history:query"), None, ..]) if post => Route::History,
        ("webhook", [None, ..]) if get => Route::HookList,
        ("webhook", [None, ..]) if post => Route::HookCreate,
        ("webhook", [Some(_), None, ..]) if request.method == Method::DELETE => Route::HookDelete,
        ("simulate", [Some("shipment"), None, ..]) if post => Route::Simulate,
        ("simulate", [Some("status"), Some(_), None, _]) if get => Route::SimulateStatus,
        ("invoices", [None, ..]) if get => Route::Invoices,
        ("invoices", [Some(id), Some("transactions"), None, _]) if get => {
            id.parse().map_or(Route::WrongId, Route::OfInvoice)
        }
        ("transactions:query", [None, ..]) if post => Route::Transactions,
        ("transaction-fees", [None, ..]) if get => Route::Fees,
        ("return", [None, ..]) if get => Route::Returns,
        ("return", [Some(id), None, ..]) if get => id.parse().map_or(Route::WrongId, Route::Return),
        ("receiving", [None, ..]) if get => Route::Receivings,
        ("receiving", [Some(id), None, ..]) if get => {
            id.parse().map_or(Route::WrongId, Route::Receiving)
        }
        (
            "order:estimate"
            | "shipments-tracking"
            | "tracking"
            | "product:moveVariants"
            | "variant"
            | "taxonomy"
            | "packaging-requirement"
            | "inventory"
            | "inventory-level"
            | "receiving"
            | "return"
            | "invoices"
            | "transactions:query"
            | "transaction-fees",
            _,
        ) => Route::Elsewhere,
        _ => Route::Unknown,
    }
}

fn product(request: &TwinRequest, rest: [Option<&str>; 4]) -> Route {
    let by_id = |id: &str, route: fn(i64) -> Route| id.parse().map_or(Route::WrongId, route);
    match (&request.method, rest) {
        (&Method::GET, [None, ..]) => Route::Products,
        (&Method::POST, [None, ..]) => Route::ProductCreate,
        (&Method::GET, [Some(id), None, ..]) => by_id(id, Route::Product),
        (&Method::PATCH, [Some(id), None, ..]) => by_id(id, Route::ProductPatch),
        (&Method::POST, [Some(id), Some("variants"), None, _]) => by_id(id, Route::ProductVariants),
        _ => Route::Elsewhere,
    }
}

fn order(request: &TwinRequest, id: &str) -> Route {
    match id.split_once(':') {
        None if request.method == Method::GET => id.parse().map_or(Route::WrongId, Route::Order),
        Some((id, "cancel")) if request.method == Method::POST => {
            id.parse().map_or(Route::WrongId, Route::OrderCancel)
        }
        _ => Route::Unknown,
    }
}

fn shipment(request: &TwinRequest, order: Option<i64>, id: &str, part: Option<&str>) -> Route {
    let method = request.method.as_str();
    let (id, action) = id.split_once(':').map_or((id, None), |(id, action)| (id, Some(action)));
    let part = match (method, action, part) {
        ("GET", None, None) => Part::Whole,
        ("GET", None, Some("timeline" | "logs")) => Part::Logs,
        ("POST", Some("cancel"), None) => Part::Cancel,
        ("PUT", Some("updateAddress"), None) if order.is_none() => Part::Address,
        ("GET", Some("getLineItems"), None) if order.is_none() => Part::Lines,
        ("POST", Some("updateLineItems"), None) if order.is_none() => Part::NewLines,
        _ => return Route::Unknown,
    };
    id.parse().map_or(Route::WrongId, |id| Route::Shipment(order, id, part))
}

/// Name of the endpoint in counters and faults.
pub(crate) fn endpoint(request: &TwinRequest) -> &'static str {
    facts(route(request)).0
}

/// Answers one request.
pub(crate) fn handle(world: &mut World, request: &TwinRequest) -> TwinResponse {
    if request.path.len() + request.query.len() > LONGEST_TARGET {
        return TwinResponse::html(414, "414 Request-URI Too Large");
    }
    let Some(caller) = caller(world, request) else { return TwinResponse::empty(401) };
    world.shipbob.own_channel = caller.channel;
    if request.late {
        return granted(world, request, &caller);
    }
    let rejected_count = world.config.tenant.rejected_calls_count;
    if let Err(seconds) = world.shipbob.window.take(world.now, rejected_count) {
        return world.throttle(System::ShipBob, Some(seconds));
    }
    let reply = granted(world, request, &caller);
    match world.shipbob.window.remaining() {
        Some(remaining) => reply.with("x-remaining-calls", remaining.to_string()),
        None => reply,
    }
}

/// The owner of the personal access token, or an installed app.
fn caller(world: &World, request: &TwinRequest) -> Option<Caller> {
    let token = request.bearer()?;
    let state = &world.shipbob;
    if let Some(channel) = state.channel_of_pat(token).filter(|_| !world.config.oauth) {
        return Some(Caller { channel, scopes: state.scopes.clone() });
    }
    state.auth.caller(token, world.now, request.late)
}

/// The channel a token writes, now.
pub(crate) fn channel_of(world: &World, request: &TwinRequest) -> Option<i64> {
    caller(world, request).map(|caller| caller.channel)
}

fn granted(world: &mut World, request: &TwinRequest, caller: &Caller) -> TwinResponse {
    let route = route(request);
    let (_, scope) = facts(route);
    if !scope.is_empty() && !caller.scopes.contains(scope) {
        // A token without the permission to read orders gets a database error, not a 403.
        return if scope == "orders_read" { errors::database() } else { errors::forbidden() };
    }
    let bills =
        matches!(route, Route::Invoices | Route::OfInvoice(_) | Route::Transactions | Route::Fees);
    if bills && !world.config.billing {
        return errors::not_simulated("billing without --billing");
    }
    let inbound = matches!(
        route,
        Route::Returns | Route::Return(_) | Route::Receivings | Route::Receiving(_)
    );
    if inbound && !world.config.returns {
        return errors::not_simulated("returns and receiving orders without --returns");
    }
    match route {
        Route::Channels => catalogue::channels(world, request),
        Route::OrderCreate => create::create(world, request),
        Route::OrderList => list::orders(world, request),
        Route::Order(id) => render::one_order(world, request, id),
        Route::OrderCancel(id) => cancel::order(world, id),
        Route::OrderShipments(id) => render::shipments_of(world, request, id),
        Route::Shipment(order, id, part) => one_shipment(world, request, order, id, part),
        Route::BatchCancel => cancel::batch(world, request),
        Route::BulkService => service::update(world, request),
        Route::BatchUpload => actions::batch_upload(world, request),
        Route::Methods => catalogue::methods(world, request),
        Route::Products => catalogue::products(world, request),
        Route::Product(id) => catalogue::product(world, id),
        Route::ProductCreate => products::create(world, request),
        Route::ProductVariants(id) => products::add_variants(world, request, id),
        Route::ProductPatch(id) => products::patch(world, request, id),
        Route::Locations => catalogue::locations(world, request),
        Route::Centres => catalogue::centres(),
        Route::Levels => stock::levels(world, request),
        Route::Lots => stock::lots(world, request),
        Route::History => stock::history(world, request),
        Route::HookCreate => subscriptions::create(world, request),
        Route::HookList => subscriptions::list(world, request),
        Route::HookDelete => subscriptions::delete(world, request),
        Route::Simulate => simulate::start(world, request),
        Route::SimulateStatus => simulate::status(world, request),
        Route::Invoices => billing::invoices(world, request),
        Route::OfInvoice(id) => billing::of_invoice(world, request, id),
        Route::Transactions => billing::query(world, request),
        Route::Fees => billing::fees(),
        Route::Returns => inbound::returns(world, request),
        Route::Return(id) => inbound::one_return(world, id),
        Route::Receivings => inbound::receiving(world, request),
        Route::Receiving(id) => inbound::one_receiving(world, id),
        Route::Elsewhere => errors::not_simulated(&format!("{} {}", request.method, request.path)),
        Route::WrongId => errors::map(400, "id", "The value is not valid."),
        Route::Unknown => TwinResponse::empty(404),
    }
}

fn one_shipment(
    world: &mut World,
    request: &TwinRequest,
    order: Option<i64>,
    id: i64,
    part: Part,
) -> TwinResponse {
    let found = world.shipbob.shipment_index(id).and_then(|index| {
        let shipment = world.shipbob.shipments.get(index)?;
        let of = world.shipbob.orders.get(shipment.order)?;
        let channel = wanted_channel(request);
        let right = order.is_none_or(|order| order == of.id)
            && channel.is_none_or(|channel| channel == of.channel);
        right.then_some(index)
    });
    let Some(index) = found else {
        return match part {
            Part::Address | Part::NewLines => errors::coded(400, "NOT_FOUND", "Shipment not found"),
            Part::Lines => errors::coded(404, "NOT_FOUND", "Shipment not found"),
            Part::Whole | Part::Logs | Part::Cancel => TwinResponse::empty(404),
        };
    };
    match part {
        Part::Whole => render::one_shipment(world, index),
        Part::Logs => render::logs(world, index),
        Part::Cancel => cancel::one(world, index),
        Part::Address => address::update(world, request, index),
        Part::Lines => lines::get(world, index),
        Part::NewLines => lines::update(world, request, index),
    }
}

/// The optional channel filter of reads.
pub(super) fn wanted_channel(request: &TwinRequest) -> Option<i64> {
    request.header("shipbob_channel_id")?.parse().ok()
}

/// The channel a write must name: ours.
pub(super) fn write_channel(world: &World, request: &TwinRequest) -> Result<i64, TwinResponse> {
    let name = "shipbob_channel_id";
    let Some(text) = request.header(name) else {
        return Err(errors::map(400, name, "The shipbob_channel_id header is required."));
    };
    match text.parse::<i64>() {
        Ok(channel) if channel == world.shipbob.own_channel => Ok(channel),
        Ok(channel) if catalogue::is_channel(world, channel) => Err(errors::forbidden()),
        _ => Err(errors::map(400, name, &format!("The value '{text}' is not valid."))),
    }
}
