//! A Nextcloud server as end-to-end-encryption clients see it, honest or malicious, for tests.
//!
//! [`MockServer`] speaks the API of the app `end_to_end_encryption` as one of its releases does ([`AppVersion`]), the
//! part of the share API and of WebDAV that clients use beside it, the capabilities, login flow v2 and the
//! provisioning API. Every [`Tenant`] has accounts, files and keys of its own ([`model`]), keeps its traffic
//! ([`Exchange`]), and can be made to lie ([`adversary`]).

mod adler32;
pub mod adversary;
mod builder;
mod bulk;
mod clock;
pub mod control;
mod derived_key;
mod direct;
mod exchange;
mod exposure;
mod face;
mod headers;
mod history;
mod journal;
mod kept;
mod limits;
mod listener;
pub mod model;
mod order;
mod record;
mod recorder;
mod release;
mod resume;
mod seats;
mod server;
mod spill;
mod tenant;
mod test_keys;
mod throttle;
mod tls;
mod uploaded;
mod whole;
mod wire;

pub use adler32::adler32;
pub use adversary::lie::{Aim, Asker, Channel, Fault, Grant, Lie, Listed, Pause, Rendezvous, SignedMetadata};
pub use builder::Builder;
pub use clock::Clock;
pub use direct::{Direct, HungUp};
pub use exchange::{Endpoint, Exchange, UnknownEndpoint};
pub use exposure::Missing;
#[doc(hidden)]
pub use face::fuzzing;
pub use headers::Headers;
pub use history::History;
pub use journal::{StateError, StateFile};
pub use limits::ConnectionLimits;
pub use recorder::RecorderLimits;
pub use release::{AppVersion, UnknownAppVersion};
pub use server::{MockServer, StartError, TenantError};
pub use spill::Spill;
pub use tenant::{Tenant, TenantOptions};
pub use test_keys::test_key;
pub use tls::TlsError;
pub use uploaded::{UploadedFile, uploaded_files};
