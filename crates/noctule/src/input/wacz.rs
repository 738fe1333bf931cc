//! WACZ: a zip that holds WARC files, and a `datapackage.json` that states their digests.

use std::collections::HashMap;
use std::io::{self, Read};

use noctule_core::model::{Reason, Skip};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::container::Contents;
use super::whole_file;
use super::zip::Zip;

const PACKAGE: &str = "datapackage.json";
/// What describes a package is small.
const MAX_PACKAGE_BYTES: u64 = 16 << 20;

/// What a member is to the reader of messages.
pub(super) enum Part {
    /// A WARC file.
    Archive,
    /// Lists of pages, indexes, logs: all of it is said again in the WARC files.
    Index,
}

/// The digest of each resource, as stated.
pub(super) struct Digests {
    stated: HashMap<String, String>,
}

impl Digests {
    /// `None` when the zip is no WACZ: without a package that has resources, or without a folder of archives.
    pub(super) fn of(zip: &mut Zip) -> Option<Self> {
        if !zip.file_names().flatten().any(|name| name.starts_with("archive/")) {
            return None;
        }
        let package = json(zip, PACKAGE)?;
        let mut stated: HashMap<String, String> = HashMap::new();
        for resource in package.get("resources")?.as_array()? {
            let field = |name: &str| resource.get(name).and_then(Value::as_str);
            if let (Some(path), Some(hash)) = (field("path"), field("hash")) {
                stated.insert(path.to_owned(), hash.to_owned());
            }
        }
        // The digest of the package itself stands in a file of its own.
        if let Some(hash) =
            json(zip, "datapackage-digest.json").as_ref().and_then(|digest| digest.get("hash")?.as_str())
        {
            stated.insert(PACKAGE.to_owned(), hash.to_owned());
        }
        Some(Self { stated })
    }

    /// Says which resources the package names and the zip does not have.
    pub(super) fn missing(&self, zip: &Zip, contents: &mut dyn Contents) {
        let mut missing: Vec<&str> =
            self.stated.keys().map(String::as_str).filter(|path| zip.index_for_name(path).is_none()).collect();
        missing.sort_unstable();
        for path in missing {
            let detail = "datapackage.json names this file, and the archive does not have it".to_owned();
            contents.skip(Some(path), whole_file(Reason::MissingField, detail));
        }
    }

    /// What a member is; one with another digest than stated is a skip, whatever it is.
    pub(super) fn check(&self, zip: &mut Zip, index: usize, name: &str) -> Result<Part, Skip> {
        if let Some(stated) = self.stated.get(name) {
            let Some(stated) = stated.strip_prefix("sha256:") else {
                let detail = "its digest in datapackage.json is not of the kind sha256 and was not checked";
                return Err(whole_file(Reason::WrongDigest, detail.into()));
            };
            let found = digest(zip, index)
                .map_err(|e| whole_file(Reason::Malformed, format!("the member cannot be unpacked ({e})")))?;
            if !found.eq_ignore_ascii_case(stated) {
                let detail = "its SHA-256 is not the one that the archive states: it was changed or is damaged";
                return Err(whole_file(Reason::WrongDigest, detail.into()));
            }
        } else if name.starts_with("archive/") {
            let detail = "datapackage.json states no digest for this file";
            return Err(whole_file(Reason::WrongDigest, detail.into()));
        }
        Ok(if name.starts_with("archive/") { Part::Archive } else { Part::Index })
    }
}

fn json(zip: &mut Zip, name: &str) -> Option<Value> {
    let mut bytes = Vec::new();
    zip.by_name(name).ok()?.take(MAX_PACKAGE_BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Unpacks a member without keeping anything, no further than its stated size.
fn digest(zip: &mut Zip, index: usize) -> io::Result<String> {
    let member = zip.by_index(index).map_err(io::Error::other)?;
    let most = member.compressed_size().saturating_mul(super::ratio::MAX_RATIO).max(super::ratio::FREE_BYTES);
    let mut hasher = Sha256::new();
    let mut member = member.take(most);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = member.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
