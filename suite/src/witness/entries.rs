//! Objects of metadata whose members have random names: what is in both is `name[*]`, what only one side has `name[new]`
//! or `name[gone]`, so that a path means the same in each play.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::delta::Delta;

const NEW: &str = "[new]";
const GONE: &str = "[gone]";
const BOTH: &str = "[*]";

/// The differences between two such objects.
pub(super) fn differences(name: &str, honest: Option<&Value>, forged: Option<&Value>) -> Vec<Delta> {
    let (Some(old), Some(new)) = (object(honest), object(forged)) else { return Vec::new() };
    let only = |these: &Map<String, Value>, others: &Map<String, Value>| {
        let mut only = these.clone();
        only.retain(|id, _| !others.contains_key(id));
        (!only.is_empty()).then_some(Value::Object(only))
    };
    let mut deltas = Vec::new();
    if let Some(gone) = only(&old, &new) {
        deltas.push(Delta::new(format!("{name}{GONE}"), Some(gone), None));
    }
    if let Some(added) = only(&new, &old) {
        deltas.push(Delta::new(format!("{name}{NEW}"), None, Some(added)));
    }
    let mut changed: BTreeMap<String, Delta> = BTreeMap::new();
    for (id, honest) in &old {
        let Some(forged) = new.get(id) else { continue };
        for (path, honest, forged) in members(name, honest, forged) {
            // The first stands for all.
            changed.entry(path.clone()).or_insert_with(|| Delta::new(path, honest, forged));
        }
    }
    deltas.extend(changed.into_values());
    deltas
}

/// Whether a path is about members of the object of this name.
pub(super) fn is_of(name: &str, path: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| [NEW, GONE, BOTH].iter().any(|kind| rest.starts_with(kind)))
}

/// Takes back the difference at a path in the object of this name.
pub(super) fn put_back(name: &str, path: &str, document: &mut Value, honest: Option<&Value>) {
    let rest = path.strip_prefix(name).unwrap_or_default();
    let old = object(honest).unwrap_or_default();
    let Some(document) = document.as_object_mut() else { return };
    let entries = document.entry(name).or_insert_with(|| Value::Object(Map::new()));
    let Some(entries) = entries.as_object_mut() else { return };
    match rest {
        NEW => entries.retain(|id, _| old.contains_key(id)),
        GONE => {
            let gone = old.into_iter().filter(|(id, _)| !entries.contains_key(id));
            let gone: Vec<_> = gone.collect();
            entries.extend(gone);
        }
        _ => {
            let member = rest.strip_prefix(BOTH).and_then(|rest| rest.strip_prefix('/'));
            for (id, entry) in entries.iter_mut() {
                let Some(honest) = old.get(id) else { continue };
                match (member, entry.as_object_mut()) {
                    (Some(member), Some(entry)) => match honest.get(member) {
                        Some(value) => entry.insert(member.to_owned(), value.clone()),
                        None => entry.remove(member),
                    },
                    _ => Some(std::mem::replace(entry, honest.clone())),
                };
            }
        }
    }
    if entries.is_empty() && honest.is_none() {
        document.remove(name);
    }
}

/// Nothing at all is an object without members.
fn object(value: Option<&Value>) -> Option<Map<String, Value>> {
    match value {
        None => Some(Map::new()),
        Some(value) => value.as_object().cloned(),
    }
}

/// What differs in an entry, with its path.
fn members(name: &str, honest: &Value, forged: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
    let path = format!("{name}{BOTH}");
    let (Some(old), Some(new)) = (honest.as_object(), forged.as_object()) else {
        let differ = honest != forged;
        return differ.then(|| (path, Some(honest.clone()), Some(forged.clone()))).into_iter().collect();
    };
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let differing = names.filter(|name| old.get(*name) != new.get(*name));
    differing
        .map(|member| (format!("{path}/{member}"), old.get(member).cloned(), new.get(member).cloned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_do_not_name_what_is_random() {
        let honest = json!({ "a1": { "key": 1, "tag": 2 }, "b2": { "key": 3 } });
        let forged = json!({ "a1": { "key": 1, "tag": 9, "more": 0 }, "c3": 7 });
        let deltas = differences("files", Some(&honest), Some(&forged));
        let paths: Vec<&str> = deltas.iter().map(|delta| delta.path.as_str()).collect();
        assert_eq!(paths, ["files[gone]", "files[new]", "files[*]/more", "files[*]/tag"]);

        let mut document = json!({ "files": forged });
        for path in &paths {
            assert!(is_of("files", path) && !is_of("filedrop", path));
            put_back("files", path, &mut document, Some(&honest));
        }
        assert_eq!(document, json!({ "files": honest }));
    }

    #[test]
    fn an_object_that_was_not_there_goes_again() {
        let forged = json!({ "c3": { "key": 1 } });
        let deltas = differences("filedrop", None, Some(&forged));
        assert_eq!(deltas, [Delta::new("filedrop[new]".to_owned(), None, Some(forged.clone()))]);
        let mut document = json!({ "version": "2.1", "filedrop": forged });
        put_back("filedrop", "filedrop[new]", &mut document, None);
        assert_eq!(document, json!({ "version": "2.1" }));
    }
}
