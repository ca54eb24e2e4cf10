//! Cases whose answers differ, each with its reason. One that matches must not stay here.

/// Case id and reason.
pub(crate) const UNMATCHED: &[(&str, &str)] = &[
    ("CAP-003", "bulk upload, trash bin and versions are not there, so they are not announced"),
    ("CAP-004", "bulk upload, trash bin and versions are not there, so they are not announced"),
    ("DAV-069", "PROPPATCH: properties cannot be changed"),
    ("DAV-074", "there are no versions of files"),
    ("META2-059", "its last step reads over API v1, which is not there"),
    ("PROP-027", "PROPFIND on the root of DAV and on principals"),
    ("PROP-030", "REPORT is not there"),
    ("SHARE-005", "public DAV is not there"),
    ("SHARE-006", "public DAV is not there"),
];
