//! Made-up settings.

use super::{Sample, World, ago};
use crate::books::Read;
use crate::model::{
    ChangedItem, ChangedOrder, FileLine, OutcomeLine, PreviewFacts, SettingsFacts, VersionFacts,
    VersionLine,
};
use crate::settings::SettingsDesk;
use domain::settings_change::{Asked, Complaint, lines};
use futures::future::{BoxFuture, ready};

const DOCUMENT: &str = "[connection]\ncompany = \"usmf\"\nchannel = 104233\ncut_off = \"2026-11-04T09:00:00Z\"\nreleased_when = [\"Confirmation\", \"PickingList\"]\neach_units = [\"ea\", \"pcs\"]\nhome_countries = [\"US\"]\nbatch_pool = \"SHIPBOB\"\nwrite_carrier = true\n\n[[connection.warehouses]]\nwarehouse = \"SB01\"\ncentre = 1\nprofile = \"plain\"\n\n[connection.methods]\nEXP = \"Expedited\"\nSTD = \"Standard\"\n\n[connection.schedule]\ndynamics_poll = 30\nshipbob_poll = 300\n";

fn before() -> String {
    DOCUMENT.replace("EXP = \"Expedited\"\n", "").replace("= 300", "= 600")
}

fn version(version: i64, minutes: i64, who: &str, reason: &str, differs: &str) -> VersionLine {
    VersionLine {
        version,
        at: ago(minutes),
        who: who.to_owned(),
        reason: reason.to_owned(),
        origin: if who == "configuration" { "file" } else { "person" },
        differs: differs.to_owned(),
    }
}

impl Sample {
    fn settings_facts(&self) -> SettingsFacts {
        if self.world == World::New {
            let first = version(1, 12, "configuration", "first start with this file", "");
            return SettingsFacts {
                version: 1,
                document: Some(before()),
                versions: vec![first],
                follows_file: true,
                ..SettingsFacts::default()
            };
        }
        let busy = self.world == World::Busy;
        let outcome = |minutes, version: Option<i64>, problem: &str| OutcomeLine {
            at: ago(minutes),
            who: "Mara".to_owned(),
            why: "Expedited is offered since Monday".to_owned(),
            version,
            problems: Some(problem.to_owned()).filter(|p| !p.is_empty()).into_iter().collect(),
            request_id: format!("sample{minutes}"),
            document: None,
        };
        let refused = "ShipBob has no active fulfilment centre 7 (warehouse SB01)";
        SettingsFacts {
            version: 12,
            document: Some(DOCUMENT.to_owned()),
            versions: vec![
                version(12, 95, "Mara", "Expedited is offered since Monday", "+2 -1"),
                version(11, 2_900, "Ada", "back to version 9: too many polls", "+1 -1"),
                version(10, 3_000, "Ada", "poll ShipBob more often", "+1 -1"),
                version(9, 30_000, "configuration", "file changed", "+4 -0"),
            ],
            outcomes: vec![outcome(95, Some(12), ""), outcome(130, None, refused)],
            waiting: usize::from(busy),
            follows_file: false,
            file: busy.then(|| FileLine {
                since: ago(40),
                lines: lines(
                    DOCUMENT,
                    &DOCUMENT.replace("dynamics_poll = 30", "dynamics_poll = 60"),
                ),
            }),
            open: if busy { vec![(9, 1), (11, 3), (12, 48)] } else { Vec::new() },
        }
    }
}

impl SettingsDesk for Sample {
    fn facts(&self) -> Read<'_, SettingsFacts> {
        self.answer(self.settings_facts())
    }

    fn version(&self, wanted: i64) -> Read<'_, Option<VersionFacts>> {
        let facts = self.settings_facts();
        let known = facts.versions.iter().find(|line| line.version == wanted).cloned();
        let made_up = || version(wanted, 40_000, "configuration", "file changed", "+1 -0");
        let line = known.or_else(|| (1..=facts.version).contains(&wanted).then(made_up));
        self.answer(line.map(|line| VersionFacts {
            line,
            current: facts.version,
            document: Some(if wanted == facts.version { DOCUMENT.to_owned() } else { before() }),
            lines: lines(&before(), DOCUMENT),
        }))
    }

    fn check(&self, document: &str) -> Vec<Complaint> {
        match document.find("batch_pol ") {
            Some(at) => vec![Complaint::at(document, at, "unknown field `batch_pol`")],
            None => Vec::new(),
        }
    }

    fn preview(&self, document: &str) -> BoxFuture<'_, Result<PreviewFacts, Vec<Complaint>>> {
        let wrong = self.check(document);
        let facts = PreviewFacts {
            based_on: 12,
            lines: lines(DOCUMENT, document),
            open: 37,
            looked_at: 37,
            changes: vec![
                ChangedOrder {
                    order: "SO-000697".to_owned(),
                    lines: vec![
                        "create-order: method \"Standard\" becomes \"Expedited\"".to_owned(),
                    ],
                },
                ChangedOrder {
                    order: "SO-000640".to_owned(),
                    lines: vec!["no longer held: Delivery mode EXP is not mapped.".to_owned()],
                },
            ],
            items_looked_at: 2,
            item_changes: vec![ChangedItem {
                item: "T-100".to_owned(),
                lines: vec![
                    "create-product: variants[0].sku \"T-100\" becomes \"T100\"".to_owned(),
                ],
            }],
            ..PreviewFacts::default()
        };
        Box::pin(ready(if wrong.is_empty() { Ok(facts) } else { Err(wrong) }))
    }

    fn ask(&self, asked: Asked) -> Read<'_, bool> {
        self.changes_asked().push(asked);
        self.answer(true)
    }

    fn export(&self) -> BoxFuture<'_, Result<String, Vec<Complaint>>> {
        Box::pin(ready(Ok(format!("[environment]\nconfirmed = false\n\n{DOCUMENT}"))))
    }

    fn import(&self, file: &str) -> Result<String, Vec<Complaint>> {
        if file.contains("confirmed = true") {
            return Ok(DOCUMENT.to_owned());
        }
        Err(vec![Complaint::whole("confirmed is not true")])
    }
}
