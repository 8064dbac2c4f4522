//! Requests of externally managed warehouses: sent, answered, told, held.

use crate::support::{
    address, at, catalogue, causes, hold, line, parcel, pieces, sales_order, settings, writes,
};
use domain::flows::plan_order;
use domain::operation::{Operation, UpdateShipment};
use domain::plan::{
    Decisions, DeliveryState, Kept, KnownDelivery, Need, OrderFacts, Plan, Rival, SeenOrder,
};
use domain::reference_data::Capabilities;
use domain::request::{
    OrderNumberField, RequestLine, RequestRead, RequestStatus, ShipmentRequest, ShipmentUpdate,
    UpdateStatus,
};
use domain::sales::{OrderRead, PackingSlip};
use domain::settings::{Profile, Settings};
use domain::time::Span;
use domain::warehouse::{ShipmentStatus, Tracking, WarehouseLine, WarehouseOrder};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Request WHSR-1 of SO-1: three pieces of A; ShipBob knows nothing of it.
struct Told {
    facts: OrderFacts,
    settings: Settings,
}

fn told() -> Told {
    let mut settings = settings();
    for map in &mut settings.warehouses {
        map.profile = Profile::External;
    }
    let request = ShipmentRequest {
        id: "WHSR-1".into(),
        origin: "WHSO-9".into(),
        version: 1,
        warehouse: "SB01".into(),
        status: RequestStatus::Sent,
        etag: "r0".into(),
        address: address(),
        email: String::new(),
        phone: String::new(),
        delivery_mode: "STD".into(),
        references: vec![(OrderNumberField::ConsigneeReference, "SO-1".into())],
        lines: vec![RequestLine {
            number: 1,
            sku: "A".into(),
            item: "A".into(),
            name: "Item A".into(),
            unit: "ea".into(),
            ordered: Decimal::from(3),
        }],
        updates: Vec::new(),
        left_out: false,
    };
    let owner = sales_order(vec![line(7, "A", 3)]);
    let facts = OrderFacts {
        now: at(2),
        number: "request:WHSR-1".into(),
        sales: Some(OrderRead { number: "SO-1".into(), order: Some(owner), read_began: at(2) }),
        request: Some(RequestRead {
            id: "WHSR-1".into(),
            request: Some(request),
            read_began: at(2),
        }),
        rivals: Vec::new(),
        warehouse: Vec::new(),
        closed: std::collections::BTreeSet::new(),
        skus: BTreeMap::from([("A".to_owned(), catalogue("A"))]),
        conversions: Vec::new(),
        countries: BTreeMap::from([("USA".to_owned(), "US".to_owned())]),
        capabilities: Capabilities { update_complete: Some(true), ..Capabilities::default() },
        carrier_services: Vec::new(),
        methods: vec!["Standard".into(), "Expedited".into()],
        services: std::collections::BTreeMap::new(),
        deliveries: Vec::new(),
        charges: Vec::new(),
        given_up: Vec::new(),
        returns: Vec::new(),
        charge_codes: Vec::new(),
        kept: Kept {
            absent: BTreeMap::from([("usmf-WHSR-1-r-1".to_owned(), at(2))]),
            ..Kept::default()
        },
        decisions: Decisions::default(),
    };
    Told { facts, settings }
}

impl Told {
    fn plan(&self) -> Plan {
        plan_order(&self.facts, &self.settings)
    }

    fn request(&mut self) -> &mut ShipmentRequest {
        self.facts.request.as_mut().unwrap().request.as_mut().unwrap()
    }

    /// ShipBob has it, and so many pieces left in shipment 901.
    fn shipped(mut self, n: i64) -> Self {
        let plan = self.plan();
        let Some(Operation::CreateOrder(sent)) =
            plan.deliveries.first().map(|d| d.operation.clone())
        else {
            panic!("nothing to send: {plan:?}")
        };
        let mut shipment = parcel(901, 5, vec![pieces("A", n)]);
        shipment.status = ShipmentStatus::Completed;
        shipment.fulfilled = Some(at(6));
        let number = "1Z999".to_owned();
        shipment.tracking = Some(Tracking { number, carrier: "UPS".into(), ..Tracking::default() });
        let order = WarehouseOrder {
            id: domain::ids::ShipBobOrderId(105),
            reference: sent.reference.clone(),
            number: sent.order_number.clone(),
            channel: Some(self.settings.channel),
            status: "Fulfilled".into(),
            created: at(3),
            recipient: sent.recipient.clone(),
            method: sent.method.clone(),
            products: vec![WarehouseLine {
                sku: "A".into(),
                quantity: 3,
                external_line_id: Some(1),
            }],
            shipments: vec![shipment],
        };
        self.facts.kept.sent.insert(sent.reference.as_str().to_owned(), sent);
        self.facts.warehouse.push(SeenOrder { order, read_began: at(7) });
        self.facts.now = at(7);
        self.facts.request.as_mut().unwrap().read_began = at(7);
        self.request().status = RequestStatus::Accepted;
        self
    }

