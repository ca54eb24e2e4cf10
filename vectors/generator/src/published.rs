//! `LEDGER.md` of the published folder, read back.

use std::collections::BTreeMap;

/// Written by [`crate::generate`]; [`crate::check`] tells when it is not what the vectors say.
const LEDGER: &str = include_str!("../../golden/LEDGER.md");

/// The ids of the published vectors by what they test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// By requirement, for example `R2-VER-04`. Requirements without vectors are left out.
    pub requirements: BTreeMap<&'static str, Vec<&'static str>>,
    /// By the rule by which something in the vector is refused or reported, for example `signature-valid`.
    pub rules: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Which of the published vectors test what.
pub fn published() -> Published {
    Published { requirements: table("## Requirements"), rules: table("## Rules") }
}

/// The rows below a heading: the first cell names something, the last lists vectors.
fn table(heading: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let below = LEDGER.lines().skip_while(|line| *line != heading).skip(1);
    let rows = below.take_while(|line| !line.starts_with("## ")).filter_map(row);
    rows.filter(|(_, vectors)| !vectors.starts_with("**none**"))
        .map(|(name, vectors)| (name, vectors.split(", ").collect()))
        .collect()
}

/// The heads of the tables have two cells, as far as blanks tell.
fn row(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, rest) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
    rest.rsplit_once(" | ").map(|(_, vectors)| (name, vectors))
}
