//! Metadata.

use http::HeaderName;

use super::encryption::file_id;
use super::ordered_json::Json;
use super::outcome::Outcome;
use crate::adversary::lie::{Channel, SignedMetadata};
use crate::face::call::Call;
use crate::model::MetadataError;
use crate::release::Unseen;

/// The token of a share link.
static SHARE_TOKEN: HeaderName = HeaderName::from_static("x-nc-e2ee-share-token");
/// The header of the signature, in requests and in answers.
pub(super) const SIGNATURE: &str = "x-nc-e2ee-signature";
const MAY_NOT_SET: &str = "You are not allowed to set the metadata on this folder";

/// What is said when the folder is not locked with the token that was sent.
pub(super) const LOCK_FIRST: &str =
    "You are not allowed to edit the file, make sure to first lock it, and then send the right token";
/// What is said of a folder that the caller does not see.
pub(super) const NO_OWNER: &str = "Couldn't find the owner of the encrypted folder";

/// `GET meta-data/{id}`: what the last unlock has made final. A lock does not keep readers out.
pub(crate) fn get(call: &mut Call<'_>, id: &str) -> Outcome {
    let share_token = call.head.header(&SHARE_TOKEN);
    let folder = file_id(id);
    let model = call.model();
    match model.permit_reading(call.caller(share_token.as_deref()), folder) {
        Ok(()) => {}
        Err(denied) if denied.is_unknown_share() => return Outcome::exception(400, "Cannot read metadata"),
        Err(_) => {
            let last = model.metadata(folder).filter(|_| model.node(folder).is_none()).cloned();
            drop(model);
            if let Some(told) = last.and_then(|last| call.told.last_word(folder, &last)) {
                return answer(told);
            }
            return match call.behaviour().unseen_metadata {
                Unseen::Fails => Outcome::Uncaught,
                Unseen::Forbidden => {
                    Outcome::throttled(403, "You are not allowed to access the metadata of this folder")
                }
                Unseen::NotFound => {
                    Outcome::exception(404, format!("Could not find metadata for \"{folder}\""))
                }
                Unseen::Trouble => Outcome::exception(400, "Cannot read metadata"),
            };
        }
    }
    let stored = model.stored_metadata(folder).cloned();
    drop(model);
    if call.told.is_honest()
        && let Some(stored) = stored
    {
        return Outcome::Stored(stored);
    }
    let stored = stored.map(|stored| stored.signed.clone());
    match call.told.metadata(Channel::Api, folder, stored) {
        Some(told) => answer(told),
        None => Outcome::exception(404, format!("Could not find metadata for \"{folder}\"")),
    }
}

fn answer(told: SignedMetadata) -> Outcome {
    let data = Json::one("meta-data", told.document);
    match told.signature {
        Some(signature) => Outcome::DataWith(data, (SIGNATURE, signature)),
        None => Outcome::Data(data),
    }
}

/// `POST meta-data/{id}`.
pub(crate) fn create(call: &mut Call<'_>, id: &str) -> Outcome {
    write(call, |call, share_token, token, metadata| {
        let mut model = call.model();
        match model.create_metadata(call.caller(share_token), file_id(id), token, metadata) {
            Ok(()) => None,
            Err(MetadataError::Denied(denied)) if denied.is_unknown_share() => Some(Outcome::Uncaught),
            Err(MetadataError::Exists) => Some(Outcome::Bare(409)),
            Err(MetadataError::Denied(_)) if call.behaviour().unseen_write == Unseen::Trouble => {
                Some(no_owner())
            }
            Err(_) if !call.behaviour().short_not_locked[0] => Some(Outcome::exception(403, LOCK_FIRST)),
            Err(_) => Some(Outcome::throttled(403, MAY_NOT_SET)),
        }
    })
}

/// `PUT meta-data/{id}`.
pub(crate) fn replace(call: &mut Call<'_>, id: &str) -> Outcome {
    write(call, |call, share_token, token, metadata| {
        let mut model = call.model();
        match model.replace_metadata(call.caller(share_token), file_id(id), token, metadata) {
            Ok(()) => None,
            Err(MetadataError::Denied(denied)) if denied.is_unknown_share() => Some(Outcome::Uncaught),
            Err(MetadataError::NotLocked) => Some(not_locked(call, "Folder is not locked")),
            Err(MetadataError::Denied(_)) if call.behaviour().unseen_write == Unseen::Trouble => {
                Some(no_owner())
            }
            Err(MetadataError::Missing) => Some(Outcome::exception(404, "Metadata-file does not exist")),
            Err(_) => Some(Outcome::throttled(403, MAY_NOT_SET)),
        }
    })
}

/// `DELETE meta-data/{id}`.
pub(crate) fn delete(call: &mut Call<'_>, id: &str) -> Outcome {
    let share_token = call.head.header(&SHARE_TOKEN);
    let Some(token) = header(call, "e2e-token") else {
        return Outcome::missing(call.behaviour(), "e2e-token is empty");
    };
    let result = call.model().delete_metadata(call.caller(share_token.as_deref()), file_id(id), &token);
    match result {
        Ok(()) => Outcome::nothing(),
        Err(MetadataError::Denied(denied)) if denied.is_unknown_share() => Outcome::Uncaught,
        Err(MetadataError::NotLocked) => not_locked(call, "Metadata is not locked"),
        Err(MetadataError::Denied(_)) if call.behaviour().unseen_write == Unseen::Trouble => no_owner(),
        Err(MetadataError::Missing) => Outcome::exception(400, "Cannot delete metadata"),
        Err(_) => Outcome::throttled(403, "You are not allowed to delete the metadata of this folder"),
    }
}

/// What POST and PUT have in common; `store` returns a refusal.
fn write(
    call: &mut Call<'_>,
    store: impl FnOnce(&mut Call<'_>, Option<&str>, &str, SignedMetadata) -> Option<Outcome>,
) -> Outcome {
    let Ok(Some(document)) = call.params.text("metaData").map(|text| text.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let share_token = call.head.header(&SHARE_TOKEN);
    let Some(token) = header(call, "e2e-token") else {
        return Outcome::missing(call.behaviour(), "e2e-token is empty");
    };
    let Some(signature) = header(call, SIGNATURE) else {
        let behaviour = call.behaviour();
        return Outcome::missing(behaviour, format!("{} is empty", behaviour.signature_header));
    };
    let metadata = SignedMetadata { document: document.clone(), signature: Some(signature) };
    store(call, share_token.as_deref(), &token, metadata)
        .unwrap_or_else(|| Outcome::one("meta-data", document))
}

fn not_locked(call: &Call<'_>, text: &'static str) -> Outcome {
    let [_, short] = call.behaviour().short_not_locked;
    if short { Outcome::throttled(412, text) } else { Outcome::exception(403, LOCK_FIRST) }
}

fn no_owner() -> Outcome {
    Outcome::exception(400, NO_OWNER)
}

fn header(call: &Call<'_>, name: &str) -> Option<String> {
    call.head.header(name).filter(|value| !value.is_empty())
}
