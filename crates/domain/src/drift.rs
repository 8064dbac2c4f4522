//! API drift: what the live systems say of themselves, held against the contract this build was
//! proved with. Pure; a difference is a warning with the flow it will hurt, never a stop.

use crate::doctor::Entity;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Kind of the observation under which the last comparison is kept.
pub const KEPT: &str = "report.drift";

/// One entity set as the contract has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetContract {
    /// Property → type: `string decimal int32 int64 datetime guid`, or an enum by name.
    pub properties: BTreeMap<String, String>,
    /// It is written.
    pub written: bool,
}

/// What the contract says of F&O.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DynamicsContract {
    /// Sets by name.
    pub sets: BTreeMap<String, SetContract>,
    /// Enum → every member known when the contract was written.
    pub enums: BTreeMap<String, BTreeSet<String>>,
}

/// What F&O shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DynamicsLive {
    /// By set; none = the environment does not say.
    pub entities: BTreeMap<String, Option<Entity>>,
    /// Members by enum; none = the environment does not say.
    pub enums: BTreeMap<String, Option<BTreeSet<String>>>,
}

/// What the contract says of ShipBob's answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShipBobContract {
    /// Object → fields we read → type (`[X]` is a list; a capital letter an object or enum).
    pub objects: BTreeMap<String, BTreeMap<String, String>>,
    /// Enum → members.
    pub enums: BTreeMap<String, BTreeSet<String>>,
}

/// What some answers of ShipBob showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShipBobLive {
    /// Object → how many were seen.
    pub counted: BTreeMap<String, u32>,
    /// Object → fields seen in at least one of them, even when null.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// Enum → literals seen.
    pub literals: BTreeMap<String, BTreeSet<String>>,
    /// Lists that could not be read, with the reason.
    pub unread: BTreeMap<String, String>,
}

/// Which kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A field we use is not there any more.
    FieldGone,
    /// It has another type.
    TypeChanged,
    /// An enum has a member this build does not know.
    MemberNew,
    /// A member we know is gone.
    MemberGone,
    /// A set we write is read-only.
    ReadOnly,
    /// It could not be looked at.
    NotSeen,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Drift {
    /// `Dynamics` or `ShipBob`.
    pub system: String,
    /// Such as `SalesOrderLines.SalesDeliverNow`.
    pub place: String,
    /// Which kind.
    pub kind: Kind,
    /// What was seen.
    pub seen: String,
    /// Flow it will hurt.
    pub flow: String,
}

impl Drift {
    /// It says that something changed, not only that it could not be seen.
    pub fn changed(&self) -> bool {
        self.kind != Kind::NotSeen
    }

    /// For the trail.
    pub fn sentence(&self) -> String {
        format!("{} {}: {}; flow {}", self.system, self.place, self.seen, self.flow)
    }
}

/// The answer of one comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftReport {
    /// When.
    pub at: Timestamp,
    /// Fields and members that were compared and agree.
    pub agreed: u32,
    /// Differences.
    pub found: Vec<Drift>,
    /// What no comparison can see.
    pub blind: Vec<String>,
    /// Both systems answered; else it is tried again soon.
    pub complete: bool,
}

impl DriftReport {
    /// Nothing changed.
    pub fn quiet(&self) -> bool {
        !self.found.iter().any(Drift::changed)
    }
}

/// What cannot be compared at all.
const BLIND: [&str; 3] = [
    "ShipBob publishes its OpenAPI document on its developer portal only: request fields, limits and new calls cannot be compared",
    "ShipBob fields are compared in the answers of today: an object that no answer holds is not looked at",
    "F&O metadata does not tell what a user's role allows, nor how a posting behaves",
];

/// Compares both systems; a system that was not read is left out and told as not seen.
pub fn compare(
    dynamics: (&DynamicsContract, &DynamicsLive),
    shipbob: (&ShipBobContract, &ShipBobLive),
    at: Timestamp,
) -> DriftReport {
    let mut out = DriftReport {
        at,
        agreed: 0,
        found: Vec::new(),
        blind: BLIND.iter().map(|text| (*text).to_owned()).collect(),
        complete: shipbob.1.unread.is_empty(),
    };
    of_dynamics(&mut out, dynamics.0, dynamics.1);
    of_shipbob(&mut out, shipbob.0, shipbob.1);
    out.found.sort();
    out
}

