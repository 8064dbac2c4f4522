//! What a person sees, in every world.

use super::html::{Tag, tags};
use super::*;
use std::collections::HashSet;

const ROOMS: [&str; 32] = [
    "/",
    "/?window=168",
    "/orders",
    "/orders?state=held",
    "/orders?state=late",
    "/orders?after=1~SO-000655",
    "/orders/SO-000697",
    "/orders/SO-000640",
    "/orders/SO-000600",
    "/products",
    "/products?q=a00",
    "/holds",
    "/trail",
    "/trail?verify=1&order=SO-000697",
    "/trail?before=8832&who=ml-connector",
    "/search",
    "/search?q=SO-",
    "/search?q=nothing",
    "/system",
    "/doctor",
    "/stock",
    "/stock?sku=A0001",
    "/returns",
    "/returns?kind=receiving&q=PO",
    "/reconcile",
    "/reconcile/2026-11-22",
    "/reconcile/2026-11-01",
    "/settings",
    "/settings/edit",
    "/settings/versions/1",
    "/finance",
    "/finance/invoices/7410003",
];

const WORLDS: [World; 5] = [World::Busy, World::Calm, World::New, World::Refused, World::Paused];

fn check(place: &str, html: &str) {
    let tags = tags(html);
    let all = |name: &str| tags.iter().filter(|tag| tag.name == name).collect::<Vec<_>>();
    assert_eq!(all("h1").len(), 1, "{place}: one h1");
    assert_eq!(all("main").len(), 1, "{place}: one main");
    assert!(all("html").iter().all(|tag| tag.get("lang") == Some("en")), "{place}: a language");
    assert!(all("style").is_empty(), "{place}: an inline style sheet");
    for tag in &tags {
        assert!(tag.get("style").is_none(), "{place}: a style attribute on {tag:?}");
        let handler = tag.attributes.keys().find(|key| key.starts_with("on"));
        assert!(handler.is_none(), "{place}: an inline handler on {tag:?}");
        let links = [tag.get("href"), tag.get("src"), tag.get("action")];
        for link in links.into_iter().flatten() {
            assert!(!link.to_lowercase().starts_with("javascript:"), "{place}: {link}");
        }
    }
    assert!(all("script").iter().all(|tag| tag.get("src").is_some()), "{place}: inline script");
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{place}: an id twice in {ids:?}");
    labels(place, &tags, &unique);
    headings(place, &tags);
    assert!(html.len() < 100_000, "{place}: {} bytes", html.len());
}

fn labels(place: &str, tags: &[Tag], ids: &HashSet<&str>) {
    let labelled: HashSet<&str> =
        tags.iter().filter(|t| t.name == "label").filter_map(|t| t.get("for")).collect();
    for input in tags.iter().filter(|t| t.name == "input" && t.get("type") != Some("hidden")) {
        let id = input.get("id").unwrap_or_default();
        assert!(labelled.contains(id), "{place}: no label for {input:?}");
    }
    for tag in tags {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            if let Some(to) = tag.get(name) {
                assert!(ids.contains(to), "{place}: {name} leads nowhere: {to}");
            }
        }
        if tag.name == "img" {
            assert!(tag.get("alt").is_some(), "{place}: an image without alt");
        }
        if tag.name == "svg" {
            let told = tag.get("aria-hidden") == Some("true") || tag.get("aria-label").is_some();
            assert!(told, "{place}: a drawing that says nothing");
        }
        if tag.name == "form" && tag.get("method") == Some("post") {
            assert!(tag.get("action").is_some(), "{place}: a form without address");
        }
    }
}

/// Headings go down one level at a time.
fn headings(place: &str, tags: &[Tag]) {
    let mut level = 0;
    for tag in tags.iter().filter(|t| t.get("id") != Some("keys-title")) {
        let Some(now) = tag.name.strip_prefix('h').and_then(|n| n.parse::<i32>().ok()) else {
            continue;
        };
        assert!(now <= level + 1, "{place}: h{now} after h{level}");
        level = now;
    }
}

#[tokio::test]
async fn every_room_is_well_made_in_every_world() {
    for world in WORLDS {
        let site = Site::entered(world).await;
        for room in ROOMS {
            let reply = site.get(room).await;
            assert_eq!(reply.status, StatusCode::OK, "{world:?} {room}");
            check(&format!("{world:?} {room}"), &reply.body);
        }
    }
}

#[tokio::test]
async fn every_form_that_changes_something_carries_token_key_and_way_back() {
    let site = Site::entered(World::Busy).await;
    for room in ROOMS {
        let html = site.get(room).await.body;
        let forms: Vec<&str> = html.split("<form ").skip(1).collect();
        for form in forms
            .iter()
            .filter(|form| form.starts_with("method=\"post\"") || form.contains("method=\"post\""))
        {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("name=\"csrf\""), "{room}: {form:.120}");
            let asks = ["/orders/", "/holds/", "/flows/"];
            if asks.iter().any(|path| form.contains(&format!("action=\"{path}"))) {
                assert!(form.contains("name=\"key\""), "{room}: {form:.120}");
                assert!(form.contains("name=\"back\""), "{room}: {form:.120}");
            }
            assert!(form.contains("type=\"submit\""), "{room}: no button in {form:.120}");
        }
    }
}

#[tokio::test]
async fn pages_for_trouble_say_what_it_means_for_orders() {
    let site = Site::entered(World::Down).await;
    let reply = site.get("/").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    check("down", &reply.body);
    assert!(reply.body.contains("Nothing is lost"));
    assert!(!reply.body.contains("disk is full"), "details belong into the log");
    let site = Site::entered(World::Busy).await;
    for room in ["/orders/SO-9", "/nowhere"] {
        let reply = site.get(room).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        check(room, &reply.body);
    }
}

