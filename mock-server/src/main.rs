//! `e2ee-mock-server`: the mock server as a program.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use e2ee_mock_server::control::Secret;
use e2ee_mock_server::{
    AppVersion, Builder, History, Missing, MockServer, RecorderLimits, Spill, StartError, StateFile,
};

/// Exchanges are made of many small pieces by one thread and freed by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A Nextcloud server as end-to-end-encryption clients see it, for tests. Prints its base URL when it is ready.
#[derive(Debug, Parser)]
#[command(name = "e2ee-mock-server", version)]
struct Arguments {
    /// Where to listen. Port 0 takes a free one. Beyond loopback only with `--tls` and a control token.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Accounts, for example `alice:secret,bob:secret`.
    #[arg(long, value_name = "USER:PASSWORD,…", value_delimiter = ',', value_parser = account)]
    #[arg(required_unless_present = "control")]
    users: Vec<Account>,

    /// An administrator, for example `admin:secret`, who may make accounts and groups.
    #[arg(long, value_name = "USER:PASSWORD", value_parser = account)]
    admin: Option<Account>,

    /// Counts refusals by address as real servers do.
    #[arg(long)]
    throttling: bool,

    /// Holds uploads in chunks to stricter rules: a destination each time, numbers as names, and in an encrypted folder
    /// the lock's token at the end.
    #[arg(long)]
    strict_uploads: bool,

    /// What the server announces as its version of end-to-end encryption. Unless given, what the release of the app does.
    #[arg(long, value_name = "VERSION", value_parser = ["1.2", "2.0", "2.1"])]
    api_version: Option<String>,

    /// The release of the app to pass for: 2.2.3, 2.0.0-rc.7, 1.18.4 or 1.13.2.
    #[arg(long, value_name = "VERSION", default_value = "2.2.3")]
    server_version: AppVersion,

    /// Makes ids, tokens, ETags and the clock follow from this number and from the requests.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Keeps the state in this file, and that of further tenants beside it. A server that is started with the same
    /// options goes on from there.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// From which length on the state file is written anew when less than half of it is still needed.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    compact_from: u64,

    #[command(flatten)]
    keeping: Keeping,

    #[command(flatten)]
    exposure: Exposure,

    /// Writes a line about each request to standard error: `METHOD path -> status`.
    #[arg(long)]
    log: bool,
}

/// What is kept, and where.
#[derive(Debug, clap::Args)]
struct Keeping {
    /// The longest request body, in bytes. Files of more than 1 MiB are kept on disk.
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 30)]
    max_body: usize,

    /// The folder for long files, which are deleted at the end; that of the system unless given.
    #[arg(long, value_name = "FOLDER")]
    temp: Option<PathBuf>,

    /// How many bytes long files may take there.
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 30)]
    temp_bytes: u64,

    /// How many bytes of memory the traffic may take that can be looked at.
    #[arg(long, value_name = "BYTES", default_value_t = 24 << 20)]
    history_bytes: usize,

    /// Writes the traffic to this file, an exchange a line, in JSON.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

/// What it takes to be reached from other machines.
#[derive(Debug, clap::Args)]
struct Exposure {
    /// Encrypts connections, with a certificate by an authority that is made at the start.
    #[arg(long)]
    tls: bool,

    /// Where to write the certificate of that authority, PEM: clients have to trust it.
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,

    /// Where to listen for the control API, for example `127.0.0.1:0`. Beyond loopback only with `--tls` and a control
    /// token. Its URL is the second line that is printed.
    #[arg(long, value_name = "IP:PORT")]
    control: Option<SocketAddr>,

    /// The DNS name or IP address under which clients know the server; it stands in URLs and in the certificate.
    #[arg(long, value_name = "NAME")]
    public_name: Option<String>,

