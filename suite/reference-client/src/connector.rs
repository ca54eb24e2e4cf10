//! The client in the suite's own process, and as a program.

use crate::common::Common;
use crate::defects::Defects;
use crate::draws::{Calls, Drawing};
use crate::limits::Limits;
use crate::session::Session;
use e2ee_adapter::client::{BoxFuture, CallError, Connector, Device, Place, User};
use e2ee_adapter::protocol::{ClientError, Request};
use e2ee_adapter::serve::serve;
use e2ee_reference::dialect::Dialect;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// Makes devices of the reference client in this process.
#[derive(Debug, Clone, Default)]
pub struct ReferenceConnector {
    /// What all its devices do wrong.
    pub defects: Defects,
    /// How all its devices write.
    pub dialect: Dialect,
    /// What its devices share.
    pub common: Common,
}

/// Serves one device on standard input and output until standard input ends.
pub async fn serve_stdio(defects: Defects, dialect: Dialect, limits: Limits) -> io::Result<()> {
    serve(Session::new(defects, dialect, Common { limits, ..Common::default() })).await
}

impl Connector for ReferenceConnector {
    fn connect<'a>(&'a self, user: Arc<dyn User>) -> BoxFuture<'a, Result<Box<dyn Device>, CallError>> {
        let session = Arc::new(Session::new(self.defects.clone(), self.dialect, self.common.clone()));
        let common = self.common.clone();
        let device =
            LocalDevice { session, user, common, calls: Calls::default(), crashed: AtomicBool::new(false) };
        Box::pin(async move { Ok(Box::new(device) as Box<dyn Device>) })
    }

    fn forks(&self) -> bool {
        true
    }
}

struct LocalDevice {
    session: Arc<Session>,
    user: Arc<dyn User>,
    common: Common,
    calls: Calls,
    crashed: AtomicBool,
}

impl Device for LocalDevice {
    fn call<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Value, CallError>> {
        Box::pin(async move {
            let crash = || CallError::Exited { how: "panic".into() };
            if self.crashed.load(Ordering::Relaxed) {
                return Err(crash());
            }
            let (session, user) = (Arc::clone(&self.session), Arc::clone(&self.user));
            let repeatable = self.common.repeatable.as_ref();
            let stream = self.calls.next(&request, repeatable, |dir| self.common.drives.of(dir));
            let work = Box::pin(async move { session.answer(request, &*user).await });
            // A task of its own: a panic ends it, as it would end a program.
            let task = tokio::spawn(Drawing { stream, work });
            match AbortOnDrop(task).outcome().await {
                Some(outcome) => outcome.map_err(CallError::from),
                None => {
                    self.crashed.store(true, Ordering::Relaxed);
                    Err(crash())
                }
            }
        })
    }

    /// Its memory is lost: what it has written down lies in its folder.
    fn kill<'a>(&'a self) -> BoxFuture<'a, ()> {
        self.crashed.store(true, Ordering::Relaxed);
        Box::pin(self.session.rest())
    }

    fn fork(&self, to: Place, user: Arc<dyn User>) -> Option<Box<dyn Device>> {
        let session = Arc::new(self.session.fork(&to)?);
        let crashed = AtomicBool::new(self.crashed.load(Ordering::Relaxed));
        let (common, calls) = (self.common.clone(), self.calls.fork());
        Some(Box::new(Self { session, user, common, calls, crashed }))
    }

    fn call_raw<'a>(&'a self, method: &'a str, params: Value) -> BoxFuture<'a, Result<Value, CallError>> {
        match serde_json::from_value(json!({"method": method, "params": params})) {
            Ok(request) => self.call(request),
            Err(e) => {
                Box::pin(async move { Err(ClientError::unsupported(format!("`{method}`: {e}")).into()) })
            }
        }
    }
}

/// A call that is given up must not go on.
struct AbortOnDrop(JoinHandle<Result<Value, ClientError>>);

impl AbortOnDrop {
    /// `None` when the task panicked.
    async fn outcome(mut self) -> Option<Result<Value, ClientError>> {
        (&mut self.0).await.ok()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
