//! The study on a terminal: the answers of the report in a few lines. No frames; without color the text is the same.

use noctule_core::model::{Answer, Part, Value};
use noctule_store::analyze::words::thousands;
use noctule_store::analyze::{Study, TOO_FEW_FOR_A_SHARE, shares};

use super::foreign::hidden;

/// What the terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TermStyle {
    /// False for `NO_COLOR` and pipes.
    pub color: bool,
    /// Whether the locale is UTF-8.
    pub utf8: bool,
    /// Columns; sparklines shrink to fit, sentences are never cut.
    pub width: usize,
}

/// The summary, ending in a line feed.
pub fn terminal(study: &Study, style: &TermStyle) -> String {
    let counts = &study.counts;
    let pen = Pen { style };
    let mut lines = Vec::new();
    if let Some(simulated) = &counts.simulated {
        let scenario = visible(&simulated.scenario);
        lines.push(pen.dim(&format!("simulated data: scenario {scenario}, seed {}", simulated.seed)));
    }
    let window = counts.window.map_or("no window".into(), |w| format!("{} to {}", w.from, w.to));
    let read = format!(
        "{} messages, {} different texts, {} sources, {window}",
        thousands(counts.total.messages),
        thousands(counts.total.unique_texts),
        thousands(counts.active_sources() as u64)
    );
    lines.push(pen.dim(&read));
    lines.push(String::new());

    let escrow = counts.total.escrow;
    let monthly: Vec<f64> = counts.by_month.iter().map(|m| m.escrow.unique as f64).collect();
    let mut line = format!(
        "escrow mentions   {} unique   {} raw   {} fixed panel",
        pen.bold(&thousands(escrow.unique)),
        thousands(escrow.raw),
        thousands(escrow.fixed_panel)
    );
    if monthly.len() > 1 && escrow.unique > 0 {
        let peak = (0..monthly.len()).max_by(|&a, &b| monthly[a].total_cmp(&monthly[b]).then(b.cmp(&a))).unwrap_or(0);
        let room = style.width.saturating_sub(plain_width(&line) + 20).clamp(8, 40);
        line.push_str(&format!("   {}   peak {}", pen.spark(&monthly, room), counts.months[peak]));
    }
    lines.push(line);
    let answer = |name: &str| study.answers.iter().find(|a| a.name == name);
    lines.extend(answer("change_points").and_then(|a| changes(a, &pen)));

    let ([_, unique, panel], interval) = shares(&counts.total, &study.params);
    let deals = counts.total.deals.unique;
    if (1..TOO_FEW_FOR_A_SHARE).contains(&deals) {
        lines.push(format!("share of deals    {} of {deals}, too few for a share", counts.total.both.unique));
    } else if let (Some(unique), Some(interval)) = (unique, interval) {
        let percent = |share: f64| format!("{:.1}%", share * 100.0);
        let mut line = format!(
            "share of deals    {} {}  ({:.1}–{:.1})",
            pen.sign("≥", ">="),
            pen.bold(&percent(unique)),
            interval.low * 100.0,
            interval.high * 100.0
        );
        if let Some(panel) = panel {
            line.push_str(&format!("  fixed panel {}", percent(panel)));
        }
        lines.push(line);
    }
    lines.push(String::new());
    for answer in &study.answers {
        // Padded before it is styled, because escapes have no width.
        lines.push(format!("  {} {}", pen.dim(&format!("{:<4}", answer.id)), visible(&answer.title)));
        lines.extend(foreign_note(answer).map(|note| format!("       {}", pen.dim(&note))));
    }
    let troubled = counts.skipped + counts.repaired;
    if troubled > 0 {
        lines.push(format!(
            "hint: {} messages were skipped or repaired; list them with `noctule sql 'select * from skips'`",
            thousands(troubled)
        ));
    }
    let text = lines.join("\n") + "\n";
    if style.utf8 { text } else { ascii(&text) }
}

/// The changes of the unique series on one line.
fn changes(answer: &Answer, pen: &Pen) -> Option<String> {
    let mut found = Vec::new();
    for row in &answer.rows {
        if let [Value::Text(series), Value::Text(month), Value::Text(direction), Value::Float(effect), ..] =
            row.as_slice()
            && series == "escrow_unique"
        {
            let arrow = if direction == "up" { pen.sign("▲", "^") } else { pen.sign("▼", "v") };
            let times = noctule_store::analyze::words::times(*effect);
            found.push(format!("{arrow} {} {month}", pen.bold(&times)));
        }
    }
    (!found.is_empty()).then(|| format!("  {}", found.join("   ")))
}

/// The quieter line of an answer when it names something from outside.
fn foreign_note(answer: &Answer) -> Option<String> {
    let foreign = |p: &Part| matches!(p, Part::Foreign(_));
    let parts = &answer.summary.note;
    parts.iter().any(foreign).then(|| {
        let text = |p: &Part| match p {
            Part::Plain(text) | Part::Strong(text) | Part::Foreign(text) => visible(text),
        };
        parts.iter().map(text).collect()
    })
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
            letter if letter.is_ascii() => out.push(letter),
            _ => out.push('?'),
        }
    }
    out
}

/// Width without escapes.
fn plain_width(text: &str) -> usize {
    let mut width = 0;
    let mut escape = false;
    for letter in text.chars() {
        match letter {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => width += 1,
        }
    }
    width
}
