//! Who owns a cell. No wall clock: a candidate takes over after it has seen (fence, beat)
//! unchanged for the lease time on its own monotonic clock, and the take-over itself is a
//! compare-and-set on what it saw. Every state-changing transaction of an owner begins with
//! [`Txn::guard`].

use crate::error::{Result, StoreError};
use crate::gate::{Reader, Stmt, Txn, statements, values};
use domain::ids::{OrganisationId, Scope};

statements! {
    tenant LEASE_LOOK = "SELECT holder, fence, beat FROM lease \
        WHERE organisation_id = $1 AND cell = $2";
    tenant LEASE_GUARD = "SELECT fence FROM lease WHERE organisation_id = $1 AND cell = $2",
        // Shared with other transactions of the owner, but a take-over has to wait for them.
        pg "SELECT fence FROM lease WHERE organisation_id = $1 AND cell = $2 FOR SHARE";
    tenant LEASE_FIRST = "INSERT INTO lease (organisation_id, cell, holder, fence, beat) \
        VALUES ($1, $2, $3, 1, 1) ON CONFLICT DO NOTHING RETURNING fence";
    tenant LEASE_TAKE = "UPDATE lease SET holder = $3, fence = fence + 1, beat = beat + 1 \
        WHERE organisation_id = $1 AND cell = $2 AND fence = $4 AND beat = $5 RETURNING fence";
    tenant LEASE_BEAT = "UPDATE lease SET beat = beat + 1 \
        WHERE organisation_id = $1 AND cell = $2 AND fence = $3 AND holder IS NOT NULL";
    tenant LEASE_RELEASE = "UPDATE lease SET holder = NULL, beat = beat + 1 \
        WHERE organisation_id = $1 AND cell = $2 AND fence = $3 AND holder IS NOT NULL";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// The unit of ownership: connections tied together inside one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// The tenant it lies in.
    pub organisation: OrganisationId,
    /// Its name inside the tenant.
    pub name: String,
}

impl Cell {
    /// The cell of a connection that shares its accounts with no other.
    pub fn of(scope: &Scope) -> Self {
        Self {
            organisation: scope.organisation.clone(),
            name: scope.connection.as_str().to_owned(),
        }
    }
}

/// The number that proves ownership; it grows with every owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// What a candidate sees. All zero and nobody when the cell was never owned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeaseView {
    /// Fence of the last owner.
    pub fence: i64,
    /// Changes with every sign of life.
    pub beat: i64,
    /// The owner; `None` when it let go, then the cell may be taken at once.
    pub holder: Option<String>,
}

impl Reader {
    /// What a candidate sees now.
    ///
    /// # Errors
    /// As every statement.
    pub async fn lease_look(&mut self, cell: &Cell) -> Result<LeaseView> {
        let values = values![cell.organisation.as_str(), cell.name.as_str()];
        let Some(row) = self.maybe(&LEASE_LOOK, values).await? else {
            return Ok(LeaseView::default());
        };
        Ok(LeaseView {
            fence: row.int("fence")?,
            beat: row.int("beat")?,
            holder: row.text_opt("holder")?,
        })
    }
}

impl Txn {
    /// Takes the cell over if it still looks as the candidate saw it; `None` when it does not.
    /// The caller has watched it for the lease time, or it has no holder.
    ///
    /// # Errors
    /// As every statement.
    pub async fn lease_take(
        &mut self,
        cell: &Cell,
        holder: &str,
        seen_fence: i64,
        seen_beat: i64,
    ) -> Result<Option<Fence>> {
        let mut values = values![cell.organisation.as_str(), cell.name.as_str(), holder];
        let row = if seen_fence == 0 {
            self.maybe(&LEASE_FIRST, values).await?
        } else {
            values.extend(values![seen_fence, seen_beat]);
            self.maybe(&LEASE_TAKE, values).await?
        };
        row.map(|row| row.int("fence").map(Fence)).transpose()
    }

    /// A sign of life; false when the cell has another owner by now.
    ///
    /// # Errors
    /// As every statement.
    pub async fn lease_beat(&mut self, cell: &Cell, fence: Fence) -> Result<bool> {
        let values = values![cell.organisation.as_str(), cell.name.as_str(), fence.0];
        Ok(self.run(&LEASE_BEAT, values).await? > 0)
    }

    /// Lets go, so that another node need not wait; false when it was not ours any more.
    ///
    /// # Errors
    /// As every statement.
    pub async fn lease_release(&mut self, cell: &Cell, fence: Fence) -> Result<bool> {
        let values = values![cell.organisation.as_str(), cell.name.as_str(), fence.0];
        Ok(self.run(&LEASE_RELEASE, values).await? > 0)
    }

    /// The first thing in every state-changing transaction of an owner.
    ///
    /// # Errors
    /// `Conflict` when the cell has another owner by now: stop working on it.
    pub async fn guard(&mut self, cell: &Cell, fence: Fence) -> Result<()> {
        let values = values![cell.organisation.as_str(), cell.name.as_str()];
        let stored = match self.maybe(&LEASE_GUARD, values).await? {
            Some(row) => row.int("fence")?,
            None => 0,
        };
        if stored == fence.0 {
            return Ok(());
        }
        Err(StoreError::Conflict(format!(
            "cell {} is owned under fence {stored}, not {}",
            cell.name, fence.0
        )))
    }
}
