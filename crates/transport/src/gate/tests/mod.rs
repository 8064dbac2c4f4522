mod adaptive;
mod retry;
mod server;
mod share;
mod window;

use crate::Response;
use domain::time::Timestamp;

/// An instant well after 1970, so that nothing is near zero.
pub(super) const START: Timestamp = Timestamp(1_790_000_000_000_000);

pub(super) fn reply(status: u16, headers: &[(&'static str, &str)]) -> Response {
    let mut response = Response::new(status, "");
    for (name, value) in headers {
        response.headers.insert(*name, value.parse().expect("a header value"));
    }
    response
}
