//! Owning a cell without trusting any wall clock: a candidate takes over after it has seen the
//! owner's (fence, beat) unchanged for the lease time on its own clock.

use crate::error::{EngineError, Result};
use crate::limits::LEASE_MARGIN;
use crate::parts::Engine;
use domain::time::{Span, Timestamp};
use std::sync::PoisonError;
use store::Fence;

/// Whether this process owns the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Watching; what was seen last and since when it has been the same.
    Candidate(Option<(i64, i64, Timestamp)>),
    /// Owner.
    Owner(Lease),
    /// Was owner; another process has taken over.
    Lost,
}

/// A held lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The number that proves it.
    pub fence: Fence,
    /// When it was last confirmed, by our clock, taken before the statement was sent.
    pub confirmed: Timestamp,
}

impl Engine {
    pub(crate) fn fence(&self) -> Option<Fence> {
        match *self.owner.lock().unwrap_or_else(PoisonError::into_inner) {
            Ownership::Owner(lease) => Some(lease.fence),
            _ => None,
        }
    }

    fn set_owner(&self, owner: Ownership) {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = owner;
    }

    fn ownership(&self) -> Ownership {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call may start only while the lease outlives its deadline.
    pub(crate) fn may_call(&self, now: Timestamp, deadline: Span) -> bool {
        match self.ownership() {
            Ownership::Owner(lease) => {
                lease.confirmed + self.options.lease > now + deadline + LEASE_MARGIN
            }
            _ => false,
        }
    }

    /// Between two beats: a lease survives a dozen lost ones.
    pub(crate) fn beat(&self) -> Span {
        Span(self.options.lease.0 / 15)
    }

    /// While another process owns the cell: its fence, and since when we have seen it alive.
    pub fn other_owner(&self) -> Option<(i64, Timestamp)> {
        match self.ownership() {
            Ownership::Candidate(Some((fence, _, since))) => Some((fence, since)),
            _ => None,
        }
    }

    /// A person paused the connection.
    pub fn paused(&self) -> bool {
        self.remember().paused
    }

    /// The lease, while the cell is ours.
    pub fn lease(&self) -> Option<Lease> {
        match self.ownership() {
            Ownership::Owner(lease) => Some(lease),
            _ => None,
        }
    }

    /// Gives the cell back, so that another process may take it at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave(&self) -> Result<()> {
        let Some(fence) = self.fence() else { return Ok(()) };
        let mut txn = self.store.begin("lease.release").await?;
        txn.lease_release(&self.cell, fence).await?;
        txn.commit().await?;
        self.stand_again();
        Ok(())
    }

    /// Becomes a candidate again after the cell was lost.
    pub fn stand_again(&self) {
        self.set_owner(Ownership::Candidate(None));
    }

    /// Gains, confirms or loses the cell. True while it is ours.
    pub async fn own(&self) -> Result<bool> {
        let now = self.now();
        match self.ownership() {
            Ownership::Owner(lease) if now.since(lease.confirmed) < self.beat() => {
                self.inherit().await?;
                Ok(true)
            }
            Ownership::Owner(lease) => {
                let mut txn = self.store.begin("lease.beat").await?;
                let kept = txn.lease_beat(&self.cell, lease.fence).await?;
                txn.commit().await?;
                if !kept {
                    self.set_owner(Ownership::Lost);
                    return Err(EngineError::Lost);
                }
                self.set_owner(Ownership::Owner(Lease { confirmed: now, ..lease }));
                self.inherit().await?;
                Ok(true)
            }
            Ownership::Candidate(seen) => self.run_for(now, seen).await,
            Ownership::Lost => Err(EngineError::Lost),
        }
    }

    async fn run_for(&self, now: Timestamp, seen: Option<(i64, i64, Timestamp)>) -> Result<bool> {
        self.forget_erased().await?;
        let view = self.store.read().await?.lease_look(&self.cell).await?;
        let free = view.holder.is_none() || self.options.exclusive;
        let silent = matches!(seen, Some((fence, beat, since))
            if (fence, beat) == (view.fence, view.beat)
                && now.since(since) >= self.options.lease);
        if free || silent {
            let mut txn = self.store.begin("lease.take").await?;
            let holder = &self.options.holder;
            let taken = txn.lease_take(&self.cell, holder, view.fence, view.beat).await?;
            txn.commit().await?;
            if let Some(fence) = taken {
                self.remember().recovered = false;
                self.remember().erasures.ask_again();
                self.remember().backfill.ask_again();
                self.forget_credentials();
                self.set_owner(Ownership::Owner(Lease { fence, confirmed: now }));
                let row = self.store.read().await?.connection(&self.scope).await?;
                self.remember().paused = row.is_some_and(|c| c.paused);
                self.inherit().await?;
                tracing::info!(holder, "cell.owned");
                return Ok(true);
            }
        }
        let same = matches!(seen, Some((f, b, _)) if (f, b) == (view.fence, view.beat));
        if !same {
            self.set_owner(Ownership::Candidate(Some((view.fence, view.beat, now))));
        }
        Ok(false)
    }

    /// Deals with what the last owner left, once; a database that does not answer is asked again.
    async fn inherit(&self) -> Result<()> {
        if self.remember().recovered {
            return Ok(());
        }
        self.recall_waits().await?;
        self.recall_pauses().await?;
        self.recover().await?;
        self.remember().recovered = true;
        Ok(())
    }

    /// What the last owner had under way is in doubt.
    async fn recover(&self) -> Result<()> {
        let mut work = self.begin("owner.recover").await?;
        let at = self.now();
        let doubtful = work.txn.deliveries_recover(&self.scope, work.fence, at).await?;
        if !doubtful.is_empty() {
            let entry = crate::trail::recovered(at, &self.options.holder, doubtful.len());
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        work.commit().await
    }
}
