//! Unwrapped personal keys in memory, bounded. Keys made or destroyed by a transaction stay with
//! it until its commit: a rolled-back key must never seal anything.

use super::DataKey;
use crate::gate::Reader;
use crate::limits::CACHED_KEYS;
use domain::ids::Scope;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is known about the key of a person.
#[derive(Clone)]
pub(crate) enum PersonKey {
    Key(DataKey),
    /// Erased; for good.
    Destroyed,
}

/// Keys of one transaction, not yet everybody's.
#[derive(Default)]
pub(crate) struct PendingKeys(pub(super) HashMap<String, PersonKey>);

/// Two generations: when the young one is full it becomes the old one. Keys in use survive by
/// being promoted; no per-read bookkeeping.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<String, PersonKey>,
    old: HashMap<String, PersonKey>,
}

impl Generations {
    fn put(&mut self, name: String, key: PersonKey) {
        if self.young.len() >= CACHED_KEYS {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, key);
    }
}

impl KeyCache {
    fn get(&self, name: &str) -> Option<PersonKey> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = all.young.get(name) {
            return Some(key.clone());
        }
        let (name, key) = all.old.remove_entry(name)?;
        all.put(name, key.clone());
        Some(key)
    }

    pub(super) fn put(&self, name: String, key: PersonKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(name, key);
    }

    /// Everything is asked of the database again.
    pub(super) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }

    /// Called after a commit.
    pub(crate) fn publish(&self, pending: PendingKeys) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, key) in pending.0 {
            all.old.remove(&name);
            all.put(name, key);
        }
    }
}

/// Cache key of a person; lengths first, so that names cannot run into each other.
pub(super) fn name(scope: &Scope, person: &str) -> String {
    let (organisation, connection) = (scope.organisation.as_str(), scope.connection.as_str());
    format!("{}:{}:{organisation}{connection}{person}", organisation.len(), connection.len())
}

impl Reader {
    pub(super) fn person_key(&self, scope: &Scope, person: &str) -> Option<PersonKey> {
        let name = name(scope, person);
        self.pending.0.get(&name).cloned().or_else(|| self.shared.cache.get(&name))
    }
}
