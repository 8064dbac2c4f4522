//! Made-up orders.

use super::ago;
use crate::model::{
    At, AttemptLine, DecisionLine, DeliveryLine, HoldLine, OrderFacts, OrderFilter, OrderRow,
    OrderState, PendingCommand, PlanLine,
};
use domain::ids::{CentreId, ShipBobOrderId, ShipmentId};
use domain::plan::{DeliveryState, SeenOrder};
use domain::sales::{
    Address, DocumentStatus, OrderRead, PackingSlip, SalesLine, SalesOrder, SalesStatus,
};
use domain::time::Timestamp;
use domain::warehouse::{
    Recipient, Shipment, ShipmentStatus, ShippedItem, ShippedProduct, StatusDetail, Tracking,
    WarehouseLine, WarehouseOrder,
};
use rust_decimal::Decimal;

const TO: [&str; 5] = [
    "Jürgen O'Neill, Köln DE",
    "Ana-María Núñez, Albuquerque US",
    "Contoso Retail Los Angeles with a very long name indeed, Los Angeles US",
    "Zoë & Søn ApS, København DK",
    "李小龙, Hong Kong HK",
];

fn row(n: i64, state: OrderState, minutes: i64) -> OrderRow {
    let reached = |wanted: &[OrderState], after: i64| {
        wanted.contains(&state).then(|| ago((minutes - after).max(0)))
    };
    use OrderState::{Cancelled, Delivered, Held, InShipBob, Shipped, Waiting, WrittenBack};
    let (status, sentence) = match state {
        Waiting => ("sending", "Released; on its way to ShipBob."),
        Held => ("held", "Waits for a person; nothing has been sent to ShipBob."),
        InShipBob => ("in-warehouse", "ShipBob has it and has not shipped it yet."),
        Shipped => ("part-shipped", "1 of 2 parcels are shipped."),
        WrittenBack => ("shipped", "The parcel is shipped."),
        Delivered => ("delivered", "All 2 parcels are delivered."),
        Cancelled => ("cancelled", "Cancelled in Dynamics; nothing is at ShipBob."),
        OrderState::Skipped => ("skipped", "Skipped by a person: shipped by hand."),
        OrderState::NotForUs => ("ignored", "Nothing on it ships from ShipBob now."),
        OrderState::NotReleased => ("waiting", "Not released: document status is None."),
    };
    let to = TO.get(usize::try_from(n % 5).unwrap_or_default()).copied();
    OrderRow {
        number: format!("SO-{n:06}"),
        state,
        held: state == Held,
        status: status.to_owned(),
        sentence: sentence.to_owned(),
        ship_to: to.map(str::to_owned),
        released: (state != OrderState::NotReleased).then(|| ago(minutes)),
        accepted: reached(&[InShipBob, Shipped, WrittenBack, Delivered], 1),
        shipped: reached(&[Shipped, WrittenBack, Delivered], 170),
        written: reached(&[WrittenBack, Delivered], 171),
        delivered: reached(&[Delivered], 1_200),
        cancelled: reached(&[Cancelled], 30),
        seen: ago(minutes),
        updated: ago((minutes - 171).max(0)),
    }
}

pub(super) fn rows(filter: OrderFilter) -> Vec<OrderRow> {
    use OrderState::{
        Cancelled, Delivered, Held, InShipBob, NotForUs, NotReleased, Shipped, Skipped, Waiting,
        WrittenBack,
    };
    let cycle = [
        Waiting,
        Waiting,
        InShipBob,
        Held,
        InShipBob,
        Shipped,
        InShipBob,
        NotReleased,
        Shipped,
        WrittenBack,
        Delivered,
        Skipped,
        WrittenBack,
        Delivered,
        Cancelled,
        NotForUs,
        Delivered,
    ];
    let all = (0i64..50).zip(cycle.iter().cycle());
    let all = all.map(|(n, state)| row(742 - n, *state, 9 + n * 47));
    let wanted = |row: &OrderRow| match filter {
        OrderFilter::All => true,
        OrderFilter::Released => !matches!(row.state, NotReleased | NotForUs),
        OrderFilter::Waiting => row.state == Waiting,
        OrderFilter::Held => row.state == Held,
        OrderFilter::InShipBob => row.state == InShipBob,
        OrderFilter::Shipped => row.state == Shipped,
        OrderFilter::WrittenBack => row.state == WrittenBack,
        OrderFilter::Delivered => row.state == Delivered,
        OrderFilter::Late => false,
        OrderFilter::Cancelled => row.state == Cancelled,
    };
    all.filter(wanted).collect()
}

/// `SO-000697` is half shipped, `SO-000640` is held, `SO-000600` is erased; others do not exist.
pub(super) fn facts(number: &str) -> Option<OrderFacts> {
    match number {
        "SO-000697" => Some(shipped()),
        "SO-000640" => Some(held()),
        "SO-000600" => Some(OrderFacts {
            row: OrderRow { ship_to: None, ..row(600, OrderState::Delivered, 9_000) },
            sales: None,
            warehouse: Vec::new(),
            returns: Vec::new(),
            holds: Vec::new(),
            pending: Vec::new(),
            decisions: Vec::new(),
            plans: Vec::new(),
            deliveries: Vec::new(),
            trail: Vec::new(),
            erased: true,
            erasure: None,
        }),
        _ => None,
    }
}

