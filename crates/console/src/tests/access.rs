//! Who comes in, and what another site cannot do.

use super::pages::csrf;
use super::*;
use crate::command::{Target, Verb};
use domain::time::Span;

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let site = Site::entered(World::Busy).await;
    for path in ["/", "/login", "/health", "/nowhere", "/api/v1/overview", "/api/openapi.json"] {
        let reply = site.get(path).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn without_a_session_every_room_leads_to_the_login() {
    let site = Site::new(World::Busy);
    for room in
        ["/", "/orders?state=held", "/orders/SO-000697", "/holds", "/trail", "/system", "/live"]
    {
        let reply = site.get(room).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{room}");
        assert!(reply.header("location").starts_with("/login?next="), "{room}");
        assert!(!reply.body.contains("SO-0006"));
    }
    let reply = site.form("/orders/SO-000697/retry", &[("csrf", ""), ("key", "abcdefgh")]).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(site.sample.commands().is_empty());
}

#[tokio::test]
async fn the_right_token_opens_a_session_under_the_name_given() {
    let mut site = Site::new(World::Busy);
    let fields = [("token", TOKEN), ("name", " Mara König "), ("next", "/orders?state=held")];
    let reply = site.form("/login", &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.header("location"), "/orders?state=held");
    let cookie = reply.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    site.cookie = cookie.split(';').next().map(str::to_owned);
    assert!(site.get("/").await.body.contains("Mara König"));
}

#[tokio::test]
async fn the_token_never_stays_in_the_address() {
    let site = Site::new(World::Busy);
    let reply = site.get(&format!("/orders?state=held&token={TOKEN}")).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert!(!reply.header("location").contains("token"));
    let wrong = site.get("/?token=guess").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.header("set-cookie").is_empty());
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let site = Site::with(World::Busy, |given| given.https = true);
    let reply = site.get(&format!("/?token={TOKEN}")).await;
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("; Secure") && cookie.contains("Path=/")
    );
}

