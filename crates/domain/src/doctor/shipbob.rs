//! Lines about ShipBob.

use super::Book;
use super::centres;
use super::facts::{Access, Entrance, Hook, Setup, ShipBobFacts};
use crate::settings::Settings;
use crate::time::Timestamp;

/// Scopes a read can prove, and what for.
const READ_SCOPES: [(&str, &str); 5] = [
    ("channels_read", "to find the channel"),
    ("orders_read", "to read orders and shipping methods"),
    ("products_read", "to check that SKUs exist"),
    ("locations_read", "to check the fulfilment centres"),
    ("webhooks_read", "to look after the webhook subscription"),
];

/// Calls left in the minute below which the account counts as busy.
const FEW_CALLS: u32 = 15;

/// The earlier of the two documented ends of support, by version.
const ENDS: [(&str, &str); 3] = [
    ("2025-07", "2026-07-31T00:00:00Z"),
    ("2026-01", "2027-01-31T00:00:00Z"),
    ("2026-07", "2027-07-31T00:00:00Z"),
];

/// Days before the end of support from which it is a warning.
const END_WARNING_DAYS: i64 = 60;

const NEW_TOKEN: &str = "As the account's root user make a new personal access token (Dashboard > \
    Integrations > API Tokens) and enter it: old tokens do not gain newer scopes.";

const CONNECT: &str = "Press Connect ShipBob on the page System, or run \
    `ml-connector connect shipbob`, and let the app in as the account's root user.";

pub(super) fn judge(
    book: &mut Book,
    facts: &ShipBobFacts,
    settings: &Settings,
    setup: &Setup,
    now: Timestamp,
) {
    let inside = door(book, facts, setup);
    version(book, facts, setup, now);
    book.clock("sb.clock", "Clock of ShipBob", facts.clock.filter(|_| inside));
    for (scope, what) in READ_SCOPES {
        read_scope(book, facts, inside, scope, what);
    }
    super::flows::judge_shipbob(book, facts, settings, inside);
    channel(book, facts, settings, setup);
    for map in &settings.warehouses {
        centres::judge(book, facts, map);
    }
    methods(book, facts, settings);
    webhook(book, facts, setup);
    rate(book, facts);
}

fn first(facts: &ShipBobFacts) -> &Access {
    facts.scopes.get("channels_read").unwrap_or(&Access::NotAsked)
}

/// Everything asked was answered so.
fn all(facts: &ShipBobFacts, wanted: fn(&Access) -> bool) -> bool {
    let answered = |a: &&Access| !matches!(a, Access::NotAsked | Access::OwnLimit);
    let mut asked = facts.scopes.values().filter(answered).peekable();
    asked.peek().is_some() && asked.all(wanted)
}

/// Host and token; true when both are good.
fn door(book: &mut Book, facts: &ShipBobFacts, setup: &Setup) -> bool {
    let (host, token) = (("sb.host", "ShipBob"), ("sb.token", "ShipBob access token"));
    let url = setup.shipbob_url.as_str();
    match first(facts) {
        Access::Away { why } => {
            book.fail(
                host.0,
                host.1,
                format!("{url} gave no usable answer: {why}"),
                "Check connection.shipbob.url (https://api.shipbob.com, or \
                 https://sandbox-api.shipbob.com) and that this machine reaches it over HTTPS.",
            );
            book.skip(token.0, token.1);
            return false;
        }
        Access::NotAsked | Access::OwnLimit => {
            book.skip(host.0, host.1);
            book.skip(token.0, token.1);
            return false;
        }
        _ => book.pass(host.0, host.1, format!("{url} answers")),
    }
    let accepted = !all(facts, |a| matches!(a, Access::Denied { status: 401 }));
    if let Some((seen, fix)) = closed(&setup.entrance) {
        book.fail(token.0, token.1, seen, &fix);
        // The last token of an app that was removed may work until it ends.
        return accepted && setup.entrance != Entrance::NotConnected;
    }
    if !accepted {
        let why = refused(&setup.entrance);
        book.fail(token.0, token.1, "ShipBob does not accept the token (401)", &why);
        return false;
    }
    if all(facts, |a| matches!(a, Access::Absent { .. } | Access::Throttled)) {
        book.skip(token.0, token.1);
        return false;
    }
    book.pass(token.0, token.1, "accepted");
    true
}

