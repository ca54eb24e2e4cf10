//! Laws of the scenario parser: what the fuzz target `scenario` runs. Not part of the API.

use crate::scenario::{from_text, story};

/// Reads a scenario file and panics unless it can be told or every mistake has a line of the file.
pub fn scenario(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match from_text(&file(text), text) {
        Ok(scenario) => assert!(story(&scenario).contains(&scenario.title)),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
            for mistake in mistakes {
                assert!((1..=lines).contains(&mistake.line), "{mistake}");
            }
        }
    }
}

/// The name that the file must have for the id in it.
fn file(text: &str) -> String {
    let id = text.lines().find_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'));
    format!("{}.toml", id.unwrap_or_default())
}
