//! What a night drafts: counting journals and adjustments of what the run could not explain, per warehouse.

use super::compare::countable;
use super::journals::{first_cursor, subject};
use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::Engine;
use crate::trail;
use domain::flows::inventory::{Draft, Journal, JournalState, Judged, draft};
use domain::settings::WarehouseMap;
use domain::stock::{
    Inventory, ItemKey, JOURNALS as OPEN, JOURNALS_CLOSED as CLOSED, JournalKind, Mode,
};
use domain::time::Timestamp;
use domain::units;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use store::{Observation, Reader, TrailEntry, whole_skus};

/// Rows looked through for variances at once.
const ROWS: usize = 1_000;
/// Lines drafted in one night; the rest comes the next night.
const LINES_A_NIGHT: usize = 20_000;
/// Open journals of one connection.
const JOURNALS: usize = 500;

/// What a night drafts, ready to be stored.
#[derive(Default)]
pub(super) struct Drafted {
    pub(super) rows: Vec<Observation>,
    /// Tokens of open journals that are closed.
    pub(super) gone: Vec<String>,
    pub(super) cursors: Vec<(String, String)>,
    pub(super) entries: Vec<TrailEntry>,
}

/// An adjustment that was sent and not yet seen in F&O's stock.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) token: String,
    pub(super) number: i64,
    /// In F&O's unit.
    pub(super) delta: Decimal,
    /// Pieces lost or found that are in it.
    pub(super) found: i64,
}

/// Shelves that stand in a journal that is not posted, by SKU and warehouse (lower case); of adjustments with what was
/// sent.
pub(super) type Counted = HashMap<(String, String), Option<Sent>>;

impl Engine {
    pub(super) async fn open_journals(&self, reader: &mut Reader) -> Result<Vec<Journal>> {
        let rows = reader.observations_of_kind(&self.scope, OPEN, "", JOURNALS).await?;
        let bodies = rows.iter().filter_map(|row| Some((&row.key, row.body.as_ref()?)));
        bodies.map(|(key, body)| decode(OPEN, key, body)).collect()
    }

    /// Shelves that stand in a journal that is not posted.
    pub(super) async fn counted(&self, reader: &mut Reader) -> Result<Counted> {
        let mut all = Counted::new();
        for journal in self.open_journals(reader).await?.iter().filter(|j| j.state.open()) {
            let warehouse = journal.warehouse.as_str().to_lowercase();
            for line in journal.lines.iter().filter(|l| !l.posted && !l.left_out) {
                let sent = (journal.kind == JournalKind::Adjustments).then(|| Sent {
                    token: journal.token.clone(),
                    number: line.number,
                    delta: line.delta(),
                    found: line.found,
                });
                all.insert((line.sku.clone(), warehouse.clone()), sent);
            }
        }
        Ok(all)
    }

    /// Journals of what the run could not explain. A proposal nobody answered gives way to the new one.
    pub(super) async fn draft_journals(&self, run: i64, inventory: &Inventory) -> Result<Drafted> {
        let mut drafted = Drafted::default();
        if inventory.mode == Mode::Report {
            return Ok(drafted);
        }
        let now = self.now();
        let mut variances = self.variances(run).await?;
        let mut reader = self.store.read().await?;
        // A person may have approved a proposal since its shelves were compared.
        let counted = self.counted(&mut reader).await?;
        let open = self.open_journals(&mut reader).await?;
        let stale = open.into_iter().filter(|j| j.state == JournalState::Proposed);
        for mut journal in stale {
            journal.state = JournalState::Dropped;
            journal.ask = "a newer comparison took its place".to_owned();
            drafted.close(now, &journal)?;
        }
        let settings = self.settings();
        for map in &settings.warehouses {
            let Some(kind) = inventory.written_as(map.profile) else { continue };
            let mut of = Vec::new();
            for centre in map.mapping.centres() {
                of.extend(variances.remove(&centre.0).into_iter().flatten());
            }
            let warehouse = map.warehouse.as_str().to_lowercase();
            of.retain(|one| !counted.contains_key(&(one.sku.clone(), warehouse.clone())));
            let name = first_cursor(map.warehouse.as_str());
            let first = reader.cursor(&self.scope, &name).await?.is_none();
            if of.is_empty() {
                if first {
                    drafted.cursors.push((name, "nothing to count".to_owned()));
                }
                continue;
            }
            let site = self.site(map);
            for journal in draft(&map.warehouse, &site, now, inventory.threshold, first, kind, &of)
            {
                drafted.add(now, &journal)?;
            }
        }
        Ok(drafted)
    }

