//! Tolerant readers of single members: null is empty, numbers and text stand in for each other,
//! and decimals are taken from the digits as written, never through a float.

use rust_decimal::Decimal;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;
use std::fmt;

/// Text; null is empty.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text")
        }
        fn visit_str<E: de::Error>(self, v: &str) -> Result<String, E> {
            Ok(v.to_owned())
        }
        fn visit_string<E: de::Error>(self, v: String) -> Result<String, E> {
            Ok(v)
        }
        fn visit_unit<E: de::Error>(self) -> Result<String, E> {
            Ok(String::new())
        }
        fn visit_i64<E: de::Error>(self, v: i64) -> Result<String, E> {
            Ok(v.to_string())
        }
        fn visit_u64<E: de::Error>(self, v: u64) -> Result<String, E> {
            Ok(v.to_string())
        }
        fn visit_bool<E: de::Error>(self, v: bool) -> Result<String, E> {
            Ok(v.to_string())
        }
    }
    deserializer.deserialize_any(Text)
}

/// Whole number, also as text; null is `None`.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    match unquoted(raw) {
        None => Ok(None),
        Some(digits) => digits
            .parse()
            .map(Some)
            .map_err(|_| D::Error::invalid_value(Unexpected::Other("text"), &"a whole number")),
    }
}

/// Decimal from the digits as written; null is `None`.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    let Some(digits) = unquoted(raw) else { return Ok(None) };
    let parsed = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits)
    } else {
        Decimal::from_str_exact(digits)
    };
    parsed
        .map(|d| Some(d.normalize()))
        .map_err(|_| D::Error::invalid_value(Unexpected::Other("text"), &"a decimal number"))
}

fn unquoted(raw: &str) -> Option<&str> {
    let text = raw.trim().trim_matches('"');
    (text != "null" && !text.is_empty()).then_some(text)
}

/// As [`decimal`], but what cannot be calculated with is none instead of an error: one number must
/// not take its row away.
pub(crate) fn number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    let digits = unquoted(raw).unwrap_or_default();
    let parsed = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits).ok()
    } else {
        Decimal::from_str_exact(digits).ok()
    };
    Ok(parsed.map(|d| d.normalize()))
}

/// `Yes`/`No`, also as a real boolean; anything else is `None`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let word = text(deserializer)?.to_ascii_lowercase();
    Ok(match word.as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    })
}
