//! A running program: its process group, and the tasks that move its lines.

use super::tail::Tail;
use crate::client::{CallError, User};
use crate::line::LineBuffer;
use crate::message::{ErrorObject, Message};
use crate::protocol::{MAX_LINE, Notice};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Warnings and questions that one process may send: a flood would fill the report.
const MAX_NOTICES: usize = 10_000;
/// What is kept of a notice's text, in characters.
const MAX_NOTICE_TEXT: usize = 4_096;
/// How long an ended program's last output, or the end of a program without output, is waited for.
const GRACE: Duration = Duration::from_millis(500);

/// The id and the outcome of a response.
pub(super) type Answered = (Value, Result<Value, ErrorObject>);

/// One process. Dropping it kills its group.
pub(super) struct Child {
    group: Arc<Group>,
    log: Tail,
    exited: watch::Receiver<Option<String>>,
    to_program: mpsc::Sender<Vec<u8>>,
    from_program: mpsc::Receiver<Result<Answered, CallError>>,
    /// Aborts the reader and the writer when dropped.
    _tasks: JoinSet<()>,
}

impl Child {
    pub(super) fn spawn(program: &str, arguments: &[String], user: Arc<dyn User>) -> Result<Self, CallError> {
        let failed = |reason: String| CallError::Spawn { program: program.into(), reason };
        let mut process = Command::new(program)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let pipes = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(failed("its standard streams are missing".into()));
        };
        let group = Arc::new(Group::of(&process));
        let log = Tail::default();
        let (to_program, lines) = mpsc::channel(16);
        let (answers, from_program) = mpsc::channel(16);
        let (exit, exited) = watch::channel(None);

        // Not in the set: it has to reap the process after the device is gone.
        tokio::spawn(reap(process, group.clone(), exit));
        let mut tasks = JoinSet::new();
        tasks.spawn(write_lines(stdin, lines));
        let (all_logged, log_ended) = oneshot::channel();
        tasks.spawn(keep_log(stderr, log.clone(), all_logged));
        let gone = exited.clone();
        let reader = Reader { user, to_program: to_program.clone(), answers, exited, notices: 0 };
        let answers = reader.answers.clone();
        tasks.spawn(async move {
            let why = reader.run(stdout).await;
            // The log should hold the last words before the caller asks for it.
            let _ = timeout(GRACE, log_ended).await;
            let _ = answers.send(Err(why)).await;
        });
        Ok(Self { group, log, exited: gone, to_program, from_program, _tasks: tasks })
    }

    pub(super) fn group(&self) -> Arc<Group> {
        self.group.clone()
    }

    pub(super) fn log(&self) -> Tail {
        self.log.clone()
    }

    /// Says how it has ended, once it has.
    pub(super) fn exited(&self) -> watch::Receiver<Option<String>> {
        self.exited.clone()
    }

    /// An answer that has come although nothing was asked.
    pub(super) fn unasked_answer(&mut self) -> Result<Option<Answered>, CallError> {
        self.from_program.try_recv().ok().transpose()
    }

    pub(super) async fn send(&self, line: Vec<u8>) {
        // A program that is gone is told by `answer`.
        let _ = self.to_program.send(line).await;
    }

    pub(super) async fn answer(&mut self) -> Result<Answered, CallError> {
        match self.from_program.recv().await {
            Some(answer) => answer,
            None => Err(CallError::Exited { how: "its output is closed".into() }),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.group.kill();
    }
}

/// The process group, as long as its leader was not reaped: afterwards the number may be someone else's.
pub(super) struct Group(Mutex<Option<Pid>>);

impl Group {
    fn of(process: &tokio::process::Child) -> Self {
        let leader = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Self(Mutex::new(leader))
    }

    pub(super) fn kill(&self) {
        self.kill_and(|_| {});
    }

