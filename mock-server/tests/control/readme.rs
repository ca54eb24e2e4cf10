//! What the README shows is what happens.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2ee_mock_server::MockServer;

const README: &str = include_str!("../../README.md");
const PROGRAM: &str = env!("CARGO_BIN_EXE_e2ee-mock-server");

/// The blocks of the README behind a line that ends so: the commands of each with what they print.
fn blocks(behind: &str) -> Vec<Vec<(String, String)>> {
    let begin = format!("{behind}\n```console\n");
    let blocks = README.split(&begin).skip(1).map(|block| block.split_once("```").unwrap().0);
    let blocks = blocks.map(|block| format!("\n{block}").replace("\\\n", " "));
    let commands = |block: String| {
        let commands = block.split("\n$ ").skip(1);
        let commands = commands.map(|command| command.split_once('\n').unwrap_or((command, "")));
        commands.map(|(command, printed)| (command.to_owned(), printed.trim_end().to_owned())).collect()
    };
    blocks.map(commands).collect()
}

/// Whether these are there; if not, that is said, and not taken for good in CI.
fn are_there(programs: &[&str]) -> bool {
    for program in programs {
        let mut found = Command::new("sh");
        let found = found.args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!in_ci, "{program} is missing, and with it a test");
            eprintln!("NOT TESTED: {program} is missing, the commands of the README were not run");
            return false;
        }
    }
    true
}

fn run(command: &str, folder: &Path) -> String {
    let output = Command::new("sh").args(["-c", command]).current_dir(folder).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_print_what_it_says() {
    if !are_there(&["curl"]) {
        return;
    }
    let server = MockServer::builder().control("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    let here = |text: &str| {
        let text = text.replace("http://127.0.0.1:8080", &server.uri());
        text.replace("http://127.0.0.1:8081", server.control_uri().unwrap())
    };
    let blocks = blocks("<!-- The commands of this block are run by tests/control/readme.rs. -->");
    let [commands] = blocks.try_into().unwrap();
    assert!(commands.len() > 5);
    for (command, printed) in commands {
        assert_eq!(run(&here(&command), Path::new(".")), here(&printed), "{command}");
    }
}

/// A program that goes with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn its_encrypted_servers_are_reached_as_it_says() {
    if !are_there(&["curl", "openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks("<!-- This block is run by tests/control/readme.rs. -->");
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let [(server, url), (asks, answer)] = block.try_into().unwrap();
        // Whatever port is free takes the place of the one that is shown.
        let shown = url.rsplit(':').next().unwrap().to_owned();
        let (before, arguments) = server.split_once("e2ee-mock-server ").unwrap();
        let arguments = arguments.replace(&format!(":{shown}"), ":0");
        let command = format!("{before} exec \"$0\" {arguments}");
        let mut command_line = Command::new("sh");
        command_line.args(["-c", &command, PROGRAM]).current_dir(folder.path());
        let child = command_line.env_remove("E2EE_CONTROL_TOKEN").stdout(Stdio::piped()).spawn().unwrap();
        let mut running = Running(child);
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim_end().rsplit(':').next().unwrap().to_owned();
        assert_eq!(line.trim_end(), url.replace(&shown, &port), "{server}");
        assert_eq!(run(&asks.replace(&shown, &port), folder.path()), answer, "{asks}");
    }
}
