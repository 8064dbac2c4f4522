//! The wall clock, and waiting: the only place of the product that does either.

use domain::time::{Span, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use transport::gate::Clock;

/// Now, by the machine's clock.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "app is the one reader of the wall clock")]
    let now = jiff::Timestamp::now();
    Timestamp(now.as_microsecond())
}

/// The machine's clock as a parameter.
pub(crate) fn wall() -> Clock {
    Arc::new(now)
}

/// Waits.
pub(crate) async fn pause(span: Span) {
    #[expect(clippy::disallowed_methods, reason = "app is the one that waits")]
    let wait = tokio::time::sleep(Duration::from_micros(u64::try_from(span.0).unwrap_or(0)));
    wait.await;
}

/// A stopwatch for benchmarks and reports.
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "app measures")]
        let now = std::time::Instant::now();
        Self(now)
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
