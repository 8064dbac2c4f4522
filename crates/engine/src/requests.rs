//! Shipment order requests of externally managed warehouses: found by their answer, read by id
//! together with the sales order they belong to.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{
    KEPT, KeptEdit, REQUEST, SALES, WAREHOUSE, change_kept, decode, document, encode, load,
};
use crate::parts::Engine;
use crate::poll::{Trouble, signal};
use domain::ids::{RequestId, SalesOrderNumber};
use domain::operation::{Lane, System};
use domain::plan::{Kept, Rival, SeenOrder};
use domain::request::{self, RequestRead, RequestStatus};
use domain::sales::OrderRead;
use domain::settings::Profile;
use domain::time::{Span, Timestamp};
use domain::warehouse::Shipment;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Reader, Signal, Txn};

/// Requests of a sales order, by its number in lower case.
pub(crate) const REQUESTS_OF: &str = "fo.requests-of";
/// When the last whole look at waiting requests began.
const CURSOR: &str = "fo.requests";

/// Requests with the sales orders that were read for them.
#[derive(Default)]
pub(crate) struct RequestsRead {
    pub(crate) requests: Vec<RequestRead>,
    pub(crate) sales: Vec<OrderRead>,
}

/// The requests among subjects, and the others.
pub(crate) fn apart(subjects: impl IntoIterator<Item = String>) -> (Vec<RequestId>, Vec<String>) {
    let (mut requests, mut orders) = (Vec::new(), Vec::new());
    for subject in subjects {
        match request::id_of(&subject) {
            Some(id) => requests.push(RequestId::new(id)),
            None => orders.push(subject),
        }
    }
    (requests, orders)
}

