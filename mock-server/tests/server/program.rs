//! The program.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-mock-server"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn it_says_where_it_listens_and_stops_when_told() {
    let mut child = program(&["--users", "alice:secret", "--api-version", "2.0", "--log"]).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let answer = reqwest::Client::new()
        .get(format!("{}/ocs/v2.php/cloud/capabilities?format=json&secret=1", url.trim()))
        .basic_auth("alice", Some("secret"))
        .header("ocs-apirequest", "true")
        .send();
    assert!(answer.await.unwrap().text().await.unwrap().contains(r#""api-version":"2.0""#));
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(log, "GET /ocs/v2.php/cloud/capabilities -> 200\n");
}

#[test]
fn it_says_plainly_what_is_wrong() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let users = ["--users", "alice:secret"];
    let cases: [(&[&str], &str); 4] = [
        (&["--listen", &taken, users[0], users[1]], "cannot listen on"),
        (&["--listen", "0.0.0.0:0", users[0], users[1]], "not a loopback address"),
        (&["--users", "alice"], "expected USER:PASSWORD"),
        (&["--listen", "nowhere", users[0], users[1]], "invalid"),
    ];
    for (arguments, message) in cases {
        let output = program(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(message), "{arguments:?}: {stderr}");
    }
}
