//! The life of shipments: executes their scripts step by step and tells the world and the subscribers.

use std::collections::VecDeque;

use serde_json::json;

use super::script::{Author, Step, Trouble};
use super::state::{Content, Detail, Log, Shipment, Status};
use super::{
    LifeEvent, billing, cancel, hooks, inbound, parcel, products, routing, simulate, stock,
};
use crate::world::fate::Fate;
use crate::world::ledger::{System, effect};
use crate::world::{Event, Happening, World};

/// Runs one event of ShipBob.
pub(crate) fn live(world: &mut World, event: LifeEvent) {
    match event {
        LifeEvent::Step(shipment) => advance(world, shipment),
        LifeEvent::Simulate(simulation) => simulate::run(world, simulation),
        LifeEvent::Stock(turn) => stock::turn(world, turn),
        LifeEvent::Product(index, touch) => products::touch(world, index, touch),
        LifeEvent::Billing(event) => billing::live(world, event),
        LifeEvent::Inbound(event) => inbound::live(world, event),
    }
}

/// Schedules the next step of a shipment's script, if there is one.
pub(super) fn schedule_next(world: &mut World, shipment: usize) {
    let next = world.shipbob.shipments.get(shipment).and_then(|one| one.script.front());
    let Some((delay, step)) = next.copied() else { return };
    // What is already there is not waited for.
    let acknowledged = world.shipbob.shipments.get(shipment).is_some_and(|one| one.uploaded);
    let delay = if step == Step::AwaitAck && acknowledged { 0 } else { delay };
    let key = world.schedule_in(delay, Event::ShipBob(LifeEvent::Step(shipment)));
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.pending = Some(key);
    }
}

/// Withdraws what was scheduled for a shipment; its script stays.
pub(super) fn unschedule(world: &mut World, shipment: usize) {
    let pending = world.shipbob.shipments.get_mut(shipment).and_then(|one| one.pending.take());
    if let Some(key) = pending {
        world.queue.withdraw(key);
    }
}

/// Takes the next step of the script now.
pub(super) fn advance(world: &mut World, shipment: usize) {
    let Some(one) = world.shipbob.shipments.get_mut(shipment) else { return };
    one.pending = None;
    let Some((_, step)) = one.script.pop_front() else { return };
    take(world, shipment, step);
    schedule_next(world, shipment);
}

/// Adds a shipment to an order.
pub(super) fn add_shipment(
    world: &mut World,
    order: usize,
    location: i64,
    contents: Vec<Content>,
    script: VecDeque<(i64, Step)>,
) -> usize {
    let now = world.now;
    let state = &mut world.shipbob;
    let index = state.shipments.len();
    let ordinal = state.orders.get(order).map_or(0, |order| order.shipments.len());
    state.shipments.push(Shipment {
        id: state.first_shipment() + i64::try_from(index).unwrap_or(0),
        order,
        ordinal: u32::try_from(ordinal).unwrap_or(0),
        status: Status::ImportReview,
        details: Vec::new(),
        created_at: now,
        updated_at: now,
        tracking_at: None,
        labelled_at: None,
        delivered_at: None,
        location,
        contents,
        tracking: None,
        numbers: Vec::new(),
        invoice: None,
        uploaded: false,
        picked: false,
        recipient: None,
        method: None,
        logs: vec![Log { at: now, id: 1, name: "Inserted" }],
        script,
        pending: None,
        messages: 0,
    });
    if let Some(order) = state.orders.get_mut(order) {
        order.shipments.push(index);
    }
    state.touch(index, now);
    schedule_next(world, index);
    index
}

