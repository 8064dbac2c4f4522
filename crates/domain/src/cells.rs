//! Which connections belong together, and which may not stand beside each other.
//!
//! A cell is the unit of ownership: connections of one organisation that share, directly or over
//! others, an F&O environment or a ShipBob account. Everything that is limited per account or
//! environment then has one owner.

/// What a connection is tied to others by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// The name people see.
    pub name: String,
    /// Id of its rows.
    pub id: String,
    /// Whose it is.
    pub organisation: String,
    /// The F&O environment: its address.
    pub environment: String,
    /// F&O legal entity.
    pub company: String,
    /// The ShipBob host.
    pub shipbob: String,
    /// The ShipBob account, as the operator calls it.
    pub account: String,
    /// ShipBob channel.
    pub channel: i64,
    /// F&O warehouses it ships from.
    pub warehouses: Vec<String>,
    /// A sandbox beside a production system was allowed by the operator.
    pub pairing_allowed: bool,
}

impl Tie {
    fn same_environment(&self, other: &Self) -> bool {
        self.environment.eq_ignore_ascii_case(&other.environment)
    }

    fn same_account(&self, other: &Self) -> bool {
        self.shipbob.eq_ignore_ascii_case(&other.shipbob) && self.account == other.account
    }

    fn tied(&self, other: &Self) -> bool {
        self.organisation == other.organisation
            && (self.same_environment(other) || self.same_account(other))
    }
}

/// The cells: places in `ties`, each in exactly one cell, both in ascending order.
pub fn cells(ties: &[Tie]) -> Vec<Vec<usize>> {
    let mut cell: Vec<usize> = (0..ties.len()).collect();
    for (a, one) in ties.iter().enumerate() {
        for (b, other) in ties.iter().enumerate().skip(a + 1) {
            let (Some(&of_a), Some(&of_b)) = (cell.get(a), cell.get(b)) else { continue };
            if of_a != of_b && one.tied(other) {
                let (low, high) = (of_a.min(of_b), of_a.max(of_b));
                for place in &mut cell {
                    if *place == high {
                        *place = low;
                    }
                }
            }
        }
    }
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, of) in cell.into_iter().enumerate() {
        match found.iter_mut().find(|(known, _)| *known == of) {
            Some((_, members)) => members.push(at),
            None => found.push((of, vec![at])),
        }
    }
    found.into_iter().map(|(_, members)| members).collect()
}

/// Whether an address is a sandbox's; none = this machine: a simulation.
pub fn is_sandbox(url: &str) -> Option<bool> {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    let here = ["127.0.0.1", "[::1]", "localhost"].iter().any(|name| host.starts_with(name));
    (!here).then(|| host.contains(".sandbox.") || host.starts_with("sandbox-api."))
}

/// What is wrong with these connections beside each other: the place of the connection, the key
/// and what to do.
pub fn conflicts(ties: &[Tie]) -> Vec<(usize, &'static str, String)> {
    let mut found = Vec::new();
    for (at, one) in ties.iter().enumerate() {
        let sides = (is_sandbox(&one.environment), is_sandbox(&one.shipbob));
        if matches!(sides, (Some(fo), Some(sb)) if fo != sb) && !one.pairing_allowed {
            let (fo, sb) = if sides.0 == Some(true) {
                ("a sandbox", "a production system")
            } else {
                ("a production system", "a sandbox")
            };
            let why = format!(
                "pairs {fo} of F&O with {sb} of ShipBob: test orders must not be shipped, and real \
                 ones must be. Correct dynamics.url or shipbob.url, or set override_pairing = true"
            );
            found.push((at, "override_pairing", why));
        }
        for other in ties.iter().take(at) {
            found.extend(beside(one, other).map(|(key, why)| (at, key, why)));
        }
    }
    found
}

fn beside(one: &Tie, other: &Tie) -> Option<(&'static str, String)> {
    let name = &other.name;
    if one.name.eq_ignore_ascii_case(name) {
        return Some((
            "name",
            format!("\"{name}\" is taken by another connection: choose another"),
        ));
    }
    if one.id == other.id && one.organisation == other.organisation {
        let why = format!("\"{}\" is also the id of \"{name}\": choose another", one.id);
        return Some(("id", why));
    }
    let same_company =
        one.same_environment(other) && one.company.eq_ignore_ascii_case(&other.company);
    if same_company && one.channel == other.channel {
        let why = format!(
            "\"{name}\" already connects legal entity {} with channel {}: one of both is too many",
            one.company, one.channel
        );
        return Some(("channel", why));
    }
    if same_company {
        let both = one.warehouses.iter().find(|w| other.warehouses.contains(w));
        return both.map(|warehouse| {
            let why = format!(
                "warehouse {warehouse} of legal entity {} is also in \"{name}\": its orders would \
                 be shipped twice",
                one.company
            );
            ("warehouses", why)
        });
    }
    if one.organisation != other.organisation && one.same_account(other) {
        let why = format!(
            "\"{}\" is also the account of \"{name}\" in organisation \"{}\": an account belongs \
             to one organisation",
            one.account, other.organisation
        );
        return Some(("shipbob.account", why));
    }
    if one.organisation != other.organisation
        && one.shipbob.eq_ignore_ascii_case(&other.shipbob)
        && one.channel == other.channel
    {
        let why = format!(
            "channel {} is also in \"{name}\" of organisation \"{}\": a channel belongs to one \
             account, and an account to one organisation",
            one.channel, other.organisation
        );
        return Some(("channel", why));
    }
    None
}
