//! Locks.

use super::encryption::file_id;
use super::outcome::Outcome;
use crate::adversary::lie::Grant;
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::model::{FileId, LockError, UnlockError};
use crate::release::Unseen;

/// `POST lock/{id}`. The token of a lock that is held comes as a parameter; as a header it does not count.
pub(crate) fn lock(call: &mut Call<'_>, id: &str) -> Outcome {
    let share_token = call.head.header("x-nc-e2ee-share-token");
    let counter = call.head.header("x-nc-e2ee-counter").map_or(0, |counter| php_integer(&counter));
    let Ok(token) = call.params.text("e2e-token").map(|token| token.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let token = token.filter(|token| !token.is_empty());
    let folder = file_id(id);
    let result = call.model().lock(call.caller(share_token.as_deref()), folder, counter, token.as_deref());
    let result = result.or_else(|refused| grant(call, folder, refused));
    let behaviour = call.behaviour();
    match result {
        Ok(token) => match call.told.lock_token(folder, token) {
            Some(told) => Outcome::one("e2e-token", told),
            None => Outcome::nothing(),
        },
        Err(LockError::Unreachable(_)) => unseen(call, "You are not allowed to create the lock"),
        Err(LockError::NoCounter) => {
            Outcome::missing(behaviour, format!("{} is missing in the request", behaviour.counter_header))
        }
        Err(LockError::Forbidden) => {
            Outcome::refusal(behaviour, 403, "You are not allowed to create the lock")
        }
        Err(LockError::Locked) => {
            Outcome::refusal(behaviour, if behaviour.throttles { 423 } else { 403 }, "File already locked")
        }
        Err(LockError::Counter) if !behaviour.refuses_counter => Outcome::Uncaught,
        Err(LockError::Counter) => {
            Outcome::throttled(412, "The provided counter is smaller than the current counter.")
        }
    }
}

/// `DELETE lock/{id}`. Here the token counts as a header only, and only the exact `abort=true` aborts.
pub(crate) fn unlock(call: &mut Call<'_>, id: &str) -> Outcome {
    let share_token = call.head.header("x-nc-e2ee-share-token");
    let token = call.head.header("e2e-token").unwrap_or_default();
    let abort = call.params.get("abort") == Some("true");
    let folder = file_id(id);
    let result = call.model().unlock(call.caller(share_token.as_deref()), folder, &token, abort);
    let behaviour = call.behaviour();
    match result {
        Ok(()) => {
            if call.told.keeps_lock(folder) {
                call.model().lock_anyway(folder);
            }
            Outcome::nothing()
        }
        Err(UnlockError::FolderGone) => Outcome::Uncaught,
        Err(UnlockError::Unreachable(_)) => unseen(call, "You are not allowed to remove the lock"),
        Err(UnlockError::NoToken) => Outcome::missing(behaviour, "e2e-token is empty"),
        Err(UnlockError::Forbidden) => {
            Outcome::refusal(behaviour, 403, "You are not allowed to remove the lock")
        }
        Err(UnlockError::NotLocked) => Outcome::refusal(behaviour, 404, "File not locked"),
    }
}

/// A lock that is refused, unless a lie grants it all the same.
fn grant(call: &mut Call<'_>, folder: FileId, refused: LockError) -> Result<String, LockError> {
    let grant = call.told.grant(folder, refused).ok_or(refused)?;
    let mut model = call.model();
    Ok(match grant {
        Grant::Beside => model.lock_again(folder).unwrap_or_else(|| model.lock_anyway(folder)),
        Grant::Shared => {
            let held = model.lock_token(folder).map(str::to_owned);
            held.unwrap_or_else(|| model.lock_anyway(folder))
        }
        Grant::Instead => model.lock_anyway(folder),
    })
}

/// What is said about a folder that the caller does not see.
fn unseen(call: &Call<'_>, text: &'static str) -> Outcome {
    let behaviour = call.behaviour();
    let [user, anonymous] = behaviour.unseen_lock;
    match if call.user().is_some() { user } else { anonymous } {
        Unseen::Fails => Outcome::Uncaught,
        Unseen::Forbidden | Unseen::NotFound | Unseen::Trouble => Outcome::refusal(behaviour, 403, text),
    }
}