    fn site(&self, map: &WarehouseMap) -> String {
        let fo = self.remember().fo.clone();
        let all = fo.as_ref().map(|fo| fo.warehouses.as_slice()).unwrap_or_default();
        let of = all.iter().find(|w| w.id.same_as(map.warehouse.as_str()));
        of.map(|w| w.site.clone()).unwrap_or_default()
    }

    /// What can be counted, by centre.
    async fn variances(&self, run: i64) -> Result<BTreeMap<i64, Vec<Draft>>> {
        let (settings, fo) = (self.settings(), self.remember().fo.clone());
        let conversions = fo.map(|fo| fo.conversions.clone()).unwrap_or_default();
        let mut all: BTreeMap<i64, Vec<Draft>> = BTreeMap::new();
        let (mut after, mut lines) = (String::new(), 0);
        while lines < LINES_A_NIGHT {
            let mut reader = self.store.read().await?;
            let rows = reader.stock_in_state(&self.scope, countable(), &after, ROWS).await?;
            drop(reader);
            let rows = whole_skus(rows, ROWS);
            let Some(last) = rows.last().map(|row| row.sku.clone()) else { break };
            for row in rows.into_iter().filter(|row| row.run == run) {
                let (product, unit) =
                    (row.product.unwrap_or_default(), row.unit.unwrap_or_default());
                let each =
                    units::eaches_per_unit(&product, &unit, &settings.each_units, &conversions);
                let key: Option<ItemKey> =
                    row.item.and_then(|item| decode("item", &row.sku, item.as_bytes()).ok());
                let (Some(each), Some(key)) = (each, key) else { continue };
                // A row that is missing in F&O means nothing is there.
                let physical = row.physical.filter(|_| row.fo_run == run);
                let physical = physical.and_then(|text| text.parse::<Decimal>().ok());
                let judged: Option<Judged> = decode("stock", &row.sku, row.judged.as_bytes()).ok();
                all.entry(row.centre).or_default().push(Draft {
                    found: judged.map(|judged| judged.sums.found).unwrap_or_default(),
                    unit,
                    sku: row.sku,
                    key,
                    physical: physical.unwrap_or_default(),
                    each,
                    variance: row.variance,
                });
                lines += 1;
            }
            after = last;
        }
        Ok(all)
    }
}

impl Drafted {
    fn add(&mut self, now: Timestamp, journal: &Journal) -> Result<()> {
        let lines = journal.lines.len();
        let what = match journal.state {
            JournalState::Proposed => format!(
                "{lines} line(s) wait for a person: {}. Approve or reject it on the stock page.",
                journal.ask
            ),
            _ => format!("{lines} line(s) are written to Dynamics."),
        };
        let title = match journal.kind {
            JournalKind::Counting => "counting journal drafted",
            JournalKind::Adjustments => "stock adjustments drafted",
        };
        self.entries.push(trail::entry(now, trail::ENGINE, title, &subject(&journal.token), what));
        self.rows.push(plain(OPEN, &journal.token, now, journal)?);
        Ok(())
    }

    fn close(&mut self, now: Timestamp, journal: &Journal) -> Result<()> {
        self.rows.push(plain(CLOSED, &journal.token, now, journal)?);
        self.gone.push(journal.token.clone());
        Ok(())
    }
}
