//! Numbered steps of the store, for the crash matrix. In service nothing is installed here.

/// One commit that is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePoint {
    /// Counts from 1 for every opened store.
    pub number: u64,
    /// The name the transaction was begun with.
    pub name: &'static str,
}

/// What happens at a [`StorePoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultAction {
    /// The commit takes place.
    Proceed,
    /// The process "dies" just before the commit: nothing is kept, the store is dead.
    CrashBefore,
    /// The process "dies" just after the commit: all is kept, the store is dead, the caller
    /// never learns it.
    CrashAfter,
    /// The commit fails cleanly: nothing is kept, the store lives on.
    Error,
}

/// Asked once before every commit.
pub trait FaultPoint: Send + Sync {
    /// Decides what happens at this step.
    fn hit(&self, step: &StorePoint) -> FaultAction;
}

/// Nothing ever goes wrong on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl FaultPoint for NoFaults {
    fn hit(&self, _step: &StorePoint) -> FaultAction {
        FaultAction::Proceed
    }
}
