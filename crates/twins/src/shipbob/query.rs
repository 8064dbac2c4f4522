//! Query parameters as strictly as bodies: an unknown name or a wrong value is a 400.
//!
//! The real API ignores unknown parameters silently; the twin refuses them, so that a misspelt filter is seen.

use std::collections::BTreeMap;

use super::errors;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};

/// Most ids in one comma list. The real limit is unknown; our side chunks at 100.
const MOST_IN_LIST: usize = 100;

/// Query parameters by lower-case name, still encoded.
pub(super) struct Query {
    values: BTreeMap<String, String>,
}

type Parsed<T> = Result<Option<T>, TwinResponse>;

fn bad(name: &str, value: &str) -> TwinResponse {
    errors::map(400, name, &format!("The value '{value}' is not valid."))
}

impl Query {
    /// `simulated`: parameters this twin understands. `known`: parameters the API has besides.
    pub(super) fn parse(
        request: &TwinRequest,
        simulated: &[&str],
        known: &[&str],
    ) -> Result<Self, TwinResponse> {
        let mut values = BTreeMap::new();
        for (name, value) in request.raw_pairs() {
            let is = |candidate: &str| candidate.eq_ignore_ascii_case(name);
            if known.iter().any(|candidate| is(candidate)) {
                return Err(errors::not_simulated(&format!("the parameter {name}")));
            }
            if !simulated.iter().any(|candidate| is(candidate)) {
                let message = "Unknown parameter. The real API would ignore it silently.";
                return Err(errors::map(400, name, message));
            }
            if values.insert(name.to_ascii_lowercase(), value.to_owned()).is_some() {
                return Err(errors::map(400, name, "The parameter is given twice."));
            }
        }
        Ok(Self { values })
    }

    /// The raw text; an empty value counts as absent.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let value = self.values.get(&name.to_ascii_lowercase())?;
        (!value.is_empty()).then_some(value.as_str())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(decode)
    }

    pub(super) fn whole(&self, name: &str, min: i64, max: i64) -> Parsed<i64> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        match decode(raw).parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => Err(bad(name, raw)),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Parsed<bool> {
        match self.raw(name) {
            None => Ok(None),
            Some(raw) if raw.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(raw) if raw.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(raw) => Err(bad(name, raw)),
        }
    }

    /// A moment in micros.
    pub(super) fn moment(&self, name: &str) -> Parsed<i64> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        // A bare `+` means a space in a query; an offset must be sent as %2B or as Z.
        match calendar::parse(&decode(raw)) {
            Some(at) => Ok(Some(at)),
            None => Err(bad(name, raw)),
        }
    }

    /// A comma list. Only literal commas separate: an encoded comma is part of a value.
    pub(super) fn list(&self, name: &str) -> Parsed<Vec<String>> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let items: Vec<String> =
            raw.split(',').filter(|item| !item.is_empty()).map(decode).collect();
        if items.len() > MOST_IN_LIST {
            let message = format!("At most {MOST_IN_LIST} values are accepted.");
            return Err(errors::map(400, name, &message));
        }
        Ok(Some(items))
    }

    /// A comma list of whole numbers.
    pub(super) fn numbers(&self, name: &str) -> Parsed<Vec<i64>> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let numbers: Result<Vec<i64>, TwinResponse> =
            items.iter().map(|item| item.parse::<i64>().map_err(|_| bad(name, item))).collect();
        numbers.map(Some)
    }
}
