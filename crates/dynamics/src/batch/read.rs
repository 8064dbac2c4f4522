//! Reads the reply to a `$batch`. Tolerant in form (bare LF, quoted boundary, header case), strict
//! in completeness: a part that was cut is not returned, and the end must have been seen.

use crate::limits;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use transport::Response;

/// One HTTP reply inside the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inner {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Inner {
    /// As a reply of its own, for interpretation. Headers that are none are left out.
    pub(crate) fn to_response(&self) -> Response {
        let mut response = Response::new(self.status, self.body.clone());
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            {
                response.headers.append(name, value);
            }
        }
        response
    }
}

/// One part of the reply, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Reply to a read, or the single error of a failed change set.
    Single(Inner),
    /// Replies of a change set, and whether its end was seen.
    ChangeSet(Vec<Inner>, bool),
    /// A complete part that is not an HTTP reply in a form we know.
    Unknown,
}

/// The whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Complete parts.
    pub(crate) parts: Vec<Part>,
    /// The closing boundary was seen.
    pub(crate) complete: bool,
}

/// Reads a reply; `None` when the content type is not a multipart with a boundary.
pub(crate) fn read(content_type: &str, body: &Bytes) -> Option<Batch> {
    let boundary = boundary(content_type)?;
    let (raw, complete) = split(body, &boundary);
    Some(Batch { parts: raw.iter().map(part).collect(), complete })
}

fn boundary(content_type: &str) -> Option<String> {
    let mut pieces = content_type.split(';');
    if !pieces.next()?.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (!value.is_empty() && value.len() <= 200).then(|| value.to_owned())
}

/// Cuts a multipart at its boundaries. Returns the complete pieces and whether the end was seen.
fn split(body: &Bytes, boundary: &str) -> (Vec<Bytes>, bool) {
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let mut pieces = Vec::new();
    let mut started: Option<usize> = None;
    let mut line = 0;
    while line < body.len() {
        let rest = body.get(line..).unwrap_or_default();
        let (length, whole) = match rest.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (rest.len(), false),
        };
        let text = rest.get(..length).unwrap_or_default();
        if let Some(tail) = text.strip_prefix(delimiter.as_slice()) {
            let tail = tail.trim_ascii();
            let last = tail == b"--";
            // A cut delimiter line could still become another, longer boundary.
            if last || (tail.is_empty() && whole) {
                if let Some(from) = started {
                    pieces.push(body.slice(from..trimmed_end(body, from, line)));
                }
                if last || pieces.len() > limits::PARTS {
                    return (pieces, last);
                }
                started = Some(line + length);
            }
        }
        line += length;
    }
    (pieces, false)
}

/// The line break before a boundary belongs to the boundary.
fn trimmed_end(body: &Bytes, from: usize, line: usize) -> usize {
    let text = body.get(from..line).unwrap_or_default();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    from + text.len()
}

fn part(raw: &Bytes) -> Part {
    let Some((headers, content)) = head(raw, 0) else { return Part::Unknown };
    let kind = find(&headers, "content-type").unwrap_or_default().to_owned();
    if let Some(boundary) = boundary(&kind) {
        let (pieces, complete) = split(&content, &boundary);
        let replies: Option<Vec<Inner>> = pieces
            .iter()
            .map(|piece| head(piece, 0).and_then(|(_, message)| inner(&message)))
            .collect();
        return replies.map_or(Part::Unknown, |replies| Part::ChangeSet(replies, complete));
    }
    if kind.to_ascii_lowercase().starts_with("application/http") {
        return inner(&content).map_or(Part::Unknown, Part::Single);
    }
    Part::Unknown
}

fn inner(message: &Bytes) -> Option<Inner> {
    let start = message.iter().position(|b| !b.is_ascii_whitespace())?;
    let message = message.slice(start..);
    let end = message.iter().position(|b| *b == b'\n').unwrap_or(message.len());
    let line = std::str::from_utf8(message.get(..end)?).ok()?.trim();
    let mut words = line.split_ascii_whitespace();
    if !words.next()?.starts_with("HTTP/") {
        return None;
    }
    let status = words.next()?.parse().ok().filter(|s| (100..600).contains(s))?;
    let (headers, body) = head(&message, (end + 1).min(message.len()))?;
    Some(Inner { status, headers, body })
}

/// Header lines from `from` up to a blank line, and what follows it. A message that ends within
/// its headers has an empty body.
fn head(raw: &Bytes, from: usize) -> Option<(Vec<(String, String)>, Bytes)> {
    let mut headers = Vec::new();
    let mut line = from;
    while line < raw.len() {
        let rest = raw.get(line..)?;
        let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let text = std::str::from_utf8(rest.get(..length)?).ok()?.trim();
        line += length;
        if text.is_empty() {
            return Some((headers, raw.slice(line..)));
        }
        let (name, value) = text.split_once(':')?;
        if headers.len() >= limits::PART_HEADERS {
            return None;
        }
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some((headers, Bytes::new()))
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}
