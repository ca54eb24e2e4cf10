//! One device on a server of its own, outside any scenario: for the calibration.

use std::path::PathBuf;
use std::sync::Arc;

use e2ee_adapter::client::{CallError, Device};
use e2ee_adapter::protocol::{Feature, Request, Start};
use e2ee_mock_server::Tenant;
use e2ee_reference::recognise::AnyVersion;

use super::client::Client;
use super::disk::Disks;
use super::laboratory::{Laboratory, LaboratoryError, Person};
use super::random::token;
use super::user::RecordingUser;

/// The device's label.
const LABEL: &str = "calibration";

/// A server, an account and a folder for one device.
pub(crate) struct Rehearsal {
    tenant: Tenant,
    person: Person,
    user: String,
    password: String,
    dir: PathBuf,
    _disks: Disks,
}

impl Rehearsal {
    /// Makes them for a user of the laboratory.
    pub(crate) fn set(
        laboratory: &Laboratory,
        client: &Client,
        user: &str,
        version: AnyVersion,
    ) -> Result<Self, LaboratoryError> {
        let tenant = laboratory.tenant(version)?;
        let person = laboratory.person(user).ok_or(LaboratoryError::Thread)?.clone();
        tenant.store_identity(user, &person.seed.certificate, &person.blob);
        let password = token(16);
        tenant.add_credential(user, &password, LABEL);
        let disks = laboratory.disks(client.connector.forks()).map_err(LaboratoryError::Folder)?;
        let dir = disks.device(LABEL).map_err(LaboratoryError::Folder)?;
        Ok(Self { tenant, person, user: user.to_owned(), password, dir, _disks: disks })
    }

    /// A device of the client.
    pub(crate) async fn connect(&self, client: &Client) -> Result<Box<dyn Device>, CallError> {
        client.connector.connect(Arc::new(RecordingUser::default())).await
    }

    /// The requests that make it ready.
    pub(crate) fn opening(&self, client: &Client) -> Vec<(&'static str, Request)> {
        let seeds = client.has(Feature::SeedIdentity);
        let start = Request::Start(Start {
            server: self.tenant.base_url(),
            user: self.user.clone(),
            password: self.password.clone(),
            dir: self.dir.display().to_string(),
            identity: seeds.then(|| self.person.seed.clone()),
            speaks: None,
        });
        let mut requests = vec![("start", start)];
        if !seeds {
            let mnemonic = self.person.seed.mnemonic.clone();
            requests.push(("restore_identity", Request::RestoreIdentity { mnemonic }));
        }
        requests
    }
}
