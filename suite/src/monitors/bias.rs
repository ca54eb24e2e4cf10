//! Whether bytes look as if they were drawn at random.
//!
//! Each question is about how often something happens that of random bytes happens independently and with a known
//! probability: a bit that is set, two bytes that are equal. By Chernoff's bound it happens so often that it is told with a
//! probability below 2^-64. There are 21 questions, two of the eight about bits being asked in both directions, so that random
//! values are taken for others with a probability below 2^-58.

use crate::hash::sha256;

/// The natural logarithm of what a chance has to be below, negated: 2^-64.
const BEYOND_DOUBT: f64 = 64.0 * std::f64::consts::LN_2;
/// In which distances bytes of one value are compared: those of words that are written again and again.
const DISTANCES: [usize; 4] = [1, 2, 4, 8];

/// What keeps values of one length from being random, if anything does. Equal ones count once.
pub(super) fn pattern(mut values: Vec<&[u8]>) -> Option<String> {
    // Documents sort what is in them: neighbours are to have nothing to do with each other.
    values.sort_by_cached_key(|value| sha256(value));
    values.dedup();
    let length = values.first()?.len();
    bits(&values, values.len() * length)
        .or_else(|| neighbours(&values, length))
        .or_else(|| repetitions(&values, length))
}

/// A bit of all bytes that is set too often or too seldom.
fn bits(values: &[&[u8]], bytes: usize) -> Option<String> {
    (0..8).find_map(|bit| {
        let set = values.iter().flat_map(|value| value.iter()).filter(|byte| *byte >> bit & 1 == 1).count();
        told(&format!("bit {bit} of their bytes is set"), set, bytes, 0.5)
            .or_else(|| told(&format!("bit {bit} of their bytes is clear"), bytes - set, bytes, 0.5))
    })
}

/// Bytes that are the same in different values.
fn neighbours(values: &[&[u8]], length: usize) -> Option<String> {
    let others = values.iter().skip(1);
    let equal = values.iter().zip(others).map(|(one, other)| equal_bytes(one, other)).sum();
    let places = values.len().saturating_sub(1) * length;
    told("bytes at the same place of two of them are equal", equal, places, 1.0 / 256.0)
}

/// Bytes that are the same in one value.
fn repetitions(values: &[&[u8]], length: usize) -> Option<String> {
    let mut distances = DISTANCES.iter().filter(|distance| **distance < length);
    distances.find_map(|distance| {
        let rest = |value: &[u8]| equal_bytes(value, value.get(*distance..).unwrap_or_default());
        let equal = values.iter().map(|value| rest(value)).sum();
        let what = format!("bytes at a distance of {distance} in one of them are equal");
        told(&what, equal, values.len() * (length - distance), 1.0 / 256.0)
    })
}

/// At how many places two values have the same byte, as far as both go.
fn equal_bytes(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).filter(|(one, other)| one == other).count()
}

fn told(what: &str, times: usize, of: usize, probability: f64) -> Option<String> {
    is_beyond_chance(times, of, probability).then(|| format!("{what} in {times} cases of {of}"))
}

/// Whether something of this probability happens so often with a chance below 2^-64: at most e^(-of * D), where D is the
/// divergence of what was seen from what was to be expected (Chernoff and Hoeffding).
#[expect(clippy::cast_precision_loss, reason = "counts of bytes in a play are far below 2^52")]
fn is_beyond_chance(times: usize, of: usize, probability: f64) -> bool {
    let share = times as f64 / of.max(1) as f64;
    let part = |seen: f64, expected: f64| if seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 };
    let divergence = part(share, probability) + part(1.0 - share, 1.0 - probability);
    share > probability && of as f64 * divergence > BEYOND_DOUBT
}

#[cfg(test)]
mod tests {
    use e2ee_reference::random;

    use super::*;

    fn told_of<const N: usize>(values: &[[u8; N]]) -> Option<String> {
        pattern(values.iter().map(<[u8; N]>::as_slice).collect())
    }

    fn many<const N: usize>(make: impl Fn(usize) -> [u8; N]) -> Vec<[u8; N]> {
        (0..10_000).map(make).collect()
    }

    #[test]
    fn random_bytes_have_no_pattern() {
        for many_of in [0, 1, 2, 10, 10_000] {
            assert_eq!(told_of(&many(|_| random::array::<16>())[..many_of]), None);
        }
        assert_eq!(told_of(&many(|_| random::array::<40>())), None);
        // Sorted, as documents have them.
        let mut sorted = many(|_| random::array::<14>());
        sorted.sort_unstable();
        assert_eq!(told_of(&sorted), None);
    }

    #[test]
    fn one_key_that_was_not_drawn_is_enough() {
        let told = told_of(&[[0_u8; 16]]).expect("a pattern");
        assert!(told.contains("distance of 1"), "{told}");
        let words = [7, 1, 2, 200, 7, 1, 2, 200, 7, 1, 2, 200, 7, 1, 2, 200_u8];
        let told = told_of(&[words]).expect("a pattern");
        assert!(told.contains("distance of 4"), "{told}");
    }

    #[test]
    fn few_keys_of_a_kind_are_enough() {
        let letters = |_| random::array::<16>().map(|byte| byte & 0x0f | 0x60);
        let told = told_of(&many(letters)[..5]).expect("a pattern");
        assert!(told.contains("bit 4 of their bytes is clear in 80 cases of 80"), "{told}");
        let counter = |number: usize| {
            let mut key =
                [0xa5, 0x3c, 0x96, 0x0f, 0x69, 0xc3, 0x5a, 0xf0, 0x78, 0x87, 0x1e, 0xe1, 0x2d, 0xd2, 0, 0];
            key[14..].copy_from_slice(&u16::try_from(number).unwrap_or_default().to_be_bytes());
            key
        };
        let told = told_of(&many(counter)[..4]).expect("a pattern");
        assert!(told.contains("the same place"), "{told}");
    }

    #[test]
    fn a_slight_bias_shows_in_many() {
        // One in sixteen bits is forced.
        let slight =
            |_| random::array::<16>().map(|byte| if random::array::<1>()[0] < 16 { byte | 1 } else { byte });
        assert_eq!(told_of(&many(slight)[..10]), None);
        assert!(told_of(&many(slight)).is_some());
    }

    #[test]
    fn what_happens_half_of_the_time_is_chance() {
        assert!(!is_beyond_chance(64, 64, 0.5));
        assert!(is_beyond_chance(65, 65, 0.5));
        assert!(!is_beyond_chance(5000, 10_000, 0.5));
        assert!(!is_beyond_chance(0, 0, 0.5));
        assert!(!is_beyond_chance(8, 8, 1.0 / 256.0));
        assert!(is_beyond_chance(9, 9, 1.0 / 256.0));
    }
}
