//! Locks, counters and documents of the model in any order, against a specification that fits on a page.

use std::time::Duration;

use e2ee_mock_server::SignedMetadata;
use e2ee_mock_server::model::{Caller, FileId, LockError, MetadataError, Model, UnlockError, Writer};
use proptest::prelude::*;

const ALICE: Caller<'_> = Caller { user: Some("alice"), share_token: None };

/// What three clients of alice can do to her folder, and time to it.
#[derive(Debug, Clone)]
enum Step {
    /// Asks for the lock with a counter, by the token that it had last or by none.
    Lock { client: usize, counter: i64, again: bool },
    /// Writes the first document or another one by the token that it had last.
    Write { client: usize, first: bool, document: u32 },
    /// Releases the lock by the token that it had last.
    Unlock { client: usize, abort: bool },
    /// More than a day passes, and the hourly job runs.
    Expire,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..3usize;
    let step = prop_oneof![
        4 => (client.clone(), 0..8i64, any::<bool>())
            .prop_map(|(client, counter, again)| Step::Lock { client, counter, again }),
        4 => (client.clone(), any::<bool>(), any::<u32>())
            .prop_map(|(client, first, document)| Step::Write { client, first, document }),
        4 => (client, prop::bool::weighted(0.3)).prop_map(|(client, abort)| Step::Unlock { client, abort }),
        1 => Just(Step::Expire),
    ];
    prop::collection::vec(step, 1..60)
}

/// One folder, as it should be.
#[derive(Debug, Default)]
struct Spec {
    /// Which client holds the lock by the token that it had last.
    holder: Option<usize>,
    document: Option<u32>,
    counter: i64,
    /// What waits for the unlock.
    pending: Option<u32>,
    announced: Option<i64>,
    /// Whether anything was ever written: the counter of a lock is not kept before.
    known: bool,
    /// Whether the holder has written.
    written: bool,
}

impl Spec {
    /// `Ok`: whether the lock is a new one.
    fn lock(&mut self, client: usize, counter: i64, again: bool) -> Result<bool, LockError> {
        match self.holder {
            _ if counter == 0 => Err(LockError::NoCounter),
            Some(holder) if holder == client && again => Ok(false),
            Some(_) => Err(LockError::Locked),
            None if counter <= self.counter => Err(LockError::Counter),
            None => {
                (self.holder, self.written) = (Some(client), false);
                if self.known {
                    self.announced = Some(counter);
                }
                Ok(true)
            }
        }
    }

    fn write(&mut self, client: usize, first: bool, document: u32) -> Result<(), MetadataError> {
        if self.holder != Some(client) {
            return Err(MetadataError::NotLocked);
        }
        if first && (self.document.is_some() || self.pending.is_some()) {
            return Err(MetadataError::Exists);
        }
        if !first && self.document.is_none() {
            return Err(MetadataError::Missing);
        }
        (self.pending, self.known, self.written) = (Some(document), true, true);
        Ok(())
    }

    fn unlock(&mut self, client: usize, abort: bool) -> Result<(), UnlockError> {
        if self.holder != Some(client) {
            return Err(UnlockError::Forbidden);
        }
        self.holder = None;
        if self.written && abort {
            (self.pending, self.announced) = (None, None);
        } else if self.written {
            self.document = self.pending.take().or(self.document);
            self.counter = self.announced.take().unwrap_or(self.counter);
        }
        Ok(())
    }

    fn expire(&mut self) {
        if self.holder.take().is_some() {
            (self.pending, self.announced) = (None, None);
        }
    }
}

/// The folder in the model, and the tokens that the clients had last.
struct Real {
    model: Model,
    folder: FileId,
    tokens: [String; 3],
}

impl Real {
    fn new() -> Self {
        let mut model = Model::new("octest");
        model.add_user("alice");
        let writer = Writer { user: "alice", token: None, supported: true, link: None };
        let folder = model.make_folder(writer, &["plans".to_owned()]).unwrap().id;
        model.set_encrypted(folder, true);
        // A token of nobody: an empty one is refused for another reason.
        Self { model, folder, tokens: std::array::from_fn(|client| format!("none of client {client}")) }
    }

    /// `Ok`: whether the token is a new one.
    fn lock(&mut self, client: usize, counter: i64, again: bool) -> Result<bool, LockError> {
        let token = again.then_some(self.tokens[client].as_str());
        let given = self.model.lock(ALICE, self.folder, counter, token)?;
        Ok(std::mem::replace(&mut self.tokens[client], given.clone()) != given)
    }

    fn write(&mut self, client: usize, first: bool, document: u32) -> Result<(), MetadataError> {
        let metadata =
            SignedMetadata { document: document.to_string(), signature: Some("signed".to_owned()) };
        let (model, token) = (&mut self.model, &self.tokens[client]);
        if first {
            model.create_metadata(ALICE, self.folder, token, metadata)
        } else {
            model.replace_metadata(ALICE, self.folder, token, metadata)
        }
    }

    fn unlock(&mut self, client: usize, abort: bool) -> Result<(), UnlockError> {
        self.model.unlock(ALICE, self.folder, &self.tokens[client], abort)
    }

    fn expire(&mut self) {
        self.model.clock().advance(Duration::from_secs(100_000));
        self.model.roll_back(Duration::from_secs(86_400));
    }

    fn document(&self) -> Option<u32> {
        Some(self.model.metadata(self.folder)?.document.parse().unwrap())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_model_does_what_is_specified(steps in steps()) {
        let (mut spec, mut real) = (Spec::default(), Real::new());
        for step in steps {
            let before = real.model.counter(real.folder);
            match step {
                Step::Lock { client, counter, again } => {
                    prop_assert_eq!(spec.lock(client, counter, again), real.lock(client, counter, again));
                }
                Step::Write { client, first, document } => {
                    prop_assert_eq!(spec.write(client, first, document), real.write(client, first, document));
                }
                Step::Unlock { client, abort } => {
                    prop_assert_eq!(spec.unlock(client, abort), real.unlock(client, abort));
                }
                Step::Expire => {
                    spec.expire();
                    real.expire();
                }
            }
            prop_assert_eq!(spec.document, real.document());
            prop_assert_eq!(spec.counter, real.model.counter(real.folder));
            prop_assert!(spec.counter >= before, "a counter went back");
        }
    }
}
