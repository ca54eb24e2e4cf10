//! Entries that others drop into a folder whose metadata they cannot read.

use super::encryption::file_id;
use super::ordered_json::Json;
use super::outcome::Outcome;
use crate::face::call::Call;
use crate::face::php_json;
use crate::model::{Caller, FiledropError};
use crate::release::Behaviour;

const MAY_NOT: &str = "You are not allowed to create the lock";

/// `PUT meta-data/{id}/filedrop`: merges entries into the document, at once and without touching the signature.
pub(crate) fn add(call: &mut Call<'_>, id: &str) -> Outcome {
    let Ok(Some(entries)) = call.params.text("filedrop").map(|text| text.map(str::to_owned)) else {
        return Outcome::Uncaught;
    };
    let share_token = call.params.get("shareToken").map(str::to_owned);
    let caller = Caller { user: call.user(), share_token: share_token.as_deref() };
    let folder = file_id(id);
    let mut model = call.model();
    let document = match model.filedrop_document(caller, folder) {
        Ok(document) => document,
        // The text is that of the storage, when nothing was ever stored for the folder.
        Err(FiledropError::Missing) if !model.has_metadata_storage(folder) => {
            let instance = model.instance();
            let text = format!("/appdata_{instance}/end_to_end_encryption/meta-data/{folder}");
            return Outcome::exception(404, text);
        }
        Err(error) => return refusal(call.behaviour(), error),
    };
    let (echo, new) = match serde_json::from_str(&entries) {
        Ok(Json::Map(new)) => (Json::Map(new.clone()), new),
        Ok(Json::List(items)) => (Json::List(items.clone()), numbered(items)),
        Ok(Json::Scalar(_)) | Err(_) => return Outcome::Uncaught,
    };
    let Some(document) = with_entries(document, new) else {
        return Outcome::exception(400, "Cannot update filedrop");
    };
    model.store_filedrop(folder, document);
    drop(model);
    if call.behaviour().echoes_filedrop { Outcome::one("filedrop", echo) } else { Outcome::nothing() }
}

/// The document with these entries in its filedrop; `None` when one of the two is no JSON that has members.
pub(super) fn merged(document: &str, entries: &str) -> Option<String> {
    match serde_json::from_str(entries) {
        Ok(Json::Map(new)) => with_entries(document, new),
        Ok(Json::List(items)) => with_entries(document, numbered(items)),
        Ok(Json::Scalar(_)) | Err(_) => None,
    }
}

fn with_entries(document: &str, new: Vec<(String, Json)>) -> Option<String> {
    let Ok(Json::Map(mut members)) = serde_json::from_str(document) else { return None };
    let at = members.iter().position(|(name, _)| name == "filedrop");
    let old = at.map(|at| std::mem::replace(&mut members[at].1, Json::List(Vec::new())));
    let mut merged = match old {
        Some(Json::Map(old)) => old,
        _ => Vec::new(),
    };
    for (name, entry) in new {
        Json::insert(&mut merged, name, entry);
    }
    Json::insert(&mut members, "filedrop".to_owned(), Json::Map(merged));
    Some(php_json::to_string(&Json::Map(members)))
}

/// To PHP the items of a list are members with numbers as names.
fn numbered(items: Vec<Json>) -> Vec<(String, Json)> {
    items.into_iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect()
}

fn refusal(behaviour: &Behaviour, error: FiledropError) -> Outcome {
    match error {
        FiledropError::NotLoggedIn => {
            Outcome::refusal(behaviour, 400, "No 'shareToken' provided and user is not logged in")
        }
        FiledropError::UnknownShare => Outcome::Uncaught,
        FiledropError::Forbidden if !behaviour.throttles_filedrop => Outcome::exception(403, MAY_NOT),
        FiledropError::Forbidden | FiledropError::NoFolder => Outcome::refusal(behaviour, 403, MAY_NOT),
        FiledropError::Locked if !behaviour.throttles => Outcome::exception(403, "File already locked"),
        FiledropError::Locked => Outcome::exception(412, "File already locked"),
        FiledropError::Missing => Outcome::exception(404, "Metadata-file does not exist"),
    }
}
