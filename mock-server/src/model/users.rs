//! Accounts, their credentials and their keys.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::tree::Node;
use super::{FileId, Model};

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub(super) root: FileId,
    credentials: Vec<Credential>,
    certificate: Option<String>,
    private_key: Option<String>,
}

/// A password with the label of the device that uses it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Credential {
    password: String,
    device: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({:?}, …)", self.device)
    }
}

impl User {
    /// The folder that DAV shows as the user's files.
    pub fn root(&self) -> FileId {
        self.root
    }

    /// The stored certificate, PEM.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The stored private-key blob.
    pub fn private_key(&self) -> Option<&str> {
        self.private_key.as_deref()
    }

    /// The labels of the passwords.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.credentials.iter().map(|credential| credential.device.as_str())
    }
}

/// Whose keys: an account's or, for the web client, those of a share link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner<'a> {
    /// An account, by its user id.
    User(&'a str),
    /// A share link, by its token.
    Link(&'a str),
}

/// Keys that belong to a share link.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LinkKeys {
    certificate: Option<String>,
    private_key: Option<String>,
}

impl Model {
    /// Makes an account with an empty root folder. An account that exists is left as it is.
    pub fn add_user(&mut self, id: &str) {
        if !self.users.contains_key(id) {
            let root = self.tree.insert(Node::folder(None, "", self.now()));
            self.roots.insert(root, id.to_owned());
            let user = User { root, credentials: Vec::new(), certificate: None, private_key: None };
            self.users.insert(id.to_owned(), user);
        }
    }

    /// Removes an account with its files, its keys and the shares that it made or got. `false`: no such account.
    pub fn remove_user(&mut self, id: &str) -> bool {
        let Some(user) = self.users.remove(id) else { return false };
        self.roots.remove(&user.root);
        self.tree.remove(user.root);
        self.remove_trash(id);
        self.groups.values_mut().for_each(|members| _ = members.remove(id));
        self.favourites.retain(|(owner, _)| owner != id);
        self.collections.retain(|(owner, _), _| owner != id);
        let tree = &self.tree;
        self.shares.retain(|_, share| {
            share.by != id && share.with.as_deref() != Some(id) && tree.get(share.node).is_some()
        });
        true
    }

    /// Makes a group. `false`: there is one of that name.
    pub fn add_group(&mut self, group: &str) -> bool {
        let new = !self.groups.contains_key(group);
        self.groups.entry(group.to_owned()).or_default();
        new
    }

    /// Removes a group.
    pub fn remove_group(&mut self, group: &str) {
        self.groups.remove(group);
    }

    /// The names of all groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Takes an account out of a group.
    pub fn remove_from_group(&mut self, group: &str, user: &str) {
        if let Some(members) = self.groups.get_mut(group) {
            members.remove(user);
        }
    }

    /// Puts an account into a group, which is made when it does not exist.
    pub fn add_to_group(&mut self, group: &str, user: &str) {
        self.groups.entry(group.to_owned()).or_default().insert(user.to_owned());
    }

    /// The ids of all accounts.
    pub fn user_ids(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// An account.
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// Whether the account is in the group.
    pub fn is_in_group(&self, group: &str, user: &str) -> bool {
        self.groups.get(group).is_some_and(|members| members.contains(user))
    }

    pub(crate) fn groups_of(&self, user: &str) -> Vec<&str> {
        let groups = self.groups.iter().filter(|(_, members)| members.contains(user));
        groups.map(|(name, _)| name.as_str()).collect()
    }

    /// Gives an account another password; `device` is what stands in the exchanges. `false`: no such account.
    pub fn add_credential(&mut self, user: &str, password: &str, device: &str) -> bool {
        let Some(user) = self.users.get_mut(user) else { return false };
        user.credentials.retain(|credential| credential.password != password);
        user.credentials.push(Credential { password: password.to_owned(), device: device.to_owned() });
        true
    }

    /// Takes a password away.
    pub fn remove_credential(&mut self, user: &str, password: &str) {
        if let Some(user) = self.users.get_mut(user) {
            user.credentials.retain(|credential| credential.password != password);
        }
    }

    /// Takes away all passwords of a label. `false`: no such account, or none has that label.
    pub fn remove_device(&mut self, user: &str, device: &str) -> bool {
        let Some(user) = self.users.get_mut(user) else { return false };
        let before = user.credentials.len();
        user.credentials.retain(|credential| credential.device != device);
        user.credentials.len() < before
    }

    /// The label of the credential, if the password is right.
    pub fn log_in(&self, user: &str, password: &str) -> Option<&str> {
        let credentials = &self.users.get(user)?.credentials;
        credentials.iter().find(|credential| credential.password == password).map(|c| c.device.as_str())
    }

    /// Stores or removes a certificate (PEM) without any check.
    pub fn set_certificate(&mut self, user: &str, certificate: Option<String>) {
        self.put_certificate(KeyOwner::User(user), certificate);
    }

    /// Stores or removes a private-key blob without any check.
    pub fn set_private_key(&mut self, user: &str, blob: Option<String>) {
        self.put_private_key(KeyOwner::User(user), blob);
    }

    /// The stored certificate.
    pub fn certificate(&self, owner: KeyOwner<'_>) -> Option<&str> {
        match owner {
            KeyOwner::User(id) => self.users.get(id)?.certificate(),
            KeyOwner::Link(token) => self.link_keys.get(token)?.certificate.as_deref(),
        }
    }

    /// The stored private-key blob.
    pub fn private_key(&self, owner: KeyOwner<'_>) -> Option<&str> {
        match owner {
            KeyOwner::User(id) => self.users.get(id)?.private_key(),
            KeyOwner::Link(token) => self.link_keys.get(token)?.private_key.as_deref(),
        }
    }

    /// Stores or removes a certificate.
    pub(crate) fn put_certificate(&mut self, owner: KeyOwner<'_>, certificate: Option<String>) {
        match owner {
            KeyOwner::User(id) => {
                if let Some(user) = self.users.get_mut(id) {
                    user.certificate = certificate;
                }
            }
            KeyOwner::Link(token) => link(&mut self.link_keys, token).certificate = certificate,
        }
    }

    /// Stores or removes a private-key blob.
    pub(crate) fn put_private_key(&mut self, owner: KeyOwner<'_>, blob: Option<String>) {
        match owner {
            KeyOwner::User(id) => {
                if let Some(user) = self.users.get_mut(id) {
                    user.private_key = blob;
                }
            }
            KeyOwner::Link(token) => link(&mut self.link_keys, token).private_key = blob,
        }
    }
}

fn link<'a>(keys: &'a mut BTreeMap<String, LinkKeys>, token: &str) -> &'a mut LinkKeys {
    keys.entry(token.to_owned()).or_default()
}
