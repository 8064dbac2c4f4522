//! Breaks, as a client without our clients meets them.

use super::harness::{client, config};
use twins::{Break, TwinConfig};

fn status(name: &str, method: &str, path: &str) -> u16 {
    let breaks = vec![Break::named(name).expect("a break")];
    client(TwinConfig { breaks, ..config() }).call(method, path, None).status
}

#[test]
fn a_missing_scope_is_a_403_but_for_orders_a_500() {
    assert_eq!(status("no-scope-products-read", "GET", "product"), 403);
    assert_eq!(status("no-scope-products-read", "GET", "order"), 200);
    assert_eq!(status("no-scope-orders-read", "GET", "order"), 500);
}

#[test]
fn a_revoked_token_a_gone_version_and_a_full_budget_answer_as_documented() {
    assert_eq!(status("shipbob-token-revoked", "GET", "channel"), 401);
    assert_eq!(status("shipbob-version-gone", "GET", "channel"), 404);
    assert_eq!(status("shipbob-throttled", "GET", "channel"), 429);
    assert_eq!(status("shipbob-down", "GET", "channel"), 503);
}

#[test]
fn without_a_write_channel_every_channel_reads_only() {
    let breaks = vec![Break::NoWriteChannel];
    let channels = client(TwinConfig { breaks, ..config() }).call("GET", "channel", None).json();
    let all = channels["items"].as_array().expect("channels");
    assert_eq!(all.len(), 3);
    assert!(!channels.to_string().contains("orders_write"));
}
