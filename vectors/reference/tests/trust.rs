//! Each rule refuses exactly what it is for.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::Error;
use e2ee_reference::authority::self_made;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::{
    Contents, Document, MetadataKey, Recipient, User, Version, seal_root, seal_subfolder, with_users,
};
use e2ee_reference::signature::{sign, sign_with};
use e2ee_reference::trust::{
    Accepted, CERTIFICATE_RULES, Candidate, ENTRY_RULES, Exceptions, Known, Level, Pins, RULES, Refusal,
    V1_RULES, check_certificate, check_entry, judge,
};

use crate::common::{NOW, PEOPLE, contents, recipient};

/// Alice's device looks at a document that bob has changed since she last saw it.
struct Scene {
    pins: Pins,
    known: Option<Known>,
    document: Document,
    signature: String,
    contents: Contents,
    key: MetadataKey,
    root_members: Option<Vec<User>>,
    listing: Option<Vec<String>>,
    now: i64,
}

impl Scene {
    fn honest() -> Self {
        Self::with_members(&[recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)], |_| {})
    }

    /// The honest scene with these members and other contents.
    fn with_members(members: &[Recipient], change: impl FnOnce(&mut Contents)) -> Self {
        let key = MetadataKey::generate();
        let mut contents = contents(&key);
        contents.key_checksums.insert(0, "a key of the past".to_owned());
        change(&mut contents);
        let document = seal_root(&contents, &key, members, Version::V2_0).expect("sealed");
        let pin = |identity: &Identity| (identity.user_id().to_owned(), identity.certificate().fingerprint());
        let pinned = BTreeMap::from([pin(&PEOPLE.alice), pin(&PEOPLE.bob)]);
        let known = Known {
            version: Version::V2_0,
            counter: 1,
            content_digest: [0; 32],
            key_checksums: BTreeSet::from(["a key of the past".to_owned()]),
            key_checksum: "a key of the past".to_owned(),
            members: pinned.clone(),
            is_root: true,
        };
        let server_key = PEOPLE.authority.server_key();
        let mut scene = Self {
            pins: Pins { user_id: "alice".to_owned(), server_key, certificates: pinned },
            known: Some(known),
            document,
            signature: String::new(),
            contents,
            key,
            root_members: None,
            listing: Some(vec!["a1".repeat(16), "stranger".to_owned()]),
            now: NOW,
        };
        scene.signed_by(&PEOPLE.bob);
        scene
    }

    fn subfolder() -> Self {
        let mut scene = Self::honest();
        scene.root_members = Some(scene.document.users().to_vec());
        scene.contents.key_checksums.clear();
        scene.document = seal_subfolder(&scene.contents, &scene.key, Version::V2_0).expect("sealed");
        scene.known = scene.known.map(|known| Known { is_root: false, ..known });
        scene.signed_by(&PEOPLE.bob);
        scene
    }

    fn signed_by(&mut self, signer: &Identity) {
        self.signature = sign(&self.document.signed_content(), signer, NOW).expect("signed");
    }

    fn known(&mut self) -> &mut Known {
        self.known.as_mut().expect("a known folder")
    }

    fn judged(&self, exceptions: &Exceptions) -> Result<Accepted, Refusal> {
        let candidate = Candidate {
            document: &self.document,
            signature: &self.signature,
            contents: &self.contents,
            metadata_key: &self.key,
            root_members: self.root_members.as_deref(),
            listing: self.listing.as_deref(),
            now: self.now,
        };
        judge(&candidate, &self.pins, self.known.as_ref(), exceptions)
    }

    fn strictly(&self) -> Result<Accepted, Refusal> {
        self.judged(&Exceptions::default())
    }
}

fn certified(name: &str) -> Recipient {
    let certificate = PEOPLE.authority.certify(name, PEOPLE.eve.private_key(), NOW).expect("a certificate");
    Recipient { user_id: name.to_owned(), certificate }
}

