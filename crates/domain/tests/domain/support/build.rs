//! An ordinary order, an ordinary connection; tests say only what is special.

use domain::ids::{CentreId, ChannelId, WarehouseId};
use domain::mapping::Mapping;
use domain::operation::Settle;
use domain::reference_data::{SkuFact, UnitConversion};
use domain::sales::{Address, DocumentStatus, SalesLine, SalesOrder, SalesStatus};
use domain::settings::{CarrierMap, Profile, Schedule, Settings, WarehouseMap};
use domain::time::{Span, Timestamp};
use domain::warehouse::{
    CatalogueItem, Shipment, ShipmentStatus, ShippedItem, ShippedProduct, Tracking,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Minutes after the cut-off.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-11-23T00:00:00Z").unwrap() + Span::minutes(minutes)
}

pub(crate) fn settings() -> Settings {
    let warehouse = |id: &str, centre| WarehouseMap {
        warehouse: WarehouseId::from(id),
        mapping: Mapping::Pinned(CentreId(centre)),
        profile: Profile::Plain,
    };
    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    Settings {
        version: 1,
        company: "usmf".into(),
        channel: ChannelId(318_301),
        cut_off: Some(at(0)),
        released_when: BTreeSet::from(["Confirmation".into(), "PickingList".into()]),
        filters: domain::order_filter::OrderFilters::default(),
        warehouses: vec![warehouse("SB01", 1), warehouse("SB02", 2)],
        methods: text(&[("STD", "Standard"), ("EXP", "Expedited")]),
        carriers: vec![CarrierMap {
            shipbob_carrier: "UPS".into(),
            shipbob_service: "Ground".into(),
            carrier: "UPS".into(),
            service: "GROUND".into(),
        }],
        each_units: BTreeSet::from(["ea".into(), "pcs".into()]),
        countries: BTreeMap::new(),
        home_countries: BTreeSet::from(["US".into()]),
        batch_pool: Some("SHIPBOB".into()),
        write_carrier: true,
        products: None,
        external: domain::settings::External::default(),
        whs: domain::whs::Whs::default(),
        custom_call: None,
        inventory: None,
        shipping_service_id: domain::settings::ServiceIdSpace::Unknown,
        billing: None,
        returns: None,
        reconcile: None,
        schedule: Schedule::default(),
        settle: Settle::default(),
    }
}

/// A set of centres of which ShipBob chooses.
pub(crate) fn network(centres: &[i64]) -> Mapping {
    Mapping::Network(centres.iter().copied().map(CentreId).collect())
}

pub(crate) fn address() -> Address {
    Address {
        name: "Jane Doe".into(),
        street: "1 Main Street".into(),
        city: "Springfield".into(),
        state: "IL".into(),
        zip: "62701".into(),
        country: "USA".into(),
        country_iso: "US".into(),
        location_id: String::new(),
    }
}

pub(crate) fn sales_order(lines: Vec<SalesLine>) -> SalesOrder {
    SalesOrder {
        number: "SO-1".into(),
        company: "usmf".into(),
        status: SalesStatus::Backorder,
        document_status: DocumentStatus::Confirmation,
        sales_type: "Sales".into(),
        stopped: false,
        credit_hold: false,
        modified: at(1),
        created: at(1),
        etag: "h0".into(),
        address: address(),
        email: "jane@example.org".into(),
        phone: "+1 555 0100".into(),
        delivery_mode: "STD".into(),
        pool: String::new(),
        origin: String::new(),
        customer_reference: "PO-77".into(),
        currency: "USD".into(),
        carrier: String::new(),
        carrier_service: String::new(),
        lines,
        slips: Vec::new(),
        notes: Vec::new(),
        tracking: Vec::new(),
        warehouse_release: None,
        left_out: std::collections::BTreeSet::new(),
    }
}

/// Line `sequence`: so many pieces of `sku` from SB01.
pub(crate) fn line(sequence: i32, sku: &str, pieces: i64) -> SalesLine {
    SalesLine {
        lot: format!("L{sequence}").as_str().into(),
        sequence,
        sku: sku.into(),
        item: sku.into(),
        name: format!("Item {sku}"),
        unit: "ea".into(),
        ordered: Decimal::from(pieces),
        remaining: Decimal::from(pieces),
        deliver_now: Decimal::from(pieces),
        price: Decimal::from(10),
        status: SalesStatus::Backorder,
        blocked: false,
        stocked: true,
        direct_delivery: false,
        warehouse: "SB01".into(),
        delivery_mode: String::new(),
        address: Address::default(),
        modified: at(1),
        etag: "e0".into(),
    }
}

/// A catalogue entry of a single product.
pub(crate) fn catalogue(sku: &str) -> SkuFact {
    let item = CatalogueItem {
        sku: sku.into(),
        active: true,
        bundle: false,
        inventory_id: Some(1),
        components: Vec::new(),
    };
    SkuFact {
        exact: Some(item),
        case_variants: Vec::new(),
        coming: false,
        part: None,
        read_began: at(1),
    }
}

/// One `from` of `product` is so many pieces.
pub(crate) fn conversion(product: &str, from: &str, pieces: i64) -> UnitConversion {
    UnitConversion {
        product: product.into(),
        from: from.into(),
        to: "ea".into(),
        numerator: Decimal::from(pieces),
        denominator: Decimal::ONE,
        has_offset: false,
    }
}

/// A product inside a shipment.
pub(crate) fn pieces(sku: &str, quantity: i64) -> ShippedProduct {
    ShippedProduct {
        sku: sku.into(),
        items: vec![ShippedItem { inventory_id: own_inventory(sku), quantity }],
    }
}

/// A shipment that is being picked, made `minute` minutes after the cut-off.
pub(crate) fn parcel(id: i64, minute: i64, products: Vec<ShippedProduct>) -> Shipment {
    Shipment {
        id: domain::ids::ShipmentId(id),
        status: ShipmentStatus::Processing,
        details: Vec::new(),
        centre: None,
        centre_name: String::new(),
        created: at(minute),
        last_update: Some(at(minute)),
        fulfilled: None,
        delivered: None,
        tracking: Some(Tracking::default()),
        products,
        invoice_amount: None,
        invoice_currency: String::new(),
        tracking_uploaded: false,
        recipient: None,
        method: String::new(),
    }
}

/// References of SO-1 proved absent just now: k = 1 of these line sequences.
pub(crate) fn absent_proof(sequences: &[i32], when: Timestamp) -> BTreeMap<String, Timestamp> {
    sequences.iter().map(|s| (format!("usmf-SO-1-{s}-1"), when)).collect()
}

/// The inventory id of a product that is no kit.
pub(crate) fn own_inventory(sku: &str) -> i64 {
    1_000 + sku.bytes().map(i64::from).sum::<i64>()
}

/// A call of the customer that posts what left.
pub(crate) fn custom_call() -> domain::custom_call::CustomCall {
    use domain::custom_call::{CallKind, CallMethod, CustomCall, LookUp, Success};
    CustomCall {
        kind: CallKind::Service,
        path: "/api/services/Contoso/Slips/post".into(),
        method: CallMethod::Post,
        body: r#"{"order": "{order}", "slip": "{slip}", "lines": [{"lot": "{line.lot}", "n": "{line.quantity}"}]}"#.into(),
        success: Success { status: BTreeSet::from([200]), pointer: None, equals: None },
        look_up: LookUp {
            set: "CustPackingSlipJourBiEntities".into(),
            filter: "SalesId eq '{order}' and PackingSlipId eq '{slip}'".into(),
            field: None,
            equals: None,
        },
        refuses_duplicates: true,
        entity: None,
    }
}
