//! What can be typed.

mod files;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;

pub(super) use files::{InspectArgs, WatchArgs};

use crate::exit_code::ExitCode;

/// Tells whether a Nextcloud end-to-end-encryption client is correct and safe.
#[derive(Debug, Parser)]
#[command(name = "e2ee-suite", version, after_long_help = exit_codes())]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Play scenarios against a client and judge it
    Run(RunArgs),
    /// Judge kept transcripts again, without client and server
    Judge(JudgeArgs),
    /// List the scenarios
    List(ListArgs),
    /// Tell the story of a scenario
    Explain(ExplainArgs),
    /// Seek the smallest change of honest bytes with which an attack succeeds
    Witness(WitnessArgs),
    /// List the attack catalogue and the requirements of the specification with what checks them
    Coverage(CoverageArgs),
    /// Say which requirements a client keeps, breaks, or was not asked for, by the JSON report of a run
    Report(ReportArgs),
    /// Prove that every check can fail: play all scenarios on the reference client and its defects
    Selftest(SelftestArgs),
    /// Look for mistakes in what a mock server has recorded of a client, without scenario and verdict
    Watch(WatchArgs),
    /// Open a metadata document and say what is inside and what is wrong with it
    Inspect(InspectArgs),
    /// Make, check or pack the golden vectors
    Vectors {
        #[command(subcommand)]
        command: VectorsCommand,
    },
    /// The reference client as an adapter program
    #[command(hide = true)]
    ReferenceClient(ReferenceClientArgs),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Only scenarios that fit: a part of the id, a pattern with `*`, a cited id such as ATK-SHARE-01 or CVE-2023-28999, or a kind
    pub(super) filter: Vec<String>,
    /// The command that starts an adapter program; without it the reference client is judged in process
    #[arg(long, value_name = "CMD")]
    pub(super) client: Option<String>,
    /// Give the reference client a defect (repeatable)
    #[arg(long, value_name = "NAME", conflicts_with = "client")]
    pub(super) defect: Vec<String>,
    /// Let the reference client write as this client does: specified, desktop, android, ios or web
    #[arg(long, value_name = "NAME", conflicts_with = "client")]
    pub(super) dialect: Option<Dialect>,
    /// Only this metadata version (repeatable)
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(super) version: Vec<AnyVersion>,
    /// How many plays go on at the same time [default: twice the cores; eight times in process]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// How long one step may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Keep what was recorded in this folder, which must be new or empty: `judge` reads it
    #[arg(long, value_name = "DIR")]
    pub(super) transcripts: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct JudgeArgs {
    /// The folder that `run --transcripts` has made
    pub(super) dir: PathBuf,
    /// As for `run`
    pub(super) filter: Vec<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// Also write the JSON report to this file
    #[arg(long, value_name = "PATH")]
    pub(super) json: Option<PathBuf>,
    /// Also write a JUnit report to this file
    #[arg(long, value_name = "PATH")]
    pub(super) junit: Option<PathBuf>,
    /// When to print colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Print every step
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct SourceArgs {
    /// Read the scenarios of this folder in place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// As for `run`
    pub(super) filter: Vec<String>,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The id of a scenario
    pub(super) scenario: String,
    /// Show how the reference client with this defect plays it (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) defect: Vec<String>,
    /// Show the play that `run --transcripts` has kept in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "defect")]
    pub(super) transcripts: Option<PathBuf>,
    /// The metadata version of the play [default: the newest]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(super) version: Option<AnyVersion>,
    /// Only the story
    #[arg(long)]
    pub(super) story: bool,
    #[command(flatten)]
    pub(super) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(super) struct WitnessArgs {
    /// The id of a scenario with an attack
    pub(super) scenario: String,
    /// The command that starts an adapter program; without it the reference client is attacked in process
    #[arg(long, value_name = "CMD")]
    pub(super) client: Option<String>,
    /// Give the reference client a defect (repeatable)
    #[arg(long, value_name = "NAME", conflicts_with = "client")]
    pub(super) defect: Vec<String>,
    /// The metadata version [default: the newest]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(super) version: Option<AnyVersion>,
    /// How long one step may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// Only these, with everything about them: ids, or the beginnings that a group has in common, such as R2-VER
    #[arg(value_name = "ID")]
    pub(super) ids: Vec<String>,
    /// Only requirements
    #[arg(long)]
    pub(super) requirements: bool,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// What `run --json` has written
    #[arg(value_name = "FILE")]
    pub(super) report: PathBuf,
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct SelftestArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// How many plays go on at the same time [default: eight times the cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// How long one step may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// Play the defects in every metadata version instead of the newest only
    #[arg(long)]
    pub(super) all_versions: bool,
    /// Let the clients with defects write as this client does: desktop, android, ios or web
    #[arg(long, value_name = "NAME")]
    pub(super) dialect: Option<Dialect>,
    /// Play every defect in every scenario, and list what is caught without a claim
    #[arg(long)]
    pub(super) full: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum VectorsCommand {
    /// Make all vectors again from a seed
    Generate {
        /// The folder
        #[arg(long, value_name = "DIR", default_value = GOLDEN)]
        dir: PathBuf,
        /// Write nothing; say what differs
        #[arg(long, conflicts_with = "seed")]
        check: bool,
        /// Another seed than that of the published vectors
        #[arg(long, value_name = "TEXT", default_value = e2ee_vectors::SEED)]
        seed: String,
    },
    /// Check a folder of vectors with both cryptographic libraries
    Verify {
        /// The folder
        #[arg(value_name = "DIR", default_value = GOLDEN)]
        dir: PathBuf,
    },
    /// Write one file for each family, and an archive of everything
    Export {
        /// Where to
        #[arg(value_name = "OUT")]
        out: PathBuf,
        /// The folder of vectors
        #[arg(long, value_name = "DIR", default_value = GOLDEN)]
        dir: PathBuf,
    },
}

/// Where the golden vectors lie, seen from the top of the project.
const GOLDEN: &str = "vectors/golden";

#[derive(Debug, Args)]
pub(super) struct ReferenceClientArgs {
    /// A defect (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) defect: Vec<String>,
    /// Write as this client does
    #[arg(long, value_name = "NAME")]
    pub(super) dialect: Option<Dialect>,
    /// How long an answer may take
    #[arg(long, value_name = "MILLISECONDS")]
    pub(super) patience: Option<u64>,
    /// How much of a file goes in one piece
    #[arg(long, value_name = "BYTES")]
    pub(super) chunk: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn version(text: &str) -> Result<AnyVersion, String> {
    text.parse().map_err(|_| "expected 1.0, 1.1, 1.2, 2.0 or 2.1".to_owned())
}

fn exit_codes() -> String {
    let lines: Vec<String> =
        ExitCode::ALL.iter().map(|code| format!("  {:>3}  {}", code.number(), code.meaning())).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}
