//! What was found, for a person at a terminal: when, of which kind, and the messages with what was asked for marked.
//!
//! Text from outside is shown with every control and hidden character as a visible mark.

use std::io::Write;

use anyhow::Result;
use noctule_core::normalize::visible_line;
use noctule_store::analyze::words::{counted, thousands};
use noctule_store::search::{Facet, Histogram, Hit, Page, Snippet};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::TermStyle;

/// Values of a facet that are shown.
const VALUES: usize = 6;
/// Rows of the histogram; more bars are drawn as one line.
const ROWS: usize = 14;

/// `again` is the command that was run, for going on.
pub fn write(page: &Page, again: &str, style: &TermStyle, out: &mut dyn Write) -> Result<()> {
    if page.total == 0 {
        return Ok(());
    }
    let pen = Pen { style };
    writeln!(out, "{}", pen.bold(&counted(page.total, "message", "messages")))?;
    writeln!(out)?;
    histogram(&page.histogram, page.undated, &pen, out)?;
    for facet in page.facets.iter().filter(|facet| !facet.values.is_empty()) {
        writeln!(out, "{}", values(facet, &pen))?;
    }
    for hit in &page.hits {
        writeln!(out)?;
        for line in entry(hit, &pen) {
            writeln!(out, "{line}")?;
        }
    }
    if let Some(next) = page.next {
        writeln!(out)?;
        writeln!(out, "{}", pen.dim(&format!("more: {} --after {next}", visible_line(again))))?;
    }
    Ok(())
}

