//! A settings document: what is right is read, what is wrong is named with line and column.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use app::config::document::{read, read_bytes, write};
use app::config::{Config, REFERENCE};
use app::settings::promote::{export, import};
use app::wiring::twin_settings;
use domain::settings::Settings;
use domain::time::Timestamp;
use twins::{TwinConfig, Twins};

/// The reference with every optional section.
fn whole() -> Settings {
    let from = REFERENCE.find("# [connection.products]").unwrap();
    let to = REFERENCE.find("\n[connection.methods]").unwrap();
    let on = |text: &str| -> String {
        let lines = text.lines().map(|line| line.trim_start_matches("# ").to_owned());
        lines.collect::<Vec<_>>().join("\n")
    };
    let text = REFERENCE.replace(&REFERENCE[from..to], &on(&REFERENCE[from..to]));
    let billing = text.find("# [connection.billing]").unwrap();
    let end = text[billing..].find("\n[connection.products]").unwrap() + billing;
    let text = text.replace(&text[billing..end], &on(&text[billing..end]));
    let config = Config::parse(&text, &|_| Some("secret".to_owned())).unwrap();
    config.settings().unwrap()
}

fn document() -> String {
    write(&whole()).unwrap()
}

#[test]
fn every_setting_of_the_reference_is_written_and_read_again() {
    let settings = whole();
    assert!(settings.products.is_some() && settings.inventory.is_some());
    assert!(settings.billing.is_some());
    let text = write(&settings).expect("a document of every section");
    assert_eq!(read(&text).unwrap(), settings);
    assert!(!text.contains("secret") && !text.contains("https://"), "{text}");
    let base = TwinConfig { orders: 1, ..TwinConfig::default() };
    for config in [
        base.clone(),
        TwinConfig { external: true, ..base.clone() },
        TwinConfig { whs: true, tier3: true, ..base.clone() },
        TwinConfig { network: true, billing: true, skus: 10, ..base },
    ] {
        let settings =
            twin_settings(&Twins::new(config).mapping(), Timestamp(1_795_000_000_000_000));
        let text = write(&settings).expect("a document of a twin");
        assert_eq!(Settings { version: settings.version, ..read(&text).unwrap() }, settings);
    }
}

#[test]
fn what_is_wrong_is_named_with_line_and_column() {
    let good = document();
    let told = |text: &str| read(text).expect_err("it is wrong").remove(0);
    let line_of = |text: &str, word: &str| text[..text.find(word).unwrap()].lines().count();
    let text = good.replace("batch_pool =", "batch_pol =");
    let found = told(&text);
    assert!(found.why.contains("unknown field `batch_pol`"), "{found}");
    assert_eq!(found.line, Some(line_of(&text, "batch_pol") + 1), "{found}\n{text}");
    assert_eq!(found.column, Some(1));
    let text = good.replace("channel = ", "channel = \"x\" # ");
    let found = told(&text);
    assert!(found.why.contains("invalid type"), "{found}");
    assert_eq!((found.line, found.column), (Some(line_of(&text, "channel = \"x\"") + 1), Some(11)));
    let text = good.replace("watch = 900", "watch = 99999999");
    let found = told(&text);
    assert!(found.why.contains("connection.schedule.watch"), "{found}");
    assert_eq!(found.line, Some(line_of(&text, "watch = 9999") + 1));
    let found = told("[connection]\ncompany = \"usmf\n");
    assert_eq!(found.line, Some(2), "{found}");
}

#[test]
fn what_is_no_setting_is_refused() {
    let good = document();
    let refused = |text: String, words: &str| {
        let found = read(&text).expect_err(words);
        let all: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(all.join("\n").contains(words), "{words}: {all:?}");
    };
    refused(
        format!("{good}\n[connection.shipbob]\nurl = \"https://x\"\n"),
        "shipbob is no setting",
    );
    refused(
        good.replacen("[connection]\n", "[connection]\nname = \"x\"\n", 1),
        "name is no setting",
    );
    refused(format!("[server]\nlisten = \"x\"\n{good}"), "server is not part of the settings");
    refused(
        good.replace("watch = 900", "watch = 900\nlease = 400"),
        "lease belongs to the process",
    );
    refused(good.replacen("[connection]\n", "[[connection]]\n", 1), "connection");
    refused(good.replace("\"SHIPBOB\"", "\"${HOME}\""), "not filled from the environment");
    refused("a = 1".to_owned(), "a is not part of the settings");
    refused("connection = { company = \"x\" }".to_owned(), "line 1");
    refused(good.replace("watch = 900", "watch = 900\0"), "nul byte");
    let found = read_bytes(b"[connection]\ncompany = \"\xff\"\n").unwrap_err();
    assert_eq!((found[0].line, found[0].column), (Some(2), Some(12)));
    assert!(found[0].why.contains("UTF-8"));
    let big = format!("{good}# {}", "x".repeat(1 << 20));
    assert!(read_bytes(big.as_bytes()).unwrap_err()[0].why.contains("are the most"));
}

#[test]
fn a_promoted_file_carries_what_is_decided_and_lists_what_is_bound() {
    let settings = whole();
    let text = document();
    let file = export(&text, "Sandbox", 3, Timestamp(0)).unwrap();
    let (bound, rest) = file.split_once("[connection]").unwrap();
    assert!(bound.contains("channel = 318301") && bound.contains("SB01 = 1"), "{bound}");
    assert!(!rest.contains("318301") && !rest.contains("centre"), "{rest}");
    let words = |file: &str| -> String {
        let all = import(file).expect_err("refused");
        all.iter().map(|one| one.to_string() + "\n").collect()
    };
    let refused = words(&file);
    assert!(refused.contains("confirmed") && refused.contains("centres.SB01 = 1"), "{refused}");
    let confirmed = file.replace("confirmed = false", "confirmed = true");
    assert_eq!(read(&import(&confirmed).unwrap()).unwrap(), settings);
    let other = confirmed.replace("SB01 = 1", "SB01 = [4, 5]").replace("318301", "77");
    let made = read(&import(&other).unwrap()).unwrap();
    assert!(made.channel.0 == 77 && made.warehouses[0].mapping.is_network(), "{made:?}");
    assert!(
        words(&confirmed.replace("SB01 = 1", "SB09 = 1")).contains("nothing of warehouse SB01")
    );
    assert!(words(&text).contains("[environment] is missing"));
    assert!(
        words(&confirmed.replace("\nconfirmed = true", "\nconfirmed = true\nsurprise = 1"))
            .contains("surprise")
    );
    let with_address = text.replace("\"SHIPBOB\"", "\"https://host\"");
    assert!(export(&with_address, "x", 1, Timestamp(0)).unwrap_err().contains("batch_pool"));
}
