//! The text at the top of a source file, for the reference pages.
//!
//! Every collector, detector and analysis opens with what it reads, finds or answers, how, and where it is wrong. The
//! page about it is that very text, so that the two cannot drift apart.

/// How many bytes of a source file belong to the `//!` lines at its start.
pub const fn head_length(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut end = 0;
    while end + 3 <= bytes.len() && bytes[end] == b'/' && bytes[end + 1] == b'/' && bytes[end + 2] == b'!' {
        while end < bytes.len() && bytes[end] != b'\n' {
            end += 1;
        }
        end += 1;
    }
    if end > bytes.len() { bytes.len() } else { end }
}

/// These bytes, without the rest of the file: only they become part of the program.
pub const fn head<const LENGTH: usize>(source: &str) -> [u8; LENGTH] {
    let mut head = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        head[at] = source.as_bytes()[at];
        at += 1;
    }
    head
}

/// Inside an `impl` of a trait with `fn reference(&self) -> &'static str`: the text at the top of this file.
#[macro_export]
macro_rules! documented {
    () => {
        fn reference(&self) -> &'static str {
            const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", file!()));
            const LENGTH: usize = $crate::reference::head_length(SOURCE);
            static HEAD: [u8; LENGTH] = $crate::reference::head(SOURCE);
            std::str::from_utf8(&HEAD).expect("a source file is UTF-8, and lines of it are, too")
        }
    };
}

/// The text as Markdown: without the comment marks and without a title before the first heading, its headings `levels`
/// deeper.
pub fn markdown(head: &str, levels: usize) -> String {
    let mut text = String::new();
    let titled = usize::from(!head.starts_with("//! #"));
    for line in head.lines().skip(titled) {
        let line = line.trim_start_matches("//!");
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with('#') {
            text.extend(std::iter::repeat_n('#', levels));
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_with_its_lines() {
        let source = "//! One.\n//!\n//! # How\n//! So.\n\nuse x;\n//! no more\n";
        let length = head_length(source);
        assert_eq!(&source[..length], "//! One.\n//!\n//! # How\n//! So.\n");
        assert_eq!(markdown(&source[..length], 2), "### How\nSo.");
        assert_eq!(markdown("//! # How\n//! So.\n", 1), "## How\nSo.");
        assert_eq!((head_length(""), head_length("//! x"), head_length("use x;")), (0, 5, 0));
    }

    #[test]
    fn every_collector_and_detector_says_what_it_does_how_and_where_it_is_wrong() {
        let collectors = crate::collect::COLLECTORS.iter().map(|c| (c.name(), c.reference(), "# What it reads"));
        let detectors = crate::detect::DETECTORS.iter().map(|d| (d.name(), d.reference(), "# What it finds"));
        for (name, reference, what) in collectors.chain(detectors) {
            for heading in [what, "# How", "# Where it is wrong"] {
                assert!(reference.contains(heading), "{name} has no {heading:?}");
            }
        }
    }
}
