//! From ShipBob's JSON to the words of `domain`, and back.

use crate::wire;
use crate::wire::Scalar;
use domain::ids::{CentreId, ChannelId, ReferenceId, ShipBobOrderId, ShipmentId};
use domain::operation::CreateOrder;
use domain::reference_data::ChannelInfo;
use domain::time::Timestamp;
use domain::warehouse::{
    Recipient, Shipment, ShipmentStatus, ShippedItem, ShippedProduct, StatusDetail, Tracking,
    WarehouseLine, WarehouseOrder,
};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// An order without an id is not an order, and one with a shipment without an id is not readable:
/// leaving that shipment out would be a wrong picture.
pub(crate) fn order(wire: wire::Order) -> Option<WarehouseOrder> {
    let id = ShipBobOrderId(wire.id.whole()?);
    let mut shipments: Vec<Shipment> =
        wire.shipments.into_iter().map(shipment).collect::<Option<_>>()?;
    shipments.sort_by_key(|s| s.id);
    Some(WarehouseOrder {
        id,
        reference: ReferenceId::new(wire.reference_id.or_empty()),
        number: wire.order_number.or_empty(),
        channel: wire.channel.id.whole().map(ChannelId),
        status: wire.status.or_empty(),
        created: stamp(wire.created_date).unwrap_or(Timestamp::MIN),
        recipient: recipient(wire.recipient),
        method: wire.shipping_method.or_empty(),
        products: wire.products.into_iter().map(line).collect(),
        shipments,
    })
}

fn recipient(wire: wire::Recipient) -> Recipient {
    let address = wire.address;
    let name = match wire.name.or_empty() {
        name if name.is_empty() => wire.full_name.or_empty(),
        name => name,
    };
    Recipient {
        name,
        company: address.company_name.or_empty(),
        address1: address.address1.or_empty(),
        address2: address.address2.or_empty(),
        city: address.city.or_empty(),
        state: address.state.or_empty(),
        zip: address.zip_code.or_empty(),
        country: address.country.or_empty(),
        email: wire.email.or_empty(),
        phone: wire.phone_number.or_empty(),
    }
}

fn line(wire: wire::OrderProduct) -> WarehouseLine {
    WarehouseLine {
        sku: first(wire.reference_id, wire.sku),
        quantity: wire.quantity.whole().unwrap_or(0),
        external_line_id: wire.external_line_id.whole().and_then(|n| i32::try_from(n).ok()),
    }
}

fn first(one: Scalar, other: Scalar) -> String {
    match one.or_empty() {
        text if text.is_empty() => other.or_empty(),
        text => text,
    }
}

fn shipment(wire: wire::Shipment) -> Option<Shipment> {
    Some(Shipment {
        id: ShipmentId(wire.id.whole()?),
        status: status(wire.status.or_empty()),
        details: wire.status_details.into_iter().map(detail).collect(),
        centre: wire.location.id.whole().map(CentreId),
        centre_name: wire.location.name.or_empty(),
        created: stamp(wire.created_date).unwrap_or(Timestamp::MIN),
        last_update: stamp(wire.last_update_at),
        fulfilled: stamp(wire.actual_fulfillment_date),
        delivered: stamp(wire.delivery_date),
        tracking: tracking(wire.tracking),
        products: wire.products.into_iter().map(product).collect(),
        invoice_amount: wire.invoice_amount.as_deref().and_then(decimal),
        invoice_currency: wire.invoice_currency_code.or_empty(),
        tracking_uploaded: wire.is_tracking_uploaded.flag().unwrap_or(false),
        recipient: wire.recipient.map(recipient).filter(|r| *r != Recipient::default()),
        method: wire.ship_option.or_empty(),
    })
}

fn status(text: String) -> ShipmentStatus {
    match text.as_str() {
        "ImportReview" => ShipmentStatus::ImportReview,
        "Processing" => ShipmentStatus::Processing,
        "LabeledCreated" => ShipmentStatus::LabeledCreated,
        "Completed" => ShipmentStatus::Completed,
        "Exception" => ShipmentStatus::Exception,
        "OnHold" => ShipmentStatus::OnHold,
        "Cancelled" => ShipmentStatus::Cancelled,
        "CleanSweeped" => ShipmentStatus::CleanSweeped,
        _ => ShipmentStatus::Other(text),
    }
}

/// `extra_information` is left out: its messages may repeat the address.
fn detail(wire: wire::Detail) -> StatusDetail {
    StatusDetail {
        id: wire.id.whole(),
        name: wire.name.or_empty(),
        description: wire.description.or_empty(),
    }
}

fn tracking(wire: wire::Tracking) -> Option<Tracking> {
    let tracking = Tracking {
        carrier: wire.carrier.or_empty().trim().to_owned(),
        service: wire.carrier_service.or_empty().trim().to_owned(),
        number: wire.tracking_number.or_empty().trim().to_owned(),
        url: wire.tracking_url.or_empty().trim().to_owned(),
    };
    Some(tracking).filter(|t| *t != Tracking::default())
}

fn product(wire: wire::ShipmentProduct) -> ShippedProduct {
    let item = |item: wire::Item| ShippedItem {
        inventory_id: item.id.whole().unwrap_or(0),
        quantity: item.quantity.whole().unwrap_or(0),
    };
    ShippedProduct {
        sku: first(wire.reference_id, wire.sku),
        items: wire.inventory_items.into_iter().map(item).collect(),
    }
}

/// The digits as written; a float would lose some.
fn decimal(raw: &RawValue) -> Option<Decimal> {
    let text = raw.get().trim().trim_matches('"');
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// RFC 3339 with up to nine fractional digits; without an offset it is UTC.
fn stamp(text: Scalar) -> Option<Timestamp> {
    let text = text.text()?;
    Timestamp::parse(&text).or_else(|| Timestamp::parse(&format!("{text}Z")))
}

pub(crate) fn channel(wire: wire::Channel) -> Option<ChannelInfo> {
    Some(ChannelInfo {
        id: ChannelId(wire.id.whole()?),
        name: wire.name.or_empty(),
        scopes: wire.scopes.0.into_iter().collect(),
    })
}

/// The body of a create. Empty optional texts are left out.
pub(crate) fn new_order(order: &CreateOrder) -> wire::NewOrder<'_> {
    let to = &order.recipient;
    wire::NewOrder {
        reference_id: order.reference.as_str(),
        order_number: &order.order_number,
        kind: "DTC",
        shipping_method: &order.method,
        recipient: wire::NewRecipient {
            name: &to.name,
            address: wire::NewAddress {
                address1: &to.address1,
                address2: &to.address2,
                company_name: &to.company,
                city: &to.city,
                state: &to.state,
                zip_code: &to.zip,
                country: &to.country,
            },
            email: &to.email,
            phone_number: &to.phone,
        },
        products: order
            .lines
            .iter()
            .map(|line| wire::NewProduct {
                reference_id: &line.sku,
                name: &line.name,
                quantity: line.quantity,
                external_line_id: line.external_line_id,
                unit_price: line
                    .unit_price
                    .and_then(|price| RawValue::from_string(price.to_string()).ok()),
            })
            .collect(),
        location_id: order.centre.map(|c| c.0),
        purchase_date: order.purchase_date.as_deref(),
    }
}
