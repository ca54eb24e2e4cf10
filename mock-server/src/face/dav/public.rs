//! Files that a link shares, for those who know its token. Neither locks nor the app's redirects apply.

use super::error::DavError;
use super::handle::files;
use super::request::{Scope, encode_name};
use super::write;
use crate::face::call::Call;
use crate::face::login::credentials;
use crate::face::reply::Reply;
use crate::model::Permissions;

/// Answers a request about a path below what is shared. `None`: the token is the name of HTTP Basic, as on the old
/// address.
pub(super) fn handle(call: &mut Call<'_>, token: Option<&str>, path: &[String]) -> Result<Reply, DavError> {
    let basic = || {
        let header = call.head.header("authorization")?;
        Some(credentials(header.split_once(' ')?.1)?.0)
    };
    let named = token.map(str::to_owned).or_else(basic).unwrap_or_default();
    let model = call.model();
    let share = model.link(&named).ok_or_else(|| DavError::not_found(String::new()))?;
    let permissions = share.permissions;
    let owner = model.owner(share.node).unwrap_or_default().to_owned();
    let shared = model.path_of(share.node).unwrap_or_default();
    drop(model);
    let shared: Vec<String> = shared.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let hidden = shared.len();
    let whole: Vec<String> = shared.into_iter().chain(path.iter().cloned()).collect();
    let prefix = &call.tenant.prefix;
    let base = match token {
        Some(token) => format!("{prefix}/public.php/dav/files/{}", encode_name(token)),
        None => format!("{prefix}/public.php/webdav"),
    };
    let drop_only = !permissions.contains(Permissions::READ);
    let method = call.head.method.as_str();
    if drop_only && method != "PUT" {
        return Err(DavError::not_allowed("Only PUT is allowed on files drop"));
    }
    if path.is_empty() && matches!(method, "DELETE" | "MOVE") {
        return Err(DavError::forbidden("Permission denied to delete or move what is shared"));
    }
    if !drop_only {
        return files(call, &Scope::public(&owner, permissions, &whole, hidden, base));
    }
    let free = free_name(call, &owner, whole);
    let scope = Scope::public(&owner, permissions, &free, hidden, base);
    let mut reply = write::put(call, &scope)?;
    // Who only drops does not learn which file it became.
    reply.headers.retain(|(name, _)| *name != "oc-fileid");
    Ok(reply)
}

/// The path, or the first of `name (2)` … that is free: nobody overwrites in a file drop.
fn free_name(call: &mut Call<'_>, owner: &str, mut path: Vec<String>) -> Vec<String> {
    let Some(name) = path.pop() else { return path };
    let model = call.model();
    let (stem, extension) = match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => name.split_at(at),
        None => (name.as_str(), ""),
    };
    let numbered = (2u32..).map(|n| format!("{stem} ({n}){extension}"));
    for candidate in std::iter::once(name.clone()).chain(numbered) {
        path.push(candidate);
        if model.resolve(owner, &path).is_none() {
            break;
        }
        path.pop();
    }
    path
}
