//! What a run has found, for people, for programs and for CI servers.

mod human;
mod json;
mod junit;
mod model;
mod sequence;
mod text;
mod watch;
mod witness;

pub use human::{Printer, Style, summary_line};
pub use json::to_json;
pub use junit::to_junit;
pub use model::{ClientInfo, REPORT_VERSION, Report, ScenarioResult, ToolInfo};
pub use sequence::sequence;
pub(crate) use text::{clean, wrap};
pub use watch::{WATCH_VERSION, WatchReport};
pub use witness::witness_text;
