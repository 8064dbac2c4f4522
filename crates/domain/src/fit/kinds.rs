//! Every kind of finding: how much it weighs, what it is, what to do. `docs/fit.md` is made from this table.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Must be mended first: something would go wrong that nobody could take back, or nothing would work.
    Blocks,
    /// Waits for a person until it is mended; stops nothing else.
    Waits,
    /// To be known.
    Note,
}

impl Weight {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Waits => "waits",
            Self::Note => "note",
        }
    }
}

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name.
    pub id: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// What it is.
    pub title: &'static str,
    /// What to do.
    pub fix: &'static str,
}

const fn kind(id: &'static str, weight: Weight, title: &'static str, fix: &'static str) -> Kind {
    Kind { id, weight, title, fix }
}

use Weight::{Blocks as B, Note as N, Waits as W};

/// All kinds. A cause the planners may have and that is not here is shown with their own words, and waits.
pub const KINDS: &[Kind] = &[
    // The connection itself.
    kind(
        "settings-misfit",
        B,
        "Settings do not fit both systems",
        "Correct the configuration as the sentence says; `ml-connector doctor` looks at the rest of the connection.",
    ),
    kind(
        "not-read",
        B,
        "Could not be read",
        "Do what the reason says, then run `fit` again: what was not read was not judged.",
    ),
    kind(
        "budget-exceeded",
        B,
        "More calls a day than ShipBob allows",
        "Poll less often under [connection.schedule], or share the account with fewer programs.",
    ),
    kind(
        "cut-off-missing",
        N,
        "No cut-off",
        "Set connection.cut_off when everything else is mended: nothing is sent before.",
    ),
    kind(
        "before-cut-off",
        N,
        "Released before the cut-off",
        "Nothing, if they ship as before; else tick them after go-live, or set an earlier cut-off.",
    ),
    kind(
        "request-without-order",
        W,
        "Shipment order request whose sales order is not found",
        "Name the field that carries the number in order_number_fields under [connection.external]. Without it there is no note, no tracking number on the slip, and no date: what waits already goes when a person presses Send, who has looked at ShipBob first. What is released after go-live goes by itself.",
    ),
    kind(
        "request-answered",
        W,
        "Shipment order request answered before, not known to have left",
        "Nothing is sent for it: only requests that wait for an answer are found. Let whoever answered it finish it before go-live; if ShipBob is to ship it, cancel it in Dynamics and release it anew.",
    ),
    kind(
        "request-update-open",
        W,
        "Shipment order request whose update Dynamics has not accepted",
        "Nothing is sent for it. Open the update under Warehouse management > Message processor messages in Dynamics: mend what it names, or start the automatic processing where it only waits.",
    ),
    kind(
        "request-status-unknown",
        W,
        "Shipment order request in a status nobody explains",
        "Nothing is sent for it. Look in Dynamics what became of it; cancel it there, and release it anew if ShipBob is to ship it.",
    ),
    // Twice.
    kind(
        "duplicate-number",
        B,
        "At ShipBob already, by its number",
        "Ship it from one side only: cancel it at ShipBob or in Dynamics, or set the cut-off after it and skip it in the console.",
    ),
    kind(
        "duplicate-recipient",
        B,
        "At ShipBob already, by recipient and SKUs",
        "Look at both orders. If they are the same, cancel one, or set the cut-off after it and skip it in the console.",
    ),
    // Addresses.
    kind(
        "name-missing",
        W,
        "No recipient",
        "Enter the name on the delivery address of the order in Dynamics.",
    ),
    kind(
        "street-missing",
        W,
        "No street",
        "Enter the street on the delivery address of the order in Dynamics.",
    ),
    kind(
        "city-missing",
        W,
        "No city",
        "Enter the city on the delivery address of the order in Dynamics.",
    ),
    kind(
        "postcode-missing",
        W,
        "No postal code",
        "Enter the postal code on the delivery address of the order in Dynamics.",
    ),
    kind(
        "state-missing",
        W,
        "No state or province",
        "Enter the state or province on the delivery address of the order in Dynamics.",
    ),
    kind(
        "address-too-long",
        W,
        "A field longer than ShipBob takes",
        "Shorten the field on the order in Dynamics.",
    ),
    kind(
        "country-unknown",
        W,
        "Country without ISO code",
        "Set the ISO code of the country in Dynamics, or map it under [connection.countries].",
    ),
    kind(
        "customs-value-missing",
        W,
        "Abroad without a value in US dollars",
        "Sell such orders in USD, or enter the customs value at ShipBob: it takes no other currency, and holds parcels without one.",
    ),
    // Quantities and units.
    kind(
        "unit-unknown",
        W,
        "Sales unit without conversion to pieces",
        "Add the unit conversion in Dynamics, or name the unit in connection.each_units.",
    ),
    kind(
        "quantity-fraction",
        W,
        "Not a whole number of pieces",
        "Correct the quantity or the unit of the line in Dynamics.",
    ),
    // Mapping.
    kind(
        "centre-closed",
        W,
        "Centre that is not active",
        "Ask ShipBob when it opens, or map the warehouse to another centre.",
    ),
    kind(
        "method-unmapped",
        W,
        "Delivery mode without a shipping method",
        "Map the mode under [connection.methods].",
    ),
    kind(
        "method-unknown-at-shipbob",
        W,
        "Shipping method ShipBob does not have",
        "Correct the method under [connection.methods], or activate it at ShipBob: an unknown one would become Standard.",
    ),
    kind(
        "carrier-unmapped",
        W,
        "Carrier of ShipBob without a carrier in Dynamics",
        "Map carrier and service under [[connection.carriers]], or set connection.write_carrier = false. Tracking is written all the same.",
    ),
    kind(
        "carrier-not-in-dynamics",
        W,
        "Mapped carrier Dynamics does not have",
        "Create carrier and service in Dynamics, or correct [[connection.carriers]].",
    ),
    kind(
        "warehouse-unmapped",
        N,
        "Orders of warehouses that are not mapped",
        "Nothing, if ShipBob does not ship from it; else add it under [[connection.warehouses]].",
    ),
    // SKUs.
    kind(
        "sku-unknown",
        W,
        "SKU ShipBob does not have",
        "Create the SKU at ShipBob, correct the item in Dynamics, or switch on [connection.products].",
    ),
    kind(
        "sku-case",
        W,
        "SKU that differs in letter case only",
        "Correct the letter case on one side, or name ShipBob's SKU under [connection.products.aliases].",
    ),
    kind(
        "sku-inactive",
        W,
        "SKU inactive at ShipBob",
        "Activate it at ShipBob, or take the item off sale.",
    ),
    kind("sku-twice", W, "SKU several times at ShipBob", "Merge the variants at ShipBob."),
    kind(
        "sku-clash",
        W,
        "Two products of Dynamics with one SKU",
        "Give one of them another SKU under [connection.products.aliases], or rename it in Dynamics.",
    ),
    kind(
        "sku-missing",
        W,
        "Product for which the rule finds no SKU",
        "Give the product what the rule asks for (a barcode, as a rule), or name its SKU under [connection.products.aliases].",
    ),
    kind(
        "sku-to-create",
        N,
        "SKU that would be created at ShipBob",
        "Nothing: the flow products creates it before its orders go.",
    ),
    kind(
        "product-to-change",
        N,
        "Product at ShipBob that would be changed",
        "Nothing, if Dynamics is right; else correct it there first, or set person_changes under [connection.products].",
    ),
    kind(
        "kit-missing",
        W,
        "Kit ShipBob does not have",
        "Make the bundle at ShipBob, or set kit_mode = \"bundle\".",
    ),
    kind(
        "kit-component",
        W,
        "Kit with a component ShipBob does not have",
        "Correct [connection.products.kits], or bring the component to ShipBob first.",
    ),
    kind(
        "barcode-clash",
        W,
        "Two products with one barcode",
        "Correct the barcode of one of them in Dynamics; until then it is sent for neither.",
    ),
    kind(
        "measure-missing",
        W,
        "No weight",
        "Enter the weight with the physical dimensions of the product in Dynamics.",
    ),
    kind(
        "measure-negative",
        W,
        "Weight or size below zero",
        "Correct it with the physical dimensions of the product in Dynamics.",
    ),
    kind(
        "measure-unbelievable",
        W,
        "Weight or size nobody ships",
        "Correct it with the physical dimensions of the product in Dynamics.",
    ),
    kind(
        "measure-unit-unknown",
        W,
        "Unit of a weight or size that nobody explains",
        "Correct the unit in Dynamics, add a usable conversion, or map it in [connection.products.symbols].",
    ),
    kind(
        "measure-unit-cyclic",
        W,
        "Unit whose mapping runs in a circle",
        "Correct [connection.products.symbols].",
    ),
    kind(
        "measure-unit-unusable",
        W,
        "Unit whose conversion cannot be used",
        "Correct the conversion in Dynamics: no zero, no offset.",
    ),
    kind(
        "tariff-code",
        W,
        "Tariff code that is none",
        "Correct the customs tariff code of the item in Dynamics (6 to 10 digits).",
    ),
    kind(
        "origin-unmapped",
        W,
        "Origin without ISO code",
        "Set the ISO code of the country in Dynamics, or map it under [connection.countries].",
    ),
    // Left out of an order.
    kind(
        "order-stopped",
        N,
        "Processing stopped",
        "Nothing: it goes when it is freed in Dynamics.",
    ),
    kind(
        "order-credit-hold",
        N,
        "On credit hold",
        "Nothing: it goes when it is freed in Dynamics.",
    ),
    kind(
        "line-blocked",
        N,
        "Order with a blocked line",
        "Nothing, if the line is not to be shipped; else unblock it in Dynamics.",
    ),
    kind(
        "line-not-stocked",
        N,
        "Order with a line that is not stocked",
        "Nothing, if it is a service; else give the product a stocked item model group.",
    ),
    kind(
        "line-direct-delivery",
        N,
        "Order with a line the vendor delivers",
        "Nothing: the vendor ships it.",
    ),
    kind(
        "line-catch-weight",
        W,
        "Order with a catch-weight line",
        "Ship catch-weight products from another warehouse: ShipBob counts pieces and tells no weights.",
    ),
    // Stock.
    kind(
        "stock-short-at-shipbob",
        W,
        "Less on the shelf than Dynamics says",
        "Count and correct Dynamics before go-live, or find the goods at ShipBob.",
    ),
    kind(
        "stock-extra-at-shipbob",
        W,
        "More on the shelf than Dynamics says",
        "Register the receipt in Dynamics, or count and correct it before go-live.",
    ),
    kind(
        "stock-not-at-shipbob",
        W,
        "Stock in Dynamics of a SKU ShipBob does not keep",
        "Create the SKU at ShipBob, or move the stock to the warehouse it lies in.",
    ),
    kind(
        "stock-not-in-dynamics",
        W,
        "Stock at ShipBob of a SKU Dynamics does not know",
        "Release the product in Dynamics, or correct its SKU. Nothing, if only other channels sell it.",
    ),
    kind(
        "stock-unit",
        W,
        "Stock in a unit without conversion to pieces",
        "Add the unit conversion in Dynamics, or name the unit in connection.each_units.",
    ),
    kind(
        "stock-negative",
        W,
        "A shelf that shows less than nothing",
        "Ask ShipBob to count the shelf.",
    ),
];
