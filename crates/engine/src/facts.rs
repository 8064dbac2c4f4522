//! Everything the planner may see of a batch of subjects, gathered once.

use crate::command::DISMISSED;
use crate::error::{EngineError, Result};
use crate::given_up;
use crate::kept::{KEPT, SALES, WAREHOUSE, decode, load};
use crate::limits::SKU_MISSING_AGE;
use crate::parts::Engine;
use crate::persist::{planned_as, serial_on};
use crate::products;
use domain::disposition::HoldReason;
use domain::ids::SalesOrderNumber;
use domain::operation::CreateOrder;
use domain::operation::Lane;
use domain::plan::{Decisions, DeliveryState, Kept, KnownDelivery, OrderFacts, Rival, SeenOrder};
use domain::product::ProductState;
use domain::reference_data::{DynamicsReference, ShipBobReference, SkuFact};
use domain::request::{self, RequestRead};
use domain::sales::OrderRead;
use domain::settings::Settings;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{DecisionKind, DecisionRow, Reader};

/// Catalogue entries, by SKU.
pub(crate) const SKU: &str = "sb.product";

/// The parts of facts that come from rows, by subject.
struct Rows {
    sales: HashMap<String, OrderRead>,
    requests: HashMap<String, (RequestRead, Option<OrderRead>)>,
    rivals: HashMap<String, Vec<Rival>>,
    warehouse: HashMap<String, Vec<SeenOrder>>,
    kept: HashMap<String, Kept>,
    deliveries: HashMap<String, Vec<KnownDelivery>>,
    decisions: HashMap<String, Decisions>,
    skus: HashMap<String, SkuFact>,
    /// SKUs the products flow brings; none = all of them, F&O's products were not read yet.
    coming: Option<BTreeSet<String>>,
    charges: HashMap<String, Vec<domain::flows::billing::Transaction>>,
    given_up: HashMap<String, Vec<CreateOrder>>,
    returns: HashMap<String, Vec<domain::inbound::Return>>,
}

/// What was read just now, by subject.
#[derive(Default)]
pub(crate) struct Fresh {
    pub(crate) sales: HashMap<String, OrderRead>,
    pub(crate) requests: HashMap<String, (RequestRead, Option<OrderRead>)>,
    pub(crate) warehouse: HashMap<String, Vec<SeenOrder>>,
}

impl Engine {
    /// Names the SKUs of order lines as the products flow makes them, and says which of them it
    /// still brings; none = all. Without the flow nothing changes and none is coming.
    async fn skus_of_orders(
        &self,
        reader: &mut Reader,
        sales: &mut HashMap<String, OrderRead>,
        requests: &mut HashMap<String, (RequestRead, Option<OrderRead>)>,
    ) -> Result<Option<BTreeSet<String>>> {
        let settings = self.settings();
        let Some(products) = &settings.products else { return Ok(Some(BTreeSet::new())) };
        let mut named: Vec<&mut String> = Vec::new();
        for order in sales.values_mut().filter_map(|r| r.order.as_mut()) {
            named.extend(order.lines.iter_mut().map(|l| &mut l.sku));
        }
        for (read, owner) in requests.values_mut() {
            let asked = read.request.iter_mut().flat_map(|r| &mut r.lines);
            named.extend(asked.map(|l| &mut l.sku));
            let order = owner.as_mut().and_then(|r| r.order.as_mut());
            named.extend(order.into_iter().flat_map(|o| &mut o.lines).map(|l| &mut l.sku));
        }
        if named.is_empty() {
            return Ok(Some(BTreeSet::new()));
        }
        let states =
            products::states(reader, &self.scope, named.iter().map(|s| s.as_str())).await?;
        for sku in named.iter_mut().filter(|_| products.renames()) {
            if let Some(state) = states.get(&products::state_key(sku))
                && !state.sku.is_empty()
            {
                (*sku).clone_from(&state.sku);
            }
        }
        if !self.remember().products_known {
            return Ok(None);
        }
        Ok(Some(states.into_values().filter(ProductState::comes).map(|s| s.sku).collect()))
    }

