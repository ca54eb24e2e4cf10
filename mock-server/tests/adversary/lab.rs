//! A server with alice, bob and carol, and alice's encrypted folder `plans`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bytes::Bytes;
use e2ee_mock_server::adversary::{Attacker, Move, MoveError, Stage};
use e2ee_mock_server::model::{FileId, Model, Writer};
use e2ee_mock_server::{Asker, Lie, SignedMetadata};
use e2ee_reference::authority::Authority;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::{self, Contents, Document, FileEntry, MetadataKey, Recipient, Version};
use e2ee_reference::trust::{self, Accepted, Candidate, Exceptions, Known, Pins};
use e2ee_reference::{random, signature};
use serde_json::{Value, json};

/// 2026-01-01.
pub(crate) const NOW: i64 = 1_767_225_600;

/// The people of the golden vectors, whose keys need not be made.
pub(crate) struct People {
    pub(crate) authority: Authority,
    pub(crate) alice: Identity,
    pub(crate) bob: Identity,
    pub(crate) carol: Identity,
}

pub(crate) fn people() -> &'static People {
    static PEOPLE: OnceLock<People> = OnceLock::new();
    PEOPLE.get_or_init(|| {
        let key = |name| {
            let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/golden/keys");
            PrivateKey::from_pem(&std::fs::read_to_string(format!("{keys}/{name}.pem")).unwrap()).unwrap()
        };
        let authority = Authority::from_private_key(key("server"));
        let person = |id| Identity::new(id, authority.certify(id, &key(id), NOW).unwrap(), key(id)).unwrap();
        let (alice, bob, carol) = (person("alice"), person("bob"), person("carol"));
        People { authority, alice, bob, carol }
    })
}

pub(crate) struct Lab {
    pub(crate) model: Model,
    pub(crate) attacker: Attacker,
    pub(crate) folder: FileId,
    pub(crate) key: MetadataKey,
    pub(crate) contents: Contents,
    members: Vec<&'static Identity>,
}

impl Lab {
    /// A folder with one file, whose metadata alice has signed, at counter 1.
    pub(crate) fn new(members: &[&'static Identity]) -> Self {
        let People { alice, bob, carol, .. } = people();
        let mut model = Model::new("oclab");
        for person in [alice, bob, carol] {
            model.add_user(person.user_id());
            model.set_certificate(person.user_id(), Some(person.certificate().to_pem()));
        }
        let writer = Writer { user: "alice", token: None, supported: true, link: None };
        let folder = model.make_folder(writer, &["plans".to_owned()]).unwrap().id;
        model.set_encrypted(folder, true);
        let key = MetadataKey::generate();
        let contents = Contents { key_checksums: vec![key.checksum()], ..Contents::default() };
        let members = members.to_vec();
        let mut lab = Self { model, attacker: Attacker::default(), folder, key, contents, members };
        lab.upload("report.txt", b"the report");
        lab.write(alice);
        lab
    }

    /// Adds a file, not yet to the metadata on the server.
    pub(crate) fn upload(&mut self, filename: &str, content: &[u8]) -> (String, Bytes) {
        let (id, entry, blob) = sealed_file(filename, content);
        self.contents.files.insert(id.clone(), entry);
        self.model.store_file(self.folder, &id, blob.clone(), Some("SHA1:00 WEIRD:1".to_owned())).unwrap();
        (id, blob)
    }

    /// The next metadata, honestly signed.
    pub(crate) fn write(&mut self, signer: &Identity) {
        self.contents.counter += 1;
        let document = self.sealed();
        let signature = signature::sign(&document.signed_content(), signer, NOW).unwrap();
        let told = SignedMetadata { document: document.to_json(), signature: Some(signature) };
        self.model.set_metadata(self.folder, Some(told));
        self.model.set_counter(self.folder, i64::try_from(self.contents.counter).unwrap());
    }

    /// What [`write`](Self::write) would sign.
    pub(crate) fn sealed(&self) -> Document {
        let recipients: Vec<Recipient> = self.members.iter().map(|member| recipient(member)).collect();
        metadata::seal_root(&self.contents, &self.key, &recipients, Version::V2_1).unwrap()
    }

    /// Removes a member: new metadata key, honest metadata.
    pub(crate) fn remove(&mut self, user: &str) {
        self.members.retain(|member| member.user_id() != user);
        self.key = MetadataKey::generate();
        self.contents.key_checksums.push(self.key.checksum());
        self.write(&people().alice);
    }

    pub(crate) fn play(&mut self, it: Value) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let it: Move = serde_json::from_value(it).unwrap();
        let Self { model, attacker, .. } = self;
        it.play(&mut Stage { model, attacker, authority: &people().authority, now: NOW, filter: None })
    }

