//! What of a request outlives it.
//!
//! Every line of the logs of Nextcloud, the audit log among them, has the method and address of the request, with its
//! parameters, and the user agent. Web servers write the request line, and most of them the referrer and the user agent, into
//! access logs. The audit log names the path of what is read, created, written, copied and removed, of what is moved the old one
//! and the new one, and of what is shared the path and with whom. What stands there is
//! left when the file is gone, and read by people and programs that have no access to files.

/// The name of the request line.
pub(super) const REQUEST_LINE: &str = "the request line (kept in access and audit logs)";

/// The name of a header.
pub(super) fn header(name: &str) -> String {
    let kept = match name.to_ascii_lowercase().as_str() {
        "user-agent" => " (kept in access and audit logs)",
        "referer" => " (kept in access logs)",
        // Of MOVE and COPY: where something lies then.
        "destination" => " (kept in audit logs once it is done)",
        _ => "",
    };
    format!("the header {name}{kept}")
}
