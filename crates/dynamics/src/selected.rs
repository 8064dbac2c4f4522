//! Which orders and requests the customer's own filters select. F&O judges a filter; it is put beside the keys of what
//! was just read, in one `$batch` of its own, so that without a filter nothing of it is asked.

use crate::client::{self, Dynamics, Turn};
use crate::interpret;
use crate::odata::{Filter, Query};
use crate::orders::OrderReads;
use crate::reply::CallError;
use crate::requests::RequestReads;
use crate::wire::{self, OrderRow, Row, SelectedOrder, SelectedRequest};
use domain::order_filter::OrderFilters;
use domain::settings::Profile;
use domain::time::Timestamp;
use std::collections::BTreeSet;

/// Keys asked about with one `$batch`: their rows fit one page of F&O.
const KEYS: usize = 500;

impl Dynamics {
    /// Marks orders that the filters leave out.
    ///
    /// # Errors
    /// Nothing can be said: an order whose filter was not asked must not be stored.
    pub async fn select_orders(
        &self,
        now: Timestamp,
        reads: &mut OrderReads,
        filters: &OrderFilters,
    ) -> Result<(), CallError> {
        for profile in [Profile::Plain, Profile::Whs] {
            let Some(filter) = filters.of(profile) else { continue };
            let orders = reads.read.iter().filter_map(|r| r.order.as_ref());
            let keys: Vec<String> = orders.map(|o| o.number.as_str().to_owned()).collect();
            let selected = self.selected::<SelectedOrder>(now, &keys, filter).await?;
            for order in reads.read.iter_mut().filter_map(|r| r.order.as_mut()) {
                if !selected.contains(&order.number.as_str().to_lowercase()) {
                    order.left_out.insert(profile);
                }
            }
        }
        Ok(())
    }

    /// Marks requests that the filter leaves out.
    ///
    /// # Errors
    /// As [`Self::select_orders`].
    pub async fn select_requests(
        &self,
        now: Timestamp,
        reads: &mut RequestReads,
        filters: &OrderFilters,
    ) -> Result<(), CallError> {
        let Some(filter) = filters.of(Profile::External) else { return Ok(()) };
        let requests = reads.read.iter().filter_map(|r| r.request.as_ref());
        let keys: Vec<String> = requests.map(|r| r.id.as_str().to_owned()).collect();
        let selected = self.selected::<SelectedRequest>(now, &keys, filter).await?;
        for request in reads.read.iter_mut().filter_map(|r| r.request.as_mut()) {
            request.left_out = !selected.contains(&request.id.as_str().to_lowercase());
        }
        Ok(())
    }

    /// Why F&O refuses filters, each with its profile; empty when it takes them all.
    ///
    /// # Errors
    /// F&O could not be asked.
    pub async fn refused_filters(
        &self,
        now: Timestamp,
        filters: &OrderFilters,
    ) -> Result<Vec<(Profile, String)>, CallError> {
        let mut refused = Vec::new();
        let mut turn = self.turn();
        for (profile, filter) in filters.all() {
            let url = match profile {
                Profile::External => self.first_selected::<SelectedRequest>(filter),
                Profile::Plain | Profile::Whs => self.first_selected::<SelectedOrder>(filter),
            };
            match self.rows_of::<SelectedOrder>(&mut turn, now, &[url]).await {
                Ok(_) => {}
                Err(CallError::Refused { status: 400, why }) => {
                    refused.push((profile, why));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }

    fn first_selected<T: Row>(&self, filter: &str) -> String {
        let all = Filter::All(vec![self.company(), Filter::Written(filter.to_owned())]);
        Query::of(T::SET, T::SELECT).filter(all).top(1).url(&self.config.base)
    }

    /// Keys, in lower case, of the rows that a filter selects.
    async fn selected<T: OrderRow>(
        &self,
        now: Timestamp,
        keys: &[String],
        filter: &str,
    ) -> Result<BTreeSet<String>, CallError> {
        let mut found = BTreeSet::new();
        let mut turn = self.asking_turn();
        for keys in keys.chunks(KEYS) {
            let urls = self.urls::<T>(keys, &[Filter::Written(filter.to_owned())]);
            let rows: Vec<T> = self.rows_of(&mut turn, now, &urls).await?;
            found.extend(rows.iter().map(|row| row.order().to_lowercase()));
        }
        Ok(found)
    }

    async fn rows_of<T: Row>(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        urls: &[String],
    ) -> Result<Vec<T>, CallError> {
        if urls.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self
            .batch(turn, now, "dynamics.read-orders", client::reads(urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut rows = Vec::new();
        for n in 0..urls.len() {
            let body = &interpret::read_part(batch.parts.get(n), now)?.body;
            let page = wire::page::<T>(body).map_err(|why| CallError::Malformed { why })?;
            if page.next.is_some() {
                let why = "the orders of one filter do not fit one page".to_owned();
                return Err(CallError::Malformed { why });
            }
            for row in page.rows {
                rows.push(row.map_err(|bad| CallError::Malformed { why: bad.why })?);
            }
        }
        Ok(rows)
    }
}
