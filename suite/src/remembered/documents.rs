//! Metadata documents that were read and opened before: one stands in many answers, and in many plays.

use std::sync::{Arc, LazyLock};

use e2ee_reference::Error;
use e2ee_reference::metadata::{Contents, Document, MetadataKey};
use e2ee_reference::recognise::{Recognised, recognise};

use super::memory::{Memory, place};

/// Longer texts are read and opened anew.
const LONGEST: usize = 64 * 1024;

/// What a text is (see [`recognise`]).
pub(crate) fn recognised(text: &str) -> Result<Arc<Recognised>, Error> {
    static READ: LazyLock<Memory<Result<Arc<Recognised>, Error>>> = LazyLock::new(Memory::default);
    let read = || Ok::<_, Error>(recognise(text).map(Arc::new));
    if text.len() > LONGEST { read()? } else { READ.get(place(&[text.as_bytes()]), read)? }
}

/// What is inside of the document that stands in a text (see [`Document::open`]).
pub(crate) fn inside(text: &str, document: &Document, key: &MetadataKey) -> Result<Arc<Contents>, Error> {
    static OPENED: LazyLock<Memory<Result<Arc<Contents>, Error>>> = LazyLock::new(Memory::default);
    let open = || Ok::<_, Error>(document.open(key).map(Arc::new));
    if text.len() > LONGEST {
        open()?
    } else {
        OPENED.get(place(&[text.as_bytes(), key.as_bytes()]), open)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_document_does_not_become_one() {
        for _ in 0..2 {
            assert!(recognised("{}").is_err());
        }
    }
}
