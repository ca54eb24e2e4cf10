//! The user of a device: sees warnings, answers questions, and all of it is recorded.

use std::sync::{Mutex, PoisonError};

use e2ee_adapter::client::User;
use e2ee_adapter::protocol::{Answer, Notice};

use crate::transcript::Asked;

/// More notices than this in one step are not kept: a client may flood.
const MOST: usize = 100;

/// Records what it is told, and answers as the scenario says.
#[derive(Default)]
pub(super) struct RecordingUser {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    agrees: bool,
    warnings: Vec<Notice>,
    questions: Vec<Asked>,
}

impl RecordingUser {
    /// What the user says to questions from now on.
    pub(super) fn will_answer(&self, answer: Answer) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).agrees = answer == Answer::Yes;
    }

    /// Takes out what was recorded.
    pub(super) fn take(&self) -> (Vec<Notice>, Vec<Asked>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut state.warnings), std::mem::take(&mut state.questions))
    }
}

impl User for RecordingUser {
    fn warning(&self, notice: Notice) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.warnings.len() < MOST {
            state.warnings.push(notice);
        }
    }

    fn question(&self, notice: Notice) -> Answer {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = if state.agrees { Answer::Yes } else { Answer::No };
        if state.questions.len() < MOST {
            state.questions.push(Asked { notice, answer });
        }
        answer
    }
}
