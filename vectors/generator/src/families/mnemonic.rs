//! From what the user types to what the key derivation takes.

use e2ee_reference::mnemonic::Mnemonic;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::Outcome;
use crate::set::{Expect, Set, about};

pub(crate) const FAMILY: Family =
    Family { name: "mnemonic", summary: "what a user types as his mnemonic", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    text: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let mnemonic = Mnemonic::parse(&inputs::<Inputs>(of)?.text)?;
    Ok(output(&mnemonic.words(), mnemonic.passphrase()))
}

fn output(words: &str, passphrase: &str) -> Value {
    json!({ "words": words, "passphrase": passphrase })
}

/// The words of most vectors.
pub(super) const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const RULE: &str = "mnemonic-of-twelve-words";

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, text) in VALID {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let passphrase = words.replace(' ', "");
        set.add(about(*name, *comment, &["R2-KEY-10", "R2-KEY-15", "R1-KEY-13"], flags), |_| {
            Ok((Inputs { text: (*text).to_owned() }, Expect::Valid(output(&words, &passphrase))))
        })?;
    }
    let joined = WORDS.replace(' ', "");
    set.add(
        about("run-together", "the words without anything between them", &["R2-KEY-15"], &["WordsNotSplit"]),
        |_| Ok((Inputs { text: joined.clone() }, Expect::Acceptable(output(WORDS, &joined), RULE))),
    )?;
    let comment = "a Kelvin sign (U+212A), which Unicode lowers to a plain k";
    let kelvin = WORDS.replacen("thank", "than\u{212a}", 1);
    set.add(about("kelvin-sign", comment, &["R2-KEY-10", "R2-KEY-15"], &["UnicodeCase"]), |_| {
        Ok((Inputs { text: kelvin.clone() }, Expect::Acceptable(output(WORDS, &joined), RULE)))
    })?;
    for (name, comment, flags, text) in INVALID {
        set.add(about(*name, *comment, &["R2-KEY-10"], flags), |_| {
            Ok((Inputs { text: (*text).to_owned() }, Expect::Invalid(RULE)))
        })?;
    }
    Ok(())
}

type Row = (&'static str, &'static str, &'static [&'static str], &'static str);

const VALID: &[Row] = &[
    ("single-blanks", "as it is shown to the user", &[], WORDS),
    (
        "no-bip39-checksum",
        "twelve words that fail the BIP-39 checksum, as most mnemonics of real users do",
        &["NoBip39Checksum"],
        "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo",
    ),
    (
        "no-bip39-checksum-mixed",
        "twelve different words that fail the BIP-39 checksum",
        &["NoBip39Checksum"],
        "ability able about above absent absorb abstract absurd abuse access accident account",
    ),
    (
        "first-and-last-word",
        "the first and the last word of the list",
        &[],
        "abandon zoo abandon zoo abandon zoo abandon zoo abandon zoo abandon zoo",
    ),
    (
        "shortest-words",
        "words of three letters only, where a reader could split a run of letters in several ways",
        &[],
        "act add age aim air all any arm art ask bag bar",
    ),
    (
        "longest-words",
        "words of eight letters only",
        &[],
        "abstract accident acoustic announce artefact attitude bachelor broccoli business category champion cinnamon",
    ),
    (
        "words-that-contain-words",
        "words of the list inside other words of the list",
        &[],
        "art artist artwork cart use useful useless you young youth over car",
    ),
    (
        "upper-case",
        "all in capitals",
        &["CaseOfMnemonic"],
        "LEGAL WINNER THANK YEAR WAVE SAUSAGE WORTH USEFUL LEGAL WINNER THANK YELLOW",
    ),
    (
        "first-letter-upper-case",
        "a capital at the beginning, as telephones set it",
        &["CaseOfMnemonic"],
        "Legal winner thank year wave sausage worth useful legal winner thank yellow",
    ),
    (
        "each-word-upper-case",
        "a capital at the beginning of each word",
        &["CaseOfMnemonic"],
        "Legal Winner Thank Year Wave Sausage Worth Useful Legal Winner Thank Yellow",
    ),
    (
        "upper-case-i",
        "a capital I, which becomes another letter when lowered by the rules of Turkish",
        &["CaseOfMnemonic", "LocaleCase"],
        "ICE IDEA IDLE INDEX INNER INPUT INSECT ISLAND ITEM IVORY IMAGE IRON",
    ),
    (
        "tabs",
        "tabs between the words",
        &["SpaceInMnemonic"],
        "legal\twinner\tthank\tyear\twave\tsausage\tworth\tuseful\tlegal\twinner\tthank\tyellow",
    ),
    (
        "line-feeds",
        "one word a line, as pasted from a note",
        &["SpaceInMnemonic"],
        "legal\nwinner\nthank\nyear\nwave\nsausage\nworth\nuseful\nlegal\nwinner\nthank\nyellow\n",
    ),
    (
        "carriage-returns",
        "lines of a Windows text file",
        &["SpaceInMnemonic"],
        "legal winner thank year\r\nwave sausage worth useful\r\nlegal winner thank yellow\r\n",
    ),
    (
        "double-blanks",
        "two blanks between the words",
        &["SpaceInMnemonic"],
        "legal  winner  thank  year  wave  sausage  worth  useful  legal  winner  thank  yellow",
    ),
    (
        "blanks-around",
        "blanks before and after",
        &["SpaceInMnemonic"],
        "  legal winner thank year wave sausage worth useful legal winner thank yellow ",
    ),
    (
        "no-break-spaces",
        "no-break spaces (U+00A0), as pasted from a web page",
        &["SpaceInMnemonic"],
        "legal\u{a0}winner\u{a0}thank\u{a0}year\u{a0}wave\u{a0}sausage\u{a0}worth\u{a0}useful\u{a0}legal\u{a0}winner\u{a0}thank\u{a0}yellow",
    ),
    (
        "ideographic-spaces",
        "ideographic spaces (U+3000), as Japanese keyboards give them",
        &["SpaceInMnemonic"],
        "legal\u{3000}winner\u{3000}thank\u{3000}year\u{3000}wave\u{3000}sausage\u{3000}worth\u{3000}useful\u{3000}legal\u{3000}winner\u{3000}thank\u{3000}yellow",
    ),
];

