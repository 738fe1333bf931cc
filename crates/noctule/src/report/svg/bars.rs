//! Bars: columns for periods, rows for names; raw, unique and fixed panel side by side.

use noctule_core::model::{Bar, Counting, Kind};

use super::super::foreign::{ForeignLabel, defang};
use super::super::html::Html;
use super::{Drawing, MOST_BARS, Sign, Size, legend, scale, style};

/// The ways of counting that the bars have, for the legend; one alone needs none.
fn ways(out: &mut Html, bars: &[Bar]) {
    let entries: Vec<_> = bars[0].values.iter().map(|(c, _)| (Sign::Fill(fill(*c)), style(*c).1)).collect();
    if entries.len() > 1 {
        legend(out, 36.0, &entries);
    }
}

fn fill(counting: Counting) -> &'static str {
    match counting {
        Counting::Raw => "bar-raw",
        Counting::Unique => "bar-unique",
        Counting::FixedPanel => "bar-panel",
    }
}

fn highest(bars: &[Bar]) -> f64 {
    bars.iter().flat_map(|b| b.values.iter().map(|v| v.1)).fold(0.0, f64::max)
}

/// Columns over time.
pub fn columns(bars: &[Bar], size: Size) -> Drawing {
    let height = if size.narrow() { 250.0 } else { 290.0 };
    let (left, right, top, bottom) = (44.0, size.width() - 4.0, 56.0, height - 26.0);
    let ticks = scale::ticks(highest(bars), Kind::Count);
    let max = ticks[ticks.len() - 1];
    let y = |value: f64| bottom - (bottom - top) * value / max;
    let mut out = Html::new();
    ways(&mut out, bars);
    for tick in &ticks {
        let class = if *tick == 0.0 { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &left, &y(*tick), &right, &y(*tick)],
        );
        let text = scale::tick(*tick, Kind::Count);
        out.put(
            "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            &[&(left - 6.0), &(y(*tick) + 4.0), &text],
        );
    }
    let group = (right - left) / bars.len() as f64;
    // Few groups do not make fat bars.
    let inner = (group * 0.78).min(150.0);
    let each = inner / bars[0].values.len().max(1) as f64;
    let label_every = (1..=bars.len()).find(|n| *n as f64 * group >= widest(bars) + 8.0).unwrap_or(bars.len());
    // Figures over all bars, over the unique ones, or over none.
    let fits = |room: f64, all: bool| {
        let shown = bars.iter().flat_map(|bar| &bar.values).filter(|v| all || v.0 == Counting::Unique);
        shown.map(|v| scale::text_width(&scale::short(v.1, Kind::Count))).all(|width| width <= room)
    };
    let (figures, unique_figures) = (fits(each - 1.0, true), fits(each * 1.6, false));
    for (i, bar) in bars.iter().enumerate() {
        let center = left + group * (i as f64 + 0.5);
        for (j, (counting, value)) in bar.values.iter().enumerate() {
            let x = center - inner / 2.0 + each * j as f64;
            let (width, tall) = ((each - 1.0).max(0.7), bottom - y(*value));
            out.put(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                &[&fill(*counting), &x, &y(*value), &width, &tall],
            );
            let text = scale::short(*value, Kind::Count);
            if figures || unique_figures && *counting == Counting::Unique {
                let class = if *counting == Counting::Unique { "strong" } else { "faint" };
                let at = x + width / 2.0;
                out.put(
                    "<text class=\"{} halo\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    &[&class, &at, &(y(*value) - 5.0), &text],
                );
            }
        }
        if i % label_every == 0 {
            let label = short_period(&bar.label, i == 0 || bar.label.ends_with("-Q1"), group * label_every as f64);
            let class = if label.contains('Q') { "faint" } else { "strong" };
            out.put(
                "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&class, &center, &(bottom + 18.0), &label],
            );
        }
    }
    Drawing { height, body: out }
}

fn widest(bars: &[Bar]) -> f64 {
    // Quarters are shown as Q2 when there is no room for the year.
    let quarters = bars.iter().all(|b| b.label.contains("-Q"));
    if quarters {
        scale::text_width("2020")
    } else {
        bars.iter().map(|b| scale::text_width(&b.label)).fold(0.0, f64::max)
    }
}

/// `2021-Q2` as itself where there is room, else `2021` for the first of a year and `Q2` for the others.
fn short_period(label: &str, first: bool, room: f64) -> String {
    match label.split_once('-') {
        Some((year, quarter)) if quarter.starts_with('Q') && room < scale::text_width(label) + 8.0 => {
            if first {
                year.into()
            } else {
                quarter.into()
            }
        }
        _ => label.into(),
    }
}

/// Rows for names, which may come from outside.
pub fn rows(bars: &[Bar], size: Size) -> Drawing {
    let bars = &bars[..bars.len().min(MOST_BARS)];
    let widest = bars.iter().map(|bar| scale::text_width(&defang(&bar.label))).fold(60.0, f64::max) + 14.0;
    let label_width = widest.min(if size.narrow() { 128.0 } else { 240.0 });
    let (left, right) = (label_width + 8.0, size.width() - 56.0);
    let max = highest(bars).max(1.0);
    let ways_count = bars[0].values.len() as f64;
    let (thick, pitch) = (8.0, 9.0 * ways_count + 13.0);
    let height = 56.0 + pitch * bars.len() as f64;
    let mut out = Html::new();
    ways(&mut out, bars);
    out.put("<line class=\"axis\" x1=\"{}\" y1=\"48\" x2=\"{}\" y2=\"{}\"/>", &[&left, &left, &(height - 4.0)]);
    for (i, bar) in bars.iter().enumerate() {
        let top = 54.0 + pitch * i as f64;
        // A little room for the ellipsis, and for what defanging adds.
        let letters = scale::fitting(&defang(&bar.label), label_width - 14.0);
        let middle = top + 4.5 * ways_count + 4.0;
        // Right to left names run away from the bars with `end`, so the label is anchored at its start.
        out.put(
            "<text x=\"0\" y=\"{}\" direction=\"ltr\" unicode-bidi=\"isolate\">{}</text>",
            &[&middle, &ForeignLabel(&bar.label, letters)],
        );
        for (j, (counting, value)) in bar.values.iter().enumerate() {
            let y = top + (thick + 1.0) * j as f64;
            let wide = ((right - left) * value / max).max(if *value > 0.0 { 1.0 } else { 0.0 });
            out.put(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                &[&fill(*counting), &left, &y, &wide, &thick],
            );
            if *counting == Counting::Unique || bars[0].values.len() == 1 || (j == 0 && ways_count > 1.0) {
                let class = if *counting == Counting::Unique { "strong" } else { "faint" };
                let text = scale::short(*value, Kind::Count);
                out.put(
                    "<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>",
                    &[&class, &(left + wide + 5.0), &(y + 8.0 + j as f64 * 2.0), &text],
                );
            }
        }
    }
    Drawing { height, body: out }
}
