//! Items to plans: facts, what ShipBob shows of their SKUs (read for the whole batch at once), plan.

use super::{CATALOGUE, ITEM, KEPT, STATE, state_key};
use crate::error::Result;
use crate::facts::{decide, known};
use crate::kept::{load, plain};
use crate::parts::Engine;
use crate::planning::{Facts, Planned};
use domain::flows::products::plan_product;
use domain::operation::{Lane, System};
use domain::plan::{Decisions, KnownDelivery, Need};
use domain::product::{Catalogue, Item, ProductFacts, ProductKept, ProductState};
use domain::reference_data::{DynamicsReference, UnitConversion};
use domain::settings::Settings;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{Observation, SubjectRow};

/// Reads a planning step may ask for: what stands there, and that something is absent now.
const ROUNDS: usize = 3;

impl Engine {
    /// Plans items; none until both systems were read once.
    pub(crate) async fn plan_items(&self, rows: Vec<SubjectRow>) -> Result<Option<Vec<Planned>>> {
        let Some(fo) = self.remember().fo.clone() else { return Ok(None) };
        let settings = self.settings();
        let mut planned = Vec::with_capacity(rows.len());
        let mut open = rows;
        for round in 0..=ROUNDS {
            let keys: Vec<String> = open.iter().map(|r| r.key.clone()).collect();
            let facts = self.item_facts(&keys, &fo, &settings).await?;
            let mut waiting = Vec::new();
            let mut ask: Vec<(String, Vec<String>)> = Vec::new();
            for (row, facts) in open.into_iter().zip(facts) {
                let made = plan_product(&facts, &settings);
                let skus: Vec<String> = made
                    .plan
                    .needs
                    .iter()
                    .flat_map(|n| if let Need::Skus(skus) = n { skus.clone() } else { Vec::new() })
                    .collect();
                let one = Planned {
                    row,
                    facts: Facts::Product(Box::new(facts)),
                    plan: made.plan,
                    states: made.states,
                };
                if skus.is_empty() {
                    planned.push(one);
                } else {
                    ask.push((one.row.key.clone(), skus));
                    waiting.push(one);
                }
            }
            if waiting.is_empty() {
                break;
            }
            if round == ROUNDS || !self.read_catalogue(ask).await? {
                planned.extend(waiting);
                break;
            }
            open = waiting.into_iter().map(|p| p.row).collect();
        }
        Ok(Some(planned))
    }

    pub(super) async fn item_facts(
        &self,
        keys: &[String],
        fo: &Arc<DynamicsReference>,
        settings: &Settings,
    ) -> Result<Vec<ProductFacts>> {
        let mut reader = self.store.read().await?;
        let mut items: HashMap<String, Item> = load(&mut reader, &self.scope, ITEM, keys).await?;
        let mut seen: HashMap<String, Catalogue> =
            load(&mut reader, &self.scope, CATALOGUE, keys).await?;
        let mut kept: HashMap<String, ProductKept> =
            load(&mut reader, &self.scope, KEPT, keys).await?;
        let mut deliveries: HashMap<String, Vec<KnownDelivery>> = HashMap::new();
        for row in reader.deliveries_known(&self.scope, keys).await? {
            deliveries.entry(row.subject.clone()).or_default().push(known(row)?);
        }
        let mut decisions: HashMap<String, Decisions> = HashMap::new();
        for row in reader.decisions(&self.scope, keys).await? {
            decide(decisions.entry(row.subject.clone()).or_default(), row);
        }
        let now = self.now();
        let one = |key: &String| {
            let item = items.remove(key);
            ProductFacts {
                now,
                subject: key.clone(),
                conversions: conversions(item.as_ref(), fo, settings),
                countries: countries(item.as_ref(), fo, settings),
                item,
                catalogue: seen.remove(key),
                deliveries: deliveries.remove(key).unwrap_or_default(),
                kept: kept.remove(key).unwrap_or_default(),
                decisions: decisions.remove(key).unwrap_or_default(),
            }
        };
        Ok(keys.iter().map(one).collect())
    }

    /// One read for all SKUs of a batch. False when it cannot be made now.
    async fn read_catalogue(&self, ask: Vec<(String, Vec<String>)>) -> Result<bool> {
        if !self.may_read(System::ShipBob, Lane::Products) {
            return Ok(false);
        }
        let skus: BTreeSet<String> = ask.iter().flat_map(|(_, skus)| skus.clone()).collect();
        let skus: Vec<String> = skus.into_iter().collect();
        let began = self.now();
        let found = match self.shipbob.catalogue(&skus).await {
            Ok(found) => found,
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                return Ok(false);
            }
        };
        self.good(System::ShipBob);
        let keys: Vec<String> = ask.iter().map(|(key, _)| key.clone()).collect();
        let mut work = self.begin("products.catalogue").await?;
        let mut kept: HashMap<String, ProductKept> =
            load(&mut work.txn, &self.scope, KEPT, &keys).await?;
        let mut rows: Vec<Observation> = Vec::new();
        for (subject, asked) in ask {
            let own = |sku: &str| asked.iter().any(|a| a.to_lowercase() == sku.to_lowercase());
            let variants = found.iter().filter(|v| own(&v.sku)).cloned().collect();
            let seen = Catalogue { variants, asked, read_began: began };
            let old = kept.remove(&subject).unwrap_or_default();
            let mut new = old.clone();
            new.saw(&seen);
            if new != old {
                rows.push(plain(KEPT, &subject, began, &new)?);
            }
            rows.push(plain(CATALOGUE, &subject, began, &seen)?);
        }
        work.txn.observations_put(&self.scope, rows).await?;
        work.commit().await?;
        Ok(true)
    }

    /// SKUs as lists show them and as orders ask for them.
    pub(crate) fn state_rows(now: Timestamp, planned: &[Planned]) -> Result<Vec<Observation>> {
        let all = planned.iter().filter(|p| p.plan.needs.is_empty());
        let states: Vec<&ProductState> = all.flat_map(|p| &p.states).collect();
        states.iter().map(|s| plain(STATE, &state_key(&s.key), now, s)).collect()
    }
}

/// General conversions that concern a symbol of the item.
pub(crate) fn conversions(
    item: Option<&Item>,
    fo: &DynamicsReference,
    settings: &Settings,
) -> Vec<UnitConversion> {
    let mut symbols: BTreeSet<String> = BTreeSet::new();
    for p in item.iter().flat_map(|i| &i.released).flat_map(|r| &r.physical) {
        symbols.extend([p.mass_unit.to_lowercase(), p.length_unit.to_lowercase()]);
    }
    if let Some(p) = &settings.products {
        symbols.extend([p.master_weight_unit.to_lowercase(), p.master_length_unit.to_lowercase()]);
    }
    let concerns = |c: &&UnitConversion| {
        c.product.is_empty()
            && (symbols.contains(&c.from.to_lowercase()) || symbols.contains(&c.to.to_lowercase()))
    };
    fo.conversions.iter().filter(concerns).cloned().collect()
}

pub(crate) fn countries(
    item: Option<&Item>,
    fo: &DynamicsReference,
    settings: &Settings,
) -> BTreeMap<String, String> {
    let origin = item.and_then(|i| i.master.as_ref()).map(|m| m.origin.trim().to_uppercase());
    let Some(origin) = origin.filter(|o| !o.is_empty()) else { return BTreeMap::new() };
    let iso = settings.countries.get(&origin).or_else(|| fo.countries.get(&origin));
    iso.map(|iso| (origin, iso.clone())).into_iter().collect()
}
