//! The list of every statement. A test prepares all of them on both databases and refuses a
//! tenant statement that does not name its organisation.

use crate::gate::{Reach, Stmt};
use crate::{
    billing, connection, delivery, hold, inbound, inbox, lease, link, observation, plan, read,
    subject,
};
use crate::{lots, retention, stock, told, trail, vault, webhook};

/// Every statement this crate can run.
pub(crate) fn registered() -> Vec<&'static Stmt> {
    [
        connection::statements(),
        billing::statements(),
        inbound::statements(),
        lease::statements(),
        inbox::statements(),
        observation::statements(),
        link::statements(),
        subject::statements(),
        plan::statements(),
        &delivery::statements(),
        hold::statements(),
        &trail::statements(),
        &vault::statements(),
        webhook::statements(),
        &read::statements(),
        retention::statements(),
        lots::statements(),
        stock::statements(),
        told::statements(),
    ]
    .concat()
}

/// What is known about a statement, for documentation and measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementInfo {
    /// Its name, as it appears in errors and traces.
    pub name: &'static str,
    /// Why it reaches beyond one tenant; `None` when it does not.
    pub whole_because: Option<&'static str>,
}

/// Every statement this crate can run.
pub fn statements() -> Vec<StatementInfo> {
    let info = |stmt: &'static Stmt| StatementInfo {
        name: stmt.name,
        whole_because: match stmt.reach {
            Reach::Tenant => None,
            Reach::Whole(why) => Some(why),
        },
    };
    registered().into_iter().map(info).collect()
}
