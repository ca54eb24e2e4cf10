//! The APIs behind `/ocs/v1.php` and `/ocs/v2.php`.

mod capabilities;
mod dispatch;
mod encryption;
mod envelope;
mod filedrop;
mod guard;
mod keys;
mod locks;
mod metadata;
mod ordered_json;
mod outcome;
mod provisioning;
mod share_object;
mod shares;
mod target;
mod users;
mod v1;
mod xml;

pub(crate) use capabilities::LastAnswer;
pub(crate) use dispatch::handle;
pub(crate) use envelope::{Format, wrap};
pub(crate) use outcome::Outcome;
pub(crate) use provisioning::ADMINISTRATORS;
pub(crate) use target::{Target, endpoint};
