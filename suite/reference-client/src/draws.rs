//! Which random bytes a device in this process draws.

use crate::common::Repeatable;
use crate::disk::is_fresh;
use crate::storage::Storage;
use e2ee_adapter::protocol::Request;
use e2ee_reference::backend::backend;
use e2ee_reference::random::Stream;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

/// How many calls of each method a device has had, and whose they are. What was asked for beside does not change what is
/// drawn: one that reads more often still writes the same.
#[derive(Default)]
pub(crate) struct Calls(Mutex<Counted>);

#[derive(Clone, Default)]
struct Counted {
    numbers: BTreeMap<&'static str, u64>,
    device: Option<Drawer>,
}

#[derive(Clone)]
enum Drawer {
    Named(String),
    /// It was there before, and must not draw once more what it drew then.
    Risen,
}

impl Calls {
    /// The same calls so far.
    pub(crate) fn fork(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }

    /// What is drawn in the next call; `None` if that need not be repeatable.
    pub(crate) fn next(
        &self,
        request: &Request,
        repeatable: Option<&Repeatable>,
        storage: impl FnOnce(&str) -> std::sync::Arc<dyn Storage>,
    ) -> Option<Stream> {
        let repeatable = repeatable?;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let method = request.method();
        let number = counted.numbers.entry(method).or_default();
        *number += 1;
        let number = number.to_be_bytes();
        if let (None, Request::Start(start)) = (&counted.device, request) {
            let name = start.dir.rsplit('/').next().unwrap_or_default().to_owned();
            let is_fresh = is_fresh(&start.dir, &*storage(&start.dir));
            counted.device = Some(if is_fresh { Drawer::Named(name) } else { Drawer::Risen });
        }
        let Some(Drawer::Named(name)) = &counted.device else { return None };
        let parts = [&repeatable.seed[..], &number, method.as_bytes(), b" ", name.as_bytes()].concat();
        Some(Stream::new(backend().sha256(&parts)))
    }
}

/// Work during which a stream is the only randomness.
pub(crate) struct Drawing<F> {
    pub(crate) stream: Option<Stream>,
    pub(crate) work: Pin<Box<F>>,
}

impl<F: Future> Future for Drawing<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { stream, work } = &mut *self;
        match stream {
            Some(stream) => stream.within(|| work.as_mut().poll(context)),
            None => work.as_mut().poll(context),
        }
    }
}
