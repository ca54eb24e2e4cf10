//! The moves of the adversary: one file each, one line each in the list below.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::MoveError;
use super::lie::Lie;
use super::stage::Stage;

/// What a move does when it is played.
pub(super) trait Play {
    /// Changes the model, or returns a standing lie, or does both. When it fails, nothing has changed.
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError>;
}

pub use fail::Failure;
pub(super) use replace_certificate::Issuer;

macro_rules! moves {
    ($($module:ident: $Move:ident = $doc:literal,)*) => {
        $(mod $module;)*
        $(pub use $module::$Move;)*

        /// One move of the adversary, written the same way in a scenario file, in the control API and in Rust:
        /// the move's name with its members, for example
        /// `{ "insert_phantom": { "folder": "plans", "user": "eve" } }`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Move {
            $(#[doc = $doc] $Move($Move),)*
        }

        impl Move {
            /// The names of all moves in scenario spelling.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($module)),*];

            /// The move's name in scenario spelling.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$Move(_) => stringify!($module),)* }
            }

            /// What the move does, in one sentence.
            pub const fn summary(&self) -> &'static str {
                match self { $(Self::$Move(_) => $doc,)* }
            }

            /// Plays the move. The lie, if there is one, stands until the tenant is gone.
            pub fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
                match self { $(Self::$Move(it) => it.play(stage),)* }
            }
        }
    };
}

moves! {
    replace_certificate: ReplaceCertificate = "GET public-key answers another certificate.",
    swap_member_certificate: SwapMemberCertificate = "A member gets another certificate, in `users` too.",
    replace_server_key: ReplaceServerKey = "The server key changes.",
    issue_foreign_certificate: IssueForeignCertificate = "Certificates are issued by another key.",
    insert_phantom: InsertPhantom = "A member nobody added signs himself in.",
    replace_metadata: ReplaceMetadata = "The server writes the metadata itself.",
    strip_signature: StripSignature = "The signature is left out.",
    snapshot: Snapshot = "Keeps the state under a name.",
    rollback: Rollback = "Goes back to a kept state.",
    flip_bit: FlipBit = "Damages the files of a folder.",
    withdraw_capability: WithdrawCapability = "The server no longer announces end-to-end encryption.",
    withdraw_flag: WithdrawFlag = "A folder is no longer shown as encrypted.",
    corrupt: Corrupt = "A user's private key falls into the attacker's hands.",
    plant_entry: PlantEntry = "A corrupted member adds a file.",
    readmit_member: ReadmitMember = "A removed member signs himself back in.",
    rendezvous: Rendezvous = "Requests wait for each other.",
    touch_etags: TouchEtags = "Everything looks changed.",
    edit_metadata: EditMetadata = "Somebody rewrites metadata, and signs.",
    starve_key: StarveKey = "A member seals metadata under a key that is none.",
    late_write: LateWrite = "A member's write shows only under the lock.",
    swap: Swap = "Two genuine things are exchanged.",
    reshape_files: ReshapeFiles = "Files are cut short or prolonged.",
    plant_plain: PlantPlain = "A plain file lies in an encrypted folder.",
    hide: Hide = "Something is left out of listings.",
    reshare: Reshare = "The server shares a folder by itself.",
    forget_keys: ForgetKeys = "A user's keys are not found any more.",
    substitute_certificate: SubstituteCertificate = "A certificate is issued over another key.",
    rewrap: Rewrap = "A wrapped metadata key is replaced.",
    reset_encryption: ResetEncryption = "Keys and encrypted folders of a user are wiped.",
    inflate: Inflate = "Metadata become long when they are inflated.",
    fail: Fail = "Requests go wrong.",
    update: Update = "The server is updated and announces another version.",
    announce: Announce = "The capabilities announce another version.",
    serve_older: ServeOlder = "The server writes metadata of 1.x itself.",
    insert_key: InsertKey = "The server puts a key of its own into metadata of 1.x.",
    patch_metadata: PatchMetadata = "The server changes the text of metadata.",
    when: When = "Another move is played when a request arrives.",
    fork: Fork = "A device is kept on a history of its own.",
    join: Join = "A device sees again what all others see.",
    hold_lock: HoldLock = "A folder is locked, by nobody.",
    keep_lock: KeepLock = "A folder is locked again as soon as it is released.",
    expire_locks: ExpireLocks = "All locks are gone, with what was written under them.",
    grant_lock_twice: GrantLockTwice = "A lock that is held is granted again.",
    forge_lock_token: ForgeLockToken = "The token of a lock is told as something else.",
    ignore_counter: IgnoreCounter = "Locks are granted whatever the counter.",
    set_counter: SetCounter = "The counter that locks are checked against changes.",
    drop_file: DropFile = "Somebody who is no member leaves a file.",
    forget_drops: ForgetDrops = "What was dropped is not told.",
    end_share: EndShare = "The server ends a share by itself.",
    garble_metadata: GarbleMetadata = "Metadata are withheld, or told as something that is none.",
    split_channels: SplitChannels = "The two channels of metadata tell two things.",
    replace_private_key: ReplacePrivateKey = "GET private-key answers another blob.",
    downgrade_private_key: DowngradePrivateKey = "The private-key blob leads to a weaker derivation or layout.",
    tell_properties: TellProperties = "Listings say something else of nodes.",
    offer_file_locks: OfferFileLocks = "The server offers to lock files for editing.",
    lose_file: LoseFile = "The server loses a file.",
    add_plain: AddPlain = "A plain folder is made with a file in it.",
    tell_deletions: TellDeletions = "What was said last of folders that are gone is told.",
    replay_deletion: ReplayDeletion = "What was signed last of a folder that is gone is served for another.",
    add_certificate: AddCertificate = "GET public-key answers a certificate that nobody has asked for.",
    list_another_root: ListAnotherRoot = "The root of another user is listed.",
    change_fingerprint: ChangeFingerprint = "The server says that its data were restored.",
    relent: Relent = "The server tells the truth again.",
}
