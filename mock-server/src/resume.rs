//! A tenant with a state file.

use bytes::Bytes;

use crate::journal::{Change, Direct, Journal, Opened, StateError, StateFile};
use crate::tenant::Tenant;

impl Tenant {
    /// Does again what the state file tells, and keeps there what is done from now on.
    pub(crate) fn resume(&self, state: StateFile, mut opened: Opened) -> Result<(), StateError> {
        let Some(order) = self.state().order() else { return Ok(()) };
        // Attempts to guess passwords are counted and not kept.
        let same_status = !self.state().options.throttling;
        let mut contents = Vec::new();
        opened.replay(&state.path, |record| {
            let (number, path) = (record.stamp.number, state.path.clone());
            let done = match record.change {
                Change::Request(sent) => {
                    order.again(record.stamp, same_status, || sent.send(self.state(), record.body))
                }
                Change::Direct(direct) => order.again(record.stamp, same_status, || self.do_again(direct)),
                Change::Content {} => {
                    contents.push(record.body.into());
                    Ok(())
                }
                Change::Whole {} => self.state().go_on_from(&record.body, &std::mem::take(&mut contents)),
            };
            done.map_err(|reason| StateError::Differs { path, number, reason })
        })?;
        order.keep(Journal::new(state, opened)?);
        Ok(())
    }

    fn do_again(&self, direct: Direct) -> u16 {
        match direct {
            Direct::AddUser { user } => self.add_user(&user),
            Direct::AddCredential { user, password, device } => {
                self.add_credential(&user, &password, &device)
            }
            Direct::AddToGroup { group, user } => self.add_to_group(&group, &user),
            Direct::AddAdmin { user, password } => self.add_admin(&user, &password),
            Direct::StoreIdentity { user, certificate, private_key } => {
                self.store_identity(&user, &certificate, &private_key);
            }
            Direct::GrantLogin { login, user } => return u16::from(!self.grant_login(&login, &user)),
            Direct::Play(it) => return u16::from(self.play(&it).is_err()),
            Direct::Retract { lie } => self.retract(&lie),
            Direct::Begin {} => return u16::from(self.begin_here().is_err()),
            Direct::Command(command) => return u16::from(self.apply(&command).is_err()),
        }
        0
    }

    /// Does something directly, and waits until it is kept if it is to be.
    pub(crate) fn directly<T>(
        &self,
        direct: impl FnOnce() -> Direct,
        make: impl FnOnce() -> T,
        done: impl FnOnce(&T) -> bool,
    ) -> Result<T, StateError> {
        let Some(order) = self.state().order() else { return Ok(make()) };
        let made =
            order.change(|| Change::Direct(direct()), &Bytes::new(), make, |made| u16::from(!done(made)))?;
        order.wait()?;
        self.state().compact_if_due();
        Ok(made)
    }

    /// The same for what cannot fail otherwise: that it is not done is said.
    pub(crate) fn directly_or_say(&self, direct: impl FnOnce() -> Direct, make: impl FnOnce()) {
        if let Err(error) = self.directly(direct, make, |()| true) {
            eprintln!("error: {error}");
        }
    }
}
