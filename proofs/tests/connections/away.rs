//! One connection is refused; the others are as quick as alone.

use super::{LIFE, network};
use domain::time::Span;
use futures::future::BoxFuture;
use proofs::{Setup, Several};
use std::sync::Arc;
use transport::{Request, Response, Transport, TransportError};

/// Orders of each connection.
const ORDERS: u32 = 20;

/// How a system treats the calls of one connection.
#[derive(Clone, Copy, Debug)]
enum Treatment {
    /// 401 to everything.
    Unauthorized,
    /// 500 to everything.
    Broken,
    /// No answer at all.
    Silent,
}

/// Treats the calls that belong to one connection badly.
struct Against {
    inner: Arc<dyn Transport>,
    /// What its calls carry: the legal entity at F&O, or the token at ShipBob.
    mark: String,
    treatment: Treatment,
}

impl Against {
    fn meant(&self, request: &Request) -> bool {
        let carried = |text: &str| text.contains(&self.mark);
        carried(&request.url)
            || carried(&String::from_utf8_lossy(&request.body))
            || request.headers.iter().any(|(_, value)| carried(value))
    }
}

impl Transport for Against {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        if !self.meant(&request) {
            return self.inner.send(request);
        }
        let reply = match self.treatment {
            Treatment::Unauthorized => Ok(Response::new(401, "")),
            Treatment::Broken => Ok(Response::new(500, "{}")),
            Treatment::Silent => Err(TransportError::Lost { why: "time-out".to_owned() }),
        };
        Box::pin(async move { reply })
    }
}

/// How long the first of two connections needs, while the second is treated so.
async fn first_needs(accounts: u32, mark: &str, treatment: Option<Treatment>) -> (Span, String) {
    let scene = Several::new(Setup::new(10, ORDERS), 2, accounts).await;
    let plain = network(&scene);
    let mark = match mark {
        "token" => scene.connections[1].0.twins.credentials().pat,
        other => other.to_owned(),
    };
    let network: Arc<dyn Transport> = match treatment {
        Some(treatment) => Arc::new(Against { inner: plain, mark, treatment }),
        None => plain,
    };
    let fleet = scene.start(&network, |_, _| {});
    let name = fleet.wired[0].name.clone();
    let run = fleet.run_until_quiet(LIFE, |one| one.name == name).await.expect("a quiet end");
    fleet.stop();
    let verdicts = scene.verdicts().await;
    scene.assert(0, &verdicts[0]);
    (run.took, verdicts[0].sha())
}

async fn is_not_slowed(accounts: u32, mark: &str, treatment: Treatment) {
    let (usual, wanted) = first_needs(accounts, mark, None).await;
    let (took, found) = first_needs(accounts, mark, Some(treatment)).await;
    assert_eq!(wanted, found);
    let slower = Span(took.0 - usual.0);
    assert!(slower <= Span::minutes(1), "{took:?} instead of {usual:?}");
}

#[tokio::test]
async fn a_legal_entity_refused_by_dynamics_does_not_slow_its_neighbour() {
    is_not_slowed(2, "gbsi", Treatment::Unauthorized).await;
}

#[tokio::test]
async fn a_legal_entity_for_which_dynamics_fails_does_not_slow_its_neighbour() {
    is_not_slowed(2, "gbsi", Treatment::Broken).await;
}

#[tokio::test]
async fn a_channel_refused_by_shipbob_does_not_slow_its_neighbour_in_the_same_account() {
    is_not_slowed(1, "token", Treatment::Unauthorized).await;
}

#[tokio::test]
async fn a_channel_that_gets_no_answer_does_not_slow_its_neighbour_in_the_same_account() {
    is_not_slowed(1, "token", Treatment::Silent).await;
}
