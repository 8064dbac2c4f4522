//! Everything the client says to F&O against our book, and our book against what the client says.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{RequestId, SalesOrderNumber};
use domain::operation::{DeliverNow, Operation, UpdateLine, UpdateShipment};
use domain::request::{ShipmentRequest, UpdateStatus};
use domain::time::{Span, Timestamp};
use dynamics::{ChangeCursors, WriteReply};
use serde_json::Value;
use toml::Table;
use twins::{Tenant, TwinConfig};

use crate::book::{DYNAMICS, read, table, tables, text, texts};
use crate::client::{Client, Said};
use crate::none;

/// Where the actions of the package API are.
const PACKAGES: &str = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.";
const DAY: i64 = 86_400_000_000;

/// Every read that is about no single order.
async fn look(client: &Client) {
    let fo = &client.dynamics;
    let said = |what: &str, error: &dyn std::fmt::Debug| panic!("{what}: {error:?}");
    if let Err(e) = fo.probe(client.now()).await {
        said("probe", &e);
    }
    if let Err(e) = fo.products(client.now()).await {
        said("products", &e);
    }
    let doctor = fo.examine(client.now(), Some("SHIPBOB"), &|_| {}).await;
    assert_eq!(doctor.door, domain::doctor::Access::Good);
    if let Err(e) = fo.live_contract(client.now(), &dynamics::contract(), &|_| {}).await {
        said("live contract", &e);
    }
    let mut cursors = ChangeCursors::start(Timestamp(0));
    for _ in 0..3 {
        match fo.changes(client.now(), &cursors, Span::seconds(300)).await {
            Ok(changes) => cursors = changes.cursors,
            Err(e) => said("changes", &e),
        }
    }
}

/// Every call of the client once, with data that makes it say all it can.
async fn talk(client: &Client) {
    look(client).await;
    let orders = orders(client).await;
    let open =
        orders.iter().find(|o| o.lines.iter().any(|l| l.remaining > rust_decimal::Decimal::ONE));
    let open = open.unwrap_or_else(|| panic!("no open order to write to"));
    let note = |existing| Operation::WriteNote {
        order: open.number.clone(),
        description: "ShipBob shipment 1".to_owned(),
        text: "UPS Ground 1Z".to_owned(),
        existing,
        document_id: "7a6b0f3e-52cf-5d0f-9a53-0c1f6f0a7b11".to_owned(),
    };
    let line = open.lines.iter().find(|l| l.remaining > rust_decimal::Decimal::ONE);
    let line = line.unwrap_or_else(|| panic!("no open line"));
    write(client, note(None)).await;
    write(
        client,
        Operation::SetDeliverNow {
            order: open.number.clone(),
            lines: vec![DeliverNow {
                lot: line.lot.clone(),
                quantity: rust_decimal::Decimal::ONE,
                etag: line.etag.clone(),
            }],
            pool: Some(("SHIPBOB".to_owned(), open.etag.clone())),
        },
    )
    .await;
    client.pass(DAY);
    let orders = self::orders(client).await;
    let again = orders.iter().find(|o| o.number == open.number);
    let again = again.unwrap_or_else(|| panic!("{} is gone", open.number));
    let kept = again.notes.first().map(|n| (n.document_id.clone(), n.etag.clone()));
    assert!(kept.is_some(), "the note was not read back");
    write(client, note(kept)).await;
    let carrier = Operation::SetCarrier {
        order: again.number.clone(),
        carrier: "UPS".to_owned(),
        service: "GROUND".to_owned(),
        etag: again.etag.clone(),
    };
    write(client, carrier).await;
    let slipped = orders.iter().find_map(|o| Some((o, o.slips.first()?)));
    let (order, slip) = slipped.unwrap_or_else(|| panic!("no packing slip came"));
    let tracking = Operation::AddTracking {
        order: order.number.clone(),
        slip: slip.id.clone(),
        delivery_date: slip.delivery_date.clone(),
        number: "1Z999".to_owned(),
        url: "https://example.com/1Z999".to_owned(),
    };
    write(client, tracking).await;
}

