//! Multi-row forms of `VALUES` statements: parameters up to `shared` are bound once, the rest once
//! per row. Texts are generated once per size and kept for the life of the process, because the
//! driver takes only texts that cannot be built from input.
//!
//! On SQLite a batch uses nameless parameters in the order of their appearance: numbered ones are
//! looked up one by one in a list, which costs the square of their number.

use super::stmt::{Dialect, Stmt};
use super::value::{Value, values};
use crate::error::{Result, StoreError};
use crate::limits::BATCH_ROWS;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A generated text and, where parameters are nameless, which value goes where.
#[derive(Clone, Copy)]
struct Form {
    text: &'static str,
    order: Option<&'static [Slot]>,
}

/// The place of one nameless parameter.
struct Slot {
    /// Index of its value: shared ones first, then row by row.
    value: usize,
    /// True when the value is not needed again and can be moved.
    last: bool,
}

/// A row per key for a statement that finds many of them, in the same order in every run; what is named twice is asked
/// for once.
pub(crate) fn once_each(keys: &[String]) -> Vec<Vec<Value>> {
    let wanted: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    wanted.into_iter().map(|key| values![key]).collect()
}

/// Cuts rows into the fixed batch sizes and pairs each with its text.
pub(super) fn batches(
    stmt: &'static Stmt,
    dialect: Dialect,
    shared: &[Value],
    rows: Vec<Vec<Value>>,
) -> Result<Vec<(&'static str, Vec<Value>)>> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    let mut batches = Vec::new();
    for size in BATCH_ROWS {
        while left >= size {
            let form = form(stmt, dialect, shared.len(), size)?;
            let mut values = shared.to_vec();
            for row in rows.by_ref().take(size) {
                values.extend(row);
            }
            left -= size;
            batches.push((form.text, ordered(values, form.order)));
        }
    }
    Ok(batches)
}

fn ordered(mut values: Vec<Value>, order: Option<&[Slot]>) -> Vec<Value> {
    let Some(order) = order else {
        return values;
    };
    let mut placed = Vec::with_capacity(order.len());
    for slot in order {
        match values.get_mut(slot.value) {
            Some(value) if slot.last => placed.push(std::mem::replace(value, Value::Int(None))),
            Some(value) => placed.push(value.clone()),
            None => placed.push(Value::Int(None)),
        }
    }
    placed
}

fn form(stmt: &'static Stmt, dialect: Dialect, shared: usize, rows: usize) -> Result<Form> {
    if rows == 1 {
        return Ok(Form { text: stmt.text(dialect), order: None });
    }
    type Key = (&'static str, Dialect, usize);
    static CACHE: OnceLock<Mutex<HashMap<Key, Form>>> = OnceLock::new();
    let mut cache =
        CACHE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let key = (stmt.name, dialect, rows);
    if let Some(form) = cache.get(&key) {
        return Ok(*form);
    }
    let text = repeat_values(stmt.text(dialect), shared, rows)
        .ok_or_else(|| StoreError::inconsistent(stmt.name, "-", "has no VALUES tuple"))?;
    let form = match dialect {
        Dialect::Postgres => Form { text: text.leak(), order: None },
        Dialect::Sqlite => {
            let (text, order) = nameless(&text);
            Form { text: text.leak(), order: Some(order.leak()) }
        }
    };
    cache.insert(key, form);
    Ok(form)
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
            ')' if depth == 1 => {
                end = Some(i + 1);
                break;
            }
            ')' => depth -= 1,
            _ => {}
        }
    }
    let (tuple, tail) = rest.split_at_checked(end?)?;
    let width = parameters(tuple).map(|(_, _, n)| n).max().unwrap_or(0).saturating_sub(shared);
    let mut text = String::with_capacity(sql.len() + tuple.len() * rows * 2);
    text.push_str(head);
    for row in 0..rows {
        if row > 0 {
            text.push_str(", ");
        }
        let shifted = |n: usize| if n > shared { n + row * width } else { n };
        rewrite(&mut text, tuple, |n| format!("${}", shifted(n)));
    }
    text.push_str(tail);
    Some(text)
}

/// Replaces every `$n` by `?` and says which value each of them stands for.
fn nameless(sql: &str) -> (String, Vec<Slot>) {
    let numbers: Vec<usize> = parameters(sql).map(|(_, _, n)| n).collect();
    let mut text = String::with_capacity(sql.len());
    rewrite(&mut text, sql, |_| "?".to_owned());
    let mut seen = std::collections::HashSet::new();
    let mut order: Vec<Slot> = numbers
        .iter()
        .rev()
        .map(|n| Slot { value: n.saturating_sub(1), last: seen.insert(*n) })
        .collect();
    order.reverse();
    (text, order)
}

/// Start, end and number of every `$n`.
fn parameters(text: &str) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    text.match_indices('$').filter_map(|(at, _)| {
        let digits: String = text.get(at + 1..)?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok().map(|n| (at, at + 1 + digits.len(), n))
    })
}

fn rewrite(out: &mut String, text: &str, parameter: impl Fn(usize) -> String) {
    let mut from = 0;
    for (start, end, number) in parameters(text) {
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(&parameter(number));
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::{nameless, repeat_values};

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

    #[test]
    fn nameless_parameters_remember_their_values() {
        let (text, order) = nameless("VALUES ($1, $3), ($1, $2) RETURNING $1");
        assert_eq!(text, "VALUES (?, ?), (?, ?) RETURNING ?");
        let order: Vec<_> = order.iter().map(|slot| (slot.value, slot.last)).collect();
        assert_eq!(order, [(0, false), (2, true), (0, false), (1, true), (0, true)]);
    }
}
