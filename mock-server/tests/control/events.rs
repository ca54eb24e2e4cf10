//! Events as they happen.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::api::Lab;

/// An event: id, name, data.
type Seen = (u64, String, Value);

/// What a stream has said so far.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(lab: &Lab, query: &str, last: Option<u64>) -> Self {
        let mut request = lab.http.get(lab.url(&format!("/tenants/default/events{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next so many events.
    async fn next(&mut self, count: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        while seen.len() < count {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                seen.extend(event(block));
                self.text = rest.to_owned();
            }
            if seen.len() < count {
                let piece = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await;
                let piece = piece.expect("no event came").unwrap().expect("the stream has ended");
                self.text.push_str(std::str::from_utf8(&piece).unwrap());
            }
        }
        assert_eq!(seen.len(), count, "{seen:?}");
        seen
    }

    async fn ended(&mut self) -> bool {
        let rest = async { while self.response.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(5), rest).await.is_ok()
    }
}

fn event(block: &str) -> Option<Seen> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = serde_json::from_str(field("data")?).unwrap();
    Some((field("id")?.parse().unwrap(), field("event")?.to_owned(), data))
}

#[tokio::test]
async fn exchanges_moves_lies_and_commands_are_told_in_order() {
    let lab = Lab::new().await;
    lab.as_alice("GET", "/status.php").await;
    let mut stream = Stream::open(&lab, "", None).await;
    let played = json!({"replace_server_key": {}});
    lab.done(Method::POST, "/tenants/default/moves", Some(&played)).await;
    lab.as_alice("GET", "/ocs/v2.php/apps/end_to_end_encryption/api/v2/server-key").await;
    lab.done(Method::DELETE, "/tenants/default/lies/replace_server_key", None).await;
    let seen = stream.next(4).await;
    let names: Vec<(u64, &str)> = seen.iter().map(|(id, name, _)| (*id, name.as_str())).collect();
    assert_eq!(names, [(2, "move"), (3, "exchange"), (4, "lie"), (5, "command")], "from now on");
    assert_eq!(seen[0].2, played);
    assert_eq!((&seen[1].2["number"], &seen[1].2["endpoint"]), (&json!(2), &json!("GET server-key")));
    assert_eq!(seen[2].2, json!({"exchange": 2, "told_by": ["replace_server_key"]}));
    assert_eq!(seen[3].2, json!({"command": "retract"}));
}

#[tokio::test]
async fn who_was_away_goes_on_where_he_was() {
    let lab = Lab::new().await;
    for _ in 0..3 {
        lab.as_alice("GET", "/status.php").await;
    }
    let ids = |seen: Vec<Seen>| -> Vec<u64> { seen.into_iter().map(|(id, _, _)| id).collect() };
    assert_eq!(ids(Stream::open(&lab, "", Some(1)).await.next(2).await), [2, 3]);
    assert_eq!(ids(Stream::open(&lab, "?after=0", None).await.next(3).await), [1, 2, 3]);
    assert_eq!(ids(Stream::open(&lab, "?after=0", Some(2)).await.next(1).await), [3], "the header wins");
}

#[tokio::test]
async fn who_was_away_for_too_long_is_told_what_is_missing() {
    let lab = Lab::new().await;
    let tenant = lab.server.default_tenant();
    let command = e2ee_mock_server::control::Command::AdvanceClock { seconds: 1 };
    (0..5000).for_each(|_| _ = tenant.apply(&command).unwrap());
    let seen = Stream::open(&lab, "?after=0", None).await.next(4097).await;
    assert_eq!(seen[0], (904, "missed".to_owned(), json!({"events": 904})));
    assert_eq!((seen[1].0, seen[4096].0), (905, 5000));
}

#[tokio::test]
async fn a_stream_ends_with_its_tenant_and_with_the_server() {
    let lab = Lab::new().await;
    lab.done(Method::POST, "/tenants", Some(&json!({"name": "short"}))).await;
    let response = lab.http.get(lab.url("/tenants/short/events")).send().await.unwrap();
    let mut short = Stream { response, text: String::new() };
    let mut long = Stream::open(&lab, "", None).await;
    lab.done(Method::DELETE, "/tenants/short", None).await;
    assert!(short.ended().await);
    let Lab { server, .. } = lab;
    let begun = std::time::Instant::now();
    server.stop().await;
    assert!(long.ended().await);
    assert!(begun.elapsed() < Duration::from_secs(1), "stopping waits for those who watch");
}

#[tokio::test]
async fn streams_are_few_and_their_places_are_given_back() {
    let lab = Lab::new().await;
    let mut streams = Vec::new();
    for _ in 0..256 {
        streams.push(Stream::open(&lab, "", None).await);
    }
    let full = (503, "too_many_watchers".to_owned());
    assert_eq!(lab.refused(Method::GET, "/tenants/default/events", None).await, full);
    streams.clear();
    for _ in 0..100 {
        if lab.ask(Method::GET, "/tenants/default/events", None).await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("places are not given back");
}
