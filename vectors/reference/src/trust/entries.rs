//! Rules about one name in a folder. What breaks one is set aside, and the rest of the folder used.

use super::candidate::Refusal;
use super::certificates::ensure;
use super::exceptions::Exceptions;
use super::rule::{Check, Level, Outcome, Rule};

/// What the id and the name of a file, a subfolder or a filedrop entry have to pass before they become part
/// of a path or an address.
pub const ENTRY_RULES: &[Rule] = &[
    Rule {
        name: "name-is-one-component",
        requirements: &["ATK-PATH-01"],
        summary: "a decrypted name is one component of a path: no separators, not empty, not . or ..",
        level: Level::Refuse,
        check: Check::Entry(name_is_one_component),
    },
    Rule {
        name: "id-is-plain",
        requirements: &["R2-MOD-08", "ATK-PATH-02"],
        summary: "an id consists of at most 64 ASCII letters, digits, dashes and underscores",
        level: Level::Refuse,
        check: Check::Entry(id_is_plain),
    },
];

/// Judges one entry by its id and its decrypted name.
///
/// # Errors
/// The first rule that refuses.
pub fn check_entry(id: &str, name: &str, exceptions: &Exceptions) -> Result<(), Refusal> {
    for rule in ENTRY_RULES.iter().filter(|rule| !exceptions.contains(rule.name)) {
        if let Check::Entry(check) = rule.check {
            check(id, name).map_err(|reason| rule.refusal(reason))?;
        }
    }
    Ok(())
}

/// The backslash separates on Windows, and no Nextcloud server lets it into a name.
fn name_is_one_component(_: &str, name: &str) -> Outcome {
    let component = !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0']);
    ensure(component, || format!("{name:?} is not a name"))
}

/// The specification has 32 hex digits; iOS and old clients have other ids, all of them within this.
fn id_is_plain(id: &str, _: &str) -> Outcome {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ensure((1..=64).contains(&id.len()) && id.bytes().all(plain), || format!("{id:?} is not an id"))
}
