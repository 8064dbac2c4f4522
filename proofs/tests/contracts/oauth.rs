//! The app a merchant lets in: what the client asks and what the twin answers, held against the book.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use app::rig::{World, browser};
use futures::future::BoxFuture;
use shipbob::oauth::{App, AppConfig, ComeBack, Marks, SCOPES};
use transport::{InProcess, Request, Response, Transport, TransportError};
use twins::TwinConfig;

use crate::book::{SHIPBOB, read, text, texts};

/// Remembers every exchange with the token address.
struct Witness {
    inner: InProcess,
    seen: Mutex<Vec<(Request, Response)>>,
}

impl Transport for Witness {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let reply = self.inner.send(request.clone()).await?;
            let mut seen = self.seen.lock().unwrap_or_else(|e| panic!("{e}"));
            seen.push((request, reply.clone()));
            Ok(reply)
        })
    }
}

fn names(pairs: &str) -> BTreeSet<String> {
    pairs
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[tokio::test]
async fn the_way_of_an_app_is_the_one_of_the_book() {
    let book = read(SHIPBOB);
    let world = World::new(TwinConfig { orders: 1, oauth: true, ..TwinConfig::default() });
    let at = world.twins.credentials();
    assert_eq!(at.shipbob_auth_url, text(&book, "oauth.sandbox"));
    let witness = Arc::new(Witness { inner: world.network(), seen: Mutex::default() });
    let config = AppConfig {
        auth: at.shipbob_auth_url.clone(),
        client_id: at.app_id,
        client_secret: at.app_secret.into(),
        redirect_uri: "https://connector.example/connect/shipbob/callback".to_owned(),
        integration_name: "Ours".to_owned(),
        scope: SCOPES.to_owned(),
        pkce: true,
        user_agent: "test/1".to_owned(),
    };
    let app = App::new(Arc::<Witness>::clone(&witness), config);
    let marks = Marks { state: "st", nonce: "no", verifier: "a-verifier" };
    let url = app.authorize_url(&marks, ComeBack::Form);
    let (address, asked) = url.split_once('?').unwrap_or_default();
    assert_eq!(address, format!("{}{}", at.shipbob_auth_url, text(&book, "oauth.authorize")));
    let proof = texts(&book, "oauth.proof.asked");
    assert_eq!(names(asked), &texts(&book, "oauth.asked") | &proof);
    let answer = browser::press(&witness.inner, &url).await;
    let answer = answer.unwrap_or_else(|| panic!("no way back"));
    assert_eq!(answer.state, "st");
    let grant = app.exchange(&answer.code, marks.verifier).await;
    let grant = grant.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(grant.nonce.as_deref(), Some("no"));
    let refresh = grant.refresh.unwrap_or_else(|| panic!("offline_access was asked for"));
    assert!(app.refresh(&refresh).await.is_ok());
    let seen = witness.seen.lock().unwrap_or_else(|e| panic!("{e}"));
    let of_code = &texts(&book, "oauth.grant.code") | &texts(&book, "oauth.proof.sent");
    for ((request, reply), wanted) in
        seen.iter().zip([of_code, texts(&book, "oauth.grant.refresh")])
    {
        assert_eq!(request.url, format!("{}{}", at.shipbob_auth_url, text(&book, "oauth.token")));
        assert_eq!(names(&String::from_utf8_lossy(&request.body)), wanted);
        let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let known = texts(&book, "oauth.grant.reply");
        let strange =
            body.as_object().into_iter().flatten().find(|(name, _)| !known.contains(*name));
        assert!(strange.is_none(), "{strange:?} is not in the book");
        assert_eq!(
            body["expires_in"],
            book["oauth"]["grant"]["access_seconds"].as_integer().unwrap_or(0)
        );
    }
    assert_eq!(seen.len(), 2);
}
