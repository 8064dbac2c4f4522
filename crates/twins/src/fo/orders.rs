//! Changes of sales order headers and lines through the API.

use rust_decimal::Decimal;
use serde_json::json;

use super::masters;
use super::meta::EntitySet;
use super::refusal::Refusal;
use super::rows::Order;
use super::sets;
use super::write::{Desk, Member, Members, line_detail, not_editable, not_found, text};
use crate::world::ledger::effect;

/// Effect: the pool of an order was set; key = sales order; detail `{pool}`.
pub(crate) const POOL_SET: &str = "pool set";
/// Effect: another header field was set; key = sales order; detail `{fields}`.
pub(crate) const HEADER_SET: &str = "order header set";

const HEADER: &str = "SalesOrderHeaderV2Entity";
const LINE: &str = "SalesOrderLineV2Entity";

fn set(name: &str) -> Result<&'static EntitySet, Refusal> {
    sets::named(name).ok_or(Refusal::Forbidden)
}

/// `PATCH SalesOrderHeadersV2(…)`.
pub(crate) fn update_header(
    desk: &mut Desk<'_>,
    index: u32,
    members: &Members,
) -> Result<(), Refusal> {
    let order = desk.db.order(index).ok_or(Refusal::NoRow)?;
    check_header(order, members)?;
    if desk.tenant.pool_read_only && text(members, "SalesOrderPoolId").is_some() {
        return Err(not_editable(set("SalesOrderHeadersV2")?, "SalesOrderPoolId"));
    }
    if desk.tenant.carrier_read_only && text(members, "ShippingCarrierId").is_some() {
        return Err(not_editable(set("SalesOrderHeadersV2")?, "ShippingCarrierId"));
    }
    desk.unlocked(index)?;
    desk.remember(index);
    let mode = carrier_mode(desk, index, members);
    desk.db.touch_order(index, desk.clock, |order| {
        for (name, member) in members {
            assign(order, name, member);
        }
        if let Some(mode) = mode {
            mode.clone_into(&mut order.mode);
        }
    });
    note_effects(desk, index, members);
    Ok(())
}

fn check_header(order: &Order, members: &Members) -> Result<(), Refusal> {
    if order.status() == "Canceled" {
        let text = format!(
            "Error: Sales order {} has been canceled.; Error: Update has been canceled.",
            order.number
        );
        return Err(Refusal::Infolog { entity: HEADER, text });
    }
    let check = |name: &str, field: &str, table: &str, known: &dyn Fn(&str) -> bool| match text(
        members, name,
    ) {
        Some(value) if !value.is_empty() && !known(value) => {
            Err(not_found(HEADER, value, field, table))
        }
        _ => Ok(()),
    };
    let carrier = text(members, "ShippingCarrierId").unwrap_or(&order.carrier);
    check("ShippingCarrierId", "Shipping carrier", "Shipping carriers", &masters::is_carrier)?;
    check("ShippingCarrierServiceId", "Carrier service", "Carrier services", &|service| {
        masters::service_mode(carrier, service).is_some()
    })?;
    check("SalesOrderPoolId", "Pool", "Sales order pools", &masters::is_pool)?;
    check("SalesOrderOriginCode", "Sales origin", "Sales origins", &masters::is_origin)?;
    check("DeliveryModeCode", "Mode of delivery", "Modes of delivery", &masters::is_mode)
}

