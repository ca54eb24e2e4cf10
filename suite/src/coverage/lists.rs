//! The ids, each with a title, and what fuzz targets and benches are about.

/// One entry of the attack catalogue on each line: its id, a blank, its title.
const ENTRIES: &str = include_str!("entries.txt");
/// One requirement of the specification on each line, likewise.
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// One published attack on each line, likewise.
const PUBLICATIONS: &str = include_str!("publications.txt");
/// One fuzz target on each line: its name and the ids that it is about, separated by blanks.
const FUZZ_TARGETS: &str = include_str!("fuzz.txt");
/// One group of benches on each line: its name in criterion's report, a colon, and the ids that it is about.
const BENCHES: &str = include_str!("benches.txt");

/// The ids and titles of all entries of the attack catalogue, the gravest first.
pub fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENTRIES.lines().filter_map(|line| line.split_once(' '))
}

/// The ids and titles of all requirements, in the order of the specifications of 2.x and 1.x.
pub fn requirements() -> impl Iterator<Item = (&'static str, &'static str)> {
    REQUIREMENTS.lines().filter_map(|line| line.split_once(' '))
}

/// The ids and titles of what was published of attacks on clients: advisories, and attacks of papers as
/// `eprint-YEAR/NUMBER:NAME`, where the name is not the paper's. What has no advisory and names a client does not belong here.
pub fn publications() -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLICATIONS.lines().filter_map(|line| line.split_once(' '))
}

/// The fuzz targets of the reference implementation and the ids that each is about.
pub fn fuzz_targets() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let lines = FUZZ_TARGETS.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, ids)| (name, ids.split(' ').collect()))
}

/// The benches of the reference implementation and the ids that each is about.
pub fn benches() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let lines = BENCHES.lines().filter_map(|line| line.split_once(": "));
    lines.map(|(name, ids)| (name, ids.split(' ').collect()))
}
