//! The page Settings: an editor that works without script, and never changes anything itself.

use super::pages::csrf;
use super::*;
use domain::settings_change::Wish;

async fn edit(site: &Site, verb: &str, document: &str, why: &str) -> Reply {
    let html = site.get("/settings/edit").await.body;
    let token = csrf(&html);
    let fields = [
        ("csrf", token.as_str()),
        ("key", "0123456789abcdef"),
        ("back", "/settings/edit"),
        ("based_on", "12"),
        ("document", document),
        ("why", why),
    ];
    site.form(&format!("/settings/{verb}"), &fields).await
}

#[tokio::test]
async fn check_and_preview_show_what_is_wrong_and_what_would_change_and_ask_nothing() {
    let site = Site::entered(World::Busy).await;
    let wrong = edit(&site, "check", "[connection]\nbatch_pol = \"<x>\"\n", "").await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.body.contains("line 2, column 1: unknown field `batch_pol`"), "{}", wrong.body);
    assert!(wrong.body.contains("batch_pol = &#34;&#60;x&#62;&#34;"), "what was typed stays");
    let good = edit(&site, "check", "[connection]\n", "").await;
    assert!(good.body.contains("Nothing is wrong with it"));
    let preview = edit(&site, "preview", "[connection]\n", "").await;
    assert!(preview.body.contains("2 open orders would change (37 looked at)"));
    assert!(preview.body.contains("1 product item would change (2 looked at)"));
    assert!(preview.body.contains("T-100"));
    assert!(preview.body.contains("no longer held: Delivery mode EXP is not mapped."));
    assert!(site.sample.changes().is_empty(), "nobody asked for anything");
}

#[tokio::test]
async fn apply_needs_a_reason_and_becomes_one_wish() {
    let site = Site::entered(World::Busy).await;
    let without = edit(&site, "apply", "[connection]\r\n", " ").await;
    assert!(without.body.contains("A reason is needed"));
    assert!(site.sample.changes().is_empty());
    let wrong = edit(&site, "apply", "batch_pol = 1", "because").await;
    assert_eq!(wrong.status, StatusCode::OK, "it is shown, not asked");
    assert!(site.sample.changes().is_empty());
    let asked = edit(&site, "apply", "[connection]\r\n", " because ").await;
    assert_eq!(
        (asked.status, asked.header("location")),
        (StatusCode::SEE_OTHER, "/settings?done=settings")
    );
    let all = site.sample.changes();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].who.as_str(), all[0].why.as_str(), all[0].based_on),
        ("operator", "because", 12)
    );
    assert_eq!(all[0].wish, Wish::Document { text: "[connection]\n".to_owned() });
    let page = site.get("/settings?done=settings").await.body;
    assert!(page.contains("Asked for other settings"));
}

#[tokio::test]
async fn an_older_version_is_put_back_with_a_reason() {
    let site = Site::entered(World::Busy).await;
    let html = site.get("/settings/versions/9").await.body;
    assert!(html.contains("Put back"));
    let token = csrf(&html);
    let fields = [
        ("csrf", token.as_str()),
        ("key", "0123456789abcdef"),
        ("based_on", "12"),
        ("why", "why not"),
    ];
    let asked = site.form("/settings/versions/9/back", &fields).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(site.sample.changes()[0].wish, Wish::Back { version: 9 });
    let forged = [("csrf", "x"), ("key", "0123456789abcdef"), ("based_on", "12"), ("why", "x")];
    let refused = site.form("/settings/versions/9/back", &forged).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.get("/settings/versions/99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_document_far_too_large_is_answered_in_words() {
    let site = Site::entered(World::Busy).await;
    let big = "x".repeat(1024 * 1024);
    let told = edit(&site, "check", &big, "").await;
    assert_eq!(told.status, StatusCode::OK, "a form of a mebibyte is read");
    let huge = edit(&site, "check", &"x".repeat(5 * 1024 * 1024), "").await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_file_of_another_installation_carries_no_markup() {
    let site = Site::entered(World::Busy).await;
    let file = site.get("/settings/export.toml").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-type").starts_with("application/toml"));
    assert!(file.body.contains("confirmed = false"));
}
