//! Tenant profiles: every UNKNOWN of the vendor references as a switch, named.

use super::breaks::Break;

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
    /// The shipping carrier is `AllowEdit: false` (by a break only).
    pub carrier_read_only: bool,
    /// Notes are `IsReadOnly` (by a break only).
    pub note_read_only: bool,
    /// `OutboundShipmentOrderUpdates` has no action `Complete`; the status is set instead.
    pub no_complete: bool,
    /// No field of a shipment order request carries the sales order number.
    pub order_number_hidden: bool,
    /// The lines of a request carry the sales order number (standard: the request itself).
    pub order_number_on_line: bool,
    /// A release that changed is a new version of its request (standard: a new request).
    pub request_versions: bool,
    /// Packing slips of external warehouses get F&O's own numbers (standard: the number we propose).
    pub own_slip_numbers: bool,
    /// The message processor accepts updates of a part of a request.
    pub partial_updates: bool,
    /// External inventory adjustments leave their set when their journal is posted (standard: they stay).
    pub adjustments_leave: bool,
    /// `ReleasedQty` is told in the sales unit (standard: the inventory unit).
    pub released_in_sales_unit: bool,
    /// A packing slip is taken off `ReleasedQty` (standard: it counts everything ever released).
    pub released_falls: bool,
    /// The customer's call posts a second time what it posted before (standard: it refuses).
    pub call_posts_twice: bool,
    /// The customer's call is an entity action (standard: a custom service).
    pub call_is_action: bool,
    /// `requested_shipping_service_id` is the id of a shipping method (standard: no id is taken).
    pub service_is_method_id: bool,
    /// `requested_shipping_service_id` is the id of a service level (standard: no id is taken).
    pub service_is_level_id: bool,
    /// An order shows what was made of its shipments (standard: what it was created with).
    pub order_follows_edits: bool,
    /// An edit that comes too late is answered 200 with `is_success: false` (standard: 400).
    pub edit_refused_in_200: bool,
    /// A shipment whose centre ShipBob chooses names none before it is allocated (standard: it names one at once).
    pub centre_late: bool,
    /// A shipment that is moved to another centre is closed and made anew (standard: it stays, its centre changes).
    pub reroute_replaces: bool,
    /// A spent ShipBob refresh token works for another minute (standard: it dies at once).
    pub refresh_grace: bool,
    /// Refunds and credits are written as what is given (standard: as what is owed, negative).
    pub refunds_positive: bool,
    /// The status of a return is written with a blank (standard: `AwaitingArrival`).
    pub return_status_spaced: bool,
    /// Webhook topics of receiving orders are taken and told (standard: refused).
    pub wro_topics: bool,
    /// `ImportFromPackage` ignores the execution id it is given (standard: keeps it).
    pub import_own_ids: bool,
    /// `GetExecutionErrors` says nothing (standard: one text per row).
    pub import_errors_empty: bool,
    /// Charges are shown some time after their import ended, or their call (standard: at once).
    pub charges_shown_late: bool,
    /// The customer's service refuses a charge that stands already (standard: sets it again).
    pub charge_call_refuses_same: bool,
    /// The first import never ends (standard: within minutes).
    pub import_never_ends: bool,
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
        "external-no-complete",
        "shipment updates have no action Complete, their status is set",
        Some(|t| &mut t.no_complete),
    ),
    (
        "external-order-hidden",
        "shipment order requests do not carry the sales order number",
        Some(|t| &mut t.order_number_hidden),
    ),
    (
        "external-order-on-line",
        "the lines of a shipment order request carry the sales order number",
        Some(|t| &mut t.order_number_on_line),
    ),
    (
        "external-versions",
        "a changed release is a new version of its shipment order request",
        Some(|t| &mut t.request_versions),
    ),
    (
        "external-own-slip-number",
        "packing slips of external warehouses do not take the number we propose",
        Some(|t| &mut t.own_slip_numbers),
    ),
    (
        "external-partial-updates",
        "the message processor accepts updates of a part of a request",
        Some(|t| &mut t.partial_updates),
    ),
    (
        "external-adjustments-leave",
        "external inventory adjustments leave their set when they are posted",
        Some(|t| &mut t.adjustments_leave),
    ),
    (
        "whs-released-in-sales-unit",
        "ReleasedQty is told in the sales unit of the line",
        Some(|t| &mut t.released_in_sales_unit),
    ),
    (
        "whs-released-falls",
        "a packing slip is taken off ReleasedQty",
        Some(|t| &mut t.released_falls),
    ),
    (
        "whs-call-posts-twice",
        "the customer's own call posts again what it posted before",
        Some(|t| &mut t.call_posts_twice),
    ),
    (
        "whs-call-is-action",
        "the customer's own call is an action of an entity",
        Some(|t| &mut t.call_is_action),
    ),
    (
        "service-is-method-id",
        "a shipping service is named by the id of its shipping method",
        Some(|t| &mut t.service_is_method_id),
    ),
    (
        "service-is-level-id",
        "a shipping service is named by the id of its service level",
        Some(|t| &mut t.service_is_level_id),
    ),
    (
        "order-follows-edits",
        "an order shows what update calls made of its shipments",
        Some(|t| &mut t.order_follows_edits),
    ),
    (
        "edit-refused-in-200",
        "an edit after the pick is answered 200 with is_success false",
        Some(|t| &mut t.edit_refused_in_200),
    ),
    (
        "network-centre-late",
        "a shipment names no centre before ShipBob has allocated it",
        Some(|t| &mut t.centre_late),
    ),
    (
        "network-reroute-replaces",
        "a shipment that is moved to another centre is closed and made anew",
        Some(|t| &mut t.reroute_replaces),
    ),
    (
        "refresh-grace",
        "a spent ShipBob refresh token works for another minute",
        Some(|t| &mut t.refresh_grace),
    ),
    (
        "refunds-positive",
        "refunds and credits are written without a minus",
        Some(|t| &mut t.refunds_positive),
    ),
    (
        "return-status-spaced",
        "the status of a return is written with a blank",
        Some(|t| &mut t.return_status_spaced),
    ),
    (
        "wro-topics",
        "webhook topics of receiving orders are taken and told",
        Some(|t| &mut t.wro_topics),
    ),
    (
        "import-own-ids",
        "F&O gives every import an execution id of its own",
        Some(|t| &mut t.import_own_ids),
    ),
    (
        "import-errors-empty",
        "F&O does not say why an import left rows out",
        Some(|t| &mut t.import_errors_empty),
    ),
    (
        "charges-shown-late",
        "charges are shown 90 seconds after their import ended, or their call",
        Some(|t| &mut t.charges_shown_late),
    ),
    (
        "charge-call-refuses-same",
        "the customer's service refuses a charge that stands already",
        Some(|t| &mut t.charge_call_refuses_same),
    ),
    ("import-never-ends", "the first import never ends", Some(|t| &mut t.import_never_ends)),
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

    /// Breaks that close what is open elsewhere.
    pub(crate) fn close(&mut self, breaks: &[Break]) {
        for one in breaks {
            match one {
                Break::TrackingReadOnly => self.tracking_read_only = true,
                Break::DeliverNowReadOnly => self.deliver_now_read_only = true,
                Break::PoolReadOnly => self.pool_read_only = true,
                Break::CarrierReadOnly => self.carrier_read_only = true,
                Break::NoteReadOnly => self.note_read_only = true,
                _ => {}
            }
        }
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
