//! Settings of one connection: tables and switches, versioned data. What is not in them is a hold,
//! never a default.

use crate::charge::Charges;
use crate::custom_call::{ChargeCall, CustomCall};
use crate::ids::{CentreId, ChannelId, Company, WarehouseId};
use crate::mapping::Mapping;
use crate::operation::Settle;
use crate::order_filter::OrderFilters;
use crate::product_settings::Products;
use crate::request::OrderNumberField;
use crate::time::{Span, Timestamp};
use crate::timetable::Timetables;
use crate::whs::Whs;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a warehouse is released and written back. One choice per warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// No warehouse management: document status releases, the packing-slip batch posts.
    Plain,
    /// Externally managed: shipment order messages.
    External,
    /// Warehouse management inside F&O.
    Whs,
}

/// One F&O warehouse tied to ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarehouseMap {
    /// F&O warehouse.
    pub warehouse: WarehouseId,
    /// ShipBob centres; written `centre` (pinned) or `centres` (network).
    #[serde(flatten)]
    pub mapping: Mapping,
    /// Release and write-back.
    pub profile: Profile,
}

/// One ShipBob carrier and service tied to F&O's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierMap {
    /// ShipBob `carrier`.
    pub shipbob_carrier: String,
    /// ShipBob `carrier_service`.
    pub shipbob_service: String,
    /// F&O carrier id.
    pub carrier: String,
    /// F&O service id.
    pub service: String,
}

/// Which of its ids ShipBob means by `requested_shipping_service_id`. No document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceIdSpace {
    /// Nobody has found out: a changed method is cancelled and created anew.
    #[default]
    Unknown,
    /// `id` of the shipping method.
    MethodId,
    /// `service_level.id` of the shipping method.
    ServiceLevelId,
}

/// How often and how patiently things are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Between two polls of F&O.
    pub dynamics_poll: Span,
    /// Between two polls of ShipBob; webhooks come first.
    pub shipbob_poll: Span,
    /// Between two reads by key of an order that is open on either side.
    pub watch: Span,
    /// How far a poll looks back behind its cursor.
    pub overlap: Span,
    /// A shipped order not slipped after this long is a hold.
    pub not_slipped_after: Span,
    /// Webhooks are collected this long before the truth is fetched in one read.
    pub collect: Span,
    /// Reference data (countries, units, methods, catalogue entries) is older than this → re-read.
    pub reference: Span,
    /// Both live contracts are compared once in every stretch of this length, counted from
    /// midnight UTC; zero = never.
    pub drift: Span,
    /// Flows that run by a timetable instead, or have quiet hours.
    #[serde(skip_serializing_if = "Timetables::is_empty")]
    pub flows: Timetables,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            dynamics_poll: Span::seconds(30),
            shipbob_poll: Span::minutes(5),
            watch: Span::minutes(15),
            overlap: Span::minutes(5),
            not_slipped_after: Span::hours(24),
            collect: Span::millis(500),
            reference: Span::hours(6),
            drift: Span(0),
            flows: Timetables::default(),
        }
    }
}

/// What is special about externally managed warehouses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct External {
    /// Fields of a request that may carry the sales order number, tried in this order. A number
    /// counts only when that sales order exists and carries the items of the request.
    pub order_number_fields: Vec<OrderNumberField>,
    /// Updates of a part of a request were proven to be accepted: one per shipment is sent.
    pub partial_updates: bool,
}

impl Default for External {
    fn default() -> Self {
        use OrderNumberField as F;
        let order_number_fields = vec![F::ConsigneeReference, F::LineConsigneeReference];
        Self { order_number_fields, partial_updates: false }
    }
}

/// How costs get onto orders in F&O.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CostWriteBack {
    /// One cost line per shipment in its note.
    #[default]
    Note,
    /// … and charges on the order, imported as data packages.
    Package,
    /// … and charges on the order, written by a call of the customer's.
    Call,
}

/// The flow *billing*. Without the section nothing of it is asked, planned or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Billing {
    /// Where costs are written.
    pub write_back: CostWriteBack,
    /// Currency ShipBob bills in; another one is listed.
    pub currency: String,
    /// A billed cost may differ from what ShipBob told with the shipment by so much.
    pub tolerance: Decimal,
    /// Taxes are not part of a transaction's amount.
    pub taxes_on_top: bool,
    /// Minutes between looks at ShipBob's billing.
    pub every_minutes: i64,
    /// Charges of so many days are read again every day: they come late and change.
    pub rescan_days: i64,
    /// An invoice is read again so many days after its date.
    pub recheck_days: i64,
    /// ShipBob takes claims for so many days after a charge.
    pub claim_days: i64,
    /// How costs become charges; asked only where `write_back` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges: Option<Charges>,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            write_back: CostWriteBack::Note,
            currency: "USD".to_owned(),
            tolerance: Decimal::new(50, 2),
            taxes_on_top: false,
            every_minutes: 360,
            rescan_days: 60,
            recheck_days: 7,
            claim_days: 90,
            charges: None,
        }
    }
}

