//! HTTP: what clients say, and what they are told.

mod again;
mod aim;
pub(crate) mod body;
mod call;
mod dav;
mod delivery;
mod fault;
pub mod fuzzing;
mod history;
mod login;
mod login_flow;
mod ocs;
mod params;
mod php_json;
mod reply;
mod route;
pub(crate) mod service;
mod status;
mod told;
mod user_agent;

pub(crate) use again::SentAgain;
pub(crate) use call::Head;
pub(crate) use ocs::{ADMINISTRATORS, LastAnswer};