    /// Plays a move that must leave a lie.
    pub(crate) fn lie(&mut self, it: Value) -> Box<dyn Lie> {
        self.play(it).unwrap().unwrap()
    }

    pub(crate) fn corrupt(&mut self, person: &Identity) {
        self.attacker.learn_private_key(person.user_id(), person.private_key().clone());
        assert!(self.play(json!({ "corrupt": { "user": person.user_id() } })).unwrap().is_none());
    }

    pub(crate) fn stored(&self) -> SignedMetadata {
        self.model.metadata(self.folder).unwrap().clone()
    }

    pub(crate) fn etags(&self) -> Vec<String> {
        let root = self.model.user("alice").unwrap().root();
        [self.folder, root].iter().map(|id| self.model.node(*id).unwrap().etag().to_owned()).collect()
    }

    pub(crate) fn blob(&self, file_id: &str) -> Option<Bytes> {
        let id = self.model.find("alice", &format!("plans/{file_id}"))?;
        self.model.node(id)?.content()?.to_bytes().ok()
    }
}

/// A device that has met alice and bob, and remembers what it accepts.
pub(crate) struct Reader {
    person: &'static Identity,
    pins: Pins,
    known: Option<Known>,
}

impl Reader {
    pub(crate) fn new(person: &'static Identity) -> Self {
        let People { authority, alice, bob, .. } = people();
        let met = [alice, bob].map(|met| (met.user_id().to_owned(), met.certificate().fingerprint()));
        let user_id = person.user_id().to_owned();
        let pins = Pins { user_id, server_key: authority.server_key(), certificates: met.into() };
        Self { person, pins, known: None }
    }

    /// A device that has accepted what is stored now.
    pub(crate) fn of(person: &'static Identity, lab: &Lab) -> Self {
        let mut reader = Self::new(person);
        let (accepted, broken) = reader.look(&lab.stored());
        assert_eq!(broken, [""; 0]);
        reader.known = Some(accepted.known);
        reader
    }

    /// The names of all rules that are broken, and what is accepted once they are switched off: so everything else
    /// about the document is as it should be.
    pub(crate) fn look(&self, told: &SignedMetadata) -> (Accepted, Vec<&'static str>) {
        let document = Document::parse(&told.document).unwrap();
        let metadata_key = document.unwrap_key(self.person.user_id(), self.person.private_key()).unwrap();
        let contents = document.open(&metadata_key).unwrap();
        let candidate = Candidate {
            document: &document,
            signature: told.signature.as_deref().unwrap_or_default(),
            contents: &contents,
            metadata_key: &metadata_key,
            root_members: None,
            listing: None,
            now: NOW,
        };
        let mut broken = Vec::new();
        loop {
            let exceptions = Exceptions::of(&broken).unwrap();
            match trust::judge(&candidate, &self.pins, self.known.as_ref(), &exceptions) {
                Ok(accepted) => return (accepted, broken),
                Err(refusal) => broken.push(refusal.rule),
            }
        }
    }

    pub(crate) fn broken(&self, told: &SignedMetadata) -> Vec<&'static str> {
        self.look(told).1
    }

    /// The rule that refuses a certificate, if any.
    pub(crate) fn certificate_rule(&self, user: &str, pem: &str) -> Option<&'static str> {
        let certificate = Certificate::from_pem(pem).unwrap();
        let judged = trust::check_certificate(user, &certificate, &self.pins, NOW, &Exceptions::default());
        judged.err().map(|refusal| refusal.rule)
    }
}

pub(crate) fn recipient(person: &Identity) -> Recipient {
    Recipient { user_id: person.user_id().to_owned(), certificate: person.certificate().clone() }
}

/// A file as a client seals it: id, entry, stored bytes.
pub(crate) fn sealed_file(filename: &str, content: &[u8]) -> (String, FileEntry, Bytes) {
    let (key, nonce) = (FileKey::generate(), random::array::<12>());
    let sealed = file_cipher::encrypt(&key, &nonce, content).unwrap();
    let entry = FileEntry {
        filename: filename.to_owned(),
        mimetype: "text/plain".to_owned(),
        nonce: nonce.to_vec(),
        authentication_tag: sealed.tag.to_vec(),
        key,
    };
    (random::file_id(), entry, Bytes::from(sealed.bytes))
}

pub(crate) fn asker(user: &str) -> Asker {
    Asker { user: Some(user.to_owned()), device: None }
}

/// The metadata in a map as moves want to see it, for a document that nobody made.
pub(crate) fn somebody_elses(told: &SignedMetadata) -> SignedMetadata {
    SignedMetadata { document: format!("{} ", told.document), ..told.clone() }
}

pub(crate) fn entries(document: &Document) -> BTreeMap<String, metadata::User> {
    document.users().iter().map(|user| (user.user_id.clone(), user.clone())).collect()
}
