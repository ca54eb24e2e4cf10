//! `inspect`

use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob;

use super::args::InspectArgs;
use super::stop::Stop;
use crate::exit_code::ExitCode;
use crate::inspect::{Input, blob, examine, print};

/// A file that is longer is refused.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// The variable with the mnemonic.
const MNEMONIC: &str = "E2EE_MNEMONIC";

/// Examines a document.
pub(super) fn inspect(args: &InspectArgs) -> Result<ExitCode, Stop> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let input = Input {
        metadata: read(&args.metadata)?,
        signature: args.signature.as_deref().map(signature).transpose()?,
        key: key(args)?,
        user: args.user.clone(),
        server_key: args.server_key.as_deref().map(server_key).transpose()?,
        root: args.root.as_deref().map(read).transpose()?,
        trusted: args.certificate.iter().map(|path| certificate(path)).collect::<Result<_, _>>()?,
        now: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
    };
    let found = examine(&input)
        .map_err(|error| Stop::new(ExitCode::Failed, format!("{}: {error}", args.metadata.display())))?;
    print(&mut io::stdout().lock(), &found, args.show_keys)
        .map_err(|error| Stop::set_up(format!("cannot print: {error}")))?;
    Ok(if found.is_wrong() { ExitCode::Failed } else { ExitCode::Ok })
}

fn key(args: &InspectArgs) -> Result<Option<PrivateKey>, Stop> {
    if let Some(path) = &args.private_key {
        let key = PrivateKey::from_pem(&read(path)?).map_err(|error| wrong(path, error))?;
        return Ok(Some(key));
    }
    let Some(path) = &args.key_blob else { return Ok(None) };
    let blob = blob(&read(path)?);
    let mnemonic = Mnemonic::parse(&mnemonic(args)?).map_err(|error| Stop::set_up(error.to_string()))?;
    let key = private_key_blob::open(&blob, &mnemonic)
        .map_err(|error| Stop::new(ExitCode::Failed, format!("{}: {error}", path.display())))?;
    Ok(Some(key))
}

/// From a file, the environment or standard input: never from the arguments, which others can see.
fn mnemonic(args: &InspectArgs) -> Result<String, Stop> {
    if let Some(path) = &args.mnemonic_file {
        return read(path);
    }
    if let Ok(words) = std::env::var(MNEMONIC) {
        return Ok(words);
    }
    if io::stdin().is_terminal() {
        eprint!("mnemonic (12 words): ");
    }
    let mut words = String::new();
    let read = if io::stdin().is_terminal() {
        io::stdin().read_line(&mut words)
    } else {
        io::stdin().take(4096).read_to_string(&mut words)
    };
    read.map_err(|error| Stop::set_up(format!("cannot read the mnemonic: {error}")))?;
    Ok(words)
}

/// A file, or the text itself if there is no such file.
fn signature(given: &str) -> Result<String, Stop> {
    let path = Path::new(given);
    if given.len() < 4096 && path.is_file() { read(path) } else { Ok(given.to_owned()) }
}

fn server_key(path: &Path) -> Result<PublicKey, Stop> {
    PublicKey::from_pem(&read(path)?).map_err(|error| wrong(path, error))
}

fn certificate(path: &Path) -> Result<Certificate, Stop> {
    Certificate::from_pem(&read(path)?).map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, error: e2ee_reference::Error) -> Stop {
    Stop::set_up(format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<String, Stop> {
    let cannot =
        |error: &dyn std::fmt::Display| Stop::set_up(format!("cannot read {}: {error}", path.display()));
    if fs::metadata(path).map_err(|error| cannot(&error))?.len() > MAX_FILE {
        return Err(cannot(&"longer than 64 MiB"));
    }
    fs::read_to_string(path).map_err(|error| cannot(&error))
}
