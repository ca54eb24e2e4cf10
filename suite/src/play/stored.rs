//! What the server has at the end, and the keys that were made during the play.

use e2ee_mock_server::Tenant;
use e2ee_mock_server::model::{FileId, KeyOwner};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, KeyDerivation};

use crate::scenario::Derivation;
use crate::transcript::{Secrets, StoredFolder};

/// Every encrypted folder with all that is below it.
pub(super) fn folders(tenant: &Tenant) -> Vec<StoredFolder> {
    let model = tenant.model();
    let folder = |(id, parent): (FileId, Option<FileId>)| {
        let inside = model.children(id).into_iter().filter_map(|child| model.node(child));
        let files = inside.filter_map(|node| {
            Some((node.name().to_owned(), node.content()?.to_bytes().unwrap_or_default()))
        });
        Some(StoredFolder {
            id: id.number(),
            parent: parent.map(FileId::number),
            owner: model.owner(id).unwrap_or_default().to_owned(),
            name: model.node(id)?.name().to_owned(),
            metadata: model.metadata(id).map(|metadata| metadata.document.clone()),
            files: files.collect(),
        })
    };
    model.encrypted_trees().into_iter().filter_map(folder).collect()
}

/// Opens the private keys of identities that a client has made, with the mnemonics that it has shown.
pub(super) fn open_made_keys(tenant: &Tenant, secrets: &mut Secrets, derived: &dyn KeyDerivation) {
    for (user, secrets) in &mut secrets.users {
        let (None, Some(mnemonic)) = (&secrets.private_key, &secrets.mnemonic) else { continue };
        let owner = user.strip_prefix("s:").map_or(KeyOwner::User(user), KeyOwner::Link);
        let blob = tenant.model().private_key(owner).map(str::to_owned);
        let key = blob.and_then(|blob| {
            let mnemonic = Mnemonic::parse(mnemonic).ok()?;
            private_key_blob::open_with(&blob, &mnemonic, derived).ok()
        });
        if let Some((key, kdf)) = key {
            secrets.private_key = Some(key.to_pem().to_string());
            secrets.derivation = Derivation::of(kdf);
        }
    }
}
