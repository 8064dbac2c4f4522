//! The data management package API: blobs, imports that take their time, and what they say of the rows they left out.
//!
//! Strict: an upload needs its address and nothing else, a package needs the manifest and header of the customer's data
//! project and every column its mapping names, an execution id is used once, and imports do not run side by side.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::auth::Caller;
use super::charges::{self, Row};
use super::life::LifeEvent;
use super::refusal::Refusal;
use super::zip;
use crate::world::calendar::SECOND;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};
use crate::world::ledger::{System, effect};
use crate::world::{Event, World};

/// Where its actions are.
pub(super) const ACTIONS: &str =
    "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.";
/// Where blobs are.
pub(super) const BLOBS: &str = "/twin-blobs/";
/// The customer's data project.
pub(crate) const PROJECT: &str = "ShipBobCharges";
/// The only entity of it.
const ENTITY: &str = "Sales order header charges V2";
const FILE: &str = "Sales order header charges V2.csv";
/// Columns its mapping names.
const COLUMNS: [&str; 10] = [
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

/// `Manifest.xml` and `PackageHeader.xml` as this environment exports them from the data project.
pub(crate) fn exported() -> (String, String) {
    let manifest = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<DataManagementPackageManifest>\n  <DefinitionGroupName>{PROJECT}</DefinitionGroupName>\n  <PackageEntityList>\n    <DataManagementPackageEntityData>\n      <EntityName>{ENTITY}</EntityName>\n      <TargetEntity>SalesOrderHeaderChargeV2Entity</TargetEntity>\n      <InputFilePath>{FILE}</InputFilePath>\n      <FileFormat>CSV</FileFormat>\n    </DataManagementPackageEntityData>\n  </PackageEntityList>\n</DataManagementPackageManifest>\n"
    );
    let header = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<DataManagementPackageHeader>\n  <Description>Charges from ShipBob</Description>\n  <ManifestType>Import</ManifestType>\n</DataManagementPackageHeader>\n";
    (manifest, header.to_owned())
}

/// Blobs and imports of one environment.
#[derive(Default)]
pub(crate) struct Imports {
    /// By name: signature and content.
    blobs: BTreeMap<String, (String, Option<Bytes>)>,
    runs: Vec<Run>,
    /// What the customer's service took, and is not shown yet.
    late: VecDeque<(u32, String, Row)>,
}

/// One import.
struct Run {
    /// As the client said it, or ours.
    id: String,
    blob: String,
    status: &'static str,
    errors: Vec<(String, String)>,
    /// Rows that are taken, not shown yet.
    rows: Vec<(u32, String, Row)>,
    /// Somebody deleted its job history: it is not known any more, and what had not begun to be taken never is.
    forgotten: bool,
}

impl Run {
    fn over(&self) -> bool {
        self.forgotten || !matches!(self.status, "NotRun" | "Executing")
    }
}

/// `PUT` of a blob: no token, the address is permission enough.
pub(super) fn upload(world: &mut World, request: &TwinRequest) -> Option<TwinResponse> {
    let name = decode(request.path.strip_prefix(BLOBS)?);
    let denied =
        |status| Some(TwinResponse::bytes(status, "application/xml", b"<Error/>".to_vec()));
    if request.method != http::Method::PUT
        || request.header("x-ms-blob-type") != Some("BlockBlob")
        || request.header("authorization").is_some()
    {
        return denied(400);
    }
    let given = request.query.strip_prefix("sig=").unwrap_or_default().to_owned();
    match world.dynamics.imports.blobs.get_mut(&name) {
        Some((signature, content)) if *signature == given => {
            *content = Some(request.body.clone());
            Some(TwinResponse::empty(201))
        }
        _ => denied(403),
    }
}

/// Answers an action of the API; `None` for everything else.
pub(super) fn route(
    world: &mut World,
    caller: Caller,
    request: &TwinRequest,
    base: &str,
) -> Option<Result<TwinResponse, Refusal>> {
    let action = request.path.strip_prefix(ACTIONS)?;
    if caller == Caller::Stranger {
        return Some(Err(Refusal::Forbidden));
    }
    if request.method != http::Method::POST {
        return Some(Err(Refusal::Method));
    }
    Some(act(world, action, request, base))
}

