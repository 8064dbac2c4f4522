//! Returns and receiving orders as ShipBob writes them. Every field may be absent or null.

use crate::wire::Scalar;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireReturn {
    pub(crate) id: Scalar,
    pub(crate) reference_id: Scalar,
    pub(crate) original_shipment_id: Scalar,
    pub(crate) tracking_number: Scalar,
    pub(crate) shipment_tracking_number: Scalar,
    pub(crate) status: Scalar,
    pub(crate) return_type: Scalar,
    pub(crate) channel: Option<Place>,
    pub(crate) fulfillment_center: Option<Place>,
    pub(crate) insert_date: Scalar,
    pub(crate) arrived_date: Scalar,
    pub(crate) completed_date: Scalar,
    pub(crate) cancelled_date: Scalar,
    pub(crate) inventory: Option<Vec<WireLine>>,
}

/// Something with an id and a name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) id: Scalar,
    pub(crate) name: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireLine {
    pub(crate) id: Scalar,
    pub(crate) sku: Scalar,
    pub(crate) quantity: Scalar,
    pub(crate) action_requested: Option<WireAction>,
    pub(crate) action_taken: Option<Vec<WireAction>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireAction {
    pub(crate) action: Scalar,
    pub(crate) quantity_processed: Scalar,
    pub(crate) action_reason: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireReceiving {
    pub(crate) id: Scalar,
    pub(crate) status: Scalar,
    pub(crate) purchase_order_number: Scalar,
    pub(crate) expected_arrival_date: Scalar,
    pub(crate) insert_date: Scalar,
    pub(crate) fulfillment_center: Option<Place>,
    pub(crate) inventory_quantities: Option<Vec<WireQuantity>>,
    pub(crate) status_history: Option<Vec<WireStatus>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireQuantity {
    pub(crate) inventory_id: Scalar,
    pub(crate) sku: Scalar,
    pub(crate) expected_quantity: Scalar,
    pub(crate) received_quantity: Scalar,
    pub(crate) stowed_quantity: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireStatus {
    pub(crate) status: Scalar,
    pub(crate) timestamp: Scalar,
}
