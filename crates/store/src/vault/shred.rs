//! What an erasure removes beside the key: the sealed bodies themselves (nothing is left to be
//! opened by a key that survives in some backup), and texts in the clear that words of people or
//! of a remote system went into.

use super::body::ERASED;
use crate::error::Result;
use crate::gate::{Txn, scoped, statements};
use crate::link::normal_number;
use domain::ids::Scope;

statements! {
    tenant SHRED_OBSERVATION = "UPDATE observation SET body = $5 WHERE organisation_id = $1 \
        AND connection_id = $2 AND kind = $4 AND key = $3 AND person = $3";
    tenant SHRED_FACTS = "UPDATE facts SET body = $4 WHERE organisation_id = $1 \
        AND connection_id = $2 AND person = $3 AND hash IN (SELECT p.facts_hash FROM plan p \
        WHERE p.organisation_id = $1 AND p.connection_id = $2 AND p.subject = $3)";
    tenant SHRED_PLANS = "UPDATE plan SET outcome = $4 WHERE organisation_id = $1 \
        AND connection_id = $2 AND subject = $3";
    tenant SHRED_DELIVERIES = "UPDATE delivery SET body = $4, outcome = NULL \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3";
    tenant SHRED_ATTEMPTS = "UPDATE attempt SET detail = NULL WHERE organisation_id = $1 \
        AND connection_id = $2 AND delivery_id IN (SELECT d.id FROM delivery d \
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.subject = $3)";
    tenant SHRED_HOLDS = "UPDATE hold SET reason = 'Erased with the personal data.', fix = '', \
        value = '' WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3 \
        AND closed_at IS NOT NULL";
    tenant SHRED_DECISIONS = "UPDATE decision SET why = '' WHERE organisation_id = $1 \
        AND connection_id = $2 AND subject = $3";
    tenant SHRED_NUMBER = "DELETE FROM number WHERE organisation_id = $1 AND connection_id = $2 \
        AND number_normal = $4 AND subject = $3";
}

impl Txn {
    pub(super) async fn shred(
        &mut self,
        scope: &Scope,
        subject: &str,
        kinds: &[&str],
    ) -> Result<()> {
        for kind in kinds {
            let values = scoped![scope; subject, *kind, vec![ERASED]];
            self.run(&SHRED_OBSERVATION, values).await?;
        }
        for stmt in [&SHRED_FACTS, &SHRED_PLANS, &SHRED_DELIVERIES] {
            self.run(stmt, scoped![scope; subject, vec![ERASED]]).await?;
        }
        for stmt in [&SHRED_ATTEMPTS, &SHRED_HOLDS, &SHRED_DECISIONS] {
            self.run(stmt, scoped![scope; subject]).await?;
        }
        Ok(())
    }

    /// Makes a subject no longer findable by these numbers.
    ///
    /// # Errors
    /// As every statement.
    pub async fn numbers_remove(
        &mut self,
        scope: &Scope,
        subject: &str,
        numbers: &[String],
    ) -> Result<()> {
        for number in numbers {
            let normal = normal_number(number);
            self.run(&SHRED_NUMBER, scoped![scope; subject, normal]).await?;
        }
        Ok(())
    }
}
