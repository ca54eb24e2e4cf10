//! A program that goes with the test.

use std::io::Read;
use std::process::Child;

/// Killed when dropped.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Kills it (SIGKILL); what it said on standard error.
    pub(crate) fn kill(mut self) -> String {
        self.0.kill().unwrap();
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
