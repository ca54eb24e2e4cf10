//! From a point to a scenario.

use e2ee_reference::metadata::Version as Version2;
use e2ee_reference::metadata_v1::Version as Version1;
use e2ee_reference::recognise::AnyVersion;

use super::rule::{Expected, Point, expected};
use crate::scenario::{Scenario, ScenarioError, Selection, from_texts};

/// The scenarios of all points that are played.
///
/// # Errors
/// The mistakes in their texts: none, or this program is wrong.
pub fn scenarios() -> Result<Vec<Scenario>, Vec<ScenarioError>> {
    asked_for(&Selection::default())
}

/// Those that a selection may want, and perhaps others.
///
/// # Errors
/// As of [`scenarios`].
pub fn asked_for(selection: &Selection) -> Result<Vec<Scenario>, Vec<ScenarioError>> {
    let wanted = files().filter(|(file, text)| selection.may_want(file, text));
    from_texts(&wanted.collect::<Vec<_>>())
}

/// How many there are.
pub(crate) fn number() -> usize {
    files().count()
}

fn files() -> impl Iterator<Item = (String, String)> {
    Point::all().filter_map(|point| Some((format!("{FOLDER}{}.toml", id(point)), text(point)?)))
}

/// Whether a scenario is one of these.
pub fn is_of_lattice(scenario: &Scenario) -> bool {
    scenario.file.starts_with(FOLDER)
}

const FOLDER: &str = "lattice/";

const V1_0: AnyVersion = AnyVersion::V1(Version1::V1_0);
const V1_1: AnyVersion = AnyVersion::V1(Version1::V1_1);
const V2_0: AnyVersion = AnyVersion::V2(Version2::V2_0);
const V2_1: AnyVersion = AnyVersion::V2(Version2::V2_1);

/// For example `lattice-1-2-to-2-1-on-2-0`.
fn id(Point { writer, reader, announced }: Point) -> String {
    format!("lattice-{writer}-to-{reader}-on-{announced}").replace('.', "-")
}

/// The scenario as a file would have it; none for a point that is not played.
fn text(point: Point) -> Option<String> {
    let Point { writer, reader, announced } = point;
    let story = Story::of(point, expected(point))?;
    // What a server announces, a client learns when it starts at the latest.
    let third = story.other.map(|_| "  { other.restart = {} },\n").unwrap_or_default();
    let restarts = format!("  {{ writer.restart = {{}} }},\n  {{ reader.restart = {{}} }},\n{third}");
    let update = match announced == writer {
        true => String::new(),
        false => format!("  {{ server.update = {{ to = \"{announced}\" }} }},\n{restarts}"),
    };
    let (kind, cites, catches) = (story.kind, quoted(story.cites), quoted(&story.catches));
    let (reads, writes) = (versions(&story.reads), versions(&story.writes));
    let steps = story.steps.replace("UPDATE\n", &update);
    let (title, why, id) = (story.title, story.why, id(point));
    let other = story.other.map(|speaks| format!("other  = \"peer alice speaks {speaks}\"\n"));
    let other = other.unwrap_or_default();
    Some(format!(
        "id       = \"{id}\"\n\
         title    = \"{title}\"\n\
         kind     = \"{kind}\"\n\
         cites    = [{cites}]\n\
         versions = [\"{writer}\"]\n\
         reads    = [{reads}]\n\
         writes   = [{writes}]\n\
         catches  = [{catches}]\n\
         why      = \"{why}\"\n\n\
         [actors]\n\
         writer = \"peer alice speaks {writer}\"\n\
         reader = \"subject alice speaks {reader}\"\n\
         {other}\n\
         [script]\n\
         steps = [\n\
         \x20 {{ writer.encrypt_folder = {{ path = \"plans\" }} }},\n\
         \x20 {{ writer.write = {{ path = \"plans/report.txt\" }} }},\n\
         {steps}"
    ))
}

/// What differs from point to point.
struct Story {
    title: String,
    why: &'static str,
    kind: &'static str,
    cites: &'static [&'static str],
    catches: Vec<&'static str>,
    reads: Vec<AnyVersion>,
    writes: Vec<AnyVersion>,
    /// The newest version of a third device, if it takes one to see what was written.
    other: Option<AnyVersion>,
    /// The steps after the writer's first; `UPDATE` stands for that of the server.
    steps: String,
}

