//! The client's side: a loop that turns lines on standard input into calls of a handler.

use crate::client::User;
use crate::line::LineBuffer;
use crate::message::{ErrorObject, Message};
use crate::protocol::{
    Answer, ClientError, INVALID_PARAMS, INVALID_REQUEST, MAX_LINE, METHOD_NOT_FOUND, Notice, PARSE_ERROR,
    Request,
};
use serde_json::{Value, json};
use std::future::Future;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

/// What carries out the requests, one after the other.
pub trait Handler {
    /// Does what `request` says. `Ok` holds the `result` member. `user` is told and asked on the way;
    /// a question blocks until it is answered.
    fn call(&self, request: Request, user: &dyn User) -> impl Future<Output = Result<Value, ClientError>>;
}

/// Answers requests from standard input on standard output until standard input ends.
///
/// Nothing else may be printed to standard output; standard error is the log. Fails when standard output
/// is closed.
pub async fn serve(handler: impl Handler) -> io::Result<()> {
    serve_on(handler, io::stdin(), io::stdout()).await
}

/// [`serve`] on any pair of streams. Reading is left to a thread, so that a question can wait for its answer.
pub async fn serve_on<R, W>(handler: impl Handler, input: R, output: W) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
{
    let (requests, mut incoming) = tokio::sync::mpsc::channel(16);
    let (answers, answered) = mpsc::channel();
    std::thread::Builder::new()
        .name("adapter input".into())
        .spawn(move || read(input, &requests, &answers))?;
    let suite = Suite {
        output: Mutex::new(Box::new(output)),
        answered: Mutex::new(answered),
        last_question: AtomicU64::new(0),
    };
    while let Some(incoming) = incoming.recv().await {
        let message = match incoming {
            Incoming::Request { id, method, params } => {
                let outcome = answer(&handler, &suite, method, params).await;
                Message::Response { id, outcome }
            }
            Incoming::Wrong(error) => Message::Response { id: Value::Null, outcome: Err(error) },
        };
        suite.write(&message)?;
    }
    Ok(())
}

enum Incoming {
    Request { id: Value, method: String, params: Value },
    Wrong(ErrorObject),
}

async fn answer(
    handler: &impl Handler,
    user: &Suite,
    method: String,
    params: Value,
) -> Result<Value, ErrorObject> {
    let error = |code, message| ErrorObject { code, message, data: None };
    if !Request::METHODS.contains(&method.as_str()) {
        return Err(error(METHOD_NOT_FOUND, format!("method {method:?} does not exist")));
    }
    let request: Request = serde_json::from_value(json!({"method": method, "params": params}))
        .map_err(|e| error(INVALID_PARAMS, format!("`{method}`: {e}")))?;
    handler.call(request, user).await.map_err(|failed| ErrorObject {
        code: failed.failure.code(),
        message: failed.reason,
        data: (!failed.released.is_empty()).then(|| json!({ "released": failed.released })),
    })
}

/// Runs until the input ends, or nobody listens any more.
fn read(
    mut input: impl Read,
    requests: &tokio::sync::mpsc::Sender<Incoming>,
    answers: &mpsc::Sender<(Value, Answer)>,
) {
    let mut buffer = LineBuffer::new(MAX_LINE);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = match input.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        buffer.push(&chunk[..read]);
        loop {
            let incoming = match buffer.next_line() {
                Ok(Some(line)) if line.trim_ascii().is_empty() => continue,
                Ok(Some(line)) => sort(line, answers),
                Ok(None) => break,
                Err(_) => {
                    let message = format!("line is longer than {MAX_LINE} bytes");
                    let error = ErrorObject { code: PARSE_ERROR, message, data: None };
                    // Where the next message begins is unknown.
                    let _ = requests.blocking_send(Incoming::Wrong(error));
                    return;
                }
            };
            if incoming.is_some_and(|incoming| requests.blocking_send(incoming).is_err()) {
                return;
            }
        }
    }
}

fn sort(line: &[u8], answers: &mpsc::Sender<(Value, Answer)>) -> Option<Incoming> {
    let wrong = |code, message: &str| {
        Some(Incoming::Wrong(ErrorObject { code, message: message.into(), data: None }))
    };
    match Message::parse(line) {
        Ok(Message::Request { id, method, params }) => Some(Incoming::Request { id, method, params }),
        Ok(Message::Response { id, outcome }) => {
            // An answer that is none is a no.
            let answer =
                outcome.ok().and_then(|result| serde_json::from_value(result["answer"].clone()).ok());
            let _ = answers.send((id, answer.unwrap_or(Answer::No)));
            None
        }
        Ok(Message::Notification { .. }) => wrong(INVALID_REQUEST, "the suite sends no notifications"),
        Err(e) => Some(Incoming::Wrong(e.to_error())),
    }
}

/// The suite as the user of this device.
struct Suite {
    output: Mutex<Box<dyn Write + Send>>,
    answered: Mutex<mpsc::Receiver<(Value, Answer)>>,
    last_question: AtomicU64,
}

impl Suite {
    fn write(&self, message: &Message) -> io::Result<()> {
        let mut line = message.to_line();
        if let (true, Message::Response { id, .. }) = (line.len() > MAX_LINE, message) {
            let reason = format!("the answer is longer than {MAX_LINE} bytes");
            let error = ErrorObject { code: crate::protocol::INTERNAL_ERROR, message: reason, data: None };
            line = Message::Response { id: id.clone(), outcome: Err(error) }.to_line();
        }
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_all(&line)?;
        output.flush()
    }
}

impl User for Suite {
    fn warning(&self, notice: Notice) {
        // A closed output ends the loop at the next answer.
        let _ = self.write(&Message::Notification { method: "warning".into(), params: json!(notice) });
    }

    fn question(&self, notice: Notice) -> Answer {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let id = json!(self.last_question.fetch_add(1, Ordering::Relaxed) + 1);
        let question = Message::Request { id: id.clone(), method: "question".into(), params: json!(notice) };
        if self.write(&question).is_err() {
            return Answer::No;
        }
        answered.iter().find(|(of, _)| *of == id).map_or(Answer::No, |(_, answer)| answer)
    }
}
