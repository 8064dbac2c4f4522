//! [`Books`] over the store.

mod flows;
mod overview;

use super::decode;
use super::{Books, BooksError, Read};
use crate::command::{Command, SOURCE, Target};
use crate::model::{
    At, ChainReport, Checkup, ConnectionFacts, CredentialLine, Days, FinanceFacts, FlowFacts,
    Found, HoldGroup, InboundFacts, InboundQuery, InvoiceFacts, OrderCosts, OrderFacts,
    OrderFilter, OrdersPage, OverviewFacts, ProductsPage, StockFacts, StockQuery, TrailPage,
    TrailQuery,
};
use domain::ids::Scope;
use domain::plan::SeenOrder;
use domain::product::{ProductState, STATE};
use domain::reconcile::{Asked, Sealed};
use domain::request::RequestRead;
use domain::sales::OrderRead;
use domain::time::{Span, Timestamp};
use std::collections::HashMap;
use store::read::OrderList;
use store::{NewSignal, Observation, Reader, Store, StoreError, SubjectRow, TrailFilter};

/// Waiting longer than this without anybody having been asked is late.
pub(crate) const LATE_AFTER: Span = Span::minutes(15);
/// Plans shown of one order.
const PLANS: usize = 20;
/// Entries of the trail shown of one order.
const TRAIL: usize = 300;

/// The read models of one connection in a store.
#[derive(Clone)]
pub struct StoreBooks {
    pub(super) store: Store,
    pub(super) scope: Scope,
}

impl StoreBooks {
    /// Reads `scope` in `store`.
    pub fn new(store: Store, scope: Scope) -> Self {
        Self { store, scope }
    }

    pub(super) async fn reader(&self) -> Result<Reader, BooksError> {
        Ok(self.store.read().await?)
    }

    async fn read_connection(&self) -> Result<ConnectionFacts, BooksError> {
        let mut reader = self.reader().await?;
        let found = reader.connection(&self.scope).await?;
        let pauses = reader.cursor(&self.scope, domain::pause::CURSOR).await?;
        let pauses = super::pauses(pauses.map(|(text, _)| text))?;
        let row = found.ok_or_else(|| {
            BooksError::Broken(format!("connection {} is not there", self.scope.connection))
        })?;
        Ok(ConnectionFacts {
            name: row.name,
            company: row.company,
            channel: row.channel_id,
            cut_off: row.cut_off.map(At),
            paused: row.paused,
            pauses,
            settings_version: row.settings_version,
        })
    }

    async fn read_checkup(&self) -> Result<Checkup, BooksError> {
        let mut reader = self.reader().await?;
        let mut bodies = Vec::new();
        for kind in [domain::doctor::KEPT, domain::drift::KEPT] {
            let rows = reader.observations(&self.scope, kind, &[String::new()]).await?;
            bodies.push((kind, rows.into_iter().next().and_then(|row| row.body)));
        }
        let hooks = reader.webhooks(&self.scope).await?;
        let events = hooks.iter().find(|row| row.secret_current == store::BUSINESS_EVENTS);
        let events = events.map(|row| format!("/events/{}", row.path_token));
        let mut checkup = Checkup { events, ..Checkup::default() };
        for (kind, body) in bodies {
            let Some(body) = body else { continue };
            let broken = |e: serde_json::Error| BooksError::Broken(format!("{kind}: {e}"));
            if kind == domain::doctor::KEPT {
                checkup.doctor = Some(serde_json::from_slice(&body).map_err(broken)?);
            } else {
                checkup.drift = Some(serde_json::from_slice(&body).map_err(broken)?);
            }
        }
        Ok(checkup)
    }

    async fn read_credentials(&self) -> Result<Vec<CredentialLine>, BooksError> {
        let kept = self.reader().await?.secret_list(&self.scope).await?;
        // What a connect leaves behind for minutes is nobody's credential.
        let lasting =
            kept.into_iter().filter(|s| !matches!(s.name.as_str(), "oauth_flow" | "oauth_code"));
        Ok(lasting
            .map(|secret| CredentialLine {
                system: secret.system.as_str().to_owned(),
                name: secret.name,
                set_at: At(secret.set_at),
                set_by: secret.set_by,
                expires_at: secret.expires_at.map(At),
            })
            .collect())
    }

