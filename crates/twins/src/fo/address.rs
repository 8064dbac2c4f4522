//! The address of an OData request: set, key, and what hangs behind it.

use super::filter::{Literal, quoted};
use super::meta::EntitySet;
use super::refusal::Refusal;
use super::sets;
use super::value::Ty;
use crate::world::exchange::decode;

/// What a request under `/data` is about.
pub(crate) enum Target {
    /// `/data`.
    Service,
    /// `/data/$metadata`.
    Metadata,
    /// `/data/$batch`.
    Batch,
    /// `/data/Set`.
    Set(&'static EntitySet),
    /// `/data/Set/$count`.
    Count(&'static EntitySet),
    /// `/data/Set(key)`.
    Row(&'static EntitySet, Vec<(usize, Literal)>),
    /// `/data/Set(key)/Microsoft.Dynamics.DataEntities.Complete`.
    Complete(&'static EntitySet, Vec<(usize, Literal)>),
}

/// The path as it came, still percent-encoded, without `/data`.
pub(crate) fn parse(path: &str) -> Result<Target, Refusal> {
    let unknown = || Refusal::NoRoute(format!("/data{path}"));
    // The front end decodes these before routing; an encoded slash it leaves to the key.
    let path = path.replace("%24", "$").replace("%28", "(").replace("%29", ")");
    let path = path.trim_matches('/');
    match path {
        "" => return Ok(Target::Service),
        "$metadata" => return Ok(Target::Metadata),
        "$batch" => return Ok(Target::Batch),
        _ => {}
    }
    if let Some(name) = path.strip_suffix("/$count") {
        return sets::named(name).map(Target::Count).ok_or_else(unknown);
    }
    let Some((name, rest)) = path.split_once('(') else {
        return sets::named(path).map(Target::Set).ok_or_else(unknown);
    };
    let set = sets::named(name).ok_or_else(unknown)?;
    const COMPLETE: &str = ")/Microsoft.Dynamics.DataEntities.Complete";
    if let Some(inner) = rest.strip_suffix(COMPLETE) {
        return key(set, &percent(inner)).map(|key| Target::Complete(set, key));
    }
    let inner = rest.strip_suffix(')').ok_or_else(unknown)?;
    // Decoded after the route was found: an encoded slash belongs to the key.
    key(set, &percent(inner)).map(|key| Target::Row(set, key))
}

/// In a path `+` is a plus sign.
fn percent(text: &str) -> String {
    decode(&text.replace('+', "%2B"))
}

fn key(set: &EntitySet, text: &str) -> Result<Vec<(usize, Literal)>, Refusal> {
    let bad = |why: &str| Refusal::Query(format!("Bad Request - Error in query syntax: {why}."));
    let mut found: Vec<(usize, Literal)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) =
            rest.split_once('=').ok_or_else(|| bad("all key parts must be named"))?;
        let name = name.trim();
        let place = set.property(name).ok_or(Refusal::UnknownField)?;
        if !set.keys.contains(&name) {
            return Err(bad("a property that is no key stands in the key"));
        }
        let ty = set.properties.get(place).map_or(Ty::Str, |property| property.ty);
        let (literal, after) = match ty {
            Ty::Str => {
                let (text, after) = quoted(after)?;
                (Literal::Text(text), after)
            }
            _ => {
                let (word, after) =
                    after.split_once(',').map_or((after, ""), |(word, after)| (word, after));
                let literal =
                    bare(ty, word.trim()).ok_or_else(|| bad("a key value has the wrong type"))?;
                (literal, if after.is_empty() { "" } else { after })
            }
        };
        found.push((place, literal));
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    if set
        .keys
        .iter()
        .any(|name| !found.iter().any(|(place, _)| set.property(name) == Some(*place)))
    {
        return Err(bad("all key parts must be given"));
    }
    Ok(found)
}

fn bare(ty: Ty, word: &str) -> Option<Literal> {
    match ty {
        Ty::Int32 | Ty::Int64 => word.parse::<i64>().ok().map(|n| Literal::Number(n.into())),
        Ty::Dec => word.parse().ok().map(Literal::Number),
        Ty::Guid => word.parse().ok().map(Literal::Guid),
        Ty::Time => {
            word.parse::<jiff::Timestamp>().ok().map(|at| Literal::Time(at.as_microsecond()))
        }
        _ => None,
    }
}