fn line(
    sequence: i32,
    sku: &str,
    name: &str,
    quantity: i64,
    unit: &str,
    slipped: i64,
) -> SalesLine {
    SalesLine {
        lot: format!("USMF-{sequence:06}").as_str().into(),
        sequence,
        sku: sku.to_owned(),
        item: sku.to_owned(),
        name: name.to_owned(),
        unit: unit.to_owned(),
        ordered: Decimal::from(quantity),
        remaining: Decimal::from(quantity - slipped),
        deliver_now: Decimal::ZERO,
        price: Decimal::from(12),
        status: SalesStatus::Backorder,
        blocked: false,
        stocked: true,
        direct_delivery: false,
        warehouse: "24".into(),
        delivery_mode: "STD".to_owned(),
        address: Address::default(),
        modified: ago(98).0,
        etag: String::new(),
    }
}

fn sales(number: &str, lines: Vec<SalesLine>, slips: Vec<PackingSlip>) -> OrderRead {
    let address = Address {
        name: "Jürgen O'Neill".to_owned(),
        street: "Straße des 17. Juni 135\nHinterhaus, 3. OG".to_owned(),
        city: "Köln".to_owned(),
        state: "NW".to_owned(),
        zip: "50667".to_owned(),
        country: "DEU".to_owned(),
        country_iso: "DE".to_owned(),
        location_id: String::new(),
    };
    let order = SalesOrder {
        number: number.into(),
        company: "usmf".into(),
        status: SalesStatus::Backorder,
        document_status: DocumentStatus::PickingList,
        sales_type: "Sales".to_owned(),
        stopped: false,
        credit_hold: false,
        modified: ago(98).0,
        created: ago(1_500).0,
        etag: String::new(),
        address,
        email: "juergen@example.org".to_owned(),
        phone: "+49 221 555 0100".to_owned(),
        delivery_mode: "STD".to_owned(),
        pool: String::new(),
        origin: String::new(),
        customer_reference: "PO 4711/a".to_owned(),
        currency: "USD".to_owned(),
        carrier: String::new(),
        carrier_service: String::new(),
        lines,
        slips,
        notes: Vec::new(),
        tracking: Vec::new(),
        warehouse_release: None,
        left_out: std::collections::BTreeSet::new(),
    };
    OrderRead { number: number.into(), order: Some(order), read_began: ago(1).0 }
}

fn parcel(id: i64, status: ShipmentStatus, number: &str, products: &[(&str, i64)]) -> Shipment {
    let left = status == ShipmentStatus::Completed;
    Shipment {
        id: ShipmentId(id),
        details: vec![StatusDetail {
            id: None,
            name: "InTransit".to_owned(),
            description: if left {
                "In transit, out of Louisville KY"
            } else {
                "Picked, waiting to be packed"
            }
            .to_owned(),
        }],
        status,
        centre: Some(CentreId(8)),
        centre_name: "Bethlehem (PA)".to_owned(),
        created: ago(95).0,
        last_update: Some(ago(10).0),
        fulfilled: left.then(|| ago(21).0),
        delivered: None,
        tracking: (!number.is_empty()).then(|| Tracking {
            carrier: "UPS".to_owned(),
            service: "Ground".to_owned(),
            number: number.to_owned(),
            url: format!("https://www.ups.com/track?tracknum={number}"),
        }),
        products: products
            .iter()
            .map(|(sku, quantity)| ShippedProduct {
                sku: (*sku).to_owned(),
                items: vec![ShippedItem { inventory_id: 77, quantity: *quantity }],
            })
            .collect(),
        invoice_amount: None,
        invoice_currency: String::new(),
        tracking_uploaded: false,
        recipient: None,
        method: String::new(),
    }
}

fn warehouse() -> SeenOrder {
    let product = |sku: &str, quantity, line| WarehouseLine {
        sku: sku.to_owned(),
        quantity,
        external_line_id: Some(line),
    };
    let order = WarehouseOrder {
        id: ShipBobOrderId(318_450_211),
        reference: "usmf.SO-000697.1.1".into(),
        number: "SO-000697".to_owned(),
        channel: None,
        status: "PartiallyFulfilled".to_owned(),
        created: ago(97).0,
        recipient: Recipient::default(),
        method: "Standard".to_owned(),
        products: vec![
            product("A0001", 3, 1),
            product("D0003-RED-L", 12, 2),
            product("KIT-7", 1, 3),
        ],
        shipments: vec![
            parcel(
                991_201,
                ShipmentStatus::Completed,
                "1Z999AA10123456784",
                &[("A0001", 3), ("KIT-7", 1)],
            ),
            parcel(991_202, ShipmentStatus::Processing, "", &[("D0003-RED-L", 12)]),
        ],
    };
    SeenOrder { order, read_began: ago(1).0 }
}

