//! What the README shows is what happens.

use std::process::{Command, Stdio};

use e2ee_mock_server::MockServer;

/// The block of the README whose commands are run: each command with what it prints.
fn commands() -> Vec<(String, String)> {
    let readme = include_str!("../../README.md");
    let (_, block) = readme.split_once("are run by tests/control/readme.rs. -->\n```console\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let commands = block.split("$ curl").skip(1).map(|command| command.split_once('\n').unwrap());
    commands.map(|(command, printed)| (format!("curl{command}"), printed.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_print_what_it_says() {
    let found = Command::new("curl").arg("--version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "curl is missing, and with it a test");
        eprintln!("NOT TESTED: curl is missing, the commands of the README were not run");
        return;
    }
    let server = MockServer::builder().control("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    let here = |text: &str| {
        let text = text.replace("http://127.0.0.1:8080", &server.uri());
        text.replace("http://127.0.0.1:8081", server.control_uri().unwrap())
    };
    let commands = commands();
    assert!(commands.len() > 5);
    for (command, printed) in commands {
        let output = Command::new("sh").args(["-c", &here(&command)]).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(answer.trim_end(), here(&printed).trim_end(), "{command}");
    }
}
