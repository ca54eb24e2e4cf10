//! The exit codes of the program. They are part of its interface: a number never changes its meaning.

use crate::judge::{Cause, Verdict};
use crate::play::Played;

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum ExitCode {
    /// Everything that was asked for is well.
    Ok = 0,
    /// The suite itself broke down.
    Internal = 1,
    /// The command line is wrong; clap's own code.
    Usage = 2,
    /// No scenario was played: none fits the filter, or the client lacks something for each; or `watch` has nothing to
    /// look at.
    NothingRan = 4,
    /// Nothing failed, but at least one scenario was inconclusive; or a monitor that `watch` has asked could not look.
    Inconclusive = 5,
    /// The client failed the calibration and was not judged.
    Uncalibrated = 10,
    /// The client could not be started, ended, or does not speak the adapter protocol.
    ClientBroke = 11,
    /// The surroundings: a file, a folder, a port, a scenario file.
    SetUp = 96,
    /// At least one scenario failed or hung; or `inspect`, `watch` or `selftest` found something wrong; or `coverage` a gap; or
    /// `report` a requirement that fails or is in doubt.
    Failed = 100,
    /// At least one scenario was exploited.
    Exploited = 101,
    /// The user has interrupted the run.
    Interrupted = 130,
}

impl ExitCode {
    /// All of them, for the help.
    pub const ALL: &[Self] = &[
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::NothingRan,
        Self::Inconclusive,
        Self::Uncalibrated,
        Self::ClientBroke,
        Self::SetUp,
        Self::Failed,
        Self::Exploited,
        Self::Interrupted,
    ];

    /// The number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// One clause for the help.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "all is well",
            Self::Internal => "the suite itself broke down",
            Self::Usage => "wrong command line",
            Self::NothingRan => "no scenario was played",
            Self::Inconclusive => "nothing failed, but something was inconclusive",
            Self::Uncalibrated => "the client failed the calibration and was not judged",
            Self::ClientBroke => "the client did not start, ended, or broke the adapter protocol",
            Self::SetUp => "a file, folder, port or scenario file is not usable",
            Self::Failed => "something failed or hung",
            Self::Exploited => "something was exploited",
            Self::Interrupted => "interrupted",
        }
    }

    /// The code for a run: the worst result decides.
    pub fn of_run(results: &[Played]) -> Self {
        let any = |wanted: &dyn Fn(&Played) -> bool| results.iter().any(wanted);
        let has = |verdict: Verdict| any(&|played| played.judgement.verdict == verdict);
        let broke = |cause: Cause| {
            any(&|played| played.judgement.verdict == Verdict::Error && played.judgement.cause == cause)
        };
        if has(Verdict::Exploited) {
            Self::Exploited
        } else if has(Verdict::Fail) || has(Verdict::Hang) {
            Self::Failed
        } else if broke(Cause::Adapter) {
            Self::ClientBroke
        } else if has(Verdict::Error) {
            Self::Internal
        } else if has(Verdict::Inconclusive) {
            Self::Inconclusive
        } else if has(Verdict::Pass) || has(Verdict::Warn) {
            Self::Ok
        } else {
            Self::NothingRan
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}
