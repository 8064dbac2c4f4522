//! The client: what every call shares.

use crate::config::{Config, Token};
use crate::query::Url;
use std::sync::{Arc, PoisonError, RwLock};
use transport::Transport;
use transport::gate::Limiter;

/// Calls one ShipBob account as one channel. Cheap to clone.
#[derive(Clone)]
pub struct ShipBob {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) config: Config,
    token: RwLock<Token>,
}

impl ShipBob {
    /// A client that reports every request to `limiter` and asks it for all but the first request
    /// of a call.
    pub fn new(
        transport: Arc<dyn Transport>,
        limiter: Arc<dyn Limiter>,
        config: Config,
        token: Token,
    ) -> Self {
        let token = RwLock::new(token);
        Self { inner: Arc::new(Inner { transport, limiter, config, token }) }
    }

    /// Calls are made with another token from now on; those under way keep theirs.
    pub fn use_token(&self, token: Token) {
        *self.inner.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The same account, channel and gate with a token of its own.
    pub fn beside(&self, token: Token) -> Self {
        let Inner { transport, limiter, config, .. } = &*self.inner;
        Self::new(Arc::clone(transport), Arc::clone(limiter), config.clone(), token)
    }

    pub(crate) fn authorization(&self) -> String {
        self.inner.token.read().unwrap_or_else(PoisonError::into_inner).header()
    }

    /// The channel whose orders are created and read.
    pub fn channel(&self) -> domain::ids::ChannelId {
        self.inner.config.channel
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::new(&self.inner.config.base, &self.inner.config.version, path)
    }
}