/// Every call for externally managed warehouses once.
async fn talk_external(client: &Client, complete: bool) {
    let fo = &client.dynamics;
    let asked = fo.update_complete(client.now()).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(asked, Some(complete), "the action Complete");
    let open = fo.open_requests(client.now()).await.unwrap_or_else(|e| panic!("{e:?}"));
    let ids: Vec<RequestId> = open.iter().filter(|o| o.waits).map(|o| o.id.clone()).collect();
    let request = requests(client, &ids).await.into_iter().next();
    let request = request.unwrap_or_else(|| panic!("no request waits"));
    let answer = Operation::AnswerRequest {
        request: request.id.clone(),
        status: "Accepted".to_owned(),
        message: "ShipBob order 1".to_owned(),
        etag: request.etag.clone(),
    };
    write(client, answer).await;
    let lines = request.lines.iter().map(|l| UpdateLine {
        number: l.number,
        unit: l.unit.clone(),
        ordered: l.ordered,
        shipped: l.ordered,
        total: l.ordered,
    });
    let update = UpdateShipment {
        request: request.id.clone(),
        update: "SB-1".to_owned(),
        origin: request.origin.clone(),
        slip: "SB1".to_owned(),
        shipped: client.now(),
        transport: Some("1Z999".to_owned()),
        lines: lines.collect(),
        complete,
    };
    write(client, Operation::UpdateShipment(update)).await;
    client.pass(DAY);
    let again = requests(client, std::slice::from_ref(&request.id)).await;
    let updates = again.first().map(|r| r.updates.clone()).unwrap_or_default();
    assert_eq!(updates.first().map(|u| u.status.clone()), Some(UpdateStatus::Accepted));
}

/// Every call for warehouses with warehouse management once. The customer's own call is nobody's contract.
async fn talk_whs(client: &Client) {
    let fo = &client.dynamics;
    let ours = |id: &domain::ids::WarehouseId| ["SB01", "SB02"].contains(&id.as_str());
    let numbers: Vec<SalesOrderNumber> =
        (1..=40).map(|n| SalesOrderNumber::new(format!("SO-{n:06}"))).collect();
    let reads = fo.read_orders(client.now(), &numbers).await;
    let mut reads = reads.unwrap_or_else(|e| panic!("{e:?}"));
    fo.add_released(client.now(), &mut reads, &ours).await.unwrap_or_else(|e| panic!("{e:?}"));
    let released = reads.read.iter().filter_map(|r| r.order.as_ref()?.warehouse_release.as_ref());
    assert!(released.filter(|r| r.status == "Released" && !r.lines.is_empty()).count() > 5);
    let cursor = dynamics::SetCursor::start(Timestamp(0));
    let changes = fo.released_changes(client.now(), &cursor, Span::seconds(300)).await;
    let changes = changes.unwrap_or_else(|e| panic!("{e:?}"));
    let lots: Vec<String> = changes.rows.iter().map(|row| row.lot.clone()).collect();
    let of = fo.orders_of_lots(client.now(), &lots).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(of.len(), lots.len(), "every line has an order");
    let look = domain::custom_call::LookUp {
        set: "CustPackingSlipJourBiEntities".to_owned(),
        filter: "dataAreaId eq 'usmf' and SalesId eq 'SO-000001' and PackingSlipId eq 'SB1'"
            .to_owned(),
        field: None,
        equals: None,
    };
    let found = fo.look_up(client.now(), &[&look]).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(found, [Ok(false)]);
}

