//! Cells are a partition: what is tied is together, what is together is tied, and nothing crosses
//! an organisation.

use domain::cells::{Tie, cells, conflicts};
use proptest::prelude::*;

fn tie(nth: usize, organisation: u8, environment: u8, account: u8) -> Tie {
    Tie {
        name: format!("connection {nth}"),
        id: format!("c{nth}"),
        organisation: format!("o{organisation}"),
        environment: format!("https://e{environment}.operations.dynamics.com"),
        company: format!("c{nth:03}"),
        shipbob: "https://api.shipbob.com".to_owned(),
        account: format!("o{organisation}a{account}"),
        channel: i64::try_from(nth).expect("a small number"),
        warehouses: vec!["SB01".to_owned()],
        pairing_allowed: false,
    }
}

fn ties() -> impl Strategy<Value = Vec<Tie>> {
    prop::collection::vec((0_u8..3, 0_u8..5, 0_u8..5), 0..14).prop_map(|all| {
        all.into_iter().enumerate().map(|(nth, (o, e, a))| tie(nth, o, e, a)).collect()
    })
}

fn shares(a: &Tie, b: &Tie) -> bool {
    a.organisation == b.organisation && (a.environment == b.environment || a.account == b.account)
}

proptest! {
    #[test]
    fn every_connection_is_in_exactly_one_cell(ties in ties()) {
        let mut all: Vec<usize> = cells(&ties).into_iter().flatten().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..ties.len()).collect::<Vec<_>>());
    }

    #[test]
    fn what_shares_is_together_and_nothing_else_is(ties in ties()) {
        let cells = cells(&ties);
        let of = |n: usize| cells.iter().position(|cell| cell.contains(&n));
        for a in 0..ties.len() {
            // Everything reachable from a by sharing.
            let mut reached = vec![a];
            let mut next = 0;
            while let Some(from) = reached.get(next).copied() {
                next += 1;
                for b in 0..ties.len() {
                    if !reached.contains(&b) && shares(&ties[from], &ties[b]) {
                        reached.push(b);
                    }
                }
            }
            for b in 0..ties.len() {
                prop_assert_eq!(of(a) == of(b), reached.contains(&b), "{} and {}", a, b);
            }
        }
    }

    #[test]
    fn the_order_of_the_file_does_not_matter(ties in ties()) {
        let names = |ties: &[Tie]| {
            let mut all: Vec<Vec<String>> = cells(ties)
                .into_iter()
                .map(|cell| {
                    let mut ids: Vec<String> = cell.iter().map(|n| ties[*n].id.clone()).collect();
                    ids.sort();
                    ids
                })
                .collect();
            all.sort();
            all
        };
        let turned: Vec<Tie> = ties.iter().rev().cloned().collect();
        prop_assert_eq!(names(&ties), names(&turned));
    }
}

#[test]
fn connections_that_may_not_stand_beside_each_other_are_named_with_their_key() {
    let one = tie(0, 0, 0, 0);
    type Change = Box<dyn Fn(&mut Tie)>;
    let cases: Vec<(&str, Change)> = vec![
        ("name", Box::new(|t| "Connection 0".clone_into(&mut t.name))),
        ("id", Box::new(|t| "c0".clone_into(&mut t.id))),
        ("channel", Box::new(|t| (t.company, t.channel) = ("C000".to_owned(), 0))),
        ("warehouses", Box::new(|t| "c000".clone_into(&mut t.company))),
        (
            "shipbob.account",
            Box::new(|t| (t.organisation, t.account) = ("o1".to_owned(), "o0a0".to_owned())),
        ),
        (
            "channel",
            Box::new(|t| {
                (t.organisation, t.account, t.channel) = ("o1".to_owned(), "x".to_owned(), 0)
            }),
        ),
        (
            "override_pairing",
            Box::new(|t| {
                "https://x.sandbox.operations.dynamics.com".clone_into(&mut t.environment)
            }),
        ),
    ];
    for (key, change) in cases {
        let mut other = tie(1, 0, 0, 0);
        change(&mut other);
        let found = conflicts(&[one.clone(), other]);
        assert_eq!(found.iter().map(|(at, key, _)| (*at, *key)).collect::<Vec<_>>(), [(1, key)]);
    }
    assert!(conflicts(&[one, tie(1, 0, 0, 0), tie(2, 1, 1, 1)]).is_empty());
}

#[test]
fn a_sandbox_beside_a_production_system_may_be_allowed() {
    let mut one = tie(0, 0, 0, 0);
    "https://sandbox-api.shipbob.com".clone_into(&mut one.shipbob);
    assert_eq!(conflicts(&[one.clone()]).len(), 1);
    one.pairing_allowed = true;
    assert!(conflicts(&[one.clone()]).is_empty());
    // A simulation on this machine is neither.
    one.pairing_allowed = false;
    "http://127.0.0.1:7702".clone_into(&mut one.environment);
    assert!(conflicts(&[one]).is_empty());
}
