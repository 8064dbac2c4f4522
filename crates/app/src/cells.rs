//! Connections wired together: one gate per account and environment of a cell, one ownership per
//! cell, an engine per connection.

use crate::wiring::{self, Gates, Limiters, Remotes};
use domain::cells::{Tie, cells};
use domain::ids::Scope;
use domain::settings::Settings;
use domain::time::Span;
use dynamics::Quiet;
use engine::{CellOwner, Connect, Engine, Options};
use std::sync::Arc;
use store::{Cell, Store};
use transport::Transport;
use transport::gate::{Adaptive, Clock, Gate, STAYS, Table};

/// One connection before it is wired.
pub struct Wire {
    /// What ties it to others.
    pub tie: Tie,
    /// Addresses and credentials.
    pub remotes: Remotes,
    /// What a person decided.
    pub settings: Settings,
    /// Switches of its engine.
    pub options: Options,
}

/// One connection at work.
#[derive(Clone)]
pub struct Wired {
    /// Whose rows.
    pub scope: Scope,
    /// The name people see.
    pub name: String,
    /// Names of the connections in its cell, itself among them.
    pub cell: Vec<String>,
    /// Its engine.
    pub engine: Arc<Engine>,
    /// Its gates; connections of one cell may share them.
    pub gates: Gates,
    /// The way into ShipBob, where there is an app.
    pub connect: Option<Connect>,
}

/// A gate both of an environment and an account, by what is shared.
struct Tables {
    environments: Vec<(String, Table<Adaptive>, Quiet)>,
    accounts: Vec<((String, String), Table<Gate>)>,
}

/// Wires all connections of an installation.
pub fn wire(
    store: &Store,
    transport: &Arc<dyn Transport>,
    clock: &Clock,
    wires: Vec<Wire>,
) -> Vec<Wired> {
    let ties: Vec<Tie> = wires.iter().map(|wire| wire.tie.clone()).collect();
    let mut wired: Vec<(usize, Wired)> = Vec::with_capacity(wires.len());
    let mut taken: Vec<Option<Wire>> = wires.into_iter().map(Some).collect();
    for cell in cells(&ties) {
        let members: Vec<&Tie> = cell.iter().filter_map(|at| ties.get(*at)).collect();
        let rows = members.iter().map(|tie| Cell::of(&scope_of(tie))).collect();
        let owner = CellOwner::new(rows);
        let names: Vec<String> = members.iter().map(|tie| tie.name.clone()).collect();
        let mut tables = Tables { environments: Vec::new(), accounts: Vec::new() };
        for at in cell {
            let Some(wire) = taken.get_mut(at).and_then(Option::take) else { continue };
            let (limiters, gates) = tables.seat(&wire, clock);
            let scope = scope_of(&wire.tie);
            let engine = wiring::engine_behind(
                &limiters,
                scope.clone(),
                store.clone(),
                transport,
                &wire.remotes,
                wire.settings,
                Arc::clone(clock),
                wire.options,
            );
            let connect = wiring::connect(&scope, store, transport, &wire.remotes, clock);
            let engine = Arc::new(engine.within(Arc::clone(&owner)));
            let one =
                Wired { scope, name: wire.tie.name, cell: names.clone(), engine, gates, connect };
            wired.push((at, one));
        }
    }
    wired.sort_by_key(|(at, _)| *at);
    wired.into_iter().map(|(_, one)| one).collect()
}

/// Whose rows a connection has.
pub fn scope_of(tie: &Tie) -> Scope {
    wiring::scope(&tie.organisation, &tie.id)
}

impl Tables {
    /// A seat at each of its two gates, made when it is the first there.
    fn seat(&mut self, wire: &Wire, clock: &Clock) -> (Limiters, Gates) {
        let (fo, sb) = (&wire.tie.environment, (&wire.tie.shipbob, &wire.tie.account));
        let fresh = wiring::gates(&wire.remotes, clock);
        let known = self.environments.iter().position(|(url, ..)| url == fo);
        let fo_at = known.unwrap_or_else(|| {
            let table = Table::new(fresh.dynamics, Span(0), Arc::clone(clock));
            self.environments.push((fo.clone(), table, Quiet::default()));
            self.environments.len() - 1
        });
        let known = self.accounts.iter().position(|((url, name), _)| (url, name) == sb);
        let sb_at = known.unwrap_or_else(|| {
            let table = Table::new(fresh.shipbob, STAYS, Arc::clone(clock));
            self.accounts.push(((sb.0.clone(), sb.1.clone()), table));
            self.accounts.len() - 1
        });
        let (environments, accounts) = (&self.environments, &self.accounts);
        match (environments.get(fo_at), accounts.get(sb_at)) {
            (Some((_, dynamics, entra)), Some((_, shipbob))) => {
                let limiters = Limiters {
                    dynamics: Arc::new(dynamics.join()),
                    shipbob: Arc::new(shipbob.join()),
                    entra: entra.clone(),
                };
                let gates = Gates {
                    dynamics: Arc::clone(dynamics.gate()),
                    shipbob: Arc::clone(shipbob.gate()),
                };
                (limiters, gates)
            }
            _ => {
                let lone = wiring::gates(&wire.remotes, clock);
                (Limiters::from(&lone), lone)
            }
        }
    }
}
