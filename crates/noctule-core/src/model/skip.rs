//! What could not be read. A skip is a value: counted, stored and shown, never swallowed.

/// Why something was left out. The word is stable: users select skips by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Reason {
    /// No collector knows the content.
    UnknownFormat,
    /// Nothing in the file.
    Empty,
    /// The bytes are not text.
    Binary,
    /// The input ended in the middle of a value; what was complete before it was kept.
    Truncated,
    /// Broken syntax at this place; reading went on behind it, or ended here if it could not.
    Malformed,
    /// An element that is neither a message nor a service event.
    UnknownElement,
    /// A value that should be there is missing.
    MissingField,
    /// Nested deeper than the limit.
    TooDeep,
    /// One message, line or value larger than the limit.
    TooLarge,
    /// An archive that unpacks to more than the limits allow.
    Bomb,
    /// An archive inside an archive inside an archive.
    NestedTooDeep,
    /// Encrypted; no password was given.
    Encrypted,
    /// The operating system did not let us read it.
    Unreadable,
    /// A link that leads out of the given folder.
    OutsideLink,
    /// Not a regular file (device, socket, pipe).
    NotAFile,
    /// A collector failed; the capture is named and reading went on with the next.
    CollectorFailed,
    /// Bytes that are no valid text in the detected encoding were replaced.
    BadEncoding,
    /// The date could not be read; the message itself was kept.
    BadDate,
    /// Other bytes than the archive that holds them states.
    WrongDigest,
}

impl Reason {
    pub const ALL: [Self; 19] = [
        Self::UnknownFormat,
        Self::Empty,
        Self::Binary,
        Self::Truncated,
        Self::Malformed,
        Self::UnknownElement,
        Self::MissingField,
        Self::TooDeep,
        Self::TooLarge,
        Self::Bomb,
        Self::NestedTooDeep,
        Self::Encrypted,
        Self::Unreadable,
        Self::OutsideLink,
        Self::NotAFile,
        Self::CollectorFailed,
        Self::BadEncoding,
        Self::BadDate,
        Self::WrongDigest,
    ];

    /// The stable word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownFormat => "unknown-format",
            Self::Empty => "empty",
            Self::Binary => "binary",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::UnknownElement => "unknown-element",
            Self::MissingField => "missing-field",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::Bomb => "bomb",
            Self::NestedTooDeep => "nested-too-deep",
            Self::Encrypted => "encrypted",
            Self::Unreadable => "unreadable",
            Self::OutsideLink => "outside-link",
            Self::NotAFile => "not-a-file",
            Self::CollectorFailed => "collector-failed",
            Self::BadEncoding => "bad-encoding",
            Self::BadDate => "bad-date",
            Self::WrongDigest => "wrong-digest",
        }
    }
}

/// One thing left out or repaired.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skip {
    /// Where in the capture, for a person: `message 1042`, `line 17`, `byte 1048576`.
    pub place: String,
    pub reason: Reason,
    /// What was wrong, in words; no text of the message itself.
    pub detail: String,
}
