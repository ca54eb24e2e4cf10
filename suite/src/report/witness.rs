//! A witness for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::text::clean;
use crate::witness::{Delta, Witness};

/// Characters of a value that are shown.
const VALUE: usize = 60;

/// What an attack needs, as a diff against the honest bytes.
pub fn witness_text(witness: &Witness) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, witness);
    text
}

fn write(text: &mut String, witness: &Witness) -> std::fmt::Result {
    writeln!(
        text,
        "Witness   {} in {}, found in {} plays",
        witness.scenario, witness.version, witness.plays
    )?;
    writeln!(text, "Verdict   {}: {}", witness.verdict.as_str(), clean(&witness.reason))?;
    writeln!(text, "\nMoves that the attack needs ({} left out)", witness.moves_left_out)?;
    for play in &witness.moves {
        writeln!(text, "    {}", clean(&play.to_string()))?;
    }
    for sentence in &witness.without_forgery {
        writeln!(text, "  {}", clean(sentence))?;
    }
    let left_out = witness.left_out.len();
    match (witness.deltas.is_empty(), left_out) {
        (true, 0) => writeln!(text, "\nNo bytes are forged: the moves themselves are the change")?,
        (true, _) => writeln!(text, "\nIt needs no difference from the honest bytes ({left_out} left out)")?,
        (false, _) => {
            writeln!(text, "\nDifferences from the honest bytes that it needs ({left_out} left out)")?
        }
    }
    for delta in &witness.deltas {
        difference(text, delta)?;
    }
    if left_out > 0 {
        writeln!(text, "\nNot needed: {}", clean(&witness.left_out.join(", ")))?;
    }
    Ok(())
}

fn difference(text: &mut String, delta: &Delta) -> std::fmt::Result {
    let place = delta.bytes.map(|bytes| format!(", {} at {}", bytes.length, bytes.offset));
    writeln!(text, "  @ {}{}", clean(&delta.path), place.unwrap_or_default())?;
    if let Some(honest) = &delta.honest {
        writeln!(text, "    - {}", shortened(honest))?;
    }
    if let Some(forged) = &delta.forged {
        writeln!(text, "    + {}", shortened(forged))?;
    }
    Ok(())
}

/// The value as JSON, cut in the middle, with its length if it was cut.
fn shortened(value: &Value) -> String {
    let json = clean(&value.to_string());
    let count = json.chars().count();
    if count <= VALUE {
        return json;
    }
    let head: String = json.chars().take(VALUE / 2).collect();
    let tail: String = json.chars().skip(count - VALUE / 2).collect();
    format!("{head} … {tail} ({count} characters)")
}
