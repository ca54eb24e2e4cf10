//! The suite by feature; one program, since linking takes longer than running.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends by panicking, its helpers as well")]

mod archive;
mod command_line;
mod coverage;
mod departures;
mod dialects;
mod inspect;
mod judge;
mod judge_of_devices;
mod killed;
mod lattice;
mod made_for_members;
mod monitors;
mod monitors_of_documents;
mod monitors_of_histories;
mod monitors_of_randomness;
mod monitors_of_requests;
mod monitors_older;
mod openings;
mod other_ways;
mod public_links;
mod recorded_traffic;
mod recordings;
mod report;
mod scenario_errors;
mod schema;
mod secrecy;
mod selftest;
mod standings;
mod support;
mod transcript_schema;
mod watch;
mod witness;
mod worked_example;
