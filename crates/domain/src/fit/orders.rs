//! What each order would become on the first day.

use super::fate::{Fate, OrderLook};
use super::requests::{self, Past};
use super::{Book, Facts};
use crate::flows::plan_order;
use crate::operation::{CreateOrder, Operation};
use crate::plan::{Need, OrderFacts, Plan};
use crate::product::Item;
use crate::sales::{SalesLine, SalesOrder, SalesStatus};
use crate::settings::{Profile, Settings};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// References that follow each other are looked for so often; k counts re-sends, of which there are none yet.
const ROUNDS: usize = 8;

/// Causes whose value is what must be mended; all others are mended order by order.
const BY_VALUE: [&str; 7] = [
    "centre-closed",
    "method-unmapped",
    "method-unknown-at-shipbob",
    "country-unknown",
    "sku-unknown",
    "sku-case",
    "sku-inactive",
];

/// What one order asks of ShipBob: for duplicates.
pub(super) struct Wish<'a> {
    /// As [`OrderLook::number`].
    pub(super) number: String,
    /// Numbers somebody may have typed it in under.
    pub(super) names: Vec<String>,
    pub(super) order: Cow<'a, SalesOrder>,
    pub(super) creates: Vec<CreateOrder>,
    pub(super) facts: &'a OrderFacts,
}

/// What the orders name, for suggestions.
#[derive(Default)]
pub(super) struct Seen {
    /// Warehouse that is not mapped → orders.
    pub(super) warehouses: BTreeMap<String, BTreeSet<String>>,
}

/// All orders.
pub(super) struct Orders<'a> {
    pub(super) looks: Vec<OrderLook>,
    pub(super) others: BTreeMap<String, usize>,
    pub(super) wishes: Vec<Wish<'a>>,
    pub(super) seen: Seen,
    /// When those that would be sent were created.
    pub(super) created: Vec<Timestamp>,
    /// Orders that ship by requests, waiting or not.
    pub(super) by_request: usize,
    /// Requests among the looks.
    pub(super) requests: usize,
}

/// What is to be shipped, whether F&O says so by an order or by a request.
struct Subject<'a> {
    number: String,
    names: Vec<String>,
    order: Cow<'a, SalesOrder>,
    created: Option<Timestamp>,
}

impl<'a> Subject<'a> {
    /// None when F&O has it no more.
    fn of(facts: &'a OrderFacts, settings: &Settings) -> Option<Self> {
        let sales = facts.sales.as_ref().and_then(|r| r.order.as_ref());
        let own = |o: &SalesOrder| {
            vec![o.number.as_str().to_owned(), o.customer_reference.trim().to_owned()]
        };
        let Some(read) = &facts.request else {
            let order = sales?;
            return Some(Self {
                number: order.number.as_str().to_owned(),
                names: own(order),
                created: Some(order.created),
                order: Cow::Borrowed(order),
            });
        };
        let request = read.request.as_ref()?;
        let mut names = sales.map(own).unwrap_or_default();
        names.push(request.id.as_str().to_owned());
        let number = match sales {
            Some(order) => format!("{} of {}", request.id, order.number),
            None => request.id.as_str().to_owned(),
        };
        Some(Self {
            number,
            names,
            created: sales.map(|o| o.created),
            order: Cow::Owned(request.as_order(&settings.company, sales, true)),
        })
    }
}

/// The settings as on the day of going live: the cut-off stops nothing, so that the rest is seen.
fn open(settings: &Settings) -> Settings {
    Settings { cut_off: Some(Timestamp::MIN), ..settings.clone() }
}

