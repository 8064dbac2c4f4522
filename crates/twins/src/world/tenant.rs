//! Tenant profiles: every UNKNOWN of the vendor references as a switch, named.

/// How one tenant behaves where the documentation is silent. All `false` is `standard`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each switch is one independent UNKNOWN")]
pub struct Tenant {
    /// Name as given to [`Tenant::named`].
    pub name: &'static str,
    /// F&O ignores the `DocumentId` we send and assigns its own.
    pub note_id_assigned: bool,
    /// `PackingSlipTrackingInformation` is `IsReadOnly`; an insert is refused.
    pub tracking_read_only: bool,
    /// After a slip `SalesDeliverNow` becomes the remainder (standard: 0).
    pub deliver_now_resets_to_remainder: bool,
    /// F&O accepts a stale `If-Match`.
    pub etag_ignored: bool,
    /// ShipBob re-makes `webhook-timestamp` for each attempt (standard: keeps the first).
    pub stamp_per_attempt: bool,
    /// `order.shipped` fires once, when all labels of the order are printed (standard: per shipment).
    pub shipped_once: bool,
    /// A cancelled ShipBob order frees its `reference_id`.
    pub reference_freed: bool,
    /// The other body of a ShipBob 422.
    pub duplicate_body_b: bool,
    /// `GET order` sends no paging headers.
    pub paging_headers_missing: bool,
    /// `GET order?HasTracking=true` answers 500.
    pub tracking_500: bool,
    /// Webhook bodies are shipments for every topic (standard: an order for `order.shipped`).
    pub payload_shipment: bool,
    /// Calls rejected with 429 count against the ShipBob window.
    pub rejected_calls_count: bool,
    /// Both servers' clocks are 10 minutes ahead in the `Date` header and in their stamps.
    pub clock_skew: bool,
    /// `SalesDeliverNow` is `AllowEdit: false`; a PATCH is refused.
    pub deliver_now_read_only: bool,
    /// The sales-order pool is `AllowEdit: false`; a PATCH is refused.
    pub pool_read_only: bool,
    /// Writing the carrier re-defaults `DeliveryModeCode`.
    pub carrier_redefaults_mode: bool,
    /// ShipBob never sends a webhook.
    pub hooks_off: bool,
    /// A spent ShipBob refresh token works for another minute (standard: it dies at once).
    pub refresh_grace: bool,
}

type Switch = fn(&mut Tenant) -> &mut bool;

/// Name, one-line description, the one switch (none for `standard`).
const TENANTS: &[(&str, &str, Option<Switch>)] = &[
    ("standard", "the safe or most likely reading of every unknown", None),
    (
        "note-id-assigned",
        "F&O ignores our DocumentId and assigns its own",
        Some(|t| &mut t.note_id_assigned),
    ),
    (
        "tracking-read-only",
        "PackingSlipTrackingInformation is read-only, inserts are refused",
        Some(|t| &mut t.tracking_read_only),
    ),
    (
        "deliver-now-resets-to-remainder",
        "after a slip SalesDeliverNow becomes the remainder instead of 0",
        Some(|t| &mut t.deliver_now_resets_to_remainder),
    ),
    ("etag-ignored", "F&O accepts a stale If-Match", Some(|t| &mut t.etag_ignored)),
    (
        "stamp-per-attempt",
        "webhook-timestamp is made anew for each attempt",
        Some(|t| &mut t.stamp_per_attempt),
    ),
    (
        "shipped-once",
        "order.shipped fires once, when all labels of the order are printed",
        Some(|t| &mut t.shipped_once),
    ),
    (
        "reference-freed",
        "a cancelled ShipBob order frees its reference_id",
        Some(|t| &mut t.reference_freed),
    ),
    (
        "duplicate-body-b",
        "ShipBob's 422 has the other documented body",
        Some(|t| &mut t.duplicate_body_b),
    ),
    (
        "paging-headers-missing",
        "GET order sends no total-pages, total-count or next-page",
        Some(|t| &mut t.paging_headers_missing),
    ),
    ("tracking-500", "GET order?HasTracking=true answers 500", Some(|t| &mut t.tracking_500)),
    (
        "payload-shipment",
        "every webhook body is a shipment, order.shipped included",
        Some(|t| &mut t.payload_shipment),
    ),
    (
        "rejected-calls-count",
        "calls rejected with 429 count against the ShipBob window",
        Some(|t| &mut t.rejected_calls_count),
    ),
    ("clock-skew", "both servers' clocks are 10 minutes ahead", Some(|t| &mut t.clock_skew)),
    (
        "deliver-now-read-only",
        "SalesDeliverNow cannot be edited through the API",
        Some(|t| &mut t.deliver_now_read_only),
    ),
    (
        "pool-read-only",
        "the sales-order pool cannot be edited through the API",
        Some(|t| &mut t.pool_read_only),
    ),
    (
        "carrier-redefaults-mode",
        "writing the carrier re-defaults DeliveryModeCode",
        Some(|t| &mut t.carrier_redefaults_mode),
    ),
    ("hooks-off", "ShipBob never sends a webhook: polls only", Some(|t| &mut t.hooks_off)),
    (
        "refresh-grace",
        "a spent ShipBob refresh token works for another minute",
        Some(|t| &mut t.refresh_grace),
    ),
];

impl Tenant {
    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Tenant> {
        let (name, _, switch) = TENANTS.iter().find(|(known, _, _)| *known == name)?;
        let mut tenant = Tenant { name, ..Tenant::default() };
        if let Some(switch) = switch {
            *switch(&mut tenant) = true;
        }
        Some(tenant)
    }

    /// The safe or most likely reading of every unknown.
    #[must_use]
    pub fn standard() -> Tenant {
        Tenant { name: "standard", ..Tenant::default() }
    }

    /// How far the servers' clocks are ahead of the world, in micros.
    pub(crate) fn skew_micros(&self) -> i64 {
        if self.clock_skew { 10 * super::calendar::MINUTE } else { 0 }
    }
}

/// Every tenant profile: name and one-line description.
#[must_use]
pub fn tenants() -> Vec<(&'static str, &'static str)> {
    TENANTS.iter().map(|(name, text, _)| (*name, *text)).collect()
}
