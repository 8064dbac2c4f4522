//! The four kinds of value that cross the gate. Nothing else reaches a database, which is what
//! keeps the two databases alike.

use domain::time::{Span, Timestamp};

/// A value on its way into a statement.
#[derive(Clone)]
pub(crate) enum Value {
    /// `BIGINT`: ids, counts, microseconds.
    Int(Option<i64>),
    /// `TEXT`: names, keys, JSON.
    Text(Option<String>),
    /// `BLOB` or `BYTEA`: sealed or compressed bodies, keys, hashes.
    Bytes(Option<Vec<u8>>),
    /// `BOOLEAN`, on SQLite 0 or 1.
    Bool(Option<bool>),
}

macro_rules! from {
    ($($from:ty => $kind:ident($convert:expr)),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$kind(Some(($convert)(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map($convert))
            }
        }
    )*};
}

from! {
    i64 => Int(|v| v),
    Timestamp => Int(|v: Timestamp| v.0),
    Span => Int(|v: Span| v.0),
    String => Text(|v| v),
    &str => Text(|v: &str| v.to_owned()),
    Vec<u8> => Bytes(|v| v),
    bool => Bool(|v| v),
}

/// `values![a, b]`: a row of values from anything that converts.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::gate::Value::from($value)),*]
    };
}
pub(crate) use values;

/// `scoped![scope; a, b]`: organisation and connection as `$1` and `$2`, then the rest.
macro_rules! scoped {
    ($scope:expr $(; $($value:expr),* $(,)?)?) => {
        vec![
            $crate::gate::Value::from($scope.organisation.as_str()),
            $crate::gate::Value::from($scope.connection.as_str()),
            $($($crate::gate::Value::from($value)),*)?
        ]
    };
}
pub(crate) use scoped;

/// `shown!(Type: a, b)`: a `Debug` that shows these fields and never a body or personal value.
macro_rules! shown {
    ($($kind:ident: $($field:ident),*;)*) => {$(
        impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($kind))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}
pub(crate) use shown;
