//! Values with their intervals, one a row: a dot, a whisker with caps, the figures at the right.

use noctule_core::model::{Kind, Whisker};
use noctule_core::stats::Interval;
use noctule_store::analyze::words::{percent_range, times};

use super::super::foreign::{ForeignLabel, defang};
use super::super::html::Html;
use super::{Drawing, MOST_BARS, Size, scale};

pub fn draw(kind: Kind, rows: &[Whisker], size: Size) -> Drawing {
    let rows = &rows[..rows.len().min(MOST_BARS)];
    let axis = Axis::of(kind, rows);
    let narrow = size.narrow();
    let pitch = if narrow { 46.0 } else { 30.0 };
    let widest = rows.iter().map(|r| scale::text_width(&defang(&r.label)) * 1.1).fold(60.0, f64::max);
    let label = if narrow { 0.0 } else { widest.min(280.0) };
    let (left, right) = (label + 14.0, size.width() - if narrow { 14.0 } else { 170.0 });
    let (top, bottom) = (30.0, 34.0 + pitch * rows.len() as f64);
    let x = |value: f64| left + (right - left) * axis.place(value);
    let mut out = Html::new();
    let mut reach = f64::NEG_INFINITY;
    for tick in &axis.ticks {
        let zero = if kind == Kind::Ratio { 1.0 } else { 0.0 };
        let class = if *tick == zero { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &x(*tick), &top, &x(*tick), &bottom],
        );
        let text = if kind == Kind::Ratio { ratio_tick(*tick) } else { scale::tick(*tick, kind) };
        let half = scale::text_width(&text) / 2.0 + 1.0;
        if x(*tick) - half >= reach {
            out.put(
                "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                &[&x(*tick).clamp(half, size.width() - half - 1.0), &(bottom + 16.0), &text],
            );
            reach = x(*tick) + half + 6.0;
        }
    }
    for (i, row) in rows.iter().enumerate() {
        let y = top + pitch * (i as f64 + 0.5) + if narrow { 11.0 } else { 0.0 };
        let class = if row.strong { "strong" } else { "name" };
        let (value, interval) = figures(row, kind);
        if narrow {
            let text = format!("{value}  {interval}");
            let room = size.width() - scale::text_width(&text) * 1.1 - 12.0;
            let letters = scale::fitting(&defang(&row.label), room / 1.1);
            // The halo keeps the words apart from the grid behind them.
            out.put(
                "<text class=\"{} halo\" x=\"0\" y=\"{}\">{}</text>",
                &[&class, &(y - 13.0), &ForeignLabel(&row.label, letters)],
            );
            out.put(
                "<text class=\"{} halo\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                &[&class, &size.width(), &(y - 13.0), &text],
            );
        } else {
            let letters = scale::fitting(&defang(&row.label), label / 1.1 + 1.0);
            out.put(
                "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                &[&class, &label, &(y + 4.0), &ForeignLabel(&row.label, letters)],
            );
            out.put("<text class=\"strong\" x=\"{}\" y=\"{}\">{}</text>", &[&(right + 22.0), &(y + 4.0), &value]);
            out.put("<text class=\"faint\" x=\"{}\" y=\"{}\">{}</text>", &[&(right + 78.0), &(y + 4.0), &interval]);
        }
        let (low, high) = (x(row.low), x(row.high));
        out.put("<line class=\"whisker\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&low, &y, &high, &y]);
        for cap in [low, high] {
            out.put(
                "<line class=\"whisker\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                &[&cap, &(y - 4.0), &cap, &(y + 4.0)],
            );
        }
        // A hollow dot tells nothing: its interval holds the ratio of no change.
        let dot = if row.low <= 1.0 && 1.0 <= row.high && kind == Kind::Ratio { "ring" } else { "dot" };
        out.put("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"4.5\"/>", &[&dot, &x(row.value), &y]);
    }
    Drawing { height: bottom + 24.0, body: out }
}

fn figures(row: &Whisker, kind: Kind) -> (String, String) {
    let short = |value: f64| scale::short(value, kind);
    match kind {
        Kind::Ratio => (times(row.value), format!("{}–{}", bare(row.low), bare(row.high))),
        Kind::Share => (short(row.value), percent_range(Interval { low: row.low, high: row.high })),
        _ => (short(row.value), format!("{}–{}", short(row.low), short(row.high))),
    }
}

/// A ratio without its sign.
fn bare(ratio: f64) -> String {
    times(ratio).chars().skip(1).collect()
}

fn ratio_tick(tick: f64) -> String {
    match tick {
        t if t < 1.0 => format!("×1/{}", (1.0 / t).round() as u64),
        t => format!("×{}", t.round() as u64),
    }
}

/// Ratios on a logarithmic axis of doublings, everything else from zero.
struct Axis {
    ticks: Vec<f64>,
    log: bool,
}

impl Axis {
    fn of(kind: Kind, rows: &[Whisker]) -> Self {
        let low = rows.iter().map(|r| r.low).fold(f64::INFINITY, f64::min);
        let high = rows.iter().map(|r| r.high).fold(0.0, f64::max);
        if kind != Kind::Ratio {
            return Self { ticks: scale::ticks_around(low, high, kind), log: false };
        }
        let (first, last) = (low.log2().floor().clamp(-20.0, -1.0), high.log2().ceil().clamp(1.0, 20.0));
        let step = ((last - first) / 7.0).ceil().max(1.0);
        let from = (first / step).floor() * step;
        let count = ((last - from) / step).ceil() as usize;
        Self { ticks: (0..=count).map(|i| (from + step * i as f64).exp2()).collect(), log: true }
    }

    /// Where a value is between the first tick (0) and the last (1).
    fn place(&self, value: f64) -> f64 {
        let (first, last) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        let place = if self.log {
            (value.max(first).log2() - first.log2()) / (last.log2() - first.log2())
        } else {
            (value - first) / (last - first)
        };
        place.clamp(0.0, 1.0)
    }
}
