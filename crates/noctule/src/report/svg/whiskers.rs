//! Values with their intervals, one a row: a dot, a whisker with caps, the figures at the right.

use noctule_core::model::{Kind, Whisker};

use super::super::html::Html;
use super::{Drawing, Size, empty, scale};
use noctule_core::stats::Interval;
use noctule_store::analyze::words::{percent_range, times};

pub fn draw(unit: &str, kind: Kind, rows: &[Whisker], size: Size) -> Drawing {
    if rows.is_empty() {
        return empty(
            unit,
            if kind == Kind::Ratio { "no change of level can be told" } else { "too few to tell" },
            size,
        );
    }
    let axis = Axis::of(kind, rows);
    let narrow = size.narrow();
    let pitch = if narrow { 44.0 } else { 30.0 };
    let label = if narrow { 0.0 } else { 150.0 };
    let (left, right) = (label + 14.0, size.width() - if narrow { 14.0 } else { 170.0 });
    let (top, bottom) = (30.0, 34.0 + pitch * rows.len() as f64);
    let x = |value: f64| left + (right - left) * axis.place(value);
    let mut out = Html::new();
    out.put("<text x=\"0\" y=\"14\">{}</text>", &[&scale::cut(unit, size.width())]);
    for tick in &axis.ticks {
        let class = if *tick == 1.0 && kind == Kind::Ratio { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &x(*tick), &top, &x(*tick), &bottom],
        );
        let text = if kind == Kind::Ratio { ratio_tick(*tick) } else { scale::tick(*tick, kind) };
        out.put(
            "<text class=\"q\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            &[&x(*tick), &(bottom + 16.0), &text],
        );
    }
    for (i, row) in rows.iter().enumerate() {
        let y = top + pitch * (i as f64 + 0.5) + if narrow { 10.0 } else { 0.0 };
        let class = if row.strong { "b" } else { "q" };
        let (value, interval) = figures(row, kind);
        if narrow {
            out.put("<text class=\"{}\" x=\"0\" y=\"{}\">{}</text>", &[&class, &(y - 12.0), &row.label]);
            let text = format!("{value}  {interval}");
            out.put(
                "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                &[&class, &size.width(), &(y - 12.0), &text],
            );
        } else {
            out.put(
                "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                &[&class, &label, &(y + 4.0), &row.label],
            );
            out.put("<text class=\"b\" x=\"{}\" y=\"{}\">{}</text>", &[&(right + 26.0), &(y + 4.0), &value]);
            out.put("<text class=\"q\" x=\"{}\" y=\"{}\">{}</text>", &[&(right + 78.0), &(y + 4.0), &interval]);
        }
        let (low, high) = (x(row.low), x(row.high));
        out.put("<line class=\"wh\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", &[&low, &y, &high, &y]);
        for cap in [low, high] {
            out.put(
                "<line class=\"wh\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                &[&cap, &(y - 4.0), &cap, &(y + 4.0)],
            );
        }
        let dot = if row.low <= 1.0 && 1.0 <= row.high && kind == Kind::Ratio { "ring" } else { "dot" };
        out.put("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"4.5\"/>", &[&dot, &x(row.value), &y]);
    }
    Drawing { height: bottom + 24.0, body: out }
}

fn figures(row: &Whisker, kind: Kind) -> (String, String) {
    match kind {
        Kind::Ratio => (times(row.value), format!("{}–{}", bare(row.low), bare(row.high))),
        _ => (scale::short(row.value, kind), percent_range(Interval { low: row.low, high: row.high })),
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
            return Self { ticks: scale::ticks(high, kind), log: false };
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
