mod body;
mod calls;
mod convert;
mod edits;
mod hints;
mod interpret;
mod oauth;
mod products;
mod query;
mod signature;
mod words;

use crate::{Config, ShipBob, Token};
use domain::ids::{CentreId, ChannelId};
use domain::operation::{CreateLine, CreateOrder, Lane};
use domain::time::Timestamp;
use domain::warehouse::Recipient;
use futures::future::{BoxFuture, FutureExt};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use transport::gate::{Limiter, Outcome};
use transport::{Request, Response, Transport, TransportError};

pub(super) type Reply = Result<Response, TransportError>;

/// Answers with what it was given, in order, and remembers what it was asked.
#[derive(Default)]
pub(super) struct Script {
    replies: Mutex<VecDeque<Reply>>,
    pub(super) seen: Mutex<Vec<Request>>,
    /// Permissions the gate still gives; `None` = any number.
    pub(super) permits: Mutex<Option<u32>>,
    pub(super) finished: Mutex<u32>,
}

impl Transport for Script {
    fn send(&self, request: Request) -> BoxFuture<'_, Reply> {
        self.seen.lock().expect("unpoisoned").push(request);
        let reply = self.replies.lock().expect("unpoisoned").pop_front();
        async move { reply.expect("a reply for every request") }.boxed()
    }
}

impl Limiter for Script {
    fn may_send(&self, _: Lane) -> Result<(), Timestamp> {
        match &mut *self.permits.lock().expect("unpoisoned") {
            None => Ok(()),
            Some(0) => Err(Timestamp(5)),
            Some(n) => {
                *n -= 1;
                Ok(())
            }
        }
    }
    fn finished(&self, _: &Outcome) {
        *self.finished.lock().expect("unpoisoned") += 1;
    }
}

impl Script {
    pub(super) fn urls(&self) -> Vec<String> {
        self.seen.lock().expect("unpoisoned").iter().map(|r| r.url.clone()).collect()
    }
}

pub(super) fn client(replies: Vec<Reply>) -> (ShipBob, Arc<Script>) {
    let script = Arc::new(Script { replies: Mutex::new(replies.into()), ..Script::default() });
    let config = Config {
        base: "https://api.example".to_owned(),
        version: "2026-01".to_owned(),
        channel: ChannelId(77),
        user_agent: "test/1".to_owned(),
    };
    let (transport, limiter) = (Arc::clone(&script), Arc::clone(&script));
    (ShipBob::new(transport, limiter, config, Token::new(" s3cret ")), script)
}

pub(super) fn json(status: u16, body: &str) -> Reply {
    Ok(Response::new(status, body.to_owned()))
}

pub(super) fn with_header(reply: Reply, name: &'static str, value: &str) -> Reply {
    reply.map(|mut r| {
        r.headers.insert(name, value.parse().expect("a header value"));
        r
    })
}

pub(super) fn lost() -> Reply {
    Err(TransportError::Lost { why: "time-out".to_owned() })
}

pub(super) fn not_sent() -> Reply {
    Err(TransportError::NotSent { why: "refused".to_owned() })
}

pub(super) fn wanted() -> CreateOrder {
    CreateOrder {
        reference: "usmf-SO-1-1-1".into(),
        order_number: "SO-1".to_owned(),
        recipient: Recipient {
            name: "Zoë O'Brien".to_owned(),
            address1: "12 Rue de la Paix".to_owned(),
            city: "Paris".to_owned(),
            zip: "75002".to_owned(),
            country: "FR".to_owned(),
            email: "zoe@example.org".to_owned(),
            ..Recipient::default()
        },
        method: "Standard".to_owned(),
        centre: Some(CentreId(1)),
        choice: std::collections::BTreeSet::new(),
        kits: std::collections::BTreeMap::new(),
        purchase_date: Some("2026-11-23T09:00:00Z".to_owned()),
        lines: vec![CreateLine {
            sku: "A-1".to_owned(),
            name: "Lamp".to_owned(),
            quantity: 3,
            external_line_id: 7,
            unit_price: Some("12.10".parse().expect("a decimal")),
        }],
    }
}
