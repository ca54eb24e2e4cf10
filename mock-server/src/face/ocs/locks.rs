//! Locks.

use super::encryption::file_id;
use super::outcome::Outcome;
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::model::{LockError, UnlockError};

/// `POST lock/{id}`. The token of a lock that is held comes as a parameter; as a header it does not count.
pub(crate) fn lock(call: &mut Call<'_>, id: &str) -> Outcome {
    let share_token = call.head.header("x-nc-e2ee-share-token");
    let counter = call.head.header("x-nc-e2ee-counter").map_or(0, |counter| php_integer(&counter));
    let Ok(token) = call.params.text("e2e-token").map(|token| token.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let token = token.filter(|token| !token.is_empty());
    let result =
        call.model().lock(call.caller(share_token.as_deref()), file_id(id), counter, token.as_deref());
    match result {
        Ok(token) => Outcome::one("e2e-token", token),
        Err(LockError::Unreachable(_)) => Outcome::Uncaught,
        Err(LockError::NoCounter) => Outcome::throttled(400, "X-NC-E2EE-COUNTER is missing in the request"),
        Err(LockError::Forbidden) => Outcome::throttled(403, "You are not allowed to create the lock"),
        Err(LockError::Locked) => Outcome::throttled(423, "File already locked"),
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
    let result = call.model().unlock(call.caller(share_token.as_deref()), file_id(id), &token, abort);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(UnlockError::Unreachable(_)) => Outcome::Uncaught,
        Err(UnlockError::NoToken) => Outcome::throttled(400, "e2e-token is empty"),
        Err(UnlockError::Forbidden) => Outcome::throttled(403, "You are not allowed to remove the lock"),
        Err(UnlockError::NotLocked) => Outcome::throttled(404, "File not locked"),
    }
}
