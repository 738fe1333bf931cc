//! What a message says: one file a finding, one line in the list of detectors, one `.md` of cases.

use crate::model::{Message, Verdict};

/// All detectors with their compiled lexicons. Building takes milliseconds; share it by reference.
pub struct Detectors {}

impl Detectors {
    /// With the lexicons compiled into the binary.
    pub fn builtin() -> Self {
        Self {}
    }

    /// Names the rules: a hash over every lexicon, and the version of the code. Goes into manifests.
    pub fn version(&self) -> &str {
        todo!()
    }

    /// Everything the detectors find in a message.
    pub fn judge(&self, message: &Message) -> Verdict {
        let _ = message;
        todo!()
    }
}