fn act(
    world: &mut World,
    action: &str,
    request: &TwinRequest,
    base: &str,
) -> Result<TwinResponse, Refusal> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
    let members = body.as_object().ok_or(Refusal::Invocation)?;
    let only = |names: &[&str]| {
        let known = members.len() == names.len() && names.iter().all(|n| members.contains_key(*n));
        known.then_some(()).ok_or(Refusal::Invocation)
    };
    let text = |name: &str| {
        let value = members.get(name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or(Refusal::Invocation)
    };
    let value = match action {
        "GetAzureWriteUrl" => {
            only(&["uniqueFileName"])?;
            write_url(world, &text("uniqueFileName")?, base)?
        }
        "ImportFromPackage" => {
            only(&[
                "packageUrl",
                "definitionGroupId",
                "executionId",
                "execute",
                "overwrite",
                "legalEntityId",
            ])?;
            let flag = |name: &str| body.get(name).and_then(Value::as_bool);
            if flag("execute") != Some(true) || flag("overwrite").is_none() {
                return Err(Refusal::Invocation);
            }
            let asked = Asked {
                url: text("packageUrl")?,
                group: text("definitionGroupId")?,
                id: text("executionId")?,
                company: text("legalEntityId")?,
            };
            import(world, &asked)?
        }
        "GetExecutionSummaryStatus" => {
            only(&["executionId"])?;
            run_of(world, &text("executionId")?).map_or("Unknown", |run| run.status).to_owned()
        }
        "GetExecutionErrors" => {
            only(&["executionId"])?;
            let silent = world.config.tenant.import_errors_empty;
            let run = run_of(world, &text("executionId")?)
                .ok_or_else(|| said("The execution does not exist."))?;
            let rows = run.errors.iter().filter(|_| !silent);
            let rows: Vec<Value> = rows
                .map(
                    |(record, text)| json!({"RecordId": record, "Field": "", "ErrorMessage": text}),
                )
                .collect();
            Value::Array(rows).to_string()
        }
        _ => return Err(Refusal::NoRoute(request.path.clone())),
    };
    let context = format!("{base}/data/$metadata#Edm.String");
    Ok(TwinResponse::json(200, &json!({"@odata.context": context, "value": value})))
}

fn said(text: &str) -> Refusal {
    Refusal::Infolog { entity: "DMFDefinitionGroupEntity", text: format!("Error: {text}") }
}

fn run_of<'w>(world: &'w World, id: &str) -> Option<&'w Run> {
    let mut known = world.dynamics.imports.runs.iter().filter(|run| !run.forgotten);
    known.find(|run| run.id.eq_ignore_ascii_case(id.trim()))
}

/// Somebody deletes the job history of data management, with what is under way: no execution is known any more. How many
/// there were.
pub(crate) fn forget(world: &mut World) -> usize {
    let known = world.dynamics.imports.runs.iter_mut().filter(|run| !run.forgotten);
    known.map(|run| run.forgotten = true).count()
}

fn write_url(world: &mut World, name: &str, base: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        return Err(said("The file name is not valid."));
    }
    let nth = world.dynamics.imports.blobs.len();
    let blob = format!("{nth}-{name}");
    let signature = world.chance.hex("blob", &blob, 24);
    let url = format!("{base}{BLOBS}{blob}?sig={signature}");
    world.dynamics.imports.blobs.insert(blob.clone(), (signature, None));
    Ok(json!({"BlobId": format!("{{{blob}}}"), "BlobUrl": url}).to_string())
}

struct Asked {
    url: String,
    group: String,
    id: String,
    company: String,
}

