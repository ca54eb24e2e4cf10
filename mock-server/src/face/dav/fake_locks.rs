//! WebDAV locks for those who write only where there are some: Finder, OneNote and Windows Explorer. Nothing is locked.
//! Nobody else is offered any.

use openssl::hash::{MessageDigest, hash};

use super::multistatus::{NEXTCLOUD, OWNCLOUD};
use super::xml::escape;
use crate::face::call::Head;
use crate::face::reply::Reply;

/// Whether the client is one of them.
pub(super) fn are_for(head: &Head) -> bool {
    let agent = head.user_agent();
    agent.contains("WebDAVFS") || agent.contains("OneNote") || agent.starts_with("Microsoft-WebDAV")
}

/// The answer to LOCK and UNLOCK, whatever they are about.
pub(super) fn answer(head: &Head) -> Option<Reply> {
    match head.method.as_str() {
        "LOCK" if are_for(head) => Some(Reply::new(200, Reply::HTML, lock(head))),
        "UNLOCK" if are_for(head) => Some(Reply::empty(204)),
        _ => None,
    }
}

/// Tells such a client that there are locks.
pub(super) fn offer(head: &Head, mut reply: Reply) -> Reply {
    if are_for(head) {
        for (name, value) in &mut reply.headers {
            match *name {
                "dav" => *value += ", 2",
                "allow" => *value += ", LOCK, UNLOCK",
                _ => {}
            }
        }
    }
    reply
}

/// What `d:supportedlock` says to them.
pub(super) const SUPPORTED: &str = "<d:lockentry><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>\
    <d:lockentry><d:lockscope><d:shared/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>";

fn lock(head: &Head) -> String {
    let path = head.path.get(2..).unwrap_or_default().join("/");
    let token = hash(MessageDigest::md5(), path.as_bytes()).map(hex::encode).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\"?>\n<d:prop xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" xmlns:oc=\"{OWNCLOUD}\" \
         xmlns:nc=\"{NEXTCLOUD}\"><d:lockdiscovery><d:activelock><d:lockscope><d:exclusive/></d:lockscope>\
         <d:locktype><d:write/></d:locktype><d:lockroot><d:href>{}</d:href></d:lockroot><d:depth>infinity</d:depth>\
         <d:timeout>Second-1800</d:timeout><d:locktoken><d:href>opaquelocktoken:{token}</d:href></d:locktoken>\
         </d:activelock></d:lockdiscovery></d:prop>\n",
        escape(&path)
    )
}