fn take(world: &mut World, shipment: usize, step: Step) {
    match step {
        Step::Allocate | Step::Divide { .. } | Step::MoveElsewhere => {
            allocate(world, shipment, step);
        }
        Step::Reroute => routing::reroute(world, shipment),
        Step::Except(trouble) => except(world, shipment, trouble),
        Step::Hold(trouble) => hold(world, shipment, trouble),
        Step::Clear => set(world, shipment, Status::Processing, None, None),
        Step::AwaitCancel | Step::AwaitAck | Step::AwaitEdit => {}
        Step::Pick => pick(world, shipment, None),
        Step::PickShort { little } => pick(world, shipment, Some(little)),
        Step::Pack => {
            let detail = Some(detail(101, "Packed", "The shipment is packed"));
            set(world, shipment, Status::Processing, detail, Some((4, "Packed")));
        }
        Step::Label => parcel::label(world, shipment, true),
        Step::LabelBare => parcel::label(world, shipment, false),
        Step::Number => parcel::number(world, shipment, 0),
        Step::Renumber => parcel::number(world, shipment, 1),
        Step::Complete => parcel::complete(world, shipment),
        Step::Invoice => parcel::invoice(world, shipment),
        Step::InTransit => parcel::carry(world, shipment, detail(201, "InTransit", "In transit")),
        Step::OddDetail => {
            parcel::carry(world, shipment, detail(299, "CustomsReview", "Held for customs review"));
        }
        Step::DeliveryException => {
            parcel::carry(
                world,
                shipment,
                detail(204, "DeliveryException", "Delivery attempt failed"),
            );
        }
        Step::SendBack => {
            parcel::carry(world, shipment, detail(204, "DeliveryException", "Return to sender"));
        }
        Step::Reship => parcel::reship(world, shipment),
        Step::OutForDelivery => {
            parcel::carry(world, shipment, detail(202, "OutForDelivery", "Out for delivery"));
        }
        Step::Deliver => parcel::deliver(world, shipment),
        Step::DashboardCancel { silent } => {
            cancel::cancel_shipment(world, shipment, "dashboard", silent);
        }
        Step::Sweep => set(world, shipment, Status::CleanSweeped, None, Some((90, "CleanSweeped"))),
    }
}

pub(super) fn detail(id: i64, name: &'static str, description: &'static str) -> Detail {
    Detail { id, name, description, messages: Vec::new() }
}

/// Sets status and details, writes the log, moves the stamp.
pub(super) fn set(
    world: &mut World,
    shipment: usize,
    status: Status,
    detail: Option<Detail>,
    log: Option<(i64, &'static str)>,
) {
    let now = world.now;
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.status = status;
        one.details = detail.into_iter().collect();
        if let Some((id, name)) = log {
            one.logs.push(Log { at: now, id, name });
        }
    }
    world.shipbob.touch(shipment, now);
}

/// Reference, order number, order index, fate and ordinal of a shipment.
pub(super) struct About {
    pub(super) order: usize,
    pub(super) reference: String,
    pub(super) order_number: String,
    pub(super) ours: bool,
    /// ShipBob chooses the centre.
    pub(super) free: bool,
    pub(super) fate: Fate,
    pub(super) ordinal: u32,
}

pub(super) fn about(world: &World, shipment: usize) -> Option<About> {
    let one = world.shipbob.shipments.get(shipment)?;
    let order = world.shipbob.orders.get(one.order)?;
    Some(About {
        order: one.order,
        reference: order.reference_id.clone(),
        order_number: order.order_number.clone(),
        ours: order.channel == world.config.channel,
        free: routing::is_free(world, order),
        fate: order.fate,
        ordinal: one.ordinal,
    })
}

fn allocate(world: &mut World, shipment: usize, step: Step) {
    set(world, shipment, Status::Processing, None, Some((2, "Allocated")));
    if let Some(trouble) = blocked(world, shipment) {
        if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
            one.script.clear();
        }
        except(world, shipment, trouble);
        return;
    }
    match step {
        Step::Divide { later } => divide(world, shipment, later),
        Step::MoveElsewhere => {
            if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
                one.location = routing::elsewhere(one.location);
            }
        }
        _ => routing::by_stock(world, shipment),
    }
}

/// What the catalogue holds against this shipment.
fn blocked(world: &World, shipment: usize) -> Option<Trouble> {
    let one = world.shipbob.shipments.get(shipment)?;
    let order = world.shipbob.orders.get(one.order)?;
    for line in &order.lines {
        let product = world.shipbob.catalogue.product(line.product)?;
        if product.auto_created {
            return Some(Trouble::UnknownSku);
        }
    }
    None
}

/// Splits the contents over a second shipment.
fn divide(world: &mut World, shipment: usize, later: bool) {
    let free = about(world, shipment).is_some_and(|about| about.free);
    let Some(one) = world.shipbob.shipments.get_mut(shipment) else { return };
    let (mut here, mut there) = (Vec::new(), Vec::new());
    if one.contents.len() > 1 {
        for (at, content) in one.contents.iter().enumerate() {
            if at % 2 == 0 { here.push(*content) } else { there.push(*content) }
        }
    } else if let Some(only) = one.contents.first().filter(|only| only.quantity > 1) {
        let moved = only.quantity / 2;
        here.push(Content { quantity: only.quantity - moved, ..*only });
        there.push(Content { quantity: moved, ..*only });
    } else {
        return;
    }
    one.contents = here;
    // Parcels that leave together leave one centre; what comes later may come from another.
    let location = if free && later { routing::other(one.location) } else { one.location };
    part(world, shipment, there, location, later);
}

