//! Tests of the parts nobody outside can see: signature, window, script.

use super::hooks::sign;
use super::script::{Author, Step, until_pick};
use super::window::Window;
use crate::world::calendar::{MINUTE, SECOND};
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::fate::Fate;

#[test]
fn the_signature_is_the_one_of_the_documentation() {
    let signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn the_window_slides() {
    let mut window = Window::new(Some(2));
    assert_eq!(window.take(0, false), Ok(()));
    assert_eq!(window.take(10 * SECOND, false), Ok(()));
    assert_eq!(window.remaining(), Some(0));
    assert_eq!(window.take(20 * SECOND, false), Err(40));
    assert_eq!(window.take(59 * SECOND + 1, false), Err(1));
    assert_eq!(window.take(MINUTE, false), Ok(()));
    assert_eq!(window.take(MINUTE, false), Err(10));
}

#[test]
fn rejected_calls_push_the_window_where_they_count() {
    let mut window = Window::new(Some(1));
    assert_eq!(window.take(0, true), Ok(()));
    assert_eq!(window.take(30 * SECOND, true), Err(60));
    assert_eq!(window.take(MINUTE, true), Err(60));
    assert_eq!(window.take(2 * MINUTE, true), Ok(()));
}

#[test]
fn an_unlimited_window_never_closes() {
    let mut window = Window::new(None);
    assert!((0..10_000).all(|_| window.take(0, false) == Ok(())));
    assert_eq!(window.remaining(), None);
}

#[test]
fn pace_divides_the_delays_of_life() {
    let script = |pace: u32| {
        let config = TwinConfig { pace, ..TwinConfig::default() };
        let author = Author { chance: Chance::new(7), config: &config, key: "r/0" };
        author.whole(Fate::Plain)
    };
    let (real, fast) = (until_pick(&script(1)), until_pick(&script(60)));
    assert!((31 * MINUTE..=125 * MINUTE).contains(&real), "{real}");
    assert!((fast - real / 60).abs() < 10, "{fast} {real}");
}

#[test]
fn what_waits_for_us_waits_unpaced() {
    let config = TwinConfig { pace: 100_000, ..TwinConfig::default() };
    let author = Author { chance: Chance::new(7), config: &config, key: "r/0" };
    let waits = |fate: Fate, wanted: Step| {
        let script = author.whole(fate);
        script.iter().find(|(_, step)| *step == wanted).map(|(delay, _)| *delay)
    };
    let a_day = Some(24 * 60 * MINUTE);
    assert_eq!(waits(Fate::CancelEarly, Step::AwaitCancel), a_day);
    assert_eq!(waits(Fate::TrackingChanged, Step::AwaitAck), a_day);
}

#[test]
fn the_bill_is_known_before_the_door() {
    let config = TwinConfig::default();
    for fate in Fate::all() {
        let author = Author { chance: Chance::new(7), config: &config, key: "r/0" };
        let steps: Vec<Step> = author.whole(fate).into_iter().map(|(_, step)| step).collect();
        let at = |wanted: Step| steps.iter().position(|step| *step == wanted);
        if let (Some(bill), Some(door)) = (at(Step::Invoice), at(Step::Deliver)) {
            assert!(bill < door, "{fate:?}");
        }
        if let (Some(number), Some(door)) = (at(Step::Number), at(Step::Deliver)) {
            assert!(number < door, "{fate:?}");
        }
    }
}
