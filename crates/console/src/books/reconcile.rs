//! Certificates out of the store, and the way in for a day that is asked for.

use super::{BooksError, StoreBooks};
use crate::command::SOURCE;
use crate::model::{DayLine, Days};
use domain::reconcile::{ASKED, Asked, KEPT, Sealed, TARGET};
use domain::time::{Span, Timestamp};
use store::NewSignal;

/// Days listed: the last half year.
const LISTED: Span = Span::days(184);
const ROWS: usize = 200;

impl StoreBooks {
    pub(super) async fn read_days(&self, now: Timestamp) -> Result<Days, BooksError> {
        let mut reader = self.reader().await?;
        let begins = (now - LISTED).date();
        let rows = reader.observations_of_kind(&self.scope, KEPT, &begins, ROWS).await?;
        let asked = reader.observations(&self.scope, ASKED, &[String::new()]).await?;
        drop(reader);
        let mut days = Days::default();
        for body in rows.into_iter().rev().filter_map(|row| row.body) {
            days.days.push(DayLine::of(&sealed(&body)?));
        }
        if let Some(body) = asked.into_iter().next().and_then(|row| row.body) {
            let asked: Vec<Asked> =
                serde_json::from_slice(&body).map_err(|error| broken(&error))?;
            days.asked = asked.into_iter().map(|one| one.day).collect();
        }
        Ok(days)
    }

    pub(super) async fn read_day(&self, day: &str) -> Result<Option<Sealed>, BooksError> {
        let keys = [day.to_owned()];
        let rows = self.reader().await?.observations(&self.scope, KEPT, &keys).await?;
        let body = rows.into_iter().next().and_then(|row| row.body);
        body.map(|body| sealed(&body)).transpose()
    }

    pub(super) async fn keep_day(&self, asked: Asked, at: Timestamp) -> Result<u64, BooksError> {
        let body =
            serde_json::to_vec(&asked).map_err(|error| BooksError::Broken(error.to_string()))?;
        let signal = NewSignal {
            source: SOURCE.to_owned(),
            target_kind: TARGET.to_owned(),
            target_key: asked.day.clone(),
            dedupe_key: format!("operator:reconcile:{}:{}", asked.request_id, asked.day),
            body: Some(body),
            received_at: at,
            flagged: false,
        };
        let mut txn = self.store.begin("console.reconcile").await?;
        let new = txn.inbox_add_many(&self.scope, vec![signal]).await?;
        txn.commit().await?;
        Ok(new)
    }
}

fn sealed(body: &[u8]) -> Result<Sealed, BooksError> {
    serde_json::from_slice(body).map_err(|error| broken(&error))
}

fn broken(error: &serde_json::Error) -> BooksError {
    BooksError::Broken(format!("a certificate: {error}"))
}
