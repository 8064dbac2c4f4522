//! Everything that happens: intake, gather, plan, courier, resolve. Thin functions of *now*; what
//! to do is decided in `domain`, what is kept in `store`, what is said in `dynamics` and `shipbob`.
//!
//! One [`Engine`] owns one cell. Every state-changing transaction carries the fence of that
//! ownership. Nothing here waits: the caller asks [`Step::next`] when to come again.

mod aside;
mod backfill;
mod billing;
mod charges;
mod command;
mod connect;
mod courier;
pub mod doctor;
mod due;
mod erasure;
mod error;
pub mod events;
mod exchange;
mod facts;
mod fit;
mod flows;
mod gather;
mod given_up;
mod hooks;
mod inbound;
mod intake;
mod kept;
mod limits;
mod needs;
mod owner;
mod parts;
mod pausing;
mod persist;
mod planning;
mod poll;
mod products;
mod reconcile;
mod released;
mod requests;
mod resolve;
mod retention;
mod selected;
mod settings;
mod status;
mod step;
mod stock;
pub mod survey;
mod timing;
mod tokens;
mod trail;
mod troubles;
mod vaulted;
mod waits;
mod watch;

pub use command::{Command, SOURCE, Target, Verb};
pub use connect::{Answer, BEGUN_LIFE, Connect, ConnectError};
pub use error::EngineError;
pub use flows::{FlowPulse, NextRun};
pub use intake::{Accept, Committer, WebhookIntake};
pub use owner::{CellOwner, Lease};
pub use parts::{Engine, Options, Parts};
pub use products::ItemsPreview;
pub use reconcile::zone_known;
pub use settings::{Preview, Previewed, Reading};
pub use status::{RemoteStatus, Status};
pub use step::Step;
pub use vaulted::{InVault, credentials_changed, in_vault, secret};
