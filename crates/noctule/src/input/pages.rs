//! Pages saved as complete: `page.html` with a folder `page_files` beside it that holds what the page shows.
//!
//! The page is an input; the folder is not, because everything in it is a picture, a script, or another page's frame.

use std::collections::HashSet;

use super::container::Passed;
use super::is_static;

/// What browsers and office programs add to the name of the page, in the languages they speak.
const ENDINGS: [&str; 22] = [
    // tidy: sorted
    "-Dateien",
    "-filer",
    ".files",
    "_archivos",
    "_arquivos",
    "_bestanden",
    "_datoteke",
    "_dosyalar",
    "_elemei",
    "_failid",
    "_fajlovi",
    "_ficheiros",
    "_fichiers",
    "_file",
    "_files",
    "_fitxers",
    "_pliki",
    "_soubory",
    "_tiedostot",
    "_vienos",
    "_файли",
    "_файлы",
    // tidy: end
];

/// The names of saved pages without their endings, within their folder.
#[derive(Default)]
pub struct Assets {
    pages: HashSet<String>,
}

impl Assets {
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut assets = Self::default();
        names.for_each(|name| assets.learn(name));
        assets
    }

    /// Remembers a file that may be a saved page.
    pub fn learn(&mut self, name: &str) {
        let lower = name.to_ascii_lowercase();
        if let Some(ending) = [".html", ".htm", ".xhtml"].iter().find(|ending| lower.ends_with(**ending)) {
            self.pages.insert(name[..name.len() - ending.len()].to_owned());
        }
    }

    /// Whether a folder of this name holds the assets of a page beside it.
    pub fn is_folder(&self, name: &str) -> bool {
        !self.pages.is_empty()
            && ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending)).any(|page| self.pages.contains(page))
    }

    /// Whether a file lies in such a folder.
    pub fn has(&self, name: &str) -> bool {
        !self.pages.is_empty() && name.match_indices('/').any(|(at, _)| self.is_folder(&name[..at]))
    }

    /// Learns from the next member's name, and says why a member of this name is no input.
    pub fn passes_over(&mut self, name: &str) -> Option<Passed> {
        self.learn(name);
        if self.has(name) { Some(Passed::Asset) } else { is_static(name).then_some(Passed::Media) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_the_page_beside_it() {
        let assets = Assets::of(["a/Thread.HTML", "b.htm", "backup_files/result.json"].into_iter());
        for (name, belongs) in [
            ("a/Thread_files/x.png", true),
            ("a/Thread_files/deep/frame.html", true),
            ("a/Thread-Dateien/x", true),
            ("b.files/x", true),
            ("Thread_files/x", false),
            ("backup_files/result.json", false),
            ("a/Thread.HTML", false),
            ("b_files", false),
        ] {
            assert_eq!(assets.has(name), belongs, "{name}");
        }
    }
}