fn import(world: &mut World, asked: &Asked) -> Result<String, Refusal> {
    if !asked.group.eq_ignore_ascii_case(PROJECT) {
        return Err(said(&format!("The definition group {} does not exist.", asked.group)));
    }
    if !asked.company.eq_ignore_ascii_case(world.seed.company) {
        return Err(said(&format!("The legal entity {} does not exist.", asked.company)));
    }
    let name = asked.url.split_once(BLOBS).map(|(_, rest)| rest.split('?').next().unwrap_or(rest));
    let name = decode(name.unwrap_or_default());
    let there = world.dynamics.imports.blobs.get(&name).is_some_and(|(_, blob)| blob.is_some());
    if !there {
        return Err(said("The package could not be downloaded."));
    }
    let runs = &world.dynamics.imports.runs;
    if runs.iter().any(|run| run.blob == name) {
        return Err(said("The package was imported before."));
    }
    let ours = !asked.id.is_empty() && !world.config.tenant.import_own_ids;
    if ours && runs.iter().any(|run| run.id.eq_ignore_ascii_case(&asked.id)) {
        return Err(said(&format!("The execution {} exists already.", asked.id)));
    }
    if runs.iter().any(|run| !run.over()) {
        let detail = json!({"group": asked.group});
        world.ledger.record(world.now, System::Dynamics, effect::IMPORT_OVERLAPPED, name, detail);
        return Err(said("Another import of this data project is executing."));
    }
    let nth = runs.len();
    let id = if ours {
        asked.id.clone()
    } else {
        format!("{PROJECT}-{}", world.chance.hex("execution", &nth.to_string(), 12))
    };
    let run = Run {
        id: id.clone(),
        blob: name.clone(),
        status: "NotRun",
        errors: Vec::new(),
        rows: Vec::new(),
        forgotten: false,
    };
    world.dynamics.imports.runs.push(run);
    let detail = json!({"execution": id});
    world.ledger.record(world.now, System::Dynamics, effect::IMPORT_STARTED, name, detail);
    let wait = world.chance.between("import begins", &nth.to_string(), SECOND, 30 * SECOND);
    world.schedule_in(wait, Event::Dynamics(LifeEvent::Import { nth, step: 0 }));
    Ok(id)
}

/// An import goes on: it executes, ends, and its rows are shown.
pub(super) fn go_on(world: &mut World, nth: usize, step: u8) {
    let forgotten = world.dynamics.imports.runs.get(nth).is_some_and(|run| run.forgotten);
    if forgotten && step < 2 {
        return;
    }
    match step {
        0 => {
            if world.config.tenant.import_never_ends && nth == 0 {
                set(world, nth, "Executing");
                return;
            }
            set(world, nth, "Executing");
            let wait =
                world.chance.between("import takes", &nth.to_string(), 5 * SECOND, 150 * SECOND);
            world.schedule_in(wait, Event::Dynamics(LifeEvent::Import { nth, step: 1 }));
        }
        1 => {
            carry_out(world, nth);
            // What was taken is shown late in some tenants.
            let wait = if world.config.tenant.charges_shown_late { 90 * SECOND } else { 0 };
            world.schedule_in(wait, Event::Dynamics(LifeEvent::Import { nth, step: 2 }));
        }
        _ => show(world, nth),
    }
}

fn set(world: &mut World, nth: usize, status: &'static str) {
    if let Some(run) = world.dynamics.imports.runs.get_mut(nth) {
        run.status = status;
    }
}

fn show(world: &mut World, nth: usize) {
    let rows = match world.dynamics.imports.runs.get_mut(nth) {
        Some(run) => std::mem::take(&mut run.rows),
        None => return,
    };
    for (index, number, row) in rows {
        charges::upsert(world, index, &number, &row);
    }
}

/// A charge the customer's service took.
pub(super) fn bring(world: &mut World, index: u32, number: String, row: Row) {
    world.dynamics.imports.late.push_back((index, number, row));
    if world.config.tenant.charges_shown_late {
        world.schedule_in(90 * SECOND, Event::Dynamics(LifeEvent::ShowCharge));
    } else {
        show_next(world);
    }
}

/// The next of them is shown.
pub(super) fn show_next(world: &mut World) {
    if let Some((index, number, row)) = world.dynamics.imports.late.pop_front() {
        charges::upsert(world, index, &number, &row);
    }
}

