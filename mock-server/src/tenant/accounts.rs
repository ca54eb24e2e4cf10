//! Accounts of a tenant.

use super::Tenant;
use crate::face::ADMINISTRATORS;
use crate::journal::Direct;

impl Tenant {
    /// Makes an account. It has no password yet.
    pub fn add_user(&self, user: &str) {
        let direct = || Direct::AddUser { user: user.to_owned() };
        self.directly_or_say(direct, || self.model().add_user(user));
    }

    /// Gives a user, who is made if necessary, a password. `device` is what stands in the exchanges.
    pub fn add_credential(&self, user: &str, password: &str, device: &str) {
        let direct = || Direct::AddCredential {
            user: user.to_owned(),
            password: password.to_owned(),
            device: device.to_owned(),
        };
        self.directly_or_say(direct, || {
            let mut model = self.model();
            model.add_user(user);
            model.add_credential(user, password, device);
        });
    }

    /// Gives an administrator, who is made if necessary, a password. Administrators may use the provisioning API.
    pub fn add_admin(&self, user: &str, password: &str) {
        let direct = || Direct::AddAdmin { user: user.to_owned(), password: password.to_owned() };
        self.directly_or_say(direct, || {
            self.add_credential(user, password, "default");
            self.model().add_to_group(ADMINISTRATORS, user);
        });
    }

    /// Puts an account into a group, which is made when it does not exist.
    pub fn add_to_group(&self, group: &str, user: &str) {
        let direct = || Direct::AddToGroup { group: group.to_owned(), user: user.to_owned() };
        self.directly_or_say(direct, || self.model().add_to_group(group, user));
    }

    /// Grants a login that a client has begun (login flow v2), as its user would in a browser. `login` is the address
    /// that the client was told to open. `false`: no such login waits, or there is no such user.
    pub fn grant_login(&self, login: &str, user: &str) -> bool {
        let token = login.rsplit('/').next().unwrap_or_default();
        let direct = || Direct::GrantLogin { login: token.to_owned(), user: user.to_owned() };
        self.directly(direct, || self.model().grant_login(token, user), |granted| *granted).unwrap_or(false)
    }

    /// Stores the key pair of a user without any check: the certificate in PEM, the private key as blob.
    pub fn store_identity(&self, user: &str, certificate: &str, private_key: &str) {
        let direct = || Direct::StoreIdentity {
            user: user.to_owned(),
            certificate: certificate.to_owned(),
            private_key: private_key.to_owned(),
        };
        self.directly_or_say(direct, || {
            let mut model = self.model();
            model.add_user(user);
            model.set_certificate(user, Some(certificate.to_owned()));
            model.set_private_key(user, Some(private_key.to_owned()));
        });
    }
}
