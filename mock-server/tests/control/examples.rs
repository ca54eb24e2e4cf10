//! The examples in other languages.

use std::process::{Command, Stdio};

/// Runs an example if there is something that can run it. In CI there has to be.
fn example(interpreter: &str, file: &str) {
    let found =
        Command::new(interpreter).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "{interpreter} is missing, and with it a test");
        eprintln!("NOT TESTED: {interpreter} is missing, {file} was not run");
        return;
    }
    let file = format!("{}/examples/control/{file}", env!("CARGO_MANIFEST_DIR"));
    let output =
        Command::new(interpreter).arg(file).arg(env!("CARGO_BIN_EXE_e2ee-mock-server")).output().unwrap();
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", shown(&output.stdout), shown(&output.stderr));
}

#[test]
fn python_tells_its_story() {
    example("python3", "control.py");
}

#[test]
fn node_tells_its_story() {
    example("node", "control.mjs");
}
