//! Style, script and mark, embedded in the binary. Their addresses carry a hash of their content,
//! so that browsers may keep them for ever and never show an old one.

use crate::access::hex;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    address: String,
    etag: String,
    kind: &'static str,
    body: &'static str,
}

fn asset(name: &str, extension: &str, kind: &'static str, body: &'static str) -> Asset {
    let hash = hex(&Sha256::digest(body.as_bytes()));
    let short = hash.get(..12).unwrap_or(&hash);
    Asset {
        address: format!("{name}-{short}.{extension}"),
        etag: format!("\"{short}\""),
        kind,
        body,
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset("console", "css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    asset("console", "js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});
static MARK: LazyLock<Asset> =
    LazyLock::new(|| asset("mark", "svg", "image/svg+xml", include_str!("../assets/mark.svg")));

/// Addresses of the embedded files.
#[derive(Debug, Clone)]
pub struct Assets {
    /// Style sheet.
    pub style: String,
    /// Script.
    pub script: String,
    /// Icon of the page.
    pub mark: String,
}

impl Assets {
    /// Addresses below `/assets`.
    pub fn addresses() -> Self {
        let below = |asset: &Asset| format!("/assets/{}", asset.address);
        Self { style: below(&STYLE), script: below(&SCRIPT), mark: below(&MARK) }
    }

    /// Address and content of each file, for those who keep pages outside a server.
    pub fn files() -> [(&'static str, &'static str); 3] {
        [&*STYLE, &*SCRIPT, &*MARK].map(|asset| (asset.address.as_str(), asset.body))
    }
}

pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(found) = [&*STYLE, &*SCRIPT, &*MARK].into_iter().find(|a| a.address == name) else {
        return (StatusCode::NOT_FOUND, "no such file").into_response();
    };
    let keep = [
        (header::ETAG, found.etag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == found.etag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, keep).into_response();
    }
    (keep, [(header::CONTENT_TYPE, found.kind)], found.body).into_response()
}
