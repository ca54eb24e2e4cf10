//! What must come of each point of the lattice.

use e2ee_reference::metadata_v1::Version;
use e2ee_reference::recognise::AnyVersion;

/// One point of the lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The folder was made by a device whose newest version this is, when the server announced it.
    pub writer: AnyVersion,
    /// A device whose newest version this is comes next.
    pub reader: AnyVersion,
    /// What the server announces by then.
    pub announced: AnyVersion,
}

impl Point {
    /// All 125 points.
    pub fn all() -> impl Iterator<Item = Self> {
        let all = || AnyVersion::ALL.into_iter();
        all().flat_map(move |writer| {
            all().flat_map(move |reader| all().map(move |announced| Self { writer, reader, announced }))
        })
    }

    /// What the reader would write into a new folder.
    pub fn spoken(self) -> AnyVersion {
        self.announced.min(self.reader)
    }
}

/// What must come of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The reader reads and writes; by then the folder has this version, of the same major number (R1-VERS-01,
    /// R2-GOAL-10).
    Works(AnyVersion),
    /// The reader reads, and with its first change the folder is migrated to this version (ROB-MIG-01).
    Migrates(AnyVersion),
    /// The reader does not know the folder's version and leaves it alone (ATK-META-08).
    Unreadable,
    /// The server takes back the interface that the folder needs: nobody writes it in an older version (ATK-DOWN-02).
    Refused,
    /// It is not played, and why.
    Unplayed(&'static str),
}

/// The rule.
pub fn expected(point: Point) -> Expected {
    let Point { writer, reader, announced } = point;
    let served = announced.major() >= writer.major();
    let raised = announced.major() > writer.major();
    if raised && writer == V1_1 {
        return Expected::Unplayed("a server of 2.x gives out no metadata 1.1, in neither interface");
    }
    match (reader >= writer, served) {
        (false, false) => {
            Expected::Unplayed("the reader could not read the folder before the server fell back")
        }
        (false, true) => Expected::Unreadable,
        (true, false) => Expected::Refused,
        (true, true) if raised && point.spoken() == V1_1 => {
            Expected::Unplayed("a server of 2.x takes metadata 1.1 and never gives them out again")
        }
        (true, true) if point.spoken().major() > writer.major() => Expected::Migrates(point.spoken()),
        // A checksum, once there, stays; of 2.x a lower minor number does no harm.
        (true, true) if writer.major() == 1 => Expected::Works(point.spoken().max(writer)),
        (true, true) => Expected::Works(point.spoken()),
    }
}

const V1_1: AnyVersion = AnyVersion::V1(Version::V1_1);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(writer: &str, reader: &str, announced: &str) -> Expected {
        let version = |text: &str| text.parse().expect("a version");
        expected(Point { writer: version(writer), reader: version(reader), announced: version(announced) })
    }

    fn works(version: &str) -> Expected {
        Expected::Works(version.parse().expect("a version"))
    }

    #[test]
    fn a_few_points_by_hand() {
        assert_eq!(at("1.0", "1.2", "1.2"), works("1.2"));
        assert_eq!(at("1.2", "1.2", "1.0"), works("1.2"));
        assert_eq!(at("1.2", "1.2", "2.1"), works("1.2"));
        assert_eq!(at("2.1", "2.1", "2.0"), works("2.0"));
        assert_eq!(at("1.2", "2.1", "2.0"), Expected::Migrates("2.0".parse().expect("a version")));
        assert_eq!(at("2.0", "2.1", "1.2"), Expected::Refused);
        assert_eq!(at("2.1", "2.0", "2.1"), Expected::Unreadable);
        assert!(matches!(at("1.1", "2.1", "2.1"), Expected::Unplayed(_)));
    }

    #[test]
    fn no_folder_ever_gets_an_older_major_version() {
        for point in Point::all() {
            if let Expected::Works(version) | Expected::Migrates(version) = expected(point) {
                assert!(version.major() >= point.writer.major(), "{point:?}");
                assert!(version <= point.reader, "{point:?}");
            }
        }
    }
}
