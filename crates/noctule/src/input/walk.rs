//! Listing what lies under the given paths, in a fixed order, without leaving the tree.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use noctule_core::model::{Micros, Reason, Skip};

use super::{Assets, Item, whole_file, written};

/// The file by which a folder says that `noctule simulate` made it.
pub const SIMULATED_MARKER: &str = "noctule-simulated.json";
/// What `simulate` writes beside the exports; truth and events are no messages.
pub const SIMULATED_EXTRAS: [&str; 3] = [SIMULATED_MARKER, "truth.json", "events.csv"];
/// Parts of saved pages and exports that carry no message.
const STATIC_FILES: [&str; 3] = ["css", "js", "map"];
/// Folders nested deeper than this are no export.
const DEPTH: usize = 64;

/// The marker of the folder, cut to what a marker may be.
fn marker(dir: &Path) -> Option<String> {
    let mut text = String::new();
    fs::File::open(dir.join(SIMULATED_MARKER)).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}

/// One entry under the given paths.
pub enum Found {
    File(Item),
    Skip { path: String, skip: Skip },
}

/// Everything found, in the order of the paths given and of names within folders.
#[derive(Default)]
pub struct Walk {
    pub found: Vec<Found>,
    /// Style sheets and scripts passed over.
    pub static_files: u64,
    /// Files in the folders of saved pages.
    pub assets: u64,
}

/// Whether a name is that of a style sheet or script.
pub fn is_static(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    STATIC_FILES.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

pub fn walk(paths: &[PathBuf]) -> Walk {
    let mut walk = Walk::default();
    for path in paths {
        match fs::metadata(path) {
            Err(e) => walk.skip(path, Reason::Unreadable, format!("it cannot be opened ({e})")),
            Ok(meta) if meta.is_dir() => match fs::canonicalize(path) {
                Ok(root) => walk.folder(&root, path, None, 0),
                Err(e) => walk.skip(path, Reason::Unreadable, format!("it cannot be opened ({e})")),
            },
            Ok(meta) => {
                let simulated = path.parent().and_then(marker);
                walk.file(path, &meta, simulated.as_deref());
            }
        }
    }
    walk
}

impl Walk {
    fn skip(&mut self, path: &Path, reason: Reason, detail: String) {
        self.found.push(Found::Skip { path: written(path), skip: whole_file(reason, detail) });
    }

    fn folder(&mut self, root: &Path, dir: &Path, simulated: Option<&str>, depth: usize) {
        if depth > DEPTH {
            return self.skip(dir, Reason::TooDeep, format!("folders are nested deeper than {DEPTH}"));
        }
        let mut entries: Vec<PathBuf> = match fs::read_dir(dir) {
            Ok(entries) => entries.flatten().map(|e| e.path()).collect(),
            Err(e) => return self.skip(dir, Reason::Unreadable, format!("the folder cannot be read ({e})")),
        };
        entries.sort();
        let names = entries.iter().filter_map(|path| path.file_name()?.to_str());
        let assets = Assets::of(names);
        let own = marker(dir);
        let simulated = own.as_deref().or(simulated);
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if simulated.is_some() && SIMULATED_EXTRAS.contains(&name.as_str()) {
                continue;
            }
            let link = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink());
            if link && !self.stays_inside(root, &path) {
                continue;
            }
            match fs::metadata(&path) {
                Ok(meta) if meta.is_dir() && !link && assets.is_folder(&name) => self.count_assets(&path, depth + 1),
                // A link to a folder of the tree would be read twice, or for ever.
                Ok(meta) if meta.is_dir() && link => {}
                Ok(meta) if meta.is_dir() => self.folder(root, &path, simulated, depth + 1),
                Ok(meta) => self.file(&path, &meta, simulated),
                Err(e) => self.skip(&path, Reason::Unreadable, format!("it cannot be opened ({e})")),
            }
        }
    }

    /// Counts what a saved page shows, without looking into it.
    fn count_assets(&mut self, dir: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH => self.count_assets(&entry.path(), depth + 1),
                _ => self.assets += 1,
            }
        }
    }

    fn stays_inside(&mut self, root: &Path, path: &Path) -> bool {
        match fs::canonicalize(path) {
            Ok(target) if target.starts_with(root) => true,
            Ok(_) => {
                self.skip(path, Reason::OutsideLink, "the link leads out of the given folder".into());
                false
            }
            Err(e) => {
                self.skip(path, Reason::Unreadable, format!("the link leads nowhere ({e})"));
                false
            }
        }
    }

    fn file(&mut self, path: &Path, meta: &fs::Metadata, simulated: Option<&str>) {
        if !meta.is_file() {
            return self.skip(path, Reason::NotAFile, "it is no regular file".into());
        }
        if path.file_name().is_some_and(|name| is_static(&name.to_string_lossy())) {
            self.static_files += 1;
            return;
        }
        self.found.push(Found::File(Item {
            shown: written(path),
            file: path.to_owned(),
            bytes: meta.len(),
            modified: meta.modified().ok().and_then(micros),
            simulated: simulated.map(str::to_string),
        }));
    }
}

fn micros(time: std::time::SystemTime) -> Option<Micros> {
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Micros)
}
