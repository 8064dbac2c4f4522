//! Webhooks and the addresses for machines.

use super::*;

async fn hook(site: &Site, path: &str, signed: bool, bytes: usize) -> Reply {
    let mut request = Request::post(path);
    if signed {
        request = request.header("webhook-signature", "v1,abc");
    }
    site.send(request.body(Body::from(vec![b'x'; bytes])).unwrap()).await
}

#[tokio::test]
async fn webhooks_need_no_session_and_are_answered_by_what_became_of_them() {
    let site = Site::new(World::Busy);
    assert_eq!(hook(&site, "/hooks/known", true, 10).await.status, StatusCode::OK);
    assert_eq!(hook(&site, "/hooks/known", false, 10).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hook(&site, "/hooks/other", true, 10).await.status, StatusCode::NOT_FOUND);
    let long = format!("/hooks/{}", "a".repeat(129));
    assert_eq!(hook(&site, &long, true, 10).await.status, StatusCode::NOT_FOUND);
    let down = Site::new(World::Down);
    let reply = hook(&down, "/hooks/known", true, 10).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("retry-after"), "30");
}

#[tokio::test]
async fn a_webhook_may_have_one_mebibyte_and_not_a_byte_more() {
    let site = Site::new(World::Busy);
    let limit = crate::hooks::BODY_LIMIT;
    assert_eq!(hook(&site, "/hooks/known", true, limit).await.status, StatusCode::OK);
    let reply = hook(&site, "/hooks/known", true, limit + 1).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn only_post_brings_webhooks() {
    let site = Site::new(World::Busy);
    assert_eq!(site.get("/hooks/known").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn forms_have_their_own_much_smaller_limit() {
    let site = Site::entered(World::Busy).await;
    let reply = site.form("/theme", &[("theme", &"x".repeat(40_000))]).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn health_tells_the_database_from_the_remote_systems() {
    let reply = Site::new(World::Refused).get("/health").await;
    assert_eq!(reply.status, StatusCode::OK, "a restart would not heal refused credentials");
    let told: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(told["ready"], true);
    let shipbob =
        told["parts"].as_array().unwrap().iter().find(|p| p["name"] == "shipbob").unwrap();
    assert_eq!(shipbob["ok"], false);
    let down = Site::new(World::Down);
    assert_eq!(down.get("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(down.get("/health/live").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_ask_for_the_token_unless_they_are_open() {
    let site = Site::new(World::Busy);
    assert_eq!(site.get("/metrics").await.status, StatusCode::UNAUTHORIZED);
    let request = Request::get("/metrics")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let reply = site.send(request).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.header("content-type").starts_with("text/plain; version=0.0.4"));
    let open = Site::with(World::Busy, |given| given.open_metrics = true);
    assert_eq!(open.get("/metrics").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_live_page_hears_of_changes_until_the_process_closes() {
    use crate::LiveEvent;
    let mut live = None;
    let mut site = Site::with(World::Busy, |given| live = Some(given.live.clone()));
    site.enter().await;
    let live = live.unwrap();
    let cookie = site.cookie.clone().unwrap();
    let request = Request::get("/live").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let reply = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    live.send(LiveEvent::Changed(Some("SO-000697".to_owned()))).unwrap();
    live.send(LiveEvent::Changed(None)).unwrap();
    live.send(LiveEvent::Closing).unwrap();
    let bytes = reply.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains("event: changed\ndata: SO-000697"), "{text}");
    assert_eq!(text.matches("event: changed").count(), 2);
}

#[tokio::test]
async fn business_events_need_the_path_only_and_may_have_sixty_four_kibibytes() {
    let site = Site::new(World::Busy);
    let limit = crate::events::BODY_LIMIT;
    assert_eq!(hook(&site, "/events/known", false, limit).await.status, StatusCode::OK);
    let reply = hook(&site, "/events/known", false, limit + 1).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(hook(&site, "/events/other", false, 9).await.status, StatusCode::NOT_FOUND);
    let long = format!("/events/{}", "a".repeat(129));
    assert_eq!(hook(&site, &long, false, 9).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/events/known").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let down = Site::new(World::Down);
    let reply = hook(&down, "/events/known", false, 9).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
}
