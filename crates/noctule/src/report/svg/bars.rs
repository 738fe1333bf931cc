//! Bars: columns for periods, rows for names; raw, unique and fixed panel side by side.

use noctule_core::model::{Bar, Counting, Kind};

use super::super::html::{ForeignLabel, Html, defang};
use super::{Drawing, Size, empty, legend, scale, style};

/// The ways of counting that the bars have, for the legend.
fn ways(out: &mut Html, bars: &[Bar]) {
    let entries: Vec<_> = bars[0].values.iter().map(|(c, _)| (swatch(*c), style(*c).1.to_string())).collect();
    legend(out, 36.0, &entries);
}

/// The class of a legend's swatch: as thick as a bar.
fn swatch(counting: Counting) -> &'static str {
    match counting {
        Counting::Raw => "sw-raw",
        Counting::Unique => "sw-uni",
        Counting::FixedPanel => "sw-pan",
    }
}

fn fill(counting: Counting) -> &'static str {
    match counting {
        Counting::Raw => "bar-raw",
        Counting::Unique => "bar-uni",
        Counting::FixedPanel => "bar-pan",
    }
}

fn highest(bars: &[Bar]) -> f64 {
    bars.iter().flat_map(|b| b.values.iter().map(|v| v.1)).fold(0.0, f64::max)
}

/// Columns over time.
pub fn columns(unit: &str, bars: &[Bar], size: Size) -> Drawing {
    if bars.is_empty() {
        return empty(unit, "no period in the window", size);
    }
    let height = if size.narrow() { 250.0 } else { 290.0 };
    let (left, right, top, bottom) = (44.0, size.width() - 4.0, 56.0, height - 26.0);
    let ticks = scale::ticks(highest(bars), Kind::Count);
    let max = ticks[ticks.len() - 1];
    let y = |value: f64| bottom - (bottom - top) * value / max;
    let mut out = Html::new();
    out.put("<text x=\"0\" y=\"14\">{}</text>", &[&scale::cut(unit, size.width())]);
    ways(&mut out, bars);
    for tick in &ticks {
        let class = if *tick == 0.0 { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &left, &y(*tick), &right, &y(*tick)],
        );
        let text = scale::tick(*tick, Kind::Count);
        out.put(
            "<text class=\"q\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            &[&(left - 6.0), &(y(*tick) + 4.0), &text],
        );
    }
    let group = (right - left) / bars.len() as f64;
    // Few groups do not make fat bars.
    let inner = (group * 0.78).min(150.0);
    let each = inner / bars[0].values.len().max(1) as f64;
    let label_every = (1..=bars.len()).find(|n| *n as f64 * group >= widest(bars) + 8.0).unwrap_or(bars.len());
    // Figures over all bars or over none.
    let figure =
        |bar: &Bar| bar.values.iter().map(|v| scale::text_width(&scale::short(v.1, Kind::Count))).fold(0.0, f64::max);
    let figures = bars.iter().all(|bar| figure(bar) <= each + 4.0);
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
            if figures {
                let class = if *counting == Counting::Unique { "b" } else { "q" };
                let at = x + width / 2.0;
                out.put(
                    "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    &[&class, &at, &(y(*value) - 5.0), &text],
                );
            }
        }
        if i % label_every == 0 {
            let label = short_period(&bar.label, i == 0 || bar.label.ends_with("-Q1"), group * label_every as f64);
            out.put(
                "<text class=\"q\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&center, &(bottom + 18.0), &label],
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
pub fn rows(unit: &str, bars: &[Bar], size: Size) -> Drawing {
    if bars.is_empty() {
        return empty(unit, "nothing to show", size);
    }
    let label_width = if size.narrow() { 112.0 } else { 200.0 };
    let (left, right) = (label_width + 8.0, size.width() - 56.0);
    let max = highest(bars).max(1.0);
    let ways_count = bars[0].values.len() as f64;
    let (thick, pitch) = (8.0, 9.0 * ways_count + 13.0);
    let height = 56.0 + pitch * bars.len() as f64;
    let mut out = Html::new();
    out.put("<text x=\"0\" y=\"14\">{}</text>", &[&scale::cut(unit, size.width())]);
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
            if *counting == Counting::Unique || bars[0].values.len() == 1 || (j == 0 && ways_count == 2.0) {
                let class = if *counting == Counting::Unique { "b" } else { "q" };
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