/// Why there is no token to ask with, and what to do; none when there is one.
fn closed(entrance: &Entrance) -> Option<(String, String)> {
    match entrance {
        Entrance::Token | Entrance::App => None,
        Entrance::NotConnected => Some((
            "the app is not connected yet: nobody has let it into an account of ShipBob".to_owned(),
            format!("{CONNECT} What the token may do is seen after that."),
        )),
        Entrance::Lost { why } => {
            Some((format!("the app is not connected any more: {why}"), CONNECT.to_owned()))
        }
    }
}

/// What to do about a token that is not accepted.
fn refused(entrance: &Entrance) -> String {
    match entrance {
        Entrance::Token => {
            format!("It is wrong, revoked, or of the other environment. {NEW_TOKEN}")
        }
        _ => format!(
            "It has ended, was revoked, or is of the other environment. A running connector renews it within minutes; \
             examine again then. Else: {CONNECT}"
        ),
    }
}

fn version(book: &mut Book, facts: &ShipBobFacts, setup: &Setup, now: Timestamp) {
    let (id, about) = ("sb.version", "ShipBob API version");
    let version = setup.shipbob_version.as_str();
    if all(facts, |a| matches!(a, Access::Absent { .. })) {
        return book.fail(
            id,
            about,
            format!("{version}: every call answers 404"),
            "Correct connection.shipbob.version; if support has ended, update ml-connector.",
        );
    }
    let end = ENDS.iter().find(|(known, _)| *known == version);
    let Some((at, text)) = end.and_then(|(_, end)| Some((Timestamp::parse(end)?, end))) else {
        return book.warn(
            id,
            about,
            format!("{version} is not a version this build knows"),
            "Set connection.shipbob.version = \"2026-01\": the build is proved against it.",
        );
    };
    let days = at.since(now).as_seconds() / 86_400;
    let until = text.get(..10).unwrap_or(text);
    if days > END_WARNING_DAYS {
        return book.pass(
            id,
            about,
            format!("{version}, planned to work until {until} ({days} days; ShipBob's texts disagree on a year more)"),
        );
    }
    let seen = if days >= 0 {
        format!(
            "{version} may end on {until}, in {days} days (ShipBob's texts disagree on a year more)"
        )
    } else {
        format!("{version} may have ended on {until} (ShipBob's texts disagree on a year more)")
    };
    book.warn(id, about, seen, "Plan the update of ml-connector to a newer ShipBob version now.");
}

pub(super) fn read_scope(
    book: &mut Book,
    facts: &ShipBobFacts,
    inside: bool,
    scope: &str,
    what: &str,
) {
    let id = format!("sb.scope.{scope}");
    let about = format!("Scope {scope}");
    if !inside {
        return book.skip(&id, &about);
    }
    match facts.scopes.get(scope).unwrap_or(&Access::NotAsked) {
        Access::Good => book.pass(&id, &about, format!("there, {what}")),
        Access::Denied { status } => {
            book.fail(&id, &about, format!("missing ({status}); needed {what}"), NEW_TOKEN);
        }
        Access::Failed { status } => book.fail(
            &id,
            &about,
            format!("answered {status}, which can mean that the scope is missing; needed {what}"),
            NEW_TOKEN,
        ),
        Access::Absent { status } => book.fail(
            &id,
            &about,
            format!("answered {status}: no such call; needed {what}"),
            "Correct connection.shipbob.version.",
        ),
        Access::Throttled | Access::Away { .. } | Access::OwnLimit | Access::NotAsked => {
            book.skip(&id, &about);
        }
    }
}

fn channel(book: &mut Book, facts: &ShipBobFacts, settings: &Settings, setup: &Setup) {
    let here = ("sb.channel", "Channel");
    let write = ("sb.scope.orders_write", "Scope orders_write");
    let hooks = ("sb.scope.webhooks_write", "Scope webhooks_write");
    let Some(all) = &facts.channels else {
        for (id, about) in [here, write, hooks] {
            book.skip(id, about);
        }
        return;
    };
    let writable: Vec<String> = all
        .iter()
        .filter(|c| c.scopes.contains("orders_write"))
        .map(|c| format!("{} ({})", c.id, c.name))
        .collect();
    let hint = if writable.is_empty() {
        "No channel of this account can write: make a personal access token as the root user; the \
         first one creates an application with a channel of its own."
            .to_owned()
    } else {
        format!("Set connection.channel to one that can write: {}.", writable.join(", "))
    };
    let Some(channel) = facts.channel(settings.channel) else {
        book.fail(here.0, here.1, format!("{} is not shown", settings.channel), &hint);
        book.skip(write.0, write.1);
        book.skip(hooks.0, hooks.1);
        return;
    };
    book.pass(here.0, here.1, format!("{} ({})", channel.id, channel.name));
    if channel.scopes.contains("orders_write") {
        book.pass(write.0, write.1, "the channel can write orders");
    } else {
        let seen = format!("channel {} ({}) cannot write orders", channel.id, channel.name);
        book.fail(write.0, write.1, seen, &hint);
    }
    if setup.public_url.is_none() {
        book.pass(hooks.0, hooks.1, "not needed: no public_url, polls only");
    } else if channel.scopes.contains("webhooks_write") {
        book.pass(hooks.0, hooks.1, "there, to subscribe webhooks");
    } else if channel.scopes.iter().any(|scope| scope.starts_with("webhooks_")) {
        book.fail(
            hooks.0,
            hooks.1,
            "the channel has other webhook scopes, not this one",
            NEW_TOKEN,
        );
    } else {
        book.by_hand(
            hooks.0,
            hooks.1,
            "the channel's scopes name none for webhooks; see that the line Webhook subscription is \
             enabled after the first start of `serve`.",
        );
    }
}