const INVALID: &[Row] = &[
    ("empty", "nothing", &[], ""),
    ("blanks-only", "blanks only", &[], "   "),
    ("one-word", "a single word", &[], "legal"),
    (
        "eleven-words",
        "the last word is missing",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank",
    ),
    (
        "thirteen-words",
        "one word too many",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank yellow zoo",
    ),
    (
        "twenty-four-words",
        "a BIP-39 mnemonic of 256 bits",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title",
    ),
    (
        "misspelt-word",
        "two letters swapped in one word",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank yelolw",
    ),
    (
        "word-of-no-list",
        "one word that is in no list",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank nextcloud",
    ),
    (
        "four-letter-forms",
        "words cut after four letters, which identify them in BIP-39 but derive another key",
        &[],
        "lega winn than year wave saus wort usef lega winn than yell",
    ),
    (
        "french-list",
        "twelve words of the French BIP-39 list",
        &[],
        "abaisser abandon abdiquer abeille abolir aborder aboutir aboyer abrasif abreuver abriter abroger",
    ),
    (
        "cyrillic-letter",
        "a Cyrillic letter that looks like a Latin a",
        &["LooksAlike"],
        "legal winner thank year w\u{430}ve sausage worth useful legal winner thank yellow",
    ),
    (
        "long-s",
        "a long s (U+017F), which becomes a plain s when Unicode folds case",
        &["LooksAlike"],
        "legal winner thank year wave \u{17f}ausage worth useful legal winner thank yellow",
    ),
    (
        "dotted-capital-i",
        "a Turkish capital I with a dot (U+0130) in place of a plain one",
        &["LocaleCase"],
        "\u{130}CE IDEA IDLE INDEX INNER INPUT INSECT ISLAND ITEM IVORY IMAGE IRON",
    ),
    (
        "full-width-letters",
        "a word in full-width letters, which only a compatibility normalisation makes plain",
        &["LooksAlike"],
        "legal winner thank year wave sausage worth useful legal winner thank \u{ff5a}\u{ff4f}\u{ff4f}",
    ),
    (
        "zero-width-space",
        "a zero width space (U+200B) inside a word",
        &["LooksAlike"],
        "legal winner tha\u{200b}nk year wave sausage worth useful legal winner thank yellow",
    ),
    (
        "commas",
        "commas between the words",
        &[],
        "legal,winner,thank,year,wave,sausage,worth,useful,legal,winner,thank,yellow",
    ),
    (
        "hyphens",
        "hyphens between the words",
        &[],
        "legal-winner-thank-year-wave-sausage-worth-useful-legal-winner-thank-yellow",
    ),
    (
        "numbered",
        "the words with their numbers, as pasted from a numbered list",
        &[],
        "1 legal 2 winner 3 thank 4 year 5 wave 6 sausage 7 worth 8 useful 9 legal 10 winner 11 thank 12 yellow",
    ),
];
