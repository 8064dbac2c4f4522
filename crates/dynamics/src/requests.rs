//! Shipment order requests of externally managed warehouses: which ones wait, and whole ones by id.
//!
//! The set of requests has no stamp to follow. What waits is told by its own answer: it stays *Sent*
//! until we answer. What was taken back lately is found among the newest cancelled ones; older ones
//! are found by reading open requests again by id.

use crate::client::{self, Dynamics, Turn};
use crate::convert::{self, Place};
use crate::interpret;
use crate::limits;
use crate::odata::{Filter, Literal, Query};
use crate::reply::CallError;
use crate::wire::{self, Answer, OrderRow, Request, RequestLine, Row, Update};
use domain::ids::{RequestId, WarehouseId};
use domain::request::{
    OrderNumberField, RequestRead, RequestStatus, ShipmentRequest, ShipmentUpdate, UpdateStatus,
};
use domain::time::Timestamp;
use std::collections::HashMap;

/// Enum type of `RequestStatus`; its letter case is inferred.
const STATUS: &str = "WHSEWShipmentOrderRequestStatus";
/// Cancelled requests looked at, newest first.
const CANCELLED: u32 = 200;
/// Requests read in one go.
const GROUP: usize = limits::REQUESTS_PER_READ;
/// F&O ids have at most 20 characters; this leaves room and keeps a URL in its limit.
const ID_CHARS: usize = 60;

/// A request that may need us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// Which.
    pub id: RequestId,
    /// Equal as long as its answer is the same.
    pub version: String,
    /// It waits for an answer; else it was cancelled.
    pub waits: bool,
}

/// What a read by id brought. Every id asked for is in exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestReads {
    /// Told for sure: the request, or that F&O has none.
    pub read: Vec<RequestRead>,
    /// Could not be told this time, and why.
    pub unread: Vec<(RequestId, String)>,
}

#[derive(Default)]
struct Bundle {
    answers: Vec<Answer>,
    requests: Vec<Request>,
    lines: Vec<RequestLine>,
    updates: Vec<Update>,
    broken: Option<String>,
}

type Bundles = HashMap<String, Bundle>;

impl Dynamics {
    /// Requests that wait for an answer, and the newest that were cancelled; one `$batch`.
    pub async fn open_requests(&self, now: Timestamp) -> Result<Vec<OpenRequest>, CallError> {
        let member = |name: &str| Literal::Member(STATUS, name.to_owned());
        let query = |name: &str| {
            let status = Filter::eq("RequestStatus", member(name));
            Query::of(Answer::SET, Answer::SELECT).filter(Filter::All(vec![self.company(), status]))
        };
        let cancelled =
            query("Cancelled").order_by(&["OutboundShipmentOrderRequestId desc"]).top(CANCELLED);
        let urls = [query("Sent").url(&self.config.base), cancelled.url(&self.config.base)];
        let mut turn = self.turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.requests", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut found = Vec::new();
        for (n, waits) in [(0, true), (1, false)] {
            let body = &interpret::read_part(batch.parts.get(n), now)?.body;
            let rows: Vec<Answer> = self.whole(&mut turn, now, body).await?;
            found.extend(rows.into_iter().filter(|r| !r.order.is_empty()).map(|r| OpenRequest {
                id: RequestId::new(r.order),
                version: r.etag,
                waits,
            }));
        }
        Ok(found)
    }

    /// Requests that were answered before: of each answer the newest, newest first; one `$batch`.
    /// The set has no stamp; ids grow.
    pub async fn answered_requests(
        &self,
        now: Timestamp,
        newest: u32,
    ) -> Result<Vec<Vec<RequestId>>, CallError> {
        const ANSWERS: [&str; 3] = ["Accepted", "Received", "Failed"];
        let urls = ANSWERS.map(|name| {
            let status = Filter::eq("RequestStatus", Literal::Member(STATUS, name.to_owned()));
            Query::of(Answer::SET, Answer::SELECT)
                .filter(Filter::All(vec![self.company(), status]))
                .order_by(&["OutboundShipmentOrderRequestId desc"])
                .top(newest)
                .url(&self.config.base)
        });
        let mut turn = self.turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.requests", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut found = Vec::new();
        for n in 0..ANSWERS.len() {
            let body = &interpret::read_part(batch.parts.get(n), now)?.body;
            let rows: Vec<Answer> = self.whole(&mut turn, now, body).await?;
            let ids = rows.into_iter().map(|r| r.order).filter(|id| !id.is_empty());
            found.push(ids.map(RequestId::new).collect());
        }
        Ok(found)
    }