/// A third member beside the two.
fn joined_by(third: Recipient) -> Scene {
    Scene::with_members(&[recipient(&PEOPLE.alice), recipient(&PEOPLE.bob), third], |_| {})
}

fn weak_key() -> PrivateKey {
    let key = openssl::rsa::Rsa::generate(1024).and_then(openssl::pkey::PKey::from_rsa).expect("a key");
    let pem = key.private_key_to_pem_pkcs8().expect("PEM");
    PrivateKey::from_pem(str::from_utf8(&pem).expect("ASCII")).expect("a key")
}

/// For each rule that refuses a document, a scene that breaks this rule alone.
fn broken(rule: &str) -> Scene {
    let mut scene = Scene::honest();
    match rule {
        "root-stays-root" => scene.known().is_root = false,
        "subfolder-without-users" => {
            scene.root_members = Some(scene.document.users().to_vec());
            scene.known().is_root = false;
        }
        "signature-present" => scene.signature = " ".to_owned(),
        "signature-valid" => scene.signature = sign("another document", &PEOPLE.bob, NOW).expect("signed"),
        "signer-is-member" => scene.signed_by(&PEOPLE.eve),
        "signer-bound-to-key" => {
            let forger = PEOPLE.eve.private_key();
            let forgery = self_made(PEOPLE.bob.certificate(), forger, NOW).expect("a forgery");
            scene.signature =
                sign_with(&scene.document.signed_content(), &forgery, forger, NOW).expect("signed");
        }
        "members-unique" => scene = joined_by(recipient(&PEOPLE.bob)),
        "members-certificates-issued" => {
            let certificate = PEOPLE.stranger.certify("dave", PEOPLE.eve.private_key(), NOW).expect("made");
            scene = joined_by(Recipient { user_id: "dave".to_owned(), certificate });
        }
        "members-certificates-named" => {
            scene = joined_by(Recipient { user_id: "dave".to_owned(), ..certified("eve") });
        }
        "members-keys-strong" => {
            let certificate = PEOPLE.authority.certify("dave", &weak_key(), NOW).expect("a certificate");
            scene = joined_by(Recipient { user_id: "dave".to_owned(), certificate });
        }
        "members-certificates-pinned" => {
            scene = Scene::with_members(&[certified("bob"), recipient(&PEOPLE.alice)], |_| {});
            scene.signed_by(&PEOPLE.alice);
        }
        "own-entry-present" => scene.pins.user_id = "zoe".to_owned(),
        "signer-was-member" => {
            scene = joined_by(recipient(&PEOPLE.eve));
            scene.signed_by(&PEOPLE.eve);
        }
        "key-checksum-present" => {
            let members = [recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)];
            scene = Scene::with_members(&members, |contents| drop(contents.key_checksums.pop()));
        }
        "key-history-kept" => drop(scene.known().key_checksums.insert("another key of the past".to_owned())),
        "key-not-returned" => {
            let checksum = scene.key.checksum();
            scene.known().key_checksums.insert(checksum);
        }
        "counter-not-lower" => scene.known().counter = 3,
        "counter-not-reused" => scene.known().counter = 2,
        "listing-belongs" => scene.listing = Some(vec!["c3".repeat(16)]),
        unknown => panic!("no scene for the rule {unknown}"),
    }
    scene
}

#[test]
fn the_honest_scene_is_accepted() {
    for scene in [Scene::honest(), Scene { known: None, ..Scene::honest() }] {
        let accepted = scene.strictly().expect("honest");
        assert_eq!(accepted.signer.as_deref(), Some("bob"));
        assert_eq!((accepted.known.counter, accepted.known.is_root), (2, true));
        assert!(accepted.set_aside.is_empty() && accepted.notices.is_empty() && accepted.new_pins.is_empty());
        // What was accepted is accepted again, unchanged.
        let again = Scene { known: Some(accepted.known.clone()), ..scene };
        assert_eq!(again.strictly().expect("unchanged").known, accepted.known);
    }
    assert_eq!(Scene::subfolder().strictly().expect("honest").signer.as_deref(), Some("bob"));
}