    /// Facts of many subjects, in the order asked for; none until both systems were read once.
    pub(crate) async fn facts(&self, subjects: &[String]) -> Result<Option<Vec<OrderFacts>>> {
        self.facts_fresh(subjects, Fresh::default()).await
    }

    /// The same, with both systems' sides as they were read just now instead of as they are kept.
    pub(crate) async fn facts_fresh(
        &self,
        subjects: &[String],
        fresh: Fresh,
    ) -> Result<Option<Vec<OrderFacts>>> {
        let (fo, sb) = {
            let memory = self.remember();
            match (&memory.fo, &memory.sb) {
                (Some(fo), Some(sb)) => (Arc::clone(fo), Arc::clone(sb)),
                _ => return Ok(None),
            }
        };
        let settings = self.settings();
        let mut rows = self.rows(subjects, fresh).await?;
        let now = self.now();
        Ok(Some(subjects.iter().map(|s| one(s, now, &mut rows, &fo, &sb, &settings)).collect()))
    }

    async fn rows(&self, subjects: &[String], fresh: Fresh) -> Result<Rows> {
        let scope = &self.scope;
        let mut reader = self.store.read().await?;
        let mut sales: HashMap<String, OrderRead> =
            load(&mut reader, scope, SALES, subjects).await?;
        let mut requests = self.load_requests(&mut reader, subjects).await?;
        sales.extend(fresh.sales);
        requests.extend(fresh.requests);
        let coming = self.skus_of_orders(&mut reader, &mut sales, &mut requests).await?;
        let rivals = self.load_rivals(&mut reader, &requests).await?;
        let mut warehouse: HashMap<String, Vec<SeenOrder>> =
            load(&mut reader, scope, WAREHOUSE, subjects).await?;
        warehouse.extend(fresh.warehouse);
        let charges = self.load_charges(&mut reader, &warehouse, &sales).await?;
        let returns = self.load_returns(&mut reader, &warehouse, &sales).await?;
        let kept: HashMap<String, Kept> = load(&mut reader, scope, KEPT, subjects).await?;
        let mut deliveries: HashMap<String, Vec<KnownDelivery>> = HashMap::new();
        let mut serial: Vec<String> = subjects.to_vec();
        if self.settings().billing.is_some() {
            serial.extend(subjects.iter().map(|s| serial_on(s, Lane::Charges)));
        }
        for row in reader.deliveries_known(scope, &serial).await? {
            let subject = planned_as(&row.subject).to_owned();
            deliveries.entry(subject).or_default().push(known(row)?);
        }
        let given_up =
            given_up::of_strangers(&mut reader, scope, &warehouse, &kept, &deliveries).await?;
        let mut decisions: HashMap<String, Decisions> = HashMap::new();
        for row in reader.decisions(scope, subjects).await? {
            decide(decisions.entry(row.subject.clone()).or_default(), row);
        }
        let wanted: BTreeSet<String> = sales
            .values()
            .filter_map(|r| r.order.as_ref())
            .flat_map(|o| o.lines.iter().map(|l| l.sku.clone()))
            .chain(
                requests
                    .values()
                    .filter_map(|(r, _)| r.request.as_ref())
                    .flat_map(|r| r.lines.iter().map(|l| l.sku.clone())),
            )
            .collect();
        let settings = self.settings();
        let parts = wanted.iter().filter_map(|sku| settings.recipe(sku));
        let parts: BTreeSet<String> = parts.flat_map(domain::kit::Recipe::into_keys).collect();
        let wanted: Vec<String> = wanted.into_iter().chain(parts).collect();
        let mut skus = HashMap::with_capacity(wanted.len());
        for row in reader.observations(scope, SKU, &wanted).await? {
            if let Some(body) = &row.body {
                skus.insert(row.key.clone(), decode(SKU, &row.key, body)?);
            }
        }
        Ok(Rows {
            sales,
            requests,
            rivals,
            warehouse,
            kept,
            deliveries,
            decisions,
            skus,
            coming,
            charges,
            given_up,
            returns,
        })
    }
}

