//! The look at an environment when it is connected, and now and then later: reference data, and
//! one row of every set that is read or written, so that a missing right shows at once.

use crate::client::{self, Dynamics, Turn};
use crate::interpret;
use crate::limits;
use crate::odata::Query;
use crate::reply::CallError;
use crate::wire::{
    self, CarrierService, Conversion, Country, Header, LegalEntity, Line, LineBi, Mode, NoteRow,
    Pool, ProductConversion, Row, Slip, SlipLine, TableBi, Warehouse,
};
use domain::ids::WarehouseId;
use domain::reference_data::{DynamicsReference, UnitConversion, WarehouseInfo};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

impl Dynamics {
    /// Reads the reference data of the company with one `$batch` (further pages of long tables
    /// one by one) and asks the metadata what may be written.
    pub async fn probe(&self, now: Timestamp) -> Result<DynamicsReference, CallError> {
        let mut turn = self.turn();
        let urls = self.probe_urls();
        let batch = self
            .batch(&mut turn, now, "dynamics.probe", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut pages = Vec::new();
        for n in 0..urls.len() {
            pages.push(&interpret::read_part(batch.parts.get(n), now)?.body[..]);
        }
        let mut pages = pages.into_iter();
        let mut next = || pages.next().unwrap_or_default();
        let turn = &mut turn;
        let entities: Vec<LegalEntity> = self.whole(turn, now, next()).await?;
        let warehouses: Vec<Warehouse> = self.whole(turn, now, next()).await?;
        let modes: Vec<Mode> = self.whole(turn, now, next()).await?;
        let pools: Vec<Pool> = self.whole(turn, now, next()).await?;
        let services: Vec<CarrierService> = self.whole(turn, now, next()).await?;
        let countries: Vec<Country> = self.whole(turn, now, next()).await?;
        let general: Vec<Conversion> = self.whole(turn, now, next()).await?;
        let special: Vec<ProductConversion> = self.whole(turn, now, next()).await?;
        let companies: BTreeSet<String> = entities.iter().map(|e| e.id.to_lowercase()).collect();
        self.check_company(&companies)?;
        Ok(DynamicsReference {
            companies,
            warehouses: warehouses.into_iter().map(warehouse).collect(),
            modes: modes.into_iter().map(|m| m.code).collect(),
            pools: pools.into_iter().map(|p| p.id).collect(),
            carrier_services: services.into_iter().map(|s| (s.carrier, s.service)).collect(),
            countries: countries
                .into_iter()
                .filter(|c| !c.iso.is_empty())
                .map(|c| (c.id, c.iso))
                .collect(),
            conversions: general
                .into_iter()
                .map(ProductConversion::from)
                .chain(special)
                .filter_map(conversion)
                .collect(),
            capabilities: self.capabilities(turn, now).await?,
            refused_filters: Vec::new(),
            charge_codes: Vec::new(),
        })
    }

    fn check_company(&self, companies: &BTreeSet<String>) -> Result<(), CallError> {
        let company = &self.config.company;
        if companies.contains(&company.as_str().to_lowercase()) {
            return Ok(());
        }
        let seen: Vec<&str> = companies.iter().map(String::as_str).take(20).collect();
        Err(CallError::NoAccess {
            status: 200,
            why: format!(
                "F&O shows no legal entity {company} to this user: check the company and the \
                 user's access (seen: {})",
                seen.join(", ")
            ),
        })
    }

    fn probe_urls(&self) -> Vec<String> {
        let base = &self.config.base;
        let all = |set, select, key| Query::of(set, select).order_by(key).url(base);
        let ours = |set, select, key| {
            Query::of(set, select).filter(self.company()).order_by(key).url(base)
        };
        let first = |set, select| Query::of(set, select).filter(self.company()).top(1).url(base);
        vec![
            all(LegalEntity::SET, LegalEntity::SELECT, &["LegalEntityId"]),
            ours(Warehouse::SET, Warehouse::SELECT, &["WarehouseId"]),
            ours(Mode::SET, Mode::SELECT, &["ModeCode"]),
            ours(Pool::SET, Pool::SELECT, &["PoolId"]),
            ours(CarrierService::SET, CarrierService::SELECT, &["ShippingCarrierId", "ServiceId"]),
            all(Country::SET, Country::SELECT, &["CountryRegion"]),
            all(Conversion::SET, Conversion::SELECT, &["FromUnitSymbol", "ToUnitSymbol"]),
            all(
                ProductConversion::SET,
                ProductConversion::SELECT,
                &["ProductNumber", "FromUnitSymbol", "ToUnitSymbol"],
            ),
            first(Header::SET, Header::SELECT),
            first(Line::SET, Line::SELECT),
            first(TableBi::SET, TableBi::SELECT),
            first(LineBi::SET, LineBi::SELECT),
            first(Slip::SET, Slip::SELECT),
            first(SlipLine::SET, SlipLine::SELECT),
            first(NoteRow::SET, NoteRow::SELECT),
        ]
    }

    /// All rows of a table whose first page is given. Pages are by offset, so a row can come
    /// twice: callers collect into sets or tolerate it.
    pub(crate) async fn whole<T: Row>(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        first: &[u8],
    ) -> Result<Vec<T>, CallError> {
        let mut rows = Vec::new();
        let mut link = collect(first, &mut rows)?;
        let mut pages = 1;
        while let Some(url) = link {
            if pages >= limits::MASTER_PAGES {
                let why = format!("{} has more than {pages} pages", T::SET);
                return Err(CallError::Malformed { why });
            }
            let reply = self
                .get(turn, now, "dynamics.probe", self.own(&url)?)
                .await
                .map_err(|failure| interpret::read_failure(failure, now))?;
            if reply.status != 200 {
                return Err(interpret::read_error(&reply, now));
            }
            link = collect(&reply.body, &mut rows)?;
            pages += 1;
        }
        Ok(rows)
    }

    /// A next link only counts when it leads to the configured host: the token goes with it.
    pub(crate) fn own(&self, link: &str) -> Result<String, CallError> {
        let rest = match link.split_once("://") {
            None => link.strip_prefix('/').map(|path| format!("/{path}")),
            Some(_) => {
                let ours = self.config.base.to_lowercase();
                let same = link.get(..ours.len()).is_some_and(|start| start.to_lowercase() == ours);
                link.get(ours.len()..).filter(|_| same).map(str::to_owned)
            }
        };
        rest.filter(|rest| rest.starts_with("/data/"))
            .map(|rest| format!("{}{}", self.config.base, rest.replace(' ', "%20")))
            .ok_or_else(|| CallError::Malformed {
                why: "F&O gave a next link to another host".to_owned(),
            })
    }
}

fn collect<T: Row>(body: &[u8], rows: &mut Vec<T>) -> Result<Option<String>, CallError> {
    let page = wire::page::<T>(body).map_err(|why| CallError::Malformed { why })?;
    for row in page.rows {
        rows.push(row.map_err(|bad| CallError::Malformed { why: bad.why })?);
    }
    Ok(page.next)
}

pub(crate) fn warehouse(row: Warehouse) -> WarehouseInfo {
    WarehouseInfo {
        id: WarehouseId::new(row.id),
        site: row.site,
        // Not said counts as on: the plain write-back must be known to fit.
        advanced: row.advanced.unwrap_or(true),
        external: row.external.unwrap_or(false),
    }
}

impl From<Conversion> for ProductConversion {
    fn from(row: Conversion) -> Self {
        Self {
            etag: row.etag,
            product: String::new(),
            from: row.from,
            to: row.to,
            factor: row.factor,
            numerator: row.numerator,
            denominator: row.denominator,
            inner_offset: row.inner_offset,
            outer_offset: row.outer_offset,
        }
    }
}

/// A rule that cannot be calculated with is left out: the planner then holds what needs it.
fn conversion(row: ProductConversion) -> Option<UnitConversion> {
    let offset = |value: Option<Decimal>| value.is_some_and(|v| !v.is_zero());
    let numerator = row.factor?.checked_mul(row.numerator?)?;
    let denominator = row.denominator.filter(|d| !d.is_zero())?;
    (!numerator.is_zero()).then(|| UnitConversion {
        product: row.product,
        has_offset: offset(row.inner_offset) || offset(row.outer_offset),
        from: row.from,
        to: row.to,
        numerator: numerator.normalize(),
        denominator,
    })
}

#[cfg(test)]
mod tests;
