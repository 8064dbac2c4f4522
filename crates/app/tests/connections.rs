//! Several connections in one file: what is right is read, what may not stand together is named with its place.

use app::config::{Installation, REFERENCE};

/// A file with these connections: (name, organisation, company, channel, more keys of the connection, more of ShipBob).
fn file(connections: &[(&str, &str, &str, i64, &str, &str)]) -> String {
    let mut text = String::from("[store]\nurl = \"sqlite://x.db\"\nmaster_key = \"k\"\n\n");
    for (name, organisation, company, channel, more, shipbob) in connections {
        text.push_str(&format!(
            "[[connection]]\nname = \"{name}\"\norganisation = \"{organisation}\"\ncompany = \"{company}\"\n\
             channel = {channel}\neach_units = [\"ea\"]\nhome_countries = [\"US\"]\n{more}\n\
             [connection.dynamics]\nurl = \"https://contoso.operations.dynamics.com\"\n\
             authority = \"https://login.example/t\"\nclient_id = \"c\"\nclient_secret = \"s\"\n\
             [connection.shipbob]\nurl = \"https://api.shipbob.com\"\n{shipbob}\n\
             [[connection.warehouses]]\nwarehouse = \"SB01\"\ncentre = 1\nprofile = \"plain\"\n\
             [connection.methods]\nSTD = \"Standard\"\n\n"
        ));
    }
    text
}

fn read(text: &str) -> Result<Installation, String> {
    Installation::parse(text, &|_| Some("x".to_owned())).map_err(|e| e.to_string())
}

const ONE: (&str, &str, &str, i64, &str, &str) = ("Contoso US", "", "usmf", 1, "", "token = \"a\"");
const TWO: (&str, &str, &str, i64, &str, &str) = ("Contoso GB", "", "gbsi", 2, "", "token = \"b\"");

#[test]
fn the_reference_is_an_installation_with_one_connection() {
    let whole = read(REFERENCE).unwrap();
    assert_eq!(whole.connections.len(), 1);
    let one = whole.one(None).unwrap();
    assert_eq!(
        (one.scope.organisation.as_str(), one.scope.connection.as_str()),
        ("default", "default")
    );
}

#[test]
fn two_connections_are_found_by_name_or_id_and_asked_for_where_none_is_given() {
    let whole = read(&file(&[ONE, TWO])).unwrap();
    assert_eq!(whole.one(Some("contoso gb")).unwrap().connection.company, "gbsi");
    assert_eq!(whole.one(Some("contoso-us")).unwrap().connection.company, "usmf");
    let why = whole.one(None).unwrap_err().to_string();
    assert!(why.contains("Contoso US") && why.contains("Contoso GB"), "{why}");
    assert!(whole.one(Some("else")).unwrap_err().to_string().contains("Contoso US"));
}

#[test]
fn one_environment_or_one_account_makes_one_cell_inside_an_organisation() {
    assert_eq!(read(&file(&[ONE, TWO])).unwrap().cells(), [vec![0, 1]]);
    let apart = file(&[ONE, ("Fabrikam", "fabrikam", "gbsi", 2, "", "token = \"b\"")]);
    assert_eq!(read(&apart).unwrap().cells(), [vec![0], vec![1]]);
}

#[test]
fn what_may_not_stand_together_is_refused_by_name() {
    let cases = [
        (("Contoso us", "", "gbsi", 2, "", "token = \"b\""), "\"Contoso us\".name"),
        (("Other", "", "gbsi", 2, "id = \"contoso-us\"", "token = \"b\""), "\"Other\".id"),
        (("Other", "", "gbsi", 2, "id = \"Not This\"", "token = \"b\""), "\"Other\".id"),
        (("Other", "", "USMF", 1, "", "token = \"b\""), "\"Other\".channel"),
        (("Other", "", "usmf", 2, "", "token = \"b\""), "\"Other\".warehouses"),
        (("Other", "fabrikam", "gbsi", 2, "", "token = \"a\""), "\"Other\".shipbob.account"),
        (("Other", "fabrikam", "gbsi", 1, "", "token = \"b\""), "\"Other\".channel"),
    ];
    for (other, place) in cases {
        let why = read(&file(&[ONE, other])).unwrap_err();
        assert!(why.contains(place), "{place}: {why}");
        assert!(!why.contains("token"), "a secret may stand there: {why}");
    }
}

#[test]
fn a_sandbox_with_production_is_refused_unless_the_operator_insists() {
    let sandbox = |more: &'static str| {
        file(&[("Contoso US", "", "usmf", 1, more, "token = \"a\"")])
            .replace("https://contoso.operations", "https://contoso.sandbox.operations")
    };
    let why = read(&sandbox("")).unwrap_err();
    assert!(why.contains("override_pairing") && why.contains("connection"), "{why}");
    assert!(read(&sandbox("override_pairing = true")).is_ok());
}

#[test]
fn organisations_have_tokens_of_their_own() {
    let two = file(&[ONE, ("Fabrikam", "Fabrikam Ltd", "gbsi", 2, "", "token = \"b\"")]);
    assert_eq!(read(&two).unwrap().organisations(), ["default", "fabrikam-ltd"]);
    let all = format!("[server]\naccess_token = \"all\"\n{two}");
    assert!(read(&all).unwrap_err().contains("server.access_token"));
    let access = |organisation: &str, token: &str| {
        format!("[[access]]\norganisation = \"{organisation}\"\ntoken = \"{token}\"\n")
    };
    let good = format!("{}{}{two}", access("default", "x"), access("Fabrikam Ltd", "y"));
    assert_eq!(read(&good).unwrap().access.len(), 2);
    let same = format!("{}{}{two}", access("default", "x"), access("fabrikam-ltd", "x"));
    assert!(read(&same).unwrap_err().contains("access[1].token"));
    assert!(read(&format!("{}{two}", access("nobody", "x"))).unwrap_err().contains("access[0]"));
}
