//! Numbered steps of a life – every commit and every send – and what a proof lets happen at them.
//!
//! A step that kills stops both gates at once: after it nothing is kept and nothing is sent, as after `kill -9`.
//! A request that is held back lives on in the network, whatever becomes of its sender.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::{Span, Timestamp};
use store::{FaultAction, StorePoint};
use transport::gate::Clock;
use transport::{Request, SendFault, Transport};

/// One step of one life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The n-th commit, with the name of its transaction.
    Commit(u64, &'static str),
    /// The n-th request, with its label.
    Send(u64, &'static str),
}

impl Step {
    /// Its number among its kind, from 1.
    pub fn number(self) -> u64 {
        match self {
            Self::Commit(n, _) | Self::Send(n, _) => n,
        }
    }

    /// The name of the transaction or of the call.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit(_, name) | Self::Send(_, name) => name,
        }
    }
}

/// Calls that change something at a remote.
const WRITES: [&str; 16] = [
    "create-order",
    "create-product",
    "add-variants",
    "update-product",
    "cancel-order",
    "update-address",
    "update-lines",
    "update-method",
    "ack-tracking",
    "subscribe",
    "unsubscribe",
    "dynamics.write",
    "dynamics.call",
    "dynamics.upload",
    "dynamics.import",
    "shipbob.token",
];

/// The call of that label changes something at a remote.
pub fn is_write(label: &str) -> bool {
    WRITES.contains(&label)
}

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The process dies before it.
    CrashBefore,
    /// The process dies after it, without learning of it.
    CrashAfter,
    /// It fails cleanly: nothing kept, nothing sent.
    Error,
    /// It takes effect, the reply is lost. A commit has no reply of its own: there it counts as an error.
    ReplyLost,
    /// The caller sees a lost reply, the effect comes this much later. For a commit as above.
    Late(Span),
    /// It arrives twice. A commit happens once.
    Repeat,
}

/// What a proof lets happen: the number of the life (from 1) and the step.
pub type Choose = Box<dyn Fn(u32, Step) -> Option<Blow> + Send + Sync>;

/// The steps of all lives in one world.
pub struct Steps {
    choose: Choose,
    clock: Clock,
    life: AtomicU32,
    dead: AtomicBool,
    commits: AtomicU64,
    sends: AtomicU64,
    seen: Mutex<Vec<Step>>,
    struck: Mutex<Vec<(u32, Step, Blow)>>,
    late: Mutex<Option<Span>>,
    held: Mutex<Vec<(Timestamp, Request)>>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Steps {
    /// Steps at which `choose` decides.
    pub fn new(clock: Clock, choose: Choose) -> Self {
        Self {
            choose,
            clock,
            life: AtomicU32::new(0),
            dead: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            sends: AtomicU64::new(0),
            seen: Mutex::default(),
            struck: Mutex::default(),
            late: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// The next life begins: it can die again, and its steps count from 1.
    pub fn begin_life(&self) -> u32 {
        self.commits.store(0, Ordering::SeqCst);
        self.sends.store(0, Ordering::SeqCst);
        self.dead.store(false, Ordering::SeqCst);
        self.life.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// This life ends here, at no step in particular.
    pub fn kill(&self) {
        self.dead.store(true, Ordering::SeqCst);
    }

    /// Lives begun so far.
    pub fn lives(&self) -> u32 {
        self.life.load(Ordering::SeqCst)
    }

    /// Every step of every life, in order.
    pub fn seen(&self) -> Vec<Step> {
        locked(&self.seen).clone()
    }

    /// What really happened at which step of which life.
    pub fn struck(&self) -> Vec<(u32, Step, Blow)> {
        locked(&self.struck).clone()
    }

    /// When the next request that was held back arrives.
    pub fn next_held(&self) -> Option<Timestamp> {
        locked(&self.held).iter().map(|(due, _)| *due).min()
    }

    /// Lets the requests arrive that are due. Nobody hears the replies.
    pub async fn release_held(&self, network: &dyn Transport) {
        let now = (self.clock)();
        let due: Vec<Request> = {
            let mut held = locked(&self.held);
            let (due, rest) = held.drain(..).partition(|(at, _)| *at <= now);
            *held = rest;
            due.into_iter().map(|(_, request): (Timestamp, Request)| request).collect()
        };
        for request in due {
            drop(network.send(request).await);
        }
    }

    fn blow(&self, step: Step) -> Option<Blow> {
        if self.dead.load(Ordering::SeqCst) {
            return Some(Blow::CrashBefore);
        }
        locked(&self.seen).push(step);
        let life = self.lives();
        let blow = (self.choose)(life, step)?;
        locked(&self.struck).push((life, step, blow));
        if matches!(blow, Blow::CrashBefore | Blow::CrashAfter) {
            self.kill();
        }
        Some(blow)
    }
}

impl store::FaultPoint for Steps {
    fn hit(&self, point: &StorePoint) -> FaultAction {
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        match self.blow(Step::Commit(number, point.name)) {
            None | Some(Blow::Repeat) => FaultAction::Proceed,
            Some(Blow::CrashBefore) => FaultAction::CrashBefore,
            Some(Blow::CrashAfter) => FaultAction::CrashAfter,
            Some(Blow::Error | Blow::ReplyLost | Blow::Late(_)) => FaultAction::Error,
        }
    }
}

/// The label is lent to us for the call only; the calls of the product are a handful.
fn known(label: &str) -> &'static str {
    const LABELS: &[&str] = &[
        "dynamics.token",
        "dynamics.probe",
        "dynamics.metadata",
        "dynamics.changes",
        "dynamics.read-orders",
        "dynamics.write",
    ];
    static OTHERS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    if let Some(known) = LABELS.iter().find(|known| **known == label) {
        return known;
    }
    let mut others = locked(&OTHERS);
    if let Some(known) = others.iter().find(|known| **known == label) {
        return known;
    }
    let new: &'static str = Box::leak(label.to_owned().into_boxed_str());
    others.push(new);
    new
}

impl transport::FaultPoint for Steps {
    fn at(&self, _: u64, label: &str) -> SendFault {
        let number = self.sends.fetch_add(1, Ordering::SeqCst) + 1;
        match self.blow(Step::Send(number, known(label))) {
            None => SendFault::Proceed,
            Some(Blow::CrashBefore) => SendFault::CrashBefore,
            Some(Blow::CrashAfter) => SendFault::CrashAfter,
            Some(Blow::Error) => SendFault::ErrorBefore,
            Some(Blow::ReplyLost) => SendFault::ReplyLost,
            Some(Blow::Late(by)) => {
                *locked(&self.late) = Some(by);
                SendFault::Late
            }
            Some(Blow::Repeat) => SendFault::Repeat,
        }
    }

    fn hold_back(&self, _: u64, request: Request) {
        let by = locked(&self.late).take().unwrap_or(Span(0));
        locked(&self.held).push(((self.clock)() + by, request));
    }
}