/// Stock: both on-hand sets, and a counting journal with every field a line can have.
async fn talk_stock(client: &Client, external: &Client) {
    let fo = &client.dynamics;
    let said = |what: &str, error: &dyn std::fmt::Debug| panic!("{what}: {error:?}");
    if let Err(e) = fo.stock_items(client.now(), None).await {
        said("stock items", &e);
    }
    let page = fo.on_hand(client.now(), &"SB01".into(), None).await;
    let page = page.unwrap_or_else(|e| panic!("on hand: {e:?}"));
    let row = page.rows.iter().find(|row| !row.key.size.is_empty()).or(page.rows.first());
    let row = row.unwrap_or_else(|| panic!("nothing on hand"));
    let line = domain::stock::CountLine {
        number: 1,
        sku: row.sku.clone(),
        key: row.key.clone(),
        counted: rust_decimal::Decimal::ZERO,
        physical: row.physical,
        variance: 1,
        unit: "ea".to_owned(),
        found: 0,
        posted: false,
        left_out: false,
    };
    let header = domain::stock::NewJournal {
        token: "ShipBob SB01 a0 1".to_owned(),
        name: "SBCount".to_owned(),
        site: "1".to_owned(),
        warehouse: "SB01".into(),
    };
    write(client, Operation::CreateJournal(header)).await;
    let read = fo.journal(client.now(), "ShipBob SB01 a0 1").await;
    let read = read.unwrap_or_else(|e| panic!("journal: {e:?}"));
    let read = read.unwrap_or_else(|| panic!("the journal is not there"));
    let lines = domain::stock::NewLines {
        token: "ShipBob SB01 a0 1".to_owned(),
        journal: read.number,
        site: "1".to_owned(),
        warehouse: "SB01".into(),
        at: client.now(),
        reason: "3PL".to_owned(),
        lines: vec![every_dimension(line.clone())],
    };
    // The twin has no item with all dimensions: what is said counts, not whether it is taken.
    client.dynamics.write(client.now(), &[Operation::WriteJournalLines(lines)]).await;
    let statuses = BTreeSet::new();
    let page =
        external.dynamics.on_hand_by_status(external.now(), &"SB01".into(), &statuses, None).await;
    assert!(!page.unwrap_or_else(|e| panic!("by status: {e:?}")).rows.is_empty());
    let new = domain::stock::NewAdjustments {
        token: "ShipBob SB01 a0 1".to_owned(),
        system: "EXTWMS".to_owned(),
        status: "Available".to_owned(),
        warehouse: "SB01".into(),
        prefix: "SB0A1B2Ca00000001".to_owned(),
        lines: vec![line.clone()],
    };
    write(external, Operation::AdjustStock(new.clone())).await;
    let all = domain::stock::NewAdjustments { lines: vec![every_dimension(line)], ..new.clone() };
    external.dynamics.write(external.now(), &[Operation::AdjustStock(all)]).await;
    let read = external.dynamics.adjustments_like(external.now(), "EXTWMS", &new.prefix).await;
    assert_eq!(read.unwrap_or_else(|e| panic!("adjustments: {e:?}")).len(), 1);
}

fn every_dimension(mut line: domain::stock::CountLine) -> domain::stock::CountLine {
    let key = &mut line.key;
    for part in
        [&mut key.color, &mut key.size, &mut key.style, &mut key.configuration, &mut key.version]
    {
        "X".clone_into(part);
    }
    line
}

/// Every call for charges on orders once.
async fn talk_charges(client: &Client) {
    let fo = &client.dynamics;
    let codes = fo.charge_codes(client.now(), &["SBCOST".to_owned(), "FREIGHT".to_owned()]).await;
    let codes = codes.unwrap_or_else(|e| panic!("charge codes: {e:?}"));
    let good: Vec<bool> = codes.iter().map(domain::charge::ChargeCode::bills_nobody).collect();
    assert_eq!(good, [false, true], "{codes:?}");
    let order = orders(client).await.swap_remove(0);
    let charge = domain::charge::NewCharge {
        order: order.number.clone(),
        shipment: domain::ids::ShipmentId(7),
        line: 900,
        last_line: 900,
        code: "SBCOST".to_owned(),
        amount: rust_decimal::Decimal::new(845, 2),
        currency: "USD".to_owned(),
        description: "ShipBob 7".to_owned(),
        keep: false,
    };
    let (manifest, header, project) = client.twins.data_project();
    let package = domain::charge::Package { manifest, header, ..Default::default() };
    let zip = dynamics::package(&package, std::slice::from_ref(&charge));
    let url = fo.write_url(client.now(), "charges.zip").await;
    let url = url.unwrap_or_else(|e| panic!("write url: {e:?}"));
    fo.upload(client.now(), &url, zip).await.unwrap_or_else(|e| panic!("upload: {e:?}"));
    let reply = fo.import(client.now(), &url, project, "ours-1").await;
    assert_eq!(reply, dynamics::ImportReply::Accepted("ours-1".to_owned()));
    client.pass(DAY);
    let state = fo.import_state(client.now(), "ours-1").await;
    assert_eq!(state.ok(), Some(domain::charge::ImportState::Succeeded));
    let errors = fo.import_errors(client.now(), "ours-1").await;
    assert_eq!(errors.unwrap_or_else(|e| panic!("errors: {e:?}")), Vec::<String>::new());
    let seen = fo.charged(client.now(), std::slice::from_ref(&order.number)).await;
    let seen = seen.unwrap_or_else(|e| panic!("charged: {e:?}"));
    let all: Vec<bool> = seen[0].charges.iter().map(|one| charge.stands(one)).collect();
    assert_eq!(all, [true], "read back as it was written: {seen:?}");
}

