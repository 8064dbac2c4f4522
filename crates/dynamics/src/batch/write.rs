//! Writes a `$batch` body.

use bytes::Bytes;

const BATCH: &str = "batch_mlc";
const CHANGE_SET: &str = "changeset_mlc";

/// Content type of the body [`write`] makes.
pub(crate) const CONTENT_TYPE: &str = "multipart/mixed; boundary=batch_mlc";

/// One write inside a change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// `POST` or `PATCH`.
    pub(crate) method: &'static str,
    /// Whole URL.
    pub(crate) url: String,
    /// `If-Match`, for conditional writes.
    pub(crate) etag: Option<String>,
    /// JSON object.
    pub(crate) body: String,
}

/// One part of the batch: reads stand alone, writes of one document share a change set.
pub(crate) fn write<'a>(
    reads: impl IntoIterator<Item = &'a str>,
    change_sets: impl IntoIterator<Item = &'a [Item]>,
) -> Bytes {
    let mut out = String::with_capacity(8_192);
    for url in reads {
        out.push_str("--");
        out.push_str(BATCH);
        out.push_str(
            "\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ",
        );
        out.push_str(url);
        out.push_str(" HTTP/1.1\r\nAccept: application/json;odata.metadata=minimal\r\n\r\n\r\n");
    }
    for (n, items) in change_sets.into_iter().enumerate() {
        let boundary = format!("{CHANGE_SET}_{}", n + 1);
        out.push_str("--");
        out.push_str(BATCH);
        out.push_str("\r\nContent-Type: multipart/mixed; boundary=");
        out.push_str(&boundary);
        out.push_str("\r\n\r\n");
        for (m, item) in items.iter().enumerate() {
            one(&mut out, &boundary, m + 1, item);
        }
        out.push_str("--");
        out.push_str(&boundary);
        out.push_str("--\r\n");
    }
    out.push_str("--");
    out.push_str(BATCH);
    out.push_str("--\r\n");
    Bytes::from(out)
}

fn one(out: &mut String, boundary: &str, content_id: usize, item: &Item) {
    out.push_str("--");
    out.push_str(boundary);
    out.push_str(
        "\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ",
    );
    out.push_str(&content_id.to_string());
    out.push_str("\r\n\r\n");
    out.push_str(item.method);
    out.push(' ');
    out.push_str(&item.url);
    out.push_str(" HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n");
    if let Some(etag) = &item.etag {
        out.push_str("If-Match: ");
        out.push_str(etag);
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    out.push_str(&item.body);
    out.push_str("\r\n");
}