fn carry_out(world: &mut World, nth: usize) {
    let Some(run) = world.dynamics.imports.runs.get(nth) else { return };
    let blob = world.dynamics.imports.blobs.get(&run.blob).and_then(|(_, blob)| blob.clone());
    let table = blob.and_then(|blob| rows_of(&blob));
    let (mut taken, mut errors) = (Vec::new(), Vec::new());
    // A package that does not fit its project fails without saying why.
    let Some(table) = table else {
        set(world, nth, "Failed");
        return;
    };
    for cells in &table {
        match check(world, cells) {
            Ok(row) => taken.push(row),
            Err(why) => {
                let number = cells.first().cloned().unwrap_or_default();
                let line = cells.get(1).cloned().unwrap_or_default();
                errors.push((
                    format!("{number},{line}"),
                    format!("Sales order {number}, line {line}: {why}"),
                ));
            }
        }
    }
    let status = match (taken.is_empty(), errors.is_empty()) {
        (_, true) => "Succeeded",
        (false, false) => "PartiallySucceeded",
        (true, false) => "Failed",
    };
    if let Some(run) = world.dynamics.imports.runs.get_mut(nth) {
        run.status = status;
        run.errors = errors;
        run.rows = taken;
    }
}

/// The rows of a package that fits the data project.
fn rows_of(blob: &[u8]) -> Option<Vec<Vec<String>>> {
    let entries = zip::read(blob)?;
    let entry = |name: &str| {
        entries
            .iter()
            .find(|(known, _)| known == name)
            .and_then(|(_, data)| std::str::from_utf8(data).ok())
    };
    let (manifest, header) = exported();
    if entry("Manifest.xml")? != manifest || entry("PackageHeader.xml")? != header {
        return None;
    }
    let mut lines = table(entry(FILE)?).into_iter();
    if lines.next()? != COLUMNS {
        return None;
    }
    let rows: Vec<Vec<String>> = lines.collect();
    rows.iter().all(|row| row.len() == COLUMNS.len()).then_some(rows)
}

/// Comma-separated, quotes doubled inside quotes.
fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

/// The row as F&O takes it, or why not.
pub(super) fn check(world: &World, cells: &[String]) -> Result<(u32, String, Row), String> {
    let cell = |place: usize| cells.get(place).map(String::as_str).unwrap_or_default();
    let db = &world.dynamics.db;
    let index = db.find(cell(0)).ok_or("the sales order does not exist.")?;
    let order = db.order(index).ok_or("the sales order does not exist.")?;
    if order.locked_until > world.now {
        return Err("cannot edit a record in Sales orders: another user has it open.".to_owned());
    }
    if order.document == "Invoice" || matches!(order.status(), "Invoiced" | "Canceled") {
        return Err("charges cannot be changed, the order is invoiced or cancelled.".to_owned());
    }
    let line = cell(1).parse::<i64>().ok().filter(|n| *n > 0);
    let line = line.ok_or("the line number is not valid.")?;
    if !charges::is_code(cell(2)) {
        return Err(format!("the charge code {} does not exist.", cell(2)));
    }
    if cell(3) != "Fixed" {
        return Err("the charge category is not valid.".to_owned());
    }
    let amount: Decimal = cell(4).parse().map_err(|_| "the amount is not valid.".to_owned())?;
    if !["USD", "CAD", "EUR"].contains(&cell(5)) {
        return Err(format!("the currency {} does not exist.", cell(5)));
    }
    if cell(6).chars().count() > 60 {
        return Err("the text is longer than 60 characters.".to_owned());
    }
    let keep = match cell(9) {
        "Yes" => true,
        "No" => false,
        _ => return Err("WILLINVOICEPROCESSINGKEEPCHARGE is not valid.".to_owned()),
    };
    let row = Row {
        line,
        code: cell(2).to_owned(),
        amount,
        currency: cell(5).to_owned(),
        text: cell(6).to_owned(),
        keep,
    };
    Ok((index, order.number.clone(), row))
}
