//! Mnemonics, private-key blobs, certificates and identities.

use e2ee_reference::Error;
use e2ee_reference::authority::{Authority, Field, patched, requested_common_name, self_made};
use e2ee_reference::backend::{Hash, backend};
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::{Identity, PrivateKey, certificate_request};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, DerivedKey, Kdf, KeyDerivation};

use crate::common::{NOW, PEOPLE, decode, encode, fixture, json_fixture, pem, text};

const WORDS: &str = "farm toilet escape army regular funny board consider same leaf fiction spray";

#[test]
fn a_mnemonic_is_read_in_any_writing_and_has_no_checksum() {
    let mnemonic =
        Mnemonic::parse(&format!("\t {}\n", WORDS.to_uppercase().replace(' ', " \n\t"))).expect("words");
    assert_eq!(mnemonic.words(), WORDS);
    assert_eq!(mnemonic.passphrase(), WORDS.replace(' ', ""));
    assert!(Mnemonic::parse(&["abandon"; 12].join(" ")).is_ok());
    for wrong in
        ["", "farm", &["farm"; 11].join(" "), &["farm"; 13].join(" "), &WORDS.replace("farm", "pharm")]
    {
        assert!(matches!(Mnemonic::parse(wrong), Err(Error::Mnemonic { .. })), "{wrong}");
    }
    let (one, other) = (Mnemonic::generate(), Mnemonic::generate());
    assert_ne!(one, other);
    assert_eq!(Mnemonic::parse(&one.words()), Ok(one.clone()));
    assert_eq!(format!("{one:?}"), "Mnemonic(…)");
}

#[test]
fn upstream_blobs_open_with_the_function_they_were_made_with() {
    for (path, kdf) in [
        ("web/private_key_admin_legacy.json", Kdf::Sha1Rounds1024),
        ("web/private_key_alice_legacy.json", Kdf::Sha1Rounds600000),
        ("web/private_key_alice_2025.json", Kdf::Sha256Rounds600000),
        ("web/private_key_bob_2025.json", Kdf::Sha256Rounds600000),
    ] {
        let Some(fixture) = json_fixture(path) else { return };
        let mnemonic = Mnemonic::parse(text(&fixture, "/mnemonic")).expect("a mnemonic");
        let opened =
            private_key_blob::open_with(text(&fixture, "/blob"), &mnemonic, &private_key_blob::Computed);
        let (key, found) = opened.expect(path);
        assert_eq!(found, kdf, "{path}");
        if let Some(certificate) = fixture.get("certificate_pem").and_then(|pem| pem.as_str()) {
            let certificate = Certificate::from_pem(certificate).expect("a certificate");
            let server_key = crate::common::fixture("web/server_public_key_2025.pem").expect("its sibling");
            assert!(certificate.is_issued_by(&PublicKey::from_pem(&server_key).expect("a key")));
            Identity::new(text(&fixture, "/userId"), certificate, key).expect("a pair");
        }
    }
}

#[test]
fn what_is_sealed_opens_and_what_is_changed_does_not() {
    let mnemonic = Mnemonic::generate();
    let blob = private_key_blob::seal(PEOPLE.alice.private_key(), &mnemonic).expect("sealed");
    let lengths: Vec<_> = blob.split('|').map(str::len).collect();
    assert_eq!(lengths[1..], [16, 56], "a nonce of 12 bytes, a salt of 40");
    let opened = private_key_blob::open(&blob, &mnemonic).expect("opened");
    assert_eq!(opened.public_key(), PEOPLE.alice.private_key().public_key());
    assert_eq!(opened.to_pem(), PEOPLE.alice.private_key().to_pem());
}

/// Stands in for PBKDF2, which takes a third of a second.
pub(crate) struct Fast;

impl KeyDerivation for Fast {
    fn derive(&self, mnemonic: &Mnemonic, salt: &[u8], kdf: Kdf) -> Result<DerivedKey, Error> {
        let rounds = kdf.rounds().to_be_bytes();
        let all = [mnemonic.passphrase().as_bytes(), salt, &rounds, &[u8::from(kdf.hash() == Hash::Sha1)]];
        Ok(DerivedKey::new(backend().sha256(&all.concat())))
    }
}

const STATIC_SALT: &[u8] = b"$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$";

