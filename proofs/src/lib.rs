//! The harness of the proofs: a world with its twins, a database on disk, one life of the connector after the other,
//! and a judge that asks the twins' ledgers what really happened.
//!
//! It owns no rule of the product. Whether an order was treated rightly is read from what the twins accepted and from
//! what the world had intended; our own tables are asked only for holds, open work and the trail.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

mod disturb;
mod edited;
mod intended;
mod ordeal;
mod products;
mod released;
mod scene;
mod several;
mod stall;
mod steps;
mod throng;
mod verdict;

pub use disturb::{Disturbed, StoreFault, heavy, scripted};
pub use edited::{Came, came};
pub use intended::unmet;
pub use ordeal::{Act, Ordeal, Turn};
pub use scene::{Faults, LIFE, Life, Scene, Setup};
pub use several::Several;
pub use stall::Stall;
pub use steps::{Blow, Choose, Step, Steps, is_write};
pub use throng::Throng;
pub use verdict::{Verdict, difference};
