//! One row as it came back, read by column name. A missing or mistyped column is
//! [`StoreError::Inconsistent`] and names statement and column: loud, located, never a panic.

use crate::error::{Result, StoreError};
use domain::time::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

pub(crate) struct Row {
    pub(crate) statement: &'static str,
    pub(crate) inner: Inner,
}

pub(crate) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! get {
    ($row:expr, $column:expr, $kind:ty) => {
        match &$row.inner {
            Inner::Sqlite(row) => row.try_get::<Option<$kind>, _>($column),
            Inner::Postgres(row) => row.try_get::<Option<$kind>, _>($column),
        }
        .map_err(|error| $row.wrong($column, &error.to_string()))
    };
}

impl Row {
    fn wrong(&self, column: &str, why: &str) -> StoreError {
        StoreError::inconsistent(self.statement, column, why)
    }

    /// For a value that is there but says something this version does not know.
    pub(crate) fn unknown(&self, column: &str, value: &str) -> StoreError {
        self.wrong(column, &format!("unknown value {value:?}"))
    }

    fn present<T>(&self, column: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.wrong(column, "is NULL"))
    }

    pub(crate) fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        get!(self, column, i64)
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64> {
        self.int_opt(column).and_then(|v| self.present(column, v))
    }

    pub(crate) fn text_opt(&self, column: &str) -> Result<Option<String>> {
        get!(self, column, String)
    }

    pub(crate) fn text(&self, column: &str) -> Result<String> {
        self.text_opt(column).and_then(|v| self.present(column, v))
    }

    pub(crate) fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>> {
        get!(self, column, Vec<u8>)
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        self.bytes_opt(column).and_then(|v| self.present(column, v))
    }

    pub(crate) fn flag(&self, column: &str) -> Result<bool> {
        let value = match &self.inner {
            // STRICT tables know no BOOLEAN: 0 and 1 in an INTEGER column.
            Inner::Sqlite(row) => row.try_get::<Option<i64>, _>(column).map(|v| v.map(|n| n != 0)),
            Inner::Postgres(row) => row.try_get::<Option<bool>, _>(column),
        };
        value
            .map_err(|error| self.wrong(column, &error.to_string()))
            .and_then(|v| self.present(column, v))
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp> {
        self.int(column).map(Timestamp)
    }

    pub(crate) fn time_opt(&self, column: &str) -> Result<Option<Timestamp>> {
        self.int_opt(column).map(|v| v.map(Timestamp))
    }
}
