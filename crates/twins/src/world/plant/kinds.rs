//! Every kind of problem that can be planted.

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plant {
    AddressNoPostalCode,
    AddressNoCity,
    AddressNoStreet,
    AddressNoState,
    RecipientEmpty,
    AddressTooLong,
    AddressCountryUnknown,
    MethodUnmapped,
    WarehouseUnmapped,
    LineNotStocked,
    LineDirectDelivery,
    LineBlocked,
    LineCatchWeight,
    OrderCreditHold,
    OrderStopped,
    QuantityFraction,
    UnitUnknown,
    ConversionMissing,
    ConversionZero,
    PriceNotUsdAbroad,
    BeforeCutOff,
    DuplicateByNumber,
    DuplicateByRecipient,
    SkuMissing,
    SkuCaseCollision,
    SkuDouble,
    SkuTwiceAtShipbob,
    SkuInactive,
    WeightZero,
    WeightNegative,
    WeightHuge,
    WeightUnitUnknown,
    WeightConversionZero,
    WeightConversionCyclic,
    BarcodeDouble,
    TariffCodeBad,
    OriginUnmapped,
    KitWithoutComponents,
    StockShort,
    StockExtra,
    StockNegative,
    StockNotInDynamics,
    CarrierUnmapped,
    CarrierNotInDynamics,
    RequestShipped,
    RequestDelivered,
    RequestCancelled,
    RequestAnswered,
    RequestUpdateRefused,
    RequestFailed,
    RequestWithoutOrder,
}

use Plant as P;

