//! The console tells the truth about every flow: on or off, read or not, and who stopped it.

use super::html::tags;
use super::*;
use domain::operation::Flow;

/// The name of the row of a flow, its word, its page and its section.
const ALL: [(&str, &str, &str, &str); 6] = [
    ("Orders", "orders", "/orders", ""),
    ("Fulfilment", "fulfilment", "/orders?state=shipped", ""),
    ("Products", "products", "/products", "[connection.products]"),
    ("Inventory", "inventory", "/stock", "[connection.inventory]"),
    ("Billing", "billing", "/finance", "[connection.billing]"),
    ("Returns", "returns", "/returns", "[connection.returns]"),
];

/// The table of flows and what stands below it.
fn table(html: &str) -> &str {
    let from = html.split("id=\"flows\"").nth(1).unwrap();
    from.split("</div>").next().unwrap()
}

/// The rows that tell of a flow: its own, and the notes below it.
fn rows_of<'h>(table: &'h str, name: &str) -> &'h str {
    let begins = format!("\">{name}</a><span class=\"dir");
    let from = table.split(begins.as_str()).nth(1).unwrap_or_default();
    from.split("<th scope=\"row\">").next().unwrap_or_default()
}

fn posts(html: &str) -> Vec<&str> {
    html.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_flow_that_is_on_has_a_row_with_buttons_that_work() {
    let site = Site::entered(World::Busy).await;
    for room in ["/", "/system"] {
        let html = site.get(room).await.body;
        let table = table(&html);
        for (name, word, ..) in ALL {
            let row = rows_of(table, name);
            assert!(row.contains("Dynamics"), "{room}: {name} has no direction: {row}");
            assert!(row.contains(" ago</td>"), "{room}: {name} has no last run: {row}");
            assert!(row.contains(">in <time"), "{room}: {name} has no next run: {row}");
            for verb in ["run-now", "pause"] {
                let address = format!("/flows/{word}/{verb}");
                assert!(posts(row).contains(&address.as_str()), "{room}: {address}");
            }
        }
        assert!(!table.contains("Off:"), "{room}: nothing is off");
    }
    let html = site.get("/system").await.body;
    let csrf = super::pages::csrf(&html);
    for (nth, (_, word, ..)) in ALL.iter().enumerate() {
        for verb in ["run-now", "pause", "resume"] {
            let key = format!("abcdefgh{nth}{verb}");
            let fields = [("csrf", csrf.as_str()), ("key", key.as_str()), ("back", "/system")];
            let reply = site.form(&format!("/flows/{word}/{verb}"), &fields).await;
            assert_eq!(reply.header("location"), format!("/system?done={verb}"));
        }
    }
    let asked = site.sample.commands();
    assert_eq!(asked.len(), ALL.len() * 3);
    let of = |flow: Flow| {
        asked.iter().filter(|c| c.target.key() == crate::command::flow_word(flow)).count()
    };
    assert!(Flow::ALL.into_iter().all(|flow| of(flow) == 3), "a word is not a flow's");
}

#[tokio::test]
async fn what_waits_in_a_flow_is_told_in_its_own_measure() {
    let html = Site::entered(World::Busy).await.get("/system").await.body;
    let table = table(&html);
    for (name, words) in [
        ("Orders", "14 to write"),
        ("Products", "2 items wait for a person"),
        ("Inventory", "1 journal to approve"),
        ("Billing", "1 invoice differs"),
        ("Returns", "4 returns are open"),
    ] {
        assert!(rows_of(table, name).contains(words), "{name}: {}", rows_of(table, name));
    }
    let calm = Site::entered(World::Calm).await.get("/system").await.body;
    assert!(rows_of(self::table(&calm), "Billing").contains("nothing"));
}

#[tokio::test]
async fn a_paused_inventory_shows_as_paused_with_who_and_why() {
    let site = Site::entered(World::Paused).await;
    for room in ["/", "/system"] {
        let html = site.get(room).await.body;
        let row = rows_of(table(&html), "Inventory");
        assert!(row.contains("Paused</span>"), "{room}: {row}");
        assert!(row.contains("Paused by Mara König since"), "{room}: {row}");
        assert!(row.contains("Count in Moreno Valley until Thursday, &lt;ask Ada&gt;"), "{room}");
        assert!(posts(row).contains(&"/flows/inventory/resume"), "{room}: {row}");
        assert!(!posts(row).contains(&"/flows/inventory/run-now"), "{room}: it would not run");
        assert!(!rows_of(table(&html), "Billing").contains("Paused"), "{room}");
    }
    let said = site.get("/").await.body;
    assert!(said.contains("is paused; no write waits for it."), "a journal waits for a person");
    let stock = site.get("/stock").await.body;
    assert!(stock.contains("Paused by Mara König since"), "{stock}");
    assert!(posts(&stock).contains(&"/flows/inventory/resume"));
}

#[tokio::test]
async fn what_went_wrong_stands_below_its_flow_and_on_its_page() {
    let site = Site::entered(World::Paused).await;
    let html = site.get("/").await.body;
    let told = "Billing needs a token with billing_read";
    assert!(rows_of(table(&html), "Billing").contains(told));
    assert!(!rows_of(table(&html), "Returns").contains(told));
    assert!(site.get("/finance").await.body.contains(told));
    let refused = Site::entered(World::Refused).await;
    let html = refused.get("/system").await.body;
    assert!(rows_of(table(&html), "Returns").contains("ShipBob must be connected first"));
}

#[tokio::test]
async fn a_flow_that_is_off_is_named_with_the_section_that_turns_it_on() {
    let site = Site::entered(World::New).await;
    for room in ["/", "/system"] {
        let html = site.get(room).await.body;
        let table = table(&html);
        assert!(table.contains("Off: Products (<code>[connection.products]</code>), Returns (<code>[connection.returns]</code>)"), "{room}: {table}");
        assert!(table.contains("href=\"/settings/edit\""), "{room}");
        assert!(rows_of(table, "Products").is_empty() && rows_of(table, "Returns").is_empty());
        assert!(!rows_of(table, "Inventory").is_empty(), "{room}: it is on");
    }
    for (name, word, page, section) in ALL {
        if !matches!(word, "products" | "returns") {
            continue;
        }
        let html = site.get(page).await.body;
        assert!(html.contains(&format!("{name} is off")), "{page}: {html}");
        assert!(html.contains(section) && html.contains("href=\"/settings/edit\""), "{page}");
        assert!(!posts(&html).iter().any(|post| post.starts_with("/flows/")), "{page}");
    }
}

#[tokio::test]
async fn an_empty_page_of_a_running_flow_does_not_say_it_is_off() {
    let new = Site::entered(World::New).await;
    for (name, word, page, section) in ALL {
        if !matches!(word, "inventory" | "billing") {
            continue;
        }
        let html = new.get(page).await.body;
        assert!(
            html.contains(&format!("{name} is on, and nothing was read yet.")),
            "{page}: {html}"
        );
        assert!(html.contains("The first run is due in <time"), "{page}: {html}");
        assert!(posts(&html).contains(&format!("/flows/{word}/run-now").as_str()), "{page}");
        assert!(!html.contains(section) && !html.contains(" is off"), "{page}: {html}");
    }
    let calm = Site::entered(World::Calm).await;
    for (page, words) in [
        ("/finance", "ShipBob has charged nothing in the days that are read."),
        ("/returns", "ShipBob has none."),
    ] {
        let html = calm.get(page).await.body;
        assert!(html.contains(words) && html.contains("Last run <time"), "{page}: {html}");
        assert!(!html.contains(" is off") && !html.contains("[connection."), "{page}: {html}");
    }
    let stock = calm.get("/stock").await.body;
    assert!(stock.contains("Running</span>") && stock.contains("The next one is under way."));
}

#[tokio::test]
async fn programs_are_told_the_same_flows_as_people() {
    let site = Site::entered(World::Paused).await;
    let status: serde_json::Value =
        serde_json::from_str(&site.get("/api/v1/status").await.body).unwrap();
    let flows = status["flows"].as_array().unwrap();
    assert_eq!(flows.len(), ALL.len());
    for flow in flows {
        assert!(flow["last_run"].is_string(), "{flow}");
        assert_eq!(flow["paused"], flow["flow"] == "inventory", "{flow}");
    }
    let overview: serde_json::Value =
        serde_json::from_str(&site.get("/api/v1/overview").await.body).unwrap();
    assert_eq!(overview["flows"].as_array().unwrap().len(), ALL.len());
}

#[tokio::test]
async fn pages_of_flows_are_whole_in_every_world() {
    for world in [World::Busy, World::Calm, World::New, World::Refused, World::Paused] {
        let site = Site::entered(world).await;
        for (.., page, _) in ALL {
            let html = site.get(page).await.body;
            let opened = tags(&html).iter().filter(|tag| tag.name == "main").count();
            assert_eq!((opened, html.matches("</main>").count()), (1, 1), "{world:?} {page}");
            assert_eq!(html.matches("<div").count(), html.matches("</div>").count(), "{page}");
        }
    }
}

#[test]
fn a_closed_centre_says_what_waits_for_it() {
    use domain::ids::CentreId;
    use domain::mapping::Mapping;
    use std::collections::BTreeSet;
    let set = |ids: &[i64]| ids.iter().copied().map(CentreId).collect::<BTreeSet<_>>();
    let line = |mapping: Mapping, closed: &[i64]| crate::status::WarehouseLine {
        warehouse: "24".to_owned(),
        profile: "plain",
        mapping,
        closed: set(closed),
    };
    let network = || Mapping::Network(set(&[1, 8]));
    assert_eq!(line(network(), &[]).waits(), None);
    let words = |line: crate::status::WarehouseLine| line.waits().unwrap_or_default();
    assert!(words(line(Mapping::Pinned(CentreId(1)), &[1])).contains("orders and its stock wait"));
    assert!(words(line(network(), &[1, 8])).contains("orders and its stock wait"));
    assert!(words(line(network(), &[8])).contains("its stock waits"));
}
