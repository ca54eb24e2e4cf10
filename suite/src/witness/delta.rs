//! How two metadata documents differ, member by member.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_mock_server::SignedMetadata;
use serde::Serialize;
use serde_json::{Map, Value};

use super::entries;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delta {
    /// Where. In metadata member names separated by `/`, an entry of `users` by its user id in brackets, for example
    /// `users[bob]/certificate`; `signature` is the signature beside the document. Otherwise what it is about, for
    /// example `file 1 in plans: bytes`, `certificate of bob/subject public key`, `capabilities/api-version`.
    pub path: String,
    /// What was there; absent if nothing was. Bytes in hex, the first 32 of them.
    pub honest: Option<Value>,
    /// What the attacker has put there; absent if it was taken away.
    pub forged: Option<Value>,
    /// Which bytes; absent if it is not about bytes.
    pub bytes: Option<ByteRange>,
}

/// A range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ByteRange {
    /// The position of the first.
    pub offset: usize,
    /// How many.
    pub length: usize,
}

impl Delta {
    /// A difference that is not about bytes.
    pub(super) fn new(path: String, honest: Option<Value>, forged: Option<Value>) -> Self {
        Self { path, honest, forged, bytes: None }
    }
}

/// The members of a document by their paths, as far down as both sides have objects.
type Members = BTreeMap<String, Value>;

const SIGNATURE: &str = "signature";
const USERS: &str = "users";
/// Objects whose members have random names.
const RANDOM: [&str; 2] = ["files", "filedrop"];

/// Every difference, in the order of the paths.
pub(super) fn differences(honest: &SignedMetadata, forged: &SignedMetadata) -> Vec<Delta> {
    let (old, new) = (document(honest), document(forged));
    let mut deltas = Vec::new();
    if let (Some(old), Some(new)) = (&old, &new) {
        for name in RANDOM {
            deltas.extend(entries::differences(name, old.get(name), new.get(name)));
        }
    }
    let (old, new) = (members(honest, new.as_ref()), members(forged, old.as_ref()));
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for path in paths {
        let (honest, forged) = (old.get(path), new.get(path));
        if honest != forged {
            deltas.push(Delta::new(path.clone(), honest.cloned(), forged.cloned()));
        }
    }
    deltas.sort_by(|one, other| one.path.cmp(&other.path));
    deltas
}

/// `forged` with the members at these paths as they are in `honest`. A document that is no JSON object stays as it is.
pub(super) fn without(
    honest: &SignedMetadata,
    forged: SignedMetadata,
    withheld: &BTreeSet<String>,
) -> SignedMetadata {
    let deltas = differences(honest, &forged);
    let original = document(honest).unwrap_or_default();
    let mut signed = forged;
    let mut made: Option<Value> = serde_json::from_str(&signed.document).ok();
    let mut changed = false;
    for delta in deltas.into_iter().filter(|delta| withheld.contains(&delta.path)) {
        if delta.path == SIGNATURE {
            signed.signature.clone_from(&honest.signature);
        } else if let Some(made) = &mut made {
            let random = RANDOM.into_iter().find(|name| entries::is_of(name, &delta.path));
            match random {
                Some(name) => entries::put_back(name, &delta.path, made, original.get(name)),
                None => put(made, &delta.path, delta.honest),
            }
            changed = true;
        }
    }
    if let (Some(made), true) = (made, changed) {
        let is_original = serde_json::from_str::<Value>(&honest.document).is_ok_and(|honest| honest == made);
        signed.document = if is_original { honest.document.clone() } else { made.to_string() };
    }
    signed
}

fn document(signed: &SignedMetadata) -> Option<Map<String, Value>> {
    serde_json::from_str(&signed.document).ok()
}

/// The members of one side; what is told apart depends on the other side.
fn members(signed: &SignedMetadata, other: Option<&Map<String, Value>>) -> Members {
    let mut members = Members::new();
    if let Some(signature) = &signed.signature {
        members.insert(SIGNATURE.to_owned(), Value::from(signature.as_str()));
    }
    match document(signed) {
        Some(mut document) => {
            if let Some(other) = other {
                let apart = |name: &str| other.get(name).is_none_or(Value::is_object);
                let entries = |name: &str, value: &Value| RANDOM.contains(&name) && value.is_object();
                document.retain(|name, value| !(entries(name, value) && apart(name)));
            }
            if let Some(Value::Array(users)) = document.get(USERS).filter(|users| are_named(users)) {
                let others = other.and_then(|other| other.get(USERS)).filter(|users| are_named(users));
                users.iter().for_each(|user| collect_user(user, others, &mut members));
                document.remove(USERS);
            }
            collect("", &document, &mut members);
        }
        None => {
            members.insert("document".to_owned(), Value::from(signed.document.as_str()));
        }
    }
    members
}

