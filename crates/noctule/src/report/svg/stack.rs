//! Stacked shares: columns of one height with 1 px gaps, labels at the last column.

use noctule_core::model::{Kind, Layer};

use super::super::foreign::{ForeignLabel, defang};
use super::super::html::Html;
use super::{Drawing, Size, scale};

pub fn draw(periods: &[String], layers: &[Layer], size: Size) -> Drawing {
    let share = |layer: &Layer, i: usize| layer.shares.get(i).copied().flatten();
    let told: Vec<usize> = (0..periods.len()).filter(|&i| layers.iter().any(|l| share(l, i).is_some())).collect();
    let last = told.last().copied().unwrap_or(0);
    let narrow = size.narrow();
    let height = if narrow { 290.0 } else { 310.0 };
    // On a phone the names stand above, in the order of the layers from top to bottom.
    let head = if narrow { 30.0 + 18.0 * layers.len() as f64 } else { 30.0 };
    let height = if narrow { height + 9.0 * layers.len() as f64 } else { height };
    let (left, right, top, bottom) = (44.0, size.width() - if narrow { 4.0 } else { 196.0 }, head, height - 26.0);
    let y = |share: f64| bottom - (bottom - top) * share;
    let mut out = Html::new();
    for tick in [0.0, 0.5, 1.0] {
        let class = if tick == 0.0 { "axis" } else { "grid" };
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[&class, &left, &y(tick), &right, &y(tick)],
        );
        let text = scale::tick(tick, Kind::Share);
        out.put(
            "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            &[&(left - 6.0), &(y(tick) + 4.0), &text],
        );
    }
    let pitch = (right - left) / periods.len() as f64;
    for i in 0..periods.len() {
        let x = left + pitch * i as f64;
        let wide = (pitch - 1.0).max(0.8);
        let mut below = 0.0;
        for layer in layers {
            let Some(share) = share(layer, i) else {
                continue;
            };
            let tall = (y(below) - y(below + share) - if share > 0.0 { 1.0 } else { 0.0 }).max(0.0);
            out.put(
                "<rect class=\"k{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                &[&usize::from(layer.category), &x, &y(below + share), &wide, &tall],
            );
            below += share;
        }
        if !told.contains(&i) {
            out.put(
                "<rect class=\"gap\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                &[&x, &top, &wide, &(bottom - top)],
            );
        }
        labels(&mut out, periods, i, x, pitch, bottom);
    }
    names(&mut out, layers, last, size, &y, right);
    Drawing { height, body: out }
}

/// `2021` in bold at the first quarter of a year, `Q2` where there is room.
fn labels(out: &mut Html, periods: &[String], i: usize, x: f64, pitch: f64, bottom: f64) {
    let (year, quarter) = periods[i].split_once('-').unwrap_or((&periods[i], ""));
    let every_years = (1..).find(|n| pitch * 4.0 * f64::from(*n) >= 40.0).unwrap_or(1);
    let year_shown = year.parse::<i32>().is_ok_and(|y| y % every_years == 0);
    if i == 0 || quarter == "Q1" && year_shown {
        out.put("<text class=\"strong\" x=\"{}\" y=\"{}\">{}</text>", &[&x, &(bottom + 18.0), &year]);
    } else if pitch >= 34.0 {
        out.put(
            "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            &[&(x + pitch / 2.0), &(bottom + 18.0), &quarter],
        );
    }
}

/// What each layer is, beside the last column that is drawn; on a phone above, the highest layer first.
fn names(out: &mut Html, layers: &[Layer], last: usize, size: Size, y: &dyn Fn(f64) -> f64, right: f64) {
    let share = |layer: &Layer| layer.shares.get(last).copied().flatten().unwrap_or(0.0);
    let mut below = 0.0;
    let mut middles = Vec::new();
    for layer in layers {
        middles.push(y(below + share(layer) / 2.0));
        below += share(layer);
    }
    let places = scale::spread(&middles, 18.0, y(1.0) + 4.0, y(0.0) - 4.0);
    for (i, (layer, place)) in layers.iter().zip(places).enumerate() {
        let (x, y) = if size.narrow() {
            (0.0, 34.0 + 18.0 * (layers.len() - 1 - i) as f64)
        } else {
            (right + 10.0, place + 4.0)
        };
        let text = scale::short(share(layer), Kind::Share);
        let room = size.width() - x - 24.0 - scale::text_width(&text) * 1.1;
        let letters = scale::fitting(&defang(&layer.label), room);
        let category = usize::from(layer.category);
        out.put("<rect class=\"k{}\" x=\"{}\" y=\"{}\" width=\"9\" height=\"9\"/>", &[&category, &x, &(y - 9.0)]);
        out.put(
            "<text x=\"{}\" y=\"{}\"><tspan class=\"strong\">{}</tspan> {}</text>",
            &[&(x + 15.0), &y, &text, &ForeignLabel(&layer.label, letters)],
        );
    }
}
