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

/// What somebody may see: one organisation, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every organisation of the installation.
    All,
    /// This one only.
    Organisation(String),
}

impl Reach {
    /// Whether rows of an organisation are within it.
    pub fn covers(&self, organisation: &str) -> bool {
        match self {
            Self::All => true,
            Self::Organisation(own) => own == organisation,
        }
    }
}

/// The access tokens of the installation, as digests.
#[derive(Clone)]
pub struct AccessToken(Vec<(Hash, Reach)>);

impl AccessToken {
    /// Keeps the digest of a token that opens everything; the token itself is the caller's to
    /// print and forget.
    pub fn new(token: &str) -> Self {
        Self(vec![(digest("access", token), Reach::All)])
    }

    /// Tokens that each open one organisation: (organisation, token).
    pub fn of_organisations<'a>(tokens: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let one = |(organisation, token): (&str, &str)| {
            (digest("access", token), Reach::Organisation(organisation.to_owned()))
        };
        Self(tokens.into_iter().map(one).collect())
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// What a token opens; none = nothing. All are compared, so that the time tells nothing.
    pub fn opens(&self, candidate: &str) -> Option<Reach> {
        let given = digest("access", candidate);
        let mut found = None;
        for (known, reach) in &self.0 {
            if same(known, &given) && found.is_none() {
                found = Some(reach.clone());
            }
        }
        found
    }

    /// Is this one of the tokens?
    pub fn is(&self, candidate: &str) -> bool {
        self.opens(candidate).is_some()
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
    /// Proves that a form was drawn for this session and connection. Empty for bearer tokens, which
    /// need none.
    pub form_token: String,
    /// What they may see.
    pub reach: Reach,
}

struct Session {
    name: String,
    reach: Reach,
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
    pub fn open(&mut self, secret: &str, name: &str, reach: Reach, now: Timestamp) {
        while self.order.len() >= SESSIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
        let key = digest("session", secret);
        let session = Session { name: name.to_owned(), reach, until: now + SESSION_LENGTH };
        self.open.insert(key, session);
        self.order.push_back(key);
    }

    /// The person of a cookie, while the session lasts, with the proof for forms of one connection.
    pub fn person(&mut self, secret: &str, connection: &str, now: Timestamp) -> Option<Person> {
        let key = digest("session", secret);
        if self.open.get(&key).is_some_and(|session| session.until <= now) {
            self.close(secret);
        }
        let session = self.open.get(&key)?;
        let proof = digest("form", &format!("{secret}\n{connection}"));
        let (name, reach) = (session.name.clone(), session.reach.clone());
        Some(Person { name, form_token: hex(&proof), reach })
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
