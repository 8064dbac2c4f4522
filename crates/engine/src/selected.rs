//! Orders and requests as the customer's own filters select them: asked with every read, because a filter may look at
//! anything.

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::System;
use dynamics::{OrderReads, RequestReads};

impl Engine {
    /// Marks orders that a filter leaves out. False when that cannot be asked now: half a read is none.
    pub(crate) async fn select_orders(&self, reads: &mut OrderReads) -> Result<bool> {
        let filters = self.settings().filters.clone();
        match self.dynamics.select_orders(self.now(), reads, &filters).await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(false)
            }
        }
    }

    /// Marks requests that the filter leaves out, in the same way.
    pub(crate) async fn select_requests(&self, reads: &mut RequestReads) -> Result<bool> {
        let filters = self.settings().filters.clone();
        match self.dynamics.select_requests(self.now(), reads, &filters).await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(false)
            }
        }
    }
}
