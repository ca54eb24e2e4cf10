//! Exchanges as lines in a file.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde::Serialize;

use crate::exchange::Exchange;

/// How much may wait to be written. What comes when there is more is lost, and counted.
const MAX_WAITING: usize = 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Writes exchanges to a file, one a line, in JSON: the members of [`Exchange`] and `tenant`, its name. Clones write to
/// the same file, those of other tenants too.
///
/// An exchange is written when its answer has gone, or its connection was broken off. Requests do not wait for that:
/// what comes faster than it can be written is lost ([`History::lost`]).
#[derive(Clone)]
pub struct History {
    writing: Arc<Writing>,
}

struct Writing {
    queue: Mutex<Option<SyncSender<Line>>>,
    counts: Arc<Counts>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Counts {
    waiting: AtomicUsize,
    lost: AtomicU64,
}

struct Line {
    tenant: Arc<str>,
    exchange: Arc<Exchange>,
    bytes: usize,
}

#[derive(Serialize)]
struct Shown<'a> {
    tenant: &'a str,
    #[serde(flatten)]
    exchange: &'a Exchange,
}

impl History {
    /// Writes to this file, which is made anew.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn to_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::create(path)?;
        let (queue, lines) = sync_channel(MAX_WAITING);
        let counts = Arc::<Counts>::default();
        let counting = Arc::clone(&counts);
        let writer = std::thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || write_lines(&lines, BufWriter::new(file), &counting))?;
        let writing = Writing { queue: Mutex::new(Some(queue)), counts, writer: Mutex::new(Some(writer)) };
        Ok(Self { writing: Arc::new(writing) })
    }

    /// How many exchanges could not be written so far.
    pub fn lost(&self) -> u64 {
        self.writing.counts.lost.load(Ordering::Relaxed)
    }

    /// Waits until everything is written; what comes afterwards is lost.
    pub fn finish(&self) {
        self.writing.finish();
    }

    /// Takes an exchange of about this many bytes.
    pub(crate) fn write(&self, tenant: &Arc<str>, exchange: Arc<Exchange>, bytes: usize) {
        let counts = &self.writing.counts;
        let waiting = counts.waiting.fetch_add(bytes, Ordering::Relaxed);
        let line = Line { tenant: Arc::clone(tenant), exchange, bytes };
        let queue = self.writing.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sent =
            queue.as_ref().filter(|_| waiting < MAX_BYTES).is_some_and(|queue| queue.try_send(line).is_ok());
        if !sent {
            counts.waiting.fetch_sub(bytes, Ordering::Relaxed);
            counts.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Writing {
    fn finish(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // It does not panic: there is nothing to do if it did.
            let _ = writer.join();
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("lost", &self.lost()).finish_non_exhaustive()
    }
}

fn write_lines(lines: &Receiver<Line>, mut file: BufWriter<File>, counts: &Counts) {
    while let Ok(first) = lines.recv() {
        for Line { tenant, exchange, bytes } in std::iter::once(first).chain(lines.try_iter()) {
            let shown = Shown { tenant: &tenant, exchange: &exchange };
            let text = serde_json::to_vec(&shown).map_err(io::Error::other);
            let written = text.and_then(|text| file.write_all(&text)).and_then(|()| file.write_all(b"\n"));
            counts.waiting.fetch_sub(bytes, Ordering::Relaxed);
            counts.lost.fetch_add(u64::from(written.is_err()), Ordering::Relaxed);
        }
        // What cannot be written now is tried again with the next lines.
        let _ = file.flush();
    }
}