pub(super) fn look<'a>(book: &mut Book, facts: &'a Facts, settings: &Settings) -> Orders<'a> {
    let as_if = open(settings);
    let catch_weight = catch_weight(facts);
    let mut all = Orders {
        looks: Vec::new(),
        others: BTreeMap::new(),
        wishes: Vec::new(),
        seen: Seen::default(),
        created: Vec::new(),
        by_request: 0,
        requests: 0,
    };
    for one in &facts.orders {
        let plan = planned(one, &as_if);
        let Some(subject) = Subject::of(one, settings) else {
            *all.others.entry("deleted in Dynamics".to_owned()).or_default() += 1;
            continue;
        };
        let creates = creates(&plan);
        let fate = fate(&plan, &creates);
        if let Some(past) = requests::past(one, &plan, fate) {
            before(book, &mut all, subject.number, past);
            continue;
        }
        let Some(mut fate) = fate else {
            not_now(book, &mut all, &subject, settings, &plan);
            continue;
        };
        let Subject { number, names, order, created } = subject;
        let mut causes = holds(book, &number, &plan);
        left_out(book, &mut all.seen, (&number, &order), settings, &creates);
        for line in order.lines.iter().filter(|l| catch_weight.contains(&l.sku.to_lowercase())) {
            let what = format!("Line {} is a catch-weight product.", line.sequence);
            book.put("line-catch-weight", &number, what);
        }
        customs(book, &number, settings, &creates);
        all.requests += usize::from(one.request.is_some());
        let undated = requests::undated(book, &number, one);
        if undated {
            causes.insert(requests::WITHOUT_ORDER.to_owned());
            fate = if fate == Fate::Sent { Fate::Person } else { fate };
        }
        if fate != Fate::AtShipbob
            && !undated
            && let Some(what) = too_early(created, settings)
        {
            book.put("before-cut-off", &number, what);
        }
        // Those that ship by requests are counted by their sales orders.
        all.created.extend(created.filter(|_| one.request.is_none()));
        all.looks.push(OrderLook {
            number: number.clone(),
            fate,
            shipbob_orders: creates.len(),
            causes,
            words: words(fate, &plan, creates.len()),
        });
        all.wishes.push(Wish { number, names, order, creates, facts: one });
    }
    all.looks.sort_by(|a, b| a.number.cmp(&b.number));
    all
}

/// A request that does not wait for an answer.
fn before(book: &mut Book, all: &mut Orders<'_>, number: String, past: Past) {
    match past {
        Past::Over(why) => *all.others.entry(why).or_default() += 1,
        Past::Person(id, what) => {
            all.requests += 1;
            book.put(id, &number, what.clone());
            all.looks.push(OrderLook {
                number,
                fate: Fate::Person,
                shipbob_orders: 0,
                causes: BTreeSet::from([id.to_owned()]),
                words: what,
            });
        }
    }
}

/// Nothing before the cut-off is sent by itself, nor what has no date.
fn too_early(created: Option<Timestamp>, settings: &Settings) -> Option<String> {
    let cut_off = settings.cut_off?;
    match created {
        Some(at) if at >= cut_off => None,
        Some(at) => Some(format!("Created {}, before the cut-off.", at.date())),
        None => Some("No sales order of it is known, so that it has no date.".to_owned()),
    }
}

/// The plan with every look-up answered: what is not among ShipBob's orders is absent.
fn planned(facts: &OrderFacts, settings: &Settings) -> Plan {
    let mut facts = facts.clone();
    for _ in 0..ROUNDS {
        let plan = plan_order(&facts, settings);
        let asked = plan.needs.iter().filter_map(|need| match need {
            Need::References(list) => Some(list.clone()),
            _ => None,
        });
        let asked: Vec<_> = asked.flatten().collect();
        if asked.is_empty() {
            return plan;
        }
        for reference in asked {
            facts.kept.absent.insert(reference.as_str().to_owned(), facts.now);
        }
    }
    plan_order(&facts, settings)
}

fn creates(plan: &Plan) -> Vec<CreateOrder> {
    let create = |operation: &Operation| match operation {
        Operation::CreateOrder(body) => Some(body.clone()),
        _ => None,
    };
    plan.deliveries.iter().filter_map(|d| create(&d.operation)).collect()
}

/// None when nothing of it is to be shipped now.
fn fate(plan: &Plan, creates: &[CreateOrder]) -> Option<Fate> {
    let waits = plan.reasons.iter().any(|r| r.starts_with("Waits for SKU"));
    match () {
        () if !plan.holds.is_empty() => Some(Fate::Held),
        () if waits => Some(Fate::WaitsForSku),
        () if !creates.is_empty() => Some(Fate::Sent),
        () if !plan.links.is_empty() => Some(Fate::AtShipbob),
        () if !plan.needs.is_empty() => Some(Fate::NotJudged),
        () => None,
    }
}

fn words(fate: Fate, plan: &Plan, creates: usize) -> String {
    match fate {
        Fate::Sent if creates == 1 => "one ShipBob order".to_owned(),
        Fate::Sent => format!("{creates} ShipBob orders"),
        Fate::NotJudged => "not all of it was read".to_owned(),
        Fate::Held => {
            let all: BTreeSet<&str> = plan.holds.iter().map(|h| h.reason.reason.as_str()).collect();
            all.into_iter().collect::<Vec<_>>().join(" ")
        }
        Fate::WaitsForSku => {
            let waits = plan.reasons.iter().find(|r| r.starts_with("Waits for SKU"));
            waits.cloned().unwrap_or_default()
        }
        Fate::AtShipbob => plan.sentence.clone(),
        Fate::Person => {
            "No date is known of it: it waits until a person presses Send or Skip.".to_owned()
        }
    }
}

