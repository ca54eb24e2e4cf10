//! The clients against a server, and against a program that is killed again and again.
//!
//! `HISTORY_SEED` plays with the dice of another run, `HISTORY_SECONDS` for as long as one likes:
//!
//! ```console
//! $ HISTORY_SECONDS=300 cargo test -p e2ee-mock-server --test durable history -- --nocapture
//! ```

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use e2ee_mock_server::{MockServer, StateFile};

use super::check::{Checked, check};
use super::clients::{Dice, World, client};
use super::connection::Fault;
use crate::process::Process;

const CLIENTS: usize = 64;
/// Bytes of a state file that are different in each one: its marker stands there.
const HEADER: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_64_clients_on_bad_connections_nothing_is_lost() {
    let server = MockServer::builder().user("alice", "secret").start().await.unwrap();
    let (seed, time) = settings(3);
    let world = World::new(server.address());
    play(&world, seed, time, async {}).await;
    let checked = verdict(&world, seed).await;
    assert!(checked.commits > 20, "{checked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_state_file_nothing_is_lost_to_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let address = free_address();
    let (seed, time) = settings(6);
    let began = Instant::now();
    let mut program = Program::start(address, &state);
    let header = || std::fs::read(&state).unwrap()[..HEADER].to_vec();
    let mut headers = std::collections::BTreeSet::from([header()]);
    let world = World::new(address);
    let mut kills = 0;
    let killing = async {
        let mut dice = Dice::new(seed);
        while began.elapsed() < time {
            tokio::time::sleep(Duration::from_millis(200 + dice.roll(600))).await;
            program.kill();
            kills += 1;
            headers.insert(header());
            program = Program::start(address, &state);
        }
    };
    play(&world, seed, time, killing).await;
    let checked = verdict(&world, seed).await;
    eprintln!("killed {kills} times, {} files", headers.len());
    assert!(kills >= 3 && headers.len() >= 2 && checked.commits > 10, "{kills} {checked:?}");
    // What the file tells is what the program knew, in this process as well.
    program.kill();
    let builder = MockServer::builder().user("alice", "secret").state(StateFile::new(&state));
    let server = builder.listen(address).start().await.unwrap();
    assert_eq!(server.address(), address);
    verdict(&world, seed).await;
}

/// Lets the clients work while something else happens.
async fn play(world: &std::sync::Arc<World>, seed: u64, time: Duration, besides: impl Future<Output = ()>) {
    eprintln!("HISTORY_SEED={seed} HISTORY_SECONDS={}", time.as_secs());
    world.prepare().await;
    let clients = (0..CLIENTS).map(|number| {
        tokio::spawn(client(world.clone(), number, seed.wrapping_mul(1000) + number as u64, time))
    });
    let clients: Vec<_> = clients.collect();
    besides.await;
    for client in clients {
        client.await.unwrap();
    }
}

/// Looks at everything a last time, then checks all that was seen.
async fn verdict(world: &World, seed: u64) -> Checked {
    let (_, folders) = world.seen();
    let mut documents = Vec::new();
    for folder in &folders {
        documents.push((folder, world.read(CLIENTS, folder, Fault::None).await.expect("an answer")));
    }
    let (history, _) = world.seen();
    let checked = check(&history).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    for (folder, document) in documents {
        for change in &document.changes {
            let bytes = world.file(folder, change).await;
            assert_eq!(bytes, Some(format!("bytes of {change}")), "the file of a change, seed {seed}");
        }
    }
    eprintln!("{checked:?}");
    checked
}

fn settings(seconds: u64) -> (u64, Duration) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let random = u64::from_be_bytes(e2ee_reference::random::array()) >> 16;
    let seed = number("HISTORY_SEED").unwrap_or(random);
    (seed, Duration::from_secs(number("HISTORY_SECONDS").unwrap_or(seconds)))
}

/// The program, which goes with the test.
struct Program(Process);

impl Program {
    /// Starts it and waits until it listens.
    fn start(address: SocketAddr, state: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-mock-server"));
        command.args(["--users", "alice:secret", "--listen", &address.to_string(), "--state"]).arg(state);
        // It is written anew again and again, too.
        command.args(["--compact-from", "20000"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert_eq!(url.trim(), format!("http://{address}"), "it did not start");
        Self(Process(child))
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.0.0.kill().unwrap();
        self.0.0.wait().unwrap();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
