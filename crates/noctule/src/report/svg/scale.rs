//! Ticks, positions and numbers on charts.

use noctule_core::model::Kind;
use noctule_store::analyze::words::{percent, thousands};

/// From 0 to a round number above `max`, in 3 to 6 steps. `max` of 0 gives one step of 1.
pub fn ticks(max: f64, kind: Kind) -> Vec<f64> {
    let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
    let rough = max / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(10.0 * power);
    // Counts come in whole numbers.
    let step = if kind == Kind::Count { step.ceil() } else { step };
    let last = (max / step - 1e-9).ceil().max(1.0) as usize;
    (0..=last).map(|i| i as f64 * step).collect()
}

/// A number as charts write it: `39.3k`, `12%`, `×2.29`.
pub fn short(value: f64, kind: Kind) -> String {
    match kind {
        Kind::Share => percent(value),
        Kind::Ratio => noctule_store::analyze::words::times(value),
        Kind::Number if value.abs() < 1_000.0 => trimmed(value, ""),
        _ if value >= 999_500.0 => trimmed(value / 1e6, "M"),
        _ if value >= 1_000.0 => trimmed(value / 1e3, "k"),
        _ => thousands(value.round() as u64),
    }
}

/// As [`ticks`], for values that may be below zero: round numbers around them, zero among them.
pub fn ticks_around(low: f64, high: f64, kind: Kind) -> Vec<f64> {
    if low >= 0.0 {
        return ticks(high, kind);
    }
    let step = ticks((high.max(0.0) - low).min(f64::MAX / 4.0), kind)[1];
    let (first, last) = ((low / step).floor() as i64, (high.max(0.0) / step - 1e-9).ceil() as i64);
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A tick's number, without decimals that say nothing.
pub fn tick(value: f64, kind: Kind) -> String {
    match kind {
        Kind::Share => trimmed(value * 100.0, "%"),
        _ => short(value, kind),
    }
}

fn trimmed(value: f64, unit: &str) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    let text = format!("{:.1}", value.abs());
    format!("{sign}{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// About how wide a text is at the size of charts: capitals are wider, East Asian letters count double.
pub fn text_width(text: &str) -> f64 {
    text.chars().map(letter_width).sum()
}

fn letter_width(letter: char) -> f64 {
    match letter {
        'i' | 'l' | 'j' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | '-' | '|' => 4.9,
        'W' | 'M' | '@' | 'Ж' | 'Ш' | 'Щ' | 'Ю' | 'Ы' | 'm' | 'w' | '%' | 'ш' | 'щ' | 'ж' | 'ю' | 'ы' => 11.8,
        c if c as u32 >= 0x1100 => 12.5,
        c if c.is_uppercase() || c == '×' => 9.4,
        _ => 7.5,
    }
}

/// How many letters of a text fit.
pub fn fitting(text: &str, width: f64) -> usize {
    let mut used = 0.0;
    text.chars()
        .take_while(|c| {
            used += letter_width(*c);
            used <= width
        })
        .count()
}

/// The text, cut with an ellipsis to fit.
pub fn cut(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.into();
    }
    let letters = fitting(text, width - letter_width('…'));
    let kept: String = text.chars().take(letters).collect();
    format!("{}…", kept.trim_end())
}

/// Moves positions apart so that neighbors are at least `gap` apart and inside `low..=high`, keeping their order.
/// Returns them in the order given.
pub fn spread(positions: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by(|&a, &b| positions[a].total_cmp(&positions[b]));
    let mut out = positions.to_vec();
    let mut least = low;
    for &i in &order {
        out[i] = out[i].max(least);
        least = out[i] + gap;
    }
    let mut most = high;
    for &i in order.iter().rev() {
        out[i] = out[i].min(most);
        most = out[i] - gap;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_round_and_cover() {
        for max in [0.0, 0.3, 1.0, 3.0, 7.0, 29_512.0, 1e9, f64::NAN] {
            for kind in [Kind::Count, Kind::Share] {
                let ticks = ticks(max, kind);
                assert!((2..=7).contains(&ticks.len()), "{max} {ticks:?}");
                assert!(ticks[ticks.len() - 1] >= if max.is_nan() { 1.0 } else { max });
                assert!(kind == Kind::Share || ticks.iter().all(|t| t.fract() == 0.0));
            }
        }
    }

    #[test]
    fn ticks_reach_below_zero() {
        assert_eq!(ticks_around(-0.4, 0.9, Kind::Number), [-0.5, 0.0, 0.5, 1.0]);
        assert_eq!(ticks_around(0.0, 3.0, Kind::Count), ticks(3.0, Kind::Count));
    }

    #[test]
    fn short_numbers() {
        let texts = [0.0, 999.0, 1_000.0, 39_330.0, 999_600.0, 1_250_000.0].map(|x| short(x, Kind::Count));
        assert_eq!(texts, ["0", "999", "1k", "39.3k", "1M", "1.2M"]);
    }

    #[test]
    fn labels_are_spread() {
        assert_eq!(spread(&[10.0, 12.0, 50.0], 10.0, 0.0, 100.0), [10.0, 20.0, 50.0]);
        assert_eq!(spread(&[99.0, 98.0], 10.0, 0.0, 100.0), [100.0, 90.0]);
    }
}