impl Billing {
    /// How costs become charges of their orders, where a person asked for it.
    pub fn charges(&self) -> Option<&Charges> {
        match self.write_back {
            CostWriteBack::Note => None,
            CostWriteBack::Package | CostWriteBack::Call => self.charges.as_ref(),
        }
    }

    /// The customer's call that writes them, where charges are written so.
    pub fn charge_call(&self) -> Option<&ChargeCall> {
        let by_call = self.write_back == CostWriteBack::Call;
        self.charges().filter(|_| by_call).and_then(|charges| charges.call.as_ref())
    }

    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        match (self.write_back, &self.charges) {
            (CostWriteBack::Note, _) => {}
            (CostWriteBack::Package, Some(charges)) => found.extend(charges.problems()),
            (CostWriteBack::Call, Some(charges)) => found.extend(charges.problems_of_calls()),
            (by, None) => {
                let by = if by == CostWriteBack::Call { "call" } else { "package" };
                found.push(format!(
                    "billing.write_back is {by}: describe the charges under [connection.billing.charges]"
                ));
            }
        }
        let code = &self.currency;
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            found.push(format!(
                "billing.currency is \"{code}\": give three capital letters like USD"
            ));
        }
        if self.tolerance.is_sign_negative() {
            found.push("billing.tolerance is negative: give an amount of at least 0".to_owned());
        }
        let days = [
            ("rescan_days", self.rescan_days),
            ("recheck_days", self.recheck_days),
            ("claim_days", self.claim_days),
        ];
        for (name, days) in days.into_iter().filter(|(_, days)| !(1..=400).contains(days)) {
            found.push(format!("billing.{name} is {days}: give 1 to 400 days"));
        }
        if !(1..=1_440).contains(&self.every_minutes) {
            let minutes = self.every_minutes;
            found.push(format!("billing.every_minutes is {minutes}: give 1 to 1440"));
        }
        found
    }
}

/// Document statuses that can mean "released".
const DOCUMENT_STATUSES: [&str; 5] =
    ["None", "Confirmation", "PickingList", "PackingSlip", "Invoice"];

/// Everything a person decided about one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Grows with every change; plans remember it.
    pub version: i64,
    /// F&O legal entity.
    pub company: Company,
    /// ShipBob channel that owns our orders.
    pub channel: ChannelId,
    /// Nothing released before this is sent unless a person ticked it. None = nothing goes out.
    pub cut_off: Option<Timestamp>,
    /// Document statuses that mean "released" in profile *plain*.
    pub released_when: BTreeSet<String>,
    /// What orders of each profile must be besides.
    #[serde(default)]
    pub filters: OrderFilters,
    /// Warehouses ↔ centres.
    pub warehouses: Vec<WarehouseMap>,
    /// F&O delivery mode → ShipBob shipping method.
    pub methods: BTreeMap<String, String>,
    /// Carriers and services.
    pub carriers: Vec<CarrierMap>,
    /// Unit symbols that mean one piece, lower case.
    pub each_units: BTreeSet<String>,
    /// F&O country id → ISO alpha-2, where F&O's own table is not enough.
    pub countries: BTreeMap<String, String>,
    /// Countries shipped to without customs value, ISO alpha-2.
    pub home_countries: BTreeSet<String>,
    /// Pool that marks orders for the customer's packing-slip batch; none = the batch selects
    /// without it.
    pub batch_pool: Option<String>,
    /// Write carrier and service on the order where mapped.
    pub write_carrier: bool,
    /// Externally managed warehouses.
    #[serde(default)]
    pub external: External,
    /// Warehouses with warehouse management inside F&O.
    #[serde(default)]
    pub whs: Whs,
    /// Tier 3: the customer's own call that posts what left such a warehouse; none = nobody posts it.
    #[serde(default)]
    pub custom_call: Option<CustomCall>,
    /// Comparing stock; none = the flow is off.
    #[serde(default)]
    pub inventory: Option<crate::stock::Inventory>,
    /// F&O's products become ShipBob's; none = the flow is off.
    #[serde(default)]
    pub products: Option<Products>,
    /// What an update of a shipping method is said with.
    #[serde(default)]
    pub shipping_service_id: ServiceIdSpace,
    /// The flow *billing*, where it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    /// What comes back to ShipBob, where it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<crate::inbound::Returns>,
    /// The daily reconciliation; none = only when a person asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconcile: Option<crate::reconcile::Reconcile>,
    /// Polls and patience.
    pub schedule: Schedule,
    /// Worst time a lost write may still appear.
    pub settle: Settle,
}

