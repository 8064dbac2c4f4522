//! What F&O says of itself: the service document, `$metadata`, and the cheaper `/metadata/PublicEntities`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::meta::{Edit, EntitySet, Property, Source};
use super::refusal::Refusal;
use super::service::service_document;
use super::sets::{self, SETS};
use super::value::{EnumType, Ty};
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::config::TwinConfig;
use crate::world::exchange::{TwinResponse, decode};
use crate::world::tenant::Tenant;

/// `/data`.
pub(crate) fn service(base: &str) -> Vec<u8> {
    service_document(base).to_string().into_bytes()
}

/// `/data/$metadata` of the sets this twin has. Writing to a String cannot fail, so results are dropped.
pub(crate) fn document() -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.DataEntities\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n",
    );
    for of in enumerations().values() {
        let _ = write!(out, "<EnumType Name=\"{}\">", of.name);
        for (name, value) in of.members {
            let _ = write!(out, "<Member Name=\"{name}\" Value=\"{value}\"/>");
        }
        out.push_str("</EnumType>\n");
    }
    for set in SETS {
        entity(&mut out, set);
    }
    out.push_str("<EntityContainer Name=\"Resources\">\n");
    for set in SETS {
        let _ = writeln!(
            out,
            "<EntitySet Name=\"{}\" EntityType=\"Microsoft.Dynamics.DataEntities.{}\"/>",
            set.name, set.entity
        );
    }
    out.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    out.into_bytes()
}

fn entity(out: &mut String, set: &EntitySet) {
    let _ = write!(out, "<EntityType Name=\"{}\"><Key>", set.entity);
    for key in set.keys {
        let _ = write!(out, "<PropertyRef Name=\"{key}\"/>");
    }
    out.push_str("</Key>");
    for property in set.properties {
        let nullable = property.ty.nullable() && !set.keys.contains(&property.name);
        let _ = write!(
            out,
            "<Property Name=\"{}\" Type=\"{}\"{}/>",
            property.name,
            property.ty.edm(),
            if nullable { "" } else { " Nullable=\"false\"" }
        );
    }
    for navigation in set.navigation {
        let Some(target) = sets::named(navigation.target) else { continue };
        let _ = write!(
            out,
            "<NavigationProperty Name=\"{}\" Type=\"Collection(Microsoft.Dynamics.DataEntities.{})\"/>",
            navigation.name, target.entity
        );
    }
    out.push_str("</EntityType>\n");
}

/// Every enumeration the sets use, by name.
fn enumerations() -> BTreeMap<&'static str, &'static EnumType> {
    let types =
        SETS.iter().flat_map(|set| set.properties).filter_map(|property| match property.ty {
            Ty::Enum(of) => Some((of.name, of)),
            _ => None,
        });
    types.collect()
}

/// `/metadata/PublicEntities`, `/metadata/PublicEntities('X')`, `/metadata/PublicEnumerations('X')`.
pub(crate) fn public(world: &World, path: &str) -> Result<TwinResponse, Refusal> {
    let config = &world.config;
    let path = decode(path.trim_matches('/'));
    let no_route = || Refusal::NoRoute(format!("/metadata/{path}"));
    let name = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.strip_suffix("')"));
    let own = name("PublicEntities('").and_then(|entity| super::services::described(world, entity));
    let body = if let Some(own) = own {
        own
    } else if path == "PublicEntities" || path == "DataEntities" {
        let all: Vec<Value> = SETS.iter().map(|set| describe(set, config)).collect();
        json!({"value": all})
    } else if let Some(entity) = name("PublicEntities('") {
        let set = SETS.iter().find(|set| set.entity == entity).ok_or_else(no_route)?;
        describe(set, config)
    } else if let Some(of) = name("PublicEnumerations('") {
        let found = enumerations().remove(of).ok_or_else(no_route)?;
        let mut members: Vec<Value> = found
            .members
            .iter()
            .map(|(name, value)| json!({"Name": name, "Value": value}))
            .collect();
        if found.name == "DocumentStatus" && world.broken(Break::MemberNew) {
            members.push(json!({"Name": "Teleported", "Value": 999}));
        }
        json!({"Name": found.name, "Members": members})
    } else {
        return Err(no_route());
    };
    Ok(TwinResponse::json(200, &body))
}

fn describe(set: &EntitySet, config: &TwinConfig) -> Value {
    let tenant = &config.tenant;
    let closed = match set.source {
        Source::Tracking => tenant.tracking_read_only,
        Source::Notes => tenant.note_read_only,
        _ => false,
    };
    let told = |property: &Property| {
        let told = describe_property(set, property, tenant);
        super::broken::property(config, set, property.name, told)
    };
    let properties: Vec<Value> = set.properties.iter().filter_map(told).collect();
    let navigation: Vec<Value> = set
        .navigation
        .iter()
        .map(|navigation| json!({"Name": navigation.name, "RelatedEntity": navigation.target}))
        .collect();
    json!({
        "Name": set.entity,
        "EntitySetName": set.name,
        "IsReadOnly": set.read_only || closed,
        "ConfigurationEnabled": true,
        "Properties": properties,
        "NavigationProperties": navigation,
        "Actions": actions(set, tenant),
    })
}

/// The commit of a shipment update, where the environment has it.
fn actions(set: &EntitySet, tenant: &Tenant) -> Vec<Value> {
    if set.source != Source::Updates || tenant.no_complete {
        return Vec::new();
    }
    vec![json!({"Name": "Complete", "BindingKind": "BoundToEntityInstance", "Parameters": []})]
}

fn describe_property(set: &EntitySet, property: &Property, tenant: &Tenant) -> Value {
    let closed = match property.name {
        "SalesDeliverNow" => tenant.deliver_now_read_only,
        "SalesOrderPoolId" => tenant.pool_read_only,
        "ShippingCarrierId" => tenant.carrier_read_only,
        _ => false,
    };
    let key = set.keys.contains(&property.name);
    json!({
        "Name": property.name,
        "TypeName": property.ty.edm(),
        "DataType": match property.ty {
            Ty::Str => "String",
            Ty::Dec => "Real",
            Ty::Int32 => "Int32",
            Ty::Int64 => "Int64",
            Ty::Time => "UtcDateTime",
            Ty::Guid => "Guid",
            Ty::Binary => "Container",
            Ty::Enum(_) => "Enum",
        },
        "IsKey": key,
        "IsMandatory": key,
        "AllowEdit": property.edit == Edit::Yes && !set.read_only && !closed,
        "AllowEditOnCreate": property.edit != Edit::No && !set.read_only && !closed,
    })
}
