//! Appends changes to the file, and says when they are on the disk.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use super::change::Record;
use super::compact;
use super::error::StateError;
use super::file::{self, Opened, StateFile};
use super::frame::{self, Encoded, End};
use super::header::Header;

/// A batch takes no further change when it has this many bytes.
pub(super) const BATCH: u64 = 8 << 20;

/// An open state file that is appended to by a thread of its own.
pub(crate) struct Journal {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: StateFile,
    /// That of the file that is open.
    header: Mutex<Header>,
    queue: Mutex<Queue>,
    /// There is something to write, or nothing will come any more.
    work: Condvar,
    /// Something was written.
    done: Condvar,
    synced: watch::Sender<Synced>,
}

struct Queue {
    waiting: VecDeque<Encoded>,
    /// How many changes were ever appended.
    appended: u64,
    /// How long the file will be at most.
    length: u64,
    /// The length at which it is asked how much of the file is still needed.
    due: u64,
    /// The file that takes the place of the one that is open.
    anew: Option<Opened>,
    closed: bool,
}

/// How far the file is on the disk.
#[derive(Debug, Clone, Default)]
struct Synced {
    changes: u64,
    failed: Option<StateError>,
}

impl Journal {
    pub(crate) fn new(state: StateFile, opened: Opened) -> Result<Self, StateError> {
        let path = state.path.clone();
        let queue = Queue {
            waiting: VecDeque::new(),
            appended: 0,
            length: opened.end.offset,
            due: state.compact_from,
            anew: None,
            closed: false,
        };
        let synced = watch::Sender::new(Synced::default());
        let shared = Arc::new(Shared {
            header: Mutex::new(opened.header.clone()),
            state,
            queue: Mutex::new(queue),
            work: Condvar::new(),
            done: Condvar::new(),
            synced,
        });
        let writing = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("state file".to_owned());
        let thread =
            thread.spawn(move || writing.write(opened)).map_err(StateError::system("write", &path))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// An error if nothing can be appended any more, or not this much.
    pub(crate) fn check(&self, body: usize) -> Result<(), StateError> {
        if let Some(error) = &self.shared.synced.borrow().failed {
            return Err(error.clone());
        }
        // More than any head takes.
        const HEADS: u64 = 512 * 1024;
        let StateFile { path, limit, .. } = &self.shared.state;
        if self.shared.queue().length + body as u64 + HEADS > *limit {
            return Err(StateError::Full { path: path.clone(), limit: *limit });
        }
        Ok(())
    }

    /// Appends a change; it is on the disk when [`Journal::durable`] says so.
    pub(crate) fn append(&self, record: Record) {
        let encoded = record.encode();
        let mut queue = self.shared.queue();
        queue.length += frame::HEAD as u64 + encoded.length();
        queue.appended += 1;
        queue.waiting.push_back(encoded);
        drop(queue);
        self.shared.work.notify_one();
    }

    /// Waits until all that was appended before is on the disk.
    pub(crate) fn durable(&self) -> impl Future<Output = Result<(), StateError>> + Send + use<> {
        let appended = self.shared.queue().appended;
        let mut synced = self.shared.synced.subscribe();
        async move {
            let reached = |synced: &Synced| synced.failed.is_some() || synced.changes >= appended;
            match synced.wait_for(reached).await.map(|synced| synced.failed.clone()) {
                Ok(Some(error)) => Err(error),
                // The journal is closed when everything is on the disk.
                Ok(None) | Err(_) => Ok(()),
            }
        }
    }

    /// The same for whoever is not asynchronous: blocks the thread.
    pub(crate) fn wait(&self) -> Result<(), StateError> {
        let queue = self.shared.queue();
        let appended = queue.appended;
        let open = |_: &mut Queue| {
            let synced = self.shared.synced.borrow();
            synced.failed.is_none() && synced.changes < appended
        };
        drop(self.shared.done.wait_while(queue, open).unwrap_or_else(PoisonError::into_inner));
        self.shared.synced.borrow().failed.clone().map_or(Ok(()), Err)
    }

    /// How long the file is.
    pub(crate) fn length(&self) -> u64 {
        self.shared.queue().length
    }

    /// Whether it is time to ask how much of it is still needed.
    pub(crate) fn is_due(&self) -> bool {
        let queue = self.shared.queue();
        queue.length >= queue.due
    }

    /// It is time to ask again when the file is that long.
    pub(crate) fn ask_again_at(&self, length: u64) {
        self.shared.queue().due = length.max(self.shared.state.compact_from);
    }

    /// Writes the file anew, so that it begins with these records; nobody appends anything meanwhile.
    ///
    /// # Errors
    /// Then the old one goes on.
    pub(crate) fn write_anew(
        &self,
        records: impl Iterator<Item = std::io::Result<Record>>,
    ) -> Result<(), StateError> {
        self.wait()?;
        let mut header = self.shared.header.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = compact::write(&self.shared.state.path, header.anew(), records)?;
        *header = opened.header.clone();
        let mut queue = self.shared.queue();
        queue.length = opened.end.offset;
        queue.anew = Some(opened);
        drop(queue);
        // From here on there is no way back: a change that only the new file has could go with its name.
        if let Err(error) = file::sync_folder(&self.shared.state.path) {
            self.give_up(&error.to_string());
        }
        Ok(())
    }

    /// Nothing is kept from now on, and nothing answered.
    pub(crate) fn give_up(&self, reason: &str) {
        let path = self.shared.state.path.clone();
        let error = StateError::System { doing: "write", path, reason: reason.to_owned() };
        self.shared.synced.send_modify(|synced| synced.failed = Some(error));
    }
}

impl Drop for Journal {
    /// Writes what is waiting, and that the file was closed in good order.
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            // What a thread that panicked has not written was not answered.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, opened: Opened) {
        let Opened { mut file, mut header, mut end } = opened;
        loop {
            let (batch, anew) = self.next_batch();
            if let Some(opened) = anew {
                Opened { file, header, end } = opened;
            }
            let marker = header.marker();
            let closing = batch.is_empty();
            let (bytes, next) = frame::batch(&marker, end, &batch);
            let written = write_at(&mut file, end, &bytes);
            self.synced.send_modify(|synced| match written {
                Ok(()) => synced.changes += batch.len() as u64,
                Err(error) => {
                    let error = StateError::system("write", &self.state.path)(error);
                    eprintln!("error: {error}; nothing is answered any more");
                    synced.failed = Some(error);
                }
            });
            // Whoever looks at it now sees it, or waits already.
            drop(self.queue());
            self.done.notify_all();
            if closing || self.synced.borrow().failed.is_some() {
                break;
            }
            end = next;
        }
    }

    /// What is to be written next, nothing when the journal is closed; and whereto if that has changed.
    fn next_batch(&self) -> (Vec<Encoded>, Option<Opened>) {
        let queue = self.queue();
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let mut queue = self.work.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
        let (mut batch, mut length) = (Vec::new(), 0);
        while length < BATCH {
            let Some(change) = queue.waiting.pop_front() else { break };
            length += change.length();
            batch.push(change);
        }
        (batch, queue.anew.take())
    }
}

fn write_at(file: &mut File, end: End, bytes: &[u8]) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(end.offset))?;
    file.write_all(bytes)?;
    file.sync_data()
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path: &Path = &self.shared.state.path;
        f.debug_tuple("Journal").field(&path).finish()
    }
}
