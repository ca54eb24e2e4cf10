//! A candidate with everything that several rules ask for, computed once.

use super::candidate::{Candidate, Known, Pins};
use crate::backend::backend;
use crate::certificate::Certificate;
use crate::error::Error;
use crate::metadata::User;
use crate::signature::{Signature, SignatureError};

pub(crate) struct Case<'a> {
    pub(super) candidate: &'a Candidate<'a>,
    pub(super) pins: &'a Pins,
    pub(super) known: Option<&'a Known>,
    /// The members that the document itself lists.
    pub(super) listed: Vec<Member<'a>>,
    /// The members of the root when the document is a subfolder's.
    of_root: Option<Vec<Member<'a>>>,
    pub(super) signature: Examined,
    /// SHA-256 of the signed content.
    pub(super) content_digest: [u8; 32],
}

pub(super) struct Member<'a> {
    pub(super) user_id: &'a str,
    pub(super) certificate: Result<Certificate, Error>,
}

/// What a look at the signature found.
pub(super) enum Examined {
    Absent,
    Invalid(SignatureError),
    /// Well formed and over this content.
    Fitting {
        /// The member whose key made it.
        by_key: Option<usize>,
        /// The member whom it names by issuer and serial number, which proves nothing.
        by_name: Option<usize>,
        /// Whether at least a certificate inside it holds the key that made it, if no member does.
        by_embedded: bool,
    },
}

impl<'a> Case<'a> {
    pub(super) fn new(candidate: &'a Candidate<'a>, pins: &'a Pins, known: Option<&'a Known>) -> Self {
        let listed = members(candidate.document.users());
        let of_root = candidate.root_members.map(members);
        let content = candidate.document.signed_content();
        let content_digest = backend().sha256(content.as_bytes());
        let signature = examine(candidate.signature, &content_digest, of_root.as_ref().unwrap_or(&listed));
        Self { candidate, pins, known, listed, of_root, signature, content_digest }
    }

    /// Whether the document is judged as a root folder's.
    pub(super) fn is_root(&self) -> bool {
        self.of_root.is_none()
    }

    /// Who may sign.
    pub(super) fn members(&self) -> &[Member<'a>] {
        self.of_root.as_deref().unwrap_or(&self.listed)
    }

    /// Who signed. By name only if nobody's key fits, which comes this far by an exception alone.
    pub(super) fn signer(&self) -> Option<&Member<'a>> {
        match &self.signature {
            Examined::Fitting { by_key, by_name, by_embedded } => {
                let by_name = by_name.filter(|_| *by_embedded);
                by_key.or(by_name).and_then(|index| self.members().get(index))
            }
            _ => None,
        }
    }
}

fn members(users: &[User]) -> Vec<Member<'_>> {
    users.iter().map(|user| Member { user_id: &user.user_id, certificate: user.certificate() }).collect()
}

fn examine(signature: &str, content_digest: &[u8; 32], members: &[Member<'_>]) -> Examined {
    let signature = match Signature::parse(signature) {
        Ok(signature) => signature,
        Err(SignatureError::Missing) => return Examined::Absent,
        Err(error) => return Examined::Invalid(error),
    };
    if let Err(error) = signature.check_digest(content_digest) {
        return Examined::Invalid(error);
    }
    let find = |fits: &dyn Fn(&Certificate) -> bool| {
        members.iter().position(|member| member.certificate.as_ref().is_ok_and(fits))
    };
    let by_name = find(&|certificate| signature.names(certificate));
    // Almost always the one that it names: try him first.
    let named = by_name.filter(|index| is_by(&signature, &members[*index]));
    let by_key = named.or_else(|| find(&|certificate| signature.is_by(certificate.public_key())));
    let by_embedded = by_key.is_none() && signature.is_by_embedded();
    Examined::Fitting { by_key, by_name, by_embedded }
}

fn is_by(signature: &Signature, member: &Member<'_>) -> bool {
    member.certificate.as_ref().is_ok_and(|certificate| signature.is_by(certificate.public_key()))
}
