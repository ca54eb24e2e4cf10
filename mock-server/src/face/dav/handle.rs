//! Which method does what.

use super::error::DavError;
use super::request::Scope;
use super::{
    bulk, collections, download, fake_locks, places, preconditions, propfind, proppatch, public, report,
    trash, uploads, user_locks, write,
};
use crate::exchange::Endpoint;
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::face::{login::Login, user_agent};
use crate::model::CollectionKind;

const NO_BASIC: &str = "No 'Authorization: Basic' header found. Either the client didn't send one, or the server is \
    misconfigured";
const NO_BEARER: &str = "No 'Authorization: Bearer' header found. Either the client didn't send one, or the server is \
    mis-configured";
const WRONG: &str = "Username or password was incorrect";
const PREFACE: &str = "No public access to this resource., This request is not for a federated calendar";

/// What a path below `remote.php` names.
#[derive(Debug)]
pub(crate) enum Tree<'p> {
    /// A user's files; `None` is the old address that stands for whoever is logged in.
    Files { user: Option<&'p str>, path: &'p [String] },
    /// What a link shares; `None` is the old address, where the token is the name of HTTP Basic.
    Public { token: Option<&'p str>, path: &'p [String] },
    /// Uploads in chunks.
    Uploads { user: &'p str, path: &'p [String] },
    /// Calendars or address books.
    Collections { kind: CollectionKind, user: &'p str, path: &'p [String] },
    /// The root of DAV.
    Root,
    /// A user as a principal.
    Principal { user: &'p str },
    /// Versions of files.
    Versions { path: &'p [String] },
    /// The trash bin.
    Trash { path: &'p [String] },
    /// Many files in one request.
    Bulk,
    /// What does not exist here.
    Other,
}

/// The operation that a method on something is.
pub(crate) fn endpoint(tree: &Tree<'_>, method: &str) -> Endpoint {
    match tree {
        Tree::Files { .. } | Tree::Public { .. } => file_endpoint(method),
        Tree::Uploads { .. } if method == "PUT" => Endpoint::PutChunk,
        Tree::Uploads { .. } if method == "MOVE" => Endpoint::MoveChunks,
        Tree::Bulk if method == "POST" => Endpoint::PostBulk,
        _ => Endpoint::Other,
    }
}

fn file_endpoint(method: &str) -> Endpoint {
    match method {
        "PROPFIND" => Endpoint::Propfind,
        "GET" => Endpoint::GetFile,
        "HEAD" => Endpoint::HeadFile,
        "PUT" => Endpoint::PutFile,
        "MKCOL" => Endpoint::Mkcol,
        "MOVE" => Endpoint::Move,
        "COPY" => Endpoint::Copy,
        "LOCK" => Endpoint::LockFile,
        "UNLOCK" => Endpoint::UnlockFile,
        "DELETE" => Endpoint::DeleteFile,
        "PROPPATCH" => Endpoint::Proppatch,
        "REPORT" => Endpoint::Report,
        _ => Endpoint::Other,
    }
}

/// Answers a DAV request.
pub(crate) fn handle(call: &mut Call<'_>, tree: &Tree<'_>) -> Reply {
    let method = call.head.method.as_str();
    let reply = answer(call, tree).unwrap_or_else(DavError::into_reply);
    if method == "HEAD" && reply.status != 200 {
        return Reply { body: bytes::Bytes::new(), file: None, ..reply };
    }
    reply
}

fn answer(call: &mut Call<'_>, tree: &Tree<'_>) -> Result<Reply, DavError> {
    let head = call.head;
    if let Tree::Public { token, path } = *tree {
        return public::handle(call, token, path);
    }
    let user = call.user().ok_or_else(|| not_logged_in(head.login))?;
    if user_agent::is_legacy(&head.user_agent()) {
        let text = "This version of the client is unsupported. Upgrade to \
            <a href=\"https://nextcloud.com/install/#install-clients\">version 3.1.0 or later</a>.";
        return Err(DavError::forbidden(text));
    }
    if let Some(reply) = fake_locks::answer(head) {
        return Ok(reply);
    }
    match *tree {
        Tree::Files { user: named, path } => {
            let scope = Scope::new(call, user, named, path);
            files(call, &scope).map(|reply| fake_locks::offer(head, reply))
        }
        Tree::Uploads { user, path } => uploads::handle(call, user, path),
        Tree::Collections { kind, user, path } => collections::handle(call, kind, user, path),
        Tree::Root => places::root(call),
        Tree::Principal { user } => places::user_principal(call, user),
        Tree::Versions { path } => places::versions(call, path),
        Tree::Trash { path } => trash::handle(call, path),
        Tree::Bulk => bulk::upload(call, user),
        Tree::Public { .. } | Tree::Other => Err(places::nowhere()),
    }
}

/// Answers a request about files.
pub(super) fn files(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    let head = call.head;
    if matches!(
        head.method.as_str(),
        "GET" | "HEAD" | "PUT" | "DELETE" | "MOVE" | "COPY" | "MKCOL" | "PROPFIND"
    ) && let Some(reply) = preconditions::check(call, scope)?
    {
        return Ok(reply);
    }
    if let Some(reply) = user_locks::answer(call, scope)? {
        return Ok(reply);
    }
    match head.method.as_str() {
        "PROPFIND" => propfind::propfind(call, scope),
        "GET" | "HEAD" => download::download(call, scope),
        "PUT" => write::put(call, scope),
        "MKCOL" => write::make_folder(call, scope),
        "DELETE" => write::delete(call, scope),
        "MOVE" => write::relocate(call, scope, false),
        "COPY" => write::relocate(call, scope, true),
        "PROPPATCH" => proppatch::proppatch(call, scope),
        "REPORT" => report::report(call, scope),
        "OPTIONS" => Ok(Reply::empty(200).header("dav", scope.dav_header()).header("allow", DavError::ALLOW)),
        method => Err(DavError::not_implemented(method)),
    }
}

fn not_logged_in(login: Login) -> DavError {
    let (basic, bearer, again) = match login {
        Login::Wrong => (WRONG, NO_BEARER, WRONG),
        Login::Bearer => (NO_BASIC, "Bearer token was incorrect", NO_BASIC),
        Login::Anonymous | Login::Right => (NO_BASIC, NO_BEARER, NO_BASIC),
    };
    let text = format!("{PREFACE}, {basic}, {bearer}, {again}");
    DavError::new(401, r"Sabre\DAV\Exception\NotAuthenticated", text)
        .header("www-authenticate", "Basic realm=\"Nextcloud\", charset=\"UTF-8\"")
}
