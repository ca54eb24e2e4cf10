//! From an action of a scenario to requests of the adapter protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::{CreatedIdentity, PublicLink, Request, SideFeature};
use serde_json::{Value, json};

use super::device::Machine;
use crate::scenario::Action;
use crate::transcript::Outcome;

/// What an action needs beside itself.
#[derive(Default)]
pub(super) struct Props {
    /// What a `write` writes.
    pub(super) content: Vec<u8>,
    /// The user's mnemonic, as far as it exists.
    pub(super) mnemonic: Option<String>,
}

/// What came of an action.
pub(super) struct Performed {
    pub(super) outcome: Outcome,
    /// The identity that was made.
    pub(super) made: Option<Made>,
}

/// An identity that a client has made.
pub(super) struct Made {
    /// Whose it is, if not the device's user's: `s:TOKEN`.
    pub(super) link: Option<String>,
    pub(super) mnemonic: String,
}

/// Has a device carry out an action.
pub(super) async fn perform(machine: &mut Machine, action: &Action, props: Props) -> Performed {
    let mut created = None;
    let done = requests(machine, action, props, &mut created).await;
    let outcome = match done {
        Ok(answer) => Outcome::Ok(answer),
        Err(outcome) => outcome,
    };
    Performed { outcome, made: created }
}

async fn requests(
    machine: &mut Machine,
    action: &Action,
    props: Props,
    created: &mut Option<Made>,
) -> Result<Value, Outcome> {
    match action {
        Action::Start {} => return machine.start().await.map(|()| json!({})),
        Action::Stop {} => return machine.stop().await.map(|()| json!({})),
        Action::Restart {} => {
            machine.stop().await?;
            return machine.start().await.map(|()| json!({}));
        }
        _ => machine.start().await?,
    }
    let Some(request) = request(action, props) else {
        let reason = "nobody has a mnemonic for this account yet";
        return Err(Outcome::MoveFailed(reason.to_owned()));
    };
    let answer = machine.call(request).await?;
    // What holds a secret is taken out before anything is recorded.
    match action {
        Action::CreateIdentity {} | Action::RenewKeys {} => {
            match serde_json::from_value::<CreatedIdentity>(answer) {
                Ok(CreatedIdentity { mnemonic }) => *created = Some(Made { link: None, mnemonic }),
                Err(_) => {
                    let reason = format!("the answer to `{}` has no `mnemonic`", action.method());
                    return Err(Outcome::Garbage(reason));
                }
            }
        }
        Action::SharePublicly { .. } => {
            let told = serde_json::from_value::<PublicLink>(answer).ok();
            *created =
                told.map(|told| Made { link: Some(format!("s:{}", told.token)), mnemonic: told.mnemonic });
        }
        _ => return Ok(answer),
    }
    Ok(json!({}))
}

fn request(action: &Action, props: Props) -> Option<Request> {
    Some(match action.clone() {
        Action::Start {} | Action::Stop {} | Action::Restart {} => return None,
        Action::CreateIdentity {} => Request::CreateIdentity {},
        Action::RestoreIdentity { mnemonic } => {
            Request::RestoreIdentity { mnemonic: mnemonic.or(props.mnemonic)? }
        }
        Action::RenewCertificate {} => Request::RenewCertificate {},
        Action::RenewKeys {} => Request::RenewKeys {},
        Action::EncryptFolder { path } => Request::EncryptFolder { path },
        Action::MakeFolder { path } => Request::MakeFolder { path },
        Action::Write { path, .. } => Request::Write { path, content: STANDARD.encode(props.content) },
        Action::Read { path } => Request::Read { path },
        Action::List { path } => Request::List { path },
        Action::Tree {} => Request::Tree {},
        Action::Rename { path, to } => Request::Rename { path, to },
        Action::Copy { path, to } => Request::Copy { path, to },
        Action::Remove { path } => Request::Remove { path },
        Action::Share { path, with } => Request::Share { path, with },
        Action::Unshare { path, with } => Request::Unshare { path, with },
        Action::SharePublicly { path } => Request::SharePublicly { path },
        Action::Leave { path } => Request::Leave { path },
        Action::LockFile { path } => Request::LockFile { path },
        Action::UnlockFile { path } => Request::UnlockFile { path },
        Action::SideFeature { feature, path } => {
            let name = path.rsplit('/').next().filter(|_| feature != SideFeature::SendLog);
            Request::SideFeature { feature, text: name.unwrap_or_default().to_owned(), path }
        }
        Action::Sync {} => Request::Sync {},
    })
}
