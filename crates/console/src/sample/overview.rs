//! Made-up overviews, trails and engine states.

use super::{World, ago};
use crate::model::{At, Counters, HeldOrder, HoldGroup, Hour, OverviewFacts, TrailLine, Waiting};
use crate::status::{EngineSnapshot, Owner, SystemSnapshot, Trouble, TroubleKind, WarehouseLine};
use domain::ids::CentreId;
use domain::mapping::Mapping;
use domain::time::Span;
use std::collections::BTreeSet;

pub(super) fn facts(world: World, window_hours: i64) -> OverviewFacts {
    if world == World::New {
        let flows = super::flows::facts(world, Default::default());
        return OverviewFacts { window_hours, hours: hours(0), flows, ..OverviewFacts::default() };
    }
    let wait = |count, minutes: i64| Waiting { count, oldest: (count > 0).then(|| ago(minutes)) };
    let busy = world != World::Calm;
    let late = if world == World::Refused {
        (51, 89)
    } else if busy {
        (14, 9)
    } else {
        (0, 0)
    };
    let needs = if busy { needs() } else { Vec::new() };
    let held = needs.iter().map(|need| need.count).sum();
    let sends = (wait(late.0, late.1), wait(if busy { 2 } else { 0 }, 1));
    OverviewFacts {
        window_hours,
        seen_any: true,
        counters: Counters {
            released: 1_412,
            accepted: 1_412 - late.0,
            shipped: 1_177,
            written: if busy { 1_175 } else { 1_177 },
            delivered: 201,
            late: if world == World::Refused { 51 } else { 0 },
            cancelled: 4,
            held,
        },
        to_shipbob: wait(late.0, late.1),
        to_dynamics: wait(if busy { 2 } else { 0 }, 1),
        held: wait(held, 200),
        inbox: wait(if busy { 23 } else { 0 }, 0),
        sends_orders: sends.0,
        sends_fulfilment: sends.1,
        in_doubt: wait(i64::from(busy), 2),
        hours: hours(1),
        needs,
        recent: trail().into_iter().take(8).collect(),
        flows: super::flows::facts(world, sends),
    }
}

fn hours(scale: i64) -> Vec<Hour> {
    let shape =
        [4, 2, 1, 0, 0, 1, 5, 18, 44, 71, 96, 84, 62, 75, 88, 103, 121, 90, 54, 37, 28, 19, 12, 7];
    let shifted = |n: usize, by: usize| n.checked_sub(by).and_then(|n| shape.get(n)).copied();
    (0i64..24)
        .zip(0usize..)
        .map(|(hour, n)| Hour {
            start: At(ago(41).0 - Span::hours(23 - hour)),
            released: shifted(n, 0).unwrap_or_default() * scale,
            accepted: (shifted(n, 0).unwrap_or_default() * 97 / 100) * scale,
            shipped: (shifted(n, 2).unwrap_or_default() * 84 / 100) * scale,
        })
        .collect()
}

fn group(parts: [&str; 6], count: i64, minutes: i64) -> HoldGroup {
    let [cause, flow, field, value, reason, fix] = parts.map(str::to_owned);
    HoldGroup {
        cause,
        flow,
        field,
        value: Some(value),
        reason,
        fix,
        count,
        oldest: ago(minutes),
        orders: (0..count.min(12))
            .map(|n| HeldOrder {
                number: format!("SO-{:06}", 640 + n * 7),
                since: ago(minutes - n),
            })
            .collect(),
    }
}

fn needs() -> Vec<HoldGroup> {
    vec![
        group(
            [
                "method-unmapped",
                "orders",
                "delivery mode",
                "EXP2",
                "Delivery mode \"EXP2\" is not mapped to a ShipBob shipping method.",
                "Add it under [connection.methods] in the settings, then retry.",
            ],
            23,
            200,
        ),
        group(
            [
                "method-unmapped",
                "orders",
                "delivery mode",
                "3DAY",
                "Delivery mode \"3DAY\" is not mapped to a ShipBob shipping method.",
                "Add it under [connection.methods] in the settings, then retry.",
            ],
            2,
            31,
        ),
        group(
            [
                "before-cut-off",
                "orders",
                "released",
                "",
                "Released before the cut-off; it may have been shipped by hand already.",
                "Check at ShipBob. Press Send to ship it, or Skip with the reason.",
            ],
            5,
            161,
        ),
        group(
            [
                "address-zip",
                "orders",
                "postal code",
                "",
                "The address has no postal code, and DE needs one.",
                "Add the postal code to the delivery address in Dynamics.",
            ],
            1,
            74,
        ),
        group(
            [
                "short-shipped",
                "fulfilment",
                "line 3",
                "2 of 5",
                "ShipBob shipped 2 of 5 pieces of line 3 and closed the order.",
                "Cancel the rest of the line in Dynamics, or order the rest anew; then dismiss this.",
            ],
            1,
            12,
        ),
    ]
}

