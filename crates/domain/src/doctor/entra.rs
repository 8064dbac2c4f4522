//! Lines about Entra: the token, the environment it is for, and the user it stands for.

use super::Book;
use super::facts::{Access, DynamicsFacts, Setup, TokenAnswer};

const APPLICATIONS: &str = "System administration > Setup > Microsoft Entra applications";

/// Four lines out of one answer: whoever is at fault is named, the others pass or wait.
pub(super) fn token(book: &mut Book, facts: &DynamicsFacts, setup: &Setup) {
    let lines = [
        ("fo.tenant", "Entra tenant"),
        ("fo.application", "Entra application"),
        ("fo.secret", "Client secret"),
        ("fo.host", "F&O environment"),
    ];
    let (at, seen, fix): (&str, String, &str) = match &facts.token {
        TokenAnswer::Granted => return host(book, facts, &lines, setup),
        TokenAnswer::NotAsked => ("", String::new(), ""),
        TokenAnswer::Throttled => (
            "fo.tenant",
            "Entra asks us to wait (429)".to_owned(),
            "Run the doctor again in a few minutes.",
        ),
        TokenAnswer::Away { why } => (
            "fo.tenant",
            format!("Entra gave no usable answer: {why}"),
            "Check connection.dynamics.authority, DNS, proxy and firewall of this machine: it must \
             reach login.microsoftonline.com over HTTPS.",
        ),
        TokenAnswer::Denied { code, why } => denied(*code, why),
    };
    for (id, about) in lines {
        if id == at {
            book.fail(id, about, seen.as_str(), fix);
        } else {
            book.skip(id, about);
        }
    }
}

fn denied(code: Option<i64>, why: &str) -> (&'static str, String, &'static str) {
    let (at, fix) = match code {
        Some(7_000_215) => (
            "fo.secret",
            "Enter the secret's value, not its id, as connection.dynamics.client_secret; if it is \
             lost, make a new one in the app registration.",
        ),
        Some(7_000_222) => (
            "fo.secret",
            "The secret has expired: make a new one in the app registration and enter its value.",
        ),
        Some(7_000_216 | 700_027) => {
            ("fo.secret", "Check the certificate registered for the application.")
        }
        Some(90_002) => (
            "fo.tenant",
            "Correct the tenant in connection.dynamics.authority: \
             https://login.microsoftonline.com/TENANT/oauth2/v2.0/token, never /common.",
        ),
        Some(700_016) => (
            "fo.application",
            "Correct connection.dynamics.client_id, or the tenant: the application is not known in \
             this tenant.",
        ),
        Some(65_001) => (
            "fo.application",
            "An administrator of the tenant must grant consent to the application.",
        ),
        Some(500_011 | 50_001) => (
            "fo.host",
            "Correct connection.dynamics.url: the tenant knows no environment of that host. It is \
             written in lower case, without a trailing slash.",
        ),
        _ => ("fo.application", "Check tenant, client id, secret and scope."),
    };
    (at, why.to_owned(), fix)
}

fn host(book: &mut Book, facts: &DynamicsFacts, lines: &[(&str, &str)], setup: &Setup) {
    for (id, about) in lines.iter().filter(|(id, _)| *id != "fo.host") {
        book.pass(id, about, "Entra gave a token");
    }
    let (id, about) = ("fo.host", "F&O environment");
    let url = setup.dynamics_url.as_str();
    match &facts.door {
        Access::Away { why } => book.fail(
            id,
            about,
            format!("{url} gave no usable answer: {why}"),
            "Check connection.dynamics.url and that this machine reaches it over HTTPS. During \
             servicing F&O answers 502 to 504 with HTML: wait, then run the doctor again.",
        ),
        Access::Failed { status } | Access::Absent { status } => book.fail(
            id,
            about,
            format!("{url} answered {status}"),
            "Check connection.dynamics.url; during servicing wait, then run the doctor again.",
        ),
        Access::Throttled => book.fail(
            id,
            about,
            "F&O asks us to wait (429): the environment is under load",
            "Run the doctor again later. Give the application medium or high priority in System \
             administration > Setup > Throttling priority mapping.",
        ),
        Access::NotAsked | Access::OwnLimit => book.skip(id, about),
        Access::Good | Access::Denied { .. } => book.pass(id, about, format!("{url} answers")),
    }
}

/// Everything denied at once is not a missing role but a user who is not there.
pub(super) fn user(book: &mut Book, facts: &DynamicsFacts) {
    let (id, about) = ("fo.user", "User of the application in F&O");
    let asked = facts.sets.values().filter(|a| **a != Access::NotAsked);
    let all_denied = facts.sets.values().any(|a| matches!(a, Access::Denied { .. }))
        && asked.clone().all(|a| matches!(a, Access::Denied { .. }));
    match &facts.door {
        Access::Denied { status: 401 } => book.fail(
            id,
            about,
            "F&O does not accept a fresh token (401)",
            "The token must be for this environment: check connection.dynamics.url and that the \
             tenant of the authority is the environment's.",
        ),
        Access::Denied { .. } => unmapped(book),
        Access::Good if all_denied => unmapped(book),
        Access::Good => book.pass(id, about, "F&O lets the application in"),
        _ => book.skip(id, about),
    }
}

fn unmapped(book: &mut Book) {
    book.fail(
        "fo.user",
        "User of the application in F&O",
        "F&O denies every read (403)",
        &format!(
            "Enter client id, name and a user of its own in {APPLICATIONS}, and give that user \
             roles that may read what the lines below name."
        ),
    );
}

/// The application as a whole is let in.
pub(super) fn inside(facts: &DynamicsFacts) -> bool {
    facts.door == Access::Good && facts.sets.values().any(|a| *a == Access::Good)
}