/// A blob as some client once wrote it.
fn blob(kdf: Kdf, nonce: &[u8], salt: &[u8], separator: &str, columns: usize) -> String {
    let mnemonic = Mnemonic::parse(WORDS).expect("words");
    let der = base64(&PEOPLE.alice.private_key().to_pem());
    let lines: Vec<_> =
        der.as_bytes().chunks(columns).map(|line| str::from_utf8(line).expect("ASCII")).collect();
    let plain = encode(pem("PRIVATE KEY", &lines.join("\n")).as_bytes());
    let key = Fast.derive(&mnemonic, salt, kdf).expect("derived");
    let sealed = backend().aes_gcm_seal(&*key, nonce, plain.as_bytes()).expect("sealed");
    let mut parts = vec![encode(&sealed), encode(nonce)];
    if salt != STATIC_SALT {
        parts.push(encode(salt));
    }
    parts.join(separator)
}

#[test]
fn blobs_of_every_writer_open() {
    let mnemonic = Mnemonic::parse(WORDS).expect("words");
    for kdf in Kdf::ALL {
        for nonce in [&[1; 12][..], &[2; 16], &[0x7c; 16]] {
            for salt in [&[3; 40][..], STATIC_SALT] {
                for separator in ["|", "fA=="] {
                    for columns in [64, 65, 76, 100_000] {
                        let blob = blob(kdf, nonce, salt, separator, columns);
                        let (key, found) =
                            private_key_blob::open_with(&blob, &mnemonic, &Fast).expect("an honest blob");
                        assert_eq!((key.public_key(), found), (PEOPLE.alice.private_key().public_key(), kdf));
                    }
                }
            }
        }
    }
}

#[test]
fn odd_blobs_are_typed_errors() {
    let mnemonic = Mnemonic::parse(WORDS).expect("words");
    let open = |blob: &str| private_key_blob::open_with(blob, &mnemonic, &Fast).map(|_| ()).unwrap_err();
    let honest = blob(Kdf::CURRENT, &[1; 12], &[3; 40], "|", 64);
    let parts: Vec<_> = honest.split('|').collect();
    assert!(matches!(open(""), Error::Member { .. }));
    assert!(matches!(open(parts[0]), Error::Member { .. }));
    assert!(matches!(open(&format!("{honest}|AAAA")), Error::Member { .. }));
    assert!(matches!(open(&format!("{}|{}|", parts[0], parts[1])), Error::Member { .. }));
    assert!(matches!(open(&format!("!|{}|{}", parts[1], parts[2])), Error::Base64 { .. }));
    assert!(matches!(open(&format!("{}|AAAA|{}", parts[0], parts[2])), Error::NonceLength { found: 3, .. }));
    assert!(matches!(open(&"A".repeat(70_000)), Error::TooLarge { .. }));
    assert_eq!(open(&format!("{}|{}", parts[0], parts[1])), Error::WrongMnemonic, "two parts, another salt");
    assert_eq!(open(&format!("|{}|{}", parts[1], parts[2])), Error::WrongMnemonic);
    assert_eq!(open(&honest.replacen(&parts[0][..4], "AAAA", 1)), Error::WrongMnemonic);
    let other = Mnemonic::parse(&WORDS.replace("farm", "army")).expect("words");
    assert_eq!(private_key_blob::open_with(&honest, &other, &Fast).unwrap_err(), Error::WrongMnemonic);
}

#[test]
fn upstream_certificates_are_their_servers() {
    for digest in ["sha1", "sha256"] {
        let Some(fixture) = json_fixture(&format!("web/certificate_{digest}_with_server_key.json")) else {
            return;
        };
        let certificate = Certificate::from_pem(text(&fixture, "/certificate_pem")).expect("a certificate");
        let server_key = PublicKey::from_pem(text(&fixture, "/server_public_key_pem")).expect("a key");
        assert!(certificate.is_issued_by(&server_key), "{digest}");
        assert!(!certificate.is_issued_by(certificate.public_key()), "not self-signed");
        assert!(!certificate.is_issued_by(&PEOPLE.authority.server_key()));
        assert!(certificate.is_valid_at(NOW) && !certificate.is_valid_at(0));
    }
}