/// A row a period, or one line of small bars when they are many.
fn histogram(histogram: &Histogram, undated: u64, pen: &Pen<'_>, out: &mut dyn Write) -> Result<()> {
    let bars = &histogram.bars;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
    if let (Some(first), Some(last)) = (bars.first(), bars.last())
        && bars.len() > 1
    {
        if bars.len() <= ROWS {
            let digits = thousands(most).len();
            let room = pen.style.width.saturating_sub(first.period.len() + digits + 4).clamp(8, 60);
            for bar in bars {
                let count = thousands(bar.count);
                let line = format!("{}  {count:>digits$}  {}", bar.period, pen.bar(bar.count, most, room));
                writeln!(out, "{}", line.trim_end())?;
            }
        } else {
            let (first, last) = (&first.period, &last.period);
            let room = pen.style.width.saturating_sub(first.len() + last.len() + 4);
            let counts: Vec<u64> = bars.iter().map(|bar| bar.count).collect();
            writeln!(out, "{first}  {}  {last}", pen.spark(&counts, room))?;
            if let Some(peak) = bars.iter().rev().max_by_key(|bar| bar.count) {
                let words = format!("most in {}: {}, by {}", peak.period, thousands(peak.count), histogram.unit.word());
                writeln!(out, "{}", pen.dim(&words))?;
            }
        }
        if undated > 0 {
            writeln!(out, "{}", pen.dim(&format!("without a date: {}", thousands(undated))))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The values of a facet on one line, as many as fit.
fn values(facet: &Facet, pen: &Pen<'_>) -> String {
    let mut line = format!("{:<8}", facet.field);
    let mut used = 8;
    let mut shown = 0;
    for value in facet.values.iter().take(VALUES) {
        let text = format!("{} {}", cut(&visible_line(&value.name), 24), thousands(value.count));
        if shown > 0 && used + 3 + text.width() > pen.style.width {
            break;
        }
        if shown > 0 {
            line.push_str("   ");
            used += 3;
        }
        used += text.width();
        line.push_str(&text);
        shown += 1;
    }
    let rest = facet.values.len() - shown;
    if rest > 0 {
        line.push_str(&pen.dim(&format!("   and {rest} more")));
    }
    line
}

fn entry(hit: &Hit, pen: &Pen<'_>) -> Vec<String> {
    let when = hit.posted_at.map_or("no date".to_owned(), |at| {
        let text = at.to_string();
        // To the minute: `2021-10-14 21:07`.
        text.get(..16).map_or(text.clone(), |minutes| minutes.replace('T', " "))
    });
    let mut facts = vec![when, cut(&visible_line(&hit.source_name), 32)];
    let names = [&hit.thread_title, &hit.author_name, &hit.author_id];
    if let Some(name) = names.into_iter().flatten().next() {
        facts.push(cut(&visible_line(name), 32));
    }
    facts.push(hit.lang.clone());
    facts.extend(hit.kind.clone());
    if let Some(polarity) = &hit.escrow_polarity {
        facts.push(format!("escrow {polarity} {:.2}", hit.escrow_score));
    }
    if let Some(price) = hit.price_usd {
        facts.push(format!("${price}"));
    }
    facts.push(hit.message_id.clone());
    let mut lines = vec![pen.dim(&facts.join("  "))];
    lines.extend(snippet(&hit.snippet, pen));
    lines
}

/// The snippet in lines of the terminal's width, each behind two spaces.
fn snippet(snippet: &Snippet, pen: &Pen<'_>) -> Vec<String> {
    let room = pen.style.width.saturating_sub(2).max(20);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    let mut put = |text: &str, marked: bool| {
        // Spaces between words, so that a line breaks there; a longer word is broken anywhere.
        for piece in text.split_inclusive(' ') {
            let wide = piece.trim_end().width();
            if used > 0 && used + wide > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            let mut rest = String::new();
            for letter in piece.chars() {
                let wide = letter.width().unwrap_or(0);
                if used + wide > room {
                    line.push_str(&pen.mark(&rest, marked));
                    rest.clear();
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                rest.push(letter);
                used += wide;
            }
            line.push_str(&pen.mark(&rest, marked));
        }
    };
    if snippet.cut_before {
        put("… ", false);
    }
    for part in &snippet.parts {
        // Line breaks and tabs become spaces: people read the words here, the text itself is in the other forms.
        let spaced: String = part.text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
        let shown = visible_line(&spaced);
        if part.marked && !pen.style.color {
            put(&format!("⟦{shown}⟧"), false);
        } else {
            put(&shown, part.marked);
        }
    }
    if snippet.cut_after {
        put(" …", false);
    }
    lines.push(line);
    lines.iter().map(|line| format!("  {}", line.trim_end())).collect()
}

fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

struct Pen<'a> {
    style: &'a TermStyle,
}

impl Pen<'_> {
    fn bold(&self, text: &str) -> String {
        self.wrap(text, "1")
    }

    fn dim(&self, text: &str) -> String {
        self.wrap(text, "2")
    }

    fn mark(&self, text: &str, marked: bool) -> String {
        if marked { self.wrap(text, "1;33") } else { text.to_owned() }
    }

    fn wrap(&self, text: &str, code: &str) -> String {
        if self.style.color && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.into() }
    }

    /// A bar of at most `room` columns, to an eighth of a column.
    fn bar(&self, count: u64, most: u64, room: usize) -> String {
        let eighths = (count as f64 / most.max(1) as f64 * room as f64 * 8.0).round() as usize;
        // What is there is seen.
        let eighths = if count > 0 { eighths.max(1) } else { 0 };
        if !self.style.utf8 {
            return "#".repeat(eighths.div_ceil(8));
        }
        let mut bar = "█".repeat(eighths / 8);
        bar.extend(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8).copied());
        bar
    }

    /// All bars in one line; neighbors are added up when they are more than columns.
    fn spark(&self, counts: &[u64], room: usize) -> String {
        let signs: Vec<char> = if self.style.utf8 { "▁▂▃▄▅▆▇█" } else { ".:-=+*#@" }.chars().collect();
        let columns = counts.len().min(room).max(1);
        let sums: Vec<u64> = (0..columns)
            .map(|i| counts[i * counts.len() / columns..(i + 1) * counts.len() / columns].iter().sum())
            .collect();
        let most = sums.iter().copied().max().unwrap_or(0).max(1);
        let sign = |sum: &u64| match sum {
            0 => ' ',
            sum => signs[((sum * signs.len() as u64).div_ceil(most) as usize).clamp(1, signs.len()) - 1],
        };
        sums.iter().map(sign).collect()
    }
}
