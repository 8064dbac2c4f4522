//! Several connections behind one door: what a person may not see is not there.

use super::Reply;
use crate::access::AccessToken;
use crate::sample::{Sample, World, state};
use crate::state::{ConsoleState, Place};
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use tower::ServiceExt;

/// Two connections of one organisation and one of another, each with a token of its organisation.
struct House {
    router: Router,
    samples: Vec<Arc<Sample>>,
}

impl House {
    fn new() -> Self {
        let access =
            AccessToken::of_organisations([("contoso", "c-token"), ("fabrikam", "f-token")]);
        let places = [("us", "contoso"), ("gb", "contoso"), ("fab", "fabrikam")];
        let samples: Vec<Arc<Sample>> =
            places.iter().map(|_| Arc::new(Sample::new(World::Busy))).collect();
        let given = |(sample, (id, organisation)): (&Arc<Sample>, (&str, &str))| ConsoleState {
            place: Place {
                id: id.to_owned(),
                name: format!("Connection {id}"),
                organisation: organisation.to_owned(),
            },
            access: access.clone(),
            ..state(Arc::clone(sample))
        };
        let router = crate::hall(samples.iter().zip(places).map(given).collect());
        Self { router, samples }
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = reply.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    async fn session(&self, token: &str) -> String {
        let request = Request::get(format!("/?token={token}")).body(Body::empty()).unwrap();
        let reply = self.send(request).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        reply.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn get(&self, cookie: &str, path: &str) -> Reply {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty());
        self.send(request.unwrap()).await
    }

    async fn bearer(&self, token: &str, path: &str) -> Reply {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

const ROOMS: [&str; 7] = ["/", "/orders", "/holds", "/trail", "/system", "/doctor", "/search?q=x"];

fn with(path: &str, id: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}connection={id}")
}

#[tokio::test]
async fn no_room_of_another_organisation_opens() {
    let house = House::new();
    let (contoso, fabrikam) = (house.session("c-token").await, house.session("f-token").await);
    for room in ROOMS {
        for (cookie, own, other) in [(&contoso, "gb", "fab"), (&fabrikam, "fab", "us")] {
            let seen = house.get(cookie, &with(room, own)).await;
            assert_eq!(seen.status, StatusCode::OK, "{room} of {own}");
            assert!(!seen.body.contains(&format!("connection={other}")), "{room} names {other}");
            assert!(!seen.body.contains(&format!("Connection {other}")), "{room} names {other}");
            let refused = house.get(cookie, &with(room, other)).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{room} of {other}");
        }
    }
}

#[tokio::test]
async fn a_token_reads_its_own_organisation_only() {
    let house = House::new();
    for read in ["overview", "orders", "holds", "trail", "search?q=SO", "credentials", "status"] {
        let path = |id: &str| with(&format!("/api/v1/{read}"), id);
        let own = house.bearer("c-token", &path("us")).await;
        if own.status == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(own.status, StatusCode::OK, "{read}: {}", own.body);
        assert_eq!(house.bearer("c-token", &path("fab")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.bearer("f-token", &path("us")).await.status, StatusCode::NOT_FOUND);
    }
    let strange = house.bearer("x-token", &with("/api/v1/overview", "us")).await;
    assert_eq!(strange.status, StatusCode::UNAUTHORIZED);
    let list = house.bearer("c-token", "/api/v1/connections").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("\"us\"") && list.body.contains("\"gb\""), "{}", list.body);
    assert!(!list.body.contains("\"fab\""), "{}", list.body);
    // Which of two is meant must be said; the only one of an organisation need not be.
    let which = house.bearer("c-token", "/api/v1/overview").await;
    assert_eq!(which.status, StatusCode::BAD_REQUEST);
    assert!(which.body.contains("us, gb") && !which.body.contains("fab"), "{}", which.body);
    assert_eq!(house.bearer("f-token", "/api/v1/overview").await.status, StatusCode::OK);
    let wrong = house.bearer("x-token", "/api/v1/overview?connection=us").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    // Numbers over all organisations are for nobody who may see one only.
    assert_eq!(house.bearer("c-token", "/metrics").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_get_an_address_that_names_their_connection() {
    let house = House::new();
    let cookie = house.session("c-token").await;
    let first = house.get(&cookie, "/orders?state=held").await;
    assert_eq!(first.header("location"), "/orders?state=held&connection=us");
    let page = house.get(&cookie, "/?connection=gb").await;
    assert!(page.header("set-cookie").contains("ml-connection=gb"));
    let remembered = house.get(&format!("{cookie}; ml-connection=gb"), "/holds").await;
    assert_eq!(remembered.header("location"), "/holds?connection=gb");
    // The page one comes from wins over the one looked at last in another tab.
    let request = Request::get("/holds")
        .header(header::COOKIE, format!("{cookie}; ml-connection=gb"))
        .header(header::REFERER, "http://localhost/orders?connection=us");
    let reply = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.header("location"), "/holds?connection=us");
}

#[tokio::test]
async fn the_overview_has_a_sentence_over_all_and_a_row_for_each() {
    let house = House::new();
    let page = house.get(&house.session("c-token").await, "/?connection=us").await.body;
    assert!(page.contains("of 2 connections") || page.contains("All 2 connections"), "{page}");
    assert!(page.contains("/?connection=us") && page.contains("/?connection=gb"));
    let alone = house.get(&house.session("f-token").await, "/").await.body;
    assert!(!alone.contains("id=\"all-connections\""));
}

#[tokio::test]
async fn search_goes_over_all_connections_a_person_may_see() {
    let house = House::new();
    let page = house.get(&house.session("c-token").await, "/search?q=1Z&connection=us").await;
    if page.status == StatusCode::OK && page.body.contains("<tbody>") {
        assert!(page.body.contains("connection=us") && page.body.contains("connection=gb"));
        assert!(!page.body.contains("connection=fab"));
    }
}

/// A form drawn for one connection changes nothing in another, not even with the same session.
#[tokio::test]
async fn a_form_of_one_connection_does_nothing_in_another() {
    let house = House::new();
    let cookie = house.session("c-token").await;
    let page = house.get(&cookie, "/?connection=us").await.body;
    let mark = "name=\"csrf\" value=\"";
    let csrf = page.split(mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let post = async |id: &str| {
        let request = Request::post(format!("/flows/all/pause?connection={id}"))
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(format!("csrf={csrf}&key=0123456789abcdef&reason=test")))
            .unwrap();
        house.send(request).await.status
    };
    assert!(post("gb").await.is_client_error());
    assert_eq!(house.samples[1].commands().len(), 0);
    assert_eq!(post("fab").await, StatusCode::NOT_FOUND);
    assert_eq!(post("us").await, StatusCode::SEE_OTHER);
    assert_eq!(house.samples[0].commands().len(), 1);
    assert_eq!(house.samples[1].commands().len() + house.samples[2].commands().len(), 0);
}