fn shipped() -> OrderFacts {
    let lines = vec![
        line(1, "A0001", "HDMI 6' Cables", 3, "ea", 3),
        line(
            2,
            "D0003-RED-L",
            "Standard Speaker, red, large, with an unusually long name",
            1,
            "box",
            0,
        ),
        line(3, "KIT-7", "Starter kit", 1, "ea", 1),
    ];
    let slip = PackingSlip {
        id: "000697_1".into(),
        delivery_date: "2026-11-23T12:00:00Z".to_owned(),
        created: ago(8).0,
        lines: vec![("USMF-000001".into(), Decimal::from(3)), ("USMF-000003".into(), Decimal::ONE)],
    };
    let mut row = row(697, OrderState::Shipped, 98);
    row.shipped = Some(ago(21));
    row.accepted = Some(ago(97));
    OrderFacts {
        row,
        sales: Some(sales("SO-000697", lines, vec![slip])),
        warehouse: vec![warehouse()],
        returns: vec![super::inbound::one()],
        holds: vec![HoldLine {
            closed: Some(ago(97)),
            closed_by: Some("planner".to_owned()),
            ..hold(
                "address-zip",
                "postal code",
                "The address has no postal code, and DE needs one.",
            )
        }],
        pending: Vec::new(),
        decisions: vec![DecisionLine {
            kind: "retry".to_owned(),
            why: None,
            who: "Mara König".to_owned(),
            at: ago(97),
        }],
        plans: plans(),
        deliveries: deliveries(),
        trail: super::overview::trail()
            .into_iter()
            .filter(|line| line.subject.as_deref() == Some("SO-000697"))
            .collect(),
        erased: false,
        erasure: None,
    }
}

fn plans() -> Vec<PlanLine> {
    vec![PlanLine {
        id: 5_512,
        made: ago(10),
        settings_version: 12,
        sentence: Some("1 of 2 parcels are shipped.".to_owned()),
        reasons: vec!["Line 2: at ShipBob.".to_owned()],
        writes: vec![(
            "add-tracking".to_owned(),
            "Parcel 1 is on packing slip 000697_1.".to_owned(),
        )],
        holds: Vec::new(),
    }]
}

fn deliveries() -> Vec<DeliveryLine> {
    vec![
        delivery(
            3,
            "add-tracking",
            "Put tracking 1Z999AA10123456784 on packing slip 000697_1",
            "dynamics",
            ago(7).0,
        ),
        delivery(2, "write-note", "Write the note of parcel 1 to Dynamics", "dynamics", ago(20).0),
        delivery(
            1,
            "create-order",
            "Create the ShipBob order usmf.SO-000697.1.1",
            "shipbob",
            ago(98).0,
        ),
    ]
}

fn delivery(id: i64, operation: &str, words: &str, system: &str, at: Timestamp) -> DeliveryLine {
    let attempt = |number, disposition: &str, detail: Option<&str>| AttemptLine {
        number,
        started: At(at),
        ended: Some(At(at)),
        disposition: Some(disposition.to_owned()),
        detail: detail.map(str::to_owned),
        status: detail.is_none().then_some(200),
    };
    DeliveryLine {
        id,
        operation: operation.to_owned(),
        words: words.to_owned(),
        system: system.to_owned(),
        state: DeliveryState::Done,
        key: format!("{operation}:usmf.SO-000697.1.1"),
        created: At(at),
        updated: At(at),
        not_before: None,
        outcome: Some("found by look-up, not repeated".to_owned()),
        attempts: vec![
            attempt(1, "in doubt", Some("the connection was cut before the answer came")),
            attempt(2, "already done", None),
        ],
    }
}

fn hold(cause: &str, field: &str, reason: &str) -> HoldLine {
    HoldLine {
        flow: "orders".to_owned(),
        cause: cause.to_owned(),
        field: field.to_owned(),
        value: Some("EXP2".to_owned()),
        reason: reason.to_owned(),
        fix: "Add it under [connection.methods] in the settings, then retry.".to_owned(),
        opened: ago(200),
        closed: None,
        closed_by: None,
    }
}

fn held() -> OrderFacts {
    OrderFacts {
        row: row(640, OrderState::Held, 200),
        sales: Some(sales(
            "SO-000640",
            vec![line(1, "A0001", "HDMI 6' Cables", 3, "ea", 0)],
            Vec::new(),
        )),
        warehouse: Vec::new(),
        returns: Vec::new(),
        holds: vec![
            hold(
                "method-unmapped",
                "delivery mode",
                "Delivery mode \"EXP2\" is not mapped to a ShipBob shipping method.",
            ),
            HoldLine {
                value: None,
                fix: "Check at ShipBob. Press Send to ship it, or Skip with the reason.".to_owned(),
                ..hold(
                    "before-cut-off",
                    "released",
                    "Released before the cut-off; it may have been shipped by hand already.",
                )
            },
        ],
        pending: vec![PendingCommand { verb: "retry".to_owned(), at: ago(0) }],
        decisions: Vec::new(),
        plans: Vec::new(),
        deliveries: Vec::new(),
        trail: Vec::new(),
        erased: false,
        erasure: None,
    }
}
