//! What `watch` says.

use serde::Serialize;

use crate::exit_code::ExitCode;
use crate::monitors::{Finding, Gap, Monitor, Sight};

/// The shape of [`WatchReport`], raised when a member is renamed, removed or changes its meaning.
pub const WATCH_VERSION: u32 = 1;

/// What monitors have seen in a recording, or in plays that were kept; `watch.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WatchReport {
    /// [`WATCH_VERSION`].
    pub schema_version: u32,
    /// The file.
    pub recording: String,
    /// How many exchanges were looked at.
    pub exchanges: usize,
    /// The devices that were looked at.
    pub devices: Vec<String>,
    /// The monitors that were asked.
    pub monitors: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Where nothing is known to be right.
    pub not_looked: Vec<Gap>,
    /// The exit code of the program.
    pub exit_code: u8,
}

impl WatchReport {
    /// Of a file in which nothing was seen yet.
    pub fn new(recording: String, monitors: &[&Monitor]) -> Self {
        Self {
            schema_version: WATCH_VERSION,
            recording,
            exchanges: 0,
            devices: Vec::new(),
            monitors: monitors.iter().map(|monitor| monitor.name.to_owned()).collect(),
            findings: Vec::new(),
            not_looked: Vec::new(),
            exit_code: ExitCode::Ok.number(),
        }
    }

    /// Adds what was seen in a recording or a play.
    pub fn saw<'d>(&mut self, exchanges: usize, devices: impl Iterator<Item = &'d str>, sight: Sight) {
        self.exchanges += exchanges;
        for device in devices {
            if !self.devices.iter().any(|known| known == device) {
                self.devices.push(device.to_owned());
            }
        }
        self.findings.extend(sight.findings);
        self.not_looked.extend(sight.gaps);
    }

    /// Says how it ends. What nobody could look at counts if more keys, canaries or exchanges would help, or if the monitor
    /// was asked for by its name; otherwise nobody could ever succeed.
    pub fn conclude(&mut self, by_name: bool) -> ExitCode {
        let code = if !self.findings.is_empty() {
            ExitCode::Failed
        } else if self.devices.is_empty() {
            ExitCode::NothingRan
        } else if self.not_looked.iter().any(|gap| gap.remediable || by_name) {
            ExitCode::Inconclusive
        } else {
            ExitCode::Ok
        };
        self.exit_code = code.number();
        code
    }
}
