//! `e2ee-mock-server`: the mock server as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use e2ee_mock_server::{AppVersion, Builder, MockServer, StateFile};

/// A Nextcloud server as end-to-end-encryption clients see it, for tests. Prints its base URL when it is ready.
#[derive(Debug, Parser)]
#[command(name = "e2ee-mock-server", version)]
struct Arguments {
    /// Where to listen; a loopback address, for connections are not encrypted. Port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Accounts, for example `alice:secret,bob:secret`.
    #[arg(long, value_name = "USER:PASSWORD,…", value_delimiter = ',', value_parser = account, required = true)]
    users: Vec<Account>,

    /// An administrator, for example `admin:secret`, who may make accounts and groups.
    #[arg(long, value_name = "USER:PASSWORD", value_parser = account)]
    admin: Option<Account>,

    /// Counts refusals by address as real servers do.
    #[arg(long)]
    throttling: bool,

    /// What the server announces as its version of end-to-end encryption. Unless given, what the release of the app does.
    #[arg(long, value_name = "VERSION", value_parser = ["1.2", "2.0", "2.1"])]
    api_version: Option<String>,

    /// The release of the app to pass for: 2.2.3, 2.0.0-rc.7, 1.18.4 or 1.13.2.
    #[arg(long, value_name = "VERSION", default_value = "2.2.3")]
    server_version: AppVersion,

    /// Makes ids, tokens, ETags and the clock follow from this number and from the requests.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Keeps the state in this file, from which a server that is started with the same options goes on.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Writes a line about each request to standard error: `METHOD path -> status`.
    #[arg(long)]
    log: bool,
}

#[derive(Clone)]
struct Account {
    user: String,
    password: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({:?}, …)", self.user)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let Arguments { listen, users, admin, throttling, api_version, server_version, seed, state, log } =
        arguments;
    let accounts = users
        .into_iter()
        .fold(MockServer::builder(), |builder, account| builder.user(account.user, account.password));
    let accounts =
        admin.into_iter().fold(accounts, |builder, account| builder.admin(account.user, account.password));
    let accounts = accounts.app_version(server_version).throttling(throttling);
    let accounts = api_version.into_iter().fold(accounts, |builder, version| builder.api_version(version));
    let accounts = seed.into_iter().fold(accounts, Builder::seed);
    let state = state.map(StateFile::new);
    let accounts = state.into_iter().fold(accounts, Builder::state);
    let server = accounts.listen(listen).log(log).start().await;
    let server = server.map_err(|error| error.to_string())?;
    // Whoever reads the URL may send a signal at once.
    let stopped = stopped().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let mut stdout = std::io::stdout();
    let printed = writeln!(stdout, "{}", server.uri()).and_then(|()| stdout.flush());
    printed.map_err(|error| format!("cannot write the base URL: {error}"))?;
    stopped.await;
    server.stop().await;
    Ok(())
}

/// Ends with SIGINT or SIGTERM, which are caught from now on.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with Ctrl-C, which is caught from now on.
#[cfg(windows)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

fn account(text: &str) -> Result<Account, String> {
    match text.split_once(':') {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => {
            Ok(Account { user: user.to_owned(), password: password.to_owned() })
        }
        // The text may be a password: it is not repeated.
        _ => Err("expected USER:PASSWORD".to_owned()),
    }
}