/// Kind, name, what is wrong.
const PLANTS: &[(Plant, &str, &str)] = &[
    (P::AddressNoPostalCode, "address-no-postal-code", "an order without a postal code"),
    (P::AddressNoCity, "address-no-city", "an order without a city"),
    (P::AddressNoStreet, "address-no-street", "an order without a street"),
    (P::AddressNoState, "address-no-state", "an order to the United States without a state"),
    (P::RecipientEmpty, "recipient-empty", "an order without a recipient"),
    (P::AddressTooLong, "address-too-long", "an order whose street has 320 characters"),
    (P::AddressCountryUnknown, "address-country-unknown", "an order to a country without ISO code"),
    (P::MethodUnmapped, "method-unmapped", "an order whose delivery mode is not mapped"),
    (P::WarehouseUnmapped, "warehouse-unmapped", "an order of a warehouse that is not mapped"),
    (P::LineNotStocked, "line-not-stocked", "an order with a line that is not stocked"),
    (P::LineDirectDelivery, "line-direct-delivery", "an order with a line the vendor delivers"),
    (P::LineBlocked, "line-blocked", "an order with a blocked line"),
    (P::LineCatchWeight, "line-catch-weight", "an order with a catch-weight product"),
    (P::OrderCreditHold, "order-credit-hold", "an order on credit hold"),
    (P::OrderStopped, "order-stopped", "an order that is not to be processed"),
    (P::QuantityFraction, "quantity-fraction-of-each", "an order of 1.5 pieces"),
    (P::UnitUnknown, "unit-unknown", "an order in a unit nobody knows"),
    (P::ConversionMissing, "conversion-missing", "an order in boxes of an item without conversion"),
    (P::ConversionZero, "conversion-zero", "an order in boxes of an item whose conversion is zero"),
    (
        P::PriceNotUsdAbroad,
        "price-currency-not-usd-abroad",
        "an order abroad that is priced in EUR",
    ),
    (P::BeforeCutOff, "before-cut-off", "an order of three days before"),
    (
        P::DuplicateByNumber,
        "duplicate-at-shipbob-number",
        "an order typed into ShipBob under its number",
    ),
    (
        P::DuplicateByRecipient,
        "duplicate-at-shipbob-recipient",
        "an order typed into ShipBob under another number",
    ),
    (P::SkuMissing, "sku-missing", "an order of a product ShipBob does not have"),
    (
        P::SkuCaseCollision,
        "sku-case-collision",
        "an order of a product ShipBob has in other letter case",
    ),
    (P::SkuDouble, "sku-double", "two products of F&O that come to one SKU"),
    (P::SkuTwiceAtShipbob, "sku-twice-at-shipbob", "an order of a SKU ShipBob has twice"),
    (P::SkuInactive, "sku-inactive", "an order of a SKU that is inactive at ShipBob"),
    (P::WeightZero, "weight-zero", "a product that weighs nothing"),
    (P::WeightNegative, "weight-negative", "a product that weighs less than nothing"),
    (P::WeightHuge, "weight-huge", "a product that weighs 1,000 tons"),
    (P::WeightUnitUnknown, "weight-unit-unknown", "a product weighed in stone"),
    (
        P::WeightConversionZero,
        "weight-conversion-zero",
        "a product weighed in a unit whose conversion is zero",
    ),
    (
        P::WeightConversionCyclic,
        "conversion-cyclic",
        "a product weighed in a unit whose mapping runs in a circle",
    ),
    (P::BarcodeDouble, "barcode-double", "two products with one barcode"),
    (P::TariffCodeBad, "tariff-code-bad", "a product with a tariff code of letters"),
    (P::OriginUnmapped, "origin-unmapped", "a product from a country without ISO code"),
    (
        P::KitWithoutComponents,
        "kit-without-components",
        "a kit with a component ShipBob does not have",
    ),
    (P::StockShort, "stock-short-at-shipbob", "a shelf with less than F&O says"),
    (P::StockExtra, "stock-extra-at-shipbob", "a shelf with more than F&O says"),
    (P::StockNegative, "stock-negative", "a shelf that shows less than nothing"),
    (P::StockNotInDynamics, "stock-not-in-dynamics", "stock of a SKU F&O does not know"),
    (
        P::CarrierUnmapped,
        "carrier-unmapped",
        "a parcel of another channel with a carrier nobody mapped",
    ),
    (
        P::CarrierNotInDynamics,
        "carrier-not-in-dynamics",
        "a mapped carrier service F&O does not have (at most 5)",
    ),
    (
        P::RequestShipped,
        "request-shipped",
        "a request another program shipped and told (profile external)",
    ),
    (
        P::RequestDelivered,
        "request-delivered",
        "a request that was answered and slipped without an update (profile external)",
    ),
    (P::RequestCancelled, "request-cancelled", "a request that was cancelled (profile external)"),
    (
        P::RequestAnswered,
        "request-answered",
        "a request that was answered, and nobody knows whether it left (profile external)",
    ),
    (
        P::RequestUpdateRefused,
        "request-update-refused",
        "a request whose shipment update F&O refused (profile external)",
    ),
    (P::RequestFailed, "request-failed", "a request that failed (profile external)"),
    (
        P::RequestWithoutOrder,
        "request-without-order",
        "a request that names no sales order (profile external)",
    ),
];

/// All kinds by name, with what is wrong.
pub fn plants() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLANTS.iter().map(|(_, name, words)| (*name, *words))
}

impl Plant {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PLANTS.iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| *kind)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        PLANTS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| *name)
    }

    /// It takes an order of its own.
    pub(crate) fn in_order(self) -> bool {
        self <= P::SkuCaseCollision || matches!(self, P::SkuTwiceAtShipbob | P::SkuInactive)
    }

    /// It is about a shipment order request, which only externally managed warehouses have.
    #[must_use]
    pub fn needs_external(self) -> bool {
        self >= P::RequestShipped
    }

    /// It takes a product of its own.
    pub(crate) fn with_item(self) -> bool {
        matches!(self, P::LineCatchWeight | P::ConversionMissing | P::ConversionZero)
            || (self >= P::SkuMissing && self <= P::KitWithoutComponents)
            || self == P::StockNotInDynamics
    }

    /// What is found is the order, although there is a product.
    pub(crate) fn keyed_by_order(self) -> bool {
        matches!(self, P::LineCatchWeight | P::ConversionMissing | P::ConversionZero)
    }

    /// Only whoever reads F&O's products can see it.
    pub(crate) fn needs_products(self) -> bool {
        matches!(self, P::LineCatchWeight | P::SkuDouble)
            || (self >= P::WeightZero && self <= P::KitWithoutComponents)
    }
}
