//! Slowly changing facts of both systems, read at connect time and refreshed now and then.

use crate::ids::{CentreId, ChannelId, WarehouseId};
use crate::settings::{Profile, ServiceIdSpace, Settings};
use crate::time::Timestamp;
use crate::warehouse::CatalogueItem;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What F&O tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DynamicsReference {
    /// Legal entities, lower case.
    pub companies: BTreeSet<String>,
    /// Warehouses of the company.
    pub warehouses: Vec<WarehouseInfo>,
    /// Delivery mode codes.
    pub modes: BTreeSet<String>,
    /// Pool ids.
    pub pools: BTreeSet<String>,
    /// (carrier, service) pairs that exist.
    pub carrier_services: BTreeSet<(String, String)>,
    /// F&O country id → ISO alpha-2.
    pub countries: BTreeMap<String, String>,
    /// Unit conversions.
    pub conversions: Vec<UnitConversion>,
    /// What the environment lets us write, by its own metadata.
    pub capabilities: Capabilities,
    /// Filters of the settings that F&O refuses, by profile, in its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_filters: Vec<(Profile, String)>,
    /// Charge codes the settings name, as F&O has them; read only where charges are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charge_codes: Vec<crate::charge::ChargeCode>,
}

/// One F&O warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarehouseInfo {
    /// Id.
    pub id: WarehouseId,
    /// Site.
    pub site: String,
    /// Warehouse management processes are on (WHS).
    pub advanced: bool,
    /// Externally managed.
    pub external: bool,
}

/// `to = from × factor`, for one product or for all (`product` empty).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitConversion {
    /// Product number; empty for the general rule. The product's own rule wins.
    pub product: String,
    /// From unit symbol.
    pub from: String,
    /// To unit symbol.
    pub to: String,
    /// Factor × numerator, in one number.
    pub numerator: Decimal,
    /// Denominator.
    pub denominator: Decimal,
    /// Conversions with an offset are never quantities of pieces: they are refused.
    pub has_offset: bool,
}

/// Answers of `/metadata/PublicEntities` to the UNKNOWNs of the reference. `None` = not said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// `PackingSlipTrackingInformation` takes inserts.
    pub tracking_insert: Option<bool>,
    /// `SalesOrderLines.SalesDeliverNow` may be edited.
    pub deliver_now_edit: Option<bool>,
    /// `SalesOrderHeadersV2.SalesOrderPoolId` may be edited.
    pub pool_edit: Option<bool>,
    /// `SalesOrderHeadersV2.ShippingCarrierId` may be edited.
    pub carrier_edit: Option<bool>,
    /// Notes may be inserted and edited.
    pub note_write: Option<bool>,
    /// `OutboundShipmentOrderUpdates` has the action `Complete`; asked only where a warehouse is
    /// externally managed.
    #[serde(default)]
    pub update_complete: Option<bool>,
}

/// What ShipBob tells about the account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShipBobReference {
    /// Channels: id and scopes.
    pub channels: Vec<ChannelInfo>,
    /// Active locations.
    pub centres: Vec<(CentreId, String)>,
    /// Active shipping method names.
    pub methods: BTreeSet<String>,
    /// Ids of the active methods, by name.
    #[serde(default)]
    pub services: BTreeMap<String, ServiceIds>,
}

/// The ids ShipBob lists with one shipping method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceIds {
    /// Of the method itself.
    pub method: Option<i64>,
    /// Of its service level.
    pub level: Option<i64>,
}

impl ShipBobReference {
    /// Centres the settings map that are not among the active ones: ShipBob closed them, or never
    /// had them. What waits for them is the orders and the stock of their warehouses, and nothing
    /// else.
    pub fn closed(&self, settings: &Settings) -> BTreeSet<CentreId> {
        let mapped = settings.warehouses.iter().flat_map(|map| map.mapping.centres());
        mapped.filter(|centre| !self.centres.iter().any(|(id, _)| id == centre)).collect()
    }

    /// Those the settings before did not map: new settings that name one are refused, while a
    /// centre that closed meanwhile stands in nobody's way.
    pub fn closed_anew(&self, new: &Settings, before: &Settings) -> BTreeSet<CentreId> {
        let known: BTreeSet<CentreId> =
            before.warehouses.iter().flat_map(|map| map.mapping.centres()).collect();
        self.closed(new).difference(&known).copied().collect()
    }

    /// Method → the id an update call takes for it. A service level that several methods share
    /// names none of them.
    pub fn services(&self, by: ServiceIdSpace) -> BTreeMap<String, i64> {
        let id = |ids: &ServiceIds| match by {
            ServiceIdSpace::Unknown => None,
            ServiceIdSpace::MethodId => ids.method,
            ServiceIdSpace::ServiceLevelId => ids.level,
        };
        let all: Vec<i64> = self.services.values().filter_map(id).collect();
        let alone = |wanted: i64| all.iter().filter(|n| **n == wanted).count() == 1;
        let named = self.services.iter().filter_map(|(name, ids)| Some((name.clone(), id(ids)?)));
        named.filter(|(_, id)| alone(*id)).collect()
    }
}

/// One ShipBob channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// Id.
    pub id: ChannelId,
    /// Name.
    pub name: String,
    /// Scopes, split on white space.
    pub scopes: BTreeSet<String>,
}

impl ChannelInfo {
    /// True when the channel carries any write scope.
    pub fn writes(&self) -> bool {
        self.scopes.iter().any(|s| s.ends_with("_write"))
    }
}

/// What ShipBob's catalogue says of one SKU we asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuFact {
    /// The entry whose SKU is equal letter by letter.
    pub exact: Option<CatalogueItem>,
    /// SKUs that differ only in letter case.
    pub case_variants: Vec<String>,
    /// The products flow brings it: an order may wait for it.
    #[serde(default)]
    pub coming: bool,
    /// Of a kit sent as components: the one that is missing or inactive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// When we began to read.
    pub read_began: Timestamp,
}