#[test]
fn each_rule_alone_refuses_its_scene() {
    for rule in RULES.iter().filter(|rule| rule.level == Level::Refuse) {
        let scene = broken(rule.name);
        let refusal = scene.strictly().expect_err(rule.name);
        assert_eq!(refusal.rule, rule.name, "{refusal}");
        assert_eq!(refusal.requirements, rule.requirements);
        let lax = scene.judged(&Exceptions::of([rule.name]).expect("a rule"));
        lax.unwrap_or_else(|refusal| panic!("{} is not the only one: {refusal}", rule.name));
    }
}

#[test]
fn each_notice_is_given_for_its_scene_and_accepts_it() {
    for rule in RULES.iter().filter(|rule| rule.level == Level::Notice) {
        let mut scene = Scene::honest();
        match rule.name {
            "version-not-lower" => scene.known().version = Version::V2_1,
            "metadata-tag-matches" => {
                let mut value = scene.document.value().clone();
                value["metadata"]["authenticationTag"] = value["metadata"]["nonce"].clone();
                scene.document = Document::parse(&value.to_string()).expect("a document");
                scene.signed_by(&PEOPLE.bob);
            }
            "members-certificates-in-time" => scene.now += 8000 * 86_400,
            unknown => panic!("no scene for the rule {unknown}"),
        }
        let notices = scene.strictly().expect(rule.name).notices;
        assert_eq!(notices.iter().map(|notice| notice.rule).collect::<Vec<_>>(), [rule.name]);
        let silent = scene.judged(&Exceptions::of([rule.name]).expect("a rule")).expect(rule.name);
        assert!(silent.notices.is_empty());
    }
}

#[test]
fn rules_have_distinct_names_and_sources() {
    let all: Vec<_> = [RULES, CERTIFICATE_RULES, ENTRY_RULES, V1_RULES].concat();
    assert_eq!(all.iter().map(|rule| rule.name).collect::<BTreeSet<_>>().len(), all.len());
    assert!(all.iter().all(|rule| !rule.requirements.is_empty() && !rule.summary.is_empty()));
    assert_eq!(Exceptions::of(["no-such-rule"]), Err(Error::UnknownRule("no-such-rule".to_owned())));
}

#[test]
fn a_member_adds_another_and_he_is_pinned() {
    let scene = joined_by(recipient(&PEOPLE.eve));
    let accepted = scene.strictly().expect("bob may add eve");
    let pin = PEOPLE.eve.certificate().fingerprint();
    assert_eq!(accepted.new_pins, BTreeMap::from([("eve".to_owned(), pin)]));
    let mut pins = scene.pins.clone();
    pins.learn(accepted.new_pins);
    pins.learn(BTreeMap::from([("eve".to_owned(), [0; 32])]));
    assert_eq!(pins.certificates.get("eve"), Some(&pin), "the first pin stays");
}

/// Whoever holds a certificate of the instance appends himself to a document he cannot open, and signs.
#[test]
fn a_stranger_who_adds_himself_is_refused_at_every_counter() {
    for counter in [1, 2] {
        let mut scene = Scene::honest();
        let digest = scene.strictly().expect("honest").known.content_digest;
        let phantom = User { encrypted_metadata_key: "AAAA".to_owned(), ..user(recipient(&PEOPLE.eve)) };
        let users = [scene.document.users(), &[phantom]].concat();
        scene.document = with_users(&scene.document, users);
        scene.signed_by(&PEOPLE.eve);
        *scene.known() = Known { counter, content_digest: digest, ..scene.known().clone() };
        assert_eq!(scene.strictly().expect_err("a phantom").rule, "signer-was-member");
    }
}

