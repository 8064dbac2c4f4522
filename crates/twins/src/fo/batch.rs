//! `$batch` on the wire: multipart in, multipart out. Knows nothing of what the parts mean.

use super::refusal::Refusal;
use super::value::write_display;

/// Most operations of one batch.
pub(crate) const MAX_OPERATIONS: usize = 5_000;

/// One inner request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    /// Path under the host, still encoded, without the query.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) content_id: Option<&'a str>,
    pub(crate) if_match: Option<&'a str>,
    pub(crate) prefer: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// One part of the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Single(Operation<'a>),
    ChangeSet(Vec<Operation<'a>>),
}

fn bad(text: &str) -> Refusal {
    Refusal::Batch(text.to_owned())
}

/// The boundary of a `multipart/mixed` content type.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let found = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    found.filter(|boundary| !boundary.is_empty() && boundary.len() <= 70)
}

/// Splits the body of a batch into its parts.
pub(crate) fn parse<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, Refusal> {
    let mut parts = Vec::new();
    let mut operations = 0_usize;
    for part in sections(body, boundary)? {
        let (headers, content) = head(part)?;
        let kind = header(headers, "content-type").unwrap_or_default();
        if let Some(inner) = self::boundary(kind) {
            let mut set = Vec::new();
            for section in sections(content, inner)? {
                let (headers, content) = head(section)?;
                set.push(operation(headers, content)?);
            }
            operations += set.len();
            if set.iter().any(|operation| operation.method == "GET") {
                return Err(bad("A change set must not hold a GET request."));
            }
            parts.push(Part::ChangeSet(set));
        } else {
            operations += 1;
            parts.push(Part::Single(operation(headers, content)?));
        }
        if operations > MAX_OPERATIONS {
            return Err(bad(
                "The current batch message contains too many parts. Only batch messages with a maximum number of '5000' query operations and change sets are allowed.",
            ));
        }
    }
    Ok(parts)
}

/// The contents between the boundary lines.
fn sections<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<&'a [u8]>, Refusal> {
    let delimiter = format!("--{boundary}");
    let delimiter = delimiter.as_bytes();
    let mut sections = Vec::new();
    let mut start: Option<usize> = None;
    let mut line = 0_usize;
    while line <= body.len() {
        let rest = body.get(line..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(body.len(), |end| line + end);
        if let Some(after) = rest.strip_prefix(delimiter) {
            let closing = after.starts_with(b"--");
            let own_line = closing || matches!(after.first(), None | Some(b'\r' | b'\n' | b' '));
            if own_line {
                if let Some(start) = start {
                    let content = body.get(start..line).unwrap_or_default();
                    let content = content.strip_suffix(b"\n").unwrap_or(content);
                    sections.push(content.strip_suffix(b"\r").unwrap_or(content));
                }
                if closing {
                    return Ok(sections);
                }
                start = Some(end + 1);
            }
        }
        line = end + 1;
    }
    Err(bad("The batch message is not closed by its boundary."))
}

/// Header lines and what follows the blank line.
fn head(section: &[u8]) -> Result<(&str, &[u8]), Refusal> {
    let find = |mark: &[u8]| {
        section.windows(mark.len()).position(|window| window == mark).map(|at| (at, mark.len()))
    };
    let crlf = find(b"\r\n\r\n");
    let lf = find(b"\n\n");
    let found = match (crlf, lf) {
        (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
        (a, b) => a.or(b),
    };
    let (headers, content) = match found {
        Some((at, len)) => (section.get(..at), section.get(at + len..)),
        None => (Some(section), Some(&b""[..])),
    };
    let headers = std::str::from_utf8(headers.unwrap_or_default())
        .map_err(|_| bad("A part header is no text."))?;
    Ok((headers, content.unwrap_or_default()))
}

fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    headers.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The `application/http` content of a part.
fn operation<'a>(headers: &'a str, content: &'a [u8]) -> Result<Operation<'a>, Refusal> {
    let kind = header(headers, "content-type").unwrap_or_default();
    if !kind.starts_with("application/http") {
        return Err(bad("A part must have the content type 'application/http'."));
    }
    let binary = header(headers, "content-transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("binary"));
    if !binary {
        return Err(bad("A part must have the header 'Content-Transfer-Encoding: binary'."));
    }
    let (inner, body) = head(content)?;
    let (line, inner) = inner.split_once('\n').unwrap_or((inner, ""));
    let mut words = line.trim().split(' ');
    let (Some(method), Some(url), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad(
            "A request line is malformed: a method, an address without spaces and HTTP/1.1 are expected.",
        ));
    };
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => url,
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Ok(Operation {
        method,
        path,
        query,
        content_id: header(headers, "content-id"),
        if_match: header(inner, "if-match"),
        prefer: header(inner, "prefer"),
        body: trim_end(body),
    })
}

fn trim_end(mut body: &[u8]) -> &[u8] {
    while let Some(shorter) = body.strip_suffix(b"\n").or_else(|| body.strip_suffix(b"\r")) {
        body = shorter;
    }
    body
}

/// One inner reply.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) plain_text: bool,
}

/// Writes a batch response.
pub(crate) struct Writer {
    out: Vec<u8>,
    batch: String,
    set: String,
}

impl Writer {
    /// `mark` makes the boundaries; it must not occur in any body.
    pub(crate) fn new(mark: &str) -> Self {
        Self {
            out: Vec::with_capacity(16 * 1024),
            batch: format!("batchresponse_{mark}"),
            set: format!("changesetresponse_{mark}"),
        }
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/mixed; boundary={}", self.batch)
    }

    /// The answer to a part outside change sets, or to a change set that failed as a whole.
    pub(crate) fn single(&mut self, answer: &Answer) {
        write_display(&mut self.out, format_args!("--{}\r\n", self.batch));
        write_answer(&mut self.out, None, answer);
    }

    /// The answers of a change set that succeeded.
    pub(crate) fn change_set(&mut self, answers: &[(Option<&str>, Answer)]) {
        write_display(
            &mut self.out,
            format_args!(
                "--{}\r\nContent-Type: multipart/mixed; boundary={}\r\n\r\n",
                self.batch, self.set
            ),
        );
        for (content_id, answer) in answers {
            write_display(&mut self.out, format_args!("--{}\r\n", self.set));
            write_answer(&mut self.out, *content_id, answer);
        }
        write_display(&mut self.out, format_args!("--{}--\r\n", self.set));
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        write_display(&mut self.out, format_args!("--{}--\r\n", self.batch));
        self.out
    }
}

fn write_answer(out: &mut Vec<u8>, content_id: Option<&str>, answer: &Answer) {
    out.extend_from_slice(
        b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n",
    );
    if let Some(id) = content_id {
        write_display(out, format_args!("Content-ID: {id}\r\n"));
    }
    write_display(
        out,
        format_args!("\r\nHTTP/1.1 {} {}\r\n", answer.status, reason(answer.status)),
    );
    if !answer.body.is_empty() {
        let kind = if answer.plain_text {
            "text/plain"
        } else {
            "application/json; odata.metadata=minimal"
        };
        write_display(out, format_args!("Content-Type: {kind}\r\nOData-Version: 4.0\r\n"));
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&answer.body);
    out.extend_from_slice(b"\r\n");
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown")
}
