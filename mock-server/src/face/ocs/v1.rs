//! Version 1 of the API: locks and metadata. Keys and the flag are those of version 2.

use super::encryption::file_id;
use super::filedrop;
use super::metadata::{LOCK_FIRST, NO_OWNER};
use super::outcome::Outcome;
use crate::adversary::lie::Channel;
use crate::face::call::Call;
use crate::model::{FileId, MetadataError, Model, Permissions, V1Error};

/// `POST lock/{id}`: no counter, and the flag is not looked at.
pub(crate) fn lock(call: &mut Call<'_>, id: &str) -> Outcome {
    let Ok(token) = call.params.text("e2e-token").map(|token| token.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let token = token.filter(|token| !token.is_empty());
    let by_link = call.behaviour().v1_filedrop;
    let owner = match owner(call, by_link) {
        Ok(owner) => owner,
        Err(outcome) => return outcome,
    };
    let result = call.model().v1_lock(owner.as_deref(), file_id(id), token.as_deref());
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
    let by_link = call.behaviour().v1_filedrop;
    let owner = match owner(call, by_link) {
        Ok(owner) => owner,
        Err(outcome) => return outcome,
    };
    let result = call.model().v1_unlock(owner.as_deref(), file_id(id), &token);
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
    let Ok(owner) = owner(call, true) else { return Outcome::exception(400, "Cannot read metadata") };
    let stored = call.model().v1_metadata(&owner.unwrap_or_default(), folder).cloned();
    match call.told.metadata(Channel::Api, folder, stored) {
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

/// `PUT meta-data/{id}/filedrop` of older releases: the entries are in the parameter `fileDrop`, and the answer is the
/// document as it was before.
pub(crate) fn drop_files(call: &mut Call<'_>, id: &str) -> Outcome {
    let folder = file_id(id);
    if let Err(outcome) = permit(call, folder) {
        return outcome;
    }
    let Ok(Some(entries)) = call.params.text("fileDrop").map(|text| text.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let owner = match owner(call, true) {
        Ok(Some(owner)) => owner,
        Ok(None) => return Outcome::exception(400, NO_OWNER),
        Err(outcome) => return outcome,
    };
    // The first of them wants the token of a lock, or an empty one where there is no lock, and leaves the document
    // pending; a release with version 2 of the API locks by itself and is done at once.
    let at_once = call.behaviour().api_v2;
    let token = call.params.get("e2e-token").map(str::to_owned);
    let token = match (at_once, token) {
        (true, _) => String::new(),
        (false, Some(token)) => token,
        (false, None) => return Outcome::Uncaught,
    };
    let mut model = call.model();
    let before = match model.v1_filedrop_document(&owner, folder, &token, at_once) {
        Ok(document) => document.to_owned(),
        Err(V1Error::Root) => return Outcome::exception(403, "You are not allowed to lock the root"),
        Err(V1Error::Locked) if at_once => return Outcome::exception(403, "File already locked"),
        Err(V1Error::Locked) => return Outcome::exception(403, LOCK_FIRST),
        Err(V1Error::Metadata(_)) => return no_document(&model, folder),
        Err(_) => return Outcome::exception(403, "You are not allowed to create the lock"),
    };
    let Some(document) = filedrop::merged(&before, &entries) else { return Outcome::Uncaught };
    model.v1_store_filedrop(folder, document, at_once);
    Outcome::one("meta-data", before)
}

/// Whose files are meant: those of the owner of what the parameter `shareToken` shares, where the release knows it;
/// otherwise the caller's own. `None`: nobody is logged in.
fn owner(call: &mut Call<'_>, by_link: bool) -> Result<Option<String>, Outcome> {
    let Some(token) = call.params.get("shareToken").filter(|_| by_link).map(str::to_owned) else {
        return Ok(call.user().map(str::to_owned));
    };
    let model = call.model();
    let share = model.link(&token).ok_or(Outcome::Uncaught)?;
    if !share.permissions.contains(Permissions::CREATE) {
        return Err(Outcome::exception(403, "Can't lock share without create permission"));
    }
    Ok(model.owner(share.node).map(str::to_owned))
}

fn no_document(model: &Model, folder: FileId) -> Outcome {
    let instance = model.instance();
    Outcome::exception(404, format!("/appdata_{instance}/end_to_end_encryption/meta-data/{folder}"))
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