/// Metadata that the server made itself, for somebody who has not seen the folder and somebody who has.
#[test]
fn a_chosen_key_is_believed_on_first_sight_only() {
    let mut scene = Scene::with_members(&[recipient(&PEOPLE.alice), recipient(&PEOPLE.eve)], |contents| {
        contents.counter += 1000;
        contents.key_checksums.remove(0);
    });
    scene.signed_by(&PEOPLE.eve);
    assert_eq!(scene.strictly().expect_err("known").rule, "signer-was-member");
    scene.known = None;
    scene.strictly().expect("trust on first use");
}

#[test]
fn a_removed_member_does_not_come_back_by_himself() {
    let mut scene = joined_by(recipient(&PEOPLE.eve));
    let old_key = scene.key.checksum();
    *scene.known() = Known { key_checksum: "newer".to_owned(), ..scene.known().clone() };
    scene.known().key_checksums.extend([old_key, "newer".to_owned()]);
    scene.signed_by(&PEOPLE.eve);
    let mut refused_by = Vec::new();
    while let Err(refusal) = scene.judged(&Exceptions::of(&refused_by).expect("rules")) {
        refused_by.push(refusal.rule);
    }
    assert_eq!(refused_by, ["signer-was-member", "key-history-kept", "key-not-returned"]);
}

#[test]
fn a_subfolder_is_signed_by_members_of_its_root() {
    let mut scene = Scene::subfolder();
    scene.signed_by(&PEOPLE.eve);
    assert_eq!(scene.strictly().expect_err("a stranger").rule, "signer-is-member");
    let mut scene = Scene::subfolder();
    scene.known().counter = 5;
    assert_eq!(scene.strictly().expect_err("a replay").rule, "counter-not-lower");
}

#[test]
fn an_unreadable_certificate_is_nobodys() {
    let mut scene = Scene::honest();
    let mut users = scene.document.users().to_vec();
    users.push(User { user_id: "dave".to_owned(), certificate: "none".to_owned(), ..users[0].clone() });
    scene.document = with_users(&scene.document, users);
    scene.signed_by(&PEOPLE.bob);
    assert_eq!(scene.strictly().expect_err("unreadable").rule, "members-certificates-issued");
    let lax = scene.judged(&Exceptions::of(["members-certificates-issued"]).expect("a rule"));
    assert!(!lax.expect("ignored").known.members.contains_key("dave"));
}

#[test]
fn a_folder_with_one_file_may_have_lost_it() {
    let members = [recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)];
    let mut scene = Scene::with_members(&members, |contents| {
        contents.folders.clear();
        contents.files.pop_last();
    });
    scene.listing = Some(vec!["c3".repeat(16)]);
    scene.strictly().expect("not judged");
    for listing in [None, Some(Vec::new())] {
        Scene { listing, ..Scene::honest() }.strictly().expect("not judged");
    }
}

#[test]
fn names_that_are_paths_are_set_aside_and_the_rest_kept() {
    let paths = ["../../outside", "/tmp/x", "..\\x", "C:\\x", "a/b", "..", ".", "", "nul\0"];
    let members = [recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)];
    let scene = Scene::with_members(&members, |contents| {
        let file = contents.files.values().next().expect("a file").clone();
        for (index, path) in paths.iter().enumerate() {
            contents.files.insert(
                format!("file{index}"),
                e2ee_reference::metadata::FileEntry { filename: (*path).to_owned(), ..file.clone() },
            );
            contents.folders.insert(format!("folder{index}"), (*path).to_owned());
        }
        contents.files.insert("../id".to_owned(), file);
    });
    let set_aside = scene.strictly().expect("accepted").set_aside;
    assert_eq!(set_aside.len(), 2 * paths.len() + 1);
    assert!(set_aside.contains(&("../id".to_owned(), "id-is-plain")));
    let lax = scene.judged(&Exceptions::of(ENTRY_RULES.iter().map(|rule| rule.name)).expect("rules"));
    assert!(lax.expect("accepted").set_aside.is_empty());
}

