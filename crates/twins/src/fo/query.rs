//! Query options of a read: `$select $filter $orderby $top $skip $count $expand` and `cross-company`.

use super::filter::{self, Expr};
use super::meta::EntitySet;
use super::refusal::Refusal;
use super::sets;
use crate::world::exchange::decode;

/// Most characters of query F&O's front end passes on.
const MAX_QUERY: usize = 8_192;

/// A checked query.
#[derive(Default)]
pub(crate) struct Query {
    /// Places of the selected properties; `None` = all.
    pub(crate) select: Option<Vec<usize>>,
    pub(crate) filter: Option<Expr>,
    /// (place, descending).
    pub(crate) order: Vec<(usize, bool)>,
    pub(crate) top: Option<usize>,
    pub(crate) skip: usize,
    pub(crate) count: bool,
    pub(crate) expand: Option<Expand>,
    pub(crate) cross_company: bool,
}

/// One expanded navigation property.
pub(crate) struct Expand {
    pub(crate) name: &'static str,
    pub(crate) target: &'static EntitySet,
    pub(crate) select: Option<Vec<usize>>,
}

/// Parses the query string for `set`. `limited` = the address came over the wire, not inside a batch.
pub(crate) fn parse(set: &EntitySet, raw: &str, limited: bool) -> Result<Query, Refusal> {
    if limited && raw.len() > MAX_QUERY {
        return Err(Refusal::TooLong);
    }
    let mut query = Query::default();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        match name.as_str() {
            "$select" => query.select = select(set, &value)?,
            "$filter" => query.filter = Some(filter::parse(set, &value)?),
            "$orderby" => query.order = order(set, &value)?,
            "$top" => query.top = Some(whole(&name, &value)?),
            "$skip" => query.skip = whole(&name, &value)?,
            "$count" => query.count = truth(&name, &value)?,
            "$expand" => query.expand = Some(expand(set, &value)?),
            "cross-company" => query.cross_company = truth(&name, &value)?,
            "$format" => {}
            other if other.starts_with('$') => {
                return Err(Refusal::Query(format!(
                    "The query parameter '{other}' is not supported."
                )));
            }
            _ => {}
        }
    }
    Ok(query)
}

fn whole(name: &str, value: &str) -> Result<usize, Refusal> {
    value
        .parse()
        .map_err(|_| Refusal::Query(format!("Invalid value '{value}' for {name} query option.")))
}

fn truth(name: &str, value: &str) -> Result<bool, Refusal> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::Query(format!("Invalid value '{value}' for {name} query option."))),
    }
}

fn select(set: &EntitySet, value: &str) -> Result<Option<Vec<usize>>, Refusal> {
    if value.trim() == "*" {
        return Ok(None);
    }
    let place = |name: &str| set.property(name.trim()).ok_or(Refusal::UnknownField);
    value.split(',').map(place).collect::<Result<Vec<_>, _>>().map(Some)
}

fn order(set: &EntitySet, value: &str) -> Result<Vec<(usize, bool)>, Refusal> {
    let mut order = Vec::new();
    for part in value.split(',') {
        let mut words = part.split_whitespace();
        let name = words.next().unwrap_or_default();
        let place = set.property(name).ok_or(Refusal::UnknownField)?;
        if set.properties.get(place).is_some_and(|property| property.virtual_field) {
            return Err(Refusal::Query(format!(
                "The field '{name}' is virtual and cannot be sorted by."
            )));
        }
        let descending = match words.next() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(Refusal::Query(format!("Syntax error at '{other}' in $orderby.")));
            }
        };
        order.push((place, descending));
    }
    Ok(order)
}

/// One level only; inside it only `$select`.
fn expand(set: &EntitySet, value: &str) -> Result<Expand, Refusal> {
    let (name, options) = match value.split_once('(') {
        Some((name, options)) => {
            let options = options.strip_suffix(')').ok_or_else(|| {
                Refusal::Query("Syntax error in $expand: a parenthesis is missing.".to_owned())
            })?;
            (name.trim(), options)
        }
        None => (value.trim(), ""),
    };
    let found =
        set.navigation.iter().find(|navigation| navigation.name == name).and_then(|navigation| {
            let target = sets::named(navigation.target)?;
            Some((navigation.name, target))
        });
    let Some((name, target)) = found else {
        return Err(Refusal::Query(format!(
            "Could not find a navigation property named '{name}' on type '{}'.",
            set.entity
        )));
    };
    let mut expand = Expand { name, target, select: None };
    for option in options.split(';').filter(|option| !option.trim().is_empty()) {
        match option.trim().split_once('=') {
            Some(("$select", list)) => expand.select = select(target, list)?,
            _ => {
                return Err(Refusal::Query(format!(
                    "The option '{option}' is not supported inside $expand: only one level and $select."
                )));
            }
        }
    }
    Ok(expand)
}