#[test]
fn upstream_key_pairs_belong_together() {
    for user in ["enc1", "enc2", "t1", "john"] {
        let Some(fixture) = json_fixture(&format!("android/keys_{user}.json")) else { return };
        let armoured = pem("PRIVATE KEY", text(&fixture, "/private_key_pkcs8_b64"));
        let key = PrivateKey::from_pem(&armoured).expect("a key");
        let certificate = Certificate::from_pem(text(&fixture, "/certificate_pem")).expect("a certificate");
        let name = certificate.common_name().expect("a name").to_owned();
        assert_eq!(
            name,
            match user {
                "enc1" => "www.nextcloud.com",
                "enc2" => "enc3",
                other => other,
            }
        );
        Identity::new(&name, certificate.clone(), key.clone()).expect("a pair");
        assert!(matches!(Identity::new("zoe", certificate, key), Err(Error::NameMismatch { .. })));
    }
    let Some(key) = fixture("desktop/e2etestsfakecertprivatekey.pem") else { return };
    let certificate = fixture("desktop/e2etestsfakecert.pem").expect("its sibling");
    let certificate = Certificate::from_pem(&certificate).expect("a certificate");
    assert_eq!(PrivateKey::from_pem(&key).expect("a key").public_key(), *certificate.public_key());
}

#[test]
fn a_server_certifies_as_php_does() {
    let key = PrivateKey::generate().expect("a key");
    let request = certificate_request(&key, "dörte@example").expect("a request");
    assert_eq!(requested_common_name(&request), Ok(Some("dörte@example".to_owned())));
    let certificate = PEOPLE.authority.issue(&request, NOW).expect("a certificate");
    assert_eq!(certificate.common_name(), Some("dörte@example"));
    assert_eq!(certificate.serial_der(), [2, 1, 0]);
    assert!(certificate.is_issued_by(&PEOPLE.authority.server_key()));
    assert!(!certificate.is_issued_by(&PEOPLE.stranger.server_key()));
    let end = NOW + 7300 * 86_400;
    for (time, valid) in [(NOW - 1, false), (NOW, true), (end, true), (end + 1, false)] {
        assert_eq!(certificate.is_valid_at(time), valid, "{time}");
    }
    let again = Certificate::from_pem(&certificate.to_pem()).expect("its own PEM");
    assert_eq!((again.der(), again.fingerprint()), (certificate.der(), certificate.fingerprint()));
    let x509 = openssl::x509::X509::from_der(certificate.der()).expect("OpenSSL reads it");
    assert_eq!(x509.version(), 2);
    assert!(x509.subject_key_id().is_some() && x509.authority_key_id().is_some());
    assert!(x509.subject_name().try_cmp(x509.issuer_name()).is_ok_and(std::cmp::Ordering::is_eq));
    Identity::new("dörte@example", certificate, key).expect("a pair");
}

#[test]
fn a_request_must_be_signed_by_its_own_key() {
    let request = certificate_request(PEOPLE.eve.private_key(), "eve").expect("a request");
    let der = base64(&request);
    let mut bytes = decode(&der);
    *bytes.last_mut().expect("bytes") ^= 1;
    let damaged = pem("CERTIFICATE REQUEST", &encode(&bytes));
    assert!(matches!(PEOPLE.authority.issue(&damaged, NOW), Err(Error::Encoding { .. })));
    assert!(matches!(PEOPLE.authority.issue("nonsense", NOW), Err(Error::Pem { .. })));
}

#[test]
fn a_forgery_has_names_and_serial_of_its_victim_and_another_key() {
    let victim = PEOPLE.bob.certificate();
    let forgery = self_made(victim, PEOPLE.eve.private_key(), NOW).expect("a forgery");
    assert_eq!((forgery.issuer_der(), forgery.serial_der()), (victim.issuer_der(), victim.serial_der()));
    assert_eq!(forgery.common_name(), Some("bob"));
    assert_eq!(*forgery.public_key(), PEOPLE.eve.private_key().public_key());
    assert!(!forgery.is_issued_by(&PEOPLE.authority.server_key()));
    assert_eq!(
        Identity::new("bob", forgery, PEOPLE.bob.private_key().clone()).err(),
        Some(Error::KeyMismatch)
    );
}

