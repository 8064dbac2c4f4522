//! A warehouse with warehouse management: what a clerk releases, and the customer's call that posts.

use super::World;
use domain::custom_call::ShipmentCall;
use domain::settings::Profile;
use domain::time::Span;
use domain::whs::{ReleasedLine, WarehouseRelease};
use rust_decimal::Decimal;

impl World {
    /// The same order in a warehouse with warehouse management; nothing is released of it yet.
    pub(crate) fn managed(mut self, call: bool) -> Self {
        self.settings.warehouses[0].profile = Profile::Whs;
        self.settings.custom_call = call.then(super::custom_call);
        self.order().warehouse_release =
            Some(WarehouseRelease { status: "Open".into(), ..WarehouseRelease::default() });
        self
    }

    /// So many pieces of a line are released in all; the status of the order follows.
    pub(crate) fn release(&mut self, sequence: i32, pieces: i64) {
        let (lot, ordered, factor) = {
            let factor = self.factor(sequence);
            let line = self.line(sequence);
            (line.lot.as_str().to_lowercase(), line.ordered, factor)
        };
        let order = self.order();
        let whole = order.lines.len();
        let release = order.warehouse_release.get_or_insert_default();
        let row = ReleasedLine {
            quantity: Decimal::from(pieces),
            ordered,
            ordered_inventory: ordered * factor,
        };
        release.lines.insert(lot, row);
        let full = |l: &ReleasedLine| l.quantity >= l.ordered_inventory;
        release.status = if release.lines.values().all(|l| l.quantity.is_zero()) {
            "Open"
        } else if release.lines.len() == whole && release.lines.values().all(full) {
            "Released"
        } else {
            "PartialReleased"
        }
        .into();
        self.pass(Span::minutes(1));
    }

    /// The customer's call: posts once per slip number, never more than is open.
    pub(crate) fn post_by_call(&mut self, call: &ShipmentCall) {
        let body: serde_json::Value = serde_json::from_str(&call.body).expect("a JSON body");
        let id = body["slip"].as_str().expect("a slip").to_owned();
        assert_eq!(body["order"], "SO-1");
        assert!(!self.order().slips.iter().any(|s| s.id.as_str() == id), "{id} was posted before");
        let lines: Vec<(i32, Decimal)> = body["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|l| {
                let lot = l["lot"].as_str().expect("a lot");
                let order =
                    self.facts.sales.as_ref().and_then(|r| r.order.as_ref()).expect("order");
                let line = order.lines.iter().find(|o| o.lot.as_str() == lot).expect("a line");
                let n: Decimal = l["n"].to_string().parse().expect("a number");
                assert!(n > Decimal::ZERO && n <= line.remaining, "{n} of {}", line.remaining);
                (line.sequence, n)
            })
            .collect();
        self.post(&lines);
        self.order().slips.last_mut().expect("just posted").id = id.as_str().into();
    }

    /// Pieces per line that live at ShipBob.
    pub(crate) fn at_shipbob_of(&self, sequence: i32) -> i64 {
        let order = self.facts.sales.as_ref().and_then(|r| r.order.as_ref()).expect("the order");
        let sku = &order.lines.iter().find(|l| l.sequence == sequence).expect("a line").sku;
        // Shipments, because an order may go on showing what it was created with.
        let live = self.facts.warehouse.iter().flat_map(|o| &o.order.shipments);
        let products = live.filter(|s| !s.dead()).flat_map(|s| &s.products);
        let items = products.filter(|p| p.sku == *sku).flat_map(|p| &p.items);
        items.map(|i| i.quantity).sum()
    }
}
