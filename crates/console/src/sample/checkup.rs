//! What the doctor said in the samples.

use super::NOW;
use crate::model::Checkup;
use domain::doctor::{Finding, Report, Verdict};
use domain::drift::{Drift, DriftReport, Kind};
use domain::time::Span;

fn finding(id: &str, about: &str, verdict: Verdict, seen: &str, fix: &str) -> Finding {
    Finding {
        id: id.to_owned(),
        about: about.to_owned(),
        verdict,
        seen: seen.to_owned(),
        fix: fix.to_owned(),
    }
}

pub(super) fn of() -> Checkup {
    let findings = vec![
        finding("fo.tenant", "Entra tenant", Verdict::Pass, "Entra gave a token", ""),
        finding(
            "fo.warehouse.SB01",
            "Warehouse SB01",
            Verdict::Fail,
            "has warehouse management processes enabled: it can have profile WHS inside, not plain",
            "Map a warehouse of the configured profile, or change the profile.",
        ),
        finding(
            "fo.batch",
            "Packing-slip batch job",
            Verdict::ByHand,
            "batch jobs cannot be seen from here, check by hand: <a recurring batch job>",
            "Set up the batch job.",
        ),
        finding("sb.clock", "Clock of ShipBob", Verdict::Skipped, "not judged", ""),
        finding("our.cut-off", "Cut-off", Verdict::Warn, "none: nothing is sent", "Set it."),
    ];
    let drift = DriftReport {
        at: NOW - Span::hours(9),
        agreed: 211,
        found: vec![Drift {
            system: "Dynamics".to_owned(),
            place: "DocumentStatus.Teleported".to_owned(),
            kind: Kind::MemberNew,
            seen: "a member this build does not know".to_owned(),
            flow: "orders".to_owned(),
        }],
        blind: vec!["what a user's role allows".to_owned()],
        complete: true,
    };
    Checkup {
        doctor: Some(Report { at: NOW - Span::minutes(7), findings }),
        drift: Some(drift),
        events: Some("/events/5a17".to_owned()),
    }
}
