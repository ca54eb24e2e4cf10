//! The suite's side of an adapter program: one process a device.

mod child;
mod tail;

use crate::client::{BoxFuture, CallError, Connector, Device, User};
use crate::message::{ErrorObject, Message};
use crate::protocol::{ClientError, Failure, MAX_LINE, Released, Request};
use child::{Child, Group};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{Mutex, watch};

/// Starts one process of a program for each device.
///
/// A process is the leader of a process group of its own. The whole group is killed when the device is
/// dropped, when a call is given up (its future is dropped before it is done, as a time limit does), and
/// when the program breaks the protocol.
#[derive(Debug, Clone)]
pub struct ProcessConnector {
    program: String,
    arguments: Vec<String>,
}

/// A command line that names no program.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandLineError {
    /// Nothing but blanks.
    #[error("client command is empty: expected PROGRAM ARGS")]
    Empty,
    /// Ends inside quotes or behind a backslash.
    #[error("client command `{0}` ends inside quotes or behind a backslash")]
    Unfinished(String),
}

impl ProcessConnector {
    /// Takes `PROGRAM ARGS`, split as a POSIX shell does it: blanks, `'…'`, `"…"`, backslash; nothing is expanded.
    pub fn new(command_line: &str) -> Result<Self, CommandLineError> {
        let words =
            shlex::split(command_line).ok_or_else(|| CommandLineError::Unfinished(command_line.into()))?;
        let mut words = words.into_iter();
        let program = words.next().filter(|p| !p.is_empty()).ok_or(CommandLineError::Empty)?;
        Ok(Self { program, arguments: words.collect() })
    }
}

impl Connector for ProcessConnector {
    fn connect<'a>(&'a self, user: Arc<dyn User>) -> BoxFuture<'a, Result<Box<dyn Device>, CallError>> {
        Box::pin(async move {
            let child = Child::spawn(&self.program, &self.arguments, user)?;
            let device = ProcessDevice {
                group: child.group(),
                log: child.log(),
                exited: child.exited(),
                conversation: Mutex::new(Conversation { child, last_id: 0, ended: None }),
            };
            Ok(Box::new(device) as Box<dyn Device>)
        })
    }
}

struct ProcessDevice {
    group: Arc<Group>,
    log: tail::Tail,
    exited: watch::Receiver<Option<String>>,
    conversation: Mutex<Conversation>,
}

struct Conversation {
    child: Child,
    last_id: u64,
    /// Why nothing can be asked any more.
    ended: Option<CallError>,
}

impl Device for ProcessDevice {
    fn call<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Value, CallError>> {
        Box::pin(async move {
            let params = match serde_json::to_value(&request) {
                Ok(Value::Object(mut members)) => members.remove("params").unwrap_or_else(|| json!({})),
                _ => json!({}),
            };
            self.exchange(request.method(), params).await
        })
    }

    fn call_raw<'a>(&'a self, method: &'a str, params: Value) -> BoxFuture<'a, Result<Value, CallError>> {
        Box::pin(self.exchange(method, params))
    }

    fn log(&self) -> String {
        self.log.text()
    }

    fn kill<'a>(&'a self) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.group.kill();
            // Fails when nobody can say any more how it has ended: it has.
            let _ = self.exited.clone().wait_for(Option::is_some).await;
        })
    }
}

impl ProcessDevice {
    async fn exchange(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let mut conversation = self.conversation.lock().await;
        if let Some(ended) = &conversation.ended {
            return Err(ended.clone());
        }
        // Stands unless this call comes to its end: the program's state is unknown then.
        conversation.ended =
            Some(CallError::Exited { how: "killed when an earlier call was given up".into() });
        let kill_unless_done = KillOnDrop(&self.group);
        let outcome = conversation.ask(method, params).await;
        conversation.ended = match &outcome {
            Ok(_) | Err(CallError::Client(_)) => None,
            Err(fatal) => Some(fatal.clone()),
        };
        if conversation.ended.is_none() {
            std::mem::forget(kill_unless_done);
        }
        outcome
    }
}

struct KillOnDrop<'a>(&'a Group);

impl Drop for KillOnDrop<'_> {
    fn drop(&mut self) {
        self.0.kill();
    }
}

impl Conversation {
    async fn ask(&mut self, method: &str, params: Value) -> Result<Value, CallError> {
        if let Some(unasked) = self.child.unasked_answer()? {
            return Err(CallError::Garbage(format!("answer with id {} came without a request", unasked.0)));
        }
        self.last_id += 1;
        let asked = json!(self.last_id);
        let line = Message::Request { id: asked.clone(), method: method.into(), params }.to_line();
        if line.len() > MAX_LINE {
            return Err(ClientError::failed(format!("request is longer than {MAX_LINE} bytes")).into());
        }
        self.child.send(line).await;
        let (id, outcome) = self.child.answer().await?;
        match outcome {
            Err(error) if id.is_null() => {
                Err(CallError::Garbage(format!("`{method}` was not understood: {}", error.message)))
            }
            _ if id != asked => Err(CallError::Garbage(format!("answer has id {id}, expected {asked}"))),
            Ok(result) => Ok(result),
            Err(error) => Err(call_error(method, error)),
        }
    }
}

fn call_error(method: &str, error: ErrorObject) -> CallError {
    let Some(failure) = Failure::from_code(error.code) else {
        let ErrorObject { code, message, .. } = error;
        return CallError::Garbage(format!("`{method}` answered error code {code} ({message})"));
    };
    let released = error.data.as_ref().and_then(|data| data.get("released")).cloned();
    match serde_json::from_value::<Vec<Released>>(released.unwrap_or_else(|| json!([]))) {
        Ok(released) => ClientError { failure, reason: error.message, released }.into(),
        Err(e) => CallError::Garbage(format!("`{method}` answered a wrong `error.data.released`: {e}")),
    }
}
