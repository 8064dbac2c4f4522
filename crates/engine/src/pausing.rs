//! Pause and resume, of the connection and of single flows. What is paused is kept in the
//! database: a restart does not set anything going.

use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use domain::operation::{Flow, Lane};
use domain::pause::{CURSOR, Pause, Pauses};
use domain::time::Timestamp;
use store::read::Due;
use store::{Reader, Txn};

/// The flow of a word in a command.
pub(crate) fn flow_of_word(word: &str) -> Option<Flow> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

impl Engine {
    /// Keeps that a person stopped something; in force once the transaction is committed and
    /// [`Engine::recall_pauses`] was called.
    pub(crate) async fn keep_pause(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        flow: Option<Flow>,
        (who, why): (&str, &str),
    ) -> Result<()> {
        let mut pauses = self.kept_pauses(txn).await?;
        pauses.pause(flow, Pause { who: who.to_owned(), why: why.to_owned(), at: now });
        self.put_pauses(txn, now, &pauses).await
    }

    /// Keeps that a person lets something go on.
    pub(crate) async fn keep_resume(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        flow: Option<Flow>,
    ) -> Result<()> {
        let mut pauses = self.kept_pauses(txn).await?;
        pauses.resume(flow);
        self.put_pauses(txn, now, &pauses).await
    }

    async fn put_pauses(&self, txn: &mut Txn, now: Timestamp, pauses: &Pauses) -> Result<()> {
        txn.connection_paused(&self.scope, pauses.connection.is_some()).await?;
        let text = String::from_utf8_lossy(&encode(pauses)?).into_owned();
        txn.cursor_put(&self.scope, CURSOR, &text, now).await?;
        Ok(())
    }

    async fn kept_pauses(&self, reader: &mut Reader) -> Result<Pauses> {
        let row = reader.cursor(&self.scope, CURSOR).await?;
        let mut pauses: Pauses = match row {
            Some((text, _)) => decode(CURSOR, "", text.as_bytes())?,
            None => Pauses::default(),
        };
        // The column is what an older version wrote, and what lists of connections read.
        let row = reader.connection(&self.scope).await?;
        match row.is_some_and(|row| row.paused) {
            true => pauses
                .pause(None, Pause { who: String::new(), why: String::new(), at: Timestamp::MIN }),
            false => pauses.resume(None),
        }
        Ok(pauses)
    }

    /// Puts what is kept in force.
    pub(crate) async fn recall_pauses(&self) -> Result<()> {
        let mut reader = self.store.read().await?;
        let pauses = self.kept_pauses(&mut reader).await?;
        drop(reader);
        let mut memory = self.remember();
        memory.paused = pauses.connection.is_some();
        memory.pauses = pauses;
        memory.pauses_known = true;
        Ok(())
    }

    /// A person stopped this flow, or the whole connection.
    pub fn flow_paused(&self, flow: Flow) -> bool {
        let memory = self.remember();
        memory.paused || memory.pauses.stops(flow)
    }

    /// Nothing of this lane may be sent now: a person stopped it, or it is a quiet hour.
    pub(crate) fn lane_paused(&self, lane: Lane) -> bool {
        if self.lane_quiet(lane) {
            return true;
        }
        let memory = self.remember();
        memory.paused || memory.pauses.stops_lane(lane)
    }

    /// What is due without what a pause, or settings that do not fit, hold back: it would be due for ever, and nothing would
    /// come of looking.
    pub(crate) fn without_paused(&self, mut due: Due) -> Due {
        let quiet = LANES.map(|lane| self.lane_quiet(lane));
        let memory = self.remember();
        if memory.paused {
            (due.dirty, due.timer, due.watch) = (None, None, None);
        }
        if memory.unfit {
            // Nothing is planned until the settings fit: that is asked again then.
            (due.dirty, due.timer) = (None, Some(memory.reference_due));
        }
        for ((ready, lane), quiet) in due.ready.iter_mut().zip(LANES).zip(quiet) {
            if quiet || memory.paused || memory.pauses.stops_lane(lane) {
                *ready = None;
            }
        }
        due
    }
}

/// Lanes in the order of their numbers.
const LANES: [Lane; 7] = [
    Lane::Cancel,
    Lane::Fulfilment,
    Lane::Orders,
    Lane::Background,
    Lane::Products,
    Lane::Stock,
    Lane::Charges,
];
