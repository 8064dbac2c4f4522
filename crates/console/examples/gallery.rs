//! Serves the console over made-up data, one world per port, for looking at it:
//! `cargo run -p console --features sample --example gallery -- 8090`, then open
//! `http://127.0.0.1:8090/?token=sample` (busy), 8091 (calm), 8092 (new), 8093 (refused), 8094 (down),
//! 8095 (paused).

use console::sample::{Sample, World, state};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let first: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8090);
    let worlds = [World::Busy, World::Calm, World::New, World::Refused, World::Down, World::Paused];
    let servers = (first..).zip(worlds).map(|(port, world)| async move {
        let router = console::router(state(Arc::new(Sample::new(world))));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    futures::future::try_join_all(servers).await?;
    Ok(())
}