    async fn read_orders(
        &self,
        filter: OrderFilter,
        after: Option<String>,
        limit: i64,
        now: Timestamp,
    ) -> Result<OrdersPage, BooksError> {
        let list = match filter {
            OrderFilter::All => OrderList::All,
            OrderFilter::Released => OrderList::Released,
            OrderFilter::Waiting => OrderList::Waiting,
            OrderFilter::Held => OrderList::Held,
            OrderFilter::InShipBob => OrderList::InShipBob,
            OrderFilter::Shipped => OrderList::Shipped,
            OrderFilter::WrittenBack => OrderList::Written,
            OrderFilter::Delivered => OrderList::Delivered,
            OrderFilter::Late => OrderList::Late(now - LATE_AFTER),
            OrderFilter::Cancelled => OrderList::Cancelled,
        };
        let wanted = usize::try_from(limit).unwrap_or(50);
        let place = after.as_deref().and_then(place);
        let mut reader = self.reader().await?;
        let mut rows = reader.order_list(&self.scope, list, place, wanted + 1).await?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| more).map(|row| format!("{}~{}", row.seen_at.0, row.key));
        let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        let seen = reader.observations(&self.scope, "fo.order", &keys).await?;
        let mut ship_to: HashMap<String, String> = seen
            .into_iter()
            .filter_map(|seen| Some((seen.key.clone(), decode::ship_to(&body(&seen).ok()??)?)))
            .collect();
        let rows = rows
            .into_iter()
            .map(|row| {
                let to = ship_to.remove(&row.key);
                decode::order_row(row, to)
            })
            .collect();
        Ok(OrdersPage { rows, next })
    }

    async fn read_products(
        &self,
        begins: &str,
        after: Option<String>,
        limit: i64,
    ) -> Result<ProductsPage, BooksError> {
        let begins = begins.trim().to_lowercase();
        let limit = usize::try_from(limit).unwrap_or(50);
        let mut reader = self.reader().await?;
        let mut seen = Vec::new();
        if after.is_none() {
            seen = reader.observations(&self.scope, STATE, std::slice::from_ref(&begins)).await?;
        }
        let from = after.unwrap_or_else(|| begins.clone());
        seen.extend(reader.observations_of_kind(&self.scope, STATE, &from, limit + 1).await?);
        seen.retain(|one| one.key.starts_with(&begins));
        let more = seen.len() > limit;
        seen.truncate(limit);
        let next = seen.last().filter(|_| more).map(|one| one.key.clone());
        let mut rows = Vec::with_capacity(seen.len());
        for one in &seen {
            rows.extend(body::<ProductState>(one)?.map(Into::into));
        }
        Ok(ProductsPage { rows, next })
    }

    async fn subject(
        &self,
        reader: &mut Reader,
        number: &str,
    ) -> Result<Option<SubjectRow>, BooksError> {
        let exact = reader.subjects(&self.scope, &[number.to_owned()]).await?;
        if let Some(row) = exact.into_iter().next() {
            return Ok(Some(row));
        }
        // F&O does not care for letter case, so neither do addresses.
        let found = reader.numbers_find(&self.scope, number, 20).await?;
        let same = found
            .into_iter()
            .find(|f| f.kind == "order" && f.number.to_lowercase() == number.to_lowercase());
        let Some(same) = same else { return Ok(None) };
        Ok(reader.subjects(&self.scope, &[same.subject]).await?.into_iter().next())
    }

    async fn read_order(&self, number: &str) -> Result<Option<OrderFacts>, BooksError> {
        let mut reader = self.reader().await?;
        let Some(row) = self.subject(&mut reader, number).await? else { return Ok(None) };
        let (scope, key) = (&self.scope, row.key.clone());
        let keys = [key.clone()];
        let sales = reader.observations(scope, "fo.order", &keys).await?.into_iter().next();
        let warehouse = reader.observations(scope, "sb.orders", &keys).await?.into_iter().next();
        let erased = sales.as_ref().is_some_and(|seen| seen.body.is_none());
        let mut sales: Option<OrderRead> = sales.as_ref().map(body).transpose()?.flatten();
        if domain::request::id_of(&key).is_some() {
            let read = reader.observations(scope, "fo.request", &keys).await?.into_iter().next();
            let read: Option<RequestRead> = read.as_ref().map(body).transpose()?.flatten();
            sales = read.map(|read| decode::asked(&key, &read));
        }
        let warehouse: Option<Vec<SeenOrder>> = warehouse.as_ref().map(body).transpose()?.flatten();
        let mut warehouse = warehouse.unwrap_or_default();
        // Kits that were sent as components are shown as the kits they are.
        let kept = reader.observations(scope, "kept", &keys).await?.into_iter().next();
        let kept: Option<domain::plan::Kept> = kept.as_ref().map(body).transpose()?.flatten();
        for seen in &mut warehouse {
            let sent = kept.as_ref().and_then(|k| k.sent.get(seen.order.reference.as_str()));
            if let Some(sent) = sent {
                domain::kit::fold(&mut seen.order, &domain::kit::sent_kits(sent));
            }
        }
        let returns = self.returns_of(&mut reader, &warehouse).await?;
        let holds = reader.holds_of(scope, &key).await?;
        let mut decisions = reader.decisions(scope, &keys).await?;
        decisions.reverse();
        let plans = reader.plans_of(scope, &key, PLANS).await?;
        let deliveries = reader.deliveries_of(scope, &key).await?;
        let ids: Vec<i64> = deliveries.iter().map(|delivery| delivery.id).collect();
        let attempts = reader.attempts_of(scope, &ids).await?;
        let filter = TrailFilter { subject: Some(key.clone()), ..TrailFilter::default() };
        let trail = reader.trail(scope, &filter, None, TRAIL).await?;
        let erasure = super::erasure(&mut reader, scope, &key).await?;
        let target = Target::Order(key);
        let pending = reader.signals_of(scope, SOURCE, target.kind(), &target.key()).await?;
        let ship_to = sales.as_ref().and_then(decode::ship_to);
        Ok(Some(OrderFacts {
            row: decode::order_row(row, ship_to),
            sales,
            warehouse,
            returns,
            holds: holds.into_iter().map(decode::hold).collect(),
            pending: pending.into_iter().map(decode::pending).collect(),
            decisions: decisions.into_iter().map(decode::decision).collect(),
            plans: plans.iter().map(decode::plan).collect(),
            deliveries: decode::deliveries(deliveries, attempts),
            trail: trail.into_iter().map(decode::trail).collect(),
            erased,
            erasure,
        }))
    }

    async fn find(&self, number: &str, limit: i64) -> Result<Vec<Found>, BooksError> {
        let mut reader = self.reader().await?;
        let limit = usize::try_from(limit).unwrap_or(50);
        let entries = reader.numbers_find(&self.scope, number, limit).await?;
        let keys: Vec<String> = entries.iter().map(|entry| entry.subject.clone()).collect();
        let subjects: HashMap<String, SubjectRow> = reader
            .subjects(&self.scope, &keys)
            .await?
            .into_iter()
            .map(|row| (row.key.clone(), row))
            .collect();
        let mut found: Vec<Found> = entries
            .into_iter()
            .map(|entry| {
                let subject = subjects.get(&entry.subject);
                decode::found(entry, subject)
            })
            .collect();
        if found.is_empty()
            && let Some(row) = self.subject(&mut reader, number).await?
        {
            // Seen, but not planned yet: its numbers are not known, its own number is.
            let entry = store::NumberEntry {
                number: row.key.clone(),
                kind: "order".to_owned(),
                subject: row.key.clone(),
            };
            found.push(decode::found(entry, Some(&row)));
        }
        Ok(found)
    }

    async fn read_trail(&self, query: TrailQuery) -> Result<TrailPage, BooksError> {
        let wanted = usize::try_from(query.limit).unwrap_or(100);
        let filter = TrailFilter {
            subject: query.subject,
            who: query.who,
            what: query.what,
            from: None,
            until: None,
        };
        let mut reader = self.reader().await?;
        let mut rows = reader.trail(&self.scope, &filter, query.before, wanted + 1).await?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| more).map(|row| row.seq);
        Ok(TrailPage { rows: rows.into_iter().map(decode::trail).collect(), next })
    }

    async fn verify(&self) -> Result<ChainReport, BooksError> {
        let report = self.reader().await?.trail_verify(&self.scope).await?;
        Ok(ChainReport {
            entries: report.entries,
            erased: report.erased,
            archived_seq: report.archived.map(|head| head.seq),
            head_seq: report.head_seq,
            head_hash: report.head_hash,
            broken: report.broken.map(|(seq, why)| (seq, why.to_string())),
        })
    }

    async fn keep(&self, commands: Vec<Command>) -> Result<u64, BooksError> {
        let signals = commands
            .into_iter()
            .map(|command| {
                let body = serde_json::to_vec(&command)
                    .map_err(|error| BooksError::Broken(error.to_string()))?;
                Ok(NewSignal {
                    source: SOURCE.to_owned(),
                    target_kind: command.target.kind().to_owned(),
                    target_key: command.target.key(),
                    dedupe_key: command.dedupe_key(),
                    body: Some(body),
                    received_at: command.at,
                    flagged: false,
                })
            })
            .collect::<Result<Vec<_>, BooksError>>()?;
        let mut txn = self.store.begin("console.command").await?;
        let new = txn.inbox_add_many(&self.scope, signals).await?;
        txn.commit().await?;
        Ok(new)
    }
}