pub(crate) fn known(row: store::KnownDelivery) -> Result<KnownDelivery> {
    let hold: Option<HoldReason> = match (&row.outcome, row.state) {
        (Some(text), DeliveryState::Held | DeliveryState::Refused) => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    };
    Ok(KnownDelivery { key: row.business_key, state: row.state, since: row.since, hold })
}

pub(crate) fn decide(decisions: &mut Decisions, row: DecisionRow) {
    match row.kind {
        DecisionKind::Retry => {
            decisions.retry = decisions.retry.max(Some(row.at));
            decisions.skip = None;
        }
        DecisionKind::Release => {
            decisions.release = Some(row.at);
            decisions.skip = None;
        }
        DecisionKind::Skip => match row.why.split_once(DISMISSED) {
            Some((hold, _)) => {
                decisions.dismissed.insert(hold.to_owned());
            }
            None => decisions.skip = Some(row.why),
        },
        DecisionKind::Note => {}
    }
}

fn one(
    subject: &str,
    now: Timestamp,
    rows: &mut Rows,
    fo: &DynamicsReference,
    sb: &ShipBobReference,
    settings: &Settings,
) -> OrderFacts {
    let (request, owner) =
        rows.requests.remove(subject).map_or((None, None), |(r, o)| (Some(r), o));
    let sales = rows.sales.remove(subject).or(owner);
    // A request is planned as an order of its own.
    let asked = request.as_ref().and_then(|r| r.request.as_ref());
    let asked = asked.map(|r| r.as_order(&settings.company, None, true));
    let order = asked.as_ref().or(sales.as_ref().and_then(|r| r.order.as_ref()));
    let lines = order.map(|o| o.lines.as_slice()).unwrap_or_default();
    let mut countries: BTreeMap<String, String> = BTreeMap::new();
    let addresses = lines.iter().map(|l| &l.address).chain(order.map(|o| &o.address));
    for id in addresses.map(|a| a.country.to_uppercase()) {
        if let Some(iso) = fo.countries.get(&id) {
            countries.insert(id, iso.clone());
        }
    }
    let concerns = |c: &&domain::reference_data::UnitConversion| {
        lines.iter().any(|l| {
            (c.product.is_empty() || c.product.eq_ignore_ascii_case(&l.item))
                && (c.from.eq_ignore_ascii_case(&l.unit) || c.to.eq_ignore_ascii_case(&l.unit))
        })
    };
    let known = |sku: &str| {
        let fact = rows.skus.get(sku).filter(|fact| believable(fact, now, settings))?;
        let coming = rows.coming.as_ref().is_none_or(|c| c.contains(sku));
        Some(SkuFact { coming, ..fact.clone() })
    };
    let fact = |sku: &str| match settings.recipe(sku) {
        Some(recipe) => domain::kit::fact(sku, &recipe, known),
        None => known(sku),
    };
    let skus: BTreeMap<String, SkuFact> =
        lines.iter().filter_map(|l| Some((l.sku.clone(), fact(&l.sku)?))).collect();
    let kept = rows.kept.remove(subject).unwrap_or_default();
    let mut warehouse = rows.warehouse.remove(subject).unwrap_or_default();
    for seen in &mut warehouse {
        let sent = kept.sent.get(seen.order.reference.as_str());
        domain::kit::fold(&mut seen.order, &domain::kit::kits_of(sent, lines, settings));
    }
    OrderFacts {
        now,
        number: SalesOrderNumber::new(subject),
        warehouse,
        skus,
        conversions: fo.conversions.iter().filter(concerns).cloned().collect(),
        countries,
        capabilities: fo.capabilities.clone(),
        carrier_services: settings
            .carriers
            .iter()
            .map(|c| (c.carrier.clone(), c.service.clone()))
            .filter(|pair| fo.carrier_services.contains(pair))
            .collect(),
        methods: settings.methods.values().filter(|m| sb.methods.contains(*m)).cloned().collect(),
        services: sb.services(settings.shipping_service_id),
        closed: sb.closed(settings),
        deliveries: rows.deliveries.remove(subject).unwrap_or_default(),
        charges: rows.charges.remove(subject).unwrap_or_default(),
        charge_codes: fo.charge_codes.clone(),
        given_up: rows.given_up.remove(subject).unwrap_or_default(),
        returns: rows.returns.remove(subject).unwrap_or_default(),
        kept,
        decisions: rows.decisions.remove(subject).unwrap_or_default(),
        sales,
        request,
        rivals: rows.rivals.remove(subject).unwrap_or_default(),
    }
}