fn holds(book: &mut Book, number: &str, plan: &Plan) -> BTreeSet<String> {
    let mut causes = BTreeSet::new();
    for hold in &plan.holds {
        let reason = &hold.reason;
        causes.insert(reason.cause.clone());
        book.words(&reason.cause, &reason.reason, &reason.fix);
        let by_value = BY_VALUE.contains(&reason.cause.as_str());
        let key = if by_value { reason.value.as_str() } else { number };
        let place = book.put(&reason.cause, key, reason.reason.clone());
        if by_value {
            place.orders.insert(number.to_owned());
        }
    }
    causes
}

/// Lines of a released order that would stay behind, by the order in which the planner asks.
fn left_out(
    book: &mut Book,
    seen: &mut Seen,
    (number, order): (&str, &SalesOrder),
    settings: &Settings,
    creates: &[CreateOrder],
) {
    let sent: BTreeSet<i32> =
        creates.iter().flat_map(|c| &c.lines).map(|l| l.external_line_id).collect();
    for line in order.lines.iter().filter(|l| open_line(l) && !sent.contains(&l.sequence)) {
        let of_line = |what: &str| format!("Line {} {what}.", line.sequence);
        if settings.warehouse(&line.warehouse).is_none() {
            let orders = seen.warehouses.entry(line.warehouse.as_str().to_owned()).or_default();
            orders.insert(number.to_owned());
        } else if line.blocked {
            book.put("line-blocked", number, of_line("is blocked"));
        } else if !line.stocked {
            book.put("line-not-stocked", number, of_line("is not a stocked product"));
        } else if line.direct_delivery {
            book.put("line-direct-delivery", number, of_line("is delivered by the vendor"));
        }
    }
}

fn open_line(line: &SalesLine) -> bool {
    line.status == SalesStatus::Backorder && !line.remaining.is_zero()
}

/// Nothing of the order would be sent now; the planner's last words say why.
fn not_now(
    book: &mut Book,
    all: &mut Orders<'_>,
    subject: &Subject<'_>,
    settings: &Settings,
    plan: &Plan,
) {
    let (number, order) = (subject.number.as_str(), subject.order.as_ref());
    let wanted = order.sales_type == "Sales" && order.status == SalesStatus::Backorder;
    let ours = |l: &&SalesLine| open_line(l) && settings.warehouse(&l.warehouse).is_some();
    let why = plan.reasons.first().cloned().unwrap_or_else(|| "nothing to do".to_owned());
    if wanted && order.lines.iter().any(|l| ours(&l)) {
        if order.stopped {
            book.put("order-stopped", number, why.clone());
        } else if order.credit_hold {
            book.put("order-credit-hold", number, why.clone());
        } else {
            left_out(book, &mut all.seen, (number, order), settings, &[]);
        }
    } else if wanted {
        left_out(book, &mut all.seen, (number, order), settings, &[]);
    }
    let silent = why == "nothing to do" || why.starts_with("Line ");
    let external = |l: &SalesLine| settings.warehouse_of(&l.warehouse, Profile::External).is_some();
    let over = matches!(order.status, SalesStatus::Delivered | SalesStatus::Invoiced);
    let class = if over {
        "delivered already in Dynamics".to_owned()
    } else if silent && wanted && order.lines.iter().any(|l| open_line(l) && external(l)) {
        all.by_request += 1;
        all.created.push(order.created);
        "sales order that ships by its requests".to_owned()
    } else if why.starts_with("Line ") {
        "no line for ShipBob".to_owned()
    } else {
        why
    };
    *all.others.entry(class).or_default() += 1;
}

/// Abroad ShipBob asks for a customs value in US dollars.
fn customs(book: &mut Book, number: &str, settings: &Settings, creates: &[CreateOrder]) {
    for create in creates {
        let country = &create.recipient.country;
        let home = settings.home_countries.iter().any(|c| c.trim().eq_ignore_ascii_case(country));
        let bare = create.lines.iter().filter(|l| l.unit_price.is_none()).count();
        if !home && bare > 0 {
            let what = format!("{bare} line(s) to {country} have no price in USD.");
            book.put("customs-value-missing", number, what);
        }
    }
}

/// Keys of catch-weight products, in lower case.
fn catch_weight(facts: &Facts) -> BTreeSet<String> {
    let of = |item: &Item| -> Vec<String> {
        let master = item.master.as_ref().and_then(|m| m.catch_weight);
        let caught = item.released.iter().filter(|r| r.catch_weight.or(master) == Some(true));
        caught.map(|r| r.key.to_lowercase()).collect()
    };
    facts.products.iter().filter_map(|p| p.item.as_ref()).flat_map(of).collect()
}