#[test]
fn entry_rules_let_honest_names_and_ids_pass() {
    let strict = Exceptions::default();
    for name in ["a", "..a", "a b", "ü€😀", "report.txt", ".hidden", "C:x", "a\nb"] {
        check_entry("E2EE0123456789ABCDEF0123456789ABCDEF", name, &strict).expect(name);
    }
    for id in ["", "a/b", "..", "%2e", "id?x=1", "ü", "a b", &"a".repeat(65)] {
        assert_eq!(check_entry(id, "name", &strict).expect_err(id).rule, "id-is-plain");
        check_entry(id, "name", &Exceptions::of(["id-is-plain"]).expect("a rule")).expect(id);
    }
}

#[test]
fn each_certificate_rule_alone_refuses_its_certificate() {
    let pins = Scene::honest().pins;
    let eve = PEOPLE.eve.certificate();
    check_certificate("eve", eve, &pins, NOW, &Exceptions::default())
        .expect("honest, met for the first time");
    check_certificate("bob", PEOPLE.bob.certificate(), &pins, NOW, &Exceptions::default()).expect("pinned");
    for rule in CERTIFICATE_RULES {
        let key = PEOPLE.eve.private_key();
        let (user, certificate, now): (_, Certificate, _) = match rule.name {
            "certificate-names-user" => ("zoe", eve.clone(), NOW),
            "certificate-issued" => ("eve", PEOPLE.stranger.certify("eve", key, NOW).expect("made"), NOW),
            "certificate-key-strong" => {
                ("eve", PEOPLE.authority.certify("eve", &weak_key(), NOW).expect("made"), NOW)
            }
            "certificate-pinned" => ("bob", certified("bob").certificate, NOW),
            "certificate-in-time" => ("eve", eve.clone(), NOW + 8000 * 86_400),
            unknown => panic!("no certificate for the rule {unknown}"),
        };
        let refusal = check_certificate(user, &certificate, &pins, now, &Exceptions::default());
        assert_eq!(refusal.expect_err(rule.name).rule, rule.name);
        let lax = Exceptions::of([rule.name]).expect("a rule");
        check_certificate(user, &certificate, &pins, now, &lax).expect(rule.name);
    }
}

#[test]
fn upstream_documents_are_accepted_under_their_server_key() {
    use crate::common::{fixture, json_fixture, text};
    use e2ee_reference::certificate::PublicKey;
    use e2ee_reference::{mnemonic::Mnemonic, private_key_blob};
    let Some(root) = json_fixture("web/metadata_2.0_root.json") else { return };
    let blob = json_fixture("web/private_key_admin_legacy.json").expect("its sibling");
    let subfolder = json_fixture("web/metadata_2.0_subfolder.json").expect("its sibling");
    let server_key = fixture("web/server_public_key_consts.pem").expect("its sibling");
    let mnemonic = Mnemonic::parse(text(&blob, "/mnemonic")).expect("a mnemonic");
    let private_key = private_key_blob::open(text(&blob, "/blob"), &mnemonic).expect("a key");
    let document = Document::parse(&root["metadata"].to_string()).expect("a document");
    let key = document.unwrap_key("admin", &private_key).expect("a key");
    let pins = Pins {
        user_id: "admin".to_owned(),
        server_key: PublicKey::from_pem(&server_key).expect("a key"),
        certificates: BTreeMap::new(),
    };
    let below = Document::parse(&subfolder["metadata"].to_string()).expect("a document");
    let members = Some(document.users());
    for (document, fixture, root_members) in [(&document, &root, None), (&below, &subfolder, members)] {
        let contents = document.open(&key).expect("contents");
        let signature = text(fixture, "/signature");
        let candidate = Candidate {
            document,
            signature,
            contents: &contents,
            metadata_key: &key,
            root_members,
            listing: None,
            now: NOW,
        };
        let accepted = judge(&candidate, &pins, None, &Exceptions::default()).expect("honest");
        assert_eq!(accepted.notices, []);
    }
}

fn user(recipient: Recipient) -> User {
    User::wrap(&recipient, &MetadataKey::generate()).expect("wrapped")
}
