//! Who may come in: one access token, sessions made from it, and a brake on guessing. Only
//! SHA-256 digests of tokens are kept.

use domain::time::{Span, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::fmt;

/// How long a login lasts.
pub const SESSION_LENGTH: Span = Span::hours(12);
/// Sessions kept at once; the oldest gives way.
const SESSIONS: usize = 256;
/// Wrong tokens allowed per caller within [`WINDOW`].
const FAILURES: usize = 5;
/// Window of the brake.
const WINDOW: Span = Span::minutes(1);
/// Callers the brake remembers.
const CALLERS: usize = 4_096;

/// SHA-256 of a secret.
pub type Hash = [u8; 32];

/// SHA-256 of `label` and `secret`.
pub fn digest(label: &str, secret: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(label.as_bytes());
    hasher.update([0]);
    hasher.update(secret.as_bytes());
    hasher.finalize().into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        out
    })
}

/// Compares without telling by its duration where two values differ.
fn same(a: &Hash, b: &Hash) -> bool {
    a.iter().zip(b).fold(0u8, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// The access token of the installation, as a digest.
#[derive(Clone)]
pub struct AccessToken(Hash);

impl AccessToken {
    /// Keeps the digest of the token; the token itself is the caller's to print and forget.
    pub fn new(token: &str) -> Self {
        Self(digest("access", token))
    }

    /// Is this the token?
    pub fn is(&self, candidate: &str) -> bool {
        same(&self.0, &digest("access", candidate))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken")
    }
}

/// A person who came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As named at login; recorded with everything they do.
    pub name: String,
    /// Proves that a form was drawn for this session. Empty for bearer tokens, which need none.
    pub form_token: String,
}

struct Session {
    name: String,
    until: Timestamp,
}

/// Open sessions, by digest of their cookie.
#[derive(Default)]
pub struct Sessions {
    open: HashMap<Hash, Session>,
    order: VecDeque<Hash>,
}

impl Sessions {
    /// Opens a session for `name`; `secret` is the value of its cookie.
    pub fn open(&mut self, secret: &str, name: &str, now: Timestamp) {
        while self.order.len() >= SESSIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
        let key = digest("session", secret);
        self.open.insert(key, Session { name: name.to_owned(), until: now + SESSION_LENGTH });
        self.order.push_back(key);
    }

    /// The person of a cookie, while the session lasts.
    pub fn person(&mut self, secret: &str, now: Timestamp) -> Option<Person> {
        let key = digest("session", secret);
        if self.open.get(&key).is_some_and(|session| session.until <= now) {
            self.close(secret);
        }
        let session = self.open.get(&key)?;
        Some(Person { name: session.name.clone(), form_token: hex(&digest("form", secret)) })
    }

    /// Ends a session.
    pub fn close(&mut self, secret: &str) {
        let key = digest("session", secret);
        self.open.remove(&key);
        self.order.retain(|other| *other != key);
    }
}

/// Slows down guessing, per caller.
#[derive(Default)]
pub struct Brake {
    failures: HashMap<String, VecDeque<Timestamp>>,
}

impl Brake {
    /// When the caller may try again; none = now.
    pub fn closed_until(&mut self, caller: &str, now: Timestamp) -> Option<Timestamp> {
        let failed = self.failures.get_mut(caller)?;
        while failed.front().is_some_and(|at| *at + WINDOW <= now) {
            failed.pop_front();
        }
        if failed.len() < FAILURES { None } else { failed.front().map(|at| *at + WINDOW) }
    }

    /// Remembers a wrong token.
    pub fn failed(&mut self, caller: &str, now: Timestamp) {
        if self.failures.len() >= CALLERS {
            self.failures.retain(|_, at| at.back().is_some_and(|last| *last + WINDOW > now));
        }
        if self.failures.len() < CALLERS || self.failures.contains_key(caller) {
            self.failures.entry(caller.to_owned()).or_default().push_back(now);
        }
    }
}
