//! The field tables of the pages. Target fields, types and limits come from `contracts/`; what stands here is where a value
//! comes from and what becomes of it, and the tests hold every row against the wire and the contracts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// One page with a table.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// One field that is written.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Label of the ShipBob call, or set of F&O.
    pub(crate) call: &'static str,
    /// Path inside the body.
    pub(crate) to: &'static str,
    /// `Set.Property` or `Object.field` where the value comes from; other words where we make it.
    pub(crate) from: &'static str,
    /// What becomes of it.
    pub(crate) how: &'static str,
    /// Holds when it cannot be made.
    pub(crate) holds: &'static [&'static str],
    /// Not in every world of the test.
    pub(crate) rare: bool,
}

const fn row(
    call: &'static str,
    to: &'static str,
    from: &'static str,
    how: &'static str,
    holds: &'static [&'static str],
) -> Field {
    Field { call, to, from, how, holds, rare: false }
}

const fn rare(field: Field) -> Field {
    Field { rare: true, ..field }
}

const ADDRESS: &[&str] = &["address-too-long"];

const ORDERS: &[Field] = &[
    row(
        "create-order",
        "reference_id",
        "SalesOrderHeadersV2.SalesOrderNumber, SalesOrderLines.LineCreationSequenceNumber",
        "company, order, lowest line of the group, k = 1, 2, …; a request: company, request id, `r`, k",
        &["order-number-too-long", "line-number-twice", "reference-taken"],
    ),
    row(
        "create-order",
        "order_number",
        "SalesOrderHeadersV2.SalesOrderNumber",
        "as it is",
        &["order-number-too-long"],
    ),
    row("create-order", "type", "we say `DTC`", "–", &[]),
    row(
        "create-order",
        "purchase_date",
        "SalesOrderHeadersV2.OrderCreationDateTime",
        "RFC 3339, UTC",
        &[],
    ),
    row(
        "create-order",
        "shipping_method",
        "SalesOrderLines.DeliveryModeCode, SalesOrderHeadersV2.DeliveryModeCode",
        "the line's mode, else the header's; mapped by `[connection.methods]`",
        &["method-unmapped", "method-unknown-at-shipbob"],
    ),
    row(
        "create-order",
        "location_id",
        "SalesOrderLines.ShippingWarehouseId",
        "mapped by `[[connection.warehouses]]`; left out where the warehouse is a network",
        &[],
    ),
    row(
        "create-order",
        "recipient.name",
        "SalesOrderLines.DeliveryAddressName, SalesOrderHeadersV2.DeliveryAddressName",
        "the line's address where it has one, else the header's; white space folded",
        &["name-missing", "address-too-long"],
    ),
    row(
        "create-order",
        "recipient.address.address1",
        "SalesOrderLines.DeliveryAddressStreet, SalesOrderHeadersV2.DeliveryAddressStreet",
        "its first line",
        &["street-missing", "address-too-long"],
    ),
    row(
        "create-order",
        "recipient.address.address2",
        "SalesOrderLines.DeliveryAddressStreet, SalesOrderHeadersV2.DeliveryAddressStreet",
        "all further lines, joined by commas",
        ADDRESS,
    ),
    row(
        "create-order",
        "recipient.address.city",
        "SalesOrderLines.DeliveryAddressCity, SalesOrderHeadersV2.DeliveryAddressCity",
        "white space folded",
        &["city-missing", "address-too-long"],
    ),
    row(
        "create-order",
        "recipient.address.state",
        "SalesOrderLines.DeliveryAddressStateId, SalesOrderHeadersV2.DeliveryAddressStateId",
        "white space folded; needed in AU, CA, US",
        &["state-missing", "address-too-long"],
    ),
    row(
        "create-order",
        "recipient.address.zip_code",
        "SalesOrderLines.DeliveryAddressZipCode, SalesOrderHeadersV2.DeliveryAddressZipCode",
        "white space folded; needed where the country has postal codes",
        &["postcode-missing", "address-too-long"],
    ),
    row(
        "create-order",
        "recipient.address.country",
        "SalesOrderLines.DeliveryAddressCountryRegionId, SalesOrderHeadersV2.DeliveryAddressCountryRegionId",
        "ISO-2 by `[connection.countries]`, the address's own ISO code, or F&O's table of countries",
        &["country-unknown"],
    ),
    row("create-order", "recipient.email", "SalesOrderHeadersV2.Email", "as it is", ADDRESS),
    row(
        "create-order",
        "recipient.phone_number",
        "SalesTableBiEntities.Phone",
        "as it is",
        ADDRESS,
    ),
    row(
        "create-order",
        "products[].reference_id",
        "SalesOrderLines.ItemNumber, SalesOrderLines.ProductSizeId",
        "item and variant dimensions joined by `-`, or as the flow products names it",
        &["sku-unknown", "sku-case", "sku-inactive"],
    ),
    row(
        "create-order",
        "products[].name",
        "SalesOrderLines.LineDescription",
        "cut to what ShipBob takes; the SKU where it is empty",
        &[],
    ),
    row(
        "create-order",
        "products[].quantity",
        "SalesLineBiEntities.RemainSalesPhysical, SalesOrderLines.SalesUnitSymbol",
        "to pieces by F&O's conversions, exactly; what ShipBob has already is taken off",
        &["unit-unknown", "quantity-fraction"],
    ),
    row(
        "create-order",
        "products[].external_line_id",
        "SalesOrderLines.LineCreationSequenceNumber",
        "as it is",
        &["line-number-twice"],
    ),
    row(
        "create-order",
        "products[].unit_price",
        "SalesOrderLines.SalesPrice, SalesOrderLines.SalesPriceQuantity",
        "per piece, abroad only: customs value",
        &[],
    ),
    row(
        "update-address",
        "recipient_name",
        "SalesOrderHeadersV2.DeliveryAddressName",
        "as in the order",
        &["name-missing", "changed-after-pick"],
    ),
    rare(row("update-address", "company_name", "–", "never set", &[])),
    row(
        "update-address",
        "street_address1",
        "SalesOrderHeadersV2.DeliveryAddressStreet",
        "its first line",
        &["street-missing"],
    ),
    rare(row(
        "update-address",
        "street_address2",
        "SalesOrderHeadersV2.DeliveryAddressStreet",
        "all further lines",
        &[],
    )),
    row(
        "update-address",
        "city",
        "SalesOrderHeadersV2.DeliveryAddressCity",
        "as in the order",
        &["city-missing"],
    ),
    rare(row(
        "update-address",
        "state",
        "SalesOrderHeadersV2.DeliveryAddressStateId",
        "as in the order",
        &["state-missing"],
    )),
    rare(row(
        "update-address",
        "zip_code",
        "SalesOrderHeadersV2.DeliveryAddressZipCode",
        "as in the order",
        &["postcode-missing"],
    )),
    row(
        "update-address",
        "country_code",
        "SalesOrderHeadersV2.DeliveryAddressCountryRegionId",
        "as in the order",
        &["country-unknown"],
    ),
    rare(row("update-address", "email", "SalesOrderHeadersV2.Email", "as in the order", &[])),
    rare(row(
        "update-address",
        "phone_number",
        "SalesTableBiEntities.Phone",
        "as in the order",
        &[],
    )),
    row(
        "update-lines",
        "items[].inventory_id",
        "LineItem.inventory_id",
        "as ShipBob lists it",
        &[],
    ),
    row(
        "update-lines",
        "items[].quantity",
        "SalesLineBiEntities.RemainSalesPhysical",
        "what the shipment is to hold; a line of none is left out",
        &["changed-after-pick", "shipments-hold-more"],
    ),
    rare(row(
        "update-lines",
        "items[].is_manually_assigned_lot",
        "we say `false`",
        "an item whose lot somebody chose is never changed",
        &[],
    )),
    rare(row("update-method", "shipment_ids", "Shipment.id", "one", &[])),
    rare(row(
        "update-method",
        "requested_shipping_service_id",
        "ShippingMethod.id",
        "by `shipping_service_id`; not known which id it is: cancelled and created anew",
        &["method-unmapped"],
    )),
    rare(row("update-method", "reason", "we say so", "–", &[])),
    row(
        "OutboundShipmentOrderRequestStatus",
        "RequestStatus",
        "we say `Accepted`",
        "profile external: ShipBob has the order",
        &["write-does-not-stick"],
    ),
    row(
        "OutboundShipmentOrderRequestStatus",
        "ResponseMessage",
        "Order.id",
        "\"ShipBob order …\"",
        &[],
    ),
];