async fn requests(client: &Client, ids: &[RequestId]) -> Vec<ShipmentRequest> {
    let reads = client.dynamics.read_requests(client.now(), ids).await;
    let reads = reads.unwrap_or_else(|e| panic!("read_requests: {e:?}"));
    assert!(reads.unread.is_empty(), "{:?}", reads.unread);
    reads.read.into_iter().filter_map(|read| read.request).collect()
}

async fn orders(client: &Client) -> Vec<domain::sales::SalesOrder> {
    let numbers: Vec<SalesOrderNumber> =
        (1..=40).map(|n| SalesOrderNumber::new(format!("SO-{n:06}"))).collect();
    let reads = client.dynamics.read_orders(client.now(), &numbers).await;
    let reads = reads.unwrap_or_else(|e| panic!("read_orders: {e:?}"));
    assert!(reads.unread.is_empty(), "{:?}", reads.unread);
    reads.read.into_iter().filter_map(|read| read.order).collect()
}

async fn write(client: &Client, operation: Operation) {
    let name = operation.name();
    let replies = client.dynamics.write(client.now(), &[operation]).await;
    let done = matches!(replies.as_slice(), [WriteReply::Done]);
    assert!(done, "{name}: {replies:?}");
}

/// Set → the properties the client names, and the methods it uses.
#[derive(Default)]
struct Used {
    properties: BTreeMap<String, BTreeSet<String>>,
    methods: BTreeMap<String, BTreeSet<String>>,
    faults: BTreeSet<String>,
}

impl Used {
    fn names(&mut self, set: &str, names: impl IntoIterator<Item = String>) {
        self.properties.entry(set.to_owned()).or_default().extend(names);
    }

    /// A request for rows of a set.
    fn rows(&mut self, fo: &Table, said: &Said) {
        let path = said.path.trim_start_matches("/data/");
        let (path, action) = match path.split_once("/Microsoft.Dynamics.DataEntities.") {
            Some((row, name)) => (row, Some(name)),
            None => (path, None),
        };
        if action.is_some_and(|name| name != "Complete") {
            self.faults.insert(format!("{path}: action {action:?}"));
        }
        let (set, keys) = path.split_once('(').unwrap_or((path, ""));
        self.methods.entry(set.to_owned()).or_default().insert(said.method.clone());
        let options = texts(fo, "query.options");
        for (name, value) in &said.query {
            if !options.contains(name) {
                self.faults.insert(format!("{set}: {name} is no option of the book"));
            }
            match name.as_str() {
                "$select" => self.names(set, value.split(',').map(str::to_owned)),
                "$filter" | "$orderby" => {
                    let names = identifiers(fo, value, &mut self.faults);
                    self.names(set, names);
                }
                _ => {}
            }
        }
        if !said.query.iter().any(|(n, v)| n == "cross-company" && v == "true") {
            self.faults.insert(format!("{} {set} without cross-company", said.method));
        }
        let named: BTreeSet<String> = keys
            .trim_end_matches(')')
            .split(',')
            .filter_map(|part| Some(part.split_once('=')?.0.to_owned()))
            .collect();
        if !keys.is_empty() && named != texts(fo, &format!("set.{set}.key")) {
            self.faults.insert(format!("{set}: key {named:?}"));
        }
        self.names(set, named);
        if !said.body.is_empty() {
            let body: Value = serde_json::from_str(&said.body).unwrap_or_default();
            self.names(set, body.as_object().into_iter().flatten().map(|(n, _)| n.clone()));
            if body.as_object().is_none_or(serde_json::Map::is_empty) {
                self.faults.insert(format!("{} {set}: no JSON object", said.method));
            }
        }
        // An update is committed in the change set that made it: there is no etag yet.
        let commit = set == "OutboundShipmentOrderUpdates";
        if said.method == "PATCH"
            && !commit
            && said.header("if-match").is_none_or(|etag| etag == "*")
        {
            self.faults.insert(format!("PATCH {set} without the etag of the row"));
        }
    }
}

/// The properties a filter or an order names; texts, numbers, times and operators left out.
fn identifiers(fo: &Table, expression: &str, faults: &mut BTreeSet<String>) -> Vec<String> {
    let operators = texts(fo, "query.operators");
    let bare: String = expression.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let mut names = Vec::new();
    for word in bare.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()) {
        let literal = word.strip_prefix("Microsoft.Dynamics.DataEntities.");
        if literal.is_some_and(|name| table(fo, &format!("enum.{name}")).is_empty()) {
            faults.insert(format!("{word} is no enum of the book"));
        }
        let known = operators.contains(word) || ["asc", "desc"].contains(&word);
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        if literal.is_none() && !known && !number {
            names.push(word.to_owned());
        }
    }
    names
}

