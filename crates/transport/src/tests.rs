//! The in-process transport, the fault points, and the real client against a local server.

use crate::{
    FaultPoint, Faulty, HttpOptions, HttpTransport, InProcess, Method, Request, SendFault,
    Transport, TransportError,
};
use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use futures::{StreamExt, stream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

fn app(seen: &Arc<AtomicU32>) -> Router {
    let count = Arc::clone(seen);
    let broken = || {
        let parts = stream::iter([Ok(Bytes::from_static(b"{\"id\"")), Err("aborted")]);
        Body::from_stream(parts.map(|p: Result<Bytes, &str>| p.map_err(std::io::Error::other)))
    };
    Router::new()
        .route("/echo", post(|body: Bytes| async move { (StatusCode::CREATED, body) }))
        .route(
            "/count",
            post(move || async move {
                count.fetch_add(1, Ordering::SeqCst);
                [("date", "Mon, 23 Nov 2026 10:00:00 GMT")]
            }),
        )
        .route("/broken", get(move || async move { broken() }))
        .route("/big", get(|| async { vec![b'x'; 70_000] }))
        .route("/moved", get(|| async { (StatusCode::FOUND, [("location", "/echo")]) }))
        .route("/query", get(|uri: axum::http::Uri| async move { uri.to_string() }))
}

fn get_of(url: &str) -> Request {
    Request::new(Method::Get, url, "test")
}

fn here(seen: &Arc<AtomicU32>) -> InProcess {
    InProcess::new().limit(65_536).route("api.example", app(seen))
}

#[tokio::test]
async fn a_body_travels_both_ways() {
    let request = Request::new(Method::Post, "https://api.example/echo", "test")
        .body("application/json", "{\"a\":1}");
    let reply = here(&Arc::default()).send(request).await.expect("a reply");
    assert_eq!((reply.status, reply.body.as_ref()), (201, &b"{\"a\":1}"[..]));
}

#[tokio::test]
async fn the_query_arrives_letter_by_letter() {
    let reply = here(&Arc::default())
        .send(get_of("https://api.example/query?SKU=any:a,b&c=%2C"))
        .await
        .expect("a reply");
    assert_eq!(reply.body.as_ref(), b"https://api.example/query?SKU=any:a,b&c=%2C");
}

#[tokio::test]
async fn a_broken_body_is_lost_and_a_large_one_is_refused() {
    let transport = here(&Arc::default());
    let broken = transport.send(get_of("https://api.example/broken")).await;
    assert!(matches!(broken, Err(TransportError::Lost { .. })), "{broken:?}");
    let big = transport.send(get_of("https://api.example/big")).await;
    assert_eq!(big.expect_err("too large"), TransportError::TooLarge { limit: 65_536 });
}

#[tokio::test]
async fn an_unknown_host_or_a_bad_url_was_not_sent() {
    let transport = here(&Arc::default());
    for url in ["https://elsewhere.example/", "not a url", "/path/only"] {
        let result = transport.send(get_of(url)).await;
        assert!(matches!(result, Err(TransportError::NotSent { .. })), "{url}: {result:?}");
    }
}

#[tokio::test]
async fn the_servers_date_is_read() {
    let request = Request::new(Method::Post, "https://api.example/count", "test");
    let reply = here(&Arc::default()).send(request).await.expect("a reply");
    let at = reply.server_date().expect("a date");
    assert_eq!(at.to_rfc3339(), "2026-11-23T10:00:00Z");
}

#[test]
fn nothing_private_is_printed() {
    let request = get_of("https://api.example/x?name=Jane")
        .header("authorization", "Bearer hunter2")
        .body("text/plain", "Jane Doe");
    let text = format!("{request:?} {:?}", crate::Response::new(200, "Jane Doe"));
    assert!(!text.contains("Jane") && !text.contains("hunter2"), "{text}");
}

struct Script {
    fault: SendFault,
    at: u64,
    late: Mutex<Vec<Request>>,
}

impl FaultPoint for Script {
    fn at(&self, step: u64, _: &str) -> SendFault {
        if step == self.at { self.fault } else { SendFault::Proceed }
    }
    fn hold_back(&self, _: u64, request: Request) {
        self.late.lock().expect("unpoisoned").push(request);
    }
}

#[tokio::test]
async fn every_fault_has_its_effect_and_its_appearance() {
    let not_sent = |r: &Result<_, TransportError>| matches!(r, Err(TransportError::NotSent { .. }));
    let lost = |r: &Result<_, TransportError>| matches!(r, Err(TransportError::Lost { .. }));
    for (fault, effects, crashed) in [
        (SendFault::Proceed, 1, false),
        (SendFault::CrashBefore, 0, true),
        (SendFault::CrashAfter, 1, true),
        (SendFault::ErrorBefore, 0, false),
        (SendFault::ReplyLost, 1, false),
        (SendFault::Late, 0, false),
        (SendFault::Repeat, 2, false),
    ] {
        let seen = Arc::new(AtomicU32::new(0));
        let script = Arc::new(Script { fault, at: 2, late: Mutex::default() });
        let faulty = Faulty::new(here(&seen), Arc::clone(&script));
        let call = || faulty.send(Request::new(Method::Post, "https://api.example/count", "t"));
        call().await.expect("step 1 is undisturbed");
        let result = call().await.map(|r| r.status);
        assert_eq!(seen.load(Ordering::SeqCst) - 1, effects, "{fault:?}");
        assert_eq!(faulty.crashed(), crashed, "{fault:?}");
        match fault {
            SendFault::Proceed | SendFault::Repeat => assert_eq!(result, Ok(200)),
            SendFault::CrashBefore | SendFault::CrashAfter => {
                assert_eq!(result, Err(TransportError::Crashed));
                assert_eq!(call().await.map(|r| r.status), Err(TransportError::Crashed));
            }
            SendFault::ErrorBefore => assert!(not_sent(&result)),
            SendFault::ReplyLost | SendFault::Late => assert!(lost(&result)),
        }
        let held = std::mem::take(&mut *script.late.lock().expect("unpoisoned"));
        assert_eq!(held.len(), usize::from(fault == SendFault::Late));
        for request in held {
            faulty.inner().send(request).await.expect("it arrives late");
            assert_eq!(seen.load(Ordering::SeqCst), 2);
        }
    }
}

async fn served() -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    #[expect(clippy::disallowed_methods, reason = "the test's own server")]
    let task = tokio::spawn(async move {
        axum::serve(listener, app(&Arc::default())).await.expect("serving");
    });
    (base, task)
}

