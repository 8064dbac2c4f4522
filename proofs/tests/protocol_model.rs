//! The protocol every remote write follows, checked exhaustively: lease and fence, attempt row before the call, doubt,
//! look-up, settle. Two workers over one store; a worker may crash at any point, a reply may be lost, an effect may come
//! late, a list may lag, a worker may be stopped in the middle and wake up after it lost the lease (a *zombie*).
//!
//! What it decides about `Operation` (`holds` explores every state; `breaks` shows the shortest way to break a property):
//!
//! | kind | how repeated | settle | protected from a zombie by |
//! |---|---|---|---|
//! | (a) unique at the remote: ShipBob order, product, tracking on the slip, note with kept id | look-up first after any doubt | for honest holds only: without it a person may be asked about something that exists | the remote's refusal, alone: at most one object even without look-up and settle |
//! | (b) not unique: note without kept id, journal header | look-up first after any doubt | **needed**: latest effect + lag of the list | **nothing**. See below |
//! | (c) absolute with etag: deliver-now, carrier | read, write again | not needed: the loser gets 412 and reads again | the etag |
//! | (c) absolute without etag | read back at settle, write again | **needed** | only a wish that cannot move while a call may be under way: the same for every owner |
//!
//! 1. Settle counts from the *end of our own call* (answer or time-out), and for a doubt inherited with the lease from
//!    the *take-over*. The time in the attempt row is not enough: the old owner may have written the row, waited as
//!    long as its lease allowed, and only then sent (`settle_from_take_over: false` is broken). A row may instead carry
//!    a *last byte by* time that the sender checks again right before its first byte; settle then counts from that.
//! 2. Settle must cover the latest effect and then the lag of the list that is asked; one of the two is not enough.
//! 3. For kind (b) no waiting helps against a worker stopped between its last lease check and its first byte. The check
//!    makes this rare; where it matters the operation must become kind (a) (an id of ours that the remote keeps), and
//!    where that is refused the next look-up must treat two finds as one object and remove the rest.
//! 4. Removing the look-up from kind (a) doubles nothing, but a person is asked about orders that exist.
#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: it prints what it explored, and the models index two workers"
)]

#[path = "protocol_model/absolute.rs"]
mod absolute;
#[path = "protocol_model/creates.rs"]
mod creates;
#[path = "protocol_model/lease.rs"]
mod lease;

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker, Expectation, Model, Path};

use absolute::Absolute;
use creates::Creates;

const AT_MOST_ONE: &str = "at most one object per reference";
const DONE_IS_TRUE: &str = "recorded done only with the effect there";
const HELD_IS_TRUE: &str = "a person is asked only when nothing is there";
const NEVER_LOST: &str = "when all is quiet, nothing is still open";
const EVENTUALLY: &str = "eventually done or held";
const ADOPTED: &str = "a doubt is resolved by adopting what was found";
const LATEST_WISH: &str = "in the end the remote has the latest wish";
const NOTHING_UNREAD: &str = "nothing is overwritten that was not read";

/// Explores every state of a variant and says what holds. Panics when a property does not hold, or when a situation
/// that must be reachable is not (the model would prove nothing); `except` are the properties the variant gives up.
fn holds<M>(name: &str, model: &M, except: &[&str])
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + Debug + Eq + Hash + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq,
{
    assert!(is_acyclic(model), "liveness is only judged on models without cycles");
    let checker = model.clone().checker().spawn_bfs().join();
    let found = checker.discoveries();
    println!("{name}: {} states, all of them", checker.unique_state_count());
    for property in model.properties() {
        let path = found.get(property.name).map(steps);
        let (as_wished, verdict) = match (&property.expectation, &path) {
            (Expectation::Sometimes, Some(_)) => (true, "happens"),
            (Expectation::Sometimes, None) => (false, "NEVER HAPPENS"),
            (_, None) => (true, "holds"),
            (_, Some(_)) => (false, "BROKEN"),
        };
        let given_up = except.contains(&property.name);
        println!("  {:<8} {}", if given_up { "given up" } else { verdict }, property.name);
        assert!(as_wished != given_up, "{name}: {} {verdict} {path:?}", property.name);
    }
}

