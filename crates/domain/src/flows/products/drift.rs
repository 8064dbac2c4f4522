//! What of a variant at ShipBob is to be changed. What F&O does not say is never cleared; locked
//! sides, bundles and small differences are no drift; what a person changed stays where the
//! settings say so.

use crate::product::{Customs, SeenVariant, Values, Written};
use crate::product_settings::{PersonChange, Products};
use rust_decimal::Decimal;

/// The changes, and in words what was left alone.
pub(super) struct Drift {
    pub(super) changes: Values,
    pub(super) left: Vec<String>,
}

pub(super) fn drift(
    want: &Values,
    seen: &SeenVariant,
    name_seen: &str,
    written: Option<&Written>,
    products: &Products,
) -> Drift {
    let sent = written.map(|w| &w.values);
    let mut it = Judge { products, sku: &seen.sku, left: Vec::new() };
    let mut changes = Values::default();
    let name = want.name.as_deref().filter(|n| *n != name_seen.trim());
    if let Some(name) = name {
        let ours = sent.and_then(|s| s.name.as_deref()).map(|n| n == name_seen.trim());
        if it.ours("name", name, name_seen, name_seen.trim().is_empty(), ours) {
            changes.name = Some(name.to_owned());
        }
    }
    if !seen.bundle {
        changes.ounces = it.ounces(want, seen, sent);
        changes.inches = it.inches(want, seen, sent);
    }
    // Codes somebody else entered are never replaced.
    changes.barcode = want.barcode.clone().filter(|_| seen.barcodes.is_empty());
    changes.customs = it.customs(want, seen, sent);
    Drift { changes, left: it.left }
}

struct Judge<'a> {
    products: &'a Products,
    sku: &'a str,
    left: Vec<String>,
}

impl Judge<'_> {
    /// A value that differs may be written: nothing stands there, or what we wrote, or the settings
    /// say that F&O's wins.
    fn ours(
        &mut self,
        what: &str,
        want: &str,
        seen: &str,
        empty: bool,
        ours: Option<bool>,
    ) -> bool {
        if empty || ours == Some(true) || self.products.person_changes == PersonChange::Overwrite {
            return true;
        }
        self.left.push(format!(
            "{}: {what} is {seen} at ShipBob and {want} in Dynamics; somebody changed it, it stays.",
            self.sku
        ));
        false
    }

    fn ounces(
        &mut self,
        want: &Values,
        seen: &SeenVariant,
        sent: Option<&Values>,
    ) -> Option<Decimal> {
        let tolerance = self.products.tolerance_ounces;
        let near = |a: Decimal, b: Decimal| a.saturating_sub(b).abs() <= tolerance;
        let wanted = want.ounces?;
        let there = seen.ounces.unwrap_or_default();
        let empty = there.is_zero();
        if !empty && near(there, wanted) {
            return None;
        }
        let ours = sent.and_then(|s| s.ounces).map(|o| near(o, there));
        let (a, b) = (format!("{wanted} oz"), format!("{there} oz"));
        self.ours("weight", &a, &b, empty, ours).then_some(wanted)
    }

    fn inches(
        &mut self,
        want: &Values,
        seen: &SeenVariant,
        sent: Option<&Values>,
    ) -> Option<[Decimal; 3]> {
        let wanted = want.inches.filter(|_| !seen.locked)?;
        let there = seen.inches.unwrap_or_default();
        let empty = there.iter().any(Decimal::is_zero);
        let tolerance = self.products.tolerance_inches;
        // Which side is called length is nobody's concern.
        let near = |a: [Decimal; 3], b: [Decimal; 3]| {
            let (mut a, mut b) = (a, b);
            a.sort();
            b.sort();
            a.iter().zip(b).all(|(a, b)| a.saturating_sub(b).abs() <= tolerance)
        };
        if !empty && near(there, wanted) {
            return None;
        }
        let ours = sent.and_then(|s| s.inches).map(|o| near(o, there));
        let words = |s: [Decimal; 3]| s.map(|side| side.to_string()).join(" x ");
        self.ours("size", &words(wanted), &words(there), empty, ours).then_some(wanted)
    }

    fn customs(
        &mut self,
        want: &Values,
        seen: &SeenVariant,
        sent: Option<&Values>,
    ) -> Option<Customs> {
        let wanted = want.customs.as_ref()?;
        let there = &seen.customs;
        let or = |a: &String, b: &String| if a.is_empty() { b.clone() } else { a.clone() };
        let whole = Customs {
            description: or(&wanted.description, &there.description),
            tariff: or(&wanted.tariff, &there.tariff),
            origin: or(&wanted.origin, &there.origin),
        };
        if whole == *there {
            return None;
        }
        let fills = |a: &String, b: &String| a == b || b.is_empty();
        let empty = fills(&whole.description, &there.description)
            && fills(&whole.tariff, &there.tariff)
            && fills(&whole.origin, &there.origin);
        let ours = sent.and_then(|s| s.customs.as_ref()).map(|c| c == there);
        self.ours("customs data", "other", "as it is", empty, ours).then_some(whole)
    }
}
