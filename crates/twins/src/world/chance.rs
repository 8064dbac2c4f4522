//! Keyed chance: every decision of the twins is a hash of (seed, what is decided, business key).
//!
//! There is no shared random stream, so no decision depends on how many others were taken before it,
//! nor on the order or the moment of anybody's requests.

use sha2::{Digest, Sha256};

/// The only source of variety of a twin world. Same seed, label and key: same answer, always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn digest(self, what: &str, key: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(what.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        hash.finalize().into()
    }

    /// 64 bits for this decision.
    pub(crate) fn pick(self, what: &str, key: &str) -> u64 {
        let digest = self.digest(what, key);
        digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    /// A number in `0..n` (0 when `n` is 0).
    pub(crate) fn below(self, what: &str, key: &str, n: u64) -> u64 {
        self.pick(what, key).checked_rem(n).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub(crate) fn between(self, what: &str, key: &str, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs().saturating_add(1);
        low.saturating_add(i64::try_from(self.below(what, key, span)).unwrap_or(0))
    }

    /// True for about `n` keys in a thousand.
    pub(crate) fn per_mille(self, what: &str, key: &str, n: u64) -> bool {
        self.below(what, key, 1_000) < n
    }

    /// One of `choices`, each equally likely. `None` only when there are none.
    pub(crate) fn choose<'a, T>(self, what: &str, key: &str, choices: &'a [T]) -> Option<&'a T> {
        let n = u64::try_from(choices.len()).unwrap_or(0);
        choices.get(usize::try_from(self.below(what, key, n)).unwrap_or(0))
    }

    /// One of `choices`, each with its weight. `None` only when all weights are 0.
    pub(crate) fn weighted<'a, T>(
        self,
        what: &str,
        key: &str,
        choices: &'a [(u32, T)],
    ) -> Option<&'a T> {
        let total = choices.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut left = self.below(what, key, total);
        for (weight, choice) in choices {
            if left < u64::from(*weight) {
                return Some(choice);
            }
            left -= u64::from(*weight);
        }
        None
    }

    /// `len` lower-case hexadecimal digits (64 at most).
    pub(crate) fn hex(self, what: &str, key: &str, len: usize) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.digest(what, key) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.truncate(len);
        text
    }

    /// `len` decimal digits (32 at most).
    pub(crate) fn digits(self, what: &str, key: &str, len: usize) -> String {
        self.digest(what, key).iter().take(len).map(|byte| char::from(b'0' + byte % 10)).collect()
    }

    /// `N` bytes, 32 at most are different from zero.
    pub(crate) fn bytes<const N: usize>(self, what: &str, key: &str) -> [u8; N] {
        let mut out = [0; N];
        for (to, from) in out.iter_mut().zip(self.digest(what, key)) {
            *to = from;
        }
        out
    }
}
