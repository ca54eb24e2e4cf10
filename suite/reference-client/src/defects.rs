//! The known ways to be wrong: each defect makes the client deviate in one place.

use e2ee_reference::trust::Exceptions;
use std::collections::BTreeSet;
use std::str::FromStr;

macro_rules! defects {
    ($($variant:ident $name:literal $what:literal)*) => {
        /// One way to be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $(#[doc = $what] $variant,)*
        }

        /// Every defect: its name and what the client does wrong.
        pub const DEFECTS: &[(&str, &str)] = &[$(($name, $what),)*];

        const ALL: &[Defect] = &[$(Defect::$variant,)*];
    };
}

defects! {
    AcceptsChangedCertificate "accepts-changed-certificate" "takes a new certificate of a contact without asking"
    AcceptsUnissuedCertificate "accepts-unissued-certificate" "takes a contact's certificate that the server key did not sign"
    AcceptsChangedOwnCertificate "accepts-changed-own-certificate" "wraps metadata keys to whatever certificate the server names for oneself"
    AcceptsChangedServerKey "accepts-changed-server-key" "follows the server to a new server key and starts trust afresh"
    AcceptsForeignCertificate "accepts-foreign-certificate" "does not check its own certificate against the server key at set-up"
    AcceptsWrongKeyPair "accepts-wrong-key-pair" "restores a private key without checking that it belongs to the certificate"
    KeepsMetadataKey "keeps-metadata-key" "keeps the metadata key when a member comes or goes"
    ReuploadsFiles "reuploads-files" "uploads every file again when a member comes or goes"
    AcceptsPhantomMember "accepts-phantom-member" "takes a document signed by somebody who was no member before"
    AcceptsReplacedMetadata "accepts-replaced-metadata" "takes a whole new document of a stranger for a known folder"
    BindsSignerByName "binds-signer-by-name" "verifies a signature with the certificate that it carries, and compares that by issuer and serial"
    AcceptsMissingSignature "accepts-missing-signature" "takes a document without a signature"
    IgnoresCounter "ignores-counter" "takes an older state of a folder"
    ReadmitsRemovedMember "readmits-removed-member" "lets a removed member sign himself back in under an old metadata key"
    ReleasesUnauthenticatedFile "releases-unauthenticated-file" "gives out decrypted bytes although their authentication tag is wrong"
    UploadsPlaintextWithoutCapability "uploads-plaintext-without-capability" "writes plainly when the server announces no end-to-end encryption"
    UploadsPlaintextWithoutFlag "uploads-plaintext-without-flag" "writes plainly into a known folder that the server calls unencrypted"
    FollowsPathsInNames "follows-paths-in-names" "uses a decrypted name as a path on the device"
    ReusesFileKey "reuses-file-key" "encrypts a new content under the old file key and nonce"
    SendsNameInClear "sends-name-in-clear" "tells the server the name of an uploaded file, in base64"
    LeaksMnemonic "leaks-mnemonic" "sends the mnemonic along with the private-key blob"
    SealsUnderOtherMnemonic "seals-under-other-mnemonic" "shows the user another mnemonic than the one that seals the private key"
    WritesWithoutLock "writes-without-lock" "writes without asking for a lock"
    NeverUnlocks "never-unlocks" "never releases a lock"
    LosesConcurrentWrite "loses-concurrent-write" "writes what it knew before it had the lock"
    AcceptsOutsiderSignature "accepts-outsider-signature" "takes a document signed by somebody who is no member"
    AcceptsInvalidSignature "accepts-invalid-signature" "takes a document whose signature was made over something else"
    IgnoresCommonName "ignores-common-name" "takes a certificate that names somebody else"
    AcceptsWeakKey "accepts-weak-key" "wraps metadata keys to RSA keys that are too short"
    AcceptsShortenedHistory "accepts-shortened-history" "takes a document whose history of metadata keys has lost entries"
    AcceptsUnlistedKey "accepts-unlisted-key" "takes a document whose metadata key has no checksum in it"
    AcceptsReusedCounter "accepts-reused-counter" "takes another document with a counter that it knows"
    AcceptsForeignListing "accepts-foreign-listing" "takes metadata that belong to another folder"
    AcceptsDuplicateMember "accepts-duplicate-member" "takes a document that lists a member twice"
    AcceptsPromotedSubfolder "accepts-promoted-subfolder" "takes a known subfolder for a root folder with members of its own"
    FollowsOddIdentifiers "follows-odd-identifiers" "uses whatever stands in the place of an identifier as an address"
    UsesEmptyKey "uses-empty-key" "takes a metadata key that it cannot unwrap for zeros"
    ObeysUnverifiedDeletion "obeys-unverified-deletion" "deletes a folder before it knows who says so"
    DeletesVanishedFolder "deletes-vanished-folder" "deletes a folder that the server does not list any more"
    DeletesUnlistedFiles "deletes-unlisted-files" "deletes files that the metadata name and the server does not list"
    DeletesOnMetadataError "deletes-on-metadata-error" "deletes a folder whose metadata cannot be fetched or are refused"
    DeletesWithoutCapability "deletes-without-capability" "deletes encrypted folders when no encryption is announced"
    StartsAfreshWithoutMetadata "starts-afresh-without-metadata" "makes new metadata for a known folder when the server has none"
    TakesPlainFiles "takes-plain-files" "takes files of an encrypted folder that no metadata name"
    ReadmitsSharedUsers "readmits-shared-users" "makes members of all with whom the server says that a folder is shared"
    ForgetsKeysWithServer "forgets-keys-with-server" "throws its keys away when the server does not have them"
    DropsDamagedEntries "drops-damaged-entries" "leaves out of new metadata what it cannot read"
    WritesIntoPlantedFolders "writes-into-planted-folders" "writes plainly into a folder that no metadata name"
    VerifiesTextAsServed "verifies-text-as-served" "verifies a signature over the text that it was served, which is not what was signed"
    DemandsUsualIdentifiers "demands-usual-identifiers" "refuses identifiers of files that are not 32 hexadecimal digits"
    DemandsHistoryBelow "demands-history-below" "refuses a folder inside another one whose metadata have no checksums of keys"
    DemandsTagInMetadata "demands-tag-in-metadata" "refuses files whose authentication tag is not repeated in the metadata"
    ManglesUnicodeNames "mangles-unicode-names" "writes names in ASCII"
    SkipsEmptyFiles "skips-empty-files" "does not upload empty files"
    TruncatesLargeFiles "truncates-large-files" "uploads the first MiB of a file"
    IgnoresFailedUpload "ignores-failed-upload" "writes the metadata of a file that could not be uploaded"
    AssemblesWhatIsThere "assembles-what-is-there" "makes a file of the chunks that the server has taken, though it has not taken all"
    ResumesWithOtherContent "resumes-with-other-content" "goes on with an upload in chunks that broke off although the content is another one"
    TakesSilenceForAbsence "takes-silence-for-absence" "makes new metadata for a known folder when those that there are do not come in time"
    IgnoresFailedStore "ignores-failed-store" "takes a change for done whose metadata the server did not take"
    IgnoresFailedUnlock "ignores-failed-unlock" "takes a change for done whose lock it could not release"
    ForgetsHeldLocks "forgets-held-locks" "forgets a lock that it could not release"
    KeepsTokensInMemory "keeps-tokens-in-memory" "loses the tokens of its locks when it is killed"
    KeepsCountersInMemory "keeps-counters-in-memory" "loses what it accepted last of each folder when it is killed"
    AcceptsOddLockToken "accepts-odd-lock-token" "writes with whatever the server gives it as a lock token"
    IgnoresDrops "ignores-drops" "leaves dropped files where they are"
    ForgetsDrops "forgets-drops" "leaves dropped files out of the metadata that it writes"
    DropsReplaceFiles "drops-replace-files" "lets a dropped file take the place of a member's"
    BlockedByBadDrop "blocked-by-bad-drop" "uses a folder no more in which something was dropped that it cannot open"
    OpensFirstDropKey "opens-first-drop-key" "opens dropped files with the key of whoever is named first"
    StuckAfterConflict "stuck-after-conflict" "never uses a folder again that somebody else has written first"
    GivesUpUnlocking "gives-up-unlocking" "tries to release a lock only once"
    HammersLocks "hammers-locks" "asks for a lock again and again without a pause"
    WritesAfterLostLock "writes-after-lost-lock" "writes on when the answer to its lock request is lost"
    BlocksPlainFiles "blocks-plain-files" "writes no plain file as long as an encrypted folder is in trouble"
    WritesIntoVanishedFolder "writes-into-vanished-folder" "writes plainly when an encrypted folder is gone"
    BringsRemovedBack "brings-removed-back" "writes a removed file back into the metadata when it writes the next one"
    DeletesWithoutWord "deletes-without-word" "deletes a folder without saying so in its metadata"
    KeepsCounter "keeps-counter" "does not raise the counter"
    OmitsKeyChecksum "omits-key-checksum" "writes no checksums of metadata keys"
    SignsOtherContent "signs-other-content" "signs the document as it is sent and not in its canonical form"
    ShortIdentifiers "short-identifiers" "gives files identifiers of 32 bits"
    LeavesOrphans "leaves-orphans" "takes a file out of the metadata and leaves its bytes"
    SendsPlaintextChecksum "sends-plaintext-checksum" "sends the checksum of the plaintext along with the ciphertext"
    SendsMimetype "sends-mimetype" "tells the server the type of an encrypted file"
    SendsTokenOutside "sends-token-outside" "sends a lock token along with plain files"
    IgnoresAnnouncedVersion "ignores-announced-version" "writes the newest version that it knows, whatever the server announces"
    WritesAnnouncedVersion "writes-announced-version" "writes what the server announces, even a version that it does not know"
    WritesOldestVersion "writes-oldest-version" "writes the oldest version of the announced major number, even into a folder of a newer one"
    KeepsOldVersion "keeps-old-version" "goes on in the version that a folder has, whatever the server announces by now"
    OverwritesUnknownVersion "overwrites-unknown-version" "makes new metadata for a folder whose metadata are of a version that it does not know"
    AcceptsOlderVersion "accepts-older-version" "takes metadata of 1.x for a folder that it knows in a newer version"
    IgnoresChecksum "ignores-checksum" "does not look at the checksum of metadata 1.2"
    KeepsServedKey "keeps-served-key" "seals new metadata of 1.x with the newest key that the old ones have"
    MigratesRootOnly "migrates-root-only" "migrates a root folder and leaves the folders below it as they are"
    MovesPlainFilesIn "moves-plain-files-in" "has the server move a plain file into an encrypted folder, under its clear name"
    RefersToClearPath "refers-to-clear-path" "says with an upload, as the page that it comes from, where the file lies"
    KeepsKeysInTheOpen "keeps-keys-in-the-open" "lets every user of the computer read the files in which it keeps its keys"
    SearchesOnServer "searches-on-server" "has the server search for a file by its clear name"
    CommentsOnServer "comments-on-server" "sends comments on encrypted files to the server"
    TagsOnServer "tags-on-server" "makes a tag of the server of what the user writes on an encrypted file"
    NamesFilesInLog "names-files-in-log" "uploads a log that names encrypted files"
    TakesOthersOut "takes-others-out" "takes the other files of a folder out of it along with the one that the user moves out"
    LeavesWhatItTakesOut "leaves-what-it-takes-out" "leaves in the encrypted folder what it moves out of it"
    MovesCiphertextOut "moves-ciphertext-out" "has the server bring a file out of an encrypted folder, as it is stored"
    TellsConflicts "tells-conflicts" "tells the server the path of a file that another device has changed meanwhile"
    AsksForPreviews "asks-for-previews" "asks the server for a preview of a file, by its name"
    LeavesTemporaryFiles "leaves-temporary-files" "decrypts into temporary files, and clears them away only if nothing fails"
    SaysNotWhatItIs "says-not-what-it-is" "lists folders without saying that it knows end-to-end encryption"
    TakesForbiddenForGone "takes-forbidden-for-gone" "deletes what it is not allowed to list"
    SameNamesOverwrite "same-names-overwrite" "lets an entry take the place of another one of the same name"
    InflatesWithoutBound "inflates-without-bound" "inflates metadata however long they become"
    KnowsOneDerivation "knows-one-derivation" "opens private-key blobs with the current key derivation only"
    SealsWithOldDerivation "seals-with-old-derivation" "seals its private key with a key derivation of 1024 rounds"
    MakesKeysForBrokenBlob "makes-keys-for-broken-blob" "makes new keys when the private-key blob does not open"
    TellsPaddingErrors "tells-padding-errors" "fetches its certificate again when a metadata key does not unwrap"
    NeverTakesNewKeys "never-takes-new-keys" "keeps to its first keys when the user has made new ones"
    BelievesListedKinds "believes-listed-kinds" "deletes a file that the server lists as a folder"
    BelievesListedSizes "believes-listed-sizes" "empties a file that the server lists without bytes"
    SharesBeforeKeys "shares-before-keys" "shares a folder with a user who has no keys to open it"
    ForgetsOtherMembers "forgets-other-members" "wraps the new metadata key for itself and the newcomer alone"
    OverlooksReshares "overlooks-reshares" "takes back only the shares that it has made itself"
    DeletesReceivedFolders "deletes-received-folders" "deletes a received folder for everybody instead of leaving it"
    SkipsThoseWhoLeft "skips-those-who-left" "keeps the metadata key when a member has left by himself"
    CopiesCiphertext "copies-ciphertext" "has the server copy a file, whose key and nonce then are those of two"
    CopiesTopOnly "copies-top-only" "copies a folder without the folders that are in it"
    RenewsWithoutFolders "renews-without-folders" "leaves the old certificate in its folders when it has a new one"
    KeepsOldStoredKey "keeps-old-stored-key" "leaves the old private key on the server when it has a new one"
    RefusesRenewals "refuses-renewals" "refuses whoever has a renewed certificate, whatever the user says"
    BelievesUnsignedRemovals "believes-unsigned-removals" "takes a file for removed that metadata of 1.x have lost and the server has still"
    LocksToRead "locks-to-read" "asks for the lock of a folder before it reads a file"
    ForgetsShareToken "forgets-share-token" "sends requests about a public link as if they were its user's own"
    SealsLinkUnderOtherMnemonic "seals-link-under-other-mnemonic" "tells the user other words than those that open a public link"
    RefusesLinkMembers "refuses-link-members" "refuses a folder of which a public link is a member"
    TakesFlagBack "takes-flag-back" "takes the encrypted flag off a folder before it deletes it"
    SharesInside "shares-inside" "shares a file or a folder that lies in an encrypted folder"
    EncryptsFullFolders "encrypts-full-folders" "flags a folder in which something lies already"
    SpeaksNewerInterface "speaks-newer-interface" "speaks version 2 of the interface to servers of 1.x, too"
    WritesPlainlyWhereUnread "writes-plainly-where-unread" "writes plainly into a folder that it cannot open and has never opened"
    SpeaksOlderInterface "speaks-older-interface" "speaks version 1 of the interface to servers of 2.x, too"
    AddsEntryOnUpdate "adds-entry-on-update" "gives an updated file a new identifier, and leaves the old entry"
    LeavesLostFiles "leaves-lost-files" "does not upload again what the server has lost"
    KeepsDeletedFolders "keeps-deleted-folders" "does not believe a member who has signed that a folder is deleted"
    WrapsKeyAsText "wraps-key-as-text" "wraps the base64 of the metadata key for other members"
    SignsWithoutCertificate "signs-without-certificate" "leaves its certificate out of signatures, and is named in them by a key identifier"
    ForgetsKeyHistory "forgets-key-history" "names only the newest metadata key in the key checksums"
    ReadsWithNewestKey "reads-with-newest-key" "opens files of 1.0 with the newest metadata key, whichever they name"
    ReadsWithFirstKey "reads-with-first-key" "opens a folder with the metadata key that it has seen first"
    LocksByName "locks-by-name" "locks a file for editing by its clear name"
    SameRandomnessEverywhere "same-randomness-everywhere" "draws the same keys in the same order wherever it is installed"
    DrawsKeysOfLetters "draws-keys-of-letters" "draws keys of files and folders that consist of letters"
    BindsSignerByCommonName "binds-signer-by-common-name" "verifies a signature with the certificate that it carries, if the server key has signed that and it names a member"
    TrustsKnownCounters "trusts-known-counters" "takes whatever has the counter that it knows already"
    TrustsUnderItsLock "trusts-under-its-lock" "verifies nothing of what it fetches once it has the lock"
    TrustsReceivedFolders "trusts-received-folders" "verifies the metadata of its own folders only"
    ChecksKnownFoldersOnly "checks-known-folders-only" "verifies nothing of a root folder that it has not seen before"
    ForgetsMembers "forgets-members" "forgets who the members of its folders were when it starts"
    LetsContactsSign "lets-contacts-sign" "takes a document that anybody has signed whose certificate it knows"
    RemembersOwnCountersOnly "remembers-own-counters-only" "remembers the counters of what it has written itself, and of nothing else"
    RemembersRefusedCounters "remembers-refused-counters" "remembers the counter of a document that it refuses"
    OverlooksUnlistedKey "overlooks-unlisted-key" "does not look whether the metadata key in use has a checksum"
    CountsKeyHistory "counts-key-history" "looks whether the key checksums have become fewer, and not which they are"
    ForgetsContacts "forgets-contacts" "forgets the certificates of its contacts when it starts"
    PinsWhatItRefuses "pins-what-it-refuses" "remembers the certificate of a contact that it refuses"
    ComparesBeginningsOfNames "compares-beginnings-of-names" "takes a certificate whose name begins with that of the user"
    RenewsOverAnyKey "renews-over-any-key" "takes a renewed certificate without looking whose key is in it"
    LinksToAnyKey "links-to-any-key" "takes the certificate of a public link without looking whose key is in it"
    SealsLinkWithOldDerivation "seals-link-with-old-derivation" "seals the private key of a public link with a key derivation of 1024 rounds"
    KeepsMetadataKeyForOthers "keeps-metadata-key-for-others" "keeps the metadata key when a member goes and another one stays"
    RekeysOneLevel "rekeys-one-level" "gives a new metadata key to the root folder and the folders in it, and to none that lies deeper"
    BelievesOfVanishedFolders "believes-of-vanished-folders" "verifies nothing of what is told of a folder that is not listed any more"
    TakesMigrationsFromAnybody "takes-migrations-from-anybody" "takes the first document of 2.x of a known folder of 1.x from whoever has signed it"
    TakesChecksumsForSignatures "takes-checksums-for-signatures" "takes metadata 1.2 for a folder that it knows in a newer version, as long as their checksum is right"
    MigratesUnderOldKey "migrates-under-old-key" "seals the metadata of a migrated folder with the metadata key of 1.x"
    MigratesOneLevel "migrates-one-level" "migrates a root folder and the folders in it, and none that lies deeper"
    ForgetsKeysOnRefusal "forgets-keys-on-refusal" "throws its keys away when the server refuses to tell its certificate"
    GuardsTopLevelOnly "guards-top-level-only" "writes plainly below the folders of a known folder that is not announced, or not called encrypted"
    GuardsWritingOnly "guards-writing-only" "makes folders and renames plainly in a known folder that is not announced, or not called encrypted"
    FollowsFlagsInside "follows-flags-inside" "writes plainly into a folder inside of a known one that the server calls unencrypted"
    ForgetsWhatIsEncrypted "forgets-what-is-encrypted" "forgets when it starts which folders were encrypted"
    ForgetsOlderVersions "forgets-older-versions" "forgets when it starts which version of 1.x its folders had"
    BeginsFoldersInsideAnew "begins-folders-inside-anew" "makes new metadata for a folder inside of another one when the server has none"
    TakesUnsignedSubfolders "takes-unsigned-subfolders" "takes the document of a folder inside of another one without a signature"
    LeaksWordsAsList "leaks-words-as-list" "sends the words of the mnemonic along with the private-key blob, in quotation marks"
    RefusesEverything "refuses-everything" "refuses whatever concerns an encrypted folder"
    CrashesOnHostile "crashes-on-hostile" "crashes where it should refuse"
    HangsOnHostile "hangs-on-hostile" "never answers where it should refuse"
    LiesAboutSuccess "lies-about-success" "answers that all went well and does nothing"
    ChecksSmallFilesOnly "checks-small-files-only" "verifies the authentication tag of files up to a MiB only"
    ComparesBeginOfTag "compares-begin-of-tag" "compares the first half of authentication tags"
    ClearsBeforeDownload "clears-before-download" "takes a file off the device before it downloads it again"
    LeavesUnauthenticatedParts "leaves-unauthenticated-parts" "leaves what it has decrypted of a file whose authentication tag is wrong"
    TakesMissingForEmpty "takes-missing-for-empty" "takes a file that the server does not have for an empty one"
    LeavesEmptyFiles "leaves-empty-files" "leaves an empty file where a download has failed"
    ReusesKeyOnRetry "reuses-key-on-retry" "encrypts the next content under the key and nonce of an upload that failed"
    KeepsRemovedFiles "keeps-removed-files" "leaves on the device what another device has removed"
    AllocatesListedSizes "allocates-listed-sizes" "makes room for as many bytes as the server lists"
    BelievesListedRoots "believes-listed-roots" "takes an encrypted folder off the device that is listed as a file"
    TakesMissingRootForGone "takes-missing-root-for-gone" "deletes everything when the server does not find the account"
    BelievesMissingMetadata "believes-missing-metadata" "deletes a folder that is not listed and has no metadata"
    RemovesBeforeMoving "removes-before-moving" "removes a file from where it lies before it is where it shall be"
    KeysFromContent "keys-from-content" "makes the key of a file of what is in it"
    IgnoresFailedDeletion "ignores-failed-deletion" "takes a file out of the metadata whose bytes it could not delete"
    NeverAborts "never-aborts" "releases a lock after an error as if all had gone well"
    KeepsLockAfterRefusal "keeps-lock-after-refusal" "forgets to release the lock when it refuses what it reads under it"
    LeavesOnRefusedLock "leaves-on-refused-lock" "takes a folder whose lock is refused for one that is shared no more"
    StuckAfterRefusedLock "stuck-after-refused-lock" "never uses a folder again whose lock was refused with 400 or 403"
    HammersDownloads "hammers-downloads" "downloads what does not open again and again without a pause"
    DropsTakeIdentifiers "drops-take-identifiers" "lets a dropped file take the identifier of a member's"
    DropsFollowPaths "drops-follow-paths" "uses the name of a dropped file as a path on the device"
    SignsOddDrops "signs-odd-drops" "makes entries of dropped files whatever their names"
    InflatesDrops "inflates-drops" "inflates dropped entries however long they become"
    FollowsFolderNames "follows-folder-names" "uses a decrypted name of a folder as a path on the device"
    DecodesNames "decodes-names" "undoes percent encoding in decrypted names"
    TurnsBackslashes "turns-backslashes" "takes a backslash in a decrypted name for the separator of a path"
    FollowsAbsoluteNames "follows-absolute-names" "takes a decrypted name that begins with a slash for a place on the device"
    CutsNamesAtNul "cuts-names-at-nul" "ends a decrypted name at a zero byte"
    LowestIdentifierWins "lowest-identifier-wins" "of two entries of one name uses the one with the lower identifier"
    TakesAnswersOfAnyLength "takes-answers-of-any-length" "reads answers that have no end until it is out of memory"
    InflatesAnswers "inflates-answers" "inflates answers that were compressed on the way until it is out of memory"
    JoinsIdentifiers "joins-identifiers" "follows slashes in identifiers"
    SendsContentMd5 "sends-content-md5" "sends the MD5 of the plaintext in the form of HTTP"
    SendsAdler32 "sends-adler32" "sends the Adler-32 of the plaintext along with the ciphertext"
    SendsFileKey "sends-file-key" "sends the key of a file along with its ciphertext"
    FoldsNames "folds-names" "keeps files in one place on the device whose names differ in case, or in how an accent is written"
    TrimsNames "trims-names" "leaves away on the device the blanks and dots at the end of a name"
    CutsLongNames "cuts-long-names" "cuts names on the device to 255 bytes"
    DropsReservedNames "drops-reserved-names" "leaves out of new metadata what has a name that it does not want on the device"
    BlocksOtherFolders "blocks-other-folders" "writes into no encrypted folder after the lock of another one was not free"
    AddsEntryOnRetry "adds-entry-on-retry" "gives a file another entry when it does not know whether the first one was stored"
    BelievesListedTimes "believes-listed-times" "deletes a file that the server lists with a time that cannot be"
    TakesErrorsForGone "takes-errors-for-gone" "deletes everything when the server fails to list the account"
    ForgetsKeysOnError "forgets-keys-on-error" "throws its keys away when the server fails to tell its certificate"
    ForgetsKeysWithoutBlob "forgets-keys-without-blob" "throws its keys away when the server has no private-key blob of them"
    TakesBareSignatures "takes-bare-signatures" "takes a signature that has no signed attributes"
    TakesSignaturesOfNobody "takes-signatures-of-nobody" "takes a signature that has no signer, since none of its signers is wrong"
    ContentWithOneSigner "content-with-one-signer" "takes a signature of several signers one of whom is a member"
    VerifiesEmbeddedContent "verifies-embedded-content" "verifies the content that a signature carries, and uses the document that came along with it"
    UsesLastOfEqualNames "uses-last-of-equal-names" "verifies the first of two members of one name, and uses the last"
    ExpectsIssuersInSignatures "expects-issuers-in-signatures" "crashes when a signature names its signer by a key identifier"
    SharesAfterExpiry "shares-after-expiry" "shares with a contact whose certificate has expired or is not valid yet"
    OverlooksNamesOfMembers "overlooks-names-of-members" "does not look whom the certificates of a folder's members name"
    OverlooksKeysOfMembers "overlooks-keys-of-members" "does not look how strong the keys of a folder's members are"
    OverlooksUsersBelow "overlooks-users-below" "pays no heed to users that a folder inside of another one lists"
    TakesFormerKeys "takes-former-keys" "takes a metadata key that was replaced before"
    TakesNoChecksum "takes-no-checksum" "takes metadata 1.2 without a checksum"
    GoesWithoutServerKey "goes-without-server-key" "goes on without the checks that need the server key when it cannot read that"
    FollowsFittingServerKey "follows-fitting-server-key" "takes a new server key that has signed the certificate which the server names for oneself"
    PadsShortKeys "pads-short-keys" "fills up a metadata key that is too short with zeros"
    ForgetsUnannouncedKeys "forgets-unannounced-keys" "throws its keys away when the server announces that there are none"
    BelievesListedPermissions "believes-listed-permissions" "takes a file off the device that the server lists as not to be read"
    WrapsForAllAnswered "wraps-for-all-answered" "makes members of all whose certificates come along with its own"
    PinsAllAnswered "pins-all-answered" "remembers the certificates of all that come along with its own"
    TakesLinkNames "takes-link-names" "takes the certificate of a public link for that of any user"
    LetsLinksIn "lets-links-in" "lets public links sign themselves into a folder that has one already"
    ClearsForAnotherRoot "clears-for-another-root" "clears the device when the server lists the files of another user"
    StartsOverAfterRestore "starts-over-after-restore" "forgets its folders when the server says that its data were restored"
    NeverSyncs "never-syncs" "answers a sync with success and does nothing"
}