    /// A file with the control token; the environment variable E2EE_CONTROL_TOKEN is the other way to give it.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
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
    let Arguments {
        listen,
        users,
        admin,
        throttling,
        strict_uploads,
        api_version,
        server_version,
        seed,
        state,
        compact_from,
        keeping,
        exposure,
        log,
    } = arguments;
    let accounts = users
        .into_iter()
        .fold(MockServer::builder(), |builder, account| builder.user(account.user, account.password));
    let accounts =
        admin.into_iter().fold(accounts, |builder, account| builder.admin(account.user, account.password));
    let accounts = accounts.app_version(server_version).throttling(throttling).strict_uploads(strict_uploads);
    let accounts = api_version.into_iter().fold(accounts, |builder, version| builder.api_version(version));
    let accounts = seed.into_iter().fold(accounts, Builder::seed);
    let state = state.map(|path| StateFile { compact_from, ..StateFile::new(path) });
    let accounts = state.into_iter().fold(accounts, Builder::state);
    let (accounts, history) = keeping.of(accounts)?;
    let server = exposure.of(accounts)?.listen(listen).log(log).start().await;
    let server = server.map_err(explained)?;
    if let (Some(file), Some(certificate)) = (&exposure.ca_file, server.ca_certificate()) {
        std::fs::write(file, certificate)
            .map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
    }
    // Whoever reads the URL may send a signal at once.
    let stopped = stopped().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let mut stdout = std::io::stdout();
    let urls = std::iter::once(server.uri()).chain(server.control_uri().map(str::to_owned));
    let urls: String = urls.map(|url| url + "\n").collect();
    let printed = stdout.write_all(urls.as_bytes()).and_then(|()| stdout.flush());
    printed.map_err(|error| format!("cannot write the base URL: {error}"))?;
    stopped.await;
    server.stop().await;
    if let Some(history) = history {
        history.finish();
        if history.lost() > 0 {
            eprintln!("warning: {} exchanges came too fast to be written to the history", history.lost());
        }
    }
    Ok(())
}

impl Keeping {
    /// The settings with these, and the file that has to be finished at the end.
    fn of(self, builder: Builder) -> Result<(Builder, Option<History>), String> {
        let history = self.history.as_ref().map(|path| {
            History::to_file(path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))
        });
        let history = history.transpose()?;
        let recorder = RecorderLimits {
            bytes: self.history_bytes,
            file_bytes: self.temp_bytes / 2,
            ..RecorderLimits::default()
        };
        let spill = Spill::new(self.temp.unwrap_or_else(std::env::temp_dir), self.temp_bytes);
        let builder = builder.recorder(recorder).max_body(self.max_body).spill(spill);
        Ok((history.iter().cloned().fold(builder, Builder::history), history))
    }
}

impl Exposure {
    /// The settings with these.
    fn of(&self, builder: Builder) -> Result<Builder, String> {
        let builder = builder.tls(self.tls);
        let builder = self.control.into_iter().fold(builder, Builder::control);
        let builder = self.public_name.iter().fold(builder, |builder, name| builder.public_name(name));
        Ok(self.token()?.into_iter().fold(builder, Builder::control_token))
    }

    /// The control token. It is never on the command line, where everybody on the machine could see it.
    fn token(&self) -> Result<Option<Secret>, String> {
        let Some(file) = &self.token_file else {
            return match std::env::var("E2EE_CONTROL_TOKEN") {
                Ok(token) => Ok(Some(token.into())),
                Err(std::env::VarError::NotPresent) => Ok(None),
                Err(error) => Err(format!("E2EE_CONTROL_TOKEN: {error}")),
            };
        };
        let text = read_short(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        Ok(Some(text.trim().into()))
    }
}

/// A token is short, whatever the file is.
fn read_short(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(4096).read_to_string(&mut text)?;
    Ok(text)
}

/// The error with the options that would help.
fn explained(error: StartError) -> String {
    let hint = match &error {
        StartError::NotLoopback { missing: Missing::Tls, .. } => " (give --tls)",
        StartError::NotLoopback { missing: Missing::Token, .. } => {
            " (give --token-file, or set E2EE_CONTROL_TOKEN)"
        }
        StartError::NotLoopback { .. } => {
            " (give --tls, and --token-file or the environment variable E2EE_CONTROL_TOKEN)"
        }
        _ => "",
    };
    format!("{error}{hint}")
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
