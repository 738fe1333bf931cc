//! Which part of a text to show, and what of it was asked for.

use noctule_core::model::Span;

use super::grammar::{Match, Query};
use super::words::{Word, start_of_word, words_of};

/// A part of a text: the words around what was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snippet {
    pub parts: Vec<Part>,
    /// The text goes on before the first part, and behind the last.
    pub cut_before: bool,
    pub cut_after: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub text: String,
    /// Was asked for.
    pub marked: bool,
}

/// What a query wants to see marked.
pub(super) struct Marker {
    wanted: Vec<Wanted>,
}

enum Wanted {
    Word(String),
    Start(String),
    Fuzzy(Vec<char>, usize),
}

/// Of a text longer than this, only the beginning is looked through.
const MAX_BYTES: usize = 64 << 10;
/// Words looked for; a longer query marks its first ones.
const MAX_WANTED: usize = 64;

impl Marker {
    pub(super) fn new(query: &Query) -> Self {
        let mut wanted = Vec::new();
        for words in query.wanted().into_iter().take(MAX_WANTED) {
            let (all, _) = words_of(&words.text);
            let pairs = all.iter().any(|word| !word.single);
            let last = all.len().saturating_sub(1);
            for (i, word) in all.into_iter().enumerate().filter(|(_, word)| !(word.single && pairs)) {
                match words.kind {
                    Match::Prefix if i == last => {
                        wanted.extend(start_of_word(&word.text).into_iter().map(Wanted::Start));
                    }
                    Match::Fuzzy(distance) if i == last => {
                        wanted.push(Wanted::Fuzzy(word.text.chars().collect(), usize::from(distance)));
                    }
                    _ => wanted.push(Wanted::Word(word.text)),
                }
                if wanted.len() >= MAX_WANTED {
                    return Self { wanted };
                }
            }
        }
        Self { wanted }
    }

    fn wants(&self, word: &Word) -> bool {
        self.wanted.iter().any(|wanted| match wanted {
            Wanted::Word(text) => *text == word.text,
            Wanted::Start(start) => word.text.starts_with(start.as_str()),
            Wanted::Fuzzy(text, distance) => near(text, &word.text, *distance),
        })
    }

    /// The places in the text that were asked for: ascending, disjoint, on character boundaries.
    pub(super) fn spans(&self, text: &str) -> Vec<Span> {
        let text = start(text, MAX_BYTES);
        if self.wanted.is_empty() {
            return Vec::new();
        }
        let (words, shadow) = words_of(text);
        let mut spans: Vec<Span> = Vec::new();
        for word in words.iter().filter(|word| self.wants(word)) {
            let span = shadow.raw_span(Span::new(word.start, word.end), text);
            if text.get(span.range()).is_none_or(str::is_empty) {
                continue;
            }
            match spans.last_mut() {
                // Pairs of signs overlap.
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => spans.push(span),
            }
        }
        spans
    }

    /// About so many characters of the text, where most of what was asked for is.
    pub(super) fn snippet(&self, text: &str, characters: usize) -> Snippet {
        let spans = self.spans(text);
        let from = match best(&spans, characters) {
            // Some words before the first mark.
            Some(first) => before(text, first.start as usize, characters / 4),
            None => 0,
        };
        let until = from + start_chars(&text[from..], characters).len();
        let mut parts = Vec::new();
        let mut push = |range: std::ops::Range<usize>, marked: bool| {
            if let Some(part) = text.get(range).filter(|part| !part.is_empty()) {
                parts.push(Part { text: part.to_owned(), marked });
            }
        };
        let mut at = from;
        for span in spans.iter().map(|span| span.range()).filter(|span| span.start >= from && span.end <= until) {
            push(at..span.start, false);
            push(span.clone(), true);
            at = span.end;
        }
        push(at..until, false);
        Snippet { parts, cut_before: from > 0, cut_after: until < text.len() }
    }
}

/// The first mark of the window with the most marks.
fn best(spans: &[Span], characters: usize) -> Option<Span> {
    let mut best: Option<(usize, Span)> = None;
    let mut end = 0;
    for (i, span) in spans.iter().enumerate() {
        end = end.max(i);
        // Bytes stand for characters: near enough to choose by.
        while spans.get(end).is_some_and(|next| (next.end - span.start) as usize <= characters * 3 / 4) {
            end += 1;
        }
        let count = end - i;
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, *span));
        }
    }
    best.map(|(_, span)| span)
}

/// So many characters before a place, then forward to the start of a word.
fn before(text: &str, at: usize, characters: usize) -> usize {
    let head = &text[..at];
    let from = head.char_indices().rev().take(characters).last().map_or(at, |(i, _)| i);
    if from == 0 {
        return 0;
    }
    head[from..].char_indices().find(|(_, c)| c.is_whitespace()).map_or(from, |(i, c)| from + i + c.len_utf8())
}

fn start_chars(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// At most so many bytes, cut between characters.
fn start(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Whether two words are at most so many letters different, a swap of neighbors counting one.
pub(super) fn near(wanted: &[char], word: &str, distance: usize) -> bool {
    let word: Vec<char> = word.chars().take(wanted.len() + distance + 1).collect();
    if word.len().abs_diff(wanted.len()) > distance {
        return false;
    }
    let (mut older, mut old) = (Vec::new(), (0..=word.len()).collect::<Vec<usize>>());
    for (i, a) in wanted.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in word.iter().enumerate() {
            let mut least = (old[j] + usize::from(a != b)).min(old[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && wanted[i - 1] == *b && *a == word[j - 1] {
                least = least.min(older[j - 1] + 1);
            }
            row.push(least);
        }
        older = std::mem::replace(&mut old, row);
    }
    old.last().is_some_and(|d| *d <= distance)
}

#[cfg(test)]
mod tests {
    use super::super::grammar::parse;
    use super::*;

    #[track_caller]
    fn check(query: &str, text: &str, expected: &str) {
        let marker = Marker::new(&parse(query).expect("a query"));
        let snippet = marker.snippet(text, 60);
        let mut shown = String::new();
        for part in &snippet.parts {
            shown.push_str(&if part.marked { format!("[{}]", part.text) } else { part.text.clone() });
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_was_asked_for_is_marked_as_written() {
        check("escrow", "We use ЕSCRОW here", "We use [ЕSCRОW] here");
        check("esc*", "escort and escrow, not es", "[escort] and [escrow], not es");
        check("garant~1", "a grant, a garnat, a tyrant", "a [grant], a [garnat], a tyrant");
        check("担保", "可走担保交易", "可走[担保]交易");
        check("\"担保交易\"", "可走担保交易的", "可走[担保交易]的");
        check("escrow -scam", "scam escrow", "scam [escrow]");
        check("lang:ru", "anything", "anything");
        check("escrow", "e\u{200b}scrow", "[e\u{200b}scrow]");
    }

    #[test]
    fn a_long_text_is_cut_around_the_marks() {
        let text = format!("{} before the escrow agent {}", "word ".repeat(100), "tail ".repeat(100));
        let snippet = Marker::new(&parse("escrow agent").expect("a query")).snippet(&text, 60);
        assert!(snippet.cut_before && snippet.cut_after, "{snippet:?}");
        let marked: Vec<&str> = snippet.parts.iter().filter(|p| p.marked).map(|p| p.text.as_str()).collect();
        assert_eq!(marked, ["escrow", "agent"]);
        let shown: usize = snippet.parts.iter().map(|p| p.text.chars().count()).sum();
        assert_eq!(shown, 60);
    }
}
