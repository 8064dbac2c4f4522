//! What is kept of a day, and what proves that it was not changed since.

use super::{Equation, Grade};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The end of the trail at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrailHead {
    /// Entries so far.
    pub seq: i64,
    /// Hash of the last one, hexadecimal.
    pub hash: String,
}

/// A day that was reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Whose.
    pub organisation: String,
    /// Which connection.
    pub connection: String,
    /// F&O legal entity.
    pub company: String,
    /// The day.
    pub day: String,
    /// By the clocks of.
    pub zone: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// When both systems were asked.
    pub asked: Timestamp,
    /// When it was written.
    pub made: Timestamp,
    /// Who asked for it.
    pub who: String,
    /// Settings in force.
    pub settings_version: i64,
    /// The program that made it.
    pub program: String,
    /// End of the trail at that moment.
    pub trail: TrailHead,
    /// Sales orders and requests looked at.
    pub orders: u64,
    /// Calls made for it: to F&O, to ShipBob.
    pub calls: (u64, u64),
    /// What was compared.
    pub equations: Vec<Equation>,
    /// What could not be looked at.
    pub gaps: Vec<String>,
}

/// A certificate with its digest, as it is written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The certificate.
    pub certificate: Certificate,
    /// SHA-256 of its JSON; stands in the trail too.
    pub digest: String,
}

/// Puts the digest beside a certificate.
pub fn seal(certificate: Certificate) -> Sealed {
    Sealed { digest: certificate.digest(), certificate }
}

impl Sealed {
    /// The digest is of this certificate.
    pub fn whole(&self) -> bool {
        self.digest == self.certificate.digest()
    }
}

impl Certificate {
    /// SHA-256 of its JSON, hexadecimal.
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(json).iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Items nothing explains.
    pub fn wrong(&self) -> usize {
        self.equations.iter().map(Equation::wrong).sum()
    }

    /// Everything was looked at, and nothing is unexplained.
    pub fn clean(&self) -> bool {
        let whole = self.gaps.is_empty();
        whole && self.wrong() == 0 && self.equations.iter().all(Equation::itemised)
    }

    /// What came of it, in one sentence.
    pub fn sentence(&self) -> String {
        let compared = self.equations.iter().filter(|e| e.not_compared.is_empty());
        let sides: Vec<String> = compared
            .map(|e| {
                format!("{} {} = {} {}", e.name, e.left.normalize(), e.right.normalize(), e.unit)
            })
            .collect();
        let verdict = match (self.wrong(), self.gaps.len()) {
            (0, 0) => "everything agrees or has a reason".to_owned(),
            (0, gaps) => format!("nothing is unexplained; {gaps} thing(s) could not be looked at"),
            (wrong, _) => format!("{wrong} thing(s) need a look"),
        };
        format!("{}: {verdict} ({}).", self.day, sides.join("; "))
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        line(format!("RECONCILIATION OF {} ({})", self.day, self.zone));
        line(format!(
            "connection   {}/{}, company {}",
            self.organisation, self.connection, self.company
        ));
        line(format!("from, to     {} to {}", self.from, self.to));
        line(format!("asked, made  {}, {} by {}", self.asked, self.made, self.who));
        line(format!("settings     version {}", self.settings_version));
        line(format!("program      {}", self.program));
        line(format!("trail head   {} {}", self.trail.seq, self.trail.hash));
        line(format!(
            "looked at    {} order(s), {} call(s) to Dynamics, {} to ShipBob",
            self.orders, self.calls.0, self.calls.1
        ));
        for e in &self.equations {
            line(String::new());
            if !e.not_compared.is_empty() {
                line(format!("{}: not compared – {}", e.name, e.not_compared));
                continue;
            }
            let (left, right) = (e.left.normalize(), e.right.normalize());
            line(format!("{}: {} {left} = {} {right} ({})", e.name, e.left_is, e.right_is, e.unit));
            line(format!("  difference {}, {} item(s)", e.difference().normalize(), e.items.len()));
            for item in &e.items {
                let about: Vec<&str> = [item.order.as_str(), item.key.as_str()]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                    .collect();
                let sign = if item.amount.is_sign_negative() { "" } else { "+" };
                line(format!(
                    "  {:<9} {sign}{:<6} {:<24} {}: {}",
                    item.grade.word(),
                    item.amount.normalize(),
                    about.join(" "),
                    item.cause,
                    item.words
                ));
                if matches!(item.grade, Grade::Wrong | Grade::Held) && !item.fix.is_empty() {
                    line(format!("            what to do: {}", item.fix));
                }
            }
            if let Some((n, amount)) = e.more {
                line(format!("  and {n} more, together {}", amount.normalize()));
            }
        }
        for gap in &self.gaps {
            line(String::new());
            line(format!("could not be looked at: {gap}"));
        }
        line(String::new());
        line(self.sentence());
        let _ = write!(out, "sha256 {}", self.digest());
        out
    }
}
