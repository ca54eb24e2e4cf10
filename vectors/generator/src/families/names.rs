//! Names and ids of files and subfolders: what becomes part of a path, and what never must.

use std::collections::BTreeMap;

use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::random;
use e2ee_reference::trust::{self, Exceptions};
use serde_json::{Map, Value, json};

use super::family::{Family, inputs};
use super::metadata_v2::{Inputs, open};
use crate::error::Error;
use crate::make::folder::{self, gzip};
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};

pub(crate) const FAMILY: Family =
    Family { name: "names", summary: "names and ids inside of a folder", generate, evaluate };

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let contents = open(&inputs(of)?)?.1;
    let files = contents.files.iter().map(|(id, file)| (id, &file.filename));
    let (mut usable, mut set_aside) = (Map::new(), BTreeMap::new());
    for (id, name) in files.chain(&contents.folders) {
        match trust::check_entry(id, name, &Exceptions::default()) {
            Ok(()) => drop(usable.insert(id.clone(), name.clone().into())),
            Err(refusal) => drop(set_aside.insert(id.clone(), refusal.rule)),
        }
    }
    let output = output(usable, &set_aside);
    match set_aside.into_values().next() {
        None => Ok(output),
        Some(rule) => Err(Stop::RefusedWith(rule, output)),
    }
}

/// Which entries may be used, by id, and which have to be set aside by which rule.
fn output(usable: Map<String, Value>, set_aside: &BTreeMap<String, &str>) -> Value {
    json!({ "usable": usable, "setAside": set_aside })
}

/// A subfolder with these names of files and of subfolders by id; the JSON changed before it is sealed.
fn sealed(
    files: &[(String, &str)],
    folders: &[(String, &str)],
    edit: impl FnOnce(String) -> String,
) -> Result<Inputs, e2ee_reference::Error> {
    let key = MetadataKey::generate();
    let files: Map<_, _> =
        files.iter().map(|(id, name)| (id.clone(), folder::file_json(&folder::file(name)))).collect();
    let folders: Map<_, _> = folders.iter().map(|(id, name)| (id.clone(), json!(name))).collect();
    let inner =
        json!({ "keyChecksums": [], "deleted": false, "counter": 1, "folders": folders, "files": files });
    let compressed = gzip(edit(inner.to_string()).as_bytes());
    let document = folder::subfolder(key.as_bytes(), &compressed, "2.0")?;
    Ok(Inputs::subfolder(document.to_string(), &key))
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, filename) in VALID {
        set.add(about(*name, *comment, &["R2-MD-12"], flags), |_| {
            let id = random::file_id();
            let inputs = sealed(&[(id.clone(), filename)], &[], |text| text)?;
            Ok((
                inputs,
                Expect::Valid(output([(id, json!(filename))].into_iter().collect(), &BTreeMap::new())),
            ))
        })?;
    }
    for (name, comment, flags, filenames) in PAIRS {
        set.add(about(*name, *comment, &["R2-MD-12"], flags), |_| {
            let files = filenames.map(|filename| (random::file_id(), filename));
            let usable = files.iter().map(|(id, filename)| (id.clone(), json!(filename))).collect();
            Ok((sealed(&files, &[], |text| text)?, Expect::Valid(output(usable, &BTreeMap::new()))))
        })?;
    }
    for (name, comment, escaped, filename) in ESCAPES {
        set.add(about(*name, *comment, &["R2-MD-12"], &["JsonEscapes"]), |_| {
            let id = random::file_id();
            let inputs =
                sealed(&[(id.clone(), "placeholder")], &[], |text| text.replace("placeholder", escaped))?;
            Ok((
                inputs,
                Expect::Valid(output([(id, json!(filename))].into_iter().collect(), &BTreeMap::new())),
            ))
        })?;
    }
    for (name, comment, flags, filename) in PATHS {
        set.add(about(*name, *comment, &["R2-MD-12"], flags), |_| {
            let (good, bad) = (random::file_id(), random::file_id());
            let inputs = sealed(&[(good.clone(), "good.txt"), (bad.clone(), filename)], &[], |text| text)?;
            Ok((inputs, broken(&good, &bad, "name-is-one-component")))
        })?;
    }
    for (name, comment, filename) in FOLDERS {
        set.add(about(*name, *comment, &["R2-MD-11"], &["PathInName"]), |_| {
            let (good, bad) = (random::file_id(), random::file_id());
            let inputs = sealed(&[(good.clone(), "good.txt")], &[(bad.clone(), filename)], |text| text)?;
            Ok((inputs, broken(&good, &bad, "name-is-one-component")))
        })?;
    }
    for (name, comment, bad) in IDS {
        set.add(about(*name, *comment, &["R2-MOD-08", "R2-MOD-18", "R1-FILE-02"], &["PathInId"]), |_| {
            let good = random::file_id();
            let inputs =
                sealed(&[(good.clone(), "good.txt"), ((*bad).to_owned(), "bad.txt")], &[], |text| text)?;
            Ok((inputs, broken(&good, bad, "id-is-plain")))
        })?;
    }
    Ok(())
}