/// The place a page ended: `{first seen}~{key}`. A mangled one begins anew.
fn place(after: &str) -> Option<(Timestamp, String)> {
    let (seen, key) = after.split_once('~')?;
    Some((Timestamp(seen.parse().ok()?), key.to_owned()))
}

/// The body of an observation; none when erased.
fn body<T: serde::de::DeserializeOwned>(seen: &Observation) -> Result<Option<T>, BooksError> {
    let Some(bytes) = &seen.body else { return Ok(None) };
    // The error's own words could quote what is stored; its place is enough to find it.
    serde_json::from_slice(bytes).map(Some).map_err(|error| {
        let (kind, key, column) = (&seen.kind, &seen.key, error.column());
        BooksError::Broken(format!(
            "observation {kind} of {key}: {:?} at {column}",
            error.classify()
        ))
    })
}

impl From<StoreError> for BooksError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Inconsistent { .. } => Self::Broken(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl Books for StoreBooks {
    fn connection(&self) -> Read<'_, ConnectionFacts> {
        Box::pin(self.read_connection())
    }

    fn credentials(&self) -> Read<'_, Vec<CredentialLine>> {
        Box::pin(self.read_credentials())
    }

    fn held(&self) -> Read<'_, i64> {
        Box::pin(async { Ok(self.reader().await?.held_count(&self.scope).await?) })
    }

    fn overview(&self, window_hours: i64, now: Timestamp) -> Read<'_, OverviewFacts> {
        Box::pin(self.read_overview(window_hours, now))
    }

    fn flows(&self, now: Timestamp) -> Read<'_, Vec<FlowFacts>> {
        Box::pin(self.read_flows(now))
    }

    fn orders(
        &self,
        filter: OrderFilter,
        after: Option<String>,
        limit: i64,
        now: Timestamp,
    ) -> Read<'_, OrdersPage> {
        Box::pin(self.read_orders(filter, after, limit, now))
    }

    fn order(&self, number: &str) -> Read<'_, Option<OrderFacts>> {
        let number = number.to_owned();
        Box::pin(async move { self.read_order(&number).await })
    }

    fn products(&self, begins: &str, after: Option<String>, limit: i64) -> Read<'_, ProductsPage> {
        let begins = begins.to_owned();
        Box::pin(async move { self.read_products(&begins, after, limit).await })
    }

    fn holds(&self, per_group: i64) -> Read<'_, Vec<HoldGroup>> {
        Box::pin(async move {
            let per_group = usize::try_from(per_group).unwrap_or_default();
            let groups = self.reader().await?.hold_groups(&self.scope, per_group).await?;
            Ok(groups.into_iter().map(decode::group).collect())
        })
    }

    fn search(&self, number: &str, limit: i64) -> Read<'_, Vec<Found>> {
        let number = number.to_owned();
        Box::pin(async move { self.find(&number, limit).await })
    }

    fn trail(&self, query: TrailQuery) -> Read<'_, TrailPage> {
        Box::pin(self.read_trail(query))
    }

    fn verify_trail(&self) -> Read<'_, ChainReport> {
        Box::pin(self.verify())
    }

    fn stock(&self, query: StockQuery) -> Read<'_, StockFacts> {
        Box::pin(self.read_stock(query))
    }

    fn finance(&self, most: usize, now: Timestamp) -> Read<'_, FinanceFacts> {
        Box::pin(self.read_finance(most, now))
    }

    fn inbound(&self, query: InboundQuery) -> Read<'_, InboundFacts> {
        Box::pin(self.read_inbound(query))
    }

    fn invoice(&self, id: i64) -> Read<'_, Option<InvoiceFacts>> {
        Box::pin(self.read_invoice(id))
    }

    fn costs(&self, number: &str, now: Timestamp) -> Read<'_, OrderCosts> {
        let number = number.to_owned();
        Box::pin(async move { self.read_costs(&number, now).await })
    }

    fn reconciled(&self, now: Timestamp) -> Read<'_, Days> {
        Box::pin(self.read_days(now))
    }

    fn certificate(&self, day: &str) -> Read<'_, Option<Sealed>> {
        let day = day.to_owned();
        Box::pin(async move { self.read_day(&day).await })
    }

    fn ask_day(&self, asked: Asked, at: Timestamp) -> Read<'_, u64> {
        Box::pin(self.keep_day(asked, at))
    }

    fn checkup(&self) -> Read<'_, Checkup> {
        Box::pin(self.read_checkup())
    }

    fn command(&self, commands: Vec<Command>) -> Read<'_, u64> {
        Box::pin(self.keep(commands))
    }

    fn alive(&self) -> Read<'_, ()> {
        Box::pin(async { self.read_connection().await.map(|_| ()) })
    }
}
