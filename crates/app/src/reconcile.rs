//! Whether a certificate is the one the trail speaks of.

use domain::ids::Scope;
use domain::reconcile::{Sealed, TOLD};
use store::{Store, StoreError, TrailFilter, TrailRow};

/// Certificates looked through in the trail at a time.
const PAGE: usize = 200;

/// What is wrong with a certificate; nothing when it is the one the trail speaks of.
///
/// # Errors
/// As every read.
pub async fn check(
    store: &Store,
    scope: &Scope,
    sealed: &Sealed,
) -> Result<Vec<String>, StoreError> {
    let one = &sealed.certificate;
    let mut found = Vec::new();
    if !sealed.whole() {
        found.push(
            "The certificate was changed after it was made: its digest is another.".to_owned(),
        );
    }
    let ours = (scope.organisation.as_str(), scope.connection.as_str());
    if (one.organisation.as_str(), one.connection.as_str()) != ours {
        found
            .push(format!("It is of {}/{}, another connection.", one.organisation, one.connection));
        return Ok(found);
    }
    let mut reader = store.read().await?;
    let report = reader.trail_verify(scope).await?;
    if let Some((seq, why)) = &report.broken {
        found.push(format!("The trail is broken at entry {seq}: {why}."));
    }
    let filter = TrailFilter::default();
    let head = reader.trail(scope, &filter, Some(one.trail.seq.saturating_add(1)), 1).await?;
    match head.first() {
        Some(row) if row.seq == one.trail.seq && row.hash == one.trail.hash => {}
        None if one.trail.seq == 0 => {}
        _ if report.archived.as_ref().is_some_and(|a| a.seq >= one.trail.seq) => {
            found.push(
                "The trail of that time was archived: check it against the archive.".to_owned(),
            );
        }
        _ => found.push(format!("Entry {} of the trail has another hash.", one.trail.seq)),
    }
    let filter = TrailFilter { what: Some(TOLD.to_owned()), ..TrailFilter::default() };
    let mut before = None;
    loop {
        let rows = reader.trail(scope, &filter, before, PAGE).await?;
        let named = |row: &&TrailRow| row.entry.request_id.as_deref() == Some(&sealed.digest);
        if rows.iter().any(|row| named(&row) && row.seq > one.trail.seq) {
            return Ok(found);
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => before = Some(last.seq),
            _ => break,
        }
    }
    found.push("No entry of the trail names this certificate.".to_owned());
    Ok(found)
}
