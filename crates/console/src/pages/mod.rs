//! The rooms: each reads its facts, draws its template, and takes the forms it shows.

mod act;
pub(crate) mod chrome;
pub(crate) mod connections;
mod doctor;
pub(crate) mod error;
mod export;
mod finance;
mod flows;
mod holds;
pub(crate) mod inbound;
mod login;
mod order;
mod orders;
mod overview;
mod products;
pub(crate) mod reconcile;
mod search;
pub(crate) mod settings;
mod stock;
mod system;
mod trail;

pub(crate) use act::{NUMBER_LIMIT, Wish};
pub(crate) use error::{not_found, panicked};
pub(crate) use overview::window;
pub(crate) use search::{FOUND, QUERY_LIMIT};
pub(crate) use stock::of_stock;
pub(crate) use trail::given;

use crate::state::App;
use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

pub(crate) fn open_routes() -> Router<App> {
    Router::new().route("/login", get(login::show).post(login::enter))
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(overview::show))
        .route("/orders", get(orders::show))
        .route("/orders/{number}", get(order::show))
        .route("/orders/{number}/{verb}", post(act::on_order))
        .route("/products", get(products::show))
        .route("/holds", get(holds::show))
        .route("/holds/{verb}", post(act::on_group))
        .route("/flows/{flow}/{verb}", post(act::on_flow))
        .route("/trail", get(trail::show))
        .route("/trail.csv", get(export::trail))
        .route("/returns", get(inbound::show))
        .route("/finance", get(finance::show))
        .route("/finance.csv", get(finance::file))
        .route("/finance/invoices/{id}", get(finance::invoice))
        .route("/reconcile", get(reconcile::list))
        .route("/reconcile/ask", post(reconcile::ask))
        .route("/reconcile/file/{name}", get(reconcile::file))
        .route("/reconcile/{day}", get(reconcile::day))
        .route("/search", get(search::show))
        .route("/stock", get(stock::show))
        .route("/stock/{verb}", post(stock::on_stock))
        .route("/settings", get(settings::show))
        .route("/settings/edit", get(settings::edit))
        .route("/settings/export.toml", get(settings::export))
        .route("/settings/versions/{version}", get(settings::version))
        .route("/settings/versions/{version}/back", post(settings::back))
        .route(
            "/settings/{verb}",
            post(settings::act).layer(DefaultBodyLimit::max(settings::FORM_LIMIT)),
        )
        .route("/system", get(system::show))
        .route("/doctor", get(doctor::show))
        .route("/theme", post(login::theme))
        .route("/logout", post(login::leave))
}

/// Draws a page.
pub(crate) fn draw(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be drawn");
            error::bare(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                "This page cannot be drawn",
                "Orders go on as before.",
                "Tell the people who look after ml-connector; the log says which page.",
            )
        }
    }
}
