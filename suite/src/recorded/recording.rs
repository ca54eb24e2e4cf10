//! A recording as the monitors see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2ee_mock_server::Exchange;
use e2ee_mock_server::control::{RECORDING_VERSION, RecordedFolder, Recording};
use e2ee_reference::recognise::AnyVersion;

use super::error::RecordedError;
use super::keys::secrets;
use super::known::Known;
use crate::scenario::Role;
use crate::transcript::{Canaries, DeviceRecord, Mode, StoredFolder, Transcript};

/// A recording with what is known about it: all clients in it are looked at, and nobody knows what they were asked to do.
pub struct Recorded {
    /// The same without steps, scenario and snapshots. Devices are called `USER/LABEL`.
    pub(crate) transcript: Transcript,
    /// Where encrypted folders lie in the end.
    pub(crate) spots: Vec<Spot>,
    /// What was done to the server that it does not do by itself: moves and commands.
    pub(crate) meddled: Vec<String>,
    /// The exchanges whose request's body is not there.
    pub(crate) bodiless: Vec<u64>,
}

/// A user's way to a folder.
pub(crate) struct Spot {
    /// The folder's number.
    pub(crate) folder: u64,
    /// The user.
    pub(crate) user: String,
    /// The path in the user's files.
    pub(crate) path: String,
    /// Whether it is the topmost encrypted folder.
    pub(crate) is_root: bool,
}

impl Recorded {
    /// Takes a recording, and opens the private keys that can be opened, which takes half a second for each mnemonic.
    ///
    /// # Errors
    /// If it is of another version, or its exchanges are not in order.
    pub fn new(recording: Recording, known: &Known) -> Result<Self, RecordedError> {
        if recording.schema_version != RECORDING_VERSION {
            let what = format!("expected {RECORDING_VERSION}, found {}", recording.schema_version);
            return Err(RecordedError::new("schema_version", what));
        }
        let version: AnyVersion = recording
            .api_version
            .parse()
            .map_err(|_| RecordedError::new("api_version", "expected a metadata version such as 2.1"))?;
        for (position, pair) in (1..).zip(recording.exchanges.windows(2)) {
            let [before, after] = pair else { continue };
            if after.number <= before.number {
                let what = format!("expected more than {}, found {}", before.number, after.number);
                return Err(RecordedError::new(format!("exchanges[{position}].number"), what));
            }
        }
        let mut meddled = recording.meddled.clone();
        for name in recording.exchanges.iter().flat_map(|exchange| &exchange.tampered_by) {
            if !meddled.contains(name) {
                meddled.push(name.clone());
            }
        }
        let mode = if meddled.is_empty() { Mode::Single } else { Mode::Attack };
        let secrets = secrets(known, &recording);
        let mut bodiless = Vec::new();
        let exchanges: Vec<Arc<Exchange>> = recording
            .exchanges
            .into_iter()
            .map(|exchange| Arc::new(taken(exchange, &mut bodiless)))
            .collect();
        Ok(Self {
            spots: recording.folders.iter().flat_map(spots).collect(),
            meddled,
            bodiless,
            transcript: Transcript {
                mode,
                devices: devices(&exchanges),
                exchanges,
                exchanges_dropped: recording.dropped,
                secrets,
                canaries: Canaries { names: known.canaries.clone(), ..Canaries::default() },
                stored: recording.folders.into_iter().map(stored).collect(),
                ..Transcript::blank("", version)
            },
        })
    }

    /// What the clients are called, `USER/LABEL`.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.transcript.devices.iter().map(|device| device.actor.as_str())
    }

    /// How many exchanges there are.
    pub fn exchanges(&self) -> usize {
        self.transcript.exchanges.len()
    }
}

/// The exchange of a device whose name nobody else has: labels are a user's own. What is not there is noted.
fn taken(mut exchange: Exchange, bodiless: &mut Vec<u64>) -> Exchange {
    if let (Some(user), Some(label)) = (&exchange.user, &exchange.device) {
        exchange.device = Some(format!("{user}/{label}"));
    }
    if exchange.request_file.take().is_some() {
        bodiless.push(exchange.number);
    }
    exchange
}

fn devices(exchanges: &[Arc<Exchange>]) -> Vec<DeviceRecord> {
    let pairs = exchanges.iter().filter_map(|exchange| exchange.device.as_ref().zip(exchange.user.as_ref()));
    let by_name: BTreeMap<&String, &String> = pairs.collect();
    let device = |(actor, user): (&String, &String)| DeviceRecord {
        actor: actor.clone(),
        role: Role::Subject,
        user: user.clone(),
        log: String::new(),
    };
    by_name.into_iter().map(device).collect()
}

fn spots(folder: &RecordedFolder) -> impl Iterator<Item = Spot> {
    folder.places.iter().map(|(user, path)| Spot {
        folder: folder.id,
        user: user.clone(),
        path: path.clone(),
        is_root: folder.parent.is_none(),
    })
}

/// Without the bytes of its files: nobody asks for them who does not know what was written.
fn stored(folder: RecordedFolder) -> StoredFolder {
    StoredFolder {
        id: folder.id,
        parent: folder.parent,
        owner: folder.owner,
        name: folder.name,
        metadata: folder.metadata,
        files: folder.files.into_iter().map(|name| (name, bytes::Bytes::new())).collect(),
    }
}
