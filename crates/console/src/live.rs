//! Live pages: a stream of "something changed" (server-sent events). It carries order numbers and
//! nothing else; the script then reads the page again with the rights of its session.

use crate::state::App;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use std::convert::Infallible;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// Something that open pages should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// An order changed (its number), or something that is no order (none).
    Changed(Option<String>),
    /// The process is about to end: open streams end too.
    Closing,
}

pub(crate) async fn stream(
    State(app): State<App>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(app.given.live.subscribe())
        .take_while(|event| std::future::ready(!matches!(event, Ok(LiveEvent::Closing))))
        .map(|event| {
            let subject = match event {
                Ok(LiveEvent::Changed(subject)) => subject.unwrap_or_default(),
                // A page that fell behind reads everything anew.
                Ok(LiveEvent::Closing) | Err(BroadcastStreamRecvError::Lagged(_)) => String::new(),
            };
            Ok(Event::default().event("changed").data(subject))
        });
    Sse::new(events).keep_alive(KeepAlive::default())
}
