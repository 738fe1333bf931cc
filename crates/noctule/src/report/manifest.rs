//! `manifest.json`: what went in and with which rules, so that anyone can run the study again. No clock time.

use serde::{Deserialize, Serialize};

/// One input as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Input {
    /// As given by the user, relative where it was; from outside.
    pub path: String,
    pub format: String,
    pub bytes: u64,
    pub blake3: String,
}

/// One set of rules or terms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// `detectors and lexicons`, or `lexicon` and the relative path of a file; own files begin with `own/` or
    /// `lexicon/`.
    pub name: String,
    pub version: String,
    pub blake3: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// A file of the study, hashed after it was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Output {
    pub path: String,
    pub blake3: String,
}

/// What the caller knows; `outputs` is filled in by [`super::write()`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    pub noctule: String,
    pub schema: String,
    /// The command line as a person would type it.
    pub command: String,
    pub simulated: bool,
    pub inputs: Vec<Input>,
    pub rules: Vec<Rules>,
    pub settings: Vec<Setting>,
    pub outputs: Vec<Output>,
}

impl Manifest {
    /// The file, ending in a line feed.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers have a JSON form");
        text.push('\n');
        text
    }

    /// Bytes of all inputs.
    pub fn bytes(&self) -> u64 {
        self.inputs.iter().map(|i| i.bytes).sum()
    }

    /// One hash of all inputs, in the order of their hashes.
    pub fn inputs_hash(&self) -> String {
        let mut hashes: Vec<&str> = self.inputs.iter().map(|i| i.blake3.as_str()).collect();
        hashes.sort_unstable();
        blake3::hash(hashes.join("\n").as_bytes()).to_hex().to_string()
    }
}
