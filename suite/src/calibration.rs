//! Shows that a client and its adapter can be judged at all, before they are.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::client::{CallError, Device};
use e2ee_adapter::protocol::{Content, Failure, Request};
use e2ee_reference::recognise::AnyVersion;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::play::{Client, ClientFault, Laboratory, LaboratoryError, Rehearsal, token};

/// The user of the calibration.
pub const USER: &str = "alice";

/// Why a client is not judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// The client broke, which is not a matter of calibration.
    #[error("the client broke during calibration: {0}")]
    Broke(#[from] ClientFault),
    /// No server, for example.
    #[error(transparent)]
    Laboratory(#[from] LaboratoryError),
    /// It did not answer.
    #[error("{step}: no answer within {seconds} s")]
    Hung {
        /// What was asked.
        step: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// It took a method for real that does not exist.
    #[error(
        "the nonsense method `{method}` must be answered with `unsupported` (code 3 or -32601), but came {came}"
    )]
    Nonsense {
        /// The name.
        method: String,
        /// What came.
        came: String,
    },
    /// It failed at what every client can.
    #[error("{step} must succeed, but came {came}")]
    MustSucceed {
        /// What was asked.
        step: &'static str,
        /// What came.
        came: String,
    },
    /// It gave back something else than was written.
    #[error("reading back what was written gave other bytes")]
    WrongBytes,
    /// It has read a file that never existed.
    #[error("reading a file that never existed must not succeed, but came ok")]
    ReadsNothing,
}

/// Plays the three calibrations: nonsense, what must succeed, what must not.
///
/// # Errors
/// See [`CalibrationError`].
pub async fn calibrate(
    laboratory: &Laboratory,
    client: &Client,
    version: AnyVersion,
    limit: Duration,
) -> Result<(), CalibrationError> {
    let rehearsal = Rehearsal::set(laboratory, client, USER, version)?;
    let device = rehearsal.connect(client).await.map_err(ClientFault::from)?;
    let device = Asked { device: device.as_ref(), limit };
    must("hello", device.ask("hello", Request::Hello {}).await?)?;
    nonsense(&device).await?;
    for (step, request) in rehearsal.opening(client) {
        must(step, device.ask(step, request).await?)?;
    }
    let content = format!("calibration {}\n", token(16));
    let folder = format!("calibration-{}", token(4));
    let path = format!("{folder}/file-{}.txt", token(8));
    let encrypt = Request::EncryptFolder { path: folder.clone() };
    must("encrypt_folder", device.ask("encrypt_folder", encrypt).await?)?;
    let write = Request::Write { path: path.clone(), content: STANDARD.encode(&content) };
    must("write", device.ask("write", write).await?)?;
    let answer = must("read", device.ask("read", Request::Read { path }).await?)?;
    let read: Option<Content> = serde_json::from_value(answer).ok();
    let bytes = read.and_then(|read| STANDARD.decode(read.content).ok());
    if bytes.as_deref() != Some(content.as_bytes()) {
        return Err(CalibrationError::WrongBytes);
    }
    let absent = Request::Read { path: format!("{folder}/never-{}.txt", token(8)) };
    if device.ask("read of a file that never existed", absent).await?.is_ok() {
        return Err(CalibrationError::ReadsNothing);
    }
    device.ask("stop", Request::Stop {}).await?.ok();
    Ok(())
}

/// The users that [`calibrate`] needs in the laboratory.
pub fn users() -> BTreeSet<String> {
    BTreeSet::from([USER.to_owned()])
}

struct Asked<'a> {
    device: &'a dyn Device,
    limit: Duration,
}

type Answered = Result<Value, (Failure, String)>;

impl Asked<'_> {
    async fn ask(&self, step: &'static str, request: Request) -> Result<Answered, CalibrationError> {
        let answer = timeout(self.limit, self.device.call(request)).await;
        self.sorted(step, answer)
    }

    fn sorted(
        &self,
        step: &'static str,
        answer: Result<Result<Value, CallError>, tokio::time::error::Elapsed>,
    ) -> Result<Answered, CalibrationError> {
        match answer {
            Err(_) => Err(CalibrationError::Hung { step, seconds: self.limit.as_secs() }),
            Ok(Ok(value)) => Ok(Ok(value)),
            Ok(Err(CallError::Client(error))) => Ok(Err((error.failure, error.reason))),
            Ok(Err(broke)) => Err(CalibrationError::Broke(broke.into())),
        }
    }
}

async fn nonsense(device: &Asked<'_>) -> Result<(), CalibrationError> {
    let method = format!("nonsense_{}", token(4));
    let answer = timeout(device.limit, device.device.call_raw(&method, json!({}))).await;
    let came = match device.sorted("a nonsense method", answer)? {
        Err((Failure::Unsupported, _)) => return Ok(()),
        Ok(_) => "ok".to_owned(),
        Err((failure, _)) => word(failure).to_owned(),
    };
    Err(CalibrationError::Nonsense { method, came })
}

fn must(step: &'static str, answer: Answered) -> Result<Value, CalibrationError> {
    answer.map_err(|(failure, reason)| {
        let came = format!("{}: {}", word(failure), reason.chars().take(200).collect::<String>());
        CalibrationError::MustSucceed { step, came }
    })
}

fn word(failure: Failure) -> &'static str {
    match failure {
        Failure::Refused => "refused",
        Failure::Busy => "busy",
        Failure::Unsupported => "unsupported",
        Failure::Failed => "failed",
    }
}

/// The version to calibrate in: the newest that the client speaks.
pub fn version(client: &Client) -> Option<AnyVersion> {
    AnyVersion::ALL.into_iter().rev().find(|version| client.speaks(*version))
}