fn real() -> HttpTransport {
    let options = HttpOptions { body_limit: 65_536, ..HttpOptions::new("test/1") };
    HttpTransport::new(&options).expect("a client")
}

#[tokio::test]
async fn the_real_client_agrees_with_the_in_process_one() {
    let (base, server) = served().await;
    let client = real();
    let echo = Request::new(Method::Post, format!("{base}/echo"), "test").body("text/plain", "hi");
    let reply = client.send(echo).await.expect("a reply");
    assert_eq!((reply.status, reply.body.as_ref()), (201, &b"hi"[..]));
    let empty = Request::new(Method::Post, format!("{base}/echo"), "test");
    assert_eq!(client.send(empty).await.expect("a reply").status, 201, "a POST without a body");
    let moved = client.send(get_of(&format!("{base}/moved"))).await.expect("a reply");
    assert_eq!(moved.status, 302, "redirects are not followed");
    let query = client.send(get_of(&format!("{base}/query?SKU=any:a,b"))).await.expect("a reply");
    assert_eq!(query.body.as_ref(), b"/query?SKU=any:a,b");
    let broken = client.send(get_of(&format!("{base}/broken"))).await;
    assert!(matches!(broken, Err(TransportError::Lost { .. })), "{broken:?}");
    let big = client.send(get_of(&format!("{base}/big"))).await;
    assert_eq!(big.expect_err("too large"), TransportError::TooLarge { limit: 65_536 });
    server.abort();
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let result = real().send(get_of(&url)).await;
    let error = result.expect_err("nobody listens");
    assert!(matches!(error, TransportError::NotSent { .. }), "{error:?}");
    assert!(!error.to_string().contains("127.0.0.1/"), "{error}");
}

#[tokio::test]
async fn a_connection_closed_without_a_reply_is_lost() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    #[expect(clippy::disallowed_methods, reason = "the test's own server")]
    let server = tokio::spawn(async move {
        let mut connections = 0;
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.expect("a request");
            connections += 1;
            drop(stream);
            assert_eq!(connections, 1, "the client repeated by itself");
        }
    });
    let request = Request::new(Method::Post, &url, "test").body("text/plain", "once");
    let result = real().send(request).await;
    assert!(matches!(result, Err(TransportError::Lost { .. })), "{result:?}");
    assert!(!server.is_finished());
    server.abort();
}

#[tokio::test]
async fn a_server_that_stays_silent_is_lost_at_the_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let request = get_of(&url).deadline(domain::time::Span::millis(50));
    let result = real().send(request).await;
    assert!(matches!(result, Err(TransportError::Lost { .. })), "{result:?}");
    drop(listener);
}