#[tokio::test]
async fn every_word_said_to_fo_is_in_the_book_and_the_book_has_no_other() {
    let client = Client::start();
    talk(&client).await;
    let world = TwinConfig { external: true, ..TwinConfig::default() };
    let tenant = Tenant::named("external-no-complete").unwrap_or_default();
    let without = Client::start_in(TwinConfig { tenant, ..world.clone() });
    let with = Client::start_in(world);
    talk_external(&with, true).await;
    talk_external(&without, false).await;
    let whs = Client::start_in(TwinConfig { whs: true, ..TwinConfig::default() });
    talk_whs(&whs).await;
    talk_stock(&client, &with).await;
    let charges = Client::start_in(TwinConfig { never_invoiced: true, ..TwinConfig::default() });
    talk_charges(&charges).await;
    let said = charges
        .said()
        .into_iter()
        .chain(client.said())
        .chain(with.said())
        .chain(without.said())
        .chain(whs.said());
    let fo = read(DYNAMICS);
    let mut used = Used::default();
    let sent: BTreeSet<String> =
        table(&fo, "header.sent").keys().map(|k| k.to_lowercase()).collect();
    let headers = |said: &Said, faults: &mut BTreeSet<String>| {
        for (name, _) in said.headers.iter().filter(|(name, _)| !sent.contains(name)) {
            faults.insert(format!("{}: header {name}", said.path));
        }
    };
    for said in said {
        let mut faults = BTreeSet::new();
        if said.host == client.credentials.login_url.trim_start_matches("https://") {
            let form: BTreeSet<String> = said
                .body
                .split('&')
                .filter_map(|part| Some(part.split_once('=')?.0.to_owned()))
                .collect();
            assert_eq!(form, texts(&fo, "token.form"), "the form of the token");
            continue;
        }
        if !said.path.starts_with("/twin-blobs/") {
            headers(&said, &mut faults);
        }
        if said.path == "/data/$batch" {
            assert!(!said.parts().is_empty(), "a batch without parts:\n{}", said.body);
            for part in said.parts() {
                headers(&part, &mut faults);
                used.rows(&fo, &part);
            }
        } else if let Some(action) = said.path.strip_prefix(PACKAGES) {
            let book =
                tables(&fo, "path").iter().any(|path| texts(path, "actions").contains(action));
            if !book {
                faults.insert(format!("no action {action}"));
            }
        } else if said.path.starts_with("/twin-blobs/") {
            let bare = said.header("authorization").is_none();
            assert!(bare, "our token was sent to the store of blobs");
            continue;
        } else if said.path.starts_with("/data/") {
            used.rows(&fo, &said);
        } else {
            let shape = said.path.split('\'').step_by(2).collect::<Vec<_>>().join("'{type}'");
            if !tables(&fo, "path").iter().any(|path| text(path, "path") == shape) {
                faults.insert(format!("no path {shape}"));
            }
        }
        used.faults.extend(faults);
    }
    none(&compare(&fo, used));
}

fn compare(fo: &Table, used: Used) -> Vec<String> {
    let mut faults: Vec<String> = used.faults.into_iter().collect();
    for (set, names) in &used.properties {
        let ours = table(fo, &format!("set.{set}.properties"));
        for name in names.iter().filter(|name| !ours.contains_key(*name)) {
            faults.push(format!("{set}.{name} is not in the book"));
        }
        let access = texts(fo, &format!("set.{set}.access"));
        for method in used.methods.get(set).into_iter().flatten() {
            let word = match method.as_str() {
                "GET" => "read",
                "POST" => "create",
                "PATCH" => "patch",
                _ => "nothing",
            };
            if !access.contains(word) {
                faults.push(format!("{set}: {method}, and the book says {access:?}"));
            }
        }
    }
    for (set, _) in table(fo, "set") {
        let names = used.properties.get(set).cloned().unwrap_or_default();
        for (name, _) in table(fo, &format!("set.{set}.properties")) {
            if !names.contains(name) {
                faults.push(format!("{set}.{name} is in the book and nobody says it"));
            }
        }
    }
    faults
}
