//! Events as they happen, in the format of server-sent events.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use super::events::Event;
use super::view::Summary;
use crate::tenant::Tenant;

/// How many events are written at once, and how many such pieces wait for a slow reader. All others stay where they are.
const BATCH: usize = 64;
const QUEUE: usize = 4;

/// Sends what happens after the event of this id until the reader, the tenant or the server is gone. `place` is given
/// back then. When nothing happens, the reader hears once in a `heartbeat` that the connection is alive.
pub(super) fn events(
    tenant: Tenant,
    mut after: u64,
    mut stopped: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
    heartbeat: Duration,
) -> mpsc::Receiver<Bytes> {
    let (pieces, read) = mpsc::channel(QUEUE);
    let mut news = tenant.state().events.news();
    tokio::spawn(async move {
        let _place = place;
        let mut piece = String::from("retry: 1000\n\n");
        loop {
            let later = tenant.state().events.after(after, BATCH);
            if later.missed > 0 {
                write(&mut piece, after + later.missed, "missed", &json!({ "events": later.missed }));
            }
            for (id, event) in &later.events {
                let (name, data) = shown(&tenant, event);
                write(&mut piece, *id, name, &data);
                after = *id;
            }
            let more = !piece.is_empty();
            if more && pieces.send(Bytes::from(std::mem::take(&mut piece))).await.is_err() {
                return;
            }
            if more && later.events.len() == BATCH {
                continue;
            }
            if later.closed {
                return;
            }
            tokio::select! {
                // The tenant holds the other end, and this the tenant.
                _ = news.changed() => {}
                () = pieces.closed() => return,
                _ = stopped.wait_for(|stopped| *stopped) => return,
                () = tokio::time::sleep(heartbeat) => piece.push_str(": still here\n\n"),
            }
        }
    });
    read
}

fn write(piece: &mut String, id: u64, name: &str, data: &serde_json::Value) {
    // JSON has no line breaks of its own, so that it is one line.
    piece.push_str(&format!("id: {id}\nevent: {name}\ndata: {data}\n\n"));
}

/// The name of an event, and what it says.
fn shown(tenant: &Tenant, event: &Event) -> (&'static str, serde_json::Value) {
    let exchange = |number: u64| {
        let kept = tenant.state().recorder().get(number);
        kept.and_then(|exchange| serde_json::to_value(Summary::from(&*exchange)).ok())
            .unwrap_or_else(|| json!({ "number": number }))
    };
    match event {
        Event::Exchange(number) => ("exchange", exchange(*number)),
        Event::Lie(number) => {
            let told = exchange(*number);
            ("lie", json!({ "exchange": number, "told_by": told["tampered_by"] }))
        }
        Event::Move(it) => ("move", json!(it)),
        Event::Command(name) => ("command", json!({ "command": name })),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use e2ee_reference::authority::Authority;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::tenant::TenantOptions;
    use crate::test_keys::test_key;

    #[tokio::test]
    async fn silence_is_broken_by_heartbeats() {
        let authority = Authority::from_private_key(test_key(0).unwrap());
        let tenant =
            Tenant::new(TenantOptions::new("t", authority), "http://mock", String::new(), false).unwrap();
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let (_stop, stopped) = watch::channel(false);
        let mut pieces = events(tenant.clone(), 0, stopped, place, Duration::from_millis(20));
        assert_eq!(pieces.recv().await.unwrap(), "retry: 1000\n\n");
        assert_eq!(pieces.recv().await.unwrap(), ": still here\n\n");
        tenant.state().events.close();
        while pieces.recv().await.is_some() {}
        assert!(places.acquire().await.is_ok(), "the place is not given back");
    }
}
