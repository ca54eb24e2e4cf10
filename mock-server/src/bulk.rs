//! The body of a bulk upload: many files in one.

use bytes::Bytes;

/// A body with more parts is not read.
const MAX_PARTS: usize = 1000;

/// One file.
pub(crate) struct Part {
    pub(crate) path: String,
    pub(crate) content: Bytes,
    /// `OC-Checksum`.
    pub(crate) checksum: Option<String>,
    /// `X-File-Mtime`, seconds since 1970.
    pub(crate) mtime: Option<String>,
}

/// Reads `multipart/related` as clients send it: each part tells its path and its length.
pub(crate) fn parts(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty())?;
    let boundary = format!("--{boundary}");
    let mut found = Vec::new();
    let mut at = find(body, 0, boundary.as_bytes())?;
    while found.len() < MAX_PARTS {
        let head = at + boundary.len();
        if body.get(head..)?.starts_with(b"--") {
            return Some(found);
        }
        let end = find(body, head, b"\r\n\r\n")?;
        let headers = std::str::from_utf8(body.get(head..end)?).ok()?;
        let header = |name: &str| {
            let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
        };
        let length: usize = header("content-length")?.parse().ok()?;
        let content = end + 4..(end + 4).checked_add(length)?;
        body.get(content.clone())?;
        found.push(Part {
            path: header("x-file-path")?,
            content: body.slice(content.clone()),
            checksum: header("oc-checksum"),
            mtime: header("x-file-mtime"),
        });
        at = find(body, content.end, boundary.as_bytes())?;
    }
    None
}

fn find(body: &Bytes, from: usize, text: &[u8]) -> Option<usize> {
    let found = body.get(from..)?.windows(text.len()).position(|window| window == text);
    found.map(|at| from + at)
}
