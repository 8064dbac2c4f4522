//! What can be read.

use super::{ApiError, Route};
use crate::access::Person;
use crate::model::{
    ChainReport, ConnectionFacts, CredentialLine, Days, FinanceFacts, Found, HoldGroup,
    InboundFacts, InvoiceFacts, OrderCosts, OrderFilter, OrdersPage, OverviewFacts, ProductsPage,
    StockFacts, StockQuery, TrailPage, TrailQuery,
};
use crate::order_view::OrderView;
use crate::pages::connections::{self, Connections};
use crate::pages::error::PageError;
use crate::sentence::{Sentence, sentence};
use crate::state::App;
use crate::status::EngineSnapshot;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{MethodRouter, get};
use domain::doctor::Report;
use domain::drift::DriftReport;
use domain::reconcile::Sealed;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Credentials {
    credentials: Vec<CredentialLine>,
}

async fn credentials(State(app): State<App>) -> Result<Json<Credentials>, ApiError> {
    Ok(Json(Credentials { credentials: app.given.books.credentials().await? }))
}

async fn finance(State(app): State<App>) -> Result<Json<FinanceFacts>, ApiError> {
    let books = &app.given.books;
    Ok(Json(books.finance(crate::books::FILED, (app.given.now)()).await?))
}

async fn inbound(
    State(app): State<App>,
    Query(asked): Query<crate::pages::inbound::Asked>,
) -> Result<Json<InboundFacts>, ApiError> {
    Ok(Json(app.given.books.inbound(asked.query()).await?))
}

