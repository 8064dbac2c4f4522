//! ShipBob's JSON, as tolerantly as it can be read: no field is required, `null` and absent are the
//! same, unknown fields and values survive, a number may come as text and a text as a number. What
//! a field means is decided in `convert`.

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// One scalar, whatever its JSON type.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Scalar {
    /// Absent, null, an object or an array.
    #[default]
    None,
    Text(String),
    Whole(i64),
    /// A number with a fraction, or beyond 64 bits.
    Other(f64),
    Flag(bool),
}

impl Scalar {
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Whole(n) => Some(n.to_string()),
            Self::None | Self::Other(_) | Self::Flag(_) => None,
        }
    }

    pub(crate) fn or_empty(self) -> String {
        self.text().unwrap_or_default()
    }

    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(n) => Some(*n),
            // 2^53: beyond it a float no longer names one whole number.
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            Self::Other(f) if f.fract() == 0.0 && f.abs() < 9_007_199_254_740_992.0 => {
                Some(*f as i64)
            }
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }
            fn visit_bool<E>(self, v: bool) -> Result<Scalar, E> {
                Ok(Scalar::Flag(v))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Scalar, E> {
                Ok(Scalar::Whole(v))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Scalar, E> {
                Ok(i64::try_from(v).map_or(Scalar::None, Scalar::Whole))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(v.to_owned()))
            }
            fn visit_string<E>(self, v: String) -> Result<Scalar, E> {
                Ok(Scalar::Text(v))
            }
            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::None)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::None)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::None)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// `null` is the default.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

macro_rules! wire {
    ($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name {
            $(#[serde(deserialize_with = "nullable")] pub(crate) $field: $type,)*
        }
    };
}

wire!(Channel { id: Scalar, name: Scalar, scopes: Scopes });
wire!(ServiceLevel { id: Scalar });
wire!(Named {
    id: Scalar,
    name: Scalar,
    is_active: Scalar,
    is_shipping_enabled: Scalar,
    access_granted: Scalar,
    active: Scalar,
    service_level: ServiceLevel,
});
wire!(TransactionTax { tax_amount: Option<Box<RawValue>> });
wire!(Transaction {
    transaction_id: Scalar,
    amount: Option<Box<RawValue>>,
    currency_code: Scalar,
    charge_date: Scalar,
    invoice_id: Scalar,
    invoice_type: Scalar,
    transaction_fee: Scalar,
    transaction_type: Scalar,
    reference_id: Scalar,
    reference_type: Scalar,
    fulfillment_center: Scalar,
    taxes: Vec<TransactionTax>,
    additional_details: BTreeMap<String, Scalar>,
});
wire!(Invoice {
    invoice_id: Scalar,
    invoice_date: Scalar,
    invoice_type: Scalar,
    amount: Option<Box<RawValue>>,
    currency_code: Scalar,
});
wire!(Address {
    address1: Scalar,
    address2: Scalar,
    company_name: Scalar,
    city: Scalar,
    state: Scalar,
    zip_code: Scalar,
    country: Scalar,
});
wire!(Recipient {
    name: Scalar,
    full_name: Scalar,
    address: Address,
    email: Scalar,
    phone_number: Scalar,
});
wire!(OrderProduct {
    reference_id: Scalar,
    sku: Scalar,
    quantity: Scalar,
    external_line_id: Scalar
});
wire!(Order {
    id: Scalar,
    reference_id: Scalar,
    order_number: Scalar,
    status: Scalar,
    channel: Channel,
    created_date: Scalar,
    recipient: Recipient,
    products: Vec<OrderProduct>,
    shipments: Vec<Shipment>,
    shipping_method: Scalar,
});
wire!(Detail { id: Scalar, name: Scalar, description: Scalar });
wire!(Tracking {
    carrier: Scalar,
    carrier_service: Scalar,
    tracking_number: Scalar,
    tracking_url: Scalar,
});
wire!(Item { id: Scalar, quantity: Scalar });
wire!(ShipmentProduct { reference_id: Scalar, sku: Scalar, inventory_items: Vec<Item> });
wire!(Shipment {
    id: Scalar,
    status: Scalar,
    status_details: Vec<Detail>,
    created_date: Scalar,
    last_update_at: Scalar,
    actual_fulfillment_date: Scalar,
    delivery_date: Scalar,
    location: Named,
    products: Vec<ShipmentProduct>,
    tracking: Tracking,
    invoice_amount: Option<Box<RawValue>>,
    invoice_currency_code: Scalar,
    is_tracking_uploaded: Scalar,
    recipient: Option<Recipient>,
    ship_option: Scalar,
});
wire!(CancelledShipment { shipment_id: Scalar, is_success: Scalar, reason: Scalar });
wire!(Cancelled {
    order_id: Scalar,
    status: Scalar,
    canceled_shipment_results: Vec<CancelledShipment>,
});
wire!(BulkError { code: Scalar, message: Scalar });
wire!(EditError { code: Scalar, message: Scalar });
wire!(Edited { id: Scalar, is_success: Scalar, error: EditError });
wire!(EditedMany { results: Option<Vec<Edited>> });
wire!(LineLot { selection_method: Scalar });
wire!(LineVariant { sku: Scalar });
wire!(LineItem {
    inventory_id: Scalar,
    quantity: Scalar,
    lot: LineLot,
    product_variant: LineVariant,
});

/// Camel case amid snake case is the vendor's; both are read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct BulkResult {
    #[serde(alias = "shipment_id", rename = "shipmentId")]
    pub(crate) shipment_id: Scalar,
    #[serde(alias = "is_success", rename = "isSuccess")]
    pub(crate) is_success: Scalar,
    #[serde(deserialize_with = "nullable")]
    pub(crate) error: BulkError,
}

