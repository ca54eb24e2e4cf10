//! Each rule of 1.x refuses exactly what it is for.

use e2ee_reference::metadata;
use e2ee_reference::metadata_v1::{Contents, Document, Keys, Target, Version};
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference::trust::{AcceptedV1, CandidateV1, Exceptions, Level, Refusal, V1_RULES, judge_v1};
use serde_json::json;

use crate::metadata_v1::{MNEMONIC, TARGETS, altered, sealed};

struct Scene {
    document: Document,
    keys: Keys,
    mnemonic: Option<&'static str>,
    known: Option<AnyVersion>,
}

impl Scene {
    fn of(target: Target<'_>) -> Self {
        let (document, keys) = sealed(target);
        Self { document, keys, mnemonic: Some(MNEMONIC), known: None }
    }

    fn contents(&self) -> Contents {
        self.document.open(&self.keys).expect("contents")
    }

    fn judged(&self, exceptions: &[&str]) -> Result<AcceptedV1, Refusal> {
        let (document, contents) = (&self.document, &self.contents());
        let candidate = CandidateV1 { document, contents, mnemonic: self.mnemonic, known: self.known };
        judge_v1(&candidate, &Exceptions::of(exceptions).expect("rules"))
    }
}

/// Something that only this rule refuses.
fn broken(rule: &str) -> Scene {
    let mut scene = Scene::of(TARGETS[2]);
    let mut with_checksum = |checksum| {
        scene.document = altered(&scene.document, "/metadata/checksum", checksum).expect("a document");
    };
    match rule {
        "version-1-not-lower" => scene.known = Some(AnyVersion::V2(metadata::Version::V2_0)),
        "checksum-required" => with_checksum(Some(json!(""))),
        "checksum-matches" => with_checksum(Some(json!("0".repeat(64)))),
        unknown => panic!("no scene for the rule {unknown}"),
    }
    scene
}

#[test]
fn honest_documents_are_accepted() {
    for target in TARGETS {
        let mut scene = Scene::of(target);
        let accepted = scene.judged(&[]).expect("honest");
        assert_eq!(accepted.known, AnyVersion::V1(target.version()));
        assert!(accepted.set_aside.is_empty());
        scene.known = Some(accepted.known);
        assert_eq!(scene.judged(&[]).expect("again"), accepted);
    }
}

#[test]
fn each_rule_alone_refuses_its_scene() {
    for rule in V1_RULES.iter().filter(|rule| rule.level == Level::Refuse) {
        let scene = broken(rule.name);
        let refusal = scene.judged(&[]).expect_err(rule.name);
        assert_eq!((refusal.rule, refusal.requirements), (rule.name, rule.requirements), "{refusal}");
        scene.judged(&[rule.name]).unwrap_or_else(|refusal| panic!("{} is not alone: {refusal}", rule.name));
    }
}

#[test]
fn nothing_that_was_gained_is_lost_again() {
    let v1 = AnyVersion::V1;
    for (known, target, rule) in [
        (AnyVersion::V2(metadata::Version::V2_1), TARGETS[0], Some("version-1-not-lower")),
        (v1(Version::V1_2), TARGETS[1], Some("version-1-not-lower")),
        (v1(Version::V1_2), TARGETS[0], Some("version-1-not-lower")),
        (v1(Version::V1_1), TARGETS[0], None),
        (v1(Version::V1_0), TARGETS[2], None),
    ] {
        let scene = Scene { known: Some(known), ..Scene::of(target) };
        let judged = scene.judged(&[]);
        assert_eq!(judged.as_ref().err().map(|refusal| refusal.rule), rule);
        if let Ok(accepted) = judged {
            assert_eq!(accepted.known, known.max(v1(target.version())), "the highest is remembered");
        }
    }
}

/// The server makes a key of its own, wraps it for the user, and serves it.
#[test]
fn an_inserted_key_is_refused_in_1_2_and_noticed_before() {
    let own = Scene::of(Target::V1_2 { mnemonic: "the server does not know it" });
    assert_eq!(own.judged(&[]).expect_err("inserted").rule, "checksum-matches");
    for (target, mnemonic, noticed) in [
        (TARGETS[2], Some(MNEMONIC), false),
        (TARGETS[2], None, true),
        (TARGETS[1], Some(MNEMONIC), true),
        (TARGETS[0], Some(MNEMONIC), true),
    ] {
        let notices = Scene { mnemonic, ..Scene::of(target) }.judged(&[]).expect("accepted").notices;
        let rules: Vec<_> = notices.iter().map(|notice| notice.rule).collect();
        assert_eq!(rules, if noticed { vec!["key-bound-to-mnemonic"] } else { vec![] });
    }
}

#[test]
fn names_that_are_paths_are_set_aside() {
    let scene = Scene::of(TARGETS[1]);
    let mut contents = scene.contents();
    contents.files.values_mut().next().expect("a file").entry.filename = "../x".to_owned();
    let candidate =
        CandidateV1 { document: &scene.document, contents: &contents, mnemonic: None, known: None };
    let accepted = judge_v1(&candidate, &Exceptions::default()).expect("accepted");
    assert_eq!(accepted.set_aside, [("a1".repeat(16), "name-is-one-component")]);
}