    fn kill_and(&self, then: impl FnOnce(&mut Option<Pid>)) {
        let mut leader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = *leader {
            // Fails when the group is gone, which is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
        then(&mut leader);
    }
}

async fn reap(mut process: tokio::process::Child, group: Arc<Group>, exit: watch::Sender<Option<String>>) {
    let how = match process.wait().await {
        Ok(status) => describe(status),
        Err(e) => e.to_string(),
    };
    group.kill_and(|leader| *leader = None);
    exit.send_replace(Some(how));
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

async fn write_lines(mut stdin: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if stdin.write_all(&line).await.is_err() {
            // Closed by the program; the reader notices its end, and a program that lives on hangs.
            lines.close();
        }
    }
}

async fn keep_log(mut stderr: ChildStderr, log: Tail, all: oneshot::Sender<()>) {
    let mut chunk = [0; 8 * 1024];
    while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
        log.push(&chunk[..read]);
    }
    let _ = all.send(());
}

struct Reader {
    user: Arc<dyn User>,
    to_program: mpsc::Sender<Vec<u8>>,
    answers: mpsc::Sender<Result<Answered, CallError>>,
    exited: watch::Receiver<Option<String>>,
    notices: usize,
}

impl Reader {
    /// Returns when the program ended or broke the protocol.
    async fn run(mut self, mut stdout: ChildStdout) -> CallError {
        let mut buffer = LineBuffer::new(MAX_LINE);
        let mut chunk = vec![0; 64 * 1024];
        let mut exited = self.exited.clone();
        loop {
            let read = tokio::select! {
                biased;
                read = stdout.read(&mut chunk) => read.unwrap_or(0),
                // A process outside the group may hold the pipe open for ever.
                () = ended(&mut exited) => 0,
            };
            if read == 0 {
                return self.end().await;
            }
            buffer.push(&chunk[..read]);
            loop {
                match buffer.next_line() {
                    Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                    Ok(Some(line)) => {
                        if let Err(why) = self.take(line).await {
                            return why;
                        }
                    }
                    Ok(None) => break,
                    Err(_) => {
                        return CallError::Garbage(format!("wrote a line of more than {MAX_LINE} bytes"));
                    }
                }
            }
        }
    }

    async fn end(&mut self) -> CallError {
        let known = timeout(GRACE, self.exited.wait_for(Option::is_some)).await;
        let how = match known {
            Ok(Ok(how)) => how.clone(),
            _ => None,
        };
        CallError::Exited { how: how.unwrap_or_else(|| "closed its output and runs on".into()) }
    }

    async fn take(&mut self, line: &[u8]) -> Result<(), CallError> {
        let message = Message::parse(line).map_err(|e| {
            CallError::Garbage(format!("wrote {}: {e}", excerpt(&String::from_utf8_lossy(line))))
        })?;
        match message {
            Message::Response { id, outcome } => {
                // The device gone, nobody wants it.
                let _ = self.answers.send(Ok((id, outcome))).await;
            }
            Message::Notification { method, params } if method == "warning" => {
                let notice = self.notice(&method, params)?;
                self.user.warning(notice);
            }
            Message::Request { id, method, params } if method == "question" => {
                let notice = self.notice(&method, params)?;
                let answer = json!({ "answer": self.user.question(notice) });
                let line = Message::Response { id, outcome: Ok(answer) }.to_line();
                let _ = self.to_program.send(line).await;
            }
            Message::Request { method, .. } | Message::Notification { method, .. } => {
                let method = excerpt(&method);
                return Err(CallError::Garbage(format!("sent {method}, expected `warning` or `question`")));
            }
        }
        Ok(())
    }

    fn notice(&mut self, method: &str, params: Value) -> Result<Notice, CallError> {
        self.notices += 1;
        if self.notices > MAX_NOTICES {
            let reason = format!("sent more than {MAX_NOTICES} warnings and questions");
            return Err(CallError::Garbage(reason));
        }
        let mut notice: Notice = serde_json::from_value(params)
            .map_err(|e| CallError::Garbage(format!("sent a wrong `{method}`: {e}")))?;
        for text in [&mut notice.kind, &mut notice.text] {
            if let Some((end, _)) = text.char_indices().nth(MAX_NOTICE_TEXT) {
                text.truncate(end);
            }
        }
        Ok(notice)
    }
}

async fn ended(exited: &mut watch::Receiver<Option<String>>) {
    let _ = exited.wait_for(Option::is_some).await;
    sleep(GRACE).await;
}

fn excerpt(text: &str) -> String {
    let start: String = text.chars().take(80).collect();
    format!("{start:?}")
}
