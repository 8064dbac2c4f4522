//! The body of one create, or everything that is wrong with it.

use super::send::{Group, next_reference};
use crate::address::clean;
use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::view::{LineView, View};
use crate::mapping::Mapping;
use crate::operation::{CreateLine, CreateOrder};
use crate::plan::Need;
use crate::reference;
use crate::reference_data::SkuFact;
use crate::request;
use crate::sales::SalesOrder;
use crate::time::{Span, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};

/// The product exists at ShipBob, so its name is only repeated: cutting it changes nothing.
const MAX_NAME: usize = 300;
/// An order looks again so soon for a SKU that is on its way.
const WAIT_FOR_SKU: Span = Span::minutes(1);
/// ShipBob's limit for `order_number`.
const MAX_ORDER_NUMBER: usize = 400;

/// The create of one group, or everything that is wrong with it.
pub(super) fn build(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    group: &Group<'_, '_>,
) -> Result<CreateOrder, Vec<HoldReason>> {
    let mut holds = Vec::new();
    let method = group.ground.method(draft).map_err(|h| holds.push(h)).ok();
    let recipient = group.ground.recipient(draft, order).map_err(|h| holds.push(h)).ok();
    if let Err(hold) = group.ground.open(draft) {
        holds.push(hold);
    }
    let home = &draft.settings.home_countries;
    let abroad = recipient
        .as_ref()
        .is_some_and(|r| !home.iter().any(|c| c.trim().eq_ignore_ascii_case(&r.country)));
    let (mut wanted, mut unread, mut coming) = (Vec::new(), Vec::new(), Vec::new());
    for (line, eaches) in &group.lines {
        match sku_state(draft, &line.line.sku) {
            Sku::Unread => unread.push(line.line.sku.clone()),
            Sku::Bad(hold) => holds.push(hold),
            Sku::Coming => coming.push(line.line.sku.clone()),
            Sku::Good => {}
        }
        match eaches {
            Ok(n) => wanted.push(create_line(order, line, *n, abroad)),
            Err(hold) => holds.push(hold.clone()),
        }
    }
    if !unread.is_empty() {
        unread.sort();
        unread.dedup();
        draft.need(Need::Skus(unread));
    }
    let sequence = group.lines.iter().map(|(l, _)| l.line.sequence).min().unwrap_or(0);
    let reference = next_reference(draft, view, sequence);
    let number = &shown_number(draft, order);
    let long = reference.as_str().chars().count() > reference::MAX_CHARS
        || number.chars().count() > MAX_ORDER_NUMBER;
    if long {
        holds.push(number_too_long(number));
    }
    if holds.is_empty() && !coming.is_empty() {
        // Made by the products flow: the order goes by itself when ShipBob has them.
        draft.reason(format!(
            "Waits for SKU {}, which is on its way to ShipBob.",
            coming.join(", ")
        ));
        draft.waits_for_sku = true;
        draft.plan_at(draft.facts.now + WAIT_FOR_SKU);
        return Err(holds);
    }
    match (method, recipient, holds.is_empty()) {
        (Some(method), Some(recipient), true) => Ok(CreateOrder {
            reference,
            order_number: number.to_owned(),
            recipient,
            method,
            centre: group.ground.mapping(draft).and_then(Mapping::pin),
            choice: group.ground.mapping(draft).map(Mapping::choice).unwrap_or_default(),
            kits: wanted
                .iter()
                .filter_map(|l| Some((l.sku.clone(), draft.settings.recipe(&l.sku)?)))
                .collect(),
            purchase_date: Some(order.created)
                .filter(|at| *at > Timestamp::MIN)
                .map(Timestamp::to_rfc3339_seconds),
            lines: wanted,
        }),
        _ => Err(holds),
    }
}

/// What people at ShipBob read: the sales order, or the request where that is not known.
fn shown_number(draft: &Draft<'_>, order: &SalesOrder) -> String {
    let Some(request) = request::id_of(order.number.as_str()) else {
        return order.number.as_str().to_owned();
    };
    let owner = draft.facts.sales.as_ref().and_then(|r| r.order.as_ref());
    owner.map_or_else(|| request.to_owned(), |o| o.number.as_str().to_owned())
}

fn number_too_long(number: &str) -> HoldReason {
    HoldReason::new(
        "order-number-too-long",
        "order number",
        "",
        &format!(
            "The order number has {} characters; ShipBob takes fewer.",
            number.chars().count()
        ),
        "Enter the order anew in Dynamics with a shorter number.",
    )
}

enum Sku {
    Unread,
    Coming,
    Good,
    Bad(HoldReason),
}

fn sku_state(draft: &Draft<'_>, sku: &str) -> Sku {
    let Some(fact) = draft.facts.skus.get(sku) else { return Sku::Unread };
    let fix =
        "Create the SKU at ShipBob or correct the item in Dynamics; the order goes by itself then.";
    match &fact.exact {
        None if fact.coming => Sku::Coming,
        _ if fact.part.is_some() => Sku::Bad(kit_part(sku, fact)),
        Some(item) if item.active => Sku::Good,
        Some(_) => Sku::Bad(HoldReason::new(
            "sku-inactive",
            "item",
            sku,
            &format!("SKU {sku} is inactive at ShipBob."),
            "Activate the SKU at ShipBob; the order goes by itself then.",
        )),
        None if !fact.case_variants.is_empty() => Sku::Bad(HoldReason::new(
            "sku-case",
            "item",
            sku,
            &format!(
                "SKU {sku} is unknown at ShipBob, which has {} in other letter case.",
                fact.case_variants.join(", ")
            ),
            fix,
        )),
        None => Sku::Bad(HoldReason::new(
            "sku-unknown",
            "item",
            sku,
            &format!("SKU {sku} is unknown at ShipBob; sending it would create an empty product."),
            fix,
        )),
    }
}

fn kit_part(sku: &str, fact: &SkuFact) -> HoldReason {
    let part = fact.part.as_deref().unwrap_or_default();
    let is = if fact.exact.is_some() { "inactive" } else { "unknown" };
    HoldReason::new(
        "kit-component",
        "item",
        sku,
        &format!(
            "Component {part} of kit {sku} is {is} at ShipBob; a kit is sent whole or not at all."
        ),
        "Make or activate the component at ShipBob, or correct [connection.products.kits]; the order goes by itself then.",
    )
}

fn create_line(order: &SalesOrder, line: &LineView<'_>, eaches: i64, abroad: bool) -> CreateLine {
    let l = line.line;
    let name: String = clean(&l.name).chars().take(MAX_NAME).collect();
    CreateLine {
        sku: l.sku.clone(),
        name: if name.is_empty() { l.sku.clone() } else { name },
        quantity: eaches,
        external_line_id: l.sequence,
        unit_price: customs_value(order, line).filter(|_| abroad),
    }
}

/// Price per each in US dollars, the only currency ShipBob takes; none where there is no price.
fn customs_value(order: &SalesOrder, line: &LineView<'_>) -> Option<Decimal> {
    let usd = order.currency.trim().eq_ignore_ascii_case("USD");
    let each = line.line.price.checked_div(line.factor?)?;
    let value = each.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    (usd && value > Decimal::ZERO).then_some(value)
}
