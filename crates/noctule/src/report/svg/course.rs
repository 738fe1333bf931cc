//! Courses over months: lines with bands, folded reposts between raw and unique, change points.

use noctule_core::model::{Counting, Kind, Line, Step};

use super::super::events::Event;
use super::super::html::Html;
use super::{Drawing, Sign, Size, legend, scale, style};

pub struct Course<'a> {
    pub scale: Kind,
    /// `2021-07`.
    pub months: &'a [String],
    pub lines: &'a [Line],
    pub steps: &'a [Step],
    pub events: &'a [Event],
}

/// Where things are.
struct Plot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    months: usize,
    max: f64,
}

impl Plot {
    fn x(&self, month: f64) -> f64 {
        let last = self.months.saturating_sub(1) as f64;
        if last == 0.0 { (self.left + self.right) / 2.0 } else { self.left + (self.right - self.left) * month / last }
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * (value / self.max).clamp(0.0, 1.0)
    }
}

pub fn draw(course: &Course, size: Size) -> Drawing {
    let values = course.lines.iter().flat_map(|line| line.values.iter().flatten().copied());
    let highest = values.fold(0.0, f64::max);
    let band = course.lines.iter().flat_map(|line| line.band.iter().flatten().map(|b| b.1)).fold(highest, f64::max);
    // A band of one thin month must not flatten the line.
    let ticks = scale::ticks(band.min(highest * 2.0), course.scale);
    let narrow = size.narrow();
    let head = (if course.steps.is_empty() { 26.0 } else { 66.0 }) + if narrow { 20.0 } else { 0.0 };
    let height = match size {
        Size::Full => 440.0,
        Size::Wide | Size::Medium => 350.0,
        Size::Narrow => 290.0,
    };
    let plot = Plot {
        left: 44.0,
        right: size.width() - if narrow { 8.0 } else { 140.0 },
        top: head + 10.0,
        bottom: height - 30.0,
        months: course.months.len(),
        max: ticks[ticks.len() - 1],
    };
    let mut out = Html::new();
    if narrow && course.lines.len() > 1 {
        let entry = |line: &Line| (Sign::Stroke(style(line.counting).0), style(line.counting).1);
        let entries: Vec<_> = course.lines.iter().map(entry).collect();
        legend(&mut out, 36.0, &entries);
    }
    for tick in &ticks {
        let y = plot.y(*tick);
        let class = if *tick == 0.0 { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &plot.left, &y, &plot.right, &y],
        );
        let text = scale::tick(*tick, course.scale);
        out.put(
            "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            &[&(plot.left - 6.0), &(y + 4.0), &text],
        );
    }
    let headline = course.lines.iter().find(|l| l.counting == Counting::Unique);
    let extremes = headline.map(|line| extremes(line, course, &plot)).unwrap_or_default();
    folded(&mut out, course, &plot, size, &extremes);
    steps(&mut out, course, &plot, size);
    for line in course.lines {
        stroke(&mut out, line, &plot);
    }
    rings(&mut out, &extremes);
    if !narrow {
        ends(&mut out, course, &plot);
    }
    months(&mut out, course.months, &plot);
    events(&mut out, course.events, &plot);
    Drawing { height, body: out }
}

