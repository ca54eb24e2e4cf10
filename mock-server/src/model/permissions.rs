//! What shares allow.

use std::fmt;
use std::ops::{BitAnd, BitOr};

use serde::{Deserialize, Serialize};

/// What a share allows.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions(u8);

impl Permissions {
    /// Reading.
    pub const READ: Self = Self(1);
    /// Changing what exists.
    pub const UPDATE: Self = Self(2);
    /// Making new nodes.
    pub const CREATE: Self = Self(4);
    /// Deleting.
    pub const DELETE: Self = Self(8);
    /// Sharing further.
    pub const SHARE: Self = Self(16);
    /// Everything.
    pub const ALL: Self = Self(31);
    /// Everything that applies to a file.
    pub const FILE: Self = Self(27);
    /// Everything that a share of a file can allow.
    pub const SHARED_FILE: Self = Self(19);

    /// From the number of the share API; bits that mean nothing are dropped.
    pub const fn new(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The number of the share API.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `other` is allowed.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitAnd for Permissions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({})", self.0)
    }
}
