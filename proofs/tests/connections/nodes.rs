//! Two processes over one database: every cell has exactly one owner, and a silent one is succeeded.

use super::network;
use app::rig::{Fleet, RigError};
use domain::time::{Span, Timestamp};
use engine::{EngineError, Options};
use proofs::{Setup, Several};

/// Orders of each connection.
const ORDERS: u32 = 16;

/// How long a silent owner is left alone.
const LEASE: Span = Span::minutes(10);

fn process(scene: &Several, holder: &'static str) -> Fleet {
    let options = |_: usize, options: &mut Options| {
        options.exclusive = false;
        options.lease = LEASE;
        holder.clone_into(&mut options.holder);
    };
    scene.start(&network(scene), options)
}

/// One process does what it can; when it learns that it lost a cell it stands by.
async fn act(fleet: &Fleet) {
    if let Err(error) = fleet.settle_moment().await {
        assert!(matches!(error, RigError::Engine(EngineError::Lost)), "{error}");
        for one in &fleet.wired {
            one.engine.stand_again();
        }
    }
}

/// What a process may act on. After one refusal it takes nothing for granted until it has looked.
fn owns(fleet: &Fleet) -> Vec<bool> {
    let sure = |one: &app::cells::Wired| {
        one.engine.lease().is_some_and(|lease| lease.confirmed > Timestamp(0))
    };
    fleet.wired.iter().map(sure).collect()
}

/// The first stands still for longer than the lease, then wakes up.
async fn succession(scene: &Several) {
    let (one, two) = (process(scene, "one"), process(scene, "two"));
    let world = scene.connections[0].0.clone();
    let began = world.now();
    let mut changed = false;
    while world.now().since(began) < Span::hours(30) {
        let minute = world.now().since(began).as_seconds() / 60;
        if !(30..60).contains(&minute) {
            act(&one).await;
        }
        act(&two).await;
        let (first, second) = (owns(&one), owns(&two));
        if minute < 30 {
            assert_eq!((first.clone(), second.clone()), (vec![true; 2], vec![false; 2]));
        }
        // While the first stands still it may still believe; awake, it never owns what the second owns.
        if !(30..60).contains(&minute) {
            let both = first.iter().zip(&second).any(|(a, b)| *a && *b);
            assert!(!both, "two owners at minute {minute}: {first:?} {second:?}");
        }
        changed |= second.iter().all(|owned| *owned);
        let next = world.next_event().unwrap_or(world.now() + Span::minutes(1));
        world.advance(next.clamp(world.now() + Span::seconds(20), world.now() + Span::minutes(1)));
    }
    assert!(changed, "the cells never changed hands");
    one.stop();
    two.stop();
    for (nth, verdict) in scene.verdicts().await.iter().enumerate() {
        scene.assert(nth, verdict);
    }
}

#[tokio::test]
async fn cells_of_their_own_change_hands_one_by_one() {
    let scene = super::two_environments(Setup::new(12, ORDERS)).await;
    succession(&scene).await;
}

#[tokio::test]
async fn a_cell_of_two_connections_changes_hands_as_one() {
    succession(&Several::new(Setup::new(12, ORDERS), 2, 1).await).await;
}