#[test]
fn a_name_with_a_nul_is_not_cut_short() {
    use openssl::x509::{X509, X509Name};
    let named = |names: &[&str]| {
        let mut name = X509Name::builder().expect("a builder");
        names.iter().for_each(|one| name.append_entry_by_text("CN", one).expect("a name"));
        let key = PEOPLE.eve.private_key().to_pem();
        let key = openssl::pkey::PKey::private_key_from_pem(key.as_bytes()).expect("a key");
        let mut x509 = X509::builder().expect("a builder");
        x509.set_subject_name(&name.build()).expect("set");
        x509.set_pubkey(&key).expect("set");
        let now = openssl::asn1::Asn1Time::from_unix(NOW).expect("a time");
        x509.set_not_before(&now).and_then(|()| x509.set_not_after(&now)).expect("set");
        x509.sign(&key, openssl::hash::MessageDigest::sha256()).expect("signed");
        let der = x509.build().to_der().expect("DER");
        Certificate::from_der(&der).expect("a certificate").common_name().map(str::to_owned)
    };
    assert_eq!(named(&["alice"]).as_deref(), Some("alice"));
    assert_eq!(named(&["alice\0.evil"]).as_deref(), Some("alice\0.evil"));
    assert_eq!(named(&["alice", "bob"]), None);
    assert_eq!(named(&[]), None);
}

#[test]
fn weak_and_foreign_keys_are_not_strong() {
    use openssl::pkey::PKey;
    let spki = |key: &PKey<openssl::pkey::Private>| {
        let pem = key.public_key_to_pem().expect("PEM");
        PublicKey::from_pem(str::from_utf8(&pem).expect("ASCII")).expect("a key")
    };
    let rsa = |bits, exponent| {
        let exponent = openssl::bn::BigNum::from_u32(exponent).expect("a number");
        PKey::from_rsa(openssl::rsa::Rsa::generate_with_e(bits, &exponent).expect("a key")).expect("a key")
    };
    assert!(PEOPLE.alice.private_key().public_key().is_strong());
    assert!(!spki(&rsa(1024, 65537)).is_strong());
    assert!(!spki(&rsa(2048, 3)).is_strong());
    let edwards = PKey::generate_ed25519().expect("a key");
    assert!(!spki(&edwards).is_strong());
    assert!(backend().oaep_wrap(&spki(&edwards), &[0; 16]).is_err());
    assert!(!backend().rsa_verify(Hash::Sha256, &spki(&edwards), b"", &[0; 64]));
}

#[test]
fn private_things_do_not_print() {
    let identity = &PEOPLE.alice;
    let printed = format!(
        "{identity:?} {:?} {:?}",
        identity.private_key(),
        Authority::from_private_key(identity.private_key().clone())
    );
    assert_eq!(printed, "Identity(alice) PrivateKey(…) Authority(…)");
}

/// The base64 inside PEM, on one line.
fn base64(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

#[test]
fn fields_of_a_forged_certificate_are_taken_back_one_by_one() {
    let instance = Authority::generate().expect("a key");
    let stranger = Authority::generate().expect("a key");
    let genuine = instance.certify("alice", PEOPLE.alice.private_key(), NOW).expect("a certificate");
    let forged = stranger.certify("eve", PEOPLE.bob.private_key(), NOW + 86_400).expect("a certificate");
    let differing: Vec<Field> =
        Field::ALL.into_iter().filter(|field| field.of(&genuine) != field.of(&forged)).collect();
    let most = [Field::Issuer, Field::Validity, Field::Subject, Field::PublicKey, Field::Extensions];
    assert_eq!(differing, most);

    // Everything taken back and signed by the instance: that is the genuine one.
    assert_eq!(patched(&forged, &genuine, &most, Some(&instance)), Ok(genuine.clone()));
    assert_eq!(patched(&forged, &genuine, &[], None), Ok(forged.clone()));

    let one = patched(&forged, &genuine, &[Field::Subject], Some(&instance)).expect("a certificate");
    assert!(one.is_issued_by(&instance.server_key()));
    assert_eq!((one.common_name(), one.public_key()), (Some("alice"), forged.public_key()));

    let broken = patched(&forged, &genuine, &[Field::PublicKey], None).expect("a certificate");
    assert_eq!(broken.public_key(), genuine.public_key());
    assert!(!broken.is_issued_by(&stranger.server_key()) && !broken.is_issued_by(&instance.server_key()));
}
