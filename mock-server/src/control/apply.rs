//! How commands are carried out.

use std::time::Duration;

use e2ee_reference::identity::PrivateKey;
use schemars::JsonSchema;
use serde::Serialize;

use super::command::{AddUser, Command};
use super::events::Event;
use super::secret::Secret;
use crate::adversary::{Move, MoveError, moves};
use crate::journal::{Direct, StateError};
use crate::tenant::Tenant;

/// More snapshots than any scenario needs; each may hold on to files that are gone.
const MAX_SNAPSHOTS: usize = 64;
/// The longest user id, label and snapshot name, in characters; 64 is the server's own limit for user ids.
const MAX_NAME: usize = 64;
/// The longest password, in bytes.
const MAX_PASSWORD: usize = 1024;

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It is done.
    Done {},
    /// [`Command::RollBack`]: how many locks were released.
    RolledBack {
        /// Locks.
        released: usize,
    },
}

/// Why a command was not carried out. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The move does not fit the state.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// The state file takes no changes.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is no such account.
    #[error("unknown user `{0}`")]
    UnknownUser(String),
    /// There is an account of this name.
    #[error("user `{0}` exists")]
    UserExists(String),
    /// No password of the account has this label.
    #[error("no credential of user `{user}` is labelled `{device}`")]
    UnknownDevice {
        /// The user id.
        user: String,
        /// The label.
        device: String,
    },
    /// No lie of this name is in force.
    #[error("no lie of `{0}` in force")]
    UnknownLie(String),
    /// There is no such snapshot.
    #[error("unknown snapshot `{0}`")]
    UnknownSnapshot(String),
    /// One has to go first.
    #[error("too many snapshots: {MAX_SNAPSHOTS} are kept, delete one first")]
    TooManySnapshots,
    /// No client waits for this login.
    #[error("no login waits at this address")]
    UnknownLogin,
    /// A member has a value that makes no sense.
    #[error("`{member}` out of range: {expected}")]
    OutOfRange {
        /// The member's name.
        member: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

impl Tenant {
    /// Does something to the tenant. All that the control API changes goes through here.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    /// use e2ee_mock_server::control::Command;
    ///
    /// let tenant = MockServer::start().await.default_tenant();
    /// let command: Command = serde_json::from_str(r#"{"add_user": {"user": "alice", "password": "secret"}}"#)?;
    /// tenant.apply(&command)?;
    /// assert_eq!(tenant.model().log_in("alice", "secret"), Some("default"));
    ///
    /// tenant.apply(&Command::Reset {})?;
    /// assert!(tenant.model().user("alice").is_none());
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// See [`CommandError`]; nothing has changed then.
    pub fn apply(&self, command: &Command) -> Result<Outcome, CommandError> {
        let direct = || Direct::Command(Box::new(command.clone()));
        let outcome = self.directly(direct, || self.carry_out(command), Result::is_ok)??;
        if !matches!(command, Command::Play(_)) {
            self.state().events.push(Event::Command(command.name()));
        }
        Ok(outcome)
    }

    fn carry_out(&self, command: &Command) -> Result<Outcome, CommandError> {
        match command {
            Command::Play(it) => self.play(it)?,
            Command::Retract { lie } => {
                let told = self.lies().iter().any(|told| told.name() == lie);
                told.then_some(()).ok_or_else(|| CommandError::UnknownLie(short(lie)))?;
                self.retract(lie);
            }
            Command::Reset {} => self.reset(),
            Command::Snapshot { name } => self.take_snapshot(name)?,
            Command::Restore { name } => {
                let mut model = self.model();
                let attacker = self.attacker();
                let unknown = |_| CommandError::UnknownSnapshot(short(name));
                model.restore(attacker.snapshot(name).map_err(unknown)?);
            }
            Command::DeleteSnapshot { name } => {
                let gone = self.attacker().delete_snapshot(name);
                gone.then_some(()).ok_or_else(|| CommandError::UnknownSnapshot(short(name)))?;
            }
            Command::AddUser(account) => self.make_user(account)?,
            Command::RemoveUser { user } => {
                let gone = self.model().remove_user(user);
                gone.then_some(()).ok_or_else(|| CommandError::UnknownUser(short(user)))?;
            }
            Command::AddCredential { user, password, device } => {
                check_password(password)?;
                check_name("device", device)?;
                let known = self.model().add_credential(user, password.reveal(), device);
                known.then_some(()).ok_or_else(|| CommandError::UnknownUser(short(user)))?;
            }
            Command::RemoveCredential { user, device } => self.remove_device(user, device)?,
            Command::StoreIdentity { user, certificate, private_key } => {
                let mut model = self.model();
                model.user(user).ok_or_else(|| CommandError::UnknownUser(short(user)))?;
                model.set_certificate(user, Some(certificate.clone()));
                model.set_private_key(user, Some(private_key.reveal().to_owned()));
            }
            Command::GrantLogin { login, user } => {
                self.model().user(user).ok_or_else(|| CommandError::UnknownUser(short(user)))?;
                self.grant_login(login, user).then_some(()).ok_or(CommandError::UnknownLogin)?;
            }
            Command::LearnPrivateKey { user, private_key } => {
                let expected = "expected an RSA private key, PKCS#8 in PEM";
                let key = PrivateKey::from_pem(private_key.reveal());
                let key = key.map_err(|_| CommandError::OutOfRange { member: "private_key", expected })?;
                self.attacker().learn_private_key(user, key);
            }
            Command::AdvanceClock { seconds } => self.clock().advance(Duration::from_secs(*seconds)),
            Command::RollBack { age } => {
                let released = self.model().roll_back(Duration::from_secs(*age));
                return Ok(Outcome::RolledBack { released });
            }
        }
        Ok(Outcome::Done {})
    }

    fn take_snapshot(&self, name: &str) -> Result<(), CommandError> {
        check_name("name", name)?;
        let full = {
            let attacker = self.attacker();
            attacker.snapshot(name).is_err() && attacker.snapshot_names().count() >= MAX_SNAPSHOTS
        };
        if full {
            return Err(CommandError::TooManySnapshots);
        }
        Ok(self.play(&Move::Snapshot(moves::Snapshot { name: name.to_owned() }))?)
    }

    fn make_user(&self, account: &AddUser) -> Result<(), CommandError> {
        let AddUser { user, password, device, admin } = account;
        let device = device.as_deref().unwrap_or("default");
        check_name("user", user)?;
        check_name("device", device)?;
        password.as_ref().map_or(Ok(()), check_password)?;
        let mut model = self.model();
        if model.user(user).is_some() {
            return Err(CommandError::UserExists(user.clone()));
        }
        model.add_user(user);
        password.as_ref().map(|password| model.add_credential(user, password.reveal(), device));
        if *admin {
            model.add_to_group(crate::face::ADMINISTRATORS, user);
        }
        Ok(())
    }

    fn remove_device(&self, user: &str, device: &str) -> Result<(), CommandError> {
        let mut model = self.model();
        model.user(user).ok_or_else(|| CommandError::UnknownUser(short(user)))?;
        let unknown = || CommandError::UnknownDevice { user: short(user), device: short(device) };
        model.remove_device(user, device).then_some(()).ok_or_else(unknown)
    }
}

/// User ids, labels and names of snapshots stand in paths, in `user:password` and in logs.
fn check_name(member: &'static str, name: &str) -> Result<(), CommandError> {
    let fits = |c: char| !c.is_control() && c != '/' && c != ':';
    let length = name.chars().count();
    if (1..=MAX_NAME).contains(&length) && name.chars().all(fits) {
        return Ok(());
    }
    let expected = "expected 1 to 64 characters, no control characters, neither `/` nor `:`";
    Err(CommandError::OutOfRange { member, expected })
}

fn check_password(password: &Secret) -> Result<(), CommandError> {
    if (1..=MAX_PASSWORD).contains(&password.reveal().len()) {
        return Ok(());
    }
    Err(CommandError::OutOfRange { member: "password", expected: "expected 1 to 1024 bytes" })
}

/// A name that somebody sent, as far as an error repeats it.
fn short(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}