/// What a survey asks about: a sales order, or a request with the sales order it belongs to.
pub(crate) enum Subject {
    Order(OrderRead),
    Request(Box<RequestRead>, Option<OrderRead>),
}

impl Subject {
    /// Under which name it would be planned.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Order(read) => read.number.as_str().to_owned(),
            Self::Request(read, _) => request::subject(&read.id),
        }
    }

    /// When we began to read it.
    pub(crate) fn read_began(&self) -> Timestamp {
        match self {
            Self::Order(read) => read.read_began,
            Self::Request(read, _) => read.read_began,
        }
    }

    fn skus(&self) -> Vec<&str> {
        match self {
            Self::Order(read) => {
                read.order.iter().flat_map(|o| &o.lines).map(|l| l.sku.as_str()).collect()
            }
            Self::Request(read, _) => {
                read.request.iter().flat_map(|r| &r.lines).map(|l| l.sku.as_str()).collect()
            }
        }
    }
}

/// Facts of an order or a request of which nothing is kept: everything was just read, for a survey.
pub(crate) fn surveyed(
    read: Subject,
    warehouse: Vec<SeenOrder>,
    (skus, coming): (&BTreeMap<String, SkuFact>, &BTreeSet<String>),
    (fo, sb): (&DynamicsReference, &ShipBobReference),
    settings: &Settings,
) -> OrderFacts {
    let (subject, now) = (read.key(), read.read_began());
    let named = read.skus().into_iter();
    let named = named.filter_map(|sku| skus.get(sku).map(|f| (sku.to_owned(), f.clone())));
    let skus: HashMap<String, SkuFact> =
        named.map(|(sku, fact)| (sku, SkuFact { read_began: now, ..fact })).collect();
    let coming = coming.iter().filter(|sku| skus.contains_key(*sku)).cloned().collect();
    let (mut sales, mut requests) = (HashMap::new(), HashMap::new());
    match read {
        Subject::Order(read) => drop(sales.insert(subject.clone(), read)),
        Subject::Request(read, owner) => drop(requests.insert(subject.clone(), (*read, owner))),
    }
    let mut rows = Rows {
        sales,
        requests,
        rivals: HashMap::new(),
        warehouse: HashMap::from([(subject.clone(), warehouse)]),
        kept: HashMap::new(),
        deliveries: HashMap::new(),
        decisions: HashMap::new(),
        skus,
        coming: Some(coming),
        charges: HashMap::new(),
        returns: HashMap::new(),
        given_up: HashMap::new(),
    };
    one(&subject, now, &mut rows, fo, sb, settings)
}

/// Catalogue entries age; those that stop an order age quickly.
fn believable(fact: &SkuFact, now: Timestamp, settings: &Settings) -> bool {
    let good = fact.exact.as_ref().is_some_and(|e| e.active);
    let age = now.since(fact.read_began);
    age < if good { settings.schedule.reference } else { SKU_MISSING_AGE }
}

/// An impossible number of plans; kept apart so that the message is one.
pub(crate) fn too_many(what: &str) -> EngineError {
    EngineError::Inconsistent(format!("more {what} than fit one transaction"))
}