fn of_dynamics(out: &mut DriftReport, contract: &DynamicsContract, live: &DynamicsLive) {
    let mut tell = |place: String, kind, seen: String, flow: &str| {
        let (system, flow) = ("Dynamics".to_owned(), flow.to_owned());
        out.found.push(Drift { system, place, kind, seen, flow });
    };
    for (set, wanted) in &contract.sets {
        let flow = flow_of_set(set);
        let Some(Some(entity)) = live.entities.get(set) else {
            let seen = "metadata of this entity is not shown under a name we know".to_owned();
            tell(set.clone(), Kind::NotSeen, seen, flow);
            continue;
        };
        if wanted.written && entity.read_only == Some(true) {
            let seen = "we write it, and it is read-only here".to_owned();
            tell(set.clone(), Kind::ReadOnly, seen, flow);
        }
        for (name, kind) in &wanted.properties {
            let place = format!("{set}.{name}");
            match entity.properties.get(name) {
                None => tell(place, Kind::FieldGone, "the field is gone".to_owned(), flow),
                Some(property) if !fits(kind, &property.kind) => {
                    let seen = format!("the type is {}, not {kind}", property.kind);
                    tell(place, Kind::TypeChanged, seen, flow);
                }
                Some(_) => out.agreed += 1,
            }
        }
    }
    for (name, known) in &contract.enums {
        let flow = flow_of_enum(name);
        let Some(Some(members)) = live.enums.get(name) else {
            let seen = "members of this enum are not shown".to_owned();
            tell(name.clone(), Kind::NotSeen, seen, flow);
            continue;
        };
        for member in members.difference(known) {
            let seen = "a member this build does not know".to_owned();
            tell(format!("{name}.{member}"), Kind::MemberNew, seen, flow);
        }
        for member in known.difference(members) {
            let seen = "the member is gone".to_owned();
            tell(format!("{name}.{member}"), Kind::MemberGone, seen, flow);
        }
        out.agreed += u32::try_from(members.intersection(known).count()).unwrap_or(u32::MAX);
    }
}

/// Do the words of the metadata mean this type? Words nobody knows say nothing.
fn fits(wanted: &str, told: &str) -> bool {
    const WORDS: [(&str, &[&str]); 6] = [
        ("string", &["string"]),
        ("decimal", &["decimal", "real"]),
        ("int32", &["int32"]),
        ("int64", &["int64"]),
        ("datetime", &["datetimeoffset", "utcdatetime", "date"]),
        ("guid", &["guid"]),
    ];
    let told = told.to_ascii_lowercase();
    let words: Vec<&str> =
        told.split([' ', '|']).map(|w| w.rsplit('.').next().unwrap_or(w)).collect();
    if let Some((_, accepted)) = WORDS.iter().find(|(name, _)| *name == wanted) {
        let known = words
            .iter()
            .any(|w| *w == "enum" || WORDS.iter().any(|(_, accepted)| accepted.contains(w)));
        return !known || words.iter().any(|w| accepted.contains(w));
    }
    let plain = words.iter().any(|w| WORDS.iter().any(|(_, accepted)| accepted.contains(w)));
    words.contains(&"enum") || words.contains(&wanted.to_ascii_lowercase().as_str()) || !plain
}

fn of_shipbob(out: &mut DriftReport, contract: &ShipBobContract, live: &ShipBobLive) {
    let mut tell = |place: String, kind, seen: String, flow: &str| {
        let (system, flow) = ("ShipBob".to_owned(), flow.to_owned());
        out.found.push(Drift { system, place, kind, seen, flow });
    };
    for (list, why) in &live.unread {
        tell(
            list.clone(),
            Kind::NotSeen,
            format!("could not be read: {why}"),
            "orders, fulfilment",
        );
    }
    for (object, count) in live.counted.iter().filter(|(_, count)| **count > 0) {
        let (Some(wanted), Some(seen)) = (contract.objects.get(object), live.fields.get(object))
        else {
            continue;
        };
        for field in wanted.keys() {
            if seen.contains(field) {
                out.agreed += 1;
            } else {
                let words = format!("the field is in none of {count} object(s) seen");
                tell(format!("{object}.{field}"), Kind::FieldGone, words, flow_of_object(object));
            }
        }
    }
    for (name, literals) in &live.literals {
        let Some(known) = contract.enums.get(name) else { continue };
        for literal in literals.difference(known) {
            let words = "a literal this build does not know".to_owned();
            tell(format!("{name}.{literal}"), Kind::MemberNew, words, "fulfilment");
        }
        out.agreed += u32::try_from(literals.intersection(known).count()).unwrap_or(u32::MAX);
    }
}

fn flow_of_set(set: &str) -> &'static str {
    match set {
        "CustPackingSlipJourBiEntities"
        | "CustPackingSlipTransBiEntities"
        | "PackingSlipTrackingInformation"
        | "SalesOrderHeaderDocumentAttachmentsV2"
        | "ShippingCarrierServices"
        | "SalesOrderPools" => "fulfilment",
        "CDSReleasedDistinctProducts"
        | "PhysicalProductDimensionDetails"
        | "ProductNumberIdentifiedBarcodes"
        | "ReleasedProductsV2" => "products",
        "MarkupTransBiEntities" | "SalesCharge" => "billing",
        "WarehousesOnHandV2"
        | "WarehouseInventoryStatusesOnHandV2"
        | "InventoryCountingJournalHeaders"
        | "InventoryCountingJournalLines"
        | "ExternalInventoryAdjustments" => "inventory",
        "SalesOrderHeadersV2" | "SalesOrderLines" | "SalesLineBiEntities" => "orders, fulfilment",
        _ => "orders",
    }
}

