//! What is a secret, and until when.

use std::sync::Arc;

use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_suite::monitors::watch;
use e2ee_suite::transcript::{DiskFile, Mode, Moment, Transcript};

use crate::monitors::{MNEMONIC, finds, finds_nothing, quiet};
use crate::support::{ends, exchange, head, scenario, snapshot, suite, transcript};

const NAME: &str = "5eed5eed0badcafe";
const FOLDER: &str = "0badcafe5eed5eed";
const OTHER: &str = "cafebabe0badf00d";

/// A play in which something becomes of a folder with a file, and of what lies beside it. From the exchange 51 on it has.
fn after(step: &str) -> Transcript {
    let script = format!(
        r#"[script]
steps = [
  {{ laptop.encrypt_folder = {{ path = "plans" }} }},
  {{ laptop.make_folder = {{ path = "plans/year-{FOLDER}" }} }},
  {{ laptop.make_folder = {{ path = "plans/year-{FOLDER}/empty-{OTHER}" }} }},
  {{ laptop.write = {{ path = "plans/year-{FOLDER}/a-{NAME}.txt" }} }},
  {{ laptop.write = {{ path = "plans/b.txt" }} }},
  {step},
]
"#
    );
    let needs = r#"needs = ["subfolder", "rename", "copy"]"#;
    let scenario = scenario(&(head("conformance").replace("needs = []", needs) + &script));
    let mut play = transcript(&scenario, Mode::Single, Vec::new());
    play.canaries.names.extend([NAME, FOLDER, OTHER].map(str::to_owned));
    play
}

/// What is found when this is sent in an exchange.
fn found(play: &Transcript, number: u64, sent: &str) -> Vec<String> {
    let request =
        Exchange { request_body: Bytes::from(sent.to_owned()), ..exchange(number, Endpoint::Other) };
    let mut play = play.clone();
    play.exchanges = vec![Arc::new(request)];
    let findings = watch(&play).findings;
    findings.into_iter().filter(|found| found.monitor == "leak").map(|found| found.text).collect()
}

#[test]
fn what_the_user_takes_out_is_no_secret_from_then_on() {
    let file = format!("plans/year-{FOLDER}/a-{NAME}.txt");
    for how in ["rename", "copy"] {
        let play =
            after(&format!(r#"{{ laptop.{how} = {{ path = "{file}", to = "letters/a-{NAME}.txt" }} }}"#));
        for taken in [NAME, "content of step 3"] {
            assert_eq!(found(&play, 50, taken).len(), 1, "{how} {taken}");
            assert!(found(&play, 51, taken).is_empty(), "{how} {taken}");
        }
        for kept in [FOLDER, OTHER, "content of step 4"] {
            assert_eq!(found(&play, 51, kept).len(), 1, "{how} {kept}");
        }
    }
    let play = after(&format!(r#"{{ laptop.rename = {{ path = "plans/year-{FOLDER}", to = "letters" }} }}"#));
    for taken in [NAME, OTHER, "content of step 3"] {
        assert_eq!(found(&play, 50, taken).len(), 1, "{taken}");
        assert!(found(&play, 51, taken).is_empty(), "{taken}");
    }
    for kept in [FOLDER, "content of step 4"] {
        assert_eq!(found(&play, 51, kept).len(), 1, "{kept}");
    }
}

#[test]
fn what_goes_elsewhere_encrypted_stays_a_secret() {
    for step in [
        format!(r#"{{ laptop.rename = {{ path = "plans/year-{FOLDER}", to = "plans/old" }} }}"#),
        r#"{ laptop.rename = { path = "plans", to = "ideas" } }"#.to_owned(),
        r#"{ laptop.copy = { path = "plans", to = "ideas" } }"#.to_owned(),
        r#"{ laptop.sync = {} }"#.to_owned(),
    ] {
        let play = after(&step);
        for kept in [NAME, FOLDER, OTHER, "content of step 3", "content of step 4"] {
            assert_eq!(found(&play, 51, kept).len(), 1, "{step} {kept}");
        }
    }
}

#[test]
fn a_checksum_of_what_was_taken_out_tells_nothing() {
    let file = format!("plans/year-{FOLDER}/a-{NAME}.txt");
    let mut play = after(&format!(r#"{{ laptop.rename = {{ path = "{file}", to = "a.txt" }} }}"#));
    let content = &mut play.canaries.contents[0];
    content.token = Some("0123456789abcdef0123456789abcdef".into());
    let sum = content.sha256.clone();
    for (number, is_found) in [(50, true), (51, false)] {
        let mut put = exchange(number, Endpoint::PutFile);
        put.request_headers = [("oc-checksum", &*format!("SHA256:{sum}"))].into();
        play.exchanges = vec![Arc::new(put)];
        let findings = watch(&play).findings;
        assert_eq!(findings.iter().any(|found| found.monitor == "plaintext-traces"), is_found, "{number}");
    }
}

#[test]
fn keys_that_others_may_read() {
    let lies = |content: Option<&str>| {
        let mut play = quiet();
        let mut end = snapshot(Moment::End, &[]);
        let content = content.map(|text| Bytes::from(text.to_owned()));
        let (path, sha256) = ("state.json".to_owned(), String::new());
        end.disk = vec![DiskFile { path, size: 1, sha256, mode: Some(0o640), content }];
        play.snapshots = vec![end];
        play
    };
    let words = format!("{{\"mnemonic\":\"{MNEMONIC}\"}}");
    finds(&lies(Some(&words)), "on-device", &["state.json holds the mnemonic of alice", "mode 640"]);
    finds_nothing(&lies(Some("{\"counter\":7}")));
    finds_nothing(&lies(None));
}

#[test]
fn a_program_that_keeps_its_keys_to_itself_and_one_that_does_not() {
    let program = format!("'{}' reference-client", env!("CARGO_BIN_EXE_e2ee-suite"));
    let play = |client: &str| suite(&["run", "keys-on-disk", "--version", "2.1", "--client", client]);
    ends(&play(&program), 0, &["1 passed"]);
    if cfg!(unix) {
        let open = format!("{program} --defect keeps-keys-in-the-open");
        ends(&play(&open), 100, &[".json holds the ", "others may read it (mode 644)"]);
    }
}
