//! Fault points around a transport, for the crash matrix of the proofs. Every send is a numbered
//! step; what happens at a step is the proof's choice.

use crate::{Request, Response, Transport, TransportError};
use futures::future::{BoxFuture, FutureExt};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens at one send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFault {
    /// Nothing special.
    Proceed,
    /// The process dies before the first byte.
    CrashBefore,
    /// The request takes effect, the process dies before it sees the reply.
    CrashAfter,
    /// The connection cannot be made.
    ErrorBefore,
    /// The request takes effect, the reply is lost.
    ReplyLost,
    /// The caller sees a lost reply; the request is handed to [`FaultPoint::hold_back`], to take
    /// effect later.
    Late,
    /// The request arrives twice; the caller sees the second reply.
    Repeat,
}

/// Decides what happens at each send.
pub trait FaultPoint: Send + Sync {
    /// Asked once per send, before it. Steps count from 1.
    fn at(&self, step: u64, label: &str) -> SendFault;

    /// Takes the request of a [`SendFault::Late`]. Whoever drives time sends it through the inner
    /// transport when it is due; by default it never arrives.
    fn hold_back(&self, step: u64, request: Request) {
        let _ = (step, request);
    }
}

/// A transport with fault points. After a crash every send is [`TransportError::Crashed`].
pub struct Faulty<T, P> {
    inner: T,
    points: P,
    steps: AtomicU64,
    crashed: AtomicBool,
}

impl<T: Transport, P: FaultPoint> Faulty<T, P> {
    /// Wraps `inner`.
    pub fn new(inner: T, points: P) -> Self {
        Self { inner, points, steps: AtomicU64::new(0), crashed: AtomicBool::new(false) }
    }

    /// Sends seen so far.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    /// A fault point stopped the process.
    pub fn crashed(&self) -> bool {
        self.crashed.load(Ordering::SeqCst)
    }

    /// Stops the process from outside, for crashes between two sends.
    pub fn crash(&self) {
        self.crashed.store(true, Ordering::SeqCst);
    }

    /// What it wraps.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    async fn act(&self, request: Request) -> Result<Response, TransportError> {
        if self.crashed() {
            return Err(TransportError::Crashed);
        }
        let step = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        let lost = |why: &str| Err(TransportError::Lost { why: format!("{why} at step {step}") });
        match self.points.at(step, request.label) {
            SendFault::Proceed => self.inner.send(request).await,
            SendFault::CrashBefore => {
                self.crash();
                Err(TransportError::Crashed)
            }
            SendFault::CrashAfter => {
                // The reply is of no interest: the process is dead when it arrives.
                drop(self.inner.send(request).await);
                self.crash();
                Err(TransportError::Crashed)
            }
            SendFault::ErrorBefore => Err(TransportError::NotSent {
                why: format!("connection refused by a fault point at step {step}"),
            }),
            SendFault::ReplyLost => {
                drop(self.inner.send(request).await);
                lost("reply dropped by a fault point")
            }
            SendFault::Late => {
                self.points.hold_back(step, request);
                lost("request delayed by a fault point")
            }
            SendFault::Repeat => {
                drop(self.inner.send(request.clone()).await);
                self.inner.send(request).await
            }
        }
    }
}

impl<T: Transport, P: FaultPoint> Transport for Faulty<T, P> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.act(request).boxed()
    }
}

impl<P: FaultPoint + ?Sized> FaultPoint for std::sync::Arc<P> {
    fn at(&self, step: u64, label: &str) -> SendFault {
        (**self).at(step, label)
    }
    fn hold_back(&self, step: u64, request: Request) {
        (**self).hold_back(step, request);
    }
}
