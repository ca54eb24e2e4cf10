//! Logins that are under way: a client waits while its user says yes in a browser.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Model;

/// How many may be under way, and for how many seconds each.
const MAX_FLOWS: usize = 1000;
const LIFETIME: i64 = 20 * 60;

/// One login that is under way.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LoginFlow {
    poll: String,
    login: String,
    device: String,
    since: i64,
    granted: Option<(String, String)>,
}

impl fmt::Debug for LoginFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginFlow({:?}, …)", self.device)
    }
}

impl Model {
    /// Begins a login for a client of this name: the token with which it asks whether it may, and the one with which
    /// its user grants it.
    pub(crate) fn begin_login(&mut self, device: &str) -> (String, String) {
        let now = self.now();
        self.login_flows.retain(|flow| flow.since + LIFETIME > now);
        if self.login_flows.len() >= MAX_FLOWS {
            self.login_flows.remove(0);
        }
        let (poll, login) = (self.ids.secret_text(128), self.ids.secret_text(128));
        let device = device.chars().take(120).collect();
        self.login_flows.push(LoginFlow {
            poll: poll.clone(),
            login: login.clone(),
            device,
            since: now,
            granted: None,
        });
        (poll, login)
    }

    /// Whether a login with this token waits for its user.
    pub(crate) fn login_waits(&self, login: &str) -> bool {
        self.login_flows.iter().any(|flow| flow.login == login && flow.granted.is_none())
    }

    /// Gives the client that began the login an app password of this user. `false`: no such login, or no such user.
    pub fn grant_login(&mut self, login: &str, user: &str) -> bool {
        let ids = self.ids.clone();
        let known = self.users.contains_key(user);
        let mut flows = self.login_flows.iter_mut().filter(|flow| known && flow.granted.is_none());
        let Some(flow) = flows.find(|flow| flow.login == login) else { return false };
        let password = ids.secret_text(72);
        flow.granted = Some((user.to_owned(), password.clone()));
        let device = flow.device.clone();
        self.add_credential(user, &password, &device)
    }

    /// The user and app password of a login that was granted. They are told once.
    pub(crate) fn take_login(&mut self, poll: &str) -> Option<(String, String)> {
        let granted = |flow: &LoginFlow| flow.poll == poll && flow.granted.is_some();
        let at = self.login_flows.iter().position(granted)?;
        self.login_flows.remove(at).granted
    }
}
