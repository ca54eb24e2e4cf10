//! What the server says it can do.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::outcome::{Outcome, Prepared};
use crate::face::call::Call;
use crate::face::status::VERSION_STRING;
use crate::model::KeyOwner;

const NAME: &str = "end-to-end-encryption";

/// The last answer of a tenant: clients ask before whatever they do, and seldom is it another one.
#[derive(Debug, Default)]
pub(crate) struct LastAnswer(Mutex<Option<(Facts, Arc<Prepared>)>>);

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq)]
struct Facts {
    logged_in: bool,
    user_locks: bool,
    /// What is told of end-to-end encryption; `Null` leaves the member out.
    encryption: Value,
}

/// `GET cloud/capabilities`. Who is not logged in learns little.
pub(crate) fn get(call: &mut Call<'_>) -> Outcome {
    let mut facts = Facts { logged_in: call.user().is_some(), user_locks: false, encryption: Value::Null };
    if let Some(user) = call.user() {
        let model = call.model();
        facts.user_locks = model.has_user_locks();
        let owner = KeyOwner::User(user);
        let keys_exist = model.certificate(owner).is_some() && model.private_key(owner).is_some();
        let api_version = model.announced().to_owned();
        drop(model);
        let honest = json!({ "enabled": true, "api-version": api_version, "keys-exist": keys_exist });
        facts.encryption = call.told.capabilities(honest);
    }
    let mut last = call.tenant.capabilities.0.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match &*last {
        Some((of, answer)) if *of == facts => Arc::clone(answer),
        _ => {
            let origin = format!("{}{}", call.tenant.origin, call.tenant.prefix);
            let answer = Arc::new(answer(&origin, facts.clone()));
            *last = Some((facts, Arc::clone(&answer)));
            answer
        }
    };
    Outcome::Prepared(answer)
}

fn answer(origin: &str, facts: Facts) -> Prepared {
    let etag = format!("\"{}\"", digest(&format!("{origin} {facts:?}")));
    let mut capabilities = if facts.logged_in { for_users() } else { json!({}) };
    capabilities["bruteforce"] = json!({ "delay": 0, "allow-listed": false });
    capabilities["theming"] = theming(origin);
    if facts.user_locks {
        capabilities["files"]["locking"] = json!("1.0");
        capabilities["files"]["api-feature-lock-type"] = json!(true);
    }
    if !facts.encryption.is_null() {
        capabilities[NAME] = facts.encryption;
    }
    let data = json!({
        "version": {
            "major": 32,
            "minor": 0,
            "micro": 1,
            "string": VERSION_STRING,
            "edition": "",
            "extendedSupport": false,
        },
        "capabilities": capabilities,
    });
    Prepared::new(data.into(), ("etag", etag))
}

/// What is offered here and clients look at.
fn for_users() -> Value {
    json!({
        "core": {
            "pollinterval": 60,
            "webdav-root": "remote.php/webdav",
            "reference-api": false,
            "mod-rewrite-working": false,
        },
        "files": {
            "forbidden_filenames": [".htaccess"],
            "forbidden_filename_basenames": [],
            "forbidden_filename_characters": ["\\", "/"],
            "forbidden_filename_extensions": [".filepart", ".part"],
            "bigfilechunking": true,
            "chunked_upload": { "max_size": 104_857_600, "max_parallel_count": 5 },
            "comments": false,
            "undelete": true,
            "versioning": true,
        },
        "dav": {
            "chunking": "1.0",
            "public_shares_chunking": false,
            "bulkupload": "1.0",
            "absence-supported": true,
            "absence-replacement": true,
        },
        "files_sharing": {
            "api_enabled": true,
            "public": { "enabled": true, "upload": true, "multiple_links": true },
            "resharing": true,
            "user": { "send_mail": false, "expire_date": { "enabled": false } },
            "group_sharing": true,
            "group": { "enabled": true, "expire_date": { "enabled": false } },
            "default_permissions": 31,
            "federation": { "outgoing": false, "incoming": false, "expire_date": { "enabled": false } },
            "sharee": { "query_lookup_default": false, "always_show_unique": true },
        },
        "provisioning_api": { "version": "1.22.0", "AccountPropertyScopesVersion": 2 },
    })
}

fn theming(origin: &str) -> Value {
    json!({
        "name": "Nextcloud",
        "productName": "Nextcloud",
        "url": "https://nextcloud.com",
        "slogan": "a safe home for all your data",
        "color": "#00679e",
        "color-text": "#ffffff",
        "color-element": "#00679e",
        "logo": format!("{origin}/core/img/logo/logo.svg"),
    })
}

/// Sixteen hexadecimal digits that depend on what makes answers different (FNV-1a); an ETag need not be hard to forge.
fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