    fn update(&self) -> Option<UpdateShipment> {
        let plan = self.plan();
        let mut all = plan.deliveries.into_iter();
        all.find_map(|d| match d.operation {
            Operation::UpdateShipment(update) => Some(update),
            _ => None,
        })
    }

    fn processed(mut self, status: UpdateStatus) -> Self {
        self.request().updates =
            vec![ShipmentUpdate { id: "SB-901".into(), status, slip: "SB901".into() }];
        let key = "update:SB-901".to_owned();
        let state = DeliveryState::Done;
        self.facts.deliveries.push(KnownDelivery { key, state, since: at(8), hold: None });
        self.facts.now = at(9);
        self.facts.request.as_mut().unwrap().read_began = at(9);
        self
    }
}

#[test]
fn a_request_becomes_one_order_named_after_it_and_showing_the_sales_order() {
    let plan = told().plan();
    let [delivery] = plan.deliveries.as_slice() else { panic!("{plan:?}") };
    let Operation::CreateOrder(create) = &delivery.operation else { panic!("{delivery:?}") };
    assert_eq!(create.reference.as_str(), "usmf-WHSR-1-r-1");
    assert_eq!(create.order_number, "SO-1");
    assert_eq!((create.lines[0].quantity, create.lines[0].external_line_id), (3, 1));
    assert!(plan.numbers.contains(&("order".to_owned(), "SO-1".to_owned())));
    assert!(plan.numbers.contains(&("request".to_owned(), "WHSR-1".to_owned())));
}

#[test]
fn nothing_is_sent_before_the_reference_is_proved_absent() {
    let mut it = told();
    it.facts.kept.absent.clear();
    assert_eq!(it.plan().needs, [Need::References(vec!["usmf-WHSR-1-r-1".into()])]);
}

#[test]
fn a_warehouse_of_one_profile_is_never_handled_by_the_other() {
    let mut it = told();
    it.settings.warehouses[0].profile = Profile::Plain;
    assert!(it.plan().deliveries.is_empty());
    let mut it = told();
    it.facts.request = None;
    it.facts.number = "SO-1".into();
    let plan = it.plan();
    assert!(plan.deliveries.is_empty() && plan.holds.is_empty(), "{plan:?}");
}

#[test]
fn a_request_without_a_known_order_waits_for_a_person_before_the_first_look_only() {
    let mut it = told();
    it.facts.sales = None;
    assert_eq!(causes(&it.plan()), ["before-cut-off"]);
    it.facts.kept.last_unreleased = Some(at(1));
    let plan = it.plan();
    let Operation::CreateOrder(create) = &plan.deliveries[0].operation else { panic!("{plan:?}") };
    assert_eq!(create.order_number, "WHSR-1");
    assert!(plan.reasons.iter().any(|r| r.contains("sales order of this request is not known")));
}

#[test]
fn what_shipbob_has_is_answered_once() {
    let mut it = told().shipped(3);
    it.request().status = RequestStatus::Sent;
    let plan = it.plan();
    assert!(writes(&plan).contains(&"answer-request"), "{:?}", writes(&plan));
    it.request().status = RequestStatus::Accepted;
    assert!(!writes(&it.plan()).contains(&"answer-request"));
}

#[test]
fn what_left_is_told_in_one_update_with_our_own_id() {
    let update = told().shipped(3).update().expect("an update");
    assert_eq!((update.update.as_str(), update.slip.as_str()), ("SB-901", "SB901"));
    assert_eq!((update.origin.as_str(), update.transport.as_deref()), ("WHSO-9", Some("1Z999")));
    assert_eq!(update.lines[0].shipped, Decimal::from(3));
    assert!(update.complete);
}

