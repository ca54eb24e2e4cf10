//! Everything that a client has to refuse, as named rules.
//!
//! A document that parses, opens and carries a signature is not yet to be believed: the server holds the key
//! that certifies users, keeps all old documents, and can write any document whose key it chose itself. What
//! a client can hold against it is what it has seen before: [`Pins`] (the server key and everybody's
//! certificate, trusted on first use) and [`Known`] (the last accepted state of each folder).
//!
//! [`judge`] asks every rule of [`RULES`] in order and stops at the first that refuses. [`check_certificate`]
//! does so for a certificate that came from the server, [`check_entry`] for one name inside a folder.
//! Documents of 1.x have rules of their own, [`V1_RULES`]. Other versions are not among the rules: they do
//! not even parse.

mod candidate;
mod case;
mod certificates;
mod entries;
mod exceptions;
mod judge;
mod rule;
mod rules;
mod v1;

pub use candidate::{Accepted, Candidate, Known, Notice, Pins, Refusal};
pub use certificates::{CERTIFICATE_RULES, check_certificate};
pub use entries::{ENTRY_RULES, check_entry};
pub use exceptions::Exceptions;
pub use judge::judge;
pub use rule::{Level, Rule};
pub use rules::RULES;
pub use v1::{AcceptedV1, CandidateV1, V1_RULES, judge_v1};
