//! Settings changed while the connector runs. A person's wish comes as a signal; the owner holds it
//! against both live systems, makes it the next version or refuses it, and goes on with it from the
//! next pass. Nothing of the old version is undone: what was planned keeps its plan's version.

use crate::error::Result;
use crate::fit::refusals;
use crate::kept::{decode, encode, plain};
use crate::limits::SUBJECTS;
use crate::parts::{Engine, Memory};
use crate::trail;
use domain::flows::plan_order;
use domain::operation::Lane;
use domain::plan::Plan;
use domain::settings::Settings;
use domain::settings_change::{
    Asked, DOCUMENT_LIMIT, FILE, PATIENCE, TOLD, Told, Wish, counted, digest, lines, plan_differs,
};
use domain::time::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use store::{NewSettings, SettingsOrigin, SettingsRow, Signal, TrailEntry, Txn};

/// Reads a document; what is wrong with it, in words.
pub type Reading = fn(&str) -> std::result::Result<Settings, Vec<String>>;

/// A version to be.
struct Proposal {
    settings: Settings,
    text: String,
    /// The document in force.
    before: String,
    /// The version whose document it is again.
    back: Option<i64>,
}

/// What a document would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The version it was held against.
    pub based_on: i64,
    /// What does not fit both systems as they were read last; the owner reads them again.
    pub misfits: Vec<String>,
    /// Orders that are neither delivered nor cancelled.
    pub open: i64,
    /// How many of them were looked at, the latest first.
    pub looked_at: usize,
    /// Those that would be planned differently.
    pub changes: Vec<Previewed>,
    /// The same of product items.
    pub items: crate::products::ItemsPreview,
}

/// One order, or item, that would be planned differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// The order or the item.
    pub subject: String,
    /// The plan under the settings in force.
    pub before: Plan,
    /// The plan under the proposed ones.
    pub after: Plan,
    /// What differs, in words.
    pub lines: Vec<String>,
}

impl Engine {
    /// Goes on with the newest version, where another owner or a lost answer left one.
    pub(crate) async fn recall_settings(&self) -> Result<()> {
        let row = self.store.read().await?.settings(&self.scope).await?;
        let known = self.settings().version;
        if let Some(row) = row.filter(|row| row.version > known) {
            let version = row.version.to_string();
            self.go_on_with(decode("settings", &version, row.document.as_bytes())?);
        }
        self.remember().settings_known = true;
        Ok(())
    }

    /// Puts settings in force: whatever waits for a time that came of the old ones is due anew.
    fn go_on_with(&self, new: Settings) {
        let (now, schedule) = (self.now(), new.schedule.clone());
        tracing::info!(version = new.version, "settings.in_force");
        self.use_settings(new);
        let mut memory = self.remember();
        // Whether they fit is asked again at once.
        memory.reference_due = Timestamp::MIN;
        memory.dynamics_poll_due = memory.dynamics_poll_due.min(now + schedule.dynamics_poll);
        memory.shipbob_poll_due = memory.shipbob_poll_due.min(now + schedule.shipbob_poll);
        // The very first moment: the cursor is asked whether it is due.
        memory.products_due = Timestamp::MIN;
        memory.billing_due = memory.billing_due.min(now);
        memory.drift_due = None;
        memory.polls_known = false;
        memory.stock.settings_changed();
        memory.due = None;
    }

    /// Carries out wishes for other settings, one after the other.
    pub(crate) async fn change_settings(&self, signals: Vec<Signal>) -> Result<bool> {
        let mut worked = false;
        for signal in &signals {
            worked |= self.change_once(signal).await?;
        }
        Ok(worked)
    }