fn flow_of_enum(name: &str) -> &'static str {
    match name {
        "DocuRestriction" => "fulfilment",
        "MarkupType" => "billing",
        "NoYes" => "orders, fulfilment",
        _ => "orders",
    }
}

fn flow_of_object(object: &str) -> &'static str {
    match object {
        "Shipment" | "ShipmentProduct" | "ShipmentLocation" | "StatusDetail" | "Tracking" => {
            "fulfilment"
        }
        _ => "orders",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Property;

    fn contract() -> DynamicsContract {
        let properties = BTreeMap::from([
            ("SalesDeliverNow".to_owned(), "decimal".to_owned()),
            ("IsLineStopped".to_owned(), "NoYes".to_owned()),
        ]);
        DynamicsContract {
            sets: BTreeMap::from([(
                "SalesOrderLines".to_owned(),
                SetContract { properties, written: true },
            )]),
            enums: BTreeMap::from([(
                "NoYes".to_owned(),
                BTreeSet::from(["No".to_owned(), "Yes".to_owned()]),
            )]),
        }
    }

    fn live(properties: &[(&str, &str)], members: &[&str]) -> DynamicsLive {
        let property = |(name, kind): &(&str, &str)| {
            ((*name).to_owned(), Property { kind: (*kind).to_owned(), edit: None })
        };
        let entity =
            Entity { properties: properties.iter().map(property).collect(), ..Entity::default() };
        let members = members.iter().map(|m| (*m).to_owned()).collect();
        DynamicsLive {
            entities: BTreeMap::from([("SalesOrderLines".to_owned(), Some(entity))]),
            enums: BTreeMap::from([("NoYes".to_owned(), Some(members))]),
        }
    }

    fn places(live: &DynamicsLive) -> Vec<(String, Kind)> {
        let nothing = (&ShipBobContract::default(), &ShipBobLive::default());
        let report = compare((&contract(), live), nothing, Timestamp(0));
        report.found.into_iter().map(|d| (d.place, d.kind)).collect()
    }

    const GOOD: &[(&str, &str)] = &[
        ("SalesDeliverNow", "Edm.Decimal|Real"),
        ("IsLineStopped", "Microsoft.Dynamics.DataEntities.NoYes|Enum"),
    ];

    #[test]
    fn what_agrees_is_quiet_whatever_else_there_is() {
        let mut more = GOOD.to_vec();
        more.push(("Invented", "Edm.String|String"));
        assert_eq!(places(&live(&more, &["No", "Yes"])), []);
    }

    #[test]
    fn a_field_gone_a_type_changed_and_a_member_new_are_told_apart() {
        let changed = live(&[("SalesDeliverNow", "Edm.String|String")], &["No", "Yes", "Perhaps"]);
        assert_eq!(
            places(&changed),
            [
                ("NoYes.Perhaps".to_owned(), Kind::MemberNew),
                ("SalesOrderLines.IsLineStopped".to_owned(), Kind::FieldGone),
                ("SalesOrderLines.SalesDeliverNow".to_owned(), Kind::TypeChanged),
            ]
        );
    }

    #[test]
    fn what_is_not_shown_is_not_called_changed() {
        let nothing = (&ShipBobContract::default(), &ShipBobLive::default());
        let report = compare((&contract(), &DynamicsLive::default()), nothing, Timestamp(0));
        assert!(report.quiet(), "{:?}", report.found);
        assert_eq!(report.found.len(), 2);
    }

    #[test]
    fn a_shipbob_field_is_missed_only_where_the_object_was_seen() {
        let fields = BTreeMap::from([("status".to_owned(), "ShipmentStatus".to_owned())]);
        let contract = ShipBobContract {
            objects: BTreeMap::from([
                ("Shipment".to_owned(), fields.clone()),
                ("Order".to_owned(), fields),
            ]),
            enums: BTreeMap::from([(
                "ShipmentStatus".to_owned(),
                BTreeSet::from(["Processing".to_owned()]),
            )]),
        };
        let seen = ShipBobLive {
            counted: BTreeMap::from([("Shipment".to_owned(), 3), ("Order".to_owned(), 0)]),
            fields: BTreeMap::from([("Shipment".to_owned(), BTreeSet::new())]),
            literals: BTreeMap::from([(
                "ShipmentStatus".to_owned(),
                BTreeSet::from(["Processing".to_owned(), "Levitating".to_owned()]),
            )]),
            unread: BTreeMap::new(),
        };
        let none = (&DynamicsContract::default(), &DynamicsLive::default());
        let report = compare(none, (&contract, &seen), Timestamp(0));
        let places: Vec<&str> = report.found.iter().map(|d| d.place.as_str()).collect();
        assert_eq!(places, ["Shipment.status", "ShipmentStatus.Levitating"]);
    }
}