/// Searches a weakened variant, nearest states first, for a way to break `property`, and prints it.
fn breaks<M>(name: &str, model: &M, property: &'static str)
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + Debug + Eq + Hash + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq,
{
    for depth in 2..40 {
        let checker = model.clone().checker().target_max_depth(depth).spawn_bfs().join();
        if let Some(path) = checker.discovery(property) {
            let way = steps(&path);
            println!("{name}: {} states until", checker.unique_state_count());
            println!("  BROKEN   {property}: {way}");
            return;
        }
    }
    panic!("{name}: no way found to break \"{property}\"; the model no longer shows why we do it");
}

fn steps<S, A>(path: &Path<S, A>) -> String
where
    S: Clone,
    A: Clone + Debug,
{
    let actions = path.clone().into_actions();
    actions.iter().map(|a| format!("{a:?}")).collect::<Vec<_>>().join(" → ")
}

/// Depth-first search for a way back to a state on the current path.
fn is_acyclic<M: Model>(model: &M) -> bool
where
    M::State: Clone + Eq + Hash,
{
    let mut finished: HashMap<M::State, bool> = HashMap::new();
    let mut stack: Vec<(M::State, bool)> =
        model.init_states().into_iter().map(|s| (s, false)).collect();
    while let Some((state, leave)) = stack.pop() {
        if leave {
            finished.insert(state, true);
            continue;
        }
        match finished.get(&state) {
            Some(true) => continue,
            Some(false) => return false,
            None => {}
        }
        finished.insert(state.clone(), false);
        stack.push((state.clone(), true));
        for next in model.next_states(&state) {
            match finished.get(&next) {
                Some(true) => {}
                Some(false) => return false,
                None => stack.push((next, false)),
            }
        }
    }
    true
}

const UNIQUE: Creates = Creates {
    unique: true,
    look_up: true,
    settle: creates::SETTLE,
    settle_from_take_over: true,
    zombie: false,
};
const PLAIN: Creates = Creates { unique: false, ..UNIQUE };

#[test]
fn a_create_that_is_unique_at_the_remote_survives_everything() {
    holds("(a) as designed", &UNIQUE, &[]);
    holds("(a) with a zombie", &Creates { zombie: true, ..UNIQUE }, &[HELD_IS_TRUE]);
}

#[test]
fn uniqueness_alone_keeps_a_create_single_and_the_look_up_keeps_holds_honest() {
    let bare = Creates { look_up: false, settle: 0, zombie: true, ..UNIQUE };
    holds("(a) without look-up and settle, with a zombie", &bare, &[HELD_IS_TRUE, ADOPTED]);
    breaks("(a) without look-up", &Creates { look_up: false, ..UNIQUE }, HELD_IS_TRUE);
    breaks("(a) without settle", &Creates { settle: 0, ..UNIQUE }, HELD_IS_TRUE);
}

#[test]
fn a_create_that_is_not_unique_needs_the_look_up_and_the_whole_settle() {
    holds("(b) as designed", &PLAIN, &[]);
    breaks("(b) without look-up", &Creates { look_up: false, ..PLAIN }, AT_MOST_ONE);
    breaks("(b) without settle", &Creates { settle: 0, ..PLAIN }, AT_MOST_ONE);
    let short = Creates { settle: creates::SETTLE - 1, ..PLAIN };
    breaks("(b) settle without the lag of the list", &short, AT_MOST_ONE);
    let row = Creates { settle_from_take_over: false, ..PLAIN };
    breaks("(b) settle from the attempt row after a take-over", &row, AT_MOST_ONE);
}

#[test]
fn no_waiting_protects_a_create_that_is_not_unique_from_a_zombie() {
    breaks("(b) with a zombie", &Creates { zombie: true, ..PLAIN }, AT_MOST_ONE);
}

#[test]
fn an_absolute_write_with_an_etag_needs_no_settle() {
    let etag = Absolute { etag: true, settle: 0, wish_moves: true, person: false, zombie: true };
    holds("(c) etag, moving wish, zombie, no settle", &etag, &[]);
    let person = Absolute { wish_moves: false, person: true, ..etag };
    holds("(c) etag, a person types, zombie, no settle", &person, &[]);
}

#[test]
fn an_absolute_write_without_an_etag_needs_a_wish_that_stays_or_no_zombie() {
    let settle = absolute::SETTLE;
    let same = Absolute { etag: false, settle, wish_moves: false, person: false, zombie: true };
    let moving = Absolute { wish_moves: true, ..same };
    let awake = Absolute { zombie: false, ..moving };
    holds("(c) no etag, one wish, zombie", &same, &[NOTHING_UNREAD]);
    holds("(c) no etag, moving wish, no zombie", &awake, &[]);
    breaks("(c) no etag, moving wish, zombie", &moving, LATEST_WISH);
    breaks("(c) no etag, moving wish, no settle", &Absolute { settle: 0, ..awake }, LATEST_WISH);
    breaks("(c) no etag, a person types", &Absolute { person: true, ..same }, NOTHING_UNREAD);
}
