//! Folders of metadata 1.x: each has a document and a metadata key of its own and belongs to one user.

mod read;
mod write;
