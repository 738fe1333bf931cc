//! Which parts of a text quote somebody else: what the source marked, and lines that begin with `> `.
//!
//! A `>` is also a bullet in advertisements, an arrow and a greentext. So a block of such lines is a quote only
//! when something says so: the message opens with it and an answer follows; the line above names who wrote it;
//! it is quoted twice (`>> `); or it is a single line between lines of the writer's own. A message of nothing
//! but such lines is a list, not a quote.
//!
//! Where it is wrong: a command line that opens a message (`> run.exe`) and is followed by text is taken for a quote; a
//! quotation of several lines after the writer's own words, without a name above it, is taken for a list.

use crate::model::{Shadow, Span};

use super::mapped::Mapped;

/// The quoted parts of `text`: `marked` made safe, and quote lines. Ascending, on character boundaries.
pub(super) fn find(text: &str, marked: &[Span]) -> Vec<Span> {
    if marked.is_empty() {
        return quote_lines(text);
    }
    let marked = sane(text, marked);
    // Quote lines are looked for in what is left, so that cutting once and cutting twice agree.
    let rest = cut(text, &marked);
    let lines = quote_lines(&rest.text);
    if lines.is_empty() {
        return marked;
    }
    let mut all = marked;
    all.extend(lines.iter().map(|line| Span { start: rest.raw_offset(line.start), end: rest.raw_offset(line.end) }));
    all.sort_unstable();
    sane(text, &all)
}

/// The text without its quotes and without white space at both ends. Where a quote stood between two pieces, one
/// line break keeps them apart.
pub(super) fn cut(text: &str, quotes: &[Span]) -> Shadow {
    let mut out = Mapped::with_capacity(text.len());
    let trimmed_end = text.trim_end().len();
    let mut at = text.len() - text.trim_start().len();
    let mut pieces = Vec::with_capacity(quotes.len() + 1);
    for quote in quotes {
        pieces.push((at.min(quote.start as usize), quote.start as usize));
        at = at.max(quote.end as usize);
    }
    pieces.push((at, trimmed_end.max(at)));
    let mut last_kept = 0;
    for (start, end) in pieces {
        let mut piece = &text[start..end.min(trimmed_end).max(start)];
        let mut start = start;
        if out.text().is_empty() {
            let bare = piece.trim_start();
            start += piece.len() - bare.len();
            piece = bare;
        }
        if piece.is_empty() {
            continue;
        }
        if !out.text().is_empty() && !out.text().ends_with('\n') && !piece.starts_with('\n') {
            out.push('\n', last_kept);
        }
        out.push_str(piece, start);
        last_kept = start + piece.len();
    }
    let mut cut = out.finish(last_kept);
    let end = cut.text.trim_end().len();
    if end < cut.text.len() {
        cut.text.truncate(end);
        cut.steps.retain(|step| (step.0 as usize) < end);
    }
    cut
}

/// Spans from outside: moved to character boundaries, sorted, merged, empty ones dropped.
fn sane(text: &str, spans: &[Span]) -> Vec<Span> {
    let boundary = |offset: u32| {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at as u32
    };
    let mut sane: Vec<Span> = spans
        .iter()
        .map(|span| Span { start: boundary(span.start), end: boundary(span.end) })
        .filter(|span| span.start < span.end)
        .collect();
    sane.sort_unstable();
    sane.dedup_by(|later, earlier| {
        let joins = later.start <= earlier.end;
        if joins {
            earlier.end = earlier.end.max(later.end);
        }
        joins
    });
    sane
}

/// A run of quote lines, blank lines between them included.
struct Block {
    start: usize,
    end: usize,
    lines: usize,
    deepest: usize,
    opens: bool,
    attributed: bool,
    answered: bool,
}

fn quote_lines(text: &str) -> Vec<Span> {
    if memchr::memchr(b'>', text.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut own_line = "";
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let depth = quote_depth(line);
        if depth > 0 {
            if !open {
                open = true;
                blocks.push(Block {
                    start,
                    end: at,
                    lines: 0,
                    deepest: 0,
                    opens: own_line.is_empty(),
                    attributed: names_a_writer(own_line),
                    answered: false,
                });
            }
            let block = blocks.last_mut().expect("a block is open");
            block.end = at;
            block.lines += 1;
            block.deepest = block.deepest.max(depth);
        } else if !line.trim().is_empty() {
            if open {
                blocks.last_mut().expect("a block is open").answered = true;
                open = false;
            }
            own_line = line;
        }
    }
    // A message that opens with a quote answers point by point: its other blocks are quotes, too.
    let answering = blocks.first().is_some_and(|block| block.opens && block.answered);
    blocks.retain(|block| {
        let own_text = !block.opens || block.answered;
        own_text && (answering || block.attributed || block.deepest > 1 || block.lines == 1 && block.answered)
    });
    blocks.iter().map(|block| Span::new(block.start, block.end)).collect()
}

/// How often a line is quoted: the `>` signs at its start, if a space or nothing follows them.
fn quote_depth(line: &str) -> usize {
    let mut depth = 0;
    let mut rest = line.trim_start();
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after.strip_prefix(' ').filter(|next| next.starts_with('>')).unwrap_or(after);
    }
    // `> [want]` after `[have]` on the line above is an exchange, and `>text` a greentext or an arrow.
    let spaced = rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']);
    if spaced && !rest.trim_start().starts_with('[') { depth } else { 0 }
}

/// Whether a line announces a quote: `bob wrote:`, `Иван писал(а):`.
fn names_a_writer(line: &str) -> bool {
    const WROTE: [&str; 16] = [
        "wrote",
        "said",
        "writes",
        "posted",
        "quote",
        "писал",
        "пишет",
        "сказал",
        "цитата",
        "написал",
        "写道",
        "说",
        "schrieb",
        "escribió",
        "écrit",
        "escreveu",
    ];
    let line = line.trim_end();
    if !line.ends_with([':', '：']) {
        return false;
    }
    let line = line.to_lowercase();
    WROTE.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what is left of a text after its quote lines are cut.
    #[track_caller]
    fn check(text: &str, left: &str) {
        assert_eq!(cut(text, &find(text, &[])).text, left);
    }

    #[test]
    fn a_quote_with_an_answer_is_cut() {
        check("> sell base via escrow\nnot interested", "not interested");
        check("> one\n> two\n\nno\n> three\nno again", "no\nno again");
        check("bob wrote:\n> escrow only\n", "bob wrote:");
        check("ok\n> escrow?\nno", "ok\nno");
        check("ok\n>> old\n> new\n", "ok");
    }

    #[test]
    fn bullets_arrows_and_exchanges_stay() {
        for text in [
            "> price 50$\n> contact @x",
            "Selling access\n> USA\n> 50$",
            "[have] btc > [want] usd",
            "[have] btc\n> [want] usd\nfast",
            ">be me\nok",
            "a -> b > c",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn marked_quotes_are_made_safe() {
        let text = "аб quote вг";
        let spans = find(text, &[Span::new(9, 3), Span::new(6, 9), Span::new(5, 11), Span::new(900, 1000)]);
        assert_eq!(spans, [Span::new(5, 11)]);
        assert_eq!(cut(text, &spans).text, "аб \nвг");
        // Within a character, an offset moves to its start.
        assert_eq!(find(text, &[Span::new(1, 3)]), [Span::new(0, 2)]);
    }
}
