//! What a study leaves behind: `report.html`, `study.json`, `answers/<name>.csv` and `manifest.json`, and the summary
//! on the terminal. All of it is made from the same [`Study`]; the same study gives the same bytes.
//!
//! Left to others: counting (`noctule-store`'s `analyze`), choosing the evidence and filling the manifest.

mod closing;
mod command;
mod csv;
mod events;
mod evidence;
mod foreign;
mod heading;
mod html;
mod json;
mod manifest;
mod opening;
mod page;
mod parts;
mod section;
mod svg;
mod terminal;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use noctule_store::analyze::Study;

pub use csv::answer as answer_csv;
pub use json::{SCHEMA, answer as answer_json};
pub use manifest::{Input, Manifest, Output, Rules, Setting};
pub use page::base64;
pub use terminal::{TermStyle, terminal};

/// One message shown as evidence. Every text but `why` and `hash` is from outside; secrets are masked already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EvidenceQuote {
    pub text: String,
    /// BCP 47, `und` when unknown.
    pub lang: String,
    pub source: String,
    pub medium: String,
    pub handle: String,
    /// RFC 3339 in UTC; empty when unknown.
    pub at: String,
    /// One sentence a rule that counted.
    pub why: Vec<String>,
    /// Byte ranges of the terms in `text`.
    pub spans: Vec<(usize, usize)>,
    /// BLAKE3 of the capture.
    pub hash: String,
    pub cluster: String,
    /// Where in the capture: `message 1042`.
    pub place: String,
}

/// Writes the whole study into `dir`, which is made when missing. Each file is written under another name, synced
/// and renamed, so a reader sees the old or the new one and never a part; the manifest, which hashes the others,
/// comes last. CSV files of earlier studies that this one does not have are left alone.
pub fn write(dir: &Path, study: &Study, manifest: &Manifest, evidence: &[EvidenceQuote]) -> io::Result<()> {
    fs::create_dir_all(dir.join("answers"))?;
    let mut manifest = manifest.clone();
    manifest.schema = SCHEMA.into();
    manifest.simulated = study.counts.simulated.is_some();
    manifest.outputs.clear();
    let put = |path: String, text: &str, manifest: &mut Manifest| -> io::Result<()> {
        replace(&dir.join(&path), text.as_bytes())?;
        let blake3 = blake3::hash(text.as_bytes()).to_hex().to_string();
        manifest.outputs.push(Output { path, blake3 });
        Ok(())
    };
    put("study.json".into(), &json::study(study), &mut manifest)?;
    for answer in &study.answers {
        put(format!("answers/{}.csv", answer.name), &csv::answer(answer), &mut manifest)?;
    }
    // The page shows the hashes of what is above, not its own.
    let page = page::report(study, &manifest, evidence);
    put("report.html".into(), page.as_str(), &mut manifest)?;
    replace(&dir.join("manifest.json"), manifest.to_json().as_bytes())?;
    for folder in [dir.join("answers"), dir.to_path_buf()] {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let temporary = path.with_file_name(name);
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests;