/// The area between raw and unique, named where it is widest and nothing else is written.
fn folded(out: &mut Html, course: &Course, plot: &Plot, size: Size, written: &[Extreme]) {
    let line = |counting| course.lines.iter().find(|l| l.counting == counting).map(|l| &l.values);
    let (Some(raw), Some(unique)) = (line(Counting::Raw), line(Counting::Unique)) else {
        return;
    };
    let height = |values: &[Option<f64>], i: usize| plot.y(values.get(i).copied().flatten().unwrap_or(0.0));
    let mut points = Html::new();
    for i in 0..raw.len() {
        points.put("{},{} ", &[&plot.x(i as f64), &height(raw, i)]);
    }
    for i in (0..raw.len()).rev() {
        points.put("{},{} ", &[&plot.x(i as f64), &height(unique, i)]);
    }
    out.put("<polygon class=\"folded\" points=\"{}\"/>", &[&points]);
    if size.narrow() {
        return;
    }
    const WORDS: &str = "folded reposts";
    let half = scale::text_width(WORDS) / 2.0 + 2.0;
    let mut widest: Vec<usize> = (0..raw.len()).filter(|&i| height(unique, i) - height(raw, i) > 46.0).collect();
    widest.sort_by(|&a, &b| (height(unique, b) - height(raw, b)).total_cmp(&(height(unique, a) - height(raw, a))));
    for i in widest {
        let y = (height(raw, i) + height(unique, i)) / 2.0;
        let x = plot.x(i as f64).clamp(plot.left + half, plot.right - half);
        let touches = |e: &Extreme| {
            (e.baseline - y).abs() < 18.0 && e.left < x + half && e.left + scale::text_width(&e.text) * 1.1 > x - half
        };
        let crossed = course.steps.iter().any(|step| (plot.x(step.at as f64) - x).abs() < half);
        if !crossed && !written.iter().any(touches) {
            out.put("<text class=\"halo\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", &[&x, &y, &WORDS]);
            return;
        }
    }
}

