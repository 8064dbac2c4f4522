use super::*;
use crate::wire::{self, Row};

fn rows<T: Row>(rows: &[&str]) -> Vec<T> {
    let body = format!("{{\"value\":[{}]}}", rows.join(","));
    wire::page::<T>(body.as_bytes()).unwrap().rows.into_iter().map(Result::unwrap).collect()
}

const HEADER: &str = r#"{"@odata.etag":"W/\"h\"","SalesOrderNumber":"SO-1","OrderCreationDateTime":"2026-01-01T00:00:00Z",
    "IsSalesProcessingStopped":"No","DeliveryModeCode":"STD","SalesOrderPoolId":"P","CurrencyCode":"EUR",
    "DeliveryAddressName":"N","DeliveryAddressStreet":"Main\r\nRear","DeliveryAddressCity":"C",
    "DeliveryAddressCountryRegionId":"USA","DeliveryAddressCountryRegionISOCode":"US"}"#;
const TABLE: &str = r#"{"SalesId":"SO-1","SalesStatus":"Backorder","DocumentStatus":"PickingList","SalesType":"Sales",
    "MCROrderStopped":"No","CredManInCreditControl":"No","Phone":"1","SysModifiedDateTime":"2026-01-02T00:00:00Z"}"#;
const LINE: &str = r#"{"@odata.etag":"W/\"l\"","SalesOrderNumber":"SO-1","InventoryLotId":"Lot-1","LineCreationSequenceNumber":2,
    "ItemNumber":"A","ProductSizeId":"XL","ProductColorId":"Red","ProductConfigurationId":"K","SalesUnitSymbol":"ea",
    "SalesPrice":1250,"SalesPriceQuantity":1000,"IsLineStopped":"No","ShippingWarehouseId":"SB01"}"#;
const RAW: &str = r#"{"SalesId":"SO-1","InventTransId":"LOT-1","SalesQty":3,"RemainSalesPhysical":1,"SalesDeliverNow":1,
    "SalesStatus":"Backorder","Blocked":"No","StockedProduct":"Yes","DeliveryType":"None","SysModifiedDateTime":"2026-01-03T00:00:00Z"}"#;

fn bundle() -> Bundle {
    Bundle {
        headers: rows(&[HEADER]),
        tables: rows(&[TABLE]),
        lines: rows(&[LINE]),
        line_bis: rows(&[RAW]),
        ..Bundle::default()
    }
}

fn read(bundle: Bundle) -> Result<Option<SalesOrder>, String> {
    order(bundle, &Company::new("usmf"))
}

fn whole() -> SalesOrder {
    read(bundle()).unwrap().unwrap()
}

#[test]
fn the_sets_are_joined_into_one_order() {
    let order = whole();
    assert_eq!(order.number.as_str(), "SO-1");
    assert_eq!(
        (&order.status, &order.document_status),
        (&SalesStatus::Backorder, &DocumentStatus::PickingList)
    );
    assert_eq!((order.stopped, order.credit_hold), (false, false));
    assert_eq!(
        (order.etag.as_str(), order.pool.as_str(), order.phone.as_str()),
        ("W/\"h\"", "P", "1")
    );
    assert_eq!(order.address.street, "Main\nRear");
    let line = &order.lines[0];
    assert_eq!((line.lot.as_str(), line.sequence, line.sku.as_str()), ("Lot-1", 2, "A-Red-XL-K"));
    assert_eq!((line.ordered, line.remaining), (3.into(), 1.into()));
    assert_eq!((line.blocked, line.stocked, line.direct_delivery), (false, true, false));
    assert_eq!(line.price, Decimal::new(125, 2), "the price is per 1,000");
}

#[test]
fn an_order_in_neither_set_is_gone_and_one_in_only_one_set_is_not_told() {
    assert_eq!(read(Bundle::default()), Ok(None));
    assert!(read(Bundle { headers: Vec::new(), ..bundle() }).is_err());
    assert!(read(Bundle { tables: Vec::new(), ..bundle() }).is_err());
}

#[test]
fn an_order_of_another_kind_that_users_do_not_see_is_told_by_its_kind() {
    let table = TABLE.replace(
        "\"SalesType\":\"Sales\"",
        "\"SalesType\":\"ReturnItem\",\"CreatedOn\":\"2026-01-01T00:00:00Z\"",
    );
    let order = read(Bundle { tables: rows(&[&table]), ..Bundle::default() }).unwrap().unwrap();
    assert_eq!((order.sales_type.as_str(), order.lines.len()), ("ReturnItem", 0));
}

