//! A process that stands still: SIGSTOP in the middle of a call, SIGCONT much later.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::time::Span;
use futures::future::{BoxFuture, FutureExt};
use tokio::sync::Notify;
use transport::{Request, Response, Transport, TransportError};

/// Where a process stops, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// At the n-th write to a remote, from 1.
    pub write: u64,
    /// After the effect, before the reply is seen; else before the first byte.
    pub after: bool,
    /// How long it stands still.
    pub length: Span,
}

/// The stop and the wake-up call of one process.
pub(crate) struct Sleeper {
    stall: Stall,
    writes: AtomicU64,
    asleep: AtomicBool,
    stopped: Notify,
    go: Notify,
}

impl Sleeper {
    pub(crate) fn new(stall: Stall) -> Self {
        Self {
            stall,
            writes: AtomicU64::new(0),
            asleep: AtomicBool::new(false),
            stopped: Notify::new(),
            go: Notify::new(),
        }
    }

    pub(crate) fn length(&self) -> Span {
        self.stall.length
    }

    /// Waits until it stands still.
    pub(crate) async fn stopped(&self) {
        self.stopped.notified().await;
    }

    pub(crate) fn wake(&self) {
        self.go.notify_one();
    }

    /// It stood still once.
    pub(crate) fn slept(&self) -> bool {
        self.asleep.load(Ordering::SeqCst)
    }

    async fn sleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        self.stopped.notify_one();
        self.go.notified().await;
    }
}

/// A network whose user may stand still in the middle of a call.
pub(crate) struct Drowsy<T> {
    pub(crate) inner: T,
    pub(crate) sleeper: std::sync::Arc<Sleeper>,
}

impl<T: Transport> Transport for Drowsy<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let mine = crate::steps::is_write(request.label)
                && self.sleeper.writes.fetch_add(1, Ordering::SeqCst) + 1
                    == self.sleeper.stall.write;
            if !mine {
                return self.inner.send(request).await;
            }
            if self.sleeper.stall.after {
                let reply = self.inner.send(request).await;
                self.sleeper.sleep().await;
                return reply;
            }
            self.sleeper.sleep().await;
            self.inner.send(request).await
        }
        .boxed()
    }
}