fn collect(above: &str, object: &Map<String, Value>, members: &mut Members) {
    for (name, value) in object {
        let path = if above.is_empty() { name.clone() } else { format!("{above}/{name}") };
        match value {
            Value::Object(inside) if !inside.is_empty() => collect(&path, inside, members),
            value => {
                members.insert(path, value.clone());
            }
        }
    }
}

/// Member by member, if both sides have the user.
fn collect_user(user: &Value, others: Option<&Value>, members: &mut Members) {
    let id = user_id(user).unwrap_or_default();
    let path = format!("{USERS}[{id}]");
    let others = others.and_then(Value::as_array).into_iter().flatten();
    let both = others.filter(|other| user_id(other) == Some(id)).count() > 0;
    match user.as_object().filter(|_| both) {
        Some(inside) => {
            members.extend(inside.iter().map(|(name, value)| (format!("{path}/{name}"), value.clone())));
        }
        None => {
            members.insert(path, user.clone());
        }
    }
}

/// Whether it is a list in which every entry has a user id of its own.
fn are_named(users: &Value) -> bool {
    let Some(users) = users.as_array() else { return false };
    let ids: BTreeSet<&str> = users.iter().filter_map(user_id).collect();
    ids.len() == users.len() && !users.is_empty()
}

fn user_id(user: &Value) -> Option<&str> {
    user.get("userId")?.as_str()
}

/// Sets or removes the member at a path.
fn put(document: &mut Value, path: &str, value: Option<Value>) {
    if let Some((id, rest)) =
        path.strip_prefix(USERS).and_then(|rest| rest.strip_prefix('[')?.split_once(']'))
    {
        let Some(users) = document.get_mut(USERS).and_then(Value::as_array_mut) else { return };
        let place = users.iter().position(|user| user_id(user) == Some(id));
        match (place, rest.strip_prefix('/'), value) {
            (Some(place), Some(member), value) => set(&mut users[place], &[], member, value),
            (Some(place), None, Some(value)) => users[place] = value,
            (Some(place), None, None) => {
                users.remove(place);
            }
            (None, _, value) => users.extend(value),
        }
        return;
    }
    let mut above: Vec<&str> = path.split('/').collect();
    if let Some(name) = above.pop() {
        set(document, &above, name, value);
    }
}

fn set(place: &mut Value, above: &[&str], name: &str, value: Option<Value>) {
    let mut place = place;
    for name in above {
        let Some(object) = place.as_object_mut() else { return };
        place = object.entry(*name).or_insert_with(|| Value::Object(Map::new()));
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
            &json!({ "version": "2.0", "metadata": { "nonce": "b", "tag": "t", "more": 1 },
                "users": [ { "userId": "alice", "certificate": "X" }, { "userId": "eve", "certificate": "E" } ] }),
            "forged",
        );
        let deltas = differences(&honest, &forged);
        let paths: Vec<&str> = deltas.iter().map(|delta| delta.path.as_str()).collect();
        let expected = [
            "metadata/more",
            "metadata/nonce",
            "signature",
            "users[alice]/certificate",
            "users[bob]",
            "users[eve]",
            "version",
        ];
        assert_eq!(paths, expected);
        let all = paths.iter().map(|path| (*path).to_owned()).collect();
        let back = without(&honest, forged.clone(), &all);
        assert!(differences(&honest, &back).is_empty(), "{back:?}");
        let two = ["signature".to_owned(), "users[eve]".to_owned()];
        let left = without(&honest, forged, &two.into());
        assert_eq!(differences(&honest, &left).len(), 5);
    }

    #[test]
    fn junk_is_one_difference() {
        let honest = signed(&json!({ "version": "2.1" }), "s");
        let forged = SignedMetadata { document: "junk".to_owned(), signature: None };
        let paths: Vec<String> = differences(&honest, &forged).into_iter().map(|delta| delta.path).collect();
        assert_eq!(paths, ["document", "signature", "version"]);
    }
}
