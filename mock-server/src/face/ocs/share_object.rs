//! A share as the share API shows it.

use serde_json::{Value, json};

use crate::model::{Model, Share, ShareType};

/// The object for this viewer. `base` is where links lead.
pub(super) fn share_object(model: &Model, share: &Share, viewer: &str, base: &str) -> Option<Value> {
    let node = model.node(share.node)?;
    let owner = model.owner(share.node)?;
    let mine = share.by == viewer || owner == viewer;
    let path = if mine { model.path_of(share.node)? } else { share.target.clone() };
    let storage = if mine { format!("home::{owner}") } else { format!("shared::/{}", share.target) };
    let (item_type, mime_type) = if node.is_folder() {
        ("folder", "httpd/unix-directory")
    } else {
        ("file", "application/octet-stream")
    };
    let mut object = json!({
        "id": share.id.to_string(),
        "share_type": share.kind.number(),
        "uid_owner": share.by,
        "displayname_owner": share.by,
        "permissions": share.permissions.bits(),
        "can_edit": mine,
        "can_delete": true,
        "stime": share.since,
        "parent": null,
        "expiration": null,
        "token": share.token,
        "uid_file_owner": owner,
        "note": "",
        "label": "",
        "displayname_file_owner": owner,
        "path": format!("/{path}"),
        "item_type": item_type,
        "item_permissions": model.rights(viewer, share.node).0.bits(),
        "is-mount-root": !mine,
        "mount-type": if mine { "" } else { "shared" },
        "mimetype": mime_type,
        "has_preview": false,
        "storage_id": storage,
        "storage": 1,
        "item_source": share.node,
        "file_source": share.node,
        "file_parent": node.parent(),
        "file_target": format!("/{}", share.target),
        "item_size": model.size(share.node),
        "item_mtime": node.mtime(),
        "share_with": share.with,
        "share_with_displayname": share.with,
        "mail_send": 0,
        "hide_download": 0,
        "attributes": null,
    });
    match share.kind {
        ShareType::User => {
            object["share_with_displayname_unique"] = json!(share.with);
            object["status"] = json!([]);
        }
        ShareType::Group => {}
        ShareType::Link => {
            let token = share.token.as_deref()?;
            object["share_with_displayname"] = json!("(Shared link)");
            object["password"] = Value::Null;
            object["send_password_by_talk"] = json!(false);
            object["url"] = json!(format!("{base}/index.php/s/{token}"));
        }
    }
    Some(object)
}