const FULFILMENT: &[Field] = &[
    row("SalesOrderHeaderDocumentAttachmentsV2", "dataAreaId", "the company", "–", &[]),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "SalesOrderNumber",
        "Order.reference_id",
        "read back from our reference",
        &[],
    ),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "DocumentAttachmentTypeCode",
        "we say `Note`",
        "–",
        &[],
    ),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "AccessRestriction",
        "we say `Internal`",
        "–",
        &[],
    ),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "AttachmentDescription",
        "Shipment.id",
        "\"ShipBob …\": our key of the note",
        &[],
    ),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "DocumentId",
        "Shipment.id",
        "UUIDv5 of company, order and shipment; the look-up does not rely on it",
        &[],
    ),
    row(
        "SalesOrderHeaderDocumentAttachmentsV2",
        "Notes",
        "Tracking.tracking_number, Tracking.carrier, Tracking.tracking_url, Shipment.status, Shipment.invoice_amount",
        "one text per shipment: carrier, service, numbers (old ones stay), state, lines, centre of a network, cost",
        &["note-read-only"],
    ),
    row(
        "SalesOrderLines",
        "SalesDeliverNow",
        "ShipmentProduct.inventory_items",
        "pieces that left less what slips carry, to whole sales units",
        &[
            "partial-unit",
            "deliver-now-read-only",
            "shipped-not-open",
            "shipped-too-much",
            "left-elsewhere",
            "write-does-not-stick",
        ],
    ),
    row(
        "SalesOrderHeadersV2",
        "SalesOrderPoolId",
        "`batch_pool` of the settings",
        "set with the quantities: the packing-slip batch selects on it",
        &[],
    ),
    row(
        "SalesOrderHeadersV2",
        "ShippingCarrierId",
        "Tracking.carrier",
        "mapped by `[[connection.carriers]]`",
        &["carrier-unmapped", "carrier-unknown-in-dynamics"],
    ),
    row(
        "SalesOrderHeadersV2",
        "ShippingCarrierServiceId",
        "Tracking.carrier_service",
        "mapped by `[[connection.carriers]]`",
        &["carrier-unmapped", "carrier-unknown-in-dynamics"],
    ),
    row("PackingSlipTrackingInformation", "dataAreaId", "the company", "–", &[]),
    row(
        "PackingSlipTrackingInformation",
        "SalesOrderNumber",
        "CustPackingSlipJourBiEntities.SalesId",
        "as it is",
        &[],
    ),
    row(
        "PackingSlipTrackingInformation",
        "PackingSlipNumber",
        "CustPackingSlipJourBiEntities.PackingSlipId",
        "first shipped, first slipped, per line",
        &["not-slipped"],
    ),
    row(
        "PackingSlipTrackingInformation",
        "DeliveryDate",
        "CustPackingSlipJourBiEntities.DeliveryDate",
        "exactly as it was read: it is part of the key",
        &[],
    ),
    row(
        "PackingSlipTrackingInformation",
        "TrackingNumber",
        "Tracking.tracking_number",
        "trimmed",
        &[],
    ),
    row("PackingSlipTrackingInformation", "TrackingURL", "Tracking.tracking_url", "as it is", &[]),
    row("ack-tracking", "shipment_ids", "Shipment.id", "a courtesy: other tools flip it too", &[]),
    row(
        "ack-tracking",
        "is_tracking_uploaded",
        "we say `true`",
        "once the number stands in F&O",
        &[],
    ),
    row("OutboundShipmentOrderUpdates", "dataAreaId", "the company", "–", &[]),
    row(
        "OutboundShipmentOrderUpdates",
        "OutboundShipmentOrderUpdateId",
        "Shipment.id",
        "`SB-` and the first shipment; unique there",
        &["update-refused", "update-lost", "update-not-processed"],
    ),
    row(
        "OutboundShipmentOrderUpdates",
        "OutboundShipmentOrderOriginId",
        "OutboundShipmentOrderRequests.OutboundShipmentOrderOriginId",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderUpdates",
        "PackingSlipNumber",
        "Shipment.id",
        "the slip we propose",
        &[],
    ),
    row(
        "OutboundShipmentOrderUpdates",
        "PackingSlipDocumentDate",
        "Shipment.actual_fulfillment_date",
        "when the goods left",
        &[],
    ),
    row(
        "OutboundShipmentOrderUpdates",
        "ActualShippingDateTime",
        "Shipment.actual_fulfillment_date",
        "when the goods left",
        &[],
    ),
    rare(row(
        "OutboundShipmentOrderUpdates",
        "TransportationId",
        "Tracking.tracking_number",
        "where one fits",
        &[],
    )),
    rare(row(
        "OutboundShipmentOrderUpdates",
        "ProcessingStatus",
        "we say `Received`",
        "only where the action `Complete` is not there",
        &[],
    )),
    row("OutboundShipmentOrderLineUpdates", "dataAreaId", "the company", "–", &[]),
    row(
        "OutboundShipmentOrderLineUpdates",
        "OutboundShipmentOrderUpdateId",
        "Shipment.id",
        "as in the header",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "OutboundShipmentOrderOriginId",
        "OutboundShipmentOrderRequests.OutboundShipmentOrderOriginId",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "OrderLineNumber",
        "OutboundShipmentOrderLineRequests.OrderLineNumber",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "OrderedQuantity",
        "OutboundShipmentOrderLineRequests.OrderedQuantity",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "OrderedUnitSymbol",
        "OutboundShipmentOrderLineRequests.OrderedUnitSymbol",
        "as it is",
        &["unit-unknown"],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "TotalPickedQuantity",
        "ShipmentProduct.inventory_items",
        "all updates together, in the request's unit",
        &["partial-unit", "short-shipped"],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "TotalShippedQuantity",
        "ShipmentProduct.inventory_items",
        "all updates together, in the request's unit",
        &["partial-unit", "short-shipped"],
    ),
    row(
        "OutboundShipmentOrderLineUpdates",
        "RemainingQuantity",
        "OutboundShipmentOrderLineRequests.OrderedQuantity",
        "ordered less shipped",
        &[],
    ),
    row("OutboundShipmentOrderLineInventDimUpdates", "dataAreaId", "the company", "–", &[]),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "OutboundShipmentOrderUpdateId",
        "Shipment.id",
        "as in the header",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "OutboundShipmentOrderOriginId",
        "OutboundShipmentOrderRequests.OutboundShipmentOrderOriginId",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "OrderLineNumber",
        "OutboundShipmentOrderLineRequests.OrderLineNumber",
        "as it is",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "ShippedQuantity",
        "ShipmentProduct.inventory_items",
        "of this update",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "PickedQuantity",
        "ShipmentProduct.inventory_items",
        "of this update",
        &[],
    ),
    row(
        "OutboundShipmentOrderLineInventDimUpdates",
        "UnitSymbol",
        "OutboundShipmentOrderLineRequests.OrderedUnitSymbol",
        "as it is",
        &[],
    ),
];

