//! TLS and the control API as the program offers them.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-mock-server"));
    command.args(arguments).env_remove("E2EE_CONTROL_TOKEN");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program, and the lines that it prints when it is ready.
fn started(command: &mut Command, lines: usize) -> (Child, Vec<String>) {
    let mut child = command.spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let lines = stdout.lines().take(lines).map(Result::unwrap).collect();
    (child, lines)
}

/// What it says when it does not start.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn it_prints_where_the_control_api_is_and_asks_for_the_token() {
    let file = std::env::temp_dir().join(format!("e2ee-token-{}", std::process::id()));
    std::fs::write(&file, "a-token-of-the-tests\n").unwrap();
    let arguments = ["--control", "127.0.0.1:0", "--token-file", file.to_str().unwrap()];
    let (mut child, lines) = started(&mut program(&arguments), 2);
    let ask = |token: &'static str| {
        let request = reqwest::Client::new().get(format!("{}/v1/tenants", lines[1]));
        request.header("authorization", format!("Bearer {token}")).send()
    };
    let answer = ask("a-token-of-the-tests").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains(&lines[0]));
    assert_eq!(ask("another-token-of-tests").await.unwrap().status(), 401);
    child.kill().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    child.wait().unwrap();
    std::fs::remove_file(file).unwrap();
    assert_eq!(log, "");
}

#[test]
fn it_writes_the_certificate_and_nothing_secret() {
    let file = std::env::temp_dir().join(format!("e2ee-ca-{}.pem", std::process::id()));
    let arguments = ["--users", "alice:secret", "--tls", "--ca-file", file.to_str().unwrap()];
    let (mut child, lines) = started(&mut program(&arguments), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines[0].starts_with("https://127.0.0.1:"), "{lines:?}");
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    assert_eq!(written.matches("-----BEGIN ").count(), 1);
    assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn it_says_what_is_missing_beyond_loopback() {
    let everywhere = ["--users", "alice:secret", "--listen", "0.0.0.0:0"];
    let tls = ["--users", "alice:secret", "--listen", "0.0.0.0:0", "--tls"];
    assert!(
        refusal(&mut program(&everywhere))
            .contains("missing: TLS and control token (give --tls, and --token-file")
    );
    assert!(
        refusal(&mut program(&tls))
            .contains("missing: control token (give --token-file, or set E2EE_CONTROL_TOKEN)")
    );
    let token = "a-token-of-the-tests";
    let refused = refusal(program(&everywhere).env("E2EE_CONTROL_TOKEN", token));
    assert!(refused.contains("missing: TLS (give --tls)") && !refused.contains(token), "{refused}");
    assert!(
        refusal(program(&tls).env("E2EE_CONTROL_TOKEN", "short"))
            .contains("expected 16 to 1024 visible ASCII")
    );
    let (mut child, lines) = started(program(&tls).env("E2EE_CONTROL_TOKEN", token), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines[0].starts_with("https://localhost:"), "{lines:?}");
}

#[test]
fn it_needs_accounts_or_somebody_who_makes_them() {
    assert!(refusal(&mut program(&[])).contains("--users"));
    assert!(refusal(&mut program(&["--users", "a:b", "--ca-file", "x"])).contains("--tls"));
    assert!(
        refusal(&mut program(&["--users", "a:b", "--token-file", "/no/such/file"])).contains("cannot read")
    );
}
