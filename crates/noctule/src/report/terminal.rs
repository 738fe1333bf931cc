//! The study on a terminal: the finding, the main figures, and each answer of the report in two lines. No frames;
//! without color the text is the same.

use std::env;
use std::io::IsTerminal;

use noctule_core::model::{Answer, Part};
use noctule_store::analyze::words::{counted, thousands, times};
use noctule_store::analyze::{Study, TOO_FEW_FOR_A_SHARE, shares};
use unicode_width::UnicodeWidthStr;

use super::foreign::hidden;
use super::{heading, svg};

/// What the terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TermStyle {
    /// False for `NO_COLOR` and pipes.
    pub color: bool,
    /// Whether the locale is UTF-8.
    pub utf8: bool,
    /// Columns; sentences are wrapped at it, sparklines shrink to fit.
    pub width: usize,
}

/// Columns where nothing says how many there are.
const USUAL_WIDTH: usize = 100;

impl TermStyle {
    /// What standard output is: a terminal or not, its locale, its width.
    pub fn of_stdout() -> Self {
        let stdout = std::io::stdout();
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let terminal = stdout.is_terminal();
        let columns = set("COLUMNS").and_then(|columns| columns.parse().ok());
        let window = || rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col));
        let width = columns.or_else(window).filter(|width| *width > 0).unwrap_or(USUAL_WIDTH);
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self {
            color: terminal && set("NO_COLOR").is_none() && set("TERM").as_deref() != Some("dumb"),
            // Where no locale is set at all, terminals of today show UTF-8.
            utf8: locale.is_none_or(|locale| {
                let locale = locale.to_ascii_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            }),
            width: width.clamp(40, 160),
        }
    }
}

/// The summary, ending in a line feed.
pub fn terminal(study: &Study, style: &TermStyle) -> String {
    let counts = &study.counts;
    let pen = Pen { style };
    let mut lines = Vec::new();
    if let Some(simulated) = &counts.simulated {
        let scenario = visible(&simulated.scenario);
        let words = format!("simulated data: scenario {scenario}, seed {}", simulated.seed);
        lines.extend(pen.wrapped(&words, 0, |line| pen.dim(line)));
    }
    let window = counts.window.map_or("no window".into(), |w| format!("{} to {}", w.from, w.to));
    let read = format!(
        "{}, {}, {}, {window}",
        counted(counts.total.messages, "message", "messages"),
        counted(counts.total.unique_texts, "different text", "different texts"),
        counted(counts.active_sources() as u64, "source", "sources")
    );
    lines.extend(pen.wrapped(&read, 0, |line| pen.dim(line)));
    lines.push(String::new());
    lines.extend(pen.wrapped(&heading::finding(study), 0, |line| pen.bold(line)));
    lines.push(String::new());
    lines.extend(mentions(study, &pen));
    lines.extend(changes(study, &pen));
    lines.extend(share(study, &pen));
    lines.push(String::new());
    for answer in &study.answers {
        lines.extend(entry(answer, &pen));
    }
    let troubled = counts.skipped + counts.repaired;
    if troubled > 0 {
        // Not wrapped, so that its command can be copied.
        lines.push(format!(
            "hint: {} messages were skipped or repaired; list them with `noctule sql 'select * from skips'`",
            thousands(troubled)
        ));
    }
    let text = lines.join("\n") + "\n";
    if style.utf8 { text } else { ascii(&text) }
}

/// Columns of the names before the main figures.
const NAMES: usize = 18;