impl Settings {
    /// How costs become charges of their orders, where a person asked for it.
    pub fn charges(&self) -> Option<&Charges> {
        self.billing.as_ref().and_then(Billing::charges)
    }

    /// The customer's call that writes charges, where they are written so.
    pub fn charge_call(&self) -> Option<&ChargeCall> {
        self.billing.as_ref().and_then(Billing::charge_call)
    }

    /// The mapping of a warehouse, if it is ours.
    pub fn warehouse(&self, id: &WarehouseId) -> Option<&WarehouseMap> {
        self.warehouses.iter().find(|m| m.warehouse.same_as(id.as_str()))
    }

    /// The mapping of a warehouse, if it is ours and of that profile.
    pub fn warehouse_of(&self, id: &WarehouseId, profile: Profile) -> Option<&WarehouseMap> {
        self.warehouse(id).filter(|m| m.profile == profile)
    }

    /// Some warehouse is externally managed.
    pub fn has_external(&self) -> bool {
        self.warehouses.iter().any(|m| m.profile == Profile::External)
    }

    /// Some warehouse has warehouse management inside F&O.
    pub fn has_whs(&self) -> bool {
        self.warehouses.iter().any(|m| m.profile == Profile::Whs)
    }

    /// That warehouse has warehouse management inside F&O.
    pub fn is_whs(&self, id: &WarehouseId) -> bool {
        self.warehouse_of(id, Profile::Whs).is_some()
    }

    /// Components orders carry in place of a kit; none for everything that is sent as it is.
    pub fn recipe(&self, sku: &str) -> Option<crate::kit::Recipe> {
        self.products.as_ref()?.recipe(sku)
    }

    /// What is wrong with the settings as such; empty when they can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.warehouses.is_empty() {
            found.push(
                "no warehouse is mapped: add [[connection.warehouses]] with a fulfilment centre"
                    .to_owned(),
            );
        }
        for (n, a) in self.warehouses.iter().enumerate() {
            let rest = self.warehouses.iter().skip(n + 1);
            for b in rest {
                if a.warehouse.same_as(b.warehouse.as_str()) {
                    found.push(format!("warehouse {} is mapped twice: keep one", a.warehouse));
                }
                let shared = a.mapping.centres().filter(|c| b.mapping.covers(*c));
                found.extend(shared.map(|c| shared_centre(c, a, b)));
            }
            if a.mapping.centres().next().is_none() {
                found.push(format!(
                    "warehouse {} has an empty set of centres: name those ShipBob may choose from, or one with centre",
                    a.warehouse
                ));
            }
        }
        found.extend(self.filters.problems());
        found.extend(self.whs.problems());
        if let Some(call) = &self.custom_call {
            found.extend(call.problems());
            if !self.has_whs() {
                found.push(
                    "custom_call is there, but no warehouse has profile whs: nothing would be called"
                        .to_owned(),
                );
            }
        }
        if self.methods.is_empty() {
            found.push(
                "no delivery mode is mapped: add [connection.methods] MODE = \"Method\"".to_owned(),
            );
        }
        for name in self.released_when.iter().filter(|n| !DOCUMENT_STATUSES.contains(&n.as_str())) {
            found.push(format!(
                "released_when names \"{name}\", which is not one of {}",
                DOCUMENT_STATUSES.join(", ")
            ));
        }
        if self.released_when.is_empty() {
            found.push("released_when is empty: name at least one document status".to_owned());
        }
        if let Some(inventory) = &self.inventory {
            found.extend(inventory.problems());
            let adjusts = inventory.mode == crate::stock::Mode::ExternalAdjustments;
            if adjusts && !self.has_external() {
                found.push(
                    "inventory: mode external-adjustments is there, but no warehouse has profile external: use counting-journal"
                        .to_owned(),
                );
            }
        }
        if self.each_units.is_empty() {
            found.push("each_units is empty: name the unit symbol that means one piece".to_owned());
        }
        found.extend(self.schedule.flows.problems());
        found.extend(self.products.iter().flat_map(Products::problems));
        found.extend(self.billing.iter().flat_map(Billing::problems));
        found.extend(self.returns.iter().flat_map(crate::inbound::Returns::problems));
        found.extend(self.reconcile.iter().flat_map(crate::reconcile::Reconcile::problems));
        found
    }
}

fn shared_centre(centre: CentreId, a: &WarehouseMap, b: &WarehouseMap) -> String {
    format!(
        "fulfilment centre {centre} is mapped to two warehouses, {} and {}: keep one, its stock can count in one only",
        a.warehouse, b.warehouse
    )
}
