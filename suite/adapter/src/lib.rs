//! The protocol by which a client is plugged into e2ee-suite.
//!
//! An adapter is a program that drives one device of one user. It reads JSON-RPC 2.0 requests from its
//! standard input, one message a line, and writes responses, `warning` notifications and `question`
//! requests to its standard output. Its standard error is its log and is kept in the report.
//! The whole protocol is in `adapter.schema.json` beside this crate; [`protocol`] is the same in Rust.
//!
//! [`client`] and [`process`] are the suite's side, [`serve`] is the program's.

pub mod client;
#[doc(hidden)]
pub mod fuzzing;
mod line;
pub mod message;
pub mod process;
pub mod protocol;
pub mod serve;
