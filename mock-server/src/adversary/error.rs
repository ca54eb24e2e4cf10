//! Why a move could not be made.

/// A move does not fit the state that it was played in. Always the scenario's fault, or that of the client
/// which had not come as far as the scenario assumes; never a panic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError {
    /// The tenant has a state file, and the move cannot be kept there.
    #[error(transparent)]
    State(#[from] crate::journal::StateError),
    /// No user has an encrypted folder at this path.
    #[error("unknown folder `{0}`: expected the path of an encrypted folder in somebody's files")]
    UnknownFolder(String),
    /// More than one user has an encrypted folder of his own at this path.
    #[error("ambiguous folder `{0}`: several users have an encrypted folder there")]
    AmbiguousFolder(String),
    /// The server has no such account, or the account has no certificate yet.
    #[error("unknown user `{0}`: expected a user with a certificate")]
    UnknownUser(String),
    /// Nobody has stored metadata for the folder yet.
    #[error("no metadata yet in folder `{0}`: expected a folder that a client has written")]
    NoMetadata(String),
    /// The metadata that lies on the server is no root document of version 2.x.
    #[error("metadata of folder `{folder}` is not a 2.x root document: {reason}")]
    UnexpectedMetadata {
        /// The folder, as the move names it.
        folder: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The metadata that lies on the server is not what the move needs.
    #[error("metadata of folder `{folder}` is not a document of 1.x: {reason}")]
    NotOlder {
        /// The folder, as the move names it.
        folder: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `users` of the folder's metadata does not name this user.
    #[error("user `{user}` is not a member of folder `{folder}`")]
    NotAMember {
        /// The user id.
        user: String,
        /// The folder, as the move names it.
        folder: String,
    },
    /// `users` of the folder's metadata names this user, and the move needs that it does not.
    #[error(
        "user `{user}` is a member of folder `{folder}`: expected somebody who was removed or never was one"
    )]
    StillAMember {
        /// The user id.
        user: String,
        /// The folder, as the move names it.
        folder: String,
    },
    /// The attacker does not hold the private key of this user.
    #[error("private key of `{0}` not held: expected a corrupted user (play `corrupt` first)")]
    PrivateKeyNotHeld(String),
    /// The attacker never saw the metadata key of this folder with the eyes of this user.
    #[error("metadata key of folder `{folder}` not held: `{user}` could not read it when he was corrupted")]
    MetadataKeyNotHeld {
        /// The user id.
        user: String,
        /// The folder, as the move names it.
        folder: String,
    },
    /// The folder holds no file that could be tampered with.
    #[error("no file in folder `{0}`: expected at least one uploaded file")]
    NoFile(String),
    /// The folder holds no encrypted folder with metadata of its own.
    #[error("no folder in folder `{0}`: expected an encrypted folder inside it")]
    NoSubfolder(String),
    /// A path of a change leads nowhere.
    #[error("path `{0}` leads nowhere: expected a JSON pointer to something that is there")]
    NothingThere(String),
    /// The device is not kept on a history of its own.
    #[error("device `{0}` has no history of its own: expected one that was named in `fork`")]
    NotForked(String),
    /// No snapshot has this name.
    #[error("unknown snapshot `{0}`: expected a name given to `snapshot` before")]
    UnknownSnapshot(String),
    /// A member of the move has a value that makes no sense.
    #[error("`{member}` out of range: {expected}")]
    OutOfRange {
        /// The member's name.
        member: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The protocol library could not make the forged piece.
    #[error("forgery failed: {0}")]
    Forgery(#[from] e2ee_reference::error::Error),
}