fn methods(book: &mut Book, facts: &ShipBobFacts, settings: &Settings) {
    let (id, about) = ("sb.methods", "Shipping methods");
    let Some(all) = &facts.methods else { return book.skip(id, about) };
    let gone: Vec<&str> =
        settings.methods.values().map(String::as_str).filter(|m| !all.contains(*m)).collect();
    if gone.is_empty() {
        return book.pass(id, about, format!("all {} mapped ones exist", settings.methods.len()));
    }
    book.fail(
        id,
        about,
        format!("ShipBob has no active method {}", gone.join(", ")),
        "Correct [connection.methods], letter by letter: ShipBob creates an unknown method and \
         ships it as Standard.",
    );
}

fn webhook(book: &mut Book, facts: &ShipBobFacts, setup: &Setup) {
    let (id, about) = ("sb.webhook", "Webhook subscription");
    let Some(all) = &facts.hooks else { return book.skip(id, about) };
    let address = setup.public_url.as_ref().map(|u| format!("{}/hooks/", u.trim_end_matches('/')));
    let here = |hook: &&Hook| address.as_ref().is_some_and(|a| hook.url.starts_with(a.as_str()));
    let mut mine: Vec<&Hook> = all.iter().filter(here).collect();
    if mine.is_empty() {
        mine = all.iter().filter(|hook| hook.named).collect();
    }
    if let Some(hook) = mine.iter().find(|hook| hook.enabled) {
        let missing: Vec<&str> =
            setup.topics.iter().map(String::as_str).filter(|t| !hook.topics.contains(*t)).collect();
        if missing.is_empty() {
            return book.pass(id, about, format!("enabled, {} topics", hook.topics.len()));
        }
        return book.warn(
            id,
            about,
            format!("enabled, but without {}", missing.join(", ")),
            "Delete the subscription at ShipBob; ml-connector makes it anew within the hour.",
        );
    }
    if !mine.is_empty() {
        return book.fail(
            id,
            about,
            "ShipBob disabled it after days without an answer",
            "See that ShipBob reaches server.public_url over HTTPS (a proxy must pass /hooks/). \
             `serve` then replaces the subscription within the hour; until then polls find everything.",
        );
    }
    match setup.public_url {
        None => book.pass(id, about, "none, as configured (no public_url): polls find everything"),
        Some(_) => book.pass(id, about, "none yet: `serve` makes it at its first start"),
    }
}

fn rate(book: &mut Book, facts: &ShipBobFacts) {
    let (id, about) = ("sb.rate", "Rate budget of ShipBob");
    let fix = "The 150 calls a minute are shared by everything that uses this token's application, \
               a running `serve` too: run the doctor again in a minute. If it stays, find the other \
               caller, or give ml-connector an application of its own.";
    if first(facts) == &Access::Throttled {
        return book.fail(id, about, "ShipBob asks us to wait (429) at the first call", fix);
    }
    if facts.scopes.values().any(|a| *a == Access::Throttled) {
        return book.warn(id, about, "used up while we looked (429)", fix);
    }
    match facts.remaining {
        Some(left) if left < FEW_CALLS => {
            book.warn(id, about, format!("only {left} calls left in this minute"), fix);
        }
        Some(left) => book.pass(id, about, format!("{left} calls left in this minute")),
        None if first(facts) == &Access::Good => {
            book.pass(id, about, "ShipBob names no remaining calls: no limit seen");
        }
        None => book.skip(id, about),
    }
}
