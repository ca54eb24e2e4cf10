//! What the benches measure: folders of any size, sealed and signed, and the primitives that opening and sealing
//! them cannot do without, called directly.

mod folder;
mod primitives;

pub use folder::Folder;
pub use primitives::Primitives;
