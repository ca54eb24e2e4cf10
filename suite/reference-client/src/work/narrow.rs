//! Defects of readers that know their own kind of writer only.

use super::Work;
use crate::defects::Defect;
use crate::server::Served;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::canonical_json;
use e2ee_reference::metadata::{Contents, Document};

impl Work<'_> {
    /// Whether a narrow reader takes what it could read. The honest one takes all of it.
    pub(super) fn finds_usual(
        &self,
        path: &str,
        served: &Served,
        document: &Document,
        contents: &Contents,
    ) -> Result<(), ClientError> {
        let unusual = |what: &str| Err(ClientError::failed(format!("{path}: {what}")));
        if self.has(Defect::VerifiesTextAsServed)
            && served.document != canonical_json::to_string(document.value())
        {
            return unusual("the signature does not fit");
        }
        let is_usual = |id: &String| id.len() == 32 && hex::decode(id).is_ok();
        if self.has(Defect::DemandsUsualIdentifiers) && !contents.files.keys().all(is_usual) {
            return unusual("a file has an unknown identifier");
        }
        if self.has(Defect::DemandsHistoryBelow) && contents.key_checksums.is_empty() {
            return unusual("there are no checksums of metadata keys");
        }
        Ok(())
    }
}
