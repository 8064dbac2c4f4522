//! The seed world: one F&O database of N sales orders, awkward on purpose, and the ShipBob catalogue that belongs
//! to it. Everything is a pure function of the configuration; nothing here changes while the world runs, except
//! that new orders may be added at the end.

pub(crate) mod catalogue;
pub(crate) mod category;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod skus;
pub(crate) mod stock;
pub(crate) mod story;

use std::collections::HashMap;

use category::{Category, Dealer, Intent};

use crate::world::calendar::DAY;
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::fate::Fate;
use crate::world::truth::OrderTruth;

/// One sales order as the world means it.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    pub(crate) number: String,
    pub(crate) intent: Intent,
    /// When it is released (world micros); `None` = never.
    pub(crate) released_at: Option<i64>,
    pub(crate) created_at: i64,
}

/// An order typed into ShipBob by hand before the cut-off.
#[derive(Clone, Debug)]
pub(crate) struct PastedOrder {
    /// The F&O sales order number, used as ShipBob order number.
    pub(crate) order_number: String,
    /// Random, made by hand.
    pub(crate) reference: String,
    /// (SKU, name, pieces).
    pub(crate) lines: Vec<(String, String, i64)>,
    pub(crate) recipient: String,
    pub(crate) address1: String,
    pub(crate) address2: Option<String>,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) zip: String,
    /// ISO-2.
    pub(crate) country: String,
    pub(crate) centre_id: i64,
    /// World micros, before the start.
    pub(crate) created_at: i64,
}

/// Everything the world was made with.
pub(crate) struct SeedWorld {
    pub(crate) chance: Chance,
    pub(crate) company: &'static str,
    meant: Vec<Meant>,
    by_number: HashMap<String, u32>,
    dealer: Dealer,
    start: i64,
    span: i64,
    count: u32,
    cast: Vec<(&'static str, Fate)>,
    /// The ShipBob warehouses have warehouse management inside F&O.
    pub(crate) whs: bool,
}

impl SeedWorld {
    pub(crate) fn build(config: &TwinConfig) -> Self {
        let chance = Chance::new(config.seed);
        let mut seed = Self {
            chance,
            company: company(&config.company),
            meant: Vec::new(),
            by_number: HashMap::new(),
            dealer: Dealer::new(chance),
            start: config.start_micros,
            span: config.release_span_secs.max(0).saturating_mul(crate::world::calendar::SECOND),
            count: config.orders,
            cast: config.cast.clone(),
            whs: config.whs,
        };
        for _ in 0..config.orders {
            seed.deal();
        }
        for nth in 0..config.pasted {
            seed.paste(nth);
        }
        seed
    }

    /// Adds the next order of a running stream, released at `at`; returns its index.
    pub(crate) fn stream(&mut self, at: i64) -> u32 {
        let index = self.deal();
        if let Some(meant) = usize::try_from(index).ok().and_then(|index| self.meant.get_mut(index))
        {
            meant.created_at = at;
            meant.released_at = meant.released_at.map(|_| at);
        }
        index
    }

    fn deal(&mut self) -> u32 {
        let chance = self.chance;
        let index = self.next_index();
        let chosen = usize::try_from(index).ok().and_then(|at| self.cast.get(at)).copied();
        let (intent, number) = match chosen {
            Some((name, fate)) => self.dealer.cast(name, fate, |category| number(category, index)),
            None => self.dealer.deal(|category| number(category, index)),
        };
        let created_at =
            self.start - 3_600_000_000 - chance.between("created", &number, 0, DAY / 12);
        let released_at = self.release_of(&number, intent.category, index);
        let created_at = if intent.category == Category::BeforeCutOff {
            created_at - 3 * DAY
        } else {
            created_at
        };
        self.remember(Meant { number, intent, released_at, created_at })
    }

    fn paste(&mut self, nth: u32) {
        let number = format!("SO-P{:05}", nth + 1);
        let age = self.chance.between("pasted", &number, DAY, 5 * DAY);
        let intent = Intent { category: Category::Pasted, fate: Fate::Plain };
        let at = self.start - age;
        self.remember(Meant { number, intent, released_at: Some(at), created_at: at - DAY });
    }

