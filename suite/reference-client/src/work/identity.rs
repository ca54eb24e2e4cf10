//! Setting a device up: the server key, the user's own keys.

use super::{Work, broken};
use crate::account::{OwnKeys, Reason};
use crate::defects::Defect;
use crate::new_keys::NewKeys;
use e2ee_adapter::protocol::{ClientError, CreatedIdentity, SeedIdentity};
use e2ee_reference::Error;
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::dialect::PrivateKeyForm;
use e2ee_reference::identity::{Identity, PrivateKey, certificate_request};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{Kdf, SALT_LENGTH, open_with, seal_as};
use e2ee_reference::trust::Pins;
use std::collections::BTreeMap;

/// Why nothing that rests on keys is done: those of the server are not those of this device.
const OWN_CERTIFICATE_UNCHANGED: &str = "own-certificate-unchanged";

impl Work<'_> {
    /// Looks at what trust rests on, at every start anew. Doubts are told now, and refused on use.
    pub(crate) async fn start(&mut self, seed: Option<SeedIdentity>) -> Result<(), ClientError> {
        self.forget_at_start();
        (self.account.announced, self.account.last_read) = (None, None);
        if self.capability().await?.is_none() {
            self.warn("encryption-not-announced", "server announces no end-to-end encryption");
            return Ok(());
        }
        let announced = self.capability().await?.is_none_or(|capability| capability.keys_exist);
        if !announced && self.has(Defect::ForgetsUnannouncedKeys) {
            self.account.own = None;
        }
        self.release_held().await;
        self.account.distrust = self.doubt_about_server_key().await?;
        if let (Some(seed), None) = (seed, &self.account.own) {
            let certificate = Certificate::from_pem(&seed.certificate).map_err(broken)?;
            let private_key = PrivateKey::from_pem(&seed.private_key).map_err(broken)?;
            let own = self.check_own(certificate, private_key).await?;
            let mnemonic = Mnemonic::parse(&seed.mnemonic).ok();
            self.account.own = Some(OwnKeys { mnemonic, ..own });
        }
        if self.account.own.is_some() && self.account.distrust.is_none() {
            self.account.distrust = self.doubt_about_own_certificate().await?;
            if self.has(Defect::ForgetsKeysWithServer) && self.account.distrust.is_some() {
                self.account.own = None;
            }
        }
        if self.has(Defect::ForgetsKeysWithoutBlob) && self.account.http.private_key().await?.is_none() {
            self.account.own = None;
        }
        if let Some(reason) = &self.account.distrust {
            self.warn(reason.rule, reason.text.as_str());
        }
        Ok(())
    }

    /// Makes a key pair, has it certified, stores it under a mnemonic (R2-KEY-04 to 14).
    pub(crate) async fn create_identity(&mut self) -> Result<CreatedIdentity, ClientError> {
        self.version().await?;
        self.trusted_pins().await?;
        if self.account.own.is_some() || self.account.http.certificate(self.account.user()).await?.is_some() {
            return Err(ClientError::failed("account has an identity already: restore it"));
        }
        let NewKeys { private_key, mnemonic, salt } = self.new_keys().await?;
        let request = certificate_request(&private_key, self.account.user()).map_err(broken)?;
        let issued = self.account.http.certify(&request, None).await?;
        let certificate = match Certificate::from_pem(&issued) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(self.account.user(), &e)).await),
        };
        let own = self.check_own(certificate, private_key).await?;
        let blob = self.sealed_key(&own.private_key, &mnemonic, salt).await?;
        let words = mnemonic.words();
        let mut fields = vec![("privateKey", blob.as_str())];
        if self.has(Defect::LeaksMnemonic) {
            fields.push(("mnemonic", words.as_str()));
        }
        let list = words.replace(' ', "\",\"");
        if self.has(Defect::LeaksWordsAsList) {
            fields.push(("words", &list));
        }
        self.account.http.store_private_key(&fields).await?;
        self.account.own = Some(OwnKeys { mnemonic: Some(mnemonic), ..own });
        let shown =
            if self.has(Defect::SealsUnderOtherMnemonic) { Mnemonic::generate().words() } else { words };
        Ok(CreatedIdentity { mnemonic: shown.to_string() })
    }

    /// A key pair with words to store it under (R2-KEY-04, R2-KEY-10).
    pub(super) async fn new_keys(&mut self) -> Result<NewKeys, ClientError> {
        let number = self.account.drawn;
        self.account.drawn += 1;
        let (stock, device) = (self.setup.key_stock(), self.account.device().to_owned());
        computed(move || match stock {
            Some(stock) => stock.take(&device, number),
            None => NewKeys::draw(),
        })
        .await
    }

    /// The private-key blob for the server (R2-KEY-11 to 14).
    pub(super) async fn sealed_key(
        &self,
        private_key: &PrivateKey,
        mnemonic: &Mnemonic,
        salt: [u8; SALT_LENGTH],
    ) -> Result<String, ClientError> {
        self.sealed_key_as(private_key, mnemonic, salt, self.private_key_form()).await
    }

    /// The private-key blob in this form.
    pub(super) async fn sealed_key_as(
        &self,
        private_key: &PrivateKey,
        mnemonic: &Mnemonic,
        salt: [u8; SALT_LENGTH],
        form: PrivateKeyForm,
    ) -> Result<String, ClientError> {
        let (key, mnemonic) = (private_key.clone(), Mnemonic::parse(&mnemonic.words()));
        let derived = self.setup.derived();
        computed(move || seal_as(&key, &mnemonic?, &salt, &*derived, &form)).await
    }

    /// Fetches the key pair with its mnemonic (R2-KEY-21 to 26).
    pub(crate) async fn restore_identity(&mut self, mnemonic: &str) -> Result<(), ClientError> {
        self.version().await?;
        if self.account.distrust.as_ref().is_none_or(|reason| reason.rule != OWN_CERTIFICATE_UNCHANGED) {
            self.trusted_pins().await?;
        }
        let http = self.account.http.clone();
        let missing = || ClientError::failed("account has no identity yet: create one");
        let served = http.certificate(http.user()).await?.ok_or_else(missing)?;
        let blob = http.private_key().await?.ok_or_else(missing)?;
        let parsed = Mnemonic::parse(mnemonic);
        let opened = match parsed.clone() {
            Ok(mnemonic) => {
                let derived = self.setup.derived();
                let knows_one = self.has(Defect::KnowsOneDerivation);
                let known = move |(key, kdf)| match knows_one && kdf != Kdf::CURRENT {
                    true => Err(Error::WrongMnemonic),
                    false => Ok(key),
                };
                let open = move || Ok(open_with(&blob, &mnemonic, &*derived).and_then(known));
                computed(open).await?
            }
            Err(e) => Err(e),
        };
        let private_key = match opened {
            Ok(key) => key,
            Err(_) if self.has(Defect::MakesKeysForBrokenBlob) => {
                let private_key = computed(PrivateKey::generate).await?;
                let certificate = Certificate::from_pem(&served).map_err(broken)?;
                self.account.own = Some(OwnKeys { certificate, private_key, mnemonic: None });
                return Ok(());
            }
            Err(e) => {
                let reason = Reason::new("private-key-opens", &["R2-KEY-21", "R2-KEY-24"], e.to_string());
                return Err(self.refuse(reason).await);
            }
        };
        let certificate = match Certificate::from_pem(&served) {
            Ok(certificate) => certificate,
            Err(e) => return Err(self.refuse(unreadable_certificate(self.account.user(), &e)).await),
        };
        self.follow_new_keys(&certificate, &private_key)?;
        let own = self.check_own(certificate, private_key).await?;
        self.account.own = Some(OwnKeys { mnemonic: parsed.ok(), ..own });
        if self.account.distrust.as_ref().is_some_and(|reason| reason.rule == OWN_CERTIFICATE_UNCHANGED) {
            self.account.distrust = None;
        }
        Ok(())
    }

    /// Whoever knows the words of new keys has made them: with the user's consent they take the place of the old ones
    /// (ROB-KEY-01). A certificate alone is no sign of that.
    fn follow_new_keys(&mut self, certificate: &Certificate, key: &PrivateKey) -> Result<(), ClientError> {
        let user = self.account.user().to_owned();
        let text = "your encryption was set up anew elsewhere: use the new keys, and read no more with the old ones?";
        if !self.has(Defect::NeverTakesNewKeys)
            && self.is_renewed(&user, certificate)?
            && Identity::new(&user, certificate.clone(), key.clone()).is_ok()
            && self.ask("own-certificate-changed", text)
        {
            self.pin(&user, certificate);
        }
        Ok(())
    }

    /// What the server now gives out as the user's own certificate.
    pub(super) async fn doubt_about_own_certificate(&mut self) -> Result<Option<Reason>, ClientError> {
        let Some(own) = self.account.own.clone() else { return Ok(None) };
        if self.has(Defect::ForgetsKeysOnRefusal) || self.has(Defect::ForgetsKeysOnError) {
            let refused = if self.has(Defect::ForgetsKeysOnRefusal) { 403..500 } else { 500..600 };
            let served = self.account.http.certificate(self.account.user()).await;
            if served.is_err_and(|e| e.status().is_some_and(|status| refused.contains(&status))) {
                self.account.own = None;
                return Ok(None);
            }
        }
        let follows = [
            Defect::AcceptsChangedOwnCertificate,
            Defect::AcceptsChangedServerKey,
            Defect::FollowsFittingServerKey,
        ];
        if follows.into_iter().any(|defect| self.has(defect)) {
            return Ok(None);
        }
        if self.has(Defect::PinsAllAnswered) {
            for other in self.answered_too().await? {
                self.pin(&other.user_id, &other.certificate);
            }
        }
        let user = self.account.user().to_owned();
        let text = match self.account.http.certificate(&user).await? {
            Some(served) => match Certificate::from_pem(&served) {
                Ok(served) if served.fingerprint() == own.certificate.fingerprint() => return Ok(None),
                Ok(served) if self.is_renewed(&user, &served)? && self.wants(&user, &served) => {
                    self.take_renewed(&user, &served);
                    return Ok(None);
                }
                _ => "server gives out another certificate for this user",
            },
            None => "server has lost this user's certificate",
        };
        Ok(Some(Reason::new(OWN_CERTIFICATE_UNCHANGED, &["R2-KEY-25", "R2-CERT-03"], text)))
    }

    /// Trust on first use, and no other key ever after (R2-KEY-02, R2-KEY-03).
    async fn doubt_about_server_key(&mut self) -> Result<Option<Reason>, ClientError> {
        let doubt = |rule, text: String| Ok(Some(Reason::new(rule, &["R2-KEY-02", "R2-KEY-03"], text)));
        let served = match PublicKey::from_pem(&self.account.http.server_key().await?) {
            Ok(served) => served,
            Err(_) if self.has(Defect::GoesWithoutServerKey) => {
                self.go_without_server_key()?;
                return Ok(None);
            }
            Err(e) => return doubt("server-key-readable", e.to_string()),
        };
        let follows = self.has(Defect::AcceptsChangedServerKey)
            || (self.has(Defect::FollowsFittingServerKey) && self.fits(&served).await?);
        match &self.account.pins {
            Some(pins) if pins.server_key == served => Ok(None),
            Some(_) if !follows => {
                doubt("server-key-changed", "server key is not the one that was seen first".into())
            }
            _ => {
                self.trust_first(served);
                Ok(None)
            }
        }
    }

    /// From now on this is the server key.
    pub(super) fn trust_first(&mut self, server_key: PublicKey) {
        let user_id = self.account.user().to_owned();
        self.account.pins = Some(Pins { user_id, server_key, certificates: BTreeMap::new() });
    }

    async fn trusted_pins(&self) -> Result<&Pins, ClientError> {
        if let Some(reason) = &self.account.distrust {
            return Err(self.refuse(reason.clone()).await);
        }
        self.account.pins.as_ref().ok_or_else(|| ClientError::failed("server key was never seen"))
    }

    /// Key and certificate a pair, of this user, issued by the server key; then both are pinned.
    async fn check_own(
        &mut self,
        certificate: Certificate,
        private_key: PrivateKey,
    ) -> Result<OwnKeys, ClientError> {
        let named = certificate.common_name().filter(|_| self.has(Defect::IgnoresCommonName));
        let user = named.unwrap_or(self.account.user());
        let pair = Identity::new(user, certificate.clone(), private_key.clone());
        if let Err(e) = pair
            && !self.has(Defect::AcceptsWrongKeyPair)
        {
            let reason = Reason::new("key-pair-matches", &["R2-KEY-05", "R2-KEY-25"], e.to_string());
            return Err(self.refuse(reason).await);
        }
        if !self.has(Defect::AcceptsForeignCertificate) {
            self.check_certificate(self.account.user(), &certificate).await?;
        }
        let user = self.account.user().to_owned();
        self.pin(&user, &certificate);
        Ok(OwnKeys { certificate, private_key, mnemonic: None })
    }
}

pub(super) fn unreadable_certificate(user: &str, error: &Error) -> Reason {
    Reason::new(
        "certificate-readable",
        &["R2-SHR-04", "R2-KEY-08"],
        format!("certificate of {user}: {error}"),
    )
}

/// RSA keys and key derivation take too long for a thread that others wait for.
pub(super) async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, ClientError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(broken),
        Err(e) => Err(ClientError::failed(e.to_string())),
    }
}
