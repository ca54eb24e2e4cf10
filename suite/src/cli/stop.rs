//! Why a command ends early.

use crate::exit_code::ExitCode;

/// A message for the error stream and a code.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) code: ExitCode,
    pub(super) message: String,
}

impl Stop {
    pub(super) fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Something around the suite is not usable.
    pub(super) fn set_up(message: impl Into<String>) -> Self {
        Self::new(ExitCode::SetUp, message)
    }

    /// The suite itself broke down.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Internal, message)
    }
}
