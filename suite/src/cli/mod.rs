//! The command line.

mod args;
mod client;
mod coverage;
mod dispatch;
mod explain;
mod inspect;
mod judge;
mod list;
mod output;
mod report;
mod run;
mod say;
mod scenarios;
mod selftest;
mod stop;
mod vectors;
mod watch;
mod witness;

pub use dispatch::main;