    async fn change_once(&self, signal: &Signal) -> Result<bool> {
        self.recall_settings().await?;
        let asked = signal.body.as_deref().map(serde_json::from_slice::<Asked>);
        let Some(Ok(asked)) = asked else {
            tracing::warn!(id = signal.id, "settings.unreadable");
            let mut work = self.begin("settings.unreadable").await?;
            work.txn.inbox_done(&self.scope, vec![signal.id], self.now()).await?;
            work.commit().await?;
            return Ok(true);
        };
        if matches!(asked.wish, Wish::FromFile { .. } | Wish::FileSays { .. }) {
            self.tell_file(signal.id, asked).await?;
            return Ok(true);
        }
        let judged = match self.proposed(&asked).await? {
            Err(problems) => Err(problems),
            Ok(proposal) => match self.live_misfits(&proposal.settings).await? {
                Some(misfits) if misfits.is_empty() => Ok(proposal),
                Some(misfits) => Err(misfits),
                None if self.now().since(signal.received_at) > PATIENCE => Err(vec![
                    "Dynamics or ShipBob did not answer for 15 minutes, so that nobody could tell whether it fits: apply it again once they do (page System)".to_owned(),
                ]),
                // It stays in the inbox until both answer.
                None => return Ok(false),
            },
        };
        self.keep_change(signal.id, &asked, judged).await?;
        Ok(true)
    }

    /// The settings a wish names, or why they cannot be any.
    async fn proposed(&self, asked: &Asked) -> Result<std::result::Result<Proposal, Vec<String>>> {
        let current = self.settings();
        let mut reader = self.store.read().await?;
        let row = reader.settings(&self.scope).await?;
        if asked.based_on != current.version {
            return Ok(Err(vec![overtaken(asked.based_on, current.version, row.as_ref())]));
        }
        if asked.why.trim().is_empty() {
            return Ok(Err(vec!["a reason is needed: it stays in the trail".to_owned()]));
        }
        let (text, back) = match &asked.wish {
            Wish::Document { text } => (text.clone(), None),
            Wish::Back { version } => {
                let old = reader.settings_version(&self.scope, *version).await?;
                match old.map(|row| row.text) {
                    Some(Some(text)) => (text, Some(*version)),
                    Some(None) => {
                        return Ok(Err(vec![format!(
                            "version {version} was kept without its document: apply the document itself"
                        )]));
                    }
                    None => return Ok(Err(vec![format!("there is no version {version}")])),
                }
            }
            Wish::FromFile { .. } | Wish::FileSays { .. } => {
                return Ok(Err(vec!["the file asks for nothing".to_owned()]));
            }
        };
        drop(reader);
        if text.len() > DOCUMENT_LIMIT {
            return Ok(Err(vec![format!(
                "the document has {} bytes; {DOCUMENT_LIMIT} are the most",
                text.len()
            )]));
        }
        let settings = match (self.read_document)(&text) {
            Ok(settings) => Settings { version: current.version + 1, ..settings },
            Err(problems) => return Ok(Err(problems)),
        };
        let before = row.and_then(|row| row.text).unwrap_or_default();
        let problems = cannot_become(&current, &settings, &before, &text);
        let proposal = Proposal { settings, text, before, back };
        Ok(if problems.is_empty() { Ok(proposal) } else { Err(problems) })
    }

    /// What the configuration file did at a start, or says without being followed.
    async fn tell_file(&self, signal: i64, asked: Asked) -> Result<()> {
        let now = self.now();
        let mut work = self.begin("settings.file").await?;
        let mut entry = match asked.wish {
            Wish::FromFile { version } => {
                let old = work.txn.settings_version(&self.scope, version - 1).await?;
                let new = work.txn.settings_version(&self.scope, version).await?;
                let text = |row: Option<SettingsRow>| row.and_then(|row| row.text);
                let (old, new) = (text(old).unwrap_or_default(), text(new).unwrap_or_default());
                let lane = Lane::Background as i64;
                work.txn.subjects_mark_open(&self.scope, lane, true, now).await?;
                let entry = trail::entry(now, &asked.who, "settings changed", "", asked.why);
                let differ = counted(&lines(&old, &new));
                TrailEntry {
                    before: Some(format!("version {}, {}", version - 1, digest(&old))),
                    after: Some(format!("version {version}, {}, {differ} lines", digest(&new))),
                    settings_version: version,
                    ..entry
                }
            }
            Wish::FileSays { says } => {
                let row = plain(FILE, "", now, &says)?;
                work.txn.observations_put(&self.scope, vec![row]).await?;
                let what = match says {
                    Some(_) => "settings of the file not followed",
                    None => "settings of the file agree again",
                };
                let entry = trail::entry(now, &asked.who, what, "", asked.why);
                TrailEntry { settings_version: self.settings().version, ..entry }
            }
            Wish::Document { .. } | Wish::Back { .. } => return Ok(()),
        };
        entry.subject = None;
        entry.request_id = Some(asked.id).filter(|id| !id.is_empty());
        work.txn.trail_append(&self.scope, vec![entry]).await?;
        work.txn.inbox_done(&self.scope, vec![signal], now).await?;
        work.commit().await
    }