#[test]
fn nothing_is_told_while_a_shipment_is_open() {
    let mut it = told().shipped(2);
    let second = parcel(902, 5, vec![pieces("A", 1)]);
    it.facts.warehouse[0].order.shipments.push(second);
    assert_eq!(it.update(), None);
    it.settings.external.partial_updates = true;
    let update = it.update().expect("a partial update");
    assert_eq!((update.lines[0].shipped, update.lines[0].total), (2.into(), 2.into()));
}

#[test]
fn a_short_shipment_is_held_until_a_person_lowered_the_remainder() {
    let mut it = told().shipped(2);
    let plan = it.plan();
    let held = hold(&plan, "short-shipped");
    assert!(held.fix.contains("deliver remainder"), "{}", held.fix);
    assert_eq!(it.update(), None);
    it.facts.decisions.dismissed.insert(held.identity());
    assert_eq!(it.update().expect("an update").lines[0].shipped, Decimal::from(2));
}

#[test]
fn a_refused_update_is_held_and_sent_under_a_new_id_when_asked() {
    let mut it = told().shipped(3).processed(UpdateStatus::Failed);
    hold(&it.plan(), "update-refused");
    assert_eq!(it.update(), None);
    it.facts.decisions.retry = Some(at(9));
    assert_eq!(it.update().expect("another update").update, "SB-901-2");
}

#[test]
fn an_update_under_way_is_looked_at_again() {
    let mut it = told().shipped(3).processed(UpdateStatus::Received);
    assert_eq!(it.update(), None);
    assert_eq!(it.plan().plan_at, Some(at(11)));
    it.facts.now = at(11);
    assert!(it.plan().needs.contains(&Need::Sales));
    it.facts.now = at(11) + Span::hours(48);
    it.facts.request.as_mut().unwrap().read_began = it.facts.now;
    hold(&it.plan(), "update-not-processed");
}

#[test]
fn tracking_stands_on_the_slip_we_named_and_nothing_is_told_twice() {
    let mut it = told().shipped(3).processed(UpdateStatus::Accepted);
    let order = it.facts.sales.as_mut().unwrap().order.as_mut().unwrap();
    order.slips.push(PackingSlip {
        id: "SB901".into(),
        delivery_date: "2026-11-23T12:00:00Z".into(),
        created: at(9),
        lines: vec![("L7".into(), Decimal::from(3))],
    });
    let plan = it.plan();
    let named = |d: &domain::plan::PlannedDelivery| {
        matches!(&d.operation, Operation::AddTracking { slip, number, .. }
            if slip.as_str() == "SB901" && number == "1Z999")
    };
    assert!(plan.deliveries.iter().any(named), "{:?}", writes(&plan));
    assert_eq!(it.update(), None);
    assert!(plan.holds.is_empty(), "{:?}", causes(&plan));
}

#[test]
fn a_cancelled_request_is_cancelled_at_shipbob_or_held() {
    let mut it = told().shipped(3);
    it.request().status = RequestStatus::Cancelled;
    hold(&it.plan(), "cancel-too-late");
    assert_eq!(it.update(), None);
    it.facts.warehouse[0].order.shipments = vec![parcel(901, 5, vec![pieces("A", 3)])];
    assert_eq!(writes(&it.plan()), ["cancel-order"]);
}

#[test]
fn a_new_version_changes_what_is_not_picked_yet() {
    let mut it = told().shipped(3);
    it.facts.warehouse[0].order.shipments = vec![parcel(901, 5, vec![pieces("A", 3)])];
    let request = it.request();
    (request.version, request.status) = (2, RequestStatus::Sent);
    request.lines[0].ordered = Decimal::from(2);
    let plan = it.plan();
    assert!(writes(&plan).contains(&"update-lines"), "{:?}", writes(&plan));
}

#[test]
fn what_is_released_anew_waits_for_its_cancelled_predecessor() {
    let mut it = told();
    it.facts.rivals = vec![Rival { request: "WHSR-0".into(), picked: false }];
    let plan = it.plan();
    assert!(plan.deliveries.is_empty() && plan.holds.is_empty(), "{plan:?}");
    assert_eq!(plan.plan_at, Some(at(3)));
    it.facts.rivals = vec![Rival { request: "WHSR-0".into(), picked: true }];
    let plan = it.plan();
    assert!(plan.deliveries.is_empty());
    let held = hold(&plan, "predecessor-ships").identity();
    it.facts.decisions.dismissed.insert(held);
    assert_eq!(writes(&it.plan()), ["create-order"]);
}
