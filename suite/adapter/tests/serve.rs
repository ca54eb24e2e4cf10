//! The loop for programs, on streams in memory.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use e2ee_adapter::client::User;
use e2ee_adapter::protocol::{Answer, ClientError, Notice, Released, Request};
use e2ee_adapter::serve::{Handler, serve_on};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

struct Echo;

impl Handler for Echo {
    async fn call(&self, request: Request, user: &dyn User) -> Result<Value, ClientError> {
        match request {
            Request::Read { path } => {
                let mut error = ClientError::refused("tag");
                error.released.push(Released { path, sha256: "00".into(), size: 1 });
                Err(error)
            }
            Request::Sync {} => {
                let notice = |kind: &str| Notice { kind: kind.into(), text: "…".into() };
                user.warning(notice("new"));
                Ok(json!([
                    user.question(notice("one")) == Answer::Yes,
                    user.question(notice("two")) == Answer::Yes
                ]))
            }
            other => Ok(json!({ "got": other.method() })),
        }
    }
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn answers(input: &str) -> Vec<Value> {
    let output = Output::default();
    serve_on(Echo, Cursor::new(input.as_bytes().to_vec()), output.clone()).await.unwrap();
    let bytes = output.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[tokio::test]
async fn every_line_gets_its_answer_in_order() {
    let answers = answers(concat!(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"method\":\"fly\",\"params\":{}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"read\",\"params\":{\"file\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"read\",\"params\":{\"path\":\"a\"}}\n",
        "nonsense\n",
        "{\"jsonrpc\":\"2.0\",\"method\":\"hello\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"stop\",\"params\":{}}\n",
    ))
    .await;
    let codes: Vec<_> = answers.iter().map(|a| (a["id"].clone(), a["error"]["code"].clone())).collect();
    let null = Value::Null;
    assert_eq!(
        codes,
        [
            (json!(1), null.clone()),
            (json!("b"), json!(-32601)),
            (json!(3), json!(-32602)),
            (json!(4), json!(1)),
            (null.clone(), json!(-32700)),
            (null.clone(), json!(-32600)),
            (json!(5), null),
        ]
    );
    assert_eq!(answers[0]["result"]["got"], "hello");
    assert_eq!(answers[3]["error"]["data"]["released"][0]["path"], "a");
}

#[tokio::test]
async fn questions_are_paired_with_their_answers() {
    let lines = answers(concat!(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\"}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{\"answer\":\"yes\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"answer\":\"yes\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"answer\":\"perhaps\"}}\n",
    ))
    .await;
    assert_eq!(lines[0]["method"], "warning");
    assert_eq!(lines[1]["method"], "question");
    assert_eq!(lines[2]["params"]["kind"], "two");
    assert_eq!(lines[3], json!({"jsonrpc": "2.0", "id": 1, "result": [true, false]}));
}

#[tokio::test]
async fn without_an_answer_the_answer_is_no() {
    let lines = answers("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\"}\n").await;
    assert_eq!(lines[3]["result"], json!([false, false]));
}
