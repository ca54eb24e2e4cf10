//! Errors as Sabre tells them.

use super::xml::escape;
use crate::face::reply::Reply;
use crate::model::WriteError;

/// A refusal of DAV.
#[derive(Debug)]
pub(super) struct DavError {
    status: u16,
    /// The name of the PHP class.
    exception: &'static str,
    message: String,
    /// Core's own exceptions say once more why, and whether to try again.
    with_reason: bool,
    headers: Vec<(&'static str, String)>,
}

impl DavError {
    /// The methods of a file, in the header `Allow`.
    pub(super) const ALLOW: &str = "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT";

    pub(super) fn new(status: u16, exception: &'static str, message: impl Into<String>) -> Self {
        Self { status, exception, message: message.into(), with_reason: false, headers: Vec::new() }
    }

    pub(super) fn not_found(message: String) -> Self {
        Self::new(404, r"Sabre\DAV\Exception\NotFound", message)
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, r"Sabre\DAV\Exception\BadRequest", message)
    }

    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(403, r"Sabre\DAV\Exception\Forbidden", message)
    }

    pub(super) fn conflict(message: &str) -> Self {
        Self::new(409, r"Sabre\DAV\Exception\Conflict", message)
    }

    pub(super) fn precondition(message: &str) -> Self {
        Self::new(412, r"Sabre\DAV\Exception\PreconditionFailed", message)
    }

    /// Somebody else has locked the file for editing.
    pub(super) fn locked() -> Self {
        Self::new(423, r"OCA\DAV\Connector\Sabre\Exception\FileLocked", "The file is locked by another user")
    }

    pub(super) fn report_not_supported() -> Self {
        Self::new(415, r"Sabre\DAV\Exception\ReportNotSupported", "")
    }

    pub(super) fn too_much() -> Self {
        Self::new(507, r"Sabre\DAV\Exception\InsufficientStorage", "There is too much already")
    }

    pub(super) fn not_allowed(message: &str) -> Self {
        Self::new(405, r"Sabre\DAV\Exception\MethodNotAllowed", message).header("allow", Self::ALLOW)
    }

    pub(super) fn not_implemented(method: &str) -> Self {
        let text =
            format!("There was no plugin in the system that was willing to handle this {method} method.");
        Self::new(501, r"Sabre\DAV\Exception\NotImplemented", text)
    }

    /// An encrypted folder, and a client that does not support them.
    pub(super) fn unsupported_client(user_agent: &str) -> Self {
        let text = format!("Client \"{user_agent}\" is not allowed to access end-to-end encrypted content");
        Self::core_forbidden(text)
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn maybe(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// What a refused write is; `missing` is the text for a node that does not exist.
    pub(super) fn of_write(error: WriteError, user_agent: &str, missing: String) -> Self {
        const GATE: &str = "Write access to end-to-end encrypted folder requires token";
        match error {
            WriteError::UnsupportedClient => Self::unsupported_client(user_agent),
            WriteError::NoToken => Self::core_forbidden(format!("{GATE} - no token sent")),
            WriteError::WrongToken => {
                let text = format!("{GATE} - resource not locked or wrong token sent");
                Self::new(423, r"OCA\DAV\Connector\Sabre\Exception\FileLocked", text)
            }
            WriteError::Mixed => Self::core_forbidden(
                "Cannot copy or move files from non-encrypted folders to end to end encrypted folders or vice versa.",
            ),
            WriteError::ReservedSuffix => Self::forbidden("Not allowed to create file with reserved suffix!"),
            WriteError::NotFound => Self::not_found(missing),
            WriteError::NoParent => Self::conflict(""),
            WriteError::Exists => Self::not_allowed("The resource you tried to create already exists"),
            WriteError::DestinationExists => Self::precondition(
                "The destination node already exists, and the overwrite header is set to false",
            ),
            WriteError::IntoItself => {
                Self::conflict("The destination may not be part of the same subtree as the source path.")
            }
            WriteError::WrongKind => Self::conflict("PUT is not allowed on non-files."),
            WriteError::Permission => Self::core_forbidden(""),
            WriteError::TooDeep => Self::core_forbidden("Path length is too long"),
        }
    }

    pub(super) fn into_reply(self) -> Reply {
        let Self { status, exception, message, with_reason, headers } = self;
        let message = escape(&message);
        let reason = if with_reason {
            format!(
                "\n  <o:retry xmlns:o=\"o:\">false</o:retry>\n  <o:reason xmlns:o=\"o:\">{message}</o:reason>"
            )
        } else {
            String::new()
        };
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<d:error xmlns:d=\"DAV:\" \
             xmlns:s=\"http://sabredav.org/ns\">\n  <s:exception>{exception}</s:exception>\n  \
             <s:message>{message}</s:message>{reason}\n</d:error>\n"
        );
        let mut reply = Reply::new(status, Reply::XML, body);
        reply.headers.extend(headers.into_iter().map(|(name, value)| (name, value.into())));
        reply
    }

    fn core_forbidden(message: impl Into<String>) -> Self {
        let error = Self::new(403, r"OCA\DAV\Connector\Sabre\Exception\Forbidden", message);
        Self { with_reason: true, ..error }
    }
}
