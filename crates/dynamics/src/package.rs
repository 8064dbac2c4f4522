//! A data package: the customer's manifest and header as Dynamics exported them, and one file with our charges.
//!
//! The zip is written here, stored and without stamps: three small entries, and the same charges always give the same
//! bytes. That is less than a library would bring.

use bytes::Bytes;
use domain::charge::{NewCharge, Package};

/// Columns of the file, in this order.
pub(crate) const COLUMNS: [&str; 10] = [
    "SALESORDERNUMBER",
    "CHARGELINENUMBER",
    "SALESCHARGECODE",
    "CHARGECATEGORY",
    "FIXEDCHARGEAMOUNT",
    "CHARGEACCOUNTINGCURRENCYCODE",
    "CHARGEDESCRIPTION",
    "SALESTAXGROUPCODE",
    "SALESTAXITEMGROUPCODE",
    "WILLINVOICEPROCESSINGKEEPCHARGE",
];

/// The package that imports these charges.
pub fn package(of: &Package, charges: &[NewCharge]) -> Bytes {
    let data = file(charges);
    let entries = [
        ("Manifest.xml", of.manifest.as_bytes()),
        ("PackageHeader.xml", of.header.as_bytes()),
        (of.file.as_str(), data.as_bytes()),
    ];
    zip(&entries)
}

/// The data file.
pub(crate) fn file(charges: &[NewCharge]) -> String {
    let mut out = COLUMNS.join(",");
    out.push_str("\r\n");
    for one in charges {
        let cells = [
            cell(one.order.as_str()),
            one.line.to_string(),
            cell(&one.code),
            "Fixed".to_owned(),
            one.amount.to_string(),
            cell(&one.currency),
            cell(&one.description),
            String::new(),
            String::new(),
            if one.keep { "Yes" } else { "No" }.to_owned(),
        ];
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n', ' ']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// 1980-01-01, the first day a zip knows.
const DAY: u16 = 0x0021;

fn zip(entries: &[(&str, &[u8])]) -> Bytes {
    let mut out: Vec<u8> = Vec::new();
    let mut central: Vec<u8> = Vec::new();
    for (name, data) in entries {
        let offset = small(out.len());
        let middle = middle(name, data);
        out.extend(LOCAL.to_le_bytes());
        out.extend(&middle);
        out.extend(0_u16.to_le_bytes());
        out.extend(name.as_bytes());
        out.extend(*data);
        central.extend(CENTRAL.to_le_bytes());
        central.extend(20_u16.to_le_bytes());
        central.extend(&middle);
        // Extra, comment, disk, inner and outer attributes.
        central.extend([0; 12]);
        central.extend(offset.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let (start, size) = (small(out.len()), small(central.len()));
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    out.extend(&central);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    Bytes::from(out)
}

/// What the local and the central header have in common: version, flags (names are UTF-8), stored, stamps, sum, sizes,
/// length of the name.
fn middle(name: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(26);
    for word in [20_u16, 0x0800, 0, 0, DAY] {
        out.extend(word.to_le_bytes());
    }
    out.extend(crc32fast::hash(data).to_le_bytes());
    out.extend(small(data.len()).to_le_bytes());
    out.extend(small(data.len()).to_le_bytes());
    out.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out
}

/// A package is far below four gigabytes: settings limit its rows.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{file, package};
    use domain::charge::{NewCharge, Package};
    use domain::ids::ShipmentId;
    use rust_decimal::Decimal;

    fn charge(description: &str) -> NewCharge {
        NewCharge {
            order: "000697".into(),
            shipment: ShipmentId(901),
            line: 900,
            last_line: 999,
            code: "FREIGHT".to_owned(),
            amount: Decimal::new(845, 2),
            currency: "USD".to_owned(),
            description: description.to_owned(),
            keep: false,
        }
    }

    #[test]
    fn a_row_is_written_as_the_reference_shows_it() {
        let text = file(&[charge("ShipBob 901")]);
        let row = text.lines().nth(1).unwrap_or_default();
        assert_eq!(row, r#"000697,900,FREIGHT,Fixed,8.45,USD,"ShipBob 901",,,No"#);
    }

    #[test]
    fn quotes_and_commas_stay_inside_their_cell() {
        let text = file(&[charge("say \"hi\", 901")]);
        assert!(text.contains(r#","say ""hi"", 901","#), "{text}");
    }

    #[test]
    fn the_same_charges_give_the_same_bytes() {
        let of = Package {
            manifest: "<M/>".to_owned(),
            header: "<H/>".to_owned(),
            ..Package::default()
        };
        let one = package(&of, &[charge("ShipBob 901")]);
        assert_eq!(one, package(&of, &[charge("ShipBob 901")]));
        assert!(one.starts_with(b"PK\x03\x04"));
        assert_eq!(one.windows(4).filter(|w| *w == b"PK\x01\x02").count(), 3);
    }
}
