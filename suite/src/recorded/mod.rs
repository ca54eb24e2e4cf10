//! What was recorded outside of any scenario: of a client that somebody drives by hand or by scripts of their own.
//!
//! A [`Recording`](e2ee_mock_server::control::Recording) of the mock server and what is [`Known`] about it make a
//! [`Recorded`], which [`watch_recording`](crate::monitors::watch_recording) shows to the monitors.

mod error;
mod keys;
mod known;
mod recording;
mod source;

pub use error::RecordedError;
pub use known::{Known, KnownUser};
pub use recording::Recorded;
pub use source::Source;