/// The mentions in all ways of counting, with their course.
fn mentions(study: &Study, pen: &Pen) -> Vec<String> {
    let counts = &study.counts;
    let escrow = counts.total.escrow;
    let figures = [(escrow.unique, "unique"), (escrow.raw, "raw"), (escrow.fixed_panel, "fixed panel")];
    let plain: Vec<String> = figures.iter().map(|(n, way)| format!("{} {way}", thousands(*n))).collect();
    let mut lines = pen.packed("escrow mentions", &plain);
    if let (Some(first), Some(unique)) = (lines.first_mut(), plain.first()) {
        let number = thousands(escrow.unique);
        *first = first.replacen(unique.as_str(), &unique.replacen(&number, &pen.bold(&number), 1), 1);
    }
    let monthly: Vec<f64> = counts.by_month.iter().map(|m| m.escrow.unique as f64).collect();
    if svg::is_course(&monthly) {
        let peak = (0..monthly.len()).max_by(|&a, &b| monthly[a].total_cmp(&monthly[b]).then(b.cmp(&a))).unwrap_or(0);
        let peak = format!("peak {}", counts.months[peak]);
        let used = lines.last().map_or(0, |line| plain_width(line));
        let room = pen.style.width.saturating_sub(used + 3 + 3 + peak.width());
        if lines.len() == 1 && room >= 8 {
            lines[0].push_str(&format!("   {}   {peak}", pen.spark(&monthly, room.min(40))));
        } else {
            let room = pen.style.width.saturating_sub(NAMES + 3 + peak.width()).clamp(8, 40);
            lines.push(format!("{}{}   {peak}", " ".repeat(NAMES), pen.spark(&monthly, room)));
        }
    }
    lines
}

/// The changes of the unique series.
fn changes(study: &Study, pen: &Pen) -> Vec<String> {
    let changes: Vec<String> = heading::unique_changes(study)
        .into_iter()
        .map(|(month, effect)| {
            let arrow = if effect > 1.0 { pen.sign("▲", "^") } else { pen.sign("▼", "v") };
            format!("{arrow} {} {month}", times(effect))
        })
        .collect();
    if changes.is_empty() { Vec::new() } else { pen.packed("changes of level", &changes) }
}

fn share(study: &Study, pen: &Pen) -> Vec<String> {
    let counts = &study.counts;
    let ([_, unique, panel], interval) = shares(&counts.total, &study.params);
    let deals = counts.total.deals.unique;
    if (1..TOO_FEW_FOR_A_SHARE).contains(&deals) {
        let words = format!("{} of {deals}, too few for a share", counts.total.both.unique);
        return pen.packed("share of deals", &[words]);
    }
    let (Some(unique), Some(interval)) = (unique, interval) else {
        return Vec::new();
    };
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let mut figures = vec![format!("{} ({:.1}–{:.1})", percent(unique), interval.low * 100.0, interval.high * 100.0)];
    figures.extend(panel.map(|panel| format!("{} fixed panel", percent(panel))));
    let mut lines = pen.packed("share of deals", &figures);
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&percent(unique), &pen.bold(&percent(unique)), 1);
    }
    lines
}

/// Columns of an answer's id.
const IDS: usize = 5;

/// An answer: its finding with its course, and its figures under it.
fn entry(answer: &Answer, pen: &Pen) -> Vec<String> {
    let title = visible(&answer.title);
    let mut lines = pen.wrapped(&title, IDS, str::to_owned);
    if let Some(first) = lines.first_mut() {
        // The indent of the first line holds the id.
        *first = format!("{}{}", pen.dim(&format!("{:<IDS$}", answer.id)), first.trim_start());
        let course = &answer.summary.course;
        let column = pen.style.width.min(USUAL_WIDTH + 20).saturating_sub(SPARK);
        let used = IDS + title.width();
        if svg::is_course(course) && used + 2 <= column {
            first.push_str(&format!("{}{}", " ".repeat(column - used), pen.spark(course, SPARK)));
        }
    }
    let summary = &answer.summary;
    // An answer whose figures are all in the finding already would only say it again.
    let said = |part: &Part| !matches!(part, Part::Strong(figure) if !title.contains(visible(figure).as_str()));
    let answer = if summary.answer.iter().all(said) { String::new() } else { words(&summary.answer) };
    let mut words = [answer, words(&summary.note)].join("; ");
    words = words.trim_matches([';', ' ']).into();
    for (way, figure) in [("raw", &summary.raw), ("fixed panel", &summary.fixed_panel)] {
        if !figure.is_empty() && !words.contains(&format!("{figure} {way}")) {
            let gap = if words.is_empty() { "" } else { "; " };
            words.push_str(&format!("{gap}{way} {figure}"));
        }
    }
    lines.extend(pen.wrapped(&words, IDS, |line| pen.dim(line)));
    lines
}

