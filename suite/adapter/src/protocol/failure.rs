//! Why a request did not succeed, in names and in numbers.

use serde::{Deserialize, Serialize};

/// Why a request did not succeed: a closed set. On the wire `error.code` is [`Failure::code`], `error.message`
/// the reason, and `error.data` may hold `released`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The client refuses for the user's safety.
    Refused,
    /// Somebody else holds the lock; try later.
    Busy,
    /// The client lacks the feature.
    Unsupported,
    /// Anything else: not found, no network, a bug.
    Failed,
}

impl Failure {
    /// The number in `error.code`.
    pub fn code(self) -> i64 {
        match self {
            Self::Refused => 1,
            Self::Busy => 2,
            Self::Unsupported => 3,
            Self::Failed => 4,
        }
    }

    /// The failure of a number. JSON-RPC's own "method not found" counts as [`Failure::Unsupported`], its
    /// "internal error", by which libraries report an exception, as [`Failure::Failed`].
    pub fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            1 => Self::Refused,
            2 => Self::Busy,
            3 | METHOD_NOT_FOUND => Self::Unsupported,
            4 | INTERNAL_ERROR => Self::Failed,
            _ => return None,
        })
    }
}

/// JSON-RPC 2.0: the method does not exist.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// JSON-RPC 2.0: the parameters do not fit.
pub const INVALID_PARAMS: i64 = -32602;
/// JSON-RPC 2.0: the program met an error of its own.
pub const INTERNAL_ERROR: i64 = -32603;
/// JSON-RPC 2.0: the line is no request.
pub const INVALID_REQUEST: i64 = -32600;
/// JSON-RPC 2.0: the line is no JSON.
pub const PARSE_ERROR: i64 = -32700;
