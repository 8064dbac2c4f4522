//! Named statements: one text in the common subset of SQLite and PostgreSQL; `pg` may override it
//! for speed, never for meaning.

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
