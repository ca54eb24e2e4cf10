//! How two runs of bytes differ: a range that was replaced, and an end that was cut off or added.

use std::ops::Range;

use serde_json::Value;

use super::cut::Cut;
use super::delta::{ByteRange, Delta};

/// Bytes of a value that are shown.
const SHOWN: usize = 32;

const REPLACED: &str = ": bytes";
const END: &str = ": end";

/// The differences, at most two: their paths are `name: bytes` and `name: end`.
pub(super) fn differences(name: &str, honest: &[u8], forged: &[u8]) -> Vec<Delta> {
    let mut deltas = Vec::new();
    if let Some(range) = replaced(honest, forged) {
        deltas.push(delta(format!("{name}{REPLACED}"), range, honest, forged));
    }
    let common = honest.len().min(forged.len());
    let end = common..honest.len().max(forged.len());
    if !end.is_empty() {
        deltas.push(delta(format!("{name}{END}"), end, honest, forged));
    }
    deltas
}

/// What is left of `forged`.
pub(super) fn left(name: &str, honest: &[u8], forged: &[u8], cut: &Cut) -> Vec<u8> {
    let common = honest.len().min(forged.len());
    let mut left = honest.get(..common).unwrap_or_default().to_vec();
    if let Some(range) = replaced(honest, forged) {
        let window = cut.window(&format!("{name}{REPLACED}"), range);
        if let (Some(to), Some(from)) = (left.get_mut(window.clone()), forged.get(window)) {
            to.copy_from_slice(from);
        }
    }
    let path = format!("{name}{END}");
    if forged.len() > common {
        let end = if cut.withholds(&path) { common } else { cut.window(&path, common..forged.len()).end };
        left.extend_from_slice(forged.get(common..end).unwrap_or_default());
    } else {
        // What is cut off begins where the window begins.
        let end = cut.window(&path, common..honest.len()).start;
        left.extend_from_slice(honest.get(common..end).unwrap_or_default());
    }
    left
}

/// Smaller windows to be tried, so much smaller by `step`: what is cut off can only begin later, what is added only end
/// earlier.
pub(super) fn narrower(delta: &Delta, window: &Range<usize>, step: usize) -> Vec<Range<usize>> {
    let (later, earlier) = (window.start + step..window.end, window.start..window.end.saturating_sub(step));
    let at_end = delta.path.ends_with(END);
    let candidates =
        [(!at_end || delta.forged.is_none(), later), (!at_end || delta.honest.is_none(), earlier)];
    candidates.into_iter().filter(|(fits, window)| *fits && !window.is_empty()).map(|(_, w)| w).collect()
}

/// Bytes in hex, the first of them if they are many.
pub(super) fn shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN) {
        Some(head) if bytes.len() > SHOWN => format!("{}…", hex::encode(head)),
        _ => hex::encode(bytes),
    }
}

/// From the first to the last byte that differs, as far as both go.
fn replaced(honest: &[u8], forged: &[u8]) -> Option<Range<usize>> {
    let differs = |(one, other): (&u8, &u8)| one != other;
    let first = honest.iter().zip(forged).position(differs)?;
    let last = honest.iter().zip(forged).rposition(differs)?;
    Some(first..last + 1)
}

fn delta(path: String, range: Range<usize>, honest: &[u8], forged: &[u8]) -> Delta {
    let side = |bytes: &[u8]| {
        let inside = bytes.get(range.start..range.end.min(bytes.len())).unwrap_or_default();
        (!inside.is_empty()).then(|| Value::from(shown(inside)))
    };
    let (honest, forged) = (side(honest), side(forged));
    Delta { path, honest, forged, bytes: Some(ByteRange { offset: range.start, length: range.len() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(withheld: &[&str], windows: &[(&str, Range<usize>)]) -> Cut {
        Cut {
            withheld: withheld.iter().map(|path| (*path).to_owned()).collect(),
            windows: windows.iter().map(|(path, window)| ((*path).to_owned(), window.clone())).collect(),
        }
    }

    fn told(name: &str, honest: &[u8], forged: &[u8]) -> Vec<(String, usize, usize)> {
        let deltas = differences(name, honest, forged).into_iter();
        deltas.filter_map(|delta| Some((delta.path, delta.bytes?.offset, delta.bytes?.length))).collect()
    }

    #[test]
    fn what_is_replaced_and_what_is_cut_off_are_two_things() {
        let (honest, forged) = (b"0123456789", b"01xx4x6");
        assert_eq!(told("f", honest, forged), [("f: bytes".into(), 2, 4), ("f: end".into(), 7, 3)]);
        assert_eq!(told("f", honest, honest), []);
        assert_eq!(told("f", b"ab", b"abc"), [("f: end".into(), 2, 1)]);

        assert_eq!(left("f", honest, forged, &Cut::default()), forged);
        assert_eq!(left("f", honest, forged, &cut(&["f: bytes", "f: end"], &[])), honest);
        assert_eq!(left("f", honest, forged, &cut(&["f: bytes"], &[])), b"0123456");
        assert_eq!(
            left("f", honest, forged, &cut(&[], &[("f: bytes", 3..5), ("f: end", 9..10)])),
            b"012x45678"
        );
    }

    #[test]
    fn what_is_added_can_be_less() {
        assert_eq!(left("f", b"ab", b"abcdef", &Cut::default()), b"abcdef");
        assert_eq!(left("f", b"ab", b"abcdef", &cut(&[], &[("f: end", 2..3)])), b"abc");
        assert_eq!(left("f", b"ab", b"abcdef", &cut(&["f: end"], &[])), b"ab");
    }

    #[test]
    fn windows_get_smaller_where_it_makes_a_difference() {
        let deltas = differences("f", b"0123", b"01xxyz");
        let [replaced, added] = deltas.as_slice() else { panic!("{deltas:?}") };
        let ends = |delta: &Delta, window: Range<usize>| -> Vec<(usize, usize)> {
            narrower(delta, &window, 1).into_iter().map(|window| (window.start, window.end)).collect()
        };
        assert_eq!(ends(replaced, 2..4), [(3, 4), (2, 3)]);
        assert_eq!(ends(replaced, 2..3), []);
        assert_eq!(ends(added, 4..6), [(4, 5)]);
        let deltas = differences("f", b"0123", b"0");
        assert_eq!(ends(&deltas[0], 1..4), [(2, 4)]);
    }
}
