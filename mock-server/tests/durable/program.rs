//! The program and its state file.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::Process;

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2ee-mock-server");

/// A program that has printed where it listens, and goes with the test.
struct Running {
    process: Process,
    url: String,
}

impl Running {
    fn new(mut command: Command, state: &Path) -> Self {
        command.args(["--users", "alice:secret", "--seed", "7", "--state"]).arg(state);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process: Process(child), url: url.trim().to_owned() }
    }

    async fn put(&self, name: &str, length: usize) -> u16 {
        let url = format!("{}/remote.php/dav/files/alice/{name}", self.url);
        let sent =
            reqwest::Client::new().put(url).basic_auth("alice", Some("secret")).body("x".repeat(length));
        sent.send().await.unwrap().status().as_u16()
    }

    async fn get(&self, name: &str) -> u16 {
        let url = format!("{}/remote.php/dav/files/alice/{name}", self.url);
        let asked = reqwest::Client::new().get(url).basic_auth("alice", Some("secret"));
        asked.send().await.unwrap().status().as_u16()
    }

    /// Kills it; what it said on standard error.
    fn kill(self) -> String {
        self.process.kill()
    }
}

#[tokio::test]
async fn a_file_in_use_ends_it_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let first = Running::new(Command::new(PROGRAM), &state);
    let arguments = ["--users", "alice:secret", "--seed", "7", "--state"];
    let second = Command::new(PROGRAM).args(arguments).arg(&state).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert!(said.contains("in use by another server"), "{said}");
    drop(first);
}

/// The system refuses to write (here: by a limit on the length of files): nobody is told that something is done.
#[cfg(unix)]
#[tokio::test]
async fn when_the_disk_is_full_nothing_is_answered_for() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"", PROGRAM]);
    let program = Running::new(limited, &state);
    assert_eq!(program.put("kept", 1000).await, 201);
    assert_eq!(program.put("lost", 200_000).await, 500);
    assert_eq!(program.put("later", 1).await, 500);
    assert_eq!(program.get("kept").await, 500, "what it knows is not what it will know");
    let said = program.kill();
    assert!(said.contains("cannot write state file"), "{said}");

    let program = Running::new(Command::new(PROGRAM), &state);
    let found = [program.get("kept").await, program.get("lost").await, program.get("later").await];
    assert_eq!(found, [200, 404, 404]);
    let said = program.kill();
    assert!(said.contains("cut off"), "{said}");
}