/// Change points: levels as dotted steps, a rule, the bar of its month, the ratio.
fn steps(out: &mut Html, course: &Course, plot: &Plot, size: Size) {
    let head = if size.narrow() { 48.0 } else { 28.0 };
    // Every label knows how far the last one in its row reaches.
    let mut reach = [f64::NEG_INFINITY; 2];
    let mut arrows = f64::NEG_INFINITY;
    for step in course.steps {
        for (from, to, level) in [step.before, step.after] {
            let (from, to) = (plot.x(from as f64), plot.x(to.saturating_sub(1) as f64));
            let y = plot.y(level);
            out.put("<line class=\"level\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&from, &y, &to, &y]);
        }
        let x = plot.x(step.at as f64);
        let bar = head + 30.0;
        out.put("<line class=\"change\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&x, &bar, &x, &plot.bottom]);
        let (low, high) = (plot.x(step.earliest as f64) - 3.0, plot.x(step.latest as f64) + 3.0);
        out.put(
            "<rect class=\"change-span\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"4\"/>",
            &[&low, &(bar - 2.0), &(high - low)],
        );
        let arrow = if step.effect > 1.0 { "▲" } else { "▼" };
        let ratio = format!("{arrow} {}", scale::short(step.effect, Kind::Ratio));
        let month = course.months.get(step.at).cloned().unwrap_or_default();
        // On a phone the label is one line and may stand in either row; elsewhere it has the month under it.
        let rows: &[f64] = if size.narrow() { &[8.0, 23.0] } else { &[8.0] };
        let longer = if size.narrow() { 0.0 } else { scale::text_width(&month) };
        let half = (scale::text_width(&ratio) * 1.1).max(longer) / 2.0 + 3.0;
        let center = x.clamp(half, size.width() - half);
        // A label that would run into the one before it is left to the table; its arrow stands under its bar.
        if let Some(row) = (0..rows.len()).find(|row| center - half >= reach[*row]) {
            out.put(
                "<text class=\"strong halo\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&center, &(head + rows[row]), &ratio],
            );
            if !size.narrow() {
                out.put(
                    "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    &[&center, &(head + 23.0), &month],
                );
            }
            reach[row] = center + half;
        } else if x - 6.0 >= arrows {
            out.put(
                "<text class=\"strong halo\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&x, &(bar + 16.0), &arrow],
            );
            arrows = x + 6.0;
        }
    }
}

/// One line with its band; single points as dots; gaps where there is no value.
fn stroke(out: &mut Html, line: &Line, plot: &Plot) {
    let (class, _) = style(line.counting);
    let told: Vec<usize> = (0..line.values.len()).filter(|&i| line.values[i].is_some()).collect();
    for run in told.chunk_by(|a, b| a + 1 == *b) {
        let band = |i: &usize| line.band.get(*i).copied().flatten();
        if run.len() > 1 && run.iter().all(|i| band(i).is_some()) {
            let mut points = Html::new();
            let mut point = |i: usize, value: f64| points.put("{},{} ", &[&plot.x(i as f64), &plot.y(value)]);
            run.iter().for_each(|i| point(*i, band(i).unwrap_or_default().1));
            run.iter().rev().for_each(|i| point(*i, band(i).unwrap_or_default().0));
            out.put("<polygon class=\"band\" points=\"{}\"/>", &[&points]);
        }
        let mut points = Html::new();
        for i in run {
            points.put("{},{} ", &[&plot.x(*i as f64), &plot.y(line.values[*i].unwrap_or(0.0))]);
        }
        if run.len() == 1 {
            let (x, y) = (plot.x(run[0] as f64), plot.y(line.values[run[0]].unwrap_or(0.0)));
            if let Some((low, high)) = band(&run[0]) {
                out.put(
                    "<line class=\"whisker\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                    &[&x, &plot.y(low), &x, &plot.y(high)],
                );
            }
            out.put("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"3.5\"/>", &[&class, &x, &y]);
        } else {
            out.put("<polyline class=\"{}\" points=\"{}\"/>", &[&class, &points]);
        }
    }
}

/// A marked point of a line, and where its words stand.
struct Extreme {
    x: f64,
    y: f64,
    text: String,
    /// Where the words begin; only the ring is drawn where there is no room for them.
    left: f64,
    baseline: f64,
    room: bool,
}

/// The peak of the headline, and a trough after it when it is deep.
fn extremes(line: &Line, course: &Course, plot: &Plot) -> Vec<Extreme> {
    let value = |i: usize| line.values[i].unwrap_or(0.0);
    let n = line.values.len();
    if course.steps.is_empty() || n < 6 || course.scale != Kind::Count {
        return Vec::new();
    }
    let peak = (0..n).max_by(|&a, &b| value(a).total_cmp(&value(b)).then(b.cmp(&a)));
    let Some(peak) = peak.filter(|&p| value(p) > 0.0) else {
        return Vec::new();
    };
    let mut points = vec![(peak, "peak")];
    let trough = (peak..n).min_by(|&a, &b| value(a).total_cmp(&value(b)));
    points.extend(trough.filter(|&t| value(t) < 0.6 * value(peak) && t + 1 < n).map(|t| (t, "trough")));
    let place = |(i, word): (usize, &str)| {
        let (x, y) = (plot.x(i as f64), plot.y(value(i)));
        let text = format!("{word} {}", scale::short(value(i), course.scale));
        let wide = scale::text_width(&text) * 1.1;
        // A trough is named below its line where there is room.
        let below = word == "trough" && plot.bottom - y > 26.0;
        let baseline = if below { y + 20.0 } else { y - 10.0 };
        // Words stand beside the rule of a change, not across it.
        let rule =
            |from: f64| course.steps.iter().map(|s| plot.x(s.at as f64)).any(|r| from - 3.0 < r && r < from + wide);
        let left = [x - wide / 2.0, x + 7.0, x - wide - 7.0]
            .into_iter()
            .find(|from| *from >= plot.left && from + wide <= plot.right && !rule(*from));
        Extreme { x, y, text, left: left.unwrap_or(x), baseline, room: left.is_some() }
    };
    points.into_iter().map(place).collect()
}

fn rings(out: &mut Html, extremes: &[Extreme]) {
    for extreme in extremes {
        out.put("<circle class=\"ring\" cx=\"{}\" cy=\"{}\" r=\"4\"/>", &[&extreme.x, &extreme.y]);
        if extreme.room {
            out.put(
                "<text class=\"strong halo\" x=\"{}\" y=\"{}\">{}</text>",
                &[&extreme.left, &extreme.baseline, &extreme.text],
            );
        }
    }
}

/// Names at the ends of the lines, moved apart.
fn ends(out: &mut Html, course: &Course, plot: &Plot) {
    let last = |line: &Line| line.values.iter().rev().flatten().next().copied().unwrap_or(0.0);
    let wanted: Vec<f64> = course.lines.iter().map(|line| plot.y(last(line))).collect();
    let places = scale::spread(&wanted, 32.0, plot.top + 4.0, plot.bottom - 14.0);
    for (line, y) in course.lines.iter().zip(places) {
        let (_, name) = style(line.counting);
        let value = scale::short(last(line), course.scale);
        let x = plot.right + 10.0;
        let name = if course.lines.len() == 1 { value } else { format!("{name} {value}") };
        out.put("<text class=\"strong\" x=\"{}\" y=\"{}\">{}</text>", &[&x, &(y + 4.0), &name]);
        out.put(
            "<text class=\"faint\" x=\"{}\" y=\"{}\">{}</text>",
            &[&x, &(y + 18.0), &scale::cut(&line.note, 130.0)],
        );
    }
}

/// Events as boxed letters standing on the axis, the next one higher where two would touch.
fn events(out: &mut Html, events: &[Event], plot: &Plot) {
    let mut boxes: Vec<(f64, f64)> = Vec::new();
    for event in events {
        let x = plot.x(event.place);
        let mut y = plot.bottom - 12.0;
        while y > plot.top + 18.0 && boxes.iter().any(|(other, at)| (x - other).abs() < 16.0 && *at == y) {
            y -= 18.0;
        }
        boxes.push((x, y));
        out.put(
            "<line class=\"event-rule\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&x, &y, &x, &(plot.bottom + 4.0)],
        );
    }
    // After all rules, so that none strikes out the letter of another.
    for (event, (x, y)) in events.iter().zip(boxes) {
        out.put(
            "<rect class=\"event\" x=\"{}\" y=\"{}\" width=\"15\" height=\"15\" rx=\"2\"/>",
            &[&(x - 7.5), &(y - 7.5)],
        );
        out.put(
            "<text class=\"event-name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            &[&x, &(y + 4.2), &event.letter.to_string()],
        );
    }
}

/// Years in bold, quarters between them where there is room; every month of a short window.
fn months(out: &mut Html, months: &[String], plot: &Plot) {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let room = (plot.right - plot.left) / months.len().max(1) as f64;
    let every_years = (1..).find(|n| room * 12.0 * f64::from(*n) >= 40.0).unwrap_or(1);
    let every_months = [1, 3, 6].into_iter().find(|n| room * f64::from(*n) >= 52.0);
    // Labels that are no months are shown as they are, as many as fit.
    let widest = months.iter().map(|m| scale::text_width(m)).fold(0.0, f64::max) + 10.0;
    let every = (1..=months.len()).find(|n| *n as f64 * room >= widest).unwrap_or(months.len()).max(1);
    for (i, month) in months.iter().enumerate() {
        let parts = month.split_once('-').map(|(year, number)| (year, year.parse::<i32>(), number.parse::<i32>()));
        let Some((year, Ok(year_number), Ok(number @ 1..=12))) = parts else {
            if i % every == 0 {
                let (x, y) = (plot.x(i as f64), plot.bottom + 20.0);
                out.put("<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", &[&x, &y, month]);
            }
            continue;
        };
        let (x, y) = (plot.x(i as f64), plot.bottom);
        let named = i == 0 || number == 1;
        if named && (i == 0 || year_number % every_years == 0) {
            // A window that starts late in its year names the month and leaves the next January its room.
            let text =
                if number == 1 { year.to_string() } else { format!("{} {year}", NAMES[(number - 1) as usize % 12]) };
            let end = scale::text_width(&text);
            let crowded = i == 0
                && months
                    .iter()
                    .skip(1)
                    .position(|m| m.ends_with("-01"))
                    .is_some_and(|next| (next + 1) as f64 * room < end + 8.0);
            out.put("<line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&x, &y, &x, &(y + 6.0)]);
            if !crowded {
                out.put("<text class=\"strong\" x=\"{}\" y=\"{}\">{}</text>", &[&x, &(y + 20.0), &text]);
            }
        } else if every_months.is_some_and(|n| (number - 1) % n == 0) && number != 1 {
            // The first label may reach over the following ticks.
            let first = scale::text_width(&months[0]) + 8.0;
            if x - plot.x(0.0) < first && !months[0].ends_with("-01") {
                continue;
            }
            out.put("<line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&x, &y, &x, &(y + 4.0)]);
            let name = NAMES[(number - 1) as usize % 12];
            out.put(
                "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&x, &(y + 20.0), &name],
            );
        }
    }
}