/// Pages with a generated table. Products, inventory and billing have theirs by hand until their flows stand still;
/// what they write is let through by [`elsewhere`].
pub(crate) const PAGES: &[Page] =
    &[Page { name: "orders", fields: ORDERS }, Page { name: "fulfilment", fields: FULFILMENT }];

/// Where a ShipBob call begins in the contract.
fn object_of(call: &str) -> Option<&'static str> {
    Some(match call {
        "create-order" => "OrderCreate",
        "update-address" => "ShipmentAddressSent",
        "update-lines" => "LineItemsSent",
        "update-method" => "ServiceSent",
        "ack-tracking" => "TrackingUploadSent",
        _ => return None,
    })
}

/// Both contracts.
pub(crate) struct Book {
    sets: Table,
    objects: Table,
}

impl Book {
    pub(crate) fn read(root: &Path) -> Self {
        let table = |name: &str, key: &str| {
            let text = fs::read_to_string(root.join("contracts").join(name)).expect("a contract");
            let all: Table = text.parse().expect("TOML");
            all.get(key).and_then(Value::as_table).cloned().expect("a table")
        };
        Self { sets: table("dynamics.toml", "set"), objects: table("shipbob.toml", "object") }
    }

    fn property(&self, set: &str, name: &str) -> Option<&str> {
        self.sets.get(set)?.get("properties")?.get(name)?.as_str()
    }

