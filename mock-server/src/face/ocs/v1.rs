//! Version 1 of the API: locks and metadata. Keys and the flag are those of version 2.

use super::encryption::file_id;
use super::metadata::{LOCK_FIRST, NO_OWNER};
use super::outcome::Outcome;
use crate::face::call::Call;
use crate::model::{FileId, MetadataError, V1Error};

/// `POST lock/{id}`: no counter, and the flag is not looked at.
pub(crate) fn lock(call: &mut Call<'_>, id: &str) -> Outcome {
    let Ok(token) = call.params.text("e2e-token").map(|token| token.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let token = token.filter(|token| !token.is_empty());
    let result = call.model().v1_lock(call.user(), file_id(id), token.as_deref());
    match result {
        Ok(token) => Outcome::one("e2e-token", token),
        Err(V1Error::Root) => Outcome::exception(403, "You are not allowed to lock the root"),
        Err(V1Error::Locked) => Outcome::exception(403, "File already locked"),
        Err(error) => refusal(error, "You are not allowed to create the lock"),
    }
}

/// `DELETE lock/{id}`.
pub(crate) fn unlock(call: &mut Call<'_>, id: &str) -> Outcome {
    let token = call.head.header("e2e-token").unwrap_or_default();
    let result = call.model().v1_unlock(call.user(), file_id(id), &token);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(V1Error::NotLocked) => Outcome::exception(404, "File not locked"),
        Err(error) => refusal(error, "You are not allowed to remove the lock"),
    }
}

/// `GET meta-data/{id}`, without a signature.
pub(crate) fn get(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    if let Err(outcome) = permit(call, folder) {
        return outcome;
    }
    let stored = call.model().v1_metadata(call.user().unwrap_or_default(), folder).cloned();
    match call.told.metadata(folder, stored) {
        Some(told) => Outcome::one("meta-data", told.document),
        None => no_metadata(folder),
    }
}

/// `POST meta-data/{id}`.
pub(crate) fn create(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    if let Err(outcome) = permit(call, folder) {
        return outcome;
    }
    let Some(document) = document(call) else { return Outcome::Uncaught };
    let user = call.user().unwrap_or_default();
    let result = call.model().v1_create_metadata(user, folder, document.clone());
    match result {
        Ok(()) => Outcome::one("meta-data", document),
        Err(MetadataError::Exists) => Outcome::Bare(409),
        Err(_) => no_metadata(folder),
    }
}

/// `PUT meta-data/{id}`: the token is a parameter.
pub(crate) fn replace(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    if let Err(outcome) = permit(call, folder) {
        return outcome;
    }
    let Some(document) = document(call) else { return Outcome::Uncaught };
    let Some(token) = call.params.get("e2e-token").map(str::to_owned) else { return Outcome::Uncaught };
    let user = call.user().unwrap_or_default();
    let result = call.model().v1_replace_metadata(user, folder, &token, document.clone());
    match result {
        Ok(()) => Outcome::one("meta-data", document),
        Err(MetadataError::Missing) => Outcome::exception(404, "Metadata-file does not exist"),
        Err(_) => Outcome::exception(403, LOCK_FIRST),
    }
}

/// `DELETE meta-data/{id}`.
pub(crate) fn delete(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    if let Err(outcome) = permit(call, folder) {
        return outcome;
    }
    let result = call.model().v1_delete_metadata(call.user().unwrap_or_default(), folder);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(MetadataError::Missing) => Outcome::exception(400, "Cannot delete metadata"),
        Err(_) => Outcome::exception(403, "Only the owner can delete the metadata-file"),
    }
}

fn permit(call: &mut Call<'_>, folder: FileId) -> Result<(), Outcome> {
    let permitted = call.model().v1_permit(call.user().unwrap_or_default(), folder);
    permitted.map_err(|error| match error {
        V1Error::NewerMetadata => {
            Outcome::exception(403, "Client version cannot handle the requested encryption version.")
        }
        _ => Outcome::Uncaught,
    })
}

fn document(call: &Call<'_>) -> Option<String> {
    call.params.get("metaData").map(str::to_owned)
}

fn no_metadata(folder: FileId) -> Outcome {
    Outcome::exception(404, format!("Could not find metadata for \"{folder}\""))
}

fn refusal(error: V1Error, forbidden: &str) -> Outcome {
    match error {
        V1Error::NotLoggedIn => Outcome::exception(400, NO_OWNER),
        V1Error::Forbidden => Outcome::exception(403, forbidden),
        _ => Outcome::Uncaught,
    }
}
