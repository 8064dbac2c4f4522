//! One data key per person. A person is a subject whose records carry personal data; erasing it
//! destroys the key and with it every sealed body, while history keeps its shape.

use super::cache::{PersonKey, name};
use super::fresh_key;
use crate::error::Result;
use crate::gate::{Reader, Row, Store, Txn, scoped, statements, values};
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::HashSet;

statements! {
    tenant PERSON_FIND = "WITH wanted (subject) AS (VALUES ($3)) \
        SELECT p.subject, p.key_id, p.wrapped_key, p.destroyed_at FROM wanted w \
        CROSS JOIN person p WHERE p.organisation_id = $1 AND p.connection_id = $2 \
        AND p.subject = w.subject";
    tenant PERSON_ADD = "INSERT INTO person \
        (organisation_id, connection_id, subject, key_id, wrapped_key, destroyed_at) \
        VALUES ($1, $2, $4, $3, $5, NULL) ON CONFLICT DO NOTHING RETURNING subject";
    tenant PERSON_DESTROY = "UPDATE person SET wrapped_key = NULL, destroyed_at = $4 \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3 \
        AND destroyed_at IS NULL";
    tenant PERSON_FORGET_TRAIL = "UPDATE trail \
        SET before = NULL, after = NULL, why = NULL, salt = NULL \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3";
}

/// Kinds of observations that are sealed under the key of their subject.
const SEALED_KINDS: [&str; 4] = ["fo.order", "fo.request", "sb.orders", "kept"];

impl Reader {
    /// Brings the keys of these persons into memory; returns those that have none.
    pub(crate) async fn load_keys<'a>(
        &mut self,
        scope: &Scope,
        persons: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<String>> {
        let mut missing: HashSet<&str> = HashSet::new();
        for person in persons {
            if self.person_key(scope, person).is_none() {
                missing.insert(person);
            }
        }
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let rows = missing.iter().map(|person| values![*person]).collect();
        let shared = scoped![scope];
        for row in self.all_many(&PERSON_FIND, shared, rows).await? {
            let person = row.text("subject")?;
            let key = self.person_key_of(scope, &person, &row)?;
            missing.remove(person.as_str());
            self.shared.cache.put(name(scope, &person), key);
        }
        let mut absent: Vec<String> = missing.into_iter().map(str::to_owned).collect();
        absent.sort_unstable();
        Ok(absent)
    }

    fn person_key_of(&self, scope: &Scope, person: &str, row: &Row) -> Result<PersonKey> {
        let wrapped = row.bytes_opt("wrapped_key")?;
        let (Some(wrapped), None) = (wrapped, row.time_opt("destroyed_at")?) else {
            return Ok(PersonKey::Destroyed);
        };
        self.shared
            .keys
            .unwrap_key(&row.text("key_id")?, &wrapped, &bound_to(scope, person))
            .map(PersonKey::Key)
    }
}

pub(super) fn bound_to<'a>(scope: &'a Scope, person: &'a str) -> [&'a str; 4] {
    ["person", scope.organisation.as_str(), scope.connection.as_str(), person]
}

impl Txn {
    /// Loads the keys of these persons and makes those that do not exist.
    pub(crate) async fn ensure_keys<'a>(
        &mut self,
        scope: &Scope,
        persons: impl IntoIterator<Item = &'a str>,
    ) -> Result<()> {
        let absent = self.load_keys(scope, persons).await?;
        if absent.is_empty() {
            return Ok(());
        }
        let key_id = self.shared.keys.current().id().to_owned();
        let mut made = Vec::with_capacity(absent.len());
        let mut rows = Vec::with_capacity(absent.len());
        for person in absent {
            let key = fresh_key()?;
            let wrapped = self.shared.keys.wrap(&key, &bound_to(scope, &person))?;
            rows.push(values![person.as_str(), wrapped]);
            made.push((person, key));
        }
        let shared = scoped![scope; key_id];
        let mut added = HashSet::new();
        for row in self.all_many(&PERSON_ADD, shared, rows).await? {
            added.insert(row.text("subject")?);
        }
        let mut lost = Vec::new();
        for (person, key) in made {
            if added.contains(&person) {
                self.pending.0.insert(name(scope, &person), PersonKey::Key(key));
            } else {
                lost.push(person);
            }
        }
        // Somebody else made these keys a moment ago: theirs count.
        self.load_keys(scope, lost.iter().map(String::as_str)).await?;
        Ok(())
    }

    /// Destroys the key of a person: every body sealed for it becomes `None`, the
    /// contents of trail entries about it go, the trail still verifies. False when there was
    /// nothing to erase.
    ///
    /// # Errors
    /// As every statement.
    pub async fn person_erase(
        &mut self,
        scope: &Scope,
        subject: &str,
        at: Timestamp,
    ) -> Result<bool> {
        let destroyed = self.run(&PERSON_DESTROY, scoped![scope; subject, at]).await?;
        if destroyed == 0 {
            return Ok(false);
        }
        self.run(&PERSON_FORGET_TRAIL, scoped![scope; subject]).await?;
        self.shred(scope, subject, &SEALED_KINDS).await?;
        self.pending.0.insert(name(scope, subject), PersonKey::Destroyed);
        Ok(true)
    }
}

impl Reader {
    /// Which of these subjects were erased.
    ///
    /// # Errors
    /// As every statement.
    pub async fn erased(&mut self, scope: &Scope, subjects: &[String]) -> Result<HashSet<String>> {
        self.load_keys(scope, subjects.iter().map(String::as_str)).await?;
        let gone = |s: &&String| matches!(self.person_key(scope, s), Some(PersonKey::Destroyed));
        Ok(subjects.iter().filter(gone).cloned().collect())
    }
}

impl Store {
    /// Forgets the keys of persons held in memory. To be called when another process may have
    /// destroyed some.
    pub fn forget_keys(&self) {
        self.shared.cache.clear();
    }
}