async fn invoice(
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<Option<InvoiceFacts>>, ApiError> {
    Ok(Json(app.given.books.invoice(id).await?))
}

async fn costs(
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<Json<OrderCosts>, ApiError> {
    Ok(Json(app.given.books.costs(&number, (app.given.now)()).await?))
}

#[derive(Deserialize)]
struct OfStock {
    sku: Option<String>,
    state: Option<String>,
    after: Option<String>,
}

async fn stock(
    State(app): State<App>,
    Query(of): Query<OfStock>,
) -> Result<Json<StockFacts>, ApiError> {
    let query = StockQuery {
        sku: of.sku.filter(|sku| !sku.is_empty()),
        state: of.state.unwrap_or_else(|| "variance".to_owned()),
        after: of.after.unwrap_or_default(),
    };
    Ok(Json(app.given.books.stock(query).await?))
}

/// Rows of one answer at most.
const LIMIT: i64 = 200;

/// Names and explanations of query parameters.
type Named = &'static [(&'static str, &'static str)];

fn read(
    path: &'static str,
    summary: &'static str,
    query: Named,
    handler: MethodRouter<App>,
) -> Route {
    Route { method: "get", path, summary, query, body: false, handler }
}

pub(super) fn table() -> Vec<Route> {
    vec![
        read(
            "/api/v1/overview",
            "How things stand: the sentence, counters, what waits, the last 24 hours",
            &[("window", "hours the counters cover: 24, 168 or 720")],
            get(overview),
        ),
        read(
            "/api/v1/products",
            "SKUs with state, weight, size and hold, in pages",
            &[
                ("q", "beginning of the SKU or item"),
                ("after", "`next` of the page before"),
                ("limit", "rows, at most 200"),
            ],
            get(products),
        ),
        read(
            "/api/v1/orders",
            "Orders by state, in pages",
            &[
                (
                    "state",
                    "all, released, held, late, waiting, in-shipbob, shipped, written-back, delivered or cancelled",
                ),
                ("after", "`next` of the page before"),
                ("limit", "rows, at most 200"),
            ],
            get(orders),
        ),
        read("/api/v1/orders/{number}", "One order with its timeline", &[], get(order)),
        read(
            "/api/v1/holds",
            "What waits for a person, grouped by what would heal it",
            &[("limit", "orders listed per group, at most 200")],
            get(holds),
        ),
        read(
            "/api/v1/returns",
            "Returns or receiving orders, newest first, each beside the stock history",
            &[
                ("kind", "return or receiving"),
                ("q", "words of it: number, reference, tracking, purchase order, SKU, state"),
                ("before", "`next` of the page before"),
            ],
            get(inbound),
        ),
        read(
            "/api/v1/finance",
            "What ShipBob charged: invoices with their balance, what to claim, closed orders, unmatched charges",
            &[],
            get(finance),
        ),
        read(
            "/api/v1/finance/invoices/{id}",
            "One invoice of ShipBob with its transactions",
            &[],
            get(invoice),
        ),
        read("/api/v1/orders/{number}/costs", "What one order cost", &[], get(costs)),
        read(
            "/api/v1/search",
            "Orders any number belongs to",
            &[("q", "order, reference, ShipBob id, shipment, tracking or slip number")],
            get(search),
        ),
    ]
    .into_iter()
    .chain(of_the_system())
    .collect()
}

/// What is not about orders.
fn of_the_system() -> Vec<Route> {
    vec![
        read(
            "/api/v1/stock",
            "Stock of both systems side by side, available quantities included, what explains the difference, open journals and adjustments; of one SKU with its moves and lots",
            &[
                ("sku", "one SKU, all its centres"),
                (
                    "state",
                    "even, explained, variance (where nothing is said), waits, counted, closed, in-sum, negative, unit, not-at-shipbob or not-in-dynamics",
                ),
                ("after", "`next` of the page before"),
            ],
            get(stock),
        ),
        read(
            "/api/v1/trail",
            "Who did what, when and why, newest first",
            &[
                ("order", "only this order"),
                ("who", "only this actor"),
                ("what", "only this kind of change"),
                ("before", "`next` of the page before"),
                ("limit", "entries, at most 200"),
            ],
            get(trail),
        ),
        read("/api/v1/trail/verify", "Checks the hash chain of the trail", &[], get(verify)),
        read(
            "/api/v1/credentials",
            "Credentials in the vault: which, set when by whom, when they end; never what they are",
            &[],
            get(credentials),
        ),
        read(
            "/api/v1/doctor",
            "The doctor's last report; ask for a new one with POST /api/v1/flows/all/doctor",
            &[],
            get(doctor),
        ),
        read(
            "/api/v1/drift",
            "The last comparison of both live contracts with this build's; ask with POST /api/v1/flows/all/drift",
            &[],
            get(drift),
        ),
        read(
            "/api/v1/reconcile",
            "Days that were reconciled, the latest first, and those asked for",
            &[],
            get(days),
        ),
        read(
            "/api/v1/reconcile/{day}",
            "The certificate of a day; ask for one with POST",
            &[],
            get(certificate),
        ),
        read(
            "/api/v1/connections",
            "The connections this token or session opens, each with its sentence; the others are not there",
            &[("window", "hours the counters cover: 24, 168 or 720")],
            get(connections),
        ),
        read("/api/v1/status", "The engine, both remote systems, the flows", &[], get(status)),
    ]
}

fn limit(asked: Option<i64>) -> i64 {
    asked.unwrap_or(50).clamp(1, LIMIT)
}

#[derive(Serialize)]
struct Overview {
    sentence: Sentence,
    connection: ConnectionFacts,
    #[serde(flatten)]
    facts: OverviewFacts,
}

#[derive(Deserialize)]
struct Window {
    window: Option<i64>,
}

async fn connections(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Query(query): Query<Window>,
) -> Result<Json<Connections>, ApiError> {
    let hours = crate::pages::window(query.window);
    Ok(Json(connections::read(&app, &person.reach, hours).await?))
}

async fn overview(
    State(app): State<App>,
    Query(query): Query<Window>,
) -> Result<Json<Overview>, ApiError> {
    let books = &app.given.books;
    let hours = crate::pages::window(query.window);
    let (connection, facts) =
        futures::try_join!(books.connection(), books.overview(hours, app.now()))?;
    let sentence = sentence(&connection, &facts, &app.given.status.snapshot(), &app.clock());
    Ok(Json(Overview { sentence, connection, facts }))
}

#[derive(Deserialize)]
struct OrdersQuery {
    state: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

async fn orders(
    State(app): State<App>,
    Query(query): Query<OrdersQuery>,
) -> Result<Json<OrdersPage>, ApiError> {
    let filter = match query.state.as_deref() {
        None => OrderFilter::All,
        Some(word) => OrderFilter::parse(word).ok_or(PageError::BadForm(
            "state is one of all, released, held, late, waiting, in-shipbob, shipped, written-back, delivered, cancelled",
        ))?,
    };
    let page = app.given.books.orders(filter, query.after, limit(query.limit), app.now()).await?;
    Ok(Json(page))
}

async fn order(
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<Json<OrderView>, ApiError> {
    let found = if number.chars().count() > crate::pages::NUMBER_LIMIT {
        None
    } else {
        app.given.books.order(&number).await?
    };
    let facts = found.ok_or(PageError::NoSuchOrder(number))?;
    let mapped = app.given.status.snapshot().warehouses;
    Ok(Json(OrderView::new(facts).with_warehouses(&mapped)))
}

#[derive(Serialize)]
struct Holds {
    groups: Vec<HoldGroup>,
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<i64>,
}

async fn holds(
    State(app): State<App>,
    Query(query): Query<Limit>,
) -> Result<Json<Holds>, ApiError> {
    Ok(Json(Holds { groups: app.given.books.holds(limit(query.limit)).await? }))
}

#[derive(Deserialize)]
struct SearchQuery {
    q: Option<String>,
}

#[derive(Serialize)]
struct Answers {
    found: Vec<Found>,
}

async fn search(
    State(app): State<App>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Answers>, ApiError> {
    let q = query.q.unwrap_or_default().trim().to_owned();
    if q.is_empty() || q.chars().count() > crate::pages::QUERY_LIMIT {
        return Err(PageError::BadForm("q is a number of 1 to 100 characters").into());
    }
    Ok(Json(Answers { found: app.given.books.search(&q, crate::pages::FOUND).await? }))
}

#[derive(Deserialize)]
struct TrailAsked {
    order: Option<String>,
    who: Option<String>,
    what: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

async fn trail(
    State(app): State<App>,
    Query(asked): Query<TrailAsked>,
) -> Result<Json<TrailPage>, ApiError> {
    let given = crate::pages::given;
    let query = TrailQuery {
        subject: given(asked.order),
        who: given(asked.who),
        what: given(asked.what),
        before: asked.before,
        limit: limit(asked.limit),
    };
    Ok(Json(app.given.books.trail(query).await?))
}

async fn verify(State(app): State<App>) -> Result<Json<ChainReport>, ApiError> {
    Ok(Json(app.given.books.verify_trail().await?))
}

async fn status(State(app): State<App>) -> Json<EngineSnapshot> {
    let mut engine = app.given.status.snapshot();
    // Without a database the engine still answers for itself.
    if let Ok(facts) = app.given.books.flows(app.now()).await {
        engine.learn(&facts);
    }
    Json(engine)
}

#[derive(Serialize)]
struct Doctor {
    ready: Option<bool>,
    sentence: Option<String>,
    report: Option<Report>,
}

async fn doctor(State(app): State<App>) -> Result<Json<Doctor>, ApiError> {
    let report = app.given.books.checkup().await?.doctor;
    let ready = report.as_ref().map(Report::ready);
    Ok(Json(Doctor { ready, sentence: report.as_ref().map(Report::sentence), report }))
}

#[derive(Serialize)]
struct Compared {
    quiet: Option<bool>,
    report: Option<DriftReport>,
}

async fn drift(State(app): State<App>) -> Result<Json<Compared>, ApiError> {
    let report = app.given.books.checkup().await?.drift;
    Ok(Json(Compared { quiet: report.as_ref().map(DriftReport::quiet), report }))
}

async fn days(State(app): State<App>) -> Result<Json<Days>, ApiError> {
    Ok(Json(app.given.books.reconciled(app.now()).await?))
}

async fn certificate(
    State(app): State<App>,
    Path(day): Path<String>,
) -> Result<Json<Option<Sealed>>, ApiError> {
    let day = crate::pages::reconcile::given(&day)?;
    Ok(Json(app.given.books.certificate(&day).await?))
}

#[derive(Deserialize)]
struct ProductsAsked {
    q: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

async fn products(
    State(app): State<App>,
    Query(asked): Query<ProductsAsked>,
) -> Result<Json<ProductsPage>, ApiError> {
    let limit = asked.limit.unwrap_or(50).clamp(1, LIMIT);
    let q = asked.q.unwrap_or_default();
    Ok(Json(app.given.books.products(&q, asked.after, limit).await?))
}
