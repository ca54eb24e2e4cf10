//! How two metadata documents differ, member by member.

use std::collections::BTreeMap;

use e2ee_mock_server::SignedMetadata;
use serde::Serialize;
use serde_json::{Map, Value};

/// One member that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delta {
    /// Where: member names separated by `/`; an entry of `users` by its user id in brackets, for example
    /// `users[bob]/certificate`; `signature` is the signature beside the document.
    pub path: String,
    /// What was there; absent if nothing was.
    pub honest: Option<Value>,
    /// What the attacker has put there; absent if it was taken away.
    pub forged: Option<Value>,
}

/// The members of a document by their paths, as far down as both sides have objects.
type Members = BTreeMap<String, Value>;

const SIGNATURE: &str = "signature";
const USERS: &str = "users";

/// Every difference, by its path.
pub(super) fn differences(honest: &SignedMetadata, forged: &SignedMetadata) -> BTreeMap<String, Delta> {
    let (old, new) = (members(honest), members(forged));
    let mut deltas = BTreeMap::new();
    for path in old.keys().chain(new.keys()) {
        let (honest, forged) = (old.get(path), new.get(path));
        if honest != forged {
            let delta = Delta { path: path.clone(), honest: honest.cloned(), forged: forged.cloned() };
            deltas.insert(path.clone(), delta);
        }
    }
    deltas
}

/// `forged` with the members at these paths as they are in `honest`. A document that is no JSON object stays as it is.
pub(super) fn without<'a>(
    honest: &SignedMetadata,
    forged: SignedMetadata,
    withheld: impl IntoIterator<Item = &'a String>,
) -> SignedMetadata {
    let deltas = differences(honest, &forged);
    let mut signed = forged;
    let mut document: Option<Value> = serde_json::from_str(&signed.document).ok();
    let mut changed = false;
    for path in withheld {
        let Some(delta) = deltas.get(path) else { continue };
        if path == SIGNATURE {
            signed.signature.clone_from(&honest.signature);
        } else if let Some(document) = &mut document {
            put(document, path, delta.honest.clone());
            changed = true;
        }
    }
    if let (Some(document), true) = (document, changed) {
        signed.document = document.to_string();
    }
    signed
}

fn members(signed: &SignedMetadata) -> Members {
    let mut members = Members::new();
    if let Some(signature) = &signed.signature {
        members.insert(SIGNATURE.to_owned(), Value::from(signature.as_str()));
    }
    if let Ok(Value::Object(document)) = serde_json::from_str(&signed.document) {
        collect("", &document, &mut members);
    } else {
        members.insert("document".to_owned(), Value::from(signed.document.as_str()));
    }
    members
}

fn collect(above: &str, object: &Map<String, Value>, members: &mut Members) {
    for (name, value) in object {
        let path = if above.is_empty() { name.clone() } else { format!("{above}/{name}") };
        match value {
            Value::Object(inside) if !inside.is_empty() => collect(&path, inside, members),
            Value::Array(users) if path == USERS && all_named(users) => {
                for user in users {
                    let name = user_id(user).unwrap_or_default();
                    members.insert(format!("{USERS}[{name}]"), user.clone());
                }
            }
            value => {
                members.insert(path, value.clone());
            }
        }
    }
}

/// Whether every entry has a user id of its own.
fn all_named(users: &[Value]) -> bool {
    let mut ids: Vec<&str> = users.iter().filter_map(user_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len() == users.len() && !users.is_empty()
}

fn user_id(user: &Value) -> Option<&str> {
    user.get("userId")?.as_str()
}

/// Sets or removes the member at a path.
fn put(document: &mut Value, path: &str, value: Option<Value>) {
    if let Some(id) = path.strip_prefix(USERS).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']')) {
        let Some(users) = document.get_mut(USERS).and_then(Value::as_array_mut) else { return };
        let place = users.iter().position(|user| user_id(user) == Some(id));
        match (place, value) {
            (Some(place), Some(value)) => users[place] = value,
            (Some(place), None) => {
                users.remove(place);
            }
            (None, Some(value)) => users.push(value),
            (None, None) => {}
        }
        return;
    }
    let (above, name) =
        path.rsplit_once('/').map_or((Vec::new(), path), |(above, name)| (above.split('/').collect(), name));
    let mut place = document;
    for name in above {
        let Some(object) = place.as_object_mut() else { return };
        place = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Some(object) = place.as_object_mut() {
        match value {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signed(document: &Value, signature: &str) -> SignedMetadata {
        SignedMetadata { document: document.to_string(), signature: Some(signature.to_owned()) }
    }

    #[test]
    fn withholding_every_difference_gives_the_honest_document() {
        let honest = signed(
            &json!({ "version": "2.1", "metadata": { "nonce": "a", "tag": "t" },
                "users": [ { "userId": "alice", "certificate": "A" }, { "userId": "bob", "certificate": "B" } ] }),
            "honest",
        );
        let forged = signed(
            &json!({ "version": "2.0", "metadata": { "nonce": "b", "tag": "t", "more": 1 }, "filedrop": {},
                "users": [ { "userId": "alice", "certificate": "X" }, { "userId": "eve", "certificate": "E" } ] }),
            "forged",
        );
        let deltas = differences(&honest, &forged);
        let paths: Vec<&str> = deltas.keys().map(String::as_str).collect();
        let expected = [
            "filedrop",
            "metadata/more",
            "metadata/nonce",
            "signature",
            "users[alice]",
            "users[bob]",
            "users[eve]",
            "version",
        ];
        assert_eq!(paths, expected);
        let back = without(&honest, forged.clone(), deltas.keys());
        assert!(differences(&honest, &back).is_empty(), "{back:?}");
        let one = without(&honest, forged, [&"signature".to_owned(), &"users[eve]".to_owned()]);
        assert_eq!(differences(&honest, &one).len(), 6);
    }

    #[test]
    fn junk_is_one_difference() {
        let honest = signed(&json!({ "version": "2.1" }), "s");
        let forged = SignedMetadata { document: "junk".to_owned(), signature: None };
        let paths: Vec<String> = differences(&honest, &forged).into_keys().collect();
        assert_eq!(paths, ["document", "signature", "version"]);
    }
}
