//! The smallest adapter: a "client" that keeps its files in memory. It shows the loop, a warning and a
//! question, and is the program of this crate's own tests.

use e2ee_adapter::client::User;
use e2ee_adapter::protocol::{Answer, ClientError, Content, Hello, Notice, PROTOCOL_VERSION, Request};
use e2ee_adapter::serve::{Handler, serve};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
struct Notebook {
    pages: RefCell<BTreeMap<String, String>>,
}

impl Handler for Notebook {
    async fn call(&self, request: Request, user: &dyn User) -> Result<Value, ClientError> {
        match request {
            Request::Hello {} => Ok(json!(Hello {
                name: "notebook".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                protocol: PROTOCOL_VERSION,
                features: Vec::new(),
                reads: Vec::new(),
                writes: Vec::new(),
            })),
            Request::Write { path, content } => {
                if self.pages.borrow().contains_key(&path) {
                    let question = Notice { kind: "overwrite".into(), text: format!("replace {path}?") };
                    if user.question(question) == Answer::No {
                        return Err(ClientError::refused(format!("{path} is kept")));
                    }
                }
                self.pages.borrow_mut().insert(path, content);
                Ok(json!({}))
            }
            Request::Read { path } => match self.pages.borrow().get(&path) {
                Some(content) => Ok(json!(Content { content: content.clone() })),
                None => Err(ClientError::failed(format!("{path} does not exist"))),
            },
            Request::Stop {} => {
                let text = "what is in memory only is lost".into();
                user.warning(Notice { kind: "not-saved".into(), text });
                Ok(json!({}))
            }
            other => Err(ClientError::unsupported(format!("no {}", other.method()))),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    eprintln!("notebook opened");
    serve(Notebook::default()).await
}
