//! The way into ShipBob: begun by a person, come back from another site, and what the page shows.

use super::*;

fn csrf(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_system_page_shows_which_credentials_there_are_and_never_what_they_are() {
    let page = Site::entered(World::Busy).await.get("/system").await.body;
    for words in ["client secret of the Entra application", "Mara Weiß", "Reconnect ShipBob"] {
        assert!(page.contains(words), "{words}");
    }
    let site = Site::with(World::Busy, |given| given.connect = None);
    let mut site = site;
    site.enter().await;
    assert!(!site.get("/system").await.body.contains("Reconnect ShipBob"), "entered with a token");
}

#[tokio::test]
async fn begin_needs_a_session_and_a_form_of_it_and_leads_out_by_a_link() {
    let stranger = Site::new(World::Busy).form("/connect/shipbob", &[("csrf", "x")]).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let site = Site::entered(World::Busy).await;
    let old = site.form("/connect/shipbob", &[("csrf", "old")]).await;
    assert_eq!(old.status, StatusCode::BAD_REQUEST);
    let form = csrf(&site.get("/system").await.body);
    let page = site.form("/connect/shipbob", &[("csrf", &form)]).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = "href=\"https://authstage.shipbob.com/connect/authorize?client_id=app";
    assert!(page.body.contains(link) && page.body.contains("root user"), "{}", page.body);
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
}

#[tokio::test]
async fn the_way_back_needs_no_session_but_the_right_state_by_form_and_by_query() {
    let site = Site::new(World::Busy);
    let good = "/connect/shipbob/callback?state=known&code=c&scope=x&session_state=y";
    let by_query = site.get(good).await;
    assert_eq!(
        (by_query.status, by_query.header("location")),
        (StatusCode::SEE_OTHER, "/system?done=connect")
    );
    let request = Request::post("/connect/shipbob/callback")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("origin", "https://authstage.shipbob.com")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("code=c&state=known&id_token=t"))
        .unwrap();
    assert_eq!(site.send(request).await.status, StatusCode::SEE_OTHER);
    for bad in ["?state=guess&code=c", "?state=known&error=access_denied", ""] {
        let reply = site.get(&format!("/connect/shipbob/callback{bad}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(reply.body.contains("begin again"), "{}", reply.body);
    }
    let told = Site::entered(World::Busy).await.get("/system?done=connect").await.body;
    assert!(told.contains("ShipBob let us in"));
}

#[tokio::test]
async fn programs_may_list_the_credentials_too() {
    let site = Site::entered(World::Busy).await;
    let answer = site.get("/api/v1/credentials").await;
    let found: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(found["credentials"][1]["name"], "oauth");
    assert_eq!(found["credentials"][1].as_object().unwrap().len(), 5, "names and times only");
}