/// The good entry is used and the bad one set aside.
fn broken(good: &str, bad: &str, rule: &'static str) -> Expect {
    let usable = [(good.to_owned(), json!("good.txt"))].into_iter().collect();
    Expect::InvalidWith(rule, output(usable, &[(bad.to_owned(), rule)].into()))
}

type Row = (&'static str, &'static str, &'static [&'static str], &'static str);

const VALID: &[Row] = &[
    ("plain", "a plain name", &[], "report.txt"),
    ("one-letter", "a single letter", &[], "a"),
    ("blank-inside", "a blank inside", &[], "my report.txt"),
    ("blank-before", "a blank before", &["AwkwardName"], " report.txt"),
    ("blank-after", "a blank after, which Windows drops", &["AwkwardName"], "report.txt "),
    ("dot-after", "a dot after, which Windows drops", &["AwkwardName"], "report."),
    ("dot-before", "a hidden file", &[], ".profile"),
    ("three-dots", "three dots are an ordinary name", &["AwkwardName"], "..."),
    ("dots-inside", "two dots inside of a name are harmless", &[], "a..b"),
    ("percent", "a percent sign, which is no escape here", &["AwkwardName"], "100%25.txt"),
    (
        "percent-slash",
        "the escape of a slash in addresses is an ordinary name",
        &["AwkwardName"],
        "a%2Fb.txt",
    ),
    ("hash-and-question-mark", "characters with a meaning in addresses", &["AwkwardName"], "a#b?c&d=e+f.txt"),
    ("colon", "a colon, which Windows does not have in names", &["AwkwardName"], "12:30.txt"),
    ("quotes", "quotation marks", &["AwkwardName"], "\"a\" 'b'.txt"),
    (
        "html",
        "markup, which is a name like any other and must not be shown as markup",
        &["AwkwardName"],
        "<b>a<b>.txt",
    ),
    ("device-of-windows", "a name that Windows keeps for itself", &["AwkwardName"], "CON"),
    ("line-end", "a line end", &["AwkwardName"], "a\nb.txt"),
    ("tab", "a tab", &["AwkwardName"], "a\tb.txt"),
    ("umlaut-composed", "composed umlauts (NFC)", &["Unicode"], "Pr\u{fc}fung.txt"),
    (
        "umlaut-decomposed",
        "decomposed umlauts (NFD), which must not be composed",
        &["Unicode"],
        "Pru\u{308}fung.txt",
    ),
    ("euro", "a character that Latin-1 does not have", &["Unicode"], "10 \u{20ac}.txt"),
    ("chinese", "Chinese", &["Unicode"], "报告.txt"),
    ("arabic", "Arabic, written from right to left", &["Unicode"], "تقرير.txt"),
    ("emoji", "a character above U+FFFF", &["Unicode"], "🦊.txt"),
    ("emoji-joined", "several characters that are shown as one", &["Unicode"], "👩\u{200d}🔬.txt"),
    (
        "right-to-left-override",
        "an override of the direction, which makes txt.exe look like exe.txt",
        &["Unicode", "AwkwardName"],
        "a\u{202e}txt.exe",
    ),
    ("zero-width-space", "a zero width space", &["Unicode", "AwkwardName"], "a\u{200b}b.txt"),
    (
        "slash-that-is-none",
        "a division slash (U+2215), which only looks like a slash",
        &["Unicode"],
        "a\u{2215}b.txt",
    ),
    (
        "full-width-slash",
        "a full-width slash (U+FF0F), which only a compatibility normalisation makes one",
        &["Unicode"],
        "..\u{ff0f}a.txt",
    ),
    ("long", "255 bytes", &[], LONG),
    (
        "long-in-bytes",
        "200 characters in 400 bytes, more than most file systems take",
        &["Unicode", "AwkwardName"],
        LONG_UMLAUTS,
    ),
];

