//! The suite by feature; one program, since linking takes longer than running.

mod command_line;
mod inspect;
mod judge;
mod monitors;
mod report;
mod scenario_errors;
mod support;