impl Story {
    fn of(point: Point, expected: Expected) -> Option<Self> {
        let Point { writer, reader, announced } = point;
        let scene =
            format!("A folder of {writer}, a device of {reader}, a server that announces {announced}");
        let story = match expected {
            Expected::Unplayed(_) => return None,
            Expected::Works(version) => Self {
                title: format!("{scene}: it goes on in {version}"),
                why: "a device writes what the server announces, at most what it knows, and nothing less than there is",
                kind: "conformance",
                cites: &["ROB-INT-01", "R2-GOAL-10", "R1-VERS-01"],
                catches: missed(point, version),
                reads: vec![writer],
                writes: vec![version],
                other: other(point, version).map(|(speaks, _)| speaks),
                steps: format!("UPDATE\n{READS_AND_WRITES}{}", afterwards(point, version)),
            },
            Expected::Migrates(version) => Self {
                title: format!("{scene}: it is migrated to {version}"),
                why: "the first change brings the whole folder over, and devices that know only 1.x stay outside",
                kind: "conformance",
                cites: &["ROB-MIG-01", "ROB-VER-01", "R2-GOAL-10"],
                catches: missed(point, version),
                reads: vec![writer],
                writes: vec![version],
                other: None,
                steps: format!("UPDATE\n{READS_AND_WRITES}{}", afterwards(point, version)),
            },
            Expected::Unreadable => Self {
                title: format!("{scene}: the device leaves it alone"),
                why: "what a device does not understand it neither uses nor overwrites",
                kind: "conformance",
                cites: &["ATK-META-08", "ROB-VER-01", "R2-GOAL-10"],
                catches: overwritten(point),
                reads: Vec::new(),
                writes: Vec::new(),
                other: None,
                steps: format!("UPDATE\n{LEAVES_ALONE}"),
            },
            Expected::Refused => Self {
                title: format!("{scene}: nobody writes it in an older version"),
                why: "a folder of 2.x never goes back, whatever the server announces",
                kind: "attack",
                cites: &["ATK-DOWN-02", "R2-DET-02", "R2-SEC-01"],
                catches: vec!["uploads-plaintext-without-capability"],
                reads: vec![writer],
                writes: vec![writer],
                other: None,
                steps: REFUSES.replace("ANNOUNCED", &announced.to_string()),
            },
        };
        Some(story)
    }
}

const READS_AND_WRITES: &str = "  { reader.read = { path = \"plans/report.txt\" } },
  { reader.write = { path = \"plans/note.txt\" } },
  { reader.sync = {} },
  { reader.read = { path = \"plans/note.txt\" } },
  { reader.read = { path = \"plans/report.txt\" } },
";

const LEAVES_ALONE: &str = "  { reader.read = { path = \"plans/report.txt\" }, expect = \"not-ok\" },
  { reader.write = { path = \"plans/note.txt\" }, expect = \"not-ok\" },
  { writer.sync = {} },
  { writer.read = { path = \"plans/report.txt\" } },
]
";

const REFUSES: &str = "  { reader.sync = {} },
  { reader.read = { path = \"plans/report.txt\" } },
  { attack.announce = { version = \"ANNOUNCED\" } },
  { reader.restart = {}, expect = \"any\" },
  { reader.write = { path = \"plans/secret.txt\" }, expect = \"not-ok\", twin_expect = \"ok\" },
  { reader.sync = {}, expect = \"not-ok\", twin_expect = \"ok\" },
]
reach = \"GET capabilities\"
proof = { leaked = true, lost = \"plans/report.txt\" }
";

/// A third device, where the writer reads whatever the reader writes: the newest version that it knows, and whether that is
/// enough for what was written.
fn other(point: Point, version: AnyVersion) -> Option<(AnyVersion, bool)> {
    match (point.writer, version) {
        (V2_1, V2_0) => Some((V2_0, true)),
        (V2_1, V2_1) => Some((V2_0, false)),
        (V1_1, V1_1) => Some((V1_0, false)),
        _ => None,
    }
}

/// Whether the writer can go on, and what another device sees.
fn afterwards(point: Point, version: AnyVersion) -> String {
    let other = match other(point, version) {
        None => "",
        Some((_, true)) => "  { other.read = { path = \"plans/note.txt\" } },\n",
        Some((_, false)) => "  { other.read = { path = \"plans/note.txt\" }, expect = \"not-ok\" },\n",
    };
    let goes_on = if version <= point.writer { GOES_ON } else { STAYS_OUTSIDE };
    format!("{other}{goes_on}")
}

const GOES_ON: &str = "  { writer.read = { path = \"plans/note.txt\" } },
  { writer.write = { path = \"plans/report.txt\" } },
  { reader.read = { path = \"plans/report.txt\" } },
]
";

const STAYS_OUTSIDE: &str = "  { writer.read = { path = \"plans/note.txt\" }, expect = \"not-ok\" },
]
";

/// Who does not hold to it. Where there is a choice of versions: a device that always writes the newest that it knows,
/// one that never writes a newer version than it found, one that writes what is announced without knowing it, and one that
/// writes the oldest. Where there is only one version in the world, there is no other to be written: then it is a device
/// that speaks to the server in the other interface.
fn missed(point: Point, version: AnyVersion) -> Vec<&'static str> {
    let Point { writer, reader, announced } = point;
    let same_major = version.major() == writer.major();
    let claims = [
        ("ignores-announced-version", version <= writer && version < reader),
        ("keeps-old-version", version != writer),
        ("writes-announced-version", announced > reader),
        ("writes-oldest-version", same_major && version != V1_0 && version != V2_0),
    ];
    let missed: Vec<&str> = claims.into_iter().filter(|(_, fits)| *fits).map(|(name, _)| name).collect();
    match (missed.is_empty(), announced.major()) {
        (false, _) => missed,
        (true, 1) => vec!["speaks-newer-interface"],
        (true, _) => vec!["speaks-older-interface"],
    }
}

/// Who does not leave it alone: a device that takes what it cannot read for no encryption at all, and one that makes new
/// metadata. Those of 2.x are safe from the latter: a server does not let version 1 of the interface touch them.
fn overwritten(Point { writer, reader, .. }: Point) -> Vec<&'static str> {
    match writer.major() == reader.major() {
        true => vec!["overwrites-unknown-version", "writes-plainly-where-unread"],
        false => vec!["writes-plainly-where-unread"],
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn versions(versions: &[AnyVersion]) -> String {
    versions.iter().map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(", ")
}
