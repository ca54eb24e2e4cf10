//! Calendars and address books: as much of them as shows that they go on working.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Model;
use crate::exchange::base64_bytes;

/// How many collections a user may have, and how many objects a collection.
const MAX_COLLECTIONS: usize = 100;
const MAX_OBJECTS: usize = 10_000;
/// The longest object, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// The ETag of what everybody has.
const DEFAULT_ETAG: &str = "0000000000001";

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CollectionKind {
    /// Events and tasks.
    Calendar,
    /// Contacts.
    AddressBook,
}

/// A calendar or address book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// The name that is shown.
    pub title: String,
    /// The objects by their names.
    pub objects: BTreeMap<String, Object>,
}

/// An event or a contact, as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The bytes.
    #[serde(with = "base64_bytes")]
    pub content: Bytes,
    /// The ETag without quotes.
    pub etag: String,
    /// When it was changed, in seconds since 1970.
    pub mtime: i64,
}

/// There are too many, or one is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many or too long collections or objects")]
pub struct TooMany;

impl Model {
    /// The collections of a user by their names; everybody has those of a new account.
    pub fn collections(&self, user: &str, kind: CollectionKind) -> BTreeMap<String, Collection> {
        match self.collections.get(&(user.to_owned(), kind)) {
            Some(collections) => collections.clone(),
            None => of_a_new_account(kind),
        }
    }

    /// Makes a collection. `false`: there is one of that name.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn make_collection(
        &mut self,
        user: &str,
        kind: CollectionKind,
        name: &str,
        title: &str,
    ) -> Result<bool, TooMany> {
        let collections = self.collections_mut(user, kind);
        if collections.contains_key(name) {
            return Ok(false);
        }
        if collections.len() >= MAX_COLLECTIONS {
            return Err(TooMany);
        }
        collections.insert(name.to_owned(), Collection::new(title));
        Ok(true)
    }

    /// Stores an object: its ETag, and whether it is new. `None`: no such collection.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn put_object(
        &mut self,
        user: &str,
        kind: CollectionKind,
        (collection, name): (&str, &str),
        content: Bytes,
    ) -> Result<Option<(String, bool)>, TooMany> {
        let (mtime, etag) = (self.now(), self.ids.etag());
        let Some(collection) = self.collections_mut(user, kind).get_mut(collection) else { return Ok(None) };
        let new = !collection.objects.contains_key(name);
        if content.len() > MAX_LENGTH || (new && collection.objects.len() >= MAX_OBJECTS) {
            return Err(TooMany);
        }
        collection.objects.insert(name.to_owned(), Object { content, etag: etag.clone(), mtime });
        Ok(Some((etag, new)))
    }

    /// Deletes an object, or without a name the collection. Whether it was there.
    pub fn delete_object(&mut self, user: &str, kind: CollectionKind, path: (&str, Option<&str>)) -> bool {
        let collections = self.collections_mut(user, kind);
        match path {
            (collection, None) => collections.remove(collection).is_some(),
            (collection, Some(name)) => {
                collections.get_mut(collection).is_some_and(|it| it.objects.remove(name).is_some())
            }
        }
    }

    fn collections_mut(&mut self, user: &str, kind: CollectionKind) -> &mut BTreeMap<String, Collection> {
        self.collections.entry((user.to_owned(), kind)).or_insert_with(|| of_a_new_account(kind))
    }
}

impl Collection {
    fn new(title: &str) -> Self {
        Self { title: title.to_owned(), objects: BTreeMap::new() }
    }
}

fn of_a_new_account(kind: CollectionKind) -> BTreeMap<String, Collection> {
    let titles: &[(&str, &str)] = match kind {
        CollectionKind::Calendar => &[("contact_birthdays", "Contact birthdays"), ("personal", "Personal")],
        CollectionKind::AddressBook => &[
            ("contacts", "Contacts"),
            ("z-app-generated--contactsinteraction--recent", "Recently contacted"),
            ("z-server-generated--system", "Accounts"),
        ],
    };
    let mut collections: BTreeMap<String, Collection> =
        titles.iter().map(|(name, title)| ((*name).to_owned(), Collection::new(title))).collect();
    if let Some(contacts) = collections.get_mut("contacts") {
        let content =
            Bytes::from_static(b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:default\r\nFN:Example\r\nEND:VCARD\r\n");
        contacts
            .objects
            .insert("default".to_owned(), Object { content, etag: DEFAULT_ETAG.to_owned(), mtime: 0 });
    }
    collections
}
