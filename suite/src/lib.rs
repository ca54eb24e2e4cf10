//! Tells whether a Nextcloud end-to-end-encryption client is correct and safe: plays written scenarios against it on
//! a server that is honest or malicious, and judges by what was recorded.
//!
//! The way of the data: a [`scenario`] is played by [`play`] on a client behind an adapter; everything that happens
//! is kept in a [`transcript`]; [`monitors`] and [`judge`] turn it into a verdict; [`report`] prints it; [`archive`] keeps
//! transcripts, which are judged again without client or server. [`recorded`] has the monitors look at clients that play no
//! scenario.

mod hash;
mod remembered;

pub mod archive;
pub mod calibration;
pub mod cli;
pub mod coverage;
pub mod exit_code;
#[doc(hidden)]
pub mod fuzzing;
pub mod inspect;
pub mod judge;
pub mod lattice;
pub mod monitors;
pub mod play;
pub mod recorded;
pub mod report;
pub mod scenario;
pub mod selftest;
pub mod transcript;
pub mod witness;
