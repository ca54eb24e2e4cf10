//! WebDAV: listings, folders, files.

use super::folder::{LockToken, authorised};
use super::http::{Answer, Http, SUPPORTED, ServerError};
use super::multistatus::{Listing, Node, xml_text};
use super::request::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::HeaderValue;

/// RFC 3986, unreserved characters.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PROPERTIES: &str = r#"<?xml version="1.0"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>
<d:resourcetype/><d:getcontentlength/><d:getlastmodified/><oc:fileid/><oc:permissions/><oc:data-fingerprint/><nc:is-encrypted/></d:prop></d:propfind>"#;

/// A path on the server, as components in the clear.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DavPath(Vec<String>);

impl DavPath {
    pub(crate) fn root() -> Self {
        Self::default()
    }

    pub(crate) fn child(&self, name: &str) -> Self {
        let mut components = self.0.clone();
        components.push(name.into());
        Self(components)
    }

    /// The components with slashes between them.
    pub(crate) fn text(&self) -> String {
        self.0.join("/")
    }
}

impl Http {
    /// The node itself; `None` when it does not exist.
    pub(crate) async fn node(&self, path: &DavPath) -> Result<Option<Node>, ServerError> {
        match self.propfind(path, "0").await {
            Ok(nodes) => Ok(nodes.into_iter().next().map(|(_, node)| node)),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// A folder and what lies in it; `None` when it does not exist.
    pub(crate) async fn folder(&self, path: &DavPath) -> Result<Option<(Node, Vec<Node>)>, ServerError> {
        let nodes = match self.propfind(path, "1").await {
            Ok(nodes) => nodes,
            Err(e) if e.status() == Some(404) => return Ok(None),
            Err(e) => return Err(e),
        };
        let (mut this, mut children) = (None, Vec::new());
        for (of, node) in nodes {
            match of.len().checked_sub(path.0.len()) {
                // The folder comes before what is in it, whose names may be empty.
                Some(0) if this.is_none() => this = Some(node),
                Some(1) => children.push(node),
                _ => {}
            }
        }
        Ok(this.map(|this| (this, children)))
    }

    /// Whose files the server lists as the root, for
    /// [`Defect::ClearsForAnotherRoot`](crate::defects::Defect::ClearsForAnotherRoot).
    pub(crate) async fn owner_of_root(&self) -> Result<Option<String>, ServerError> {
        let answer = self.listing(&DavPath::root(), "0").await?;
        let href = xml_text(&answer.body, "href").unwrap_or_default();
        Ok(href.split("/files/").nth(1).map(|owner| owner.trim_end_matches('/').to_owned()))
    }

    /// Makes a folder and tells its id.
    pub(crate) async fn make_folder(
        &self,
        path: &DavPath,
        token: Option<&LockToken>,
    ) -> Result<u64, ServerError> {
        let request = self.dav("MKCOL", path, token);
        let answer = self.dav_answer("MKCOL", request).await?;
        let id = answer.header("oc-fileid").unwrap_or_default();
        // Zero-padded id and instance id in one.
        let digits = id.find(|c: char| !c.is_ascii_digit()).unwrap_or(id.len());
        id[..digits].parse().map_err(|_| answer.malformed("header `OC-FileId` has no id"))
    }

    pub(crate) async fn put(
        &self,
        path: &DavPath,
        token: Option<&LockToken>,
        bytes: Vec<u8>,
        headers: &[(&str, String)],
    ) -> Result<(), ServerError> {
        let mut request = self.dav("PUT", path, token).body(bytes);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.dav_answer("PUT file", request).await.map(drop)
    }

    /// `None` when it does not exist.
    pub(crate) async fn get(&self, path: &DavPath) -> Result<Option<Vec<u8>>, ServerError> {
        match self.dav_answer("GET file", self.dav("GET", path, None)).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(e) if e.status() == Some(404) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Asks for a small picture of a file, and does not care whether it comes.
    pub(crate) async fn preview(&self, path: &str) {
        let request = self.request(Method::GET, "/index.php/core/preview.png");
        let _ = self.send("GET preview", request.query(&[("file", path), ("x", "32"), ("y", "32")])).await;
    }

    /// Asks the server for what has this text in its name, and does not care what comes.
    pub(crate) async fn search(&self, text: &str) {
        let request = self.request(Method::GET, "/ocs/v2.php/search/providers/files/search");
        let _ = self.send("GET search", request.query(&[("term", text)])).await;
    }

    /// Has an app of the server keep something, at a place below its DAV root.
    pub(crate) async fn post_json(&self, place: &str, what: &serde_json::Value) -> Result<(), ServerError> {
        let request = self.request(Method::POST, &format!("/remote.php/dav/{place}"));
        let request = request.header("Content-Type", "application/json").body(what.to_string());
        self.dav_answer("POST", request).await.map(drop)
    }

    /// A node that is gone already is no error.
    pub(crate) async fn delete(&self, path: &DavPath, token: Option<&LockToken>) -> Result<(), ServerError> {
        match self.dav_answer("DELETE file", self.dav("DELETE", path, token)).await {
            Err(e) if e.status() != Some(404) => Err(e),
            _ => Ok(()),
        }
    }

    /// Moves a node outside of encrypted folders.
    pub(crate) async fn move_plain(&self, from: &DavPath, to: &DavPath) -> Result<(), ServerError> {
        self.relocate("MOVE", from, to, None).await
    }

    /// Copies a node as it is.
    pub(crate) async fn copy(
        &self,
        from: &DavPath,
        to: &DavPath,
        token: Option<&LockToken>,
    ) -> Result<(), ServerError> {
        self.relocate("COPY", from, to, token).await
    }

    async fn relocate(
        &self,
        method: &'static str,
        from: &DavPath,
        to: &DavPath,
        token: Option<&LockToken>,
    ) -> Result<(), ServerError> {
        let request =
            self.dav(method, from, token).header("Destination", self.address(to)).header("Overwrite", "F");
        self.dav_answer(method, request).await.map(drop)
    }

    /// Keeps other users from editing a file, or lets them: the app `files_lock` takes locks with this header.
    pub(crate) async fn lock_file(&self, path: &DavPath, locked: bool) -> Result<(), ServerError> {
        let method = if locked { "LOCK" } else { "UNLOCK" };
        let request = self.dav(method, path, None).header("X-User-Lock", "1");
        self.dav_answer(method, request).await.map(drop)
    }

    async fn propfind(&self, path: &DavPath, depth: &str) -> Result<Listing, ServerError> {
        let answer = self.listing(path, depth).await?;
        self.last_listing.read(&answer.body, self.user()).map_err(|reason| answer.malformed(reason))
    }

    async fn listing(&self, path: &DavPath, depth: &str) -> Result<Answer, ServerError> {
        let mut request = self.dav("PROPFIND", path, None).header("Depth", depth).body(PROPERTIES);
        if self.is_silent {
            request = request.with(SUPPORTED, HeaderValue::from_static("false"));
        }
        self.dav_answer("PROPFIND", request).await
    }

    fn dav(&self, method: &'static str, path: &DavPath, token: Option<&LockToken>) -> Request {
        let request = self.dav_at(method, &self.address_path(path));
        match token {
            Some(token) => authorised(request, token),
            None => request,
        }
    }

    /// A request to what need not be a file.
    pub(super) fn dav_at(&self, method: &'static str, place: &str) -> Request {
        // The names are HTTP tokens.
        self.request(Method::from_bytes(method.as_bytes()).unwrap_or_default(), place)
    }

    fn address_path(&self, path: &DavPath) -> String {
        let mut address = format!("/remote.php/dav/files/{}", utf8_percent_encode(self.user(), SEGMENT));
        for component in if self.joins { joined(&path.0) } else { path.0.clone() } {
            address.push('/');
            address.extend(utf8_percent_encode(&component, SEGMENT));
        }
        address
    }

    pub(super) fn address(&self, path: &DavPath) -> String {
        format!("{}{}", self.base(), self.address_path(path))
    }

    pub(super) async fn dav_answer(&self, what: &str, request: Request) -> Result<Answer, ServerError> {
        let answer = self.send(what, request).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let message = xml_text(&answer.body, "message").unwrap_or_default().chars().take(200).collect();
        Err(ServerError::Status { what: what.into(), status: answer.status, message })
    }
}

/// What [`Defect::JoinsIdentifiers`](crate::defects::Defect::JoinsIdentifiers) makes of components.
fn joined(components: &[String]) -> Vec<String> {
    let mut joined = Vec::new();
    for part in components.iter().flat_map(|component| component.split('/')) {
        match part {
            ".." => drop(joined.pop()),
            part => joined.push(part.to_owned()),
        }
    }
    joined
}
