//! The text that is signed for a document.

use e2ee_reference::backend::backend;
use e2ee_reference::canonical_json;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use crate::error::Error;
use crate::make::text::to_base64;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};

pub(crate) const FAMILY: Family =
    Family { name: "canonical-json", summary: "the text that is signed for a document", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    document: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { document } = inputs(of)?;
    let document: Value = serde_json::from_str(&document).map_err(|_| Stop::Refused(RULE))?;
    let content = canonical_json::signed_content(&document);
    Ok(json!({ "content": content, "sha256": hex::encode(backend().sha256(content.as_bytes())) }))
}

/// From the canonical text, which is written by hand here and not by the code under test.
fn output(canonical: &str) -> Value {
    let content = to_base64(canonical);
    json!({ "sha256": hex::encode(backend().sha256(content.as_bytes())), "content": content })
}

const RULE: &str = "json-well-formed";

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, document, canonical) in VALID {
        set.add(about(*name, *comment, requirements, &[]), |_| {
            Ok((Inputs { document: (*document).to_owned() }, Expect::Valid(output(canonical))))
        })?;
    }
    for (name, comment, document, canonical) in NUMBERS {
        set.add(about(*name, *comment, &["R2-SIG-04"], &["NumberForm"]), |_| {
            Ok((Inputs { document: (*document).to_owned() }, Expect::Acceptable(output(canonical), RULE)))
        })?;
    }
    for (name, comment, document) in INVALID {
        set.add(about(*name, *comment, &["R2-SIG-04"], &["NotJson"]), |_| {
            Ok((Inputs { document: (*document).to_owned() }, Expect::Invalid(RULE)))
        })?;
    }
    Ok(())
}