wire!(Bulk { results: Option<Vec<BulkResult>> });
wire!(Component { variant_id: Scalar, variant_sku: Scalar, quantity: Scalar });
wire!(Inventory { inventory_id: Scalar });
wire!(Weight { weight: Option<Box<RawValue>>, unit: Scalar });
wire!(Dimension {
    length: Option<Box<RawValue>>,
    width: Option<Box<RawValue>>,
    height: Option<Box<RawValue>>,
    unit: Scalar,
    is_locked: Scalar,
});
wire!(CodeRead { value: Scalar });
wire!(CustomsRead { description: Scalar, hs_tariff_code: Scalar, country_code_of_origin: Scalar });
wire!(MergedChild { variant_id: Scalar });
wire!(Variant {
    id: Scalar,
    name: Scalar,
    sku: Scalar,
    status: Scalar,
    status_id: Scalar,
    inventory: Inventory,
    bundle_definition: Vec<Component>,
    weight: Weight,
    dimension: Dimension,
    barcodes: Vec<CodeRead>,
    customs: CustomsRead,
    merge_children: Vec<MergedChild>,
});

/// `type` is a text in answers and a number elsewhere.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Product {
    pub(crate) id: Scalar,
    pub(crate) name: Scalar,
    #[serde(rename = "type")]
    pub(crate) kind: Scalar,
    pub(crate) type_id: Scalar,
    #[serde(deserialize_with = "nullable")]
    pub(crate) variants: Vec<Variant>,
}

wire!(Webhook {
    id: Scalar,
    url: Scalar,
    topics: Vec<Scalar>,
    description: Scalar,
    enabled: Scalar
});

/// Scopes come as an array of texts or as one text, in both cases possibly several per text.
#[derive(Default)]
pub(crate) struct Scopes(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Many(Vec<Option<String>>),
            One(String),
            #[serde(skip)]
            Nothing,
        }
        let texts = match Option::<Either>::deserialize(deserializer)?.unwrap_or(Either::Nothing) {
            Either::Many(texts) => texts.into_iter().flatten().collect(),
            Either::One(text) => vec![text],
            Either::Nothing => Vec::new(),
        };
        Ok(Self(texts.iter().flat_map(|t| t.split_whitespace()).map(str::to_owned).collect()))
    }
}

/// A page with its entries unread, so that one bad entry does not spoil the others.
#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct Page<'a> {
    #[serde(borrow)]
    pub(crate) items: Option<Vec<&'a RawValue>>,
    pub(crate) next: Scalar,
}

impl Default for Page<'_> {
    fn default() -> Self {
        Self { items: None, next: Scalar::None }
    }
}

/// Body of `POST order`.
#[derive(Serialize)]
pub(crate) struct NewOrder<'a> {
    pub(crate) reference_id: &'a str,
    pub(crate) order_number: &'a str,
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) shipping_method: &'a str,
    pub(crate) recipient: NewRecipient<'a>,
    pub(crate) products: Vec<NewProduct<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purchase_date: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct NewRecipient<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: NewAddress<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) phone_number: &'a str,
}

#[derive(Serialize)]
pub(crate) struct NewAddress<'a> {
    pub(crate) address1: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) address2: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) company_name: &'a str,
    pub(crate) city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) zip_code: &'a str,
    pub(crate) country: &'a str,
}

#[derive(Serialize)]
pub(crate) struct NewProduct<'a> {
    pub(crate) reference_id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) quantity: i64,
    pub(crate) external_line_id: i32,
    /// The digits of the decimal, never a float.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit_price: Option<Box<RawValue>>,
}

/// Body of `POST shipment:batchUpdateTrackingUpload`.
#[derive(Serialize)]
pub(crate) struct TrackingUpload<'a> {
    pub(crate) shipment_ids: &'a [domain::ids::ShipmentId],
    pub(crate) is_tracking_uploaded: bool,
}

/// Body of `POST webhook`.
#[derive(Serialize)]
pub(crate) struct NewWebhook<'a> {
    pub(crate) url: &'a str,
    pub(crate) topics: &'a [&'a str],
    pub(crate) description: &'a str,
    pub(crate) secret: &'a str,
}

/// Body of `PUT shipment/{id}:updateAddress`. Everything is always said: a part that is left out may
/// keep its old value.
#[derive(Serialize)]
pub(crate) struct NewShipmentAddress<'a> {
    pub(crate) recipient_name: &'a str,
    pub(crate) company_name: &'a str,
    pub(crate) street_address1: &'a str,
    pub(crate) street_address2: &'a str,
    pub(crate) city: &'a str,
    pub(crate) state: &'a str,
    pub(crate) zip_code: &'a str,
    pub(crate) country_code: &'a str,
    pub(crate) email: &'a str,
    pub(crate) phone_number: &'a str,
}

/// Body of `POST shipment/{id}:updateLineItems`: the full list.
#[derive(Serialize)]
pub(crate) struct NewLineItems {
    pub(crate) items: Vec<NewLineItem>,
}

#[derive(Serialize)]
pub(crate) struct NewLineItem {
    pub(crate) inventory_id: i64,
    pub(crate) quantity: i64,
    pub(crate) is_manually_assigned_lot: bool,
}

/// Body of `PUT shipment:bulkUpdateShippingService`.
#[derive(Serialize)]
pub(crate) struct NewService<'a> {
    pub(crate) shipment_ids: &'a [domain::ids::ShipmentId],
    pub(crate) requested_shipping_service_id: i64,
    pub(crate) reason: &'a str,
}
