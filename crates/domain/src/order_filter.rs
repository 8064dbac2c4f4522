//! The extra OData filter of each profile: what a customer says of the orders ShipBob is to ship at all, in the words of
//! F&O. F&O itself judges it; we only see to it that it stays inside the query it is put into.

use crate::settings::Profile;
use serde::{Deserialize, Serialize};

/// The longest filter: with the numbers of the orders beside it the address stays within its limit.
const LONGEST: usize = 700;

/// What F&O refuses in a filter.
const REFUSED: [&str; 6] =
    ["startswith(", "endswith(", "contains(", "substringof(", " in (", " has "];

/// One filter per profile; empty = every released order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderFilters {
    /// Of `SalesOrderHeadersV2`, for warehouses without warehouse management.
    pub plain: String,
    /// Of `OutboundShipmentOrderRequests`, for externally managed warehouses.
    pub external: String,
    /// Of `SalesOrderHeadersV2`, for warehouses with warehouse management inside F&O.
    pub whs: String,
}

impl OrderFilters {
    /// The filter of a profile, where there is one.
    pub fn of(&self, profile: Profile) -> Option<&str> {
        let text = match profile {
            Profile::Plain => &self.plain,
            Profile::External => &self.external,
            Profile::Whs => &self.whs,
        };
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    /// Every filter there is.
    pub fn all(&self) -> impl Iterator<Item = (Profile, &str)> {
        let profiles = [Profile::Plain, Profile::External, Profile::Whs];
        profiles.into_iter().filter_map(|profile| Some((profile, self.of(profile)?)))
    }

    /// What is wrong with them, in words.
    pub fn problems(&self) -> Vec<String> {
        let named = |(profile, text)| {
            let why = problem(text)?;
            Some(format!("filters.{} {why}", name(profile)))
        };
        self.all().filter_map(named).collect()
    }
}

/// The key of a profile's filter.
pub fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Plain => "plain",
        Profile::External => "external",
        Profile::Whs => "whs",
    }
}

/// Why a text cannot be a filter of its own beside others.
fn problem(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST {
        return Some(format!("has more than {LONGEST} characters: shorten it"));
    }
    if text.chars().any(char::is_control) {
        return Some(
            "has a line break or another control character: write it in one line".to_owned(),
        );
    }
    let mut bare = String::new();
    let (mut quoted, mut depth) = (false, 0_i32);
    for c in text.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        if !quoted {
            bare.push(c);
        }
    }
    if quoted {
        return Some(
            "ends inside a text: close the quote (a quote inside a text is doubled)".to_owned(),
        );
    }
    if depth != 0 {
        return Some("has parentheses that do not match".to_owned());
    }
    if let Some(odd) = bare.chars().find(|c| "$&#?;\"\\%".contains(*c)) {
        return Some(format!("has a {odd} outside of a text: give the expression alone"));
    }
    let low = bare.to_lowercase();
    REFUSED.iter().find(|word| low.contains(**word)).map(|word| {
        format!(
            "uses \"{}\", which F&O refuses: compare with eq and a * in the text, or with or",
            word.trim()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_filters_are_taken() {
        for text in [
            "SalesOrderOriginCode eq 'WEB'",
            "(A eq 'x' or A eq 'y(') and B ne Microsoft.Dynamics.DataEntities.NoYes'Yes'",
            "Name eq 'O''Brien & Sons; 100%'",
        ] {
            assert_eq!(problem(text), None, "{text}");
        }
    }

    #[test]
    fn what_could_leave_its_place_is_refused() {
        for text in [
            "A eq 'x') or (B eq 'y'",
            "A eq 'x",
            "A eq 'x'&$top=1",
            "startswith(A,'x')",
            "A in ('x','y')",
            "A eq 'x'\nB",
            &"A".repeat(701),
        ] {
            assert!(problem(text).is_some(), "{text}");
        }
    }

    proptest! {
        /// Whatever is taken closes every parenthesis and text it opens: what stands around it keeps its meaning.
        #[test]
        fn what_is_taken_stays_in_its_parentheses(text in "[a-z ()'&$]{0,40}") {
            if problem(&text).is_none() {
                let (mut depth, mut quoted) = (0, false);
                for c in text.chars() {
                    match c {
                        '\'' => quoted = !quoted,
                        '(' if !quoted => depth += 1,
                        ')' if !quoted => depth -= 1,
                        _ => {}
                    }
                    prop_assert!(depth >= 0);
                }
                prop_assert!(!quoted && depth == 0);
            }
        }
    }
}