/// Name, comment, requirements, document, canonical text.
type Row = (&'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const SORT: &[&str] = &["R2-SIG-05", "R2-SIG-06"];
const COMPACT: &[&str] = &["R2-SIG-04", "R2-SIG-06"];
const DROP: &[&str] = &["R2-SIG-03", "R2-SIG-06"];

const VALID: &[Row] = &[
    ("empty-object", "an empty object", COMPACT, "{}", "{}"),
    (
        "blanks",
        "blanks and line ends between members go",
        COMPACT,
        "{ \"a\" : 1 ,\r\n\t\"b\" : [ 1 , 2 ] }\n",
        r#"{"a":1,"b":[1,2]}"#,
    ),
    (
        "blanks-inside-strings",
        "blanks inside of strings stay",
        COMPACT,
        r#"{"a b": " c  d "}"#,
        r#"{"a b":" c  d "}"#,
    ),
    (
        "indented",
        "a document as desktop uploads it",
        COMPACT,
        "{\n    \"version\": \"2.0\",\n    \"users\": [\n    ]\n}\n",
        r#"{"users":[],"version":"2.0"}"#,
    ),
    ("sorted", "members are sorted", SORT, r#"{"b":1,"a":2,"c":3}"#, r#"{"a":2,"b":1,"c":3}"#),
    (
        "sorted-at-all-levels",
        "members are sorted inside of members and arrays as well",
        SORT,
        r#"{"z":{"b":{"d":1,"c":2},"a":[{"y":1,"x":2}]}}"#,
        r#"{"z":{"a":[{"x":2,"y":1}],"b":{"c":2,"d":1}}}"#,
    ),
    (
        "arrays-keep-order",
        "arrays keep their order",
        SORT,
        r#"{"users":["zoe","adam","mia"]}"#,
        r#"{"users":["zoe","adam","mia"]}"#,
    ),
    (
        "capitals-first",
        "capitals come before small letters",
        SORT,
        r#"{"a":1,"B":2,"A":3,"b":4}"#,
        r#"{"A":3,"B":2,"a":1,"b":4}"#,
    ),
    (
        "digits-as-text",
        "digits are compared as text",
        SORT,
        r#"{"10":1,"9":2,"1":3}"#,
        r#"{"1":3,"10":1,"9":2}"#,
    ),
    (
        "prefix-first",
        "a name comes before the longer names that begin with it",
        SORT,
        r#"{"aa":1,"a":2,"aaa":3,"":4}"#,
        r#"{"":4,"a":2,"aa":1,"aaa":3}"#,
    ),
    (
        "punctuation",
        "punctuation in the order of ASCII",
        SORT,
        r#"{"a_":1,"a-":2,"a.":3,"a ":4,"a~":5}"#,
        r#"{"a ":4,"a-":2,"a.":3,"a_":1,"a~":5}"#,
    ),
    (
        "umlauts-last",
        "letters beyond ASCII come after all of ASCII, whatever the language",
        SORT,
        r#"{"ä":1,"z":2,"a":3}"#,
        r#"{"a":3,"z":2,"ä":1}"#,
    ),
    (
        "sorted-by-utf16",
        "sorted by UTF-16 code unit: a character above U+FFFF comes before U+FF5E",
        SORT,
        r#"{"～":1,"🦊":2,"a":3}"#,
        r#"{"a":3,"🦊":2,"～":1}"#,
    ),
    (
        "not-normalised",
        "composed and decomposed letters stay what they are",
        SORT,
        "{\"\u{e9}\":1,\"e\u{301}\":2}",
        "{\"e\u{301}\":2,\"\u{e9}\":1}",
    ),
    (
        "names-by-escape",
        "names are compared after their escapes are resolved",
        SORT,
        r#"{"\u0062":1,"a":2}"#,
        r#"{"a":2,"b":1}"#,
    ),
    ("slash", "a slash is not escaped", COMPACT, r#"{"a":"x\/y","b":"x/y"}"#, r#"{"a":"x/y","b":"x/y"}"#),
    (
        "quote-and-backslash",
        "quotation mark and backslash are escaped",
        COMPACT,
        r#"{"a":"\u0022\u005c"}"#,
        r#"{"a":"\"\\"}"#,
    ),
    (
        "control-characters",
        "control characters have their short escapes where there is one",
        COMPACT,
        r#"{"a":"\u0008\u0009\u000a\u000c\u000d\u0000\u001f"}"#,
        r#"{"a":"\b\t\n\f\r\u0000\u001f"}"#,
    ),
    (
        "delete-character",
        "U+007F is no control character of JSON",
        COMPACT,
        r#"{"a":"\u007f"}"#,
        "{\"a\":\"\u{7f}\"}",
    ),
    (
        "not-ascii",
        "characters beyond ASCII are UTF-8, not escaped",
        COMPACT,
        r#"{"a":"\u00fc\u20ac"}"#,
        r#"{"a":"ü€"}"#,
    ),
    (
        "surrogates",
        "a pair of escapes becomes one character",
        COMPACT,
        r#"{"a":"\ud83e\udd8a"}"#,
        r#"{"a":"🦊"}"#,
    ),
    (
        "line-separators",
        "U+2028 and U+2029, which JavaScript once escaped, are not",
        COMPACT,
        r#"{"a":"\u2028\u2029"}"#,
        "{\"a\":\"\u{2028}\u{2029}\"}",
    ),
    (
        "html",
        "characters that HTML knows are not escaped, as some libraries do unasked",
        COMPACT,
        r#"{"a":"<&>='"}"#,
        r#"{"a":"<&>='"}"#,
    ),
    (
        "byte-order-mark-inside",
        "a byte order mark inside of a string stays",
        COMPACT,
        "{\"a\":\"\u{feff}b\"}",
        "{\"a\":\"\u{feff}b\"}",
    ),
    (
        "literals",
        "true, false and null",
        COMPACT,
        r#"{"a":true,"b":false,"c":null}"#,
        r#"{"a":true,"b":false,"c":null}"#,
    ),
    (
        "null-stays",
        "a member that is null stays",
        COMPACT,
        r#"{"users":null,"version":"2.0"}"#,
        r#"{"users":null,"version":"2.0"}"#,
    ),
    (
        "integers",
        "whole numbers up to 2^53 - 1",
        COMPACT,
        r#"{"a":0,"b":-1,"c":9007199254740991}"#,
        r#"{"a":0,"b":-1,"c":9007199254740991}"#,
    ),
    (
        "unknown-members",
        "members that nobody knows are signed as well",
        COMPACT,
        r#"{"version":"2.0","extension":{"b":[],"a":{}}}"#,
        r#"{"extension":{"a":{},"b":[]},"version":"2.0"}"#,
    ),
    (
        "filedrop",
        "filedrop is left out",
        DROP,
        r#"{"version":"2.0","filedrop":{"id":{"users":[]}},"metadata":{}}"#,
        r#"{"metadata":{},"version":"2.0"}"#,
    ),
    (
        "filedrop-empty",
        "an empty filedrop is left out as well",
        DROP,
        r#"{"filedrop":{},"version":"2.0"}"#,
        r#"{"version":"2.0"}"#,
    ),
    (
        "filedrop-of-php",
        "and so is the empty array that PHP makes of it",
        DROP,
        r#"{"filedrop":[],"version":"2.0"}"#,
        r#"{"version":"2.0"}"#,
    ),
    ("filedrop-null", "and so is null", DROP, r#"{"filedrop":null,"version":"2.0"}"#, r#"{"version":"2.0"}"#),
    (
        "filedrop-by-escape",
        "and so is the name with an escape in it",
        DROP,
        r#"{"file\u0064rop":{},"version":"2.0"}"#,
        r#"{"version":"2.0"}"#,
    ),
    (
        "filedrop-below",
        "a member of that name further down stays",
        DROP,
        r#"{"metadata":{"filedrop":1},"version":"2.0"}"#,
        r#"{"metadata":{"filedrop":1},"version":"2.0"}"#,
    ),
    (
        "filedrop-in-other-case",
        "another spelling of that name stays",
        DROP,
        r#"{"fileDrop":1,"version":"2.0"}"#,
        r#"{"fileDrop":1,"version":"2.0"}"#,
    ),
    (
        "as-php-rewrites",
        "the text that the server makes of a document is signed as the one before",
        &["R2-SIG-03", "R2-SIG-04"],
        r#"{"users":[{"userId":"j\u00fcrgen","certificate":"A\/B+C=\n"}],"version":"2.0","filedrop":{"1":[]}}"#,
        r#"{"users":[{"certificate":"A/B+C=\n","userId":"jürgen"}],"version":"2.0"}"#,
    ),
];

/// Numbers that libraries write in different ways. No document has such.
const NUMBERS: &[(&str, &str, &str, &str)] = &[
    ("number-with-fraction-zero", "1.0, which JavaScript writes as 1", r#"{"a":1.0}"#, r#"{"a":1}"#),
    ("number-with-exponent", "1e2, which is 100", r#"{"a":1e2}"#, r#"{"a":100}"#),
    ("number-minus-zero", "-0.0, which is 0", r#"{"a":-0.0}"#, r#"{"a":0}"#),
    ("number-with-fraction", "a number with a fraction", r#"{"a":1.5}"#, r#"{"a":1.5}"#),
];

const INVALID: &[(&str, &str, &str)] = &[
    ("empty-text", "nothing at all", ""),
    ("comma-after-last", "a comma after the last member", r#"{"a":1,}"#),
    ("comma-missing", "no comma between members", r#"{"a":1 "b":2}"#),
    ("cut-short", "cut in the middle", r#"{"version":"2.0","metadata":{"#),
    ("text-after", "something after the document", r#"{"a":1}{"b":2}"#),
    ("comment", "a comment", "{\"a\":1/* one */}"),
    ("single-quotes", "quotation marks of JavaScript", "{'a':1}"),
    ("name-without-quotes", "a name without quotation marks", "{a:1}"),
    ("not-a-number", "NaN", r#"{"a":NaN}"#),
    ("leading-zero", "a number with a leading zero", r#"{"a":01}"#),
    ("plus-sign", "a number with a plus sign", r#"{"a":+1}"#),
    ("half-a-surrogate", "half of a surrogate pair, which is no character", r#"{"a":"\ud83e"}"#),
    ("surrogates-swapped", "a surrogate pair in the wrong order", r#"{"a":"\udd8a\ud83e"}"#),
    ("unknown-escape", "an escape that JSON does not have", r#"{"a":"\x41"}"#),
    ("control-character-inside", "a line end inside of a string, not escaped", "{\"a\":\"x\ny\"}"),
    ("byte-order-mark", "a byte order mark before the document", "\u{feff}{\"a\":1}"),
    ("number-too-large", "a number that no floating point number can hold", r#"{"a":1e999}"#),
];
