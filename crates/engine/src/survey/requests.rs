//! Shipment order requests of externally managed warehouses, with the sales orders they name: all that wait for an answer,
//! and the newest that were answered or taken back, which the service would not ask for.

use super::reads::{ORDERS, unread};
use super::{Bounds, Facts, Limit, OrderRead, Settings, Surveyor, System};
use domain::ids::{RequestId, SalesOrderNumber};
use domain::request::{self, RequestRead};
use std::collections::HashMap;

/// A request, and the sales order it belongs to where that is known.
pub(super) type Asked = (RequestRead, Option<OrderRead>);

impl Surveyor<'_> {
    /// All that wait, and those before them; none where no warehouse is externally managed.
    pub(super) async fn requests(
        &self,
        facts: &mut Facts,
        settings: &Settings,
        bounds: &Bounds,
    ) -> Vec<Asked> {
        if !settings.has_external() {
            return Vec::new();
        }
        let what = "Dynamics: shipment order requests";
        (self.step)(what);
        let open = self.ask(System::Dynamics, || self.dynamics.open_requests(self.now())).await;
        let open = match open {
            Ok(open) => open,
            Err(why) => {
                unread(facts, what, Some(why));
                return Vec::new();
            }
        };
        let (waiting, taken_back): (Vec<_>, Vec<_>) = open.into_iter().partition(|r| r.waits);
        let mut ids: Vec<RequestId> = waiting.into_iter().map(|r| r.id).collect();
        ids.sort_by(|a, b| b.cmp(a));
        if ids.len() > bounds.orders {
            let words = format!(
                "{} shipment order requests wait; the newest {} were looked at.",
                ids.len(),
                bounds.orders
            );
            facts.limits.push(Limit { id: "requests", words });
            ids.truncate(bounds.orders);
        }
        ids.extend(taken_back.into_iter().map(|r| r.id));
        ids.extend(self.answered(facts, bounds).await);
        let mut found = Vec::new();
        for part in ids.chunks(ORDERS) {
            let read = self.ask(System::Dynamics, || async move {
                let mut reads = self.dynamics.read_requests(self.now(), part).await?;
                self.dynamics.select_requests(self.now(), &mut reads, &settings.filters).await?;
                Ok::<_, dynamics::CallError>(reads)
            });
            match read.await {
                Ok(reads) => {
                    for (id, why) in reads.unread {
                        unread(facts, &format!("Dynamics: request {id}"), Some(why));
                    }
                    found.extend(reads.read);
                }
                Err(why) => unread(facts, what, Some(why)),
            }
        }
        self.with_owners(facts, settings, found).await
    }

    /// The newest that were answered.
    async fn answered(&self, facts: &mut Facts, bounds: &Bounds) -> Vec<RequestId> {
        let newest = u32::try_from(bounds.answered).unwrap_or(u32::MAX);
        let read = self
            .ask(System::Dynamics, || self.dynamics.answered_requests(self.now(), newest))
            .await;
        let all = match read {
            Ok(all) => all,
            Err(why) => {
                unread(facts, "Dynamics: shipment order requests answered before", Some(why));
                return Vec::new();
            }
        };
        if all.iter().any(|ids| ids.len() >= bounds.answered) {
            let words = format!(
                "Of the shipment order requests that were answered before, the newest {} of each answer were looked at.",
                bounds.answered
            );
            facts.limits.push(Limit { id: "requests-answered", words });
        }
        all.into_iter().flatten().collect()
    }

    /// Reads the sales orders the requests may belong to.
    async fn with_owners(
        &self,
        facts: &mut Facts,
        settings: &Settings,
        requests: Vec<RequestRead>,
    ) -> Vec<Asked> {
        let fields = &settings.external.order_number_fields;
        let mut numbers: Vec<SalesOrderNumber> = requests
            .iter()
            .filter_map(|read| read.request.as_ref())
            .flat_map(|one| one.candidates(fields))
            .collect();
        numbers.sort();
        numbers.dedup_by(|a, b| a.same_as(b.as_str()));
        let mut sales: HashMap<String, OrderRead> = HashMap::new();
        for part in numbers.chunks(ORDERS) {
            (self.step)("Dynamics: sales orders of the requests");
            for read in self.sales(facts, settings, part).await {
                sales.insert(read.number.as_str().to_lowercase(), read);
            }
        }
        let of = |number: &SalesOrderNumber| sales.get(&number.as_str().to_lowercase());
        let with = |read: RequestRead| {
            let owner = read.request.as_ref().and_then(|r| request::owner(r, fields, of)).cloned();
            (read, owner)
        };
        requests.into_iter().map(with).collect()
    }
}
