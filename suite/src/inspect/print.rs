//! An examination as text.

use std::io::{self, Write};

use e2ee_reference::certificate::Certificate;

use super::examine::{Examination, Opened};
use super::rules::State;
use crate::report::clean;

/// Prints what was found. File keys only if `show_keys`.
///
/// # Errors
/// The writer's.
pub fn print(out: &mut impl Write, found: &Examination, show_keys: bool) -> io::Result<()> {
    let kind = if found.document.is_root() { "root folder" } else { "subfolder" };
    writeln!(out, "metadata {}, {kind}", found.document.version())?;
    writeln!(out, "\nmembers")?;
    for (user, certificate) in &found.certificates {
        match certificate {
            Ok(certificate) => member(out, user, certificate)?,
            Err(reason) => writeln!(out, "  {:12} certificate not readable: {reason}", clean(user))?,
        }
    }
    match &found.signature {
        Ok(signer) => writeln!(out, "\nsignature    valid, by {}", clean(signer))?,
        Err(reason) => writeln!(out, "\nsignature    WRONG: {reason}")?,
    }
    match &found.opened {
        Ok(opened) => contents(out, opened, show_keys)?,
        Err(reason) => writeln!(out, "\ncontents     not opened: {reason}")?,
    }
    if !found.filedrop.is_empty() {
        writeln!(out, "\nfiledrop     {} entries", found.filedrop.len())?;
        for (id, name) in &found.filedrop {
            match name {
                Ok(name) => writeln!(out, "  {}  {}", clean(id), clean(name))?,
                Err(reason) => writeln!(out, "  {}  {reason}", clean(id))?,
            }
        }
    }
    writeln!(out, "\nrules")?;
    for rule in &found.rules {
        let ids = rule.requirements.join(", ");
        match &rule.state {
            State::Ok => writeln!(out, "  ok     {:30} {}", rule.name, rule.summary)?,
            State::Wrong(why) => writeln!(out, "  WRONG  {:30} {} ({ids})", rule.name, clean(why))?,
            State::Odd(why) => writeln!(out, "  odd    {:30} {} ({ids})", rule.name, clean(why))?,
            State::Unchecked(what) => writeln!(out, "  -      {:30} not checked: {what}", rule.name)?,
        }
    }
    let verdict = if found.is_wrong() { "something is WRONG" } else { "nothing wrong found" };
    writeln!(out, "\n{verdict}")
}

fn member(out: &mut impl Write, user: &str, certificate: &Certificate) -> io::Result<()> {
    writeln!(
        out,
        "  {:12} subject {}, issuer {}, RSA {}",
        clean(user),
        clean(certificate.common_name().unwrap_or("?")),
        clean(&issuer(certificate)),
        certificate.public_key().bits()
    )?;
    writeln!(out, "  {:12} SHA-256 {}", "", hex::encode(certificate.fingerprint()))
}

fn contents(out: &mut impl Write, opened: &Opened, show_keys: bool) -> io::Result<()> {
    let contents = &opened.contents;
    writeln!(out, "\ncontents     opened with the key of {}", clean(&opened.user))?;
    let deleted = if contents.deleted { "yes" } else { "no" };
    writeln!(out, "  counter {}, deleted {deleted}", contents.counter)?;
    let own = opened.key.checksum();
    writeln!(out, "  key checksums")?;
    for checksum in &contents.key_checksums {
        let mark = if *checksum == own { " (the key in use)" } else { "" };
        writeln!(out, "    {}{mark}", clean(checksum))?;
    }
    writeln!(out, "  folders {}", contents.folders.len())?;
    for (id, name) in &contents.folders {
        writeln!(out, "    {}  {}", clean(id), clean(name))?;
    }
    writeln!(out, "  files {}", contents.files.len())?;
    for (id, file) in &contents.files {
        let (nonce, tag) = (file.nonce.len(), file.authentication_tag.len());
        let (name, mimetype) = (clean(&file.filename), clean(&file.mimetype));
        writeln!(out, "    {}  {name}  {mimetype}  nonce {nonce} bytes, tag {tag} bytes", clean(id))?;
        if show_keys {
            writeln!(
                out,
                "      key {}, nonce {}",
                hex::encode(file.key.as_bytes()),
                hex::encode(&file.nonce)
            )?;
        }
    }
    for (id, damaged) in &contents.damaged {
        writeln!(out, "    {}  DAMAGED: {}", clean(id), damaged.error)?;
    }
    Ok(())
}

/// The common name in the issuer's distinguished name.
fn issuer(certificate: &Certificate) -> String {
    const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
    let der = certificate.issuer_der();
    let at = der.windows(COMMON_NAME.len()).position(|window| window == COMMON_NAME);
    let value = at.and_then(|at| der.get(at + COMMON_NAME.len()..)).unwrap_or_default();
    match value {
        [_, length, rest @ ..] if *length < 0x80 => {
            String::from_utf8_lossy(rest.get(..usize::from(*length)).unwrap_or_default()).into_owned()
        }
        _ => "?".to_owned(),
    }
}
