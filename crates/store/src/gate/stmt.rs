//! Named statements and their multi-row forms.
//!
//! A statement is one text in the common subset of SQLite and PostgreSQL; `pg` may override it
//! for speed, never for meaning. Batches repeat the one tuple after `VALUES`: parameters up to
//! `shared` are bound once, the rest once per row.

use crate::error::{Result, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Who a statement's rows belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// Rows of one tenant: the text must name `organisation_id`.
    Tenant,
    /// The whole installation, for the reason given.
    Whole(&'static str),
}

pub(crate) struct Stmt {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
    pub(crate) pg: Option<&'static str>,
    pub(crate) reach: Reach,
}

/// Which driver a text is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Stmt {
    pub(crate) fn text(&self, dialect: Dialect) -> &'static str {
        match (dialect, self.pg) {
            (Dialect::Postgres, Some(pg)) => pg,
            _ => self.sql,
        }
    }

    /// The text with its `VALUES` tuple repeated `rows` times. Generated once per size and kept
    /// for the life of the process, because the driver takes only texts that cannot be built
    /// from input.
    pub(crate) fn repeated(
        &'static self,
        dialect: Dialect,
        shared: usize,
        rows: usize,
    ) -> Result<&'static str> {
        if rows == 1 {
            return Ok(self.text(dialect));
        }
        type Key = (&'static str, Dialect, usize);
        static CACHE: OnceLock<Mutex<HashMap<Key, &'static str>>> = OnceLock::new();
        let mut cache =
            CACHE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.name, dialect, rows);
        if let Some(text) = cache.get(&key) {
            return Ok(text);
        }
        let text: &'static str = repeat_values(self.text(dialect), shared, rows)
            .ok_or_else(|| StoreError::inconsistent(self.name, "-", "has no VALUES tuple"))?
            .leak();
        cache.insert(key, text);
        Ok(text)
    }
}

/// Repeats the tuple after the first `VALUES`; `None` when there is none.
fn repeat_values(sql: &str, shared: usize, rows: usize) -> Option<String> {
    let at = sql.find("VALUES (")? + "VALUES ".len();
    let (head, rest) = sql.split_at_checked(at)?;
    let mut depth = 0_usize;
    let mut end = None;
    for (i, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    end = Some(i + 1);
                    break;
                }
            }
            _ => {}
        }
    }
    let (tuple, tail) = rest.split_at_checked(end?)?;
    let width = highest_parameter(tuple).saturating_sub(shared);
    let mut text = String::with_capacity(sql.len() + tuple.len() * rows * 2);
    text.push_str(head);
    for row in 0..rows {
        if row > 0 {
            text.push_str(", ");
        }
        shift_parameters(&mut text, tuple, shared, row * width);
    }
    text.push_str(tail);
    Some(text)
}

fn parameters(text: &str) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    text.match_indices('$').filter_map(|(at, _)| {
        let digits: String = text.get(at + 1..)?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok().map(|n| (at, at + 1 + digits.len(), n))
    })
}

fn highest_parameter(text: &str) -> usize {
    parameters(text).map(|(_, _, n)| n).max().unwrap_or(0)
}

fn shift_parameters(out: &mut String, tuple: &str, shared: usize, by: usize) {
    let mut from = 0;
    for (start, end, number) in parameters(tuple) {
        out.push_str(tuple.get(from..start).unwrap_or_default());
        let number = if number > shared { number + by } else { number };
        out.push('$');
        out.push_str(&number.to_string());
        from = end;
    }
    out.push_str(tuple.get(from..).unwrap_or_default());
}

/// Declares statements and the module's list `ALL`.
///
/// `tenant NAME = "sql";`, `tenant NAME = "sql", pg "override";`, `whole NAME = "sql", "why";`
macro_rules! statements {
    ($($reach:ident $name:ident = $sql:expr $(, pg $pg:expr)? $(, why $why:expr)? ;)*) => {
        $(
            pub(crate) static $name: $crate::gate::Stmt = $crate::gate::Stmt {
                name: stringify!($name),
                sql: $sql,
                pg: $crate::gate::statements!(@pg $($pg)?),
                reach: $crate::gate::statements!(@reach $reach $($why)?),
            };
        )*
        pub(crate) static ALL: &[&$crate::gate::Stmt] = &[$(&$name),*];
    };
    (@pg) => { None };
    (@pg $pg:expr) => { Some($pg) };
    (@reach tenant) => { $crate::gate::Reach::Tenant };
    (@reach whole $why:expr) => { $crate::gate::Reach::Whole($why) };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::repeat_values;

    #[test]
    fn a_tuple_is_repeated_with_shared_parameters_kept() {
        let text = repeat_values("INSERT INTO t VALUES ($1, f($2), 'x', $3) RETURNING $1", 1, 3);
        assert_eq!(
            text.unwrap(),
            "INSERT INTO t VALUES ($1, f($2), 'x', $3), ($1, f($4), 'x', $5), \
             ($1, f($6), 'x', $7) RETURNING $1"
        );
        assert!(repeat_values("SELECT 1", 0, 2).is_none());
    }
}