#[test]
fn a_line_without_its_raw_row_makes_the_order_unreadable_and_an_extra_raw_row_does_not() {
    assert!(read(Bundle { line_bis: Vec::new(), ..bundle() }).is_err());
    let other = RAW.replace("LOT-1", "LOT-2");
    let order = read(Bundle { line_bis: rows(&[RAW, &other]), ..bundle() }).unwrap().unwrap();
    assert_eq!(order.lines.len(), 1);
}

#[test]
fn rows_that_come_twice_count_once() {
    let order =
        read(Bundle { lines: rows(&[LINE, LINE]), line_bis: rows(&[RAW, RAW]), ..bundle() });
    assert_eq!(order.unwrap().unwrap().lines.len(), 1);
    assert!(read(Bundle { headers: rows(&[HEADER, HEADER]), ..bundle() }).is_err());
}

#[test]
fn what_f_and_o_does_not_say_stops_the_order_rather_than_ships_it() {
    let silent = |text: &str, words: &[&str]| {
        words.iter().fold(text.to_owned(), |text, word| text.replace(word, "\"Other\":\"No\""))
    };
    let table = silent(TABLE, &["\"MCROrderStopped\":\"No\"", "\"CredManInCreditControl\":\"No\""]);
    let raw = silent(RAW, &["\"Blocked\":\"No\"", "\"StockedProduct\":\"Yes\""])
        .replace("\"None\"", "\"NewKind\"");
    let order = read(Bundle { tables: rows(&[&table]), line_bis: rows(&[&raw]), ..bundle() })
        .unwrap()
        .unwrap();
    assert!(order.stopped && order.credit_hold);
    assert!(order.lines[0].blocked && !order.lines[0].stocked && order.lines[0].direct_delivery);
    for quantity in ["\"SalesQty\":3,", "\"RemainSalesPhysical\":1,", "\"SalesDeliverNow\":1,"] {
        let raw = RAW.replace(quantity, "");
        assert!(read(Bundle { line_bis: rows(&[&raw]), ..bundle() }).is_err(), "{quantity}");
    }
}

#[test]
fn unknown_enum_members_survive_as_text() {
    let table = TABLE.replace("Backorder", "Parked").replace("PickingList", "Lost");
    let order = read(Bundle { tables: rows(&[&table]), ..bundle() }).unwrap().unwrap();
    assert_eq!(order.status, SalesStatus::Other("Parked".to_owned()));
    assert_eq!(order.document_status, DocumentStatus::Other("Lost".to_owned()));
}

#[test]
fn house_number_building_and_post_box_are_added_where_the_street_lacks_them() {
    let place = |street, street_number, complement, post_box| {
        super::street(&Place {
            name: "",
            street,
            street_number,
            complement,
            post_box,
            city: "",
            state: "",
            zip: "",
            country: "",
            country_iso: "",
            location: "",
        })
    };
    assert_eq!(place("Hauptstraße", "12a", "", ""), "Hauptstraße 12a");
    assert_eq!(place("Hauptstraße 12a", "12a", "", ""), "Hauptstraße 12a");
    assert_eq!(place("Route 12", "1", "Tower B", "PO 7"), "Route 12 1\nTower B\nPO 7");
    assert_eq!(place("", "5", "", ""), "5");
    assert_eq!(place("", "", "", ""), "");
}

#[test]
fn slips_carry_their_lines_and_dates_as_written() {
    let slip = r#"{"SalesId":"SO-1","PackingSlipId":"SO-1_1","DeliveryDate":"2026-01-31T12:00:00Z","CreatedOn":"2026-01-31T09:00:00Z"}"#;
    let lines = [
        r#"{"SalesId":"SO-1","PackingSlipId":"so-1_1","InventTransId":"Lot-1","Qty":2.0,"SourceDocumentLine":1}"#,
        r#"{"SalesId":"SO-1","PackingSlipId":"so-1_1","InventTransId":"Lot-1","Qty":2.0,"SourceDocumentLine":1}"#,
        r#"{"SalesId":"SO-1","PackingSlipId":"SO-1_2","InventTransId":"Lot-1","Qty":9,"SourceDocumentLine":2}"#,
    ];
    let read = read(Bundle { slips: rows(&[slip, slip]), slip_lines: rows(&lines), ..bundle() });
    let order = read.unwrap().unwrap();
    assert_eq!(order.slips.len(), 1);
    assert_eq!(order.slips[0].delivery_date, "2026-01-31T12:00:00Z");
    assert_eq!(order.slips[0].lines, [(LotId::new("Lot-1"), Decimal::TWO)]);
}