/// The delivery mode a carrier write brings along, in tenants that do that.
fn carrier_mode(desk: &Desk<'_>, index: u32, members: &Members) -> Option<&'static str> {
    if !desk.tenant.carrier_redefaults_mode || text(members, "DeliveryModeCode").is_some() {
        return None;
    }
    let order = desk.db.order(index)?;
    let carrier = text(members, "ShippingCarrierId").unwrap_or(&order.carrier);
    let service = text(members, "ShippingCarrierServiceId").unwrap_or(&order.service);
    let written =
        text(members, "ShippingCarrierId").or(text(members, "ShippingCarrierServiceId")).is_some();
    written.then(|| masters::service_mode(carrier, service)).flatten()
}

fn assign(order: &mut Order, name: &str, member: &Member) {
    let field = match (name, member) {
        ("SalesOrderName", _) => &mut order.name,
        ("CustomersOrderReference", _) => &mut order.reference,
        ("CustomerRequisitionNumber", _) => &mut order.requisition,
        ("SalesOrderOriginCode", _) => &mut order.origin,
        ("SalesOrderPoolId", _) => &mut order.pool,
        ("DeliveryModeCode", _) => &mut order.mode,
        ("ShippingCarrierId", _) => &mut order.carrier,
        ("ShippingCarrierServiceId", _) => &mut order.service,
        ("RequestedShippingDate" | "RequestedReceiptDate", Member::Time(micros)) => {
            order.ship_date = super::value::noon(*micros);
            return;
        }
        _ => return,
    };
    if let Member::Text(text) = member {
        text.clone_into(field);
    }
}

fn note_effects(desk: &mut Desk<'_>, index: u32, members: &Members) {
    let Some(order) = desk.db.order(index) else { return };
    let carrier = json!({"carrier": order.carrier, "service": order.service});
    let pool = json!({"pool": order.pool});
    let has = |name: &str| text(members, name).is_some();
    let carrier_set = has("ShippingCarrierId") || has("ShippingCarrierServiceId");
    let pool_set = has("SalesOrderPoolId");
    if carrier_set {
        desk.effect(effect::CARRIER_SET, index, carrier);
    }
    if pool_set {
        desk.effect(POOL_SET, index, pool);
    }
    if !carrier_set && !pool_set {
        let fields: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        desk.effect(HEADER_SET, index, json!({"fields": fields}));
    }
}

/// `PATCH SalesOrderLines(…)`.
pub(crate) fn update_line(
    desk: &mut Desk<'_>,
    index: u32,
    seq: i32,
    members: &Members,
) -> Result<(), Refusal> {
    let number = |name: &str| {
        members.iter().find_map(|(found, member)| match member {
            Member::Number(number) if *found == name => Some(*number),
            _ => None,
        })
    };
    let deliver_now = number("SalesDeliverNow");
    if deliver_now.is_some() && desk.tenant.deliver_now_read_only {
        return Err(not_editable(set("SalesOrderLines")?, "SalesDeliverNow"));
    }
    check_line(desk, index, seq, deliver_now)?;
    desk.unlocked(index)?;
    desk.remember(index);
    desk.db.touch_line(index, seq, desk.clock, |line| {
        if let Some(quantity) = deliver_now {
            line.deliver_now = quantity;
        }
        if let Some(description) = text(members, "LineDescription") {
            description.clone_into(&mut line.text);
        }
        if let Some(reference) = text(members, "OrderLineReference") {
            reference.clone_into(&mut line.reference);
        }
    });
    if let Some(quantity) = deliver_now {
        desk.effect(effect::DELIVER_NOW_SET, index, line_detail(seq, quantity));
    }
    Ok(())
}

fn check_line(
    desk: &Desk<'_>,
    index: u32,
    seq: i32,
    deliver_now: Option<Decimal>,
) -> Result<(), Refusal> {
    let order = desk.db.order(index).ok_or(Refusal::NoRow)?;
    let line = order.lines.iter().find(|line| line.seq == seq).ok_or(Refusal::NoRow)?;
    let refuse = |text: String| {
        Err(Refusal::Infolog {
            entity: LINE,
            text: format!("Error: {text}; Error: Update has been canceled."),
        })
    };
    if line.status == "Canceled" {
        return refuse(format!("Line {seq} of sales order {} has been canceled.", order.number));
    }
    match deliver_now {
        Some(quantity) if quantity > Decimal::ZERO && quantity > line.remain => refuse(format!(
            "Deliver now quantity {} is greater than the deliver remainder {} of item {}.",
            quantity.normalize(),
            line.remain.normalize(),
            line.item
        )),
        Some(quantity) if quantity < Decimal::ZERO && line.remain >= Decimal::ZERO => {
            refuse(format!("Deliver now quantity of item {} must not be negative.", line.item))
        }
        _ => Ok(()),
    }
}