/// Columns of an answer's course.
const SPARK: usize = 12;

/// The sentence of the parts, harmless.
fn words(parts: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Plain(text) | Part::Strong(text) | Part::Foreign(text) => visible(text),
    };
    parts.iter().map(text).collect()
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

    fn wrap(&self, text: &str, code: &str) -> String {
        if self.style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.into() }
    }

    /// The words in lines of the terminal's width, each behind `indent` spaces and then styled.
    fn wrapped(&self, text: &str, indent: usize, styled: impl Fn(&str) -> String) -> Vec<String> {
        let room = self.style.width.saturating_sub(indent).max(20);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut used = 0;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let wide = word.width();
            if used > 0 && used + 1 + wide > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += wide;
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines.iter().map(|line| format!("{}{}", " ".repeat(indent), styled(line))).collect()
    }

    /// A name and its figures, three spaces between them; what does not fit goes on the next line, aligned.
    fn packed(&self, name: &str, figures: &[String]) -> Vec<String> {
        let mut lines = vec![format!("{name:<NAMES$}")];
        let mut used = NAMES;
        for (i, figure) in figures.iter().enumerate() {
            let gap = if used > NAMES { 3 } else { 0 };
            if i > 0 && used + gap + figure.width() > self.style.width {
                lines.push(" ".repeat(NAMES));
                used = NAMES;
            }
            let gap = if used > NAMES { 3 } else { 0 };
            if let Some(line) = lines.last_mut() {
                line.push_str(&" ".repeat(gap));
                line.push_str(figure);
            }
            used += gap + figure.width();
        }
        lines
    }

    fn sign(&self, utf8: &'static str, plain: &'static str) -> &'static str {
        if self.style.utf8 { utf8 } else { plain }
    }

    /// The course in at most `room` signs; neighbors are averaged when there are more.
    fn spark(&self, values: &[f64], room: usize) -> String {
        let signs: Vec<char> = self.sign("▁▂▃▄▅▆▇█", " .:-=+*#").chars().collect();
        let columns = values.len().min(room).max(1);
        let mean = |i: usize| {
            let (from, to) = (i * values.len() / columns, (i + 1) * values.len() / columns);
            values[from..to].iter().sum::<f64>() / (to - from) as f64
        };
        let means: Vec<f64> = (0..columns).map(mean).collect();
        let max = means.iter().copied().fold(0.0, f64::max);
        let sign = |mean: &f64| {
            let step = if max > 0.0 { (mean / max * (signs.len() - 1) as f64).round() as usize } else { 0 };
            signs[step.min(signs.len() - 1)]
        };
        means.iter().map(sign).collect()
    }
}

/// Text in which nothing can move the cursor or hide: such characters become `[RLO]`, line breaks spaces.
fn visible(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match hidden(letter) {
            Some(name) => out.push_str(&format!("[{name}]")),
            None if letter.is_whitespace() => out.push(' '),
            None => out.push(letter),
        }
    }
    out
}

/// Our own signs in ASCII; letters of other scripts, which a terminal that is not UTF-8 cannot show, as `?`.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '×' => out.push('x'),
            '–' | '−' => out.push('-'),
            '≥' => out.push_str(">="),
            '▲' => out.push('^'),
            '▼' => out.push('v'),
            '…' => out.push_str("..."),
            '«' | '»' => out.push('"'),
            '•' => out.push('*'),
            letter if letter.is_ascii() => out.push(letter),
            _ => out.push('?'),
        }
    }
    out
}

/// Columns without escapes.
fn plain_width(text: &str) -> usize {
    let mut plain = String::new();
    let mut escape = false;
    for letter in text.chars() {
        match letter {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => plain.push(letter),
        }
    }
    plain.width()
}
