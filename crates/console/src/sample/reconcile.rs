//! A made-up day: orders agree but for one that was lost and one that is held; a slip waits.

use super::{NOW, World};
use crate::model::{DayLine, Days};
use domain::reconcile::{Certificate, Equation, Grade, Item, Sealed, TrailHead, seal};
use domain::time::Span;
use rust_decimal::Decimal;

fn item(grade: Grade, cause: &str, order: &str, key: &str, amount: i64, told: [&str; 2]) -> Item {
    let [words, fix] = told.map(str::to_owned);
    Item {
        grade,
        cause: cause.to_owned(),
        order: order.to_owned(),
        key: key.to_owned(),
        amount: Decimal::from(amount),
        words,
        fix,
    }
}

fn equation(name: &str, unit: &str, sides: [(&str, i64); 2], items: Vec<Item>) -> Equation {
    let [left, right] = sides;
    Equation {
        left_is: left.0.to_owned(),
        left: Decimal::from(left.1),
        right_is: right.0.to_owned(),
        right: Decimal::from(right.1),
        items,
        ..Equation::not_compared(name, unit, "")
    }
}

/// One that was lost, one that is held, a slip that waits.
fn items() -> [Item; 3] {
    let lost = item(
        Grade::Wrong,
        "order-lost",
        "SO-000655",
        "",
        1,
        [
            "Dynamics has released it, ShipBob does not have it, and this database does not know it.",
            "Run `ml-connector backfill orders --keys` with this order: both systems are read again and it is planned.",
        ],
    );
    let held = item(
        Grade::Held,
        "method-unmapped",
        "SO-000697",
        "",
        1,
        [
            "Delivery mode \"RAIL\" is not mapped to a ShipBob method.",
            "Map the mode under [connection.methods] in the configuration, or change it on the order.",
        ],
    );
    let slip = item(
        Grade::Waits,
        "waits-for-slip",
        "SO-000698",
        "A0001",
        5,
        ["5 of A0001 left and wait for the packing slip.", ""],
    );
    [lost, held, slip]
}

fn certificate(day: &str, bad: bool) -> Sealed {
    let [lost, held, slip] = items();
    let (orders, right) = if bad { (vec![lost, held], 410) } else { (vec![held], 411) };
    seal(Certificate {
        organisation: "default".to_owned(),
        connection: "default".to_owned(),
        company: "usmf".to_owned(),
        day: day.to_owned(),
        zone: "America/New_York".to_owned(),
        from: NOW - Span::hours(35),
        to: NOW - Span::hours(11),
        asked: NOW - Span::hours(9),
        made: NOW - Span::hours(9),
        who: "ml-connector".to_owned(),
        settings_version: 12,
        program: "ml-connector 0.1.0".to_owned(),
        trail: TrailHead {
            seq: 8_841,
            hash: "9f3c6a0d27be41c89f3c6a0d27be41c89f3c6a0d27be41c89f3c6a0d27be41c8".to_owned(),
        },
        orders: 431,
        calls: (7, 9),
        equations: vec![
            equation(
                "orders",
                "orders",
                [("released in Dynamics", 412), ("accepted at ShipBob", right)],
                orders,
            ),
            equation(
                "notes",
                "parcels",
                [("labelled at ShipBob", 398), ("noted in Dynamics", 398)],
                Vec::new(),
            ),
            equation(
                "slips",
                "pieces",
                [("left ShipBob", 1_204), ("on packing slips in Dynamics", 1_199)],
                vec![slip],
            ),
            Equation::not_compared("stock", "pieces", "the flow inventory is off"),
        ],
        gaps: Vec::new(),
    })
}

/// One day.
pub(super) fn day(world: World, day: &str) -> Option<Sealed> {
    let known = world != World::New && ["2026-11-22", "2026-11-21"].contains(&day);
    known.then(|| certificate(day, day == "2026-11-22"))
}

/// The list.
pub(super) fn days(world: World) -> Days {
    let known = ["2026-11-22", "2026-11-21"].into_iter().filter_map(|d| day(world, d));
    Days { days: known.map(|one| DayLine::of(&one)).collect(), asked: Vec::new() }
}
