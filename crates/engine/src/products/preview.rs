//! Product items under other settings: which of them would be planned differently. Reads the database and nothing else.

use super::ITEM;
use crate::error::Result;
use crate::kept::decode;
use crate::parts::Engine;
use crate::settings::Previewed;
use domain::flows::products::{clashes_again, plan_product};
use domain::product::Item;
use domain::reference_data::DynamicsReference;
use domain::settings::Settings;
use domain::settings_change::plan_differs;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Items looked at, at most: two of them may want one SKU, so that all are in memory at once.
const ITEMS: usize = 5_000;
/// Items read at once.
const READ: usize = 500;

/// What a document would change among product items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemsPreview {
    /// Items that were looked at.
    pub looked_at: usize,
    /// There are more.
    pub more: bool,
    /// Those that would be planned differently.
    pub changes: Vec<Previewed>,
}

impl Engine {
    /// Items whose plan differs under the proposed settings. Where one of both leaves the flow off, there is nothing to
    /// compare.
    pub(crate) async fn preview_items(
        &self,
        proposed: &Settings,
        fo: &Arc<DynamicsReference>,
    ) -> Result<ItemsPreview> {
        let current = self.settings();
        let mut found = ItemsPreview::default();
        if current.products.is_none() || proposed.products.is_none() {
            return Ok(found);
        }
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        loop {
            let after = items.last_key_value().map(|(key, _)| key.clone()).unwrap_or_default();
            let mut reader = self.store.read().await?;
            let page = reader.observations_of_kind(&self.scope, ITEM, &after, READ).await?;
            drop(reader);
            let full = page.len() == READ;
            for row in page {
                if let Some(body) = &row.body {
                    let item = decode(ITEM, &row.key, body)?;
                    items.insert(row.key, item);
                }
            }
            if items.len() >= ITEMS {
                found.more = full;
                break;
            }
            if !full {
                break;
            }
        }
        found.looked_at = items.len();
        let keys: Vec<String> = items.keys().cloned().collect();
        // Which SKUs and barcodes two items share depends on the rule that makes them.
        clashes_again(&mut items, proposed);
        for part in keys.chunks(READ) {
            let now = self.item_facts(part, fo, &current).await?;
            let then = self.item_facts(part, fo, proposed).await?;
            for ((subject, now), mut then) in part.iter().zip(now).zip(then) {
                // One moment for both: only the settings differ.
                then.now = now.now;
                then.item = items.remove(subject);
                let before = plan_product(&now, &current).plan;
                let after = plan_product(&then, proposed).plan;
                let lines = plan_differs(&before, &after);
                if !lines.is_empty() {
                    let subject = subject.clone();
                    found.changes.push(Previewed { subject, before, after, lines });
                }
            }
        }
        Ok(found)
    }
}
