//! STUB
mod manifest;
use std::{io,path::Path};
use noctule_store::analyze::Study;
pub use manifest::{Input, Manifest, Output, Rules, Setting};
pub struct TermStyle { pub color: bool, pub unicode: bool }
pub struct EvidenceQuote { pub text: String, pub lang: String, pub source: String, pub medium: String, pub handle: String, pub at: String, pub why: Vec<String>, pub spans: Vec<(usize, usize)>, pub hash: String, pub cluster: String, pub place: String }
pub fn write(dir: &Path, study: &Study, manifest: &Manifest, _e: &[EvidenceQuote]) -> io::Result<()> { std::fs::create_dir_all(dir)?; std::fs::write(dir.join("study.json"), terminal(study,&TermStyle{color:false,unicode:true}))?; std::fs::write(dir.join("manifest.json"), manifest.to_json()) }
pub fn terminal(study: &Study, _s: &TermStyle) -> String { { let c=&study.counts; format!("{:?} {:?}\n{}", c.window, study.answers.iter().map(|a| a.title.clone()).collect::<Vec<_>>(), "") } }