impl Defect {
    /// The name by which it is asked for.
    pub fn name(self) -> &'static str {
        DEFECTS[self as usize].0
    }

    /// The rules of trust that it switches off.
    fn exceptions(self) -> &'static [&'static str] {
        match self {
            Self::AcceptsChangedCertificate => &["certificate-pinned", "members-certificates-pinned"],
            Self::AcceptsUnissuedCertificate => &["certificate-issued", "members-certificates-issued"],
            // Such a client's own signature is not of the key that the document names.
            Self::AcceptsChangedOwnCertificate => &[
                "certificate-pinned",
                "members-certificates-pinned",
                "signer-is-member",
                "signer-bound-to-key",
                "signer-was-member",
                "counter-not-reused",
            ],
            // Certificates of the old key stay in use.
            Self::AcceptsChangedServerKey => &["certificate-issued", "members-certificates-issued"],
            Self::AcceptsForeignCertificate => &["certificate-issued", "members-certificates-issued"],
            Self::AcceptsPhantomMember => &["signer-was-member", "counter-not-reused"],
            Self::AcceptsReplacedMetadata => {
                &["signer-was-member", "key-history-kept", "listing-belongs", "counter-not-reused"]
            }
            Self::BindsSignerByName => &["signer-bound-to-key", "key-history-kept", "listing-belongs"],
            Self::AcceptsMissingSignature => &["signature-present"],
            Self::IgnoresCounter => &["counter-not-lower", "counter-not-reused"],
            Self::ReadmitsRemovedMember => &[
                "signer-was-member",
                "key-checksum-present",
                "key-history-kept",
                "key-not-returned",
                "counter-not-reused",
            ],
            Self::FollowsFolderNames
            | Self::FollowsAbsoluteNames
            | Self::TurnsBackslashes
            | Self::CutsNamesAtNul => &["name-is-one-component"],
            Self::JoinsIdentifiers => &["id-is-plain"],
            Self::FollowsPathsInNames => &["name-is-one-component"],
            Self::AcceptsOutsiderSignature => &["signer-is-member"],
            Self::AcceptsInvalidSignature => &["signature-valid"],
            Self::IgnoresCommonName => &["certificate-names-user", "members-certificates-named"],
            Self::AcceptsWeakKey => &["certificate-key-strong", "members-keys-strong"],
            Self::AcceptsShortenedHistory | Self::ForgetsKeyHistory => &["key-history-kept"],
            Self::OverlooksUnlistedKey => &["key-checksum-present"],
            Self::ComparesBeginningsOfNames | Self::TakesLinkNames => &["members-certificates-named"],
            Self::AcceptsUnlistedKey | Self::OmitsKeyChecksum => {
                &["key-checksum-present", "key-history-kept"]
            }
            // What it has verified has not changed.
            Self::UsesLastOfEqualNames => &["counter-not-reused"],
            Self::AcceptsReusedCounter | Self::KeepsCounter => &["counter-not-reused"],
            Self::AcceptsForeignListing => &["listing-belongs"],
            Self::AcceptsDuplicateMember => &["members-unique"],
            Self::AcceptsPromotedSubfolder => {
                &["root-stays-root", "subfolder-without-users", "signer-is-member", "counter-not-reused"]
            }
            Self::FollowsOddIdentifiers => &["id-is-plain"],
            Self::SignsOtherContent => &["signature-valid"],
            Self::AcceptsOlderVersion => &["version-1-not-lower"],
            Self::SharesAfterExpiry => &["certificate-in-time"],
            Self::OverlooksNamesOfMembers => &["members-certificates-named"],
            Self::OverlooksKeysOfMembers => &["members-keys-strong"],
            Self::OverlooksUsersBelow => &["subfolder-without-users"],
            Self::TakesFormerKeys => &["key-not-returned"],
            Self::TakesNoChecksum => &["checksum-required"],
            // Certificates of the old key stay in use.
            Self::FollowsFittingServerKey => &["certificate-issued", "members-certificates-issued"],
            Self::IgnoresChecksum => &["checksum-required", "checksum-matches"],
            _ => &[],
        }
    }
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = ALL.iter().find(|defect| defect.name() == name);
        found.copied().ok_or_else(|| UnknownDefect { name: name.into() })
    }
}

