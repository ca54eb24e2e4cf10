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

#[tokio::test]
async fn it_passes_for_another_release_and_has_an_administrator() {
    let arguments = ["--users", "alice:secret", "--server-version", "1.18.4", "--admin", "admin:secret"];
    let mut child = program(&arguments).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let ask = |user: &'static str, path: &str| {
        let request =
            reqwest::Client::new().get(format!("{}/ocs/v2.php/cloud/{path}?format=json", url.trim()));
        request.basic_auth(user, Some("secret")).header("ocs-apirequest", "true").send()
    };
    let capabilities = ask("alice", "capabilities").await.unwrap().text().await.unwrap();
    assert!(capabilities.contains(r#""api-version":"2.0""#), "{capabilities}");
    assert_eq!(ask("admin", "users").await.unwrap().status(), 200);
    assert_eq!(ask("alice", "users").await.unwrap().status(), 403);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn it_can_be_strict_about_chunks() {
    for (arguments, status) in [(vec![], 201), (vec!["--strict-uploads"], 400)] {
        let arguments = [vec!["--users", "alice:secret"], arguments].concat();
        let mut child = program(&arguments).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = format!("{}/remote.php/dav/uploads/alice/up", url.trim());
        let begin = reqwest::Client::new().request(reqwest::Method::from_bytes(b"MKCOL").unwrap(), url);
        let begun = begin.basic_auth("alice", Some("secret")).send().await.unwrap();
        assert_eq!(begun.status(), status, "no destination");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn it_says_plainly_what_is_wrong() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let users = ["--users", "alice:secret"];
    let cases: [(&[&str], &str); 5] = [
        (&["--listen", &taken, users[0], users[1]], "cannot listen on"),
        (&["--listen", "0.0.0.0:0", users[0], users[1]], "not a loopback address"),
        (&["--server-version", "2.2", users[0], users[1]], "unknown app version"),
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
