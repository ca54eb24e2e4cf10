//! Changes of a JSON value, written as in RFC 6902.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::MoveError;

/// One change. In paths `*` stands for the first member of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Sets a member, or inserts an element (`-`: at the end).
    Add {
        /// Where.
        path: String,
        /// What; `null` if absent.
        #[serde(default)]
        value: Value,
    },
    /// Takes away what is there.
    Remove {
        /// Where.
        path: String,
    },
    /// Sets what is there to another value.
    Replace {
        /// Where.
        path: String,
        /// What; `null` if absent.
        #[serde(default)]
        value: Value,
    },
    /// Adds what stands elsewhere.
    Copy {
        /// From where.
        from: String,
        /// Where.
        path: String,
    },
    /// Removes, and adds elsewhere.
    Move {
        /// From where.
        from: String,
        /// Where.
        path: String,
    },
}

/// Makes all changes, in order.
///
/// # Errors
/// [`MoveError::NothingThere`] names the first path that leads nowhere.
pub(super) fn apply(value: &mut Value, changes: &[Change]) -> Result<(), MoveError> {
    changes.iter().try_for_each(|change| match change {
        Change::Add { path, value: new } => add(value, path, new.clone()),
        Change::Remove { path } => remove(value, path).map(drop),
        Change::Replace { path, value: new } => {
            *at(value, path)? = new.clone();
            Ok(())
        }
        Change::Copy { from, path } => {
            let copied = at(value, from)?.clone();
            add(value, path, copied)
        }
        Change::Move { from, path } => {
            let moved = remove(value, from)?;
            add(value, path, moved)
        }
    })
}

fn add(value: &mut Value, path: &str, new: Value) -> Result<(), MoveError> {
    let (parent, last) = parent(value, path)?;
    match parent {
        Value::Object(members) => {
            members.insert(last, new);
            Ok(())
        }
        Value::Array(items) if last == "-" => {
            items.push(new);
            Ok(())
        }
        Value::Array(items) => {
            let position = last.parse().ok().filter(|position| *position <= items.len());
            items.insert(position.ok_or_else(|| nothing(path))?, new);
            Ok(())
        }
        _ => Err(nothing(path)),
    }
}

fn remove(value: &mut Value, path: &str) -> Result<Value, MoveError> {
    let (parent, last) = parent(value, path)?;
    let removed = match parent {
        Value::Object(members) => {
            let name = if last == "*" { members.keys().next().cloned() } else { Some(last) };
            name.and_then(|name| members.remove(&name))
        }
        Value::Array(items) => last
            .parse()
            .ok()
            .filter(|position| *position < items.len())
            .map(|position| items.remove(position)),
        _ => None,
    };
    removed.ok_or_else(|| nothing(path))
}

fn at<'v>(value: &'v mut Value, path: &str) -> Result<&'v mut Value, MoveError> {
    let (parent, last) = parent(value, path)?;
    child(parent, &last).ok_or_else(|| nothing(path))
}

/// The value that holds the place, and the last part of the path.
fn parent<'v>(value: &'v mut Value, path: &str) -> Result<(&'v mut Value, String), MoveError> {
    let mut parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let Some(mut last) = parts.next() else { return Err(nothing(path)) };
    let mut parent = value;
    for part in parts {
        parent = child(parent, &last).ok_or_else(|| nothing(path))?;
        last = part;
    }
    Ok((parent, last))
}

fn child<'v>(value: &'v mut Value, part: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(members) => {
            let first = members.keys().next().cloned().filter(|_| part == "*");
            members.get_mut(first.as_deref().unwrap_or(part))
        }
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

fn nothing(path: &str) -> MoveError {
    MoveError::NothingThere(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(changes: Value) -> Result<Value, MoveError> {
        let mut value = json!({ "users": [{ "id": "a" }, { "id": "b" }], "files": { "f": { "n": 1 } } });
        apply(&mut value, &serde_json::from_value::<Vec<Change>>(changes).unwrap())?;
        Ok(value)
    }

    #[test]
    fn changes_are_made_in_order() {
        let changes = json!([
            { "op": "replace", "path": "/files/*/n" },
            { "op": "copy", "from": "/users/0", "path": "/users/-" },
            { "op": "remove", "path": "/users/1" },
            { "op": "move", "from": "/files/*", "path": "/files/a~1b" },
            { "op": "add", "path": "/x", "value": [2] },
        ]);
        let expected =
            json!({ "users": [{ "id": "a" }, { "id": "a" }], "files": { "a/b": { "n": null } }, "x": [2] });
        assert_eq!(patched(changes), Ok(expected));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error() {
        for path in ["", "/users/7", "/files/f/n/deep", "/none", "/users/x"] {
            let change = json!([{ "op": "remove", "path": path }]);
            assert_eq!(patched(change), Err(MoveError::NothingThere(path.to_owned())));
        }
    }
}
