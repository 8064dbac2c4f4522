//! Everything seen: pages, JSON API, webhook endpoint, health, metrics.
//!
//! The console reads read models through [`Books`], asks the engine how it is through
//! [`EngineStatus`], hands webhooks to [`WebhookIntake`], and turns what a person decides into
//! signals ([`command`]). It refuses to know how anything is planned, sent or stored, listens on
//! no port and starts no task: [`router`] is served by `app`.
#![warn(missing_docs)]

pub mod access;
mod api;
mod assets;
mod books;
mod chart;
mod clock;
pub mod command;
mod connect;
mod events;
mod guard;
mod hall;
mod health;
mod hooks;
mod live;
mod markup;
pub mod model;
pub mod order_view;
mod pages;
pub mod printed;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
mod sentence;
mod settings;
mod state;
mod status;
mod tone;
pub mod trail_csv;

#[cfg(test)]
mod tests;

pub use access::{AccessToken, Reach};
pub use assets::Assets;
pub use books::{Books, BooksError, Read, StoreBooks};
pub use connect::{CameBack, Connector};
pub use hall::hall;
pub use hooks::{Accept, WebhookIntake};
pub use live::LiveEvent;
pub use sentence::Sentence;
pub use settings::SettingsDesk;
pub use state::{ConsoleState, Place};
pub use status::{
    EngineSnapshot, EngineStatus, FlowSnapshot, Owner, SystemSnapshot, Trouble, TroubleKind,
    WarehouseLine,
};
pub use tone::Tone;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// Longest form or JSON body, in bytes.
const FORM_LIMIT: usize = 32 * 1024;

/// The whole console of one connection as one router. Serve it with `into_make_service_with_connect_info` so that
/// the brake on wrong tokens works per caller.
pub fn router(state: ConsoleState) -> Router {
    let house = Arc::from([state.clone()]);
    rooms(Arc::new(state::Inner::new(state, house, Arc::default())))
}

/// The rooms of one connection.
fn rooms(app: state::App) -> Router {
    let open = Router::new()
        .route("/assets/{name}", get(assets::serve))
        .merge(pages::open_routes())
        .merge(health::routes())
        .merge(api::open_routes())
        .merge(hooks::routes())
        .merge(events::routes())
        .merge(connect::open_routes());
    let rooms = pages::routes()
        .merge(connect::routes())
        .route("/live", get(live::stream))
        .layer(from_fn_with_state(Arc::clone(&app), guard::pages));
    let api = api::routes().layer(from_fn_with_state(Arc::clone(&app), guard::api));
    open.merge(rooms)
        .merge(api)
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(CompressionLayer::new())
        .layer(from_fn(guard::headers))
        .layer(CatchPanicLayer::custom(pages::panicked))
        .with_state(app)
}