    /// What does not fit both systems as they are now; none when one of them cannot be read.
    async fn live_misfits(&self, settings: &Settings) -> Result<Option<Vec<String>>> {
        let current = self.settings();
        let both = self.probe_both(settings).await?;
        Ok(both.map(|(fo, sb)| refusals(settings, &current, &fo, &sb)))
    }

    /// The next version, or the refusal, with everything it entails, in one transaction.
    async fn keep_change(
        &self,
        signal: i64,
        asked: &Asked,
        judged: std::result::Result<Proposal, Vec<String>>,
    ) -> Result<()> {
        let now = self.now();
        let mut work = self.begin("settings.change").await?;
        let mut told = Told {
            id: asked.id.clone(),
            who: asked.who.clone(),
            why: asked.why.clone(),
            at: now,
            version: None,
            problems: Vec::new(),
            document: None,
        };
        let entry = match judged {
            Ok(proposal) => {
                told.version = Some(proposal.settings.version);
                self.put_version(&mut work.txn, now, asked, &proposal).await?
            }
            Err(problems) => {
                let why = format!("{} ({})", problems.join("; "), asked.why.trim());
                told.problems = problems;
                told.document = match &asked.wish {
                    Wish::Document { text } if text.len() <= DOCUMENT_LIMIT => Some(text.clone()),
                    _ => None,
                };
                let entry = trail::entry(now, &asked.who, "settings refused", "", why);
                TrailEntry { settings_version: self.settings().version, ..entry }
            }
        };
        let request_id = Some(asked.id.clone()).filter(|id| !id.is_empty());
        work.txn
            .trail_append(&self.scope, vec![TrailEntry { subject: None, request_id, ..entry }])
            .await?;
        let rows = work.txn.observations(&self.scope, TOLD, &[String::new()]).await?;
        let all: Vec<Told> = match rows.into_iter().next().and_then(|row| row.body) {
            Some(body) => decode(TOLD, "", &body)?,
            None => Vec::new(),
        };
        let row = plain(TOLD, "", now, &told.first_of(all))?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.txn.inbox_done(&self.scope, vec![signal], now).await?;
        // Whatever comes of the commit, what is in force is read again before anything goes on.
        self.remember().settings_known = false;
        work.commit().await?;
        self.recall_settings().await
    }

    async fn put_version(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        asked: &Asked,
        proposal: &Proposal,
    ) -> Result<TrailEntry> {
        let (settings, current) = (&proposal.settings, self.settings());
        let document = String::from_utf8_lossy(&encode(settings)?).into_owned();
        let why = asked.why.trim();
        let reason = match proposal.back {
            Some(version) => format!("back to version {version}: {why}"),
            None => why.to_owned(),
        };
        let new = NewSettings {
            document: &document,
            text: Some(&proposal.text),
            origin: SettingsOrigin::Person,
            who: &asked.who,
            reason: &reason,
        };
        txn.settings_change(&self.scope, current.version, &new, now).await?;
        txn.connection_cut_off(&self.scope, settings.cut_off).await?;
        let items = settings.products != current.products;
        txn.subjects_mark_open(&self.scope, Lane::Background as i64, items, now).await?;
        if settings.warehouses != current.warehouses || settings.inventory != current.inventory {
            txn.observations_put(&self.scope, vec![crate::stock::no_run(now)?]).await?;
        }
        let what = if proposal.back.is_some() { "settings put back" } else { "settings changed" };
        let differ = counted(&lines(&proposal.before, &proposal.text));
        let entry = trail::entry(now, &asked.who, what, "", reason);
        Ok(TrailEntry {
            before: Some(format!("version {}, {}", current.version, digest(&proposal.before))),
            after: Some(format!(
                "version {}, {}, {differ} lines",
                settings.version,
                digest(&proposal.text)
            )),
            settings_version: settings.version,
            ..entry
        })
    }