impl Engine {
    /// Looks which requests wait and which were taken back lately.
    pub(crate) async fn poll_requests(&self) -> Result<()> {
        if !self.settings().has_external() || !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(());
        }
        let began = self.now();
        let open = match self.dynamics.open_requests(began).await {
            Ok(open) => open,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(());
            }
        };
        self.good(System::Dynamics);
        let signals = open
            .iter()
            .map(|one| {
                let key = request::subject(&one.id);
                let dedupe = format!("fo.request|{}|{}", one.id, one.version);
                signal("poll", target::REQUEST, &key, dedupe, began)
            })
            .collect();
        let waiting: Vec<String> =
            open.iter().filter(|o| o.waits).map(|o| request::subject(&o.id)).collect();
        let mut work = self.begin("poll.requests").await?;
        let last = work.txn.cursor(&self.scope, CURSOR).await?;
        let last = last.and_then(|row| Timestamp::parse(&row.0));
        let known: HashMap<String, Kept> = load(&mut work.txn, &self.scope, KEPT, &waiting).await?;
        // A request has no date. One that the last look did not show was released after it.
        let new = waiting.into_iter().filter(|key| !known.contains_key(key));
        let edits: Vec<KeptEdit> = new
            .map(|key| {
                let edit: Box<dyn FnOnce(&mut Kept) + Send> =
                    Box::new(move |kept: &mut Kept| kept.last_unreleased = last);
                (key, edit)
            })
            .collect();
        change_kept(&mut work.txn, &self.scope, began, edits).await?;
        work.txn.inbox_add_many(&self.scope, signals).await?;
        work.txn.cursor_put(&self.scope, CURSOR, &began.to_rfc3339(), began).await?;
        work.commit().await
    }

    pub(crate) async fn gather_requests(&self, signals: Vec<Signal>) -> Result<bool> {
        let keys: BTreeSet<String> = signals.iter().map(|s| s.target_key.clone()).collect();
        let (ids, _) = apart(keys);
        let Some(reads) = self.read_requests(&ids, Lane::Orders).await? else { return Ok(false) };
        let mut work = self.begin("gather.requests").await?;
        self.store_requests(&mut work.txn, &reads).await?;
        let read: BTreeSet<String> =
            reads.requests.iter().map(|r| request::subject(&r.id).to_lowercase()).collect();
        let told = signals.iter().filter(|s| read.contains(&s.target_key.to_lowercase()));
        let done: Vec<i64> = told.map(|s| s.id).collect();
        let all = done.len() == signals.len();
        work.txn.inbox_done(&self.scope, done, self.now()).await?;
        work.commit().await?;
        if !all {
            self.rest(System::Dynamics, Trouble::Closed(self.now() + Span::seconds(2)))?;
        }
        Ok(true)
    }

    /// Reads requests and the sales orders they name; none when F&O cannot be read now.
    pub(crate) async fn read_requests(
        &self,
        ids: &[RequestId],
        lane: Lane,
    ) -> Result<Option<RequestsRead>> {
        if ids.is_empty() {
            return Ok(Some(RequestsRead::default()));
        }
        if !self.may_read(System::Dynamics, lane) {
            return Ok(None);
        }
        let mut found = match self.dynamics.read_requests(self.now(), ids).await {
            Ok(found) => found,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(None);
            }
        };
        if !self.select_requests(&mut found).await? {
            return Ok(None);
        }
        self.good(System::Dynamics);
        for (id, why) in &found.unread {
            tracing::warn!(request = id.as_str(), why, "request.unread");
        }
        let mut numbers: Vec<SalesOrderNumber> = Vec::new();
        let settings = self.settings();
        for one in found.read.iter().filter_map(|r| r.request.as_ref()) {
            for number in one.candidates(&settings.external.order_number_fields) {
                if !numbers.iter().any(|n| n.same_as(number.as_str())) {
                    numbers.push(number);
                }
            }
        }
        let sales = match numbers.is_empty() {
            true => Some(Vec::new()),
            false => self.read_sales(&numbers, lane).await?,
        };
        let Some(sales) = sales else { return Ok(None) };
        // Half a read is none: a request whose order could not be told is asked for again.
        let told = |r: &RequestRead| {
            let mut named = r
                .request
                .iter()
                .flat_map(|one| one.candidates(&settings.external.order_number_fields));
            named.all(|n| sales.iter().any(|s| s.number.same_as(n.as_str())))
        };
        let requests = found.read.into_iter().filter(told).collect();
        Ok(Some(RequestsRead { requests, sales }))
    }

    /// Stores requests with their sales orders, and marks their subjects.
    pub(crate) async fn store_requests(&self, txn: &mut Txn, reads: &RequestsRead) -> Result<()> {
        self.store_sales(txn, &reads.sales).await?;
        let now = self.now();
        let settings = self.settings();
        let mut rows = Vec::new();
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut subjects = Vec::new();
        for read in &reads.requests {
            let subject = request::subject(&read.id);
            rows.push(document(REQUEST, &subject, read.read_began, read)?);
            for number in read
                .request
                .iter()
                .flat_map(|one| one.candidates(&settings.external.order_number_fields))
            {
                of.entry(number.as_str().to_lowercase()).or_default().insert(subject.clone());
            }
            subjects.push(subject);
        }
        let keys: Vec<String> = of.keys().cloned().collect();
        let mut known: HashMap<String, BTreeSet<String>> =
            load(txn, &self.scope, REQUESTS_OF, &keys).await?;
        for (key, mut all) in of {
            let before = known.remove(&key).unwrap_or_default();
            if !all.is_subset(&before) {
                all.extend(before);
                rows.push(store::Observation {
                    kind: REQUESTS_OF.to_owned(),
                    key,
                    person: None,
                    version: String::new(),
                    stamp: now,
                    read_began: now,
                    body: Some(encode(&all)?),
                });
            }
        }
        txn.observations_put(&self.scope, rows).await?;
        self.judge_erased_requests(txn, reads).await?;
        txn.subjects_mark(&self.scope, subjects, Lane::Orders as i64, now).await?;
        Ok(())
    }

    /// Subjects a read of sales orders is news for: the requests that belong to them, and the
    /// orders themselves unless all their goods ship from externally managed warehouses.
    pub(crate) async fn concerned(
        &self,
        txn: &mut Txn,
        reads: &[OrderRead],
    ) -> Result<Vec<String>> {
        let numbers: Vec<String> = reads.iter().map(|r| r.number.as_str().to_owned()).collect();
        let settings = self.settings();
        if !settings.has_external() {
            return Ok(numbers);
        }
        let lower: Vec<String> = numbers.iter().map(|n| n.to_lowercase()).collect();
        let of: HashMap<String, BTreeSet<String>> =
            load(txn, &self.scope, REQUESTS_OF, &lower).await?;
        let known: BTreeSet<String> =
            txn.subjects(&self.scope, &numbers).await?.into_iter().map(|row| row.key).collect();
        let mut subjects: Vec<String> = of.values().flatten().cloned().collect();
        for read in reads {
            let number = read.number.as_str();
            let requests = of.contains_key(&number.to_lowercase());
            let external = match &read.order {
                None => requests,
                Some(order) => {
                    let mut lines = order.lines.iter();
                    !order.lines.is_empty()
                        && lines.all(|l| {
                            settings.warehouse_of(&l.warehouse, Profile::External).is_some()
                        })
                }
            };
            if !external || known.contains(number) {
                subjects.push(number.to_owned());
            }
        }
        Ok(subjects)
    }

    /// The requests among the subjects with the sales orders they name, as last read.
    pub(crate) async fn load_requests(
        &self,
        reader: &mut Reader,
        subjects: &[String],
    ) -> Result<HashMap<String, (RequestRead, Option<OrderRead>)>> {
        let keys: Vec<String> =
            subjects.iter().filter(|s| request::id_of(s).is_some()).cloned().collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let settings = self.settings();
        let fields = &settings.external.order_number_fields;
        let requests: HashMap<String, RequestRead> =
            load(reader, &self.scope, REQUEST, &keys).await?;
        let numbers: BTreeSet<String> = requests
            .values()
            .filter_map(|r| r.request.as_ref())
            .flat_map(|one| one.candidates(fields))
            .map(|n| n.as_str().to_owned())
            .collect();
        let numbers: Vec<String> = numbers.into_iter().collect();
        let mut sales: HashMap<String, OrderRead> = HashMap::new();
        for row in reader.observations(&self.scope, SALES, &numbers).await? {
            if let Some(body) = &row.body {
                sales.insert(row.key.to_lowercase(), decode(SALES, &row.key, body)?);
            }
        }
        let found = requests.into_iter().map(|(key, read)| {
            let owner = read.request.as_ref().and_then(|one| {
                request::owner(one, fields, |n| sales.get(&n.as_str().to_lowercase())).cloned()
            });
            (key, (read, owner))
        });
        Ok(found.collect())
    }

    /// Cancelled requests of the same sales orders whose goods ShipBob may still ship.
    pub(crate) async fn load_rivals(
        &self,
        reader: &mut Reader,
        requests: &HashMap<String, (RequestRead, Option<OrderRead>)>,
    ) -> Result<HashMap<String, Vec<Rival>>> {
        let owner = |pair: &(RequestRead, Option<OrderRead>)| {
            pair.1.as_ref().map(|o| o.number.as_str().to_lowercase())
        };
        let owners: BTreeSet<String> = requests.values().filter_map(owner).collect();
        let owners: Vec<String> = owners.into_iter().collect();
        let of: HashMap<String, BTreeSet<String>> =
            load(reader, &self.scope, REQUESTS_OF, &owners).await?;
        let all: BTreeSet<String> =
            of.values().filter(|keys| keys.len() > 1).flatten().cloned().collect();
        let all: Vec<String> = all.into_iter().collect();
        let reads: HashMap<String, RequestRead> = load(reader, &self.scope, REQUEST, &all).await?;
        let orders: HashMap<String, Vec<SeenOrder>> =
            load(reader, &self.scope, WAREHOUSE, &all).await?;
        let rival = |key: &String| {
            let read = reads.get(key)?;
            let gone = read.request.as_ref().is_none_or(|r| r.status == RequestStatus::Cancelled);
            let mut live = orders.get(key)?.iter().filter(|o| !o.order.cancelled()).peekable();
            let ships = gone && live.peek().is_some();
            ships.then(|| Rival {
                request: read.id.clone(),
                picked: live.any(|o| o.order.shipments.iter().any(Shipment::picked)),
            })
        };
        let found = requests.iter().filter_map(|(key, pair)| {
            let keys = of.get(&owner(pair)?)?;
            let mut rivals: Vec<Rival> =
                keys.iter().filter(|k| *k != key).filter_map(rival).collect();
            rivals.sort();
            (!rivals.is_empty()).then(|| (key.clone(), rivals))
        });
        Ok(found.collect())
    }
}