    fn next_index(&self) -> u32 {
        u32::try_from(self.meant.len()).unwrap_or(u32::MAX)
    }

    fn remember(&mut self, meant: Meant) -> u32 {
        let index = self.next_index();
        self.by_number.insert(meant.number.clone(), index);
        self.meant.push(meant);
        index
    }

    /// Releases are spread evenly over the span, in the order of numbers.
    fn release_of(&self, number: &str, category: Category, index: u32) -> Option<i64> {
        match category {
            Category::BeforeCutOff => {
                Some(self.start - self.chance.between("released", number, DAY, 3 * DAY))
            }
            Category::FullyDelivered => Some(self.start - DAY),
            _ => {
                let count = i64::from(self.count.max(1));
                Some(self.start + self.span / count * i64::from(index.min(self.count)))
            }
        }
    }

    pub(crate) fn all(&self) -> &[Meant] {
        &self.meant
    }

    pub(crate) fn at(&self, index: u32) -> Option<&Meant> {
        self.meant.get(usize::try_from(index).ok()?)
    }

    /// What the world means with the order of that number.
    pub(crate) fn of(&self, order_number: &str) -> Option<&Meant> {
        self.at(*self.by_number.get(order_number)?)
    }

    /// The place of the order of that number.
    pub(crate) fn index_of(&self, order_number: &str) -> Option<u32> {
        self.by_number.get(order_number).copied()
    }

    /// The fate of a sales order; `None` for numbers F&O never gave.
    pub(crate) fn fate_of(&self, order_number: &str) -> Option<Fate> {
        self.of(order_number).map(|meant| meant.intent.fate)
    }

    /// The fate of one ShipBob order: a re-sent or added one (`k` > 1) of an order the clerk touches is plain.
    /// The reference is `{company}-{order number}-{lowest line}-{k}`; another shape counts as the first.
    pub(crate) fn fate_of_reference(&self, order_number: &str, reference: &str) -> Option<Fate> {
        let fate = self.fate_of(order_number)?;
        let k = reference.rsplit('-').next().and_then(|k| k.parse::<u32>().ok()).unwrap_or(1);
        Some(if k > 1 { Fate::Plain } else { fate })
    }

    pub(crate) fn truth(&self) -> Vec<OrderTruth> {
        let of = |meant: &Meant| OrderTruth {
            order_number: meant.number.clone(),
            category: self
                .story(meant)
                .name()
                .map_or_else(|| meant.intent.category.name(), str::to_owned),
            outcome: meant.intent.category.outcome(),
            fate: meant.intent.fate,
            racing: meant.intent.fate.is_racing(),
        };
        self.meant.iter().map(of).collect()
    }

    /// Orders typed into ShipBob by hand before the start.
    pub(crate) fn pasted(&self) -> Vec<PastedOrder> {
        let all = self.meant.iter().zip(0_u32..);
        all.filter(|(meant, _)| meant.intent.category == Category::Pasted)
            .map(|(meant, index)| orders::pasted(self, meant, index))
            .collect()
    }
}

/// Sales order numbers: `SO-000123`; a few need escaping everywhere.
fn number(category: Category, index: u32) -> String {
    let n = u64::from(index) + 1;
    match category {
        Category::OddNumber if index.is_multiple_of(2) => format!("O'Brien/{n}"),
        Category::OddNumber => format!("SO {n} & Söhne #1"),
        _ => format!("SO-{n:06}"),
    }
}

/// Companies live as long as the program: one leak per distinct name would be needless, so the usual ones are known.
fn company(name: &str) -> &'static str {
    match name {
        "usmf" => "usmf",
        "demf" => "demf",
        "gbsi" => "gbsi",
        "frrt" => "frrt",
        "inmf" => "inmf",
        other => Box::leak(other.to_lowercase().into_boxed_str()),
    }
}
