//! Whether the vectors are true, and whether anybody would notice if they were not.

use std::collections::BTreeSet;
use std::fs;

use e2ee_vectors::{Library, Verdict, verify};
use serde_json::Value;

use crate::{copy_of_golden, golden, vectors_in};

#[test]
fn both_libraries_agree_with_every_vector() {
    let report = verify(&golden()).unwrap();
    assert_eq!(report.failures, []);
    let [valid, invalid, acceptable] =
        [Verdict::Valid, Verdict::Invalid, Verdict::Acceptable].map(|verdict| report.count(verdict));
    let all = valid + invalid + acceptable;
    assert!(all >= 400, "{all} vectors");
    assert!(2 * invalid >= all, "{invalid} of {all} are invalid");
    assert_eq!(report.counts.len(), 20);
    for (family, counts) in &report.counts {
        assert!(counts.contains_key(&Verdict::Valid) && counts.contains_key(&Verdict::Invalid), "{family}");
    }
}

/// Every vector is falsified in one place: its output where there is one, else its rule.
#[test]
fn one_wrong_character_in_any_vector_is_noticed() {
    let copy = copy_of_golden();
    let mut falsified = BTreeSet::new();
    for (path, mut vector) in vectors_in(copy.path()) {
        match &mut vector.expected.output {
            Some(output) => assert!(falsify(output), "{} has nothing to falsify", vector.id),
            None => vector.expected.rule = vector.expected.rule.map(|rule| rule + "x"),
        }
        // An acceptable vector that the implementation refuses is true whatever its output.
        if vector.expected.result != Verdict::Acceptable {
            falsified.insert(vector.id.clone());
        }
        fs::write(path, serde_json::to_string(&vector).unwrap()).unwrap();
    }
    let report = verify(copy.path()).unwrap();
    for library in Library::ALL {
        let noticed = report.failures.iter().filter(|failure| failure.library == library);
        let noticed: BTreeSet<_> = noticed.map(|failure| failure.id.clone()).collect();
        let missed: Vec<_> = falsified.difference(&noticed).collect();
        assert!(missed.is_empty(), "{library} did not notice {missed:?}");
    }
}

/// Changes the first thing in a value that can be changed.
fn falsify(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let changed = if text.starts_with('0') { '1' } else { '0' };
            *text = text.chars().skip(1).fold(changed.to_string(), |text, next| text + &next.to_string());
            true
        }
        Value::Bool(flag) => {
            *flag = !*flag;
            true
        }
        Value::Number(number) => {
            *value = Value::from(number.as_u64().map_or(0, |number| number + 1));
            true
        }
        Value::Array(values) => values.iter_mut().any(falsify),
        Value::Object(members) => members.values_mut().any(falsify),
        Value::Null => false,
    }
}