    /// Reads requests with lines, answers and updates. A part that fails makes the whole call fail:
    /// there is never half a request.
    pub async fn read_requests(
        &self,
        now: Timestamp,
        ids: &[RequestId],
    ) -> Result<RequestReads, CallError> {
        let mut found = RequestReads::default();
        let mut wanted: Vec<RequestId> = Vec::new();
        for id in ids {
            let text = id.as_str();
            if text.is_empty() || text.chars().count() > ID_CHARS || text.contains('*') {
                found.unread.push((id.clone(), "this is no request id of F&O".to_owned()));
            } else if !wanted.iter().any(|known| known.same_as(text)) {
                wanted.push(id.clone());
            }
        }
        let mut turn = self.turn();
        for group in wanted.chunks(GROUP) {
            let mut bundles = self.first_parts(&mut turn, now, group).await?;
            self.add_updates(&mut turn, now, &mut bundles).await?;
            let mut seen = false;
            for id in group {
                let bundle = bundles.remove(&id.as_str().to_lowercase()).unwrap_or_default();
                match request(bundle) {
                    Ok(request) => {
                        seen |= request.is_some();
                        let id = id.clone();
                        found.read.push(RequestRead { id, request, read_began: now });
                    }
                    Err(why) => {
                        seen = true;
                        found.unread.push((id.clone(), why));
                    }
                }
            }
            if !seen {
                self.company_is_visible(&mut turn, now).await?;
            }
        }
        Ok(found)
    }