/// Makes a second shipment of a part of an order.
pub(super) fn part(
    world: &mut World,
    shipment: usize,
    there: Vec<Content>,
    location: i64,
    later: bool,
) {
    let Some(about) = about(world, shipment) else { return };
    let key = format!("{}/{}", about.reference, if later { 1 } else { 0 });
    let author = Author { chance: world.chance, config: &world.config, key: &key };
    let mut script = VecDeque::new();
    author.add_from_pick(about.fate, &mut script);
    if later && let Some(first) = script.front_mut() {
        first.0 += world.config.paced(crate::world::calendar::DAY);
    }
    let second = add_shipment(world, about.order, location, there, script);
    inherit(world, shipment, second);
    set(world, second, Status::Processing, None, Some((2, "Allocated")));
}

/// A shipment made from another one goes where that one goes.
pub(super) fn inherit(world: &mut World, from: usize, to: usize) {
    let Some(one) = world.shipbob.shipments.get(from) else { return };
    let (recipient, method) = (one.recipient.clone(), one.method.clone());
    if let Some(new) = world.shipbob.shipments.get_mut(to) {
        new.recipient = recipient;
        new.method = method;
    }
}

fn except(world: &mut World, shipment: usize, trouble: Trouble) {
    let about = match trouble {
        Trouble::UnknownSku => detail(304, "UnknownSku", "The SKU is not known"),
        _ => detail(303, "OutOfStock", "Not enough stock"),
    };
    set(world, shipment, Status::Exception, Some(about), Some((20, "Exception")));
    hooks::emit(world, shipment, "order.shipment.exception");
}

fn hold(world: &mut World, shipment: usize, trouble: Trouble) {
    let mut about = match trouble {
        Trouble::PaymentDeclined => detail(400, "PaymentDeclined", "The card was declined"),
        Trouble::InvalidAddress => detail(401, "InvalidAddress", "The address is not valid"),
        Trouble::Packaging => {
            detail(406, "PackagePreferenceNotSet", "No packaging preference is set")
        }
        _ => detail(403, "Manual", "Put on hold by hand"),
    };
    if trouble == Trouble::InvalidAddress {
        about.messages.push("Address could not be verified".to_owned());
    }
    set(world, shipment, Status::OnHold, Some(about), Some((21, "OnHold")));
    hooks::emit(world, shipment, "order.shipment.on_hold");
}

fn pick(world: &mut World, shipment: usize, short: Option<bool>) {
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.picked = true;
        if let Some(little) = short {
            shorten(&mut one.contents, little);
        }
    }
    stock::pick(world, shipment);
    let picked = Some(detail(100, "Picked", "The shipment is picked"));
    set(world, shipment, Status::Processing, picked, Some((3, "Picked")));
    let Some(about) = about(world, shipment) else { return };
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::SHIPMENT_PICKED,
        about.reference.clone(),
        json!({"order_number": about.order_number, "shipment": about.ordinal}),
    );
    let Some(order) = world.shipbob.orders.get_mut(about.order) else { return };
    if about.ours && !std::mem::replace(&mut order.told_picked, true) {
        let (order_number, reference) = (about.order_number, about.reference);
        world.happened(&Happening::Picked { order_number, reference });
    }
}

/// Ships less than ordered: a little (10 of 12) or half of the first line. Never nothing at all.
fn shorten(contents: &mut Vec<Content>, little: bool) {
    let total: i64 = contents.iter().map(|content| content.quantity).sum();
    if total < 2 {
        return;
    }
    if little {
        if let Some(dozen) = contents.iter_mut().find(|content| content.quantity >= 12) {
            dozen.quantity -= 2;
        } else if let Some(most) = contents.iter_mut().max_by_key(|content| content.quantity) {
            most.quantity -= 1;
        }
    } else if let Some(first) = contents.first_mut() {
        first.quantity /= 2;
    }
    contents.retain(|content| content.quantity > 0);
}