const LONG: &str = concat!(
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.txt",
);
const LONG_UMLAUTS: &str = concat!(
    "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
    "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
);

/// Both of a pair are kept: a client that cannot store both gives one of them another name.
const PAIRS: &[(&str, &str, &[&str], [&str; 2])] = &[
    ("same-name-twice", "two files of the same name", &["CollidingNames"], ["report.txt", "report.txt"]),
    ("names-by-case", "names that differ in case only", &["CollidingNames"], ["Report.txt", "report.txt"]),
    (
        "names-by-normalisation",
        "names that differ in composition only",
        &["CollidingNames", "Unicode"],
        ["\u{e9}.txt", "e\u{301}.txt"],
    ),
    ("names-by-blank", "names that differ in a blank at the end", &["CollidingNames"], ["report", "report "]),
    (
        "names-by-sharp-s",
        "names that become equal in capitals",
        &["CollidingNames", "Unicode"],
        ["stra\u{df}e", "strasse"],
    ),
];

const ESCAPES: &[(&str, &str, &str, &str)] = &[
    ("escape-umlaut", "an umlaut as escape", "Pr\\u00fcfung.txt", "Pr\u{fc}fung.txt"),
    ("escape-surrogates", "a fox as two escapes", "\\ud83e\\udd8a.txt", "🦊.txt"),
    ("escape-letters", "plain letters as escapes", "\\u0061\\u0062.txt", "ab.txt"),
    ("escape-capitals", "escapes in capitals", "\\u00FC\\u20AC.txt", "\u{fc}\u{20ac}.txt"),
];

const PATHS: &[Row] = &[
    ("empty", "an empty name", &["PathInName"], ""),
    ("dot", "the folder itself", &["PathInName"], "."),
    ("dot-dot", "the folder above", &["PathInName"], ".."),
    ("slash-only", "a slash", &["PathInName"], "/"),
    ("slash-inside", "a slash inside", &["PathInName"], "a/b.txt"),
    ("slash-before", "an absolute path", &["PathInName"], "/etc/passwd"),
    ("slash-after", "a slash after", &["PathInName"], "a/"),
    ("traversal", "out of the folder", &["PathInName"], "../../x"),
    ("traversal-inside", "out of the folder by a detour", &["PathInName"], "a/../../x"),
    (
        "traversal-to-autostart",
        "out of the folder, to where programs are started from",
        &["PathInName"],
        "sub/../../.config/autostart/x.desktop",
    ),
    ("backslash", "a backslash inside", &["PathInName"], "a\\b.txt"),
    ("backslash-traversal", "out of the folder by the separator of Windows", &["PathInName"], "..\\..\\x"),
    ("drive", "a path on a drive of Windows", &["PathInName"], "C:\\x"),
    ("share", "a share of Windows", &["PathInName"], "\\\\server\\share\\x"),
    ("mixed-separators", "both separators", &["PathInName"], "..\\../x"),
    ("nul-inside", "a NUL inside, where C strings end", &["PathInName"], "a.txt\0.png"),
    ("nul-only", "a NUL", &["PathInName"], "\0"),
];

const FOLDERS: &[(&str, &str, &str)] = &[
    ("folder-dot-dot", "a subfolder called ..", ".."),
    ("folder-dot", "a subfolder called .", "."),
    ("folder-empty", "a subfolder without a name", ""),
    ("folder-with-slash", "a subfolder with a slash", "a/b"),
];

const IDS: &[(&str, &str, &str)] = &[
    ("id-empty", "an empty id", ""),
    ("id-traversal", "an id that leads to another address", "../../../remote.php/dav/files/bob/victim.txt"),
    ("id-with-slash", "an id with a slash", "a/b"),
    ("id-dot-dot", "the id ..", ".."),
    ("id-percent", "an id with the escapes of a path", "%2e%2e%2f"),
    ("id-query", "an id with a query behind it", "00112233445566778899aabbccddeeff?x=1"),
    ("id-with-blank", "an id with a blank after it", "00112233445566778899aabbccddeeff "),
    ("id-too-long", "an id of 300 characters", LONG_ID),
    ("id-not-ascii", "an id with an umlaut", "00112233445566778899aabbccddee\u{fc}"),
    ("id-with-nul", "an id with a NUL after it", "00112233445566778899aabbccddeeff\0"),
];

const LONG_ID: &str = concat!(
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
);