    /// Answers first: what changes after them makes our conditional answer fail.
    async fn first_parts(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        group: &[RequestId],
    ) -> Result<Bundles, CallError> {
        let ids: Vec<String> = group.iter().map(|id| id.as_str().to_owned()).collect();
        let sets = [
            self.urls::<Answer>(&ids, &[]),
            self.urls::<Request>(&ids, &[]),
            self.urls::<RequestLine>(&ids, &[]),
        ];
        let urls: Vec<String> = sets.iter().flatten().cloned().collect();
        let batch = self
            .batch(turn, now, "dynamics.read-requests", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut bundles: Bundles =
            ids.iter().map(|id| (id.to_lowercase(), Bundle::default())).collect();
        let mut n = 0;
        for (kind, urls) in sets.iter().enumerate() {
            for _ in urls {
                let body = &interpret::read_part(batch.parts.get(n), now)?.body;
                match kind {
                    0 => take(&mut bundles, body, |b, row: Answer| b.answers.push(row))?,
                    1 => take(&mut bundles, body, |b, row: Request| b.requests.push(row))?,
                    _ => take(&mut bundles, body, |b, row: RequestLine| b.lines.push(row))?,
                }
                n += 1;
            }
        }
        Ok(bundles)
    }

    /// Updates are found by the origin of their request. A request that waits for its answer has
    /// none.
    async fn add_updates(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        bundles: &mut Bundles,
    ) -> Result<(), CallError> {
        let told =
            |b: &&Bundle| b.answers.iter().any(|a| !matches!(a.status.as_str(), "Sent" | "Draft"));
        let origins: Vec<String> = bundles
            .values()
            .filter(told)
            .flat_map(|b| b.requests.iter().map(|r| r.origin.clone()))
            .filter(|origin| !origin.is_empty())
            .collect();
        if origins.is_empty() {
            return Ok(());
        }
        let urls = self.urls::<Update>(&origins, &[]);
        let batch = self
            .batch(turn, now, "dynamics.read-requests", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        for n in 0..urls.len() {
            let body = &interpret::read_part(batch.parts.get(n), now)?.body;
            let page = wire::page::<Update>(body).map_err(|why| CallError::Malformed { why })?;
            if page.next.is_some() {
                let why = "more updates than fit one page".to_owned();
                return Err(CallError::Malformed { why });
            }
            for row in page.rows {
                let row = row.map_err(|bad| CallError::Malformed { why: bad.why })?;
                let of = |b: &&mut Bundle| {
                    b.requests.iter().any(|r| r.origin.eq_ignore_ascii_case(&row.order))
                };
                if let Some(bundle) = bundles.values_mut().find(of) {
                    bundle.updates.push(row);
                }
            }
        }
        Ok(())
    }
}

fn take<T: OrderRow>(
    bundles: &mut Bundles,
    body: &[u8],
    put: impl Fn(&mut Bundle, T),
) -> Result<(), CallError> {
    let malformed = |why: String| CallError::Malformed { why };
    let page = wire::page::<T>(body).map_err(malformed)?;
    if page.next.is_some() {
        return Err(malformed(format!("{}: more rows than fit one page", T::SET)));
    }
    for row in page.rows {
        match row {
            Ok(row) => {
                if let Some(bundle) = bundles.get_mut(&row.order().to_lowercase()) {
                    put(bundle, row);
                }
            }
            Err(bad) => {
                let Some(id) = bad.order else { return Err(malformed(bad.why)) };
                if let Some(bundle) = bundles.get_mut(&id.to_lowercase()) {
                    bundle.broken = Some(bad.why);
                }
            }
        }
    }
    Ok(())
}

/// One request, gone, or why it cannot be told now.
fn request(bundle: Bundle) -> Result<Option<ShipmentRequest>, String> {
    if let Some(why) = bundle.broken {
        return Err(why);
    }
    if bundle.requests.len() > 1 || bundle.answers.len() > 1 {
        return Err("F&O returned two requests with this id".to_owned());
    }
    let (header, answer) = match (bundle.requests.first(), bundle.answers.first()) {
        (None, None) => return Ok(None),
        (Some(header), Some(answer)) => (header, answer),
        _ => return Err("the request was created or deleted while it was read".to_owned()),
    };
    if header.origin.is_empty() {
        return Err("the request has no OutboundShipmentOrderOriginId".to_owned());
    }
    let mut lines = Vec::new();
    let mut references = vec![
        (OrderNumberField::ConsigneeReference, header.reference.clone()),
        (OrderNumberField::ConsigneePurchaseOrderId, header.purchase_order.clone()),
    ];
    for row in &bundle.lines {
        lines.push(line(row)?);
        references.push((OrderNumberField::LineConsigneeReference, row.reference.clone()));
    }
    lines.sort_by_key(|l| l.number);
    lines.dedup_by_key(|l| l.number);
    references.retain(|(_, text)| !text.trim().is_empty());
    references.sort();
    references.dedup();
    let mut updates: Vec<ShipmentUpdate> = bundle.updates.iter().map(update).collect();
    updates.sort_by(|a, b| a.id.cmp(&b.id));
    updates.dedup_by(|a, b| a.id == b.id);
    Ok(Some(ShipmentRequest {
        id: RequestId::new(header.order.clone()),
        origin: header.origin.clone(),
        version: header.request_version.unwrap_or_default(),
        warehouse: WarehouseId::new(header.warehouse.clone()),
        status: RequestStatus::named(&answer.status),
        etag: answer.etag.clone(),
        address: convert::address(ship_to(header)),
        email: header.email.clone(),
        phone: header.phone.clone(),
        delivery_mode: header.mode.clone(),
        references,
        lines,
        updates,
        left_out: false,
    }))
}

fn line(row: &RequestLine) -> Result<domain::request::RequestLine, String> {
    let number = row.number.and_then(|n| i32::try_from(n).ok());
    let dimensions = [&row.color, &row.size, &row.style, &row.configuration, &row.version];
    Ok(domain::request::RequestLine {
        number: number.ok_or("a line of the request has no usable OrderLineNumber")?,
        sku: convert::join_dimensions(&row.item, dimensions),
        item: row.item.clone(),
        name: row.description.clone(),
        unit: row.unit.clone(),
        ordered: row.ordered.ok_or("a line of the request has no OrderedQuantity")?,
    })
}

fn update(row: &Update) -> ShipmentUpdate {
    ShipmentUpdate {
        id: row.id.clone(),
        status: UpdateStatus::named(&row.status),
        slip: row.slip.clone(),
    }
}

/// The final receiver where the request names one, else the consignee.
fn ship_to(r: &Request) -> Place<'_> {
    let receiver = !r.receiver_street.trim().is_empty() || !r.receiver_city.trim().is_empty();
    let name = if r.receiver_name.trim().is_empty() { &r.name } else { &r.receiver_name };
    let pick = |theirs, ours| if receiver { theirs } else { ours };
    Place {
        name: pick(name.as_str(), r.name.as_str()),
        street: pick(&r.receiver_street, &r.street),
        street_number: pick(&r.receiver_street_number, &r.street_number),
        complement: pick(&r.receiver_complement, &r.complement),
        post_box: pick(&r.receiver_post_box, &r.post_box),
        city: pick(&r.receiver_city, &r.city),
        state: pick(&r.receiver_state, &r.state),
        zip: pick(&r.receiver_zip, &r.zip),
        country: pick(&r.receiver_country, &r.country),
        country_iso: "",
        location: "",
    }
}
