//! From an intention to the rows of one sales order.

use rust_decimal::Decimal;

use super::catalogue::{self, Item, Kind};
use super::category::Category;
use super::people::{self, Person};
use super::{Meant, PastedOrder, SeedWorld};
use crate::fo::rows::{Line, Order};
use crate::fo::value::{noon, whole_second};
use crate::world::calendar::DAY;
use crate::world::fate::Fate;

/// First record id F&O gives.
pub(crate) const FIRST_REC_ID: i64 = 5_637_144_576;
/// Record ids of one order and its lines lie in a range of this size.
const REC_IDS_PER_ORDER: i64 = 100;

/// Where the lines of an order lie and how they are sent.
#[derive(Clone, Copy)]
struct Home {
    site: &'static str,
    warehouse: &'static str,
    mode: &'static str,
}

const SB01: (&str, &str) = ("1", "SB01");
const SB02: (&str, &str) = ("2", "SB02");

/// The rows of the order at `index`, before any release.
pub(crate) fn build(seed: &SeedWorld, meant: &Meant, index: u32) -> Order {
    let category = meant.intent.category;
    let person = people::person(seed.chance, &meant.number, category);
    let home = home(seed, meant, &person);
    let rec_id = FIRST_REC_ID + i64::from(index) * REC_IDS_PER_ORDER;
    let created = whole_second(meant.created_at);
    let mut order = Order {
        index,
        company: seed.company,
        number: meant.number.clone(),
        rec_id,
        rec_version: 1,
        stamp: created,
        created,
        deleted: false,
        account: person.account.clone(),
        name: person.address.name.clone(),
        delivery: person.address,
        phone: person.phone,
        email: person.email,
        reference: if category == Category::CustomerReference {
            format!("PO#{}/É", seed.chance.digits("po", &meant.number, 5))
        } else {
            String::new()
        },
        requisition: String::new(),
        mode: home.mode.to_owned(),
        terms: if person.abroad { "DAP" } else { "FOB" },
        carrier: String::new(),
        service: String::new(),
        pool: String::new(),
        origin: "Web".to_owned(),
        site: home.site,
        warehouse: home.warehouse,
        sales_type: match category {
            Category::Journal => "Journal",
            Category::ReturnOrder => "ReturnItem",
            _ => "Sales",
        },
        document: "None",
        stopped: matches!(category, Category::Stopped | Category::StoppedThenFreed),
        credit_hold: matches!(category, Category::CreditHold | Category::CreditThenFreed),
        ship_date: noon(meant.created_at + DAY),
        currency: "USD",
        lines: Vec::new(),
        managed: seed.whs,
        release: "Open",
        slips: 0,
        picked: Vec::new(),
        locked_until: i64::MIN,
        stock_lacks: if category == Category::StockLate { 2 } else { 0 },
    };
    order.lines = lines(seed, meant, &order, home);
    order
}

fn home(seed: &SeedWorld, meant: &Meant, person: &Person) -> Home {
    let second = seed.chance.per_mille("warehouse", &meant.number, 350);
    let (site, warehouse) = match meant.intent.category {
        Category::OtherWarehouse => {
            let others = [("1", "11"), ("1", "WH01"), ("2", "EX01")];
            seed.chance
                .choose("other warehouse", &meant.number, &others)
                .copied()
                .unwrap_or(("1", "11"))
        }
        Category::TwoWarehouses => SB01,
        _ if second => SB02,
        _ => SB01,
    };
    let modes = ["STD", "STD", "STD", "EXP", "2DAY"];
    let mode = match meant.intent.category {
        Category::UnmappedMode => "EXP2",
        Category::TwoModes => "STD",
        _ if person.abroad => "INTL",
        _ => seed.chance.choose("mode", &meant.number, &modes).copied().unwrap_or("STD"),
    };
    Home { site, warehouse, mode }
}

/// How many lines an order has, and of which items.
fn wishes(seed: &SeedWorld, meant: &Meant) -> Vec<(&'static Item, Decimal, &'static str)> {
    let number = &meant.number;
    let list = catalogue::ordinary();
    let wish = |nth: i64| {
        let key = format!("{number}/{nth}");
        // Neighbouring lines take neighbouring items, so that one order never holds an item twice.
        let start = i64::try_from(seed.chance.below("item", number, 1_000)).unwrap_or(0);
        let place = usize::try_from(start + nth).unwrap_or(0) % list.len().max(1);
        let quantity = match meant.intent.fate {
            Fate::TenOfTwelve => 12,
            Fate::ShortNeverRest | Fate::Split | Fate::TwoParcels => {
                seed.chance.between("quantity", &key, 2, 6)
            }
            _ => seed.chance.between("quantity", &key, 1, 4),
        };
        list.get(place).map(|item| (*item, Decimal::from(quantity), item.unit))
    };
    let special = |item: &'static str, quantity: Decimal| {
        catalogue::item(item).map(|item| (item, quantity, item.unit))
    };
    let two = Decimal::TWO;
    let one = Decimal::ONE;
    let some = |list: Vec<Option<_>>| list.into_iter().flatten().collect();
    match meant.intent.category {
        Category::BoxUnit if meant.intent.fate == Fate::TenOfTwelve => {
            some(vec![special("B0012", one)])
        }
        Category::BoxUnit => some(vec![special("B0006", two), wish(1)]),
        Category::DozenUnit => some(vec![special("D0001", two)]),
        Category::NoConversion => some(vec![special("P0001", one), wish(1)]),
        Category::UnknownSku => some(vec![wish(0), special("NEW-0001", one)]),
        Category::SkuOtherCase => some(vec![special("mix-case-1", one)]),
        Category::Kit => some(vec![special("KIT01", two), special("A0003", one)]),
        Category::ServiceLine => some(vec![wish(0), special("SVC-GIFT", one)]),
        Category::ZeroLine => some(vec![wish(0), wish(1).map(|(i, _, u)| (i, Decimal::ZERO, u))]),
        Category::NegativeLine => some(vec![wish(0), wish(1).map(|(i, _, u)| (i, -one, u))]),
        Category::Fraction => some(vec![wish(0).map(|(i, _, u)| (i, Decimal::new(15, 1), u))]),
        Category::ReturnOrder => some(vec![wish(0).map(|(i, q, u)| (i, -q, u))]),
        Category::PartlyDelivered => {
            some(vec![wish(0).map(|(i, _, u)| (i, Decimal::from(5), u)), wish(1)])
        }
        Category::QuantityReduced | Category::QuantityRaised => {
            some(vec![wish(0).map(|(i, _, u)| (i, Decimal::from(3), u)), wish(1)])
        }
        Category::ManyLines => (0..14).filter_map(wish).collect(),
        Category::TwoWarehouses
        | Category::TwoAddresses
        | Category::TwoModes
        | Category::DirectDelivery
        | Category::BlockedLine
        | Category::LineCancelled => some(vec![wish(0), wish(1)]),
        _ => (0..seed.chance.between("lines", number, 1, 5)).filter_map(wish).collect(),
    }
}

