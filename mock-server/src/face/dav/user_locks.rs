//! Locks by which users keep each other from editing a file: the app `files_lock`, where it is installed. Nothing here has to
//! do with the locks of encrypted folders.

use super::error::DavError;
use super::multistatus::{NEXTCLOUD, OWNCLOUD};
use super::request::Scope;
use super::xml::escape;
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::model::{FileId, Model, UserLock, UserLockError};

/// The answer to LOCK and UNLOCK, and to whoever writes what somebody else has locked; `None` if there is nothing to say.
pub(super) fn answer(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Option<Reply>, DavError> {
    let method = call.head.method.as_str();
    let mut model = call.model();
    if !model.has_user_locks() {
        return Ok(None);
    }
    let node = model.resolve(scope.user, scope.path);
    match (method, node) {
        ("LOCK" | "UNLOCK", _) if call.head.header("x-user-lock").is_none() => Ok(None),
        ("LOCK" | "UNLOCK", None) => Err(DavError::not_found(scope.missing(&model, scope.path))),
        ("LOCK", Some(node)) => change(&mut model, node, |model| model.lock_for_user(scope.user, node)),
        ("UNLOCK", Some(node)) => change(&mut model, node, |model| model.unlock_for_user(scope.user, node)),
        // Files of encrypted folders are written under other names first.
        ("PUT" | "DELETE" | "MOVE", Some(node)) if model.encrypted_root(node).is_none() => {
            match model.user_lock(node) {
                Some(lock) if lock.owner != scope.user => Err(DavError::locked()),
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn change(
    model: &mut Model,
    node: FileId,
    change: impl FnOnce(&mut Model) -> Result<(), UserLockError>,
) -> Result<Option<Reply>, DavError> {
    match change(model) {
        Ok(()) => Ok(Some(told(200, model.user_lock(node)))),
        Err(UserLockError::Foreign) => Ok(Some(told(423, model.user_lock(node)))),
        Err(UserLockError::NotLocked) => Err(DavError::precondition("File is not locked")),
        Err(UserLockError::NoFile) => Err(DavError::forbidden("Not a file")),
    }
}

/// The properties of a lock.
fn told(status: u16, lock: Option<&UserLock>) -> Reply {
    let properties = match lock {
        None => "<nc:lock></nc:lock><nc:lock-owner-type/><nc:lock-owner/><nc:lock-owner-displayname/>\
                 <nc:lock-owner-editor/><nc:lock-time/>"
            .to_owned(),
        Some(UserLock { owner, since }) => {
            let owner = escape(owner);
            format!(
                "<nc:lock>1</nc:lock><nc:lock-owner-type>0</nc:lock-owner-type><nc:lock-owner>{owner}</nc:lock-owner>\
                 <nc:lock-owner-displayname>{owner}</nc:lock-owner-displayname>\
                 <nc:lock-owner-editor>{owner}</nc:lock-owner-editor><nc:lock-time>{since}</nc:lock-time>"
            )
        }
    };
    let body = format!(
        "<?xml version=\"1.0\"?>\n<d:prop xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" xmlns:oc=\"{OWNCLOUD}\" \
         xmlns:nc=\"{NEXTCLOUD}\">{properties}</d:prop>\n"
    );
    Reply::new(status, Reply::XML, body)
}
