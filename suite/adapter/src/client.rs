//! The suite's side: whoever can be asked to do things as a device.

use crate::protocol::{Answer, ClientError, Notice, Request};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A boxed future, so that [`Device`] can be used as a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a device tells or asks its user while it works.
pub trait User: Send + Sync {
    /// The client shows a warning.
    fn warning(&self, notice: Notice);
    /// The client asks; the user answers.
    fn question(&self, notice: Notice) -> Answer;
}

/// One device under test: an adapter program, or a client in this process.
pub trait Device: Send + Sync {
    /// Carries out one request. `Ok` holds the `result` member.
    fn call<'a>(&'a self, request: Request) -> BoxFuture<'a, Result<Value, CallError>>;
    /// Sends a method that the protocol does not have.
    fn call_raw<'a>(&'a self, method: &'a str, params: Value) -> BoxFuture<'a, Result<Value, CallError>>;
    /// The end of the device's log, lossily decoded, bounded.
    fn log(&self) -> String {
        String::new()
    }
    /// Ends it at once, as a user or the system does by `kill -9`, and comes back when nothing in it runs any more; what
    /// lies in its folder stays. A call must have been given up before.
    fn kill<'a>(&'a self) -> BoxFuture<'a, ()>;
    /// Between two calls: a second device in the same state, which goes on at another place. `None` if this kind of
    /// device cannot be copied, as programs cannot.
    fn fork(&self, to: Place, user: Arc<dyn User>) -> Option<Box<dyn Device>> {
        let _ = (to, user);
        None
    }
}

/// Where a copy of a device goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The URL of a server that knows the same as the device's own.
    pub server: String,
    /// A folder in which the same lies as in the device's own.
    pub dir: String,
}

/// Makes devices of one kind of client.
pub trait Connector: Send + Sync {
    /// A fresh device. `user` is told and asked on its behalf.
    fn connect<'a>(&'a self, user: Arc<dyn User>) -> BoxFuture<'a, Result<Box<dyn Device>, CallError>>;
    /// Whether [`Device::fork`] copies its devices.
    fn forks(&self) -> bool {
        false
    }
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The client answered with an error of the protocol.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// The program could not be started.
    #[error("client program `{program}` could not be started: {reason}")]
    Spawn {
        /// As given.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// The program ended, or closed its output, before it answered: a crash.
    #[error("client ended before it answered ({how})")]
    Exited {
        /// Exit status or signal, as far as known.
        how: String,
    },
    /// The program wrote something that is not the protocol: the adapter's fault.
    #[error("client does not speak the adapter protocol: {0}")]
    Garbage(String),
}
