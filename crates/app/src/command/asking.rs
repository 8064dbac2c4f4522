//! `pause`, `resume`, `run-now`, `erase`, `holds`: commands of people from a shell. They go the way
//! of the console: a signal, carried out by the owner of the connection.

use super::serve::open;
use super::{complain, say};
use crate::cli::{Asking, EraseArgs, FlowArgs, FlowName, HoldsArgs, HoldsCommand, OneArgs};
use crate::clockwork;
use anyhow::{bail, ensure};
use console::command::{Command, SOURCE, Target, Verb, WHY_LIMIT};
use console::model::HoldGroup;
use console::{Books, StoreBooks};
use domain::ids::Scope;
use domain::operation::Flow;
use domain::time::Span;
use std::process::ExitCode;
use store::{Store, TrailFilter};

/// How long a command is waited for.
const PATIENCE: Span = Span::seconds(10);
/// Between two looks.
const LOOK: Span = Span::millis(200);
/// Holds of one group a command may reach.
const GROUP: i64 = 10_000;
/// Latest entries of the trail looked through for what came of a command.
const TOLD: usize = 50;

/// What a command talks with.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) scope: Scope,
    pub(crate) books: StoreBooks,
}

/// Opens the database of a configuration.
pub(crate) async fn desk(args: &OneArgs) -> anyhow::Result<Desk> {
    let config = args.one()?;
    let store = open(&config).await?;
    let scope = config.scope.clone();
    let books = StoreBooks::new(store.clone(), scope.clone());
    Ok(Desk { store, scope, books })
}

pub(crate) async fn flow(verb: Verb, args: FlowArgs) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.asking.config).await?;
    let target = match args.flow {
        None => Target::Connection,
        Some(FlowName::Orders) => Target::Flow(Flow::Orders),
        Some(FlowName::Products) => Target::Flow(Flow::Products),
        Some(FlowName::Inventory) => Target::Flow(Flow::Inventory),
        Some(FlowName::Billing) => Target::Flow(Flow::Billing),
        Some(FlowName::Returns) => Target::Flow(Flow::Returns),
        Some(FlowName::Fulfilment) => Target::Flow(Flow::Fulfilment),
    };
    let command = command(&args.asking, verb, target, None)?;
    ask(&desk, &args.asking, vec![command]).await
}

pub(crate) async fn erase(args: EraseArgs) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.asking.config).await?;
    let number = match desk.books.order(&args.order).await? {
        Some(order) => order.row.number,
        None => {
            let found = desk.books.search(&args.order, 2).await?;
            match found.as_slice() {
                [one] => one.order.clone(),
                [] => bail!("no order {} has been seen by this connection", args.order),
                _ => bail!("{} belongs to several orders: give the order number", args.order),
            }
        }
    };
    let command = command(&args.asking, Verb::Erase, Target::Order(number.clone()), None)?;
    let code = ask(&desk, &args.asking, vec![command]).await?;
    if let Some(erasure) = desk.books.order(&number).await?.and_then(|order| order.erasure) {
        complain(&format!(
            "{number} is erased by itself once its work is over; it waits: {}.",
            erasure.waits
        ));
    }
    Ok(code)
}

pub(crate) async fn holds(command: HoldsCommand) -> anyhow::Result<ExitCode> {
    match command {
        HoldsCommand::List { config, json } => list(&desk(&config).await?, json).await,
        HoldsCommand::Retry(args) => bulk(Verb::Retry, args).await,
        HoldsCommand::Skip(args) => bulk(Verb::Skip, args).await,
        HoldsCommand::Release(args) => bulk(Verb::Release, args).await,
        HoldsCommand::Dismiss(args) => bulk(Verb::Dismiss, args).await,
        HoldsCommand::Look(args) => bulk(Verb::RunNow, args).await,
    }
}