    /// What a document would change, at most for `most` orders. Reads the database and nothing
    /// else, and writes nothing.
    ///
    /// # Errors
    /// When the database does not answer, or both systems were never read.
    pub async fn preview(&self, proposed: &Settings, most: usize) -> Result<Preview> {
        self.recall_settings().await?;
        if self.remember().fo.is_none() || self.remember().sb.is_none() {
            self.load_reference().await?;
        }
        let (fo, sb) = {
            let memory = self.remember();
            (memory.fo.clone(), memory.sb.clone())
        };
        let (Some(fo), Some(sb)) = (fo, sb) else {
            let why = "neither system was read yet: start `serve` once, then look again";
            return Err(crate::EngineError::Inconsistent(why.to_owned()));
        };
        let current = self.settings();
        let proposed = Settings { version: current.version + 1, ..proposed.clone() };
        let shadow = self.under(proposed.clone());
        let (keys, open) = self.store.read().await?.subjects_open(&self.scope, most).await?;
        let mut preview = Preview {
            based_on: current.version,
            misfits: refusals(&proposed, &current, &fo, &sb),
            open,
            looked_at: keys.len(),
            changes: Vec::new(),
            items: self.preview_items(&proposed, &fo).await?,
        };
        for part in keys.chunks(SUBJECTS) {
            let (Some(now), Some(then)) = (self.facts(part).await?, shadow.facts(part).await?)
            else {
                continue;
            };
            for ((subject, now), mut then) in part.iter().zip(now).zip(then) {
                // One moment for both: only the settings differ.
                then.now = now.now;
                let (before, after) = (plan_order(&now, &current), plan_order(&then, &proposed));
                let lines = plan_differs(&before, &after);
                if !lines.is_empty() {
                    let subject = subject.clone();
                    preview.changes.push(Previewed { subject, before, after, lines });
                }
            }
        }
        Ok(preview)
    }

    /// The same engine with other settings. It owns nothing and is asked for facts only.
    fn under(&self, settings: Settings) -> Self {
        let memory = {
            let known = self.remember();
            Memory {
                fo: known.fo.clone(),
                sb: known.sb.clone(),
                products_known: known.products_known,
                ..Memory::default()
            }
        };
        let shadow = self.beside(Arc::new(settings));
        *shadow.memory.lock().unwrap_or_else(PoisonError::into_inner) = memory;
        shadow
    }
}

/// What a living connection cannot be turned into.
fn cannot_become(current: &Settings, new: &Settings, before: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !new.company.same_as(current.company.as_str()) {
        found.push(format!(
            "company is {} and cannot become {}: everything kept belongs to it; make a second connection",
            current.company, new.company
        ));
    }
    if new.channel != current.channel {
        found.push(format!(
            "channel is {} and cannot become {}: orders were sent through it; make a second connection",
            current.channel, new.channel
        ));
    }
    if before == text {
        found.push(format!("nothing differs from version {}", current.version));
    }
    found
}

fn overtaken(based_on: i64, current: i64, row: Option<&SettingsRow>) -> String {
    let by = row.map(|row| format!(" by {} ({})", row.who, row.reason)).unwrap_or_default();
    format!(
        "it was made from version {based_on}, but version {current}{by} is in force: look at what differs there, and ask again from version {current}"
    )
}

/// A holder of settings that may be changed while others read them.
pub(crate) type InForce = Mutex<Arc<Settings>>;