    fn field(&self, object: &str, name: &str) -> Option<&str> {
        self.objects.get(object)?.get("fields")?.get(name)?.as_str()
    }

    /// Type and limit of a target, as its contract says.
    pub(crate) fn kind(&self, field: &Field) -> Option<String> {
        let Some(mut object) = object_of(field.call).map(str::to_owned) else {
            return self.property(field.call, field.to).map(str::to_owned);
        };
        let mut kind = String::new();
        for part in field.to.split('.') {
            kind = self.field(&object, part.trim_end_matches("[]"))?.to_owned();
            let inner = kind.split(' ').next().unwrap_or_default();
            object = inner.trim_matches(['[', ']']).to_owned();
        }
        Some(kind)
    }

    /// `Set.Property` of F&O or `Object.field` of ShipBob.
    pub(crate) fn knows_source(&self, source: &str) -> bool {
        let Some((of, name)) = source.split_once('.') else { return false };
        self.property(of, name).is_some() || self.field(of, name).is_some()
    }
}

pub(crate) fn table(page: &Page, book: &Book) -> String {
    let mut calls: BTreeMap<usize, (&str, Vec<&Field>)> = BTreeMap::new();
    for field in page.fields {
        let at = calls.values().position(|(call, _)| *call == field.call);
        let at = at.unwrap_or(calls.len());
        calls.entry(at).or_insert((field.call, Vec::new())).1.push(field);
    }
    let mut out = String::new();
    for (call, fields) in calls.values() {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n**{call}**\n\n| field | type, limit | from | conversion | when it cannot be made |\n|---|---|---|---|---|\n"
        );
        for f in fields {
            let kind = book.kind(f).unwrap_or_default();
            let holds: Vec<String> = f.holds.iter().map(|h| format!("`{h}`")).collect();
            let holds = if holds.is_empty() { "–".to_owned() } else { holds.join(" ") };
            let from: Vec<String> = f
                .from
                .split(", ")
                .map(|s| if s.contains('.') { format!("`{s}`") } else { s.to_owned() })
                .collect();
            let _ = writeln!(
                out,
                "| `{}` | {kind} | {} | {} | {holds} |",
                f.to,
                from.join(", "),
                f.how
            );
        }
    }
    out.push('\n');
    out
}

/// Written by a flow whose page has its table by hand.
pub(crate) fn elsewhere(call: &str) -> bool {
    const PRODUCTS: [&str; 3] = ["create-product", "add-variants", "update-product"];
    PRODUCTS.contains(&call) || call.starts_with("InventoryCounting") || call.contains("Journal")
}
