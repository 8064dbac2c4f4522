//! Owning a cell without trusting any wall clock: a candidate takes over after it has seen the
//! owner's (fence, beat) unchanged for the lease time on its own clock.
//!
//! A cell is owned through the leases of all its connections, taken and confirmed together in one
//! transaction: all or none. So no connection ever has two owners, also while two nodes still
//! disagree about which connections belong together.

use crate::error::{EngineError, Result};
use crate::limits::LEASE_MARGIN;
use crate::parts::{Engine, Options};
use domain::time::{Span, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Cell, Fence, Store};

/// What a candidate sees of one connection: fence and beat.
type Seen = Vec<(i64, i64)>;

/// Whether this process owns the cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ownership {
    /// Watching; what was seen last, per connection, and since when it has been the same.
    Candidate(Option<(Seen, Timestamp)>),
    /// Owner: the fence of each connection, and when all were confirmed last.
    Owner(Vec<Fence>, Timestamp),
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

/// The ownership of one cell, shared by the engines of its connections.
pub struct CellOwner {
    /// Lease rows, one per connection.
    members: Vec<Cell>,
    state: Mutex<Ownership>,
    /// One attempt to gain or confirm at a time.
    turn: tokio::sync::Mutex<()>,
}

impl CellOwner {
    /// The owner-to-be of these connections, which must not be in any other cell.
    pub fn new(mut members: Vec<Cell>) -> Arc<Self> {
        // Every node takes them in the same order.
        members.sort();
        members.dedup();
        let state = Mutex::new(Ownership::Candidate(None));
        Arc::new(Self { members, state, turn: tokio::sync::Mutex::new(()) })
    }

    fn state(&self) -> Ownership {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, state: Ownership) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn lease(&self, of: &Cell) -> Option<Lease> {
        let at = self.members.iter().position(|member| member == of)?;
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            Ownership::Owner(fences, confirmed) => {
                fences.get(at).map(|fence| Lease { fence: *fence, confirmed: *confirmed })
            }
            _ => None,
        }
    }

    /// Gains, confirms or loses the cell. True while it is ours.
    async fn own(&self, store: &Store, options: &Options, now: Timestamp) -> Result<bool> {
        let beat = Span(options.lease.0 / BEATS);
        let fresh = |confirmed: Timestamp| now.since(confirmed) < beat;
        if matches!(self.state(), Ownership::Owner(_, confirmed) if fresh(confirmed)) {
            return Ok(true);
        }
        let _turn = self.turn.lock().await;
        match self.state() {
            Ownership::Owner(_, confirmed) if fresh(confirmed) => Ok(true),
            Ownership::Owner(fences, _) => self.confirm(store, fences, now).await,
            Ownership::Candidate(seen) => self.run_for(store, options, now, seen).await,
            Ownership::Lost => Err(EngineError::Lost),
        }
    }

    async fn confirm(&self, store: &Store, fences: Vec<Fence>, now: Timestamp) -> Result<bool> {
        let mut txn = store.begin("lease.beat").await?;
        for (member, fence) in self.members.iter().zip(&fences) {
            if !txn.lease_beat(member, *fence).await? {
                drop(txn);
                self.set(Ownership::Lost);
                return Err(EngineError::Lost);
            }
        }
        txn.commit().await?;
        self.set(Ownership::Owner(fences, now));
        Ok(true)
    }

    async fn run_for(
        &self,
        store: &Store,
        options: &Options,
        now: Timestamp,
        seen: Option<(Seen, Timestamp)>,
    ) -> Result<bool> {
        let mut views = Vec::with_capacity(self.members.len());
        let mut reader = store.read().await?;
        for member in &self.members {
            views.push(reader.lease_look(member).await?);
        }
        drop(reader);
        let looks: Seen = views.iter().map(|view| (view.fence, view.beat)).collect();
        // One that was let go is free at once; one with an owner must have been silent.
        let silent = |at: usize| {
            seen.as_ref().is_some_and(|(before, since)| {
                before.get(at) == looks.get(at) && now.since(*since) >= options.lease
            })
        };
        let free = views
            .iter()
            .enumerate()
            .all(|(at, view)| view.holder.is_none() || options.exclusive || silent(at));
        if free && let Some(fences) = self.take(store, options, &looks).await? {
            self.set(Ownership::Owner(fences, now));
            tracing::info!(holder = options.holder, connections = self.members.len(), "cell.owned");
            return Ok(true);
        }
        if seen.is_none_or(|(before, _)| before != looks) {
            self.set(Ownership::Candidate(Some((looks, now))));
        }
        Ok(false)
    }

    async fn take(
        &self,
        store: &Store,
        options: &Options,
        looks: &Seen,
    ) -> Result<Option<Vec<Fence>>> {
        let mut txn = store.begin("lease.take").await?;
        let mut fences = Vec::with_capacity(self.members.len());
        for (member, (fence, beat)) in self.members.iter().zip(looks) {
            match txn.lease_take(member, &options.holder, *fence, *beat).await? {
                Some(fence) => fences.push(fence),
                // Somebody was faster: what was taken here is rolled back with the transaction.
                None => return Ok(None),
            }
        }
        txn.commit().await?;
        Ok(Some(fences))
    }

    async fn leave(&self, store: &Store) -> Result<()> {
        let _turn = self.turn.lock().await;
        let Ownership::Owner(fences, _) = self.state() else { return Ok(()) };
        let mut txn = store.begin("lease.release").await?;
        for (member, fence) in self.members.iter().zip(fences) {
            txn.lease_release(member, fence).await?;
        }
        txn.commit().await?;
        self.set(Ownership::Candidate(None));
        Ok(())
    }

    /// After something was refused by the fence: whoever still believes to be the owner looks
    /// before the next step; whoever knows better stands as a candidate again.
    fn stand_again(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            Ownership::Lost => *state = Ownership::Candidate(None),
            Ownership::Owner(_, confirmed) => *confirmed = Timestamp(0),
            Ownership::Candidate(_) => {}
        }
    }
}

