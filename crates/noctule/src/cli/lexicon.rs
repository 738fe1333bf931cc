//! A user's own words: which folders they lie in, and the detectors made of them and the built-in ones.
//!
//! Files of `DATA_DIR/lexicon` and of `--lexicon DIR` are added to the built-in ones; none replaces one of those. They
//! change the version of the detectors, so what was judged without them is judged anew (`pipeline::ingest`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use noctule_core::detect::Detectors;
use noctule_core::lexicon::{Lexicons, MOST_BYTES};

use super::Globals;
use crate::report::Rules;
use crate::say;

/// The option of every command that judges messages.
#[derive(clap::Args, Clone, Default)]
pub struct OwnWords {
    /// Folder of own lexicon files (*.toml), added to the built-in ones and to DATA_DIR/lexicon
    #[arg(long, value_name = "DIR")]
    lexicon: Option<PathBuf>,
}

/// More files are no lexicon but a mistaken path.
const MOST_FILES: usize = 1_000;
const MOST_DEPTH: usize = 8;

impl OwnWords {
    /// The built-in words and the user's, checked and compiled.
    pub fn detectors(&self, globals: &Globals) -> Result<Detectors> {
        let mut found = Found::default();
        // Commands that need no data directory work without a home.
        let kept = globals.store().ok().map(|store| store.dir().join("lexicon")).filter(|dir| dir.is_dir());
        if let Some(dir) = &kept {
            found.folder(dir, dir, "lexicon", 0)?;
        }
        if let Some(dir) = &self.lexicon {
            if !dir.is_dir() {
                bail!("\"{}\" is no folder\nhint: --lexicon takes a folder of *.toml files", dir.display());
            }
            let same = kept.is_some_and(|kept| kept.canonicalize().ok() == dir.canonicalize().ok());
            if !same {
                let before = found.files.len();
                found.folder(dir, dir, "own", 0)?;
                if found.files.len() == before {
                    bail!("\"{}\" has no *.toml file\nhint: docs/reference/lexicons.md shows one", dir.display());
                }
            }
        }
        if !found.files.is_empty() {
            say::note(globals.quiet, &format!("{} own lexicon files", found.files.len()));
        }
        let lexicons = Lexicons::merge(found.files).map_err(|mut error| {
            if let Some(path) = found.paths.get(&error.file) {
                error.file = path.display().to_string();
            }
            anyhow::anyhow!("{error}")
        })?;
        Ok(Detectors::with(lexicons))
    }
}

#[derive(Default)]
struct Found {
    /// Name and text, as the lexicon takes them.
    files: Vec<(String, String)>,
    /// Where a name lies, for error messages.
    paths: HashMap<String, PathBuf>,
}

impl Found {
    fn folder(&mut self, root: &Path, dir: &Path, prefix: &str, depth: usize) -> Result<()> {
        if depth > MOST_DEPTH {
            bail!("\"{}\" lies too deep for a lexicon", dir.display());
        }
        let listing = std::fs::read_dir(dir).with_context(|| format!("cannot list \"{}\"", dir.display()))?;
        let mut paths = listing
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()
            .with_context(|| format!("cannot list \"{}\"", dir.display()))?;
        // By name, so that the version does not depend on the file system.
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.folder(root, &path, prefix, depth + 1)?;
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                self.file(root, path, prefix)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, root: &Path, path: PathBuf, prefix: &str) -> Result<()> {
        if self.files.len() >= MOST_FILES {
            bail!("\"{}\" has more than {MOST_FILES} lexicon files", root.display());
        }
        let attempt = || format!("cannot read the lexicon \"{}\"", path.display());
        let bytes = std::fs::metadata(&path).with_context(attempt)?.len();
        if bytes > MOST_BYTES as u64 {
            bail!("the lexicon \"{}\" is larger than {} MiB", path.display(), MOST_BYTES >> 20);
        }
        let raw = std::fs::read(&path).with_context(attempt)?;
        let Ok(text) = String::from_utf8(raw) else {
            bail!("the lexicon \"{}\" is not UTF-8\nhint: save it as UTF-8", path.display());
        };
        let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let name = format!("{prefix}/{inside}");
        self.files.push((name.clone(), text));
        self.paths.insert(name, path);
        Ok(())
    }
}

/// The rules for the manifest: the detectors, and each lexicon file with its hash.
pub fn rules(detectors: &Detectors) -> Vec<Rules> {
    let version = detectors.version();
    let mut rules = vec![Rules {
        name: "detectors and lexicons".into(),
        version: version.into(),
        blake3: blake3::hash(version.as_bytes()).to_hex().to_string(),
    }];
    rules.extend(detectors.lexicons().files().iter().map(|(name, text)| Rules {
        name: format!("lexicon {name}"),
        version: version.into(),
        blake3: blake3::hash(text.as_bytes()).to_hex().to_string(),
    }));
    rules
}
