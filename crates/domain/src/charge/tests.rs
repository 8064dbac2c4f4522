use super::*;

fn fit() -> Charges {
    let manifest = format!("<Manifest>{ENTITY}</Manifest>");
    let package = Package {
        definition_group: "ShipBobCharges".to_owned(),
        manifest,
        header: "<PackageHeader/>".to_owned(),
        ..Package::default()
    };
    Charges {
        code: "SBCOST".to_owned(),
        codes: BTreeMap::from([("Shipping".to_owned(), "SBFREIGHT".to_owned())]),
        currency: "USD".to_owned(),
        first_line: 900,
        last_line: 902,
        package,
        ..Charges::default()
    }
}

#[test]
fn a_fee_takes_the_code_that_names_it_and_else_the_common_one() {
    let mut charges = fit();
    assert_eq!(charges.problems(), Vec::<String>::new());
    assert_eq!(charges.code_of(" shipping"), Some("SBFREIGHT"));
    assert_eq!(charges.code_of("Pick Fees"), Some("SBCOST"));
    charges.code.clear();
    assert_eq!(charges.code_of("Pick Fees"), None, "no silent default");
    assert_eq!(charges.all_codes(), ["SBFREIGHT"]);
}

#[test]
fn settings_that_cannot_work_are_named_one_by_one() {
    let places = |charges: &Charges| {
        let all = charges.problems();
        all.iter().map(|p| p.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let of = |change: &dyn Fn(&mut Charges)| {
        let mut charges = fit();
        change(&mut charges);
        places(&charges).join(",").replace("billing.charges.", "")
    };
    assert_eq!(of(&|c| c.description = "cost".to_owned()), "description");
    assert_eq!(of(&|c| c.description = "{shipment} {tracking}".to_owned()), "description");
    assert_eq!(of(&|c| c.first_line = 0), "first_line");
    assert_eq!(of(&|c| c.category = "Percent".to_owned()), "category");
    assert_eq!(of(&|c| c.currency = "usd".to_owned()), "currency");
    assert_eq!(of(&|c| c.package.manifest.clear()), "package.manifest");
    assert_eq!(of(&|c| c.package.manifest = "<Manifest/>".to_owned()), "package.manifest");
    assert_eq!(of(&|c| c.package.header = "PackageHeader".to_owned()), "package.header");
    assert_eq!(of(&|c| c.package.poll_seconds = 1), "package.poll_seconds");
    assert_eq!(of(&|c| c.package.file = "../x.csv".to_owned()), "package.file");
}

#[test]
fn only_ledger_on_both_sides_bills_nobody() {
    let code = |debit: &str, credit: &str| ChargeCode {
        code: "FREIGHT".to_owned(),
        debit: debit.to_owned(),
        credit: credit.to_owned(),
    };
    assert_eq!(unfit("FREIGHT", Some(&code("LedgerAccount", "LedgerAccount"))), None);
    for (debit, credit) in [
        ("CustVend", "LedgerAccount"),
        ("LedgerAccount", "CustVend"),
        ("Item", "LedgerAccount"),
        ("", ""),
    ] {
        assert!(unfit("FREIGHT", Some(&code(debit, credit))).is_some(), "{debit}/{credit}");
    }
    assert!(unfit("FREIGHT", None).unwrap().contains("no charge code"));
}

#[test]
fn a_charge_goes_where_it_is_and_never_over_another_one() {
    let new = NewCharge {
        order: "SO-1".into(),
        shipment: ShipmentId(7),
        line: 900,
        last_line: 902,
        code: "SBCOST".to_owned(),
        amount: Decimal::new(845, 2),
        currency: "USD".to_owned(),
        description: "ShipBob 7".to_owned(),
        keep: false,
    };
    let seen = |line: i64, text: &str, cents: i64| SeenCharge {
        line: Some(line),
        code: "sbcost".to_owned(),
        amount: Some(Decimal::new(cents, 2)),
        currency: "USD".to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(new.place(&[], &[]), Some(900));
    assert_eq!(new.place(&[seen(900, "ShipBob 6", 1)], &[901]), Some(902));
    assert_eq!(new.place(&[seen(900, "ShipBob 6", 1)], &[901, 902]), None);
    assert_eq!(
        new.place(&[seen(905, "ShipBob 7", 1)], &[]),
        Some(905),
        "as it was numbered before"
    );
    assert!(new.stands(&seen(905, "ShipBob 7", 845)) && !new.stands(&seen(900, "ShipBob 7", 844)));
}
