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
    let left_out = witness.left_out.len();
    if witness.deltas.is_empty() && left_out == 0 {
        return writeln!(text, "\nNo metadata are forged: the moves themselves are the change");
    }
    writeln!(text, "\nMembers of metadata that it needs ({left_out} left out)")?;
    for delta in &witness.deltas {
        difference(text, delta)?;
    }
    if left_out > 0 {
        writeln!(text, "\nNot needed: {}", clean(&witness.left_out.join(", ")))?;
    }
    Ok(())
}

fn difference(text: &mut String, delta: &Delta) -> std::fmt::Result {
    writeln!(text, "  @ {}", clean(&delta.path))?;
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
