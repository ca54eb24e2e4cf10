//! A reader of BER that trusts nothing: bounded depth, bounded lengths, no allocation.

use super::tag;

/// Deeper nesting than any certificate or signature has.
const MAX_DEPTH: u8 = 24;

/// What is wrong with the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// One element, as it stands in the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    /// The tag octet.
    pub(crate) tag: u8,
    /// The contents octets, without the end-of-contents octets of an indefinite length.
    pub(crate) content: &'a [u8],
    /// Tag, length and contents, as received.
    pub(crate) encoding: &'a [u8],
    depth: u8,
}

impl<'a> Element<'a> {
    /// A reader over the elements inside.
    pub(crate) fn children(&self) -> Reader<'a> {
        Reader { rest: self.content, depth: self.depth + 1 }
    }
}

/// Reads elements one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    depth: u8,
}

impl<'a> Reader<'a> {
    /// Starts at the outermost element.
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, depth: 0 }
    }

    /// Whether everything has been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, which must exist.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, Malformed> {
        let (element, rest) = split(self.rest, self.depth)?;
        self.rest = rest;
        Ok(element)
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.optional(tag)?.ok_or(Malformed("an element of another type is due"))
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub(crate) fn finish(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed("excess elements")) }
    }
}

/// Cuts the first element off `data`.
fn split(data: &[u8], depth: u8) -> Result<(Element<'_>, &[u8]), Malformed> {
    const SHORT: Malformed = Malformed("cut short");
    if depth > MAX_DEPTH {
        return Err(Malformed("nested too deeply"));
    }
    let (&tag, rest) = data.split_first().ok_or(SHORT)?;
    if tag & 0x1f == 0x1f {
        return Err(Malformed("a tag number above 30"));
    }
    let (&first, rest) = rest.split_first().ok_or(SHORT)?;
    let (length, rest) = match first {
        0..0x80 => (usize::from(first), rest),
        0x80 => return split_indefinite(data, tag, rest, depth),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(SHORT)?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
        _ => return Err(Malformed("a length above 4 GiB")),
    };
    let (content, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
    let encoding = &data[..data.len() - rest.len()];
    Ok((Element { tag, content, encoding, depth }, rest))
}

/// Finds the end-of-contents octets that belong to an indefinite length.
fn split_indefinite<'a>(
    data: &'a [u8],
    tag: u8,
    start: &'a [u8],
    depth: u8,
) -> Result<(Element<'a>, &'a [u8]), Malformed> {
    if tag & 0x20 == 0 {
        return Err(Malformed("a primitive element of indefinite length"));
    }
    let mut rest = start;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let content = &start[..start.len() - rest.len()];
            let encoding = &data[..data.len() - after.len()];
            return Ok((Element { tag, content, encoding, depth }, after));
        }
        (_, rest) = split(rest, depth + 1)?;
    }
}

/// The common name in the DER of a distinguished name, if there is exactly one that can be read.
///
/// OpenSSL's C strings end at a NUL, so that "alice\0.evil" would pass for "alice": decoded here instead.
pub(crate) fn common_name(name: &Element<'_>) -> Option<String> {
    let mut found = None;
    let mut sets = name.children();
    while !sets.is_empty() {
        let mut attributes = sets.expect(tag::SET).ok()?.children();
        while !attributes.is_empty() {
            let mut attribute = attributes.expect(tag::SEQUENCE).ok()?.children();
            if attribute.expect(tag::OBJECT_ID).ok()?.content == super::oid::COMMON_NAME {
                let value = text(&attribute.next().ok()?)?;
                if found.replace(value).is_some() {
                    return None;
                }
            }
        }
    }
    found
}

/// A directory string as text.
fn text(value: &Element<'_>) -> Option<String> {
    match value.tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING => {
            String::from_utf8(value.content.to_vec()).ok()
        }
        // Read as Latin-1, as OpenSSL does: old desktop clients ask for such names.
        tag::TELETEX_STRING => Some(value.content.iter().map(|octet| char::from(*octet)).collect()),
        tag::BMP_STRING if value.content.len().is_multiple_of(2) => {
            let units = value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}
