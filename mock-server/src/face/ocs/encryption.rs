//! The encrypted flag.

use serde_json::json;

use super::outcome::Outcome;
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::model::{FileId, FlagError};
use crate::release::Unseen;

const FORBIDDEN: &str = "You are not allowed to set the encryption flag on this folder";

/// `PUT encrypted/{id}`.
pub(crate) fn set_flag(call: &mut Call<'_>, id: &str) -> Outcome {
    let token = call.head.header("x-nc-e2ee-share-token");
    let behaviour = call.behaviour();
    let result = call.model().flag(call.caller(token.as_deref()), file_id(id), true);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(FlagError::Denied(denied)) if denied.is_unknown_share() => Outcome::Uncaught,
        Err(FlagError::Denied(_)) => match behaviour.unseen_flag[0] {
            Unseen::Fails => Outcome::Uncaught,
            Unseen::Forbidden => Outcome::throttled(403, FORBIDDEN),
            Unseen::NotFound | Unseen::Trouble => Outcome::throttled(404, "Folder not found"),
        },
        Err(error) if behaviour.explains_flag => explained(error, file_id(id)),
        Err(_) => Outcome::throttled(404, "Folder not found"),
    }
}

/// `DELETE encrypted/{id}`, which drops the folder's metadata too.
pub(crate) fn remove_flag(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    let result = call.model().flag(call.caller(None), folder, false);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(FlagError::Denied(_)) if call.behaviour().unseen_flag[1] != Unseen::NotFound => Outcome::Uncaught,
        Err(error) => explained(error, folder),
    }
}

/// Why the flag of a folder cannot be changed.
fn explained(error: FlagError, folder: FileId) -> Outcome {
    match error {
        FlagError::NotEmpty => Outcome::exception(404, format!("Folder with ID {folder} not empty")),
        _ => Outcome::exception(404, format!("No folder with ID {folder}")),
    }
}

/// `DELETE encrypted-files`.
pub(crate) fn remove_folders(call: &mut Call<'_>) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let deleted = call.model().delete_encrypted(user);
    let ids: Vec<u64> = deleted.into_iter().map(FileId::number).collect();
    Outcome::data(json!({ "deletedIds": ids }))
}

/// The id of a path as PHP casts it; what is no id becomes one that nothing has.
pub(super) fn file_id(text: &str) -> FileId {
    FileId::new(u64::try_from(php_integer(text)).unwrap_or(0))
}
