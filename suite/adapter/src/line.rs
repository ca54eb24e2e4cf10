//! Lines out of chunks of bytes, never longer than a limit.

/// Collects bytes and hands out whole lines. Holds at most the limit and one chunk.
pub(crate) struct LineBuffer {
    bytes: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to where no line end was found.
    scanned: usize,
    limit: usize,
}

/// A line is longer than the limit.
#[derive(Debug, PartialEq)]
pub(crate) struct TooLong;

impl LineBuffer {
    /// `limit` counts the line end.
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, scanned: 0, limit }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.bytes.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(chunk);
    }

    /// The next line without its end; `None` when more bytes are needed.
    pub(crate) fn next_line(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let end = self.bytes[self.scanned..].iter().position(|b| *b == b'\n').map(|at| self.scanned + at);
        let start = self.start;
        let length = end.map_or(self.bytes.len(), |end| end + 1) - start;
        if length > self.limit {
            return Err(TooLong);
        }
        let Some(end) = end else {
            self.scanned = self.bytes.len();
            return Ok(None);
        };
        self.start = end + 1;
        self.scanned = self.start;
        Ok(Some(&self.bytes[start..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_arrive() {
        let mut buffer = LineBuffer::new(16);
        buffer.push(b"one\ntw");
        assert_eq!(buffer.next_line(), Ok(Some(&b"one"[..])));
        assert_eq!(buffer.next_line(), Ok(None));
        buffer.push(b"o\n\nthree\n");
        assert_eq!(buffer.next_line(), Ok(Some(&b"two"[..])));
        assert_eq!(buffer.next_line(), Ok(Some(&b""[..])));
        assert_eq!(buffer.next_line(), Ok(Some(&b"three"[..])));
        assert_eq!(buffer.next_line(), Ok(None));
    }

    #[test]
    fn the_limit_counts_the_line_end() {
        let mut buffer = LineBuffer::new(4);
        buffer.push(b"abc\n");
        assert_eq!(buffer.next_line(), Ok(Some(&b"abc"[..])));
        buffer.push(b"abcd\n");
        assert_eq!(buffer.next_line(), Err(TooLong));
        let mut endless = LineBuffer::new(4);
        endless.push(b"abcde");
        assert_eq!(endless.next_line(), Err(TooLong));
    }
}