async fn list(desk: &Desk, json: bool) -> anyhow::Result<ExitCode> {
    let groups = desk.books.holds(GROUP).await?;
    if json {
        say(&serde_json::to_string_pretty(&groups)?);
        return Ok(ExitCode::SUCCESS);
    }
    for group in &groups {
        say(&format!(
            "{:>6}  {}\n        {} {}",
            group.count,
            group.identity(),
            group.reason,
            group.fix
        ));
    }
    if groups.is_empty() {
        say("Nothing waits for a person.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn bulk(verb: Verb, args: HoldsArgs) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.asking.config).await?;
    let wanted = |group: &&HoldGroup| match (&args.cause, &args.hold) {
        (Some(cause), _) => group.cause == *cause,
        (None, Some(hold)) => group.identity() == *hold,
        (None, None) => false,
    };
    let mut commands = Vec::new();
    for group in desk.books.holds(GROUP).await?.iter().filter(wanted) {
        for order in &group.orders {
            let hold = (verb == Verb::Dismiss).then(|| group.identity());
            let target = Target::Order(order.number.clone());
            commands.push(command(&args.asking, verb, target, hold)?);
        }
    }
    let request_id = request_id()?;
    for command in &mut commands {
        command.request_id.clone_from(&request_id);
    }
    commands.sort_by(|a, b| (a.target.key(), &a.hold).cmp(&(b.target.key(), &b.hold)));
    commands.dedup_by(|a, b| a.target == b.target && a.hold == b.hold);
    if commands.is_empty() {
        bail!("no open hold fits: see `ml-connector holds list`");
    }
    ask(&desk, &args.asking, commands).await
}

fn request_id() -> anyhow::Result<String> {
    Ok(store::random::<12>()?.iter().map(|b| format!("{b:02x}")).collect())
}

/// A command as the console writes it.
pub(crate) fn command(
    asking: &Asking,
    verb: Verb,
    target: Target,
    hold: Option<String>,
) -> anyhow::Result<Command> {
    let why = Some(asking.why.trim().to_owned()).filter(|why| !why.is_empty());
    ensure!(
        why.is_some() || !verb.needs_why(),
        "a reason is needed (--why): it stays in the trail"
    );
    let short = why.as_ref().is_none_or(|why| why.chars().count() <= WHY_LIMIT);
    ensure!(short, "the reason may have {WHY_LIMIT} characters");
    ensure!(!asking.who.trim().is_empty(), "--who is empty: the trail needs a name");
    Ok(Command {
        verb,
        target,
        hold,
        why,
        who: asking.who.trim().to_owned(),
        at: clockwork::now(),
        request_id: request_id()?,
    })
}

/// Keeps the commands as signals, and waits until they are carried out.
async fn ask(desk: &Desk, asking: &Asking, commands: Vec<Command>) -> anyhow::Result<ExitCode> {
    let asked = commands.len();
    let targets: Vec<Target> = commands.iter().map(|c| c.target.clone()).collect();
    let ids: Vec<String> = commands.iter().map(|c| c.request_id.clone()).collect();
    desk.books.command(commands).await?;
    let done = !asking.no_wait && carried_out(desk, &targets).await?;
    let mut told = Vec::new();
    if done {
        let filter = TrailFilter::default();
        let rows = desk.store.read().await?.trail(&desk.scope, &filter, None, TOLD).await?;
        told = rows
            .into_iter()
            .filter(|row| row.entry.request_id.as_ref().is_some_and(|id| ids.contains(id)))
            .collect();
        told.reverse();
    }
    if asking.json {
        let told: Vec<_> = told
            .iter()
            .map(|row| serde_json::json!({ "entry": row.seq, "who": row.entry.who, "what": row.entry.what, "why": row.entry.why, "order": row.entry.subject }))
            .collect();
        say(&serde_json::json!({ "asked": asked, "done": done, "trail": told }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    for row in &told {
        let order = row.entry.subject.as_deref().unwrap_or("the connection");
        let why = row.entry.why.as_deref().filter(|why| !why.is_empty());
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        say(&format!("{order}: {} {}{why}", row.entry.who, row.entry.what));
    }
    match (done, asking.no_wait) {
        (true, _) => say(&format!("{asked} command(s) carried out.")),
        (false, true) => {
            say(&format!("{asked} command(s) kept; the owner of the connection carries them out."))
        }
        (false, false) => complain(&format!(
            "{asked} command(s) kept, not carried out yet: is `serve` running? They are not lost."
        )),
    }
    Ok(ExitCode::SUCCESS)
}

/// No command of these targets waits any more.
async fn carried_out(desk: &Desk, targets: &[Target]) -> anyhow::Result<bool> {
    let until = clockwork::now() + PATIENCE;
    // The last one asked is carried out last.
    let Some(last) = targets.last() else { return Ok(true) };
    while clockwork::now() < until {
        let mut reader = desk.store.read().await?;
        let waiting = reader.signals_of(&desk.scope, SOURCE, last.kind(), &last.key()).await?;
        drop(reader);
        if waiting.is_empty() {
            return Ok(true);
        }
        clockwork::pause(LOOK).await;
    }
    Ok(false)
}