#[tokio::test]
async fn a_login_leads_only_to_our_own_pages() {
    let site = Site::new(World::Busy);
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb"] {
        let reply = site.form("/login", &[("token", TOKEN), ("next", next)]).await;
        assert_eq!(reply.header("location"), "/", "{next:?}");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_and_forgiven_after_a_minute() {
    let site = Site::new(World::Busy);
    for _ in 0..5 {
        let reply = site.form("/login", &[("token", "guess")]).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
    let reply = site.form("/login", &[("token", TOKEN)]).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    site.clock.fetch_add(Span::seconds(61).0, Ordering::Relaxed);
    let reply = site.form("/login", &[("token", TOKEN)]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_logging_out() {
    let site = Site::entered(World::Busy).await;
    assert_eq!(site.get("/").await.status, StatusCode::OK);
    let csrf = csrf(&site.get("/").await.body);
    assert_eq!(site.form("/logout", &[("csrf", "x")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.get("/").await.status, StatusCode::OK);
    assert_eq!(site.form("/logout", &[("csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get("/").await.status, StatusCode::SEE_OTHER, "the old cookie is worthless");
    let site = Site::entered(World::Busy).await;
    site.clock.fetch_add(Span::hours(13).0, Ordering::Relaxed);
    assert_eq!(site.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_click_becomes_one_command_under_the_name_of_the_person() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/orders/SO-000640").await.body);
    let fields = [
        ("csrf", csrf.as_str()),
        ("key", "0123456789abcdef"),
        ("back", "/orders/SO-000640"),
        ("why", " shipped by hand "),
    ];
    for _ in 0..2 {
        let reply = site.form("/orders/SO-000640/skip", &fields).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.header("location"), "/orders/SO-000640?done=skip");
    }
    let commands = site.sample.commands();
    assert_eq!(commands.len(), 1, "a double click is one command");
    let command = &commands[0];
    assert_eq!(command.verb, Verb::Skip);
    assert_eq!(command.target, Target::Order("SO-000640".to_owned()));
    assert_eq!(command.why.as_deref(), Some("shipped by hand"));
    assert_eq!(command.who, "operator");
    let after = site.get("/orders/SO-000640?done=skip").await.body;
    assert!(after.contains("Asked to skip."));
}

#[tokio::test]
async fn a_group_is_asked_as_it_stands_now() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/holds").await.body);
    let base = [("csrf", csrf.as_str()), ("key", "0123456789abcdef"), ("back", "/holds")];
    let group = ("hold", "before-cut-off|released|");
    let reply = site.form("/holds/release", &[base.as_slice(), &[group]].concat()).await;
    assert_eq!(reply.header("location"), "/holds?done=5-release");
    assert_eq!(site.sample.commands().len(), 5);
    let nobody = ("hold", "no|such|hold");
    let reply = site.form("/holds/retry", &[base.as_slice(), &[nobody]].concat()).await;
    assert_eq!(reply.header("location"), "/holds?done=0-retry");
    assert_eq!(site.sample.commands().len(), 5);
}

#[tokio::test]
async fn a_dismissal_names_its_hold_and_its_reason() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/orders/SO-000640").await.body);
    let base = [("csrf", csrf.as_str()), ("key", "0123456789abcdef"), ("why", "settled")];
    let path = "/orders/SO-000640/dismiss";
    assert_eq!(site.form(path, &base).await.status, StatusCode::BAD_REQUEST);
    let hold = ("hold", "short-shipped|line 3|2 of 5");
    let reply = site.form(path, &[base.as_slice(), &[hold]].concat()).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(site.sample.commands()[0].hold.as_deref(), Some("short-shipped|line 3|2 of 5"));
}

#[tokio::test]
async fn forms_that_are_wrong_change_nothing() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/").await.body);
    let long = "x".repeat(501);
    let key = ("key", "0123456789abcdef");
    let token = ("csrf", csrf.as_str());
    let wrong: [(&str, Vec<(&str, &str)>); 8] = [
        ("/orders/SO-000640/retry", vec![("csrf", "stolen"), key]),
        ("/orders/SO-000640/retry", vec![token, ("key", "short")]),
        ("/orders/SO-000640/skip", vec![token, key]),
        ("/orders/SO-000640/skip", vec![token, key, ("why", "  ")]),
        ("/orders/SO-000640/skip", vec![token, key, ("why", &long)]),
        ("/orders/SO-000640/pause", vec![token, key]),
        ("/flows/orders/skip", vec![token, key, ("why", "x")]),
        ("/flows/weather/run-now", vec![token, key]),
    ];
    for (path, fields) in wrong {
        let reply = site.form(path, &fields).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {fields:?}");
    }
    let reply = site.form("/orders/SO-9/retry", &[token, key]).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(site.sample.commands().is_empty());
}

#[tokio::test]
async fn another_site_cannot_click_for_a_person() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/").await.body);
    let body = format!("csrf={csrf}&key=0123456789abcdef");
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for (name, value) in foreign {
        let request = Request::post("/orders/SO-000640/retry")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::HOST, "console.example")
            .header(name, value)
            .body(Body::from(body.clone()))
            .unwrap();
        assert_eq!(site.send(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert!(site.sample.commands().is_empty());
}

#[tokio::test]
async fn flows_are_run_paused_and_resumed() {
    let site = Site::entered(World::Busy).await;
    let csrf = csrf(&site.get("/system").await.body);
    let base = [("csrf", csrf.as_str()), ("key", "0123456789abcdef"), ("back", "/system")];
    for path in ["/flows/orders/run-now", "/flows/all/pause", "/flows/all/resume"] {
        assert_eq!(site.form(path, &base).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let kinds: Vec<&str> = site.sample.commands().iter().map(|c| c.target.kind()).collect();
    assert_eq!(kinds, ["flow", "connection", "connection"]);
    let reply = site.form("/flows/fulfilment/pause", &base).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "a flow is paused by itself");
    let last = site.sample.commands().pop().unwrap();
    assert_eq!((last.target.kind(), last.target.key().as_str()), ("flow", "fulfilment"));
    let reply = site.form("/flows/fulfilment/doctor", &base).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "the doctor looks at everything");
}

#[test]
fn a_person_cannot_sign_as_a_part_of_the_product() {
    assert_eq!(crate::guard::name("engine"), None);
    assert_eq!(crate::guard::name("courier: me"), None);
    assert_eq!(crate::guard::name(" Mara\n "), Some("Mara".to_owned()));
    assert_eq!(crate::guard::name("  "), None);
    assert_eq!(crate::guard::name(&"x".repeat(99)).unwrap().len(), 60);
}
