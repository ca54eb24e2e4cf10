//! Which clients the app lets in.

type Version = [u64; 3];

/// Prefix or shape of the user agent, and the lowest version that is let in.
const ANDROID: (&str, Version) = ("Mozilla/5.0 (Android) Nextcloud-android/", [3, 13, 0]);
const IOS: (&str, Version) = ("Mozilla/5.0 (iOS) Nextcloud-iOS/", [3, 0, 5]);
const DESKTOP: Version = [3, 0, 0];
/// Older desktop clients may not even speak DAV.
const LEGACY: Version = [3, 1, 0];

/// Whether a client may use end-to-end encryption: a released client that is new enough, or one that is none of
/// them and says `X-E2EE-Supported: true`.
pub(crate) fn is_supported(user_agent: &str, header: Option<&str>) -> bool {
    let mobile = [ANDROID, IOS].into_iter().find_map(|(prefix, lowest)| {
        let version = version(user_agent.strip_prefix(prefix)?)?;
        Some(version >= lowest)
    });
    let known = mobile.or_else(|| Some(desktop_version(user_agent)? >= DESKTOP));
    known.unwrap_or(header == Some("true"))
}

/// Whether the server refuses a desktop client of this age altogether.
pub(crate) fn is_legacy(user_agent: &str) -> bool {
    let at = |name: &str| user_agent.find(name).map(|at| &user_agent[at + name.len()..]);
    let version = at("mirall/").or_else(|| at("csyncoC/")).and_then(version);
    version.is_some_and(|version| version < LEGACY)
}

fn desktop_version(user_agent: &str) -> Option<Version> {
    let (platform, rest) = user_agent.strip_prefix("Mozilla/5.0 (")?.split_once(") ")?;
    let plain = !platform.is_empty() && platform.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
    let text = rest.strip_prefix("mirall/").or_else(|| rest.strip_prefix("csyncoC/"))?;
    version(text).filter(|_| plain)
}

/// Three numbers without leading zeros; what follows the third does not matter.
fn version(text: &str) -> Option<Version> {
    let (first, rest) = text.split_once('.')?;
    let (second, rest) = rest.split_once('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let third = rest.get(..end)?;
    let third = if third.starts_with('0') { "0" } else { third };
    Some([number(first)?, number(second)?, number(third)?])
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    (digits && plain).then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_clients_need_their_version() {
        let cases = [
            ("Mozilla/5.0 (Android) Nextcloud-android/3.13.0", true),
            ("Mozilla/5.0 (Android) Nextcloud-android/3.2.9", false),
            ("Mozilla/5.0 (iOS) Nextcloud-iOS/3.0.5", true),
            ("Mozilla/5.0 (iOS) Nextcloud-iOS/3.0.4", false),
            ("Mozilla/5.0 (Linux) mirall/3.14.2git", true),
            ("Mozilla/5.0 (Mac OS X) csyncoC/2.9.9stable", false),
            ("Mozilla/5.0 (FreeBSD 13) mirall/3.14.2", false),
            ("Mozilla/5.0 (Linux) mirall/3.14", false),
            ("Mozilla/5.0 (Linux) mirall/03.14.0", false),
            ("curl/8.0", false),
            ("", false),
        ];
        for (user_agent, supported) in cases {
            assert_eq!(is_supported(user_agent, None), supported, "{user_agent}");
        }
    }

    #[test]
    fn the_header_does_not_help_an_old_client() {
        assert!(is_supported("my-client/1.0", Some("true")));
        assert!(!is_supported("my-client/1.0", Some("1")));
        assert!(!is_supported("Mozilla/5.0 (iOS) Nextcloud-iOS/3.0.4", Some("true")));
    }
}
