//! The watch list: orders open on either side are read again by key. Deletes, un-releases and
//! cancels in a dashboard never appear in a cursor.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{WAREHOUSE, load};
use crate::limits::WATCHED;
use crate::parts::Engine;
use crate::poll::signal;
use domain::plan::SeenOrder;

impl Engine {
    pub(crate) async fn watch(&self) -> Result<bool> {
        let now = self.now();
        if self.remember().paused || !self.is_due(|due| due.watch).await? {
            return Ok(false);
        }
        let mut reader = self.store.read().await?;
        let due = reader.subjects_watch_due(&self.scope, now, WATCHED).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let seen = load::<Vec<SeenOrder>>(&mut reader, &self.scope, WAREHOUSE, &due).await?;
        drop(reader);
        let mut signals = Vec::new();
        for key in &due {
            let dedupe = format!("watch|{key}|{}", now.0);
            signals.push(signal("watch", target::of(key), key, dedupe, now));
        }
        for one in seen.values().flatten().filter(|o| !o.order.cancelled()) {
            let id = one.order.id.to_string();
            let dedupe = format!("watch|{id}|{}", now.0);
            signals.push(signal("watch", target::WAREHOUSE, &id, dedupe, now));
        }
        let next = now + self.settings().schedule.watch;
        let mut work = self.begin("watch").await?;
        work.txn.inbox_add_many(&self.scope, signals).await?;
        let dates = due.into_iter().map(|k| (k, Some(next))).collect();
        work.txn.subjects_watch(&self.scope, dates).await?;
        work.commit().await?;
        Ok(true)
    }
}