#[tokio::test]
async fn what_comes_from_outside_is_never_markup() {
    let site = Site::entered(World::Busy).await;
    let evil = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for room in [
        format!("/search?q={evil}"),
        format!("/trail?order={evil}&who={evil}&what={evil}"),
        format!("/orders/{evil}"),
        format!("/orders?state={evil}&after={evil}"),
        format!("/?done={evil}"),
        format!("/orders?done=1-{evil}"),
    ] {
        let reply = site.get(&room).await;
        assert!(!reply.body.contains("<script>"), "{room}");
    }
    let trail = site.get("/trail").await.body;
    assert!(trail.contains("&#38;") || trail.contains("&amp;"), "names are escaped");
    assert!(!trail.contains("<b>not</b>"), "reasons are escaped");
}

#[tokio::test]
async fn the_only_order_of_a_number_opens_at_once() {
    let site = Site::entered(World::Busy).await;
    let reply = site.get("/search?q=1z999aa1-0123456784").await;
    assert_eq!(reply.status, StatusCode::OK, "the sample knows only exact beginnings");
    let reply = site.get("/search?q=1z999aa10123456784").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.header("location"), "/orders/SO-000697");
    let reply = site.get("/search?q=SO-0006").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.body.contains("SO-000698"));
    let long = "9".repeat(101);
    let reply = site.get(&format!("/search?q={long}")).await;
    assert!(reply.body.contains("may have 100 characters"));
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_are_named_by_their_content() {
    let site = Site::entered(World::Calm).await;
    let html = site.get("/").await.body;
    let links = tags(&html);
    let style = links.iter().find(|t| t.get("rel") == Some("stylesheet")).unwrap();
    let path = style.get("href").unwrap();
    let reply = site.get(path).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.header("cache-control").contains("immutable"));
    assert!(!reply.body.contains("url("), "the style sheet loads nothing");
    let again = Request::get(path)
        .header(header::IF_NONE_MATCH, reply.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(site.send(again).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(site.get("/assets/console-old.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_trail_is_saved_as_a_file() {
    let site = Site::entered(World::Busy).await;
    let html = site.get("/trail?who=Mara").await.body;
    let links = tags(&html);
    let link = links.iter().find(|t| t.attributes.contains_key("download")).unwrap();
    let path = link.get("href").unwrap().replace("&amp;", "&").replace("&#38;", "&");
    assert!(path.contains("who=Mara"));
    let reply = site.get(&path).await;
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    assert!(reply.header("content-disposition").contains("trail.csv"));
    let rows: Vec<&str> = reply.body.split_terminator("\r\n").collect();
    assert!(rows[0].starts_with("entry,at,who,order"));
    assert!(rows[1].starts_with("8841,2026-11-23T09:41:07Z,ml-connector,SO-000697,done,"));
}

#[tokio::test]
async fn the_theme_is_changed_without_script() {
    let mut site = Site::entered(World::Calm).await;
    let html = site.get("/").await.body;
    assert!(html.contains("data-theme=\"auto\""));
    let csrf = csrf(&html);
    let fields = [("csrf", csrf.as_str()), ("theme", "dark"), ("back", "/orders?state=held")];
    let reply = site.form("/theme", &fields).await;
    assert_eq!(reply.header("location"), "/orders?state=held");
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    site.cookie = Some(format!("{}; {cookie}", site.cookie.unwrap()));
    assert!(site.get("/").await.body.contains("data-theme=\"dark\""));
}

#[tokio::test]
async fn the_doctor_page_says_what_to_do_and_asks_for_a_new_run_as_a_command() {
    let site = Site::entered(World::Busy).await;
    let html = site.get("/doctor").await.body;
    for words in ["Not ready: 1 pass", "Warehouse SB01", "Map a warehouse", "Check by hand"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(html.contains("DocumentStatus.Teleported") && html.contains("/events/5a17"));
    assert!(!html.contains("<a recurring"), "what a system says is escaped");
    assert!(site.get("/system").await.body.contains("Not ready: 1 pass"));
    let csrf = csrf(&html);
    let fields = [("csrf", csrf.as_str()), ("key", "abcdefgh"), ("back", "/doctor")];
    for verb in ["doctor", "drift"] {
        let reply = site.form(&format!("/flows/all/{verb}"), &fields).await;
        assert_eq!(reply.header("location"), format!("/doctor?done={verb}"));
    }
    let asked: Vec<&str> = site.sample.commands().iter().map(|c| c.verb.word()).collect();
    assert_eq!(asked, ["doctor", "drift"]);
    let none = Site::entered(World::New).await.get("/doctor").await.body;
    assert!(none.contains("Not examined yet"));
}

/// The form token of a page.
pub(super) fn csrf(html: &str) -> String {
    let token = tags(html).into_iter().find(|t| t.get("name") == Some("csrf")).unwrap();
    token.get("value").unwrap().to_owned()
}

#[test]
fn script_stays_small_and_calls_nobody_but_us() {
    let [_, (_, script), _] = crate::Assets::files();
    assert!(script.lines().count() <= 250);
    assert!(!script.contains("http://") && !script.contains("https://"));
    assert!(!script.contains("innerHTML = "), "text from the server is parsed, never pasted");
}

#[tokio::test]
async fn the_set_of_a_warehouse_and_the_centre_of_each_parcel_are_shown() {
    let site = Site::entered(World::Busy).await;
    let system = site.get("/system").await.body;
    assert!(system.contains("ShipBob chooses from centres 1, 8, profile plain"), "{system}");
    let order = site.get("/orders/SO-000697").await.body;
    assert!(order.contains("8, Bethlehem (PA)"), "the centre of a parcel");
    assert!(order.contains("Leaves 24") && order.contains("ShipBob chooses from centres 1, 8"));
}
