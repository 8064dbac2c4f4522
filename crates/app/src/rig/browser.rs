//! A person with a browser, for runs without one: opens the address, presses Approve, and follows
//! the way back. It reads the pages as they are and knows nothing of the twin behind them.

use engine::{Answer, Connect, ConnectError};
use percent_encoding::percent_decode_str;
use shipbob::oauth::ComeBack;
use transport::{Method, Request, Response, Transport};

/// The person's name in the trail.
const WHO: &str = "Mara";

/// Lets the connector in. False when a page did not come: people try again later.
///
/// # Errors
/// When the connector cannot take the answer.
pub async fn approve(network: &dyn Transport, connect: &Connect) -> Result<bool, ConnectError> {
    let url = connect.begin(WHO, ComeBack::Form).await?;
    let Some(answer) = press(network, &url).await else { return Ok(false) };
    connect.come_back(&answer).await?;
    Ok(true)
}

/// Opens an authorize address and presses Approve: what the browser would send back to us.
pub async fn press(network: &dyn Transport, url: &str) -> Option<Answer> {
    let page = open(network, Request::new(Method::Get, url, "browser.open")).await?;
    let action = attribute(&page, "<form", "action")?;
    let host = url.split("/connect/").next()?;
    let form = Request::new(Method::Post, format!("{host}{action}"), "browser.approve")
        .body("application/x-www-form-urlencoded", "decision=approve");
    let reply = network.send(form).await.ok()?;
    if let Some(to) = reply.header("location") {
        return Some(answer_of(to));
    }
    let page = text(&reply)?;
    let input =
        |name: &str| attribute(&page, &format!("name=\"{name}\""), "value").unwrap_or_default();
    Some(Answer { state: input("state"), code: input("code"), error: input("error") })
}

/// What stands in the address a browser was sent to; a bare code is one too.
pub fn answer_of(address: &str) -> Answer {
    let address = address.trim();
    let Some((_, query)) = address.split_once(['?', '#']) else {
        return Answer { code: address.to_owned(), ..Answer::default() };
    };
    let field = |name: &str| {
        let mut pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name).map(|(_, value)| value.replace('+', " "));
        found.map(|v| percent_decode_str(&v).decode_utf8_lossy().into_owned()).unwrap_or_default()
    };
    Answer { state: field("state"), code: field("code"), error: field("error") }
}

async fn open(network: &dyn Transport, request: Request) -> Option<String> {
    text(&network.send(request).await.ok()?)
}

fn text(reply: &Response) -> Option<String> {
    reply.is_success().then(|| String::from_utf8_lossy(&reply.body).into_owned())
}

/// The value of an attribute of the first tag after `mark`.
fn attribute(page: &str, mark: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let (_, rest) = rest.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}