/// A lease survives so many lost beats.
const BEATS: i64 = 15;

impl Engine {
    pub(crate) fn fence(&self) -> Option<Fence> {
        self.lease().map(|lease| lease.fence)
    }

    /// A call may start only while the lease outlives its deadline.
    pub(crate) fn may_call(&self, now: Timestamp, deadline: Span) -> bool {
        self.lease().is_some_and(|lease| {
            lease.confirmed + self.options.lease > now + deadline + LEASE_MARGIN
        })
    }

    /// Between two beats.
    pub(crate) fn beat(&self) -> Span {
        Span(self.options.lease.0 / BEATS)
    }

    /// While another process owns the cell: its fence, and since when we have seen it alive.
    pub fn other_owner(&self) -> Option<(i64, Timestamp)> {
        let at = self.owner.members.iter().position(|member| *member == self.cell)?;
        match self.owner.state() {
            Ownership::Candidate(Some((seen, since))) => {
                seen.get(at).map(|(fence, _)| (*fence, since))
            }
            _ => None,
        }
    }

    /// A person paused the connection.
    pub fn paused(&self) -> bool {
        self.remember().paused
    }

    /// The lease, while the cell is ours.
    pub fn lease(&self) -> Option<Lease> {
        self.owner.lease(&self.cell)
    }

    /// Gives the cell back, so that another process may take it at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave(&self) -> Result<()> {
        self.owner.leave(&self.store).await
    }

    /// Becomes a candidate again after the cell was lost.
    pub fn stand_again(&self) {
        self.owner.stand_again();
    }

    /// Gains, confirms or loses the cell. True while it is ours.
    pub async fn own(&self) -> Result<bool> {
        if !self.owner.own(&self.store, &self.options, self.now()).await? {
            return Ok(false);
        }
        self.inherit().await?;
        Ok(true)
    }

    /// Deals with what the last owner left, once per hand-over; a database that does not answer is
    /// asked again.
    async fn inherit(&self) -> Result<()> {
        let fence = self.fence();
        if fence.is_none() || self.remember().inherited == fence {
            return Ok(());
        }
        self.forget_credentials();
        self.forget_erased().await?;
        self.remember().erasures.ask_again();
        self.remember().backfill.ask_again();
        self.remember().reconcile.ask_again();
        let row = self.store.read().await?.connection(&self.scope).await?;
        self.remember().paused = row.is_some_and(|c| c.paused);
        self.recall_waits().await?;
        self.recall_pauses().await?;
        self.recall_settings().await?;
        self.recover().await?;
        self.remember().inherited = fence;
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
