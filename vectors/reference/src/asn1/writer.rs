//! A writer of DER.

use super::tag;

/// One element of these parts, run together.
#[must_use]
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut encoding = Vec::with_capacity(length + 6);
    encoding.push(tag);
    push_length(&mut encoding, length);
    for part in parts {
        encoding.extend_from_slice(part);
    }
    encoding
}

/// One element of these parts with an indefinite length: BER, for constructed types only.
#[must_use]
pub fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80], &parts.concat()[..], &[0, 0]].concat()
}

/// A SEQUENCE of encoded elements.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, parts)
}

/// An OBJECT IDENTIFIER from its contents octets.
pub(crate) fn object_id(content: &[u8]) -> Vec<u8> {
    element(tag::OBJECT_ID, &[content])
}

/// UTCTime before 2050 and GeneralizedTime after, both in UTC with seconds (RFC 5652 section 11.3).
#[must_use]
pub fn time(unix_seconds: i64) -> Vec<u8> {
    let (days, seconds) = (unix_seconds.div_euclid(86_400), unix_seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let rest = format!("{month:02}{day:02}{:02}{:02}{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (1950..2050).contains(&year) {
        element(tag::UTC_TIME, &[format!("{:02}{rest}", year % 100).as_bytes()])
    } else {
        element(tag::GENERALIZED_TIME, &[format!("{year:04}{rest}").as_bytes()])
    }
}

fn push_length(encoding: &mut Vec<u8>, length: usize) {
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        encoding.push(short);
        return;
    }
    let octets = length.to_be_bytes();
    let octets = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
    encoding.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
    encoding.extend_from_slice(octets);
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in eras of 400 years that begin on 1 March, so that leap days come last.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_change_their_form_in_2050() {
        for (seconds, expected) in [
            (0, "700101000000Z"),
            (951_782_399, "000228235959Z"),
            (951_782_400, "000229000000Z"),
            (1_767_225_599, "251231235959Z"),
            (2_524_607_999, "491231235959Z"),
            (2_524_608_000, "20500101000000Z"),
        ] {
            assert_eq!(&time(seconds)[2..], expected.as_bytes(), "{seconds}");
        }
    }

    #[test]
    fn lengths_are_minimal() {
        for (length, header) in
            [(0, &[4, 0][..]), (127, &[4, 127]), (128, &[4, 0x81, 128]), (256, &[4, 0x82, 1, 0])]
        {
            assert_eq!(&element(tag::OCTET_STRING, &[&vec![0; length]])[..header.len()], header);
        }
    }
}
