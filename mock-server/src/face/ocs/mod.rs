//! The APIs behind `/ocs/v1.php` and `/ocs/v2.php`.

mod capabilities;
mod dispatch;
mod encryption;
mod envelope;
mod filedrop;
mod keys;
mod locks;
mod metadata;
mod ordered_json;
mod outcome;
mod share_object;
mod shares;
mod target;
mod users;
mod xml;

pub(crate) use dispatch::handle;
pub(crate) use target::{Target, endpoint};
