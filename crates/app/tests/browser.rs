//! The console in a real browser: every room is shown in both themes and at three widths, and the
//! pictures for the docs are made (with `ML_SCREENSHOTS=docs/screenshots`). Looking at them is a
//! person's work; this test sees that there is something to look at and that nothing overflows the
//! budget of a page.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use app::face::{Face, Pulse};
use app::rig::{self, CUT_OFF_BEFORE, Rig, Start, World};
use app::wiring::twin_settings;
use domain::time::Span;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use store::{Durability, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use transport::{HttpOptions, HttpTransport, Method, Request, Response, Transport};
use twins::TwinConfig;

/// Orders of the world whose pages are shown: seed 7 splits this one into two parcels.
const ORDER: &str = "SO-000005";
const PAGE_LIMIT: usize = 100 * 1024;

fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("ML_TEST_BROWSER").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];
    named.into_iter().chain(usual.map(PathBuf::from)).find(|p| p.is_file())
}

/// A world some hours old, with something in every state.
async fn scene(dir: &Path) -> (Rig, Store) {
    let url = StoreUrl::parse(&format!("sqlite://{}/browser.db", dir.display())).unwrap();
    let mut options = StoreOptions::new(url, KeyRing::new(MasterKey::generate().unwrap()));
    options.durability = Durability::Relaxed;
    let store = Store::open(options).await.unwrap();
    let config = TwinConfig { seed: 7, orders: 120, pace: 10, ..TwinConfig::default() };
    let world = World::new(config);
    let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF_BEFORE);
    rig::prepare(&store, &settings, world.now()).await.unwrap();
    let start = Start {
        store: store.clone(),
        network: Arc::new(world.network()),
        settings,
        webhooks: true,
        shipbob_per_minute: Some(150),
    };
    let rig = Rig::start(&world, start);
    let until = world.now() + Span::hours(4);
    while world.now() < until {
        let (_, next) = rig.settle_moment().await.unwrap();
        let twin = world.twins.next_event().map_or(next.0, |t| t.min(next.0));
        world.advance(domain::time::Timestamp(twin.max(world.now().0 + 1)));
    }
    rig.settle_moment().await.unwrap();
    (rig, store)
}

async fn serve(rig: &Rig, store: Store) -> String {
    let (live, _) = broadcast::channel(16);
    let pulse = Arc::new(Pulse::new(Arc::clone(&rig.engine), rig.gates.clone(), "demo"));
    pulse.sample();
    let face = Face {
        store,
        access: console::AccessToken::new("picture"),
        intake: rig.intake(),
        clock: rig.world.clock(),
        https: false,
        open_metrics: true,
        rooms: vec![app::face::Room {
            scope: rig::scope(),
            name: "Contoso US".to_owned(),
            connect: rig.connect(),
            pulse,
            live,
        }],
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = face.router().into_make_service_with_connect_info::<std::net::SocketAddr>();
    #[expect(clippy::disallowed_methods, reason = "the test's own server, gone with it")]
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}")
}

/// Takes one picture; `dark` is what the browser says the person prefers.
fn picture(browser: &Path, url: &str, file: &Path, size: (u32, u32), dark: bool) {
    let profile = tempfile::tempdir().unwrap();
    let scheme = if dark { 0 } else { 1 };
    let status = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--force-device-scale-factor=1"])
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={},{}", size.0, size.1))
        .arg(format!("--screenshot={}", file.display()))
        .arg(url)
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "the browser failed: {}",
        String::from_utf8_lossy(&status.stderr)
    );
    let bytes = std::fs::metadata(file).unwrap().len();
    assert!(bytes > 10_000, "{} shows nothing", file.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_is_shown_in_both_themes_and_at_three_widths() {
    let Some(browser) = browser() else {
        println!("SKIPPED: no chromium found; set ML_TEST_BROWSER or install one");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (rig, store) = scene(dir.path()).await;
    let base = serve(&rig, store).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kept = std::env::var_os("ML_SCREENSHOTS").map(|folder| root.join(folder));
    let folder = kept.clone().unwrap_or_else(|| dir.path().to_owned());
    let rooms = [
        ("overview", "/".to_owned(), 1_000),
        ("order", format!("/orders/{ORDER}"), 1_250),
        ("holds", "/holds".to_owned(), 1_000),
    ];
    for (name, path, height) in &rooms {
        let url = format!("{base}{path}?token=picture");
        for (theme, dark) in [("light", false), ("dark", true)] {
            let file = folder.join(format!("{name}-{theme}.png"));
            picture(&browser, &url, &file, (1_280, *height), dark);
        }
        let (light, dark) =
            (folder.join(format!("{name}-light.png")), folder.join(format!("{name}-dark.png")));
        assert_ne!(
            std::fs::read(light).unwrap(),
            std::fs::read(dark).unwrap(),
            "{name}: one theme"
        );
        for width in [360, 2_560] {
            let file = dir.path().join(format!("{name}-{width}.png"));
            picture(&browser, &url, &file, (width, *height), false);
        }
    }
    rig.stop();
}

#[tokio::test]
async fn every_room_is_under_a_hundred_kilobytes_and_asks_for_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let (rig, store) = scene(dir.path()).await;
    let base = serve(&rig, store).await;
    let http = HttpTransport::new(&HttpOptions::new("test")).unwrap();
    let login = get(&http, &format!("{base}/?token=picture"), None).await;
    let cookie = login.header("set-cookie").expect("the token opens a session");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    for path in ["/", "/orders", "/holds", "/trail", "/system", "/orders/SO-000005"] {
        let url = format!("{base}{path}");
        let stranger = get(&http, &url, None).await;
        assert_ne!(stranger.status, 200, "{path} is open to strangers");
        let page = get(&http, &url, Some(&cookie)).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.len() < PAGE_LIMIT, "{path} has {} bytes", page.body.len());
    }
    rig.stop();
}

async fn get(http: &HttpTransport, url: &str, cookie: Option<&str>) -> Response {
    let mut request = Request::new(Method::Get, url.to_owned(), "test.page");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    http.send(request).await.unwrap()
}
