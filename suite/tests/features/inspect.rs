//! `inspect` on a document that a released client has written.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The fixtures of upstream; none where they were not fetched. A CI server has to have them.
fn fixtures() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream/fixtures/web");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", folder.display());
    eprintln!("skipped: {} is missing", folder.display());
    None
}

fn inspect(arguments: &[&str], mnemonic: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-suite"));
    command.arg("inspect").args(arguments).env_remove("E2EE_MNEMONIC").stdin(std::process::Stdio::null());
    if let Some(mnemonic) = mnemonic {
        command.env("E2EE_MNEMONIC", mnemonic);
    }
    command.output().expect("starts")
}

fn path(folder: &std::path::Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn mnemonic(folder: &std::path::Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(name)).expect("reads");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    value["mnemonic"].as_str().expect("a mnemonic").to_owned()
}

#[test]
fn opens_the_web_fixture() {
    let Some(folder) = fixtures() else { return };
    let (document, blob, server_key) = (
        path(&folder, "metadata_2.0_root.json"),
        path(&folder, "private_key_admin_legacy.json"),
        path(&folder, "server_public_key_consts.pem"),
    );
    let words = mnemonic(&folder, "private_key_admin_legacy.json");
    let done = inspect(&[&document, "--key-blob", &blob, "--server-key", &server_key], Some(&words));
    let text = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&done.stderr));
    insta::assert_snapshot!(text);
}

#[test]
fn a_subfolder_needs_its_root() {
    let Some(folder) = fixtures() else { return };
    let (document, root, blob) = (
        path(&folder, "metadata_2.0_subfolder.json"),
        path(&folder, "metadata_2.0_root.json"),
        path(&folder, "private_key_admin_legacy.json"),
    );
    let words = mnemonic(&folder, "private_key_admin_legacy.json");
    let without = inspect(&[&document], None);
    assert_eq!(without.status.code(), Some(100));
    assert!(String::from_utf8_lossy(&without.stdout).contains("give --root"));
    let with = inspect(&[&document, "--root", &root, "--key-blob", &blob], Some(&words));
    let text = String::from_utf8_lossy(&with.stdout);
    assert!(text.contains("subtest.txt") && text.contains("signature    valid, by"), "{text}");
    assert_eq!(with.status.code(), Some(0), "{text}");
}

#[test]
fn a_wrong_signature_is_found() {
    let Some(folder) = fixtures() else { return };
    let document = path(&folder, "metadata_2.0_root.json");
    let done = inspect(&[&document, "--signature", "AAAA"], None);
    assert_eq!(done.status.code(), Some(100));
    assert!(String::from_utf8_lossy(&done.stdout).contains("signature    WRONG"));
}

#[test]
fn a_wrong_mnemonic_is_said_and_not_shown() {
    let Some(folder) = fixtures() else { return };
    let (document, blob) =
        (path(&folder, "metadata_2.0_root.json"), path(&folder, "private_key_alice_legacy.json"));
    let words = mnemonic(&folder, "private_key_admin_legacy.json");
    let done = inspect(&[&document, "--key-blob", &blob], Some(&words));
    assert_eq!(done.status.code(), Some(100));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("wrong mnemonic"), "{said}");
    assert!(!said.contains(words.split(' ').next().expect("a word")), "{said}");
}

#[test]
fn what_is_no_document_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("x.json");
    let at = file.display().to_string();
    let missing = inspect(&[&at], None);
    assert_eq!(missing.status.code(), Some(96));
    for (text, words) in [
        ("{", "no metadata document"),
        ("[]", "`ocs.data.meta-data`"),
        ("{\"metadata\":{},\"version\":\"1.2\"}", ""),
    ] {
        std::fs::write(&file, text).expect("writes");
        let done = inspect(&[&at], None);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(100), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
