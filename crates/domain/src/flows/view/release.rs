//! Whether F&O wants an order to be shipped at all.

use crate::flows::whs;
use crate::sales::{DocumentStatus, SalesOrder, SalesStatus};
use crate::settings::Settings;

/// What F&O says of an order as a whole.
pub(in crate::flows) enum Release {
    /// It is to be shipped.
    Yes,
    /// It is not (yet, or any more), in words.
    No(String),
    /// A value we do not know: nothing is sent, and nothing is taken back for it.
    Unclear { field: &'static str, value: String },
}

impl Release {
    pub(in crate::flows) fn of(order: &SalesOrder, settings: &Settings) -> Self {
        if order.sales_type != "Sales" {
            return Self::No(format!("Orders of type {} are not shipped.", order.sales_type));
        }
        match &order.status {
            SalesStatus::Canceled => return Self::No("Cancelled in Dynamics.".to_owned()),
            SalesStatus::Other(s) => {
                return Self::Unclear { field: "order status", value: s.clone() };
            }
            SalesStatus::Backorder | SalesStatus::Delivered | SalesStatus::Invoiced => {}
        }
        if order.stopped {
            return Self::No("Processing is stopped in Dynamics.".to_owned());
        }
        if order.credit_hold {
            return Self::No("On credit hold in Dynamics.".to_owned());
        }
        if let Some(release) = whs::release(order, settings) {
            return release;
        }
        Self::by_documents(order, settings)
    }

    /// Without warehouse management the documents tell.
    pub(in crate::flows) fn by_documents(order: &SalesOrder, settings: &Settings) -> Self {
        let least = settings.released_when.iter().filter_map(|s| rank(&status_of(s))).min();
        match (&order.document_status, rank(&order.document_status), least) {
            (DocumentStatus::Other(s), _, _) => {
                Self::Unclear { field: "document status", value: s.clone() }
            }
            (_, Some(now), Some(least)) if now >= least => Self::Yes,
            _ => Self::No("Not released yet: waits for its confirmation in Dynamics.".to_owned()),
        }
    }

    pub(in crate::flows) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }

    /// Why nothing is sent, in one sentence; none when it is released.
    pub(in crate::flows) fn why_not(&self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::No(why) => Some(why.clone()),
            Self::Unclear { field, value } => {
                Some(format!("The {field} \"{value}\" is not known to us; nothing is sent."))
            }
        }
    }
}

fn status_of(name: &str) -> DocumentStatus {
    match name {
        "None" => DocumentStatus::None,
        "Confirmation" => DocumentStatus::Confirmation,
        "PickingList" => DocumentStatus::PickingList,
        "PackingSlip" => DocumentStatus::PackingSlip,
        "Invoice" => DocumentStatus::Invoice,
        other => DocumentStatus::Other(other.to_owned()),
    }
}

/// Documents follow each other; one we do not know has no place in the row.
fn rank(status: &DocumentStatus) -> Option<u8> {
    match status {
        DocumentStatus::None => Some(0),
        DocumentStatus::Confirmation => Some(3),
        DocumentStatus::PickingList => Some(4),
        DocumentStatus::PackingSlip => Some(5),
        DocumentStatus::Invoice => Some(7),
        DocumentStatus::Other(_) => None,
    }
}
