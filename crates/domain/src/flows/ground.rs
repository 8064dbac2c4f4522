//! What a group of lines shares: warehouse, delivery mode, address. One group is one ShipBob
//! order.

use super::draft::Draft;
use crate::address::{self, Countries};
use crate::disposition::HoldReason;
use crate::ids::WarehouseId;
use crate::mapping::Mapping;
use crate::operation::CreateOrder;
use crate::sales::{Address, SalesLine, SalesOrder};
use crate::warehouse::Recipient;

pub(super) struct Ground {
    pub(super) warehouse: WarehouseId,
    /// As F&O writes it.
    pub(super) mode: String,
    pub(super) address: Address,
}

impl Ground {
    /// The line's own address and mode, else the header's.
    pub(super) fn of(line: &SalesLine, order: &SalesOrder) -> Self {
        let own = !line.address.street.trim().is_empty() || !line.address.city.trim().is_empty();
        let address = if own { &line.address } else { &order.address };
        let blank = line.delivery_mode.trim().is_empty();
        let mode = if blank { &order.delivery_mode } else { &line.delivery_mode };
        Self { warehouse: line.warehouse.clone(), mode: mode.clone(), address: address.clone() }
    }

    /// Equal for lines that may travel together. Codes are compared as F&O does, text as it is.
    pub(super) fn key(&self) -> [String; 9] {
        let a = &self.address;
        [
            self.warehouse.as_str().to_lowercase(),
            self.mode.trim().to_lowercase(),
            address::clean(&a.name),
            a.street.trim().to_owned(),
            address::clean(&a.city),
            address::clean(&a.state),
            address::clean(&a.zip),
            a.country.trim().to_lowercase(),
            a.country_iso.trim().to_lowercase(),
        ]
    }

    pub(super) fn recipient(
        &self,
        draft: &Draft<'_>,
        order: &SalesOrder,
    ) -> Result<Recipient, HoldReason> {
        let countries =
            Countries { settings: &draft.settings.countries, dynamics: &draft.facts.countries };
        address::recipient(&self.address, &order.email, &order.phone, &countries)
    }

    pub(super) fn mapping<'d>(&self, draft: &Draft<'d>) -> Option<&'d Mapping> {
        draft.settings.warehouse(&self.warehouse).map(|m| &m.mapping)
    }

    /// What is sent to a closed centre stays there: it waits, and nothing else does.
    pub(super) fn open(&self, draft: &Draft<'_>) -> Result<(), HoldReason> {
        let mapping = self.mapping(draft).filter(|m| m.shut(&draft.facts.closed));
        let Some(mapping) = mapping else { return Ok(()) };
        let what = match mapping {
            Mapping::Pinned(centre) => format!("ShipBob does not show centre {centre} as active"),
            Mapping::Network(_) => format!("ShipBob shows none of its {mapping} as active"),
        };
        Err(HoldReason::new(
            "centre-closed",
            "centre",
            &mapping.to_string(),
            &format!("{what}; warehouse {} ships from there.", self.warehouse),
            "Ask ShipBob when it opens, map the warehouse to another centre in the settings, or change the warehouse of the lines in Dynamics; the order goes by itself then.",
        ))
    }

    /// The lines are still booked where the order was sent for. Warehouses share no centre, so one
    /// centre in common tells a set that was changed from lines that were moved; that nothing was
    /// pinned when it was sent is no reason to tear the order apart.
    pub(super) fn same_place(&self, draft: &Draft<'_>, sent: &CreateOrder) -> bool {
        let Some(now) = self.mapping(draft) else { return false };
        match sent.centre {
            Some(centre) => now.covers(centre),
            None => sent.choice.is_empty() || sent.choice.iter().any(|c| now.covers(*c)),
        }
    }

    /// The shipping method the mode is mapped to, whether ShipBob knows it or not.
    pub(super) fn mapped_method(&self, draft: &Draft<'_>) -> Result<String, HoldReason> {
        let table = &draft.settings.methods;
        let found = table.iter().find(|(m, _)| m.trim().eq_ignore_ascii_case(self.mode.trim()));
        found.map(|(_, method)| method.clone()).ok_or_else(|| {
            HoldReason::new(
                "method-unmapped",
                "delivery mode",
                &self.mode,
                &format!("Delivery mode \"{}\" is not mapped to a ShipBob method.", self.mode),
                "Map the mode under [connection.methods] in the configuration, or change it on the order.",
            )
        })
    }

    /// As [`Self::mapped_method`], but known at ShipBob.
    pub(super) fn method(&self, draft: &Draft<'_>) -> Result<String, HoldReason> {
        let method = self.mapped_method(draft)?;
        if draft.facts.methods.contains(&method) {
            return Ok(method);
        }
        Err(HoldReason::new(
            "method-unknown-at-shipbob",
            "shipping method",
            &method,
            &format!(
                "ShipBob has no active shipping method \"{method}\"; it would become Standard."
            ),
            "Correct the method in the settings, or activate it at ShipBob.",
        ))
    }
}
