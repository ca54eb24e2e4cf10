//! What a server knows, without HTTP: plain state and the operations on it.

mod ids;

pub use ids::FileId;