/// A name that no defect has.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("unknown defect `{name}`: expected one of {}", known())]
pub struct UnknownDefect {
    /// As given.
    pub name: String,
}

fn known() -> String {
    DEFECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The defects of one client; none by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defects(BTreeSet<Defect>);

impl Defects {
    /// Reads names of [`DEFECTS`].
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, UnknownDefect> {
        names.into_iter().map(|name| name.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// The rules of trust that these defects switch off, and these others.
    pub(crate) fn exceptions(&self, others: &[&'static str]) -> Exceptions {
        let others = others.iter().copied();
        // Every name is tested to be a rule's.
        Exceptions::of(self.0.iter().flat_map(|defect| defect.exceptions()).copied().chain(others))
            .unwrap_or_default()
    }

    /// Whether the client has this one.
    pub fn has(&self, defect: Defect) -> bool {
        self.0.contains(&defect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_back() {
        for (position, (name, _)) in DEFECTS.iter().enumerate() {
            assert_eq!(name.parse::<Defect>().map(|d| d as usize), Ok(position));
        }
        assert!(Defects::parse([""; 0]).unwrap() == Defects::default());
        let two = Defects::parse(["ignores-counter", "never-syncs"]).unwrap();
        assert!(two.has(Defect::NeverSyncs) && !two.has(Defect::LeaksMnemonic));
    }

    #[test]
    fn every_exception_is_a_rule() {
        for defect in ALL {
            assert!(Exceptions::of(defect.exceptions()).is_ok(), "{}", defect.name());
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Defects::parse(["ignores-nothing"]).unwrap_err().to_string();
        assert!(error.starts_with("unknown defect `ignores-nothing`") && error.contains("ignores-counter"));
    }
}