/// Entries of the trail: place, minutes ago, who, what, order, why.
type Entry = (i64, i64, &'static str, &'static str, &'static str, &'static str);

const TRAIL: [Entry; 10] = [
    (
        8_841,
        0,
        "ml-connector",
        "done",
        "SO-000697",
        "Tracking 1Z999AA10123456784 stands on packing slip 000697_1.",
    ),
    (
        8_840,
        1,
        "ml-connector",
        "done",
        "SO-000697",
        "Note of parcel 1 written to Dynamics: UPS Ground 1Z999AA10123456784.",
    ),
    (
        8_839,
        2,
        "ml-connector",
        "in doubt",
        "SO-000742",
        "ShipBob's answer was lost; it is looked up before anything is repeated.",
    ),
    (8_838, 4, "Mara König", "asked to try again", "SO-000640", ""),
    (
        8_837,
        6,
        "ml-connector",
        "hold closed",
        "SO-000633",
        "The postal code is there now; the hold closed by itself.",
    ),
    (8_836, 9, "ml-connector", "planned", "SO-000741", "Released in Dynamics; 2 line(s) to ship."),
    (
        8_835,
        12,
        "ml-connector",
        "hold opened",
        "SO-000661",
        "ShipBob shipped 2 of 5 pieces of line 3 and closed the order.",
    ),
    (8_834, 15, "ml-connector", "poll", "", "Dynamics was read up to 09:26:00; 31 rows were new."),
    (
        8_833,
        1_460,
        "Mara König",
        "changed the settings",
        "",
        "Delivery mode STD is mapped to Standard.",
    ),
    (
        8_832,
        1_470,
        "O'Neill & <Söhne>",
        "skipped the order",
        "SO-000600",
        "Shipped by hand on Friday, <b>not</b> by ShipBob.",
    ),
];

pub(super) fn trail() -> Vec<TrailLine> {
    let line = |(seq, minutes, who, what, order, why): Entry| TrailLine {
        seq,
        at: ago(minutes),
        who: who.to_owned(),
        what: what.to_owned(),
        subject: (!order.is_empty()).then(|| order.to_owned()),
        before: None,
        after: (!order.is_empty()).then(|| "reference usmf-SO-000697-1-1".to_owned()),
        why: Some(why.to_owned()),
        settings_version: 12,
        request_id: Some(format!("sig-{seq}")),
        hash: format!("{seq:064x}"),
    };
    TRAIL.into_iter().map(line).collect()
}

pub(super) fn engine(world: World) -> EngineSnapshot {
    let wave: Vec<u32> =
        (0u32..60).map(|n| 18 + (n * 7 % 23) + if n > 40 { 25 } else { 0 }).collect();
    let quiet = world == World::New;
    let trouble = (world == World::Refused).then(|| Trouble {
        kind: TroubleKind::Credentials,
        why: "ShipBob answers 401: the access token was revoked or has no write scope. Set a new one.".to_owned(),
        since: ago(89),
    });
    let system = |used, limit, answer, trouble: Option<Trouble>, next: i64| SystemSnapshot {
        used,
        limit,
        history: if quiet { Vec::new() } else { wave.clone() },
        answer_ms: Some(answer),
        next_poll: Some(At(super::NOW + Span::seconds(next))),
        last_ok: Some(if trouble.is_some() { ago(89) } else { At(super::NOW - Span::seconds(3)) }),
        trouble,
    };
    EngineSnapshot {
        version: "0.1.0".to_owned(),
        owner: Some(Owner { holder: "node-a".to_owned(), fence: 7, since: ago(4_000), here: true }),
        dynamics: system(2, 4, 210, None, 12),
        shipbob: system(57, 150, 96, trouble, 191),
        flows: super::flows::snapshots(world),
        warehouses: vec![WarehouseLine {
            warehouse: "24".to_owned(),
            profile: "plain",
            mapping: Mapping::Network(BTreeSet::from([CentreId(1), CentreId(8)])),
            closed: BTreeSet::new(),
        }],
    }
}
