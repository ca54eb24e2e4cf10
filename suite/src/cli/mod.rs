//! The command line.

mod args;
mod client;
mod coverage;
mod dispatch;
mod explain;
mod inspect;
mod list;
mod report;
mod run;
mod scenarios;
mod selftest;
mod stop;
mod vectors;

pub use dispatch::main;