fn lines(seed: &SeedWorld, meant: &Meant, order: &Order, home: Home) -> Vec<Line> {
    let mut lines = Vec::new();
    for ((item, quantity, unit), seq) in wishes(seed, meant).into_iter().zip(1_i32..) {
        lines.push(line(order, seq, item, quantity, unit, home));
    }
    let last = lines.len() > 1;
    if let Some(line) = lines.last_mut().filter(|_| last) {
        mark_last(seed, meant, line);
    }
    if let Some(line) = lines.first_mut() {
        deliver_before(meant.intent.category, line);
    }
    if meant.intent.category == Category::FullyDelivered {
        for line in &mut lines {
            line.remain = Decimal::ZERO;
            line.deliver_now = Decimal::ZERO;
            line.status = "Delivered";
        }
    }
    lines
}

/// One line of `order`; deliver-now defaults to the whole quantity.
pub(crate) fn new_line(order: &Order, item: &'static Item, quantity: Decimal) -> Line {
    let seq = order.lines.iter().map(|line| line.seq).max().unwrap_or(0) + 1;
    let mut line = line(
        order,
        seq,
        item,
        quantity,
        item.unit,
        Home { site: order.site, warehouse: order.warehouse, mode: "" },
    );
    line.mode.clone_from(&order.mode);
    line
}

fn line(
    order: &Order,
    seq: i32,
    item: &'static Item,
    quantity: Decimal,
    unit: &'static str,
    home: Home,
) -> Line {
    Line {
        seq,
        lot: format!("LOT-{:06}-{seq:02}", order.index + 1),
        rec_id: order.rec_id + i64::from(seq),
        rec_version: 1,
        stamp: order.created,
        created: order.created,
        item: item.number,
        color: item.color,
        size: item.size,
        text: item.name.to_owned(),
        quantity,
        unit,
        factor: Decimal::from(item.pieces(unit).unwrap_or(1)),
        price: Decimal::new(item.cents, 2) * Decimal::from(item.pieces(unit).unwrap_or(1)),
        remain: quantity,
        deliver_now: quantity,
        status: "Backorder",
        site: home.site,
        warehouse: home.warehouse,
        mode: home.mode.to_owned(),
        delivery: None,
        blocked: false,
        stopped: false,
        stocked: item.kind != Kind::Service,
        direct: false,
        reference: String::new(),
        released: None,
    }
}

/// What makes the last line of some orders different from the first.
fn mark_last(seed: &SeedWorld, meant: &Meant, line: &mut Line) {
    match meant.intent.category {
        Category::TwoWarehouses => (line.site, line.warehouse) = SB02,
        Category::TwoAddresses => {
            line.delivery = Some(people::second_address(seed.chance, &meant.number))
        }
        Category::TwoModes => "EXP".clone_into(&mut line.mode),
        Category::DirectDelivery => line.direct = true,
        Category::BlockedLine => line.blocked = true,
        _ => {}
    }
}

/// Two of five went out before the connector existed.
fn deliver_before(category: Category, line: &mut Line) {
    if category == Category::PartlyDelivered {
        line.remain -= Decimal::TWO;
        line.deliver_now = line.remain;
    }
}

/// What somebody typed into ShipBob for this order.
pub(crate) fn pasted(seed: &SeedWorld, meant: &Meant, index: u32) -> PastedOrder {
    let order = build(seed, meant, index);
    let typed = |line: &Line| {
        let pieces = i64::try_from(line.inventory_quantity()).unwrap_or(1);
        (catalogue::sku(line.item, line.color, line.size), line.text.clone(), pieces)
    };
    let mut streets = order.delivery.street.lines();
    PastedOrder {
        reference: format!("man-{}", seed.chance.hex("pasted", &order.number, 10)),
        lines: order.lines.iter().map(typed).collect(),
        recipient: order.delivery.name.clone(),
        address1: streets.next().unwrap_or_default().to_owned(),
        address2: streets.next().map(str::to_owned),
        city: order.delivery.city.clone(),
        state: order.delivery.state.clone(),
        zip: order.delivery.zip.clone(),
        country: order.delivery.country_iso.to_owned(),
        centre_id: if order.warehouse == "SB02" { 2 } else { 1 },
        created_at: meant.created_at + DAY,
        order_number: order.number,
    }
}
